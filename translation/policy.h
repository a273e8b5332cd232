/* SPDX-License-Identifier: MIT */
/* May this pair do this? Served domains, partner domains, hops (promise 6). Plain tables filled from the settings by main. */
#pragma once

#include "translation/types.h"

typedef enum { STOX_DIALECT_LYNC, STOX_DIALECT_SIMPLE } StoxDialect;

typedef struct {
    char *name;
    StoxDialect dialect;
} StoxHopPolicy;

typedef struct {
    char *name; /* canonical (stox_domain_canonical) */
    char *hop;  /* name of its next hop */
} StoxDomainPolicy;

typedef struct StoxPolicy StoxPolicy;
StoxPolicy *stox_policy_new(void);
void stox_policy_free(StoxPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxPolicy, stox_policy_free)
/* Names are copied and canonicalised; a name that is no domain is ignored (settings are checked before). */
void stox_policy_add_hop(StoxPolicy *policy, const char *name, StoxDialect dialect);
void stox_policy_add_domain(StoxPolicy *policy, const char *domain, const char *hop);
void stox_policy_add_partner(StoxPolicy *policy,
                             const char *domain); /* primary and additional domains alike */

/* Borrowed; NULL when the domain is not served / the hop unknown. */
const StoxDomainPolicy *stox_policy_domain(const StoxPolicy *policy, const char *canonical_domain);
const StoxHopPolicy *stox_policy_hop(const StoxPolicy *policy, const char *name);
bool stox_policy_is_partner(const StoxPolicy *policy, const char *canonical_domain);

/*
 * XMPP -> SIP: `remote_domain` (stanza's from) and `local_domain` (stanza's to). False with *ret_error set: forbidden for partners that are not
 * configured or another served domain (own-domain loop), item-not-found for a domain that is not served.
 */
bool stox_policy_from_xmpp(const StoxPolicy *policy, const char *remote_domain,
                           const char *local_domain, StoxError *ret_error);
/*
 * SIP -> XMPP: the hop the request came from, `local_domain` (From) and `remote_domain` (Request-URI). False with *ret_failure set (403/404 with diagnostic):
 * the hop may assert only domains whose next hop it is; the target must be a partner (R-08, P-187, X-64).
 */
bool stox_policy_from_sip(const StoxPolicy *policy, const char *hop, const char *local_domain,
                          const char *remote_domain, StoxSipResult *ret_failure);
