/* SPDX-License-Identifier: MIT */
#include "sip/message-private.h"

#include <string.h>

typedef struct {
    char *name;
    char **values; /* borrowed strings */
} RawEntry;

/* RFC 3261 s7.3.3, RFC 6665 s8.4, RFC 4028 s4, RFC 3515, RFC 3892. */
static const char *long_name(char compact)
{
    switch (g_ascii_tolower(compact)) {
    case 'i':
        return "Call-ID";
    case 'm':
        return "Contact";
    case 'e':
        return "Content-Encoding";
    case 'l':
        return "Content-Length";
    case 'c':
        return "Content-Type";
    case 'f':
        return "From";
    case 's':
        return "Subject";
    case 'k':
        return "Supported";
    case 't':
        return "To";
    case 'v':
        return "Via";
    case 'o':
        return "Event";
    case 'u':
        return "Allow-Events";
    case 'x':
        return "Session-Expires";
    case 'r':
        return "Refer-To";
    case 'b':
        return "Referred-By";
    default:
        return NULL;
    }
}

static bool is_token(char c)
{
    /* The token characters of RFC 3261 s25.1, a bit each. */
    static const uint32_t set[4] = {0x00000000, 0x03ff6ca2, 0x87fffffe, 0x47ffffff};
    unsigned char u = (unsigned char) c;

    return u < 128 && (set[u / 32] >> (u % 32) & 1);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_control(char c)
{
    return ((unsigned char) c < ' ' && c != '\t') || c == 0x7f;
}

/* Copies one physical line without its line end; control characters become blanks, so that no answer carries them on. */
static char *copy_line(StoxSipMessage *message, char *out, const char *p, size_t n)
{
    bool control = false;

    /* Without a branch in it the compiler looks at many bytes at once. */
    for (size_t i = 0; i < n; i++) {
        control |= is_control(p[i]);
        out[i] = is_control(p[i]) ? ' ' : p[i];
    }
    message->junk |= control;
    return out + n;
}

/* Notes the logical line line..end, which is terminated, as a header; what is none marks the message. */
static void note_line(StoxSipMessage *message, char *line, const char *end)
{
    StoxSipLine *entry = &message->lines[message->n_lines];
    char *colon = line, *value;
    size_t n;

    while (is_token(*colon))
        colon++;
    n = (size_t) (colon - line);
    while (is_blank(*colon))
        colon++;
    if (n == 0 || *colon != ':') {
        message->junk = true;
        return;
    }
    for (value = colon + 1; is_blank(*value);)
        value++;
    entry->name = n == 1 ? long_name(line[0]) : NULL;
    if (entry->name)
        n = strlen(entry->name);
    else
        entry->name = line;
    entry->name_length = n;
    entry->value = value;
    entry->value_length = (size_t) (end - value);
    message->n_lines++;
}

static unsigned count_newlines(const char *p, size_t n)
{
    const char *end = p + n;
    unsigned lines = 1;

    while ((p = memchr(p, '\n', (size_t) (end - p)))) {
        lines++;
        p++;
    }
    return lines;
}

/* Copies head..end into the text, one logical line after the other. */
static const char *copy_lines(StoxSipMessage *message, const char *head, const char *end)
{
    char *out = message->text, *line = out;

    for (const char *p = head; p < end;) {
        const char *newline = memchr(p, '\n', (size_t) (end - p));
        const char *stop = newline ? newline : end, *next = newline ? newline + 1 : end;

        if (stop > p && stop[-1] == '\r')
            stop--;
        if (stop == p)
            return "an empty line inside the header part";
        out = copy_line(message, out, p, (size_t) (stop - p));
        if ((size_t) (out - line) > stox_sip_limits.max_line)
            return "a header line is too long";
        if (next < end && is_blank(*next)) {
            *out++ = ' ';
            while (next < end && is_blank(*next))
                next++;
            /* A fold of nothing but blanks ends the line like any other. */
            p = next;
            if (p < end && (*p == '\r' || *p == '\n'))
                return "a folded line is empty";
            continue;
        }
        while (out > line && is_blank(out[-1]))
            out--;
        if (message->n_lines == stox_sip_limits.max_headers)
            return "too many header lines";
        *out = '\0';
        if (message->start_line)
            note_line(message, line, out);
        else
            message->start_line = line;
        out++;
        line = out;
        p = next;
    }
    return line == out ? NULL : "the header part ends inside a folded line";
}

bool stox_sip_lines_scan(StoxSipMessage *message, const char *head, size_t n, const char **ret_why)
{
    unsigned n_lines = count_newlines(head, n);
    const char *why;

    if (n == 0 || is_blank(head[0])) {
        *ret_why = "no start line";
        return false;
    }
    if (memchr(head, '\0', n)) {
        *ret_why = "a NUL in the header part";
        return false;
    }
    /* Room for the end of each line, also where it came with a bare LF or none. */
    message->text = g_malloc(n + n_lines + 1);
    message->lines = g_new(StoxSipLine, MIN(n_lines, stox_sip_limits.max_headers) + 1);
    why = copy_lines(message, head, head + n);
    if (why) {
        *ret_why = why;
        return false;
    }
    return true;
}

static bool line_is(const StoxSipLine *line, const char *name, size_t n)
{
    /* The bit that tells cases apart makes most of the comparisons short. */
    return line->name_length == n && (line->name[0] | 0x20) == (name[0] | 0x20) &&
           g_ascii_strncasecmp(line->name, name, n) == 0;
}

const char *stox_sip_lines_first(const StoxSipMessage *message, const char *name)
{
    size_t n = strlen(name);

    for (unsigned i = 0; i < message->n_lines; i++) {
        if (line_is(&message->lines[i], name, n))
            return message->lines[i].value;
    }
    return NULL;
}

unsigned stox_sip_lines_count(const StoxSipMessage *message, const char *name)
{
    size_t n = strlen(name);
    unsigned count = 0;

    for (unsigned i = 0; i < message->n_lines; i++)
        count += line_is(&message->lines[i], name, n);
    return count;
}

/* Headers whose inner structure the view shows; sofia-sip need not see the others. */
static bool is_structured(const StoxSipLine *line)
{
    static const struct {
        const char *name;
        size_t length;
    } structured[] = {
#define NAME(text) {text, sizeof text - 1}
        NAME("Via"),
        NAME("From"),
        NAME("To"),
        NAME("Call-ID"),
        NAME("Contact"),
        NAME("Max-Forwards"),
        NAME("Expires"),
        NAME("Min-Expires"),
        NAME("Retry-After"),
        NAME("Date"),
        NAME("Event"),
        NAME("Subscription-State"),
        NAME("Min-SE"),
        NAME("Session-Expires"),
        NAME("Content-Length"),
#undef NAME
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(structured); i++) {
        if (line_is(line, structured[i].name, structured[i].length))
            return true;
    }
    return false;
}

GString *stox_sip_lines_for_parser(const StoxSipMessage *message)
{
    GString *out = g_string_sized_new(1024);

    /* Any start line would do, save that of a SERVICE request: sofia-sip finds no message behind it. Ours is read elsewhere. */
    g_string_append(out, "SIP/2.0 200 OK\r\n");
    for (unsigned i = 0; i < message->n_lines; i++) {
        const StoxSipLine *line = &message->lines[i];

        if (!is_structured(line))
            continue;
        g_string_append_len(out, line->name, (ssize_t) line->name_length);
        g_string_append_len(out, ": ", 2);
        g_string_append_len(out, line->value, (ssize_t) line->value_length);
        g_string_append_len(out, "\r\n", 2);
    }
    g_string_append_len(out, "\r\n", 2);
    return out;
}

static void raw_entry_free(gpointer data)
{
    RawEntry *entry = data;

    g_free(entry->name);
    g_free(entry->values);
    g_free(entry);
}

char *const *stox_sip_raw(const StoxSipMessage *const_message, const char *name)
{
    /* The answers are kept, so that the array lives as long as the message. */
    StoxSipMessage *message = (StoxSipMessage *) const_message;
    const char *full = strlen(name) == 1 ? long_name(name[0]) : NULL;
    size_t n;
    unsigned count = 0;
    RawEntry *entry;

    name = full ? full : name;
    n = strlen(name);
    if (!message->raw)
        message->raw = g_ptr_array_new_with_free_func(raw_entry_free);
    for (unsigned i = 0; i < message->raw->len; i++) {
        entry = message->raw->pdata[i];
        if (g_ascii_strcasecmp(entry->name, name) == 0)
            return entry->values;
    }
    entry = g_new0(RawEntry, 1);
    entry->name = g_strdup(name);
    entry->values = g_new0(char *, stox_sip_lines_count(message, name) + 1);
    for (unsigned i = 0; i < message->n_lines; i++) {
        if (line_is(&message->lines[i], name, n))
            entry->values[count++] = message->lines[i].value;
    }
    g_ptr_array_add(message->raw, entry);
    return entry->values;
}

void stox_sip_lines_clear(StoxSipMessage *message)
{
    g_free(message->text);
    g_free(message->lines);
    g_clear_pointer(&message->raw, g_ptr_array_unref);
}
