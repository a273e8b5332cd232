/* SPDX-License-Identifier: MIT */
#include "component/translate-private.h"

#include "translation/address.h"

#include <string.h>

#define GATEWAY_NAME "gateway.invalid"

enum { LARGEST_INPUT = 1024 * 1024, MAX_ROUNDS = 1000 };

/* ---- Output ---- */

void stox_translation_clear(StoxTranslation *translation)
{
    g_free(translation->other);
    g_free(translation->back);
    g_free(translation->note);
    memset(translation, 0, sizeof *translation);
}

void stox_translation_refuse(StoxTranslation *ret, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_free(ret->note);
    ret->note = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    ret->refused = true;
}

/* One message after the other, an empty line between. */
static void append_sip(StoxTranslator *translator, GBytes *bytes)
{
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);
    const char *end = g_strstr_len(data, (gssize) n, "\r\n\r\n");
    size_t head = end ? (size_t) (end - data) + 4 : n;

    if (translator->sip->len > 0)
        g_string_append(translator->sip, "\n");
    for (size_t i = 0; i < head; i++)
        if (data[i] != '\r' || translator->settings->wire)
            g_string_append_c(translator->sip, data[i]);
    g_string_append_len(translator->sip, data + head, (gssize) (n - head));
    if (n > head && data[n - 1] != '\n')
        g_string_append_c(translator->sip, '\n');
}

static void append_xmpp(StoxTranslator *translator, const char *stanza, bool refusal)
{
    if (!translator->showing)
        return;
    g_string_append_printf(translator->xmpp, "%s\n", stanza);
    translator->xmpp_refused |= refusal;
}

void stox_translator_finish(StoxTranslator *translator, StoxDirection direction,
                            StoxTranslation *ret)
{
    bool to_sip = direction == STOX_XMPP_TO_SIP;

    ret->other = g_strdup(to_sip ? translator->sip->str : translator->xmpp->str);
    ret->back = g_strdup(to_sip ? translator->xmpp->str : translator->sip->str);
    ret->refused = to_sip ? translator->xmpp_refused : translator->sip_refused;
    if (!ret->refused) { /* receipts, 200s: not what was asked for */
        *ret->back = '\0';
        if (!*ret->other && !ret->note)
            ret->note = g_strdup("Nothing crosses.");
    }
}

/* ---- The machines' surroundings ---- */

static StoxSipMessage *parse(GBytes *bytes)
{
    const char *why;
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);

    return stox_sip_message_parse(data, n, &why);
}

static void replace(StoxSipMessage **slot, StoxSipMessage *message)
{
    g_clear_pointer(slot, stox_sip_message_unref);
    *slot = message;
}

static void send_request_cb(void *user, uint64_t transaction, GBytes *bytes,
                            const StoxSipTarget *target)
{
    StoxTranslator *translator = user;
    StoxSipMessage *message = parse(bytes), *answer;

    if (translator->showing)
        append_sip(translator, bytes);
    if (!message)
        return;
    replace(&translator->request, message);
    if (!transaction)
        return; /* an ACK or a CANCEL */
    answer = stox_play_answer(translator, message);
    if (answer)
        g_queue_push_tail(&translator->answers, answer);
}

static void send_response_cb(void *user, uint64_t flow, const StoxSipHop *hop, GBytes *bytes,
                             const StoxSipMessage *request)
{
    StoxTranslator *translator = user;
    StoxSipMessage *message = parse(bytes);
    unsigned status = message ? stox_sip_view(message)->status : 0;

    if (status >= 200 && translator->showing) {
        append_sip(translator, bytes);
        translator->sip_refused |= status >= 300;
    }
    if (status >= 200)
        replace(&translator->response, g_steal_pointer(&message));
    g_clear_pointer(&message, stox_sip_message_unref);
}

static bool another_hop_cb(void *user, uint64_t transaction, const StoxSipTarget *target,
                           int64_t retry_after_s)
{
    return false;
}

static StoxSipFate ended_cb(void *user, uint64_t transaction, const StoxSipMessage *response,
                            StoxSipFate fate, unsigned *ret_retry_after_s)
{
    return fate;
}

