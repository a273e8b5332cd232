/* SPDX-License-Identifier: MIT */
/* The first line is a Content-Type, the rest a body: the text is clean, or refused with a status; never longer than it should be. */
#include "tests/fuzz/fuzz.h"

#include "translation/text.h"
#include "translation/xml.h"

#include <string.h>

static void check_text(const char *text, size_t body_size)
{
    g_autofree char *clean = stox_xml_clean(text);

    g_assert(*text);
    g_assert(g_utf8_validate(text, -1, NULL));
    g_assert(!strchr(text, '\r'));
    g_assert_cmpstr(text, ==, clean);
    g_assert_cmpuint(strlen(text), <=, 4 * body_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *) data;
    const char *newline = size ? memchr(bytes, '\n', size) : NULL;
    size_t type_size = newline ? (size_t) (newline - bytes) : size;
    size_t skip = newline ? type_size + 1 : size;
    g_autofree char *type = g_strndup(bytes, type_size);
    g_autoptr(GBytes) body = g_bytes_new_static(bytes + skip, size - skip);
    g_auto(StoxSipResult) failure = {.status = 0};
    g_autofree char *text = stox_text_from_sip(type, body, &failure);
    g_autofree char *line = stox_text_header_line(type);

    if (text)
        check_text(text, size - skip);
    else
        g_assert(failure.status == 400 || (failure.status == 415 && failure.accept));
    g_assert(!line || (*line && !strpbrk(line, "\r\n\t") && g_utf8_validate(line, -1, NULL)));
    return 0;
}
