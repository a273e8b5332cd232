/* SPDX-License-Identifier: MIT */
/* The body of a subscription to categories, read and written (lync.md 4.8 a, 7.5). */
#include "translation/presence-write.h"
#include "translation/xml.h"

#include <string.h>

#define NS_BATCH_SUB "http://schemas.microsoft.com/2006/01/sip/batch-subscribe"
#define NS_LIST      "http://schemas.microsoft.com/2006/09/sip/categorylist"

static const struct {
    const char *name;
    StoxCategorySet bit;
} categories[] = {
    {"state", STOX_CATEGORY_STATE},
    {"note", STOX_CATEGORY_NOTE},
    {"contactCard", STOX_CATEGORY_CONTACT_CARD},
};

static bool is_type(const char *content_type, const char *type)
{
    size_t n = strlen(type);

    return g_ascii_strncasecmp(content_type, type, n) == 0 &&
           (content_type[n] == '\0' || strchr("; \t", content_type[n]));
}

static unsigned read_list(const StoxXmlNode *list)
{
    unsigned asked_for = 0;

    for (const StoxXmlNode *child = list->first_child; child; child = child->next) {
        const char *name =
            strcmp(child->name, "category") == 0 ? stox_xml_attr(child, "name") : NULL;

        for (size_t i = 0; name && i < G_N_ELEMENTS(categories); i++)
            if (strcmp(categories[i].name, name) == 0)
                asked_for |= categories[i].bit;
    }
    return asked_for;
}

bool stox_document_asked_for(const char *content_type, GBytes *body, StoxCategorySet *ret_asked_for)
{
    g_autoptr(StoxXmlTree) tree = NULL;
    const StoxXmlNode *root, *list;
    const char *data;
    size_t n;

    *ret_asked_for = STOX_CATEGORY_ALL;
    if (!body || !content_type || !is_type(content_type, STOX_BATCH_SUB_TYPE))
        return true;
    data = g_bytes_get_data(body, &n);
    tree = stox_xml_parse(data, n, &stox_xml_limits_document, NULL);
    root = tree ? stox_xml_tree_root(tree) : NULL;
    if (!root || !stox_xml_is(root, NS_BATCH_SUB, "batchSub"))
        return false;
    for (const StoxXmlNode *action = root->first_child; action; action = action->next) {
        list = stox_xml_child(action, NS_LIST, "categoryList");
        if (list) {
            *ret_asked_for = read_list(list);
            break;
        }
    }
    return true;
}

GBytes *stox_batch_sub_write(const char *watcher_uri, const char *presentity_uri)
{
    GString *out = g_string_sized_new(512);

    g_string_append(out, "<batchSub xmlns='" NS_BATCH_SUB "'");
    stox_xml_append_attr(out, "uri", watcher_uri);
    g_string_append(out, " name=''><action name='subscribe' id='1'><adhocList><resource");
    stox_xml_append_attr(out, "uri", presentity_uri);
    /* His user is told who has put him on a list (lync.md 4.8 a), as an XMPP user is by `subscribe`. */
    g_string_append(out, "><context/></resource></adhocList><categoryList xmlns='" NS_LIST "'>");
    for (size_t i = 0; i < G_N_ELEMENTS(categories); i++)
        g_string_append_printf(out, "<category name='%s'/>", categories[i].name);
    g_string_append(out, "</categoryList></action></batchSub>");
    return g_string_free_to_bytes(out);
}
