/* SPDX-License-Identifier: MIT */
/* What transport.c (table, listeners), transport-listen.c and connection.c (one connection) owe each other. */
#pragma once

#include "sip/frame.h"
#include "sip/transport.h"
#include "translation/error.h"

typedef enum {
    STOX_CONNECTION_CONNECTING, /* TCP */
    STOX_CONNECTION_HANDSHAKE,  /* TLS */
    STOX_CONNECTION_OPEN,
    STOX_CONNECTION_HALF,    /* the peer sends no more; answers still go out */
    STOX_CONNECTION_DRAINING /* an answer or close_notify is still to leave; nothing is read */
} StoxConnectionState;

typedef struct {
    GBytes *bytes;
    uint64_t token;
    size_t offset; /* bytes the kernel took */
} StoxChunk;

typedef struct StoxConnection {
    uint64_t id;
    unsigned refs;
    StoxTransport *transport;
    StoxConnectionState state;
    bool outbound, dead, dirty, got_message, said_goodbye;
    bool counted; /* in inbound_of */
    int fd;
    SSL *ssl;                   /* NULL: tcp */
    const StoxHopSettings *hop; /* NULL until an inbound peer is known */
    char *host;                 /* outbound: the name it was opened for */
    char **names;               /* TLS: what the peer's certificate carries */
    char *peer;                 /* "192.0.2.1:5061", for people */
    char *peer_ip;              /* tcp: literal */
    StoxFrame *frame;
    GQueue out; /* StoxChunk* */
    size_t queued;
    bool tls_retry;                    /* SSL_write must be repeated with the same bytes */
    bool write_on_read, read_on_write; /* TLS wants the other direction first */
    GSource *source;
    gpointer fd_tag;
    int64_t opened_ms, last_in_ms, last_out_ms, last_message_ms; /* monotonic */
    int64_t progress_ms, stall_ms; /* when its end last took a byte of what waits */
    unsigned unanswered;           /* requests of the peer without a final response */
    bool told_closed, half_proven;
    int64_t partial_since_ms; /* since then a part of a message waits for its rest; 0: none */
    int64_t ping_sent_ms;     /* 0: no ping outstanding */
    int64_t ping_interval_ms, pong_wait_ms;
    bool ponged;      /* the peer has answered a ping before */
    bool pong_queued; /* ours waits to be written */
} StoxConnection;

/* A source address of a tcp or udp hop. */
typedef struct {
    GInetAddress *address;
    const StoxHopSettings *hop;
} StoxPeer;

typedef struct StoxDatagramSocket StoxDatagramSocket; /* datagram-private.h */
typedef struct StoxFlows StoxFlows;                   /* transport-flow.c */

typedef struct {
    StoxTransport *transport;
    const StoxListenSettings *settings;
    GSocket *socket;
    GSource *source;              /* NULL: udp */
    StoxDatagramSocket *datagram; /* NULL: tls, tcp */
} StoxListener;

/* Something the owner is told from the loop, never from inside its own calls. */
typedef struct {
    enum { STOX_NOTICE_CONNECTED, STOX_NOTICE_UNSENT, STOX_NOTICE_CLOSED } kind;
    uint64_t flow, token;
    bool partial;
    char *why;
} StoxNotice;

struct StoxTransport {
    const StoxSettings *settings;
    StoxTls *tls;
    StoxTransportFuncs funcs;
    void *user;
    GHashTable *connections; /* id -> StoxConnection* */
    GHashTable *inbound_of;  /* address of a peer -> how many connections it has opened */
    GPtrArray *dirty;        /* StoxConnection* with a reference */
    GPtrArray *listeners;    /* StoxListener* */
    GArray *peers;           /* StoxPeer */
    StoxFlows *flows;        /* of udp */
    GCancellable *cancellable;
    GQueue notices;
    GSource *notice_source;
    uint64_t next_id;
    size_t accepted_total, refused_total, dropped_total, queued_bytes;
    int64_t warn_window_ms;
    unsigned warned, unwarned;
    void (*drained)(void *user);
    void *drained_user;
    char read_buffer[65536];
};

