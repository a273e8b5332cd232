/* SPDX-License-Identifier: MIT */
/* May this pair do this? Served domains, partner domains, hops (promise 6). Plain tables filled from the settings by main. */
#pragma once

#include "translation/types.h"
#include "translation/words.h"

typedef enum { STOX_DIALECT_LYNC, STOX_DIALECT_SIMPLE } StoxDialect;

/* New-CsXmppAllowedPartner -PartnerType (lync.md 1.2). Public partners never see the notes of SIP users. */
typedef enum {
    STOX_PARTNER_FEDERATED,
    STOX_PARTNER_PUBLIC_VERIFIED,
    STOX_PARTNER_PUBLIC_UNVERIFIED
} StoxPartnerType;

/* What we ask a hop for when XMPP users watch its users (lync.md 4.8 a). */
typedef enum { STOX_PRESENCE_FORMAT_PIDF, STOX_PRESENCE_FORMAT_CATEGORIES } StoxPresenceFormat;

typedef struct {
    char *name;
    StoxDialect dialect;
    StoxPresenceFormat presence_format; /* pidf */
    bool
        dnd_as_busy; /* <show>dnd</show> is shown as Busy (6500); else Do not disturb (9500); true */
    StoxShow busy_as; /* what Busy is shown as: STOX_SHOW_DND (default), _AWAY or _ONLINE */
    bool rich_text;   /* HTML goes to peers that say they take it; false */
    bool receipts;    /* a 200 inside a session becomes a receipt (M-97); lync true, simple false */
    bool from_gruu;   /* the resource goes into From as gr (M-05, Q-27); true */
    bool
        thread_from_call_id; /* page mode: <thread/> is the Call-ID (M-20); else one per pair; false */
    bool page_as_chat;       /* page-mode messages are type chat; lync true, simple false */
    bool bare_as_full;       /* errors of bare JIDs are 4xx (D-05); lync true, simple false */
} StoxHopPolicy;

typedef struct {
    char *name; /* of the XMPP domain, canonical (stox_domain_canonical) */
    char *hop;  /* name of its next hop */
    /* Mode P: the SIP domains whose users are name\40sip-domain@name; the first one is meant when none is written. NULL: the SIP domain is `name`. */
    GStrv sip_domains;     /* canonical */
    bool percent_form;     /* mode P: user%domain is read as well; false */
    StoxLanguage language; /* of words for its SIP users */
} StoxDomainPolicy;

typedef struct {
    char *domain; /* canonical */
    StoxPartnerType type;
    StoxLanguage language; /* of words for its XMPP users */
    bool xhtml;            /* rich text becomes XHTML-IM (M-29) beside the plain text; false */
} StoxPartnerPolicy;

typedef struct StoxPolicy StoxPolicy;
StoxPolicy *stox_policy_new(void);
void stox_policy_free(StoxPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxPolicy, stox_policy_free)
/*
 * Names are copied and canonicalised; NULL for a name that is no domain (settings are checked before). The entry comes back with its defaults: the
 * caller may adjust all but the names before the policy is used; what it puts into pointers is freed with the policy.
 */
StoxHopPolicy *stox_policy_add_hop(StoxPolicy *policy, const char *name, StoxDialect dialect);
StoxDomainPolicy *stox_policy_add_domain(StoxPolicy *policy, const char *domain, const char *hop);
/* Primary and additional domains alike. */
StoxPartnerPolicy *stox_policy_add_partner(StoxPolicy *policy, const char *domain);

/* Borrowed; NULL when the domain is not served / the hop unknown. */
const StoxDomainPolicy *stox_policy_domain(const StoxPolicy *policy, const char *canonical_domain);
/* The served domain whose users have that SIP domain: itself, or the one that has it in `sip_domains`. Borrowed; NULL: none. */
const StoxDomainPolicy *stox_policy_domain_of_sip(const StoxPolicy *policy,
                                                  const char *canonical_sip_domain);
const StoxHopPolicy *stox_policy_hop(const StoxPolicy *policy, const char *name);
const StoxPartnerPolicy *stox_policy_partner(const StoxPolicy *policy,
                                             const char *canonical_domain);

/* The language of what somebody at `remote_domain` reads who wrote to `local_domain`: his partner's, else the served domain's, else English; both may be NULL. */
StoxLanguage stox_policy_xmpp_language(const StoxPolicy *policy, const char *remote_domain,
                                       const char *local_domain);
/* The same for the addresses of a stanza, good or not. */
StoxLanguage stox_policy_sender_language(const StoxPolicy *policy, const char *from,
                                         const char *to);

/*
 * XMPP -> SIP: `remote_domain` (stanza's from) and `local_domain` (stanza's to). False with *ret_error set: forbidden for partners that are not
 * configured or another domain of the SIP side (own-domain loop), item-not-found for a domain that is not served.
 */
bool stox_policy_from_xmpp(const StoxPolicy *policy, const char *remote_domain,
                           const char *local_domain, StoxError *ret_error);
/*
 * SIP -> XMPP: the hop the request came from, `sip_domain` (From) and `remote_domain` (Request-URI). False with *ret_failure set (403/404 with diagnostic):
 * the hop may assert only domains whose next hop it is; the target must be a partner (R-08, P-187, X-64).
 */
bool stox_policy_from_sip(const StoxPolicy *policy, const char *hop, const char *sip_domain,
                          const char *remote_domain, StoxSipResult *ret_failure);
