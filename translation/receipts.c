/* SPDX-License-Identifier: MIT */
#include "translation/receipts.h"

#include "translation/error.h"

#include <string.h>

#define REMEMBER_MS (24 * 60 * 60 * 1000)
#define MAX_OPEN    10000 /* in each direction; the oldest gives way */

typedef struct {
    char *id;       /* its name in the table: ours */
    char *pair_key; /* nobody else may answer */
    char *their_id; /* what the asking side calls the message */
    unsigned open;  /* dispositions without a result yet: one each (M-100, M-102) */
    uint64_t serial;
    int64_t until; /* monotonic ms */
    /* XMPP asks */
    char *asker;    /* full JID */
    char *answerer; /* the SIP user's JID as it was written to */
    StoxMessageType type;
    /* SIP asks */
    char *date;        /* the message's DateTime */
    char *to_uri;      /* where it came from */
    char *original_to; /* as it was addressed before somebody changed that; NULL: the same */
    GPtrArray *routes; /* char*; NULL none */
} Receipt;

typedef struct {
    GHashTable *by_id; /* of Receipt, owned */
    GQueue order;      /* of Receipt, the oldest first; borrowed */
} Table;

struct StoxReceipts {
    Table xmpp_asks, sip_asks;
    uint64_t serials;
};

static void receipt_free(void *data)
{
    Receipt *receipt = data;

    g_free(receipt->id);
    g_free(receipt->pair_key);
    g_free(receipt->their_id);
    g_free(receipt->asker);
    g_free(receipt->answerer);
    g_free(receipt->date);
    g_free(receipt->to_uri);
    g_free(receipt->original_to);
    g_clear_pointer(&receipt->routes, g_ptr_array_unref);
    g_free(receipt);
}

static void table_init(Table *table)
{
    table->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, receipt_free);
    g_queue_init(&table->order);
}

StoxReceipts *stox_receipts_new(void)
{
    StoxReceipts *receipts = g_new0(StoxReceipts, 1);

    table_init(&receipts->xmpp_asks);
    table_init(&receipts->sip_asks);
    return receipts;
}

void stox_receipts_free(StoxReceipts *receipts)
{
    if (!receipts)
        return;
    g_queue_clear(&receipts->xmpp_asks.order);
    g_queue_clear(&receipts->sip_asks.order);
    g_hash_table_unref(receipts->xmpp_asks.by_id);
    g_hash_table_unref(receipts->sip_asks.by_id);
    g_free(receipts);
}

/* All are kept equally long, so the oldest is the first to go. */
static void make_room(Table *table, int64_t now)
{
    Receipt *oldest;

    while ((oldest = g_queue_peek_head(&table->order)) &&
           (oldest->until <= now || table->order.length >= MAX_OPEN)) {
        g_queue_pop_head(&table->order);
        g_hash_table_remove(table->by_id, oldest->id);
    }
}

static Receipt *add(StoxGateway *gateway, Table *table, const char *id, const char *pair_key,
                    const char *their_id, unsigned open)
{
    Receipt *receipt = g_new0(Receipt, 1);

    make_room(table, gateway->now.mono_ms);
    receipt->id = g_strdup(id);
    receipt->pair_key = g_strdup(pair_key);
    receipt->their_id = g_strdup(their_id);
    receipt->open = open;
    receipt->serial = ++gateway->receipts->serials;
    receipt->until = gateway->now.mono_ms + REMEMBER_MS;
    g_hash_table_insert(table->by_id, receipt->id, receipt);
    g_queue_push_tail(&table->order, receipt);
    return receipt;
}

/* The one that this pair may answer. */
static Receipt *find(const StoxGateway *gateway, const Table *table, const char *id,
                     const char *pair_key)
{
    Receipt *receipt = id ? g_hash_table_lookup(table->by_id, id) : NULL;

    return receipt && receipt->until > gateway->now.mono_ms &&
                   (!pair_key || strcmp(receipt->pair_key, pair_key) == 0)
               ? receipt
               : NULL;
}

