/* SPDX-License-Identifier: MIT */
/* The far sides of a translation: who they are, what a SIP side answers, and what happens before the input makes sense. */
#include "component/translate-private.h"

#include "translation/address-translate.h"

#include <string.h>

#define PEER "peer.invalid"

/* ---- Who ---- */

void stox_players_clear(StoxPlayers *players)
{
    g_free(players->sip);
    g_free(players->xmpp);
    g_free(players->sip_jid);
    g_free(players->xmpp_jid);
    memset(players, 0, sizeof *players);
}

char *stox_players_across(const StoxTranslateSettings *settings, const char *address, bool proxied)
{
    const StoxTranslateOptions options = {.proxied = proxied ? settings->proxied : NULL};
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxError) error = {0};
    char *other = NULL;

    stox_address_translate(address, &options, &other, &failure, &error);
    return other;
}

static char *bare_of(const char *jid_text)
{
    g_auto(StoxJid) jid = {0};

    return jid_text && stox_jid_parse(jid_text, &jid, NULL) ? stox_jid_bare(&jid) : NULL;
}

static char *domain_of_jid(const char *text)
{
    g_auto(StoxJid) jid = {0};

    return text && stox_jid_parse(text, &jid, NULL) ? g_strdup(jid.domain) : NULL;
}

/* The host of a SIP URI as the gateway compares it. */
static char *domain_of_uri(const char *uri)
{
    g_autofree char *host = NULL;
    unsigned port;

    return uri && stox_sip_uri_host(uri, &host, &port) ? stox_domain_canonical(host) : NULL;
}

static StoxTranslator *translator_for(const StoxTranslateSettings *settings,
                                      const StoxPlayers *players)
{
    g_autofree char *domain = domain_of_jid(players->sip_jid);
    g_autofree char *sip_domain = domain_of_uri(players->sip);
    g_autofree char *partner = domain_of_jid(players->xmpp_jid);
    const char *unknown = "unknown.invalid";
    const char *behind = sip_domain;

    /* The gateway itself, in mode P, is no SIP domain. */
    if (!behind)
        behind = domain && g_strcmp0(domain, settings->proxied) != 0 ? domain : unknown;
    return stox_translator_new(settings, domain ? domain : unknown, behind,
                               partner ? partner : unknown);
}

StoxTranslator *stox_players_from_jids(const StoxTranslateSettings *settings, const char *sip_jid,
                                       const char *xmpp_jid, StoxPlayers *ret_players)
{
    ret_players->sip_jid = bare_of(sip_jid);
    ret_players->xmpp_jid = bare_of(xmpp_jid);
    if (ret_players->sip_jid)
        ret_players->sip = stox_players_across(settings, ret_players->sip_jid, true);
    if (ret_players->xmpp_jid)
        ret_players->xmpp = stox_players_across(settings, ret_players->xmpp_jid, false);
    return translator_for(settings, ret_players);
}

StoxTranslator *stox_players_from_uris(const StoxTranslateSettings *settings, const char *sip_uri,
                                       const char *xmpp_uri, StoxPlayers *ret_players)
{
    g_autofree char *sip_jid = sip_uri ? stox_players_across(settings, sip_uri, true) : NULL;
    g_autofree char *xmpp_jid = xmpp_uri ? stox_players_across(settings, xmpp_uri, false) : NULL;

    return stox_players_from_jids(settings, sip_jid, xmpp_jid, ret_players);
}

/* ---- What the SIP side says ---- */

static const char sdp[] = "v=0\r\n"
                          "o=- 1 1 IN IP4 192.0.2.1\r\n"
                          "s=session\r\n"
                          "c=IN IP4 192.0.2.1\r\n"
                          "t=0 0\r\n"
                          "m=message 5060 sip null\r\n"
                          "a=accept-types:text/plain text/html message/cpim "
                          "application/im-iscomposing+xml\r\n";

static StoxSipMessage *finish(StoxSipBuilder *builder)
{
    g_autoptr(StoxSipBuilder) owned = builder;
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(owned, NULL);
    const char *why;
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);

    return stox_sip_message_parse(data, n, &why);
}

static void add_sdp(StoxSipBuilder *builder)
{
    g_autoptr(GBytes) body = g_bytes_new_static(sdp, sizeof sdp - 1);

    stox_sip_builder_body(builder, "application/sdp", body);
}

/* What of a response is its own, and not a copy of the request's. */
static void copy_reply(StoxSipBuilder *builder, const StoxSipMessage *reply)
{
    static const char *const names[] = {"Contact",
                                        "Expires",
                                        "Min-Expires",
                                        "Retry-After",
                                        "Warning",
                                        "ms-diagnostics",
                                        "ms-diagnostics-public",
                                        "Reason",
                                        "Unsupported",
                                        "Accept",
                                        "Allow",
                                        "Event",
                                        "Require",
                                        "WWW-Authenticate",
                                        "Proxy-Authenticate"};
    const StoxSipView *view = stox_sip_view(reply);

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        for (char *const *value = stox_sip_raw(reply, names[i]); *value; value++)
            stox_sip_builder_add(builder, names[i], *value);
    if (view->body)
        stox_sip_builder_body(builder, view->content_type, view->body);
}

