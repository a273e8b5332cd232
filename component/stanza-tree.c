/* SPDX-License-Identifier: MIT */
#include "component/stanza-tree.h"

#include "translation/error.h"

static void *mem_alloc(size_t size, void *user)
{
    return g_malloc(size);
}

static void mem_free(void *memory, void *user)
{
    g_free(memory);
}

static void *mem_realloc(void *memory, size_t size, void *user)
{
    return g_realloc(memory, size);
}

xmpp_ctx_t *stox_tree_context_new(void)
{
    static const xmpp_mem_t mem = {.alloc = mem_alloc, .free = mem_free, .realloc = mem_realloc};

    return xmpp_ctx_new(&mem, NULL);
}

xmpp_stanza_t *stox_tree_new(xmpp_ctx_t *ctx, const char *name)
{
    xmpp_stanza_t *node = xmpp_stanza_new(ctx);

    xmpp_stanza_set_name(node, name);
    return node;
}

void stox_tree_attr(xmpp_stanza_t *node, const char *name, const char *value)
{
    g_autofree char *clean = value ? stox_xml_clean(value) : NULL;

    if (clean)
        xmpp_stanza_set_attribute(node, name, g_strdelimit(clean, "\t\r\n", ' '));
}

xmpp_stanza_t *stox_tree_child(xmpp_stanza_t *parent, const char *ns, const char *name,
                               const char *text)
{
    xmpp_ctx_t *ctx = xmpp_stanza_get_context(parent);
    xmpp_stanza_t *child = stox_tree_new(ctx, name);

    if (ns)
        xmpp_stanza_set_ns(child, ns);
    if (text && *text) {
        g_autofree char *clean = stox_xml_clean(text);
        xmpp_stanza_t *node = xmpp_stanza_new(ctx);

        xmpp_stanza_set_text(node, clean);
        xmpp_stanza_add_child_ex(child, node, FALSE);
    }
    xmpp_stanza_add_child_ex(parent, child, FALSE);
    return child;
}

void stox_tree_error(xmpp_stanza_t *stanza, const StoxError *error)
{
    /* There is no error stanza without a condition. */
    StoxCondition condition = error->condition == STOX_CONDITION_NONE
                                  ? STOX_CONDITION_UNDEFINED_CONDITION
                                  : error->condition;
    xmpp_stanza_t *node = stox_tree_child(stanza, NULL, "error", NULL);

    stox_tree_attr(stanza, "type", "error");
    stox_tree_attr(node, "type", stox_error_type_name(error->type));
    stox_tree_child(node, STOX_NS_STANZAS, stox_condition_name(condition), error->address);
    if (error->text && *error->text)
        stox_tree_attr(stox_tree_child(node, STOX_NS_STANZAS, "text", error->text), "xml:lang",
                       error->lang ? error->lang : "en"); /* D-01 */
}

char *stox_tree_finish(xmpp_stanza_t *stanza, size_t *ret_length)
{
    char *text = NULL;
    size_t length = 0;

    xmpp_stanza_to_text(stanza, &text, &length);
    xmpp_stanza_release(stanza);
    if (ret_length)
        *ret_length = length;
    return text;
}
