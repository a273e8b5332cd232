/* SPDX-License-Identifier: MIT */
#include "translation/outgoing.h"

#include "translation/error.h"
#include "translation/html.h"
#include "translation/language.h"
#include "translation/split.h"
#include "translation/text.h"
#include "translation/xml.h"

#include <string.h>

#define MAX_PARTS   8
#define MAX_SUBJECT 900  /* bytes; a longer one would be a header line that peers refuse */
#define MAX_NICK    256  /* bytes */
#define LYNC_BYTES  8000 /* clients take no more at a time (lync.md 4.4) */

/* ---- What is said ---- */

bool stox_outgoing_is_content(const StoxMessage *message)
{
    return stox_text_of_message(message) || message->oob_url || message->encryption;
}

/* M-113: the link is in the text, where every client shows it. */
static char *with_link(const char *text, const char *url)
{
    if (!url || (text && strstr(text, url)))
        return g_strdup(text);
    return text ? g_strconcat(text, "\n", url, NULL) : g_strdup(url);
}

/* All text of the message; *ret_subject is what goes beside it. M-12: nothing is said twice. */
static char *text_of(const StoxMessage *message, char **ret_subject)
{
    g_autofree char *line = stox_text_header_line(message->subject);
    char *text = with_link(message->body, message->oob_url);
    char *whole;

    if (text && (!line || strlen(line) <= MAX_SUBJECT)) {
        *ret_subject = g_steal_pointer(&line);
        return text;
    }
    whole = text ? g_strconcat(message->subject, "\n\n", text, NULL) : g_strdup(message->subject);
    g_free(text);
    return whole;
}

/* ---- How much at a time ---- */

static size_t limit_of(const StoxGateway *gateway, const StoxPair *pair)
{
    size_t limit = gateway->config.max_message_bytes;

    return pair->dialect == STOX_DIALECT_LYNC ? MIN(limit, LYNC_BYTES) : limit;
}

static bool set_text(StoxOutgoing *outgoing, char *text, size_t limit, StoxError *ret_error)
{
    g_autoptr(GPtrArray) parts = NULL;
    size_t n = strlen(text);

    if (n <= limit) {
        outgoing->body = g_bytes_new_take(text, n);
        return true;
    }
    parts = stox_split(text, limit, MAX_PARTS);
    g_free(text);
    if (!parts) {
        g_autofree char *most = g_strdup_printf("%zu", limit * MAX_PARTS);

        stox_error_say(ret_error, STOX_CONDITION_POLICY_VIOLATION, STOX_ERROR_MODIFY,
                       outgoing->language, STOX_WORD_MESSAGE_TOO_LONG, most, NULL); /* M-36 */
        return false;
    }
    outgoing->body = g_bytes_new(parts->pdata[0], strlen(parts->pdata[0]));
    if (parts->len > 1)
        outgoing->parts = g_steal_pointer(&parts);
    return true;
}

/* M-14, M-112: only beside a text that is one part, and not larger than one. */
static void set_html(StoxOutgoing *outgoing, const StoxMessage *message, size_t limit)
{
    g_autofree char *html = NULL;
    size_t n;
    const char *text = g_bytes_get_data(outgoing->body, &n);

    if (outgoing->parts || !message->body || message->encryption)
        return;
    if (message->xhtml) {
        html = stox_html_from_xhtml(message->xhtml);
    } else if (!message->unstyled) {
        g_autofree char *copy = g_strndup(text, n);

        html = stox_html_from_styled(copy);
    }
    if (!html)
        return;
    if (message->xhtml && n > strlen(message->body)) { /* with_link() */
        GString *more = g_string_new(html);

        stox_xml_append_element(more, "p", message->oob_url);
        g_free(html);
        html = g_string_free(more, FALSE);
    }
    if (strlen(html) <= limit)
        outgoing->html = g_bytes_new(html, strlen(html));
}

/* ---- A message's life ---- */

/* M-15: the name it gives itself, as far as it is fit for a header. */
static char *nick_of(const StoxMessage *message)
{
    g_autofree char *line = stox_text_header_line(message->nick);

    return line && strlen(line) <= MAX_NICK ? g_steal_pointer(&line) : NULL;
}

StoxOutgoing *stox_outgoing_new(const StoxGateway *gateway, const StoxPair *pair,
                                const StoxMessage *message, StoxError *ret_error)
{
    size_t limit = limit_of(gateway, pair);
    StoxOutgoing *outgoing;

    if (message->encryption && !message->body) { /* M-114 */
        stox_error_say(ret_error, STOX_CONDITION_NOT_ACCEPTABLE, STOX_ERROR_MODIFY,
                       pair->xmpp_language, STOX_WORD_MESSAGE_ENCRYPTED, message->encryption, NULL);
        return NULL;
    }
    outgoing = g_new0(StoxOutgoing, 1);
    outgoing->language = pair->xmpp_language;
    if (!set_text(outgoing, text_of(message, &outgoing->subject), limit, ret_error)) {
        stox_outgoing_free(outgoing);
        return NULL;
    }
    if (stox_pair_hop(gateway, pair)->rich_text)
        set_html(outgoing, message, limit);
    outgoing->from = g_strdup(message->from);
    outgoing->to = g_strdup(message->to);
    outgoing->id = g_strdup(message->id);
    if (message->lang && stox_language_tag_is_valid(message->lang)) /* M-09 */
        outgoing->lang = g_strdup(message->lang);
    outgoing->nick = nick_of(message);
    outgoing->date_wall_ms = message->delay_wall_ms; /* M-63 */
    outgoing->headline = message->type == STOX_MESSAGE_HEADLINE;
    outgoing->type = message->type;
    return outgoing;
}

