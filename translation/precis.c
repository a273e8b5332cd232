/* SPDX-License-Identifier: MIT */
#include "translation/precis.h"

#include "translation/precis-class.h"

#include <string.h>

/*
 * More octets than this cannot become 1023: width mapping and composition shrink a text to a
 * quarter at most. Refused before normalising, whose cost is not linear.
 */
#define MAX_RAW (4 * STOX_JID_PART_MAX)

/*
 * Combining marks in a row. Normalising sorts them, in quadratic time; UAX #15 (Stream-Safe Text)
 * takes 30 as more than any language needs.
 */
#define MAX_MARKS 30

/* ---- Mappings ---- */

/* RFC 8264 s5.2.1 */
static gunichar map_char_width(gunichar c)
{
    gunichar plain;

    if (c == 0x3000)
        return ' ';
    if (c >= 0xFF01 && c <= 0xFF5E)
        return c - 0xFF01 + '!';
    if (c < 0xFF5F || c > 0xFFEE)
        return c;
    return g_unichar_fully_decompose(c, TRUE, &plain, 1) == 1 ? plain : c;
}

char *stox_precis_map_width(const char *text)
{
    GString *mapped = g_string_sized_new(strlen(text));

    for (const char *p = text; *p; p = g_utf8_next_char(p))
        g_string_append_unichar(mapped, map_char_width(g_utf8_get_char(p)));
    return g_string_free(mapped, FALSE);
}

/*
 * Letter by letter. Capital sigma becomes the plain one at the end of a word, too: RFC 7622 s3.5 and
 * RFC 8265 s3.5 say that the mapping does not account for the final form.
 */
static char *map_case(const char *text)
{
    GString *mapped = g_string_sized_new(strlen(text));

    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        /* The one letter whose lower case is two characters. */
        if (c == 0x0130)
            g_string_append(mapped, "i\xCC\x87");
        else
            g_string_append_unichar(mapped, g_unichar_tolower(c));
    }
    return g_string_free(mapped, FALSE);
}

/* OpaqueString: each kind of space becomes U+0020 (RFC 8265 s4.2.2 item 2). */
static char *map_spaces(const char *text)
{
    GString *mapped = g_string_sized_new(strlen(text));

    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (g_unichar_type(c) == G_UNICODE_SPACE_SEPARATOR)
            g_string_append_c(mapped, ' ');
        else
            g_string_append_unichar(mapped, c);
    }
    return g_string_free(mapped, FALSE);
}

/* ---- Checks ---- */

static StoxPrecisFault check_raw(const char *text)
{
    size_t length = strnlen(text, MAX_RAW + 1), marks = 0;

    if (!length)
        return STOX_PRECIS_EMPTY;
    if (length > MAX_RAW)
        return STOX_PRECIS_TOO_LONG;
    if (!g_utf8_validate(text, (gssize) length, NULL))
        return STOX_PRECIS_NOT_UTF8;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (g_unichar_iscntrl(c))
            return STOX_PRECIS_CONTROL;
        marks = g_unichar_combining_class(c) ? marks + 1 : 0;
        if (marks > MAX_MARKS)
            return STOX_PRECIS_DISALLOWED;
    }
    return STOX_PRECIS_OK;
}

static StoxPrecisFault check_length(const char *text)
{
    size_t length = strlen(text);

    if (!length)
        return STOX_PRECIS_EMPTY;
    return length > STOX_JID_PART_MAX ? STOX_PRECIS_TOO_LONG : STOX_PRECIS_OK;
}

/* RFC 7622 s3.3.1 takes these out of IdentifierClass. */
static bool has_excluded(const char *text)
{
    return strpbrk(text, "\"&'/:<>@") != NULL;
}

/* ---- Profiles ---- */

/* Most addresses by far: nothing to map but case. `text` has passed check_raw(). */
static StoxPrecisFault ascii_username(const char *text, char **ret_text)
{
    StoxPrecisFault fault = check_length(text);

    if (fault)
        return fault;
    if (strchr(text, ' ') || has_excluded(text))
        return STOX_PRECIS_DISALLOWED;
    *ret_text = g_ascii_strdown(text, -1);
    return STOX_PRECIS_OK;
}

StoxPrecisFault stox_precis_username(const char *text, char **ret_text)
{
    StoxPrecisFault fault = check_raw(text);
    g_autofree char *wide = NULL, *mapped = NULL, *normal = NULL;

    if (fault)
        return fault;
    if (g_str_is_ascii(text))
        return ascii_username(text, ret_text);
    wide = stox_precis_map_width(text);
    mapped = map_case(wide);
    normal = g_utf8_normalize(mapped, -1, G_NORMALIZE_NFC);
    if (!normal)
        return STOX_PRECIS_NOT_UTF8;
    fault = check_length(normal);
    if (fault)
        return fault;
    /* Before mapping, as RFC 8265 s3.3.1 orders, lest it repair; and after, lest it break. */
    if (!stox_precis_in_class(wide, STOX_PRECIS_IDENTIFIER) ||
        !stox_precis_in_class(normal, STOX_PRECIS_IDENTIFIER) || !stox_precis_bidi_rule(normal))
        return STOX_PRECIS_DISALLOWED;
    if (has_excluded(normal))
        return STOX_PRECIS_DISALLOWED;
    *ret_text = g_steal_pointer(&normal);
    return STOX_PRECIS_OK;
}

StoxPrecisFault stox_precis_opaque(const char *text, char **ret_text)
{
    StoxPrecisFault fault = check_raw(text);
    g_autofree char *mapped = NULL, *normal = NULL;
    bool ascii;

    if (fault)
        return fault;
    /* ASCII less controls is all in FreeformClass and stays as it is. */
    ascii = g_str_is_ascii(text);
    mapped = ascii ? NULL : map_spaces(text);
    normal = ascii ? g_strdup(text) : g_utf8_normalize(mapped, -1, G_NORMALIZE_NFC);
    if (!normal)
        return STOX_PRECIS_NOT_UTF8;
    fault = check_length(normal);
    if (fault)
        return fault;
    if (!ascii && (!stox_precis_in_class(text, STOX_PRECIS_FREEFORM) ||
                   !stox_precis_in_class(normal, STOX_PRECIS_FREEFORM)))
        return STOX_PRECIS_DISALLOWED;
    /* RFC 7622 s3.5 row 18 counts a leading space as a violation. */
    if (normal[0] == ' ')
        return STOX_PRECIS_DISALLOWED;
    *ret_text = g_steal_pointer(&normal);
    return STOX_PRECIS_OK;
}
