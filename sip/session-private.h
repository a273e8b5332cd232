/* SPDX-License-Identifier: MIT */
/* What session.c (table, life), session-invite.c (set-up), session-request.c (in-dialog) and session-timer.c (RFC 4028) owe each other. */
#pragma once

#include "sip/answer.h"
#include "sip/session-sdp.h"
#include "sip/session.h"
#include "sip/timers.h"

enum {
    STOX_SIP_T1_64_MS = 32000, /* 64*T1: Timers B, F, H, N */
    STOX_SESSION_RING_MS =
        180000,                /* longest wait for the answer to an INVITE (Timer C, lync.md 4.4) */
    STOX_SESSION_MIN_SE_S = 90 /* RFC 4028 s4 */
};

/* StoxOwner.cookie of an INFO; those of MESSAGEs are the gateway's names, which start at 1. */
#define STOX_SESSION_INFO_COOKIE UINT64_MAX

typedef enum {
    STOX_SESSION_INVITING, /* our INVITE is out */
    STOX_SESSION_OFFERED,  /* their INVITE waits for the gateway */
    STOX_SESSION_ACCEPTED, /* our 200 waits for the ACK */
    STOX_SESSION_OPEN,
    STOX_SESSION_ENDED /* the gateway is done with it; late answers to our INVITE are still cleaned up */
} StoxSessionState;

typedef struct {
    StoxTimer timer; /* first */
    uint64_t id;
    StoxSessionState state;
    bool ours; /* we opened it: the Call-ID is ours (RFC 3261 s14.1) */
    StoxDialog *dialog;
    char *key;               /* in by_dialog; NULL: not listed */
    StoxSipMessage *invite;  /* OFFERED: to be answered */
    uint64_t invite_request; /* INVITE of theirs without answer or ACK; 0 none */
    uint64_t invite_tx;      /* our first INVITE; 0 none */
    uint32_t invite_cseq;    /* its number, for the ACKs */
    char *conversation_id;   /* INVITING: the Ms-Conversation-ID in it */
    char *subject;           /* INVITING: its Subject; NULL none */
    unsigned tries;          /* INVITING: how often it has been sent in another form */
    bool plain;              /* INVITING: no extension is offered, the peer wants none (420) */
    char *types;             /* what we take in it, as accept-types; NULL: text/plain */
    GBytes *sdp;             /* our newest offer or answer, to be repeated in refreshes */
    uint32_t
        offer_cseq; /* their INVITE whose 200 has an offer of ours; 0: none waits for its ACK */
    int64_t linger_until_ms; /* further 2xx to an INVITE of ours may come until then */
    GPtrArray *forks;        /* char*: To tags of further 2xx, already ended by BYE; NULL none */
    bool bye_due;            /* closed before the ACK: BYE as soon as it is there (RFC 3261 s15) */
    /* RFC 4028 */
    int64_t interval_s; /* 0: the session does not expire; INVITING: what we ask for */
    int64_t min_se_s;   /* the largest that was heard of; 0 none */
    int64_t give_up_ms; /* BYE when nobody has refreshed it by then */
    bool we_refresh;
    bool raised;            /* a 422 has been followed once */
    bool update_allowed;    /* the peer takes UPDATE */
    uint64_t refresh_tx;    /* our UPDATE or re-INVITE; 0 none */
    bool refresh_is_invite; /* it is a re-INVITE */
} StoxSession;

struct StoxSessions {
    StoxSessionsConfig config;
    const StoxSipOps *ops;
    void *user;
    StoxAnswerer who;
    GHashTable *by_id;      /* id -> StoxSession*, owns */
    GHashTable *by_dialog;  /* key -> StoxSession* */
    GHashTable *by_request; /* server INVITE transaction -> StoxSession* */
    StoxTimers *timers;
    size_t live; /* those not ENDED */
};

/* session.c */
StoxSession *stox_session_add(StoxSessions *sessions, uint64_t id, StoxSessionState state,
                              StoxDialog *dialog);
void stox_session_list(StoxSessions *sessions,
                       StoxSession *session); /* its dialog can be found from now on */
void stox_session_wait_for_ack(StoxSessions *sessions, StoxSession *session, uint64_t request);
void stox_session_forget_request(StoxSessions *sessions, StoxSession *session);
void stox_session_tell(StoxSessions *sessions, StoxEventKind kind, uint64_t id);
void stox_session_bye(StoxSessions *sessions, StoxDialog *dialog);
/* The session is over; nothing more is told. Lingers when late answers to our INVITE are possible, else `session` is freed. */
void stox_session_end(StoxSessions *sessions, StoxSession *session, StoxTime now);
/* STOX_EVENT_SESSION_CLOSED, then the end. */
void stox_session_close(StoxSessions *sessions, StoxSession *session, bool bye, StoxTime now);
/* The ACK, or what proves as much, is there. May free `session` (false). */
bool stox_session_confirm(StoxSessions *sessions, StoxSession *session, StoxTime now);

/* session-invite.c */
void stox_session_take_invite(StoxSessions *sessions, const StoxSipIncoming *incoming,
                              StoxTime now);
void stox_session_invite_answered(StoxSessions *sessions, StoxSession *session,
                                  StoxSipMessage *response, StoxSipFate fate, uint64_t flow,
                                  StoxTime now);
void stox_session_ack(StoxSessions *sessions, StoxDialog *dialog, uint32_t cseq);
/* A re-INVITE or an UPDATE. */
void stox_session_take_refresh(StoxSessions *sessions, StoxSession *session,
                               const StoxSipIncoming *incoming, StoxTime now);

/* session-request.c */
void stox_session_take_request(StoxSessions *sessions, StoxSession *session,
                               const StoxSipIncoming *incoming, StoxTime now);
void stox_session_message_answered(StoxSessions *sessions, StoxOwner owner,
                                   StoxSipMessage *response, StoxSipFate fate, StoxTime now);
/* Contact, Supported and Allow of our requests and answers that make or refresh the dialog. */
void stox_session_add_target_headers(StoxSession *session, StoxSipBuilder *builder);

/* session-timer.c */
/* Learns from Allow whether the peer takes UPDATE (RFC 3311 s4). */
void stox_session_note_allow(StoxSession *session, const StoxSipMessage *message);
/* False: the interval asked for is too small, and 422 has been sent. */
bool stox_session_timer_acceptable(StoxSessions *sessions, const StoxSipIncoming *incoming);
/* Takes over what their request asks for and writes it into our 2xx. */
void stox_session_timer_answer(StoxSessions *sessions, StoxSession *session,
                               const StoxSipMessage *request, StoxSipBuilder *builder,
                               StoxTime now);
/* Session-Expires and Min-SE of our INVITE or UPDATE, if there is an interval. */
void stox_session_timer_ask(const StoxSession *session, StoxSipBuilder *builder);
/* Takes over what a 2xx to a request of ours says. */
void stox_session_timer_answered(StoxSessions *sessions, StoxSession *session,
                                 const StoxSipView *view, StoxTime now);
/* A 422 came: true when asking for as much as it says may help. Once for each refresh. */
bool stox_session_timer_raise(StoxSession *session, const StoxSipView *view);
/* The final answer to our UPDATE or re-INVITE. */
void stox_session_refresh_answered(StoxSessions *sessions, StoxSession *session,
                                   StoxSipMessage *response, StoxSipFate fate, uint64_t flow,
                                   StoxTime now);
/* The timer of a session with a dialog has come. */
void stox_session_timer_due(StoxSessions *sessions, StoxSession *session, StoxTime now);
