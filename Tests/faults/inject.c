/// Runs a program and makes one of its system calls fail, or lists the calls that it makes. Linux on x86-64.
///
///     inject [-o REPORT] [-f CALL:WHICH:FAULT[:WHAT]] -- PROGRAM ARGUMENTS…
///
/// CALL is a call's name, several with commas between them, or `*` for any. WHICH is a number n, for the n-th such call, or `n+`, for that one and all that
/// follow. FAULT is what the call comes to:
///
///     EIO, ENOSPC, …   it does not happen and returns this error
///     late-EIO, …      it happens, and returns this error all the same, as close(2) does
///     half, one        it gets half of the bytes that it was to read or write, or one of them
///
/// With WHAT only those calls count in which the report has that text for a file.
///
/// A fault of a disk, and any that lasts, leaves pipes, sockets and the standard streams as they are.
///
/// Calls are those of the program and all its threads, from its entry point on: what the dynamic loader did before is left
/// out. Children are left alone, as is the program that this one becomes by another execve(2).
///
/// In the report is a line for each call, `NUMBER THREAD NAME WHICH RESULT WHAT`, where WHAT is a file if it can be told; one that
/// was made to fail begins with `!`, and one that cannot, because it is too short to be cut, or wants nothing that the kernel
/// could lack, with `?`. A process that ended by a signal has a last line `killed SIGNAL`. The exit status is the program's, or
/// 128 plus the signal; 125 where tracing is not permitted.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

// What a call names: a path (the number of its argument, after a directory's descriptor or not), a descriptor, or nothing.
enum subject { nothing, path_first, path_second, descriptor_first, first_length };

