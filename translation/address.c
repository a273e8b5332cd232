/* SPDX-License-Identifier: MIT */
/* The two algorithms of RFC 7247 s6.4 and s6.5 on the grammar of RFC 3261 s25.1. */
#include "translation/address.h"

#include "translation/domain.h"
#include "translation/error.h"
#include "translation/jid-escape.h"
#include "translation/percent.h"
#include "translation/precis.h"

#include <string.h>

/* RFC 3261 s25.1, beside letters and digits. */
#define MARK         "-_.!~*'()"
#define USER_RAW     MARK "&=+$,;?/"
#define PASSWORD_RAW MARK "&=+$,"
#define PARAM_RAW    MARK "[]/:&+$"

/* ---- JID -> SIP URI ---- */

static void append_user(GString *uri, const char *local)
{
    g_autofree char *user = stox_jid_unescape(local);

    stox_percent_encode(uri, user, USER_RAW);
    g_string_append_c(uri, '@');
}

static char *unmappable(StoxError *error, StoxCondition condition, const char *why)
{
    memset(error, 0, sizeof *error);
    error->condition = condition;
    error->type = stox_condition_default_type(condition);
    error->text = g_strdup(why);
    return NULL;
}

char *stox_address_jid_to_sip(const StoxJid *jid, bool with_gr, StoxError *ret_error)
{
    g_autofree char *host = stox_domain_ascii(jid->domain);
    GString *uri = NULL;

    if (!host)
        return unmappable(ret_error, STOX_CONDITION_ITEM_NOT_FOUND,
                          "The domain has no form that SIP can carry.");
    uri = g_string_new("sip:");
    if (jid->local)
        append_user(uri, jid->local);
    g_string_append(uri, host);
    if (with_gr && jid->resource) {
        g_string_append(uri, ";gr=");
        stox_percent_encode(uri, jid->resource, PARAM_RAW); /* */
    }
    return g_string_free(uri, FALSE);
}

char *stox_address_jid_text_to_sip(const char *jid, bool with_gr, StoxError *ret_error)
{
    g_auto(StoxJid) parsed = {0};
    const char *why = NULL;

    if (!stox_jid_parse(jid, &parsed, &why))
        return unmappable(ret_error, STOX_CONDITION_JID_MALFORMED, why);
    return stox_address_jid_to_sip(&parsed, with_gr, ret_error);
}

/* ---- SIP URI -> JID ---- */

/* Why a URI has no JID. */
typedef enum {
    FAULT_NONE,
    FAULT_SYNTAX,
    FAULT_SCHEME,
    FAULT_SIPS,
    FAULT_TOO_LONG,
    FAULT_NO_SUCH_ADDRESS
} Fault;

/* */
static bool fail(Fault fault, StoxUriRole role, StoxSipResult *ret_failure)
{
    static const unsigned statuses[] = {
        [FAULT_SYNTAX] = 400,   [FAULT_SCHEME] = 416,          [FAULT_SIPS] = 480,
        [FAULT_TOO_LONG] = 414, [FAULT_NO_SUCH_ADDRESS] = 404,
    };

    stox_sip_result_init(ret_failure, role == STOX_URI_IS_FROM ? 400 : statuses[fault], 0);
    if (role == STOX_URI_IS_FROM)
        ret_failure->reason = g_strdup("From Address Not Usable");
    else if (fault == FAULT_SIPS)
        ret_failure->warn_code = 380; /* RFC 5630 s5.1.2 */
    return false;
}

/* Where the parts of a URI begin and how long they are; nothing is decoded. */
typedef struct {
    const char *user; /* NULL when there is none */
    size_t user_length;
    bool password;
    const char *host;
    size_t host_length;
    const char *params; /* behind the first semicolon; NULL when there are none */
    size_t params_length;
} UriParts;