StoxSipMessage *stox_play_answer(const StoxTranslator *translator, const StoxSipMessage *request)
{
    const StoxSipMessage *reply = translator->reply;
    const char *tag = translator->peer_tag ? translator->peer_tag : "peer";
    const StoxSipView *view = stox_sip_view(request);
    const StoxSipView *given = reply ? stox_sip_view(reply) : NULL;
    StoxSipBuilder *builder;

    if (given && given->method == view->method) {
        builder = stox_sip_builder_response(request, given->status, given->reason, tag);
        copy_reply(builder, reply);
        return finish(builder);
    }
    builder = stox_sip_builder_response(request, 200, NULL, tag);
    stox_sip_builder_add(builder, "Contact", "<sip:" PEER ">");
    if (view->expires_s >= 0)
        stox_sip_builder_addf(builder, "Expires", "%" G_GINT64_FORMAT, view->expires_s);
    if (view->method == STOX_SIP_INVITE)
        add_sdp(builder);
    return finish(builder);
}

static StoxSipBuilder *start(StoxTranslator *translator, const StoxPlayers *players,
                             const char *method, const char *call_id, const char *tag)
{
    StoxSipBuilder *builder = stox_sip_builder_request(method, players->xmpp);

    stox_sip_builder_addf(builder, "Via", "SIP/2.0/TLS " PEER ";branch=z9hG4bKpeer%u",
                          ++translator->tokens);
    stox_sip_builder_addf(builder, "From", "<%s>;tag=%s", players->sip, tag);
    stox_sip_builder_addf(builder, "To", "<%s>", players->xmpp);
    stox_sip_builder_add(builder, "Call-ID", call_id);
    stox_sip_builder_addf(builder, "CSeq", "1 %s", method);
    stox_sip_builder_add(builder, "Max-Forwards", "70");
    stox_sip_builder_add(builder, "Contact", "<sip:" PEER ">");
    return builder;
}

void stox_play_sip_message(StoxTranslator *translator, const StoxPlayers *players,
                           const char *content_type, const char *body)
{
    StoxSipBuilder *builder;
    g_autoptr(GBytes) bytes = NULL;

    if (!players->sip || !players->xmpp)
        return;
    if (!body)
        body = "hello";
    bytes = g_bytes_new(body, strlen(body));
    builder = start(translator, players, "MESSAGE", "peer-message@" PEER, "peer");
    stox_sip_builder_body(builder, content_type ? content_type : "text/plain", bytes);
    stox_translator_receive(translator, finish(builder));
}

void stox_play_sip_invite(StoxTranslator *translator, const StoxPlayers *players,
                          const char *call_id, const char *tag)
{
    StoxSipBuilder *builder;
    const StoxSipView *accepted;

    if (!players->sip || !players->xmpp)
        return;
    builder = start(translator, players, "INVITE", call_id, tag);
    add_sdp(builder);
    stox_translator_receive(translator, finish(builder));
    accepted = translator->response ? stox_sip_view(translator->response) : NULL;
    if (!accepted || accepted->status != 200)
        return;
    builder = stox_sip_builder_request("ACK", players->xmpp);
    stox_sip_builder_addf(builder, "Via", "SIP/2.0/TLS " PEER ";branch=z9hG4bKpeer%u",
                          ++translator->tokens);
    stox_sip_builder_addf(builder, "From", "<%s>;tag=%s", players->sip, tag);
    stox_sip_builder_addf(builder, "To", "<%s>;tag=%s", players->xmpp, accepted->to_tag);
    stox_sip_builder_add(builder, "Call-ID", call_id);
    stox_sip_builder_add(builder, "CSeq", "1 ACK");
    stox_sip_builder_add(builder, "Max-Forwards", "70");
    stox_translator_receive(translator, finish(builder));
}

void stox_play_sip_subscribe(StoxTranslator *translator, const StoxPlayers *players)
{
    StoxSipBuilder *builder;

    if (!players->sip || !players->xmpp)
        return;
    builder = start(translator, players, "SUBSCRIBE", "peer-subscription@" PEER, "peer");
    stox_sip_builder_add(builder, "Event", "presence");
    stox_sip_builder_add(builder, "Expires", "3600");
    stox_sip_builder_add(builder, "Accept",
                         translator->settings->categories
                             ? "application/msrtc-event-categories+xml, application/pidf+xml"
                             : "application/pidf+xml");
    stox_translator_receive(translator, finish(builder));
}

void stox_play_xmpp_subscribe(StoxTranslator *translator, const StoxPlayers *players)
{
    StoxPresence *presence;

    if (!players->sip_jid || !players->xmpp_jid)
        return;
    presence = stox_presence_new(STOX_PRESENCE_SUBSCRIBE, players->xmpp_jid, players->sip_jid);
    presence->id = g_strdup("subscribe");
    stox_translator_presence(translator, presence);
}
