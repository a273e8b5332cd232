/* SPDX-License-Identifier: MIT */
#include "sip/answer.h"

#include <string.h>

enum { OVERLOAD_RETRY_S = 30, BUSY_RETRY_S = 10, MAX_OPTION_TAGS = 64 };

StoxSipBuilder *stox_answer_new(const StoxAnswerer *who, const StoxSipMessage *request,
                                unsigned status, const char *reason, const char *tag)
{
    g_autofree char *fresh = tag ? NULL : who->ops->token(who->user);

    return stox_sip_builder_response(request, status, reason, tag ? tag : fresh);
}

StoxSipBuilder *stox_answer_result(const StoxAnswerer *who, const StoxSipMessage *request,
                                   const StoxSipResult *result)
{
    StoxSipBuilder *builder = stox_answer_new(who, request, result->status, result->reason, NULL);

    stox_sip_builder_result(builder, result, who->fqdn);
    if (result->status == 603)
        stox_sip_builder_add(builder, "Allow", STOX_SIP_ALLOW);
    else if (result->status == 489)
        stox_sip_builder_add(builder, "Allow-Events", "presence");
    return builder;
}

void stox_answer_ok(const StoxAnswerer *who, const StoxSipIncoming *incoming)
{
    if (incoming->request)
        who->ops->respond(who->user, incoming->request,
                          stox_answer_new(who, incoming->message, 200, NULL, NULL));
}

void stox_answer_refuse(const StoxAnswerer *who, const StoxSipIncoming *incoming, unsigned status,
                        unsigned diagnostic, const char *name, const char *value)
{
    g_auto(StoxSipResult) result = {0};
    StoxSipBuilder *builder;

    if (!incoming->request)
        return;
    stox_sip_result_init(&result, status, diagnostic);
    result.accept = status == 415;
    result.retry_after_s = status == 503 ? OVERLOAD_RETRY_S : 0;
    builder = stox_answer_result(who, incoming->message, &result);
    if (name)
        stox_sip_builder_add(builder, name, value);
    who->ops->respond(who->user, incoming->request, builder);
}

unsigned stox_answer_random(const StoxAnswerer *who, unsigned n)
{
    g_autofree char *token = who->ops->token(who->user);

    return g_str_hash(token) % n;
}

void stox_answer_busy(const StoxAnswerer *who, const StoxSipIncoming *incoming)
{
    g_autofree char *wait = g_strdup_printf("%u", stox_answer_random(who, BUSY_RETRY_S + 1));

    stox_answer_refuse(who, incoming, 500, STOX_DIAG_PENDING, "Retry-After", wait);
}

bool stox_answer_in_order(const StoxAnswerer *who, const StoxSipIncoming *incoming,
                          StoxDialog *dialog)
{
    switch (stox_dialog_check(dialog, incoming->message)) {
    case STOX_DIALOG_OK:
        return true;
    case STOX_DIALOG_OUT_OF_ORDER:
        stox_answer_refuse(who, incoming, 500, STOX_DIAG_MALFORMED, NULL, NULL);
        return false;
    case STOX_DIALOG_REPEATED:
        stox_answer_refuse(who, incoming, 482, STOX_DIAG_LOOP, NULL, NULL);
        return false;
    }
    return false;
}

bool stox_answer_ends_subscription(unsigned status)
{
    static const unsigned fatal[] = {404, 405, 410, 416, 480, 481, 482,
                                     483, 484, 485, 489, 501, 604};

    for (unsigned i = 0; i < G_N_ELEMENTS(fatal); i++)
        if (fatal[i] == status)
            return true;
    return false;
}

static bool known_option(const char *tag)
{
    static const char *const known[] = {"timer", "adhoclist", "categorylist", "eventlist", "gruu"};

    for (unsigned i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_ascii_strcasecmp(tag, known[i]) == 0)
            return true;
    return false;
}

