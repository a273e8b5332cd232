/* SPDX-License-Identifier: MIT */
#include "translation/proxied.h"

#include "translation/address-private.h"
#include "translation/jid-escape.h"

#include <string.h>

/* ---- SIP -> XMPP ---- */

bool stox_proxied_parts_to_jid(StoxSipUri *uri, const char *gateway, StoxUriRole role,
                               StoxJid *ret_jid, StoxSipResult *ret_failure)
{
    g_autofree char *local = NULL;
    /* One localpart holds both, limits included (A-65). */
    g_autofree char *address =
        uri->user ? g_strconcat(uri->user, "@", uri->domain, NULL) : g_strdup(uri->domain);
    StoxUriFault fault = stox_address_local_from_text(address, &local);

    if (!fault)
        fault = stox_address_check_password(uri, role);
    if (fault)
        return stox_sip_uri_refuse(fault, role, ret_failure);
    ret_jid->local = g_steal_pointer(&local);
    ret_jid->domain = g_strdup(gateway);
    ret_jid->resource = g_steal_pointer(&uri->resource);
    return true;
}

bool stox_proxied_sip_to_jid(const char *uri, const char *gateway, StoxUriRole role,
                             StoxJid *ret_jid, StoxSipResult *ret_failure)
{
    g_auto(StoxSipUri) parts = {0};
    StoxUriFault fault = stox_sip_uri_read(uri, role, &parts);

    if (fault)
        return stox_sip_uri_refuse(fault, role, ret_failure);
    return stox_proxied_parts_to_jid(&parts, gateway, role, ret_jid, ret_failure);
}

/* ---- XMPP -> SIP ---- */

static bool refuse(StoxError *ret_error, StoxCondition condition, const char *why)
{
    stox_address_refuse(ret_error, condition, why);
    return false;
}

/* Which of the forms is it? The @ or % that separates, at the end of the text for the default domain; NULL: none of them. */
static const char *find_separator(const char *text, const StoxProxiedOptions *options)
{
    const char *separator = strrchr(text, '@'); /* the last one: a user may hold others (A-61) */

    if (!separator && options->percent_form)
        separator = strrchr(text, '%');
    if (!separator && options->default_domain)
        separator = text + strlen(text);
    return separator;
}

bool stox_proxied_split(const char *local, const StoxProxiedOptions *options, char **ret_user,
                        char **ret_domain, StoxError *ret_error)
{
    g_autofree char *text = stox_jid_unescape(local), *domain = NULL;
    const char *separator = find_separator(text, options);

    if (!separator)
        return refuse(ret_error, STOX_CONDITION_ITEM_NOT_FOUND,
                      "The part before the @ does not name a SIP address.");
    if (*separator && !separator[1])
        return refuse(ret_error, STOX_CONDITION_JID_MALFORMED, "The SIP domain is empty.");
    domain = *separator ? stox_domain_canonical(separator + 1) : g_strdup(options->default_domain);
    if (!domain || separator == text)
        return refuse(ret_error, STOX_CONDITION_ITEM_NOT_FOUND,
                      "The part before the @ does not name a SIP address.");
    *ret_user = g_strndup(text, (size_t) (separator - text));
    *ret_domain = g_steal_pointer(&domain);
    return true;
}

char *stox_proxied_jid_to_uri(const StoxJid *jid, const StoxProxiedOptions *options,
                              StoxUriScheme scheme, bool with_gr, StoxError *ret_error)
{
    g_autofree char *user = NULL, *domain = NULL;
    char *uri;

    if (!jid->local)
        return stox_address_refuse(ret_error, STOX_CONDITION_ITEM_NOT_FOUND,
                                   "This is the gateway; it has no SIP address.");
    if (!stox_proxied_split(jid->local, options, &user, &domain, ret_error))
        return NULL;
    uri = stox_sip_uri_write(scheme, user, domain, with_gr ? jid->resource : NULL);
    return uri ? uri
               : stox_address_refuse(ret_error, STOX_CONDITION_ITEM_NOT_FOUND,
                                     "The domain has no form that SIP can carry.");
}
