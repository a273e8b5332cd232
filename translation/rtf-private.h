/* SPDX-License-Identifier: MIT */
/* The parts of the RTF reader: words, code pages, what is written. Private to translation/rtf*.c. */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Code pages (rtf-pages.c) ---- */

#define STOX_RTF_PAGE_ANSI 1252
#define STOX_RTF_PAGE_UTF8 65001

/* The code page of a \fcharset; 0: the document's, which unknown ones get, too. */
unsigned stox_rtf_page_of_charset(int charset);

/* Converters of one document, opened when first used. */
typedef struct StoxRtfPages StoxRtfPages;
StoxRtfPages *stox_rtf_pages_new(void);
void stox_rtf_pages_free(StoxRtfPages *pages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxRtfPages, stox_rtf_pages_free)
/* Whether the code page is one of the known ones. */
bool stox_rtf_page_is_known(int page);
/* Appends bytes of a known code page as UTF-8; those that mean nothing in it become U+FFFD. */
void stox_rtf_pages_decode(StoxRtfPages *pages, unsigned page, const char *bytes, size_t n,
                           GString *out);

/* ---- Control words (rtf-words.c) ---- */

typedef enum {
    STOX_RTF_NOTHING, /* unknown, or of no interest */
    STOX_RTF_SKIP,    /* a destination that is not shown */
    STOX_RTF_FONTS,
    STOX_RTF_COLOURS,
    STOX_RTF_FIELD,
    STOX_RTF_INSTRUCTION,
    STOX_RTF_RESULT,
    STOX_RTF_UPR, /* of its two groups the second, \ud, is for who knows Unicode */
    STOX_RTF_UD,
    STOX_RTF_CHARACTER, /* value: the code point */
    STOX_RTF_BOLD,
    STOX_RTF_ITALIC,
    STOX_RTF_UNDERLINE,
    STOX_RTF_NO_UNDERLINE,
    STOX_RTF_STRIKE,
    STOX_RTF_HIDDEN,
    STOX_RTF_PLAIN,
    STOX_RTF_COLOUR,
    STOX_RTF_RED,
    STOX_RTF_GREEN,
    STOX_RTF_BLUE,
    STOX_RTF_FONT,
    STOX_RTF_DEFAULT_FONT,
    STOX_RTF_FONT_CHARSET,
    STOX_RTF_FONT_PAGE,
    STOX_RTF_DOCUMENT_PAGE, /* value: the code page; 0: it is the parameter */
    STOX_RTF_UNICODE,
    STOX_RTF_UNICODE_SKIP,
    STOX_RTF_BINARY
} StoxRtfMeaning;

typedef struct {
    const char *name;
    StoxRtfMeaning meaning;
    unsigned value;
} StoxRtfWord;

/* The row of a control word; NULL: it means nothing here. */
const StoxRtfWord *stox_rtf_word(const char *name, size_t n);

/* ---- What is written (rtf-output.c) ---- */

typedef struct {
    bool bold, italic, underline, strike;
    uint32_t colour; /* 0xRRGGBB; 0: the default, and black */
} StoxRtfFormat;

typedef struct StoxRtfOutput StoxRtfOutput;
StoxRtfOutput *stox_rtf_output_new(bool xhtml);
void stox_rtf_output_free(StoxRtfOutput *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxRtfOutput, stox_rtf_output_free)
/* Valid UTF-8; what XML forbids is dropped. A line feed is a line's end; those at the very end are not written. */
void stox_rtf_output_text(StoxRtfOutput *output, const char *text, size_t n,
                          const StoxRtfFormat *format);
/* A link begins; NULL: it ends. */
void stox_rtf_output_link(StoxRtfOutput *output, const char *address);
/* Both the caller's; *ret_xhtml (NULL: not wanted) is NULL where there is no markup. */
char *stox_rtf_output_finish(StoxRtfOutput *output, char **ret_xhtml);
/* The address in a field's instruction: HYPERLINK, address, switches; NULL: none. Caller frees. */
char *stox_rtf_link_of(const char *instruction);
