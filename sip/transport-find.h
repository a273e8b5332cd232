/* SPDX-License-Identifier: MIT */
/* Which of the open connections may carry a request (R-31: the same peer, and over TLS only with the right name in its certificate). */
#pragma once

#include "sip/transport.h"

/*
 * The oldest open TLS connection of `hop`, whoever opened it, whose peer's certificate carries `host`; one from the address of `address` (NULL: any) before
 * others. Those from the addresses of `others` (GSocketAddress*; NULL: none), which are servers of their own, do not count. Always the same one while
 * it lives, so that order is kept. 0: none.
 */
uint64_t stox_transport_find_tls(const StoxTransport *transport, const StoxHopSettings *hop,
                                 const char *host, GSocketAddress *address,
                                 const GPtrArray *others);
/* Whether a request for `host` may take this flow: always over tcp and udp, which prove no name; over TLS its certificate must carry it. */
bool stox_transport_proves(const StoxTransport *transport, uint64_t flow, const char *host);
/* Whether its peer has the address of `address`, whatever the port. */
bool stox_transport_comes_from(const StoxTransport *transport, uint64_t flow,
                               GSocketAddress *address);
/* The address of its peer without port, by which what it sends is counted: a connection more brings it nothing. "" for an unknown flow. Caller frees. */
char *stox_transport_peer(const StoxTransport *transport, uint64_t flow);
/* "192.0.2.1" or "2001:db8::1". Caller frees. */
char *stox_address_ip(GSocketAddress *address);
/* "192.0.2.1:5061" or "[2001:db8::1]:5061". Caller frees. */
char *stox_address_text(GSocketAddress *address);
