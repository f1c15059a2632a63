/// Files that are looked at, and directories that are read.
#include "Trace.h"
#include "Next.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct trace_note *trace_look(int call, int directory, const char *path, int flags) {
    // An empty path means the descriptor itself, which was noted when it was opened.
    if ((uintptr_t)path >= 4096 && !*path && flags & AT_EMPTY_PATH) return trace_is_on(), NULL;
    return trace_begin(call, flags & AT_SYMLINK_NOFOLLOW ? TRACE_NOFOLLOW : 0, directory, path);
}

#define STAT(name, type)                                                                                               \
    NOTED(name, (const char *path, struct type *status), (path, status), trace_look(TRACE_STAT, AT_FDCWD, path, 0))
#define LSTAT(name, type)                                                                                              \
    NOTED(name, (const char *path, struct type *status), (path, status),                                               \
          trace_look(TRACE_STAT, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW))
#define FSTATAT(name, type)                                                                                            \
    NOTED(name, (int directory, const char *path, struct type *status, int flags), (directory, path, status, flags),   \
          trace_look(TRACE_STAT, directory, path, flags))
STAT(stat, stat)
STAT(stat64, stat64)
LSTAT(lstat, stat)
LSTAT(lstat64, stat64)
FSTATAT(fstatat, stat)
FSTATAT(fstatat64, stat64)

// What programs call that were built with glibc before 2.33.
#define XSTAT(name, type)                                                                                              \
    NOTED(name, (int version, const char *path, struct type *status), (version, path, status),                         \
          trace_look(TRACE_STAT, AT_FDCWD, path, 0))
#define LXSTAT(name, type)                                                                                             \
    NOTED(name, (int version, const char *path, struct type *status), (version, path, status),                         \
          trace_look(TRACE_STAT, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW))
#define FXSTATAT(name, type)                                                                                           \
    NOTED(name, (int version, int directory, const char *path, struct type *status, int flags),                        \
          (version, directory, path, status, flags), trace_look(TRACE_STAT, directory, path, flags))
XSTAT(__xstat, stat)
XSTAT(__xstat64, stat64)
LXSTAT(__lxstat, stat)
LXSTAT(__lxstat64, stat64)
FXSTATAT(__fxstatat, stat)
FXSTATAT(__fxstatat64, stat64)

NOTED(statx, (int directory, const char *path, int flags, unsigned mask, struct statx *status),
      (directory, path, flags, mask, status), trace_look(TRACE_STAT, directory, path, flags))

NOTED(access, (const char *path, int mode), (path, mode), trace_look(TRACE_ACCESS, AT_FDCWD, path, 0))
NOTED(euidaccess, (const char *path, int mode), (path, mode), trace_look(TRACE_ACCESS, AT_FDCWD, path, 0))
NOTED(eaccess, (const char *path, int mode), (path, mode), trace_look(TRACE_ACCESS, AT_FDCWD, path, 0))
NOTED(faccessat, (int directory, const char *path, int mode, int flags), (directory, path, mode, flags),
      trace_look(TRACE_ACCESS, directory, path, flags))
NOTED(statfs, (const char *path, struct statfs *status), (path, status), trace_look(TRACE_ACCESS, AT_FDCWD, path, 0))
NOTED(statfs64, (const char *path, struct statfs64 *status), (path, status), trace_look(TRACE_ACCESS, AT_FDCWD, path, 0))
NOTED(statvfs, (const char *path, struct statvfs *status), (path, status), trace_look(TRACE_ACCESS, AT_FDCWD, path, 0))
NOTED(statvfs64, (const char *path, struct statvfs64 *status), (path, status), trace_look(TRACE_ACCESS, AT_FDCWD, path, 0))

#define READLINK(name, parameters, arguments, directory)                                                               \
    EXPORT ssize_t name parameters {                                                                                   \
        struct trace_note *note = trace_begin(TRACE_READLINK, TRACE_NOFOLLOW, directory, path);                        \
        ssize_t length = NEXT(name, ssize_t(*) parameters) arguments;                                                  \
        trace_end(note, length < 0);                                                                                   \
        return length;                                                                                                 \
    }
