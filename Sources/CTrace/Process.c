/// The life of a process: it says hello, says what it has loaded, and notices when it is a copy.
#include "Trace.h"
#include "Next.h"

#include <link.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

struct trace_process *trace_self;
struct trace_log *trace_log;
bool trace_has_plain_page;

enum state { STATE_NEW, STATE_BEGUN, STATE_ON, STATE_OFF };
static int state = STATE_NEW;
/// How many objects had been loaded when they were last listed.
static unsigned long long listed_loads;
/// How many objects there were then, and how many had been removed: new ones come behind those.
static unsigned long long listed_count, listed_removals;
/// Set when the program has asked for an object since.
static bool has_loaded;

bool trace_is_on(void) {
    int now = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
    if (LIKELY(now == STATE_ON)) return true;
    if (now == STATE_NEW) trace_prepare();
    return __atomic_load_n(&state, __ATOMIC_ACQUIRE) == STATE_ON;
}

int trace_process(void) { return (int)trace_call(SYS_getpid, 0, 0, 0, 0, 0, 0); }

static long map(size_t length, int protection, int flags, int file) {
    return trace_call(SYS_mmap, 0, (long)length, protection, flags, file, 0);
}

static bool is_failure(long result) { return result < 0 && result > -4096; }

/// Maps the log; false where there is none, or what is there is none.
static bool map_log(const char *path) {
    long file = trace_call(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0, 0, 0);
    if (is_failure(file)) return false;
    // The size comes from the header: fewer calls, and no struct that differs between systems.
    struct trace_log header = {0};
    bool fits = trace_call(SYS_pread64, file, (long)&header, sizeof header, 0, 0, 0) == sizeof header &&
                trace_equal(header.magic, "larderT") && header.version == TRACE_VERSION &&
                header.capacity >= sizeof header && header.capacity <= (uint64_t)1 << 32;
    long mapped = fits ? map(header.capacity, PROT_READ | PROT_WRITE, MAP_SHARED, (int)file) : -1;
    trace_call(SYS_close, file, 0, 0, 0, 0, 0);
    if (is_failure(mapped)) return false;
    trace_log = (struct trace_log *)mapped;
    return true;
}

