/* SPDX-License-Identifier: MIT */
/* One pair's chat: the bounded queue toward SIP, its sessions, the thread and the locked resource. Part of the gateway. */
#pragma once

#include "translation/gateway-private.h"

typedef struct StoxConversation StoxConversation;

StoxConversations *stox_conversations_new(void);
void stox_conversations_free(StoxConversations *conversations);

/* ---- XMPP -> SIP ---- */

/* A message of any type but error. State-only ones are dropped (M-13). */
void stox_conversation_xmpp_message(StoxGateway *gateway, const StoxMessage *message);
void stox_conversation_result(StoxGateway *gateway, const StoxEvent *event);
/* The full JID went unavailable: a conversation locked to it goes back to the bare one (M-57). */
void stox_conversation_resource_gone(StoxGateway *gateway, const char *key, const char *full);
/* Closes all sessions; what waits is refused. A MESSAGE that is under way still gets its result. */
void stox_conversations_stop(StoxGateway *gateway);

/* ---- Sessions ---- */

void stox_conversation_invite(StoxGateway *gateway, const StoxEvent *event);
void stox_conversation_opened(StoxGateway *gateway, const StoxEvent *event);
void stox_conversation_failed(StoxGateway *gateway, const StoxEvent *event);
void stox_conversation_closed(StoxGateway *gateway, const StoxEvent *event);

/* ---- For SIP -> XMPP ---- */

/* NULL: there is none. */
StoxConversation *stox_conversation_lookup(StoxGateway *gateway, const char *key);
/* The conversation of an open or opening session; NULL when there is no such session. Counts as use of both. */
StoxConversation *stox_conversation_of_session(StoxGateway *gateway, uint64_t session);
/* Finds or makes it and counts as use; takes over `pair`. NULL: too many. */
StoxConversation *stox_conversation_obtain(StoxGateway *gateway, StoxPair *pair);
const StoxPair *stox_conversation_pair(const StoxConversation *conversation);
/* Full JID the XMPP user wrote from last (M-57); NULL: none. Borrowed. */
const char *stox_conversation_locked(const StoxConversation *conversation);
/* Last thread of the XMPP side, else one of ours that stays (M-20). Borrowed. */
const char *stox_conversation_thread(StoxConversation *conversation);
/* The thread of a page-mode MESSAGE with this Call-ID, which is the thread where policy says so (M-20, Q-11). Borrowed. */
const char *stox_conversation_thread_of_page(StoxConversation *conversation, const char *call_id);
/* Whether nothing of the SIP user has been passed on in this conversation before; false from then on (M-33). */
bool stox_conversation_first_name(StoxConversation *conversation);
/* The SIP user has written in this Content-Type (M-14). */
void stox_conversation_learn_form(StoxConversation *conversation, const char *content_type);
/* The SIP user wrote from this GRUU: the only resource that may be turned back into one. */
void stox_conversation_learn_gruu(StoxConversation *conversation, const char *resource);
/* A line of our own into the chat, if this session is open; nobody is told when it fails (D-08). */
void stox_conversation_notice(StoxGateway *gateway, uint64_t session, const char *line);

void stox_conversations_stats(const StoxGateway *gateway, StoxGatewayStats *stats);
