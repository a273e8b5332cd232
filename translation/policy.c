/* SPDX-License-Identifier: MIT */
#include "translation/policy.h"

#include "translation/address.h"
#include "translation/error.h"

#include <string.h>

struct StoxPolicy {
    GHashTable *hops;     /* name -> StoxHopPolicy */
    GHashTable *domains;  /* canonical name -> StoxDomainPolicy */
    GHashTable *partners; /* canonical name -> StoxPartnerPolicy */
};

static void hop_free(void *data)
{
    StoxHopPolicy *hop = data;

    g_free(hop->name);
    g_free(hop);
}

static void domain_free(void *data)
{
    StoxDomainPolicy *domain = data;

    g_free(domain->name);
    g_free(domain->hop);
    g_strfreev(domain->sip_domains);
    g_free(domain);
}

static void partner_free(void *data)
{
    StoxPartnerPolicy *partner = data;

    g_free(partner->domain);
    g_free(partner);
}

StoxPolicy *stox_policy_new(void)
{
    StoxPolicy *policy = g_new0(StoxPolicy, 1);

    policy->hops = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, hop_free);
    policy->domains = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, domain_free);
    policy->partners = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, partner_free);
    return policy;
}

void stox_policy_free(StoxPolicy *policy)
{
    if (!policy)
        return;
    g_hash_table_unref(policy->hops);
    g_hash_table_unref(policy->domains);
    g_hash_table_unref(policy->partners);
    g_free(policy);
}

StoxHopPolicy *stox_policy_add_hop(StoxPolicy *policy, const char *name, StoxDialect dialect)
{
    StoxHopPolicy *hop = g_new0(StoxHopPolicy, 1);

    hop->name = g_strdup(name);
    hop->dialect = dialect;
    hop->dnd_as_busy = true;
    hop->busy_as = STOX_SHOW_DND;
    hop->from_gruu = true;
    hop->receipts = hop->page_as_chat = hop->bare_as_full = dialect == STOX_DIALECT_LYNC;
    g_hash_table_replace(policy->hops, hop->name, hop);
    return hop;
}

StoxDomainPolicy *stox_policy_add_domain(StoxPolicy *policy, const char *domain, const char *hop)
{
    char *canonical = stox_domain_canonical(domain);
    StoxDomainPolicy *entry;

    if (!canonical)
        return NULL;
    entry = g_new0(StoxDomainPolicy, 1);
    entry->name = canonical;
    entry->hop = g_strdup(hop);
    g_hash_table_replace(policy->domains, entry->name, entry);
    return entry;
}

StoxPartnerPolicy *stox_policy_add_partner(StoxPolicy *policy, const char *domain)
{
    char *canonical = stox_domain_canonical(domain);
    StoxPartnerPolicy *partner;

    if (!canonical)
        return NULL;
    partner = g_new0(StoxPartnerPolicy, 1);
    partner->domain = canonical;
    g_hash_table_replace(policy->partners, partner->domain, partner);
    return partner;
}

const StoxDomainPolicy *stox_policy_domain(const StoxPolicy *policy, const char *canonical_domain)
{
    return g_hash_table_lookup(policy->domains, canonical_domain);
}

static bool proxies(const StoxDomainPolicy *domain, const char *sip_domain)
{
    return domain->sip_domains &&
           g_strv_contains((const char *const *) domain->sip_domains, sip_domain);
}

const StoxDomainPolicy *stox_policy_domain_of_sip(const StoxPolicy *policy,
                                                  const char *canonical_sip_domain)
{
    const StoxDomainPolicy *same = stox_policy_domain(policy, canonical_sip_domain);
    GHashTableIter iter;
    void *value;

    if (same && !same->sip_domains)
        return same;
    g_hash_table_iter_init(&iter, policy->domains);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (proxies(value, canonical_sip_domain))
            return value;
    return NULL;
}

