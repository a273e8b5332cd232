/* SPDX-License-Identifier: MIT */
/*
 * Tags -> what they do to lines and text (M-29). The stack of open elements is the only state; what browsers repair is repaired
 * here as far as it changes what people see.
 */
#include "translation/html.h"
#include "translation/html-private.h"
#include "translation/xml.h"

#include <string.h>

typedef struct {
    StoxHtmlReader reader;
    StoxHtmlFlow flow;
    const StoxHtmlElement *skipped; /* the element whose content says nothing */
    unsigned skipped_depth;         /* of elements of that kind */
    bool in_head;
    bool pre_begins; /* a line break that follows <pre> is not part of it */
} Reading;

/* ---- The stack ---- */

static bool is_pre(const Reading *reading)
{
    const StoxHtmlFlow *flow = &reading->flow;

    return flow->n_open && flow->open[flow->n_open - 1].pre;
}

static bool is_hidden(const Reading *reading)
{
    const StoxHtmlFlow *flow = &reading->flow;

    return flow->n_open && flow->open[flow->n_open - 1].hidden;
}

/* A link that is over shows its address, when its text does not. */
static void end_link(StoxHtmlFlow *flow, const StoxHtmlOpenElement *link)
{
    /* blanks that its text began with may be gone again */
    size_t from = MIN(link->from, flow->plain->len);

    if (link->address && link->from != SIZE_MAX &&
        !stox_html_link_says(flow->plain->str + from, link->address))
        g_string_append_printf(flow->plain, " (%s)", link->address);
}

/* Takes one element off, wherever it is; what was opened in it lasts on. */
static void take_off(Reading *reading, unsigned i)
{
    StoxHtmlFlow *flow = &reading->flow;
    StoxHtmlOpenElement *open = &flow->open[i];
    unsigned flags = open->element->flags, weight = open->weight;

    end_link(flow, open);
    if (strcmp(open->element->name, "q") == 0 && !open->hidden)
        stox_html_flow_text(flow, "\"", false);
    g_free(open->tag);
    g_free(open->paragraph);
    g_free(open->address);
    flow->n_open--;
    flow->weight -= weight;
    flow->changed = true;
    memmove(open, open + 1, (flow->n_open - i) * sizeof *open);
    if (flags & STOX_HTML_BLOCK)
        stox_html_flow_block(flow, flags & (STOX_HTML_ROW | STOX_HTML_TABLE));
}

static void truncate_to(Reading *reading, unsigned n)
{
    while (reading->flow.n_open > n)
        take_off(reading, reading->flow.n_open - 1);
}

/* The innermost open element of one of these kinds, not looking out of those; -1: none. */
static int find_flags(const Reading *reading, unsigned flags, unsigned borders)
{
    for (int i = (int) reading->flow.n_open - 1; i >= 0; i--) {
        unsigned found = reading->flow.open[i].element->flags;

        if (found & flags)
            return i;
        if (found & borders)
            break;
    }
    return -1;
}

/* What ends because this one begins. */
static void close_implied(Reading *reading, const StoxHtmlElement *element)
{
    int i = -1;

    if (element->flags & STOX_HTML_ITEM)
        i = find_flags(reading, STOX_HTML_ITEM, STOX_HTML_LIST | STOX_HTML_CELL);
    else if (element->flags & STOX_HTML_ROW)
        i = find_flags(reading, STOX_HTML_ROW, STOX_HTML_TABLE);
    else if (element->flags & STOX_HTML_CELL)
        i = find_flags(reading, STOX_HTML_CELL, STOX_HTML_TABLE | STOX_HTML_ROW);
    if (i >= 0)
        truncate_to(reading, (unsigned) i);
    i = -1;
    if (element->flags & STOX_HTML_BLOCK)
        i = find_flags(reading, STOX_HTML_PARAGRAPH,
                       STOX_HTML_CELL | STOX_HTML_ITEM | STOX_HTML_QUOTE | STOX_HTML_TABLE);
    else if (element->flags & STOX_HTML_LINK)
        i = find_flags(reading, STOX_HTML_LINK, 0);
    if (i >= 0)
        take_off(reading, (unsigned) i);
}

