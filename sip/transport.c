/* SPDX-License-Identifier: MIT */
/*
 * The table of connections. Everything the owner is told comes as a notice from the loop, so that it is never entered from inside one of its own
 * calls; messages are handed over while the connection that read them is dispatched.
 */
#include "sip/datagram-private.h"

#include <gio/gnetworking.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

int64_t stox_transport_now(void)
{
    return g_get_monotonic_time() / 1000;
}

static void notice_free(StoxNotice *notice)
{
    g_free(notice->why);
    g_free(notice);
}

static gboolean notices_cb(gpointer user)
{
    StoxTransport *transport = user;
    StoxNotice *notice;

    stox_transport_flush(transport);
    /* What these calls add is told in the next turn. */
    for (unsigned n = transport->notices.length;
         n > 0 && (notice = g_queue_pop_head(&transport->notices)); n--) {
        switch (notice->kind) {
        case STOX_NOTICE_CONNECTED:
            transport->funcs.connected(transport->user, notice->flow);
            break;
        case STOX_NOTICE_UNSENT:
            transport->funcs.unsent(transport->user, notice->flow, notice->token, notice->partial);
            break;
        case STOX_NOTICE_CLOSED:
            transport->funcs.closed(transport->user, notice->flow, notice->why);
            break;
        }
        notice_free(notice);
    }
    if (transport->drained && g_hash_table_size(transport->connections) == 0 &&
        transport->notices.length == 0 && stox_datagrams_written(transport)) {
        void (*drained)(void *) = transport->drained;

        transport->drained = NULL;
        drained(transport->drained_user);
    }
    if (transport->notices.length > 0 || transport->dirty->len > 0 ||
        stox_datagrams_to_write(transport))
        return G_SOURCE_CONTINUE;
    g_clear_pointer(&transport->notice_source, g_source_unref);
    return G_SOURCE_REMOVE;
}

void stox_transport_wake(StoxTransport *transport)
{
    if (transport->notice_source)
        return;
    transport->notice_source = g_idle_source_new();
    g_source_set_priority(transport->notice_source, G_PRIORITY_DEFAULT);
    g_source_set_callback(transport->notice_source, notices_cb, transport, NULL);
    g_source_attach(transport->notice_source, g_main_context_get_thread_default());
}

void stox_transport_notice(StoxTransport *transport, int kind, uint64_t flow, uint64_t token,
                           bool partial, const char *why)
{
    StoxNotice *notice = g_new0(StoxNotice, 1);

    notice->kind = kind;
    notice->flow = flow;
    notice->token = token;
    notice->partial = partial;
    notice->why = g_strdup(why);
    g_queue_push_tail(&transport->notices, notice);
    stox_transport_wake(transport);
}

void stox_transport_warn(StoxTransport *transport, const char *format, ...)
{
    int64_t now = stox_transport_now();
    g_autofree char *text = NULL;
    va_list args;

    if (now - transport->warn_window_ms >= 60000) {
        if (transport->unwarned)
            g_warning("%u more warnings about SIP peers in the last minute were not shown",
                      transport->unwarned);
        transport->warn_window_ms = now;
        transport->warned = transport->unwarned = 0;
    }
    if (++transport->warned > 30) {
        transport->unwarned++;
        return;
    }
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_warning("%s", text);
}

StoxTransport *stox_transport_new(const StoxSettings *settings, StoxTls *tls,
                                  const StoxTransportFuncs *funcs, void *user)
{
    StoxTransport *transport = g_new0(StoxTransport, 1);

    /* OpenSSL writes to sockets without MSG_NOSIGNAL. */
    signal(SIGPIPE, SIG_IGN);
    transport->settings = settings;
    transport->tls = tls ? stox_tls_ref(tls) : NULL;
    transport->funcs = *funcs;
    transport->user = user;
    transport->connections = g_hash_table_new(g_int64_hash, g_int64_equal);
    transport->inbound_of = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    transport->dirty = g_ptr_array_new();
    transport->listeners = g_ptr_array_new_with_free_func((GDestroyNotify) stox_listener_free);
    transport->peers = g_array_new(FALSE, FALSE, sizeof(StoxPeer));
    transport->flows = stox_flows_new();
    transport->cancellable = g_cancellable_new();
    g_queue_init(&transport->notices);
    transport->warn_window_ms = stox_transport_now();
    stox_transport_load_peers(transport);
    return transport;
}

