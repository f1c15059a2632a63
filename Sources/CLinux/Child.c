/// A child process that stands where the user's compiler would stand, and the signals on their way to it.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t child;
static volatile sig_atomic_t interruption;
static volatile sig_atomic_t is_handling;
static volatile sig_atomic_t ends_orphans;
// Our children as a signal came, in decimal digits: whoever became this program may have had some.
static char children_before[4096];

/// Reads the numbers of our children; only system calls, so that a signal handler may.
static void list_children(char *text, size_t size) {
    int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, text, size - 1);
    if (file >= 0) close(file);
    text[length > 0 ? length : 0] = 0;
}
static const int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { passed_on_count = sizeof passed_on / sizeof *passed_on };

static void pass_on(int signal, siginfo_t *information, void *context) {
    (void)context;
    interruption = signal;
    // The kernel's own signals (a key on the terminal) reach the whole group; only a process's are for us alone.
    if (information->si_code > 0 || child <= 0) return;
    int saved = errno;
    // What the child leaves behind comes to us from now on.
    if (ends_orphans && !*children_before) {
        list_children(children_before, sizeof children_before);
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    }
    kill(child, signal);
    errno = saved;
}

int larder_interruption(void) { return interruption; }

int larder_child(void) { return child; }

void larder_stop_passing_on(void) {
    for (int i = 0; i < passed_on_count; i++) {
        struct sigaction current, action = {.sa_handler = SIG_DFL};
        sigaction(passed_on[i], NULL, &current);
        if ((current.sa_flags & SA_SIGINFO) && current.sa_sigaction == pass_on) sigaction(passed_on[i], &action, NULL);
    }
}

static sigset_t before_hold;
static volatile sig_atomic_t is_holding;

void larder_hold_signals(int hold) {
    sigset_t held;
    if (hold) {
        sigemptyset(&held);
        for (int i = 0; i < passed_on_count; i++) sigaddset(&held, passed_on[i]);
        sigprocmask(SIG_BLOCK, &held, &before_hold);
        is_holding = 1;
    } else {
        is_holding = 0;
        sigprocmask(SIG_SETMASK, &before_hold, NULL);
    }
}

int larder_signal_waits(void) {
    sigset_t waiting;
    sigpending(&waiting);
    for (int i = 0; i < passed_on_count; i++) {
        struct sigaction action;
        // One that is held waits even where it is ignored.
        if (sigismember(&waiting, passed_on[i]) == 1 && sigaction(passed_on[i], NULL, &action) == 0 &&
            ((action.sa_flags & SA_SIGINFO) || action.sa_handler != SIG_IGN))
            return 1;
    }
    return 0;
}

void larder_forget_held_signals(void *mask) {
    if (is_holding) *(sigset_t *)mask = before_hold;
}

static volatile sig_atomic_t cancellation_event = -1;
static volatile sig_atomic_t is_cancelled;

static int busy_threads;

void larder_be_busy(int busy) { __atomic_add_fetch(&busy_threads, busy ? 1 : -1, __ATOMIC_RELAXED); }

static void cancel(int signal) {
    int saved = errno;
    // Nobody would look before it is done.
    if (__atomic_load_n(&busy_threads, __ATOMIC_RELAXED) > 0) larder_end_by(signal);
    interruption = signal;
    is_cancelled = 1;
    if (cancellation_event >= 0) larder_event_set(cancellation_event);
    errno = saved;
}

void larder_cancel_on_signals(int event) {
    cancellation_event = event;
    for (int i = 0; i < passed_on_count; i++) {
        struct sigaction before, action = {.sa_handler = cancel};
        sigaction(passed_on[i], NULL, &before);
        if (!(before.sa_flags & SA_SIGINFO) && before.sa_handler == SIG_IGN) continue;
        sigaction(passed_on[i], &action, NULL);
    }
    is_handling = 1;
}

static void do_nothing(int signal) { (void)signal; }

void larder_report_failed_writes(void) {
    static const int failures[] = {SIGPIPE, SIGXFSZ};
    for (int i = 0; i < 2; i++) {
        struct sigaction before, action = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};
        sigaction(failures[i], &action, &before);
        if (before.sa_handler == SIG_IGN) sigaction(failures[i], &before, NULL);
    }
}

static int ignored_children;

static void look_at_child_signal(void) {
    struct sigaction before, action = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, NULL, &before);
    ignored_children = !(before.sa_flags & SA_SIGINFO) && before.sa_handler == SIG_IGN;
    if (ignored_children) sigaction(SIGCHLD, &action, NULL);
}

void larder_expect_children(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look_at_child_signal);
}

void larder_expect_no_children(void) {
    struct sigaction action = {.sa_handler = SIG_IGN};
    if (ignored_children) sigaction(SIGCHLD, &action, NULL);
}

/// What a new process is to be. Its streams are ours where the numbers are -1.
struct beginning {
    const char *path;
    char *const *argv;
    char *const *envp;
    int has_input, out, err;
    const sigset_t *mask;
};

