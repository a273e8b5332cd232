/* SPDX-License-Identifier: MIT */
/* Listeners, and which hop a peer over plain TCP or UDP belongs to. */
#include "sip/datagram-private.h"

#include <gio/gnetworking.h>

#include <string.h>

enum { ACCEPTS_PER_TURN = 32 };

void stox_listener_free(StoxListener *listener)
{
    if (listener->source) {
        g_source_destroy(listener->source);
        g_source_unref(listener->source);
    }
    stox_datagram_socket_free(listener->datagram);
    g_socket_close(listener->socket, NULL);
    g_object_unref(listener->socket);
    g_free(listener);
}

static GInetAddress *plain_address(GInetAddress *address)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const unsigned char *bytes = g_inet_address_to_bytes(address);

    if (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6 &&
        memcmp(bytes, mapped, 12) == 0)
        return g_inet_address_new_from_bytes(bytes + 12, G_SOCKET_FAMILY_IPV4);
    return g_object_ref(address);
}

const StoxHopSettings *stox_transport_peer_hop(const StoxTransport *transport,
                                               StoxTransportKind kind, GSocketAddress *address)
{
    const StoxHopSettings *other = NULL;
    g_autoptr(GInetAddress) peer =
        plain_address(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));

    for (unsigned i = 0; i < transport->peers->len; i++) {
        const StoxPeer *known = &g_array_index(transport->peers, StoxPeer, i);

        if (!g_inet_address_equal(known->address, peer))
            continue;
        if (known->hop->kind == kind)
            return known->hop;
        if (kind == STOX_TRANSPORT_TCP && !other)
            other = known->hop;
    }
    return other;
}

static void add_peer(StoxTransport *transport, GInetAddress *address, const StoxHopSettings *hop)
{
    StoxPeer peer = {plain_address(address), hop};

    g_array_append_val(transport->peers, peer);
}

typedef struct {
    StoxTransport *transport;
    const StoxHopSettings *hop;
    char *name;
} PeerLookup;

static void peer_looked_up_cb(GObject *resolver, GAsyncResult *result, gpointer user)
{
    PeerLookup *lookup = user;
    g_autoptr(GError) error = NULL;
    GList *addresses = g_resolver_lookup_by_name_finish(G_RESOLVER(resolver), result, &error);

    /* Cancelled: the transport is gone. */
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_free(lookup->name);
        g_free(lookup);
        return;
    }
    if (error)
        g_warning("[hop %s] peer %s does not resolve (%s): what comes from it will be refused",
                  lookup->hop->name, lookup->name, error->message);
    for (GList *l = addresses; l; l = l->next)
        add_peer(lookup->transport, l->data, lookup->hop);
    g_resolver_free_addresses(addresses);
    g_free(lookup->name);
    g_free(lookup);
}

static void load_peer(StoxTransport *transport, const StoxHopSettings *hop, const char *name)
{
    g_autoptr(GInetAddress) literal = g_inet_address_new_from_string(name);
    g_autoptr(GResolver) resolver = NULL;
    PeerLookup *lookup;

    if (literal) {
        add_peer(transport, literal, hop);
        return;
    }
    lookup = g_new0(PeerLookup, 1);
    lookup->transport = transport;
    lookup->hop = hop;
    lookup->name = g_strdup(name);
    resolver = g_resolver_get_default();
    g_resolver_lookup_by_name_async(resolver, name, transport->cancellable, peer_looked_up_cb,
                                    lookup);
}

void stox_transport_load_peers(StoxTransport *transport)
{
    for (unsigned i = 0; i < transport->settings->hops->len; i++) {
        const StoxHopSettings *hop = transport->settings->hops->pdata[i];

        if (hop->kind == STOX_TRANSPORT_TLS)
            continue;
        for (unsigned p = 0; hop->peers && hop->peers[p]; p++)
            load_peer(transport, hop, hop->peers[p]);
    }
}

bool stox_transport_count_peer(StoxTransport *transport, StoxConnection *connection)
{
    unsigned n = GPOINTER_TO_UINT(g_hash_table_lookup(transport->inbound_of, connection->peer_ip));

    if (transport->settings->max_connections_per_peer &&
        n >= transport->settings->max_connections_per_peer)
        return false;
    connection->counted = true;
    g_hash_table_replace(transport->inbound_of, g_strdup(connection->peer_ip),
                         GUINT_TO_POINTER(n + 1));
    return true;
}

void stox_transport_forget_peer(StoxTransport *transport, StoxConnection *connection)
{
    unsigned n;

    if (!connection->counted)
        return;
    connection->counted = false;
    n = GPOINTER_TO_UINT(g_hash_table_lookup(transport->inbound_of, connection->peer_ip));
    if (n > 1)
        g_hash_table_replace(transport->inbound_of, g_strdup(connection->peer_ip),
                             GUINT_TO_POINTER(n - 1));
    else
        g_hash_table_remove(transport->inbound_of, connection->peer_ip);
}