static void kill_all(StoxTransport *transport)
{
    g_autoptr(GList) all = g_hash_table_get_values(transport->connections);

    for (GList *l = all; l; l = l->next)
        stox_connection_fail(l->data, "the gateway is stopping");
}

void stox_transport_free(StoxTransport *transport)
{
    if (!transport)
        return;
    g_cancellable_cancel(transport->cancellable);
    stox_flows_free(transport->flows);
    g_ptr_array_unref(transport->listeners);
    kill_all(transport);
    for (unsigned i = 0; i < transport->dirty->len; i++)
        stox_connection_unref(transport->dirty->pdata[i]);
    g_ptr_array_unref(transport->dirty);
    g_hash_table_unref(transport->connections);
    g_hash_table_unref(transport->inbound_of);
    if (transport->notice_source) {
        g_source_destroy(transport->notice_source);
        g_source_unref(transport->notice_source);
    }
    g_queue_clear_full(&transport->notices, (GDestroyNotify) notice_free);
    for (unsigned i = 0; i < transport->peers->len; i++)
        g_object_unref(g_array_index(transport->peers, StoxPeer, i).address);
    g_array_unref(transport->peers);
    g_object_unref(transport->cancellable);
    stox_tls_unref(transport->tls);
    g_free(transport);
}

bool stox_transport_listen(StoxTransport *transport, GError **error)
{
    return stox_transport_listen_all(transport, error);
}

unsigned stox_transport_port(const StoxTransport *transport, unsigned listener)
{
    const StoxListener *l =
        listener < transport->listeners->len ? transport->listeners->pdata[listener] : NULL;
    g_autoptr(GSocketAddress) address = l ? g_socket_get_local_address(l->socket, NULL) : NULL;

    return address ? g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address)) : 0;
}

void stox_transport_stop_listening(StoxTransport *transport)
{
    for (unsigned i = transport->listeners->len; i > 0; i--) {
        const StoxListener *listener = transport->listeners->pdata[i - 1];

        /* What is queued still leaves by the sockets of UDP. */
        if (listener->datagram)
            stox_datagram_socket_stop(listener->datagram);
        else
            g_ptr_array_remove_index(transport->listeners, i - 1);
    }
}

void stox_transport_remove(StoxTransport *transport, StoxConnection *connection)
{
    if (!g_hash_table_remove(transport->connections, &connection->id))
        return;
    transport->queued_bytes -= connection->queued;
    stox_transport_forget_peer(transport, connection);
    stox_connection_unref(connection);
    if (transport->drained)
        stox_transport_wake(transport);
}

void stox_transport_mark_dirty(StoxTransport *transport, StoxConnection *connection)
{
    if (connection->dirty)
        return;
    connection->dirty = true;
    connection->refs++;
    g_ptr_array_add(transport->dirty, connection);
    /* For answers that no turn of the owner follows. */
    stox_transport_wake(transport);
}

static bool is_loopback(GSocketAddress *address)
{
    return g_inet_address_get_is_loopback(
        g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
}

GSocketAddress *stox_transport_source(const StoxTransport *transport, StoxTransportKind kind,
                                      GSocketAddress *to)
{
    for (unsigned i = 0; i < transport->listeners->len; i++) {
        const StoxListener *listener = transport->listeners->pdata[i];
        g_autoptr(GSocketAddress) address = listener->settings->kind == kind
                                                ? g_socket_get_local_address(listener->socket, NULL)
                                                : NULL;
        GInetAddress *ip =
            address ? g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)) : NULL;

        if (ip && g_inet_address_get_family(ip) == g_socket_address_get_family(to) &&
            !g_inet_address_get_is_any(ip) && is_loopback(address) == is_loopback(to))
            return g_inet_socket_address_new(ip, 0);
    }
    return NULL;
}

