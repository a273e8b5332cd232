/* SPDX-License-Identifier: MIT */
/* A stanza is the input: toward SIP. */
#include "component/service.h"
#include "component/translate-private.h"

#include "translation/address.h"

#include <string.h>

/* ---- Messages ---- */

static bool says_only_state(const StoxMessage *message)
{
    return !message->body && !message->subject && !message->oob_url &&
           (message->chat_state || message->received_id || message->displayed_id);
}

/* The SIP user has written before, and asked for what the input answers. */
static void play_before_state(StoxTranslator *translator, const StoxPlayers *players,
                              StoxMessage *message)
{
    const char *asked = message->displayed_id ? "positive-delivery, display" : "positive-delivery";
    char **answered = message->displayed_id ? &message->displayed_id : &message->received_id;

    if (translator->settings->lync)
        stox_play_sip_invite(translator, players, "peer-session", "peer");
    if (*answered) {
        g_autofree char *cpim = g_strdup_printf("From: <%s>\r\n"
                                                "To: <%s>\r\n"
                                                "NS: imdn <urn:ietf:params:imdn>\r\n"
                                                "imdn.Message-ID: %s\r\n"
                                                "DateTime: 2026-01-01T00:00:00Z\r\n"
                                                "imdn.Disposition-Notification: %s\r\n"
                                                "\r\n"
                                                "Content-Type: text/plain\r\n"
                                                "\r\n"
                                                "hello",
                                                players->sip, players->xmpp, *answered, asked);

        stox_play_sip_message(translator, players, "message/cpim", cpim);
    } else {
        stox_play_sip_message(translator, players, NULL, NULL);
    }
    if (*answered && translator->message_id) {
        g_free(*answered);
        *answered = g_strdup(translator->message_id);
    }
}

static void translate_message(StoxTranslator *translator, const StoxPlayers *players,
                              StoxMessage *message)
{
    if (message->type == STOX_MESSAGE_ERROR) {
        /* Its answer is still waited for: nothing was proven yet. */
        StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);

        translator->holding = event;
        event->message = message;
        translator->showing = true;
        stox_play_sip_message(translator, players, NULL, NULL);
        return;
    }
    if (says_only_state(message))
        play_before_state(translator, players, message);
    stox_translator_show(translator);
    stox_translator_message(translator, message);
}

/* ---- Presence ---- */

static StoxPresence *presence_of(const StoxPlayers *players, StoxPresenceType type)
{
    return stox_presence_new(type, players->xmpp_jid, players->sip_jid);
}

static void play_before_presence(StoxTranslator *translator, const StoxPlayers *players,
                                 StoxPresence *presence)
{
    switch (presence->type) {
    case STOX_PRESENCE_AVAILABLE:
    case STOX_PRESENCE_UNAVAILABLE:
        stox_play_sip_subscribe(translator, players);
        stox_translator_presence(translator, presence_of(players, STOX_PRESENCE_SUBSCRIBED));
        if (presence->type == STOX_PRESENCE_UNAVAILABLE) {
            StoxPresence *before = presence_of(players, STOX_PRESENCE_AVAILABLE);

            g_free(before->from);
            before->from = g_strdup(presence->from);
            stox_translator_presence(translator, before);
        }
        break;
    case STOX_PRESENCE_SUBSCRIBED:
    case STOX_PRESENCE_UNSUBSCRIBED:
    case STOX_PRESENCE_ERROR:
        stox_play_sip_subscribe(translator, players);
        if (presence->type == STOX_PRESENCE_ERROR) {
            g_free(presence->id);
            presence->id = g_strdup(translator->presence_id);
        }
        break;
    case STOX_PRESENCE_UNSUBSCRIBE:
    case STOX_PRESENCE_PROBE:
        stox_play_xmpp_subscribe(translator, players);
        break;
    case STOX_PRESENCE_SUBSCRIBE:
    case STOX_PRESENCE_UNKNOWN:
        break;
    }
}

static void translate_presence(StoxTranslator *translator, const StoxPlayers *players,
                               StoxPresence *presence)
{
    if (players->sip_jid && players->xmpp_jid)
        play_before_presence(translator, players, presence);
    stox_translator_show(translator);
    stox_translator_presence(translator, presence);
    /* Documents keep a second between them. */
    stox_translator_wait(translator, 1500);
}

/* ---- Any ---- */

static void answer_iq(const StoxTranslateSettings *settings, const StoxXmlNode *iq,
                      StoxTranslation *ret)
{
    StoxTime now = {.mono_ms = 0, .wall_ms = settings->now_wall_ms};
    g_auto(StoxPlayers) players = {0};
    g_autoptr(StoxTranslator) translator = stox_players_from_jids(
        settings, stox_xml_attr(iq, "to"), stox_xml_attr(iq, "from"), &players);
    g_autoptr(StoxService) service = stox_service_new(now, translator->policy);
    g_auto(StoxJid) to = {0};
    const char *text = stox_xml_attr(iq, "to");
    g_autofree char *answer = NULL;
    const char *from;

    if (!text || !stox_jid_parse(text, &to, NULL)) {
        stox_translation_refuse(ret, "The stanza says no address in its `to'.");
        return;
    }
    ret->note = g_strdup("An IQ never crosses; the gateway answers it itself.");
    answer = stox_service_answer(service, to.domain, iq, now, &from);
    ret->back = answer ? g_strconcat(answer, "\n", NULL) : NULL;
}

void stox_translate_stanza(const StoxTranslateSettings *settings, const StoxXmlNode *stanza,
                           StoxTranslation *ret)
{
    g_autoptr(StoxTranslator) translator = NULL;
    g_auto(StoxPlayers) players = {0};
    const char *from = stox_xml_attr(stanza, "from"), *to = stox_xml_attr(stanza, "to");

    if (stox_stanza_kind(stanza) == STOX_STANZA_IQ) {
        answer_iq(settings, stanza, ret);
        return;
    }
    if (!from || !to) {
        stox_translation_refuse(ret, "The stanza has no `%s': between servers each has both.",
                                from ? "to" : "from");
        return;
    }
    translator = stox_players_from_jids(settings, to, from, &players);
    if (stox_stanza_kind(stanza) == STOX_STANZA_MESSAGE)
        translate_message(translator, &players, stox_stanza_read_message(stanza));
    else
        translate_presence(translator, &players,
                           stox_stanza_read_presence(stanza, translator->now.wall_ms));
    stox_translator_finish(translator, STOX_XMPP_TO_SIP, ret);
}