/* ---- Start tags ---- */

static void add_font(const StoxHtmlReader *reader, StoxHtmlStyle *style)
{
    static const char *const words[] = {"x-small", "small",    "medium",  "large",
                                        "x-large", "xx-large", "xx-large"};
    const char *size = reader->attrs[STOX_HTML_SIZE];

    if (reader->attrs[STOX_HTML_COLOR])
        stox_html_style_set(style, STOX_CSS_COLOR, reader->attrs[STOX_HTML_COLOR]);
    if (reader->attrs[STOX_HTML_FACE])
        stox_html_style_set(style, STOX_CSS_FONT_FAMILY, reader->attrs[STOX_HTML_FACE]);
    if (size && *size >= '1' && *size <= '7' && !size[1])
        stox_html_style_set(style, STOX_CSS_FONT_SIZE, words[*size - '1']);
    else if (size && (*size == '+' || *size == '-'))
        stox_html_style_set(style, STOX_CSS_FONT_SIZE, *size == '+' ? "larger" : "smaller");
}

/* The start tag of what the element does to text; NULL when it does nothing. */
static char *make_tag(const StoxHtmlElement *element, const StoxHtmlReader *reader,
                      const StoxHtmlStyle *style)
{
    g_autofree char *css =
        stox_html_style_write(style, STOX_CSS_BACKGROUND_COLOR, STOX_CSS_FIRST_OF_PARAGRAPH);
    g_autofree char *href = NULL;
    const char *name = element->flags & STOX_HTML_BLOCK ? NULL : element->tag;
    GString *tag;

    if (element->tag && strcmp(element->tag, "strong") == 0)
        name = element->tag; /* of headings, too */
    if (element->flags & STOX_HTML_LINK) {
        href = reader->attrs[STOX_HTML_HREF] ? stox_html_link(reader->attrs[STOX_HTML_HREF]) : NULL;
        name = href ? element->tag : NULL;
    }
    if (!name && !css)
        return NULL;
    tag = g_string_new(name ? name : "span");
    stox_xml_append_attr(tag, "href", href);
    stox_xml_append_attr(tag, "style", css);
    return g_string_free(tag, FALSE);
}

static void set_number(const Reading *reading, StoxHtmlOpenElement *open)
{
    const char *start = reading->reader.attrs[STOX_HTML_START];

    if (open->element->flags & STOX_HTML_ROW)
        open->number = reading->flow.words;
    if (open->element->flags & STOX_HTML_LIST && start)
        open->number = (unsigned) CLAMP(g_ascii_strtoll(start, NULL, 10), 1, 1000000) - 1;
    open->marker = open->element->flags & STOX_HTML_ITEM;
}

static void push(Reading *reading, const StoxHtmlElement *element)
{
    StoxHtmlFlow *flow = &reading->flow;
    StoxHtmlReader *reader = &reading->reader;
    StoxHtmlOpenElement open = {.element = element, .serial = ++flow->serial, .from = 0};
    g_auto(StoxHtmlStyle) style = {.hidden = false};

    if (flow->n_open == STOX_HTML_MAX_DEPTH)
        return;
    stox_html_style_add(&style, element->style);
    if (strcmp(element->name, "font") == 0)
        add_font(reader, &style);
    if (reader->attrs[STOX_HTML_ALIGN] && element->flags & STOX_HTML_BLOCK)
        stox_html_style_set(&style, STOX_CSS_TEXT_ALIGN, reader->attrs[STOX_HTML_ALIGN]);
    stox_html_style_add(&style, reader->attrs[STOX_HTML_STYLE]);
    open.tag = make_tag(element, reader, &style);
    open.weight = (open.tag != NULL) +
                  ((element->flags & (STOX_HTML_LIST | STOX_HTML_ITEM | STOX_HTML_QUOTE)) != 0);
    if (flow->weight + open.weight + 1 > STOX_HTML_MAX_DEPTH) { /* one is the paragraph */
        g_free(open.tag);
        return;
    }
    if (element->flags & STOX_HTML_BLOCK)
        open.paragraph =
            stox_html_style_write(&style, STOX_CSS_FIRST_OF_PARAGRAPH, STOX_CSS_N_PROPERTIES);
    open.hidden = is_hidden(reading) || style.hidden;
    open.pre = is_pre(reading) || element->flags & STOX_HTML_PRE || style.pre;
    if (element->flags & STOX_HTML_LINK && reader->attrs[STOX_HTML_HREF]) {
        open.address = stox_html_link_text(reader->attrs[STOX_HTML_HREF]);
        open.from = SIZE_MAX;
    }
    set_number(reading, &open);
    flow->weight += open.weight;
    flow->open[flow->n_open++] = open;
    flow->changed = true;
}

