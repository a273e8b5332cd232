/* SPDX-License-Identifier: MIT */
#include "translation/mime.h"

#include <string.h>

/* RFC 2045 s5.1: what ends a token, besides blanks and controls. */
#define SPECIALS "()<>@,;:\\\"/[]?="

/* Over blanks and comments, which nest (RFC 822 s3.3). */
static const char *skip_blanks(const char *at)
{
    unsigned depth = 0;

    for (; *at; at++) {
        if (*at == '(')
            depth++;
        else if (depth > 0 && *at == ')')
            depth--;
        else if (depth > 0 && *at == '\\' && at[1])
            at++;
        else if (depth == 0 && !g_ascii_isspace(*at))
            break;
    }
    return at;
}

static size_t token_length(const char *at)
{
    size_t n = 0;

    while (g_ascii_isgraph(at[n]) && !strchr(SPECIALS, at[n]))
        n++;
    return n;
}

/*
 * A parameter's value, a quoted string or all up to a blank or semicolon: boundaries with '/' or '=' are seen without their quotes. *at
 * moves behind it. Caller frees.
 */
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

/* Told of each parameter; `name` is no string, its length is `n`. True takes the value. */
typedef bool (*ParameterFunc)(const char *name, size_t n, char *value, void *user);

static void each_parameter(const char *at, ParameterFunc func, void *user)
{
    while (*at) {
        const char *name = skip_blanks(*at == ';' ? at + 1 : at);
        size_t n = token_length(name);
        char *value;

        at = skip_blanks(name + n);
        if (n > 0 && *at == '=') {
            at++;
            value = parse_value(&at);
            if (!func(name, n, value, user))
                g_free(value);
        }
        at += strcspn(at, ";");
    }
}

static bool is_named(const char *name, size_t n, const char *wanted)
{
    return n == strlen(wanted) && g_ascii_strncasecmp(name, wanted, n) == 0;
}

static char *without_angles(const char *id)
{
    size_t n = strlen(id);

    if (n >= 2 && id[0] == '<' && id[n - 1] == '>')
        return g_strndup(id + 1, n - 2);
    return g_strdup(id);
}

static bool take_known(const char *name, size_t n, char *value, void *user)
{
    StoxMimeType *type = user;

    if (is_named(name, n, "charset") && !type->charset)
        type->charset = g_ascii_strdown(value, -1);
    else if (is_named(name, n, "boundary") && !type->boundary)
        type->boundary = g_strdup(value);
    else if (is_named(name, n, "start") && !type->start)
        type->start = without_angles(value);
    return false;
}

bool stox_mime_type_parse(const char *value, StoxMimeType *ret_type)
{
    const char *major = skip_blanks(value), *minor, *at;
    size_t major_n = token_length(major), minor_n;
    g_autofree char *type = NULL;

    if (major_n == 0 || major[major_n] != '/')
        return false;
    minor = major + major_n + 1;
    minor_n = token_length(minor);
    at = skip_blanks(minor + minor_n);
    if (minor_n == 0 || (*at != ';' && *at != '\0'))
        return false;
    type = g_strndup(major, major_n + 1 + minor_n);
    *ret_type = (StoxMimeType){.type = g_ascii_strdown(type, -1)};
    each_parameter(at, take_known, ret_type);
    return true;
}

void stox_mime_type_clear(StoxMimeType *type)
{
    g_free(type->type);
    g_free(type->charset);
    g_free(type->boundary);
    g_free(type->start);
    *type = (StoxMimeType){.type = NULL};
}
