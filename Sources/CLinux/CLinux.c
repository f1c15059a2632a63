#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

int larder_open(const char *path, int flags, unsigned mode) {
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, mode);
        // A FIFO may wait for its other end for ever.
    } while (fd < 0 && errno == EINTR && !larder_interruption());
    return fd;
}

int larder_fstat(int fd, void *status) {
#if defined(SYS_fstat) && (defined(__x86_64__) || defined(__aarch64__))
    // The kernel's structure is the C library's on these.
    return (int)syscall(SYS_fstat, fd, status);
#else
    return fstat(fd, status);
#endif
}

int larder_exchange(const char *from, const char *to) {
#ifdef RENAME_EXCHANGE
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE);
#else
    (void)from, (void)to;
    errno = ENOSYS;
    return -1;
#endif
}

void larder_prepare_memory(void *start, size_t length) {
    // madvise(2) wants whole pages; those at both ends that are not all ours are left out.
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), huge = 2 << 20;
    uintptr_t first = (uintptr_t)start, last = first + length;
    uintptr_t from = (first + huge - 1) & ~(huge - 1), to = last & ~(huge - 1);
    int saved = errno;
    if (from < to) madvise((void *)from, to - from, MADV_HUGEPAGE);
    from = (first + page - 1) & ~(page - 1), to = last & ~(page - 1);
#ifdef MADV_POPULATE_WRITE
    if (from < to) madvise((void *)from, to - from, MADV_POPULATE_WRITE);
#endif
    errno = saved;
}

int larder_streams_are_open(void) {
    struct pollfd streams[3] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};
    if (poll(streams, 3, 0) < 0) return 0;
    return !((streams[0].revents | streams[1].revents | streams[2].revents) & POLLNVAL);
}

int larder_open_pipe(int *reading, int *writing) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) return -1;
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

int larder_open_terminal(int like, int *primary, int *secondary) {
    char name[128];
    struct winsize window;
    struct termios modes;
    *primary = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*primary < 0) return -1;
    if (grantpt(*primary) || unlockpt(*primary) || ptsname_r(*primary, name, sizeof name)) goto failed;
    *secondary = larder_open(name, O_RDWR | O_NOCTTY, 0);
    if (*secondary < 0) goto failed;
    if (tcgetattr(like, &modes) == 0) {
        modes.c_oflag &= ~(tcflag_t)OPOST;
        modes.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(*secondary, TCSANOW, &modes);
    }
    if (ioctl(like, TIOCGWINSZ, &window) == 0) ioctl(*secondary, TIOCSWINSZ, &window);
    return 0;
failed:
    close(*primary);
    return -1;
}

int larder_terminal_columns(int fd) {
    struct winsize window;
    return ioctl(fd, TIOCGWINSZ, &window) == 0 ? window.ws_col : 0;
}

int larder_terminal_rows(int fd) {
    struct winsize window;
    return ioctl(fd, TIOCGWINSZ, &window) == 0 ? window.ws_row : 0;
}

