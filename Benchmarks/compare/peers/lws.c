/*
 * The least that a server on libwebsockets can do: echo, or send each message to all other connections. No JSON, no
 * token, no metrics. On libev; frames are built here and corked: all that a connection is to get leaves in one
 * LWS_WRITE_RAW, either when lws says that it is writeable, as lws's documentation has it, or at the end of the loop's
 * pass, which spares the detour through epoll and is the fastest that we know. READ is how many bytes are taken from a
 * socket at a time: 4096 is quick, with 1024 an idle connection is small.
 *
 *   lws PORT echo|fanout writeable|pass READ [CERTIFICATE KEY]
 */
#include <ev.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct buffer {
    uint8_t *bytes;
    size_t count, capacity;
};

struct connection {
    struct lws *wsi;
    struct connection *next, **link;
    struct buffer inbound;  /* a message that is not whole yet */
    struct buffer outbound; /* frames of this pass, and what could not be sent */
    bool is_due;
};

static bool is_fanout, waits_for_writeable;
static struct connection *connections;
static struct connection *due[1 << 20];
static size_t due_count;
/* The frames that go to everybody at the end of this pass, and who sent them. */
static struct buffer broadcast;
static struct connection *publisher;

static void append(struct buffer *buffer, const void *bytes, size_t count) {
    if (buffer->count + count > buffer->capacity) {
        buffer->capacity = 2 * (buffer->count + count);
        buffer->bytes = realloc(buffer->bytes, buffer->capacity);
        if (!buffer->bytes) abort();
    }
    if (count) memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
}

static void append_frame(struct buffer *buffer, bool is_binary, const uint8_t *payload, size_t count) {
    uint8_t header[10] = {0x80 | (is_binary ? 2 : 1)};
    size_t length = 2;
    if (count < 126) {
        header[1] = (uint8_t)count;
    } else {
        const int digits = count <= 0xffff ? 2 : 8;
        header[1] = digits == 2 ? 126 : 127;
        for (int index = 0; index < digits; index++) header[2 + index] = (uint8_t)(count >> (8 * (digits - 1 - index)));
        length += (size_t)digits;
    }
    append(buffer, header, length);
    append(buffer, payload, count);
}

static void make_due(struct connection *connection) {
    if (connection->is_due) return;
    connection->is_due = true;
    due[due_count++] = connection;
}

static void message(struct connection *connection, bool is_binary, const uint8_t *bytes, size_t count) {
    if (is_fanout) {
        append_frame(&broadcast, is_binary, bytes, count);
        publisher = connection;
    } else {
        append_frame(&connection->outbound, is_binary, bytes, count);
        if (waits_for_writeable) lws_callback_on_writable(connection->wsi);
        else make_due(connection);
    }
}

/* Sends bytes now, or keeps them until the connection is writable. */
static void send_now(struct connection *connection, const uint8_t *bytes, size_t count) {
    if (!waits_for_writeable && !connection->outbound.count && !lws_partial_buffered(connection->wsi)) {
        lws_write(connection->wsi, (unsigned char *)bytes, count, LWS_WRITE_RAW);
    } else {
        append(&connection->outbound, bytes, count);
        lws_callback_on_writable(connection->wsi);
    }
}

static void flush(struct connection *connection) {
    if (!connection->outbound.count) return;
    if (lws_partial_buffered(connection->wsi)) {
        lws_callback_on_writable(connection->wsi);
        return;
    }
    lws_write(connection->wsi, connection->outbound.bytes, connection->outbound.count, LWS_WRITE_RAW);
    connection->outbound.count = 0;
}

static void end_of_pass(struct ev_loop *loop, ev_prepare *watcher, int events) {
    (void)loop; (void)watcher; (void)events;
    for (size_t index = 0; index < due_count; index++) {
        due[index]->is_due = false;
        flush(due[index]);
    }
    due_count = 0;
    if (!broadcast.count) return;
    for (struct connection *each = connections; each; each = each->next)
        if (each != publisher) send_now(each, broadcast.bytes, broadcast.count);
    broadcast.count = 0;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t count) {
    struct connection *connection = user;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        memset(connection, 0, sizeof *connection);
        connection->wsi = wsi;
        connection->next = connections;
        if (connections) connections->link = &connection->next;
        connection->link = &connections;
        connections = connection;
        break;
    case LWS_CALLBACK_CLOSED:
        if (!connection->wsi) break; /* it was never established */
        *connection->link = connection->next;
        if (connection->next) connection->next->link = connection->link;
        for (size_t index = 0; connection->is_due && index < due_count; index++)
            if (due[index] == connection) due[index] = due[--due_count], connection->is_due = false;
        if (publisher == connection) publisher = NULL;
        free(connection->inbound.bytes);
        free(connection->outbound.bytes);
        break;
    case LWS_CALLBACK_RECEIVE: {
        const bool is_last = lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi);
        if (is_last && !connection->inbound.count) {
            message(connection, lws_frame_is_binary(wsi), in, count);
            break;
        }
        append(&connection->inbound, in, count);
        if (!is_last) break;
        message(connection, lws_frame_is_binary(wsi), connection->inbound.bytes, connection->inbound.count);
        connection->inbound.count = 0;
        break;
    }
    case LWS_CALLBACK_SERVER_WRITEABLE:
        flush(connection);
        break;
    default:
        break;
    }
    return 0;
}

int main(int count, char **arguments) {
    if (count != 5 && count != 7) return 64;
    is_fanout = strcmp(arguments[2], "fanout") == 0;
    waits_for_writeable = strcmp(arguments[3], "writeable") == 0;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);

    struct ev_loop *loop = ev_loop_new(EVBACKEND_EPOLL);
    const struct lws_protocols protocols[] = {
        {"bench", callback, sizeof(struct connection), (size_t)atoi(arguments[4]), 0, NULL, 65552},
        {NULL, NULL, 0, 0, 0, NULL, 0}};
    static const lws_retry_bo_t no_pings;
    struct lws_context_creation_info info = {0};
    void *loops[1] = {loop};
    info.port = atoi(arguments[1]);
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    info.foreign_loops = loops;
    info.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    info.retry_and_idle_policy = &no_pings;
    info.gid = info.uid = -1;
    if (count == 7) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = arguments[5];
        info.ssl_private_key_filepath = arguments[6];
    }
    lws_set_log_level(LLL_ERR, NULL);
    struct lws_context *context = lws_create_context(&info);
    if (!context) return 1;
    ev_prepare watcher;
    ev_prepare_init(&watcher, end_of_pass);
    ev_prepare_start(loop, &watcher);
    ev_run(loop, 0);
    lws_context_destroy(context);
    return 0;
}
