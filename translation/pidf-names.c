/* SPDX-License-Identifier: MIT */
#include "translation/pidf-private.h"

#include <string.h>

#define PREFIX       "ID-"
#define MAX_RESOURCE 1023 /* bytes, RFC 7622 s3.4 */

char *stox_pidf_id_from_resource(const char *resource)
{
    g_autofree char *valid = g_utf8_make_valid(resource, -1);
    GString *id = g_string_new(PREFIX);

    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        bool plain =
            g_ascii_isalnum(*at) || *at == '-' || *at == '.' || (*at == '_' && at[1] != 'x');

        if (plain)
            g_string_append_c(id, *at);
        else
            g_string_append_printf(id, "_x%04X_", g_utf8_get_char(at));
    }
    return g_string_free(id, FALSE);
}

/* The character that "_xHHHH_" at `at` stands for, 0 when there is none; *ret_n is its length. */
static gunichar decode_escape(const char *at, size_t *ret_n)
{
    gunichar c = 0;
    size_t digits = 0;

    if (at[0] != '_' || at[1] != 'x')
        return 0;
    for (at += 2; digits < 6 && g_ascii_isxdigit(at[digits]); digits++)
        c = c * 16 + (gunichar) g_ascii_xdigit_value(at[digits]);
    if (digits < 4 || at[digits] != '_' || c == 0 || !g_unichar_validate(c))
        return 0;
    *ret_n = digits + 3;
    return c;
}

char *stox_pidf_id_to_resource(const char *id)
{
    bool ours = g_str_has_prefix(id, PREFIX);
    GString *resource = g_string_new(NULL);

    for (const char *at = ours ? id + strlen(PREFIX) : id; *at;) {
        size_t n = (size_t) (g_utf8_next_char(at) - at);
        gunichar c = ours ? decode_escape(at, &n) : 0;

        if (c == 0)
            c = g_utf8_get_char(at);
        if (resource->len + (size_t) g_unichar_to_utf8(c, NULL) > MAX_RESOURCE)
            break;
        /* No resource holds controls (RFC 7622 s3.4: OpaqueString). */
        if (!g_unichar_iscntrl(c))
            g_string_append_unichar(resource, c);
        at += n;
    }
    return g_string_free(resource, FALSE);
}

bool stox_pidf_q_from_priority(int priority, char buffer[6])
{
    unsigned thousandths;

    if (priority < 0) /* P-118 */
        return false;
    thousandths = 1000U * (unsigned) MIN(priority, 127) / 127;
    if (thousandths == 1000)
        g_strlcpy(buffer, "1", 6);
    else if (thousandths == 0)
        g_strlcpy(buffer, "0", 6);
    else
        g_snprintf(buffer, 6, "0.%03u", thousandths);
    return true;
}

int stox_pidf_q_to_priority(const char *q)
{
    unsigned thousandths, digits = 0;

    if (!q)
        return 0;
    while (g_ascii_isspace(*q))
        q++;
    if (*q != '0' && *q != '1')
        return 0;
    thousandths = *q++ == '1' ? 1000 : 0;
    if (*q == '.')
        for (q++; g_ascii_isdigit(*q); q++, digits++)
            if (digits < 3)
                thousandths += (unsigned) (*q - '0') * (digits == 0 ? 100 : digits == 1 ? 10 : 1);
    while (g_ascii_isspace(*q))
        q++;
    if (*q != '\0' || thousandths > 1000)
        return 0;
    if (thousandths == 1000)
        return 127;
    return (int) MIN((127 * thousandths + 999) / 1000, 126);
}
