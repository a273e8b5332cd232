/* SPDX-License-Identifier: MIT */
/* Any bytes as HTML, as XHTML-IM and as styled text: what comes out is clean, well-formed, harmless and the same when it goes in again. */
#include "tests/fuzz/fuzz.h"

#include "translation/html.h"
#include "translation/xml.h"

#include <glib.h>
#include <string.h>

static void check_tree(const StoxXmlNode *node)
{
    static const char *const names[] = {"p",  "br", "span", "strong",     "em", "a",
                                        "ul", "ol", "li",   "blockquote", NULL};
    static const char *const schemes[] = {"http://", "https://", "mailto:", "xmpp:"};

    for (const StoxXmlNode *child = node->first_child; child; child = child->next) {
        const char *href = stox_xml_attr(child, "href"), *style = stox_xml_attr(child, "style");
        bool allowed = !href;

        g_assert(g_strv_contains(names, child->name));
        g_assert(!style || !strpbrk(style, "\\@{}<>\"'/&") || strlen(style) == 0);
        g_assert(!style || !strchr(style, '('));
        for (size_t i = 0; i < G_N_ELEMENTS(schemes) && !allowed; i++)
            allowed = g_ascii_strncasecmp(href, schemes[i], strlen(schemes[i])) == 0;
        g_assert(allowed && (!href || !strpbrk(href, " \t\r\n\"'<>`\\")));
        for (const char **attr = child->attrs; *attr; attr += 2)
            g_assert(strcmp(attr[0], "style") == 0 || strcmp(attr[0], "href") == 0);
        check_tree(child);
    }
}

static void check_markup(const char *markup, bool ours)
{
    g_autofree char *whole = g_strconcat("<body>", markup, "</body>", NULL);
    g_autoptr(StoxXmlTree) tree =
        stox_xml_parse(whole, strlen(whole), &stox_xml_limits_document, NULL);
    g_autofree char *again = NULL;
    g_autofree char *plain = stox_html_read(markup, &again);
    g_autofree char *html = stox_html_from_xhtml(markup);

    g_assert(tree || !ours);
    if (!ours)
        return;
    check_tree(stox_xml_tree_root(tree));
    g_assert_cmpstr(again, ==, markup);
    g_assert_cmpstr(html, ==, markup);
}

static void check_plain(const char *plain, size_t size)
{
    g_autofree char *clean = stox_xml_clean(plain);

    g_assert_cmpstr(plain, ==, clean);
    g_assert(!strchr(plain, '\r'));
    g_assert_cmpuint(strlen(plain), <=, 64 + 32 * size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *) data, size);
    g_autofree char *xhtml = NULL;
    g_autofree char *plain = stox_html_read(text, &xhtml);
    g_autofree char *html = stox_html_from_xhtml(text);
    g_autofree char *styled = stox_html_from_styled(text);

    check_plain(plain, size);
    if (xhtml)
        check_markup(xhtml, true);
    /* The one reader behind both: what is well-formed says the same. */
    if (html)
        g_assert_cmpstr(html, ==, xhtml);
    if (styled) {
        g_assert_cmpuint(strlen(styled), <=, 64 + 64 * size);
        check_markup(styled, false);
    }
    return 0;
}
