/// Standard input that was read before the program that it is meant for runs; and files that somebody still writes.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int larder_memory_file(void) { return memfd_create("larder", MFD_CLOEXEC); }

static int pump(int from, int to) {
    char buffer[1 << 14];
    ssize_t count;
    while ((count = read(from, buffer, sizeof buffer)) != 0) {
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        for (ssize_t done = 0; done < count;) {
            ssize_t written = write(to, buffer + done, (size_t)(count - done));
            if (written < 0 && errno != EINTR) return -1;
            if (written > 0) done += written;
        }
    }
    return 0;
}

int larder_feed_input(int prefix) {
    int ends[2];
    if (lseek(prefix, 0, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC)) return -1;
    pid_t child = fork();
    if (child == 0) {
        // Once more, so that the program gets no child that it did not start.
        if (fork() != 0) _exit(0);
        signal(SIGPIPE, SIG_DFL);
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
        close(ends[0]);
        if (pump(prefix, ends[1]) == 0) pump(STDIN_FILENO, ends[1]);
        _exit(0);
    }
    int saved = errno;
    close(ends[1]);
    if (child > 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        if (dup2(ends[0], STDIN_FILENO) < 0) saved = errno, child = -1;
    }
    close(ends[0]);
    errno = saved;
    return child > 0 ? 0 : -1;
}

int larder_same_open_file(int first, int second) {
    struct stat one, other;
    if (fstat(first, &one) || fstat(second, &other) || one.st_dev != other.st_dev || one.st_ino != other.st_ino) return 0;
    // Two pipes' ends or terminals are one stream however they were opened; of a file each opening has its own position.
    if (!S_ISREG(one.st_mode)) return 1;
#ifdef SYS_kcmp
    return syscall(SYS_kcmp, getpid(), getpid(), 0 /* KCMP_FILE */, first, second) == 0;
#else
    return 0;
#endif
}

int larder_lease_for_reading(int fd) {
    // The default, SIGIO, would end us.
    return fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
}

int larder_is_leased(int fd) { return fcntl(fd, F_GETLEASE) == F_RDLCK; }

void larder_end_lease(int fd) { fcntl(fd, F_SETLEASE, F_UNLCK); }

int larder_is_being_written(int fd) {
    // A lease for reading is given only while nobody has the file open for writing (fcntl(2)). Whoever opens it in the
    // moment until the lease is given back waits for that moment, and the kernel tells us by a signal.
    struct sigaction before, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGIO, &ignore, &before);
    int result = fcntl(fd, F_SETLEASE, F_RDLCK) == 0 ? 0 : errno == EAGAIN ? 1 : -1;
    if (result == 0) fcntl(fd, F_SETLEASE, F_UNLCK);
    sigaction(SIGIO, &before, NULL);
    return result;
}
