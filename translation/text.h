/* SPDX-License-Identifier: MIT */
/* The text of an XMPP message as SIP gets it (RFC 7572 s4, s5; M-01, M-02, M-12, M-13). */
#pragma once

#include "translation/types.h"

#define STOX_TEXT_TYPE "text/plain; charset=UTF-8"

/* The text that goes to SIP for an XMPP message: body, else the subject (M-12); NULL: nothing to send (M-13). Borrowed from message. */
const char *stox_text_of_message(const StoxMessage *message);

/* One line for a header: CR, LF, TAB become blanks, controls go (M-02). Caller frees; NULL for NULL or empty. */
char *stox_text_header_line(const char *text);
