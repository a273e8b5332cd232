/* SPDX-License-Identifier: MIT */
/*
 * One connection: CONNECTING (outbound TCP) -> HANDSHAKE (TLS) -> OPEN -> DRAINING -> gone. It is a GSource of its own: readable and writable
 * as needed, a ready time for the next of its timers. Any callback may end it; `dead` is looked at after each.
 */
#include "sip/transport-private.h"

#include <gio/gnetworking.h>
#include <openssl/err.h>

#include <string.h>
#include <unistd.h>

enum {
    FIRST_MESSAGE_MS = 60000, /* an inbound connection must say something by then (lync.md 4.2) */
    PONG_MS = 10000,          /* RFC 5626 s4.4.1 */
    DRAIN_MS = 2000,
    TLS_RECORD = 16384,
    IOVECS = 64
};

typedef struct {
    GSource source;
    StoxConnection *connection;
} ConnectionSource;

static void update_source(StoxConnection *connection);
static void read_some(StoxConnection *connection);
static void handshake(StoxConnection *connection);

static void chunk_free(StoxChunk *chunk)
{
    g_bytes_unref(chunk->bytes);
    g_free(chunk);
}

/* ---- Life ---- */

StoxConnection *stox_connection_new(StoxTransport *transport, int fd, bool outbound,
                                    GSocketAddress *peer)
{
    StoxConnection *connection = g_new0(StoxConnection, 1);
    GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(peer);
    int on = 1, user_timeout = 30000;

    connection->id = ++transport->next_id;
    connection->refs = 1;
    connection->transport = transport;
    connection->outbound = outbound;
    connection->fd = fd;
    connection->peer_ip = g_inet_address_to_string(g_inet_socket_address_get_address(inet));
    connection->peer = g_strdup_printf(strchr(connection->peer_ip, ':') ? "[%s]:%u" : "%s:%u",
                                       connection->peer_ip, g_inet_socket_address_get_port(inet));
    connection->opened_ms = connection->last_in_ms = connection->last_out_ms =
        connection->last_message_ms = stox_transport_now();
    connection->ping_interval_ms = g_random_int_range(95000, 120001); /* */
    g_queue_init(&connection->out);
    if (fd >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout, sizeof user_timeout);
    }
    g_hash_table_insert(transport->connections, &connection->id, connection);
    return connection;
}

void stox_connection_unref(StoxConnection *connection)
{
    if (--connection->refs > 0)
        return;
    g_queue_clear_full(&connection->out, (GDestroyNotify) chunk_free);
    stox_frame_free(connection->frame);
    stox_tls_free_connection(connection->ssl);
    g_strfreev(connection->names);
    g_free(connection->host);
    g_free(connection->peer);
    g_free(connection->peer_ip);
    g_free(connection);
}

/* close_notify and FIN, once. */
static void say_goodbye(StoxConnection *connection)
{
    if (connection->said_goodbye || connection->state < STOX_CONNECTION_OPEN || connection->fd < 0)
        return;
    connection->said_goodbye = true;
    if (connection->ssl)
        SSL_shutdown(connection->ssl);
    ERR_clear_error();
    shutdown(connection->fd, SHUT_WR);
}

void stox_connection_fail(StoxConnection *connection, const char *why)
{
    StoxTransport *transport = connection->transport;
    StoxChunk *chunk;

    if (connection->dead)
        return;
    connection->dead = true;
    while ((chunk = g_queue_pop_head(&connection->out))) {
        /* Bytes inside OpenSSL's retry buffer may have left in part. */
        bool partial = chunk->offset > 0 || connection->tls_retry;

        connection->tls_retry = false;
        if (chunk->token)
            stox_transport_notice(transport, STOX_NOTICE_UNSENT, connection->id, chunk->token,
                                  partial, why);
        chunk_free(chunk);
    }
    if (connection->source) {
        g_source_destroy(connection->source);
        g_clear_pointer(&connection->source, g_source_unref);
    }
    say_goodbye(connection);
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
    /* A peer that never got as far as OPEN is nothing its owner has heard of. */
    if (connection->outbound || connection->got_message)
        stox_transport_notice(transport, STOX_NOTICE_CLOSED, connection->id, 0, false, why);
    stox_transport_remove(transport, connection);
}

