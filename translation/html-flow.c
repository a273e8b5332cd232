/* SPDX-License-Identifier: MIT */
/*
 * Lines of text, as plain text and as XHTML-IM. Breaks, blanks and tags are written only when text follows: so nothing is empty, nothing
 * needs to be taken back, and blocks and inline elements nest as XHTML wants them however they nested before.
 */
#include "translation/html-private.h"
#include "translation/xml.h"

#include <string.h>

#define MAX_LEVELS 8 /* of quotes and lists that are shown as such in plain text */
#define NBSP       "\xC2\xA0"

void stox_html_flow_init(StoxHtmlFlow *flow)
{
    *flow = (StoxHtmlFlow){.plain = g_string_new(NULL), .xhtml = g_string_new(NULL)};
}

void stox_html_flow_clear(StoxHtmlFlow *flow)
{
    if (!flow->plain)
        return;
    g_string_free(flow->plain, TRUE);
    g_string_free(flow->xhtml, TRUE);
    g_free(flow->paragraph);
    for (unsigned i = 0; i < flow->n_inlines; i++)
        g_free(flow->inlines[i]);
    for (unsigned i = 0; i < flow->n_open; i++) {
        g_free(flow->open[i].tag);
        g_free(flow->open[i].paragraph);
        g_free(flow->open[i].address);
    }
    *flow = (StoxHtmlFlow){.plain = NULL};
}

/* ---- Tags ---- */

static void end_tag(StoxHtmlFlow *flow, const char *start)
{
    g_string_append(flow->xhtml, "</");
    g_string_append_len(flow->xhtml, start, (gssize) strcspn(start, " "));
    g_string_append_c(flow->xhtml, '>');
}

/* What an element costs, its end included. */
static size_t cost(const char *start)
{
    return strlen(start) + strcspn(start, " ") + strlen("<></>");
}

/* Whether there is room for so much; once there was not, no more markup comes. */
static bool afford(StoxHtmlFlow *flow, size_t n)
{
    flow->spent = flow->spent || flow->markup + n > STOX_HTML_MAX_MARKUP;
    if (!flow->spent)
        flow->markup += n;
    return !flow->spent;
}

static void start_tag(StoxHtmlFlow *flow, const char *start)
{
    g_string_append_printf(flow->xhtml, "<%s>", start);
    flow->nodes++;
}

static void close_inlines(StoxHtmlFlow *flow, unsigned keep)
{
    while (flow->n_inlines > keep) {
        char *start = flow->inlines[--flow->n_inlines];

        end_tag(flow, start);
        g_free(start);
    }
}

static void close_paragraph(StoxHtmlFlow *flow)
{
    close_inlines(flow, 0);
    if (flow->in_paragraph)
        end_tag(flow, "p");
    flow->in_paragraph = false;
    g_clear_pointer(&flow->paragraph, g_free);
}

static void close_blocks(StoxHtmlFlow *flow, unsigned keep)
{
    close_paragraph(flow);
    while (flow->n_blocks > keep)
        end_tag(flow, flow->block_names[--flow->n_blocks]);
}

static bool is_list(const StoxHtmlOpenElement *open)
{
    return open->element->flags & STOX_HTML_LIST;
}

static bool is_item(const StoxHtmlOpenElement *open)
{
    return open->element->flags & STOX_HTML_ITEM;
}

/* The blocks that the next line is in: quotes, and lists and items that belong together. Returns how many. */
static unsigned find_blocks(StoxHtmlFlow *flow, StoxHtmlOpenElement **ret_blocks)
{
    StoxHtmlOpenElement *list = NULL;
    unsigned n = 0;

    for (unsigned i = 0; i < flow->n_open; i++) {
        StoxHtmlOpenElement *open = &flow->open[i];

        if (is_item(open) && list) {
            ret_blocks[n++] = list;
            ret_blocks[n++] = open;
        } else if (open->element->flags & STOX_HTML_QUOTE) {
            ret_blocks[n++] = open;
        } else if (!is_list(open)) {
            continue;
        }
        list = is_list(open) ? open : NULL;
    }
    return n;
}

static const char *wanted_paragraph(StoxHtmlFlow *flow)
{
    const char *style = NULL;

    for (unsigned i = 0; i < flow->n_open && !flow->spent; i++)
        if (flow->open[i].paragraph)
            style = flow->open[i].paragraph;
    return style;
}

static void start_paragraph(StoxHtmlFlow *flow, const char *style)
{
    g_autoptr(GString) tag = g_string_new("p");

    stox_xml_append_attr(tag, "style", style);
    if (style && afford(flow, cost(tag->str))) {
        flow->paragraph = g_strdup(style);
        flow->rich = true;
    } else {
        g_string_truncate(tag, 1);
    }
    start_tag(flow, tag->str);
    flow->in_paragraph = true;
}

