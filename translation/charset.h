/* SPDX-License-Identifier: MIT */
/* Charsets of SIP bodies: a fixed list, to UTF-8 that XML may carry (M-26). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Lower case; NULL counts as UTF-8, and US-ASCII is part of that. What is not of the list is never given to a converter. */
bool stox_charset_is_known(const char *charset);
/*
 * Bytes in a known charset -> UTF-8 without byte order mark and what XML forbids, newlines LF; may be empty. NULL: the bytes are not in it. Caller frees.
 */
char *stox_charset_read(const char *charset, const char *bytes, size_t n);
/* CR LF and CR become LF, in place. */
void stox_unify_newlines(char *text);
