/* SPDX-License-Identifier: MIT */
/* Writing presence documents: PIDF (RFC 3863) with RPID in both namespaces (RFC 4480 and Microsoft's older one), XMPP's <show/> (RFC 8048 s6). */
#pragma once

#include "translation/presence-document.h"

typedef enum {
    STOX_PIDF_STANDARD, /* one tuple per resource, RFC 4480 RPID in a person, <show/> (rows P-110 to P-129) */
    STOX_PIDF_MICROSOFT /* one tuple, id 0, text activities in urn:ietf:params:xml:ns:pidf:status:rpid-status (lync.md 4.8 d) */
} StoxPidfStyle;

/*
 * Writes the document for `entity_uri` ("sip:bob@partner.example"). Never without a tuple: nothing known is one closed tuple (P-123).
 * `now_wall_ms` gives the timestamp of tuples. Caller unrefs.
 */
GBytes *stox_pidf_write(const char *entity_uri, const StoxPresentities *presentities,
                        StoxPidfStyle style, int64_t now_wall_ms);