static const struct call {
    long number;
    const char *name;
    enum subject subject;
} calls[] = {
#define CALL(name, subject) {SYS_##name, #name, subject}
    CALL(open, path_first), CALL(openat, path_second), CALL(creat, path_first), CALL(read, descriptor_first),
    CALL(pread64, descriptor_first), CALL(readv, descriptor_first), CALL(write, descriptor_first),
    CALL(pwrite64, descriptor_first), CALL(writev, descriptor_first), CALL(close, descriptor_first),
    CALL(stat, path_first), CALL(lstat, path_first), CALL(fstat, descriptor_first), CALL(newfstatat, path_second),
    CALL(statx, path_second), CALL(access, path_first), CALL(faccessat, path_second), CALL(faccessat2, path_second),
    CALL(rename, path_first), CALL(renameat, path_second), CALL(renameat2, path_second), CALL(link, path_first),
    CALL(linkat, path_second), CALL(symlink, path_first), CALL(symlinkat, path_first), CALL(unlink, path_first),
    CALL(unlinkat, path_second), CALL(mkdir, path_first), CALL(mkdirat, path_second), CALL(rmdir, path_first),
    CALL(chmod, path_first), CALL(fchmod, descriptor_first), CALL(fchmodat, path_second), CALL(chown, path_first),
    CALL(fchown, descriptor_first), CALL(utimensat, path_second), CALL(ftruncate, descriptor_first),
    CALL(truncate, path_first), CALL(fallocate, descriptor_first), CALL(fsync, descriptor_first),
    CALL(fdatasync, descriptor_first), CALL(syncfs, descriptor_first), CALL(sync_file_range, descriptor_first),
    CALL(copy_file_range, descriptor_first), CALL(sendfile, descriptor_first), CALL(ioctl, descriptor_first),
    CALL(fcntl, descriptor_first), CALL(flock, descriptor_first), CALL(lseek, descriptor_first),
    CALL(getdents64, descriptor_first), CALL(readlink, path_first), CALL(readlinkat, path_second),
    CALL(statfs, path_first), CALL(fstatfs, descriptor_first), CALL(chdir, path_first), CALL(fchdir, descriptor_first),
    CALL(getcwd, nothing), CALL(dup, descriptor_first), CALL(dup2, descriptor_first), CALL(dup3, descriptor_first),
    CALL(pipe, nothing), CALL(pipe2, nothing), CALL(mmap, first_length), CALL(munmap, first_length),
    CALL(mremap, first_length), CALL(mprotect, first_length), CALL(madvise, first_length), CALL(brk, nothing),
    CALL(socket, nothing), CALL(socketpair, nothing), CALL(bind, descriptor_first), CALL(listen, descriptor_first),
    CALL(connect, descriptor_first), CALL(accept, descriptor_first), CALL(accept4, descriptor_first),
    CALL(sendmsg, descriptor_first), CALL(sendto, descriptor_first), CALL(recvmsg, descriptor_first),
    CALL(recvfrom, descriptor_first), CALL(shutdown, descriptor_first), CALL(getsockopt, descriptor_first),
    CALL(setsockopt, descriptor_first), CALL(poll, nothing), CALL(ppoll, nothing), CALL(select, nothing),
    CALL(pselect6, nothing), CALL(epoll_create1, nothing), CALL(epoll_ctl, nothing), CALL(epoll_wait, nothing),
    CALL(eventfd2, nothing), CALL(timerfd_create, nothing), CALL(timerfd_settime, descriptor_first),
    CALL(inotify_init1, nothing), CALL(inotify_add_watch, descriptor_first), CALL(signalfd4, nothing),
    CALL(memfd_create, nothing), CALL(pidfd_open, nothing), CALL(close_range, nothing), CALL(fork, nothing),
    CALL(vfork, nothing), CALL(clone, nothing), CALL(clone3, nothing), CALL(execve, path_first), CALL(wait4, nothing),
    CALL(waitid, nothing), CALL(kill, nothing), CALL(tgkill, nothing), CALL(nanosleep, nothing),
    CALL(clock_nanosleep, nothing), CALL(clock_gettime, nothing), CALL(clock_getres, nothing), CALL(gettimeofday, nothing),
    CALL(getrandom, nothing), CALL(futex, nothing), CALL(unshare, nothing), CALL(setns, nothing), CALL(prctl, nothing),
    CALL(arch_prctl, nothing), CALL(prlimit64, nothing), CALL(getrlimit, nothing), CALL(setrlimit, nothing),
    CALL(getpriority, nothing), CALL(setpriority, nothing), CALL(ioprio_set, nothing), CALL(sched_setscheduler, nothing),
    CALL(sched_getaffinity, nothing), CALL(sched_setaffinity, nothing), CALL(sched_yield, nothing),
    CALL(rt_sigaction, nothing), CALL(rt_sigprocmask, nothing), CALL(rt_sigpending, nothing), CALL(rt_sigreturn, nothing),
    CALL(rt_sigtimedwait, nothing), CALL(rt_sigsuspend, nothing), CALL(sigaltstack, nothing), CALL(setsid, nothing),
    CALL(setpgid, nothing), CALL(getpgid, nothing), CALL(getpid, nothing), CALL(getppid, nothing), CALL(gettid, nothing),
    CALL(getuid, nothing), CALL(geteuid, nothing), CALL(getgid, nothing), CALL(getegid, nothing), CALL(getgroups, nothing),
    CALL(umask, nothing), CALL(uname, nothing), CALL(sysinfo, nothing), CALL(set_tid_address, nothing),
    CALL(set_robust_list, nothing), CALL(rseq, nothing), CALL(membarrier, nothing), CALL(exit, nothing),
    CALL(exit_group, nothing), CALL(restart_syscall, nothing), CALL(getxattr, path_first), CALL(fgetxattr, descriptor_first),
    CALL(setxattr, path_first), CALL(fsetxattr, descriptor_first),
#undef CALL
};
enum { calls_count = sizeof calls / sizeof *calls, numbers = 512 };

