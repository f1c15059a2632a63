/// Files that are opened.
#include "Trace.h"
#include "Next.h"

#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static bool writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY || flags & (O_TRUNC | O_CREAT); }

/// A file without a name leaves nothing.
static bool is_nameless(int flags) { return (flags & O_TMPFILE) == O_TMPFILE; }

struct trace_note *trace_begin_open(int directory, const char *path, int flags) {
    if (is_nameless(flags)) return NULL;
    unsigned noted = flags & O_NOFOLLOW ? TRACE_NOFOLLOW : 0;
    if (writes(flags) && trace_exists(directory, path, true)) noted |= TRACE_EXISTED;
    struct trace_note *note = trace_begin(TRACE_OPEN, noted, directory, path);
    if (note) note->more = (uint32_t)flags;
    return note;
}

int trace_end_open(struct trace_note *note, int file, int flags) {
    if (note && file >= 0 && writes(flags)) {
        struct stat status;
        if (trace_call(SYS_fstat, file, (long)&status, 0, 0, 0, 0) == 0) note->value = status.st_ino;
    }
    trace_end(note, file < 0);
    return file;
}

#define MODE(flags)                                                                                                    \
    mode_t mode = 0;                                                                                                   \
    if ((flags) & O_CREAT || is_nameless(flags)) {                                                                     \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode = va_arg(rest, mode_t);                                                                                   \
        va_end(rest);                                                                                                  \
    }

#define OPEN(name)                                                                                                     \
    EXPORT int name(const char *path, int flags, ...) {                                                                \
        MODE(flags)                                                                                                    \
        struct trace_note *note = trace_begin_open(AT_FDCWD, path, flags);                                                        \
        return trace_end_open(note, NEXT(name, int (*)(const char *, int, ...))(path, flags, mode), flags);                       \
    }
OPEN(open)
OPEN(open64)
OPEN(__open)
OPEN(__open64)

#define OPENAT(name)                                                                                                   \
    EXPORT int name(int directory, const char *path, int flags, ...) {                                                 \
        MODE(flags)                                                                                                    \
        struct trace_note *note = trace_begin_open(directory, path, flags);                                                       \
        return trace_end_open(note, NEXT(name, int (*)(int, const char *, int, ...))(directory, path, flags, mode), flags);       \
    }
OPENAT(openat)
OPENAT(openat64)

#define OPEN_2(name)                                                                                                   \
    EXPORT int name(const char *path, int flags) {                                                                     \
        struct trace_note *note = trace_begin_open(AT_FDCWD, path, flags);                                                        \
        return trace_end_open(note, NEXT(name, int (*)(const char *, int))(path, flags), flags);                                  \
    }
OPEN_2(__open_2)
OPEN_2(__open64_2)

#define OPENAT_2(name)                                                                                                 \
    EXPORT int name(int directory, const char *path, int flags) {                                                      \
        struct trace_note *note = trace_begin_open(directory, path, flags);                                                       \
        return trace_end_open(note, NEXT(name, int (*)(int, const char *, int))(directory, path, flags), flags);                  \
    }
OPENAT_2(__openat_2)
OPENAT_2(__openat64_2)

#define CREAT(name)                                                                                                    \
    EXPORT int name(const char *path, mode_t mode) {                                                                   \
        const int flags = O_WRONLY | O_CREAT | O_TRUNC;                                                                \
        struct trace_note *note = trace_begin_open(AT_FDCWD, path, flags);                                                        \
        return trace_end_open(note, NEXT(name, int (*)(const char *, mode_t))(path, mode), flags);                                \
    }
CREAT(creat)
CREAT(creat64)

/// The flags of open(2) that a mode of fopen(3) stands for.
static int flags_of(const char *mode) {
    if ((uintptr_t)mode < 4096) return O_RDONLY;
    int flags = *mode == 'w' ? O_WRONLY | O_CREAT | O_TRUNC : *mode == 'a' ? O_WRONLY | O_CREAT | O_APPEND : O_RDONLY;
    for (const char *next = mode; *next && *next != ','; next++) {
        if (*next == '+') flags = (flags & ~O_ACCMODE) | O_RDWR;
        if (*next == 'x') flags |= O_EXCL;
    }
    return flags;
}