static Fault check_scheme(const char *uri, StoxUriRole role, const char **ret_rest)
{
    size_t length =
        strspn(uri, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    g_autofree char *scheme = NULL;

    if (!length || uri[length] != ':' || !g_ascii_isalpha(uri[0]))
        return FAULT_SYNTAX;
    *ret_rest = uri + length + 1;
    if (length > 4)
        return FAULT_SCHEME;
    scheme = g_ascii_strdown(uri, (gssize) length);
    if (strcmp(scheme, "sip") == 0)
        return FAULT_NONE;
    if (strcmp(scheme, "sips") == 0)
        return FAULT_SIPS; /* */
    /* they name a person, not a place requests can go to. */
    if (role == STOX_URI_IS_FROM && (strcmp(scheme, "im") == 0 || strcmp(scheme, "pres") == 0))
        return FAULT_NONE;
    return FAULT_SCHEME;
}

/* The userinfo before the first @: no raw @ is legal elsewhere. */
static Fault split_user(const char *at, const char *rest, UriParts *parts)
{
    const char *colon = memchr(rest, ':', (size_t) (at - rest));

    parts->user = rest;
    parts->user_length = (size_t) ((colon ? colon : at) - rest);
    if (!parts->user_length)
        return FAULT_SYNTAX;
    if (colon) {
        g_autofree char *password =
            stox_percent_decode(colon + 1, (size_t) (at - colon - 1), PASSWORD_RAW);

        parts->password = true;
        if (!password)
            return FAULT_SYNTAX;
    }
    return FAULT_NONE;
}

/* Digits 1..65535 behind a colon; the port has no form in a JID. Moves *p behind it. */
static bool skip_port(const char **p)
{
    unsigned port = 0, digits = 0;

    if (**p != ':')
        return true;
    for ((*p)++; g_ascii_isdigit(**p) && digits < 5; (*p)++, digits++)
        port = port * 10 + (unsigned) (**p - '0');
    return port > 0 && port <= 65535;
}

static Fault split_host(const char *rest, UriParts *parts)
{
    const char *p = rest;

    parts->host = p;
    if (*p == '[') {
        p += strcspn(p, "]");
        if (*p != ']')
            return FAULT_SYNTAX;
        p++;
    } else {
        p += strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
    }
    parts->host_length = (size_t) (p - parts->host);
    if (!parts->host_length || !skip_port(&p))
        return FAULT_SYNTAX;
    if (*p == ';') {
        parts->params = p + 1;
        parts->params_length = strcspn(p + 1, "?");
        p += 1 + parts->params_length;
    }
    /* Headers are ignored whatever they say. */
    return *p && *p != '?' ? FAULT_SYNTAX : FAULT_NONE;
}

static Fault split_uri(const char *uri, StoxUriRole role, UriParts *parts)
{
    const char *rest = uri, *at;
    Fault fault;

    for (const char *p = uri; *p; p++)
        if (*p <= ' ' ||
            *p >= 0x7F) /* char may be signed: octets beyond ASCII are caught by either */
            return FAULT_SYNTAX;
    fault = check_scheme(uri, role, &rest);
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

/* What PRECIS finds, for the SIP side. */
static Fault fault_of_precis(StoxPrecisFault fault)
{
    switch (fault) {
    case STOX_PRECIS_OK:
        return FAULT_NONE;
    case STOX_PRECIS_EMPTY:
    case STOX_PRECIS_NOT_UTF8:
    case STOX_PRECIS_CONTROL:
        return FAULT_SYNTAX; /* */
    case STOX_PRECIS_TOO_LONG:
        return FAULT_TOO_LONG;
    case STOX_PRECIS_DISALLOWED:
    default:
        return FAULT_NO_SUCH_ADDRESS;
    }
}

/*
 * Decode, map width, escape, enforce: in this order. A full-width ampersand is escaped
 * like the ordinary one it becomes.
 */
static Fault map_user(const UriParts *parts, char **ret_local)
{
    g_autofree char *user = NULL, *mapped = NULL, *local = NULL;

    user = stox_percent_decode(parts->user, parts->user_length, USER_RAW);
    if (!user || !g_utf8_validate(user, -1, NULL))
        return FAULT_SYNTAX;
    for (const char *p = user; *p; p = g_utf8_next_char(p))
        if (g_unichar_iscntrl(g_utf8_get_char(p)))
            return FAULT_SYNTAX;
    mapped = stox_precis_map_width(user);
    local = stox_jid_escape(mapped);
    if (!local)
        return FAULT_NO_SUCH_ADDRESS;
    return fault_of_precis(stox_precis_username(local, ret_local));
}

static Fault map_host(const UriParts *parts, char **ret_domain)
{
    g_autofree char *host = NULL;

    if (parts->host_length > STOX_JID_PART_MAX)
        return FAULT_TOO_LONG;
    host = g_strndup(parts->host, parts->host_length);
    *ret_domain = stox_domain_canonical(host);
    return *ret_domain ? FAULT_NONE : FAULT_NO_SUCH_ADDRESS;
}

/*
 * The value of the first gr parameter, escapes intact; other parameters only have to be legal
 * (A-35).
 */
static Fault find_gr(const UriParts *parts, const char **ret_value, size_t *ret_length)
{
    const char *p = parts->params, *end = p ? p + parts->params_length : NULL;

    while (p && p <= end) {
        const char *next = memchr(p, ';', (size_t) (end - p));
        size_t length = (size_t) ((next ? next : end) - p);
        const char *equals = memchr(p, '=', length);
        size_t name_length = equals ? (size_t) (equals - p) : length;
        g_autofree char *name = stox_percent_decode(p, name_length, PARAM_RAW), *value = NULL;

        if (!name || !*name)
            return FAULT_SYNTAX;
        if (equals) {
            value = stox_percent_decode(equals + 1, length - name_length - 1, PARAM_RAW);
            if (!value || !*value)
                return FAULT_SYNTAX;
        }
        if (value && !*ret_value && g_ascii_strcasecmp(name, "gr") == 0) {
            *ret_value = equals + 1;
            *ret_length = length - name_length - 1;
        }
        p = next ? next + 1 : NULL;
    }
    return FAULT_NONE;
}

/*
 * A gr without value is a temporary GRUU, one that is no resource is dropped (A-26, T-S56): neither
 * is a failure.
 */
static Fault map_gr(const UriParts *parts, char **ret_resource)
{
    const char *value = NULL;
    size_t length = 0;
    g_autofree char *resource = NULL;
    Fault fault = find_gr(parts, &value, &length);

    if (fault || !value)
        return fault;
    resource = stox_percent_decode(value, length, PARAM_RAW);
    if (!g_utf8_validate(resource, -1, NULL))
        return FAULT_SYNTAX; /* */
    (void) stox_precis_opaque(resource, ret_resource);
    return FAULT_NONE;
}

static Fault map_uri(const char *uri, StoxUriRole role, StoxJid *jid)
{
    UriParts parts = {0};
    Fault fault = split_uri(uri, role, &parts);

    if (!fault)
        fault = map_gr(&parts, &jid->resource);
    if (!fault && parts.user)
        fault = map_user(&parts, &jid->local);
    if (!fault)
        fault = map_host(&parts, &jid->domain);
    /* nobody may be asked for by password; a sender who shows his is still himself. */
    if (!fault && parts.password && role == STOX_URI_IS_REQUEST_URI)
        fault = FAULT_NO_SUCH_ADDRESS;
    return fault;
}

bool stox_address_sip_to_jid(const char *uri, StoxUriRole role, StoxJid *ret_jid,
                             StoxSipResult *ret_failure)
{
    g_auto(StoxJid) jid = {0};
    Fault fault = map_uri(uri, role, &jid);

    if (fault)
        return fail(fault, role, ret_failure);
    *ret_jid = jid;
    memset(&jid, 0, sizeof jid);
    return true;
}
