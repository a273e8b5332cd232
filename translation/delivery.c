/* SPDX-License-Identifier: MIT */
#include "translation/delivery-private.h"

#include "translation/body.h"
#include "translation/conversation.h"
#include "translation/error.h"
#include "translation/language.h"
#include "translation/receipts.h"
#include "translation/state-only.h"
#include "translation/text.h"

#include <string.h>

#define OLD_MS           60000 /* M-61 */
#define MAX_NICK         256   /* bytes */
#define DOWN_RETRY_S     30
#define OVERLOAD_RETRY_S 30

/* ---- SIP -> XMPP ---- */

/* What is known about an incoming MESSAGE before it is sent on. */
typedef struct {
    const StoxEvent *event;
    StoxConversation *conversation;
    char *from; /* JID for the stanza */
    char *to;
    StoxBody body;
    StoxCpim cpim; /* the wrapper, if there is one */
} Incoming;

static void incoming_clear(Incoming *incoming)
{
    g_free(incoming->from);
    g_free(incoming->to);
    stox_body_clear(&incoming->body);
    stox_cpim_clear(&incoming->cpim);
}

static void fail(StoxSipResult *ret_failure, unsigned status, unsigned diagnostic, unsigned retry_s)
{
    stox_sip_result_init(ret_failure, status, diagnostic);
    ret_failure->retry_after_s = retry_s;
}

/* In a session both sides are known; the Request-URI is our Contact there. */
static bool address_in_session(StoxGateway *gateway, Incoming *incoming, StoxSipResult *ret_failure)
{
    const StoxPair *pair;
    const char *locked;

    incoming->conversation = stox_conversation_of_session(gateway, incoming->event->session);
    if (!incoming->conversation) {
        fail(ret_failure, 481, STOX_DIAG_NO_SUCH_DIALOG, 0);
        return false;
    }
    pair = stox_conversation_pair(incoming->conversation);
    locked = stox_conversation_locked(incoming->conversation);
    incoming->from = g_strdup(pair->local);
    incoming->to = g_strdup(locked ? locked : pair->remote);
    return true;
}

static bool address_page(StoxGateway *gateway, Incoming *incoming, StoxSipResult *ret_failure)
{
    g_auto(StoxJid) local = {0}, remote = {0};
    StoxPair pair = {0};
    const char *locked;
    bool simple;

    if (!stox_gateway_pair_from_sip(gateway, incoming->event, &local, &remote, &pair, ret_failure))
        return false;
    simple = pair.dialect == STOX_DIALECT_SIMPLE;
    incoming->conversation = stox_conversation_obtain(gateway, &pair);
    stox_pair_clear(&pair);
    if (!incoming->conversation) {
        fail(ret_failure, 503, STOX_DIAG_OVERLOAD, OVERLOAD_RETRY_S);
        return false;
    }
    locked = stox_conversation_locked(incoming->conversation);
    if (simple && local.resource) { /* M-23 */
        stox_conversation_learn_gruu(incoming->conversation, local.resource);
        incoming->from = stox_jid_full(&local);
    } else {
        incoming->from = stox_jid_bare(&local);
    }
    if (simple && remote.resource) /* M-25 */
        incoming->to = stox_jid_full(&remote);
    else
        incoming->to = locked ? g_strdup(locked) : stox_jid_bare(&remote);
    return true;
}

/* M-31: what the wrapper says must not contradict the request. */
static bool read_wrapper(Incoming *incoming, StoxSipResult *ret_failure)
{
    const StoxEvent *event = incoming->event;

    if (!stox_cpim_is(event->content_type))
        return true;
    if (!stox_cpim_read(event->body, &incoming->cpim, ret_failure))
        return false;
    if (stox_state_origin_is_right(&incoming->cpim, event->from_uri))
        return true;
    fail(ret_failure, 403, STOX_DIAG_HOP_ASSERTS_FOREIGN_DOMAIN, 0);
    return false;
}