void stox_connection_drain(StoxConnection *connection, const char *why)
{
    if (connection->dead)
        return;
    if (connection->state != STOX_CONNECTION_OPEN) {
        stox_connection_fail(connection, why);
        return;
    }
    connection->state = STOX_CONNECTION_DRAINING;
    connection->last_out_ms = stox_transport_now();
    stox_connection_write(connection);
}

static void refuse(StoxConnection *connection, const char *what, const char *why)
{
    connection->transport->refused_total++;
    stox_transport_warn(connection->transport, "SIP %s %s %s: %s",
                        connection->outbound ? "connection to" : "connection from",
                        connection->peer, what, why);
    stox_connection_fail(connection, why);
}

/* ---- Timers ---- */

static int64_t next_deadline(const StoxConnection *connection)
{
    const StoxSettings *settings = connection->transport->settings;
    int64_t idle = connection->last_message_ms + (int64_t) settings->sip_idle_timeout_s * 1000;

    switch (connection->state) {
    case STOX_CONNECTION_CONNECTING:
    case STOX_CONNECTION_HANDSHAKE:
        return connection->opened_ms + (int64_t) settings->sip_connect_timeout_s * 1000;
    case STOX_CONNECTION_DRAINING:
        return connection->last_out_ms + DRAIN_MS;
    case STOX_CONNECTION_OPEN:
        break;
    }
    if (!connection->outbound && !connection->got_message)
        return connection->opened_ms + FIRST_MESSAGE_MS;
    if (connection->ping_sent_ms)
        return connection->ponged ? MIN(idle, connection->ping_sent_ms + PONG_MS) : idle;
    if (connection->outbound)
        return MIN(idle, MAX(connection->last_out_ms, connection->last_in_ms) +
                             connection->ping_interval_ms);
    return idle;
}

static void run_timers(StoxConnection *connection)
{
    int64_t now = stox_transport_now();

    if (connection->dead || now < next_deadline(connection))
        return;
    switch (connection->state) {
    case STOX_CONNECTION_CONNECTING:
        refuse(connection, "failed", "no answer within connect-timeout");
        return;
    case STOX_CONNECTION_HANDSHAKE:
        refuse(connection, "refused", "the TLS handshake did not end within connect-timeout");
        return;
    case STOX_CONNECTION_DRAINING:
        stox_connection_fail(connection, "closed by us");
        return;
    case STOX_CONNECTION_OPEN:
        break;
    }
    if (!connection->outbound && !connection->got_message) {
        refuse(connection, "closed", "no SIP message within 60 s");
    } else if (now >= connection->last_message_ms +
                          (int64_t) connection->transport->settings->sip_idle_timeout_s * 1000) {
        stox_connection_drain(connection, "idle");
    } else if (connection->ping_sent_ms) {
        stox_connection_fail(connection, "the peer no longer answers keep-alive pings");
    } else {
        g_autoptr(GBytes) ping = g_bytes_new_static("\r\n\r\n", 4);

        connection->ping_sent_ms = now;
        stox_connection_queue(connection, ping, 0);
        stox_connection_write(connection);
    }
}

/* ---- The source ---- */

static gboolean source_dispatch(GSource *source, GSourceFunc func, gpointer user)
{
    StoxConnection *connection = ((ConnectionSource *) source)->connection;
    GIOCondition ready = g_source_query_unix_fd(source, connection->fd_tag);

    connection->refs++;
    if (connection->state == STOX_CONNECTION_CONNECTING && ready) {
        int error = 0;
        socklen_t size = sizeof error;

        getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) {
            g_autofree char *why = g_strdup_printf("cannot connect: %s", g_strerror(error));

            refuse(connection, "failed", why);
        } else if (connection->ssl) {
            connection->state = STOX_CONNECTION_HANDSHAKE;
            handshake(connection);
        } else {
            connection->state = STOX_CONNECTION_OPEN;
            stox_transport_notice(connection->transport, STOX_NOTICE_CONNECTED, connection->id, 0,
                                  false, NULL);
            stox_connection_write(connection);
        }
    } else if (connection->state == STOX_CONNECTION_HANDSHAKE && ready) {
        handshake(connection);
    } else if (ready) {
        if ((ready & G_IO_OUT) &&
            (connection->out.length || connection->state == STOX_CONNECTION_DRAINING))
            stox_connection_write(connection);
        if (!connection->dead)
            read_some(connection);
    } else if (connection->state == STOX_CONNECTION_OPEN && connection->ssl &&
               SSL_pending(connection->ssl)) {
        read_some(connection);
    }
    run_timers(connection);
    if (!connection->dead)
        update_source(connection);
    stox_connection_unref(connection);
    return G_SOURCE_CONTINUE;
}

