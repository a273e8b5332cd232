/* SPDX-License-Identifier: MIT */
#include "sip/transport-find.h"
#include "sip/datagram-private.h"
#include "sip/transport-private.h"

#include <string.h>

char *stox_address_ip(GSocketAddress *address)
{
    return g_inet_address_to_string(
        g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
}

char *stox_address_text(GSocketAddress *address)
{
    g_autofree char *ip = stox_address_ip(address);

    return g_strdup_printf(strchr(ip, ':') ? "[%s]:%u" : "%s:%u", ip,
                           g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address)));
}

/* IPv4 comes as IPv6 where a listener takes both. */
static const char *plain_ip(const char *ip)
{
    return g_ascii_strncasecmp(ip, "::ffff:", 7) == 0 && strchr(ip, '.') ? ip + 7 : ip;
}

static bool same_ip(const char *ip, GSocketAddress *address)
{
    g_autofree char *text = stox_address_ip(address);

    return strcmp(plain_ip(ip), plain_ip(text)) == 0;
}

static bool is_one_of(const char *ip, const GPtrArray *addresses)
{
    for (unsigned i = 0; addresses && i < addresses->len; i++)
        if (same_ip(ip, addresses->pdata[i]))
            return true;
    return false;
}

static bool carries(const StoxConnection *connection, const char *host)
{
    if (connection->host && g_ascii_strcasecmp(connection->host, host) == 0)
        return true;
    for (unsigned i = 0; connection->names && connection->names[i]; i++)
        if (stox_tls_name_matches(connection->names[i], host))
            return true;
    return false;
}

uint64_t stox_transport_find_tls(const StoxTransport *transport, const StoxHopSettings *hop,
                                 const char *host, GSocketAddress *address, const GPtrArray *others)
{
    uint64_t best = 0, best_there = 0;
    gpointer value;
    GHashTableIter iter;

    g_hash_table_iter_init(&iter, transport->connections);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const StoxConnection *connection = value;

        if (connection->hop != hop || connection->state != STOX_CONNECTION_OPEN ||
            !connection->ssl || !carries(connection, host))
            continue;
        if (address && same_ip(connection->peer_ip, address)) {
            if (!best_there || connection->id < best_there)
                best_there = connection->id;
        } else if ((!best || connection->id < best) && !is_one_of(connection->peer_ip, others)) {
            best = connection->id;
        }
    }
    return best_there ? best_there : best;
}

bool stox_transport_proves(const StoxTransport *transport, uint64_t flow, const char *host)
{
    const StoxConnection *connection = g_hash_table_lookup(transport->connections, &flow);

    return !connection || !connection->ssl || carries(connection, host);
}

bool stox_transport_comes_from(const StoxTransport *transport, uint64_t flow,
                               GSocketAddress *address)
{
    const StoxConnection *connection = g_hash_table_lookup(transport->connections, &flow);
    const StoxDatagramFlow *pair = connection ? NULL : stox_flow_lookup(transport, flow);
    g_autofree char *text = NULL;

    if (connection)
        return same_ip(connection->peer_ip, address);
    text = stox_address_text(address);
    return pair && strcmp(pair->peer, text) == 0;
}

char *stox_transport_peer(const StoxTransport *transport, uint64_t flow)
{
    const StoxConnection *connection = g_hash_table_lookup(transport->connections, &flow);

    return connection ? g_strdup(plain_ip(connection->peer_ip)) : stox_flow_peer(transport, flow);
}
