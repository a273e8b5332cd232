/* SPDX-License-Identifier: MIT */
/* How the SIP users we serve are called on both sides: by their own domain or behind a gateway's (A-60), in the spelling their side uses (A-16 to A-18). */
#include "translation/gateway-address.h"

#include "translation/address-private.h"
#include "translation/error.h"
#include "translation/jid-escape.h"
#include "translation/precis.h"
#include "translation/proxied.h"
#include "translation/spellings.h"
#include "translation/xmpp-iri.h"

#include <string.h>

/* ---- JID -> SIP ---- */

static bool is_listed(const StoxDomainPolicy *domain, const char *sip_domain)
{
    return g_strv_contains((const char *const *) domain->sip_domains, sip_domain);
}

/* The user as plain text and his SIP domain. */
static bool split(const StoxGateway *gateway, const StoxJid *local, char **ret_user,
                  char **ret_domain, StoxError *ret_error)
{
    const StoxDomainPolicy *domain = stox_policy_domain(gateway->config.policy, local->domain);
    StoxProxiedOptions options = {0};
    g_autofree char *user = NULL, *sip_domain = NULL;

    if (!domain || !domain->sip_domains) {
        *ret_user = stox_jid_unescape(local->local);
        *ret_domain = g_strdup(local->domain);
        return true;
    }
    options.default_domain = domain->sip_domains[0];
    options.percent_form = domain->percent_form;
    if (!stox_proxied_split(local->local, &options, &user, &sip_domain, ret_error))
        return false;
    if (!is_listed(domain, sip_domain)) { /* R-08 */
        stox_address_refuse(ret_error, STOX_CONDITION_ITEM_NOT_FOUND,
                            "This gateway does not lead to that SIP domain.");
        return false;
    }
    *ret_user = g_steal_pointer(&user);
    *ret_domain = g_steal_pointer(&sip_domain);
    return true;
}

static char *key_of(const char *user, const char *sip_domain)
{
    return g_strconcat(user, "@", sip_domain, NULL);
}

char *stox_gateway_local_uri(const StoxGateway *gateway, const StoxJid *local, bool with_gr,
                             StoxError *ret_error)
{
    g_autofree char *user = NULL, *sip_domain = NULL, *key = NULL, *encoded = NULL;
    const char *spelling;
    char *uri;

    if (!split(gateway, local, &user, &sip_domain, ret_error))
        return NULL;
    key = key_of(user, sip_domain);
    spelling = stox_spellings_get(gateway->spellings, key);
    if (!spelling)
        spelling = encoded = stox_sip_uri_write_user(STOX_SCHEME_SIP, user);
    uri =
        stox_sip_uri_join(STOX_SCHEME_SIP, spelling, sip_domain, with_gr ? local->resource : NULL);
    return uri ? uri
               : stox_address_refuse(ret_error, STOX_CONDITION_ITEM_NOT_FOUND,
                                     "The domain has no form that SIP can carry.");
}

/* ---- SIP -> JID ---- */

bool stox_gateway_local_jid(const StoxGateway *gateway, StoxSipUri *uri, StoxJid *ret_jid,
                            StoxSipResult *ret_failure)
{
    const StoxDomainPolicy *domain = stox_policy_domain_of_sip(gateway->config.policy, uri->domain);

    if (domain && domain->sip_domains)
        return stox_proxied_parts_to_jid(uri, domain->name, STOX_URI_IS_FROM, ret_jid, ret_failure);
    return stox_address_parts_to_jid(uri, STOX_URI_IS_FROM, ret_jid, ret_failure);
}

/* ---- What is remembered ---- */

/*
 * What a server with nodeprep (RFC 3920) makes of a localpart; NULL when it leaves it as it is. Its fold is Unicode's full one with compatibility
 * normalisation, and it takes joiners out.
 */
