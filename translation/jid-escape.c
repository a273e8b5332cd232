/* SPDX-License-Identifier: MIT */
#include "translation/jid-escape.h"

#include <glib.h>

#include <string.h>

/* XEP-0106 s3: the characters beside the backslash, whose code is 5c. */
static const char escaped[] = " \"&'/:<>@";

/* The character that the sequence at `p` stands for, 0 when it is none of the ten. */
static char decode(const char *p)
{
    int high, low;
    char c;

    if (p[0] != '\\' || (high = g_ascii_xdigit_value(p[1])) < 0 ||
        (low = g_ascii_xdigit_value(p[2])) < 0)
        return 0;
    c = (char) (high * 16 + low);
    return c && (c == '\\' || strchr(escaped, c)) ? c : 0;
}

char *stox_jid_escape(const char *user)
{
    size_t length = strlen(user);
    GString *local = NULL;

    if (length && (user[0] == ' ' || user[length - 1] == ' '))
        return NULL;
    local = g_string_sized_new(length);
    for (const char *p = user; *p; p++) {
        /* A-06: a backslash only where it would be read as an escape, A-07: once in lower case. */
        if (strchr(escaped, *p) || decode(p))
            g_string_append_printf(local, "\\%02x", (unsigned char) *p);
        else
            g_string_append_c(local, *p);
    }
    return g_string_free(local, FALSE);
}

char *stox_jid_unescape(const char *local)
{
    GString *user = g_string_sized_new(strlen(local));

    for (const char *p = local; *p; p++) {
        char c = decode(p);

        /* A-09: \20 at either end is no escape. */
        if (c == ' ' && (p == local || !p[3]))
            c = 0;
        g_string_append_c(user, c ? c : *p);
        if (c)
            p += 2;
    }
    return g_string_free(user, FALSE);
}
