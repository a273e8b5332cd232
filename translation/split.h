/* SPDX-License-Identifier: MIT */
/* Long texts in pieces that people can read (RFC 7572 s6 leaves to the gateway what it does with them). Pure. */
#pragma once

#include <glib.h>

#include <stddef.h>

/*
 * Cuts UTF-8 text into at most `max_pieces` pieces (char*, freed with the array) of at most `max_bytes` each, in order. Cuts where it reads best: between
 * paragraphs, else lines, sentences, words, as long as that leaves a piece at least half full, else between graphemes (approximately: UAX #29 without its
 * emoji table). Only white space at a cut is left out. NULL: they do not suffice.
 */
GPtrArray *stox_split(const char *text, size_t max_bytes, unsigned max_pieces);
