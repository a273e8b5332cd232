/* SPDX-License-Identifier: MIT */
#include "tests/unit/translation/xml-watch.h"

const StoxXmlLimits small = {
    .max_bytes = 1000, .max_depth = 4, .max_attrs = 3, .max_nodes = 10, .max_text = 100};

static void print_node(GString *out, const StoxXmlNode *node)
{
    g_string_append_printf(out, "{%s}%s", node->ns, node->name);
    for (const char **attr = node->attrs; *attr; attr += 2)
        g_string_append_printf(out, " %s=%s", attr[0], attr[1]);
    g_string_append_printf(out, "[%s", node->text);
    for (const StoxXmlNode *child = node->first_child; child; child = child->next) {
        g_assert_true(child->parent == node);
        print_node(out, child);
        if (!child->next)
            g_assert_true(node->last_child == child);
    }
    g_string_append_c(out, ']');
}

char *tree_to_line(StoxXmlTree *tree)
{
    GString *out = g_string_new(NULL);

    print_node(out, stox_xml_tree_root(tree));
    return g_string_free(out, FALSE);
}

char *repeat(const char *head, const char *what, size_t n, const char *tail)
{
    GString *out = g_string_new(head);

    for (size_t i = 0; i < n; i++)
        g_string_append(out, what);
    g_string_append(out, tail);
    return g_string_free(out, FALSE);
}

static void on_opened(const StoxXmlNode *header, void *user)
{
    Watch *watch = user;

    g_string_append(watch->seen, "open ");
    print_node(watch->seen, header);
    g_string_append_c(watch->seen, '\n');
}

static void on_stanza(StoxXmlTree *stanza, void *user)
{
    Watch *watch = user;

    if (!watch->quiet) {
        print_node(watch->seen, stox_xml_tree_root(stanza));
        g_string_append_c(watch->seen, '\n');
    }
    stox_xml_tree_free(stanza);
    if (++watch->stanzas + watch->refusals == watch->stop_after)
        stox_xml_stream_stop(watch->stream);
}

static void on_refused(StoxXmlTree *head, const char *limit, void *user)
{
    Watch *watch = user;

    g_assert_null(stox_xml_tree_root(head)->first_child);
    g_assert_null(stox_xml_tree_root(head)->parent);
    if (!watch->quiet) {
        g_string_append(watch->seen, "refused ");
        print_node(watch->seen, stox_xml_tree_root(head));
        g_string_append_c(watch->seen, '\n');
        g_string_append_printf(watch->limits, "%s\n", limit);
    }
    stox_xml_tree_free(head);
    if (++watch->refusals + watch->stanzas == watch->stop_after)
        stox_xml_stream_stop(watch->stream);
}

static void on_closed(void *user)
{
    Watch *watch = user;

    g_string_append(watch->seen, "closed\n");
}

const StoxXmlStreamFuncs watch_funcs = {on_opened, on_stanza, on_closed, on_refused};

void watch_init(Watch *watch, const StoxXmlLimits *limits)
{
    *watch = (Watch){.seen = g_string_new(NULL), .limits = g_string_new(NULL)};
    watch->stream = stox_xml_stream_new(limits, &watch_funcs, watch);
}

void watch_clear(Watch *watch)
{
    stox_xml_stream_free(watch->stream);
    g_string_free(watch->seen, TRUE);
    g_string_free(watch->limits, TRUE);
}

bool watch_feed(Watch *watch, const char *bytes, size_t n, size_t piece, GError **error)
{
    bool live = true;

    for (size_t at = 0; at < n && live; at += piece) {
        size_t length = MIN(piece, n - at);
        /* Of its own, so that a sanitizer sees what is read beside it. */
        g_autofree char *copy = g_memdup2(bytes + at, length);

        live = stox_xml_stream_feed(watch->stream, copy, length, error);
    }
    return live;
}