READLINK(readlink, (const char *path, char *room, size_t size), (path, room, size), AT_FDCWD)
READLINK(readlinkat, (int directory, const char *path, char *room, size_t size), (directory, path, room, size), directory)
READLINK(__readlink_chk, (const char *path, char *room, size_t size, size_t all), (path, room, size, all), AT_FDCWD)
READLINK(__readlinkat_chk, (int directory, const char *path, char *room, size_t size, size_t all),
         (directory, path, room, size, all), directory)

/// Of an attribute only whether its file is there.
#define ATTRIBUTES(name, type, parameters, arguments, flags)                                                           \
    EXPORT type name parameters {                                                                                      \
        struct trace_note *note = trace_begin(TRACE_ACCESS, flags, AT_FDCWD, path);                                    \
        type result = NEXT(name, type(*) parameters) arguments;                                                        \
        trace_end(note, result < 0);                                                                                   \
        return result;                                                                                                 \
    }
ATTRIBUTES(getxattr, ssize_t, (const char *path, const char *name, void *value, size_t size), (path, name, value, size), 0)
ATTRIBUTES(lgetxattr, ssize_t, (const char *path, const char *name, void *value, size_t size), (path, name, value, size),
           TRACE_NOFOLLOW)
ATTRIBUTES(listxattr, ssize_t, (const char *path, char *names, size_t size), (path, names, size), 0)
ATTRIBUTES(llistxattr, ssize_t, (const char *path, char *names, size_t size), (path, names, size), TRACE_NOFOLLOW)
ATTRIBUTES(pathconf, long, (const char *path, int name), (path, name), 0)

#define REALPATH(name, parameters, arguments)                                                                          \
    EXPORT char *name parameters {                                                                                     \
        struct trace_note *note = trace_begin(TRACE_REALPATH, 0, AT_FDCWD, path);                                      \
        char *found = NEXT(name, char *(*)parameters) arguments;                                                       \
        trace_end(note, !found);                                                                                       \
        return found;                                                                                                  \
    }
REALPATH(realpath, (const char *path, char *room), (path, room))
REALPATH(__realpath_chk, (const char *path, char *room, size_t size), (path, room, size))
REALPATH(canonicalize_file_name, (const char *path), (path))

// MARK: - Directories

EXPORT DIR *opendir(const char *path) {
    struct trace_note *note = trace_begin(TRACE_LIST, 0, AT_FDCWD, path);
    DIR *directory = NEXT(opendir, DIR * (*)(const char *))(path);
    trace_end(note, !directory);
    return directory;
}

EXPORT DIR *fdopendir(int file) {
    struct trace_note *note = trace_begin_descriptor(TRACE_LIST, 0, file);
    DIR *directory = NEXT(fdopendir, DIR * (*)(int))(file);
    trace_end(note, !directory);
    return directory;
}

EXPORT ssize_t getdents64(int file, void *room, size_t size) {
    struct trace_note *note = trace_begin_descriptor(TRACE_LIST, 0, file);
    ssize_t count = trace_next[NEXT_getdents64] ? NEXT(getdents64, ssize_t(*)(int, void *, size_t))(file, room, size)
                                                : trace_missing();
    trace_end(note, count < 0);
    return count;
}

#define SCANDIR(name, type)                                                                                            \
    NOTED(name,                                                                                                        \
          (const char *path, struct type ***names, int (*select)(const struct type *),                                 \
           int (*compare)(const struct type **, const struct type **)),                                                \
          (path, names, select, compare), trace_begin(TRACE_LIST, 0, AT_FDCWD, path))
#define SCANDIRAT(name, type)                                                                                          \
    NOTED(name,                                                                                                        \
          (int directory, const char *path, struct type ***names, int (*select)(const struct type *),                  \
           int (*compare)(const struct type **, const struct type **)),                                                \
          (directory, path, names, select, compare), trace_begin(TRACE_LIST, 0, directory, path))
SCANDIR(scandir, dirent)
SCANDIR(scandir64, dirent64)
SCANDIRAT(scandirat, dirent)
SCANDIRAT(scandirat64, dirent64)
