/* SPDX-License-Identifier: MIT */
/* What a connection reads and writes. */
#include "sip/transport-private.h"

#include <openssl/err.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { TLS_RECORD = 16384, IOVECS = 64 };

/* ---- Writing ---- */

static bool is_final_response(GBytes *bytes)
{
    static const char start[] = "SIP/2.0 ";
    size_t n;
    const char *text = g_bytes_get_data(bytes, &n);

    return n > sizeof start && memcmp(text, start, sizeof start - 1) == 0 &&
           text[sizeof start - 1] >= '2';
}

bool stox_connection_queue(StoxConnection *connection, GBytes *bytes, uint64_t token)
{
    size_t n = g_bytes_get_size(bytes);
    StoxChunk *chunk;

    if (connection->queued + n > connection->transport->settings->sip_queue_max_bytes ||
        !stox_connection_takes(connection))
        return false;
    if (connection->unanswered > 0 && is_final_response(bytes))
        connection->unanswered--;
    if (!connection->out.length)
        connection->progress_ms = stox_transport_now();
    chunk = g_new0(StoxChunk, 1);
    chunk->bytes = g_bytes_ref(bytes);
    chunk->token = token;
    g_queue_push_tail(&connection->out, chunk);
    connection->queued += n;
    connection->transport->queued_bytes += n;
    stox_transport_mark_dirty(connection->transport, connection);
    return true;
}

static void written(StoxConnection *connection, size_t n)
{
    connection->queued -= n;
    connection->transport->queued_bytes -= n;
    connection->last_out_ms = connection->progress_ms = stox_transport_now();
    while (n > 0) {
        StoxChunk *chunk = connection->out.head->data;
        size_t left = g_bytes_get_size(chunk->bytes) - chunk->offset;
        size_t part = MIN(left, n);

        chunk->offset += part;
        n -= part;
        if (part == left)
            stox_chunk_free(g_queue_pop_head(&connection->out));
    }
    connection->pong_queued = connection->pong_queued && connection->out.length > 0;
}