static const struct {
    int number;
    const char *name;
} errors[] = {
#define ERROR(name) {name, #name}
    ERROR(EPERM), ERROR(ENOENT), ERROR(EINTR), ERROR(EIO), ERROR(ENXIO), ERROR(EBADF), ERROR(ECHILD), ERROR(EAGAIN),
    ERROR(ENOMEM), ERROR(EACCES), ERROR(EFAULT), ERROR(EBUSY), ERROR(EEXIST), ERROR(EXDEV), ERROR(ENODEV), ERROR(ENOTDIR),
    ERROR(EISDIR), ERROR(EINVAL), ERROR(ENFILE), ERROR(EMFILE), ERROR(ENOTTY), ERROR(EFBIG), ERROR(ENOSPC), ERROR(ESPIPE),
    ERROR(EROFS), ERROR(EMLINK), ERROR(EPIPE), ERROR(ERANGE), ERROR(ENOLCK), ERROR(ENOSYS), ERROR(EOPNOTSUPP),
    ERROR(EADDRINUSE), ERROR(ECONNABORTED), ERROR(ECONNRESET), ERROR(ENOBUFS), ERROR(ETIMEDOUT), ERROR(ECONNREFUSED),
    ERROR(ESTALE), ERROR(EDQUOT), ERROR(ETOOMANYREFS), ERROR(ELOOP), ERROR(ENOTEMPTY),
#undef ERROR
};

// MARK: - The fault

static struct {
    int is_any, is_meant[numbers];  // by the calls' numbers
    long which, count;              // the n-th of them; so many have been made
    int is_lasting, is_late, error, divisor;
    const char *what;
} fault;

static void fail(const char *text, const char *what) {
    fprintf(stderr, "inject: %s%s%s\n", text, what ? ": " : "", what ? what : "");
    exit(124);
}

static void read_fault(char *text) {
    char *names = strtok(text, ":"), *which = strtok(NULL, ":"), *kind = strtok(NULL, ":");
    if (!names || !which || !kind) fail("a fault is CALL:WHICH:FAULT", NULL);
    fault.what = strtok(NULL, "");
    if (!strcmp(names, "*")) fault.is_any = 1;
    for (char *call = strtok(names, ","); call && !fault.is_any; call = strtok(NULL, ",")) {
        int is_known = 0;
        for (int i = 0; i < calls_count; i++)
            if (!strcmp(call, calls[i].name)) is_known = fault.is_meant[calls[i].number] = 1;
        if (!is_known) fail("no such call", call);
    }
    fault.which = strtol(which, &which, 10);
    fault.is_lasting = *which == '+';
    if (!strncmp(kind, "late-", 5)) {
        fault.is_late = 1;
        kind += 5;
    }
    if (!strcmp(kind, "half")) fault.divisor = 2;
    if (!strcmp(kind, "one")) fault.divisor = 1 << 30;
    for (unsigned i = 0; i < sizeof errors / sizeof *errors; i++)
        if (!strcmp(kind, errors[i].name)) fault.error = errors[i].number;
    if (!fault.error && !fault.divisor) fail("no such fault", kind);
}

// MARK: - The traced threads

static struct thread {
    pid_t id;
    const struct call *call;  // the one that it is in
    long number, which;
    char mark;                // how it stands in the report
    char what[256];
    int is_failing;           // its result is to be replaced
    int is_cut;               // an argument is to be put back
    uint64_t cut_address, cut_value;
} threads[1024];
static int threads_count;

static struct thread *thread(pid_t id) {
    for (int i = 0; i < threads_count; i++)
        if (threads[i].id == id) return threads + i;
    if (threads_count == sizeof threads / sizeof *threads) fail("too many threads", NULL);
    threads[threads_count] = (struct thread){.id = id};
    return threads + threads_count++;
}

static void forget(pid_t id) {
    for (int i = 0; i < threads_count; i++)
        if (threads[i].id == id) threads[i] = threads[--threads_count];
}

static FILE *report;
static long total, counts[numbers];
static uint64_t current_break;

