/* SPDX-License-Identifier: MIT */
#include "translation/language.h"

#include <glib.h>

#include <string.h>

#define MAX_TAG 63

bool stox_language_tag_is_valid(const char *tag)
{
    size_t subtag = 0;
    unsigned subtags = 1;

    if (strlen(tag) > MAX_TAG)
        return false;
    for (const char *at = tag; *at; at++) {
        if (*at == '-') {
            if (subtag == 0)
                return false;
            subtags++;
            subtag = 0;
        } else if (++subtag > 8 || !(subtags == 1 ? g_ascii_isalpha(*at) : g_ascii_isalnum(*at))) {
            return false;
        }
    }
    /* "x" and "i" alone are no language. */
    return subtag > 0 && (subtags > 1 || subtag > 1);
}

char *stox_language_first(const char *list)
{
    g_autofree char *first =
        list ? g_strstrip(g_strndup(list, MIN(strcspn(list, ",;"), MAX_TAG + 64))) : NULL;

    return first && stox_language_tag_is_valid(first) ? g_steal_pointer(&first) : NULL;
}
