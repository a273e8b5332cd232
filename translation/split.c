/* SPDX-License-Identifier: MIT */
#include "translation/split.h"

#include <stdbool.h>
#include <string.h>

#define ZWJ 0x200D

/* ---- Graphemes ---- */

static bool is_regional(gunichar c)
{
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

/* A Hangul consonant that begins a syllable: what follows may belong to it. */
static bool is_leading_jamo(gunichar c)
{
    return c >= 0x1100 && c <= 0x115F;
}

/* Never begins a grapheme: marks, joiners, skin tones, tags, the later letters of a Hangul syllable. */
static bool continues(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_SPACING_MARK:
        return true;
    default:
        return c == ZWJ || c == 0x200C || (c >= 0x1F3FB && c <= 0x1F3FF) ||
               (c >= 0xE0020 && c <= 0xE007F) || (c >= 0x1160 && c <= 0x11FF) ||
               (c >= 0xD7B0 && c <= 0xD7FB);
    }
}

/* Whether an odd number of regional indicators ends before `at`: the next one completes a flag. */
static bool inside_flag(const char *start, const char *at)
{
    unsigned n = 0;

    while (at > start && n < 64) {
        at = g_utf8_prev_char(at);
        if (!is_regional(g_utf8_get_char(at)))
            break;
        n++;
    }
    return n % 2 == 1;
}

/* Whether a grapheme may end before `at`. */
static bool is_boundary(const char *start, const char *at)
{
    gunichar next = g_utf8_get_char(at);
    gunichar before;

    if (at == start)
        return true;
    before = g_utf8_get_char(g_utf8_prev_char(at));
    if (continues(next) || before == ZWJ || (before == '\r' && next == '\n'))
        return false;
    if (is_regional(next) && inside_flag(start, at))
        return false;
    return !(is_leading_jamo(before) &&
             (is_leading_jamo(next) || (next >= 0xAC00 && next <= 0xD7A3)));
}

/* ---- Where to cut ---- */

static bool is_white(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The end of a sentence stands before `at`, which is a blank. */
static bool ends_sentence(const char *start, const char *at)
{
    const char *last;

    if (at == start)
        return false;
    last = g_utf8_prev_char(at);
    if (last > start && strchr("\"')", *last))
        last = g_utf8_prev_char(last);
    return strchr(".!?", *last) || g_utf8_get_char(last) == 0x2026 /* ellipsis */;
}

typedef enum { CUT_WORD, CUT_SENTENCE, CUT_LINE, CUT_PARAGRAPH, N_CUTS } Cut;

/* What the white space that begins at `at` parts. */
static Cut cut_at(const char *start, const char *at)
{
    const char *from = at;
    unsigned lines = 0;

    for (; is_white(*at); at++)
        lines += *at == '\n' || (*at == '\r' && at[1] != '\n');
    if (lines > 0)
        return lines > 1 ? CUT_PARAGRAPH : CUT_LINE;
    return ends_sentence(start, from) ? CUT_SENTENCE : CUT_WORD;
}

/* The last place of each kind in the second half of the piece; NULL: none. */
static void find_cuts(const char *start, const char *end, const char *cuts[N_CUTS])
{
    const char *half = start + (end - start) / 2;

    for (const char *at = end; at > half; at--) {
        Cut cut;

        if (!is_white(*at) || is_white(at[-1]))
            continue; /* the first of a run of white space */
        cut = cut_at(start, at);
        if (!cuts[cut])
            cuts[cut] = at;
    }
}

/* The end of the piece that begins at `start` and may reach to `limit`, inside the text. NULL: not one character fits. */
static const char *find_end(const char *start, const char *limit)
{
    const char *cuts[N_CUTS] = {NULL};
    const char *end = limit;

    find_cuts(start, limit, cuts);
    for (int cut = N_CUTS - 1; cut >= 0; cut--)
        if (cuts[cut])
            return cuts[cut];
    while (end > start && ((unsigned char) *end & 0xC0) == 0x80)
        end--;
    for (const char *at = end; at > start && end - at < 256; at = g_utf8_prev_char(at))
        if (is_boundary(start, at))
            return at;
    return end > start ? end : NULL; /* endless marks: at least between characters */
}

/* Behind the white space of a cut: the line ends, or the blanks; the indent of a line is its own. */
static const char *skip_white(const char *at)
{
    const char *from = at;

    while (*at == ' ' || *at == '\t')
        at++;
    if (*at != '\n' && *at != '\r')
        return at;
    from = at;
    for (; is_white(*at); at++)
        if (*at == '\n' || *at == '\r')
            from = at + 1;
    return from;
}

GPtrArray *stox_split(const char *text, size_t max_bytes, unsigned max_pieces)
{
    g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func(g_free);
    size_t left = strlen(text);

    while (left > max_bytes) {
        const char *end = pieces->len + 1 < max_pieces ? find_end(text, text + max_bytes) : NULL;
        const char *next;

        if (!end)
            return NULL;
        g_ptr_array_add(pieces, g_strndup(text, (size_t) (end - text)));
        next = skip_white(end);
        left -= (size_t) (next - text);
        text = next;
    }
    if (left > 0 || pieces->len == 0)
        g_ptr_array_add(pieces, g_strdup(text));
    return g_steal_pointer(&pieces);
}
