/// Sockets between processes of one machine, which carry open files as well as bytes.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { most_descriptors = 4 };

/// Calls bind(2) or connect(2) for `path`. A path may be longer than an address has room for: then it is seen from its
/// directory, opened for that.
static int with_address(int socket, const char *path, int (*call)(int, const struct sockaddr *, socklen_t)) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length < sizeof address.sun_path) {
        memcpy(address.sun_path, path, length + 1);
        return call(socket, (struct sockaddr *)&address, sizeof address);
    }
    const char *slash = strrchr(path, '/');
    char directory[4096];
    if (!slash || (size_t)(slash - path) >= sizeof directory) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(directory, path, (size_t)(slash - path));
    directory[slash - path] = 0;
    int opened = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return -1;
    int written = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d%s", opened, slash);
    int result = -1;
    if (written < 0 || (size_t)written >= sizeof address.sun_path) errno = ENAMETOOLONG;
    else result = call(socket, (struct sockaddr *)&address, sizeof address);
    int saved = errno;
    close(opened);
    errno = saved;
    return result;
}

static int close_failed(int descriptor) {
    int saved = errno;
    close(descriptor);
    errno = saved;
    return -1;
}

int larder_listen_loopback(uint16_t port) {
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return -1;
    int on = 1;
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(made, (struct sockaddr *)&address, sizeof address) < 0 || listen(made, 64) < 0) return close_failed(made);
    return made;
}

int larder_listen(const char *path) {
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return -1;
    // The file gets the permissions of the socket; where a system does not heed that, its directory keeps others out.
    fchmod(made, 0600);
    if (with_address(made, path, bind) < 0 || listen(made, 4096) < 0) return close_failed(made);
    return made;
}

int larder_connect(const char *path) {
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return -1;
    if (with_address(made, path, connect) < 0) return close_failed(made);
    return made;
}

int larder_socket_pair(int *one, int *other) {
    int both[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, both) < 0) return -1;
    *one = both[0];
    *other = both[1];
    return 0;
}

int larder_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int larder_peer(int socket, uint32_t *user, int *process) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -1;
    *user = peer.uid;
    *process = peer.pid;
    return 0;
}

ptrdiff_t larder_send(int socket, const void *bytes, size_t length, const int *descriptors, int count) {
    struct iovec content = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &content, .msg_iovlen = 1};
    union {
        char bytes[CMSG_SPACE(sizeof(int) * most_descriptors)];
        struct cmsghdr aligned;
    } control;
    if (count > 0) {
        if (count > most_descriptors) count = most_descriptors;
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * (size_t)count);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ptrdiff_t larder_receive(int socket, void *bytes, size_t length, int *descriptors, int *count) {
    struct iovec content = {.iov_base = bytes, .iov_len = length};
    union {
        char bytes[CMSG_SPACE(sizeof(int) * most_descriptors)];
        struct cmsghdr aligned;
    } control;
    struct msghdr message = {
        .msg_iov = &content, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *count = 0;
    ptrdiff_t received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (received < 0) return received;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < here; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
            if (*count < most_descriptors) descriptors[(*count)++] = descriptor;
            else close(descriptor);
        }
    }
    return received;
}