static uint64_t peek(pid_t id, uint64_t address) {
    return (uint64_t)ptrace(PTRACE_PEEKDATA, id, address, NULL);
}

static void poke(pid_t id, uint64_t address, uint64_t value) { ptrace(PTRACE_POKEDATA, id, address, value); }

static void describe(struct thread *thread, const struct user_regs_struct *registers) {
    const uint64_t arguments[2] = {registers->rdi, registers->rsi};
    thread->what[0] = 0;
    switch (thread->call->subject) {
    case nothing: break;
    case first_length: snprintf(thread->what, sizeof thread->what, "%llu", registers->rsi); break;
    case path_first:
    case path_second: {
        uint64_t address = arguments[thread->call->subject == path_second];
        for (size_t i = 0; i + 8 < sizeof thread->what; i += 8) {
            uint64_t word = peek(thread->id, address + i);
            memcpy(thread->what + i, &word, 8);
            thread->what[i + 8] = 0;
            if (strlen(thread->what) < i + 8) break;
        }
        break;
    }
    case descriptor_first: {
        char link[64];
        snprintf(link, sizeof link, "/proc/%d/fd/%d", thread->id, (int)registers->rdi);
        ssize_t length = readlink(link, thread->what, sizeof thread->what - 24);
        if (length < 0) length = 0;
        // With the operation of those calls that are many in one.
        long number = thread->call->number;
        if (number == SYS_fcntl || number == SYS_ioctl)
            snprintf(thread->what + length, 24, " (%d) %d", (int)registers->rdi, (int)registers->rsi);
        else
            snprintf(thread->what + length, 24, " (%d)", (int)registers->rdi);
        break;
    }
    }
    for (char *next = thread->what; *next; next++)
        if (*next == '\n') *next = '?';
}

/// True where a disk has nothing to do with what is read or written.
static int is_elsewhere(const struct thread *thread, const struct user_regs_struct *registers) {
    switch (thread->call->number) {
    case SYS_read:
    case SYS_pread64:
    case SYS_readv:
    case SYS_write:
    case SYS_pwrite64:
    case SYS_writev:
    case SYS_sendfile:
    case SYS_close:
    case SYS_fstat:
    case SYS_fcntl: return registers->rdi <= 2 || thread->what[0] != '/';
    default: return 0;
    }
}

static int is_of_disk(int error) {
    return error == EIO || error == ESTALE || error == ENOSPC || error == EDQUOT || error == EROFS;
}

// MARK: - Cutting a call short

static unsigned long long *size_register(long number, struct user_regs_struct *registers) {
    switch (number) {
    case SYS_read:
    case SYS_pread64:
    case SYS_write:
    case SYS_pwrite64:
    case SYS_readv:
    case SYS_writev:
    case SYS_sendto:
    case SYS_recvfrom: return &registers->rdx;
    case SYS_sendfile: return &registers->r10;
    case SYS_copy_file_range: return &registers->r8;
    case SYS_brk: return &registers->rdi;
    default: return NULL;
    }
}

static uint64_t shorter(uint64_t length) {
    uint64_t less = length / (uint64_t)fault.divisor;
    return less ? less : 1;
}

static void cut(struct thread *thread, struct user_regs_struct *registers) {
    unsigned long long *length = size_register(thread->call->number, registers);
    if (thread->call->number == SYS_sendmsg || thread->call->number == SYS_recvmsg) {
        uint64_t vector = peek(thread->id, registers->rsi + 16);
        thread->cut_address = vector + 8;
        thread->cut_value = peek(thread->id, thread->cut_address);
        if (thread->cut_value > 1) {
            poke(thread->id, thread->cut_address, shorter(thread->cut_value));
            thread->is_cut = 1;
        }
    } else if (length && *length > 1) {
        thread->cut_address = 0;
        thread->cut_value = *length;
        *length = shorter(*length);
        ptrace(PTRACE_SETREGS, thread->id, NULL, registers);
        thread->is_cut = 1;
    }
    thread->mark = thread->is_cut ? '!' : '?';
}

