/// Names that are made, moved and removed, and what is changed about a file without opening it.
#include "Trace.h"
#include "Next.h"

#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <utime.h>

struct trace_note *trace_move(int from, const char *old, int to, const char *new) {
    unsigned flags = trace_exists(to, new, false) ? TRACE_EXISTED : 0;
    return trace_begin2(TRACE_RENAME, flags, from, old, to, new);
}

NOTED(rename, (const char *old, const char *new), (old, new), trace_move(AT_FDCWD, old, AT_FDCWD, new))
NOTED(renameat, (int from, const char *old, int to, const char *new), (from, old, to, new), trace_move(from, old, to, new))

EXPORT int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    struct trace_note *note = trace_move(from, old, to, new);
    // An exchange makes two files of other names at once.
    if (note && flags & 2) note->call = TRACE_UNFOLLOWED;
    int result = trace_next[NEXT_renameat2]
                     ? NEXT(renameat2, int (*)(int, const char *, int, const char *, unsigned))(from, old, to, new, flags)
                     : (int)trace_missing();
    trace_end(note, result < 0);
    return result;
}

NOTED(link, (const char *old, const char *new), (old, new), trace_begin2(TRACE_LINK, 0, AT_FDCWD, old, AT_FDCWD, new))
NOTED(linkat, (int from, const char *old, int to, const char *new, int flags), (from, old, to, new, flags),
      trace_begin2(TRACE_LINK, 0, from, old, to, new))
NOTED(symlink, (const char *target, const char *path), (target, path), trace_begin(TRACE_SYMLINK, 0, AT_FDCWD, path))
NOTED(symlinkat, (const char *target, int directory, const char *path), (target, directory, path),
      trace_begin(TRACE_SYMLINK, 0, directory, path))

NOTED(unlink, (const char *path), (path), trace_begin(TRACE_UNLINK, 0, AT_FDCWD, path))
NOTED(unlinkat, (int directory, const char *path, int flags), (directory, path, flags),
      trace_begin(flags & AT_REMOVEDIR ? TRACE_RMDIR : TRACE_UNLINK, 0, directory, path))
NOTED(remove, (const char *path), (path), trace_begin(TRACE_UNLINK, 0, AT_FDCWD, path))
NOTED(rmdir, (const char *path), (path), trace_begin(TRACE_RMDIR, 0, AT_FDCWD, path))
NOTED(mkdir, (const char *path, mode_t mode), (path, mode), trace_begin(TRACE_MKDIR, 0, AT_FDCWD, path))
NOTED(mkdirat, (int directory, const char *path, mode_t mode), (directory, path, mode),
      trace_begin(TRACE_MKDIR, 0, directory, path))

#define SPECIAL(name, parameters, arguments, directory)                                                                \
    NOTED(name, parameters, arguments, trace_begin(TRACE_SPECIAL, 0, directory, path))
SPECIAL(mknod, (const char *path, mode_t mode, dev_t device), (path, mode, device), AT_FDCWD)
SPECIAL(mknodat, (int directory, const char *path, mode_t mode, dev_t device), (directory, path, mode, device), directory)
SPECIAL(__xmknod, (int version, const char *path, mode_t mode, dev_t *device), (version, path, mode, device), AT_FDCWD)
SPECIAL(__xmknodat, (int version, int directory, const char *path, mode_t mode, dev_t *device),
        (version, directory, path, mode, device), directory)
SPECIAL(mkfifo, (const char *path, mode_t mode), (path, mode), AT_FDCWD)
SPECIAL(mkfifoat, (int directory, const char *path, mode_t mode), (directory, path, mode), directory)

// MARK: - Changes

#define CHANGE(name, parameters, arguments, directory)                                                                 \
    NOTED(name, parameters, arguments, trace_begin(TRACE_CHANGE, 0, directory, path))
#define CHANGE_OPEN(name, parameters, arguments)                                                                       \
    NOTED(name, parameters, arguments, trace_begin_descriptor(TRACE_CHANGE, 0, file))
