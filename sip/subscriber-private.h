/* SPDX-License-Identifier: MIT */
/* What subscriber.c (a dialog's life) and subscriber-doubt.c (the server behind it is gone, or was) owe each other. */
#pragma once

#include "sip/answer.h"
#include "sip/subscription.h"
#include "sip/timers.h"

typedef struct {
    StoxTimer timer; /* first */
    uint64_t id;     /* key in by_id */
    StoxDialog *dialog;
    char *key;       /* in by_dialog */
    uint64_t serial; /* of the newest SUBSCRIBE; earlier answers do not count */
    /* What each SUBSCRIBE says, the refreshes too (lync.md 4.8 a). */
    GRefString *accept, *require, *content_type; /* shared; may be NULL */
    GBytes *body;                                /* may be NULL */
    int64_t asked_s;                             /* what we want */
    int64_t sent_expires_s;                      /* what the newest SUBSCRIBE said */
    int64_t expires_ms;                          /* STOX_NEVER until granted */
    int64_t refresh_ms;                          /* 0 none */
    int64_t notify_by_ms;                        /* Timer N; 0 not running */
    bool fetch;                                  /* one NOTIFY and gone (P-160) */
    bool initial;                                /* no 2xx yet */
    bool busy;                                   /* a SUBSCRIBE is out */
    bool granted;                                /* expires_ms was said by the peer */
    bool notified; /* a NOTIFY, or a body in the 2xx, came since the newest SUBSCRIBE */
    bool raised;   /* a 423 has been followed */
    bool dead;     /* the gateway has unsubscribed */
    bool goodbye_sent;
    /* subscriber-doubt.c */
    char *to_uri;        /* for a dialog in place of this one */
    uint64_t flow;       /* the connection whose end makes it doubtful; 0 none */
    uint64_t asks_for;   /* it is asked on behalf of all that used this closed connection; 0 none */
    int64_t prove_by_ms; /* doubtful: without a sign of it by then it is lost; 0 it is not */
} StoxSubscriber;

struct StoxSubscribers {
    char *fqdn;
    const StoxSipOps *ops;
    void *user;
    StoxAnswerer who;
    GHashTable *by_id;     /* id -> StoxSubscriber*, owns; the key is inside */
    GHashTable *by_dialog; /* key -> StoxSubscriber* */
    GHashTable *flows;     /* set of connections (uint64_t*) that some dialog has used */
    StoxTimers *timers;
};

/* Files it under the name its dialog has now. */
void stox_subscriber_list(StoxSubscribers *subscribers, StoxSubscriber *subscriber);
void stox_subscriber_send(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                          int64_t expires_s);
/* Sets its timer to what it waits for. */
void stox_subscriber_arm(StoxSubscribers *subscribers, StoxSubscriber *subscriber);

/* ---- subscriber-doubt.c ---- */

/* Its server has shown that it knows the dialog: a 2xx or a NOTIFY. */
void stox_subscriber_proved(StoxSubscribers *subscribers, StoxSubscriber *subscriber);
/* Its server does not know it, or is not there: so for all that it was asked for. */
void stox_subscriber_disproved(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                               StoxTime now);
/* It ends for a reason that says nothing of the others: another one is asked in its place. */
void stox_subscriber_pass_on(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                             StoxTime now);
/* Nobody answered its SUBSCRIBE: a new dialog at any server of the hop, at once or (when that was tried) after a while. */
void stox_subscriber_elsewhere(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                               StoxTime now);
/* A dialog that has not begun, in place of its own. */
void stox_subscriber_replace_dialog(StoxSubscribers *subscribers, StoxSubscriber *subscriber);
