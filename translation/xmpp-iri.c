/* SPDX-License-Identifier: MIT */
#include "translation/xmpp-iri.h"

#include "translation/percent.h"

#include <string.h>

/*
 * RFC 5122 s2.2: nodeallow and resallow beside iunreserved, of which letters beyond ASCII are sent
 * as octets.
 */
#define NODE_RAW     "-._~!$()*+,;="
#define RESOURCE_RAW NODE_RAW "&':"

char *stox_xmpp_iri_from_jid(const StoxJid *jid)
{
    GString *iri = g_string_new("xmpp:");

    if (jid->local) {
        stox_percent_encode(iri, jid->local, NODE_RAW);
        g_string_append_c(iri, '@');
    }
    g_string_append(iri, jid->domain);
    if (jid->resource) {
        g_string_append_c(iri, '/');
        stox_percent_encode(iri, jid->resource, RESOURCE_RAW);
    }
    return g_string_free(iri, FALSE);
}

/* Decodes escapes; everything else stays, an IRI holds UTF-8. NULL for a broken escape. */
static char *decode(const char *text, size_t length)
{
    g_autofree char *copy = g_strndup(text, length);

    return g_uri_unescape_string(copy, NULL);
}

/* A part at a time, so that an escaped separator does not separate. */
bool stox_xmpp_iri_to_jid(const char *iri, StoxJid *ret_jid)
{
    const char *path, *slash, *at;
    size_t length;
    g_autofree char *local = NULL, *resource = NULL, *domain = NULL, *text = NULL;

    if (g_ascii_strncasecmp(iri, "xmpp:", 5) != 0)
        return false;
    path = iri + 5;
    /* An authority names the account to use, not whom to reach (RFC 5122 s2.3). */
    if (g_str_has_prefix(path, "//")) {
        path = strchr(path + 2, '/');
        if (!path)
            return false;
        path++;
    }
    length = strcspn(path, "?#");
    slash = memchr(path, '/', length);
    at = memchr(path, '@', slash ? (size_t) (slash - path) : length);
    if (slash)
        resource = decode(slash + 1, (size_t) (path + length - slash - 1));
    if (at)
        local = decode(path, (size_t) (at - path));
    if ((slash && !resource) || (at && (!local || strpbrk(local, "@/"))))
        return false;
    domain = g_strndup(at ? at + 1 : path,
                       (size_t) ((slash ? slash : path + length) - (at ? at + 1 : path)));
    text = g_strconcat(local ? local : "", at ? "@" : "", domain, slash ? "/" : "",
                       resource ? resource : "", NULL);
    return stox_jid_parse(text, ret_jid, NULL);
}
