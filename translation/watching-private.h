/* SPDX-License-Identifier: MIT */
/* What watching.c (the life of the subscription) and watching-show.c (what the XMPP user sees of it) share. */
#pragma once

#include "translation/presence-document.h"
#include "translation/subscription.h"

typedef enum {
    STOX_WATCHING_ASKING,  /* no answer of the SIP side yet, or trying again */
    STOX_WATCHING_PENDING, /* its user has not decided */
    STOX_WATCHING_ACTIVE
} StoxWatchingState;

typedef struct {
    StoxGateway *gateway;
    StoxPair pair;
    uint64_t subscription; /* the dialog; 0 none */
    StoxWatchingState state;
    bool told;             /* the XMPP user knows that he is subscribed */
    bool documented;       /* a document has been shown */
    bool leaving;          /* over; there is no stream to say so */
    bool unwelcome;        /* leaving: his subscription is void */
    bool categories_asked; /* by the present dialog (lync.md 4.8 a) */
    char *ask_id;          /* of the `subscribe`; its error carries it */
    char *nick;            /* the XMPP user's, from his `subscribe` (P-75) */
    char
        *contact_name; /* the SIP user's, from his documents (contactCard, CIPID); NULL: not said */
    StoxPresentities known;     /* the last document, closed entries left out */
    StoxCategories *categories; /* of the present dialog; NULL: none came */
    GPtrArray *visible;         /* resources that XMPP may believe available; NULL: none */
    int64_t asked_at;           /* when the last SUBSCRIBE left */
    int64_t sign_at;            /* last sign of the watcher */
    int64_t retry_at;           /* STOX_NEVER: nothing is to be retried */
    unsigned backoff_s;
    StoxDeadline deadline;
} StoxWatching;

struct StoxWatchings {
    GHashTable *by_key;        /* pair key -> StoxWatching, owned */
    GHashTable *subscriptions; /* name -> StoxWatching */
    GHashTable *
        plain; /* hops that refused categories -> int64_t until when they are not asked for them, owned */
};

void stox_watching_rearm(StoxWatching *watching);
/* A SUBSCRIBE in a new dialog. `why` is for the log; NULL none. */
void stox_watching_ask(StoxWatching *watching, const char *why);
/* The dialog is another one, or none (0). */
void stox_watching_set_dialog(StoxWatching *watching, uint64_t subscription);
/* Its SUBSCRIBE asked for categories, and the failure says that it should not have: PIDF is asked for. False: it is not so. */
bool stox_watching_fall_back(StoxWatching *watching, const StoxEvent *event);
/* `subscribed` (P-13); kept for later while there is no stream. */
void stox_watching_tell(StoxWatching *watching);
/* The end of it; `unwelcome`: his subscription is void. */
void stox_watching_leave(StoxWatching *watching, bool unwelcome);

/* Shows a document: what changed, nothing else (P-17, P-140, P-141). Takes over the list inside `document`. */
void stox_watching_show(StoxWatching *watching, StoxPresentities *document);
/* Everything shown is withdrawn. */
void stox_watching_withdraw(StoxWatching *watching);
/* The known document once more. `resource` NULL: all; `id` is mirrored when nothing is known (P-162, P-167). */
void stox_watching_show_again(StoxWatching *watching, const char *resource, const char *id);
/* After a new stream: everything once more, withdrawals that could not be sent included. */
void stox_watching_resync(StoxWatching *watching);
/* Reads a NOTIFY's body. False: *ret_status is the failing answer; the old state is kept (P-148). Without a body the report has no list. */
bool stox_watching_read(StoxWatching *watching, const StoxEvent *event,
                        StoxPresenceReport *ret_report, unsigned *ret_status);
