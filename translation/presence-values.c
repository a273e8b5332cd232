/* SPDX-License-Identifier: MIT */
#include "translation/presence-document-private.h"

#include "translation/address.h"
#include "translation/xmpp-iri.h"

#include <string.h>

char *stox_presence_text(const char *text, size_t max)
{
    size_t n;

    while (g_ascii_isspace(*text))
        text++;
    n = strlen(text);
    if (n > max)
        for (n = max; n > 0 && ((unsigned char) text[n] & 0xC0) == 0x80; n--)
            ;
    while (n > 0 && g_ascii_isspace(text[n - 1]))
        n--;
    return n > 0 ? g_strndup(text, n) : NULL;
}

int64_t stox_presence_time(const char *text)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, utc) : NULL;

    return time
               ? MAX(0, g_date_time_to_unix(time) * 1000 + g_date_time_get_microsecond(time) / 1000)
               : 0;
}

/* The bare address that `uri` names; NULL for none. Caller frees. */
static char *bare_of(const char *uri)
{
    g_auto(StoxSipResult) unused = {0};
    g_auto(StoxJid) jid = {0};
    g_autofree char *sip = NULL;

    if (!strchr(uri, ':'))
        sip = g_strconcat("sip:", uri, NULL);
    else if (g_ascii_strncasecmp(uri, "sips:", 5) == 0)
        sip = g_strconcat("sip:", uri + 5, NULL);
    if (!stox_address_sip_to_jid(sip ? sip : uri, STOX_URI_IS_FROM, &jid, &unused) &&
        !stox_xmpp_iri_to_jid(uri, &jid))
        return NULL;
    return stox_jid_bare(&jid);
}

bool stox_presence_is_about(const char *entity, const char *about_uri)
{
    g_autofree char *one = NULL, *other = NULL;

    if (!entity || !about_uri)
        return true;
    one = bare_of(entity);
    other = bare_of(about_uri);
    return one && other && strcmp(one, other) == 0;
}
