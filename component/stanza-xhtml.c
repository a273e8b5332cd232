/* SPDX-License-Identifier: MIT */
#include "component/stanza-xhtml.h"

#include <string.h>

#define MAX_MARKUP (64 * 1024)

/* ---- Reading ---- */

static void append_content(GString *out, const StoxXmlNode *node);

static void append_slice(GString *out, const char *text, size_t n)
{
    g_autofree char *slice = n > 0 ? g_strndup(text, n) : NULL;

    stox_xml_append_text(out, slice);
}

static void append_element(GString *out, const StoxXmlNode *node)
{
    if (strcmp(node->ns, STOX_NS_XHTML) != 0) { /* XEP-0071 s8: what is not known is its content */
        append_content(out, node);
        return;
    }
    g_string_append_printf(out, "<%s", node->name);
    for (const char **attr = node->attrs; *attr; attr += 2) {
        if (strcmp(attr[0], STOX_XML_LANG) == 0)
            stox_xml_append_attr(out, "xml:lang", attr[1]);
        else if (!strchr(attr[0], ' '))
            stox_xml_append_attr(out, attr[0], attr[1]);
    }
    if (node->first_child || *node->text) {
        g_string_append_c(out, '>');
        append_content(out, node);
        g_string_append_printf(out, "</%s>", node->name);
    } else {
        g_string_append(out, "/>");
    }
}

/* As deep as the reader of the stanza let it be. */
static void append_content(GString *out, const StoxXmlNode *node)
{
    size_t at = 0;

    for (const StoxXmlNode *child = node->first_child; child && out->len <= MAX_MARKUP;
         child = child->next) {
        append_slice(out, node->text + at, child->text_at - at);
        at = child->text_at;
        append_element(out, child);
    }
    stox_xml_append_text(out, node->text + at);
}

char *stox_xhtml_read(const StoxXmlNode *body)
{
    GString *out = g_string_new(NULL);

    append_content(out, body);
    if (out->len == 0 || out->len > MAX_MARKUP) {
        g_string_free(out, TRUE);
        return NULL;
    }
    return g_string_free(out, FALSE);
}

/* ---- Writing ---- */

static void add_slice(xmpp_stanza_t *to, const char *text, size_t n)
{
    g_autofree char *slice = g_strndup(text, n);
    xmpp_stanza_t *node;

    if (n == 0)
        return;
    node = xmpp_stanza_new(xmpp_stanza_get_context(to));
    xmpp_stanza_set_text(node, slice);
    xmpp_stanza_add_child_ex(to, node, FALSE);
}

static void add_content(xmpp_stanza_t *to, const StoxXmlNode *from)
{
    size_t at = 0;

    for (const StoxXmlNode *child = from->first_child; child; child = child->next) {
        xmpp_stanza_t *copy;

        add_slice(to, from->text + at, child->text_at - at);
        at = child->text_at;
        if (strcmp(child->ns, STOX_NS_XHTML) != 0) {
            add_content(to, child);
            continue;
        }
        copy = stox_tree_child(to, STOX_NS_XHTML, child->name, NULL);
        for (const char **attr = child->attrs; *attr; attr += 2) {
            if (strcmp(attr[0], STOX_XML_LANG) == 0)
                stox_tree_attr(copy, "xml:lang", attr[1]);
            else if (!strchr(attr[0], ' '))
                stox_tree_attr(copy, attr[0], attr[1]);
        }
        add_content(copy, child);
    }
    add_slice(to, from->text + at, strlen(from->text + at));
}

void stox_xhtml_write(xmpp_stanza_t *stanza, const char *markup)
{
    g_autofree char *whole =
        g_strconcat("<body xmlns='" STOX_NS_XHTML "'>", markup, "</body>", NULL);
    g_autoptr(StoxXmlTree) tree =
        stox_xml_parse(whole, strlen(whole), &stox_xml_limits_stanza, NULL);
    xmpp_stanza_t *html;

    if (!tree)
        return;
    html = stox_tree_child(stanza, STOX_NS_XHTML_IM, "html", NULL);
    add_content(stox_tree_child(html, STOX_NS_XHTML, "body", NULL), stox_xml_tree_root(tree));
}
