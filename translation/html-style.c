/* SPDX-License-Identifier: MIT */
/* CSS declarations: those of XEP-0071 s7.5.1 whose values are plainly harmless, and nothing else (XEP-0071 s8). */
#include "translation/html-private.h"

#include <string.h>

#define MAX_FAMILY 128 /* bytes */
#define MAX_WORD   24

/* By StoxCssProperty. */
static const char *const names[STOX_CSS_N_PROPERTIES] = {
    "background-color", "color",           "font-family", "font-size",    "font-style",
    "font-weight",      "text-decoration", "margin-left", "margin-right", "text-align",
};

typedef struct {
    const char *unit;
    double min, max;
} Unit;

/* Readable, and not so large that other text goes out of sight. */
static const Unit sizes[] = {{"pt", 4, 72}, {"px", 5, 96}, {"em", 0.3, 6}, {"%", 30, 600}, {NULL}};
static const Unit margins[] = {{"pt", 0, 150}, {"px", 0, 200}, {"em", 0, 12}, {"%", 0, 50},
                               {"in", 0, 2},   {"cm", 0, 5},   {NULL}};

static const char *const size_words[] = {"xx-small", "x-small",  "small",  "medium",  "large",
                                         "x-large",  "xx-large", "larger", "smaller", NULL};
static const char *const styles[] = {"normal", "italic", "oblique", NULL};
static const char *const weights[] = {"normal", "bold", "bolder", "lighter", "100", "200", "300",
                                      "400",    "500",  "600",    "700",     "800", "900", NULL};
static const char *const aligns[] = {"left", "right", "center", "justify", NULL};

void stox_html_style_clear(StoxHtmlStyle *style)
{
    for (unsigned i = 0; i < STOX_CSS_N_PROPERTIES; i++)
        g_free(style->values[i]);
    *style = (StoxHtmlStyle){.hidden = false};
}

/* ---- Values: each check returns the one spelling, or NULL. They get lower case without blanks at the ends. ---- */

static char *check_word(const char *value, const char *const *words)
{
    return g_strv_contains(words, value) ? g_strdup(value) : NULL;
}

static char *check_length(const char *value, const Unit *units)
{
    size_t digits = strspn(value, "0123456789"), n = digits;
    double number;

    if (value[n] == '.')
        n += 1 + strspn(value + n + 1, "0123456789");
    if (digits > 4 || n > 8 || n == 0 || strcmp(value, ".") == 0)
        return NULL;
    if (strcmp(value, "0") == 0 && units == margins)
        return g_strdup(value);
    number = g_ascii_strtod(value, NULL);
    for (; units->unit; units++)
        if (strcmp(value + n, units->unit) == 0)
            return number >= units->min && number <= units->max ? g_strdup(value) : NULL;
    return NULL;
}

/* "rgb(1, 2, 3)" as "#010203". */
static char *check_rgb(const char *value)
{
    const char *at = value + strlen("rgb(");
    unsigned parts[3];

    for (unsigned i = 0; i < 3; i++) {
        unsigned number = 0, n = 0;

        at += strspn(at, " ");
        for (; n < 3 && g_ascii_isdigit(*at); n++)
            number = number * 10 + (unsigned) (*at++ - '0');
        at += strspn(at, " ");
        if (n == 0 || *at++ != (i < 2 ? ',' : ')'))
            return NULL;
        parts[i] = MIN(number, 255);
    }
    return *at ? NULL : g_strdup_printf("#%02x%02x%02x", parts[0], parts[1], parts[2]);
}

static char *check_color(const char *value)
{
    size_t n = strlen(value);

    if (g_str_has_prefix(value, "rgb("))
        return check_rgb(value);
    if (*value == '#')
        return (n == 4 || n == 7) && strspn(value + 1, "0123456789abcdef") == n - 1
                   ? g_strdup(value)
                   : NULL;
    /* A name that is none means nothing to the reader, either. */
    if (n < 3 || n > MAX_WORD || strspn(value, "abcdefghijklmnopqrstuvwxyz") != n)
        return NULL;
    return g_strdup(value);
}

static char *check_decoration(const char *value)
{
    static const char *const words[] = {"none", "underline", "overline", "line-through", NULL};
    g_auto(GStrv) given = g_strsplit(value, " ", 8);
    GString *out = g_string_new(NULL);

    for (unsigned w = 0; words[w]; w++)
        if (g_strv_contains((const char *const *) given, words[w]))
            g_string_append_printf(out, "%s%s", out->len ? " " : "", words[w]);
    if (out->len)
        return g_string_free(out, FALSE);
    g_string_free(out, TRUE);
    return NULL;
}

