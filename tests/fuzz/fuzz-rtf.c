/* SPDX-License-Identifier: MIT */
/* A document: none, or clean text, whose markup is well-formed; the text is the same whether markup is wanted or not. */
#include "tests/fuzz/fuzz.h"

#include "translation/rtf.h"
#include "translation/xml.h"

#include <string.h>

static void check_markup(const char *xhtml)
{
    g_autofree char *whole = g_strdup_printf("<body>%s</body>", xhtml);
    g_autoptr(StoxXmlTree) tree =
        stox_xml_parse(whole, strlen(whole), &stox_xml_limits_stanza, NULL);

    g_assert(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
    g_autofree char *xhtml = NULL;
    g_autofree char *text = stox_rtf_read(bytes, &xhtml);
    g_autofree char *alone = stox_rtf_read(bytes, NULL);
    g_autofree char *clean = text ? stox_xml_clean(text) : NULL;

    g_assert_cmpstr(text, ==, alone);
    g_assert(text || !xhtml);
    if (!text)
        return 0;
    g_assert(g_utf8_validate(text, -1, NULL));
    g_assert(!strchr(text, '\r'));
    g_assert_cmpstr(text, ==, clean);
    /* One byte is three of U+FFFD at most; each field may tell its address twice. */
    g_assert_cmpuint(strlen(text), <=, 8 * size + 64);
    if (xhtml)
        check_markup(xhtml);
    return 0;
}
