/// Which programs the library may be loaded into.
///
/// The loader of another word size complains on standard error, that of another C library ends the program, and the
/// sanitizers' libraries refuse to come second. Such a program runs without us, which is noticed: it never says hello.
#include "Trace.h"

#include <elf.h>
#include <limits.h>
#include <link.h>
#include <sys/syscall.h>

static long read_at(int file, void *room, size_t size, uint64_t offset) {
    return trace_call(SYS_pread64, file, (long)room, (long)size, (long)offset, 0, 0);
}

static bool contains(const char *text, const char *part) {
    for (; *text; text++)
        if (trace_begins(text, part)) return true;
    return false;
}

static bool is_sanitizer(const char *library) {
    static const char *const names[] = {"libasan.", "libtsan.", "liblsan.", "libhwasan.", "libclang_rt."};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (trace_begins(library, names[i])) return true;
    return false;
}

/// Where in the file lies what is at `address` in memory.
static uint64_t place(const ElfW(Phdr) * parts, unsigned count, uint64_t address) {
    for (unsigned i = 0; i < count; i++) {
        const ElfW(Phdr) *part = &parts[i];
        if (part->p_type == PT_LOAD && address - part->p_vaddr < part->p_filesz)
            return address - part->p_vaddr + part->p_offset;
    }
    return 0;
}

/// Whether one of the libraries that the program asks for wants to be the first one.
static bool wants_to_be_first(int file, const ElfW(Phdr) * parts, unsigned count, const ElfW(Phdr) * dynamic) {
    ElfW(Dyn) entries[64];
    uint64_t strings = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint64_t done = 0; done < dynamic->p_filesz; done += sizeof entries) {
            uint64_t rest = dynamic->p_filesz - done;
            size_t size = rest < sizeof entries ? (size_t)rest : sizeof entries;
            long got = read_at(file, entries, size, dynamic->p_offset + done);
            if (got < (long)sizeof *entries) break;
            for (size_t i = 0; i < (size_t)got / sizeof *entries && entries[i].d_tag != DT_NULL; i++) {
                if (pass == 0 && entries[i].d_tag == DT_STRTAB) strings = place(parts, count, entries[i].d_un.d_ptr);
                if (pass == 1 && entries[i].d_tag == DT_NEEDED) {
                    char name[16] = "";
                    read_at(file, name, sizeof name - 1, strings + entries[i].d_un.d_val);
                    if (is_sanitizer(name)) return true;
                }
            }
        }
        if (!strings) return false;
    }
    return false;
}

static bool is_ours(int file, const ElfW(Ehdr) * head) {
#if defined __x86_64__
    const int machine = EM_X86_64;
#else
    const int machine = EM_AARCH64;
#endif
    if (head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_machine != machine) return false;
    ElfW(Phdr) parts[32];
    if (head->e_phentsize != sizeof *parts || head->e_phnum > sizeof parts / sizeof *parts) return false;
    long size = (long)(head->e_phnum * sizeof *parts);
    if (read_at(file, parts, (size_t)size, head->e_phoff) != size) return false;
    bool has_loader = false;
    for (unsigned i = 0; i < head->e_phnum; i++) {
        if (parts[i].p_type == PT_INTERP) {
            char loader[PATH_MAX];
            long length = read_at(file, loader, sizeof loader - 1, parts[i].p_offset);
            if (length <= 0) return false;
            loader[length] = 0;
            // glibc's, wherever it lies; of musl's the name is ld-musl-….
            has_loader = contains(loader, "/ld-linux");
        }
    }
    if (!has_loader) return false;
    for (unsigned i = 0; i < head->e_phnum; i++)
        if (parts[i].p_type == PT_DYNAMIC && wants_to_be_first(file, parts, head->e_phnum, &parts[i])) return false;
    return true;
}

/// The interpreter that the first line of a script names; false where it names none.
static bool interpreter(char *line, size_t length, char *path) {
    size_t next = 2, end = 0;
    while (next < length && (line[next] == ' ' || line[next] == '\t')) next++;
    while (next < length && line[next] != ' ' && line[next] != '\t' && line[next] != '\n' && line[next])
        path[end++] = line[next++];
    path[end] = 0;
    return end > 0;
}

bool trace_can_load_into(const char *path) {
    char script[256];
    // As deep as the kernel goes.
    for (int depth = 0; depth < 6; depth++) {
        union {
            ElfW(Ehdr) head;
            char line[256];
        } start = {0};
        long file = trace_call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0, 0, 0);
        // A program that may be run but not read is not looked into.
        if (file < 0) return false;
        long length = read_at((int)file, &start, sizeof start, 0);
        bool is_program = length >= (long)sizeof start.head && start.head.e_ident[0] == 0x7F && start.line[1] == 'E' &&
                          start.line[2] == 'L' && start.line[3] == 'F';
        bool loads = is_program && is_ours((int)file, &start.head);
        trace_call(SYS_close, file, 0, 0, 0, 0, 0);
        if (is_program || length < 2) return loads;
        // The kernel takes no other file for a program; a shell, which then reads it, is asked about by itself.
        if (start.line[0] != '#' || start.line[1] != '!') return true;
        if (!interpreter(start.line, (size_t)length, script)) return false;
        path = script;
    }
    return false;
}
