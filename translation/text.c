/* SPDX-License-Identifier: MIT */
#include "translation/text.h"
#include "translation/error.h"
#include "translation/text-private.h"
#include "translation/xml.h"

#include <string.h>

#define MAX_PARTS 32 /* of one body, inner multiparts included */
#define MAX_DEPTH 4

/* ---- Charsets ---- */

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

static bool is_known_charset(const char *charset)
{
    if (is_utf8(charset))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (strcmp(charset, charsets[i]) == 0)
            return true;
    return false;
}

/* ---- From bytes to what XMPP may carry ---- */

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

/* CR LF and CR become LF, in place. */
static void unify_newlines(char *text)
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

/* NULL: the bytes are not in this charset, or nothing is left of them. */
static char *decode(StoxSlice bytes, const char *charset)
{
    g_autofree char *text = NULL;
    char *clean;

    if (is_utf8(charset)) {
        text = without_nuls(bytes.data, bytes.n);
    } else {
        gsize n = 0;
        g_autofree char *converted =
            g_convert(bytes.data, (gssize) bytes.n, "UTF-8", charset, NULL, &n, NULL);

        if (!converted)
            return NULL;
        text = without_nuls(converted, n);
    }
    if (!g_utf8_validate(text, -1, NULL))
        return NULL;
    unify_newlines(text);
    clean = stox_xml_clean(g_str_has_prefix(text, "\xEF\xBB\xBF") ? text + 3 : text);
    if (*clean == '\0')
        g_clear_pointer(&clean, g_free);
    return clean;
}

/* ---- Which part ---- */

/* The stretch that will be decoded. */
typedef struct {
    StoxSlice bytes;
    char *charset; /* NULL: UTF-8 */
    bool found;
} Choice;

static void choose(Choice *choice, StoxSlice bytes, const char *charset)
{
    g_free(choice->charset);
    *choice = (Choice){.bytes = bytes, .charset = g_strdup(charset), .found = true};
}

static void choose_from(Choice *choice, const StoxMime *mime, StoxSlice bytes, unsigned depth,
                        unsigned *parts);

/* Whether a part is meant to be shown and came as it is. */
static bool is_plain_part(StoxSlice headers)
{
    g_autofree char *transfer = stox_mime_header(headers, "Content-Transfer-Encoding");
    g_autofree char *encoding = stox_mime_header(headers, "Content-Encoding");
    g_autofree char *disposition = stox_mime_header(headers, "Content-Disposition");

    if (encoding && g_ascii_strcasecmp(encoding, "identity") != 0)
        return false;
    if (disposition && g_ascii_strncasecmp(disposition, "attachment", 10) == 0)
        return false;
    return !transfer || g_ascii_strcasecmp(transfer, "7bit") == 0 ||
           g_ascii_strcasecmp(transfer, "8bit") == 0 || g_ascii_strcasecmp(transfer, "binary") == 0;
}

static void choose_from_part(Choice *choice, StoxSlice part, unsigned depth, unsigned *parts)
{
    StoxSlice headers, content;
    g_autofree char *type = NULL;
    g_auto(StoxMime) mime = {.type = NULL};

    stox_mime_split_part(part, &headers, &content);
    if (!is_plain_part(headers))
        return;
    type = stox_mime_header(headers, "Content-Type");
    /* RFC 2046 s5.1: a part without a type is plain text. */
    if (stox_mime_parse(type ? type : "text/plain", &mime))
        choose_from(choice, &mime, content, depth, parts);
}

/* M-32: of alternatives the last one is the sender's best, of other multiparts the first text is what is read first. */
static void choose_from(Choice *choice, const StoxMime *mime, StoxSlice bytes, unsigned depth,
                        unsigned *parts)
{
    bool alternative = strcmp(mime->type, "multipart/alternative") == 0;
    StoxSlice rest = bytes, part;

    if (strcmp(mime->type, "text/plain") == 0) {
        if (is_known_charset(mime->charset))
            choose(choice, bytes, mime->charset);
        return;
    }
    if (!alternative && strcmp(mime->type, "multipart/mixed") != 0 &&
        strcmp(mime->type, "multipart/related") != 0)
        return;
    if (!mime->boundary || depth >= MAX_DEPTH)
        return;
    while (*parts < MAX_PARTS && (alternative || !choice->found) &&
           stox_mime_next_part(&rest, mime->boundary, &part)) {
        ++*parts;
        choose_from_part(choice, part, depth + 1, parts);
    }
}

char *stox_text_from_sip(const char *content_type, GBytes *body, StoxSipResult *ret_failure)
{
    g_auto(StoxMime) mime = {.type = NULL};
    Choice choice = {.found = false};
    StoxSlice bytes = {.data = ""};
    unsigned parts = 0;
    char *text = NULL;

    if (body)
        bytes.data = g_bytes_get_data(body, &bytes.n);
    if (bytes.n == 0) {
        stox_sip_result_init(ret_failure, 400, STOX_DIAG_MALFORMED);
        return NULL;
    }
    if (content_type && stox_mime_parse(content_type, &mime))
        choose_from(&choice, &mime, bytes, 0, &parts);
    if (choice.found)
        text = decode(choice.bytes, choice.charset);
    if (!text && choice.found) {
        stox_sip_result_init(ret_failure, 400, STOX_DIAG_MALFORMED);
    } else if (!text) { /* M-26, M-30 */
        stox_sip_result_init(ret_failure, 415, STOX_DIAG_CONTENT_UNSUPPORTED);
        ret_failure->accept = true;
    }
    g_free(choice.charset);
    return text;
}

/* ---- Toward SIP ---- */

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
    unify_newlines(clean);
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
