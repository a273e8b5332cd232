/* SPDX-License-Identifier: MIT */
#include "translation/rtf.h"
#include "translation/rtf-reader.h"

#include <string.h>

/* Rich Text Format 1.9.1, of which RichEdit, and with it Communicator and Lync, writes a small part. */

#define MAX_BYTES (1024 * 1024)
#define MAX_WORD  32 /* letters of a control word; longer ones mean nothing */

/* ---- Tokens ---- */

/* A number with its sign at reader->at; false: there is none. Too large ones are as large as may be. */
static bool read_number(StoxRtfReader *reader, int *ret_number)
{
    const char *at = reader->at;
    bool negative = at < reader->end && *at == '-';
    long number = 0;

    if (negative)
        at++;
    if (at == reader->end || !g_ascii_isdigit(*at))
        return false;
    for (; at < reader->end && g_ascii_isdigit(*at); at++)
        number = MIN(number * 10 + (*at - '0'), G_MAXINT);
    reader->at = at;
    *ret_number = (int) (negative ? -number : number);
    return true;
}

static void read_word(StoxRtfReader *reader)
{
    const char *name = reader->at;
    size_t n;
    int number;
    bool has_number;

    while (reader->at < reader->end && g_ascii_isalpha(*reader->at))
        reader->at++;
    n = (size_t) (reader->at - name);
    has_number = read_number(reader, &number);
    if (reader->at < reader->end && *reader->at == ' ')
        reader->at++;
    stox_rtf_act(reader, n <= MAX_WORD ? stox_rtf_word(name, n) : NULL,
                 has_number ? &number : NULL);
}

static void read_hex(StoxRtfReader *reader)
{
    const char *at = reader->at;

    if (reader->end - at < 2 || !g_ascii_isxdigit(at[0]) || !g_ascii_isxdigit(at[1])) {
        reader->broken = true;
        return;
    }
    reader->at += 2;
    stox_rtf_byte(reader, (char) (g_ascii_xdigit_value(at[0]) << 4 | g_ascii_xdigit_value(at[1])));
}

/* Behind a backslash. */
static void read_control(StoxRtfReader *reader)
{
    char c;

    if (reader->at == reader->end) {
        reader->broken = true;
        return;
    }
    c = *reader->at;
    if (g_ascii_isalpha(c)) {
        read_word(reader);
        return;
    }
    reader->at++;
    switch (c) {
    case '\'':
        read_hex(reader);
        break;
    case '*':
        reader->optional = true;
        break;
    case '\\':
    case '{':
    case '}':
        stox_rtf_byte(reader, c);
        break;
    case '~':
        stox_rtf_character(reader, 0xA0);
        break;
    case '-':
        stox_rtf_character(reader, 0xAD);
        break;
    case '_':
        stox_rtf_character(reader, 0x2011);
        break;
    case '\r':
    case '\n':
        stox_rtf_character(reader, '\n');
        break;
    case '\t':
        stox_rtf_character(reader, '\t');
        break;
    default: /* marks of indexes and formulas */
        if (reader->skip > 0)
            reader->skip--;
        break;
    }
}

/* A byte that stands for itself. */
static void read_plain(StoxRtfReader *reader)
{
    const char *at = reader->at;
    /* An escape or \bin may have taken a part of a character. */
    gunichar c = reader->utf8 && (unsigned char) *at >= 0x80
                     ? g_utf8_get_char_validated(at, reader->end - at)
                     : (gunichar) -1;

    if (c < (gunichar) -2) {
        reader->at = g_utf8_next_char(at);
        stox_rtf_character(reader, c);
        return;
    }
    reader->at++;
    if (*at == '\t')
        stox_rtf_character(reader, '\t');
    else if (*at != '\r' && *at != '\n' && *at != '\0')
        stox_rtf_byte(reader, *at);
}

/* From behind the first word to the end of the outermost group. False: there is none, or something is wrong. */
static bool read_document(StoxRtfReader *reader)
{
    while (reader->at < reader->end && reader->depth > 0 && !reader->broken) {
        switch (*reader->at) {
        case '{':
            reader->at++;
            stox_rtf_open_group(reader);
            break;
        case '}':
            reader->at++;
            stox_rtf_close_group(reader);
            break;
        case '\\':
            reader->at++;
            read_control(reader);
            break;
        default:
            read_plain(reader);
            break;
        }
    }
    return reader->depth == 0 && !reader->broken;
}

/* ---- The whole ---- */

/* {\rtf and its version, or {\urtf, which RichEdit writes for the code page UTF-8. The size of that; 0: it is no RTF. */
static size_t prologue(const char *data, size_t n, bool *ret_utf8)
{
    static const char *const names[] = {"{\\rtf", "{\\urtf"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        size_t name_n = strlen(names[i]);

        if (n > name_n && memcmp(data, names[i], name_n) == 0 && !g_ascii_isalpha(data[name_n])) {
            *ret_utf8 = i == 1;
            return name_n;
        }
    }
    return 0;
}

char *stox_rtf_read(GBytes *rtf, char **ret_xhtml)
{
    size_t n;
    const char *data = g_bytes_get_data(rtf, &n);
    g_autofree StoxRtfReader *reader = NULL;
    char *text = NULL;
    bool utf8 = false;
    int version;
    size_t start = n <= MAX_BYTES ? prologue(data, n, &utf8) : 0;

    if (start == 0)
        return NULL;
    reader = g_new(StoxRtfReader, 1);
    stox_rtf_reader_init(reader, data + start, data + n, ret_xhtml != NULL);
    if (utf8)
        reader->page = STOX_RTF_PAGE_UTF8;
    /* Lync labels its RTF as UTF-8: bytes that are not escaped, which RTF does not know, are that where they can be. */
    reader->utf8 = g_utf8_validate(data, (gssize) n, NULL);
    read_number(reader, &version);
    if (reader->at < reader->end && *reader->at == ' ')
        reader->at++;
    if (read_document(reader))
        text = stox_rtf_output_finish(reader->output, ret_xhtml);
    stox_rtf_reader_clear(reader);
    return text;
}
