/* SPDX-License-Identifier: MIT */
/* Offer and answer of an IM session (RFC 3264 as far as Lync's m=message needs it; lync.md 4.4, 7.1, 7.2). */
#pragma once

#include <glib.h>

#include <stdbool.h>

typedef struct StoxSdpOffer StoxSdpOffer;

/* Reads the media lines of an offer. NULL: no SDP, none or too many of them (16). */
StoxSdpOffer *stox_sdp_offer_read(GBytes *body);
void stox_sdp_offer_free(StoxSdpOffer *offer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxSdpOffer, stox_sdp_offer_free)
/* True when it has an m=message or m=x-ms-message line over sip with a port. */
bool stox_sdp_offer_has_im(const StoxSdpOffer *offer);

/*
 * The accept-types of the first IM line of an offer or answer, with blanks between; those of the whole session when it has none of its own. NULL: not
 * said, or more than 1024 bytes. Caller frees.
 */
char *stox_sdp_accept_types(GBytes *body);

/* Our offer; `address` is an IPv4 literal, NULL: 0.0.0.0. `types`: what we take, NULL: text/plain. Caller unrefs. */
GBytes *stox_sdp_offer_write(const char *address, unsigned port, const char *types);
/*
 * Our answer: takes the first IM line for `uri`, refuses all others with port 0 (RFC 3264 s6). It lists all `types` whatever the offer does: each side
 * says what it takes itself (RFC 4975 s8.6). Caller unrefs.
 */
GBytes *stox_sdp_answer_write(const StoxSdpOffer *offer, const char *address, unsigned port,
                              const char *uri, const char *types);
