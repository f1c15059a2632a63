/// What the launcher does without at start: half of the time that Swift's runtime takes before main.
///
/// In a static program two constructors of the runtime run first. One reads /proc/self/maps to find the arguments on
/// the stack, although the C library hands them to every constructor. The other looks in nine places for a program
/// that prints backtraces. A program that lives for a millisecond needs neither. The linker takes these definitions
/// instead of the archive's members, and so leaves those members out; a dynamic program is not changed in what it does.
/// (Swift 6.3: CommandLine.cpp, Backtrace.cpp. 17 system calls and about 0.05 ms of a start of 0.12.)

static int argument_count;
static char **arguments;

__attribute__((constructor)) static void keep_arguments(int argc, char **argv, char **envp) {
    (void)envp;
    argument_count = argc;
    arguments = argv;
}

char **_swift_stdlib_getUnsafeArgvArgc(int *count) {
    *count = argument_count;
    return arguments;
}

void _swift_stdlib_overrideUnsafeArgvArgc(char **argv, int argc) {
    argument_count = argc;
    arguments = argv;
}

_Bool _swift_backtrace_isThunkFunction(const char *mangled_name) {
    (void)mangled_name;
    return 0;
}

char *_swift_backtrace_demangle(const char *name, unsigned long length, char *buffer, unsigned long *buffer_length) {
    (void)name, (void)length, (void)buffer, (void)buffer_length;
    return 0;
}

/// Zero says off, for every setting.
char _swift_backtraceSettings[512];

void _swift_displayCrashMessage(int signal, const void *program_counter) { (void)signal, (void)program_counter; }
_Bool _swift_spawnBacktracer(const char **argv, unsigned long count) {
    (void)argv, (void)count;
    return 0;
}

#if defined(__x86_64__) && defined(__has_include) && __has_include(<sys/platform/x86.h>)
#include <stdint.h>
#include <sys/platform/x86.h>

/// What nettle asks the processor at start, taken from what the C library found out before: in a virtual machine each
/// question leaves it for some microseconds (0.012 ms of a start). Leaf 0, the maker's name, is left empty, which only
/// decides between two ways of combining blocks by XOR. (nettle 3.8: fat-x86_64.c, cpuid.asm.)
void _nettle_cpuid(uint32_t leaf, uint32_t registers[4]) {
    const struct cpuid_feature *found = 0;
    if (leaf == 1) found = __x86_get_cpuid_feature_leaf(CPUID_INDEX_1);
    if (leaf == 7) found = __x86_get_cpuid_feature_leaf(CPUID_INDEX_7);
    for (int i = 0; i < 4; i++) registers[i] = found ? found->cpuid_array[i] : 0;
}
#endif
