/* SPDX-License-Identifier: MIT */
#include "translation/text-private.h"

#include <string.h>

#define MAX_BOUNDARY 70 /* RFC 2046 s5.1.1 */

/* ---- Content-Type ---- */

static const char *skip_blanks(const char *at)
{
    while (g_ascii_isspace(*at))
        at++;
    return at;
}

/* The value of a parameter, a token or a quoted string; *at moves behind it. Caller frees. */
static char *parse_value(const char **at)
{
    GString *value = g_string_new(NULL);
    const char *p = skip_blanks(*at);

    if (*p == '"') {
        for (p++; *p && *p != '"'; p++) {
            if (*p == '\\' && p[1])
                p++;
            g_string_append_c(value, *p);
        }
        if (*p)
            p++;
    } else {
        while (*p && *p != ';' && !g_ascii_isspace(*p))
            g_string_append_c(value, *p++);
    }
    *at = p;
    return g_string_free(value, FALSE);
}

static void parse_parameter(const char **at, StoxMime *mime)
{
    const char *name = skip_blanks(*at);
    size_t n = strcspn(name, "=;");
    char *value;

    *at = name + n;
    if (name[n] != '=')
        return;
    while (n > 0 && g_ascii_isspace(name[n - 1]))
        n--;
    (*at)++;
    value = parse_value(at);
    if (n == strlen("charset") && g_ascii_strncasecmp(name, "charset", n) == 0 && !mime->charset)
        mime->charset = g_ascii_strdown(value, -1);
    else if (n == strlen("boundary") && g_ascii_strncasecmp(name, "boundary", n) == 0 &&
             !mime->boundary)
        mime->boundary = g_strdup(value);
    g_free(value);
}

bool stox_mime_parse(const char *value, StoxMime *ret_mime)
{
    size_t n = strcspn(value, ";");
    g_autofree char *type = g_strstrip(g_ascii_strdown(value, (gssize) n));
    const char *slash = strchr(type, '/');
    const char *at = value + n;

    if (!slash || slash == type || slash[1] == '\0' || strpbrk(type, " \t\r\n,"))
        return false;
    *ret_mime = (StoxMime){.type = g_steal_pointer(&type)};
    while (*at) {
        if (*at == ';')
            at++;
        parse_parameter(&at, ret_mime);
        at += strcspn(at, ";");
    }
    return true;
}

void stox_mime_clear(StoxMime *mime)
{
    g_free(mime->type);
    g_free(mime->charset);
    g_free(mime->boundary);
    *mime = (StoxMime){.type = NULL};
}

/* ---- Multiparts ---- */

/*
 * The next line that is a delimiter: *ret_line is what stands before it (without the line break that belongs to the delimiter),
 * *rest what stands behind it. *ret_last: it was the closing one.
 */
static bool find_delimiter(StoxSlice *rest, const char *boundary, StoxSlice *ret_before,
                           bool *ret_last)
{
    g_autofree char *mark = g_strconcat("--", boundary, NULL);
    size_t mark_n = strlen(mark);
    const char *start = rest->data, *end = rest->data + rest->n;

    for (const char *from = start; from < end;) {
        const char *at = memmem(from, (size_t) (end - from), mark, mark_n);
        const char *behind, *newline;

        if (!at)
            return false;
        from = at + mark_n;
        if (at != start && at[-1] != '\n')
            continue;
        behind = at + mark_n;
        *ret_last = end - behind >= 2 && behind[0] == '-' && behind[1] == '-';
        if (!*ret_last && behind < end && !strchr(" \t\r\n", *behind))
            continue; /* another boundary that begins like ours */
        newline = memchr(behind, '\n', (size_t) (end - behind));
        if (at != start && --at != start && at[-1] == '\r')
            at--;
        *ret_before = (StoxSlice){start, (size_t) (at - start)};
        rest->data = newline ? newline + 1 : end;
        rest->n = (size_t) (end - rest->data);
        return true;
    }
    return false;
}

bool stox_mime_next_part(StoxSlice *rest, const char *boundary, StoxSlice *ret_part)
{
    StoxSlice preamble, ahead = *rest;
    bool last = false;

    if (*boundary == '\0' || strlen(boundary) > MAX_BOUNDARY)
        return false;
    /* `rest` begins at or before the delimiter that opens the part; the one that ends it opens the next. */
    if (!find_delimiter(&ahead, boundary, &preamble, &last) || last)
        return false;
    *rest = ahead;
    if (!find_delimiter(&ahead, boundary, ret_part, &last)) {
        /* no end: what came counts as the last part */
        *ret_part = *rest;
        rest->data += rest->n;
        rest->n = 0;
        return true;
    }
    rest->data += ret_part->n;
    rest->n -= ret_part->n;
    /* the delimiter is found again from the line break before it */
    return true;
}

void stox_mime_split_part(StoxSlice part, StoxSlice *ret_headers, StoxSlice *ret_content)
{
    const char *at = part.data, *end = part.data + part.n;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t) (end - at));
        size_t n = (size_t) ((newline ? newline : end) - at);

        if (n == 0 || (n == 1 && *at == '\r')) {
            *ret_headers = (StoxSlice){part.data, (size_t) (at - part.data)};
            at = newline ? newline + 1 : end;
            *ret_content = (StoxSlice){at, (size_t) (end - at)};
            return;
        }
        at = newline ? newline + 1 : end;
    }
    *ret_headers = part;
    *ret_content = (StoxSlice){end, 0};
}

char *stox_mime_header(StoxSlice headers, const char *name)
{
    const char *at = headers.data, *end = headers.data + headers.n;
    size_t name_n = strlen(name);
    GString *value = NULL;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t) (end - at));
        const char *line_end = newline ? newline : end;
        size_t n = (size_t) (line_end - at);

        if (value && (*at == ' ' || *at == '\t'))
            g_string_append_len(value, at, (gssize) n);
        else if (value)
            break;
        else if (n > name_n && at[name_n] == ':' && g_ascii_strncasecmp(at, name, name_n) == 0)
            value = g_string_new_len(at + name_n + 1, (gssize) (n - name_n - 1));
        at = newline ? newline + 1 : end;
    }
    return value ? g_strstrip(g_string_free(value, FALSE)) : NULL;
}