/* Takes the disposition's only result; false: it has one, or none was asked for. */
static bool take(Receipt *receipt, unsigned disposition)
{
    bool open = (receipt->open & disposition) != 0;

    receipt->open &= ~disposition;
    return open;
}

/* M-104: what has been displayed before is no news. */
static bool moves_on(const Receipt *receipt, uint64_t *last)
{
    if (receipt->serial <= *last)
        return false;
    *last = receipt->serial;
    return true;
}

/* ---- XMPP asks ---- */

unsigned stox_receipts_wanted(const StoxMessage *message)
{
    unsigned wanted = 0;

    if (!message->id || message->delay_wall_ms || message->received_id) /* M-102: no ack asks */
        return 0;
    if (message->wants_receipt)
        wanted |= STOX_DISPOSITION_POSITIVE_DELIVERY;
    if (message->markable)
        wanted |= STOX_DISPOSITION_DISPLAY;
    return wanted;
}

static void enter_asked(StoxConversation *conversation, StoxOutgoing *outgoing)
{
    StoxGateway *gateway = conversation->gateway;
    Receipt *receipt;

    outgoing->notify_id = stox_gateway_next_id(gateway);
    receipt = add(gateway, &gateway->receipts->xmpp_asks, outgoing->notify_id,
                  conversation->pair.key, outgoing->id, outgoing->wanted);
    receipt->asker = g_strdup(outgoing->from);
    receipt->answerer = g_strdup(outgoing->to);
    receipt->type = outgoing->type;
}

bool stox_receipts_wrap(StoxConversation *conversation, const StoxSession *session,
                        StoxOutgoing *outgoing, StoxAction *action)
{
    g_autofree char *from = NULL, *to = NULL;
    StoxCpim cpim = {.dispositions = outgoing->wanted,
                     .content_type = action->content_type,
                     .content_language = action->lang,
                     .body = action->body};

    if (!outgoing->wanted || outgoing->unwrapped || !stox_outgoing_is_last(outgoing) ||
        conversation->pair.dialect != STOX_DIALECT_SIMPLE ||
        !(conversation->takes_cpim || (session && session->takes_cpim)))
        return false;
    if (!outgoing->notify_id)
        enter_asked(conversation, outgoing);
    from = stox_pair_remote_uri(&conversation->pair);
    to = stox_pair_local_uri(conversation->gateway, &conversation->pair);
    cpim.from = from;
    cpim.to = to;
    cpim.date_wall_ms = conversation->gateway->now.wall_ms;
    cpim.message_id = outgoing->notify_id;
    action->body = stox_cpim_write(&cpim);
    g_bytes_unref(cpim.body);
    action->content_type = g_strdup(STOX_CPIM_TYPE);
    g_free(cpim.content_type);
    return true;
}

static StoxMessage *answer(StoxGateway *gateway, StoxMessageType type, const char *from,
                           const char *to)
{
    StoxMessage *message = stox_message_new(type, from, to);

    message->id = stox_gateway_next_id(gateway);
    stox_gateway_emit(gateway, STOX_ACTION_XMPP_MESSAGE)->message = message;
    return message;
}

void stox_receipts_accepted(StoxConversation *conversation, const StoxOutgoing *outgoing,
                            const StoxSipResult *result)
{
    StoxGateway *gateway = conversation->gateway;

    /* M-97: a 202 proves nothing. A peer that takes IMDN says it himself. */
    if (!(outgoing->wanted & STOX_DISPOSITION_POSITIVE_DELIVERY) || !outgoing->session ||
        outgoing->notify_id || result->status != 200 ||
        !stox_pair_hop(gateway, &conversation->pair)->receipts)
        return;
    answer(gateway, outgoing->type, outgoing->to, outgoing->from)->received_id =
        g_strdup(outgoing->id);
}

