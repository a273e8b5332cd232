/* SPDX-License-Identifier: MIT */
#include "sip/message-private.h"

#include <string.h>

typedef struct {
    char *name;
    char **values; /* borrowed strings */
} RawEntry;

static const char parser_start_line[] = "SIP/2.0 200 OK";

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
    return g_ascii_isalnum(c) || (c && strchr("-.!%*_+`'~", c));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Copies one physical line without its line end; control characters become blanks, so that no answer carries them on. */
static char *copy_line(StoxSipMessage *message, char *out, const char *p, const char *end)
{
    for (; p < end; p++) {
        bool control = ((unsigned char) *p < ' ' && *p != '\t') || *p == 0x7f;

        if (control)
            message->junk = true;
        *out++ = control ? ' ' : *p;
    }
    return out;
}

/* Notes the logical line line..end as a header; what is none marks the message. */
static void note_line(StoxSipMessage *message, char *line, char *end)
{
    StoxSipLine *entry = &message->lines[message->n_lines];
    char *colon = memchr(line, ':', (size_t) (end - line)), *name_end = colon;
    bool sound;

    while (name_end && name_end > line && is_blank(name_end[-1]))
        name_end--;
    sound = colon && name_end > line;
    for (const char *p = line; sound && p < name_end; p++)
        sound = is_token(*p);
    if (!sound) {
        message->junk = true;
        return;
    }
    entry->name = line;
    entry->name_length = (size_t) (name_end - line);
    entry->value = colon + 1;
    while (entry->value < end && is_blank(*entry->value))
        entry->value++;
    message->n_lines++;
}

/* Takes the start line, and puts another in its place: sofia-sip finds no message behind "SERVICE", and ours is parsed by us anyway. */
static char *take_start_line(StoxSipMessage *message, char *line, char *end)
{
    message->start_line = g_strndup(line, (size_t) (end - line));
    memcpy(line, parser_start_line, sizeof parser_start_line - 1);
    return line + sizeof parser_start_line - 1;
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
        out = copy_line(message, out, p, stop);
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
        if (message->start_line)
            note_line(message, line, out);
        else
            out = take_start_line(message, line, out);
        *out++ = '\r';
        *out++ = '\n';
        line = out;
        p = next;
    }
    if (line != out)
        return "the header part ends inside a folded line";
    message->text_length = (size_t) (out - message->text);
    return NULL;
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
    /* Room for a CRLF behind each line that came with a bare LF or none, and the last empty line. */
    message->text = g_malloc(n + 2 * (size_t) n_lines + 3 + sizeof parser_start_line);
    message->lines = g_new(StoxSipLine, MIN(n_lines, stox_sip_limits.max_headers) + 1);
    why = copy_lines(message, head, head + n);
    if (why) {
        *ret_why = why;
        return false;
    }
    memcpy(message->text + message->text_length, "\r\n", 3);
    message->text_length += 2;
    return true;
}

void stox_sip_lines_cut(StoxSipMessage *message)
{
    for (unsigned i = 0; i < message->n_lines; i++) {
        StoxSipLine *line = &message->lines[i];
        const char *full = line->name_length == 1 ? long_name(line->name[0]) : NULL;

        line->value[strcspn(line->value, "\r")] = '\0';
        if (full) {
            line->name = full;
            line->name_length = strlen(full);
        }
    }
}

static bool line_is(const StoxSipLine *line, const char *name, size_t n)
{
    return line->name_length == n && g_ascii_strncasecmp(line->name, name, n) == 0;
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
    g_free(message->start_line);
    g_free(message->text);
    g_free(message->lines);
    g_clear_pointer(&message->raw, g_ptr_array_unref);
}