static void start_blocks(StoxHtmlFlow *flow, StoxHtmlOpenElement *const *wanted, unsigned n)
{
    for (unsigned i = flow->n_blocks; i < n; i++) {
        flow->blocks[i] = wanted[i]->serial;
        flow->block_names[i] = wanted[i]->element->tag;
        start_tag(flow, flow->block_names[i]);
        flow->rich = true;
    }
    flow->n_blocks = n;
}

static unsigned wanted_inlines(StoxHtmlFlow *flow, const char **ret_tags)
{
    unsigned n = 0;

    for (unsigned i = 0; i < flow->n_open && !flow->spent; i++) {
        const char *tag = flow->open[i].tag;

        if (tag && (n == 0 || strcmp(tag, ret_tags[n - 1]) != 0))
            ret_tags[n++] = tag;
    }
    return n;
}

/* Ends what the next text is not in, so that the blank or break before it is outside. */
static void end_inlines(StoxHtmlFlow *flow)
{
    const char *wanted[STOX_HTML_MAX_DEPTH];
    unsigned n = wanted_inlines(flow, wanted), same = 0;
    size_t price = 0;

    while (same < n && same < flow->n_inlines && strcmp(flow->inlines[same], wanted[same]) == 0)
        same++;
    for (unsigned i = same; i < n; i++)
        price += cost(wanted[i]);
    close_inlines(flow, afford(flow, price) ? same : 0);
}

static void start_inlines(StoxHtmlFlow *flow)
{
    const char *wanted[STOX_HTML_MAX_DEPTH];
    unsigned n = wanted_inlines(flow, wanted);

    while (flow->n_inlines < n) {
        start_tag(flow, wanted[flow->n_inlines]);
        flow->inlines[flow->n_inlines] = g_strdup(wanted[flow->n_inlines]);
        flow->n_inlines++;
        flow->rich = true;
    }
    flow->changed = false;
}

/* Moves from the blocks of the last line to those of the next one. */
static void begin_line_xhtml(StoxHtmlFlow *flow, StoxHtmlOpenElement *const *wanted, unsigned n)
{
    unsigned same = 0, breaks = flow->started ? flow->newlines : 0;
    size_t price = 0;
    bool item, other;
    const char *style;

    while (same < n && same < flow->n_blocks && flow->blocks[same] == wanted[same]->serial)
        same++;
    for (unsigned i = same; i < n; i++)
        price += cost(wanted[i]->element->tag);
    if (!afford(flow, price))
        n = same = 0;
    item = n > 0 && is_item(wanted[n - 1]);
    style = item ? NULL : wanted_paragraph(flow);
    other = same < n || same < flow->n_blocks || flow->in_paragraph == item ||
            g_strcmp0(style, flow->paragraph) != 0;
    if (other)
        close_blocks(flow, same);
    end_inlines(flow);
    if (other) {
        start_blocks(flow, wanted, n);
        if (!item)
            start_paragraph(flow, style);
        breaks -= breaks > 0;
    }
    flow->nodes += breaks;
    while (breaks-- > 0)
        g_string_append(flow->xhtml, "<br/>");
}

/* ---- Plain text ---- */

static void trim_line(GString *text)
{
    size_t n = text->len;

    while (n > 0 && (text->str[n - 1] == ' ' || text->str[n - 1] == '\t'))
        n--;
    g_string_truncate(text, n);
}

/* Quotes as XEP-0393 s5.1.3 has them, items with their number or a dash. */
static void begin_line_plain(StoxHtmlFlow *flow, StoxHtmlOpenElement *const *blocks, unsigned n)
{
    const StoxHtmlOpenElement *list = NULL; /* of the item whose mark is due */
    unsigned quotes = 0, items = 0;

    for (unsigned i = 0; i < n; i++) {
        quotes += blocks[i]->element->flags & STOX_HTML_QUOTE && quotes < MAX_LEVELS;
        items += is_item(blocks[i]) && items < MAX_LEVELS;
        list = is_item(blocks[i]) && blocks[i]->marker ? blocks[i - 1] : NULL;
        blocks[i]->marker = false;
        if (list)
            blocks[i - 1]->number++;
    }
    for (unsigned i = 0; i < flow->newlines && flow->started; i++) {
        trim_line(flow->plain);
        g_string_append_c(flow->plain, '\n');
        for (unsigned k = 0; i + 1 < flow->newlines && k < MIN(quotes, flow->quotes); k++)
            g_string_append(flow->plain, "> ");
    }
    for (unsigned k = 0; k < quotes; k++)
        g_string_append(flow->plain, "> ");
    for (unsigned k = list != NULL; k < items; k++)
        g_string_append(flow->plain, "  ");
    if (list && strcmp(list->element->tag, "ol") == 0)
        g_string_append_printf(flow->plain, "%u. ", list->number);
    else if (list)
        g_string_append(flow->plain, "- ");
    flow->quotes = quotes;
}