static void failed_later(StoxGateway *gateway, const StoxPair *pair, const Receipt *receipt,
                         StoxImdnStatus status)
{
    StoxCondition condition = status == STOX_IMDN_FAILED ? STOX_CONDITION_RECIPIENT_UNAVAILABLE
                                                         : STOX_CONDITION_UNDEFINED_CONDITION;
    g_auto(StoxError)
        error = {.condition = condition,
                 .type = stox_condition_default_type(condition),
                 .text = g_strdup(stox_word(STOX_WORD_FAILED_AFTER_ALL, pair->xmpp_language)),
                 .lang = g_strdup(stox_language_tag(pair->xmpp_language))};

    stox_gateway_message_error(gateway, receipt->asker, receipt->answerer, receipt->their_id,
                               &error);
}

static void displayed(StoxGateway *gateway, const StoxPair *pair, Receipt *receipt)
{
    StoxConversation *conversation = stox_conversation_lookup(gateway, pair->key);

    if (take(receipt, STOX_DISPOSITION_DISPLAY) &&
        (!conversation || moves_on(receipt, &conversation->displayed_by_sip)))
        answer(gateway, receipt->type, receipt->answerer, receipt->asker)->displayed_id =
            g_strdup(receipt->their_id);
}

void stox_receipts_from_sip(StoxGateway *gateway, const StoxPair *pair, const StoxImdn *imdn)
{
    Receipt *receipt = find(gateway, &gateway->receipts->xmpp_asks, imdn->message_id, pair->key);

    if (!receipt || !stox_gateway_link_is_up(gateway, stox_bare_domain(pair->local)))
        return;
    if (imdn->kind == STOX_IMDN_DISPLAY && imdn->status == STOX_IMDN_DISPLAYED) {
        displayed(gateway, pair, receipt);
    } else if (imdn->kind == STOX_IMDN_DELIVERY) {
        if (imdn->status == STOX_IMDN_DELIVERED &&
            take(receipt, STOX_DISPOSITION_POSITIVE_DELIVERY)) {
            answer(gateway, receipt->type, receipt->answerer, receipt->asker)->received_id =
                g_strdup(receipt->their_id);
        } else if ((imdn->status == STOX_IMDN_FAILED || imdn->status == STOX_IMDN_ERROR) &&
                   take(receipt, STOX_DISPOSITION_POSITIVE_DELIVERY)) { /* M-96 */
            receipt->open = 0;
            failed_later(gateway, pair, receipt, imdn->status);
        }
    }
}

/* ---- SIP asks ---- */

void stox_receipts_ask(StoxConversation *conversation, const StoxCpim *cpim, const char *to_uri,
                       StoxMessage *message)
{
    StoxGateway *gateway = conversation->gateway;
    const unsigned ours = STOX_DISPOSITION_POSITIVE_DELIVERY | STOX_DISPOSITION_NEGATIVE_DELIVERY |
                          STOX_DISPOSITION_DISPLAY;
    Receipt *receipt;

    conversation->takes_cpim = true;
    if (!cpim->message_id || !(cpim->dispositions & ours))
        return;
    receipt = add(gateway, &gateway->receipts->sip_asks, message->id, conversation->pair.key,
                  cpim->message_id, cpim->dispositions & ours);
    receipt->date = cpim->date ? g_strdup(cpim->date) : stox_cpim_date(gateway->now.wall_ms);
    receipt->to_uri = g_strdup(to_uri);
    receipt->original_to = g_strdup(cpim->original_to);
    receipt->routes = cpim->record_route ? g_ptr_array_ref(cpim->record_route) : NULL;
    message->wants_receipt = (cpim->dispositions & STOX_DISPOSITION_POSITIVE_DELIVERY) != 0;
    message->markable = (cpim->dispositions & STOX_DISPOSITION_DISPLAY) != 0;
}

