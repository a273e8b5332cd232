/* SPDX-License-Identifier: MIT */
/* JID escaping (XEP-0106): characters a localpart cannot hold as \hh. */
#pragma once

/*
 * `user` (valid UTF-8, already in lower case, A-07) with the ten escapes. NULL when it begins or ends with a space, which has no form
 * . Caller frees.
 */
char *stox_jid_escape(const char *user);

/* The inverse of an enforced localpart, in one pass. Caller frees. */
char *stox_jid_unescape(const char *local);
