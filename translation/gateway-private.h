/* SPDX-License-Identifier: MIT */
/* What the gateway's files share: the tables, and small helpers that append actions. Private to translation/gateway*.c and its machines. */
#pragma once

#include "translation/address.h"
#include "translation/deadline.h"
#include "translation/gateway.h"

/* ---- A pair of users ---- */

/* One SIP user (local: his domain is served here) and one XMPP user (remote). */
typedef struct {
    char *key;    /* "local\nremote" */
    char *local;  /* bare JID */
    char *remote; /* bare JID */
    char *hop;    /* name of the next hop of the local domain */
    StoxDialect dialect;
    StoxLanguage sip_language;  /* of words that the SIP user sees */
    StoxLanguage xmpp_language; /* of words that the XMPP user sees */
} StoxPair;

void stox_pair_clear(StoxPair *pair);
char *stox_pair_key(const StoxJid *local, const StoxJid *remote); /* caller frees */
/* What policy says about its hop and its partner; never NULL. Borrowed. */
const StoxHopPolicy *stox_pair_hop(const StoxGateway *gateway, const StoxPair *pair);
const StoxPartnerPolicy *stox_pair_partner(const StoxGateway *gateway, const StoxPair *pair);
/* The SIP URIs of both users; mode P and the SIP side's own spelling are seen to. Caller frees. */
char *stox_pair_local_uri(const StoxGateway *gateway, const StoxPair *pair);
char *stox_pair_remote_uri(const StoxPair *pair);
/* The first one with the resource as gr; NULL: without. */
char *stox_pair_local_uri_at(const StoxGateway *gateway, const StoxPair *pair,
                             const char *resource);
/* As stox_error_from_sip() for a request to the pair's SIP user; a new address behind a gateway is called by its name there (D-06, A-60). */
void stox_pair_error(const StoxGateway *gateway, const StoxPair *pair, const StoxSipResult *result,
                     StoxError *ret_error);
/* The domain part of the bare JID; borrowed. */
const char *stox_bare_domain(const char *bare);

/* ---- The gateway ---- */

typedef struct StoxConversations StoxConversations;
typedef struct StoxDeliveries StoxDeliveries;
typedef struct StoxRepeats StoxRepeats;
typedef struct StoxSpellings StoxSpellings;
typedef struct StoxReceipts StoxReceipts;
typedef struct StoxWatchings StoxWatchings;
typedef struct StoxWatcheds StoxWatcheds;

struct StoxGateway {
    StoxGatewayConfig config;
    StoxTime now;       /* of the event being handled */
    GPtrArray *actions; /* of the event being handled; borrowed */
    StoxDeadlines deadlines;
    uint64_t ids;      /* last stanza id given out */
    uint64_t names;    /* last session or subscription named; even */
    uint64_t refs;     /* last MESSAGE named */
    GHashTable *links; /* set of the served domains (canonical) whose stream is up */
    bool stopping;
    StoxConversations *conversations;
    StoxDeliveries *deliveries;
    StoxRepeats *repeats;
    StoxReceipts *receipts;
    StoxWatchings *watchings;
    StoxWatcheds *watcheds;
    StoxSpellings *
        spellings; /* "user@sip-domain", as mapped from a JID -> the user part as his side writes it */
    StoxSpellings
        *folded; /* pair key of a name that a server may have folded -> the localpart */
};

/* ---- Actions (gateway-emit.c). Results are borrowed: the list of actions owns them. ---- */

StoxAction *stox_gateway_emit(StoxGateway *gateway, StoxActionKind kind);
/* "prefix-n"; caller frees. */
char *stox_gateway_next_id(StoxGateway *gateway);
uint64_t stox_gateway_next_name(StoxGateway *gateway);
bool stox_gateway_link_is_up(const StoxGateway *gateway, const char *domain);
void stox_gateway_respond(StoxGateway *gateway, uint64_t request, const StoxSipResult *result);
void stox_gateway_respond_status(StoxGateway *gateway, uint64_t request, unsigned status,
                                 unsigned diagnostic, unsigned retry_after_s);
void stox_gateway_outcome(StoxGateway *gateway, StoxDirection direction, const char *from,
                          const char *to, const char *id, StoxOutcome outcome, const char *reason);
/* The error for a message that was sent `from` -> `to` with `id` (D-11). */
void stox_gateway_message_error(StoxGateway *gateway, const char *from, const char *to,
                                const char *id, const StoxError *error);
void stox_gateway_presence_error(StoxGateway *gateway, const StoxPresence *presence,
                                 const StoxError *error);
StoxPresence *stox_gateway_presence(StoxGateway *gateway, StoxPresenceType type, const char *from,
                                    const char *to);
/* Fills an uninitialised error; the text is copied. With words of the catalogue: stox_error_say() of error.h. */
void stox_error_init(StoxError *error, StoxCondition condition, StoxErrorType type,
                     const char *text);
void stox_error_stopping(StoxError *error, StoxLanguage language);

/* ---- Addresses of an event (gateway-pair.c) ---- */

/*
 * Both addresses of a stanza, checked by policy, and the pair they make.
 * On failure false, *ret_error is what the sender is told; the out-parameters are left cleared.
 */
bool stox_gateway_pair_from_xmpp(const StoxGateway *gateway, const char *from, const char *to,
                                 StoxJid *ret_local, StoxJid *ret_remote, StoxPair *ret_pair,
                                 StoxError *ret_error);
/* Both addresses of a SIP request outside a session, the same way. */
bool stox_gateway_pair_from_sip(const StoxGateway *gateway, const StoxEvent *event,
                                StoxJid *ret_local, StoxJid *ret_remote, StoxPair *ret_pair,
                                StoxSipResult *ret_failure);

/* ---- Dispatch of presence (gateway-presence.c) ---- */

void stox_gateway_xmpp_presence(StoxGateway *gateway, const StoxPresence *presence);
