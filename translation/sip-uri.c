/* SPDX-License-Identifier: MIT */
#include "translation/sip-uri.h"

#include "translation/domain.h"
#include "translation/error.h"
#include "translation/percent.h"
#include "translation/precis.h"

#include <string.h>

/* RFC 3261 s25.1, beside letters and digits. */
#define MARK         "-_.!~*'()"
#define USER_RAW     MARK "&=+$,;?/"
#define PASSWORD_RAW MARK "&=+$,"
#define PARAM_RAW    MARK "[]/:&+$"
/* Q-04: what im: and pres: URIs show as it is. */
#define IM_USER_RAW "!$*.?_~+=-&'/"

#define ALPHA "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

void stox_sip_uri_clear(StoxSipUri *uri)
{
    g_free(uri->user);
    g_free(uri->spelling);
    g_free(uri->domain);
    g_free(uri->resource);
    memset(uri, 0, sizeof *uri);
}

/* ---- Writing ---- */

char *stox_sip_uri_write_user(StoxUriScheme scheme, const char *user)
{
    GString *out = g_string_new(NULL);

    stox_percent_encode(out, user, scheme == STOX_SCHEME_SIP ? USER_RAW : IM_USER_RAW);
    return g_string_free(out, FALSE);
}

char *stox_sip_uri_join(StoxUriScheme scheme, const char *encoded_user, const char *domain,
                        const char *resource)
{
    static const char *const names[] = {
        [STOX_SCHEME_SIP] = "sip:", [STOX_SCHEME_IM] = "im:", [STOX_SCHEME_PRES] = "pres:"};
    g_autofree char *host = stox_domain_ascii(domain);
    GString *uri;

    if (!host)
        return NULL;
    uri = g_string_new(names[scheme]);
    if (encoded_user)
        g_string_append_printf(uri, "%s@", encoded_user);
    g_string_append(uri, host);
    if (resource && scheme == STOX_SCHEME_SIP) {
        g_string_append(uri, ";gr=");
        stox_percent_encode(uri, resource, PARAM_RAW); /* Q-03 */
    }
    return g_string_free(uri, FALSE);
}

char *stox_sip_uri_write(StoxUriScheme scheme, const char *user, const char *domain,
                         const char *resource)
{
    g_autofree char *encoded = user ? stox_sip_uri_write_user(scheme, user) : NULL;

    return stox_sip_uri_join(scheme, encoded, domain, resource);
}

/* ---- Faults ---- */

bool stox_sip_uri_refuse(StoxUriFault fault, StoxUriRole role, StoxSipResult *ret_failure)
{
    static const unsigned statuses[] = {
        [STOX_URI_SYNTAX] = 400,   [STOX_URI_SCHEME] = 416,          [STOX_URI_SIPS] = 480,
        [STOX_URI_TOO_LONG] = 414, [STOX_URI_NO_SUCH_ADDRESS] = 404,
    };

    stox_sip_result_init(ret_failure, role == STOX_URI_IS_FROM ? 400 : statuses[fault], 0);
    if (role == STOX_URI_IS_FROM)
        ret_failure->reason = g_strdup("From Address Not Usable");
    else if (fault == STOX_URI_SIPS)
        ret_failure->warn_code = 380; /* RFC 5630 s5.1.2 */
    return false;
}

/* ---- Taking apart ---- */

/* Where the parts of a URI begin and how long they are; nothing is decoded. */
typedef struct {
    bool sip;         /* not im: or pres:, which know no password, port or parameter */
    const char *user; /* NULL when there is none */
    size_t user_length;
    bool password;
    const char *host;
    size_t host_length;
    const char *params; /* behind the first semicolon; NULL when there are none */
    size_t params_length;
} UriParts;

