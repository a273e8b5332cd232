/* SPDX-License-Identifier: MIT */
/*
 * The first line is a Content-Type, the rest a body: the text is clean and no longer than it should be, its markup well-formed, or
 * the body is refused with a status. The first line as the text of a header is one line.
 */
#include "tests/fuzz/fuzz.h"

#include "translation/body.h"
#include "translation/text.h"
#include "translation/xml.h"

#include <string.h>

static void check_body(const StoxBody *body, size_t size)
{
    g_autofree char *clean = stox_xml_clean(body->text);

    g_assert(*body->text);
    g_assert(g_utf8_validate(body->text, -1, NULL));
    g_assert(!strchr(body->text, '\r'));
    g_assert_cmpstr(body->text, ==, clean);
    g_assert_cmpuint(strlen(body->text), <=, 16 * size + 64);
    if (body->xhtml) {
        g_autofree char *whole = g_strdup_printf("<body>%s</body>", body->xhtml);
        g_autoptr(StoxXmlTree) tree =
            stox_xml_parse(whole, strlen(whole), &stox_xml_limits_stanza, NULL);

        g_assert(tree);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *) data;
    const char *newline = size ? memchr(bytes, '\n', size) : NULL;
    size_t type_size = newline ? (size_t) (newline - bytes) : size;
    size_t skip = newline ? type_size + 1 : size;
    g_autofree char *type = g_strndup(bytes, type_size);
    g_autoptr(GBytes) content = g_bytes_new_static(bytes + skip, size - skip);
    g_autofree char *line = stox_text_header_line(type);

    for (int rich = 0; rich <= 1; rich++) {
        g_auto(StoxSipResult) failure = {.status = 0};
        g_auto(StoxBody) body = {.text = NULL};

        if (stox_body_read(type, content, rich, &body, &failure))
            check_body(&body, size - skip);
        else
            g_assert(failure.status == 400 || failure.status == 413 ||
                     (failure.status == 415 && failure.accept));
        g_assert(rich || !body.xhtml);
    }
    g_assert(!line || (*line && !strpbrk(line, "\r\n\t") && g_utf8_validate(line, -1, NULL)));
    return 0;
}
