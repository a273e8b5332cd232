/* SPDX-License-Identifier: MIT */
/* Bodies of SIP MESSAGE requests <-> what XMPP shows: plain text, and XHTML-IM where it is wanted (RFC 7572 s7; M-01, M-26 to M-32). */
#pragma once

#include "translation/types.h"

/* What a MESSAGE body says. Zero-initialise; the strings may be NULL. */
typedef struct {
    char *text;           /* never NULL after a successful read */
    char *xhtml;          /* as StoxMessage.xhtml, sanitised; only when asked for */
    char *lang;           /* of the part that was chosen (its own Content-Language) */
    char *subject;        /* of a message/cpim wrapper */
    int64_t date_wall_ms; /* DateTime of such a wrapper; 0 none */
} StoxBody;
void stox_body_clear(StoxBody *body);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxBody, stox_body_clear)

/* Types of messages we read, as an Accept header lists them. */
#define STOX_BODY_ACCEPT                                                                           \
    "text/plain, text/html, text/rtf, multipart/alternative, multipart/related, multipart/mixed, " \
    "message/cpim"
/* What says something of a message or its writer: typing (RFC 3994), receipts (RFC 5438; in message/cpim). */
#define STOX_BODY_ACCEPT_STATES "application/im-iscomposing+xml, message/imdn+xml"

/*
 * As SDP lists them (accept-types). A front end's client writes the poorest form that is listed (lync.md 4.4), and never typing or receipts this way;
 * everybody else is told all that is taken (S-24, M-90).
 */
#define STOX_BODY_TYPES_PLAIN "text/plain"
#define STOX_BODY_TYPES_RICH  "text/plain text/html text/rtf multipart/alternative"
#define STOX_BODY_TYPES_ALL                                                                        \
    STOX_BODY_TYPES_RICH " multipart/related multipart/mixed message/cpim message/imdn+xml "       \
                         "application/im-iscomposing+xml"

/*
 * The best of a SIP body: text/plain, text/html, text/rtf (application/rtf), message/cpim around one, or multiparts of them (M-32). Charsets,
 * Content-Transfer-Encoding (base64, quoted-printable) of parts. `rich`: xhtml is wanted; then the richest part of an alternative is read as well. On failure false and
 * *ret_failure (uninitialised before): 415 with Accept (unknown type, charset, encoding; a message/cpim that requires what we do not know), 400 (malformed, nothing
 * left to show), 413 (more than 512 KiB, or beyond the limits of mime.h and cpim.h). Content-Encoding of the request is the caller's to refuse.
 */
bool stox_body_read(const char *content_type, GBytes *bytes, bool rich, StoxBody *ret_body,
                    StoxSipResult *ret_failure);
