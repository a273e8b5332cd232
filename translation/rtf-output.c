/* SPDX-License-Identifier: MIT */
#include "translation/html-private.h"
#include "translation/rtf-private.h"
#include "translation/xml.h"

#include <string.h>

struct StoxRtfOutput {
    GString *text;
    GString *xhtml;      /* NULL: not wanted, or too much */
    unsigned elements;   /* of xhtml, line ends included */
    StoxRtfFormat open;  /* of the elements that are open in xhtml */
    bool span;           /* one of them is a <span/> */
    bool rich;           /* there was one */
    size_t line_ends;    /* that came and are not written yet */
    char *address;       /* of the link we are in */
    size_t address_from; /* where in text it began */
    bool anchor;         /* it is an element of xhtml */
};

StoxRtfOutput *stox_rtf_output_new(bool xhtml)
{
    StoxRtfOutput *output = g_new0(StoxRtfOutput, 1);

    output->text = g_string_new(NULL);
    if (xhtml)
        output->xhtml = g_string_new(NULL);
    return output;
}

void stox_rtf_output_free(StoxRtfOutput *output)
{
    if (!output)
        return;
    g_string_free(output->text, TRUE);
    if (output->xhtml)
        g_string_free(output->xhtml, TRUE);
    g_free(output->address);
    g_free(output);
}

/* ---- Elements ---- */

static void close_format(StoxRtfOutput *output)
{
    if (output->open.italic)
        g_string_append(output->xhtml, "</em>");
    if (output->open.bold)
        g_string_append(output->xhtml, "</strong>");
    if (output->span)
        g_string_append(output->xhtml, "</span>");
    output->open = (StoxRtfFormat){.bold = false};
    output->span = false;
}

static void open_format(StoxRtfOutput *output, const StoxRtfFormat *format)
{
    GString *xhtml = output->xhtml;

    if (format->underline || format->strike || format->colour) {
        g_string_append(xhtml, "<span style='");
        if (format->colour)
            g_string_append_printf(xhtml, "color:#%06x%s", (unsigned) format->colour,
                                   format->underline || format->strike ? ";" : "");
        if (format->underline || format->strike)
            g_string_append_printf(xhtml, "text-decoration:%s%s%s",
                                   format->underline ? "underline" : "",
                                   format->underline && format->strike ? " " : "",
                                   format->strike ? "line-through" : "");
        g_string_append(xhtml, "'>");
        output->span = true;
    }
    if (format->bold)
        g_string_append(xhtml, "<strong>");
    if (format->italic)
        g_string_append(xhtml, "<em>");
    output->open = *format;
    output->elements += (unsigned) output->span + format->bold + format->italic;
    output->rich = output->rich || output->span || format->bold || format->italic;
}

static bool is_same(const StoxRtfFormat *a, const StoxRtfFormat *b)
{
    return a->bold == b->bold && a->italic == b->italic && a->underline == b->underline &&
           a->strike == b->strike && a->colour == b->colour;
}

static void use_format(StoxRtfOutput *output, const StoxRtfFormat *format)
{
    StoxRtfFormat wanted = *format;

    if (output->anchor) { /* every client underlines and colours them itself */
        wanted.underline = false;
        wanted.colour = 0;
    }
    if (is_same(&wanted, &output->open))
        return;
    close_format(output);
    open_format(output, &wanted);
}

/* ---- Text ---- */

static void write_line_ends(StoxRtfOutput *output)
{
    for (; output->line_ends > 0; output->line_ends--) {
        g_string_append_c(output->text, '\n');
        if (output->xhtml) {
            g_string_append(output->xhtml, "<br/>");
            output->elements++;
        }
    }
}