/* M-99: what the asker is sent. */
static GBytes *notification(StoxConversation *conversation, const Receipt *receipt,
                            StoxImdnKind kind, StoxImdnStatus status)
{
    StoxGateway *gateway = conversation->gateway;
    g_autofree char *from = stox_pair_remote_uri(&conversation->pair);
    g_autofree char *id = stox_gateway_next_id(gateway);
    const StoxImdn imdn = {.message_id = receipt->their_id,
                           .date = receipt->date,
                           .recipient_uri = from,
                           .original_recipient_uri = receipt->original_to,
                           .kind = kind,
                           .status = status};
    g_autoptr(GBytes) body = stox_imdn_write(&imdn);
    const StoxCpim cpim = {.from = from,
                           .to = receipt->to_uri,
                           .date_wall_ms = gateway->now.wall_ms,
                           .message_id = id,
                           .record_route = receipt->routes,
                           .content_type = (char *) STOX_IMDN_TYPE,
                           .content_disposition = (char *) "notification",
                           .body = body};

    return stox_cpim_write(&cpim);
}

/* The route back is the way the message came (RFC 5438 s8); the next hop finds it. */
static const char *target(const Receipt *receipt)
{
    const char *top = receipt->routes ? receipt->routes->pdata[0] : NULL;

    return top && g_ascii_strncasecmp(top, "sip:", 4) == 0 ? top : receipt->to_uri;
}

static void notify(StoxConversation *conversation, const Receipt *receipt, StoxImdnKind kind,
                   StoxImdnStatus status)
{
    g_autoptr(GBytes) body = NULL;
    StoxOutgoing *outgoing;

    if (conversation->gateway->stopping ||
        conversation->queue.length >= conversation->gateway->config.max_queue)
        return;
    body = notification(conversation, receipt, kind, status);
    outgoing = stox_outgoing_state(STOX_OUTGOING_NOTIFICATION, STOX_CPIM_TYPE, body);
    outgoing->to_uri = g_strdup(target(receipt));
    stox_conversation_send(conversation, outgoing);
}

void stox_receipts_from_xmpp(StoxGateway *gateway, StoxPair *pair, const StoxMessage *message)
{
    const Table *table = &gateway->receipts->sip_asks;
    Receipt *received = find(gateway, table, message->received_id, pair->key);
    Receipt *shown = find(gateway, table, message->displayed_id, pair->key);
    StoxConversation *conversation =
        received || shown ? stox_conversation_obtain(gateway, pair) : NULL;

    if (!conversation)
        return;
    if (received && take(received, STOX_DISPOSITION_POSITIVE_DELIVERY)) {
        take(received, STOX_DISPOSITION_NEGATIVE_DELIVERY);
        notify(conversation, received, STOX_IMDN_DELIVERY, STOX_IMDN_DELIVERED);
    }
    if (shown && take(shown, STOX_DISPOSITION_DISPLAY) &&
        moves_on(shown, &conversation->displayed_by_xmpp))
        notify(conversation, shown, STOX_IMDN_DISPLAY, STOX_IMDN_DISPLAYED);
}

bool stox_receipts_wants_failure(const StoxGateway *gateway, const char *id)
{
    const Receipt *receipt = find(gateway, &gateway->receipts->sip_asks, id, NULL);

    return receipt && (receipt->open & STOX_DISPOSITION_NEGATIVE_DELIVERY);
}

bool stox_receipts_failed(StoxGateway *gateway, const char *id)
{
    Receipt *receipt = find(gateway, &gateway->receipts->sip_asks, id, NULL);
    StoxConversation *conversation =
        receipt ? stox_conversation_lookup(gateway, receipt->pair_key) : NULL;

    if (!receipt || !take(receipt, STOX_DISPOSITION_NEGATIVE_DELIVERY))
        return false;
    receipt->open = 0;
    if (conversation)
        notify(conversation, receipt, STOX_IMDN_DELIVERY, STOX_IMDN_FAILED);
    return true;
}

void stox_receipts_forget(StoxGateway *gateway, const char *id)
{
    Receipt *receipt = find(gateway, &gateway->receipts->sip_asks, id, NULL);

    if (receipt)
        receipt->open = 0;
}
