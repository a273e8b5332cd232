/* SPDX-License-Identifier: MIT */
#include "sip/message-private.h"

#include <string.h>

typedef struct {
    char *name;
    char **values; /* borrowed strings */
} RawEntry;

/* RFC 3261 s7.3.3, RFC 6665 s8.4, RFC 4028 s4, RFC 3515, RFC 3892 (R-35). */
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

/* A control character may be in a quoted string, behind a backslash (RFC 3261 s25.1); a CR never. */
static bool controls_are_quoted(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_control(p[i]) && (p[i] == '\r' || i == 0 || p[i - 1] != '\\'))
            return false;
    }
    return true;
}

/* Copies one physical line without its line end; control characters become blanks, so that neither answer nor log carries them on. */
static char *copy_line(StoxSipMessage *message, char *out, const char *p, size_t n)
{
    bool control = false;

    /* Without a branch in it the compiler looks at many bytes at once. */
    for (size_t i = 0; i < n; i++) {
        control |= is_control(p[i]);
        out[i] = is_control(p[i]) ? ' ' : p[i];
    }
    message->junk |= control && !controls_are_quoted(p, n);
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

/* Takes the logical line line..end, which is terminated. What is over a limit is left out, so that an answer can still be written. */
static void take_line(StoxSipMessage *message, char *line, const char *end)
{
    if (!message->start_line)
        message->start_line = line;
    if ((size_t) (end - line) > stox_sip_limits.max_line)
        stox_sip_message_defect(message, 513, "a header line is too long");
    else if (message->n_lines == stox_sip_limits.max_headers)
        stox_sip_message_defect(message, 513, "too many header lines");
    else if (line != message->start_line)
        note_line(message, line, end);
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

/* Copies head..end into the text, one logical line after the other. A fold of nothing but blanks adds a blank. */
static void copy_lines(StoxSipMessage *message, const char *head, const char *end)
{
    char *out = message->text, *line = out;

    for (const char *p = head; p < end;) {
        const char *newline = memchr(p, '\n', (size_t) (end - p));
        const char *stop = newline ? newline : end, *next = newline ? newline + 1 : end;

        if (stop > p && stop[-1] == '\r')
            stop--;
        out = copy_line(message, out, p, (size_t) (stop - p));
        p = next;
        if (p < end && is_blank(*p)) {
            *out++ = ' ';
            while (p < end && is_blank(*p))
                p++;
            if (p < end)
                continue;
        }
        while (out > line && is_blank(out[-1]))
            out--;
        *out = '\0';
        take_line(message, line, out);
        out++;
        line = out;
    }
}

bool stox_sip_lines_scan(StoxSipMessage *message, const char *head, size_t n)
{
    unsigned n_lines = count_newlines(head, n);

    if (n == 0 || is_blank(head[0]))
        return false;
    /* Room for the end of each line, also where it came with a bare LF or none. */
    message->text = g_malloc(n + n_lines + 1);
    message->lines = g_new(StoxSipLine, MIN(n_lines, stox_sip_limits.max_headers) + 1);
    copy_lines(message, head, head + n);
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

/*
 * Where sofia-sip begins to read a value: behind an unquoted display name, since it takes none but tokens, and people send UTF-8 and dots. Only where nothing in
 * the name could be read as another address, a parameter or the next element.
 */
static const char *parsable_value(const StoxSipLine *line)
{
    static const char *const addresses[] = {"From", "To", "Contact"};
    const char *open = line->value + strcspn(line->value, "<\">,;:@");

    for (unsigned i = 0; *open == '<' && i < G_N_ELEMENTS(addresses); i++) {
        if (line_is(line, addresses[i], strlen(addresses[i])))
            return open;
    }
    return line->value;
}

GString *stox_sip_lines_for_parser(const StoxSipMessage *message)
{
    GString *out = g_string_sized_new(1024);

    /* Any start line would do, save that of a SERVICE request: sofia-sip finds no message behind it. Ours is read elsewhere. */
    g_string_append(out, "SIP/2.0 200 OK\r\n");
    for (unsigned i = 0; i < message->n_lines; i++) {
        const StoxSipLine *line = &message->lines[i];
        const char *value;

        if (!is_structured(line))
            continue;
        value = parsable_value(line);
        g_string_append_len(out, line->name, (ssize_t) line->name_length);
        g_string_append_len(out, ": ", 2);
        g_string_append_len(out, value,
                            (ssize_t) (line->value_length - (size_t) (value - line->value)));
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