char *stox_sip_unsupported(const char *require)
{
    g_auto(GStrv) tags = NULL;
    GString *unknown = NULL;

    if (!require)
        return NULL;
    tags = g_strsplit(require, ",", MAX_OPTION_TAGS);
    for (unsigned i = 0; tags[i]; i++) {
        g_strstrip(tags[i]);
        if (!tags[i][0] || known_option(tags[i]))
            continue;
        if (unknown)
            g_string_append(unknown, ", ");
        else
            unknown = g_string_new(NULL);
        g_string_append(unknown, tags[i]);
    }
    return unknown ? g_string_free(unknown, FALSE) : NULL;
}

static bool refreshes_target(StoxSipMethod method)
{
    return method == STOX_SIP_INVITE || method == STOX_SIP_UPDATE || method == STOX_SIP_SUBSCRIBE ||
           method == STOX_SIP_NOTIFY || method == STOX_SIP_BENOTIFY;
}

static bool may_make_dialog(const StoxSipView *view)
{
    return view->method == STOX_SIP_NOTIFY || view->method == STOX_SIP_BENOTIFY ||
           (!view->to_tag &&
            (view->method == STOX_SIP_INVITE || view->method == STOX_SIP_SUBSCRIBE));
}

/* As for a sips Request-URI (A-40, RFC 5630 s5.1.2). */
static void refuse_sips(const StoxAnswerer *who, const StoxSipIncoming *incoming)
{
    g_auto(StoxSipResult) result = {0};

    if (!incoming->request)
        return;
    stox_sip_result_init(&result, 480, STOX_DIAG_SIPS_REFUSED);
    result.warn_code = 380;
    who->ops->respond(who->user, incoming->request,
                      stox_answer_result(who, incoming->message, &result));
}

/* False: refused here. */
static bool target_acceptable(const StoxAnswerer *who, const StoxSipIncoming *incoming)
{
    const StoxSipMessage *message = incoming->message;
    bool makes = may_make_dialog(stox_sip_view(message));

    if (!stox_sip_contact_usable(message) || (makes && !stox_sip_record_route_usable(message))) {
        stox_answer_refuse(who, incoming, 400, STOX_DIAG_MALFORMED, NULL, NULL);
        return false;
    }
    if (makes && incoming->hop->transport != STOX_TRANSPORT_TLS && stox_sip_wants_sips(message)) {
        refuse_sips(who, incoming);
        return false;
    }
    return true;
}

/* who writes sips into To wants what XMPP cannot promise, whatever the Request-URI says. */
static bool to_is_sips(const StoxSipView *view)
{
    bool asks = view->method == STOX_SIP_INVITE || view->method == STOX_SIP_MESSAGE ||
                view->method == STOX_SIP_SUBSCRIBE;

    return asks && !view->to_tag && view->to_uri &&
           g_ascii_strncasecmp(view->to_uri, "sips:", 5) == 0;
}

bool stox_answer_acceptable(const StoxAnswerer *who, const StoxSipIncoming *incoming)
{
    const StoxSipView *view = stox_sip_view(incoming->message);
    g_autofree char *unsupported = stox_sip_unsupported(view->require);

    if (unsupported) {
        stox_answer_refuse(who, incoming, 420, STOX_DIAG_EXTENSION_UNSUPPORTED, "Unsupported",
                           unsupported);
        return false;
    }
    if (to_is_sips(view)) {
        refuse_sips(who, incoming);
        return false;
    }
    return !refreshes_target(view->method) || target_acceptable(who, incoming);
}

bool stox_sip_content_is(const char *content_type, const char *type)
{
    size_t n = strlen(type);
    const char *rest;

    if (!content_type)
        return false;
    content_type += strspn(content_type, " \t");
    if (g_ascii_strncasecmp(content_type, type, n) != 0)
        return false;
    rest = content_type + n;
    rest += strspn(rest, " \t");
    return *rest == '\0' || *rest == ';';
}