/* Nobody of XMPP has an address there. */
static bool is_sip_side(const StoxPolicy *policy, const char *domain)
{
    return stox_policy_domain(policy, domain) || stox_policy_domain_of_sip(policy, domain);
}

const StoxHopPolicy *stox_policy_hop(const StoxPolicy *policy, const char *name)
{
    return g_hash_table_lookup(policy->hops, name);
}

const StoxPartnerPolicy *stox_policy_partner(const StoxPolicy *policy, const char *canonical_domain)
{
    return g_hash_table_lookup(policy->partners, canonical_domain);
}

StoxLanguage stox_policy_xmpp_language(const StoxPolicy *policy, const char *remote_domain,
                                       const char *local_domain)
{
    const StoxPartnerPolicy *partner =
        remote_domain ? stox_policy_partner(policy, remote_domain) : NULL;
    const StoxDomainPolicy *domain = local_domain ? stox_policy_domain(policy, local_domain) : NULL;

    if (partner)
        return partner->language;
    return domain ? domain->language : STOX_LANGUAGE_EN;
}

/* The canonical domain of an address whose other parts may be wrong; NULL: none. Caller frees. */
static char *domain_of(const char *address)
{
    g_autofree char *bare = address ? g_strndup(address, strcspn(address, "/")) : NULL;
    const char *at = bare ? strchr(bare, '@') : NULL;

    return bare ? stox_domain_canonical(at ? at + 1 : bare) : NULL;
}

StoxLanguage stox_policy_sender_language(const StoxPolicy *policy, const char *from, const char *to)
{
    g_autofree char *remote = domain_of(from), *local = domain_of(to);

    return stox_policy_xmpp_language(policy, remote, local);
}

static bool refuse_xmpp(StoxError *ret_error, StoxCondition condition, StoxLanguage language,
                        StoxWord word)
{
    stox_error_say(ret_error, condition, stox_condition_default_type(condition), language, word,
                   NULL);
    return false;
}

bool stox_policy_from_xmpp(const StoxPolicy *policy, const char *remote_domain,
                           const char *local_domain, StoxError *ret_error)
{
    StoxLanguage language = stox_policy_xmpp_language(policy, remote_domain, local_domain);

    if (!stox_policy_domain(policy, local_domain))
        return refuse_xmpp(ret_error, STOX_CONDITION_ITEM_NOT_FOUND, language,
                           STOX_WORD_DOMAIN_NOT_SERVED);
    if (is_sip_side(policy, remote_domain))
        return refuse_xmpp(ret_error, STOX_CONDITION_FORBIDDEN, language, STOX_WORD_BOTH_SIP);
    if (!stox_policy_partner(policy, remote_domain))
        return refuse_xmpp(ret_error, STOX_CONDITION_FORBIDDEN, language,
                           STOX_WORD_PARTNER_NOT_ALLOWED);
    return true;
}

static bool refuse_sip(StoxSipResult *ret_failure, unsigned diagnostic)
{
    stox_sip_result_init(ret_failure, 403, diagnostic);
    return false;
}

bool stox_policy_from_sip(const StoxPolicy *policy, const char *hop, const char *sip_domain,
                          const char *remote_domain, StoxSipResult *ret_failure)
{
    const StoxDomainPolicy *domain = stox_policy_domain_of_sip(policy, sip_domain);

    /* P-187: also a partner's domain in From comes through here, the XMPP side's alone. */
    if (!domain)
        return refuse_sip(ret_failure, STOX_DIAG_DOMAIN_NOT_SERVED);
    if (!hop || strcmp(domain->hop, hop) != 0)
        return refuse_sip(ret_failure, STOX_DIAG_HOP_ASSERTS_FOREIGN_DOMAIN);
    if (is_sip_side(policy, remote_domain))
        return refuse_sip(ret_failure, STOX_DIAG_LOOP);
    if (!stox_policy_partner(policy, remote_domain))
        return refuse_sip(ret_failure, STOX_DIAG_PARTNER_NOT_ALLOWED);
    return true;
}
