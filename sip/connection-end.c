/* SPDX-License-Identifier: MIT */
/*
 * How a connection ends: at once, after what is queued, or, when the peer of a TCP connection has ended its side with requests still to be
 * answered, after the answers.
 */
#include "sip/transport-private.h"

#include <gio/gnetworking.h>
#include <openssl/err.h>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <unistd.h>

void stox_connection_goodbye(StoxConnection *connection)
{
    if (connection->said_goodbye || connection->state < STOX_CONNECTION_OPEN || connection->fd < 0)
        return;
    connection->said_goodbye = true;
    if (connection->ssl)
        SSL_shutdown(connection->ssl);
    ERR_clear_error();
    shutdown(connection->fd, SHUT_WR);
}

static void tell_closed(StoxConnection *connection, const char *why)
{
    /* A peer that never got as far as OPEN is nothing its owner has heard of. */
    if (!connection->told_closed && (connection->outbound || connection->got_message))
        stox_transport_notice(connection->transport, STOX_NOTICE_CLOSED, connection->id, 0, false,
                              why);
    connection->told_closed = true;
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
        stox_chunk_free(chunk);
    }
    if (connection->source) {
        g_source_destroy(connection->source);
        g_clear_pointer(&connection->source, g_source_unref);
    }
    stox_connection_goodbye(connection);
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
    tell_closed(connection, why);
    stox_transport_remove(transport, connection);
}

void stox_connection_drain(StoxConnection *connection, const char *why)
{
    if (connection->dead)
        return;
    if (connection->state != STOX_CONNECTION_OPEN && connection->state != STOX_CONNECTION_HALF) {
        stox_connection_fail(connection, why);
        return;
    }
    connection->state = STOX_CONNECTION_DRAINING;
    connection->last_out_ms = stox_transport_now();
    stox_connection_write(connection);
}

void stox_connection_refuse(StoxConnection *connection, const char *what, const char *why)
{
    connection->transport->refused_total++;
    stox_transport_warn(connection->transport, "SIP %s %s %s: %s",
                        connection->outbound ? "connection to" : "connection from",
                        connection->peer, what, why);
    stox_connection_fail(connection, why);
}

/* ---- A peer that sends no more ---- */

/* What was not begun goes out another way: its answer could not come back on this one. */
static void give_back(StoxConnection *connection, const char *why)
{
    for (GList *l = connection->out.head, *next; l; l = next) {
        StoxChunk *chunk = l->data;
        bool begun = chunk->offset > 0 || connection->tls_retry;

        next = l->next;
        if (!chunk->token)
            continue;
        stox_transport_notice(connection->transport, STOX_NOTICE_UNSENT, connection->id,
                              chunk->token, begun, why);
        chunk->token = 0;
        if (begun)
            continue;
        connection->queued -= g_bytes_get_size(chunk->bytes);
        connection->transport->queued_bytes -= g_bytes_get_size(chunk->bytes);
        stox_chunk_free(chunk);
        g_queue_delete_link(&connection->out, l);
    }
}

void stox_connection_peer_ended(StoxConnection *connection, const char *why)
{
    if (connection->state == STOX_CONNECTION_OPEN)
        give_back(connection, why);
    /* A close_notify means both directions to nearly everybody (RFC 5246 s7.2.1): later answers go another way. */
    if (connection->ssl)
        connection->unanswered = 0;
    if (connection->state != STOX_CONNECTION_OPEN ||
        (connection->unanswered == 0 && connection->out.length == 0)) {
        stox_connection_fail(connection, why);
        return;
    }
    tell_closed(connection, why);
    /* Whether it has only ended its own side is known when it takes something: a closed one resets the connection. */
    if (connection->out.length == 0) {
        g_autoptr(GBytes) probe = g_bytes_new_static("\r\n", 2);

        stox_connection_queue(connection, probe, 0);
    }
    connection->state = STOX_CONNECTION_HALF;
    connection->last_in_ms = stox_transport_now();
    stox_connection_write(connection);
}

bool stox_connection_takes(StoxConnection *connection)
{
    int unacknowledged = 0;

    if (connection->state != STOX_CONNECTION_HALF || connection->half_proven)
        return true;
    connection->half_proven = !connection->ssl && connection->queued == 0 &&
                              ioctl(connection->fd, SIOCOUTQ, &unacknowledged) == 0 &&
                              unacknowledged == 0;
    return connection->half_proven;
}
