/// Finds the next function of a name, as dlsym(RTLD_NEXT) would: but that takes a lock of the loader's, is no part of libc
/// before glibc 2.34, and may not be called by a program that has not begun yet.
#include "Trace.h"
#include "Next.h"

#include <link.h>

void *trace_next[NEXT_COUNT];

static const char *const names[NEXT_COUNT] = {
#define X(name) #name,
    TRACE_FUNCTIONS(X)
#undef X
};

/// The tables in which an object has its symbols.
struct tables {
    uintptr_t base;
    const ElfW(Sym) * symbols;
    const char *strings;
    const uint32_t *gnu;
    const uint32_t *old;
    const uint16_t *versions;
};

static uint32_t gnu_hash(const char *name) {
    uint32_t hash = 5381;
    while (*name) hash = hash * 33 + (uint8_t)*name++;
    return hash;
}

static void *address(uintptr_t base, uintptr_t value) {
    // The loader has relocated the section, unless it may not be written.
    return (void *)(value < base ? value + base : value);
}

static bool read_tables(const struct dl_phdr_info *object, struct tables *tables) {
    *tables = (struct tables){.base = object->dlpi_addr};
    for (int i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
        const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
        for (; entry->d_tag != DT_NULL; entry++) {
            void *table = address(object->dlpi_addr, entry->d_un.d_ptr);
            switch (entry->d_tag) {
            case DT_SYMTAB: tables->symbols = table; break;
            case DT_STRTAB: tables->strings = table; break;
            case DT_GNU_HASH: tables->gnu = table; break;
            case DT_HASH: tables->old = table; break;
            case DT_VERSYM: tables->versions = table; break;
            }
        }
    }
    return tables->symbols && tables->strings && (tables->gnu || tables->old);
}

/// The function, if this symbol is one of that name in the version that new programs get.
static void *function(const struct tables *tables, uint32_t index, const char *name) {
    const ElfW(Sym) *symbol = &tables->symbols[index];
    int type = symbol->st_info & 15;
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_info >> 4 == STB_LOCAL) return NULL;
    if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE) return NULL;
    if (tables->versions && tables->versions[index] & 0x8000) return NULL;
    if (!trace_equal(tables->strings + symbol->st_name, name)) return NULL;
    void *found = (void *)(tables->base + symbol->st_value);
    if (type != STT_GNU_IFUNC) return found;
    // On x86-64 such a function's choice needs no argument; elsewhere it is not one of ours.
#if defined __x86_64__
    return ((void *(*)(void))found)();
#else
    return NULL;
#endif
}

static void *find(const struct tables *tables, const char *name) {
    if (!tables->gnu) {
        for (uint32_t index = 0; index < tables->old[1]; index++) {
            void *found = function(tables, index, name);
            if (found) return found;
        }
        return NULL;
    }
    uint32_t hash = gnu_hash(name);
    uint32_t bucket_count = tables->gnu[0], offset = tables->gnu[1], bloom_size = tables->gnu[2], shift = tables->gnu[3];
    const ElfW(Addr) *bloom = (const ElfW(Addr) *)(tables->gnu + 4);
    const uint32_t *buckets = (const uint32_t *)(bloom + bloom_size), *chains = buckets + bucket_count;
    if (!bucket_count || !bloom_size) return NULL;
    const unsigned bits = 8 * sizeof(ElfW(Addr));
    ElfW(Addr) word = bloom[hash / bits % bloom_size];
    if (!(word >> hash % bits & word >> (hash >> shift) % bits & 1)) return NULL;
    uint32_t index = buckets[hash % bucket_count];
    if (index < offset) return NULL;
    for (;; index++) {
        uint32_t chained = chains[index - offset];
        if ((chained | 1) == (hash | 1)) {
            void *found = function(tables, index, name);
            if (found) return found;
        }
        if (chained & 1) return NULL;
    }
}

static bool holds(const struct dl_phdr_info *object, uintptr_t place) {
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && place - object->dlpi_addr - part->p_vaddr < part->p_memsz) return true;
    }
    return false;
}

static int look_in(struct dl_phdr_info *object, size_t size, void *context) {
    bool *is_behind_us = context;
    (void)size;
    if (!*is_behind_us) {
        *is_behind_us = holds(object, (uintptr_t)&trace_next);
        return 0;
    }
    struct tables tables;
    // What the kernel maps into each process has functions of the same names, but no program calls them by name.
    if (object->dlpi_name && trace_begins(object->dlpi_name, "linux-")) return 0;
    if (!read_tables(object, &tables)) return 0;
    for (int i = 0; i < NEXT_COUNT; i++)
        if (!trace_next[i]) trace_next[i] = find(&tables, names[i]);
    return 0;
}

bool trace_find_next(void) {
    bool is_behind_us = false;
    dl_iterate_phdr(look_in, &is_behind_us);
    return trace_next[NEXT_open] && trace_next[NEXT_execve] && trace_next[NEXT_getenv];
}
