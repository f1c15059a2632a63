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