static void event_cb(void *user, StoxEvent *event)
{
    StoxTranslator *translator = user;

    g_queue_push_tail(&translator->events, event);
}

static void rate_cb(void *user, const StoxRateReport *report)
{
}

/* Not random: the same input gives the same output. */
static char *token_cb(void *user)
{
    StoxTranslator *translator = user;

    return g_strdup_printf("stoxd-%u", ++translator->tokens);
}

/* ---- The loop ---- */

static void answer_ping(StoxTranslator *translator, const StoxAction *ping)
{
    StoxEvent *pong = stox_event_new(STOX_EVENT_XMPP_PONG);

    if (translator->holding) {
        StoxMessage *message = translator->holding->message;

        g_free(message->id);
        message->id = g_strdup(translator->message_id);
        g_queue_push_tail(&translator->events, g_steal_pointer(&translator->holding));
    }
    pong->id = g_strdup(ping->id);
    pong->from = g_strdup(ping->to);
    pong->to = g_strdup(ping->from);
    g_queue_push_tail(&translator->events, pong);
}

static void do_action(StoxTranslator *translator, const StoxAction *action)
{
    g_autofree char *stanza = NULL;

    switch (action->kind) {
    case STOX_ACTION_XMPP_MESSAGE:
        stanza = stox_stanza_write_message(translator->writer, action->message, NULL);
        g_free(translator->message_id);
        translator->message_id = g_strdup(action->message->id);
        append_xmpp(translator, stanza, action->message->type == STOX_MESSAGE_ERROR);
        break;
    case STOX_ACTION_XMPP_PRESENCE:
        stanza = stox_stanza_write_presence(translator->writer, action->presence, NULL);
        if (action->presence->type == STOX_PRESENCE_SUBSCRIBE) {
            g_free(translator->presence_id);
            translator->presence_id = g_strdup(action->presence->id);
        }
        append_xmpp(translator, stanza, action->presence->type == STOX_PRESENCE_ERROR);
        break;
    case STOX_ACTION_XMPP_PING:
        answer_ping(translator, action);
        break;
    case STOX_ACTION_OUTCOME:
        break;
    default:
        stox_endpoint_do(translator->endpoint, action, action->hop ? &translator->hop : NULL,
                         translator->now);
        break;
    }
}

static void do_actions(StoxTranslator *translator, GPtrArray *actions)
{
    for (unsigned i = 0; i < actions->len; i++)
        do_action(translator, actions->pdata[i]);
    g_ptr_array_set_size(actions, 0);
}

static const StoxSipSource *source_of(StoxTranslator *translator, StoxSipSource *source)
{
    *source = (StoxSipSource){.hop = &translator->hop, .flow = 1, .reliable = true, .peer = ""};
    return source;
}

/* Turn by turn until nobody has anything to say; bounded, whatever the gateway and the played sides make of each other. */
static void run(StoxTranslator *translator)
{
    g_autoptr(GPtrArray) actions =
        g_ptr_array_new_with_free_func((GDestroyNotify) stox_action_free);
    StoxSipSource source;

    for (unsigned round = 0; round < MAX_ROUNDS; round++) {
        g_autoptr(StoxEvent) event = g_queue_pop_head(&translator->events);
        g_autoptr(StoxSipMessage) answer = NULL;

        if (event) {
            stox_gateway_handle(translator->gateway, event, translator->now, actions);
            do_actions(translator, actions);
            continue;
        }
        stox_gateway_flush(translator->gateway, translator->now, actions);
        do_actions(translator, actions);
        if (!g_queue_is_empty(&translator->events))
            continue;
        answer = g_queue_pop_head(&translator->answers);
        if (!answer)
            return;
        stox_endpoint_receive(translator->endpoint, answer, source_of(translator, &source),
                              translator->now);
    }
}

void stox_translator_event(StoxTranslator *translator, StoxEvent *event)
{
    g_queue_push_tail(&translator->events, event);
    run(translator);
}

void stox_translator_message(StoxTranslator *translator, StoxMessage *message)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);

    event->message = message;
    stox_translator_event(translator, event);
}

void stox_translator_presence(StoxTranslator *translator, StoxPresence *presence)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);

    event->presence = presence;
    stox_translator_event(translator, event);
}

