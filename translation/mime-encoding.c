/* SPDX-License-Identifier: MIT */
#include "translation/mime-private.h"

#include <stdint.h>

GBytes *stox_mime_decode_base64(GBytes *encoded)
{
    size_t n;
    const char *data = g_bytes_get_data(encoded, &n);
    guchar *decoded = g_malloc(n / 4 * 3 + 4);
    int state = 0;
    unsigned save = 0;
    size_t decoded_n = n ? g_base64_decode_step(data, n, decoded, &state, &save) : 0;

    if (state != 0) {
        g_free(decoded);
        return NULL;
    }
    return g_bytes_new_take(decoded, decoded_n);
}

/* How long the line break at `at` is; 0: there is none. */
static size_t line_break(const char *at, const char *end)
{
    if (at < end && *at == '\n')
        return 1;
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

static const char *skip_padding(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

GBytes *stox_mime_decode_quoted(GBytes *encoded)
{
    size_t n;
    const char *at = g_bytes_get_data(encoded, &n), *end = at + n;
    GByteArray *decoded = g_byte_array_sized_new((unsigned) n);

    while (at < end) {
        const char *behind;

        if (*at == '=') {
            behind = skip_padding(at + 1, end);
            if (behind == end || line_break(behind, end)) { /* a soft line break */
                at = behind + line_break(behind, end);
                continue;
            }
            if (end - at >= 3 && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2])) {
                uint8_t byte =
                    (uint8_t) (g_ascii_xdigit_value(at[1]) << 4 | g_ascii_xdigit_value(at[2]));

                g_byte_array_append(decoded, &byte, 1);
                at += 3;
                continue;
            }
        } else if (*at == ' ' || *at == '\t') {
            /* Blanks at the end of a line were added on the way. */
            behind = skip_padding(at, end);
            if (behind != end && !line_break(behind, end))
                g_byte_array_append(decoded, (const uint8_t *) at, (unsigned) (behind - at));
            at = behind;
            continue;
        }
        g_byte_array_append(decoded, (const uint8_t *) at++, 1);
    }
    return g_byte_array_free_to_bytes(decoded);
}
