/* SPDX-License-Identifier: MIT */
/* Addresses of links: which may cross, and what people see of them. */
#include "translation/html-private.h"

#include <string.h>

typedef struct {
    const char *scheme; /* with its colon */
    bool hierarchical;  /* "//host" has to follow */
    bool link;          /* may be written as a link (XEP-0071 s8); else it is shown only */
} Scheme;

static const Scheme schemes[] = {
    {"http:", true, true},   {"https:", true, true}, {"mailto:", false, true},
    {"xmpp:", false, true},  {"ftp:", true, false},  {"sip:", false, false},
    {"sips:", false, false}, {"im:", false, false},  {"tel:", false, false},
};

/* Without the blanks and controls that browsers pass over in front, behind and inside. */
static char *without_blanks(const char *href)
{
    GString *out = g_string_sized_new(strlen(href) + 1);
    const char *end = href + strlen(href);

    while ((unsigned char) *href <= ' ' && *href)
        href++;
    while (end > href && (unsigned char) end[-1] <= ' ')
        end--;
    for (; href < end; href++)
        if (!strchr("\t\n\r", *href))
            g_string_append_c(out, *href);
    return g_string_free(out, FALSE);
}

/* What is no plain visible character, or ends an address in text, is percent-encoded (RFC 3987 s3.1). */
static char *encode(const char *address)
{
    GString *out = g_string_sized_new(strlen(address) + 1);

    for (const char *at = address; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        const char *next = g_utf8_next_char(at);

        if (g_unichar_isgraph(c) && g_unichar_type(c) != G_UNICODE_FORMAT &&
            (c >= 0x80 || !strchr("\"'<>\\^`{|}", (int) c))) {
            g_string_append_len(out, at, next - at);
            continue;
        }
        for (const char *byte = at; byte < next; byte++)
            g_string_append_printf(out, "%%%02X", (unsigned char) *byte);
    }
    return g_string_free(out, FALSE);
}

/* NULL unless the address has a scheme of the table and says something. */
static const Scheme *find_scheme(const char *address)
{
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        const Scheme *scheme = &schemes[i];
        size_t n = strlen(scheme->scheme);

        if (g_ascii_strncasecmp(address, scheme->scheme, n) != 0)
            continue;
        address += n;
        if (!scheme->hierarchical)
            return *address ? scheme : NULL;
        return g_str_has_prefix(address, "//") && address[2] && !strchr("/?#", address[2]) ? scheme
                                                                                           : NULL;
    }
    return NULL;
}

char *stox_html_link(const char *href)
{
    g_autofree char *address = without_blanks(href);
    const Scheme *scheme = find_scheme(address);

    return scheme && scheme->link ? encode(address) : NULL;
}

char *stox_html_link_text(const char *href)
{
    g_autofree char *address = without_blanks(href);

    if (!find_scheme(address))
        return NULL;
    return encode(g_ascii_strncasecmp(address, "mailto:", strlen("mailto:")) == 0
                      ? address + strlen("mailto:")
                      : address);
}

/* Behind what people leave out of an address. */
static const char *skip_scheme(const char *address)
{
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        size_t n = strlen(schemes[i].scheme);

        if (g_ascii_strncasecmp(address, schemes[i].scheme, n) == 0)
            return address + n + (g_str_has_prefix(address + n, "//") ? 2 : 0);
    }
    return address;
}

bool stox_html_link_says(const char *text, const char *address)
{
    size_t n, m;

    while (g_ascii_isspace(*text))
        text++;
    text = skip_scheme(text);
    address = skip_scheme(address);
    for (n = strlen(text); n > 0 && (text[n - 1] == '/' || g_ascii_isspace(text[n - 1])); n--)
        ;
    for (m = strlen(address); m > 0 && address[m - 1] == '/'; m--)
        ;
    return n == m && g_ascii_strncasecmp(text, address, n) == 0;
}
