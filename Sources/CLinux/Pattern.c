// Regular expressions as `grep -E` reads them, which is more than regcomp(3) takes.

#define _GNU_SOURCE
#include "CLinux.h"

#include <regex.h>
#include <stdlib.h>

void *larder_pattern_new(const char *text, size_t length, int ignores_case, const char **defect) {
    struct re_pattern_buffer *pattern = calloc(1, sizeof *pattern);
    if (!pattern) {
        *defect = "Memory exhausted";
        return NULL;
    }
    pattern->fastmap = malloc(256);
    // A line feed stands between alternatives.
    re_set_syntax(RE_SYNTAX_EGREP | RE_HAT_LISTS_NOT_NEWLINE | (ignores_case ? RE_ICASE : 0));
    *defect = re_compile_pattern(text, length, pattern);
    if (!*defect) return pattern;
    larder_pattern_free(pattern);
    return NULL;
}

void larder_pattern_free(void *pattern) {
    regfree(pattern);
    free(pattern);
}

long larder_pattern_find(void *pattern, const char *text, int length) {
    return re_search(pattern, text, length, 0, length, NULL);
}