static bool is_allowed(gunichar c)
{
    return c == '\t' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

static void write_character(StoxRtfOutput *output, gunichar c)
{
    GString *text = output->text, *xhtml = output->xhtml;
    /* HTML makes one blank of several, and none at the beginning of a line. */
    bool lost = c == ' ' && (text->len == 0 || strchr(" \n", text->str[text->len - 1]));

    g_string_append_unichar(text, c);
    if (!xhtml)
        return;
    if (c == '<')
        g_string_append(xhtml, "&lt;");
    else if (c == '>')
        g_string_append(xhtml, "&gt;");
    else if (c == '&')
        g_string_append(xhtml, "&amp;");
    else
        g_string_append_unichar(xhtml, lost ? 0xA0 : c);
}

void stox_rtf_output_text(StoxRtfOutput *output, const char *text, size_t n,
                          const StoxRtfFormat *format)
{
    for (const char *at = text, *end = text + n; at < end; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (c == '\n') {
            output->line_ends++;
            continue;
        }
        if (!is_allowed(c))
            continue;
        write_line_ends(output);
        if (output->xhtml)
            use_format(output, format);
        write_character(output, c);
    }
    if (output->xhtml &&
        (output->xhtml->len > STOX_HTML_MAX_XHTML || output->elements > STOX_HTML_MAX_NODES)) {
        g_string_free(output->xhtml, TRUE);
        output->xhtml = NULL;
    }
}

/* ---- Links ---- */

char *stox_rtf_link_of(const char *instruction)
{
    g_autofree char *copy = g_strstrip(g_strdup(instruction));
    const char *at = copy + strlen("HYPERLINK");
    size_t n;

    if (g_ascii_strncasecmp(copy, "HYPERLINK", strlen("HYPERLINK")) != 0 || !strchr(" \"", *at))
        return NULL;
    while (*at == ' ')
        at++;
    if (*at == '"')
        n = strcspn(++at, "\"");
    else
        n = strcspn(at, " ");
    /* A switch comes first where it leads to a place in the document itself. */
    if (n == 0 || n > STOX_HTML_MAX_ATTRIBUTE || *at == '\\')
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (g_ascii_iscntrl(at[i]))
            return NULL;
    return g_strndup(at, n);
}

static void begin_link(StoxRtfOutput *output, const char *address)
{
    g_autofree char *href = NULL;

    output->address = stox_html_link_text(address);
    if (!output->address)
        return;
    write_line_ends(output);
    output->address_from = output->text->len;
    href = output->xhtml ? stox_html_link(address) : NULL;
    if (!href)
        return;
    close_format(output);
    g_string_append(output->xhtml, "<a");
    stox_xml_append_attr(output->xhtml, "href", href);
    g_string_append_c(output->xhtml, '>');
    output->anchor = output->rich = true;
    output->elements++;
}

/* As the HTML reader does it: an address is told where the words do not say it. */
static void end_link(StoxRtfOutput *output)
{
    g_autofree char *address = g_steal_pointer(&output->address);
    bool says, empty;

    if (!address)
        return;
    empty = output->text->len == output->address_from;
    says = !empty && stox_html_link_says(output->text->str + output->address_from, address);
    if (output->xhtml) {
        close_format(output);
        if (empty)
            stox_xml_append_text(output->xhtml, address);
        if (output->anchor)
            g_string_append(output->xhtml, "</a>");
    }
    output->anchor = false;
    if (empty)
        g_string_append(output->text, address);
    else if (!says)
        g_string_append_printf(output->text, " (%s)", address);
}

void stox_rtf_output_link(StoxRtfOutput *output, const char *address)
{
    end_link(output);
    if (address)
        begin_link(output, address);
}

char *stox_rtf_output_finish(StoxRtfOutput *output, char **ret_xhtml)
{
    end_link(output);
    if (output->xhtml)
        close_format(output);
    if (ret_xhtml)
        *ret_xhtml =
            output->xhtml && output->rich ? g_strdup_printf("<p>%s</p>", output->xhtml->str) : NULL;
    return g_strdup(output->text->str);
}
