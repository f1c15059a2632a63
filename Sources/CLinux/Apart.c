/// A process and threads that work beside the user's, and stay out of their way.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
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
    // By way of a process that ends at once, so that it is nobody's child: whoever this process becomes, or whoever
    // waits for its children, has nothing to do with it.
    pid_t between = fork();
    if (between == 0) {
        pid_t pid;
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