int64_t stox_transport_now(void); /* monotonic ms */
void stox_transport_notice(StoxTransport *transport, int kind, uint64_t flow, uint64_t token,
                           bool partial, const char *why);
/* A warning about a peer, at most 30 a minute: a scanner must not fill the log. */
void stox_transport_warn(StoxTransport *transport, const char *format, ...) G_GNUC_PRINTF(2, 3);
void stox_transport_remove(StoxTransport *transport, StoxConnection *connection);
void stox_transport_mark_dirty(StoxTransport *transport, StoxConnection *connection);
/*
 * The hop whose peers hold this source address; NULL: refused. Over UDP only udp hops count, since a datagram's source can be forged; over TCP
 * both, since what is too large for UDP comes so (RFC 3261 s18.1.1).
 */
const StoxHopSettings *stox_transport_peer_hop(const StoxTransport *transport,
                                               StoxTransportKind kind, GSocketAddress *address);
/*
 * The address, with port 0, that a tls or tcp connection to `to` leaves from: of the first listener of that kind and family with an address of its own that is
 * loopback if and only if `to` is. NULL: the system chooses. Caller unrefs.
 */
GSocketAddress *stox_transport_source(const StoxTransport *transport, StoxTransportKind kind,
                                      GSocketAddress *to);
bool stox_transport_listen_all(StoxTransport *transport, GError **error);
void stox_transport_load_peers(StoxTransport *transport);
/* Counts an inbound connection; false: its peer has as many as max-connections-per-peer allows. */
bool stox_transport_count_peer(StoxTransport *transport, StoxConnection *connection);
void stox_transport_forget_peer(StoxTransport *transport, StoxConnection *connection);
void stox_listener_free(StoxListener *listener);
/* Something is to be written or told in the next turn of the loop. */
void stox_transport_wake(StoxTransport *transport);

/* transport-flow.c: what transport.h says, for UDP. */
StoxFlows *stox_flows_new(void);
void stox_flows_free(StoxFlows *flows);
size_t stox_flows_count(const StoxFlows *flows);
uint64_t stox_flows_connect(StoxTransport *transport, const StoxHopSettings *hop,
                            GSocketAddress *address, const char *host);
bool stox_flows_has(const StoxTransport *transport, uint64_t flow);
bool stox_flows_send(StoxTransport *transport, uint64_t flow, GBytes *bytes, uint64_t token);
void stox_flows_close(StoxTransport *transport, uint64_t flow, const char *why);
void stox_flows_close_all(StoxTransport *transport, const char *why);

/* transport-datagram.c */
void stox_datagrams_flush(StoxTransport *transport);
/* Something can be written now. */
bool stox_datagrams_to_write(const StoxTransport *transport);
/* Nothing waits for a socket any more. */
bool stox_datagrams_written(const StoxTransport *transport);

/* Takes `fd`. Outbound connections start in CONNECTING, inbound ones in HANDSHAKE or OPEN. */
StoxConnection *stox_connection_new(StoxTransport *transport, int fd, bool outbound,
                                    GSocketAddress *peer);
void stox_connection_start(StoxConnection *connection);
void stox_connection_unref(StoxConnection *connection);
bool stox_connection_queue(StoxConnection *connection, GBytes *bytes, uint64_t token);
void stox_connection_write(StoxConnection *connection);
void stox_connection_read(StoxConnection *connection);
/* Sets what its source waits for: directions and the next timer. */
void stox_connection_update(StoxConnection *connection);
/* Says why in the log and ends it. */
void stox_connection_refuse(StoxConnection *connection, const char *what, const char *why);
/* Nothing more comes from the peer. */
void stox_connection_peer_ended(StoxConnection *connection, const char *why);
/* False: its peer has ended its side, and whether it still takes anything is not known. */
bool stox_connection_takes(StoxConnection *connection);
/* close_notify and FIN, once. */
void stox_connection_goodbye(StoxConnection *connection);
void stox_chunk_free(StoxChunk *chunk);
/* Ends it now; `why` for the owner and, unless quiet, the log. */
void stox_connection_fail(StoxConnection *connection, const char *why);
/* Writes what is queued, then ends it in an orderly way. */
void stox_connection_drain(StoxConnection *connection, const char *why);
