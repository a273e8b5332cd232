/* SPDX-License-Identifier: MIT */
/* Message bodies of page-mode and session-mode MESSAGE requests <-> the text of an XMPP body (RFC 7572 s4, s5; rows M-01 to M-30). */
#pragma once

#include "translation/types.h"

#define STOX_TEXT_TYPE   "text/plain; charset=UTF-8"
#define STOX_TEXT_ACCEPT "text/plain"

/*
 * The text of a SIP body: text/plain, or the best such part of multipart/alternative, mixed or related (M-32; at most 32 parts, 4 deep). UTF-8,
 * US-ASCII and a fixed list of charsets. Newlines become LF, characters XML forbids are dropped. On failure returns NULL and fills *ret_failure
 * (uninitialised before): 415 with Accept (unknown type or charset), 400 (empty or not in its charset). Content-Encoding of the request is the
 * caller's to refuse. Caller frees.
 */
char *stox_text_from_sip(const char *content_type, GBytes *body, StoxSipResult *ret_failure);

/* The text that goes to SIP for an XMPP message: body, else the subject (M-12); NULL: nothing to send (M-13). Borrowed from message. */
const char *stox_text_of_message(const StoxMessage *message);

/* One line for a header: CR, LF, TAB become blanks, controls go (M-02). Caller frees; NULL for NULL or empty. */
char *stox_text_header_line(const char *text);
