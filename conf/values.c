/* SPDX-License-Identifier: MIT */
#include "conf/values.h"

#include <arpa/inet.h>
#include <string.h>

static bool fail(const char **ret_why, const char *why)
{
    if (ret_why)
        *ret_why = why;
    return false;
}

/* Digits into a number, the rest into *ret_rest. False: no digit, or more than 64 bits hold. */
static bool read_digits(const char *text, uint64_t *ret_number, const char **ret_rest)
{
    uint64_t number = 0;

    if (!g_ascii_isdigit(*text))
        return false;
    for (; g_ascii_isdigit(*text); text++) {
        if (!g_uint64_checked_mul(&number, number, 10) ||
            !g_uint64_checked_add(&number, number, (uint64_t) (*text - '0')))
            return false;
    }
    *ret_number = number;
    *ret_rest = text;
    return true;
}

bool stox_value_duration(const char *text, uint64_t *ret_seconds, const char **ret_why)
{
    static const char why[] = "is not a duration: write seconds (90), or a number with s, m, h or "
                              "d right behind it (8h)";
    uint64_t number, unit;
    const char *rest;

    if (!read_digits(text, &number, &rest))
        return fail(ret_why, why);
    if (!*rest || g_str_equal(rest, "s"))
        unit = 1;
    else if (g_str_equal(rest, "m"))
        unit = 60;
    else if (g_str_equal(rest, "h"))
        unit = 3600;
    else if (g_str_equal(rest, "d"))
        unit = 86400;
    else
        return fail(ret_why, why);
    if (!g_uint64_checked_mul(&number, number, unit))
        return fail(ret_why, "is too large");
    *ret_seconds = number;
    return true;
}

bool stox_value_size(const char *text, uint64_t *ret_bytes, const char **ret_why)
{
    static const char units[] = "kmg";
    static const char why[] = "is not a size: write bytes (262144), or a number with K, M or G "
                              "right behind it (256K)";
    const char *rest, *unit;
    uint64_t number;

    if (!read_digits(text, &number, &rest))
        return fail(ret_why, why);
    if (*rest) {
        unit = strchr(units, g_ascii_tolower(*rest));
        if (!unit || (rest[1] && g_ascii_strcasecmp(rest + 1, "ib") != 0))
            return fail(ret_why, why);
        for (const char *u = units; u <= unit; u++)
            if (!g_uint64_checked_mul(&number, number, 1024))
                return fail(ret_why, "is too large");
    }
    *ret_bytes = number;
    return true;
}

bool stox_value_count(const char *text, uint64_t *ret_count, const char **ret_why)
{
    const char *rest;
    uint64_t number;

    if (!read_digits(text, &number, &rest) || *rest)
        return fail(ret_why, "is not a number");
    *ret_count = number;
    return true;
}

bool stox_value_boolean(const char *text, bool *ret_value, const char **ret_why)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_ascii_strcasecmp(text, words[i]) == 0) {
            *ret_value = i % 2 == 1;
            return true;
        }
    }
    return fail(ret_why, "is neither true, yes, on nor false, no, off");
}

GStrv stox_value_list(const char *text)
{
    static const char separators[] = ";, \t\r\n";
    g_autoptr(GPtrArray) parts = g_ptr_array_new();

    while (*text) {
        size_t n = strcspn(text, separators);

        if (n > 0)
            g_ptr_array_add(parts, g_strndup(text, n));
        text += n;
        text += strspn(text, separators);
    }
    g_ptr_array_add(parts, NULL);
    return (GStrv) g_ptr_array_free(g_steal_pointer(&parts), FALSE);
}

/* Equal but for case and hyphens. */
static bool same_name(const char *a, const char *b)
{
    for (;;) {
        a += strspn(a, "-");
        b += strspn(b, "-");
        if (g_ascii_tolower(*a) != g_ascii_tolower(*b))
            return false;
        if (!*a)
            return true;
        a++;
        b++;
    }
}

int stox_value_choice(const char *text, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (same_name(text, names[i]))
            return i;
    return -1;
}

void stox_endpoint_clear(StoxEndpoint *endpoint)
{
    g_clear_pointer(&endpoint->host, g_free);
}

static bool is_ipv6(const char *text)
{
    g_autofree char *address = NULL;
    struct in6_addr bytes;
    const char *zone = strchr(text, '%');

    if (zone && !zone[1])
        return false;
    address = zone ? g_strndup(text, (size_t) (zone - text)) : g_strdup(text);
    return inet_pton(AF_INET6, address, &bytes) == 1;
}

static bool is_ipv4(const char *text)
{
    struct in_addr bytes;

    return inet_pton(AF_INET, text, &bytes) == 1;
}

