/* SPDX-License-Identifier: MIT */
#include "translation/xml-private.h"

#include <string.h>

void stox_xml_skip_init(StoxXmlSkip *skip, unsigned depth, bool in_cdata, size_t bytes)
{
    *skip = (StoxXmlSkip){.depth = depth, .bytes = bytes};
    skip->state = in_cdata ? STOX_XML_SKIP_CDATA : STOX_XML_SKIP_TEXT;
}

static void enter_text(StoxXmlSkip *skip)
{
    skip->state = STOX_XML_SKIP_TEXT;
    skip->matched = 0;
}

/* Takes bytes up to and with "]]>", else all; `matched` counts its brackets. */
static size_t find_section_end(StoxXmlSkip *skip, const char *bytes, size_t n, bool *ret_found)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == ']') {
            skip->matched = MIN(skip->matched + 1, 2);
        } else if (bytes[i] == '>' && skip->matched == 2) {
            *ret_found = true;
            return i + 1;
        } else {
            const char *bracket = memchr(bytes + i, ']', n - i);

            skip->matched = 0;
            if (!bracket)
                return n;
            i = (size_t) (bracket - bytes) - 1;
        }
    }
    return n;
}

/* Each of these takes bytes of one state, at least one of them, and returns how many. */

/* "]]>" outside of a section is a mistake that expat sees before it tells the text in front of it: it has to count wherever bytes are cut. */
static size_t skip_text(StoxXmlSkip *skip, const char *bytes, size_t n)
{
    const char *tag = memchr(bytes, '<', n);
    size_t length = tag ? (size_t) (tag - bytes) : n;
    bool found = false;
    size_t used = find_section_end(skip, bytes, length, &found);

    if (found) {
        skip->state = STOX_XML_SKIP_MALFORMED;
        return used;
    }
    if (!tag)
        return n;
    skip->state = STOX_XML_SKIP_MARKUP;
    return length + 1;
}

/* Behind '<'. */
static void skip_markup(StoxXmlSkip *skip, char c)
{
    skip->slash = false;
    skip->quote = 0;
    skip->matched = 0;
    if (c == '/')
        skip->state = STOX_XML_SKIP_END_TAG;
    else if (c == '!')
        skip->state = STOX_XML_SKIP_DECLARATION;
    else if (c == '?')
        skip->state = STOX_XML_SKIP_RESTRICTED;
    else if (strchr("<>='\" \t\r\n", c)) /* and NUL */
        skip->state = STOX_XML_SKIP_MALFORMED;
    else
        skip->state = STOX_XML_SKIP_START_TAG;
}

static size_t skip_start_tag(StoxXmlSkip *skip, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (skip->quote) {
            const char *end = memchr(bytes + i, skip->quote, n - i);

            if (!end)
                return n;
            i = (size_t) (end - bytes);
            skip->quote = 0;
        } else if (bytes[i] == '>') {
            if (!skip->slash)
                skip->depth++;
            enter_text(skip);
            return i + 1;
        } else if (bytes[i] == '<') {
            skip->state = STOX_XML_SKIP_MALFORMED;
            return i + 1;
        } else {
            skip->slash = bytes[i] == '/';
            if (bytes[i] == '\'' || bytes[i] == '"')
                skip->quote = bytes[i];
        }
    }
    return n;
}

static size_t skip_end_tag(StoxXmlSkip *skip, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '<') {
            skip->state = STOX_XML_SKIP_MALFORMED;
            return i + 1;
        }
        if (bytes[i] == '>') {
            skip->depth--;
            enter_text(skip);
            return i + 1;
        }
    }
    return n;
}

/* Behind "<!": only a CDATA section may follow. */
static void skip_declaration(StoxXmlSkip *skip, char c)
{
    static const char start[] = "[CDATA[";

    if (c != start[skip->matched++])
        skip->state = STOX_XML_SKIP_RESTRICTED;
    else if (!start[skip->matched])
        skip->state = STOX_XML_SKIP_CDATA;
    if (skip->state == STOX_XML_SKIP_CDATA)
        skip->matched = 0;
}

static size_t skip_cdata(StoxXmlSkip *skip, const char *bytes, size_t n)
{
    bool found = false;
    size_t used = find_section_end(skip, bytes, n, &found);

    if (found) {
        enter_text(skip);
    }
    return used;
}

size_t stox_xml_skip(StoxXmlSkip *skip, const char *bytes, size_t n)
{
    size_t at = 0;

    while (at < n && skip->depth > 0) {
        switch (skip->state) {
        case STOX_XML_SKIP_TEXT:
            at += skip_text(skip, bytes + at, n - at);
            break;
        case STOX_XML_SKIP_MARKUP:
            skip_markup(skip, bytes[at++]);
            break;
        case STOX_XML_SKIP_START_TAG:
            at += skip_start_tag(skip, bytes + at, n - at);
            break;
        case STOX_XML_SKIP_END_TAG:
            at += skip_end_tag(skip, bytes + at, n - at);
            break;
        case STOX_XML_SKIP_DECLARATION:
            skip_declaration(skip, bytes[at++]);
            break;
        case STOX_XML_SKIP_CDATA:
            at += skip_cdata(skip, bytes + at, n - at);
            break;
        case STOX_XML_SKIP_MALFORMED:
        case STOX_XML_SKIP_RESTRICTED:
            skip->bytes += at;
            return at;
        }
    }
    skip->bytes += at;
    return at;
}
