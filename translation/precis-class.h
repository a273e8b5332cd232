/* SPDX-License-Identifier: MIT */
/*
 * Which characters the PRECIS string classes hold, and in which context (RFC 8264 s4, s8, s9; RFC
 * 5892 app. A; RFC 5893).
 */
#pragma once

#include <glib.h>

#include <stdbool.h>

typedef enum {
    STOX_PRECIS_IDENTIFIER, /* letters, digits, marks, printable ASCII */
    STOX_PRECIS_FREEFORM    /* and spaces, symbols, punctuation, compatibility characters */
} StoxPrecisClass;

/* Are all characters of `text` (valid UTF-8) in the class, and its context rules kept? */
bool stox_precis_in_class(const char *text, StoxPrecisClass string_class);

/* The Bidi Rule (RFC 5893 s2). True for text without right-to-left characters. */
bool stox_precis_bidi_rule(const char *text);
