/* SPDX-License-Identifier: MIT */
#include "translation/presence-document-private.h"

#include "translation/pidf-private.h"
#include "translation/mime.h"

#include <string.h>

struct StoxCategories {
    int64_t published;
};

void stox_categories_free(StoxCategories *categories)
{
    g_free(categories);
}

void stox_presence_report_clear(StoxPresenceReport *report)
{
    stox_presentities_clear(&report->all);
    g_free(report->entity);
    g_free(report->display_name);
    g_free(report->pool_fqdn);
    memset(report, 0, sizeof *report);
}

bool stox_presence_document_read(StoxCategories **state, const char *content_type, GBytes *body,
                                 const StoxPresenceReading *how, StoxPresenceReport *ret_report,
                                 unsigned *ret_status)
{
    g_auto(StoxMimeType) mime = {0};
    g_autoptr(StoxXmlTree) tree = NULL;
    const StoxXmlNode *root;
    size_t n;
    const char *data = g_bytes_get_data(body, &n);

    if (!stox_mime_type_parse(content_type, &mime) || strcmp(mime.type, STOX_PIDF_TYPE) != 0) {
        *ret_status = 415;
        return false;
    }
    tree = stox_xml_parse(data, n, &stox_xml_limits_document, NULL);
    root = tree ? stox_xml_tree_root(tree) : NULL;
    if (!root || strcmp(root->name, "presence") != 0 || !g_str_has_prefix(root->ns, NS_PIDF)) {
        *ret_status = 400;
        return false;
    }
    *ret_report = (StoxPresenceReport){.about_him = false};
    stox_presentities_init(&ret_report->all);
    if (stox_presence_is_about(stox_xml_attr(root, "entity"), how->about_uri)) {
        ret_report->about_him = true;
        ret_report->entity = g_strdup(stox_xml_attr(root, "entity"));
        stox_pidf_read(root, how, ret_report);
    }
    return true;
}
