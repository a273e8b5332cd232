/* SPDX-License-Identifier: MIT */
/* A gateway on a table: events by one call each, actions as lines of text, a clock that is written down. */
#pragma once

#include "translation/gateway.h"

/*
 * contoso.example goes to the hop pool01 (lync), voip.example to the hop proxy (simple); partner.example may talk to both.
 * Stanza ids are "g-1", "g-2", ...
 */
typedef struct {
    StoxPolicy *policy;
    StoxGatewayConfig config;
    StoxGateway *gateway;
    StoxTime now;
    GPtrArray *actions; /* since the last rig_expect() */
    uint64_t requests;
} Rig;

#define ALICE  "alice@contoso.example" /* on the lync hop */
#define ANNA   "anna@voip.example"     /* on the simple hop */
#define BOB    "bob@partner.example"
#define PHONE  "bob@partner.example/phone"
#define LAPTOP "bob@partner.example/laptop"

/* The line of a message from the phone to Anna. */
#define PAGE_TO_ANNA(ref, text)                                                                    \
    "send " ref " proxy sip:bob@partner.example;gr=phone > sip:anna@voip.example: " text "\n"

/* Both streams are up. Change config before rig_start() for other limits. */
void rig_init(Rig *rig);
void rig_start(Rig *rig);
void rig_clear(Rig *rig);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rig, rig_clear)

/* Hands the event over and frees it. */
void rig_event(Rig *rig, StoxEvent *event);
void rig_flush(Rig *rig);
/* Time goes on; deadlines on the way are met in order. */
void rig_wait(Rig *rig, int64_t ms);
/* The actions since the last call, one line each, are these; each line of `lines` ends with \n. */
#define rig_expect(rig, lines) rig_expect_at(rig, lines, G_STRLOC)
void rig_expect_at(Rig *rig, const char *lines, const char *where);
char *rig_action_line(const StoxAction *action);

void rig_link(Rig *rig, const char *domain, bool up);
void rig_stop(Rig *rig);
void rig_say(Rig *rig, const char *from, const char *to, const char *id, const char *body);
/* Takes it over. */
void rig_message(Rig *rig, StoxMessage *message);
void rig_message_error(Rig *rig, const char *from, const char *to, const char *id,
                       StoxCondition condition, const char *text);
void rig_pong(Rig *rig, const char *id, const char *from);
void rig_presence(Rig *rig, StoxPresenceType type, const char *from, const char *to,
                  const char *id);

StoxEvent *rig_sip(Rig *rig, StoxEventKind kind, const char *from, const char *to);
/* A text MESSAGE; its request id. `session` 0: page mode. */
uint64_t rig_sip_say(Rig *rig, uint64_t session, const char *from, const char *to,
                     const char *body);
void rig_invite(Rig *rig, uint64_t session, const char *from, const char *to);
void rig_session(Rig *rig, StoxEventKind kind, uint64_t session);
void rig_result(Rig *rig, uint64_t ref, StoxSipFate fate, unsigned status);
/* What can become of a message that was sent, and what its sender is told. */
typedef struct {
    const char *name;
    StoxSipFate fate;
    unsigned status; /* when it was answered */
    const char *error, *outcome;
} RigFate;
void rig_session_failed(Rig *rig, uint64_t session, StoxSipFate fate, unsigned status);
void rig_subscribe_failed(Rig *rig, uint64_t subscription, unsigned status, bool initial,
                          bool keep);
/* `basic` NULL: no body. Otherwise a PIDF document of `entity` with one tuple of that id. */
void rig_notify(Rig *rig, uint64_t subscription, StoxSubscriptionState state, const char *reason,
                const char *entity, const char *tuple, const char *basic);
/* ---- Typing and receipts (gateway-rig-state.c) ---- */

/* What an action's body says when it is no text: false when it is. */
bool rig_add_document(GString *line, const StoxAction *action);
void rig_add_state(GString *line, const StoxMessage *message);
/* A stand-alone chat state. */
void rig_state(Rig *rig, const char *from, const char *to, StoxChatState state);
/* INFO with KeyboardActivity. */
void rig_keyboard(Rig *rig, uint64_t session, bool typing);
/* isComposing; refresh 0: none. Its request id. */
uint64_t rig_composing(Rig *rig, uint64_t session, const char *from, const char *to, bool active,
                       unsigned refresh_s);
/* A MESSAGE with this Content-Type and body. Its request id. */
uint64_t rig_sip_send(Rig *rig, uint64_t session, const char *from, const char *to,
                      const char *type, const char *body);
/* message/cpim with a text, that asks for what `want` lists. Its request id. */
uint64_t rig_cpim(Rig *rig, uint64_t session, const char *from, const char *to, const char *id,
                  const char *want, const char *text);
/* What was done so far is looked at no more. */
void rig_forget(Rig *rig);
/* What the SIP side sent first has its answer, and all of it is forgotten. */
void rig_first_answered(Rig *rig);
/* A receipt, a displayed marker or both, to Anna. */
void rig_ack(Rig *rig, const char *from, const char *received, const char *displayed);
/* An IMDN in message/cpim: "delivery", "delivered". Its request id. */
uint64_t rig_imdn(Rig *rig, uint64_t session, const char *from, const char *to, const char *id,
                  const char *kind, const char *status);

void rig_watch(Rig *rig, uint64_t subscription, const char *from, const char *to,
               int64_t expires_s);