// MARK: - Calls

static void enter(struct thread *thread) {
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, thread->id, NULL, &registers)) return;
    static struct call unknown = {.number = 0, .name = "unknown"};
    thread->call = &unknown;
    for (int i = 0; i < calls_count; i++)
        if (calls[i].number == (long)registers.orig_rax) thread->call = calls + i;
    total++;
    thread->number = total;
    thread->which = registers.orig_rax < numbers ? ++counts[registers.orig_rax] : 0;
    thread->mark = ' ';
    describe(thread, &registers);
    if (!fault.which || !(fault.is_any || (registers.orig_rax < numbers && fault.is_meant[registers.orig_rax]))) return;
    if (fault.what && !strstr(thread->what, fault.what)) return;
    fault.count++;
    if (fault.count != fault.which && !(fault.is_lasting && fault.count > fault.which)) return;
    if ((fault.is_lasting || is_of_disk(fault.error)) && is_elsewhere(thread, &registers)) return;
    // A counter is read and written whole. With several threads the call may be another one than in the run that was listed.
    if (strstr(thread->what, "[eventfd]") && fault.error != EINTR) return;
    if (fault.divisor) {
        cut(thread, &registers);
        return;
    }
    thread->mark = '!';
    if (registers.orig_rax == SYS_brk) {
        // No page more, and nothing can be wanting.
        if ((registers.rdi + 4095) / 4096 <= (current_break + 4095) / 4096) {
            thread->mark = '?';
            return;
        }
        // This one has no errors: it says where the break is, and leaves it there. Asked for 0 it does that.
        thread->is_cut = 1;
        thread->cut_address = 0;
        thread->cut_value = registers.rdi;
        registers.rdi = 0;
        ptrace(PTRACE_SETREGS, thread->id, NULL, &registers);
        return;
    }
    thread->is_failing = 1;
    if (fault.is_late) return;
    registers.orig_rax = (unsigned long long)-1;
    ptrace(PTRACE_SETREGS, thread->id, NULL, &registers);
}

static void leave(struct thread *thread) {
    if (!thread->call) return;
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, thread->id, NULL, &registers)) return;
    if (thread->is_failing) {
        registers.rax = (unsigned long long)-(long)fault.error;
        ptrace(PTRACE_SETREGS, thread->id, NULL, &registers);
    }
    if (thread->is_cut) {
        if (thread->cut_address) {
            poke(thread->id, thread->cut_address, thread->cut_value);
        } else {
            *size_register(thread->call->number, &registers) = thread->cut_value;
            ptrace(PTRACE_SETREGS, thread->id, NULL, &registers);
        }
    }
    if (thread->call->number == SYS_brk) current_break = registers.rax;
    if (report)
        fprintf(report, "%c%ld %d %s %ld %lld %s\n", thread->mark, thread->number, thread->id, thread->call->name,
                thread->which, (long long)registers.rax, thread->what);
    thread->is_failing = thread->is_cut = 0;
    thread->call = NULL;
}

/// A call that does not come back, as exit_group(2), or whose thread was killed in it.
static void abandon(struct thread *thread) {
    if (thread->call && report)
        fprintf(report, "%c%ld %d %s %ld - %s\n", thread->mark, thread->number, thread->id, thread->call->name,
                thread->which, thread->what);
    thread->call = NULL;
}

// MARK: - From the entry point on

static uint64_t entry, entry_text;

static uint64_t find_entry(pid_t id) {
    char name[64];
    Elf64_auxv_t vector[64];
    snprintf(name, sizeof name, "/proc/%d/auxv", id);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, vector, sizeof vector);
    if (file >= 0) close(file);
    for (ssize_t i = 0; i < length / (ssize_t)sizeof *vector; i++)
        if (vector[i].a_type == AT_ENTRY) return vector[i].a_un.a_val;
    fail("no entry point", NULL);
    return 0;
}

