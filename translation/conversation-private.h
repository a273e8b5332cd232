/* SPDX-License-Identifier: MIT */
/* What conversation.c, -session.c and -thread.c, typing and receipts share. */
#pragma once

#include "translation/conversation.h"
#include "translation/outgoing.h"
#include "translation/typing.h"

typedef struct {
    uint64_t name;
    StoxConversation *conversation;
    bool ours; /* our INVITE */
    bool open;
    StoxForm form; /* of texts that the peer takes, by its SDP */
    bool form_known;
    bool takes_cpim;
    bool takes_composing;
    StoxDeadline deadline; /* opening takes too long, or idle */
} StoxSession;

struct StoxConversation {
    StoxGateway *gateway;
    StoxPair pair;
    GQueue queue;              /* of StoxOutgoing */
    StoxOutgoing *outstanding; /* at most one (M-39) */
    GQueue sessions;           /* of StoxSession; open ones first, the newest in front (S-13) */
    char *locked;
    char *thread;
    char *call_id; /* page mode: stands for `thread` on the SIP side (M-03); NULL: not yet */
    char *gruu;
    char *conversation_id;
    StoxTyping typing;
    uint64_t displayed_by_sip, displayed_by_xmpp; /* the newest receipt of each (M-104) */
    bool takes_cpim;       /* the SIP user has written in message/cpim (M-90) */
    StoxForm form;         /* of texts that the peer takes, by what it has written */
    bool introduced;       /* the XMPP user's name for himself has been passed on (M-15) */
    bool acquainted;       /* the SIP user's, too (M-33) */
    StoxDeadline deadline; /* idle, or a MESSAGE whose result does not come */
};

struct StoxConversations {
    GHashTable *by_key;   /* pair key -> StoxConversation, owned */
    GHashTable *sessions; /* name -> StoxSession, owned */
    GHashTable *refs;     /* ref of the outstanding MESSAGE -> StoxConversation */
    size_t queued;        /* messages waiting or under way */
};

/* Ends it: error to its sender unless `error` is NULL, outcome, accounts. Takes over `outgoing`. */
void stox_outgoing_finish(StoxGateway *gateway, StoxOutgoing *outgoing, const StoxError *error,
                          StoxOutcome outcome);
void stox_conversation_touch(StoxConversation *conversation);
/* Sends the next message if it may go now; opens a session for it if need be. */
void stox_conversation_pump(StoxConversation *conversation);
/* Puts it behind what waits already, and sends it if it may go now. Takes over `outgoing`. */
void stox_conversation_send(StoxConversation *conversation, StoxOutgoing *outgoing);
/* NULL: what comes next is another thread (S-10). */
void stox_conversation_set_thread(StoxConversation *conversation, const char *thread);
/* What stands for the thread on the SIP side (M-03); NULL: any. Borrowed. */
const char *stox_conversation_call_id(StoxConversation *conversation);
/* Every waiting message ends with this error. */
void stox_conversation_fail_queue(StoxConversation *conversation, const StoxError *error);

StoxSession *stox_session_find(StoxGateway *gateway, uint64_t name);
/* The one to write into; NULL: none is open. */
StoxSession *stox_session_newest(const StoxConversation *conversation);
/* Opens one for the message in front of the queue; false: too many. */
bool stox_session_open(StoxConversation *conversation, const StoxOutgoing *first);
void stox_session_touch(StoxSession *session);
/* Out of the tables; `close` tells the SIP side as well. */
void stox_session_drop(StoxSession *session, bool close);
