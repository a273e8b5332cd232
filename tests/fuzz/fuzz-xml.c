/* SPDX-License-Identifier: MIT */
/* Any bytes as a document, and as a stream in pieces, within usual and within tight limits: the sizes of the pieces must not change what is read. */
#include "tests/fuzz/fuzz.h"

#include "translation/xml.h"

#include <string.h>

static void print_node(GString *out, const StoxXmlNode *node)
{
    g_string_append_printf(out, "{%s}%s", node->ns, node->name);
    for (const char **attr = node->attrs; *attr; attr += 2)
        g_string_append_printf(out, " %s=%s", attr[0], attr[1]);
    g_string_append_printf(out, "[%s", node->text);
    for (const StoxXmlNode *child = node->first_child; child; child = child->next) {
        g_assert(child->parent == node);
        print_node(out, child);
    }
    g_string_append_c(out, ']');
}

static void on_opened(const StoxXmlNode *header, void *user)
{
    print_node(user, header);
}

static void on_stanza(StoxXmlTree *stanza, void *user)
{
    print_node(user, stox_xml_tree_root(stanza));
    stox_xml_tree_free(stanza);
}

static void on_closed(void *user)
{
    g_string_append(user, "closed");
}

/* Of several limits that are passed at once, any may be named. */
static void on_refused(StoxXmlTree *head, const char *limit, void *user)
{
    const StoxXmlNode *root = stox_xml_tree_root(head);

    g_assert(limit && *limit && !root->first_child && !*root->text);
    g_string_append(user, "refused ");
    print_node(user, root);
    stox_xml_tree_free(head);
}

static const StoxXmlStreamFuncs funcs = {on_opened, on_stanza, on_closed, on_refused};

/* Limits that short inputs pass. */
static const StoxXmlLimits tight = {
    .max_bytes = 150, .max_depth = 4, .max_attrs = 3, .max_nodes = 8, .max_text = 60};

/* Feeds with pieces of sizes that follow from `seed`; 0: all at once. False: refused. */
static bool read_stream(const char *bytes, size_t n, uint32_t seed, const StoxXmlLimits *limits,
                        GString *seen)
{
    g_autoptr(StoxXmlStream) stream = stox_xml_stream_new(limits, &funcs, seen);

    while (n > 0) {
        size_t piece = n;
        g_autofree char *copy = NULL; /* a sanitizer sees what is read beside it */

        if (seed) {
            seed = seed * 1664525 + 1013904223;
            piece = 1 + (seed >> 24) % ((seed & 0x10000) ? 8 : 256);
            piece = MIN(piece, n);
        }
        copy = g_memdup2(bytes, piece);
        if (!stox_xml_stream_feed(stream, copy, piece, NULL))
            return false;
        bytes += piece;
        n -= piece;
    }
    return true;
}

/* What was read can be written, and read again. */
static void write_and_read(const char *text)
{
    g_autoptr(GString) out = g_string_new("<a");
    g_autofree char *clean = stox_xml_clean(text);
    g_autoptr(StoxXmlTree) tree = NULL;

    if (strlen(text) > 10000 || strchr(text, '\r'))
        return;
    stox_xml_append_attr(out, "x", text);
    g_string_append_c(out, '>');
    stox_xml_append_text(out, text);
    g_string_append(out, "</a>");
    tree = stox_xml_parse(out->str, out->len, &stox_xml_limits_document, NULL);
    g_assert(tree);
    g_assert_cmpstr(stox_xml_tree_root(tree)->text, ==, clean);
    g_assert_cmpstr(stox_xml_attr(stox_xml_tree_root(tree), "x"), ==, clean);
}

static void compare(const char *bytes, size_t n, const StoxXmlLimits *limits)
{
    g_autoptr(GString) whole = g_string_new(NULL), pieces = g_string_new(NULL);
    uint32_t seed = n > 0 ? (uint8_t) bytes[n / 2] + 1U : 1;
    bool good = read_stream(bytes, n, 0, limits, whole);
    bool good_in_pieces = read_stream(bytes, n, seed, limits, pieces);

    /* In pieces, a long tag that is wrong is noticed at its end only, which may never come. */
    g_assert(good_in_pieces || !good);
    g_assert_cmpstr(whole->str, ==, pieces->str);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *) data;
    g_autofree char *text = g_strndup(bytes, size);
    g_autoptr(GString) seen = g_string_new(NULL);
    StoxXmlTree *tree = stox_xml_parse(bytes, size, &stox_xml_limits_document, NULL);

    if (tree)
        print_node(seen, stox_xml_tree_root(tree));
    stox_xml_tree_free(tree);
    compare(bytes, size, &stox_xml_limits_stanza);
    compare(bytes, size, &tight);
    write_and_read(text);
    return 0;
}