static FILE *end_stream(struct trace_note *note, FILE *stream, int flags) {
    if (!note) return stream;
    int file = stream && trace_next[NEXT_fileno] ? NEXT(fileno, int (*)(FILE *))(stream) : stream ? 0 : -1;
    if (stream && file < 0) file = 0;
    trace_end_open(note, file, flags);
    return stream;
}

#define FOPEN(name)                                                                                                    \
    EXPORT FILE *name(const char *path, const char *mode) {                                                            \
        int flags = flags_of(mode);                                                                                    \
        struct trace_note *note = trace_begin_open(AT_FDCWD, path, flags);                                                        \
        return end_stream(note, NEXT(name, FILE * (*)(const char *, const char *))(path, mode), flags);                \
    }
FOPEN(fopen)
FOPEN(fopen64)

#define FREOPEN(name)                                                                                                  \
    EXPORT FILE *name(const char *path, const char *mode, FILE *stream) {                                              \
        int flags = flags_of(mode);                                                                                    \
        /* Without a path it changes the mode of what is open. */                                                      \
        trace_prepare();                                                                                               \
        struct trace_note *note = path ? trace_begin_open(AT_FDCWD, path, flags) : NULL;                                          \
        return end_stream(note, NEXT(name, FILE * (*)(const char *, const char *, FILE *))(path, mode, stream), flags); \
    }
FREOPEN(freopen)
FREOPEN(freopen64)

EXPORT int shm_open(const char *name, int flags, mode_t mode) {
    trace_end(trace_say(TRACE_UNFOLLOWED, 0, "shm_open", NULL), false);
    return trace_next[NEXT_shm_open] ? NEXT(shm_open, int (*)(const char *, int, mode_t))(name, flags, mode)
                                     : (int)trace_missing();
}

// What these make has a name that libc chooses: it is in the template when they return.
#define MKSTEMP(name, parameters, arguments)                                                                           \
    EXPORT int name parameters {                                                                                       \
        trace_prepare();                                                                                               \
        int file = NEXT(name, int(*) parameters) arguments;                                                            \
        if (file >= 0) trace_end(trace_begin(TRACE_TEMPORARY, 0, AT_FDCWD, text), false);                              \
        return file;                                                                                                   \
    }
MKSTEMP(mkstemp, (char *text), (text))
MKSTEMP(mkstemp64, (char *text), (text))
MKSTEMP(mkostemp, (char *text, int flags), (text, flags))
MKSTEMP(mkostemp64, (char *text, int flags), (text, flags))
MKSTEMP(mkstemps, (char *text, int length), (text, length))
MKSTEMP(mkstemps64, (char *text, int length), (text, length))
MKSTEMP(mkostemps, (char *text, int length, int flags), (text, length, flags))
MKSTEMP(mkostemps64, (char *text, int length, int flags), (text, length, flags))

EXPORT char *mkdtemp(char *text) {
    trace_prepare();
    char *made = NEXT(mkdtemp, char *(*)(char *))(text);
    if (made) trace_end(trace_begin(TRACE_TEMPORARY, TRACE_DIRECTORY, AT_FDCWD, made), false);
    return made;
}

// The child of posix_spawn opens it inside libc.
EXPORT int posix_spawn_file_actions_addopen(
    posix_spawn_file_actions_t *actions, int file, const char *path, int flags, mode_t mode) {
    trace_end(trace_begin_open(AT_FDCWD, path, flags), false);
    return NEXT(posix_spawn_file_actions_addopen,
                int (*)(posix_spawn_file_actions_t *, int, const char *, int, mode_t))(actions, file, path, flags, mode);
}

NOTED(truncate, (const char *path, off_t length), (path, length), trace_begin(TRACE_CHANGE, 0, AT_FDCWD, path))
NOTED(truncate64, (const char *path, off64_t length), (path, length), trace_begin(TRACE_CHANGE, 0, AT_FDCWD, path))
