/// Waiting for another process without asking again and again.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

int larder_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void larder_event_set(int event) {
    const uint64_t one = 1;
    // Else it can only fail because the counter is full, and then it is readable.
    while (write(event, &one, sizeof one) < 0 && errno == EINTR) {}
}

int larder_watch(const char *directory) {
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch < 0) return -1;
    if (inotify_add_watch(watch, directory, IN_DELETE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) < 0) {
        int saved = errno;
        close(watch);
        errno = saved;
        return -1;
    }
    return watch;
}

/// Reads what has happened so far; whether any of it is about a name that begins with `prefix`.
static int concerns(int watch, const char *prefix) {
    _Alignas(struct inotify_event) char buffer[4096];
    size_t length = strlen(prefix);
    int found = 0;
    ssize_t count;
    while ((count = read(watch, buffer, sizeof buffer)) > 0) {
        for (char *next = buffer; next + sizeof(struct inotify_event) <= buffer + count;) {
            struct inotify_event *event = (struct inotify_event *)next;
            // After an overflow or the end of the directory itself we know nothing: look.
            if (!event->len || strncmp(event->name, prefix, length) == 0) found = 1;
            next += sizeof *event + event->len;
        }
    }
    return found;
}

int larder_watch_wait(int watch, int event, int64_t nanoseconds, const char *prefix) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t start = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec, elapsed = 0;
    while (1) {
        int64_t rest = nanoseconds - elapsed;
        if (rest < 0) rest = 0;
        struct timespec pause = {.tv_sec = rest / 1000000000, .tv_nsec = rest % 1000000000};
        struct pollfd watched[2] = {{.fd = watch, .events = POLLIN}, {.fd = event, .events = POLLIN}};
        int ready = ppoll(watched, 2, &pause, NULL);
        if (ready > 0) {
            if (watched[1].revents) return 2;
            if (watched[0].revents && concerns(watch, prefix)) return 1;
        } else if (ready == 0) {
            return 0;
        } else if (errno == EINTR && larder_interruption()) {
            return 2;
        } else if (errno != EINTR) {
            nanosleep(&pause, NULL);
            return 0;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        elapsed = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - start;
    }
}

int larder_rename_exclusively(const char *from, const char *to) {
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int larder_start_thread(void *(*body)(void *), void *context) {
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&thread, &attributes, body, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failure;
}
