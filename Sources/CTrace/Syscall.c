/// System calls by number: those that have a function go the function's way.
#include "Trace.h"
#include "Next.h"

#include <sys/syscall.h>
#include <unistd.h>

typedef long call_function(long, ...);

#define PATH(x) ((const char *)(x))

/// The note that belongs to a call, or NULL.
static struct trace_note *begin(long number, const long *a) {
    switch (number) {
    case SYS_openat: return trace_begin_open((int)a[0], PATH(a[1]), (int)a[2]);
    case SYS_newfstatat: return trace_look(TRACE_STAT, (int)a[0], PATH(a[1]), (int)a[3]);
    case SYS_statx: return trace_look(TRACE_STAT, (int)a[0], PATH(a[1]), (int)a[2]);
    case SYS_faccessat: return trace_look(TRACE_ACCESS, (int)a[0], PATH(a[1]), 0);
    case SYS_readlinkat: return trace_begin(TRACE_READLINK, TRACE_NOFOLLOW, (int)a[0], PATH(a[1]));
    case SYS_renameat2: return trace_move((int)a[0], PATH(a[1]), (int)a[2], PATH(a[3]));
    case SYS_linkat: return trace_begin2(TRACE_LINK, 0, (int)a[0], PATH(a[1]), (int)a[2], PATH(a[3]));
    case SYS_symlinkat: return trace_begin(TRACE_SYMLINK, 0, (int)a[1], PATH(a[2]));
    case SYS_unlinkat:
        return trace_begin(a[2] & AT_REMOVEDIR ? TRACE_RMDIR : TRACE_UNLINK, 0, (int)a[0], PATH(a[1]));
    case SYS_mkdirat: return trace_begin(TRACE_MKDIR, 0, (int)a[0], PATH(a[1]));
    case SYS_mknodat: return trace_begin(TRACE_SPECIAL, 0, (int)a[0], PATH(a[1]));
    case SYS_fchmodat: return trace_begin(TRACE_CHANGE, 0, (int)a[0], PATH(a[1]));
    case SYS_fchownat: return trace_begin(TRACE_CHANGE, 0, (int)a[0], PATH(a[1]));
    case SYS_utimensat:
        return a[1] ? trace_begin(TRACE_CHANGE, 0, (int)a[0], PATH(a[1]))
                    : trace_begin_descriptor(TRACE_CHANGE, 0, (int)a[0]);
    case SYS_chdir: return trace_begin(TRACE_CHDIR, 0, AT_FDCWD, PATH(a[0]));
    case SYS_getxattr:
    case SYS_listxattr: return trace_begin(TRACE_ACCESS, 0, AT_FDCWD, PATH(a[0]));
    case SYS_lgetxattr:
    case SYS_llistxattr: return trace_begin(TRACE_ACCESS, TRACE_NOFOLLOW, AT_FDCWD, PATH(a[0]));
    case SYS_getdents64: return trace_begin_descriptor(TRACE_LIST, 0, (int)a[0]);
#if defined __x86_64__
    case SYS_open: return trace_begin_open(AT_FDCWD, PATH(a[0]), (int)a[1]);
    case SYS_creat: return trace_begin_open(AT_FDCWD, PATH(a[0]), O_WRONLY | O_CREAT | O_TRUNC);
    case SYS_stat: return trace_look(TRACE_STAT, AT_FDCWD, PATH(a[0]), 0);
    case SYS_lstat: return trace_look(TRACE_STAT, AT_FDCWD, PATH(a[0]), AT_SYMLINK_NOFOLLOW);
    case SYS_access: return trace_look(TRACE_ACCESS, AT_FDCWD, PATH(a[0]), 0);
    case SYS_readlink: return trace_begin(TRACE_READLINK, TRACE_NOFOLLOW, AT_FDCWD, PATH(a[0]));
    case SYS_rename: return trace_move(AT_FDCWD, PATH(a[0]), AT_FDCWD, PATH(a[1]));
    case SYS_renameat: return trace_move((int)a[0], PATH(a[1]), (int)a[2], PATH(a[3]));
    case SYS_link: return trace_begin2(TRACE_LINK, 0, AT_FDCWD, PATH(a[0]), AT_FDCWD, PATH(a[1]));
    case SYS_symlink: return trace_begin(TRACE_SYMLINK, 0, AT_FDCWD, PATH(a[1]));
    case SYS_unlink: return trace_begin(TRACE_UNLINK, 0, AT_FDCWD, PATH(a[0]));
    case SYS_rmdir: return trace_begin(TRACE_RMDIR, 0, AT_FDCWD, PATH(a[0]));
    case SYS_mkdir: return trace_begin(TRACE_MKDIR, 0, AT_FDCWD, PATH(a[0]));
    case SYS_mknod: return trace_begin(TRACE_SPECIAL, 0, AT_FDCWD, PATH(a[0]));
    case SYS_chmod:
    case SYS_chown:
    case SYS_lchown:
    case SYS_utimes:
    case SYS_utime:
    case SYS_truncate: return trace_begin(TRACE_CHANGE, 0, AT_FDCWD, PATH(a[0]));
    case SYS_getdents: return trace_begin_descriptor(TRACE_LIST, 0, (int)a[0]);
#endif
    // What these lead to cannot be seen: a queue of calls, files by number, another view of the file system.
#ifdef SYS_io_uring_setup
    case SYS_io_uring_setup: return trace_say(TRACE_UNFOLLOWED, 0, "io_uring_setup", NULL);
#endif
#ifdef SYS_openat2
    case SYS_openat2: return trace_say(TRACE_UNFOLLOWED, 0, "openat2", NULL);
#endif
#ifdef SYS_faccessat2
    case SYS_faccessat2: return trace_look(TRACE_ACCESS, (int)a[0], PATH(a[1]), (int)a[3]);
#endif
    case SYS_execveat: return trace_say(TRACE_UNFOLLOWED, 0, "execveat", NULL);
    case SYS_open_by_handle_at: return trace_say(TRACE_UNFOLLOWED, 0, "open_by_handle_at", NULL);
    case SYS_chroot: return trace_say(TRACE_UNFOLLOWED, 0, "chroot", NULL);
    case SYS_pivot_root: return trace_say(TRACE_UNFOLLOWED, 0, "pivot_root", NULL);
    case SYS_mount: return trace_say(TRACE_UNFOLLOWED, 0, "mount", NULL);
    case SYS_unshare: return trace_say(TRACE_UNFOLLOWED, 0, "unshare", NULL);
    case SYS_setns: return trace_say(TRACE_UNFOLLOWED, 0, "setns", NULL);
    case SYS_connect: return trace_say(TRACE_SOCKET, 0, "connect", NULL);
    default: return NULL;
    }
}

static void note_world(long number, const long *a) {
    if (number == SYS_getrandom) trace_say_often(TRACE_RANDOM, "getrandom");
    if (number == SYS_clock_gettime && a[0] == 0) trace_say_often(TRACE_CLOCK, "clock_gettime");
    if (number == SYS_gettimeofday) trace_say_often(TRACE_CLOCK, "gettimeofday");
}

EXPORT long syscall(long number, ...) {
    long a[6];
    va_list rest;
    va_start(rest, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
    va_end(rest);
    trace_prepare();
    if (number == SYS_execve) return execve(PATH(a[0]), (char *const *)a[1], (char *const *)a[2]);
    note_world(number, a);
    struct trace_note *note = begin(number, a);
    long result = NEXT(syscall, call_function *)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (note && note->call == TRACE_OPEN) {
        bool creates = false;
#if defined __x86_64__
        creates = number == SYS_creat;
#endif
        trace_end_open(note, (int)result, creates ? O_WRONLY : (int)note->more);
    } else {
        trace_end(note, result < 0);
    }
    if (result == 0 && (number == SYS_chdir || number == SYS_fchdir)) trace_moved();
    return result;
}
