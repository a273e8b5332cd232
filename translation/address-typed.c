/* SPDX-License-Identifier: MIT */
#include "translation/address-typed.h"

#include "translation/proxied.h"

#include <string.h>

/* Longer ones have no JID; see precis.c. */
#define MAX_TYPED 4096

/* Bounded, valid, without blanks at its ends, not empty; NULL: not so. Caller frees. */
static char *clean(const char *text)
{
    g_autofree char *copy = NULL;

    if (strnlen(text, MAX_TYPED + 1) > MAX_TYPED || !g_utf8_validate(text, -1, NULL))
        return NULL;
    copy = g_strstrip(g_strdup(text));
    return *copy ? g_steal_pointer(&copy) : NULL;
}

static bool is_uri(const char *text)
{
    static const char *const schemes[] = {"sip:", "sips:", "im:", "pres:", "tel:"};

    for (unsigned i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_ascii_strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

/* What was typed as the URI of a SIP user; NULL: it cannot be one. Caller frees. */
static char *uri_of(const char *text, const StoxDomainPolicy *domain)
{
    const char *at = strrchr(text, '@');
    g_autofree char *user = NULL, *sip_domain = NULL;

    if (is_uri(text))
        return strchr(text, '@') ? g_strdup(text) : NULL;
    user = at ? g_strndup(text, (size_t) (at - text)) : g_strdup(text);
    sip_domain = stox_domain_canonical(at ? at + 1 : domain->sip_domains[0]);
    return *user && sip_domain ? stox_sip_uri_write(STOX_SCHEME_SIP, user, sip_domain, NULL) : NULL;
}

StoxCondition stox_address_typed(const char *text, const StoxDomainPolicy *domain, char **ret_jid)
{
    g_autofree char *typed = clean(text), *uri = typed ? uri_of(typed, domain) : NULL;
    g_auto(StoxSipUri) parts = {0};
    g_auto(StoxSipResult) unused = {0};
    g_auto(StoxJid) jid = {0};

    if (!uri || stox_sip_uri_read(uri, STOX_URI_IS_FROM, &parts) || parts.password)
        return STOX_CONDITION_NOT_ACCEPTABLE;
    if (!g_strv_contains((const char *const *) domain->sip_domains, parts.domain))
        return STOX_CONDITION_ITEM_NOT_FOUND;
    if (!stox_proxied_parts_to_jid(&parts, domain->name, STOX_URI_IS_FROM, &jid, &unused))
        return STOX_CONDITION_NOT_ACCEPTABLE;
    *ret_jid = stox_jid_bare(&jid);
    return STOX_CONDITION_NONE;
}
