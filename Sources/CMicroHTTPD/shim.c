#include "CMicroHTTPD.h"
#include "certificates.h"

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

/* Forward secrecy and AEAD alone, as on the WebSocket side. */
static const char tls_priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"
    "-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE";

struct MHD_Daemon *hydrogen_http_start(
    const struct hydrogen_http_options *options, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, void *context, int *error) {
    struct sockaddr_storage storage;
    int family = parse_address(options, &storage);
    if (family < 0) {
        *error = HYDROGEN_HTTP_NO_ADDRESS;
        return NULL;
    }
    unsigned int flags =
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (unsigned int)family;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_END, 0, NULL}, {MHD_OPTION_END, 0, NULL}, {MHD_OPTION_END, 0, NULL}};
    if (options->certificate) {
        flags |= MHD_USE_TLS;
        tls[0] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)tls_priorities};
        tls[1] = (struct MHD_OptionItem){
            MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)hydrogen_certificates_retrieve};
    }
    hydrogen_certificates_lock();
    errno = 0;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, options->port, NULL, NULL, handler, context, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&storage,
        MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_CONNECTION_LIMIT, options->connection_limit,
        MHD_OPTION_CONNECTION_TIMEOUT, options->connection_timeout_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        options->connection_memory_bytes, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    *error = daemon == NULL ? errno : 0;
    const int is_set =
        !daemon || !options->certificate
        || hydrogen_certificates_set(daemon, options->certificate, options->key);
    hydrogen_certificates_unlock();
    if (is_set) return daemon;
    MHD_stop_daemon(daemon);
    *error = ENOMEM;
    return NULL;
}

static uint64_t eight_octets(const uint8_t *octets) {
    uint64_t value = 0;
    for (int index = 0; index < 8; index++) value = value << 8 | octets[index];
    return value;
}

void hydrogen_http_peer(struct MHD_Connection *connection, uint64_t *high, uint64_t *low, uint16_t *port) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL) return;
    if (info->client_addr->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)info->client_addr;
        *high = 0;
        *low = 0xffff00000000 | ntohl(four->sin_addr.s_addr);
        *port = ntohs(four->sin_port);
    } else if (info->client_addr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)info->client_addr;
        *high = eight_octets(six->sin6_addr.s6_addr);
        *low = eight_octets(six->sin6_addr.s6_addr + 8);
        *port = ntohs(six->sin6_port);
    }
}

uint16_t hydrogen_http_bound_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}
