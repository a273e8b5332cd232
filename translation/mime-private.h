/* SPDX-License-Identifier: MIT */
/* Content-Transfer-Encodings (RFC 2045 s6.7, s6.8). Private to translation/mime*.c. */
#pragma once

#include <glib.h>

/* NULL: not base64 to its end. What is outside its alphabet is skipped, as RFC 2045 s6.8 says. */
GBytes *stox_mime_decode_base64(GBytes *encoded);
/* Always something: a '=' that begins no pair of digits stands for itself (RFC 2045 s6.7). */
GBytes *stox_mime_decode_quoted(GBytes *encoded);
