/// What a program learns that is in no file: the time, chance, other machines and users, the terminal.
#include "Trace.h"
#include "Next.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timeb.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

// MARK: - Time

static bool is_of_the_day(clockid_t clock) {
    // CLOCK_TAI, CLOCK_REALTIME_ALARM; the others count from the start of the machine or the process.
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == 11 || clock == 8;
}

static int read_clock(clockid_t clock, struct timespec *time) {
    return NEXT(clock_gettime, int (*)(clockid_t, struct timespec *))(clock, time);
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *time) {
    if (is_of_the_day(clock)) trace_say_often(TRACE_CLOCK, "clock_gettime");
    trace_prepare();
    return read_clock(clock, time);
}

// In libc these two are chosen at load time; the clock behind them is the same.
EXPORT time_t time(time_t *result) {
    trace_say_often(TRACE_CLOCK, "time");
    struct timespec now = {0};
    read_clock(CLOCK_REALTIME_COARSE, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

EXPORT int gettimeofday(struct timeval *restrict result, void *restrict zone) {
    trace_say_often(TRACE_CLOCK, "gettimeofday");
    if (zone) *(struct timezone *)zone = (struct timezone){0};
    struct timespec now = {0};
    int failed = read_clock(CLOCK_REALTIME, &now);
    if (result) *result = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return failed;
}

EXPORT int timespec_get(struct timespec *time, int base) {
    trace_say_often(TRACE_CLOCK, "timespec_get");
    return NEXT(timespec_get, int (*)(struct timespec *, int))(time, base);
}

EXPORT int ftime(struct timeb *time) {
    trace_say_often(TRACE_CLOCK, "ftime");
    return trace_next[NEXT_ftime] ? NEXT(ftime, int (*)(struct timeb *))(time) : (int)trace_missing();
}

#define DATE(type, name, parameters, arguments)                                                                        \
    EXPORT type name parameters {                                                                                      \
        trace_say_often(TRACE_CLOCK, #name);                                                                            \
        return NEXT(name, type(*) parameters) arguments;                                                               \
    }
DATE(struct tm *, localtime, (const time_t *time), (time))
DATE(struct tm *, localtime_r, (const time_t *restrict time, struct tm *restrict room), (time, room))
DATE(struct tm *, gmtime, (const time_t *time), (time))
DATE(struct tm *, gmtime_r, (const time_t *restrict time, struct tm *restrict room), (time, room))
DATE(char *, ctime, (const time_t *time), (time))
DATE(char *, ctime_r, (const time_t *restrict time, char *restrict room), (time, room))
DATE(time_t, mktime, (struct tm *time), (time))

// MARK: - Chance

EXPORT ssize_t getrandom(void *room, size_t size, unsigned flags) {
    trace_say_often(TRACE_RANDOM, "getrandom");
    trace_prepare();
    return trace_next[NEXT_getrandom] ? NEXT(getrandom, ssize_t(*)(void *, size_t, unsigned))(room, size, flags)
                                      : trace_missing();
}

EXPORT int getentropy(void *room, size_t size) {
    trace_say_often(TRACE_RANDOM, "getentropy");
    trace_prepare();
    return trace_next[NEXT_getentropy] ? NEXT(getentropy, int (*)(void *, size_t))(room, size) : (int)trace_missing();
}

// A program that has these was built for a libc that has them; one that only asks whether they are there (a weak symbol)
// must not find them where libc has none, so what stands in for them is as good.
static void fill(void *room, size_t size) {
    trace_prepare();
    if (trace_next[NEXT_arc4random_buf]) {
        NEXT(arc4random_buf, void (*)(void *, size_t))(room, size);
        return;
    }
    for (size_t done = 0; done < size;) {
        long count = trace_call(SYS_getrandom, (long)((char *)room + done), (long)(size - done), 0, 0, 0, 0);
        if (count > 0) done += (size_t)count;
    }
}

EXPORT void arc4random_buf(void *room, size_t size) {
    trace_say_often(TRACE_RANDOM, "arc4random_buf");
    fill(room, size);
}

EXPORT uint32_t arc4random(void) {
    uint32_t number;
    trace_say_often(TRACE_RANDOM, "arc4random");
    fill(&number, sizeof number);
    return number;
}

EXPORT uint32_t arc4random_uniform(uint32_t bound) {
    trace_say_often(TRACE_RANDOM, "arc4random_uniform");
    if (bound < 2) return 0;
    // What is below this would make small results likelier.
    uint32_t least = -bound % bound, number;
    do fill(&number, sizeof number);
    while (number < least);
    return number % bound;
}

// MARK: - Others

static void note_address(const char *function, const struct sockaddr *address, socklen_t length) {
    char path[sizeof((struct sockaddr_un *)0)->sun_path + 1] = "";
    if (address && length > offsetof(struct sockaddr_un, sun_path) && address->sa_family == AF_UNIX) {
        size_t size = length - offsetof(struct sockaddr_un, sun_path);
        if (size > sizeof path - 1) size = sizeof path - 1;
        trace_copy(path, ((const struct sockaddr_un *)address)->sun_path, size);
        path[size] = 0;
    }
    struct trace_note *note = trace_say(TRACE_SOCKET, 0, function, path);
    trace_end(note, false);
}

EXPORT int connect(int socket, const struct sockaddr *address, socklen_t length) {
    note_address("connect", address, length);
    return NEXT(connect, int (*)(int, const struct sockaddr *, socklen_t))(socket, address, length);
}

EXPORT int bind(int socket, const struct sockaddr *address, socklen_t length) {
    note_address("bind", address, length);
    return NEXT(bind, int (*)(int, const struct sockaddr *, socklen_t))(socket, address, length);
}

EXPORT ssize_t sendto(
    int socket, const void *bytes, size_t size, int flags, const struct sockaddr *address, socklen_t length) {
    // Without an address it goes to the other end of a connection, which has been noted.
    if (address) note_address("sendto", address, length);
    trace_prepare();
    return NEXT(sendto, ssize_t(*)(int, const void *, size_t, int, const struct sockaddr *, socklen_t))(
        socket, bytes, size, flags, address, length);
}

EXPORT ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
    if ((uintptr_t)message >= 4096 && message->msg_name) {
        note_address("sendmsg", message->msg_name, message->msg_namelen);
    }
    trace_prepare();
    return NEXT(sendmsg, ssize_t(*)(int, const struct msghdr *, int))(socket, message, flags);
}

#define SAID(call, type, name, parameters, arguments)                                                                  \
    EXPORT type name parameters {                                                                                      \
        trace_say_once(call, #name);                                                                                   \
        return NEXT(name, type(*) parameters) arguments;                                                               \
    }
#define HOST(type, name, parameters, arguments) SAID(TRACE_SOCKET, type, name, parameters, arguments)
HOST(int, getaddrinfo,
     (const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
      struct addrinfo **restrict result),
     (name, service, hints, result))
HOST(struct hostent *, gethostbyname, (const char *name), (name))
HOST(int, gethostbyname_r,
     (const char *restrict name, struct hostent *restrict room, char *restrict bytes, size_t size,
      struct hostent **restrict result, int *restrict error),
     (name, room, bytes, size, result, error))
HOST(int, gethostbyname2_r,
     (const char *restrict name, int family, struct hostent *restrict room, char *restrict bytes, size_t size,
      struct hostent **restrict result, int *restrict error),
     (name, family, room, bytes, size, result, error))

// libc reads the files of users and groups itself, or asks a service that it loads.
#define NAMES(type, name, parameters, arguments) SAID(TRACE_NAMES, type, name, parameters, arguments)
NAMES(struct passwd *, getpwnam, (const char *name), (name))
NAMES(struct passwd *, getpwuid, (uid_t id), (id))
NAMES(struct passwd *, getpwent, (void), ())
NAMES(struct group *, getgrnam, (const char *name), (name))
NAMES(struct group *, getgrgid, (gid_t id), (id))
NAMES(struct group *, getgrent, (void), ())
NAMES(int, getpwnam_r,
      (const char *restrict name, struct passwd *restrict room, char *restrict bytes, size_t size,
       struct passwd **restrict result),
      (name, room, bytes, size, result))
NAMES(int, getpwuid_r,
      (uid_t id, struct passwd *restrict room, char *restrict bytes, size_t size, struct passwd **restrict result),
      (id, room, bytes, size, result))
NAMES(int, getgrnam_r,
      (const char *restrict name, struct group *restrict room, char *restrict bytes, size_t size,
       struct group **restrict result),
      (name, room, bytes, size, result))
NAMES(int, getgrgid_r,
      (gid_t id, struct group *restrict room, char *restrict bytes, size_t size, struct group **restrict result),
      (id, room, bytes, size, result))
NAMES(int, getgrouplist, (const char *user, gid_t group, gid_t *groups, int *count), (user, group, groups, count))
NAMES(int, initgroups, (const char *user, gid_t group), (user, group))

SAID(TRACE_HOST, int, uname, (struct utsname *room), (room))
SAID(TRACE_HOST, int, gethostname, (char *room, size_t size), (room, size))

EXPORT int isatty(int file) {
    char digits[2] = {(char)('0' + (file & 7)), 0};
    if (file >= 0 && file <= 2) trace_say_once(TRACE_TERMINAL, digits);
    trace_prepare();
    return NEXT(isatty, int (*)(int))(file);
}

// MARK: - What libc does inside

#define INSIDE(type, name, parameters, arguments) SAID(TRACE_UNFOLLOWED, type, name, parameters, arguments)
INSIDE(int, ftw, (const char *path, void *visit, int limit), (path, visit, limit))
INSIDE(int, ftw64, (const char *path, void *visit, int limit), (path, visit, limit))
INSIDE(int, nftw, (const char *path, void *visit, int limit, int flags), (path, visit, limit, flags))
INSIDE(int, nftw64, (const char *path, void *visit, int limit, int flags), (path, visit, limit, flags))
INSIDE(void *, fts_open, (char *const *paths, int flags, void *compare), (paths, flags, compare))
INSIDE(void *, fts64_open, (char *const *paths, int flags, void *compare), (paths, flags, compare))
INSIDE(int, wordexp, (const char *words, void *result, int flags), (words, result, flags))

// glob.h(0P) declares the functions with other types.
enum { ALTDIRFUNC = 1 << 9, PLAIN = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 };

/// Notes the one directory that the pattern is about; false where there may be several.
///
/// Flags beyond the plain ones have libc look at what has the names, or at other users.
static bool note_directory_of(const char *pattern, int flags) {
    char directory[4096];
    size_t length = 0;
    for (size_t i = 0; pattern[i]; i++)
        if (pattern[i] == '/') length = i ? i : 1;
    if (flags & ~PLAIN || length >= sizeof directory) return false;
    for (size_t i = 0; i < length; i++)
        if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '[' || pattern[i] == '\\') return false;
    trace_copy(directory, length ? pattern : ".", length ? length : 1);
    directory[length ? length : 1] = 0;
    int saved = errno;
    struct trace_note *note = trace_begin(TRACE_LIST, 0, AT_FDCWD, directory);
    long file = trace_call(SYS_openat, AT_FDCWD, (long)directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0);
    if (file < 0) errno = (int)-file;
    trace_end(note, file < 0);
    if (file >= 0) trace_call(SYS_close, file, 0, 0, 0, 0, 0);
    errno = saved;
    return true;
}

// With functions of its own a program reads the directories by itself.
#define GLOB(name)                                                                                                     \
    EXPORT int name(const char *pattern, int flags, void *failed, void *result) {                                      \
        if (!(flags & ALTDIRFUNC) && !note_directory_of(pattern, flags)) trace_say_once(TRACE_UNFOLLOWED, #name);      \
        trace_prepare();                                                                                               \
        return NEXT(name, int (*)(const char *, int, void *, void *))(pattern, flags, failed, result);                 \
    }
GLOB(glob)
GLOB(glob64)
