#define _GNU_SOURCE
#include "CLibwebsockets.h"
#include "library.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* lws keeps pointers into this for as long as the context lives. */
struct hydrogen_server {
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct lws_protocols protocols[3];
};

/* Nothing in it: lws neither pings nor hangs up by itself. */
static const lws_retry_bo_t no_pings;

/* More than one request's headers fit; beyond it lws hangs up. */
enum { header_data_size = 4096 };

static char *creation_message;
static size_t creation_message_size;

static void keep_message(int level, const char *line) {
    (void)level;
    if (creation_message_size > 1 && creation_message[0] == 0) {
        strncpy(creation_message, line, creation_message_size - 1);
        creation_message[strcspn(creation_message, "\n")] = 0;
    }
}

hydrogen_server *hydrogen_server_create(const hydrogen_server_settings *settings, char *message, size_t message_size) {
    hydrogen_server *server = calloc(1, sizeof *server);
    if (!server) return NULL;
    for (int index = 0; index < 2; index++) {
        server->protocols[index] = (struct lws_protocols){
            .name = settings->protocols[index],
            .callback = settings->protocols[index] ? settings->callback : NULL,
            /* lws tells that a close begins only to protocols that have per-session data. */
            .per_session_data_size = sizeof(uint64_t),
            .rx_buffer_size = settings->receive_buffer_size,
            .tx_packet_size = settings->send_size,
        };
    }
    struct lws_context_creation_info info;
    memset(&info, 0, sizeof info);
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.vhost_name = "hydrogen";
    info.server_string = "hydrogen";
    info.protocols = server->protocols;
    info.user = settings->user;
    info.pcontext = &server->context;
    info.gid = -1;
    info.uid = -1;
    info.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS
        | LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
    void *loops[1] = {settings->loop};
    info.foreign_loops = loops;
    info.retry_and_idle_policy = &no_pings;
    info.timeout_secs = settings->handshake_timeout_seconds;
    info.timeout_secs_ah_idle = settings->handshake_timeout_seconds;
    info.max_http_header_data2 = header_data_size;
    info.alpn = "http/1.1";
    if (settings->certificate_path) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = settings->certificate_path;
        info.ssl_private_key_filepath = settings->key_path;
        info.ssl_cipher_list = "ECDHE+AESGCM:ECDHE+CHACHA20";
        info.tls1_3_plus_cipher_list =
            "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
        info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
        if (settings->client_ca_path) {
            info.options |= LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
            info.ssl_ca_filepath = settings->client_ca_path;
        }
    }
    hydrogen_library_lock();
    if (settings->certificate_path) (void)hydrogen_first_tls_option();
    creation_message = message;
    creation_message_size = message_size;
    if (message_size) message[0] = 0;
    lws_set_log_level(LLL_ERR, keep_message);
    struct lws_context *context = lws_create_context(&info);
    creation_message_size = 0;
    hydrogen_library_unlock();
    server->vhost = context ? lws_get_vhost_by_name(context, "hydrogen") : NULL;
    if (!context || !server->vhost) {
        if (context) lws_context_destroy(context);
        free(server);
        return NULL;
    }
    server->context = context;
    return server;
}

struct lws_context *hydrogen_server_context(const hydrogen_server *server) { return server->context; }
void hydrogen_server_destroy(hydrogen_server *server) { lws_context_destroy(server->context); }
void hydrogen_server_free(hydrogen_server *server) { free(server); }

/* TLS begins while lws still adopts the socket, and may fail there. */
static _Thread_local bool is_adoption_refused;

/* lws's own report finds its context only on the loop whose context was made last. */
static void tls_advanced(const SSL *tls, int where, int result) {
    if (!(where & (SSL_CB_HANDSHAKE_DONE | SSL_CB_EXIT))) return;
    struct lws_ssl_info info = {.where = where, .ret = result};
    struct lws *wsi = SSL_get_app_data((SSL *)tls);
    if (wsi) lws_get_protocol(wsi)->callback(wsi, LWS_CALLBACK_SSL_INFO, NULL, &info, 0);
    else is_adoption_refused = hydrogen_tls_event_of(&info) == hydrogen_tls_refused;
}

void hydrogen_tls_watch(void *tls_context) { SSL_CTX_set_info_callback(tls_context, tls_advanced); }
bool hydrogen_adoption_refused(void) { return is_adoption_refused; }

