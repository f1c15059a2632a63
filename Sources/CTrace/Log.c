/// Notes: room for each is reserved with one atomic add, and no system call is made.
#include "Trace.h"

#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/// The working directory. A change writes another one of the rooms and then points there, so that a thread that reads
/// meanwhile sees one or the other.
static char directories[4][PATH_MAX];
static unsigned next_directory;
static const char *working_directory = "";
/// Set where a process shares our memory but not our directory (a child of vfork): then the kernel is asked each time.
static bool is_directory_doubtful;

static bool ask_for_directory(char *room, size_t size) {
    long length = trace_call(SYS_getcwd, (long)room, (long)size, 0, 0, 0, 0);
    return length > 0 && room[0] == '/';
}

void trace_moved(void) {
    if (!trace_is_on()) return;
    if (trace_process() != trace_self->id) {
        is_directory_doubtful = true;
        return;
    }
    char *room = directories[__atomic_fetch_add(&next_directory, 1, __ATOMIC_RELAXED) % 4];
    const char *found = ask_for_directory(room, PATH_MAX) ? room : "";
    __atomic_store_n(&working_directory, found, __ATOMIC_RELEASE);
}

static struct trace_note *reserve(int call, unsigned flags, size_t first, size_t second) {
    size_t length = (sizeof(struct trace_note) + first + second + 7) & ~(size_t)7;
    // The texts are bounded by what the kernel takes as a path; what is longer was no path.
    uint64_t place = __atomic_fetch_add(&trace_log->used, length, __ATOMIC_SEQ_CST);
    uint64_t capacity = trace_log->capacity;
    if (place > capacity || length > capacity - place) {
        trace_log->overflow = 1;
        return NULL;
    }
    struct trace_note *note = (struct trace_note *)((char *)trace_log + place);
    __atomic_store_n(&note->length, (uint32_t)length, __ATOMIC_RELEASE);
    note->call = (uint8_t)call;
    note->flags = (uint16_t)flags;
    note->process = (uint32_t)trace_self->id;
    note->first = (uint32_t)first;
    note->second = (uint32_t)second;
    return note;
}

static size_t bounded_length(const char *text) {
    size_t length = 0;
    // One more than the kernel takes, so that a path that is too long does not look like a shorter one.
    while (length <= PATH_MAX && text[length]) length++;
    return length;
}

/// Where a relative path starts from, in two parts: a directory and the path.
struct place {
    const char *base;
    size_t base_length;
    const char *path;
    size_t path_length;
};

static size_t total(const struct place *place) {
    return place->base_length + (place->base_length != 0) + place->path_length;
}

static char *put(char *to, const struct place *place) {
    if (place->base_length) {
        trace_copy(to, place->base, place->base_length);
        to += place->base_length;
        *to++ = '/';
    }
    trace_copy(to, place->path, place->path_length);
    return to + place->path_length;
}

