/* SPDX-License-Identifier: MIT */
/* What an RTF document has said so far, and what its tokens do to that. Private to translation/rtf*.c. */
#pragma once

#include "translation/rtf-private.h"

#define STOX_RTF_MAX_GROUPS 128 /* inside one another */

/* Where text goes. */
typedef enum {
    TO_TEXT,
    TO_NOBODY,
    TO_FONTS,
    TO_COLOURS,
    TO_INSTRUCTION,
    TO_ALTERNATIVES
} StoxRtfDestination;

/* What a group inherits and may change. */
typedef struct {
    StoxRtfDestination to;
    StoxRtfFormat format;
    int font;
    unsigned
        unicode_skip; /* so many characters behind a \u stand for it where Unicode is unknown */
    bool hidden;
} StoxRtfGroup;

typedef struct {
    const char *at, *end;
    bool utf8; /* bytes that are no escapes are UTF-8 */
    StoxRtfGroup stack[STOX_RTF_MAX_GROUPS];
    unsigned depth; /* groups that are open; the innermost is stack[depth - 1] */
    bool optional;  /* \* came: what the next word names is skipped unless known */
    bool broken;

    unsigned skip; /* characters still to be skipped behind a \u */
    unsigned high; /* the first half of a surrogate pair; 0 none */
    GString *run;  /* bytes that belong together, not decoded yet */
    int run_font;

    unsigned page; /* the document's */
    int default_font, defined_font;
    GHashTable *fonts; /* number -> code page, 0: the document's */
    GArray *colours;   /* uint32_t */
    uint32_t colour;   /* being defined */
    GString *instruction;
    unsigned link_depth; /* the group that is a link; 0 none */

    StoxRtfPages *pages;
    StoxRtfOutput *output;
} StoxRtfReader;

/* `data` begins behind {\rtf and its version. */
void stox_rtf_reader_init(StoxRtfReader *reader, const char *at, const char *end, bool xhtml);
void stox_rtf_reader_clear(StoxRtfReader *reader);

/* One byte in the code page of the font. */
void stox_rtf_byte(StoxRtfReader *reader, char byte);
/* One code point. */
void stox_rtf_character(StoxRtfReader *reader, unsigned c);
void stox_rtf_open_group(StoxRtfReader *reader);
void stox_rtf_close_group(StoxRtfReader *reader);
/* A control word (NULL: an unknown one); `number` is NULL where it has none. */
void stox_rtf_act(StoxRtfReader *reader, const StoxRtfWord *word, const int *number);
