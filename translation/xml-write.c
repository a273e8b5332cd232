/* SPDX-License-Identifier: MIT */
#include "translation/xml.h"

#include <string.h>

typedef enum {
    WRITE_CLEAN, /* no escaping */
    WRITE_TEXT,
    WRITE_ATTR /* white space other than blanks would be normalised by the reader */
} WriteMode;

/* What stands for the ASCII character: itself (NULL), nothing (""), or an escape. */
static const char *ascii_stand_in(unsigned char c, WriteMode mode)
{
    switch (c) {
    case '\t':
        return mode == WRITE_ATTR ? "&#9;" : NULL;
    case '\n':
        return mode == WRITE_ATTR ? "&#10;" : NULL;
    case '\r':
        return mode == WRITE_ATTR ? "&#13;" : NULL;
    case '&':
        return mode == WRITE_CLEAN ? NULL : "&amp;";
    case '<':
        return mode == WRITE_CLEAN ? NULL : "&lt;";
    case '>':
        return mode == WRITE_CLEAN ? NULL : "&gt;";
    case '\'':
        return mode == WRITE_CLEAN ? NULL : "&apos;";
    case '"':
        return mode == WRITE_CLEAN ? NULL : "&quot;";
    default:
        return c < 0x20 ? "" : NULL;
    }
}

/* The same for a character of more than one byte; *ret_n is how many bytes of `at` it takes. */
static const char *wide_stand_in(const char *at, size_t *ret_n)
{
    const unsigned char *u = (const unsigned char *) at;
    gunichar c = g_utf8_get_char_validated(at, -1);

    if (c < 0x110000) {
        *ret_n = (size_t) (g_utf8_next_char(at) - at);
        return c == 0xFFFE || c == 0xFFFF ? "" : NULL;
    }
    if (u[0] == 0xED && u[1] >= 0xA0 && u[1] <= 0xBF && u[2] >= 0x80 && u[2] <= 0xBF) {
        *ret_n = 3; /* a surrogate */
        return "";
    }
    *ret_n = 1;
    return "\xEF\xBF\xBD";
}

static void append(GString *out, const char *text, WriteMode mode)
{
    const char *run = text; /* start of what can be copied as it is */
    const char *at = text;

    while (*at) {
        size_t n = 1;
        const char *stand_in =
            (unsigned char) *at < 0x80 ? ascii_stand_in(*at, mode) : wide_stand_in(at, &n);

        if (stand_in) {
            g_string_append_len(out, run, at - run);
            g_string_append(out, stand_in);
            run = at + n;
        }
        at += n;
    }
    g_string_append_len(out, run, at - run);
}

void stox_xml_append_text(GString *out, const char *text)
{
    if (text)
        append(out, text, WRITE_TEXT);
}

void stox_xml_append_attr(GString *out, const char *name, const char *value)
{
    if (!value)
        return;
    g_string_append_c(out, ' ');
    g_string_append(out, name);
    g_string_append(out, "='");
    append(out, value, WRITE_ATTR);
    g_string_append_c(out, '\'');
}

void stox_xml_append_element(GString *out, const char *name, const char *text)
{
    if (!text)
        return;
    g_string_append_c(out, '<');
    g_string_append(out, name);
    g_string_append_c(out, '>');
    append(out, text, WRITE_TEXT);
    g_string_append(out, "</");
    g_string_append(out, name);
    g_string_append_c(out, '>');
}

char *stox_xml_clean(const char *text)
{
    GString *out = g_string_sized_new(strlen(text) + 1);

    append(out, text, WRITE_CLEAN);
    return g_string_free(out, FALSE);
}
