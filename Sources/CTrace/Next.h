/// The functions that stand behind ours: those that the program would have called without us.
#ifndef LARDER_NEXT_H
#define LARDER_NEXT_H

#include <stdint.h>

#define TRACE_FUNCTIONS(X)                                                                                             \
    X(open) X(open64) X(openat) X(openat64) X(creat) X(creat64)                                                        \
    X(__open) X(__open64) X(__open_2) X(__open64_2) X(__openat_2) X(__openat64_2)                                      \
    X(fopen) X(fopen64) X(freopen) X(freopen64) X(shm_open) X(truncate) X(truncate64)                                  \
    X(mkstemp) X(mkstemp64) X(mkostemp) X(mkostemp64) X(mkstemps) X(mkstemps64) X(mkostemps) X(mkostemps64) X(mkdtemp) \
    X(opendir) X(fdopendir) X(scandir) X(scandir64) X(scandirat) X(scandirat64) X(getdents64)                          \
    X(ftw) X(ftw64) X(nftw) X(nftw64) X(fts_open) X(fts64_open) X(glob) X(glob64) X(wordexp)                           \
    X(stat) X(stat64) X(lstat) X(lstat64) X(fstatat) X(fstatat64) X(statx)                                             \
    X(__xstat) X(__xstat64) X(__lxstat) X(__lxstat64) X(__fxstatat) X(__fxstatat64)                                    \
    X(access) X(faccessat) X(euidaccess) X(eaccess) X(statfs) X(statfs64) X(statvfs) X(statvfs64)                      \
    X(readlink) X(readlinkat) X(__readlink_chk) X(__readlinkat_chk)                                                    \
    X(realpath) X(__realpath_chk) X(canonicalize_file_name)                                                            \
    X(rename) X(renameat) X(renameat2) X(link) X(linkat) X(symlink) X(symlinkat) X(unlink) X(unlinkat) X(remove)       \
    X(mkdir) X(mkdirat) X(rmdir) X(mknod) X(mknodat) X(__xmknod) X(__xmknodat) X(mkfifo) X(mkfifoat)                   \
    X(chmod) X(fchmod) X(fchmodat) X(lchmod) X(chown) X(lchown) X(fchown) X(fchownat)                                  \
    X(utime) X(utimes) X(lutimes) X(futimes) X(futimesat) X(utimensat) X(futimens)                                     \
    X(getxattr) X(lgetxattr) X(listxattr) X(llistxattr) X(pathconf)                                                      \
    X(setxattr) X(lsetxattr) X(fsetxattr) X(removexattr) X(lremovexattr) X(fremovexattr)                               \
    X(chdir) X(fchdir) X(chroot) X(unshare) X(setns) X(mount)                                                          \
    X(execve) X(execveat) X(fexecve) X(posix_spawn) X(posix_spawnp) X(system) X(popen) X(_exit) X(_Exit) X(quick_exit) \
    X(posix_spawn_file_actions_addopen) X(posix_spawn_file_actions_addchdir_np) X(posix_spawn_file_actions_addfchdir_np) \
    X(dlopen) X(dlmopen) X(dlclose)                                                                                    \
    X(getenv) X(secure_getenv) X(__secure_getenv)                                                                      \
    X(localtime) X(localtime_r) X(gmtime) X(gmtime_r) X(ctime) X(ctime_r) X(mktime)                                    \
    X(clock_gettime) X(timespec_get) X(ftime) X(getrandom) X(getentropy)                                               \
    X(arc4random) X(arc4random_buf) X(arc4random_uniform)                                                              \
    X(connect) X(bind) X(sendto) X(sendmsg) X(getaddrinfo) X(gethostbyname) X(gethostbyname_r) X(gethostbyname2_r)     \
    X(getpwnam) X(getpwnam_r) X(getpwuid) X(getpwuid_r) X(getgrnam) X(getgrnam_r) X(getgrgid) X(getgrgid_r)            \
    X(getpwent) X(getgrent) X(getgrouplist) X(initgroups) X(uname) X(gethostname)                                      \
    X(isatty) X(syscall) X(fileno)

enum trace_function {
#define X(name) NEXT_##name,
    TRACE_FUNCTIONS(X)
#undef X
    NEXT_COUNT
};

extern void *trace_next[];

/// The next function of this name, as `type`; NULL where libc has none.
#define NEXT(name, type) ((type)trace_next[NEXT_##name])

/// A function that returns a negative number where it fails, with a note around it.
#define NOTED(name, parameters, arguments, ...)                                                                        \
    EXPORT int name parameters {                                                                                       \
        struct trace_note *note = __VA_ARGS__;                                                                         \
        int result = trace_next[NEXT_##name] ? NEXT(name, int(*) parameters) arguments : (int)trace_missing();         \
        trace_end(note, result < 0);                                                                                   \
        return result;                                                                                                 \
    }

#endif
