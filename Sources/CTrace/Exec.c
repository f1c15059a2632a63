/// Programs that are started: each is noted before it happens, so that one that never says hello is missed.
#include "Trace.h"
#include "Next.h"

#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The environment for a program, with our variables or without, on the caller's stack.
#define ENVIRONMENT(name, given, wanted)                                                                               \
    size_t name##_size;                                                                                                \
    size_t name##_count = trace_variables_room(given, &name##_size);                                                   \
    char *name##_room[name##_count];                                                                                   \
    char name##_bytes[name##_size];                                                                                    \
    char **name = trace_with_variables(given, wanted, name##_room, name##_bytes)

static struct trace_note *note_program(int call, const char *path) {
    struct trace_note *note = trace_begin(call, 0, AT_FDCWD, path);
    // A child of vfork has its parent's memory, with the parent's number in it.
    if (note) note->process = (uint32_t)trace_process();
    return note;
}

static int run(const char *path, char *const words[], char *const environment[]) {
    trace_list_objects_if_loaded();
    if (!trace_is_on()) return NEXT(execve, int (*)(const char *, char *const[], char *const[]))(path, words, environment);
    struct trace_note *note = note_program(TRACE_EXEC, path);
    ENVIRONMENT(changed, environment, note && trace_can_load_into(path));
    int result = NEXT(execve, int (*)(const char *, char *const[], char *const[]))(path, words, changed);
    trace_end(note, true);
    return result;
}

EXPORT int execve(const char *path, char *const words[], char *const environment[]) {
    return run(path, words, environment);
}

EXPORT int execv(const char *path, char *const words[]) { return run(path, words, environ); }

EXPORT int fexecve(int file, char *const words[], char *const environment[]) {
    trace_list_objects_if_loaded();
    struct trace_note *note = trace_begin_descriptor(TRACE_EXEC, 0, file);
    if (note) note->process = (uint32_t)trace_process();
    char path[32];
    bool loads = false;
    if (note && note->first < PATH_MAX) {
        char name[PATH_MAX];
        trace_copy(name, note->text, note->first);
        name[note->first] = 0;
        loads = trace_can_load_into(name);
    }
    (void)path;
    ENVIRONMENT(changed, environment, loads);
    int result = NEXT(fexecve, int (*)(int, char *const[], char *const[]))(file, words, note ? changed : environment);
    trace_end(note, true);
    return result;
}

EXPORT int execveat(int directory, const char *path, char *const words[], char *const environment[], int flags) {
    trace_end(trace_say(TRACE_UNFOLLOWED, 0, "execveat", NULL), false);
    return trace_next[NEXT_execveat]
               ? NEXT(execveat, int (*)(int, const char *, char *const[], char *const[], int))(
                     directory, path, words, environment, flags)
               : (int)trace_missing();
}

// MARK: - The search in PATH, which libc does inside

/// A text without an interpreter's name is for the shell.
static void run_by_shell(const char *path, char *const words[], char *const environment[]) {
    size_t count = 0;
    while (words[count]) count++;
    const char *changed[count + 3];
    changed[0] = "/bin/sh";
    changed[1] = path;
    for (size_t i = 1; i < count; i++) changed[i + 1] = words[i];
    changed[count > 0 ? count + 1 : 2] = NULL;
    run("/bin/sh", (char *const *)changed, environment);
}

static const char *search_list(void) {
    const char *list = NEXT(getenv, char *(*)(const char *))("PATH");
    return list ? list : "/bin:/usr/bin";
}

/// Puts the next candidate into `path`; the rest of the list, or NULL where there is no other.
static const char *candidate(const char *list, const char *name, size_t length, char *path, bool *fits) {
    size_t end = 0;
    while (list[end] && list[end] != ':') end++;
    *fits = end + length + 2 <= PATH_MAX;
    if (*fits) {
        trace_copy(path, list, end);
        if (end) path[end] = '/';
        trace_copy(path + end + (end != 0), name, length + 1);
    }
    return list[end] ? list + end + 1 : NULL;
}

static NOINLINE int search_and_run(const char *name, char *const words[], char *const environment[]) {
    char path[PATH_MAX];
    bool is_refused = false, fits;
    size_t length = trace_length(name);
    if (length > NAME_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (const char *list = search_list(); list;) {
        list = candidate(list, name, length, path, &fits);
        if (!fits) continue;
        run(path, words, environment);
        if (errno == ENOEXEC) run_by_shell(path, words, environment);
        switch (errno) {
        case EACCES: is_refused = true; break;
        case ENOENT:
        case ESTALE:
        case ENOTDIR:
        case ENODEV:
        case ETIMEDOUT: break;
        default: return -1;
        }
    }
    if (is_refused) errno = EACCES;
    return -1;
}

EXPORT int execvpe(const char *name, char *const words[], char *const environment[]) {
    trace_prepare();
    if (!*name) {
        errno = ENOENT;
        return -1;
    }
    for (const char *next = name; *next; next++) {
        if (*next != '/') continue;
        run(name, words, environment);
        if (errno == ENOEXEC) run_by_shell(name, words, environment);
        return -1;
    }
    return search_and_run(name, words, environment);
}

EXPORT int execvp(const char *name, char *const words[]) { return execvpe(name, words, environ); }

// The words of these are arguments of their own.
#define GATHER(first, call)                                                                                            \
    va_list list;                                                                                                      \
    size_t count = 1;                                                                                                  \
    va_start(list, first);                                                                                             \
    while (va_arg(list, char *)) count++;                                                                              \
    va_end(list);                                                                                                      \
    char *words[count + 1];                                                                                            \
    va_start(list, first);                                                                                             \
    words[0] = (char *)first;                                                                                          \
    for (size_t i = 1; i <= count; i++) words[i] = va_arg(list, char *);                                               \
    call;                                                                                                              \
    va_end(list)

EXPORT int execl(const char *path, const char *first, ...) {
    int result;
    if (!first) return execv(path, (char *const[]){NULL});
    GATHER(first, result = execv(path, words));
    return result;
}

EXPORT int execlp(const char *name, const char *first, ...) {
    int result;
    if (!first) return execvp(name, (char *const[]){NULL});
    GATHER(first, result = execvp(name, words));
    return result;
}

EXPORT int execle(const char *path, const char *first, ...) {
    int result;
    // The environment comes behind the last word.
    GATHER(first, result = execve(path, words, va_arg(list, char **)));
    return result;
}

// MARK: - Children

typedef int spawn_function(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                           char *const[], char *const[]);

static int spawn(void *next, pid_t *child, const char *name, const char *path, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const words[], char *const environment[]) {
    if (!trace_is_on()) return ((spawn_function *)next)(child, name, actions, attributes, words, environment);
    pid_t own = 0;
    struct trace_note *note = note_program(TRACE_SPAWN, path);
    ENVIRONMENT(changed, environment, note && trace_can_load_into(path));
    int failure = ((spawn_function *)next)(child ? child : &own, name, actions, attributes, words, changed);
    if (note) {
        note->value = failure ? 0 : (uint64_t)(child ? *child : own);
        trace_end(note, false);
        note->error = failure;
    }
    return failure;
}

EXPORT int posix_spawn(pid_t *restrict child, const char *restrict path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *restrict attributes, char *const words[restrict],
                       char *const environment[restrict]) {
    trace_prepare();
    return spawn(trace_next[NEXT_posix_spawn], child, path, path, actions, attributes, words, environment);
}

EXPORT int posix_spawnp(pid_t *restrict child, const char *restrict name, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *restrict attributes, char *const words[restrict],
                        char *const environment[restrict]) {
    char path[PATH_MAX];
    bool has_slash = false, fits;
    trace_prepare();
    for (const char *next = name; *next; next++) has_slash |= *next == '/';
    const char *found = name;
    for (const char *list = has_slash || !*name ? NULL : search_list(); list;) {
        list = candidate(list, name, trace_length(name), path, &fits);
        if (!fits) continue;
        struct trace_note *note = trace_begin(TRACE_ACCESS, 0, AT_FDCWD, path);
        long failure = trace_call(SYS_faccessat, AT_FDCWD, (long)path, X_OK, 0, 0, 0);
        trace_end(note, false);
        if (note) note->error = (int)-failure;
        if (failure) continue;
        found = path;
        break;
    }
    return spawn(trace_next[NEXT_posix_spawnp], child, name, found, actions, attributes, words, environment);
}

// Where the child goes before it starts its program nobody sees.
EXPORT int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path) {
    trace_end(trace_begin(TRACE_CHDIR, 0, AT_FDCWD, path), false);
    return trace_next[NEXT_posix_spawn_file_actions_addchdir_np]
               ? NEXT(posix_spawn_file_actions_addchdir_np, int (*)(posix_spawn_file_actions_t *, const char *))(actions, path)
               : ENOSYS;
}

// The shell is started inside libc, with the environment as it is.
EXPORT int system(const char *command) {
    trace_prepare();
    if (!command || !trace_is_on()) return NEXT(system, int (*)(const char *))(command);
    trace_list_objects_if_loaded();
    struct trace_note *note = note_program(TRACE_SPAWN, "/bin/sh");
    ENVIRONMENT(changed, environ, note && trace_can_load_into("/bin/sh"));
    char **own = environ;
    environ = changed;
    int result = NEXT(system, int (*)(const char *))(command);
    if (environ == changed) environ = own;
    trace_end(note, false);
    return result;
}

EXPORT FILE *popen(const char *command, const char *mode) {
    trace_prepare();
    if (!trace_is_on()) return NEXT(popen, FILE * (*)(const char *, const char *))(command, mode);
    struct trace_note *note = note_program(TRACE_SPAWN, "/bin/sh");
    ENVIRONMENT(changed, environ, note && trace_can_load_into("/bin/sh"));
    char **own = environ;
    environ = changed;
    FILE *stream = NEXT(popen, FILE * (*)(const char *, const char *))(command, mode);
    if (environ == changed) environ = own;
    trace_end(note, !stream);
    return stream;
}

// MARK: - Ends that run no destructor

#define ENDS(name)                                                                                                     \
    EXPORT _Noreturn void name(int status) {                                                                           \
        trace_prepare();                                                                                               \
        trace_list_objects_if_loaded();                                                                                \
        NEXT(name, void (*)(int))(status);                                                                             \
        __builtin_unreachable();                                                                                       \
    }
ENDS(_exit)
ENDS(_Exit)

// MARK: - Objects

// These go on to libc's own with a jump (sibling call), so that it sees who has called: where it looks for an object depends
// on that.
static NOINLINE void note_load(const char *name) {
    trace_prepare();
    trace_list_objects_if_loaded();
    bool is_path = false;
    for (const char *next = name; next && *next; next++) is_path |= *next == '/';
    // A name with a slash is a path, which is relative to the working directory; any other is looked for.
    if (is_path)
        trace_end(trace_begin(TRACE_LOAD, 0, AT_FDCWD, name), false);
    else if (name)
        trace_end(trace_say(TRACE_LOAD, 0, name, NULL), false);
    trace_has_loaded();
}

EXPORT void *dlopen(const char *name, int flags) {
    note_load(name);
    return NEXT(dlopen, void *(*)(const char *, int))(name, flags);
}

EXPORT void *dlmopen(long space, const char *name, int flags) {
    trace_say_once(TRACE_UNFOLLOWED, "dlmopen");
    note_load(name);
    return NEXT(dlmopen, void *(*)(long, const char *, int))(space, name, flags);
}

EXPORT int dlclose(void *object) {
    trace_prepare();
    trace_list_objects_if_loaded();
    return NEXT(dlclose, int (*)(void *))(object);
}
