/* SPDX-License-Identifier: MIT */
/* A document alone is the input: it goes into the SIP request that would have brought it. */
#include "component/translate-private.h"

#include "translation/xml.h"

#include <string.h>

#define NOBODY_SIP  "sip:sip.user@sip.invalid"
#define NOBODY_XMPP "sip:xmpp.user@xmpp.invalid"

/* ---- What is it? ---- */

typedef enum { CARRIED_BY_MESSAGE, CARRIED_BY_NOTIFY, CARRIED_BY_INFO } Carrier;

/* Root elements. `ns` NULL: whatever it is in. */
static const struct {
    const char *ns, *name, *type;
    Carrier carrier;
} roots[] = {
    {NULL, "categories", "application/msrtc-event-categories+xml", CARRIED_BY_NOTIFY},
    {NULL, "presentity", "text/xml+msrtc.pidf", CARRIED_BY_NOTIFY},
    {"urn:ietf:params:xml:ns:rlmi", "list", "application/rlmi+xml", CARRIED_BY_NOTIFY},
    {"", "presence", "application/xpidf+xml", CARRIED_BY_NOTIFY},
    {NULL, "presence", "application/pidf+xml", CARRIED_BY_NOTIFY},
    {NULL, "isComposing", "application/im-iscomposing+xml", CARRIED_BY_MESSAGE},
    {NULL, "KeyboardActivity", "application/xml", CARRIED_BY_INFO},
    {NULL, "imdn", "message/imdn+xml", CARRIED_BY_MESSAGE},
    {NULL, "html", "text/html", CARRIED_BY_MESSAGE},
};

static bool find_root(const StoxXmlNode *root, const char **ret_type, Carrier *ret_carrier)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(roots); i++) {
        if (!stox_xml_is(root, roots[i].ns, roots[i].name))
            continue;
        *ret_type = roots[i].type;
        *ret_carrier = roots[i].carrier;
        return true;
    }
    return false;
}

/* What is no XML, or none that is well-formed. */
static const char *type_by_look(const char *bytes)
{
    static const char *const cpim[] = {"From:", "To:", "NS:", "DateTime:", "Subject:"};

    if (g_str_has_prefix(bytes, "{\\rtf"))
        return "text/rtf";
    if (*bytes == '<' && (g_ascii_isalpha(bytes[1]) || bytes[1] == '!'))
        return "text/html";
    for (unsigned i = 0; i < G_N_ELEMENTS(cpim); i++)
        if (g_str_has_prefix(bytes, cpim[i]))
            return "message/cpim";
    return NULL;
}

static Carrier carrier_of(const char *type)
{
    static const char *const notified[] = {
        "application/pidf+xml", "application/xpidf+xml", "application/msrtc-event-categories+xml",
        "text/xml+msrtc.pidf",  "application/rlmi+xml",  "multipart/related"};

    for (unsigned i = 0; i < G_N_ELEMENTS(notified); i++)
        if (g_ascii_strncasecmp(type, notified[i], strlen(notified[i])) == 0)
            return CARRIED_BY_NOTIFY;
    return g_ascii_strncasecmp(type, "application/xml", 15) == 0 ? CARRIED_BY_INFO
                                                                 : CARRIED_BY_MESSAGE;
}

/* ---- Whom is it about? ---- */

/* The first address that the document itself names as its subject; caller frees. */
static char *subject_of(const StoxXmlNode *root)
{
    static const char *const names[] = {"entity", "uri"};
    const StoxXmlNode *at = root ? stox_xml_child(root, NULL, "presentity") : NULL;
    const StoxXmlNode *places[] = {root, at};

    for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
        for (unsigned n = 0; places[i] && n < G_N_ELEMENTS(names); n++) {
            const char *uri = stox_xml_attr(places[i], names[n]);
            g_autofree char *bare = uri ? g_strndup(uri, strcspn(uri, ";?")) : NULL;

            if (bare && strchr(bare, '@'))
                return strchr(bare, ':') ? g_steal_pointer(&bare) : g_strconcat("sip:", bare, NULL);
        }
    }
    return g_strdup(NOBODY_SIP);
}

/* ---- The request around it ---- */

static GString *request(const char *method, const char *from, const char *type)
{
    GString *text = g_string_new(NULL);
    bool inside = strcmp(method, "MESSAGE") != 0;
    /* pres: is no address of a request. */
    const char *sip = g_str_has_prefix(from, "pres:") || g_str_has_prefix(from, "im:")
                          ? strchr(from, ':') + 1
                          : NULL;

    g_string_append_printf(text, "%s %s SIP/2.0\r\n", method, NOBODY_XMPP);
    g_string_append(text, "Via: SIP/2.0/TLS peer.invalid;branch=z9hG4bKdocument\r\n");
    g_string_append_printf(text, "From: <%s%s>;tag=peer\r\n", sip ? "sip:" : "", sip ? sip : from);
    g_string_append_printf(text, "To: <%s>%s\r\n", NOBODY_XMPP, inside ? ";tag=ours" : "");
    g_string_append_printf(text, "Call-ID: document\r\nCSeq: 2 %s\r\nMax-Forwards: 70\r\n", method);
    if (strcmp(method, "NOTIFY") == 0)
        g_string_append(text, "Contact: <sip:peer.invalid>\r\nEvent: presence\r\n"
                              "Subscription-State: active;expires=3600\r\n");
    g_string_append_printf(text, "Content-Type: %s\r\n", type);
    return text;
}

/* IMDN documents travel in CPIM (RFC 5438 s7.2.1). */
static GString *wrap_imdn(const char *bytes, size_t n)
{
    GString *text = g_string_new("From: <" NOBODY_SIP ">\r\nTo: <" NOBODY_XMPP ">\r\n"
                                 "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: document\r\n"
                                 "\r\nContent-Type: message/imdn+xml\r\n"
                                 "Content-Disposition: notification\r\n\r\n");

    return g_string_append_len(text, bytes, (gssize) n);
}

void stox_translate_document(const StoxTranslateSettings *settings, const char *bytes, size_t n,
                             const StoxXmlNode *root, StoxTranslation *ret)
{
    static const char *const methods[] = {[CARRIED_BY_MESSAGE] = "MESSAGE",
                                          [CARRIED_BY_NOTIFY] = "NOTIFY",
                                          [CARRIED_BY_INFO] = "INFO"};
    const char *type = settings->content_type;
    Carrier carrier = type ? carrier_of(type) : CARRIED_BY_MESSAGE;
    g_autofree char *subject = subject_of(root);
    g_autoptr(GString) body = NULL;
    g_autoptr(GString) text = NULL;

    if (!type && !(root && find_root(root, &type, &carrier)))
        type = type_by_look(bytes);
    if (!type) {
        stox_translation_refuse(ret, "This is neither a stanza nor a SIP message, nor a document "
                                     "that is known by its look; --content-type says what it is.");
        return;
    }
    if (strcmp(type, "message/imdn+xml") == 0) {
        body = wrap_imdn(bytes, n);
        type = "message/cpim";
    } else {
        body = g_string_new_len(bytes, (gssize) n);
    }
    text = request(methods[carrier], subject, type);
    g_string_append_printf(text, "Content-Length: %zu\r\n\r\n", body->len);
    g_string_append_len(text, body->str, (gssize) body->len);
    stox_translate_sip(settings, text->str, text->len, ret);
}
