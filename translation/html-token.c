/* SPDX-License-Identifier: MIT */
/* Tag soup -> tags and text, the way browsers see them; one pass, whatever the input. */
#include "translation/html-private.h"

#include <string.h>

/* Their content is no markup, and nothing that people read. */
static const char *const raw_names[] = {
    "script", "style", "title", "iframe", "noembed", "noframes", "textarea",
};

/* By StoxHtmlAttr; all others are passed over. */
static const char *const attr_names[STOX_HTML_N_ATTRS] = {"align", "alt",  "color", "face",
                                                          "href",  "size", "start", "style"};

void stox_html_reader_init(StoxHtmlReader *reader, const char *html)
{
    *reader = (StoxHtmlReader){.at = html, .text = g_string_new(NULL)};
}

static void clear_token(StoxHtmlReader *reader)
{
    for (unsigned i = 0; i < STOX_HTML_N_ATTRS; i++)
        g_clear_pointer(&reader->attrs[i], g_free);
    g_string_truncate(reader->text, 0);
    reader->name[0] = '\0';
    reader->empty = false;
}

void stox_html_reader_clear(StoxHtmlReader *reader)
{
    if (!reader->text)
        return;
    clear_token(reader);
    g_string_free(reader->text, TRUE);
    *reader = (StoxHtmlReader){.at = NULL};
}

static const char *skip_blanks(const char *at)
{
    while (g_ascii_isspace(*at))
        at++;
    return at;
}

/* The next `mark`, or NULL. Not strstr(): sanitizers make it measure all of the rest each time. */
static const char *find(const char *at, const char *mark)
{
    while ((at = strchr(at, *mark)) && !g_str_has_prefix(at, mark))
        at++;
    return at;
}

/* Behind the next `mark`, or the end of the input. */
static const char *skip_past(const char *at, const char *mark)
{
    const char *found = find(at, mark);

    return found ? found + strlen(mark) : at + strlen(at);
}

/* ---- Tags ---- */

static void keep_attribute(StoxHtmlReader *reader, const char *name, size_t name_n,
                           const char *value, size_t n)
{
    g_autofree char *raw = NULL;
    GString *decoded;

    for (unsigned i = 0; i < STOX_HTML_N_ATTRS; i++) {
        if (strlen(attr_names[i]) != name_n ||
            g_ascii_strncasecmp(attr_names[i], name, name_n) != 0)
            continue;
        if (reader->attrs[i] || n > STOX_HTML_MAX_ATTRIBUTE)
            return; /* the first one counts */
        raw = g_strndup(value, n);
        decoded = g_string_sized_new(n + 1);
        for (const char *at = raw; *at;) {
            if (*at == '&')
                at = stox_html_decode(decoded, at, true);
            else
                g_string_append_c(decoded, *at++);
        }
        reader->attrs[i] = g_string_free(decoded, FALSE);
        return;
    }
}

/* One attribute at `at`, which is neither blank nor the end of the tag. Returns what is behind it. */
static const char *read_attribute(StoxHtmlReader *reader, const char *at)
{
    const char *name = at, *value, *end;
    size_t name_n = 1 + strcspn(at + 1, " \t\n\f/>="); /* a leading '=' belongs to it */

    at = skip_blanks(name + name_n);
    if (*at != '=')
        return at;
    value = skip_blanks(at + 1);
    if (*value == '"' || *value == '\'') {
        end = strchr(value + 1, *value);
        if (!end)
            return value + strlen(value);
        keep_attribute(reader, name, name_n, value + 1, (size_t) (end - value - 1));
        return end + 1;
    }
    end = value + strcspn(value, " \t\n\f>");
    keep_attribute(reader, name, name_n, value, (size_t) (end - value));
    return end;
}

/* Behind "<" or "</". False: the input ends inside the tag. */
static bool read_tag(StoxHtmlReader *reader, const char *at)
{
    size_t n = strcspn(at, " \t\n\f/>");

    /* a name that is cut off is one that nobody knows */
    for (size_t i = 0; i < n && i <= STOX_HTML_MAX_NAME; i++) {
        reader->name[i] = g_ascii_tolower(at[i]);
        reader->name[i + 1] = '\0';
    }
    at += n;
    for (at = skip_blanks(at); *at && *at != '>'; at = skip_blanks(at)) {
        reader->empty = *at == '/';
        at = reader->empty ? at + 1 : read_attribute(reader, at);
    }
    reader->at = *at ? at + 1 : at;
    return *at != '\0';
}

/* The content of a raw element ends at its end tag, whatever is in it. */
static void skip_raw(StoxHtmlReader *reader)
{
    size_t n = strlen(reader->name);
    const char *at = reader->at;

    while ((at = find(at, "</"))) {
        at += 2;
        if (g_ascii_strncasecmp(at, reader->name, n) == 0 && at[n] && strchr(" \t\n\f/>", at[n])) {
            reader->at = at - 2;
            return;
        }
    }
    reader->at += strlen(reader->at);
}

static bool is_raw(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(raw_names); i++)
        if (strcmp(raw_names[i], name) == 0)
            return true;
    return false;
}

/* ---- All the rest ---- */

/* "<!" or "<?" or "</" before what is no name. Word's "<![if ...]>" is one of them, too. */
static void skip_declaration(StoxHtmlReader *reader)
{
    const char *at = reader->at + 2, *end, *other;

    if (!g_str_has_prefix(reader->at, "<!--")) {
        reader->at = skip_past(at, ">");
        return;
    }
    at += 2;
    if (*at == '>' || g_str_has_prefix(at, "->")) {
        reader->at = skip_past(at, ">");
        return;
    }
    end = skip_past(at, "-->");
    other = g_strstr_len(at, end - at, "--!>");
    reader->at = other ? other + strlen("--!>") : end;
}

static void read_text(StoxHtmlReader *reader)
{
    while (*reader->at && *reader->at != '<') {
        size_t n = strcspn(reader->at, "<&");

        g_string_append_len(reader->text, reader->at, (gssize) n);
        reader->at += n;
        if (*reader->at == '&')
            reader->at = stox_html_decode(reader->text, reader->at, false);
    }
}

static void read_cdata(StoxHtmlReader *reader)
{
    const char *text = reader->at + strlen("<![CDATA[");
    const char *end = find(text, "]]>");

    if (end) {
        g_string_append_len(reader->text, text, end - text);
        reader->at = end + strlen("]]>");
    } else {
        g_string_append(reader->text, text);
        reader->at = text + strlen(text);
    }
}

StoxHtmlTokenType stox_html_next(StoxHtmlReader *reader)
{
    clear_token(reader);
    while (*reader->at) {
        const char *at = reader->at;
        bool end_tag = at[0] == '<' && at[1] == '/';

        if (*at == '<' && g_ascii_isalpha(at[end_tag ? 2 : 1])) {
            if (!read_tag(reader, at + (end_tag ? 2 : 1)))
                break;
            if (!end_tag && is_raw(reader->name))
                skip_raw(reader);
            return end_tag ? STOX_HTML_CLOSE : STOX_HTML_OPEN;
        }
        if (g_str_has_prefix(at, "<![CDATA[")) {
            read_cdata(reader);
            return STOX_HTML_TEXT;
        }
        if (*at == '<' && at[1] && strchr("!?/", at[1])) {
            skip_declaration(reader);
            continue;
        }
        if (*at == '<') {
            g_string_append_c(reader->text, '<');
            reader->at++;
        }
        read_text(reader);
        return STOX_HTML_TEXT;
    }
    return STOX_HTML_END;
}
