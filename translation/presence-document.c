/* SPDX-License-Identifier: MIT */
#include "translation/presence-document-private.h"

#include "translation/categories.h"
#include "translation/mime.h"

#include <string.h>

void stox_presence_report_clear(StoxPresenceReport *report)
{
    stox_presentities_clear(&report->all);
    g_free(report->display_name);
    g_free(report->pool_fqdn);
    memset(report, 0, sizeof *report);
}

/* ---- The kinds ---- */

static const char *entity_of(const StoxXmlNode *root)
{
    return stox_xml_attr(root, "entity");
}

static const char *uri_of(const StoxXmlNode *root)
{
    return stox_xml_attr(root, "uri");
}

static bool is_categories(const StoxXmlNode *root)
{
    return stox_xml_is(root, NS_CATEGORIES, "categories");
}

typedef struct {
    const char *type;
    bool (*is)(const StoxXmlNode *root);
    const char *(*entity)(const StoxXmlNode *root); /* NULL: lists several */
    /* NULL: categories, which are collected first */
    void (*read)(const StoxXmlNode *root, const StoxPresenceReading *how,
                 StoxPresenceReport *report);
    bool doctype; /* written with a document type declaration, which declares nothing */
} Kind;

static const Kind kinds[] = {
    {STOX_PIDF_TYPE, stox_pidf_is_document, entity_of, stox_pidf_read, false},
    {STOX_CATEGORIES_TYPE, is_categories, uri_of, NULL, false},
    {STOX_MSRTC_TYPE, stox_msrtc_is, uri_of, stox_msrtc_read, false},
    {STOX_XPIDF_TYPE, stox_xpidf_is, stox_xpidf_entity, stox_xpidf_read, true},
    {STOX_RLMI_TYPE, stox_rlmi_is, NULL, stox_rlmi_read, false},
};

static const Kind *find_kind(const char *type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].type, type) == 0)
            return &kinds[i];
    return NULL;
}

/* ---- The documents of a body ---- */

/* One that is well-formed and what its type says. */
typedef struct {
    const Kind *kind;
    const StoxMimePart *part;
    StoxXmlTree *tree;
} Document;

static void document_clear(void *document)
{
    stox_xml_tree_free(((Document *) document)->tree);
}

static bool parse(const StoxMimePart *part, const Kind *kind, GArray *documents)
{
    StoxXmlLimits limits = stox_xml_limits_document;
    Document document = {.kind = kind, .part = part};
    size_t n;
    const char *data = g_bytes_get_data(part->content, &n);

    limits.doctype = kind->doctype;
    document.tree = stox_xml_parse(data, n, &limits, NULL);
    if (!document.tree)
        return false;
    g_array_append_val(documents, document);
    return kind->is(stox_xml_tree_root(document.tree));
}

/* All that are of a kind we know; 200, else what the sender is answered. */
static unsigned parse_all(const StoxMimePart *body, GArray *documents)
{
    g_autoptr(GPtrArray) leaves = g_ptr_array_new();

    stox_mime_leaves(body, leaves);
    for (unsigned i = 0; i < leaves->len; i++) {
        const StoxMimePart *leaf = leaves->pdata[i];
        const Kind *kind = find_kind(leaf->type.type);

        if (kind && !parse(leaf, kind, documents))
            return 400;
    }
    return documents->len > 0 ? 200 : 415;
}

static void read_document(const Document *document, StoxCategories **state,
                          const StoxPresenceReading *how, StoxPresenceReport *report)
{
    const StoxXmlNode *root = stox_xml_tree_root(document->tree);
    const char *entity = document->kind->entity ? document->kind->entity(root) : NULL;
    StoxPresenceReading here = *how;

    if (document->part->lang)
        here.lang = document->part->lang;
    if (document->kind->entity) {
        if (!stox_presence_is_about(entity, how->about_uri))
            return;
        report->about_him = true;
    }
    if (document->kind->read) {
        document->kind->read(root, &here, report);
    } else {
        if (!*state)
            *state = stox_categories_new();
        stox_categories_read(*state, root, &here);
    }
}

static unsigned status_of(StoxMimeFault fault)
{
    switch (fault) {
    case STOX_MIME_NO_TYPE:
        return 415;
    case STOX_MIME_MALFORMED:
        return 400;
    case STOX_MIME_LIMIT:
        return 413;
    }
    return 400;
}

bool stox_presence_document_read(StoxCategories **state, const char *content_type, GBytes *body,
                                 const StoxPresenceReading *how, StoxPresenceReport *ret_report,
                                 unsigned *ret_status)
{
    StoxMimeFault fault = STOX_MIME_NO_TYPE;
    g_autoptr(StoxMimePart) mime = stox_mime_read(content_type, body, &fault);
    g_autoptr(GArray) documents = g_array_new(FALSE, FALSE, sizeof(Document));
    unsigned status = mime ? parse_all(mime, documents) : status_of(fault);
    bool collected = false;

    g_array_set_clear_func(documents, document_clear);
    if (status != 200) {
        *ret_status = status;
        return false;
    }
    *ret_report = (StoxPresenceReport){.about_him = false};
    stox_presentities_init(&ret_report->all);
    for (unsigned i = 0; i < documents->len; i++) {
        const Document *document = &g_array_index(documents, Document, i);

        read_document(document, state, how, ret_report);
        collected = collected || !document->kind->read;
    }
    if (collected && ret_report->about_him && *state)
        stox_categories_show(*state, how, ret_report);
    return true;
}
