/* SPDX-License-Identifier: MIT */
/*
 * Who is typing in a conversation: XMPP's chat states (XEP-0085) <-> isComposing (RFC 3994) or KeyboardActivity (lync.md 4.5). State only: never
 * queued, nobody is told what became of it. Part of the gateway; each conversation has one.
 */
#pragma once

#include "translation/conversation.h"

typedef enum { STOX_TOLD_NOTHING, STOX_TOLD_IDLE, STOX_TOLD_ACTIVE } StoxTold;

typedef struct {
    /* XMPP -> SIP */
    bool composing;  /* by the last chat state of the XMPP user */
    int64_t since;   /* monotonic ms of that one */
    StoxTold told;   /* what the SIP user knows */
    int64_t told_at; /* monotonic ms */
    bool answering;  /* the SIP user has written: page mode may carry states (M-79) */
    bool refused;    /* he takes no isComposing (M-79) */
    bool leaving;    /* the XMPP user has gone, but for what is still on its way */
    StoxDeadline repeat;
    /* SIP -> XMPP */
    bool supported;        /* the XMPP user has sent a state, or answered with one (M-78) */
    char *from;            /* JID the SIP user last wrote or typed from; NULL: the bare one */
    StoxChatState shown;   /* the last one sent */
    StoxChatState idle_as; /* what follows composing */
    StoxDeadline silent;   /* it was the last word of the SIP user for too long (M-74) */
} StoxTyping;

void stox_typing_init(StoxConversation *conversation);
/* No timer of it runs any more; a conversation that ends while the gateway lives needs that before it is freed. */
void stox_typing_stop(StoxConversation *conversation);
void stox_typing_clear(StoxConversation *conversation);

/* What a message of the XMPP user says; `content`: it is more than a state. Called before the content is sent. */
void stox_typing_from_xmpp(StoxConversation *conversation, const StoxMessage *message,
                           bool content);
/* What became of a MESSAGE with a state. */
void stox_typing_result(StoxConversation *conversation, const StoxSipResult *result);
/* Whatever was on its way may have come to its end. */
void stox_typing_settled(StoxConversation *conversation);

/* The SIP user types (`from`: the JID he does it from; NULL: bare) until told otherwise, for at most `hold_ms`. */
void stox_typing_active(StoxConversation *conversation, const char *from, int64_t hold_ms);
/* He does not; `as`: how it is said. */
void stox_typing_idle(StoxConversation *conversation, const char *from, StoxChatState as);
/* He has written: the state that goes with his message (M-77), in it or in front of it. */
void stox_typing_content(StoxConversation *conversation, StoxMessage *message);
/* He has closed the last session (V-62, M-80). */
void stox_typing_closed(StoxConversation *conversation);