void stox_translator_receive(StoxTranslator *translator, StoxSipMessage *message)
{
    g_autoptr(StoxSipMessage) owned = message;
    StoxSipSource source;

    stox_endpoint_receive(translator->endpoint, owned, source_of(translator, &source),
                          translator->now);
    run(translator);
}

void stox_translator_wait(StoxTranslator *translator, int64_t ms)
{
    translator->now.mono_ms += ms;
    translator->now.wall_ms += ms;
    stox_endpoint_tick(translator->endpoint, translator->now);
    stox_translator_event(translator, stox_event_new(STOX_EVENT_TICK));
}

void stox_translator_show(StoxTranslator *translator)
{
    /* Long enough for intervals between two documents, too short for any time-out. */
    stox_translator_wait(translator, 5000);
    translator->showing = true;
}

/* ---- Life ---- */

static void make_policy(StoxTranslator *translator, const char *sip_domain, const char *partner)
{
    const StoxTranslateSettings *settings = translator->settings;
    StoxHopPolicy *hop;
    StoxDomainPolicy *domain;
    StoxPartnerPolicy *other;

    translator->policy = stox_policy_new();
    hop = stox_policy_add_hop(translator->policy, translator->hop.name,
                              settings->lync ? STOX_DIALECT_LYNC : STOX_DIALECT_SIMPLE);
    hop->rich_text = settings->rich;
    if (settings->categories)
        hop->presence_format = STOX_PRESENCE_FORMAT_CATEGORIES;
    domain = stox_policy_add_domain(translator->policy, translator->domain, translator->hop.name);
    if (domain) {
        domain->language = settings->language;
        if (strcmp(sip_domain, domain->name) != 0) {
            domain->sip_domains = g_new0(char *, 2);
            domain->sip_domains[0] = g_strdup(sip_domain);
        }
    }
    other = stox_policy_add_partner(translator->policy, partner);
    if (other) {
        other->language = settings->language;
        other->xhtml = settings->rich;
    }
}

StoxTranslator *stox_translator_new(const StoxTranslateSettings *settings, const char *domain,
                                    const char *sip_domain, const char *partner)
{
    static const StoxEndpointOps ops = {
        .send_request = send_request_cb,
        .send_response = send_response_cb,
        .another_hop = another_hop_cb,
        .ended = ended_cb,
        .event = event_cb,
        .rate = rate_cb,
        .token = token_cb,
    };
    const StoxEndpointConfig endpoint = {.fqdn = GATEWAY_NAME, .sdp_port = 5061};
    StoxTranslator *translator = g_new0(StoxTranslator, 1);
    StoxGatewayConfig config;
    StoxEvent *up = stox_event_new(STOX_EVENT_LINK_UP);

    translator->settings = settings;
    translator->domain = g_strdup(domain);
    translator->hop = (StoxSipHop){.name = g_strdup("hop"),
                                   .lync = settings->lync,
                                   .transport = STOX_TRANSPORT_TLS,
                                   .sent_by = g_strdup(GATEWAY_NAME ":5061"),
                                   .contact = g_strdup(GATEWAY_NAME ":5061;transport=tls"),
                                   .user_agent = g_strdup("stoxd/" STOX_VERSION)};
    translator->now = (StoxTime){.mono_ms = 1000000, .wall_ms = settings->now_wall_ms};
    g_queue_init(&translator->events);
    g_queue_init(&translator->answers);
    translator->xmpp = g_string_new(NULL);
    translator->sip = g_string_new(NULL);
    translator->writer = stox_stanza_writer_new();
    make_policy(translator, sip_domain, partner);
    stox_gateway_config_init(&config);
    config.policy = translator->policy;
    g_strlcpy(config.id_prefix, "stoxd", sizeof config.id_prefix);
    translator->gateway = stox_gateway_new(&config);
    translator->endpoint = stox_endpoint_new(&endpoint, &ops, translator);
    up->domain = g_strdup(domain);
    stox_translator_event(translator, up);
    return translator;
}

