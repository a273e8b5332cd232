/* SPDX-License-Identifier: MIT */
/* What the files of the HTML reader owe each other. Private to translation/html*.c; links and limits also to translation/rtf-output.c. */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- html-entity.c ---- */

#define STOX_HTML_MAX_ENTITY 8
/* Appends what the reference at `at` (an ampersand) means, or the ampersand; returns where to go on. Never what XML forbids. */
const char *stox_html_decode(GString *out, const char *at, bool in_attribute);

/* ---- html-token.c ---- */

#define STOX_HTML_MAX_NAME      16   /* of an element; longer names are unknown ones */
#define STOX_HTML_MAX_ATTRIBUTE 2048 /* bytes; longer values count as absent */

typedef enum {
    STOX_HTML_ALIGN,
    STOX_HTML_ALT,
    STOX_HTML_COLOR,
    STOX_HTML_FACE,
    STOX_HTML_HREF,
    STOX_HTML_SIZE,
    STOX_HTML_START,
    STOX_HTML_STYLE,
    STOX_HTML_N_ATTRS
} StoxHtmlAttr;

typedef enum { STOX_HTML_END, STOX_HTML_TEXT, STOX_HTML_OPEN, STOX_HTML_CLOSE } StoxHtmlTokenType;

/* The token that was read last; the rest of the input is at `at` (borrowed). */
typedef struct {
    const char *at;
    char name[STOX_HTML_MAX_NAME + 2];
    bool empty; /* <name/> */
    char *attrs[STOX_HTML_N_ATTRS];
    GString *text; /* entities decoded */
} StoxHtmlReader;

/* `html` has been through stox_xml_clean() and has no CR. */
void stox_html_reader_init(StoxHtmlReader *reader, const char *html);
void stox_html_reader_clear(StoxHtmlReader *reader);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxHtmlReader, stox_html_reader_clear)
/* Comments, declarations, instructions and the content of <script>, <style> and their like never come up. */
StoxHtmlTokenType stox_html_next(StoxHtmlReader *reader);

/* ---- html-style.c ---- */

/* XEP-0071 s7.5.1; what belongs to the paragraph comes last. */
typedef enum {
    STOX_CSS_BACKGROUND_COLOR,
    STOX_CSS_COLOR,
    STOX_CSS_FONT_FAMILY,
    STOX_CSS_FONT_SIZE,
    STOX_CSS_FONT_STYLE,
    STOX_CSS_FONT_WEIGHT,
    STOX_CSS_TEXT_DECORATION,
    STOX_CSS_MARGIN_LEFT,
    STOX_CSS_MARGIN_RIGHT,
    STOX_CSS_TEXT_ALIGN,
    STOX_CSS_N_PROPERTIES,
    STOX_CSS_FIRST_OF_PARAGRAPH = STOX_CSS_MARGIN_LEFT
} StoxCssProperty;

typedef struct {
    char *values[STOX_CSS_N_PROPERTIES]; /* checked, in one spelling; NULL: not set */
    bool hidden;                         /* display: none */
    bool pre;                            /* white-space: pre */
} StoxHtmlStyle;

void stox_html_style_clear(StoxHtmlStyle *style);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxHtmlStyle, stox_html_style_clear)
/* Adds the declarations that pass; NULL adds nothing. */
void stox_html_style_add(StoxHtmlStyle *style, const char *css);
void stox_html_style_set(StoxHtmlStyle *style, StoxCssProperty property, const char *value);
/* "color: red; font-size: 10pt" of the properties from `first` on, before `end`; NULL when none is set. Caller frees. */
char *stox_html_style_write(const StoxHtmlStyle *style, StoxCssProperty first, StoxCssProperty end);

/* ---- html-link.c ---- */

/* The address as it may be written into a link: http, https, mailto, xmpp; else NULL. Caller frees. */
char *stox_html_link(const char *href);
/* The address as people read it (also of telephones and SIP users); NULL when nobody should. Caller frees. */
char *stox_html_link_text(const char *href);
/* Whether a link with this text says its address already. */
bool stox_html_link_says(const char *text, const char *address);

/* ---- html-element.c ---- */

