/* SPDX-License-Identifier: MIT */
/* The little of MIME that message bodies need: content types and multiparts (RFC 2045 s5, RFC 2046 s5.1). Private to translation/text*.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

/* A Content-Type value. `type` is "text/plain", lower case; the others are NULL when absent. */
typedef struct {
    char *type;
    char *charset; /* lower case */
    char *boundary;
} StoxMime;

/* Fills an uninitialised *ret_mime; false: there is no type/subtype. */
bool stox_mime_parse(const char *value, StoxMime *ret_mime);
void stox_mime_clear(StoxMime *mime);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxMime, stox_mime_clear)

/* A stretch of a body; borrowed. */
typedef struct {
    const char *data;
    size_t n;
} StoxSlice;

/* Cuts the next part off *rest, which starts as the whole multipart body and must not be touched in between. False: no more. */
bool stox_mime_next_part(StoxSlice *rest, const char *boundary, StoxSlice *ret_part);
/* Splits a part into its header lines and its content. */
void stox_mime_split_part(StoxSlice part, StoxSlice *ret_headers, StoxSlice *ret_content);
/* The unfolded value of a header of a part; NULL when absent. Caller frees. */
char *stox_mime_header(StoxSlice headers, const char *name);
