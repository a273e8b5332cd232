/* SPDX-License-Identifier: MIT */
/* Listeners, connections (tls, tcp) and datagram peers (udp), IPv4 and IPv6, in the GLib loop: framing with limits, batched writes, bounded queues, keep-alive, idle close. */
#pragma once

#include "sip/message.h"
#include "sip/tls.h"

#include <gio/gio.h>

typedef struct StoxTransport StoxTransport;

typedef struct {
    /* One framed and parsed message. `hop` is the settings of the peer that the flow belongs to; `reliable`: it came over a stream. Called outside of every send. */
    void (*message)(void *user, uint64_t flow, const StoxHopSettings *hop, bool reliable,
                    StoxSipMessage *message);
    /* An outgoing connection is up (TLS verified); what was queued goes out. */
    void (*connected)(void *user, uint64_t flow);
    /* The connection is gone. `wrote`: bytes of `token`s below may have left. */
    void (*closed)(void *user, uint64_t flow, const char *why);
    /* A send did not (completely) leave: `partial` false: no byte of it was handed to the kernel. Called once per failed token (not for 0), before closed. */
    void (*unsent)(void *user, uint64_t flow, uint64_t token, bool partial);
} StoxTransportFuncs;

/* `tls` may be NULL when no listener and no hop uses it. Names the local address of outgoing connections by the kernel. */
StoxTransport *stox_transport_new(const StoxSettings *settings, StoxTls *tls,
                                  const StoxTransportFuncs *funcs, void *user);
void stox_transport_free(StoxTransport *transport);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxTransport, stox_transport_free)
/* Opens every listener of the settings (port 0: the kernel's choice). False: which, why, what to do. */
bool stox_transport_listen(StoxTransport *transport, GError **error);
unsigned stox_transport_port(const StoxTransport *transport,
                             unsigned listener); /* bound port of the n-th listener */
void stox_transport_stop_listening(StoxTransport *transport);

/*
 * Starts a connection to `address` (already resolved) for `hop`; `host` is the name the certificate must carry and SNI. Returns the flow at once; sends queue
 * until it is connected. Failure comes as unsent + closed, never from inside this call. `kind` is the hop's, or TCP for what is too large for a hop over
 * UDP. A UDP flow is the pair of our socket and `address`; it is connected at once (told later, like all). It is refused when `address` is no peer of
 * a udp hop and `host` no next hop of `hop`: requests with a forged source must not make us send to others. After 64 s without use it is forgotten
 * and nobody is told; when the network says that nobody listens there, what was just sent is unsent and a moment later the flow closed.
 */
uint64_t stox_transport_connect(StoxTransport *transport, const StoxHopSettings *hop,
                                StoxTransportKind kind, GSocketAddress *address, const char *host);
bool stox_transport_is_open(const StoxTransport *transport, uint64_t flow);
/* Open (or opening) and of that kind: what must take a stream may not take a flow over UDP. */
bool stox_transport_is_kind(const StoxTransport *transport, uint64_t flow, StoxTransportKind kind);

/*
 * Queues bytes; they leave at the next flush or when the socket is writable. False: no such flow or its queue is full (nothing was taken), or it is UDP and
 * the bytes are a request over 1300 (RFC 3261 s18.1.1) or a response over 65507. `token` 0: nobody waits.
 */
bool stox_transport_send(StoxTransport *transport, uint64_t flow, GBytes *bytes, uint64_t token);
/* End of a loop turn: writes what was batched. */
void stox_transport_flush(StoxTransport *transport);
void stox_transport_close(StoxTransport *transport, uint64_t flow, const char *why);
/* Flushes and closes all connections in an orderly way (close_notify), bounded in time by the caller's loop; `done` is called when none is left. */
void stox_transport_shutdown(StoxTransport *transport, void (*done)(void *user), void *user);

typedef struct {
    size_t connections, accepted_total, refused_total, queued_bytes;
    size_t flows;         /* pairs over UDP */
    size_t dropped_total; /* datagrams of strangers, and of peers those that are no SIP */
} StoxTransportStats;
void stox_transport_stats(const StoxTransport *transport, StoxTransportStats *ret_stats);
