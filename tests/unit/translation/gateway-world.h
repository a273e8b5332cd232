/* SPDX-License-Identifier: MIT */
/* The world around a simulated gateway: what the SIP side and the XMPP side know, and the promises every action is checked against. */
#pragma once

#include "gateway-rig.h"

typedef enum {
    SESSION_OPENING,  /* our INVITE */
    SESSION_OFFERED,  /* their INVITE */
    SESSION_ACCEPTED, /* theirs, before ACK */
    SESSION_OPEN
} SessionState;

typedef struct {
    uint64_t name;
    SessionState state;
    char *pair; /* "local remote" */
} Session;

typedef struct {
    uint64_t name;
    char *pair;
    bool documented;  /* a watcher: its last NOTIFY carried an open tuple */
    const char *type; /* a watcher: of the documents it asked for; static */
} Dialog;

typedef struct {
    Rig rig;
    GRand *rand;
    GHashTable *requests; /* ids not answered yet */
    GHashTable *messages; /* "from to id" without outcome */
    size_t sip_messages, sip_outcomes;
    GHashTable *sessions;      /* name -> Session */
    GHashTable *refs;          /* ref -> char *pair */
    GHashTable *busy;          /* pairs with a MESSAGE outstanding */
    GHashTable *order;         /* pair -> last number sent */
    GHashTable *resent;        /* numbers sent twice */
    GHashTable *complete;      /* ids of messages whose last part has been sent */
    GHashTable *subscriptions; /* ours; name -> Dialog */
    GHashTable *watchers;      /* theirs; name -> Dialog */
    GHashTable *visible;       /* pairs whose XMPP user believes the SIP user available */
    GHashTable *documents;     /* pairs whose last document was open */
    GHashTable *truth;         /* pairs whose XMPP user was seen available on this stream */
    GPtrArray *ids;            /* of our stanzas, for pongs and errors: "id\nfrom\nto" */
    GPtrArray *notifiable;     /* message/cpim that waits for an IMDN: "id local remote" */
    GHashTable *results;       /* receipts and markers that XMPP users have got */
    uint64_t next_odd, counter;
    uint64_t must_notify; /* this subscription, right now */
    const char *asked;    /* the type of documents that the SUBSCRIBE asks for; NULL: as before */
    bool links[2], stopped;
} World;

void world_init(World *world, unsigned seed);
void world_clear(World *world);
/* Checks the actions that have come up against the world, and the world as a whole. */
void world_settle(World *world);

unsigned world_pick(World *world, unsigned n);
/* Some value (key) of a table; NULL (0) when it is empty. */
void *world_some(World *world, GHashTable *table);
uint64_t world_some_key(World *world, GHashTable *table);

/* 0: the stream of contoso.example, 1: of voip.example */
unsigned world_link(const char *local);
/* "local remote", bare; caller frees. */
char *world_pair(const char *local, const char *remote);
/* ---- Typing and receipts (gateway-world-state.c) ---- */

/* One of the two users, or somebody else, types, asks or answers. */
void world_state(World *world, const char *local, const char *remote);
void world_check_info(World *world, const StoxAction *action);
void world_check_message(World *world, const StoxMessage *message);
/* The text in the body of a MESSAGE of this pair; the body itself when there is none. */
const char *world_text_of_send(World *world, const StoxAction *action, const char *pair,
                               const char *body);

/* A key for tables of numbers; caller frees. */
uint64_t *world_number(uint64_t value);
