/* SPDX-License-Identifier: MIT */
/* The elements of HTML and what is left of them. */
#include "translation/html-private.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK   STOX_HTML_BLOCK
#define HEAD    STOX_HTML_OF_HEAD
#define SKIP    STOX_HTML_SKIP
#define MONO    "font-family: monospace"
#define STRIKE  "text-decoration: line-through"
#define LINE    "text-decoration: underline"
#define STRONG  "strong"
#define HEADING BLOCK, STRONG, NULL

/*
 * XEP-0071 s7.8 wants style rather than structure; of the structure it names, what is left is a, br, p, span, em, strong, blockquote, ul, ol
 * and li. In the order of strcmp().
 */
static const StoxHtmlElement elements[] = {
    {"a", STOX_HTML_LINK, "a", NULL},
    {"address", BLOCK, NULL, NULL},
    {"applet", SKIP, NULL, NULL},
    {"article", BLOCK, NULL, NULL},
    {"aside", BLOCK, NULL, NULL},
    {"audio", SKIP, NULL, NULL},
    {"b", 0, STRONG, NULL},
    {"base", STOX_HTML_VOID | HEAD, NULL, NULL},
    {"big", 0, NULL, "font-size: larger"},
    {"blockquote", BLOCK | STOX_HTML_QUOTE, "blockquote", NULL},
    {"body", BLOCK, NULL, NULL},
    {"br", STOX_HTML_VOID, NULL, NULL},
    {"canvas", SKIP, NULL, NULL},
    {"caption", BLOCK, NULL, NULL},
    {"center", BLOCK, NULL, "text-align: center"},
    {"cite", 0, "em", NULL},
    {"code", 0, NULL, MONO},
    {"datalist", SKIP, NULL, NULL},
    {"dd", BLOCK, NULL, NULL},
    {"del", 0, NULL, STRIKE},
    {"dfn", 0, "em", NULL},
    {"dir", BLOCK | STOX_HTML_LIST, "ul", NULL},
    {"div", BLOCK, NULL, NULL},
    {"dl", BLOCK, NULL, NULL},
    {"dt", BLOCK, NULL, NULL},
    {"em", 0, "em", NULL},
    {"fieldset", BLOCK, NULL, NULL},
    {"figure", BLOCK, NULL, NULL},
    {"font", 0, NULL, NULL},
    {"footer", BLOCK, NULL, NULL},
    {"form", BLOCK, NULL, NULL},
    {"h1", HEADING},
    {"h2", HEADING},
    {"h3", HEADING},
    {"h4", HEADING},
    {"h5", HEADING},
    {"h6", HEADING},
    {"head", HEAD, NULL, NULL},
    {"header", BLOCK, NULL, NULL},
    {"hr", BLOCK | STOX_HTML_VOID, NULL, NULL},
    {"html", BLOCK, NULL, NULL},
    {"i", 0, "em", NULL},
    {"img", STOX_HTML_VOID, NULL, NULL},
    {"ins", 0, NULL, LINE},
    {"kbd", 0, NULL, MONO},
    {"li", BLOCK | STOX_HTML_ITEM, "li", NULL},
    {"link", STOX_HTML_VOID | HEAD, NULL, NULL},
    {"listing", BLOCK | STOX_HTML_PRE, NULL, MONO},
    {"main", BLOCK, NULL, NULL},
    {"mark", 0, NULL, "background-color: yellow"},
    {"math", SKIP, NULL, NULL},
    {"menu", BLOCK | STOX_HTML_LIST, "ul", NULL},
    {"meta", STOX_HTML_VOID | HEAD, NULL, NULL},
    {"nav", BLOCK, NULL, NULL},
    {"object", SKIP, NULL, NULL},
    {"ol", BLOCK | STOX_HTML_LIST, "ol", NULL},
    {"p", BLOCK | STOX_HTML_PARAGRAPH, NULL, NULL},
    {"pre", BLOCK | STOX_HTML_PRE, NULL, MONO},
    {"q", 0, NULL, NULL},
    {"s", 0, NULL, STRIKE},
    {"samp", 0, NULL, MONO},
    {"section", BLOCK, NULL, NULL},
    {"select", SKIP, NULL, NULL},
    {"small", 0, NULL, "font-size: smaller"},
    {"span", 0, NULL, NULL},
    {"strike", 0, NULL, STRIKE},
    {"strong", 0, STRONG, NULL},
    {"svg", SKIP, NULL, NULL},
    {"table", BLOCK | STOX_HTML_TABLE, NULL, NULL},
    {"td", STOX_HTML_CELL, NULL, NULL},
    {"template", SKIP, NULL, NULL},
    {"th", STOX_HTML_CELL, STRONG, NULL},
    {"tr", BLOCK | STOX_HTML_ROW, NULL, NULL},
    {"tt", 0, NULL, MONO},
    {"u", 0, NULL, LINE},
    {"ul", BLOCK | STOX_HTML_LIST, "ul", NULL},
    {"var", 0, "em", NULL},
    {"video", SKIP, NULL, NULL},
    {"xml", SKIP | HEAD, NULL, NULL},
    {"xmp", BLOCK | STOX_HTML_PRE, NULL, MONO},
};

/* Raw elements whose tags alone come up: they do not end the head. */
static const StoxHtmlElement of_head = {"script", STOX_HTML_VOID | HEAD, NULL, NULL};

static int by_name(const void *name, const void *element)
{
    return strcmp(name, ((const StoxHtmlElement *) element)->name);
}

const StoxHtmlElement *stox_html_element(const char *name)
{
    const char *colon = strchr(name, ':');

    if (strcmp(name, "script") == 0 || strcmp(name, "style") == 0 || strcmp(name, "title") == 0)
        return &of_head;
    /* In a namespace of its own a script is markup, and still says nothing. */
    if (colon && (strcmp(colon, ":script") == 0 || strcmp(colon, ":style") == 0))
        return bsearch("xml", elements, G_N_ELEMENTS(elements), sizeof elements[0], by_name);
    return bsearch(name, elements, G_N_ELEMENTS(elements), sizeof elements[0], by_name);
}
