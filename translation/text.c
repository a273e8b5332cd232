/* SPDX-License-Identifier: MIT */
#include "translation/text.h"
#include "translation/charset.h"
#include "translation/xml.h"

#include <string.h>

const char *stox_text_of_message(const StoxMessage *message)
{
    if (message->body && *message->body)
        return message->body;
    if (message->subject && *message->subject) /* M-12 */
        return message->subject;
    return NULL; /* M-13 */
}

char *stox_text_header_line(const char *text)
{
    g_autofree char *clean = text ? stox_xml_clean(text) : NULL;
    GString *line;

    if (!clean)
        return NULL;
    stox_unify_newlines(clean);
    g_strdelimit(clean, "\n\t", ' ');
    line = g_string_sized_new(strlen(clean) + 1);
    for (const char *at = clean; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (!g_unichar_iscntrl(c) && c != 0x2028 && c != 0x2029)
            g_string_append_unichar(line, c);
    }
    g_strstrip(line->str);
    if (*line->str == '\0') {
        g_string_free(line, TRUE);
        return NULL;
    }
    return g_string_free(line, FALSE);
}
