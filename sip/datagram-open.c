/* SPDX-License-Identifier: MIT */
/* Opening a pair over UDP: whether requests may go there, and from which of our sockets. */
#include "sip/datagram-private.h"

#include <gio/gnetworking.h>

#include <string.h>
#include <unistd.h>

/* Whether requests may go there (transport.h). */
static bool may_open(const StoxTransport *transport, const StoxHopSettings *hop,
                     GSocketAddress *address, const char *host)
{
    for (unsigned i = 0; i < hop->next_hops->len; i++) {
        const StoxNextHop *next = hop->next_hops->pdata[i];

        if (g_ascii_strcasecmp(next->host, host) == 0)
            return true;
    }
    return stox_transport_peer_hop(transport, STOX_TRANSPORT_UDP, address) != NULL;
}

/* The address that the kernel would send from; NULL: there is no way to it. Nothing is sent. */
static char *source_toward(const struct sockaddr_storage *remote, socklen_t size)
{
    int fd = socket(remote->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_storage own;
    socklen_t own_size = sizeof own;
    unsigned port;
    char *text = NULL;

    if (fd >= 0 && connect(fd, (const struct sockaddr *) remote, size) == 0 &&
        getsockname(fd, (struct sockaddr *) &own, &own_size) == 0)
        text = stox_sockaddr_text(&own, &port);
    if (fd >= 0)
        close(fd);
    return text;
}

/* Of our sockets the one that suits: bound to the address the kernel would take, to all of them, or the first of the family. */
static StoxDatagramSocket *socket_toward(const StoxTransport *transport,
                                         const struct sockaddr_storage *remote, socklen_t size)
{
    g_autofree char *source = source_toward(remote, size);
    StoxDatagramSocket *any = NULL, *first = NULL, *mapped = NULL;

    for (unsigned i = 0; i < transport->listeners->len; i++) {
        StoxDatagramSocket *socket = ((StoxListener *) transport->listeners->pdata[i])->datagram;

        if (!socket)
            continue;
        if (socket->family != remote->ss_family) {
            mapped = mapped || !socket->mapped ? mapped : socket;
            continue;
        }
        if (source && strcmp(socket->address, source) == 0)
            return socket;
        first = first ? first : socket;
        any = any || !socket->wildcard ? any : socket;
    }
    return any ? any : first ? first : remote->ss_family == AF_INET ? mapped : NULL;
}

static void map_to_v6(struct sockaddr_storage *remote, socklen_t *size)
{
    struct sockaddr_in v4 = *(struct sockaddr_in *) remote;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *) remote;

    memset(remote, 0, sizeof *remote);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = v4.sin_port;
    v6->sin6_addr.s6_addr[10] = v6->sin6_addr.s6_addr[11] = 0xff;
    memcpy(v6->sin6_addr.s6_addr + 12, &v4.sin_addr, 4);
    *size = sizeof *v6;
}

uint64_t stox_flows_connect(StoxTransport *transport, const StoxHopSettings *hop,
                            GSocketAddress *address, const char *host)
{
    const StoxLocalAddress none = {.family = AF_UNSPEC};
    struct sockaddr_storage remote = {0};
    socklen_t size = (socklen_t) g_socket_address_get_native_size(address);
    StoxDatagramSocket *socket = NULL;
    uint64_t id;
    const char *why = NULL;

    if (!may_open(transport, hop, address, host))
        why = "the address is in the peers of no udp hop";
    else if (g_socket_address_to_native(address, &remote, sizeof remote, NULL))
        socket = socket_toward(transport, &remote, size);
    if (!socket) {
        id = ++transport->next_id;
        stox_transport_notice(transport, STOX_NOTICE_CLOSED, id, 0, false,
                              why ? why : "[sip] listen has no udp of its address family");
        return id;
    }
    if (socket->family != remote.ss_family)
        map_to_v6(&remote, &size);
    id = stox_flow_get(socket, &remote, size, &none, hop, host)->id;
    stox_transport_notice(transport, STOX_NOTICE_CONNECTED, id, 0, false, NULL);
    return id;
}
