/* SPDX-License-Identifier: MIT */
/* What translate.c (the loop and its output), translate-play.c (the far sides), translate-stanza.c, translate-sip.c and translate-document.c (inputs) share. */
#pragma once

#include "component/stanza.h"
#include "component/translate.h"
#include "sip/endpoint.h"
#include "translation/gateway.h"

/* The two domains that talk, and the loop around gateway and machines. */
typedef struct {
    const StoxTranslateSettings *settings;
    StoxPolicy *policy;
    StoxGateway *gateway;
    StoxEndpoint *endpoint;
    StoxStanzaWriter *writer;
    StoxSipHop hop;
    StoxTime now;
    char *domain;                   /* served */
    GQueue events;                  /* of StoxEvent*, owned */
    GQueue answers;                 /* of StoxSipMessage*, owned: responses of the SIP side */
    bool showing;                   /* what leaves now is kept */
    GString *xmpp, *sip;            /* what has left for each side */
    bool xmpp_refused, sip_refused; /* it has errors in it */
    char *message_id;               /* of the last message to XMPP; NULL */
    char *presence_id;              /* of the last `subscribe` to XMPP; NULL */
    StoxSipMessage *request;        /* the last one to the SIP side; NULL */
    StoxSipMessage *response;       /* the last final one to the SIP side; NULL */
    StoxEvent *
        holding; /* a message of type error: it comes with the id of what it is about, before the proof that all went well; NULL */
    const char *peer_tag;        /* of the SIP side in what it answers; NULL: "peer" */
    const StoxSipMessage *reply; /* what the SIP side answers next; NULL: 200 */
    unsigned tokens;
} StoxTranslator;

/* `sip_domain` is that of the SIP user, `domain` the one served to XMPP (the same but in mode P), `partner` the XMPP user's. All canonical. */
StoxTranslator *stox_translator_new(const StoxTranslateSettings *settings, const char *domain,
                                    const char *sip_domain, const char *partner);
void stox_translator_free(StoxTranslator *translator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxTranslator, stox_translator_free)

/* Takes the event; runs until nothing is left to do. */
void stox_translator_event(StoxTranslator *translator, StoxEvent *event);
void stox_translator_message(StoxTranslator *translator, StoxMessage *message);
void stox_translator_presence(StoxTranslator *translator, StoxPresence *presence);
/* A SIP message comes in; takes it. */
void stox_translator_receive(StoxTranslator *translator, StoxSipMessage *message);
/* So many milliseconds go by. */
void stox_translator_wait(StoxTranslator *translator, int64_t ms);
/* What left until now was only to get here. */
void stox_translator_show(StoxTranslator *translator);

/* ---- The far sides play their part (translate-play.c) ---- */

/* The two users. */
typedef struct {
    char *sip, *xmpp;         /* their URIs, without resources */
    char *sip_jid, *xmpp_jid; /* their bare JIDs */
} StoxPlayers;
void stox_players_clear(StoxPlayers *players);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxPlayers, stox_players_clear)
/* The other side's form of an address; NULL when it has none. `proxied`: it is the SIP user's. Caller frees. */
char *stox_players_across(const StoxTranslateSettings *settings, const char *address, bool proxied);
/*
 * Who they are, and a translator for them. An address that is none of its side leaves a player without it, and lets the gateway say why: its domain stays
 * unserved.
 */
StoxTranslator *stox_players_from_jids(const StoxTranslateSettings *settings, const char *sip_jid,
                                       const char *xmpp_jid, StoxPlayers *ret_players);
StoxTranslator *stox_players_from_uris(const StoxTranslateSettings *settings, const char *sip_uri,
                                       const char *xmpp_uri, StoxPlayers *ret_players);

/* The response that the SIP side gives to a request of ours. */
StoxSipMessage *stox_play_answer(const StoxTranslator *translator, const StoxSipMessage *request);
/* The SIP user writes; `body` NULL: a plain line. */
void stox_play_sip_message(StoxTranslator *translator, const StoxPlayers *pair,
                           const char *content_type, const char *body);
/* The SIP user opens a session; Call-ID and his tag as given. */
void stox_play_sip_invite(StoxTranslator *translator, const StoxPlayers *pair, const char *call_id,
                          const char *tag);
/* The SIP user watches, and the XMPP user has agreed. */
void stox_play_sip_subscribe(StoxTranslator *translator, const StoxPlayers *pair);
/* The XMPP user asks to watch. */
void stox_play_xmpp_subscribe(StoxTranslator *translator, const StoxPlayers *pair);

/* ---- Inputs: each fills `ret` ---- */

void stox_translate_stanza(const StoxTranslateSettings *settings, const StoxXmlNode *stanza,
                           StoxTranslation *ret);
/* A request or response; line ends are LF or CR LF, and a body that is shorter or longer than Content-Length says is mended. */
void stox_translate_sip(const StoxTranslateSettings *settings, const char *bytes, size_t n,
                        StoxTranslation *ret);
/* A document alone; `root` is its root element where it is XML. */
void stox_translate_document(const StoxTranslateSettings *settings, const char *bytes, size_t n,
                             const StoxXmlNode *root, StoxTranslation *ret);

/* `other` and `back` from the two sides. */
void stox_translator_finish(StoxTranslator *translator, StoxDirection direction,
                            StoxTranslation *ret);
/* The text cannot be translated: `why`, a sentence. */
void stox_translation_refuse(StoxTranslation *ret, const char *format, ...) G_GNUC_PRINTF(2, 3);
