/// What Swift's Glibc module does not offer: system calls whose C interface is variadic, a macro or a union,
/// and the two inner loops that must run at memory speed.
#ifndef LARDER_CLINUX_H
#define LARDER_CLINUX_H

#include <stddef.h>
#include <stdint.h>

/// open(2) with O_CLOEXEC always set; the result is a descriptor, or -1 with errno.
int larder_open(const char *path, int flags, unsigned mode);

/// The 128-bit XXH3 checksum of `length` bytes, by parts: see xxhash.h.
typedef struct larder_checksum_state larder_checksum_state;
larder_checksum_state *larder_checksum_begin(void);
void larder_checksum_update(larder_checksum_state *state, const void *bytes, size_t length);
void larder_checksum_end(larder_checksum_state *state, uint64_t *low, uint64_t *high);
void larder_checksum(const void *bytes, size_t length, uint64_t *low, uint64_t *high);
/// The same without the vectors that only some processors have, so that tests can compare.
void larder_checksum_narrow(const void *bytes, size_t length, uint64_t *low, uint64_t *high);

/// fcntl(2) F_DUPFD_CLOEXEC.
int larder_duplicate(int descriptor);

/// fstat(2) into a `struct stat`. The C library asks through newfstatat(2) with an empty path, which takes a fifth longer.
int larder_fstat(int fd, void *status);

/// Gives what is called `from` the name `to` and the other way round, at once; -1 with errno when one of them is
/// missing or the file system cannot do that.
int larder_exchange(const char *from, const char *to);

/// Asks the kernel for the pages of memory that is about to be written, all at once and huge where it offers that.
/// Changes nothing that the memory holds; what the kernel refuses is left.
void larder_prepare_memory(void *start, size_t length);

/// Notes that the process begins its work now; how long ago that was, in nanoseconds, 0 where it was not noted.
void larder_process_begins(void);
int64_t larder_process_age(void);

/// True when descriptors 0, 1 and 2 are open, asked in one call.
int larder_streams_are_open(void);

/// pipe2(2) with O_CLOEXEC.
int larder_open_pipe(int *reading, int *writing);

/// Opens a pseudo-terminal whose window and modes are those of `like`, without making it a controlling
/// terminal and without output processing, so that bytes pass through unchanged.
int larder_open_terminal(int like, int *primary, int *secondary);

/// The columns and the rows of the terminal at `fd`, or 0.
int larder_terminal_columns(int fd);
int larder_terminal_rows(int fd);

/// A TCP socket that listens at 127.0.0.1 with `port`; -1 with errno where it cannot.
int larder_listen_loopback(uint16_t port);

/// Names of the directory at `path`, each ended by NUL, in a malloc'ed buffer; -1 with errno on failure.
long larder_list(const char *path, int with_kinds, char **names, size_t *length);

/// The effective user of this process as it was when the program began; no system call.
uint32_t larder_user(void);

/// The magic number of the file system of `path` as statfs(2) gives it, or -1, and whether it is mounted read-only.
int64_t larder_file_system(const char *path, int *is_read_only);

/// When the file at `path` was made, in nanoseconds since 1970 by statx(2); 0 where the file system does not tell.
/// 0 where the loader can find no library in `directory` that a compiler's programs need (ld.so(8)): it is not there, or no name in
/// it is that of a shared library, but for those of rustc's own making; else 1.
int larder_may_hold_library(const char *directory);

/// Whether a file in `directory` may share another one's blocks (ioctl_ficlone(2)): 1 or 0, -1 where that cannot be tried.
int larder_can_clone(const char *directory);

/// Shares blocks of two files: ioctl_ficlonerange(2).
int larder_share_blocks(int from, int64_t start, int64_t count, int to, int64_t place);

/// Whether a lock by flock(2) on a file in `directory` keeps a second one out: 1 or 0, -1 where that cannot be tried.
int larder_can_lock(const char *directory);

int64_t larder_birth_time(const char *path);

/// waitpid(2) taken apart: 1 when exited (`*code` is the status), 2 when signalled (`*code` the signal), -1 with errno
/// where that cannot be learnt.
int larder_wait(int pid, int *code);

