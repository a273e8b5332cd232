/* SPDX-License-Identifier: MIT */
#include "sip/answer.h"

#include <string.h>

enum { OVERLOAD_RETRY_S = 30, MAX_OPTION_TAGS = 64 };

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

bool stox_sip_contact_usable(const StoxSipMessage *message)
{
    const char *uri = stox_sip_view(message)->contact_uri;
    g_autofree char *host = NULL;
    unsigned port;

    return !uri || stox_sip_uri_host(uri, &host, &port);
}

static bool refreshes_target(StoxSipMethod method)
{
    return method == STOX_SIP_INVITE || method == STOX_SIP_UPDATE || method == STOX_SIP_SUBSCRIBE ||
           method == STOX_SIP_NOTIFY || method == STOX_SIP_BENOTIFY;
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
    if (refreshes_target(view->method) && !stox_sip_contact_usable(incoming->message)) {
        stox_answer_refuse(who, incoming, 400, STOX_DIAG_MALFORMED, NULL, NULL);
        return false;
    }
    return true;
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
