/* SPDX-License-Identifier: MIT */
#include "translation/imdn.h"

#include "translation/xml.h"

#include <string.h>

#define NS    "urn:ietf:params:xml:ns:imdn"
#define NS_MS "http://schemas.microsoft.com/rtc/2005/08/imdn"

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

static bool is_type(const char *content_type, const char *type)
{
    size_t n = strcspn(content_type, "; \t");

    return n == strlen(type) && g_ascii_strncasecmp(content_type, type, n) == 0;
}

bool stox_imdn_is(const char *content_type)
{
    if (!content_type)
        return false;
    content_type += strspn(content_type, " \t");
    return is_type(content_type, STOX_IMDN_TYPE) || is_type(content_type, STOX_MS_IMDN_TYPE);
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

static bool read_standard(const StoxXmlNode *root, StoxImdn *imdn)
{
    imdn->message_id = text_of(root, NS, "message-id");
    imdn->date = text_of(root, NS, "datetime");
    imdn->recipient_uri = text_of(root, NS, "recipient-uri");
    imdn->original_recipient_uri = text_of(root, NS, "original-recipient-uri");
    imdn->subject = text_of(root, NS, "subject");
    return imdn->date && read_kind(root, imdn);
}

/* `uri` is in brackets there. */
static char *without_brackets(const char *uri)
{
    size_t n = uri ? strlen(uri) : 0;

    return n > 2 && uri[0] == '<' && uri[n - 1] == '>' ? g_strndup(uri + 1, n - 2) : g_strdup(uri);
}

/* The first recipient that failed, else the first. */
static bool read_microsoft(const StoxXmlNode *root, StoxImdn *imdn)
{
    const StoxXmlNode *node = stox_xml_child(root, NS_MS, "recipient");

    imdn->message_id = text_of(root, NS_MS, "message-id");
    imdn->kind = STOX_IMDN_DELIVERY;
    for (; node; node = stox_xml_next(node, NS_MS, "recipient")) {
        g_autofree char *text = text_of(node, NS_MS, "status");
        uint64_t status;

        if (!text || !g_ascii_string_to_unsigned(text, 10, 100, 699, &status, NULL))
            return false;
        if (imdn->sip_status && status < 300)
            continue;
        g_free(imdn->recipient_uri);
        imdn->recipient_uri = without_brackets(stox_xml_attr(node, "uri"));
        imdn->sip_status = (unsigned) status;
        if (status >= 300)
            break;
    }
    imdn->status = imdn->sip_status < 300 ? STOX_IMDN_DELIVERED : STOX_IMDN_FAILED;
    return imdn->sip_status != 0;
}

bool stox_imdn_read(GBytes *body, StoxImdn *ret_imdn)
{
    size_t n = 0;
    const char *data = body ? g_bytes_get_data(body, &n) : NULL;
    g_autoptr(StoxXmlTree) tree = n ? stox_xml_parse(data, n, &limits, NULL) : NULL;
    const StoxXmlNode *root = tree ? stox_xml_tree_root(tree) : NULL;
    g_auto(StoxImdn) imdn = {0};
    bool good = root && (stox_xml_is(root, NS, "imdn")      ? read_standard(root, &imdn)
                         : stox_xml_is(root, NS_MS, "imdn") ? read_microsoft(root, &imdn)
                                                            : false);

    if (!good || !imdn.message_id || strlen(imdn.message_id) > MAX_ID)
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
