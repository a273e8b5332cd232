/* SPDX-License-Identifier: MIT */
#include "translation/address-translate.h"

#include "translation/address-private.h"
#include "translation/proxied.h"

#include <string.h>

/* Neither a localpart nor a domain holds a colon outside of brackets, so that a scheme is no JID. */
static bool has_scheme(const char *text)
{
    const char *p = text;

    if (!g_ascii_isalpha(*p))
        return false;
    while (g_ascii_isalnum(*p) || (*p && strchr("+-.", *p)))
        p++;
    return *p == ':';
}

/* they stand in From and To only. */
static StoxUriRole role_of(const char *uri)
{
    bool person =
        g_ascii_strncasecmp(uri, "im:", 3) == 0 || g_ascii_strncasecmp(uri, "pres:", 5) == 0;

    return person ? STOX_URI_IS_FROM : STOX_URI_IS_REQUEST_URI;
}

static StoxTranslated uri_to_jid(const char *uri, const StoxTranslateOptions *options,
                                 char **ret_address, StoxSipResult *ret_failure)
{
    g_auto(StoxJid) jid = {0};
    bool good = options->proxied ? stox_proxied_sip_to_jid(uri, options->proxied, role_of(uri),
                                                           &jid, ret_failure)
                                 : stox_address_sip_to_jid(uri, role_of(uri), &jid, ret_failure);

    if (!good)
        return STOX_TRANSLATE_NO_JID;
    *ret_address = stox_jid_full(&jid);
    return STOX_TRANSLATED;
}

static char *jid_to_uri(const char *text, const StoxTranslateOptions *options, StoxError *ret_error)
{
    const StoxProxiedOptions proxied = {options->default_domain, options->percent_form};
    g_auto(StoxJid) jid = {0};
    const char *why = NULL;

    if (!stox_jid_parse(text, &jid, &why))
        return stox_address_refuse(ret_error, STOX_CONDITION_JID_MALFORMED, why);
    if (!options->proxied)
        return stox_address_jid_to_uri(&jid, options->scheme, true, ret_error);
    if (strcmp(jid.domain, options->proxied) != 0)
        return stox_address_refuse(ret_error, STOX_CONDITION_ITEM_NOT_FOUND,
                                   "This domain is not the gateway's.");
    return stox_proxied_jid_to_uri(&jid, &proxied, options->scheme, true, ret_error);
}

StoxTranslated stox_address_translate(const char *address, const StoxTranslateOptions *options,
                                      char **ret_address, StoxSipResult *ret_failure,
                                      StoxError *ret_error)
{
    static const StoxTranslateOptions plain = {0};
    char *uri;

    if (!options)
        options = &plain;
    if (has_scheme(address))
        return uri_to_jid(address, options, ret_address, ret_failure);
    uri = jid_to_uri(address, options, ret_error);
    if (!uri)
        return STOX_TRANSLATE_NO_URI;
    *ret_address = uri;
    return STOX_TRANSLATED;
}
