/// A process and threads that work beside the user's, and stay out of their way.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int larder_duplicate(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

int larder_leave_shared_directory(void) { return unshare(CLONE_FS); }

void larder_give_way(int steps) {
    int before = getpriority(PRIO_PROCESS, 0);
    setpriority(PRIO_PROCESS, 0, before + steps);
}

int larder_continue(int pid, int connection) {
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    if (process < 0) return -1;
    // The connection ends with the process: while it lasts, the number has not become another's.
    struct pollfd watched = {.fd = connection};
    int result = -1;
    if (poll(&watched, 1, 0) >= 0 && !(watched.revents & (POLLHUP | POLLERR)))
        result = (int)syscall(SYS_pidfd_send_signal, process, SIGCONT, NULL, 0);
    int saved = errno;
    close(process);
    errno = saved;
    return result;
#else
    (void)pid, (void)connection;
    errno = ENOSYS;
    return -1;
#endif
}

const char *larder_hindering_limit(void) {
    // An entry has up to 256 MiB. With few descriptors it sends work back, which costs nobody a result.
    static const struct {
        int resource;
        rlim_t least;
        const char *name;
    } wants[] = {
        {RLIMIT_FSIZE, (rlim_t)1 << 30, "the size of files (ulimit -H -f)"},
        {RLIMIT_AS, (rlim_t)1 << 30, "address space (ulimit -H -v)"},
        {RLIMIT_DATA, (rlim_t)1 << 30, "data (ulimit -H -d)"},
        {RLIMIT_CPU, RLIM_INFINITY, "processor time (ulimit -H -t)"},
    };
    for (unsigned i = 0; i < sizeof wants / sizeof *wants; i++) {
        struct rlimit limit;
        if (getrlimit(wants[i].resource, &limit) == 0 && limit.rlim_max < wants[i].least) return wants[i].name;
    }
    return NULL;
}

/// What somebody asked of this process, or of the build that it belongs to, is not meant for one that serves every build:
/// as much of it as one may is what it is after a login. What is not allowed stays as it is.
static void be_as_after_login(void) {
    static const int limits[] = {RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_RSS, RLIMIT_AS, RLIMIT_NPROC};
    for (unsigned i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit limit;
        if (getrlimit(limits[i], &limit)) continue;
        limit.rlim_cur = limit.rlim_max;
        setrlimit(limits[i], &limit);
    }
    // Threads have stacks of this size.
    struct rlimit stack;
    if (getrlimit(RLIMIT_STACK, &stack) == 0) {
        const rlim_t usual = 8 << 20;
        stack.rlim_cur = stack.rlim_max < usual ? stack.rlim_max : usual;
        setrlimit(RLIMIT_STACK, &stack);
    }
    unsigned char processors[1024];
    memset(processors, 0xff, sizeof processors);
    sched_setaffinity(0, sizeof processors, (cpu_set_t *)processors);
    struct sched_param none = {0};
    if (sched_getscheduler(0) != SCHED_OTHER) sched_setscheduler(0, SCHED_OTHER, &none);
    setpriority(PRIO_PROCESS, 0, 0);
#ifdef SYS_ioprio_set
    syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, 0);
#endif
#ifdef SYS_set_mempolicy
    syscall(SYS_set_mempolicy, 0 /* MPOL_DEFAULT */, NULL, 0);
#endif
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score < 0) return;
    ssize_t written = write(score, "0", 1);
    (void)written;
    close(score);
}

int larder_start_apart(const char *path, char *const argv[], char *const envp[], int kept) {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    for (int i = 0; i < 3; i++) posix_spawn_file_actions_addopen(&actions, i, "/dev/null", i ? O_WRONLY : O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, kept, 3);
    larder_expect_children();
    // By way of a process that ends at once, so that it is nobody's child: whoever this process becomes, or whoever
    // waits for its children, has nothing to do with it.
    pid_t between = fork();
    if (between == 0) {
        pid_t pid;
        be_as_after_login();
        int failure = posix_spawn(&pid, path, &actions, &attributes, argv, envp);
        _exit(failure > 0 && failure < 256 ? failure : failure ? 255 : 0);
    }
    int failure = between < 0 ? errno : 0;
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failure) return failure;
    int status;
    while (waitpid(between, &status, 0) < 0)
        if (errno != EINTR) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

static void close_range_of(unsigned first, unsigned last) {
    if (first > last) return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
    long most = sysconf(_SC_OPEN_MAX);
    for (unsigned i = first; i <= last && i < (unsigned long)(most > 0 ? most : 1024); i++) close((int)i);
}

void larder_detach(int kept) {
    // No fork here: Swift's mutexes know a thread by the number that it had when it first asked.
    if (chdir("/") < 0) _exit(1);
    umask(077);
    for (int i = 0; i < 3; i++) {
        int nowhere = open("/dev/null", i ? O_WRONLY : O_RDONLY);
        if (nowhere < 0) _exit(1);
        if (nowhere != i) {
            dup2(nowhere, i);
            close(nowhere);
        }
    }
    close_range_of(3, (unsigned)kept - 1);
    close_range_of((unsigned)kept + 1, ~0U);
    fcntl(kept, F_SETFD, FD_CLOEXEC);
}

void larder_keep_memory_small(void) {
    mallopt(M_ARENA_MAX, 2);
    // What is larger comes from the kernel and goes back to it; by default that bound grows with every use.
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

void larder_release_memory(void) { malloc_trim(0); }