/* One name of a font without quotes; false: it has what names do not need. */
static bool append_family(GString *out, const char *name)
{
    bool blank = false;

    if (!g_unichar_isalpha(g_utf8_get_char(name)))
        return false;
    if (out->len)
        g_string_append(out, ", ");
    for (const char *at = name; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (c == ' ') {
            blank = true;
            continue;
        }
        if (!g_unichar_isalnum(c) && c != '-' && c != '_')
            return false;
        if (blank)
            g_string_append_c(out, ' ');
        blank = false;
        g_string_append_unichar(out, c);
    }
    return true;
}

/* Gets the value in its own case. */
static char *check_family(const char *value)
{
    g_auto(GStrv) given = g_strsplit(value, ",", 16);
    GString *out = g_string_new(NULL);
    bool good = true;

    for (unsigned i = 0; given[i] && good; i++) {
        char *name = g_strstrip(given[i]);
        size_t n = strlen(name);

        if (n >= 2 && (*name == '"' || *name == '\'') && name[n - 1] == *name) {
            name[n - 1] = '\0';
            name = g_strstrip(name + 1);
        }
        good = append_family(out, name) && out->len <= MAX_FAMILY;
    }
    if (good && out->len)
        return g_string_free(out, FALSE);
    g_string_free(out, TRUE);
    return NULL;
}

static char *check(StoxCssProperty property, const char *value, const char *lower)
{
    char *size;

    switch (property) {
    case STOX_CSS_BACKGROUND_COLOR:
    case STOX_CSS_COLOR:
        return check_color(lower);
    case STOX_CSS_FONT_FAMILY:
        return check_family(value);
    case STOX_CSS_FONT_SIZE:
        size = check_word(lower, size_words);
        return size ? size : check_length(lower, sizes);
    case STOX_CSS_FONT_STYLE:
        return check_word(lower, styles);
    case STOX_CSS_FONT_WEIGHT:
        return check_word(lower, weights);
    case STOX_CSS_TEXT_DECORATION:
        return check_decoration(lower);
    case STOX_CSS_MARGIN_LEFT:
    case STOX_CSS_MARGIN_RIGHT:
        return check_length(lower, margins);
    case STOX_CSS_TEXT_ALIGN:
        return check_word(lower, aligns);
    case STOX_CSS_N_PROPERTIES:
        break;
    }
    return NULL;
}

/* ---- Declarations ---- */

void stox_html_style_set(StoxHtmlStyle *style, StoxCssProperty property, const char *value)
{
    g_autofree char *own = g_strstrip(g_strdup(value));
    g_autofree char *lower = g_ascii_strdown(own, -1);
    char *checked = check(property, own, lower);

    if (!checked)
        return;
    g_free(style->values[property]);
    style->values[property] = checked;
}

static void add_declaration(StoxHtmlStyle *style, const char *name, char *value)
{
    char *important = strchr(value, '!');

    if (important && g_ascii_strncasecmp(important, "!important", strlen("!important")) == 0)
        *important = '\0';
    g_strstrip(value);
    for (unsigned i = 0; i < STOX_CSS_N_PROPERTIES; i++)
        if (strcmp(name, names[i]) == 0)
            stox_html_style_set(style, (StoxCssProperty) i, value);
    if (strcmp(name, "background") == 0)
        stox_html_style_set(style, STOX_CSS_BACKGROUND_COLOR, value);
    if (strcmp(name, "display") == 0)
        style->hidden = g_ascii_strcasecmp(value, "none") == 0;
    if (strcmp(name, "white-space") == 0)
        style->pre = g_ascii_strncasecmp(value, "pre", strlen("pre")) == 0;
}

void stox_html_style_add(StoxHtmlStyle *style, const char *css)
{
    g_auto(GStrv) declarations = g_strsplit(css ? css : "", ";", -1);

    for (unsigned i = 0; declarations[i]; i++) {
        char *colon = strchr(declarations[i], ':');
        g_autofree char *name = NULL;

        if (!colon)
            continue;
        *colon = '\0';
        name = g_ascii_strdown(g_strstrip(declarations[i]), -1);
        add_declaration(style, name, colon + 1);
    }
}

char *stox_html_style_write(const StoxHtmlStyle *style, StoxCssProperty first, StoxCssProperty end)
{
    GString *out = g_string_new(NULL);

    for (unsigned i = first; i < end; i++)
        if (style->values[i])
            g_string_append_printf(out, "%s%s: %s", out->len ? "; " : "", names[i],
                                   style->values[i]);
    if (out->len)
        return g_string_free(out, FALSE);
    g_string_free(out, TRUE);
    return NULL;
}