long larder_list(const char *path, int with_kinds, char **names, size_t *length) {
    DIR *directory = opendir(path);
    if (!directory) return -1;
    size_t used = 0, capacity = 1 << 14;
    long count = 0;
    char *buffer = malloc(capacity);
    struct dirent *entry;
    errno = 0;
    while (buffer && (entry = readdir(directory))) {
        size_t size = strlen(entry->d_name) + 1;
        if (used + size + 1 > capacity) {
            char *larger = realloc(buffer, capacity *= 2);
            if (!larger) free(buffer);
            buffer = larger;
            if (!buffer) break;
        }
        if (with_kinds) {
            struct stat status;
            unsigned char kind = entry->d_type;
            if (kind == DT_UNKNOWN && fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
                kind = IFTODT(status.st_mode);
            buffer[used++] = (char)('a' + kind);
        }
        memcpy(buffer + used, entry->d_name, size);
        used += size;
        count++;
    }
    int failure = buffer ? errno : ENOMEM;
    closedir(directory);
    if (failure) {
        free(buffer);
        errno = failure;
        return -1;
    }
    *names = buffer;
    *length = used;
    return count;
}

uint32_t larder_user(void) {
    errno = 0;
    unsigned long user = getauxval(AT_EUID);
    return user || errno == 0 ? (uint32_t)user : geteuid();
}

const char *larder_program_path(void) { return (const char *)getauxval(AT_EXECFN); }

int64_t larder_file_system(const char *path, int *is_read_only) {
    struct statfs information;
    if (statfs(path, &information)) return -1;
    *is_read_only = (information.f_flags & ST_RDONLY) != 0;
    return (int64_t)(uint32_t)information.f_type;
}

/// True for the name of a shared library, but not for what rustc makes for itself: `libserde_derive-0123456789abcdef.so`.
static int is_library(const char *name) {
    if (!strstr(name, ".so")) return 0;
    size_t length = strlen(name);
    if (length <= 20 || strcmp(name + length - 3, ".so") || name[length - 20] != '-') return 1;
    return strspn(name + length - 19, "0123456789abcdef") < 16;
}

/// True for a directory in which the loader looks for libraries of this processor first.
static int holds_libraries(const char *name) {
    static const char *const names[] = {
        "glibc-hwcaps", "tls", "haswell", "xeon_phi", "avx512_1", "x86_64", "i386", "i486", "i586", "i686", "sse2", "aarch64", "atomics",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) return 1;
    return !strncmp(name, "power", 5) || !strncmp(name, "z1", 2) || !strncmp(name, "z9", 2);
}

int larder_may_hold_library(const char *directory) {
    struct entry {
        uint64_t inode;
        int64_t offset;
        unsigned short length;
        unsigned char type;
        char name[];
    };
    int fd = larder_open(directory, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) return errno != ENOENT && errno != ENOTDIR;
    // A little at a time: where there are libraries, one of them is among the first names.
    _Alignas(uint64_t) char buffer[2048];
    long read = 0;
    int answer = 0;
    while (!answer && (read = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0) {
        for (long at = 0; !answer && at < read;) {
            const struct entry *entry = (const struct entry *)(buffer + at);
            answer = is_library(entry->name) || holds_libraries(entry->name);
            at += entry->length;
        }
    }
    close(fd);
    return answer || read < 0;
}

int larder_share_blocks(int from, int64_t start, int64_t count, int to, int64_t place) {
    struct file_clone_range range = {.src_fd = from, .src_offset = start, .src_length = count, .dest_offset = place};
    return ioctl(to, FICLONERANGE, &range);
}

static int anonymous_file(const char *directory) { return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }

int larder_can_clone(const char *directory) {
    enum { length = 65536 };
    int from = anonymous_file(directory), to = anonymous_file(directory), answer = -1;
    if (from >= 0 && to >= 0) {
        static const char bytes[length] = {1};
        // A full disk says nothing about reflinks.
        if (write(from, bytes, length) == length) answer = ioctl(to, FICLONE, from) == 0;
    }
    if (from >= 0) close(from);
    if (to >= 0) close(to);
    return answer;
}

int larder_can_lock(const char *directory) {
    char path[64];
    int first = anonymous_file(directory), answer = -1;
    if (first < 0) return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", first);
    int second = open(path, O_RDWR | O_CLOEXEC);
    if (second >= 0) {
        if (flock(first, LOCK_EX | LOCK_NB) == 0) answer = flock(second, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        close(second);
    }
    close(first);
    return answer;
}

int64_t larder_birth_time(const char *path) {
    struct statx information;
    if (statx(AT_FDCWD, path, 0, STATX_BTIME, &information) || !(information.stx_mask & STATX_BTIME)) return 0;
    return information.stx_btime.tv_sec * INT64_C(1000000000) + information.stx_btime.tv_nsec;
}

const void *larder_find(const void *bytes, size_t length, const void *needle, size_t needle_length) {
    return memmem(bytes, length, needle, needle_length);
}