/* As far as possible: a peer that trusts by address, or a firewall, knows us by the one we listen on. True unless the connection cannot be made at all. */
static bool bind_source(const StoxTransport *transport, int fd, StoxTransportKind kind,
                        GSocketAddress *to)
{
    g_autoptr(GSocketAddress) from = stox_transport_source(transport, kind, to);
    struct sockaddr_storage native;
    int on = 1;

    if (!from || !g_socket_address_to_native(from, &native, sizeof native, NULL))
        return true;
    /* The port is chosen by connect(), so that many connections find one. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    return bind(fd, (struct sockaddr *) &native,
                (socklen_t) g_socket_address_get_native_size(from)) == 0 ||
           errno == EADDRNOTAVAIL || errno == EINVAL;
}

uint64_t stox_transport_connect(StoxTransport *transport, const StoxHopSettings *hop,
                                StoxTransportKind kind, GSocketAddress *address, const char *host)
{
    if (kind == STOX_TRANSPORT_UDP)
        return stox_flows_connect(transport, hop, address, host);
    int fd =
        socket(g_socket_address_get_family(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_storage native;
    gssize size = g_socket_address_get_native_size(address);
    g_autofree char *why = NULL;
    StoxConnection *connection;

    if (fd < 0 || !g_socket_address_to_native(address, &native, sizeof native, NULL) ||
        !bind_source(transport, fd, kind, address) ||
        (connect(fd, (struct sockaddr *) &native, (socklen_t) size) < 0 && errno != EINPROGRESS))
        why = g_strdup_printf("cannot connect: %s", g_strerror(errno));
    connection = stox_connection_new(transport, fd, true, address);
    connection->hop = hop;
    connection->host = g_strdup(host);
    if (!why && kind == STOX_TRANSPORT_TLS) {
        connection->ssl = transport->tls ? stox_tls_connect(transport->tls, hop, host) : NULL;
        if (!connection->ssl)
            why = g_strdup_printf("[hop %s] has no TLS set-up", hop->name);
        else
            SSL_set_fd(connection->ssl, fd);
    }
    uint64_t id = connection->id;
    if (why)
        stox_connection_fail(connection, why);
    else
        stox_connection_start(connection);
    return id;
}

bool stox_transport_is_open(const StoxTransport *transport, uint64_t flow)
{
    const StoxConnection *connection = g_hash_table_lookup(transport->connections, &flow);

    return connection ? connection->state <= STOX_CONNECTION_OPEN : stox_flows_has(transport, flow);
}

bool stox_transport_is_kind(const StoxTransport *transport, uint64_t flow, StoxTransportKind kind)
{
    const StoxConnection *connection = g_hash_table_lookup(transport->connections, &flow);

    if (!connection)
        return kind == STOX_TRANSPORT_UDP && stox_flows_has(transport, flow);
    return connection->state <= STOX_CONNECTION_OPEN &&
           kind == (connection->ssl ? STOX_TRANSPORT_TLS : STOX_TRANSPORT_TCP);
}

bool stox_transport_send(StoxTransport *transport, uint64_t flow, GBytes *bytes, uint64_t token)
{
    StoxConnection *connection = g_hash_table_lookup(transport->connections, &flow);

    if (!connection)
        return stox_flows_send(transport, flow, bytes, token);
    return connection->state != STOX_CONNECTION_DRAINING &&
           stox_connection_queue(connection, bytes, token);
}

void stox_transport_flush(StoxTransport *transport)
{
    /* A write may fail and mark nothing more; the array only grows at its end. */
    for (unsigned i = 0; i < transport->dirty->len; i++) {
        StoxConnection *connection = transport->dirty->pdata[i];

        connection->dirty = false;
        if (!connection->dead)
            stox_connection_write(connection);
        stox_connection_unref(connection);
    }
    g_ptr_array_set_size(transport->dirty, 0);
    stox_datagrams_flush(transport);
}

void stox_transport_close(StoxTransport *transport, uint64_t flow, const char *why)
{
    StoxConnection *connection = g_hash_table_lookup(transport->connections, &flow);

    if (connection)
        stox_connection_drain(connection, why);
    else
        stox_flows_close(transport, flow, why);
}

void stox_transport_shutdown(StoxTransport *transport, void (*done)(void *user), void *user)
{
    g_autoptr(GList) all = g_hash_table_get_values(transport->connections);

    stox_transport_stop_listening(transport);
    transport->drained = done;
    transport->drained_user = user;
    for (GList *l = all; l; l = l->next)
        stox_connection_drain(l->data, "the gateway is stopping");
    stox_flows_close_all(transport, "the gateway is stopping");
    stox_transport_wake(transport);
}

void stox_transport_stats(const StoxTransport *transport, StoxTransportStats *ret_stats)
{
    ret_stats->connections = g_hash_table_size(transport->connections);
    ret_stats->accepted_total = transport->accepted_total;
    ret_stats->refused_total = transport->refused_total;
    ret_stats->queued_bytes = transport->queued_bytes;
    ret_stats->flows = stox_flows_count(transport->flows);
    ret_stats->dropped_total = transport->dropped_total;
}