/// memmem(3).
const void *larder_find(const void *bytes, size_t length, const void *needle, size_t needle_length);

/// Identifies the processor as a compiler that tunes for it sees it: up to `count` words; returns how many.
int larder_processor(uint32_t *words, int count);

/// Whether the program sums with vectors of 256 bits: this processor has them, and the system keeps them.
int larder_has_wide_vectors(void);
/// Whether this processor has instructions for SHA-256.
int larder_has_digest_instructions(void);

/// Whether the program has the start of ProgramStart.c, and whether it was built to have it where that fits.
int larder_has_own_start(void);
int larder_wants_own_start(void);
/// Whether the program runs without a loader.
int larder_is_static(void);
/// The versions of what the program was built with; an empty string where that is not known.
const char *larder_swift_compiler(void);
const char *larder_c_compiler(void);
const char *larder_c_library_built_with(void);
/// The version of the C library that the program runs with.
const char *larder_c_library(void);

/// Starts `path` with the given argument and environment vectors, its standard output and error replaced where
/// the numbers are not -1, its standard input empty unless `has_input`; 0 or an errno. From then on INT, TERM, HUP and QUIT that somebody sends to this process
/// alone are passed on to the child; a terminal sends them to both by itself.
int larder_start(const char *path, char *const argv[], char *const envp[], int has_input, int out, int err,
                 int *pid);

/// The path by which the kernel was asked to run this program, from the directory in which that was; NULL where it did not say.
const char *larder_program_path(void);

/// Has the kernel tell us how children end, though our parent may have had us ignore SIGCHLD; before any child is started.
/// What larder_start starts ignores it as it would without us.
void larder_expect_children(void);

/// Gives SIGCHLD back the meaning that this process was started with, for the program that it is about to become.
void larder_expect_no_children(void);

/// Whether the child has ended; it is not reaped.
int larder_has_ended(int pid);

/// Whether INT, TERM, HUP and QUIT have handlers, so that they end no call by themselves.
int larder_signals_are_handled(void);

/// Whether one of them has come, and there is no child any more that decides what that means.
int larder_should_stop_writing(void);

/// The signal that asked this process to end since it first started another, or 0.
int larder_interruption(void);

/// Gives INT, TERM, HUP and QUIT the meaning that they had before this process started another.
void larder_stop_passing_on(void);

/// Keeps back INT, TERM, HUP and QUIT (`hold` is 1), or lets them come again (0).
void larder_hold_signals(int hold);

/// 1 when one that is kept back, and not ignored, has come.
int larder_signal_waits(void);

/// The child that stands where the user's program would stand, not reaped yet; else 0.
int larder_child(void);

/// For a signal handler: passes on to our own streams what the child still writes to ours, waits for its end, and says how it
/// ended as larder_wait does; -1 when that is not to be known.
int larder_relay_rest(int *code);

/// Makes `mask` what it was before larder_hold_signals, where signals are held.
void larder_forget_held_signals(void *mask);

/// From now on a defect of ours (ILL, ABRT, BUS, SEGV that nobody else has sent) makes this process the
/// program at `path`, with the words of `argv`, the first of them replaced by the path where `is_renamed`. `argv` has to last.
void larder_crash_become(const char *path, char **argv, int is_renamed);

/// From now on a defect is the end of this process, as without us, but is counted.
void larder_crash_note(void);

/// True from larder_crash_become on.
int larder_crash_is_met(void);

/// Where a defect is counted: the journal of the store in that directory.
void larder_crash_report(const char *store);

/// Where a line about a defect is added.
void larder_crash_log(const char *file);

/// What is under way, as a text that lasts.
void larder_crash_reached(const char *name);

/// The command has been counted as hit, miss or bypass.
void larder_crash_counted(void);

/// From now on, after a defect, the child that is running goes on to its end, and this process ends as that does.
void larder_crash_wait(void);

/// From now on this process ends as its child did, or was said to have, whatever happens: see larder_wait.
void larder_crash_end(int kind, int code, int was_hit);

