/* SPDX-License-Identifier: MIT */
/* UDP: what transport-datagram.c (sockets: what is read, written and refused) and transport-flow.c (the table of pairs) owe each other and transport.c. */
#pragma once

#include "sip/transport-private.h"

#include <sys/socket.h>

/* RFC 3261 s18.1.1: what is larger takes a stream. */
enum { STOX_DATAGRAM_REQUEST_MAX = 1300, STOX_DATAGRAM_MAX = 65507 };

/* Which of our addresses a datagram came to; family AF_UNSPEC: the socket has but one, or we speak first. */
typedef struct {
    int family;
    unsigned char address[16];
    unsigned interface; /* of a link-local address */
} StoxLocalAddress;

struct StoxDatagramSocket {
    StoxTransport *transport;
    int fd;
    int family;
    bool wildcard;         /* bound to every address: what leaves must name its source */
    bool mapped;           /* IPv6 that speaks to IPv4 as well */
    char *address;         /* bound to, without port */
    GSource *read, *write; /* write: only while the kernel takes no more */
    GQueue out;            /* StoxDatagram* */
    size_t queued;
};

/* A request that left not long ago: an ICMP error names it by its first bytes. */
typedef struct {
    GBytes *bytes;
    uint64_t token;
    int64_t left_ms;
    bool again; /* an earlier copy has left on this flow */
} StoxSent;

/* The pair of one of our sockets and a remote address. */
typedef struct {
    uint64_t id;
    unsigned refs;
    bool gone; /* out of the table */
    StoxDatagramSocket *socket;
    const StoxHopSettings *hop;
    struct sockaddr_storage remote;
    socklen_t remote_size;
    StoxLocalAddress local;
    char *key;
    char *peer;                  /* "192.0.2.1:5060", for people */
    GList link;                  /* in the order of last use */
    int64_t used_ms, refused_ms; /* refused: nobody listens there; 0 no */
    GQueue sent;                 /* StoxSent*, oldest first; only those with a token */
    GHashTable *copies;          /* token -> when its last copy left; NULL: none has */
} StoxDatagramFlow;

typedef struct {
    StoxDatagramFlow *flow;
    GBytes *bytes;
    uint64_t token;
} StoxDatagram;

/* ---- transport-datagram.c ---- */

/* Reads and writes a bound socket, which stays its owner's; it must live longer. */
StoxDatagramSocket *stox_datagram_socket_new(StoxTransport *transport, GSocket *socket);
void stox_datagram_socket_free(StoxDatagramSocket *socket);
/* No datagram is taken any more; what is queued still leaves. */
void stox_datagram_socket_stop(StoxDatagramSocket *socket);
/* Before it is bound. `only_v6`: IPv4 has a socket of its own on that port. */
void stox_datagram_set_options(GSocket *socket, bool only_v6);
bool stox_datagram_queue(StoxDatagramFlow *flow, GBytes *bytes, uint64_t token);
void stox_datagram_write(StoxDatagramSocket *socket);

/* ---- transport-flow.c ---- */

/* The pair, made if need be. `host`: ours, opened for that name; NULL: for answers. */
StoxDatagramFlow *stox_flow_get(StoxDatagramSocket *socket, const struct sockaddr_storage *remote,
                                socklen_t remote_size, const StoxLocalAddress *local,
                                const StoxHopSettings *hop, const char *host);
/* Address of the peer without port; "" for an unknown flow. Caller frees. */
char *stox_flow_peer(const StoxTransport *transport, uint64_t id);
StoxDatagramFlow *stox_flow_lookup(const StoxTransport *transport, uint64_t id);
/* The oldest one that we opened to exactly this remote address; NULL none. */
StoxDatagramFlow *stox_flow_opened_to(const StoxTransport *transport,
                                      const struct sockaddr_storage *remote);
void stox_flow_ref(StoxDatagramFlow *flow);
void stox_flow_unref(StoxDatagramFlow *flow);
void stox_flow_used(StoxDatagramFlow *flow);
/* Something came from there: those that we opened to it are alive. */
void stox_flows_heard(const StoxTransport *transport, const struct sockaddr_storage *remote);
/* A request has left. */
void stox_flow_sent(StoxDatagramFlow *flow, GBytes *bytes, uint64_t token);
/* The network says that what begins with `bytes` did not reach `remote`. */
void stox_flow_refused(StoxTransport *transport, const struct sockaddr_storage *remote,
                       const char *bytes, size_t n, int error);
/* Out of the table; `why` for its owner, NULL: nobody is told. */
void stox_flow_remove(StoxDatagramFlow *flow, const char *why);
/* Forgets what is idle, closes what stays refused. */
void stox_flows_sweep(StoxTransport *transport, int64_t now);
/* "192.0.2.1" or "fe80::1" without brackets; IPv4 in IPv6 comes as IPv4. Caller frees. */
char *stox_sockaddr_text(const struct sockaddr_storage *address, unsigned *ret_port);