static int spawn(const struct beginning *wanted, int *pid) {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_setsigmask(&attributes, wanted->mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (!wanted->has_input) posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (wanted->out >= 0) posix_spawn_file_actions_adddup2(&actions, wanted->out, STDOUT_FILENO);
    if (wanted->err >= 0) posix_spawn_file_actions_adddup2(&actions, wanted->err, STDERR_FILENO);
    int failure = posix_spawn(pid, wanted->path, &actions, &attributes, wanted->argv, wanted->envp);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

static int place(int source, int target) {
    return source < 0 || (source == target ? fcntl(target, F_SETFD, 0) : dup2(source, target)) >= 0;
}

/// As `spawn`, for a program that ignores SIGCHLD because we were told to: posix_spawn(3) can have no signal ignored.
///
/// Until the child is another program its memory is ours, so it changes nothing there but `failure`.
static int spawn_ignoring_children(const struct beginning *wanted, int *pid) {
    volatile int failure = 0;
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t started = vfork();
    if (started == 0) {
        // No handler of ours is to run here once signals come again.
        for (int signal = 1; signal < NSIG; signal++) {
            struct sigaction current, action = {.sa_handler = signal == SIGCHLD ? SIG_IGN : SIG_DFL};
            if (sigaction(signal, NULL, &current)) continue;
            int is_ignored = !(current.sa_flags & SA_SIGINFO) && current.sa_handler == SIG_IGN;
            if (signal == SIGCHLD || !is_ignored) sigaction(signal, &action, NULL);
        }
        int input = wanted->has_input ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
        if ((wanted->has_input || input >= 0) && place(input, STDIN_FILENO) && place(wanted->out, STDOUT_FILENO)
            && place(wanted->err, STDERR_FILENO)) {
            sigprocmask(SIG_SETMASK, wanted->mask, NULL);
            execve(wanted->path, wanted->argv, wanted->envp);
        }
        failure = errno;
        _exit(127);
    }
    if (started < 0) failure = errno;
    else if (failure) waitpid(started, NULL, 0);
    else *pid = started;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return failure;
}

int larder_start(const char *path, char *const argv[], char *const envp[], int has_input, int out, int err, int *pid) {
    larder_expect_children();
    sigset_t blocked, before;
    sigemptyset(&blocked);
    for (int i = 0; i < passed_on_count; i++) sigaddset(&blocked, passed_on[i]);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    if (is_cancelled) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        return ECANCELED;
    }
    for (int i = 0; i < passed_on_count; i++) {
        struct sigaction current, action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART};
        sigaction(passed_on[i], NULL, &current);
        // What our parent told us to ignore stays ignored, in the child as well.
        if (!(current.sa_flags & SA_SIGINFO) && current.sa_handler == SIG_IGN) continue;
        sigaction(passed_on[i], &action, NULL);
    }
    is_handling = 1;
    struct beginning wanted = {path, argv, envp, has_input, out, err, &before};
    int failure = ignored_children ? spawn_ignoring_children(&wanted, pid) : spawn(&wanted, pid);
    if (!failure) child = *pid;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return failure;
}

/// Nobody listens any more: whoever writes next hears of it, as from a pipe whose reader has gone.
static void stop_listening(int fd) {
    int nothing = larder_open("/dev/null", O_RDONLY, 0);
    if (nothing < 0) return;
    dup3(nothing, fd, O_CLOEXEC);
    close(nothing);
}

static int drain(int fd, int stream, larder_sink *sink, void *context) {
    static char buffer[1 << 16];
    ssize_t count;
    do {
        count = read(fd, buffer, sizeof buffer);
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
        if (sink(context, stream, buffer, (size_t)count)) return 1;
        stop_listening(fd);
        return -1;
    }
    // A pseudo-terminal whose last user has gone says EIO.
    return count < 0 && errno == EAGAIN ? 0 : -1;
}

int larder_has_ended(int pid) {
    siginfo_t information = {.si_pid = 0};
    return waitid(P_PID, (id_t)pid, &information, WEXITED | WNOWAIT | WNOHANG) < 0 || information.si_pid == pid;
}

int larder_should_stop_writing(void) {
    if (!interruption) return 0;
    pid_t own = child;
    return own <= 0 || larder_has_ended(own);
}

int larder_signals_are_handled(void) { return is_handling; }

int larder_wait(int pid, int *code) {
    siginfo_t information;
    int status;
    // First only look: once it is reaped its number may belong to another process, which is to get no signal of ours.
    while (waitid(P_PID, (id_t)pid, &information, WEXITED | WNOWAIT) < 0 && errno == EINTR) {}
    child = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return -1;
    int kind = WIFEXITED(status) ? 1 : 2;
    *code = kind == 1 ? WEXITSTATUS(status) : WTERMSIG(status);
    larder_crash_ended(kind, *code);
    return kind;
}

