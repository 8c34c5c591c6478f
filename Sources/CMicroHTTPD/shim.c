#include "CMicroHTTPD.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/// Fills in `storage`; returns the daemon's flags for the family, or -1.
static int parse_address(const struct hydrogen_http_options *options, struct sockaddr_storage *storage) {
    struct sockaddr_in *four = (struct sockaddr_in *)storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
    memset(storage, 0, sizeof *storage);
    if (inet_pton(AF_INET, options->address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(options->port);
        return 0;
    }
    if (inet_pton(AF_INET6, options->address, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(options->port);
        return IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr) ? MHD_USE_DUAL_STACK : MHD_USE_IPv6;
    }
    return -1;
}

struct MHD_Daemon *hydrogen_http_start(
    const struct hydrogen_http_options *options, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, void *context, int *error) {
    struct sockaddr_storage storage;
    int family = parse_address(options, &storage);
    if (family < 0) {
        *error = HYDROGEN_HTTP_NO_ADDRESS;
        return NULL;
    }
    errno = 0;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | (unsigned int)family, options->port, NULL, NULL, handler,
        context, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&storage, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
        MHD_OPTION_CONNECTION_LIMIT, options->connection_limit, MHD_OPTION_CONNECTION_TIMEOUT,
        options->connection_timeout_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory_bytes,
        MHD_OPTION_END);
    *error = daemon == NULL ? errno : 0;
    return daemon;
}

uint16_t hydrogen_http_bound_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}