/* Everything that must be right before a stanza leaves. */
static bool prepare(StoxGateway *gateway, Incoming *incoming, StoxSipResult *ret_failure)
{
    const StoxEvent *event = incoming->event;
    const StoxPair *pair;
    const StoxPartnerPolicy *partner;

    if (gateway->stopping) {
        fail(ret_failure, 503, STOX_DIAG_STOPPING, 0);
        return false;
    }
    if (event->session ? !address_in_session(gateway, incoming, ret_failure)
                       : !address_page(gateway, incoming, ret_failure))
        return false;
    pair = stox_conversation_pair(incoming->conversation);
    partner = stox_pair_partner(gateway, pair);
    if (!read_wrapper(incoming, ret_failure) ||
        !stox_body_read(event->content_type, event->body, partner && partner->xhtml,
                        &incoming->body, ret_failure))
        return false;
    if (strlen(incoming->body.text) > gateway->config.max_stanza_text) { /* M-41 */
        fail(ret_failure, 513, STOX_DIAG_TOO_LARGE, 0);
        ret_failure->bytes = gateway->config.max_stanza_text;
        return false;
    }
    if (!stox_gateway_link_is_up(gateway, stox_bare_domain(pair->local))) {
        fail(ret_failure, 503, STOX_DIAG_XMPP_DOWN, DOWN_RETRY_S);
        return false;
    }
    return true;
}

static void refuse(StoxGateway *gateway, const Incoming *incoming, const StoxSipResult *failure)
{
    const StoxEvent *event = incoming->event;
    const char *reason = failure->diagnostic ? stox_diagnostic_text(failure->diagnostic)
                                             : stox_sip_reason(failure->status);

    stox_gateway_respond(gateway, event->request, failure);
    stox_gateway_outcome(gateway, STOX_SIP_TO_XMPP,
                         incoming->from ? incoming->from : event->from_uri,
                         incoming->to ? incoming->to : event->request_uri, event->call_id,
                         STOX_OUTCOME_REFUSED, reason);
}

/* M-33: a name to begin with, not an identity. */
static char *nick_of(const Incoming *incoming)
{
    g_autofree char *line = NULL;

    if (!stox_conversation_first_name(incoming->conversation))
        return NULL;
    line = stox_text_header_line(incoming->event->display);
    return line && strlen(line) <= MAX_NICK ? g_steal_pointer(&line) : NULL;
}

/* M-61, M-47: when it was written, if that is long ago or later than its sender meant it to arrive; else 0. */
static int64_t delay_of(const StoxGateway *gateway, int64_t date, int64_t expires_s)
{
    int64_t now = gateway->now.wall_ms;
    bool late = expires_s > 0 && date + expires_s * 1000 < now;

    return date > 0 && (date < now - OLD_MS || (late && date < now)) ? date : 0;
}

/* M-29: markup is beside the text, so it goes as far as there is room for both. */
static char *markup_of(const StoxGateway *gateway, const StoxBody *body)
{
    size_t n = body->xhtml ? strlen(body->text) + strlen(body->xhtml) : 0;

    return n <= gateway->config.max_stanza_text ? g_strdup(body->xhtml) : NULL;
}

static StoxMessage *message_for(StoxGateway *gateway, const Incoming *incoming)
{
    const StoxEvent *event = incoming->event;
    const StoxBody *body = &incoming->body;
    StoxConversation *conversation = incoming->conversation;
    const StoxHopPolicy *hop = stox_pair_hop(gateway, stox_conversation_pair(conversation));
    /* M-28, Q-13: page mode is no chat, save where the peers of the hop mean it so. */
    bool chat = event->session || hop->page_as_chat;
    StoxMessage *message = stox_message_new(chat ? STOX_MESSAGE_CHAT : STOX_MESSAGE_NORMAL,
                                            incoming->from, incoming->to);

    message->id = stox_gateway_next_id(gateway);
    message->body = g_strdup(body->text);
    message->xhtml = markup_of(gateway, body);
    message->lang = stox_language_first(body->lang ? body->lang : event->lang); /* M-21 */
    message->thread =
        g_strdup(event->session ? stox_conversation_thread(conversation)
                                : stox_conversation_thread_of_page(conversation, event->call_id));
    message->subject =
        stox_text_header_line(body->subject ? body->subject : event->subject); /* M-24, M-31 */
    if (!message->lang && body->subject)
        message->lang = g_strdup(incoming->cpim.subject_lang);
    message->nick = nick_of(incoming);
    message->delay_wall_ms = delay_of(
        gateway, body->date_wall_ms ? body->date_wall_ms : event->date_wall_ms, event->expires_s);
    stox_conversation_learn_form(conversation, event->content_type);
    if (incoming->cpim.body)
        stox_receipts_ask(conversation, &incoming->cpim, event->from_uri, message);
    stox_typing_content(conversation, message);
    return message;
}

