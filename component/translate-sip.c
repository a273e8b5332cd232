/* SPDX-License-Identifier: MIT */
/* A SIP request or response is the input: toward XMPP. */
#include "component/translate-private.h"

#include <string.h>

/* ---- Text -> message ---- */

/* Line ends of the header part as on the wire; what is behind it stays as it is. */
static GString *with_crlf(const char *bytes, size_t n, size_t *ret_body)
{
    GString *text = g_string_sized_new(n + 256);
    size_t at = 0;

    *ret_body = 0;
    while (at < n && !*ret_body) {
        const char *end = memchr(bytes + at, '\n', n - at);
        size_t line = end ? (size_t) (end - bytes) - at : n - at;
        size_t bare = line > 0 && bytes[at + line - 1] == '\r' ? line - 1 : line;

        g_string_append_len(text, bytes + at, (gssize) bare);
        g_string_append(text, "\r\n");
        at += line + (end ? 1 : 0);
        if (bare == 0)
            *ret_body = text->len;
    }
    if (!*ret_body) { /* no empty line: no body */
        g_string_append(text, "\r\n");
        *ret_body = text->len;
    }
    g_string_append_len(text, bytes + at, (gssize) (n - at));
    return text;
}

static bool is_header(const char *line, const char *name, const char *compact)
{
    size_t n = strcspn(line, ": \t\r\n");

    return (n == strlen(name) && g_ascii_strncasecmp(line, name, n) == 0) ||
           (compact && n == strlen(compact) && g_ascii_strncasecmp(line, compact, n) == 0);
}

/* The text with another value in a header, which must be there once and on one line. */
static void set_header(GString *text, size_t *body, const char *name, const char *compact,
                       const char *value)
{
    for (size_t at = 0; at < *body;) {
        const char *line = text->str + at;
        const char *end = strstr(line, "\r\n");
        size_t length = end ? (size_t) (end - line) + 2 : strlen(line);

        if (length <= 2)
            break;
        if (is_header(line, name, compact)) {
            g_autofree char *now = g_strdup_printf("%s: %s\r\n", name, value);

            g_string_erase(text, (gssize) at, (gssize) length);
            g_string_insert(text, (gssize) at, now);
            *body += strlen(now) - length;
            return;
        }
        at += length;
    }
}

static int64_t said_length(const GString *text, size_t body)
{
    for (size_t at = 0; at < body;) {
        const char *line = text->str + at;
        const char *end = strstr(line, "\r\n");

        if (is_header(line, "Content-Length", "l"))
            return g_ascii_strtoll(line + strcspn(line, ":") + 1, NULL, 10);
        if (!end)
            break;
        at += (size_t) (end - line) + 2;
    }
    return -1;
}

/* Only white space: a newline that an editor has put there. */
static bool is_blank(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!g_ascii_isspace(bytes[i]))
            return false;
    return true;
}

/*
 * As it would be on the wire. A text that was shown somewhere has lost its CRs or won a newline, and printed examples count wrongly: the body is what is there,
 * and *ret_note (caller frees) says so where Content-Length says something else. The caller frees.
 */
static GString *normalise(const char *bytes, size_t n, size_t *ret_body, char **ret_note)
{
    GString *text = with_crlf(bytes, n, ret_body);
    size_t there = text->len - *ret_body;
    int64_t said = said_length(text, *ret_body);
    g_autofree char *length = g_strdup_printf("%zu", there);

    if (said < 0 && there > 0 && text->str[text->len - 1] == '\n')
        g_string_truncate(text, text->len - 1);
    if (said < 0 || (uint64_t) said == there)
        return text;
    if ((uint64_t) said < there && is_blank(text->str + *ret_body + said, there - (size_t) said)) {
        g_string_truncate(text, *ret_body + (size_t) said);
        return text;
    }
    *ret_note = g_strdup_printf("Content-Length says %" G_GINT64_FORMAT
                                ", the body has %s bytes here: it is taken as it is.",
                                said, length);
    set_header(text, ret_body, "Content-Length", "l", length);
    return text;
}