static char *fold(const char *local)
{
    g_autoptr(GString) kept = NULL;
    g_autofree char *folded = NULL, *normal = NULL;

    if (g_str_is_ascii(local))
        return NULL;
    kept = g_string_sized_new(strlen(local));
    for (const char *p = local; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c != 0x200C && c != 0x200D)
            g_string_append_unichar(kept, c);
    }
    folded = g_utf8_casefold(kept->str, -1);
    normal = g_utf8_normalize(folded, -1, G_NORMALIZE_NFKC);
    return normal && strcmp(normal, local) != 0 ? g_steal_pointer(&normal) : NULL;
}

/* A-16: under the name that the server of the XMPP user may show him. */
static void learn_fold(const StoxGateway *gateway, const StoxJid *local, const StoxJid *remote)
{
    g_autofree char *folded = fold(local->local), *key = NULL;
    const StoxJid shown = {.local = folded ? folded : local->local, .domain = local->domain};

    key = stox_pair_key(&shown, remote);
    /* Somebody who bears the folded name himself has the better right to it. */
    stox_spellings_set(gateway->folded, key, folded ? local->local : NULL);
}

void stox_gateway_learn_address(const StoxGateway *gateway, const StoxJid *local,
                                const char *spelling, const StoxJid *remote)
{
    g_autofree char *user = NULL, *sip_domain = NULL, *key = NULL, *ours = NULL;
    g_auto(StoxError) unused = {0};

    if (!split(gateway, local, &user, &sip_domain, &unused))
        return;
    key = key_of(user, sip_domain);
    ours = stox_sip_uri_write_user(STOX_SCHEME_SIP, user);
    stox_spellings_set(gateway->spellings, key, strcmp(ours, spelling) != 0 ? spelling : NULL);
    learn_fold(gateway, local, remote);
}

void stox_gateway_unfold(const StoxGateway *gateway, StoxJid *local, const StoxJid *remote)
{
    g_autofree char *key = NULL;
    const char *known;

    if (!local->local || stox_spellings_count(gateway->folded) == 0)
        return;
    key = stox_pair_key(local, remote);
    known = stox_spellings_get(gateway->folded, key);
    if (!known)
        return;
    g_free(local->local);
    local->local = g_strdup(known);
}

/* ---- The same for a pair ---- */

char *stox_pair_local_uri_at(const StoxGateway *gateway, const StoxPair *pair, const char *resource)
{
    g_auto(StoxJid) local = {0};
    g_auto(StoxError) unused = {0};

    if (!stox_jid_parse(pair->local, &local, NULL))
        return NULL;
    local.resource = g_strdup(resource);
    return stox_gateway_local_uri(gateway, &local, resource != NULL, &unused);
}

char *stox_pair_local_uri(const StoxGateway *gateway, const StoxPair *pair)
{
    return stox_pair_local_uri_at(gateway, pair, NULL);
}

/* The xmpp: IRI of a SIP user behind a gateway; NULL: he is not. Caller frees. */
static char *proxied_iri(const StoxGateway *gateway, const char *contact)
{
    g_auto(StoxSipUri) uri = {0};
    g_auto(StoxJid) jid = {0};
    g_auto(StoxSipResult) unused = {0};
    const StoxDomainPolicy *domain;

    if (stox_sip_uri_read(contact, STOX_URI_IS_FROM, &uri))
        return NULL;
    domain = stox_policy_domain_of_sip(gateway->config.policy, uri.domain);
    if (!domain || !domain->sip_domains || !stox_gateway_local_jid(gateway, &uri, &jid, &unused))
        return NULL;
    return stox_xmpp_iri_from_jid(&jid);
}

void stox_pair_error(const StoxGateway *gateway, const StoxPair *pair, const StoxSipResult *result,
                     StoxError *ret_error)
{
    char *iri = result->contact ? proxied_iri(gateway, result->contact) : NULL;

    stox_error_from_sip(result, pair->xmpp_language, ret_error);
    if (iri && ret_error->address) {
        g_free(ret_error->address);
        ret_error->address = g_steal_pointer(&iri);
    }
    g_free(iri);
}