static void stop_at_entry(pid_t id) {
    entry = find_entry(id);
    entry_text = peek(id, entry);
    poke(id, entry, (entry_text & ~0xffULL) | 0xcc);
}

/// True where the thread has come to the entry point; it goes on as if nothing had been there.
static int is_at_entry(pid_t id) {
    struct user_regs_struct registers;
    if (!entry || ptrace(PTRACE_GETREGS, id, NULL, &registers) || registers.rip != entry + 1) return 0;
    poke(id, entry, entry_text);
    registers.rip = entry;
    ptrace(PTRACE_SETREGS, id, NULL, &registers);
    entry = 0;
    return 1;
}

// MARK: - The run

static pid_t start(char **words) {
    int gate[2];
    char byte = 0;
    if (pipe2(gate, O_CLOEXEC)) fail("pipe2", strerror(errno));
    pid_t child = fork();
    if (child < 0) fail("fork", strerror(errno));
    if (child == 0) {
        close(gate[1]);
        if (read(gate[0], &byte, 1) != 1) _exit(124);
        execv(words[0], words);
        _exit(127);
    }
    close(gate[0]);
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SEIZE, child, NULL, options)) {
        fprintf(stderr, "inject: tracing is not permitted: %s\n", strerror(errno));
        kill(child, SIGKILL);
        exit(125);
    }
    if (write(gate[1], &byte, 1) != 1) fail("write", strerror(errno));
    close(gate[1]);
    return child;
}

static int trace(pid_t child) {
    int is_running = 0, has_begun = 0, status;
    while (1) {
        pid_t id = waitpid(-1, &status, __WALL);
        if (id < 0 && errno == EINTR) continue;
        if (id < 0) return 124;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            abandon(thread(id));
            forget(id);
            if (id != child) continue;
            if (report && WIFSIGNALED(status)) fprintf(report, "killed %d\n", WTERMSIG(status));
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        if (!WIFSTOPPED(status)) continue;
        int signal = WSTOPSIG(status), event = status >> 16, deliver = 0;
        if (signal == (SIGTRAP | 0x80)) {
            struct __ptrace_syscall_info information;
            ptrace(PTRACE_GET_SYSCALL_INFO, id, sizeof information, &information);
            if (information.op == PTRACE_SYSCALL_INFO_ENTRY) enter(thread(id));
            if (information.op == PTRACE_SYSCALL_INFO_EXIT) leave(thread(id));
        } else if (event == PTRACE_EVENT_EXEC) {
            if (is_running) {
                // It has become another program, which is none of our business.
                abandon(thread(id));
                ptrace(PTRACE_DETACH, id, NULL, NULL);
                continue;
            }
            is_running = 1;
            stop_at_entry(id);
        } else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
            ptrace(PTRACE_LISTEN, id, NULL, NULL);
            continue;
        } else if (!event && signal == SIGTRAP && is_at_entry(id)) {
            has_begun = 1;
        } else if (!event) {
            deliver = signal;
        }
        ptrace(has_begun ? PTRACE_SYSCALL : PTRACE_CONT, id, NULL, deliver);
    }
}

int main(int argc, char **argv) {
    int option;
    while ((option = getopt(argc, argv, "+o:f:")) != -1) {
        if (option == 'f') {
            read_fault(optarg);
        } else if (option == 'o') {
            report = fopen(optarg, "we");
            if (!report) fail(optarg, strerror(errno));
        } else {
            fail("usage: inject [-o REPORT] [-f CALL:WHICH:FAULT[:WHAT]] -- PROGRAM ARGUMENTS...", NULL);
        }
    }
    if (optind >= argc) fail("no program", NULL);
    pid_t child = start(argv + optind);
    // The program alone has what it was given: a lock that is an open file ends with it.
    int kept = report ? fileno(report) : -1;
    for (int i = 3; i < 64; i++)
        if (i != kept) close(i);
    int status = trace(child);
    if (report) fclose(report);
    return status;
}
