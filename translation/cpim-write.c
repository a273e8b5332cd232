/* SPDX-License-Identifier: MIT */
/* message/cpim: the writer, and the grammar of single values. */
#include "translation/cpim.h"
#include "translation/cpim-private.h"

#include <string.h>

/* ---- Escapes ---- */

static bool read_hex4(const char *at, gunichar *ret_value)
{
    gunichar value = 0;

    for (unsigned i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(at[i]);

        if (digit < 0)
            return false;
        value = value << 4 | (gunichar) digit;
    }
    *ret_value = value;
    return true;
}

/* `*at` is behind "\u"; a pair of surrogates is one character. */
static bool append_unicode(GString *out, const char **at)
{
    gunichar first, second;

    if (!read_hex4(*at, &first))
        return false;
    *at += 4;
    if (first >= 0xd800 && first < 0xdc00) {
        if ((*at)[0] != '\\' || (*at)[1] != 'u' || !read_hex4(*at + 2, &second) ||
            second < 0xdc00 || second > 0xdfff)
            return false;
        *at += 6;
        first = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    }
    if (!first || !g_unichar_validate(first))
        return false;
    g_string_append_unichar(out, first);
    return true;
}

char *stox_cpim_unescape(const char *value)
{
    static const char names[] = "\\\"'btnr", values[] = "\\\"'\b\t\n\r";
    g_autoptr(GString) out = g_string_new(NULL);

    while (*value) {
        const char *name;

        if (*value != '\\') {
            g_string_append_c(out, *value++);
            continue;
        }
        value++;
        if (*value == 'u') {
            value++;
            if (!append_unicode(out, &value))
                return NULL;
            continue;
        }
        name = *value ? strchr(names, *value) : NULL;
        if (!name)
            return NULL;
        g_string_append_c(out, values[name - names]);
        value++;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *stox_cpim_escape(const char *text, bool quoted)
{
    GString *out = g_string_new(NULL);

    for (; *text; text++) {
        switch (*text) {
        case '\\':
            g_string_append(out, "\\\\");
            break;
        case '"':
            g_string_append(out, quoted ? "\\\"" : "\"");
            break;
        case '\b':
            g_string_append(out, "\\b");
            break;
        case '\t':
            g_string_append(out, "\\t");
            break;
        case '\n':
            g_string_append(out, "\\n");
            break;
        case '\r':
            g_string_append(out, "\\r");
            break;
        default:
            if ((unsigned char) *text < 0x20 || *text == 0x7f)
                g_string_append_printf(out, "\\u%04x", (unsigned) *text);
            else
                g_string_append_c(out, *text);
        }
    }
    return g_string_free(out, FALSE);
}

/* ---- Values ---- */

/* Where the quoted string that starts at `value` ends: behind its last quote; NULL: never. */
static const char *after_string(const char *value)
{
    for (const char *p = value + 1; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '"')
            return p + 1;
    }
    return NULL;
}

bool stox_cpim_split_address(const char *value, char **ret_name, char **ret_uri)
{
    g_autofree char *name = NULL;
    const char *open, *close;

    value += strspn(value, " ");
    if (*value == '"') {
        const char *end = after_string(value);
        g_autofree char *raw = end ? g_strndup(value + 1, (size_t) (end - value - 2)) : NULL;

        name = raw ? stox_cpim_unescape(raw) : NULL;
        if (!name)
            return false;
        open = end + strspn(end, " ");
    } else {
        open = strchr(value, '<');
        if (open && open > value) {
            g_autofree char *raw = g_strchomp(g_strndup(value, (size_t) (open - value)));

            name = stox_cpim_unescape(raw);
            if (!name)
                return false;
        }
    }
    if (!open || *open != '<')
        return false;
    close = strchr(open, '>');
    if (!close || close == open + 1 || close[1 + strspn(close + 1, " ")])
        return false;
    for (const char *p = open + 1; p < close; p++)
        if (!g_ascii_isgraph(*p) || *p == '<' || *p == '"')
            return false;
    *ret_name = name && *name ? g_steal_pointer(&name) : NULL;
    *ret_uri = g_strndup(open + 1, (size_t) (close - open - 1));
    return true;
}

static const struct {
    StoxDisposition bit;
    const char *name;
} dispositions[] = {{STOX_DISPOSITION_POSITIVE_DELIVERY, "positive-delivery"},
                    {STOX_DISPOSITION_NEGATIVE_DELIVERY, "negative-delivery"},
                    {STOX_DISPOSITION_PROCESSING, "processing"},
                    {STOX_DISPOSITION_DISPLAY, "display"}};

unsigned stox_cpim_disposition(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(dispositions); i++)
        if (strcmp(dispositions[i].name, name) == 0)
            return dispositions[i].bit;
    return 0;
}

