/// A helper program under supervision: in a process group of its own, with limits, and gone with all that it started
/// when it is done, when its time is up, or when we are.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void limit(int resource, int64_t value) {
    if (value <= 0 || value == INT64_MAX) return;
    struct rlimit own;
    // Never more than we may have ourselves.
    if (getrlimit(resource, &own)) return;
    rlim_t wanted = (rlim_t)value < own.rlim_max ? (rlim_t)value : own.rlim_max;
    own.rlim_cur = own.rlim_max = wanted;
    setrlimit(resource, &own);
}

/// Says in the new process why it will not be the program.
_Noreturn static void fail(int report) {
    int failure = errno;
    ssize_t written = write(report, &failure, sizeof failure);
    (void)written;
    _exit(127);
}

/// What the new process does before it is another program. Other threads may hold locks of the C library, so nothing
/// here but system calls.
static void become(const struct larder_program *program, int out, int err, int report, pid_t parent) {
    setpgid(0, 0);
    // Should we be killed, nobody would watch over it any more.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    static const int reset[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ, SIGXCPU, SIGCHLD};
    for (unsigned i = 0; i < sizeof reset / sizeof *reset; i++) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigaction(reset[i], &action, NULL);
    }
    // It may write to a terminal though its group is not in the foreground.
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigaction(SIGTTOU, &ignored, NULL);
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    limit(RLIMIT_AS, program->memory);
    limit(RLIMIT_CPU, program->nanoseconds / 1000000000 + 2);

    // First all of them out of the way of the numbers that they are to have.
    int sources[4] = {program->input >= 0 ? program->input : open("/dev/null", O_RDONLY), out, err, program->extra};
    int count = program->extra >= 0 ? 4 : 3;
    int moved = fcntl(report, F_DUPFD_CLOEXEC, 4);
    if (moved < 0) fail(report);
    report = moved;
    for (int i = 0; i < count; i++)
        if ((sources[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, 4)) < 0) fail(report);
    // What is not in its place would be something else of ours, which it would read or write.
    for (int i = 0; i < count; i++)
        if (dup2(sources[i], i) < 0) fail(report);
    syscall(SYS_close_range, count, ~0U, CLOSE_RANGE_CLOEXEC);

    sigset_t all_come;
    sigemptyset(&all_come);
    sigprocmask(SIG_SETMASK, &all_come, NULL);
    execve(program->path, program->argv, program->envp);
    fail(report);
}

/// 1 when there may be more, 0 when there is nothing now, -1 at the end, -2 when `room` is used up.
static int take(int fd, int stream, int64_t *room, void (*sink)(void *, int, const void *, size_t), void *context) {
    char buffer[1 << 16];
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count > 0) {
        if (stream == 0 && (*room -= count) < 0) return -2;
        sink(context, stream, buffer, (size_t)count);
        return 1;
    }
    return count < 0 && (errno == EINTR || errno == EAGAIN) ? 0 : -1;
}

/// Waits until it has ended or must be ended; what it writes goes to `sink`.
static int watch(const struct larder_program *program, pid_t pid, int out, int err,
                 void (*sink)(void *, int, const void *, size_t), void *context) {
    int64_t deadline = program->nanoseconds > 0 && program->nanoseconds < INT64_MAX / 2 ? now() + program->nanoseconds : 0;
    int64_t room = program->written > 0 ? program->written : INT64_MAX;
    struct pollfd watched[4] = {{.fd = out, .events = POLLIN},
                                {.fd = err, .events = POLLIN},
                                {.fd = -1, .events = POLLIN},
                                {.fd = program->cancel, .events = POLLIN}};
#ifdef SYS_pidfd_open
    watched[2].fd = (int)syscall(SYS_pidfd_open, pid, 0);
#endif
    int result = 0;
    while (!result) {
        // Without a descriptor for the process, look at it ten times a second.
        int64_t pause = watched[2].fd >= 0 ? INT_MAX : 100;
        if (deadline) {
            int64_t rest = (deadline - now() + 999999) / 1000000;
            if (rest <= 0) {
                result = larder_ended_by_time;
                break;
            }
            if (rest < pause) pause = rest;
        }
        int ready = poll(watched, 4, pause == INT_MAX ? -1 : (int)pause);
        if (ready < 0 && errno != EINTR) break;
        if (ready > 0 && watched[3].revents) {
            result = larder_ended_by_cancellation;
            break;
        }
        int is_over = watched[2].fd >= 0 ? ready > 0 && watched[2].revents : larder_has_ended(pid);
        for (int i = 0; i < 2; i++) {
            if (watched[i].fd < 0 || (!is_over && !(ready > 0 && watched[i].revents))) continue;
            int taken;
            // Once in a while back to the clock, should it write without end.
            for (int turns = 0; (taken = take(watched[i].fd, i, &room, sink, context)) > 0 && (is_over || turns < 64);)
                turns++;
            if (taken == -1) watched[i].fd = -1;
            if (taken == -2) result = larder_ended_by_output;
        }
        if (is_over) break;
    }
    if (watched[2].fd >= 0) close(watched[2].fd);
    return result;
}

int larder_supervise(const struct larder_program *program, void (*sink)(void *, int, const void *, size_t),
                     void *context, int *code) {
    int out[2] = {-1, -1}, err[2] = {-1, -1}, report[2] = {-1, -1}, failure = 0;
    larder_expect_children();
    if ((program->output < 0 && pipe2(out, O_CLOEXEC)) || pipe2(err, O_CLOEXEC) || pipe2(report, O_CLOEXEC)) {
        failure = errno;
        goto done;
    }
    // No handler of ours is to run in the new process.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) become(program, program->output < 0 ? out[1] : program->output, err[1], report[1], parent);
    failure = pid < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure) goto done;
    setpgid(pid, pid);
    if (out[1] >= 0) close(out[1]);
    close(err[1]), close(report[1]);
    out[1] = err[1] = report[1] = -1;
    ssize_t count;
    while ((count = read(report[0], &failure, sizeof failure)) < 0 && errno == EINTR) {}
    if (count != sizeof failure) failure = 0;  // The end: the program has begun.

    int result = larder_ended_by_itself;
    if (!failure) {
        for (int i = 0; i < 2; i++) {
            int fd = i ? err[0] : out[0];
            if (fd >= 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        }
        result = watch(program, pid, out[0], err[0], sink, context);
        // Not yet reaped, so the number is still that of its group: whatever it has started goes with it.
        kill(-pid, SIGKILL);
        if (result) kill(pid, SIGKILL);
    }
    int status = 0, waited;
    while ((waited = waitpid(pid, &status, 0)) < 0 && errno == EINTR) {}
    if (waited < 0) {
        // How it has ended is not known: that is no success.
        failure = errno;
        goto done;
    }
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (!failure && result == larder_ended_by_itself && WIFSIGNALED(status)) {
        *code = WTERMSIG(status);
        result = larder_ended_by_signal;
    }
    if (!failure) failure = -result;
done:
    for (int i = 0; i < 2; i++) {
        if (out[i] >= 0) close(out[i]);
        if (err[i] >= 0) close(err[i]);
        if (report[i] >= 0) close(report[i]);
    }
    return failure;
}
