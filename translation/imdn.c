/* SPDX-License-Identifier: MIT */
#include "translation/imdn.h"

#include "translation/xml.h"

#include <string.h>

#define NS "urn:ietf:params:xml:ns:imdn"

#define MAX_ID 1024 /* bytes */

static const StoxXmlLimits limits = {
    .max_bytes = 32768, .max_depth = 16, .max_attrs = 16, .max_nodes = 512, .max_text = 16384};

static const char *const kinds[STOX_N_IMDN_KINDS] = {
    [STOX_IMDN_DELIVERY] = "delivery-notification",
    [STOX_IMDN_PROCESSING] = "processing-notification",
    [STOX_IMDN_DISPLAY] = "display-notification",
};

static const char *const statuses[STOX_N_IMDN_STATUSES] = {
    [STOX_IMDN_DELIVERED] = "delivered", [STOX_IMDN_FAILED] = "failed",
    [STOX_IMDN_PROCESSED] = "processed", [STOX_IMDN_STORED] = "stored",
    [STOX_IMDN_DISPLAYED] = "displayed", [STOX_IMDN_FORBIDDEN] = "forbidden",
    [STOX_IMDN_ERROR] = "error",
};

void stox_imdn_clear(StoxImdn *imdn)
{
    g_free(imdn->message_id);
    g_free(imdn->date);
    g_free(imdn->recipient_uri);
    g_free(imdn->original_recipient_uri);
    g_free(imdn->subject);
    memset(imdn, 0, sizeof *imdn);
}

bool stox_imdn_is(const char *content_type)
{
    size_t n;

    if (!content_type)
        return false;
    content_type += strspn(content_type, " \t");
    n = strcspn(content_type, "; \t");
    return n == strlen(STOX_IMDN_TYPE) && g_ascii_strncasecmp(content_type, STOX_IMDN_TYPE, n) == 0;
}

/* ---- Reading ---- */

/* Text of the child; NULL when there is none, or nothing in it. Caller frees. */
static char *text_of(const StoxXmlNode *node, const char *ns, const char *name)
{
    const StoxXmlNode *child = stox_xml_child(node, ns, name);
    g_autofree char *text = child ? g_strstrip(g_strdup(child->text)) : NULL;

    return text && *text ? g_steal_pointer(&text) : NULL;
}

static StoxImdnStatus read_status(const StoxXmlNode *notification)
{
    const StoxXmlNode *status = stox_xml_child(notification, NS, "status");

    for (unsigned i = 0; status && i < STOX_N_IMDN_STATUSES; i++)
        if (stox_xml_child(status, NS, statuses[i]))
            return (StoxImdnStatus) i;
    return STOX_IMDN_FORBIDDEN;
}

static bool read_kind(const StoxXmlNode *root, StoxImdn *imdn)
{
    for (unsigned i = 0; i < STOX_N_IMDN_KINDS; i++) {
        const StoxXmlNode *notification = stox_xml_child(root, NS, kinds[i]);

        if (!notification)
            continue;
        imdn->kind = (StoxImdnKind) i;
        imdn->status = read_status(notification);
        return true;
    }
    return false;
}

static bool read_document(const StoxXmlNode *root, StoxImdn *imdn)
{
    imdn->message_id = text_of(root, NS, "message-id");
    imdn->date = text_of(root, NS, "datetime");
    imdn->recipient_uri = text_of(root, NS, "recipient-uri");
    imdn->original_recipient_uri = text_of(root, NS, "original-recipient-uri");
    imdn->subject = text_of(root, NS, "subject");
    return imdn->date && read_kind(root, imdn);
}

bool stox_imdn_read(GBytes *body, StoxImdn *ret_imdn)
{
    size_t n = 0;
    const char *data = body ? g_bytes_get_data(body, &n) : NULL;
    g_autoptr(StoxXmlTree) tree = n ? stox_xml_parse(data, n, &limits, NULL) : NULL;
    const StoxXmlNode *root = tree ? stox_xml_tree_root(tree) : NULL;
    g_auto(StoxImdn) imdn = {0};

    if (!root || !stox_xml_is(root, NS, "imdn") || !read_document(root, &imdn) ||
        !imdn.message_id || strlen(imdn.message_id) > MAX_ID)
        return false;
    *ret_imdn = imdn;
    memset(&imdn, 0, sizeof imdn);
    return true;
}

/* ---- Writing ---- */

GBytes *stox_imdn_write(const StoxImdn *imdn)
{
    GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
                                "<imdn xmlns='" NS "'>");

    stox_xml_append_element(out, "message-id", imdn->message_id);
    stox_xml_append_element(out, "datetime", imdn->date);
    stox_xml_append_element(out, "recipient-uri", imdn->recipient_uri);
    stox_xml_append_element(out, "original-recipient-uri", imdn->original_recipient_uri);
    stox_xml_append_element(out, "subject", imdn->subject);
    g_string_append_printf(out, "<%s><status><%s/></status></%s></imdn>", kinds[imdn->kind],
                           statuses[imdn->status], kinds[imdn->kind]);
    return g_string_free_to_bytes(out);
}
