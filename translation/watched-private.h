/* SPDX-License-Identifier: MIT */
/* What watched.c (who may see whom) and watched-show.c (what watchers are shown) share. */
#pragma once

#include "translation/presence-write.h"
#include "translation/subscription.h"

typedef enum {
    STOX_WATCHED_UNASKED,
    STOX_WATCHED_ASKED, /* our `subscribe` is with the XMPP user */
    STOX_WATCHED_GRANTED,
    STOX_WATCHED_DENIED
} StoxWatchedAuth;

/* One pair: the XMPP user, and the SIP user's dialogs. */
typedef struct {
    StoxGateway *gateway;
    StoxPair pair;
    GQueue watchers; /* of StoxWatcher */
    StoxWatchedAuth auth;
    char *ask_id;  /* of our `subscribe` */
    char *display; /* of the SIP user; goes with it (P-75) */
    StoxPresentities known;
    unsigned documents;   /* written so far */
    bool unsettled;       /* a new stream; the answers to our probes have not come yet */
    int64_t probed_at;    /* 0: never */
    int64_t keep_until;   /* the answer to a poll's probe is kept for the next poll (P-165); 0 */
    int64_t denied_until; /* 0 */
    int64_t ask_at;       /* again; STOX_NEVER */
    StoxDeadline deadline;
} StoxWatched;

/* One dialog. */
typedef struct {
    uint64_t name;
    StoxWatched *watched;
    uint64_t said;     /* digest of his last document; 0 none */
    bool active;       /* was told so */
    uint8_t format;    /* StoxDocumentFormat, from the newest SUBSCRIBE that said so */
    uint8_t asked_for; /* StoxCategorySet */
    int64_t notified_at;
    StoxDeadline deadline; /* the next NOTIFY waits for it; set: something changed */
} StoxWatcher;

struct StoxWatcheds {
    GHashTable *by_key;   /* pair key -> StoxWatched, owned */
    GHashTable *watchers; /* name -> StoxWatcher, owned */
    GHashTable *streams;  /* domains whose stream went or came; owned */
};

/* One `subscribe` in flight, for any number of dialogs (P-50, P-62). */
void stox_watched_ask(StoxWatched *watched);
/* Not while a `subscribe` waits for an answer: the probe's refusal would take it away. */
void stox_watched_probe(StoxWatched *watched);
void stox_watched_stream_free(void *stream);

/* The state as it is, at once. */
void stox_watcher_show(StoxWatcher *watcher);
/* The state has changed: at once, or when the interval since the last NOTIFY is over. */
void stox_watched_changed(StoxWatched *watched);
/* One NOTIFY without a document. */
void stox_watched_emit_notify(StoxGateway *gateway, uint64_t subscription,
                              StoxSubscriptionState state, const char *reason);
/* One NOTIFY that says he is gone. */
void stox_watcher_show_closed(StoxWatcher *watcher, StoxSubscriptionState state,
                              const char *reason);
/* A single NOTIFY terminated;reason=timeout for a poll (P-164, P-165). `watcher` has no place in the tables. */
void stox_watcher_answer_poll(StoxWatcher *watcher);
void stox_watcher_init_deadline(StoxWatcher *watcher);

typedef enum {
    STOX_WATCHER_ASKS_WELL,
    STOX_WATCHER_ASKS_FOR_NOTHING_OF_OURS, /* 406 */
    STOX_WATCHER_ASKS_MALFORMED            /* 400 */
} StoxWatcherAsk;
/* Takes the format and the categories from a SUBSCRIBE; unless it asks well, the watcher may have changed in part. */
StoxWatcherAsk stox_watcher_ask(StoxWatcher *watcher, const StoxEvent *event, bool lync);