/* The input, and what it was parsed to. */
typedef struct {
    GString *text;
    size_t body; /* where its header part ends */
    StoxSipMessage *message;
    const StoxSipView *view;
} Input;

/* Without Content-Length the body ends with the text, as in a datagram. */
static StoxSipMessage *parse(const GString *text, const char **ret_why)
{
    return stox_sip_message_parse_datagram(text->str, text->len, ret_why);
}

/* ---- Inside of something that was played ---- */

/* The same message with another Call-ID and To tag (NULL: without), as our side has made them. */
static StoxSipMessage *moved(const Input *input, const char *call_id, const char *to_tag)
{
    GString *text = g_string_new_len(input->text->str, (gssize) input->text->len);
    size_t body = input->body;
    g_autofree char *to =
        g_strdup_printf(to_tag ? "<%s>;tag=%s" : "<%s>", input->view->to_uri, to_tag);
    g_autofree char *cseq =
        g_strdup_printf("%u %s", MAX(input->view->cseq, 2), input->view->method_name);
    StoxSipMessage *message;
    const char *why;

    set_header(text, &body, "Call-ID", "i", call_id);
    set_header(text, &body, "To", "t", to);
    set_header(text, &body, "CSeq", NULL, cseq);
    message = parse(text, &why);
    g_string_free(text, TRUE);
    return message;
}

static StoxSipMessage *as_it_came(const Input *input)
{
    return stox_sip_message_ref(input->message);
}

static bool is_about_state(const StoxSipView *view)
{
    return view->method == STOX_SIP_INFO || view->method == STOX_SIP_BYE ||
           stox_sip_content_is(view->content_type, "application/im-iscomposing+xml");
}

/* Chat states go to the resource that has shown that it knows them (M-57, M-78). */
static void play_xmpp_state(StoxTranslator *translator, const StoxPlayers *players)
{
    g_autofree char *from = g_strconcat(players->xmpp_jid, "/resource", NULL);
    StoxMessage *state = stox_message_new(STOX_MESSAGE_CHAT, from, players->sip_jid);

    state->body = g_strdup("hello");
    state->chat_state = STOX_CHAT_STATE_ACTIVE;
    stox_translator_message(translator, state);
}

static void receive_in_session(StoxTranslator *translator, const StoxPlayers *players,
                               const Input *input)
{
    const StoxSipView *view = input->view;
    const StoxSipView *accepted;
    StoxSipMessage *inside;

    stox_play_sip_invite(translator, players, view->call_id,
                         view->from_tag ? view->from_tag : "peer");
    accepted = translator->response ? stox_sip_view(translator->response) : NULL;
    if (!accepted || accepted->status != 200) {
        stox_translator_show(translator);
        stox_translator_receive(translator, as_it_came(input));
        return;
    }
    inside =
        moved(input, view->call_id, accepted->to_tag); /* before another answer takes its place */
    if (is_about_state(view)) {
        play_xmpp_state(translator, players);
        if (view->method == STOX_SIP_BYE)
            stox_play_sip_message(translator, players, NULL, NULL);
    }
    stox_translator_show(translator);
    if (inside)
        stox_translator_receive(translator, inside);
}

/* A NOTIFY belongs to a subscription of ours. */
static void receive_notify(StoxTranslator *translator, const StoxPlayers *players,
                           const Input *input)
{
    const StoxSipView *asked;
    StoxSipMessage *inside;

    translator->peer_tag = input->view->from_tag;
    stox_play_xmpp_subscribe(translator, players);
    asked = translator->request ? stox_sip_view(translator->request) : NULL;
    if (!asked || asked->method != STOX_SIP_SUBSCRIBE) {
        stox_translator_show(translator);
        stox_translator_receive(translator, as_it_came(input));
        return;
    }
    inside =
        moved(input, asked->call_id, asked->from_tag); /* before another request takes its place */
    stox_translator_show(translator);
    if (inside)
        stox_translator_receive(translator, inside);
}