enum {
    STOX_HTML_BLOCK = 1 << 0, /* lines begin and end with it */
    STOX_HTML_VOID = 1 << 1,  /* has no content */
    STOX_HTML_SKIP = 1 << 2,  /* its content says nothing */
    STOX_HTML_LIST = 1 << 3,  /* <ul>, <ol> */
    STOX_HTML_ITEM = 1 << 4,  /* <li> */
    STOX_HTML_QUOTE = 1 << 5, /* <blockquote> */
    STOX_HTML_TABLE = 1 << 6,
    STOX_HTML_ROW = 1 << 7,
    STOX_HTML_CELL = 1 << 8,
    STOX_HTML_PRE = 1 << 9,
    STOX_HTML_PARAGRAPH = 1 << 10, /* ends where the next block begins */
    STOX_HTML_LINK = 1 << 11,
    STOX_HTML_OF_HEAD = 1 << 12, /* does not end the head */
};

typedef struct {
    char name[STOX_HTML_MAX_NAME];
    unsigned flags;
    const char *tag;   /* the element it is written as, when not <span> */
    const char *style; /* what it means */
} StoxHtmlElement;

/* NULL: unknown; its tags are ignored. */
const StoxHtmlElement *stox_html_element(const char *name);

/* ---- html-flow.c: lines, plain and with markup ---- */

/* Elements inside each other, in the input as in the output; deeper ones are ignored. */
#define STOX_HTML_MAX_DEPTH 40
#define STOX_HTML_MAX_NODES 2000 /* elements and line breaks of the output */
#define STOX_HTML_MAX_XHTML                                                                        \
    (64 * 1024) /* bytes of the output; beyond it, only the plain text is good */
#define STOX_HTML_MAX_MARKUP (32 * 1024) /* bytes of tags in the output; then comes text only */

/* An element of the input whose end is still to come. */
typedef struct {
    const StoxHtmlElement *element;
    unsigned serial; /* never 0 */
    char *tag;       /* start tag of what it does to text; may be NULL */
    char *paragraph; /* what it does to paragraphs, as style; may be NULL */
    char *address;   /* of a link, for people; may be NULL */
    size_t from;     /* link: where its text begins in `plain`; SIZE_MAX: nowhere yet */
    unsigned number; /* list: of the last item; row: `words` at its start */
    unsigned weight; /* elements of the output that it stands for */
    bool marker;     /* item: the marker is still to be written */
    bool pre, hidden;
} StoxHtmlOpenElement;

typedef struct {
    GString *plain, *xhtml;
    StoxHtmlOpenElement open[STOX_HTML_MAX_DEPTH];
    unsigned n_open, serial;
    unsigned weight; /* of all that is open */
    /* what is open in `xhtml`: blocks, then a paragraph, then what is inline */
    unsigned blocks[STOX_HTML_MAX_DEPTH];
    const char *block_names[STOX_HTML_MAX_DEPTH];
    unsigned n_blocks;
    bool in_paragraph;
    char *paragraph;
    char *inlines[STOX_HTML_MAX_DEPTH];
    unsigned n_inlines;
    size_t markup; /* bytes of tags written */
    bool changed;  /* `open`, since the last text */
    bool spent;    /* no more of them */
    unsigned nodes;
    bool rich; /* more than paragraphs and line breaks was written */
    /* of the current line */
    unsigned newlines; /* before the next text */
    unsigned spaces;   /* before the next text, preserved ones */
    bool space;        /* before the next text, a collapsed one */
    bool cell;         /* before the next text, the end of a table cell */
    bool line_started, started;
    unsigned words;  /* runs of text so far */
    unsigned quotes; /* of the last line */
} StoxHtmlFlow;

void stox_html_flow_init(StoxHtmlFlow *flow);
void stox_html_flow_clear(StoxHtmlFlow *flow);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxHtmlFlow, stox_html_flow_clear)
void stox_html_flow_text(StoxHtmlFlow *flow, const char *text, bool pre);
void stox_html_flow_newline(StoxHtmlFlow *flow);
/* A block begins or ends: the line does, too. `row`: even when a cell has just begun. */
void stox_html_flow_block(StoxHtmlFlow *flow, bool row);
/* The next cell of a row in which something is written already. */
void stox_html_flow_cell(StoxHtmlFlow *flow);
/* Closes what is open and drops empty lines at both ends. */
void stox_html_flow_end(StoxHtmlFlow *flow);
