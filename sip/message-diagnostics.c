/* SPDX-License-Identifier: MIT */
/* What a response says about its reasons: the diagnostics headers of Lync (lync.md 4.9) and Warning (RFC 3261 s20.43). */
#include "sip/message-private.h"

#include <string.h>

/* Nothing longer reaches anybody. */
enum { MAX_TEXT = 400, MAX_WARNINGS = 4, MAX_ID_DIGITS = 9 };

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

/* At an opening quote: the text inside, escapes undone, and behind the closing quote, which may be missing. Caller frees. */
static char *take_quoted(const char **at)
{
    GString *out = g_string_new(NULL);
    const char *p = *at + 1;

    for (; *p && *p != '"'; p++) {
        if (*p == '\\' && p[1])
            p++;
        if (out->len < MAX_TEXT)
            g_string_append_c(out, *p);
    }
    *at = *p ? p + 1 : p;
    return g_string_free(out, FALSE);
}

/* A parameter's value, quoted or not. Caller frees. */
static char *take_value(const char **at)
{
    const char *p = skip_blanks(*at);
    size_t n;

    if (*p == '"') {
        *at = p;
        return take_quoted(at);
    }
    n = strcspn(p, ";");
    *at = p + n;
    return g_strchomp(g_strndup(p, MIN(n, (size_t) MAX_TEXT)));
}

void stox_sip_read_diagnostics(const char *value, unsigned *ret_id, char **ret_reason)
{
    const char *p = skip_blanks(value);
    size_t digits = strspn(p, "0123456789");
    const char *behind = skip_blanks(p + digits);

    *ret_reason = NULL;
    *ret_id = 0;
    if (digits > 0 && digits <= MAX_ID_DIGITS && (*behind == ';' || *behind == '\0'))
        *ret_id = (unsigned) g_ascii_strtoull(p, NULL, 10);
    for (p += strcspn(p, ";"); *p == ';'; p += strcspn(p, ";")) {
        const char *name = skip_blanks(p + 1);
        size_t n = strcspn(name, "=; \t");

        p = skip_blanks(name + n);
        if (*p != '=')
            continue;
        p++;
        if (n == strlen("reason") && g_ascii_strncasecmp(name, "reason", n) == 0 && !*ret_reason) {
            *ret_reason = take_value(&p);
        } else {
            g_autofree char *other = take_value(&p);
        }
    }
}

char *stox_sip_read_warnings(char *const *values)
{
    GString *out = g_string_new(NULL);
    unsigned n = 0;

    for (unsigned i = 0; values[i] && n < MAX_WARNINGS; i++) {
        const char *p = values[i];

        while ((p = strchr(p, '"')) && n < MAX_WARNINGS) {
            g_autofree char *text = take_quoted(&p);

            if (!*g_strstrip(text) || out->len + strlen(text) > MAX_TEXT)
                continue;
            g_string_append_printf(out, "%s%s", out->len ? "; " : "", text);
            n++;
        }
    }
    return g_string_free(out, out->len == 0);
}