/// The same where larder_crash_wait has been called: what has been started once is never started again.
void larder_crash_ended(int kind, int code);

/// The program that is about to run makes the file `from`, which belongs at `to`: the first (0) and, if any, the second (1) of
/// two. Where all its words have been heard when a defect comes, they are given their places, and it is not run again.
void larder_crash_makes(int number, const char *from, const char *to);

/// Whether words of that program have been passed on, and whether some are held back.
void larder_crash_words(int spoken, int held);

/// What the next program makes has nothing to do with the last one's.
void larder_crash_over(void);

/// A file that is to be removed before another program takes over; a number for larder_crash_forget, -1 for none.
int larder_crash_remove(const char *path);
void larder_crash_forget(int number);

/// Makes PIPE and XFSZ errors of the call that caused them, unless they are ignored anyway. Handlers do not survive
/// an exec, so no other program is affected.
void larder_report_failed_writes(void);

/// From now on INT, TERM, HUP and QUIT set `event` instead of ending this process, and no child is started any more:
/// larder_start then returns ECANCELED. What is ignored stays ignored.
void larder_cancel_on_signals(int event);

/// Says that a thread is about to do something that may take for ever and hears of no event (1), or has done it (0). Until
/// then those signals end the process at once.
void larder_be_busy(int busy);

/// Compiles a regular expression of `grep -E`; NULL where it is none, with the reason, which is nobody's to free.
void *larder_pattern_new(const char *text, size_t length, int ignores_case, const char **defect);
void larder_pattern_free(void *pattern);
/// Where the first match in a text begins; below 0 where there is none.
long larder_pattern_find(void *pattern, const char *text, int length);

/// eventfd(2), empty; -1 with errno on failure.
int larder_event(void);

/// Makes the event readable for good; may be called from a signal handler.
void larder_event_set(int event);

/// An inotify descriptor that hears of files removed from `directory`, moved into it, or closed after writing.
int larder_watch(const char *directory);

/// Waits for at most `nanoseconds`: 1 when something happened to a file of the watched directory whose name begins
/// with `prefix`, 2 when `event` was set or a signal asks this process to end, else 0. Either descriptor may be -1.
int larder_watch_wait(int watch, int event, int64_t nanoseconds, const char *prefix);

/// renameat2(2) with RENAME_NOREPLACE; 0, or -1 with errno.
int larder_rename_exclusively(const char *from, const char *to);

/// Starts a detached thread that takes no signals and runs `body` with `context`; 0 or an errno.
int larder_start_thread(void *(*body)(void *), void *context);

/// Lets the calling thread have a working directory and a umask of its own; 0, or -1 with errno.
int larder_leave_shared_directory(void);

/// Has the calling thread, or where it is the first one the process, give way to others: nice(2) by `steps`.
void larder_give_way(int steps);

/// Makes a listening socket in the file system at `path`, whose file has mode 0600; -1 with errno.
int larder_listen(const char *path);

/// Connects to the socket at `path` without waiting for room in its queue; -1 with errno.
int larder_connect(const char *path);

/// Two sockets that are connected with each other; -1 and errno where there are none.
int larder_socket_pair(int *one, int *other);

/// Takes the next connection of a listening socket, not to be waited for; -1 with errno.
int larder_accept(int socket);

/// Who is at the other end of a connection, as the kernel saw it when it was made; 0, or -1 with errno.
int larder_peer(int socket, uint32_t *user, int *process);

/// send(2) without SIGPIPE, with up to 4 descriptors for the other process; -1 with errno.
ptrdiff_t larder_send(int socket, const void *bytes, size_t length, const int *descriptors, int count);

/// recv(2), which takes up to 4 descriptors that come along, close-on-exec; those beyond are closed. -1 with errno.
ptrdiff_t larder_receive(int socket, void *bytes, size_t length, int *descriptors, int *count);

/// Lets the process `pid`, which is at the other end of `connection`, go on where somebody has stopped it; 0, or -1 with errno.
int larder_continue(int pid, int connection);

/// The limit of this process, as a person would call it, under which a program could not serve others; NULL where there is
/// none.
const char *larder_hindering_limit(void);

