/// What runs between the kernel and main, for the static programs: the C library's own steps in their order, without the
/// one in which it asks the processor some sixty times what it is.
///
/// It does so to choose among its string functions, and to know how large the caches are. Each question leaves a virtual
/// machine, and together they are 0.18 ms of the 0.45 that an empty static process takes there. A launcher has little use
/// for the answers: without them the C library takes the functions that every x86-64 processor runs, and what is summed or
/// hashed here is chosen in Processor.c. Where there is no virtual machine nothing is lost.
///
/// The functions below belong to the C library and to this version of it (glibc 2.36: csu/libc-start.c and
/// sysdeps/x86/cacheinfo.h); another one, and every dynamic program, starts as usual. Two things this start does not prepare
/// for, and nothing here does: `pthread_exit` in the first thread, and shared libraries that a static program loads, which
/// take over what the C library knows of the processor. See docs/decisions/0005.
#if defined(LARDER_OWN_START) && defined(__x86_64__)
#include <features.h>
#endif

#if defined(LARDER_OWN_START) && defined(__x86_64__) && defined(__GLIBC__) && __GLIBC__ == 2 && __GLIBC_MINOR__ == 36
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef void initializer(int, char **, char **);

extern char **__environ;
extern void *__libc_stack_end;
extern uintptr_t *_dl_random;
extern int __libc_enable_secure;
void _dl_aux_init(Elf64_auxv_t *);
void __tunables_init(char **);
void _dl_relocate_static_pie(void);
void __libc_setup_tls(void);
void __libc_early_init(_Bool);
void __libc_init_first(int, char **, char **);
void __libc_check_standard_fds(void);
void *_dl_debug_initialize(Elf64_Addr, long);
int __cxa_atexit(void (*)(void *), void *, void *);
void _init(void);
void _fini(void);
// From the linker.
extern const Elf64_Rela __rela_iplt_start[] __attribute__((weak)), __rela_iplt_end[] __attribute__((weak));
extern initializer *__preinit_array_start[], *__preinit_array_end[], *__init_array_start[], *__init_array_end[];
extern void (*__fini_array_start[])(void), (*__fini_array_end[])(void);

// Sizes in bytes that decide how memory is copied and filled: what the C library assumes of a processor that says nothing.
enum { first_cache = 32 << 10, shared_cache = 1 << 20 };
long __x86_data_cache_size = first_cache;
long __x86_data_cache_size_half = first_cache / 2;
long __x86_shared_cache_size = shared_cache;
long __x86_shared_cache_size_half = shared_cache / 2;
long __x86_shared_non_temporal_threshold = shared_cache / 4 * 3;
long __x86_rep_movsb_threshold = 2048;
long __x86_rep_movsb_stop_threshold = shared_cache / 4 * 3;
long __x86_rep_stosb_threshold = 2048;
int __x86_string_control;

static void run(initializer **next, initializer **end, int argc, char **argv) {
    for (; next < end; next++) (*next)(argc, argv, __environ);
}

static void finish(void *unused) {
    (void)unused;
    for (ptrdiff_t i = __fini_array_end - __fini_array_start; i-- > 0;) __fini_array_start[i]();
    _fini();
}

/// Until the thread's own memory is there nothing may be called that has a guard on the stack, nor what is chosen by the
/// relocations.
__attribute__((no_stack_protector)) int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
                                                          void (*init)(void), void (*fini)(void),
                                                          void (*loader_finish)(void *), void *stack_end) {
    (void)init, (void)fini;
    __environ = argv + argc + 1;
    __libc_stack_end = stack_end;
    char **end = __environ;
    while (*end) end++;
    _dl_aux_init((Elf64_auxv_t *)(end + 1));
    __tunables_init(__environ);
    _dl_relocate_static_pie();
    for (const Elf64_Rela *entry = __rela_iplt_start; entry < __rela_iplt_end; entry++) {
        if (ELF64_R_TYPE(entry->r_info) != R_X86_64_IRELATIVE) __builtin_trap();
        *(Elf64_Addr *)entry->r_offset = ((Elf64_Addr(*)(void))entry->r_addend)();
    }
    __libc_setup_tls();
    // The guard of the stack begins with a zero byte, so that no string runs over it; then that of saved pointers.
    __asm__ volatile("movq %0, %%fs:0x28" : : "r"(_dl_random[0] & ~(uintptr_t)0xff) : "memory");
    __asm__ volatile("movq %0, %%fs:0x30" : : "r"(_dl_random[1]) : "memory");
    if (loader_finish) __cxa_atexit(loader_finish, NULL, NULL);
    __libc_early_init(1);
    __libc_init_first(argc, argv, __environ);
    __cxa_atexit(finish, NULL, NULL);
    if (__libc_enable_secure) __libc_check_standard_fds();
    run(__preinit_array_start, __preinit_array_end, argc, argv);
    _init();
    run(__init_array_start, __init_array_end, argc, argv);
    _dl_debug_initialize(0, 0);
    exit(main(argc, argv, __environ));
}

int larder_has_own_start(void) { return 1; }
#else
int larder_has_own_start(void) { return 0; }
#endif
