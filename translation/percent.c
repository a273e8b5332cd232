/* SPDX-License-Identifier: MIT */
#include "translation/percent.h"

#include <string.h>

static bool stays(char c, const char *raw)
{
    return g_ascii_isalnum(c) || (c && strchr(raw, c));
}

void stox_percent_encode(GString *out, const char *text, const char *raw)
{
    for (const char *p = text; *p; p++) {
        if (stays(*p, raw))
            g_string_append_c(out, *p);
        else
            g_string_append_printf(out, "%%%02X", (unsigned char) *p);
    }
}

char *stox_percent_decode(const char *text, size_t length, const char *raw)
{
    g_autoptr(GString) out = g_string_sized_new(length);

    for (size_t i = 0; i < length; i++) {
        int high, low;

        if (text[i] != '%') {
            if (!stays(text[i], raw))
                return NULL;
            g_string_append_c(out, text[i]);
            continue;
        }
        if (length - i < 3)
            return NULL;
        high = g_ascii_xdigit_value(text[i + 1]);
        low = g_ascii_xdigit_value(text[i + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0))
            return NULL;
        g_string_append_c(out, (char) (high * 16 + low));
        i += 2;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}