/* Returns bytes the kernel took; 0: later; -1: failed. */
static ssize_t write_plain(StoxConnection *connection)
{
    struct iovec vectors[IOVECS];
    struct msghdr header = {.msg_iov = vectors};
    ssize_t n;

    for (GList *l = connection->out.head; l && header.msg_iovlen < IOVECS; l = l->next) {
        StoxChunk *chunk = l->data;
        size_t size;
        const char *data = g_bytes_get_data(chunk->bytes, &size);

        vectors[header.msg_iovlen].iov_base = (void *) (data + chunk->offset);
        vectors[header.msg_iovlen++].iov_len = size - chunk->offset;
    }
    n = sendmsg(connection->fd, &header, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    return n;
}

/* Joins what is queued into one record. The same bytes come first at each retry, as OpenSSL demands. */
static ssize_t write_tls(StoxConnection *connection)
{
    char record[TLS_RECORD];
    size_t used = 0;
    int result, error;

    for (GList *l = connection->out.head; l && used < sizeof record; l = l->next) {
        StoxChunk *chunk = l->data;
        size_t size;
        const char *data = g_bytes_get_data(chunk->bytes, &size);
        size_t part = MIN(size - chunk->offset, sizeof record - used);

        memcpy(record + used, data + chunk->offset, part);
        used += part;
    }
    ERR_clear_error();
    result = SSL_write(connection->ssl, record, (int) used);
    connection->tls_retry = connection->write_on_read = false;
    if (result > 0)
        return result;
    error = SSL_get_error(connection->ssl, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        return -1;
    connection->tls_retry = true;
    connection->write_on_read = error == SSL_ERROR_WANT_READ;
    return 0;
}

void stox_connection_write(StoxConnection *connection)
{
    if (connection->dead || connection->state < STOX_CONNECTION_OPEN)
        return;
    while (connection->out.length) {
        ssize_t n = connection->ssl ? write_tls(connection) : write_plain(connection);

        if (n < 0) {
            stox_connection_fail(connection, "the connection broke while writing");
            return;
        }
        if (n == 0)
            break;
        written(connection, (size_t) n);
    }
    /* Closing at once would reset the connection, and with it what the peer has not read yet: wait for its end. */
    if (connection->state == STOX_CONNECTION_DRAINING && !connection->out.length)
        stox_connection_goodbye(connection);
    if (connection->state == STOX_CONNECTION_HALF && !connection->out.length &&
        connection->unanswered == 0) {
        stox_connection_fail(connection, "the peer closed the connection");
        return;
    }
    stox_connection_update(connection);
}

/* ---- Reading ---- */

/* A frame that cannot be read: its sender is told when there is a request to answer, then the connection ends. */
static void answer_broken(StoxConnection *connection, const char *bytes, size_t n, const char *why)
{
    unsigned status = stox_frame_status(connection->frame);
    g_autoptr(StoxSipMessage) message =
        bytes ? stox_sip_message_parse_head(bytes, n, status, why) : NULL;

    stox_transport_warn(connection->transport, "SIP connection %s %s closed: %s",
                        connection->outbound ? "to" : "from", connection->peer, why);
    if (message && stox_sip_view(message)->method != STOX_SIP_ACK &&
        stox_sip_view(message)->method != STOX_SIP_BENOTIFY) {
        g_autoptr(StoxSipBuilder) builder =
            stox_sip_builder_response(message, status, NULL, "stoxd-framing");
        g_auto(StoxSipResult) result = {0};
        g_autoptr(GBytes) answer = NULL;

        stox_sip_result_init(&result, status,
                             status == 513 ? STOX_DIAG_TOO_LARGE : STOX_DIAG_MALFORMED);
        if (status == 513 && strstr(why, "message-max-bytes"))
            result.bytes = connection->transport->settings->message_max_bytes;
        stox_sip_builder_result(builder, &result, connection->transport->settings->fqdn);
        answer = stox_sip_builder_finish(builder, NULL);
        stox_connection_queue(connection, answer, 0);
    }
    stox_connection_drain(connection, why);
}

static void take_message(StoxConnection *connection, const char *bytes, size_t n)
{
    const char *why = NULL;
    g_autoptr(StoxSipMessage) message = stox_sip_message_parse(bytes, n, &why);

    if (!message) {
        answer_broken(connection, NULL, 0, why);
        return;
    }
    if (stox_sip_view(message)->request && stox_sip_view(message)->method != STOX_SIP_ACK &&
        stox_sip_view(message)->method != STOX_SIP_BENOTIFY)
        connection->unanswered++;
    connection->got_message = true;
    connection->last_message_ms = connection->last_in_ms;
    connection->partial_since_ms = 0;
    connection->transport->funcs.message(connection->transport->user, connection->id,
                                         connection->hop, true, message);
}

/* One pong for all pings that came together, and none while one still waits: a flood of pings must cost neither memory nor system calls. */
static void answer_ping(StoxConnection *connection)
{
    g_autoptr(GBytes) pong = NULL;

    if (connection->pong_queued)
        return;
    pong = g_bytes_new_static("\r\n", 2);
    connection->pong_queued = stox_connection_queue(connection, pong, 0);
}

static void take_frames(StoxConnection *connection)
{
    const char *bytes, *why = NULL;
    size_t n;

    while (!connection->dead && connection->state == STOX_CONNECTION_OPEN) {
        switch (stox_frame_next(connection->frame, &bytes, &n, &why)) {
        case STOX_FRAME_MORE:
            return;
        case STOX_FRAME_PING:
            answer_ping(connection);
            break;
        case STOX_FRAME_PONG:
            connection->ponged = connection->ponged || connection->ping_sent_ms;
            connection->ping_sent_ms = 0;
            break;
        case STOX_FRAME_MESSAGE:
            take_message(connection, bytes, n);
            break;
        case STOX_FRAME_BROKEN:
            answer_broken(connection, bytes, n, why);
            return;
        }
    }
}

enum { READ_LATER = 0, READ_END = -1, READ_BROKEN = -2 };

static ssize_t read_plain(StoxConnection *connection, char *buffer, size_t size)
{
    ssize_t n = recv(connection->fd, buffer, size, 0);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? READ_LATER : READ_BROKEN;
    return n > 0 ? n : READ_END;
}

/* An alert that ends the connection comes here as well, a refusal of our certificate in TLS 1.3 among them: then *ret_why. */
static ssize_t read_tls(StoxConnection *connection, char *buffer, size_t size, char **ret_why)
{
    int n, error;

    ERR_clear_error();
    n = SSL_read(connection->ssl, buffer, (int) size);
    connection->read_on_write = false;
    if (n > 0)
        return n;
    error = SSL_get_error(connection->ssl, n);
    connection->read_on_write = error == SSL_ERROR_WANT_WRITE;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return READ_LATER;
    if (error == SSL_ERROR_ZERO_RETURN)
        return READ_END;
    if (error == SSL_ERROR_SSL)
        *ret_why = stox_tls_explain(connection->ssl);
    ERR_clear_error();
    return READ_BROKEN;
}

/* Bytes read, 0 for none now, -1 when the connection has been dealt with. */
static ssize_t read_some(StoxConnection *connection)
{
    StoxTransport *transport = connection->transport;
    char *buffer = transport->read_buffer;
    g_autofree char *why = NULL;
    ssize_t n = connection->ssl ? read_tls(connection, buffer, sizeof transport->read_buffer, &why)
                                : read_plain(connection, buffer, sizeof transport->read_buffer);

    if (n >= 0)
        return n;
    /* A server refuses a certificate after our handshake (TLS 1.3), and what we have sent meanwhile may cost us its alert. */
    if (!why && connection->ssl && connection->outbound && !connection->got_message &&
        connection->state == STOX_CONNECTION_OPEN)
        why = g_strdup("it ended the connection before it had said anything; it may not accept our "
                       "certificate: see its log");
    if (why)
        stox_connection_refuse(connection, "broke", why);
    else if (n == READ_END)
        stox_connection_peer_ended(connection, "the peer closed the connection");
    else
        stox_connection_fail(connection, "the connection broke");
    return -1;
}

void stox_connection_read(StoxConnection *connection)
{
    StoxTransport *transport = connection->transport;
    size_t total = 0;

    while (!connection->dead && total < sizeof transport->read_buffer &&
           (connection->state == STOX_CONNECTION_OPEN ||
            connection->state == STOX_CONNECTION_DRAINING)) {
        ssize_t n = read_some(connection);

        if (n < 0)
            return;
        if (n == 0)
            break;
        total += (size_t) n;
        connection->last_in_ms = stox_transport_now();
        if (connection->state == STOX_CONNECTION_DRAINING)
            continue;
        if (!connection->frame)
            connection->frame = stox_frame_new(transport->settings->message_max_bytes);
        stox_frame_append(connection->frame, transport->read_buffer, (size_t) n);
        take_frames(connection);
        if (!stox_frame_is_partial(connection->frame))
            connection->partial_since_ms = 0;
        else if (!connection->partial_since_ms)
            connection->partial_since_ms = connection->last_in_ms;
        if (!connection->ssl)
            break;
    }
    /* A write that waited for the peer's bytes can go on now. */
    if (!connection->dead && connection->write_on_read && total > 0)
        stox_connection_write(connection);
}
