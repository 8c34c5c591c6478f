#pragma once
#include <microhttpd.h>
#include <stdbool.h>

/// `hydrogen_http_start` was given an address that is neither IPv4 nor IPv6.
#define HYDROGEN_HTTP_NO_ADDRESS (-1)

/// How a daemon listens.
struct hydrogen_http_options {
    /// An IPv4 or IPv6 address; `::` takes connections of both families.
    const char *address;
    /// 0: any free one.
    uint16_t port;
    /// Further connections wait until one has ended.
    unsigned int connection_limit;
    /// A connection on which nothing moves for so long is closed.
    unsigned int connection_timeout_seconds;
    /// Room for the head of a request, and what the daemon keeps per connection.
    size_t connection_memory_bytes;
    /// PEM texts of the certificate, followed by its chain, and of its key; NULL: no TLS.
    const char *certificate;
    const char *key;
};

/// From the next handshake on a daemon shows this; false: it goes on with what it had. From any thread.
bool hydrogen_http_replace_certificate(struct MHD_Daemon *daemon, const char *certificate, const char *key);
/// After a daemon was stopped.
void hydrogen_http_forget_certificate(struct MHD_Daemon *daemon);

/// Starts a daemon with a thread of its own that waits by epoll. On failure returns NULL and leaves an `errno`, or
/// `HYDROGEN_HTTP_NO_ADDRESS`, in `error`. (libmicrohttpd's own entry point is variadic, which Swift does not see.)
struct MHD_Daemon *hydrogen_http_start(
    const struct hydrogen_http_options *options, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, void *context, int *error);

/// The address of a connection's peer: IPv6, or IPv4 in its mapped form, in two words, most significant octet first.
void hydrogen_http_peer(struct MHD_Connection *connection, uint64_t *high, uint64_t *low, uint16_t *port);

/// The port that the daemon listens on, 0 if it cannot be told.
uint16_t hydrogen_http_bound_port(struct MHD_Daemon *daemon);
