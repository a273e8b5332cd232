/* SPDX-License-Identifier: MIT */
/* JID escaping (XEP-0106): characters a localpart cannot hold as \hh. */
#pragma once

/*
 * `user` with the ten escapes. What becomes an escape when it is put in lower case is escaped too
 * . NULL when it begins or ends with a space, which has no form. Caller frees.
 */
char *stox_jid_escape(const char *user);

/*
 * The inverse, of an enforced localpart, which is in lower case, in one pass. Caller
 * frees.
 */
char *stox_jid_unescape(const char *local);
