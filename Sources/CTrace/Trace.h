/// What the files of the preload library share.
///
/// The library is loaded into every program below a traced command. It is a guest there: it allocates nothing, uses no
/// stdio, takes no lock, keeps errno, and works in signal handlers and between fork and exec. It depends on no library and
/// on no version of a symbol: what it needs of libc it looks up itself (Next.c), so that it loads into a process with any
/// C library that has dl_iterate_phdr.
#ifndef LARDER_TRACE_H
#define LARDER_TRACE_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define EXPORT __attribute__((visibility("default")))
#define NOINLINE __attribute__((noinline))
#define LIKELY(x) __builtin_expect(!!(x), 1)

/// The log, a file that every process of the tree maps.
///
///     log    ::= magic:8 version:u32 overflow:u32 capacity:u64 used:u64 reserved:32 note*      64 bytes, then notes
///     note   ::= length:u32 state:u8 call:u8 flags:u16 process:u32 error:i32 end:u64 value:u64 more:u64
///                first:u32 second:u32 byte* pad                            48 bytes, then the two texts; see below
///     magic  ::= "larderT" NUL
///
/// Integers have the machine's order: a log never leaves the machine. `used` grows by one atomic add for each note, and may
/// pass `capacity`, which sets `overflow`. A note's length is a multiple of 8 and covers all of it; the length is written
/// first, the state last, so that a process that is killed meanwhile leaves a sign. `error` is the call's errno or 0,
/// `end` what `used` was when the call had returned: a call is known to come before another one only if its end is not
/// above the other one's place. History: 1, the first.
enum { TRACE_VERSION = 1, TRACE_STATE_BEGUN = 1, TRACE_STATE_DONE = 2 };

struct trace_log {
    char magic[8];
    uint32_t version;
    uint32_t overflow;
    uint64_t capacity;
    uint64_t used;
    uint64_t reserved[4];
};

struct trace_note {
    uint32_t length;
    uint8_t state;
    uint8_t call;
    uint16_t flags;
    uint32_t process;
    int32_t error;
    uint64_t end;
    uint64_t value;
    uint64_t more;
    uint32_t first;
    uint32_t second;
    char text[];
};

/// What was called. The numbers are in the log: never reuse one.
enum trace_call {
    TRACE_HELLO = 1,      // first: the program, second: the working directory; value: the parent
    TRACE_FORK = 2,       // a process that has begun as a copy; value: the parent
    TRACE_OBJECT = 3,     // first: a loaded object, second: where it has its libraries looked for
    TRACE_LISTED = 4,     // all loaded objects have been noted
    TRACE_EXEC = 5,       // first: the program's file
    TRACE_SPAWN = 6,      // likewise; value: the child
    TRACE_LOAD = 7,       // first: what dlopen was given, as it was given
    TRACE_OPEN = 10,      // more: the flags of open(2); value: the inode, if it was opened for writing
    TRACE_LIST = 11,      // a directory was read
    TRACE_STAT = 12,      // size and time were asked for
    TRACE_ACCESS = 13,    // only whether it is there and what may be done with it
    TRACE_READLINK = 14,
    TRACE_REALPATH = 15,
    TRACE_RENAME = 20,    // first to second
    TRACE_LINK = 21,      // second is a new name of first
    TRACE_SYMLINK = 22,   // first is made
    TRACE_UNLINK = 23,
    TRACE_MKDIR = 24,
    TRACE_RMDIR = 25,
    TRACE_SPECIAL = 26,   // a pipe, a device or a socket is made
    TRACE_CHANGE = 27,    // permissions, owner, times or length
    TRACE_TEMPORARY = 28, // a file or directory under a name of the library's choice is made
    TRACE_CHDIR = 30,
    TRACE_VARIABLE = 40,  // first: its name
    TRACE_CLOCK = 41,     // first: the function
    TRACE_RANDOM = 42,
    TRACE_SOCKET = 43,    // first: the function, second: the address where that is a path
    TRACE_TERMINAL = 44,  // value: the descriptor
    TRACE_HOST = 45,      // first: the function
    TRACE_NAMES = 46,     // users, groups: first: the function
    TRACE_UNFOLLOWED = 50 // first: a call whose effects cannot be noted
};