bool stox_value_is_literal(const char *text)
{
    return is_ipv4(text) || is_ipv6(text);
}

/* RFC 1123 s2.1; the underscore is no letter of host names, but container networks make names with it. */
static const char *why_not_name(const char *text, size_t length)
{
    size_t label = 0, start = 0;

    if (length == 0)
        return "has no host";
    if (length > 253)
        return "has a host name longer than 253 characters";
    for (size_t i = 0; i <= length; i++) {
        if (i == length || text[i] == '.') {
            if (label == 0 || label > 63 || text[i - 1] == '-' || text[start] == '-')
                return "has a host name with an impossible label between its dots";
            if (i < length)
                start = i + 1;
            label = 0;
            continue;
        }
        if ((unsigned char) text[i] >= 0x80)
            return "has a host name with letters beyond ASCII; write it in its xn-- form";
        if (!g_ascii_isalnum(text[i]) && text[i] != '-' && text[i] != '_')
            return "has a character that no host name contains";
        label++;
    }
    /* A top label of digits alone does not exist (RFC 3696 s2): it is a mistyped address or port. */
    if (strspn(text + start, "0123456789") == length - start)
        return "is neither a host name nor a complete IP address";
    return NULL;
}

bool stox_value_host(const char *text, StoxEndpoint *ret_host, const char **ret_why)
{
    size_t length = strlen(text);
    g_autofree char *bare = NULL;
    const char *why;
    bool literal;

    if (length > 1 && text[0] == '[' && text[length - 1] == ']') {
        bare = g_strndup(text + 1, length - 2);
        if (!is_ipv6(bare))
            return fail(ret_why, "has no IPv6 address between [ and ]");
    } else {
        bare = g_strdup(text);
    }
    literal = stox_value_is_literal(bare);
    if (!literal) {
        if (length > 1 && bare[length - 1] == '.')
            bare[--length] = '\0';
        why = why_not_name(bare, length);
        if (why)
            return fail(ret_why, why);
    }
    ret_host->host = g_ascii_strdown(bare, -1);
    ret_host->literal = literal;
    ret_host->port = 0;
    return true;
}

/* Splits "host:port" at the colon that belongs to the port; *ret_port points behind it, NULL without one. */
static bool split_port(const char *text, char **ret_host, const char **ret_port,
                       const char **ret_why)
{
    const char *colon = strchr(text, ':');

    if (*text == '[') {
        const char *close = strchr(text, ']');

        if (!close || (close[1] && close[1] != ':'))
            return fail(ret_why, "is not of the form [IPv6 address]:port");
        colon = close[1] ? close + 1 : NULL;
    } else if (colon && strchr(colon + 1, ':')) {
        return fail(ret_why, is_ipv6(text)
                                 ? "has an IPv6 address without brackets; write [address]:port"
                                 : "has more than one colon; write host:port or [IPv6]:port");
    }
    *ret_host = colon ? g_strndup(text, (size_t) (colon - text)) : g_strdup(text);
    *ret_port = colon ? colon + 1 : NULL;
    return true;
}

bool stox_value_endpoint(const char *text, StoxEndpoint *ret_endpoint, const char **ret_why)
{
    g_auto(StoxEndpoint) endpoint = {0};
    g_autofree char *host = NULL;
    const char *port, *rest;
    uint64_t number = 0;

    if (!split_port(text, &host, &port, ret_why))
        return false;
    if (port && (!read_digits(port, &number, &rest) || *rest || number < 1 || number > 65535))
        return fail(ret_why, "has no port from 1 to 65535 behind the colon");
    if (!stox_value_host(host, &endpoint, ret_why))
        return false;
    endpoint.port = (unsigned) number;
    *ret_endpoint = endpoint;
    endpoint.host = NULL;
    return true;
}

bool stox_value_transport(const char *text, StoxTransportKind *ret_kind, StoxEndpoint *ret_endpoint,
                          const char **ret_why)
{
    StoxTransportKind kind = STOX_TRANSPORT_TLS;

    for (unsigned i = 0; i < STOX_TRANSPORT_KINDS; i++) {
        if (g_ascii_strncasecmp(text, stox_transport_name(i), 3) == 0 && text[3] == ':') {
            kind = i;
            text += 4;
            break;
        }
    }
    if (g_ascii_strncasecmp(text, "sip:", 4) == 0 || g_ascii_strncasecmp(text, "sips:", 5) == 0)
        return fail(ret_why, "is a URI; write tls:host:port, tcp:host:port or udp:host:port");
    if (!stox_value_endpoint(text, ret_endpoint, ret_why))
        return false;
    *ret_kind = kind;
    return true;
}

unsigned stox_value_default_port(StoxTransportKind kind)
{
    return kind == STOX_TRANSPORT_TLS ? 5061 : 5060;
}