/// Starts `path` in a session of its own and as nobody's child, with nothing of ours but `kept`, which it has as descriptor
/// 3 (other descriptors beyond 2 that no exec closes are its own to close). What was asked of this process alone, such as soft
/// limits, processors and priority, is not asked of it. Only while there is one thread. 0 or an errno.
int larder_start_apart(const char *path, char *const argv[], char *const envp[], int kept);

/// Leaves what the process that started this one was given: goes on in the root directory, with no descriptor open but 0
/// to 2, which lead nowhere, and `kept`.
void larder_detach(int kept);

/// Asks the memory allocator to keep to a few arenas and to give back what is free.
void larder_keep_memory_small(void);
void larder_release_memory(void);

/// Takes bytes of stream 0 or 1; 0 when it wants no more of that stream.
typedef int larder_sink(void *context, int stream, const void *bytes, size_t length);

/// Collects what the child writes to two descriptors until it has exited and nothing more is there to read.
/// Calls `sink` with 0 for `out` and 1 for `err`. Either may be -1. Returns 1 when both streams have ended, 0 when another
/// process still has one open.
int larder_collect(int pid, int out, int err, larder_sink *sink, void *context);

/// Makes standard input what `prefix` holds from its start on, followed by what standard input still has to give; 0, or -1
/// with errno. A process that is nobody's child pumps it, and ends with its reader.
int larder_feed_input(int prefix);

/// True when the two descriptors lead to one open file, pipe or terminal, so that what is written to both has an order.
int larder_same_open_file(int first, int second);

// Takes a lease for reading (fcntl(2)): given only while nobody has the file open for writing, and whoever opens it so waits until the
// lease is ended, which the kernel itself does after /proc/sys/fs/lease-break-time. We hear of that by SIGURG, which does nothing.
int larder_lease_for_reading(int fd);
// True while the lease is held and nobody waits for its end.
int larder_is_leased(int fd);
void larder_end_lease(int fd);

/// Whether somebody has the open file `fd` open for writing: 1 yes, 0 no, -1 where that cannot be told.
int larder_is_being_written(int fd);

/// A file in memory without a name, closed by an exec; -1 with errno on failure.
int larder_memory_file(void);

/// A program to be supervised. Numbers that are 0 or INT64_MAX set no limit; descriptors that are -1 are left out.
struct larder_program {
    const char *path;
    char *const *argv;
    char *const *envp;
    /// Becomes its standard input, which is else empty.
    int input;
    /// Becomes its standard output, which is else collected.
    int output;
    /// Becomes its descriptor 3.
    int extra;
    /// An event that ends it: see larder_event.
    int cancel;
    int64_t nanoseconds;
    /// Bytes of address space.
    int64_t memory;
    /// Bytes that are collected of its standard output.
    int64_t written;
};

/// How a supervised program ended.
enum {
    larder_ended_by_itself = 0,
    larder_ended_by_signal = 1,
    larder_ended_by_time = 2,
    larder_ended_by_cancellation = 3,
    larder_ended_by_output = 4,
};

/// Runs a program to its end, in a process group of its own that ends with it; may be called from several threads.
/// Returns an errno when it could not be started, else one of the above with its sign changed; `*code` is the exit
/// status, or the signal where one ended it. `sink` gets 0 with its standard output and 1 with its error stream.
int larder_supervise(const struct larder_program *program, void (*sink)(void *context, int stream, const void *bytes, size_t length),
                     void *context, int *code);

/// Ends this process by `signal`, as its parent would have seen the child end.
_Noreturn void larder_end_by(int signal);

/// Whether, when a signal asks this process to end, what its child leaves behind is to end, too (1); 0 at first.
void larder_set_ends_orphans(int on);

/// Once the child has ended: has what it left behind end by the signal that has come, and waits for that a second at most.
///
/// Nothing where no signal has come, or the processes are not to end.
void larder_end_orphans(void);

/// Has processes that our descendants leave behind become our children, or no more.
void larder_adopt(int on);

/// Whether this process has a child that still runs; those that have ended are forgotten.
int larder_has_children(void);

#endif
