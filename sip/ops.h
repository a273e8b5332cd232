/* SPDX-License-Identifier: MIT */
/*
 * What the SIP machines ask of their owner (the agent; a recorder in tests). No machine is entered again from inside one of these calls:
 * results come back later through the machine's own input functions.
 */
#pragma once

#include "sip/message.h"

typedef enum {
    STOX_OWNER_NONE,       /* nobody, e.g. OPTIONS of the agent */
    STOX_OWNER_SESSION,    /* sip/session */
    STOX_OWNER_SUBSCRIBER, /* sip/subscription, we subscribe */
    STOX_OWNER_NOTIFIER,   /* sip/subscription, we notify */
    STOX_OWNER_PAGE        /* out-of-dialog MESSAGE */
} StoxOwnerKind;

/* Whom the answer of a client transaction belongs to. */
typedef struct {
    StoxOwnerKind kind;
    uint64_t id;     /* session or subscription */
    uint64_t cookie; /* the owner's own, e.g. the gateway's message ref */
} StoxOwner;

typedef struct {
    /* Starts a client transaction (Via and branch are added); takes `request`. Returns its id, for CANCEL. */
    uint64_t (*request)(void *user, StoxSipBuilder *request, const StoxSipTarget *target,
                        StoxOwner owner);
    /* CANCELs an INVITE transaction (RFC 3261 s9.1). */
    void (*cancel)(void *user, uint64_t transaction);
    /* Sends an ACK for a 2xx, outside of transactions; takes `ack`. */
    void (*ack)(void *user, StoxSipBuilder *ack, const StoxSipTarget *target);
    /* Answers the incoming request (final or provisional); takes `response`. */
    void (*respond)(void *user, uint64_t request, StoxSipBuilder *response);
    /* Tells the gateway; takes `event`. */
    void (*event)(void *user, StoxEvent *event);
    /* A fresh odd id for a session or subscription that the far side started. */
    uint64_t (*name)(void *user);
    /* A random token of at least 64 bits, legal as tag, branch and Call-ID; caller frees. */
    char *(*token)(void *user);
} StoxSipOps;

/* An incoming request as the machines get it. Everything is borrowed for the call; ref the message to keep it. */
typedef struct {
    StoxSipMessage *message;
    uint64_t request; /* server transaction to answer; 0 for ACK and BENOTIFY */
    uint64_t flow;
    const StoxSipHop *hop;
} StoxSipIncoming;