StoxOutgoing *stox_outgoing_notice(const char *line)
{
    StoxOutgoing *outgoing = g_new0(StoxOutgoing, 1);

    outgoing->kind = STOX_OUTGOING_NOTICE;
    outgoing->body = g_bytes_new(line, strlen(line));
    return outgoing;
}

StoxOutgoing *stox_outgoing_state(StoxOutgoingKind kind, const char *content_type, GBytes *body)
{
    StoxOutgoing *outgoing = g_new0(StoxOutgoing, 1);

    outgoing->kind = kind;
    outgoing->content_type = content_type;
    outgoing->body = g_bytes_ref(body);
    return outgoing;
}

void stox_outgoing_free(StoxOutgoing *outgoing)
{
    if (!outgoing)
        return;
    g_free(outgoing->from);
    g_free(outgoing->to);
    g_free(outgoing->id);
    g_free(outgoing->repeat);
    g_free(outgoing->to_uri);
    g_clear_pointer(&outgoing->body, g_bytes_unref);
    g_clear_pointer(&outgoing->parts, g_ptr_array_unref);
    g_clear_pointer(&outgoing->html, g_bytes_unref);
    g_free(outgoing->subject);
    g_free(outgoing->lang);
    g_free(outgoing->nick);
    g_free(outgoing->call_id);
    g_free(outgoing->notify_id);
    g_free(outgoing);
}

bool stox_outgoing_is_last(const StoxOutgoing *outgoing)
{
    return !outgoing->parts || outgoing->part + 1 >= outgoing->parts->len;
}

bool stox_outgoing_next(StoxOutgoing *outgoing)
{
    const char *text;

    outgoing->part++;
    if (!outgoing->parts || outgoing->part >= outgoing->parts->len)
        return false;
    text = outgoing->parts->pdata[outgoing->part];
    g_bytes_unref(outgoing->body);
    outgoing->body = g_bytes_new(text, strlen(text));
    g_clear_pointer(&outgoing->subject, g_free);
    outgoing->resent = false;
    return true;
}

char *stox_outgoing_partly(const StoxOutgoing *outgoing, const char *text)
{
    g_autofree char *sent = NULL, *all = NULL;

    if (outgoing->part == 0 || !outgoing->parts)
        return NULL;
    sent = g_strdup_printf("%u", outgoing->part);
    all = g_strdup_printf("%u", outgoing->parts->len);
    return stox_words(STOX_WORD_MESSAGE_PARTLY_DELIVERED, outgoing->language, sent, all,
                      text ? text : "", NULL);
}

/* ---- Its form ---- */

bool stox_types_have(const char *list, const char *type)
{
    size_t n = strlen(type);

    for (const char *at = list; at && *at;) {
        size_t token = strcspn(at, " ,;");

        if (token == n && g_ascii_strncasecmp(at, type, n) == 0)
            return true;
        at += token;
        if (*at == ';') /* parameters */
            at += strcspn(at, ",");
        at += strspn(at, " ,");
    }
    return false;
}

StoxForm stox_form_from_types(const char *list)
{
    if (!stox_types_have(list, "text/html"))
        return STOX_FORM_PLAIN;
    return stox_types_have(list, "multipart/alternative") ? STOX_FORM_ALTERNATIVE : STOX_FORM_HTML;
}

#define PART(type) "\r\nContent-Type: " type "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
#define HTML_TYPE  "text/html; charset=UTF-8"

static void append_bytes(GString *out, GBytes *bytes)
{
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);

    g_string_append_len(out, data, (gssize) n);
}

static void append_html(GString *out, GBytes *html)
{
    g_string_append(out, "<html><body>");
    append_bytes(out, html);
    g_string_append(out, "</body></html>");
}

static bool contains(GBytes *bytes, const char *text)
{
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);

    return memmem(data, n, text, strlen(text)) != NULL;
}

/* RFC 2046 s5.1.4: the best form comes last. */
static void write_alternative(const StoxOutgoing *outgoing, StoxAction *action)
{
    GString *out = g_string_new("--");
    g_autofree char *boundary = NULL;
    unsigned n = 0;

    do {
        g_free(boundary);
        boundary = g_strdup_printf("part-%" G_GUINT64_FORMAT "-%u", action->ref, n++);
    } while (contains(outgoing->body, boundary) || contains(outgoing->html, boundary));
    g_string_append_printf(out, "%s" PART(STOX_TEXT_TYPE), boundary);
    append_bytes(out, outgoing->body);
    g_string_append_printf(out, "\r\n--%s" PART(HTML_TYPE), boundary);
    append_html(out, outgoing->html);
    g_string_append_printf(out, "\r\n--%s--\r\n", boundary);
    action->content_type = g_strdup_printf("multipart/alternative; boundary=%s", boundary);
    action->body = g_string_free_to_bytes(out);
}

void stox_outgoing_write(StoxOutgoing *outgoing, StoxForm form, StoxAction *action)
{
    outgoing->rich = outgoing->html && form != STOX_FORM_PLAIN;
    if (!outgoing->rich) {
        action->content_type =
            g_strdup(outgoing->content_type ? outgoing->content_type : STOX_TEXT_TYPE);
        action->body = g_bytes_ref(outgoing->body);
    } else if (form == STOX_FORM_HTML) {
        GString *out = g_string_new(NULL);

        append_html(out, outgoing->html);
        action->content_type = g_strdup(HTML_TYPE);
        action->body = g_string_free_to_bytes(out);
    } else {
        write_alternative(outgoing, action);
    }
}
