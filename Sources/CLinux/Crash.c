/// What becomes of the user's command when our own code meets a defect: a trap, an abort, a fault of memory.
///
/// Everything here runs in a signal handler, on memory that may be damaged: no allocation, no lock, no Swift.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/// What a trap of Swift's, an abort of its runtime or of the C library, and a fault of memory are here; each one is a system call
/// of every hit.
static const int defects[] = {
    SIGILL, SIGABRT, SIGBUS, SIGSEGV,
#ifndef __x86_64__
    SIGTRAP,
#endif
};
enum { defect_count = sizeof defects / sizeof *defects, temporary_limit = 8 };

/// What the handler does.
enum plan {
    /// Dies as without us, but says so.
    plan_note,
    /// Ends the child, removes what lies beside the user's files, and becomes the program as it was given.
    plan_become,
    /// Passes the child's streams on to their end and ends as the child does.
    plan_wait,
    /// Ends as the child did.
    plan_end,
};

static volatile sig_atomic_t plan, is_crashing, is_counted, is_hit, ending_kind, ending_code;
static const char *volatile stage = "start";
static char **words;
static int renames;
extern char __executable_start[];

/// A path that is kept for the handler: in memory of its own, because who knows it may let go of it.
struct text {
    char *bytes;
    size_t room;
    volatile sig_atomic_t is_set;
};

static struct text program, journal, log_file, temporaries[temporary_limit];
/// What the compiler makes, where it is made and where it belongs.
static struct text made[2], places[2];
static volatile sig_atomic_t has_spoken, holds_words, has_ended;
static char other_stack[1 << 15] __attribute__((aligned(16)));

static const char *path_of(const struct text *text) { return text->is_set ? text->bytes : ""; }

/// Keeps two texts as one; what there is no room for is as none.
static void keep(struct text *text, const char *path, const char *suffix) {
    size_t length = strlen(path), rest = strlen(suffix), size = length + rest + 1;
    text->is_set = 0;
    if (size > PATH_MAX) return;
    if (size > text->room) {
        char *bytes = realloc(text->bytes, size);
        if (!bytes) return;
        (text->bytes = bytes, text->room = size);
    }
    memcpy(text->bytes, path, length);
    memcpy(text->bytes + length, suffix, rest + 1);
    text->is_set = 1;
}

// MARK: - Saying so

struct line {
    char text[512];
    size_t length;
};

static void add(struct line *line, const char *text) {
    while (*text && line->length < sizeof line->text - 1) {
        char c = *text++;
        line->text[line->length++] = c;
    }
}

static void add_number(struct line *line, uint64_t number, unsigned radix) {
    char digits[21];
    int start = sizeof digits - 1;
    digits[start] = 0;
    do {
        digits[--start] = "0123456789abcdef"[number % radix];
        number /= radix;
    } while (number);
    add(line, digits + start);
}

static void append(const char *path, const struct line *line) {
    if (!*path) return;
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) return;
    ssize_t written = write(file, line->text, line->length);
    (void)written;
    close(file);
}

/// A line of the journal: see EventLine in LarderStore.
static void count(const char *kind, uint64_t milliseconds) {
    struct line line = {.length = 0};
    add(&line, "1\t");
    add_number(&line, milliseconds, 10);
    add(&line, "\t");
    add_number(&line, (uint64_t)getpid(), 10);
    add(&line, "\t");
    add(&line, kind);
    add(&line, "\tcrash\t-\t-\t0\t1\t-\t");
    add(&line, stage);
    add(&line, "\n");
    append(path_of(&journal), &line);
}

static uint64_t program_counter(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return context->uc_mcontext.pc;
#else
    return 0;
#endif
}

static void say(int signal, const ucontext_t *context) {
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    count("error", milliseconds);
    // Each command is counted once: a hit, a miss or a bypass.
    if (!is_counted && plan != plan_note) count(plan == plan_become ? "bypass" : is_hit ? "hit" : "miss", milliseconds);
    struct line line = {.length = 0};
    add_number(&line, milliseconds, 10);
    add(&line, " error crash ");
    add(&line, stage);
    add(&line, " signal ");
    add_number(&line, (uint64_t)signal, 10);
    add(&line, " at +0x");
    add_number(&line, program_counter(context) - (uint64_t)(uintptr_t)__executable_start, 16);
    add(&line, "\n");
    append(path_of(&log_file), &line);
}

// MARK: - Going on

