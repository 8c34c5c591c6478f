#define _GNU_SOURCE
#include "CLibwebsockets.h"
#include "library.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct hydrogen_client {
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct lws_protocols protocols[2];
    SSL_CTX *tls;
};

/* Nothing in it: lws neither pings nor hangs up by itself. */
static const lws_retry_bo_t no_pings;

/* The core has time-outs of its own, which are shorter than this. */
enum { longest_wait_seconds = 3600 };

static SSL_CTX *make_tls(const char *authority_path, char *message, size_t message_size) {
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (!tls) return NULL;
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(tls, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    ERR_clear_error();
    const int is_loaded = authority_path ? SSL_CTX_load_verify_locations(tls, authority_path, NULL)
                                         : SSL_CTX_set_default_verify_paths(tls);
    if (is_loaded) return tls;
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    snprintf(message, message_size, "%s: %s", authority_path ? authority_path : "the system's authorities",
        reason ? reason : "cannot be read");
    ERR_clear_error();
    SSL_CTX_free(tls);
    return NULL;
}

static void make_context(hydrogen_client *client, const hydrogen_client_settings *settings) {
    struct lws_context_creation_info info;
    memset(&info, 0, sizeof info);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.vhost_name = "hydrogen-client";
    info.protocols = client->protocols;
    info.user = settings->user;
    info.pcontext = &client->context;
    info.gid = -1;
    info.uid = -1;
    void *loops[1] = {settings->loop};
    info.foreign_loops = loops;
    info.retry_and_idle_policy = &no_pings;
    info.timeout_secs = longest_wait_seconds;
    info.connect_timeout_secs = longest_wait_seconds;
    info.alpn = "http/1.1";
    /* Otherwise lws would send everything to what the environment's http_proxy names. */
    info.http_proxy_address = "";
    info.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    if (settings->is_secure) info.options |= hydrogen_first_tls_option();
    client->context = lws_create_context(&info);
    if (!client->context) return;
    info.options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    if (client->tls) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.provided_client_ssl_ctx = client->tls;
    }
    client->vhost = lws_create_vhost(client->context, &info);
}

hydrogen_client *hydrogen_client_create(const hydrogen_client_settings *settings, char *message, size_t message_size) {
    hydrogen_client *client = calloc(1, sizeof *client);
    if (!client) return NULL;
    snprintf(message, message_size, "libwebsockets made no context");
    client->protocols[0] = (struct lws_protocols){
        .name = "hydrogen-protocol",
        .callback = settings->callback,
        .per_session_data_size = sizeof(uint64_t),
        .rx_buffer_size = settings->receive_buffer_size,
    };
    if (settings->is_secure) {
        client->tls = make_tls(settings->authority_path, message, message_size);
        if (!client->tls) {
            free(client);
            return NULL;
        }
    }
    hydrogen_library_lock();
    make_context(client, settings);
    hydrogen_library_unlock();
    if (client->context) return client;
    hydrogen_client_free(client);
    return NULL;
}

bool hydrogen_client_is_ready(const hydrogen_client *client) { return client->vhost != NULL; }

struct lws_context *hydrogen_client_context(const hydrogen_client *client) { return client->context; }
void hydrogen_client_destroy(hydrogen_client *client) { lws_context_destroy(client->context); }

void hydrogen_client_free(hydrogen_client *client) {
    if (client && client->tls) SSL_CTX_free(client->tls);
    free(client);
}

struct lws *hydrogen_client_connect(
    const hydrogen_client *client, const char *host, uint16_t port, const char *authority, const char *target,
    const char *protocols, uint64_t identity) {
    struct lws_client_connect_info info;
    memset(&info, 0, sizeof info);
    info.context = client->context;
    info.vhost = client->vhost;
    info.address = host;
    info.port = port;
    info.host = authority;
    info.path = target;
    info.protocol = protocols;
    info.local_protocol_name = client->protocols[0].name;
    info.ietf_version_or_minus_one = -1;
    info.opaque_user_data = (void *)(uintptr_t)identity;
    info.alpn = "http/1.1";
    /* A redirection would hand the key to somebody else. */
    info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (client->tls ? LCCSCF_USE_SSL : 0);
    return lws_client_connect_via_info(&info);
}

bool hydrogen_client_append_header(void *input, size_t room, const char *line, size_t count) {
    char **place = input;
    if (count > room) return false;
    memcpy(*place, line, count);
    *place += count;
    return true;
}

void hydrogen_client_read_body(struct lws *wsi) {
    char *place = NULL;
    int count = 0;
    /* The connection is closed in any case. */
    if (lws_http_client_read(wsi, &place, &count)) return;
}

size_t hydrogen_client_headroom(void) { return LWS_PRE; }

int hydrogen_client_write_text(struct lws *wsi, uint8_t *bytes, size_t count) {
    return lws_write(wsi, bytes, count, LWS_WRITE_TEXT);
}

int hydrogen_client_write_ping(struct lws *wsi, uint8_t *bytes, size_t count) {
    return lws_write(wsi, bytes, count, LWS_WRITE_PING);
}

void hydrogen_client_abort(struct lws *wsi) {
    const lws_sockfd_type descriptor = lws_get_socket_fd(wsi);
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (descriptor != LWS_SOCK_INVALID) setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (lws_partial_buffered(wsi)) hydrogen_sever(wsi); /* lws would wait for these bytes to leave */
    else lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

const char *hydrogen_client_certificate_fault(void *store_context, const char *address) {
    X509_STORE_CTX *store = store_context;
    const int fault = X509_STORE_CTX_get_error(store);
    if (fault == X509_V_OK) return NULL;
    const bool is_name = fault == X509_V_ERR_HOSTNAME_MISMATCH || fault == X509_V_ERR_IP_ADDRESS_MISMATCH;
    if (is_name && strchr(address, ':')) {
        X509 *certificate = X509_STORE_CTX_get_current_cert(store);
        if (certificate && X509_check_ip_asc(certificate, address, 0) == 1) {
            X509_STORE_CTX_set_error(store, X509_V_OK);
            return NULL;
        }
    }
    return X509_verify_cert_error_string(fault);
}