/// What is read of the child's streams: its output and its error stream.
static volatile sig_atomic_t collected[2] = {-1, -1};

/// Passes on what is there to be read; true where there will be no more.
static int relay(int from, int to) {
    static char buffer[1 << 12];
    ssize_t count;
    while ((count = read(from, buffer, sizeof buffer)) > 0) {
        for (ssize_t done = 0; done < count;) {
            ssize_t written = write(to, buffer + done, (size_t)(count - done));
            if (written < 0 && errno != EINTR && errno != EAGAIN) return 1;
            if (written > 0) done += written;
        }
    }
    return count == 0 || (errno != EINTR && errno != EAGAIN);
}

int larder_relay_rest(int *code) {
    struct pollfd watched[3] = {{.fd = collected[0], .events = POLLIN}, {.fd = collected[1], .events = POLLIN}, {.fd = -1, .events = POLLIN}};
#ifdef SYS_pidfd_open
    watched[2].fd = (int)syscall(SYS_pidfd_open, child, 0);
#endif
    while (watched[0].fd >= 0 || watched[1].fd >= 0) {
        if (poll(watched, 3, -1) < 0 && errno != EINTR) break;
        int is_over = watched[2].fd >= 0 && watched[2].revents;
        for (int i = 0; i < 2; i++)
            if (watched[i].fd >= 0 && (watched[i].revents || is_over) && relay(watched[i].fd, i + 1)) watched[i].fd = -1;
        if (is_over) break;
    }
    return larder_wait(child, code);
}

/// What poll(2) would say, where it fails for want of memory or has no descriptor of the child to look at.
static void look_at_all(struct pollfd watched[3], int pid) {
    siginfo_t information = {0};
    const struct timespec pause = {.tv_nsec = 2000000};
    nanosleep(&pause, NULL);
    int is_over = waitid(P_PID, (id_t)pid, &information, WEXITED | WNOWAIT | WNOHANG) == 0 && information.si_pid == pid;
    for (int i = 0; i < 2; i++) watched[i].revents = POLLIN;
    watched[2].revents = is_over ? POLLIN : 0;
}

int larder_collect(int pid, int out, int err, larder_sink *sink, void *context) {
    (collected[0] = out, collected[1] = err);
    struct pollfd watched[3] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
#ifdef SYS_pidfd_open
    // A grandchild may keep the pipe open after the compiler has gone; nobody waits for that one.
    watched[2].fd = (int)syscall(SYS_pidfd_open, pid, 0);
#endif
    for (int i = 0; i < 2; i++)
        if (watched[i].fd >= 0) fcntl(watched[i].fd, F_SETFL, fcntl(watched[i].fd, F_GETFL) | O_NONBLOCK);
    while (watched[0].fd >= 0 || watched[1].fd >= 0) {
        int ready = poll(watched, 3, watched[2].fd < 0 ? 50 : -1);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) look_at_all(watched, pid);
        int is_over = watched[2].revents != 0;
        for (int i = 0; i < 2; i++) {
            if (watched[i].fd < 0 || (!watched[i].revents && !is_over)) continue;
            int result;
            while ((result = drain(watched[i].fd, i, sink, context)) > 0) {}
            if (result < 0) watched[i].fd = -1;
        }
        if (is_over) break;
    }
    if (watched[2].fd >= 0) close(watched[2].fd);
    (collected[0] = -1, collected[1] = -1);
    return watched[0].fd < 0 && watched[1].fd < 0;
}

_Noreturn void larder_end_by(int signal) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);  // The compiler has left its core already where one was wanted.
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signal, &action, NULL);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, signal);
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    kill(getpid(), signal);
    _exit(128 + signal);
}

void larder_set_ends_orphans(int on) { ends_orphans = on; }

static int was_before(long process) {
    for (char *next = children_before, *end;; next = end) {
        long known = strtol(next, &end, 10);
        if (end == next) return 0;
        if (known == process) return 1;
    }
}

void larder_end_orphans(void) {
    // Without a list nobody knows whose they are.
    if (!ends_orphans || !interruption || !*children_before) return;
    // A second for those that tidy up; who is still there is not waited for.
    for (int attempt = 0; attempt < 500; attempt++) {
        char text[4096];
        int left = 0;
        list_children(text, sizeof text);
        for (char *next = text, *end;; next = end) {
            pid_t process = (pid_t)strtol(next, &end, 10);
            if (end == next) break;
            // Each as it comes to us: one that ends leaves others.
            if (process <= 1 || was_before(process) || waitpid(process, NULL, WNOHANG) != 0) continue;
            kill(process, interruption);
            left = 1;
        }
        if (!left) return;
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
}

void larder_adopt(int on) { prctl(PR_SET_CHILD_SUBREAPER, on, 0, 0, 0); }

int larder_has_children(void) {
    int ended;
    do ended = waitpid(-1, NULL, WNOHANG);
    while (ended > 0 || (ended < 0 && errno == EINTR));
    return ended == 0;
}