enum {
    TRACE_NOFOLLOW = 1,   // a link at the end of the path is not followed
    TRACE_UNPLACED = 2,   // relative to a directory whose name could not be had
    TRACE_GO = 4,         // of an object: its code makes system calls of its own
    TRACE_DIRECTORY = 8,  // of what was made: a directory
    TRACE_EXISTED = 16    // something had this name, or the second one, before the call
};

// Log.c

/// True when notes are taken in this process.
bool trace_is_on(void);
/// Begins a note about `path` as seen from `directory` (AT_FDCWD for the working directory); NULL where none is taken.
struct trace_note *trace_begin(int call, unsigned flags, int directory, const char *path);
struct trace_note *trace_begin2(
    int call, unsigned flags, int directory, const char *path, int other_directory, const char *other);
/// The same with texts that are no paths.
struct trace_note *trace_say(int call, unsigned flags, const char *first, const char *second);
/// Ends a note whose call has returned; takes the error from errno where it failed.
void trace_end(struct trace_note *note, bool has_failed);
/// Notes a text, unless this process has done so lately.
void trace_say_once(int call, const char *text);
/// Notes a text that counts by how often it is said, as long as that is not often.
void trace_say_often(int call, const char *text);
/// Begins a note about the file that is open as `descriptor`.
struct trace_note *trace_begin_descriptor(int call, unsigned flags, int descriptor);
/// Whether there is something of this name; a link at its end is followed, or not.
bool trace_exists(int directory, const char *path, bool follow);
/// The notes of whole groups of functions, from Open.c, Look.c and Names.c.
struct trace_note *trace_begin_open(int directory, const char *path, int flags);
int trace_end_open(struct trace_note *note, int file, int flags);
struct trace_note *trace_look(int call, int directory, const char *path, int flags);
struct trace_note *trace_move(int from, const char *old, int to, const char *new);
/// Fails a call that libc does not have.
long trace_missing(void);
/// Takes note of the working directory as it is now.
void trace_moved(void);

// Process.c

/// Makes the library ready, if it is not yet; from any function that may be the first to be called.
void trace_prepare(void);
/// Makes a process that fork(2) has made say hello; called where a note is begun.
void trace_process_is_new(void);
/// Notes the loaded objects that have not been noted yet.
void trace_list_objects(void);
/// The same, where the program has loaded some; and the sign that it has.
void trace_list_objects_if_loaded(void);
void trace_has_loaded(void);
/// This process, whatever is remembered.
int trace_process(void);

struct trace_process {
    /// 0 in a process that is new: the kernel empties this page when a process is copied.
    int id;
    /// How often it has asked for the time.
    uint32_t clocks;
    /// What was said lately, by its hash.
    uint64_t said[256];
};
extern struct trace_process *trace_self;
extern struct trace_log *trace_log;
/// True where the kernel cannot empty the page.
extern bool trace_has_plain_page;

// Program.c

/// False for a program that the library must not be loaded into: the loader would complain, or the program would.
bool trace_can_load_into(const char *path);

// Variables.c

/// Our two variables, as they have to stand in the environment of a program that is started; and what hides them.
void trace_take_variables(char **environment);
extern const char *trace_log_path;
/// How many pointers `trace_with_variables` needs, and how many bytes.
size_t trace_variables_room(char *const environment[], size_t *bytes);
/// The environment with our variables, or without them, in the room that was given.
char **trace_with_variables(char *const environment[], bool wanted, char **room, char *bytes);

// Next.c

/// Looks for the functions that stand behind ours; false where the most important ones are missing.
bool trace_find_next(void);

// What every file needs: no function of libc's is called.

static inline size_t trace_length(const char *text) {
    size_t length = 0;
    while (text[length]) length++;
    return length;
}

static inline void trace_copy(void *to, const void *from, size_t count) {
    // Not a call of memcpy: that may be a function that is not ready yet.
#if defined __x86_64__
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
#else
    volatile char *target = to;
    const char *source = from;
    while (count--) *target++ = *source++;
#endif
}

static inline bool trace_equal(const char *one, const char *other) {
    while (*one && *one == *other) one++, other++;
    return *one == *other;
}

static inline bool trace_begins(const char *text, const char *start) {
    while (*start)
        if (*text++ != *start++) return false;
    return true;
}

/// A system call that leaves errno alone: a negative result is the error.
static inline long trace_call(long number, long a, long b, long c, long d, long e, long f) {
#if defined __x86_64__
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#elif defined __aarch64__
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#else
#error "the preload library knows x86-64 and aarch64"
#endif
}

#endif
