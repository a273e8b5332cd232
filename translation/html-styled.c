/* SPDX-License-Identifier: MIT */
/*
 * XEP-0393 (version 1.1) -> HTML (M-112). The directives of spans stay visible, as its s6 recommends; those of blocks are what the block
 * shows anyway. Blocks are found line by line, spans with one look ahead a directive, so that no text costs more than its length.
 */
#include "translation/html.h"
#include "translation/xml.h"

#include <glib.h>
#include <string.h>

#define MAX_QUOTES 16 /* inside each other; more is text */
#define FENCE      "```"
#define NBSP       "\xC2\xA0"

static const struct {
    char mark;
    const char *start, *end;
} directives[] = {
    {'*', "<strong>", "</strong>"},
    {'_', "<em>", "</em>"},
    {'~', "<span style='text-decoration: line-through'>", "</span>"},
    {'`', "<span style='font-family: monospace'>", "</span>"},
};

#define N_DIRECTIVES G_N_ELEMENTS(directives)

typedef struct {
    GString *out;
    bool styled;
    const char *closers[N_DIRECTIVES]; /* in this line, none lies before; its end: there is none */
} Styling;

/* ---- Text ---- */

/* s4: White_Space, or category Z. `before`: the character that ends at `at`, else the one that begins there. */
static bool is_space(const char *start, const char *at, bool before)
{
    gunichar c = g_utf8_get_char(before ? g_utf8_find_prev_char(start, at) : at);

    return g_unichar_isspace(c) || c == 0x0B || c == 0x85;
}

/* Text of one line; blanks that HTML would drop are kept. */
static void append_text(GString *out, const char *text, size_t n, bool line_start)
{
    for (size_t i = 0; i < n;) {
        size_t blanks = 0, run = 0;

        while (i + blanks < n && text[i + blanks] == ' ')
            blanks++;
        i += blanks;
        for (; blanks > (line_start ? 0 : 1); blanks--)
            g_string_append(out, NBSP);
        if (blanks)
            g_string_append_c(out, ' ');
        while (i + run < n && text[i + run] != ' ')
            run++;
        if (run) {
            g_autofree char *word = g_strndup(text + i, run);

            stox_xml_append_text(out, word);
        }
        i += run;
        line_start = false;
    }
}

/* ---- Spans (s5.2) ---- */

static int find_directive(char c)
{
    for (size_t i = 0; i < N_DIRECTIVES; i++)
        if (directives[i].mark == c)
            return (int) i;
    return -1;
}

/* The first character from `at` on that could end such a span, or `line_end`. */
static const char *find_closer(Styling *styling, int directive, const char *line, const char *at,
                               const char *line_end)
{
    const char **closer = &styling->closers[directive];

    if (*closer >= at)
        return *closer;
    for (; at < line_end; at++)
        if (*at == directives[directive].mark && at > line && !is_space(line, at, true))
            break;
    *closer = at;
    return at;
}

/* The end of the span that the directive at `at` opens before `end`; NULL: it opens none. */
static const char *span_end(Styling *styling, int directive, const char *line, const char *at,
                            const char *end, const char *line_end)
{
    const char *closer;

    /* "some text between", and "**" and "****" are none */
    if (at + 1 >= end || at[1] == *at || is_space(line, at + 1, false))
        return NULL;
    closer = find_closer(styling, directive, line, at + 2, line_end);
    return closer < end ? closer : NULL;
}

/* Writes from `at` to `end` of the line, inside a span of the directive `parent` (-1: none). */
static void write_spans(Styling *styling, const char *line, const char *at, const char *end,
                        int parent, const char *line_end)
{
    const char *plain = at, *start = at;

    while (at < end) {
        int directive = find_directive(*at);
        /* "a different opening styling directive": spans of one kind do not hold each other */
        bool place = at == start ? parent != directive : is_space(line, at, true);
        const char *close = NULL;

        if (directive >= 0 && place)
            close = span_end(styling, directive, line, at, end, line_end);
        if (!close) {
            at++;
            continue;
        }
        append_text(styling->out, plain, (size_t) (at - plain), plain == line);
        g_string_append(styling->out, directives[directive].start);
        g_string_append_c(styling->out, *at);
        if (*at == '`')
            append_text(styling->out, at + 1, (size_t) (close - at - 1), false);
        else
            write_spans(styling, line, at + 1, close, directive, line_end);
        g_string_append_c(styling->out, *at);
        g_string_append(styling->out, directives[directive].end);
        styling->styled = true;
        plain = at = close + 1;
    }
    append_text(styling->out, plain, (size_t) (end - plain), plain == line);
}

/* ---- Blocks (s5.1) ---- */

static const char *line_end(const char *line)
{
    return line + strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
    line = line_end(line);
    return *line ? line + 1 : NULL;
}

static bool is_block(const char *line, unsigned quotes)
{
    return g_str_has_prefix(line, FENCE) || (*line == '>' && quotes < MAX_QUOTES);
}

/* Returns the line behind it; NULL: the text is over. */
static const char *write_preformatted(Styling *styling, const char *line)
{
    const char *first = next_line(line), *last = first;
    g_autofree char *content = NULL;

    while (last && !(g_str_has_prefix(last, FENCE) && line_end(last) == last + strlen(FENCE)))
        last = next_line(last);
    if (first && last != first)
        content = last ? g_strndup(first, (size_t) (last - first - 1)) : g_strdup(first);
    g_string_append(styling->out, "<pre>");
    if (content && *content == '\n')
        g_string_append_c(styling->out, '\n'); /* the first one is not shown */
    stox_xml_append_text(styling->out, content);
    g_string_append(styling->out, "</pre>");
    styling->styled = true;
    return last ? next_line(last) : NULL;
}

static void write_blocks(Styling *styling, const char *text, unsigned quotes);

static const char *write_quote(Styling *styling, const char *line, unsigned quotes)
{
    g_autoptr(GString) inside = g_string_new(NULL);

    for (bool first = true; line && *line == '>'; line = next_line(line), first = false) {
        const char *content = line + 1, *end = line_end(line);

        if (content < end && is_space(content, content, false))
            content = g_utf8_next_char(content);
        if (!first)
            g_string_append_c(inside, '\n');
        g_string_append_len(inside, content, end - content);
    }
    g_string_append(styling->out, "<blockquote>");
    write_blocks(styling, inside->str, quotes + 1);
    g_string_append(styling->out, "</blockquote>");
    styling->styled = true;
    return line;
}

static void write_blocks(Styling *styling, const char *text, unsigned quotes)
{
    for (const char *line = text; line;) {
        const char *end = line_end(line), *next = next_line(line);

        if (g_str_has_prefix(line, FENCE)) {
            line = write_preformatted(styling, line);
            continue;
        }
        if (is_block(line, quotes)) {
            line = write_quote(styling, line, quotes);
            continue;
        }
        memset(styling->closers, 0, sizeof styling->closers);
        write_spans(styling, line, line, end, -1, end);
        /* A block begins a line of its own; before it, only an empty line needs to be made. */
        if (next && (line == end || !is_block(next, quotes)))
            g_string_append(styling->out, "<br/>");
        line = next;
    }
}

char *stox_html_from_styled(const char *text)
{
    g_autofree char *clean = stox_xml_clean(text);
    Styling styling = {.out = g_string_new(NULL)};

    write_blocks(&styling, clean, 0);
    if (!styling.styled) {
        g_string_free(styling.out, TRUE);
        return NULL;
    }
    return g_string_free(styling.out, FALSE);
}