static void source_finalize(GSource *source)
{
    StoxConnection *connection = ((ConnectionSource *) source)->connection;

    stox_connection_unref(connection);
}

static GSourceFuncs source_funcs = {.dispatch = source_dispatch, .finalize = source_finalize};

static void update_source(StoxConnection *connection)
{
    GIOCondition wanted = G_IO_IN;
    int64_t deadline = next_deadline(connection);

    if (!connection->source)
        return;
    if (connection->state == STOX_CONNECTION_CONNECTING)
        wanted = G_IO_OUT;
    else if (connection->state == STOX_CONNECTION_HANDSHAKE)
        wanted = SSL_want_write(connection->ssl) ? G_IO_OUT : G_IO_IN;
    else if ((connection->out.length && !connection->write_on_read) || connection->read_on_write)
        wanted |= G_IO_OUT;
    g_source_modify_unix_fd(connection->source, connection->fd_tag, wanted | G_IO_HUP | G_IO_ERR);
    if (connection->ssl && connection->state == STOX_CONNECTION_OPEN &&
        SSL_pending(connection->ssl))
        g_source_set_ready_time(connection->source, 0);
    else
        g_source_set_ready_time(connection->source, deadline * 1000);
}

void stox_connection_start(StoxConnection *connection)
{
    connection->source = g_source_new(&source_funcs, sizeof(ConnectionSource));
    ((ConnectionSource *) connection->source)->connection = connection;
    connection->refs++;
    connection->state = connection->outbound ? STOX_CONNECTION_CONNECTING
                        : connection->ssl    ? STOX_CONNECTION_HANDSHAKE
                                             : STOX_CONNECTION_OPEN;
    connection->fd_tag = g_source_add_unix_fd(connection->source, connection->fd, G_IO_IN);
    g_source_attach(connection->source, g_main_context_get_thread_default());
    update_source(connection);
}

/* ---- TLS ---- */

static void handshake_done(StoxConnection *connection)
{
    g_autofree char *why = NULL;

    connection->names = stox_tls_peer_names(connection->ssl);
    if (connection->outbound) {
        if (!stox_tls_check_server(connection->ssl, connection->hop, connection->host, &why)) {
            refuse(connection, "refused", why);
            return;
        }
    } else {
        connection->hop = stox_tls_peer_hop(connection->transport->tls, connection->ssl, &why);
        if (!connection->hop) {
            refuse(connection, "refused", why);
            return;
        }
    }
    connection->state = STOX_CONNECTION_OPEN;
    g_info("SIP connection %s %s (%s, [hop %s]) is up", connection->outbound ? "to" : "from",
           connection->peer, SSL_get_version(connection->ssl), connection->hop->name);
    if (connection->outbound)
        stox_transport_notice(connection->transport, STOX_NOTICE_CONNECTED, connection->id, 0,
                              false, NULL);
    stox_connection_write(connection);
}