/// The name of an open file, as the kernel has it; its length, or 0.
static size_t descriptor_name(int descriptor, char *room, size_t size) {
    char link[32] = "/proc/self/fd/";
    char digits[12];
    int count = 0;
    size_t end = 14;
    unsigned rest = (unsigned)descriptor;
    if (descriptor < 0) return 0;
    do digits[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    while (count) link[end++] = digits[--count];
    link[end] = 0;
    long length = trace_call(SYS_readlinkat, AT_FDCWD, (long)link, (long)room, (long)size, 0, 0);
    return length > 0 && room[0] == '/' ? (size_t)length : 0;
}

static struct trace_note *write_note(
    int call, unsigned flags, const struct place *first, const struct place *second) {
    size_t one = total(first), two = second ? total(second) : 0;
    struct trace_note *note = reserve(call, flags, one, two);
    if (!note) return NULL;
    char *end = put(note->text, first);
    if (second) put(end, second);
    __atomic_store_n(&note->state, TRACE_STATE_BEGUN, __ATOMIC_RELEASE);
    return note;
}

/// Notes with up to two bases that have to be asked for; apart, because the rooms for them are large.
static NOINLINE struct trace_note *begin_asking(
    int call, unsigned flags, int directory, struct place *first, int other, struct place *second) {
    char rooms[2][PATH_MAX];
    struct place *places[2] = {first, second};
    const int directories_asked[2] = {directory, other};
    for (int i = 0; i < 2; i++) {
        struct place *place = places[i];
        if (!place || place->path[0] == '/' || place->base_length) continue;
        size_t length = 0;
        if (directories_asked[i] == AT_FDCWD) {
            if (ask_for_directory(rooms[i], PATH_MAX)) length = trace_length(rooms[i]);
        } else {
            length = descriptor_name(directories_asked[i], rooms[i], PATH_MAX);
        }
        if (!length) flags |= TRACE_UNPLACED;
        place->base = rooms[i];
        place->base_length = length;
    }
    return write_note(call, flags, first, second);
}

static bool needs_asking(int directory, struct place *place) {
    if (place->path[0] == '/') return false;
    if (directory != AT_FDCWD || is_directory_doubtful) return true;
    place->base = __atomic_load_n(&working_directory, __ATOMIC_ACQUIRE);
    place->base_length = trace_length(place->base);
    return place->base_length == 0;
}

struct trace_note *trace_begin2(
    int call, unsigned flags, int directory, const char *path, int other_directory, const char *other) {
    if (!trace_is_on()) return NULL;
    // What lies in the first page is no text; the call itself says so.
    if ((uintptr_t)path < 4096 || (other && (uintptr_t)other < 4096)) return NULL;
    trace_process_is_new();
    struct place first = {"", 0, path, bounded_length(path)};
    struct place second = {"", 0, other ? other : "", other ? bounded_length(other) : 0};
    bool asks = needs_asking(directory, &first);
    if (other && needs_asking(other_directory, &second)) asks = true;
    if (asks) return begin_asking(call, flags, directory, &first, other_directory, other ? &second : NULL);
    return write_note(call, flags, &first, other ? &second : NULL);
}

struct trace_note *trace_begin(int call, unsigned flags, int directory, const char *path) {
    return trace_begin2(call, flags, directory, path, AT_FDCWD, NULL);
}

NOINLINE struct trace_note *trace_begin_descriptor(int call, unsigned flags, int descriptor) {
    if (!trace_is_on()) return NULL;
    trace_process_is_new();
    char room[PATH_MAX];
    size_t length = descriptor_name(descriptor, room, sizeof room);
    // Pipes and sockets have no name, and nothing that is done to them counts.
    if (!length) return NULL;
    struct place place = {"", 0, room, length};
    return write_note(call, flags, &place, NULL);
}

struct trace_note *trace_say(int call, unsigned flags, const char *first, const char *second) {
    if (!trace_is_on()) return NULL;
    trace_process_is_new();
    struct place one = {"", 0, first, bounded_length(first)};
    struct place two = {"", 0, second ? second : "", second ? bounded_length(second) : 0};
    return write_note(call, flags, &one, &two);
}

void trace_end(struct trace_note *note, bool has_failed) {
    if (!note) return;
    note->error = has_failed ? errno : 0;
    note->end = __atomic_load_n(&trace_log->used, __ATOMIC_SEQ_CST);
    __atomic_store_n(&note->state, TRACE_STATE_DONE, __ATOMIC_RELEASE);
}

void trace_say_once(int call, const char *text) {
    if (!trace_is_on() || (uintptr_t)text < 4096) return;
    trace_process_is_new();
    uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)call;
    for (const char *next = text; *next; next++) hash = (hash ^ (uint8_t)*next) * 0x100000001b3u;
    hash ^= hash >> 29;
    uint64_t *said = &trace_self->said[hash % 256];
    if (__atomic_load_n(said, __ATOMIC_RELAXED) == hash) return;
    trace_end(trace_say(call, 0, text, NULL), false);
    __atomic_store_n(said, hash, __ATOMIC_RELAXED);
}

void trace_say_often(int call, const char *text) {
    if (!trace_is_on()) return;
    trace_process_is_new();
    if (__atomic_load_n(&trace_self->clocks, __ATOMIC_RELAXED) >= 64) return;
    __atomic_fetch_add(&trace_self->clocks, 1, __ATOMIC_RELAXED);
    trace_end(trace_say(call, 0, text, NULL), false);
}

bool trace_exists(int directory, const char *path, bool follow) {
    struct stat status;
    if (!trace_is_on() || (uintptr_t)path < 4096) return false;
    return trace_call(SYS_newfstatat, directory, (long)path, (long)&status, follow ? 0 : AT_SYMLINK_NOFOLLOW, 0, 0) == 0;
}

long trace_missing(void) {
    errno = ENOSYS;
    return -1;
}
