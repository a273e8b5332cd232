/* SPDX-License-Identifier: MIT */
/* What conversation.c and conversation-session.c share. */
#pragma once

#include "translation/conversation.h"

/* One message on its way to SIP. */
typedef struct {
    char *from; /* full, as it came; NULL: a notice of ours */
    char *to;
    char *id;
    char *repeat; /* in the table of repeats; may be NULL */
    char *to_uri; /* page mode */
    GBytes *body;
    char *subject;
    char *lang;
    int64_t date_wall_ms;
    uint64_t ref;     /* once it was sent */
    uint64_t session; /* it was sent in; 0 page mode */
    bool resent;
} StoxOutgoing;

typedef struct {
    uint64_t name;
    StoxConversation *conversation;
    bool ours; /* our INVITE */
    bool open;
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
    char *gruu;
    char *conversation_id;
    StoxDeadline deadline; /* idle, or a MESSAGE whose result does not come */
};

struct StoxConversations {
    GHashTable *by_key;   /* pair key -> StoxConversation, owned */
    GHashTable *sessions; /* name -> StoxSession, owned */
    GHashTable *refs;     /* ref of the outstanding MESSAGE -> StoxConversation */
    size_t queued;        /* messages waiting or under way */
};

void stox_outgoing_free(StoxOutgoing *outgoing);
/* Ends it: error to its sender unless `error` is NULL, outcome, accounts. Takes over `outgoing`. */
void stox_outgoing_finish(StoxGateway *gateway, StoxOutgoing *outgoing, const StoxError *error,
                          StoxOutcome outcome);
void stox_conversation_touch(StoxConversation *conversation);
/* Sends the next message if it may go now; opens a session for it if need be. */
void stox_conversation_pump(StoxConversation *conversation);
/* Every waiting message ends with this error. */
void stox_conversation_fail_queue(StoxConversation *conversation, const StoxError *error);

StoxSession *stox_session_find(StoxGateway *gateway, uint64_t name);
/* The one to write into; NULL: none is open. */
StoxSession *stox_session_newest(const StoxConversation *conversation);
/* Opens one for the message in front of the queue; false: too many. */
bool stox_session_open(StoxConversation *conversation, const char *subject);
void stox_session_touch(StoxSession *session);
/* Out of the tables; `close` tells the SIP side as well. */
void stox_session_drop(StoxSession *session, bool close);