static void accept_one(StoxListener *listener, int fd, GSocketAddress *address)
{
    StoxTransport *transport = listener->transport;
    bool tls = listener->settings->kind == STOX_TRANSPORT_TLS;
    StoxConnection *connection = stox_connection_new(transport, fd, false, address);

    transport->accepted_total++;
    if (g_hash_table_size(transport->connections) > transport->settings->max_connections) {
        transport->refused_total++;
        stox_transport_warn(transport,
                            "SIP connection from %s refused: max-connections (%u) reached",
                            connection->peer, transport->settings->max_connections);
        stox_connection_fail(connection, NULL);
        return;
    }
    /* Otherwise one hostile address could take what max-connections leaves for everybody. */
    if (!stox_transport_count_peer(transport, connection)) {
        transport->refused_total++;
        stox_transport_warn(transport,
                            "SIP connection from %s refused: max-connections-per-peer (%u) reached",
                            connection->peer, transport->settings->max_connections_per_peer);
        stox_connection_fail(connection, NULL);
        return;
    }
    if (tls) {
        connection->ssl = stox_tls_accept(transport->tls);
        SSL_set_fd(connection->ssl, fd);
    } else {
        connection->hop = stox_transport_peer_hop(transport, STOX_TRANSPORT_TCP, address);
        if (!connection->hop) {
            transport->refused_total++;
            stox_transport_warn(
                transport,
                "SIP connection from %s refused: its address is in the peers of no tcp or udp hop",
                connection->peer);
            stox_connection_fail(connection, NULL);
            return;
        }
        g_info("SIP connection from %s (TCP, [hop %s]) is up", connection->peer,
               connection->hop->name);
    }
    stox_connection_start(connection);
}

static gboolean accept_cb(GSocket *socket, GIOCondition condition, gpointer user)
{
    StoxListener *listener = user;

    for (unsigned i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage native;
        socklen_t size = sizeof native;
        int fd = accept4(g_socket_get_fd(socket), (struct sockaddr *) &native, &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        g_autoptr(GSocketAddress) address = NULL;

        if (fd < 0) {
            if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
                stox_transport_warn(listener->transport, "cannot accept a SIP connection: %s",
                                    g_strerror(errno));
            break;
        }
        address = g_socket_address_new_from_native(&native, size);
        accept_one(listener, fd, address);
    }
    return G_SOURCE_CONTINUE;
}

/* IPv4 is listened on by itself at that port of UDP, so that a socket of IPv6 must leave it alone. */
static bool has_v4(const StoxTransport *transport, unsigned port)
{
    for (unsigned i = 0; i < transport->settings->listens->len; i++) {
        const StoxListenSettings *other = transport->settings->listens->pdata[i];

        if (other->kind == STOX_TRANSPORT_UDP && other->port == port && !strchr(other->host, ':'))
            return true;
    }
    return false;
}

static StoxListener *listen_one(StoxTransport *transport, const StoxListenSettings *settings,
                                GError **error)
{
    g_autoptr(GSocketAddress) address =
        g_inet_socket_address_new_from_string(settings->host, settings->port);
    g_autoptr(GSocket) socket = NULL;
    bool udp = settings->kind == STOX_TRANSPORT_UDP;
    StoxListener *listener;

    if (!address) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "listen %s is not an address literal", settings->host);
        return NULL;
    }
    socket = g_socket_new(g_socket_address_get_family(address),
                          udp ? G_SOCKET_TYPE_DATAGRAM : G_SOCKET_TYPE_STREAM,
                          udp ? G_SOCKET_PROTOCOL_UDP : G_SOCKET_PROTOCOL_TCP, error);
    if (!socket)
        return NULL;
    g_socket_set_blocking(socket, FALSE);
    g_socket_set_listen_backlog(socket, 512);
    if (udp)
        stox_datagram_set_options(socket, has_v4(transport, settings->port));
    if (!g_socket_bind(socket, address, !udp, error) || (!udp && !g_socket_listen(socket, error))) {
        g_prefix_error(error, "cannot listen on %s port %u ([sip] listen): ", settings->host,
                       settings->port);
        return NULL;
    }
    listener = g_new0(StoxListener, 1);
    listener->transport = transport;
    listener->settings = settings;
    listener->socket = g_steal_pointer(&socket);
    if (udp) {
        listener->datagram = stox_datagram_socket_new(transport, listener->socket);
        return listener;
    }
    listener->source = g_socket_create_source(listener->socket, G_IO_IN, NULL);
    g_source_set_callback(listener->source, G_SOURCE_FUNC(accept_cb), listener, NULL);
    g_source_attach(listener->source, g_main_context_get_thread_default());
    return listener;
}

bool stox_transport_listen_all(StoxTransport *transport, GError **error)
{
    for (unsigned i = 0; i < transport->settings->listens->len; i++) {
        const StoxListenSettings *settings = transport->settings->listens->pdata[i];
        StoxListener *listener = listen_one(transport, settings, error);

        if (!listener)
            return false;
        g_ptr_array_add(transport->listeners, listener);
        g_message("listening for SIP over %s on %s port %u", stox_transport_name(settings->kind),
                  settings->host, stox_transport_port(transport, i));
    }
    return true;
}