void stox_delivery_sip_message(StoxGateway *gateway, const StoxEvent *event)
{
    Incoming incoming = {.event = event};
    g_auto(StoxSipResult) failure = {0};

    if (prepare(gateway, &incoming, &failure)) {
        const StoxPair *pair = stox_conversation_pair(incoming.conversation);
        StoxMessage *message = message_for(gateway, &incoming);
        StoxDelivery *delivery = g_new0(StoxDelivery, 1);

        stox_gateway_emit(gateway, STOX_ACTION_XMPP_MESSAGE)->message = message;
        delivery->id = g_strdup(message->id);
        delivery->from = g_strdup(message->from);
        delivery->to = g_strdup(message->to);
        delivery->request = event->request;
        delivery->session = event->session;
        delivery->dialect = pair->dialect;
        delivery->language = pair->sip_language;
        delivery->bare_as_full = stox_pair_hop(gateway, pair)->bare_as_full;
        stox_delivery_add(gateway, delivery, stox_bare_domain(pair->local),
                          stox_bare_domain(pair->remote));
    } else {
        refuse(gateway, &incoming, &failure);
    }
    incoming_clear(&incoming);
}

/* ---- Errors ---- */

/* D-15: it comes from whom we wrote to, whatever resource answered. */
static bool same_bare(const char *a, const char *b)
{
    g_auto(StoxJid) first = {0}, second = {0};
    g_autofree char *first_bare = NULL, *second_bare = NULL;

    if (!stox_jid_parse(a, &first, NULL) || !stox_jid_parse(b, &second, NULL))
        return false;
    first_bare = stox_jid_bare(&first);
    second_bare = stox_jid_bare(&second);
    return strcmp(first_bare, second_bare) == 0;
}

static bool is_full(const char *jid)
{
    return strchr(jid, '/') != NULL;
}

/* The resource the chat was locked to took nothing: the next message goes to the bare JID again (RFC 6121 s5.1). */
static void unlock(StoxGateway *gateway, const StoxDelivery *delivery)
{
    g_auto(StoxJid) local = {0}, remote = {0};
    g_autofree char *key = NULL;

    if (!is_full(delivery->to) || !stox_jid_parse(delivery->from, &local, NULL) ||
        !stox_jid_parse(delivery->to, &remote, NULL))
        return;
    key = stox_pair_key(&local, &remote);
    stox_conversation_resource_gone(gateway, key, delivery->to);
}

/* The sender was answered 2xx already (DESIGN section 6): one line where he can see it. */
static void too_late(StoxGateway *gateway, StoxDelivery *delivery, const StoxError *error)
{
    bool told = stox_receipts_failed(gateway, delivery->id); /* M-95 */

    if (!told && delivery->dialect == STOX_DIALECT_LYNC && delivery->session &&
        !gateway->stopping) {
        g_autofree char *why = stox_error_why(error, delivery->language);
        g_autofree char *line = stox_words(STOX_WORD_LATE_FAILURE, delivery->language, why, NULL);
        g_autofree char *clean = stox_text_header_line(line);

        stox_conversation_notice(gateway, delivery->session, clean ? clean : line);
    }
    stox_delivery_forget(gateway, delivery);
}

void stox_delivery_xmpp_error(StoxGateway *gateway, const StoxMessage *message)
{
    StoxDelivery *delivery = message->id ? stox_delivery_find(gateway, message->id) : NULL;
    g_auto(StoxSipResult) result = {0};

    if (!delivery || !message->from || !same_bare(message->from, delivery->to))
        return;
    unlock(gateway, delivery);
    if (!delivery->batch) {
        too_late(gateway, delivery, &message->error);
        return;
    }
    stox_sip_from_error(&message->error, is_full(message->from), delivery->bare_as_full,
                        STOX_METHOD_CLASS_OTHER, &result);
    stox_delivery_finish(gateway, delivery, &result, STOX_OUTCOME_REFUSED,
                         message->error.text ? message->error.text
                                             : stox_condition_name(message->error.condition));
}

void stox_delivery_unsent(StoxGateway *gateway, const StoxEvent *event)
{
    StoxDelivery *delivery = event->id ? stox_delivery_find(gateway, event->id) : NULL;
    g_auto(StoxSipResult) result = {0};

    if (!delivery || !delivery->batch)
        return;
    fail(&result, 503, STOX_DIAG_XMPP_DOWN, DOWN_RETRY_S);
    stox_delivery_finish(gateway, delivery, &result, STOX_OUTCOME_REFUSED,
                         stox_diagnostic_text(STOX_DIAG_XMPP_DOWN));
}