static void read_image(Reading *reading)
{
    const char *alt = reading->reader.attrs[STOX_HTML_ALT];
    int link = find_flags(reading, STOX_HTML_LINK, 0);

    if (alt)
        stox_html_flow_text(&reading->flow, alt, false);
    else if (link >= 0 && reading->flow.open[link].address)
        /* the picture was all that could be seen of the link */
        stox_html_flow_text(&reading->flow, reading->flow.open[link].address, false);
}

static void read_void(Reading *reading, const StoxHtmlElement *element)
{
    StoxHtmlFlow *flow = &reading->flow;

    if (is_hidden(reading))
        return;
    if (strcmp(element->name, "br") == 0)
        stox_html_flow_newline(flow);
    else if (strcmp(element->name, "img") == 0)
        read_image(reading);
    else if (strcmp(element->name, "hr") == 0) {
        stox_html_flow_block(flow, false);
        stox_html_flow_text(flow, "----", false);
        stox_html_flow_block(flow, false);
    }
}

/* What an element does to lines before it is open. */
static void begin_block(Reading *reading, const StoxHtmlElement *element)
{
    StoxHtmlFlow *flow = &reading->flow;
    int row;

    if (element->flags & STOX_HTML_BLOCK)
        stox_html_flow_block(flow, element->flags & STOX_HTML_ROW);
    if (!(element->flags & STOX_HTML_CELL))
        return;
    row = find_flags(reading, STOX_HTML_ROW, STOX_HTML_TABLE);
    if (row >= 0 && flow->open[row].number != flow->words)
        stox_html_flow_cell(flow);
}

static void read_open(Reading *reading)
{
    const StoxHtmlElement *element = stox_html_element(reading->reader.name);

    if (!element)
        return;
    if (reading->skipped) {
        reading->skipped_depth += element == reading->skipped && !reading->reader.empty;
        return;
    }
    if (strcmp(element->name, "head") == 0) {
        reading->in_head = true;
        return;
    }
    if (!(element->flags & STOX_HTML_OF_HEAD))
        reading->in_head = false;
    if (element->flags & STOX_HTML_SKIP) {
        reading->skipped = reading->reader.empty ? NULL : element;
        reading->skipped_depth = 1;
        return;
    }
    close_implied(reading, element);
    if (element->flags & STOX_HTML_VOID) {
        read_void(reading, element);
        return;
    }
    begin_block(reading, element);
    if (reading->reader.empty) /* XHTML's <p/> and <a/>; nothing is in it */
        return;
    push(reading, element);
    reading->pre_begins = element->flags & STOX_HTML_PRE;
    if (strcmp(element->name, "q") == 0 && !is_hidden(reading))
        stox_html_flow_text(&reading->flow, "\"", false);
}

/* ---- End tags and text ---- */

