/* SPDX-License-Identifier: MIT */
/* A transport with sockets of UDP, what it told, and raw sockets as its peers. */
#pragma once

#include "sip/datagram-private.h"
#include "tests/unit/sip/transport-bench.h"

#include <glib.h>

typedef struct {
    StoxSettings *settings;
    StoxTransport *transport;
    unsigned messages, connected, closed, unsent, partial, done;
    uint64_t flow, token;
    const StoxHopSettings *hop;
    GBytes *waits; /* sent once a pair is connected; borrowed */
    bool answer, reliable;
    char *body; /* of the last message */
} Bench;

typedef struct {
    int fd;
    unsigned port;
    struct sockaddr_storage gateway;
    socklen_t gateway_size;
} Peer;

/* g_test_init(), and the log goes to `logged`. */
void bench_init(int *argc, char ***argv);
StoxHopSettings *add_hop(Bench *bench, const char *name, StoxTransportKind kind, const char *peers);
Bench *bench_new(void);
void bench_open(Bench *bench);
/* One hop over UDP with these peers, one socket. */
Bench *bench_udp(const char *peers, const char *listen);
void bench_free(Bench *bench);
StoxHopSettings *first_hop(const Bench *bench);
StoxTransportStats stats_of(const Bench *bench);
/* Whatever is under way on the loopback has been dealt with. */
void settle(void);
socklen_t address_of(const char *ip, unsigned port, struct sockaddr_storage *ret_address);
/* At `ip`; hears and speaks to the n-th listener at `gateway` only. */
Peer peer_at(const Bench *bench, const char *ip, const char *gateway, unsigned listener);
void peer_send(const Peer *peer, const char *bytes, size_t n);
/* What came, as text; NULL: nothing. */
char *peer_heard(const Peer *peer);
bool heard(const Peer *peer);
void say(const Peer *peer, const char *text);
/* For stox_transport_shutdown(). */
void done_cb(void *user);

#define VIA(host_port, rest) "Via: SIP/2.0/UDP " host_port ";branch=z9hG4bKa" rest "\r\n"
#define HEADERS                                                                                    \
    "From: <sip:alice@contoso.example>;tag=1\r\nTo: <sip:bob@partner.example>\r\n"                 \
    "Call-ID: c\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n"
#define MESSAGE(via) "MESSAGE sip:bob@partner.example SIP/2.0\r\n" via HEADERS
#define ANSWER(via)                                                                                \
    "SIP/2.0 200 OK\r\n" via                                                                       \
    "From: <sip:alice@contoso.example>;tag=1\r\nTo: <sip:bob@partner.example>;tag=t\r\n"           \
    "Call-ID: c\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n"

/* A request that is good in every respect. */
#define SOUND MESSAGE(VIA("pc.contoso.example", ";rport")) "Content-Length: 0\r\n\r\n"

#define BENCH_ROWS(group, rows, func)                                                              \
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {                                            \
        g_autofree char *path = g_strdup_printf("/" group "/%02u %s", i, (rows)[i].what);          \
                                                                                                   \
        g_test_add_data_func(path, &(rows)[i], func);                                              \
    }
