/* SPDX-License-Identifier: MIT */
#include "sip/message.h"

#include <string.h>

/* Behind a quoted string that starts at `p`; NULL when it does not end. */
static const char *skip_quoted(const char *p)
{
    for (p++; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '"')
            return p + 1;
    }
    return NULL;
}

char *stox_sip_value_uri(const char *header_value)
{
    const char *p = header_value, *end;

    while (*p == ' ' || *p == '\t')
        p++;
    for (const char *q = p; *q && *q != ',';) {
        if (*q == '"') {
            q = skip_quoted(q);
            if (!q)
                return NULL;
        } else if (*q == '<') {
            for (q++; *q == ' ' || *q == '\t'; q++) {
            }
            end = strchr(q, '>');
            while (end && end > q && (end[-1] == ' ' || end[-1] == '\t'))
                end--;
            if (!end || end == q)
                return NULL;
            for (const char *c = q; c < end; c++) {
                if ((unsigned char) *c <= ' ' || *c == '<' || *c == '"')
                    return NULL;
            }
            return g_strndup(q, (size_t) (end - q));
        } else {
            q++;
        }
    }
    /* addr-spec: what follows a semicolon belongs to the header (RFC 3261 s20.10). */
    end = p + strcspn(p, ";, \t\"<>");
    if (!memchr(p, ':', (size_t) (end - p)))
        return NULL;
    return g_strndup(p, (size_t) (end - p));
}

/* Where the host starts; NULL when it is no sip(s) URI. */
static const char *host_part(const char *uri)
{
    const char *p, *at;

    if (g_ascii_strncasecmp(uri, "sip:", 4) == 0)
        p = uri + 4;
    else if (g_ascii_strncasecmp(uri, "sips:", 5) == 0)
        p = uri + 5;
    else
        return NULL;
    at = strchr(p, '@');
    return at ? at + 1 : p;
}

char *stox_sip_uri_param(const char *uri, const char *name)
{
    const char *p = host_part(uri);
    size_t n = strlen(name);

    if (!p)
        return NULL;
    p += strcspn(p, ";?");
    while (*p == ';') {
        size_t length = strcspn(++p, ";?"), key = strcspn(p, "=;?");

        if (key == n && g_ascii_strncasecmp(p, name, n) == 0) {
            g_autofree char *value =
                key < length ? g_strndup(p + key + 1, length - key - 1) : g_strdup("");
            char *decoded = g_uri_unescape_string(value, NULL);

            return decoded ? decoded : g_steal_pointer(&value);
        }
        p += length;
    }
    return NULL;
}

static bool host_is_sound(const char *host, size_t n, bool literal)
{
    for (size_t i = 0; i < n; i++) {
        bool ok = literal ? g_ascii_isxdigit(host[i]) || host[i] == ':' || host[i] == '.'
                          : g_ascii_isalnum(host[i]) || host[i] == '-' || host[i] == '.' ||
                                host[i] == '_';

        if (!ok)
            return false;
    }
    return n > 0;
}

/* The grammar of RFC 3261 makes three colons of two before an IPv4 part (RFC 5118 s4.10, RFC 5954). Takes `host`. */
static char *mended(char *host)
{
    char *colons = strstr(host, ":::");

    if (colons)
        memmove(colons, colons + 1, strlen(colons));
    return host;
}

bool stox_sip_uri_host(const char *uri, char **ret_host, unsigned *ret_port)
{
    const char *host = host_part(uri), *end;
    bool literal = host && *host == '[';
    unsigned port = 0;
    char *maddr;
    size_t n;

    if (!host)
        return false;
    if (literal)
        host++;
    n = strcspn(host, literal ? "]" : ":;?");
    if (!host_is_sound(host, n, literal) || (literal && host[n] != ']'))
        return false;
    end = host + n + literal;
    if (*end == ':') {
        for (end++; g_ascii_isdigit(*end) && port <= 65535; end++)
            port = port * 10 + (unsigned) (*end - '0');
        if (port == 0 || port > 65535)
            return false;
    }
    if (*end && *end != ';' && *end != '?')
        return false;
    maddr = stox_sip_uri_param(uri, "maddr");
    if (maddr && maddr[0] == '[' && maddr[strlen(maddr) - 1] == ']') {
        maddr[strlen(maddr) - 1] = '\0';
        memmove(maddr, maddr + 1, strlen(maddr));
    }
    if (maddr && !host_is_sound(maddr, strlen(maddr), strchr(maddr, ':') != NULL)) {
        g_free(maddr);
        return false;
    }
    *ret_host = mended(maddr ? maddr : g_strndup(host, n));
    *ret_port = port;
    return true;
}

bool stox_sip_list_has(const char *list, const char *token)
{
    size_t n = strlen(token);

    for (const char *p = list; p && *p;) {
        size_t length;

        p += strspn(p, ", \t");
        length = strcspn(p, ", \t;");
        if (length == n && g_ascii_strncasecmp(p, token, n) == 0)
            return true;
        p += strcspn(p, ",");
    }
    return false;
}