static void read_close(Reading *reading)
{
    const StoxHtmlElement *element = stox_html_element(reading->reader.name);
    unsigned border;

    if (!element)
        return;
    if (reading->skipped) {
        if (element == reading->skipped && --reading->skipped_depth == 0)
            reading->skipped = NULL;
        return;
    }
    if (strcmp(element->name, "head") == 0)
        reading->in_head = false;
    if (strcmp(element->name, "br") == 0)
        read_void(reading, element);
    border = element->flags & (STOX_HTML_CELL | STOX_HTML_ROW | STOX_HTML_TABLE)
                 ? STOX_HTML_TABLE
                 : STOX_HTML_TABLE | STOX_HTML_CELL;
    for (int i = (int) reading->flow.n_open - 1; i >= 0; i--) {
        const StoxHtmlElement *open = reading->flow.open[i].element;

        if (open == element && element->flags & (STOX_HTML_BLOCK | STOX_HTML_CELL))
            truncate_to(reading, (unsigned) i);
        else if (open == element)
            take_off(reading, (unsigned) i);
        if (open == element || open->flags & border)
            return;
    }
}

static void read_text(Reading *reading)
{
    const char *text = reading->reader.text->str;

    if (reading->skipped || reading->in_head || is_hidden(reading))
        return;
    if (reading->pre_begins && *text == '\n')
        text++;
    stox_html_flow_text(&reading->flow, text, is_pre(reading));
}

/* ---- The whole ---- */

/* CR LF and CR become LF, in place. */
static void unify_newlines(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from != '\r')
            *to++ = *from;
        else if (from[1] != '\n')
            *to++ = '\n';
    }
    *to = '\0';
}

/* What the soup says; the flow (uninitialised before) is the caller's to clear. */
static void read_all(const char *html, StoxHtmlFlow *ret_flow)
{
    g_autofree char *clean = stox_xml_clean(html);
    Reading reading = {.in_head = false};
    StoxHtmlTokenType type;

    unify_newlines(clean);
    stox_html_reader_init(&reading.reader, clean);
    stox_html_flow_init(&reading.flow);
    while ((type = stox_html_next(&reading.reader)) != STOX_HTML_END) {
        if (type == STOX_HTML_TEXT)
            read_text(&reading);
        reading.pre_begins = false;
        if (type == STOX_HTML_OPEN)
            read_open(&reading);
        else if (type == STOX_HTML_CLOSE)
            read_close(&reading);
    }
    truncate_to(&reading, 0);
    stox_html_flow_end(&reading.flow);
    stox_html_reader_clear(&reading.reader);
    *ret_flow = reading.flow;
}

/* NULL: no more than the plain text, or more than there may be. */
static char *take_xhtml(const StoxHtmlFlow *flow)
{
    bool good =
        flow->rich && flow->nodes <= STOX_HTML_MAX_NODES && flow->xhtml->len <= STOX_HTML_MAX_XHTML;

    return good ? g_strdup(flow->xhtml->str) : NULL;
}

char *stox_html_read(const char *html, char **ret_xhtml)
{
    g_auto(StoxHtmlFlow) flow = {.plain = NULL};

    read_all(html, &flow);
    if (ret_xhtml)
        *ret_xhtml = take_xhtml(&flow);
    return g_strdup(flow.plain->str);
}

char *stox_html_from_xhtml(const char *xhtml)
{
    static const StoxXmlLimits limits = {.max_bytes = 128 * 1024,
                                         .max_depth = 64,
                                         .max_attrs = 64,
                                         .max_nodes = 4096,
                                         .max_text = 128 * 1024};
    g_autofree char *whole =
        g_strconcat("<body xmlns='http://www.w3.org/1999/xhtml'>", xhtml, "</body>", NULL);
    g_autoptr(StoxXmlTree) tree = stox_xml_parse(whole, strlen(whole), &limits, NULL);
    g_auto(StoxHtmlFlow) flow = {.plain = NULL};

    if (!tree)
        return NULL;
    /* Well-formed XHTML reads as HTML, but for what is dropped here and there alike. */
    read_all(xhtml, &flow);
    return take_xhtml(&flow);
}
