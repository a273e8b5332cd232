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
    PARTIAL_MS = 60000,       /* a message that has begun must end by then (RFC 4475 s3.1.2.2) */
    PONG_MS = 10000,          /* RFC 5626 s4.4.1 */
    DRAIN_MS = 2000,
    STALL_MS = 30000,  /* bytes wait, and its end takes none */
    LINGER_MS = 32000, /* answers after the peer's end: 64*T1, when it has given up on them */
};

typedef struct {
    GSource source;
    StoxConnection *connection;
} ConnectionSource;

static void handshake(StoxConnection *connection);

void stox_chunk_free(StoxChunk *chunk)
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
    connection->pong_wait_ms = PONG_MS;
    connection->stall_ms = STALL_MS;
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
    g_queue_clear_full(&connection->out, (GDestroyNotify) stox_chunk_free);
    stox_frame_free(connection->frame);
    stox_tls_free_connection(connection->ssl);
    g_strfreev(connection->names);
    g_free(connection->host);
    g_free(connection->peer);
    g_free(connection->peer_ip);
    g_free(connection);
}

/* ---- Timers ---- */

static int64_t open_deadline(const StoxConnection *connection)
{
    const StoxSettings *settings = connection->transport->settings;
    int64_t idle = connection->last_message_ms + (int64_t) settings->sip_idle_timeout_s * 1000;

    if (connection->out.length)
        idle = MIN(idle, connection->progress_ms + connection->stall_ms);
    if (!connection->outbound && !connection->got_message)
        return MIN(idle, connection->opened_ms + FIRST_MESSAGE_MS);
    if (connection->partial_since_ms)
        idle = MIN(idle, connection->partial_since_ms + PARTIAL_MS);
    if (connection->ping_sent_ms && connection->ponged)
        return MIN(idle, connection->ping_sent_ms + connection->pong_wait_ms);
    if (connection->outbound)
        return MIN(idle, MAX(connection->last_out_ms, connection->last_in_ms) +
                             connection->ping_interval_ms);
    return idle;
}

static int64_t next_deadline(const StoxConnection *connection)
{
    const StoxSettings *settings = connection->transport->settings;

    switch (connection->state) {
    case STOX_CONNECTION_CONNECTING:
    case STOX_CONNECTION_HANDSHAKE:
        return connection->opened_ms + (int64_t) settings->sip_connect_timeout_s * 1000;
    case STOX_CONNECTION_DRAINING:
        return connection->last_out_ms + DRAIN_MS;
    case STOX_CONNECTION_HALF:
        return connection->last_in_ms + LINGER_MS;
    case STOX_CONNECTION_OPEN:
        break;
    }
    return open_deadline(connection);
}

static void run_timers(StoxConnection *connection)
{
    int64_t now = stox_transport_now();

    if (connection->dead || now < next_deadline(connection))
        return;
    switch (connection->state) {
    case STOX_CONNECTION_CONNECTING:
        stox_connection_refuse(connection, "failed", "no answer within connect-timeout");
        return;
    case STOX_CONNECTION_HANDSHAKE:
        stox_connection_refuse(connection, "refused",
                               "the TLS handshake did not end within connect-timeout");
        return;
    case STOX_CONNECTION_DRAINING:
        stox_connection_fail(connection, "closed by us");
        return;
    case STOX_CONNECTION_HALF:
        stox_connection_fail(connection, "the peer closed the connection");
        return;
    case STOX_CONNECTION_OPEN:
        break;
    }
    if (connection->out.length && now >= connection->progress_ms + connection->stall_ms) {
        stox_connection_refuse(connection, "closed",
                               "it reads nothing: no byte of what waits for it was taken for 30 s");
    } else if (!connection->outbound && !connection->got_message) {
        stox_connection_refuse(connection, "closed", "no SIP message within 60 s");
    } else if (connection->partial_since_ms && now >= connection->partial_since_ms + PARTIAL_MS) {
        stox_connection_refuse(connection, "closed",
                               "a SIP message that had begun did not end within 60 s");
    } else if (now >= connection->last_message_ms +
                          (int64_t) connection->transport->settings->sip_idle_timeout_s * 1000) {
        stox_connection_drain(connection, "idle");
    } else if (connection->ping_sent_ms && connection->ponged) {
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

            stox_connection_refuse(connection, "failed", why);
        } else if (connection->ssl) {
            connection->state = STOX_CONNECTION_HANDSHAKE;
            connection->opened_ms = stox_transport_now(); /* each has connect-timeout */
            handshake(connection);
        } else {
            connection->state = STOX_CONNECTION_OPEN;
            connection->progress_ms = stox_transport_now();
            g_info("SIP connection to %s (TCP, [hop %s]) is up", connection->peer,
                   connection->hop->name);
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
        /* After the peer's end, only that it is gone altogether makes the socket ready to be read. */
        if (!connection->dead && connection->state == STOX_CONNECTION_HALF &&
            (ready & (G_IO_HUP | G_IO_ERR)))
            stox_connection_fail(connection, "the peer closed the connection");
        if (!connection->dead)
            stox_connection_read(connection);
    } else if (connection->state == STOX_CONNECTION_OPEN && connection->ssl &&
               SSL_pending(connection->ssl)) {
        stox_connection_read(connection);
    }
    run_timers(connection);
    if (!connection->dead)
        stox_connection_update(connection);
    stox_connection_unref(connection);
    return G_SOURCE_CONTINUE;
}

static void source_finalize(GSource *source)
{
    StoxConnection *connection = ((ConnectionSource *) source)->connection;

    stox_connection_unref(connection);
}

static GSourceFuncs source_funcs = {.dispatch = source_dispatch, .finalize = source_finalize};

void stox_connection_update(StoxConnection *connection)
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
    if (connection->state == STOX_CONNECTION_HALF)
        wanted &= ~G_IO_IN;
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
    stox_connection_update(connection);
}

/* ---- TLS ---- */

static void handshake_done(StoxConnection *connection)
{
    g_autofree char *why = NULL;

    connection->names = stox_tls_peer_names(connection->ssl);
    if (connection->outbound) {
        if (!stox_tls_check_server(connection->ssl, connection->hop, connection->host, &why)) {
            stox_connection_refuse(connection, "refused", why);
            return;
        }
    } else {
        connection->hop = stox_tls_peer_hop(connection->transport->tls, connection->ssl, &why);
        if (!connection->hop) {
            stox_connection_refuse(connection, "refused", why);
            return;
        }
    }
    connection->state = STOX_CONNECTION_OPEN;
    connection->progress_ms = stox_transport_now();
    g_info("SIP connection %s %s (%s%s, [hop %s]) is up", connection->outbound ? "to" : "from",
           connection->peer, SSL_get_version(connection->ssl),
           SSL_session_reused(connection->ssl) ? ", resumed" : "", connection->hop->name);
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
    unsigned long code = ERR_peek_error();
    bool ended = !code || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    bool silent = ended && !connection->outbound && SSL_get_state(connection->ssl) == TLS_ST_BEFORE;
    g_autofree char *why = stox_tls_explain(connection->ssl);
    if (!silent) {
        stox_connection_refuse(connection, "refused", why);
        return;
    }
    g_info("SIP connection from %s closed without a byte", connection->peer);
    stox_connection_fail(connection, why);
}