static void handshake(StoxConnection *connection)
{
    int result, error;

    ERR_clear_error();
    result = SSL_do_handshake(connection->ssl);
    if (result == 1) {
        handshake_done(connection);
        return;
    }
    error = SSL_get_error(connection->ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return;
    /* A connection that closes without a word is a health probe or a port scan: nothing for an administrator to mend. */
    bool silent = !connection->outbound && SSL_get_state(connection->ssl) == TLS_ST_BEFORE;
    g_autofree char *why = stox_tls_explain(connection->ssl);
    if (!silent) {
        refuse(connection, "refused", why);
        return;
    }
    g_info("SIP connection from %s closed without a byte", connection->peer);
    stox_connection_fail(connection, why);
}

/* ---- Writing ---- */

bool stox_connection_queue(StoxConnection *connection, GBytes *bytes, uint64_t token)
{
    size_t n = g_bytes_get_size(bytes);
    StoxChunk *chunk;

    if (connection->queued + n > connection->transport->settings->sip_queue_max_bytes)
        return false;
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
    connection->last_out_ms = stox_transport_now();
    while (n > 0) {
        StoxChunk *chunk = connection->out.head->data;
        size_t left = g_bytes_get_size(chunk->bytes) - chunk->offset;
        size_t part = MIN(left, n);

        chunk->offset += part;
        n -= part;
        if (part == left)
            chunk_free(g_queue_pop_head(&connection->out));
    }
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
        say_goodbye(connection);
    update_source(connection);
}

/* ---- Reading ---- */

/* A frame that cannot be read: its sender is told when there is a request to answer, then the connection ends. */
static void answer_broken(StoxConnection *connection, const char *bytes, size_t n, const char *why)
{
    const char *parse_why = NULL;
    g_autoptr(StoxSipMessage) message = bytes ? stox_sip_message_parse(bytes, n, &parse_why) : NULL;

    stox_transport_warn(connection->transport, "SIP connection %s %s closed: %s",
                        connection->outbound ? "to" : "from", connection->peer, why);
    if (message && stox_sip_view(message)->request &&
        stox_sip_view(message)->method != STOX_SIP_ACK) {
        bool large = strstr(why, "larger") != NULL;
        g_autoptr(StoxSipBuilder) builder =
            stox_sip_builder_response(message, large ? 513 : 400, NULL, "stoxd-framing");
        g_auto(StoxSipResult) result = {0};
        g_autoptr(GBytes) answer = NULL;

        stox_sip_result_init(&result, large ? 513 : 400,
                             large ? STOX_DIAG_TOO_LARGE : STOX_DIAG_MALFORMED);
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
    connection->got_message = true;
    connection->last_message_ms = connection->last_in_ms;
    connection->transport->funcs.message(connection->transport->user, connection->id,
                                         connection->hop, message);
}

static void take_frames(StoxConnection *connection)
{
    const char *bytes, *why = NULL;
    size_t n;

    while (!connection->dead && connection->state == STOX_CONNECTION_OPEN) {
        switch (stox_frame_next(connection->frame, &bytes, &n, &why)) {
        case STOX_FRAME_MORE:
            return;
        case STOX_FRAME_PING: {
            g_autoptr(GBytes) pong = g_bytes_new_static("\r\n", 2);

            stox_connection_queue(connection, pong, 0);
            stox_connection_write(connection);
            break;
        }
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

/* Bytes read; 0: nothing now; -1: ended (then `ret_why`). */
static ssize_t read_bytes(StoxConnection *connection, char *buffer, size_t size,
                          const char **ret_why)
{
    ssize_t n;
    int error;

    *ret_why = "the peer closed the connection";
    if (!connection->ssl) {
        n = recv(connection->fd, buffer, size, 0);
        if (n > 0)
            return n;
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return 0;
        if (n < 0)
            *ret_why = "the connection broke";
        return -1;
    }
    ERR_clear_error();
    n = SSL_read(connection->ssl, buffer, (int) size);
    connection->read_on_write = false;
    if (n > 0)
        return n;
    error = SSL_get_error(connection->ssl, (int) n);
    connection->read_on_write = error == SSL_ERROR_WANT_WRITE;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return 0;
    if (error != SSL_ERROR_ZERO_RETURN)
        *ret_why = "the connection broke";
    ERR_clear_error();
    return -1;
}

static void read_some(StoxConnection *connection)
{
    StoxTransport *transport = connection->transport;
    size_t total = 0;

    while (!connection->dead && connection->state >= STOX_CONNECTION_OPEN &&
           total < sizeof transport->read_buffer) {
        const char *why;
        ssize_t n =
            read_bytes(connection, transport->read_buffer, sizeof transport->read_buffer, &why);

        if (n < 0) {
            stox_connection_fail(connection, why);
            return;
        }
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
        if (!connection->ssl)
            break;
    }
    /* A write that waited for the peer's bytes can go on now. */
    if (!connection->dead && connection->write_on_read && total > 0)
        stox_connection_write(connection);
}
