/* SPDX-License-Identifier: MIT */
/* Percent-encoding of URIs (RFC 3986 s2.1). */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/* Letters, digits and the octets of `raw` stay, all others become %HH. Appends to `out`. */
void stox_percent_encode(GString *out, const char *text, const char *raw);

/*
 * Decodes `length` octets, which may be alphanumeric, in `raw`, or escapes. NULL when another octet
 * or a broken escape is met, or one that stands for NUL. The result need not be UTF-8. Caller
 * frees.
 */
char *stox_percent_decode(const char *text, size_t length, const char *raw);
