/* SPDX-License-Identifier: MIT */
/* What makes a message one that can be acted on: mandatory headers, agreement between them, the Request-URI. */
#include "sip/message-private.h"

#include <string.h>

void stox_sip_message_defect(StoxSipMessage *message, unsigned status, const char *why)
{
    if (message->defect)
        return;
    message->defect = status;
    message->why = why;
}

/* Number and method of CSeq; NULL: malformed. Not by sofia-sip, whose CSeq knows no method that begins like SERVICE. */
static const char *parse_cseq(const StoxSipMessage *message, uint32_t *ret_number)
{
    const char *p = stox_sip_lines_first(message, "CSeq");
    uint64_t number = 0;

    if (!p || !g_ascii_isdigit(*p))
        return NULL;
    while (g_ascii_isdigit(*p) && number <= G_MAXINT32)
        number = number * 10 + (unsigned) (*p++ - '0');
    /* RFC 3261 s8.1.1.5: less than 2**31. */
    if (number > G_MAXINT32 || (*p != ' ' && *p != '\t'))
        return NULL;
    p += strspn(p, " \t");
    if (!*p || p[strspn(p, STOX_SIP_TOKEN)] != '\0')
        return NULL;
    *ret_number = (uint32_t) number;
    return p;
}

/* Two of these could be read differently by two elements, so that an answer or a decision would be unsafe. */
static bool has_doubles(const StoxSipMessage *message)
{
    static const char *const single[] = {
        "From",           "To",           "Call-ID", "CSeq",    "Max-Forwards",
        "Content-Length", "Content-Type", "Event",   "Expires", "Subscription-State"};

    for (unsigned i = 0; i < G_N_ELEMENTS(single); i++) {
        if (stox_sip_lines_count(message, single[i]) > 1)
            return true;
    }
    return false;
}

static void check_request_uri(StoxSipMessage *message)
{
    static const char *const schemes[] = {"sip:", "sips:", "im:", "pres:"};
    const char *uri = message->view.request_uri;
    size_t scheme =
        strspn(uri, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    bool known = false;

    if (scheme == 0 || uri[scheme] != ':' || uri[strcspn(uri, " \t<>\"")] != '\0') {
        stox_sip_message_defect(message, 400, "the Request-URI is malformed");
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(schemes); i++)
        known = known || g_ascii_strncasecmp(uri, schemes[i], strlen(schemes[i])) == 0;
    if (!known) {
        /* */
        stox_sip_message_defect(message, 416, "the scheme of the Request-URI is not supported");
    } else if (g_ascii_strncasecmp(uri, "sip", 3) == 0) {
        g_autofree char *host = NULL;
        unsigned port;

        if (!stox_sip_uri_host(uri, &host, &port))
            stox_sip_message_defect(message, 400, "the Request-URI has no usable host");
        /* RFC 3261 s19.1.1: headers have no place in a Request-URI. */
        if (strchr(uri, '@') ? strchr(strchr(uri, '@'), '?') : strchr(uri, '?'))
            stox_sip_message_defect(message, 400, "the Request-URI carries headers");
    }
}

/* What every message must carry, and what must agree. */
void stox_sip_message_check(StoxSipMessage *message, const sip_t *sip)
{
    StoxSipView *view = &message->view;
    const char *method = parse_cseq(message, &view->cseq);
    const sip_content_length_t *length = sip->sip_content_length;
    size_t body = view->body ? g_bytes_get_size(view->body) : 0;

    if (!sip->sip_via)
        stox_sip_message_defect(message, 400, "Via is missing or malformed");
    if (!view->from_uri)
        stox_sip_message_defect(message, 400, "From is missing or malformed");
    if (!view->to_uri)
        stox_sip_message_defect(message, 400, "To is missing or malformed");
    if (!view->call_id)
        stox_sip_message_defect(message, 400, "Call-ID is missing or malformed");
    if (!method)
        stox_sip_message_defect(message, 400, "CSeq is missing or malformed");
    else if (!view->request)
        view->method_name = method;
    else if (strcmp(method, view->method_name) != 0)
        /* Nobody can tell what a method we do not know has to say about CSeq (RFC 4475 s3.1.2.18). */
        stox_sip_message_defect(message, view->method == STOX_SIP_UNKNOWN_METHOD ? 501 : 400,
                                "the method of CSeq is another one");
    if (has_doubles(message))
        stox_sip_message_defect(message, 400, "a header that may come once came twice");
    if (length ? length->l_length != body : stox_sip_lines_count(message, "Content-Length") > 0)
        stox_sip_message_defect(message, 400, "Content-Length is not the length of the body");
    if (view->request && message->junk)
        stox_sip_message_defect(message, 400, "a line of the header part is no header");
    if (view->request)
        check_request_uri(message);
}