struct lws *hydrogen_adopt(const hydrogen_server *server, int descriptor, uint64_t identity) {
    lws_adopt_desc_t adoption;
    memset(&adoption, 0, sizeof adoption);
    adoption.vh = server->vhost;
    adoption.type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL;
    adoption.fd.sockfd = descriptor;
    adoption.opaque = (void *)(uintptr_t)identity;
    is_adoption_refused = false;
    struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&adoption);
    SSL *tls = wsi ? lws_get_ssl(wsi) : NULL;
    if (tls) SSL_set_app_data(tls, wsi);
    return wsi;
}

uint64_t hydrogen_identity(const struct lws *wsi) { return (uint64_t)(uintptr_t)lws_get_opaque_user_data(wsi); }

int hydrogen_write(struct lws *wsi, const uint8_t *bytes, size_t count) {
    return lws_write(wsi, (unsigned char *)bytes, count, LWS_WRITE_RAW);
}

void hydrogen_kill(struct lws *wsi) {
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

void hydrogen_sever(struct lws *wsi) {
    shutdown(lws_get_socket_fd(wsi), SHUT_RDWR);
    lws_callback_on_writable(wsi);
}

void hydrogen_close_reason(struct lws *wsi, uint16_t code, const char *reason, size_t count) {
    lws_close_reason(wsi, (enum lws_close_status)code, (unsigned char *)reason, count);
}

uint16_t hydrogen_prepared_close_code(struct lws *wsi) {
    if (lws_get_close_length(wsi) < 2) return 0;
    const unsigned char *payload = lws_get_close_payload(wsi);
    return (uint16_t)(payload[0] << 8 | payload[1]);
}

int hydrogen_peek(struct lws *wsi, uint8_t *bytes, int count) {
    SSL *tls = lws_get_ssl(wsi);
    if (tls) {
        const int peeked = SSL_peek(tls, bytes, count);
        if (peeked > 0) return peeked;
        const int fault = SSL_get_error(tls, peeked);
        ERR_clear_error(); /* lws reads again, and must not find our error */
        return fault == SSL_ERROR_WANT_READ || fault == SSL_ERROR_WANT_WRITE ? 0 : -1;
    }
    const ssize_t peeked = recv(lws_get_socket_fd(wsi), bytes, (size_t)count, MSG_PEEK | MSG_DONTWAIT);
    if (peeked > 0) return (int)peeked;
    return peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? 0 : -1;
}

void hydrogen_hold(struct lws *wsi, bool is_held) {
    const int value = is_held;
    setsockopt(lws_get_socket_fd(wsi), IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

/*
 * lws takes the first offered sub-protocol that it knows, gives up at a name of more than 63 bytes, and has no call to
 * choose otherwise. The header lies in memory that the request's target, which lws does show, begins. We look for
 * the header's text behind it, and put the chosen name in its place, filled up with an unknown name or blanks.
 */
static void replace_fragment(char *from, size_t room, const char *text, size_t count, const char *name) {
    const size_t needed = strlen(name);
    char *place = memmem(from, room, text, count);
    while (place && place[count] != 0) {
        const size_t done = (size_t)(place + 1 - from);
        place = memmem(place + 1, room - done, text, count);
    }
    if (!place) return;
    memset(place, ' ', count);
    if (count >= needed) memcpy(place, name, needed);
    else place[0] = 'x';
}

void hydrogen_select_subprotocol(struct lws *wsi, const char *name) {
    char text[256];
    char *target = NULL;
    int target_length = 0;
    if (lws_http_get_uri_and_method(wsi, &target, &target_length) < 0 || !target) return;
    for (int index = 0;; index++) {
        const int count = lws_hdr_copy_fragment(wsi, text, sizeof text, WSI_TOKEN_PROTOCOL, index);
        if (count <= 0) return;
        if ((size_t)count == strlen(name) && memcmp(text, name, (size_t)count) == 0) continue;
        replace_fragment(target, header_data_size - 64, text, (size_t)count, name);
    }
}

hydrogen_tls_event hydrogen_tls_event_of(const void *info) {
    const struct lws_ssl_info *event = info;
    if (event->where & SSL_CB_HANDSHAKE_DONE) return hydrogen_tls_agreed;
    if ((event->where & SSL_CB_EXIT) && event->ret <= 0) {
        const unsigned long fault = ERR_peek_error();
        /* A peer that left is not one that we could not agree with. */
        if (fault != 0 && ERR_GET_LIB(fault) == ERR_LIB_SSL && ERR_GET_REASON(fault) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return hydrogen_tls_refused;
    }
    return hydrogen_tls_other;
}
