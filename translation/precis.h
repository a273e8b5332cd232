/* SPDX-License-Identifier: MIT */
/*
 * Enforcement of the parts of a JID (RFC 7622 s3.3, s3.4): the PRECIS profiles UsernameCaseMapped
 * and OpaqueString.
 */
#pragma once

#include <glib.h>

#include <stdbool.h>

/* RFC 7622 s3.1: what a part may have after enforcement, in octets. */
#define STOX_JID_PART_MAX 1023

typedef enum {
    STOX_PRECIS_OK,
    STOX_PRECIS_EMPTY,
    STOX_PRECIS_TOO_LONG,
    STOX_PRECIS_NOT_UTF8,
    STOX_PRECIS_CONTROL,   /* a control character */
    STOX_PRECIS_DISALLOWED /* a character the profile does not take, or not in this place */
} StoxPrecisFault;

/*
 * Full-width and half-width forms to their ordinary ones, the first step of UsernameCaseMapped
 * (RFC 8265 s3.3.1). `text` is valid UTF-8. Caller frees.
 */
char *stox_precis_map_width(const char *text);

/*
 * A localpart (RFC 7622 s3.3). On success *ret_text is set; caller frees. `text` need not be valid
 * UTF-8.
 */
StoxPrecisFault stox_precis_username(const char *text, char **ret_text);

/* A resourcepart (RFC 7622 s3.4), same contract. */
StoxPrecisFault stox_precis_opaque(const char *text, char **ret_text);
