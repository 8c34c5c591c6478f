#define _GNU_SOURCE
#include "CLibwebsockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int parse(const char *text, uint16_t port, struct sockaddr_storage *address, socklen_t *length) {
    memset(address, 0, sizeof *address);
    struct sockaddr_in *four = (struct sockaddr_in *)address;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        *length = sizeof *four;
        return 0;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
    if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        *length = sizeof *six;
        return 0;
    }
    return -EINVAL;
}

int hydrogen_listen(const char *text, uint16_t port, int backlog, uint16_t *bound) {
    struct sockaddr_storage address;
    socklen_t length;
    int fault = parse(text, port, &address, &length);
    if (fault) return fault;

    int descriptor = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    const int on = 1;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0
        || setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0
        /* What is accepted inherits it: a system call less for each connection. */
        || setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0
        || (address.ss_family == AF_INET6
            && setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)
        || bind(descriptor, (struct sockaddr *)&address, length) < 0 || listen(descriptor, backlog) < 0
        || (length = sizeof address, getsockname(descriptor, (struct sockaddr *)&address, &length)) < 0) {
        fault = -errno;
        close(descriptor);
        return fault;
    }
    *bound = ntohs(
        address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                      : ((struct sockaddr_in *)&address)->sin_port);
    return descriptor;
}

int hydrogen_port_check(const char *text, uint16_t port) {
    struct sockaddr_storage address;
    socklen_t length;
    int fault = parse(text, port, &address, &length);
    if (fault) return fault;

    int descriptor = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    const int on = 1;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0
        || (address.ss_family == AF_INET6
            && setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)
        || bind(descriptor, (struct sockaddr *)&address, length) < 0) {
        fault = -errno;
    }
    close(descriptor);
    return fault;
}

int hydrogen_accept(int listener, uint8_t octets[16], uint16_t *port) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int descriptor = accept4(listener, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return -errno;
    memset(octets, 0, 16);
    *port = 0;
    if (address.ss_family == AF_INET) {
        const struct sockaddr_in *four = (struct sockaddr_in *)&address;
        octets[10] = octets[11] = 0xff;
        memcpy(octets + 12, &four->sin_addr, 4);
        *port = ntohs(four->sin_port);
    } else if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
        memcpy(octets, &six->sin6_addr, 16);
        *port = ntohs(six->sin6_port);
    }
    return descriptor;
}