static StoxUriFault check_scheme(const char *uri, StoxUriRole role, UriParts *parts,
                                 const char **ret_rest)
{
    size_t length = strspn(uri, ALPHA DIGIT "+-.");
    g_autofree char *scheme = NULL;

    if (!length || uri[length] != ':' || !g_ascii_isalpha(uri[0]))
        return STOX_URI_SYNTAX;
    *ret_rest = uri + length + 1;
    if (length > 4)
        return STOX_URI_SCHEME;
    scheme = g_ascii_strdown(uri, (gssize) length);
    parts->sip = strcmp(scheme, "sip") == 0;
    if (parts->sip)
        return STOX_URI_OK;
    if (strcmp(scheme, "sips") == 0)
        return STOX_URI_SIPS; /* R-05 */
    /* A-39: they name a person, not a place requests can go to. */
    if (role == STOX_URI_IS_FROM && (strcmp(scheme, "im") == 0 || strcmp(scheme, "pres") == 0))
        return STOX_URI_OK;
    return STOX_URI_SCHEME;
}

/* The userinfo before the first @ (A-01): no raw @ is legal elsewhere. */
static StoxUriFault split_user(const char *at, const char *rest, UriParts *parts)
{
    const char *colon = parts->sip ? memchr(rest, ':', (size_t) (at - rest)) : NULL;

    parts->user = rest;
    parts->user_length = (size_t) ((colon ? colon : at) - rest);
    if (!parts->user_length)
        return STOX_URI_SYNTAX;
    if (colon) {
        g_autofree char *password =
            stox_percent_decode(colon + 1, (size_t) (at - colon - 1), PASSWORD_RAW);

        parts->password = true;
        if (!password)
            return STOX_URI_SYNTAX;
    }
    return STOX_URI_OK;
}

/* Digits 1..65535 behind a colon; the port has no form in a JID (A-34). Moves *p behind it. */
static bool skip_port(const char **p)
{
    unsigned port = 0, digits = 0;

    if (**p != ':')
        return true;
    for ((*p)++; g_ascii_isdigit(**p) && digits < 5; (*p)++, digits++)
        port = port * 10 + (unsigned) (**p - '0');
    return port > 0 && port <= 65535;
}

static StoxUriFault split_host(const char *rest, UriParts *parts)
{
    const char *p = rest;

    parts->host = p;
    if (*p == '[') {
        p += strcspn(p, "]");
        if (*p != ']')
            return STOX_URI_SYNTAX;
        p++;
    } else {
        p += strspn(p, ALPHA DIGIT "-."); /* no escapes (A-32) */
    }
    parts->host_length = (size_t) (p - parts->host);
    if (!parts->host_length || (parts->sip && !skip_port(&p)))
        return STOX_URI_SYNTAX;
    if (*p == ';' && parts->sip) {
        parts->params = p + 1;
        parts->params_length = strcspn(p + 1, "?");
        p += 1 + parts->params_length;
    }
    /* Headers are ignored whatever they say (A-35). */
    return *p && *p != '?' ? STOX_URI_SYNTAX : STOX_URI_OK;
}

static StoxUriFault split_uri(const char *uri, StoxUriRole role, UriParts *parts)
{
    const char *rest = uri, *at;
    StoxUriFault fault;

    for (const char *p = uri; *p; p++)
        if (*p <= ' ' ||
            *p >= 0x7F) /* char may be signed: octets beyond ASCII are caught by either */
            return STOX_URI_SYNTAX;
    fault = check_scheme(uri, role, parts, &rest);
    if (fault)
        return fault;
    at = strchr(rest, '@');
    if (at) {
        fault = split_user(at, rest, parts);
        if (fault)
            return fault;
    }
    return split_host(at ? at + 1 : rest, parts);
}

/* ---- Reading the parts ---- */

static bool has_control(const char *text)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (g_unichar_iscntrl(g_utf8_get_char(p)))
            return true;
    return false;
}

/* Decodes to text; NULL for what is none (A-19). */
static char *decode_text(const char *part, size_t length, const char *raw)
{
    g_autofree char *text = stox_percent_decode(part, length, raw);

    if (!text || !g_utf8_validate(text, -1, NULL) || has_control(text))
        return NULL;
    return g_steal_pointer(&text);
}

static StoxUriFault read_user(const UriParts *parts, StoxSipUri *uri)
{
    g_autofree char *user = NULL;

    if (!parts->user)
        return STOX_URI_OK;
    user = decode_text(parts->user, parts->user_length, USER_RAW);
    if (!user)
        return STOX_URI_SYNTAX;
    uri->user = stox_precis_map_width(user);
    uri->spelling = g_strndup(parts->user, parts->user_length);
    uri->password = parts->password;
    return STOX_URI_OK;
}

