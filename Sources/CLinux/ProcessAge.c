/// How long this process has been at work.
#include "CLinux.h"

#include <time.h>

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t beginning;

void larder_process_begins(void) { beginning = now(); }

int64_t larder_process_age(void) { return beginning == 0 ? 0 : now() - beginning; }
