/* SPDX-License-Identifier: MIT */
/* The two algorithms of RFC 7247 s6.4 and s6.5, where the XMPP domain is the SIP domain (mode T). */
#include "translation/address-private.h"

#include "translation/error.h"
#include "translation/jid-escape.h"

#include <string.h>

/* ---- JID -> URI ---- */

char *stox_address_refuse(StoxError *ret_error, StoxCondition condition, const char *why)
{
    memset(ret_error, 0, sizeof *ret_error);
    ret_error->condition = condition;
    ret_error->type = stox_condition_default_type(condition);
    ret_error->text = g_strdup(why);
    return NULL;
}

char *stox_address_jid_to_uri(const StoxJid *jid, StoxUriScheme scheme, bool with_gr,
                              StoxError *ret_error)
{
    g_autofree char *user = jid->local ? stox_jid_unescape(jid->local) : NULL;
    char *uri = stox_sip_uri_write(scheme, user, jid->domain, with_gr ? jid->resource : NULL);

    return uri ? uri
               : stox_address_refuse(ret_error, STOX_CONDITION_ITEM_NOT_FOUND,
                                     "The domain has no form that SIP can carry.");
}

char *stox_address_jid_to_sip(const StoxJid *jid, bool with_gr, StoxError *ret_error)
{
    return stox_address_jid_to_uri(jid, STOX_SCHEME_SIP, with_gr, ret_error);
}

char *stox_address_jid_text_to_sip(const char *jid, bool with_gr, StoxError *ret_error)
{
    g_auto(StoxJid) parsed = {0};
    const char *why = NULL;

    if (!stox_jid_parse(jid, &parsed, &why))
        return stox_address_refuse(ret_error, STOX_CONDITION_JID_MALFORMED, why);
    return stox_address_jid_to_sip(&parsed, with_gr, ret_error);
}

/* ---- URI -> JID ---- */

/* What PRECIS finds, for the SIP side. */
static StoxUriFault fault_of_precis(StoxPrecisFault fault)
{
    switch (fault) {
    case STOX_PRECIS_OK:
        return STOX_URI_OK;
    case STOX_PRECIS_EMPTY:
    case STOX_PRECIS_NOT_UTF8:
    case STOX_PRECIS_CONTROL:
        return STOX_URI_SYNTAX; /* */
    case STOX_PRECIS_TOO_LONG:
        return STOX_URI_TOO_LONG;
    case STOX_PRECIS_DISALLOWED:
    default:
        return STOX_URI_NO_SUCH_ADDRESS;
    }
}

/* Decoding and widths are behind us: a full-width ampersand is escaped like the ordinary one it became. */
StoxUriFault stox_address_local_from_text(const char *text, char **ret_local)
{
    g_autofree char *local = stox_jid_escape(text);

    if (!local)
        return STOX_URI_NO_SUCH_ADDRESS;
    return fault_of_precis(stox_precis_username(local, ret_local));
}

/* nobody may be asked for by password; a sender who shows his is still himself. */
StoxUriFault stox_address_check_password(const StoxSipUri *uri, StoxUriRole role)
{
    return uri->password && role == STOX_URI_IS_REQUEST_URI ? STOX_URI_NO_SUCH_ADDRESS
                                                            : STOX_URI_OK;
}

bool stox_address_parts_to_jid(StoxSipUri *uri, StoxUriRole role, StoxJid *ret_jid,
                               StoxSipResult *ret_failure)
{
    g_autofree char *local = NULL;
    StoxUriFault fault = uri->user ? stox_address_local_from_text(uri->user, &local) : STOX_URI_OK;

    if (!fault)
        fault = stox_address_check_password(uri, role);
    if (fault)
        return stox_sip_uri_refuse(fault, role, ret_failure);
    ret_jid->local = g_steal_pointer(&local);
    ret_jid->domain = g_steal_pointer(&uri->domain);
    ret_jid->resource = g_steal_pointer(&uri->resource);
    return true;
}

bool stox_address_sip_to_jid(const char *uri, StoxUriRole role, StoxJid *ret_jid,
                             StoxSipResult *ret_failure)
{
    g_auto(StoxSipUri) parts = {0};
    StoxUriFault fault = stox_sip_uri_read(uri, role, &parts);

    if (fault)
        return stox_sip_uri_refuse(fault, role, ret_failure);
    return stox_address_parts_to_jid(&parts, role, ret_jid, ret_failure);
}
