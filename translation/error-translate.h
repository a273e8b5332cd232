/* SPDX-License-Identifier: MIT */
/* One error, looked up for an administrator: what the other side gets for a SIP status or a stanza error. */
#pragma once

#include <glib.h>

#include <stdbool.h>

/*
 * `what` is a SIP status ("603"; "5xx": one that RFC 7247's table 3 does not list; "-": none, the domain does not resolve) or the name of a condition
 * ("item-not-found"). Gives "CONDITION TYPE" or the status that answers a MESSAGE, SUBSCRIBE or NOTIFY (never 408 or 491, RFC 4320 s4.2) and needs no
 * address (E-64, E-73); `bare`: for the error of a bare JID (D-05). Caller frees. NULL with a G_OPTION_ERROR: neither is known, or the status is none of a failure (D-02).
 */
char *stox_error_translate(const char *what, bool bare, GError **error);
