/* SPDX-License-Identifier: MIT */
#include "translation/domain.h"

#include "translation/precis.h"

#include <idn2.h>

#include <string.h>

#define MAX_ASCII_DOMAIN 253 /* RFC 1035 s2.3.4, less the length octets */
#define MAX_LABEL        63

/* ---- Address literals (RFC 3986 s3.2.2) ---- */

/*
 * "[...]" in lower case, NULL when it holds no IPv6 address. Zones have no meaning on another
 * machine.
 */
static char *canonical_ipv6(const char *text, size_t length)
{
    g_autofree char *address = NULL;

    if (length < 4 || length > 64 || text[length - 1] != ']' || memchr(text, '%', length))
        return NULL;
    address = g_strndup(text + 1, length - 2);
    if (!strchr(address, ':') || !g_hostname_is_ip_address(address))
        return NULL;
    return g_ascii_strdown(text, (gssize) length);
}

static bool is_ipv4(const char *text)
{
    return !strchr(text, ':') && g_hostname_is_ip_address(text);
}

/* ---- Names ---- */

/*
 * Letters, digits and inner hyphens in labels of 1..63, not ending in a number (RFC 1123 s2.1; RFC
 * 3261 toplabel).
 */
static bool is_ascii_name(const char *text)
{
    size_t length = strnlen(text, MAX_ASCII_DOMAIN + 1), label = 0;
    bool number = true;

    if (length > MAX_ASCII_DOMAIN)
        return false;
    for (size_t i = 0; i <= length; i++) {
        char c = text[i];

        if (c == '.' || !c) {
            if (!label || label > MAX_LABEL || text[i - 1] == '-')
                return false;
            if (!c)
                return !number;
            label = 0;
            number = true;
            continue;
        }
        if (!g_ascii_isalnum(c) && (c != '-' || !label))
            return false;
        number = number && g_ascii_isdigit(c);
        label++;
    }
    return false;
}

/* U-labels or A-labels to A-labels; NULL when IDNA2008 refuses. */
static char *to_ascii(const char *text)
{
    uint8_t *ascii = NULL;
    char *copy = NULL;

    if (idn2_lookup_u8((const uint8_t *) text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) !=
        IDN2_OK)
        return NULL;
    if (is_ascii_name((const char *) ascii))
        copy = g_ascii_strdown((const char *) ascii, -1);
    idn2_free(ascii);
    return copy;
}

static char *to_unicode(const char *ascii)
{
    char *text = NULL, *copy = NULL;

    if (idn2_to_unicode_8z8z(ascii, &text, 0) != IDN2_OK)
        return NULL;
    if (strlen(text) <= STOX_JID_PART_MAX)
        copy = g_strdup(text);
    idn2_free(text);
    return copy;
}

static bool has_a_label(const char *ascii)
{
    for (const char *label = ascii; label; label = strchr(label, '.')) {
        if (*label == '.')
            label++;
        if (g_ascii_strncasecmp(label, "xn--", 4) == 0)
            return true;
    }
    return false;
}

/*
 * Through A-labels and back: what comes out is what every other spelling of the name comes out as
 * (A-31).
 */
static char *canonical_international(const char *text)
{
    g_autofree char *ascii = to_ascii(text), *canonical = NULL, *again = NULL;

    if (!ascii)
        return NULL;
    canonical = to_unicode(ascii);
    again = canonical ? to_ascii(canonical) : NULL;
    /* An A-label that stays one is no label of any text. */
    if (!again || strcmp(ascii, again) != 0 || has_a_label(canonical))
        return NULL;
    return g_steal_pointer(&canonical);
}

char *stox_domain_canonical(const char *domain)
{
    size_t length = strnlen(domain, 4 * STOX_JID_PART_MAX + 1);
    g_autofree char *name = NULL;

    if (!length || length > 4 * STOX_JID_PART_MAX ||
        !g_utf8_validate(domain, (gssize) length, NULL))
        return NULL;
    if (domain[0] == '[')
        return canonical_ipv6(domain, length);
    /* before anything else. */
    if (domain[length - 1] == '.')
        length--;
    name = g_strndup(domain, length);
    if (is_ipv4(name))
        return g_steal_pointer(&name);
    if (g_str_is_ascii(name) && !has_a_label(name))
        return is_ascii_name(name) ? g_ascii_strdown(name, -1) : NULL;
    return canonical_international(name);
}

char *stox_domain_ascii(const char *canonical_domain)
{
    if (g_str_is_ascii(canonical_domain))
        return g_strdup(canonical_domain);
    return to_ascii(canonical_domain);
}
