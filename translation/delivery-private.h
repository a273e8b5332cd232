/* SPDX-License-Identifier: MIT */
/* What delivery.c and delivery-proof.c share: deliveries, and the pings that prove them. */
#pragma once

#include "translation/delivery.h"

typedef struct StoxBatch StoxBatch;

/* One message that was written to XMPP. */
typedef struct {
    char *id;
    char *from; /* bare JID of the SIP user */
    char *to;   /* as addressed */
    uint64_t request;
    uint64_t session; /* 0: page mode */
    StoxDialect dialect;
    StoxLanguage language; /* of the SIP user */
    bool bare_as_full;     /* StoxHopPolicy (D-05) */
    StoxBatch *batch;      /* while its fate is open */
    GList *place;          /* in batch->deliveries, later in answered */
    int64_t late_until;    /* once answered 2xx: an error may still come */
} StoxDelivery;

/* One local domain's self-addressed ping of a turn; proves our own server. */
typedef struct {
    unsigned refs;
    char *id; /* NULL until the turn ends */
    bool answered;
} StoxSelfPing;

/* What was written from one local domain to one remote domain in one turn. */
struct StoxBatch {
    char *key;    /* "local\nremote" domain; in `turn` until the turn ends */
    char *local;  /* domain */
    char *remote; /* domain */
    char *id;     /* of its ping; NULL until the turn ends */
    StoxSelfPing *self;
    GQueue deliveries;
    StoxDeadline deadline;
};

struct StoxDeliveries {
    GHashTable *by_id; /* stanza id -> StoxDelivery, owned: pending and lately answered */
    GQueue answered;   /* of StoxDelivery, the oldest first */
    size_t pending;
    GHashTable *turn;       /* key -> StoxBatch: written to in this turn */
    GHashTable *selves;     /* local domain -> StoxSelfPing of this turn; borrowed */
    GHashTable *batches;    /* set of all */
    GHashTable *pings;      /* ping id -> StoxBatch (a domain's) */
    GHashTable *self_pings; /* ping id -> StoxSelfPing */
    StoxDeadline late;
};

StoxDelivery *stox_delivery_find(StoxGateway *gateway, const char *id);
/* Enters it into this turn's batch. Takes over `delivery`. */
void stox_delivery_add(StoxGateway *gateway, StoxDelivery *delivery, const char *local_domain,
                       const char *remote_domain);
/* Answers the SIP side, gives the outcome; the batch goes with its last one. Frees it unless a late error matters. */
void stox_delivery_finish(StoxGateway *gateway, StoxDelivery *delivery, const StoxSipResult *result,
                          StoxOutcome outcome, const char *reason);
void stox_delivery_forget(StoxGateway *gateway, StoxDelivery *delivery);
