/// The two variables by which we are loaded: hidden from the program, which may print or count its environment, and put
/// back into the environment of every program that it starts, also where it clears that.
#include "Trace.h"
#include "Next.h"

#include <limits.h>

static char library[PATH_MAX];
static char log_path[PATH_MAX];
const char *trace_log_path;

static const char log_name[] = "LARDER_TRACE=";
static const char preload_name[] = "LD_PRELOAD=";
static const char file_name[] = "/liblarder-trace.so";

static const char *last_element(const char *list) {
    const char *last = list;
    for (const char *next = list; *next; next++)
        if (*next == ':' || *next == ' ') last = next + 1;
    return last;
}

static bool is_ours(const char *element) {
    size_t length = trace_length(element), end = sizeof file_name - 1;
    return length >= end && length < sizeof library && trace_equal(element + length - end, file_name);
}

static bool keep(char *room, size_t size, const char *text) {
    size_t length = trace_length(text);
    if (length >= size) return false;
    trace_copy(room, text, length + 1);
    return true;
}

void trace_take_variables(char **environment) {
    if (!environment) return;
    char **to = environment;
    for (char **from = environment; *from; from++) {
        char *entry = *from;
        if (trace_begins(entry, log_name)) {
            if (keep(log_path, sizeof log_path, entry + sizeof log_name - 1)) trace_log_path = log_path;
            continue;
        }
        if (trace_begins(entry, preload_name)) {
            char *list = entry + sizeof preload_name - 1;
            char *last = (char *)last_element(list);
            if (is_ours(last) && keep(library, sizeof library, last)) {
                if (last == list) continue;
                last[-1] = 0;
            }
        }
        *to++ = entry;
    }
    // Whoever looks for what the kernel has put behind the environment still finds it after the same number of entries.
    while (*to) *to++ = NULL;
    if (!library[0]) trace_log_path = NULL;
}

size_t trace_variables_room(char *const environment[], size_t *bytes) {
    size_t count = 0;
    *bytes = sizeof log_name + trace_length(log_path) + sizeof preload_name + trace_length(library) + 2;
    if (environment)
        for (; environment[count]; count++)
            if (trace_begins(environment[count], preload_name)) *bytes += trace_length(environment[count]);
    return count + 3;
}

static char *join(char *to, const char *one, const char *other) {
    size_t length = trace_length(one);
    trace_copy(to, one, length);
    trace_copy(to + length, other, trace_length(other) + 1);
    return to;
}

char **trace_with_variables(char *const environment[], bool wanted, char **room, char *bytes) {
    size_t count = 0;
    bool has_preload = false;
    for (size_t i = 0; environment && environment[i]; i++) {
        char *entry = environment[i];
        if (trace_begins(entry, log_name)) continue;
        if (trace_begins(entry, preload_name)) {
            // Somebody may have taken the list from elsewhere, with us in it.
            bool is_there = is_ours(last_element(entry + sizeof preload_name - 1));
            if (wanted && !is_there && !has_preload) {
                const char *separator = entry[sizeof preload_name - 1] ? ":" : "";
                char *start = bytes;
                join(bytes, entry, separator);
                join(bytes + trace_length(bytes), library, "");
                bytes += trace_length(bytes) + 1;
                entry = start;
                has_preload = true;
            } else if (is_there) {
                has_preload = true;
            }
        }
        room[count++] = entry;
    }
    if (wanted) {
        if (!has_preload) {
            room[count++] = join(bytes, preload_name, library);
            bytes += trace_length(bytes) + 1;
        }
        room[count++] = join(bytes, log_name, log_path);
    }
    room[count] = NULL;
    return room;
}

EXPORT char *getenv(const char *name) {
    trace_say_once(TRACE_VARIABLE, name);
    return NEXT(getenv, char *(*)(const char *))(name);
}

static char *secure(void *next, const char *name) {
    trace_say_once(TRACE_VARIABLE, name);
    return next ? ((char *(*)(const char *))next)(name) : NULL;
}

EXPORT char *secure_getenv(const char *name) {
    trace_prepare();
    return secure(trace_next[trace_next[NEXT_secure_getenv] ? NEXT_secure_getenv : NEXT___secure_getenv], name);
}

EXPORT char *__secure_getenv(const char *name) {
    trace_prepare();
    return secure(trace_next[trace_next[NEXT___secure_getenv] ? NEXT___secure_getenv : NEXT_secure_getenv], name);
}