/* RFC 3261 s25.1 hostname, with toplabels of RFC 1123, or something that looks like IPv4. */
static bool is_host_syntax(const char *host)
{
    g_auto(GStrv) labels = g_strsplit(host, ".", -1);
    unsigned n = g_strv_length(labels);
    bool numbers = true;

    if (n > 1 && !*labels[n - 1]) /* the final dot (A-33) */
        n--;
    for (unsigned i = 0; i < n; i++) {
        size_t length = strlen(labels[i]);

        if (!length || labels[i][0] == '-' || labels[i][length - 1] == '-')
            return false;
        numbers = numbers && length <= 3 && strspn(labels[i], DIGIT) == length;
    }
    return (n == 4 && numbers) || strspn(labels[n - 1], DIGIT) < strlen(labels[n - 1]);
}

static StoxUriFault read_host(const UriParts *parts, StoxSipUri *uri)
{
    g_autofree char *host = NULL;

    if (parts->host_length > STOX_JID_PART_MAX)
        return STOX_URI_TOO_LONG;
    host = g_strndup(parts->host, parts->host_length);
    if (*host != '[' && !is_host_syntax(host))
        return STOX_URI_SYNTAX;
    uri->domain = stox_domain_canonical(host);
    if (uri->domain)
        return STOX_URI_OK;
    return *host == '[' ? STOX_URI_SYNTAX : STOX_URI_NO_SUCH_ADDRESS; /* A-31 */
}

/*
 * The value of the first gr parameter, escapes intact; other parameters only have to be legal
 * (A-35).
 */
static StoxUriFault find_gr(const UriParts *parts, const char **ret_value, size_t *ret_length)
{
    const char *p = parts->params, *end = p ? p + parts->params_length : NULL;

    while (p && p <= end) {
        const char *next = memchr(p, ';', (size_t) (end - p));
        size_t length = (size_t) ((next ? next : end) - p);
        const char *equals = memchr(p, '=', length);
        size_t name_length = equals ? (size_t) (equals - p) : length;
        g_autofree char *name = stox_percent_decode(p, name_length, PARAM_RAW), *value = NULL;

        if (!name || !*name)
            return STOX_URI_SYNTAX;
        if (equals) {
            value = stox_percent_decode(equals + 1, length - name_length - 1, PARAM_RAW);
            if (!value || !*value)
                return STOX_URI_SYNTAX;
        }
        if (value && !*ret_value && g_ascii_strcasecmp(name, "gr") == 0) {
            *ret_value = equals + 1;
            *ret_length = length - name_length - 1;
        }
        p = next ? next + 1 : NULL;
    }
    return STOX_URI_OK;
}

/*
 * A gr without value is a temporary GRUU, one that is no resource is dropped (A-26, T-S56): neither
 * is a fault. One that is no text is (A-19).
 */
static StoxUriFault read_gr(const UriParts *parts, StoxSipUri *uri)
{
    const char *value = NULL;
    size_t length = 0;
    g_autofree char *resource = NULL;
    StoxUriFault fault = find_gr(parts, &value, &length);

    if (fault || !value)
        return fault;
    resource = decode_text(value, length, PARAM_RAW);
    if (!resource)
        return STOX_URI_SYNTAX;
    (void) stox_precis_opaque(resource, &uri->resource);
    return STOX_URI_OK;
}

StoxUriFault stox_sip_uri_read(const char *text, StoxUriRole role, StoxSipUri *ret_uri)
{
    UriParts parts = {0};
    g_auto(StoxSipUri) uri = {0};
    StoxUriFault fault = split_uri(text, role, &parts);

    if (!fault)
        fault = read_gr(&parts, &uri);
    if (!fault)
        fault = read_user(&parts, &uri);
    if (!fault)
        fault = read_host(&parts, &uri);
    if (fault)
        return fault;
    *ret_uri = uri;
    memset(&uri, 0, sizeof uri);
    return STOX_URI_OK;
}