static bool map_self(void) {
    size_t length = (sizeof(struct trace_process) + 4095) & ~(size_t)4095;
    long mapped = map(length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (is_failure(mapped)) return false;
    trace_self = (struct trace_process *)mapped;
    trace_has_plain_page = trace_call(SYS_madvise, mapped, (long)length, MADV_WIPEONFORK, 0, 0, 0) != 0;
    return true;
}

static void say_hello(void) {
    char program[PATH_MAX];
    long length =
        trace_call(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/exe", (long)program, sizeof program - 1, 0, 0);
    program[length > 0 ? length : 0] = 0;
    struct trace_note *note = trace_begin2(TRACE_HELLO, 0, AT_FDCWD, program, AT_FDCWD, ".");
    if (note) note->value = (uint64_t)trace_call(SYS_getppid, 0, 0, 0, 0, 0, 0);
    trace_end(note, false);
}

void trace_prepare(void) {
    int now = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
    if (LIKELY(now == STATE_ON || now == STATE_OFF)) return;
    int expected = STATE_NEW;
    if (!__atomic_compare_exchange_n(&state, &expected, STATE_BEGUN, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        // Another thread is at it: without the next functions nobody can go on.
        for (int i = 0; i < 1 << 20 && __atomic_load_n(&state, __ATOMIC_ACQUIRE) == STATE_BEGUN; i++)
            trace_call(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
        return;
    }
    bool is_ready = trace_find_next();
    trace_take_variables(environ);
    if (!is_ready || !trace_log_path || !map_log(trace_log_path) || !map_self()) {
        __atomic_store_n(&state, STATE_OFF, __ATOMIC_RELEASE);
        return;
    }
    trace_self->id = trace_process();
    __atomic_store_n(&state, STATE_ON, __ATOMIC_RELEASE);
    trace_moved();
    say_hello();
}

void trace_process_is_new(void) {
    int id = trace_self->id;
    if (LIKELY(id != 0) && LIKELY(!trace_has_plain_page)) return;
    int now = trace_process();
    if (now == id) return;
    if (id != 0) {
        // Memory that is shared with our parent (vfork) is not ours to change; without the kernel's help nobody can tell
        // such a child from a copy, so its notes go under its own number as those of a copy.
        for (size_t i = 0; i < sizeof trace_self->said / sizeof *trace_self->said; i++) trace_self->said[i] = 0;
    }
    trace_self->id = now;
    has_loaded = false;
    struct trace_note *note = trace_say(TRACE_FORK, 0, "", NULL);
    if (note) note->value = (uint64_t)trace_call(SYS_getppid, 0, 0, 0, 0, 0, 0);
    trace_end(note, false);
}

// MARK: - Loaded objects

static const char *dynamic_text(const struct dl_phdr_info *object, const ElfW(Dyn) * entry) {
    uintptr_t address = entry->d_un.d_ptr;
    // The loader has relocated the section, unless it may not be written.
    return (const char *)(address < object->dlpi_addr ? address + object->dlpi_addr : address);
}

/// Where the object has its libraries looked for: DT_RUNPATH or DT_RPATH.
static const char *search_path(const struct dl_phdr_info *object) {
    const char *strings = NULL;
    size_t offset = 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
        const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
        for (; entry->d_tag != DT_NULL; entry++) {
            if (entry->d_tag == DT_STRTAB) strings = dynamic_text(object, entry);
            if (entry->d_tag == DT_RUNPATH || (entry->d_tag == DT_RPATH && !offset)) offset = entry->d_un.d_val;
        }
    }
    return strings && offset ? strings + offset : NULL;
}

/// True for code of Go's, which calls the kernel by itself: its notes "Go" hold a build's identity.
static bool is_go(const struct dl_phdr_info *object) {
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_NOTE) continue;
        const char *next = (const char *)(object->dlpi_addr + part->p_vaddr);
        size_t rest = part->p_memsz;
        while (rest >= sizeof(ElfW(Nhdr))) {
            const ElfW(Nhdr) *head = (const ElfW(Nhdr) *)next;
            size_t name = ((size_t)head->n_namesz + 3) & ~(size_t)3, text = ((size_t)head->n_descsz + 3) & ~(size_t)3;
            if (name > rest || text > rest || sizeof *head + name + text > rest) break;
            const char *owner = next + sizeof *head;
            if (head->n_namesz == 4 && owner[0] == 'G' && owner[1] == 'o' && owner[2] == 0) return true;
            next += sizeof *head + name + text;
            rest -= sizeof *head + name + text;
        }
    }
    return false;
}

struct listing {
    unsigned long long loads, removals, count;
};

static int note_object(struct dl_phdr_info *object, size_t size, void *context) {
    struct listing *listing = context;
    (void)size;
    listing->loads = object->dlpi_adds;
    listing->removals = object->dlpi_subs;
    const char *name = object->dlpi_name;
    bool is_program = listing->count == 0;
    if (listing->count++ < listed_count && object->dlpi_subs == listed_removals) return 0;
    // The kernel's own object is no file.
    if (!is_program && (!name || !*name || trace_begins(name, "linux-vdso") || trace_begins(name, "linux-gate"))) return 0;
    const char *path = is_program ? "" : name;
    unsigned flags = is_go(object) ? TRACE_GO : 0;
    const char *search = search_path(object);
    if (is_program && !flags && !search) return 0;
    struct trace_note *note =
        *path ? trace_begin2(TRACE_OBJECT, flags, AT_FDCWD, path, AT_FDCWD, NULL) : trace_say(TRACE_OBJECT, flags, "", search);
    trace_end(note, false);
    if (*path && search) trace_end(trace_say(TRACE_OBJECT, flags, path, search), false);
    return 0;
}

static int count_loads(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    *(unsigned long long *)context = object->dlpi_adds;
    return 1;
}

void trace_list_objects(void) {
    if (!trace_is_on()) return;
    // A child of vfork has loaded nothing, and the list is its parent's.
    if (trace_self->id && trace_process() != trace_self->id) return;
    unsigned long long loads = 0;
    dl_iterate_phdr(count_loads, &loads);
    if (loads == listed_loads && !has_loaded) return;
    struct listing listing = {0};
    dl_iterate_phdr(note_object, &listing);
    listed_loads = listing.loads;
    listed_count = listing.count;
    listed_removals = listing.removals;
    has_loaded = false;
    trace_end(trace_say(TRACE_LISTED, 0, "", NULL), false);
}

void trace_has_loaded(void) { has_loaded = true; }

void trace_list_objects_if_loaded(void) {
    // Else the loader's lock is left alone: a copy of a process with threads may have it for ever.
    if (trace_is_on() && has_loaded) trace_list_objects();
}

__attribute__((constructor)) static void begin(void) {
    trace_prepare();
    trace_list_objects();
}

__attribute__((destructor)) static void finish(void) { trace_list_objects(); }