void stox_translator_free(StoxTranslator *translator)
{
    if (!translator)
        return;
    stox_endpoint_free(translator->endpoint);
    stox_gateway_free(translator->gateway);
    stox_policy_free(translator->policy);
    stox_stanza_writer_free(translator->writer);
    g_queue_clear_full(&translator->events, (GDestroyNotify) stox_event_free);
    g_queue_clear_full(&translator->answers, (GDestroyNotify) stox_sip_message_unref);
    stox_event_free(translator->holding);
    g_clear_pointer(&translator->request, stox_sip_message_unref);
    g_clear_pointer(&translator->response, stox_sip_message_unref);
    g_string_free(translator->xmpp, TRUE);
    g_string_free(translator->sip, TRUE);
    g_free(translator->message_id);
    g_free(translator->presence_id);
    g_free(translator->domain);
    g_free(translator->hop.name);
    g_free(translator->hop.sent_by);
    g_free(translator->hop.contact);
    g_free(translator->hop.user_agent);
    g_free(translator);
}

/* ---- What is it? ---- */

/* Stanzas are often shown without their namespace, which is their stream's. */
static StoxXmlTree *parse_inside_stream(const char *text)
{
    g_autofree char *inside = g_strdup_printf("<stream xmlns='jabber:client'>%s</stream>", text);

    return stox_xml_parse(inside, strlen(inside), &stox_xml_limits_stanza, NULL);
}

static bool is_stanza_name(const char *name, size_t n)
{
    static const char *const names[] = {"message", "presence", "iq"};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        if (n == strlen(names[i]) && strncmp(name, names[i], n) == 0)
            return true;
    return false;
}

static bool is_bare_stanza(const StoxXmlNode *root)
{
    /* XPIDF has no namespace either. */
    return !*root->ns && !stox_xml_child(root, "", "presentity") &&
           is_stanza_name(root->name, strlen(root->name));
}

/* What cannot be read as XML is not taken for HTML when it was meant to be a stanza or a document. */
static bool begins_like_stanza(const char *text)
{
    return g_str_has_prefix(text, "<?xml") ||
           is_stanza_name(text + 1, strcspn(text + 1, " \t\r\n/>"));
}

static void translate_xml(const StoxTranslateSettings *settings, const char *text, size_t n,
                          StoxTranslation *ret)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoxXmlTree) tree = stox_xml_parse(text, n, &stox_xml_limits_document, &error);
    g_autoptr(StoxXmlTree) stream = NULL;
    const StoxXmlNode *root = tree ? stox_xml_tree_root(tree) : NULL;

    if (root && is_bare_stanza(root) && (stream = parse_inside_stream(text)))
        root = stox_xml_tree_root(stream)->first_child;
    if (!root && begins_like_stanza(text))
        stox_translation_refuse(ret, "This is no well-formed XML: %s.", error->message);
    else if (root && stox_stanza_kind(root) != STOX_STANZA_OTHER)
        stox_translate_stanza(settings, root, ret);
    else
        stox_translate_document(settings, text, n, root, ret);
}

static bool looks_like_sip(const char *text)
{
    const char *end = strpbrk(text, "\r\n");
    size_t n = end ? (size_t) (end - text) : strlen(text);

    return g_str_has_prefix(text, "SIP/") || g_strstr_len(text, (gssize) n, " SIP/") != NULL;
}

void stox_translate(const StoxTranslateSettings *settings, const char *bytes, size_t n,
                    StoxTranslation *ret_translation)
{
    g_autofree char *text = NULL;
    const char *start;

    *ret_translation = (StoxTranslation){0};
    if (n > LARGEST_INPUT) {
        stox_translation_refuse(ret_translation, "The input is larger than 1 MiB.");
    } else {
        text = g_strndup(bytes, n);
        start = text + strspn(text, " \t\r\n");
        n = strlen(start); /* a NUL ends it */
        if (settings->content_type)
            stox_translate_document(settings, start, n, NULL, ret_translation);
        else if (looks_like_sip(start))
            stox_translate_sip(settings, start, n, ret_translation);
        else if (*start == '<')
            translate_xml(settings, start, n, ret_translation);
        else
            stox_translate_document(settings, start, n, NULL, ret_translation);
    }
    if (!ret_translation->other)
        ret_translation->other = g_strdup("");
    if (!ret_translation->back)
        ret_translation->back = g_strdup("");
}
