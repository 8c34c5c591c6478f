#pragma once
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>

/* What libwebsockets offers by macros, variadic functions or long structures, in a form that Swift can call. */

/* One server context on a loop that is ours. */
typedef struct hydrogen_server hydrogen_server;

typedef struct hydrogen_server_settings {
    void *loop;                     /* struct ev_loop * */
    lws_callback_function *callback;
    void *user;                     /* lws_context_user() */
    const char *protocols[2];       /* names of the sub-protocols; the second may be NULL */
    size_t receive_buffer_size;
    size_t send_size;               /* the longest single send */
    unsigned int handshake_timeout_seconds;
    const char *certificate_path;   /* NULL: no TLS */
    const char *key_path;
    const char *client_ca_path;     /* NULL: no client certificates */
} hydrogen_server_settings;

/* NULL when lws refused; then `message` says why. To be called on the main thread, before any connection. */
hydrogen_server *hydrogen_server_create(const hydrogen_server_settings *settings, char *message, size_t message_size);
/* NULL once it is destroyed. */
struct lws_context *hydrogen_server_context(const hydrogen_server *server);
/* Starts the end; the context is gone when `hydrogen_server_context` is NULL. The loop has to run until then. */
void hydrogen_server_destroy(hydrogen_server *server);
void hydrogen_server_free(hydrogen_server *server);

/* Hands an accepted socket to lws, which closes it in every case. NULL when it could not take it. */
struct lws *hydrogen_adopt(const hydrogen_server *server, int descriptor, uint64_t identity);
/* Whether TLS failed on this thread while `hydrogen_adopt` last ran. */
bool hydrogen_adoption_refused(void);
/* What was given to `hydrogen_adopt` or `hydrogen_client_connect`; 0 for what lws made for itself. */
uint64_t hydrogen_identity(const struct lws *wsi);
/* Sends bytes untouched; below 0 on failure. */
int hydrogen_write(struct lws *wsi, const uint8_t *bytes, size_t count);
/* Ends a connection at once, with a reset. lws calls back from inside. */
void hydrogen_kill(struct lws *wsi);
/* Ends the socket under a connection that lws keeps for its unsent bytes: the next send fails. */
void hydrogen_sever(struct lws *wsi);
void hydrogen_close_reason(struct lws *wsi, uint16_t code, const char *reason, size_t count);
/* The code of the close frame that lws has prepared; 0 if none. Only for established connections. */
uint16_t hydrogen_prepared_close_code(struct lws *wsi);
/* The first bytes that wait on a connection, without taking them: their count, 0 for none yet, -1 at the end. */
int hydrogen_peek(struct lws *wsi, uint8_t *bytes, int count);
/* Holds back what is written to a connection, or lets it go: what was held leaves in one packet. */
void hydrogen_hold(struct lws *wsi, bool is_held);
/* The Upgrade header's memory holds the request's only copy: makes lws select `name`, whatever was offered first. */
void hydrogen_select_subprotocol(struct lws *wsi, const char *name);

typedef enum hydrogen_tls_event {
    hydrogen_tls_other, hydrogen_tls_agreed, hydrogen_tls_refused
} hydrogen_tls_event;
/* What an LWS_CALLBACK_SSL_INFO says; raised only after `hydrogen_tls_watch`. */
hydrogen_tls_event hydrogen_tls_event_of(const void *info);
/* Makes the connections of an SSL_CTX raise LWS_CALLBACK_SSL_INFO. */
void hydrogen_tls_watch(void *tls_context);

/* The subject of a client's certificate that was verified, in the form of RFC 4514; 0 if there is none, or no room. */
size_t hydrogen_peer_subject(struct lws *wsi, char *buffer, size_t size);

/* Makes an SSL_CTX use other files from the next handshake on. False: it keeps what it had. */
bool hydrogen_certificates_replace(void *tls_context, const char *certificate_path, const char *key_path);

/* A non-blocking listening socket that shares its port, or -errno. `port` 0 takes a free one; `bound` is told. */
int hydrogen_listen(const char *address, uint16_t port, int backlog, uint16_t *bound);
/* 0 if nobody listens there, or -errno: a shared port would let a second server in unnoticed. */
int hydrogen_port_check(const char *address, uint16_t port);
/* An accepted socket, or -errno. The address as sixteen octets, IPv4 in its mapped form. */
int hydrogen_accept(int listener, uint8_t address[16], uint16_t *port);

/* A client's context on a loop that is ours: one connection at a time. */
typedef struct hydrogen_client hydrogen_client;

typedef struct hydrogen_client_settings {
    void *loop;                     /* struct ev_loop * */
    lws_callback_function *callback;
    void *user;                     /* lws_context_user() */
    size_t receive_buffer_size;
    bool is_secure;
    const char *authority_path;     /* PEM file of the authorities to trust; NULL: the system's */
} hydrogen_client_settings;

/* NULL when it could not be made; then `message` says why. From any thread. */
hydrogen_client *hydrogen_client_create(const hydrogen_client_settings *settings, char *message, size_t message_size);
/* False when it can only be destroyed. */
bool hydrogen_client_is_ready(const hydrogen_client *client);
/* NULL once it is destroyed. */
struct lws_context *hydrogen_client_context(const hydrogen_client *client);
/* Starts the end; the context is gone when `hydrogen_client_context` is NULL. The loop has to run until then. */
void hydrogen_client_destroy(hydrogen_client *client);
void hydrogen_client_free(hydrogen_client *client);

/* Begins to connect. Looks up the host, which may take its time. NULL when that failed; lws may have called back. */
struct lws *hydrogen_client_connect(
    const hydrogen_client *client, const char *host, uint16_t port, const char *authority, const char *target,
    const char *protocols, uint64_t identity);
/* In LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: adds a line. False when there is no room. */
bool hydrogen_client_append_header(void *input, size_t room, const char *line, size_t count);
/*
 * In LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP: hands what has arrived of the answer's body to
 * LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ. LWS_CALLBACK_COMPLETED_CLIENT_HTTP must return -1, or lws would go on to the
 * next request while it is about to close.
 */
void hydrogen_client_read_body(struct lws *wsi);
/* Sends a whole message; `bytes` has LWS_PRE bytes to spare in front, and is masked in place. Below 0 on failure. */
int hydrogen_client_write_text(struct lws *wsi, uint8_t *bytes, size_t count);
/* Sends a ping with this payload, likewise. */
int hydrogen_client_write_ping(struct lws *wsi, uint8_t *bytes, size_t count);
/* The bytes that a buffer needs in front of a message. */
size_t hydrogen_client_headroom(void);
/* Ends a connection at once, in whatever state it is. Not inside of a callback of its own. */
void hydrogen_client_abort(struct lws *wsi);
/* In LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION: why the certificate was not accepted, NULL if it was.
 * lws cannot compare IPv6 addresses; where `address` is one, it is compared here. */
const char *hydrogen_client_certificate_fault(void *store_context, const char *address);