char *stox_cpim_dispositions_text(unsigned bits)
{
    GString *out = g_string_new(NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(dispositions); i++)
        if (bits & dispositions[i].bit)
            g_string_append_printf(out, "%s%s", out->len ? ", " : "", dispositions[i].name);
    return g_string_free(out, FALSE);
}

char *stox_cpim_date(int64_t wall_ms)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(wall_ms / 1000);

    return date ? g_date_time_format(date, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

/* ---- Writing ---- */

static void append(GString *out, const char *name, const char *value)
{
    if (value)
        g_string_append_printf(out, "%s: %s\r\n", name, value);
}

static void append_address(GString *out, const char *name, const char *display, const char *uri)
{
    g_autofree char *text = display && *display ? stox_cpim_escape(display, true) : NULL;

    if (!uri)
        return;
    if (text)
        g_string_append_printf(out, "%s: \"%s\" <%s>\r\n", name, text, uri);
    else
        g_string_append_printf(out, "%s: <%s>\r\n", name, uri);
}

static void append_subject(GString *out, const StoxCpim *cpim)
{
    g_autofree char *text = cpim->subject ? stox_cpim_escape(cpim->subject, false) : NULL;

    if (!text)
        return;
    g_string_append(out, "Subject:");
    if (cpim->subject_lang)
        g_string_append_printf(out, ";lang=%s", cpim->subject_lang);
    g_string_append_printf(out, " %s\r\n", text);
}

/* M-98: any prefix would do; this is the one that all examples use. */
static void append_imdn(GString *out, const StoxCpim *cpim)
{
    g_autofree char *id = cpim->message_id ? stox_cpim_escape(cpim->message_id, false) : NULL;

    if (!id && !cpim->dispositions && !cpim->record_route && !cpim->original_to)
        return;
    append(out, "NS", "imdn <urn:ietf:params:imdn>");
    append(out, "imdn.Message-ID", id);
    if (cpim->dispositions) {
        g_autofree char *text = stox_cpim_dispositions_text(cpim->dispositions);

        append(out, "imdn.Disposition-Notification", text);
    }
    append_address(out, "imdn.Original-To", NULL, cpim->original_to);
    for (unsigned i = 0; cpim->record_route && i < cpim->record_route->len; i++)
        append_address(out, "imdn.IMDN-Route", NULL, cpim->record_route->pdata[i]);
}

GBytes *stox_cpim_write(const StoxCpim *cpim)
{
    g_autofree char *date = cpim->date
                                ? g_strdup(cpim->date)
                                : (cpim->date_wall_ms ? stox_cpim_date(cpim->date_wall_ms) : NULL);
    GString *out = g_string_new(NULL);
    size_t n;
    const char *body = g_bytes_get_data(cpim->body, &n);

    append_address(out, "From", cpim->from_name, cpim->from);
    append_address(out, "To", NULL, cpim->to);
    append(out, "DateTime", date);
    append_subject(out, cpim);
    append_imdn(out, cpim);
    g_string_append(out, "\r\n");
    append(out, "Content-Type", cpim->content_type);
    append(out, "Content-Transfer-Encoding", cpim->content_encoding);
    append(out, "Content-Disposition", cpim->content_disposition);
    append(out, "Content-Language", cpim->content_language);
    g_string_append(out, "\r\n");
    g_string_append_len(out, body, (gssize) n);
    return g_string_free_to_bytes(out);
}
