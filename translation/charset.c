/* SPDX-License-Identifier: MIT */
#include "translation/charset.h"
#include "translation/xml.h"

#include <glib.h>

#include <string.h>

/* iconv knows names that do more than convert ("//TRANSLIT") and some that come from files; these are all we take. */
static const char *const charsets[] = {
    "iso-8859-1",   "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",   "iso-8859-6",
    "iso-8859-7",   "iso-8859-8",   "iso-8859-9",   "iso-8859-10",  "iso-8859-13",  "iso-8859-14",
    "iso-8859-15",  "iso-8859-16",  "windows-1250", "windows-1251", "windows-1252", "windows-1253",
    "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258", "koi8-r",
    "koi8-u",       "utf-16",       "utf-16le",     "utf-16be",     "gb18030",      "gb2312",
    "gbk",          "big5",         "shift_jis",    "euc-jp",       "iso-2022-jp",  "euc-kr",
};

static bool is_utf8(const char *charset)
{
    /* US-ASCII is part of it, and who says so while sending UTF-8 is understood. */
    return !charset || strcmp(charset, "utf-8") == 0 || strcmp(charset, "utf8") == 0 ||
           strcmp(charset, "us-ascii") == 0 || strcmp(charset, "ascii") == 0;
}

bool stox_charset_is_known(const char *charset)
{
    if (is_utf8(charset))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (strcmp(charset, charsets[i]) == 0)
            return true;
    return false;
}

static char *without_nuls(const char *data, size_t n)
{
    GString *out = g_string_sized_new(n + 1);

    while (n > 0) {
        const char *nul = memchr(data, 0, n);
        size_t run = nul ? (size_t) (nul - data) : n;

        g_string_append_len(out, data, (gssize) run);
        if (nul)
            run++;
        data += run;
        n -= run;
    }
    return g_string_free(out, FALSE);
}

void stox_unify_newlines(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from != '\r')
            *to++ = *from;
        else if (from[1] != '\n')
            *to++ = '\n';
    }
    *to = '\0';
}

char *stox_charset_read(const char *charset, const char *bytes, size_t n)
{
    g_autofree char *text = NULL;

    if (is_utf8(charset)) {
        text = without_nuls(bytes, n);
    } else {
        gsize converted_n = 0;
        g_autofree char *converted =
            g_convert(bytes, (gssize) n, "UTF-8", charset, NULL, &converted_n, NULL);

        if (!converted)
            return NULL;
        text = without_nuls(converted, converted_n);
    }
    if (!g_utf8_validate(text, -1, NULL))
        return NULL;
    stox_unify_newlines(text);
    return stox_xml_clean(g_str_has_prefix(text, "\xEF\xBB\xBF") ? text + 3 : text);
}