CHANGE(chmod, (const char *path, mode_t mode), (path, mode), AT_FDCWD)
CHANGE(lchmod, (const char *path, mode_t mode), (path, mode), AT_FDCWD)
CHANGE(fchmodat, (int directory, const char *path, mode_t mode, int flags), (directory, path, mode, flags), directory)
CHANGE_OPEN(fchmod, (int file, mode_t mode), (file, mode))
CHANGE(chown, (const char *path, uid_t user, gid_t group), (path, user, group), AT_FDCWD)
CHANGE(lchown, (const char *path, uid_t user, gid_t group), (path, user, group), AT_FDCWD)
CHANGE(fchownat, (int directory, const char *path, uid_t user, gid_t group, int flags),
       (directory, path, user, group, flags), directory)
CHANGE_OPEN(fchown, (int file, uid_t user, gid_t group), (file, user, group))
CHANGE(utime, (const char *path, const struct utimbuf *times), (path, times), AT_FDCWD)
CHANGE(utimes, (const char *path, const struct timeval times[2]), (path, times), AT_FDCWD)
CHANGE(lutimes, (const char *path, const struct timeval times[2]), (path, times), AT_FDCWD)
CHANGE_OPEN(futimes, (int file, const struct timeval times[2]), (file, times))
CHANGE_OPEN(futimens, (int file, const struct timespec times[2]), (file, times))

// Without a path these two mean the descriptor.
NOTED(futimesat, (int directory, const char *path, const struct timeval times[2]), (directory, path, times),
      path ? trace_begin(TRACE_CHANGE, 0, directory, path) : trace_begin_descriptor(TRACE_CHANGE, 0, directory))
NOTED(utimensat, (int directory, const char *path, const struct timespec times[2], int flags),
      (directory, path, times, flags),
      path ? trace_begin(TRACE_CHANGE, 0, directory, path) : trace_begin_descriptor(TRACE_CHANGE, 0, directory))

#define ATTRIBUTE (const char *path, const char *name, const void *value, size_t size, int flags)
CHANGE(setxattr, ATTRIBUTE, (path, name, value, size, flags), AT_FDCWD)
CHANGE(lsetxattr, ATTRIBUTE, (path, name, value, size, flags), AT_FDCWD)
CHANGE_OPEN(fsetxattr, (int file, const char *name, const void *value, size_t size, int flags),
            (file, name, value, size, flags))
CHANGE(removexattr, (const char *path, const char *name), (path, name), AT_FDCWD)
CHANGE(lremovexattr, (const char *path, const char *name), (path, name), AT_FDCWD)
CHANGE_OPEN(fremovexattr, (int file, const char *name), (file, name))

// MARK: - Where a process stands

#define MOVES(name, parameters, arguments, ...)                                                                        \
    EXPORT int name parameters {                                                                                       \
        trace_prepare();                                                                                               \
        struct trace_note *note = __VA_ARGS__;                                                                         \
        int result = NEXT(name, int(*) parameters) arguments;                                                          \
        trace_end(note, result < 0);                                                                                   \
        if (result == 0) trace_moved();                                                                                \
        return result;                                                                                                 \
    }
MOVES(chdir, (const char *path), (path), trace_begin(TRACE_CHDIR, 0, AT_FDCWD, path))
// Its directory was noted when it was opened.
MOVES(fchdir, (int file), (file), NULL)

#define CONFINES(name, parameters, arguments)                                                                          \
    NOTED(name, parameters, arguments, trace_say(TRACE_UNFOLLOWED, 0, #name, NULL))
CONFINES(chroot, (const char *path), (path))
CONFINES(unshare, (int flags), (flags))
CONFINES(setns, (int file, int kind), (file, kind))
CONFINES(mount,
         (const char *what, const char *where, const char *kind, unsigned long flags, const void *data),
         (what, where, kind, flags, data))