static void become(void) {
    int child = larder_child();
    if (child > 0) {
        kill(child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    }
    for (int i = 0; i < temporary_limit; i++)
        if (temporaries[i].is_set) unlink(path_of(&temporaries[i]));
    larder_expect_no_children();
    int count = 0;
    while (words[count]) count++;
    // Two more than there are: for a shell, and for the end.
    char **vector = mmap(NULL, ((size_t)count + 2) * sizeof *vector, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (vector == MAP_FAILED) _exit(126);
    memcpy(vector + 1, words, ((size_t)count + 1) * sizeof *vector);
    char *path = program.bytes;
    if (renames) vector[1] = path;
    execv(path, vector + 1);
    if (errno == ENOEXEC) {
        vector[0] = (char *)"sh";
        vector[1] = path;
        execv("/bin/sh", vector);
    }
    _exit(errno == ENOENT ? 127 : 126);
}

/// True where the compiler has ended and all of its words have been heard, so that it need not, and must not, say them again:
/// then what it made has its place.
static int give(void) {
    if (!has_ended || !has_spoken || holds_words) return 0;
    if (ending_kind == 1 && ending_code == 0)
        for (int i = 0; i < 2; i++)
            if (made[i].is_set && rename(path_of(&made[i]), path_of(&places[i])) && access(path_of(&places[i]), F_OK)) return 0;
    for (int i = 0; i < temporary_limit; i++)
        if (temporaries[i].is_set) unlink(path_of(&temporaries[i]));
    return 1;
}

static void end(void) {
    if (ending_kind == 2) larder_end_by(ending_code);
    _exit(ending_code);
}

static void meet(int signal, siginfo_t *information, void *context) {
    // Who sends one of these to us means us; a defect of ours is the kernel's word or our own.
    int is_ours = information->si_code > 0 || information->si_pid == getpid();
    if (!is_ours || is_crashing) plan = plan_note;
    if (!is_crashing && is_ours) {
        is_crashing = 1;
        say(signal, context);
    }
    // The mask as it was before us: what we become is to start with that.
    sigset_t mask = ((ucontext_t *)context)->uc_sigmask;
    larder_forget_held_signals(&mask);
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int i = 0; i < defect_count; i++) {
        if (plan == plan_note || defects[i] != signal) sigaction(defects[i], &action, NULL);
        sigdelset(&mask, defects[i]);
    }
    if (plan == plan_note) {
        // A fault comes again at once; what was sent is sent again.
        if (information->si_code <= 0) {
            raise(signal);
            sigprocmask(SIG_SETMASK, &mask, NULL);
        }
        return;
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    if (plan == plan_wait && larder_child() > 0) {
        int code = 0, kind = larder_relay_rest(&code);
        if (kind < 0) _exit(126);
        (ending_kind = kind, ending_code = code);
        plan = plan_end;
    }
    // A child that was not started, or not known to be, leaves nothing to wait for.
    if (plan == plan_wait) plan = plan_become;
    if (plan == plan_become && !give()) become();
    end();
}

// MARK: - Preparing

static void install(void) {
    stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof other_stack};
    sigaltstack(&stack, NULL);
    for (int i = 0; i < defect_count; i++) {
        struct sigaction before, action = {.sa_sigaction = meet, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigaction(defects[i], &action, &before);
        // What our parent told us to ignore stays ignored, in what we start and become as well.
        if (!(before.sa_flags & SA_SIGINFO) && before.sa_handler == SIG_IGN) sigaction(defects[i], &before, NULL);
    }
}

void larder_crash_note(void) {
    plan = plan_note;
    install();
}

void larder_crash_become(const char *path, char **argv, int is_renamed) {
    keep(&program, path, "");
    words = argv;
    renames = is_renamed;
    if (!program.is_set) return;
    plan = plan_become;
    install();
}

int larder_crash_is_met(void) { return plan != plan_note; }

void larder_crash_report(const char *store) { keep(&journal, store, "/journal/current"); }

void larder_crash_log(const char *file) { keep(&log_file, file, ""); }

void larder_crash_reached(const char *name) { stage = name; }

void larder_crash_counted(void) { is_counted = 1; }

void larder_crash_wait(void) {
    if (plan != plan_note) plan = plan_wait;
}

void larder_crash_ended(int kind, int code) {
    if (plan == plan_wait) larder_crash_end(kind, code, 0);
    if (plan == plan_become && made[0].is_set) (ending_kind = kind, ending_code = code, has_ended = 1);
}

void larder_crash_makes(int number, const char *from, const char *to) {
    if (number < 0 || number > 1) return;
    keep(&made[number], from, "");
    keep(&places[number], to, "");
    if (!places[number].is_set) made[number].is_set = 0;
}

void larder_crash_words(int spoken, int held) { (has_spoken = spoken, holds_words = held); }

void larder_crash_over(void) { (made[0].is_set = 0, made[1].is_set = 0, has_ended = 0); }

void larder_crash_end(int kind, int code, int was_hit) {
    (ending_kind = kind, ending_code = code, is_hit = was_hit);
    if (plan != plan_note) plan = plan_end;
}

int larder_crash_remove(const char *path) {
    if (plan == plan_note) return -1;
    for (int i = 0; i < temporary_limit; i++) {
        if (temporaries[i].is_set) continue;
        keep(&temporaries[i], path, "");
        return i;
    }
    return -1;
}

void larder_crash_forget(int number) {
    if (number >= 0 && number < temporary_limit) temporaries[number].is_set = 0;
}