/* ---- Requests ---- */

static bool is_in_session(const StoxSipView *view)
{
    return view->method == STOX_SIP_INFO || view->method == STOX_SIP_BYE ||
           (view->method == STOX_SIP_MESSAGE && view->to_tag);
}

static void translate_request(StoxTranslator *translator, const StoxPlayers *players,
                              const Input *input, StoxTranslation *ret)
{
    const StoxSipView *view = input->view;

    if (view->method == STOX_SIP_NOTIFY || view->method == STOX_SIP_BENOTIFY) {
        receive_notify(translator, players, input);
        return;
    }
    if (is_in_session(view) && players->sip && players->xmpp) {
        receive_in_session(translator, players, input);
        return;
    }
    if (is_about_state(view) && players->sip_jid && players->xmpp_jid)
        play_xmpp_state(translator, players);
    stox_translator_show(translator);
    if (view->to_tag && view->method != STOX_SIP_ACK) /* a refresh: as if it were the first */
        stox_translator_receive(translator, moved(input, view->call_id, NULL));
    else
        stox_translator_receive(translator, as_it_came(input));
    if (view->method == STOX_SIP_INVITE && !translator->sip_refused && !ret->note)
        ret->note = g_strdup("A session is taken; its messages are what crosses.");
}

/* ---- Responses: to a message or a subscription of the XMPP user ---- */

static void translate_response(StoxTranslator *translator, const StoxPlayers *players,
                               const Input *input)
{
    g_autofree char *from = stox_players_across(translator->settings, input->view->from_uri,
                                                false); /* with its resource */
    StoxMessage *sent;

    translator->reply = input->message;
    translator->showing = true;
    switch (input->view->method) {
    case STOX_SIP_MESSAGE:
    case STOX_SIP_INVITE:
        sent =
            stox_message_new(STOX_MESSAGE_CHAT, from ? from : players->xmpp_jid, players->sip_jid);
        sent->id = g_strdup("message");
        sent->body = g_strdup("hello");
        stox_translator_message(translator, sent);
        break;
    case STOX_SIP_SUBSCRIBE:
        stox_play_xmpp_subscribe(translator, players);
        break;
    default:
        break;
    }
}

/* ---- Any ---- */

static void translate(const StoxTranslateSettings *settings, const Input *input,
                      StoxTranslation *ret)
{
    const StoxSipView *view = input->view;
    g_autoptr(StoxTranslator) translator = NULL;
    g_auto(StoxPlayers) players = {0};
    /* In dialogs the Request-URI is a Contact of ours. */
    bool inside = view->to_tag || view->method == STOX_SIP_NOTIFY;

    if (view->request) {
        translator = stox_players_from_uris(settings, view->from_uri,
                                            inside ? view->to_uri : view->request_uri, &players);
        translate_request(translator, &players, input, ret);
    } else {
        translator = stox_players_from_uris(settings, view->to_uri, view->from_uri, &players);
        if (players.sip_jid && players.xmpp_jid)
            translate_response(translator, &players, input);
        /* What was refused before it left is not about this response. */
        if (!translator->request) {
            g_string_truncate(translator->xmpp, 0);
            g_free(ret->note);
            ret->note = g_strdup("The gateway would not have sent a request that this answers.");
        }
    }
    stox_translator_finish(translator, STOX_SIP_TO_XMPP, ret);
}

void stox_translate_sip(const StoxTranslateSettings *settings, const char *bytes, size_t n,
                        StoxTranslation *ret)
{
    Input input = {0};
    const char *why = NULL;

    input.text = normalise(bytes, n, &input.body, &ret->note);
    input.message = parse(input.text, &why);
    if (input.message) {
        input.view = stox_sip_view(input.message);
        translate(settings, &input, ret);
        stox_sip_message_unref(input.message);
    } else {
        stox_translation_refuse(ret, "This is no SIP message: %s.", why);
    }
    g_string_free(input.text, TRUE);
}