/* ---- Both ---- */

static void append(StoxHtmlFlow *flow, const char *plain, const char *xhtml)
{
    g_string_append(flow->plain, plain);
    g_string_append(flow->xhtml, xhtml);
}

/* Blanks that were kept: as many, in XHTML so that they stay (XEP-0071 s8 rule 9) and a line can break there. */
static void append_spaces(StoxHtmlFlow *flow)
{
    for (; flow->spaces > (flow->line_started ? 1 : 0); flow->spaces--)
        append(flow, " ", NBSP);
    if (flow->spaces)
        append(flow, " ", " ");
    flow->spaces = 0;
}

static void begin_line(StoxHtmlFlow *flow)
{
    StoxHtmlOpenElement *blocks[STOX_HTML_MAX_DEPTH];
    unsigned n = find_blocks(flow, blocks);

    begin_line_plain(flow, blocks, n);
    begin_line_xhtml(flow, blocks, flow->spent ? 0 : n);
    start_inlines(flow);
    append_spaces(flow);
    flow->newlines = 0;
    flow->started = true;
}

/* Writes all that was waiting for text. */
static void begin_text(StoxHtmlFlow *flow)
{
    bool changed = flow->changed;

    flow->words++;
    if (!flow->line_started) {
        begin_line(flow);
    } else {
        if (changed)
            end_inlines(flow);
        if (flow->cell)
            append(flow, "\t", " " NBSP " ");
        else if (flow->space && !flow->spaces)
            append(flow, " ", " ");
        append_spaces(flow);
        if (changed)
            start_inlines(flow);
    }
    flow->line_started = true;
    flow->space = flow->cell = false;
    for (unsigned i = 0; i < flow->n_open && changed; i++)
        if (flow->open[i].from == SIZE_MAX)
            flow->open[i].from = flow->plain->len;
}

static void append_run(StoxHtmlFlow *flow, const char *text, size_t n)
{
    begin_text(flow);
    g_string_append_len(flow->plain, text, (gssize) n);
    while (n > 0) {
        size_t run = 0;

        while (run < n && !strchr("&<>", text[run]))
            run++;
        g_string_append_len(flow->xhtml, text, (gssize) run);
        if (run < n) {
            g_string_append(flow->xhtml, text[run] == '&'   ? "&amp;"
                                         : text[run] == '<' ? "&lt;"
                                                            : "&gt;");
            run++;
        }
        text += run;
        n -= run;
    }
}

static bool is_nbsp(const char *at)
{
    return (unsigned char) at[0] == 0xC2 && (unsigned char) at[1] == 0xA0;
}

static void add_blank(StoxHtmlFlow *flow, char c, bool pre)
{
    if (!pre)
        flow->space = flow->space || (flow->line_started && !flow->cell);
    else if (c == '\n')
        stox_html_flow_newline(flow);
    else
        flow->spaces += flow->cell ? 0 : c == '\t' ? 4 : 1;
}

void stox_html_flow_text(StoxHtmlFlow *flow, const char *text, bool pre)
{
    for (const char *at = text; *at;) {
        size_t n = 0;

        if (g_ascii_isspace(*at)) {
            add_blank(flow, *at++, pre);
        } else if (is_nbsp(at)) {
            begin_text(flow);
            append(flow, " ", NBSP);
            at += 2;
        } else {
            while (at[n] && !g_ascii_isspace(at[n]) && !is_nbsp(at + n))
                n++;
            append_run(flow, at, n);
            at += n;
        }
    }
}

static void end_line(StoxHtmlFlow *flow)
{
    flow->newlines++;
    flow->spaces = 0;
    flow->space = flow->cell = flow->line_started = false;
}

void stox_html_flow_newline(StoxHtmlFlow *flow)
{
    end_line(flow);
}

void stox_html_flow_block(StoxHtmlFlow *flow, bool row)
{
    if (flow->line_started && (row || !flow->cell))
        end_line(flow);
}

void stox_html_flow_cell(StoxHtmlFlow *flow)
{
    end_line(flow);
    flow->newlines = 0;
    flow->cell = flow->line_started = true;
}

void stox_html_flow_end(StoxHtmlFlow *flow)
{
    size_t n = flow->plain->len, lead = 0;

    if (flow->started)
        close_blocks(flow, 0);
    while (n > 0 && g_ascii_isspace(flow->plain->str[n - 1]))
        n--;
    g_string_truncate(flow->plain, n);
    for (size_t i = 0; i < n && g_ascii_isspace(flow->plain->str[i]); i++)
        if (flow->plain->str[i] == '\n')
            lead = i + 1;
    g_string_erase(flow->plain, 0, (gssize) lead);
}
