/* SPDX-License-Identifier: MIT */
/*
 * Proofs. Streams are in order: a ping to the recipient's domain, written behind the messages, comes back behind any error for them;
 * a ping to our own domain proves our own server alone (servers.md 10). One of each per domain and turn.
 */
#include "translation/delivery-private.h"

#include "translation/error.h"
#include "translation/receipts.h"

#include <string.h>

#define DOWN_RETRY_S 30
#define LATE_MS      (5 * 60 * 1000)
#define MAX_LATE     4096

/* ---- Tables ---- */

static void delivery_free(void *data)
{
    StoxDelivery *delivery = data;

    g_free(delivery->id);
    g_free(delivery->from);
    g_free(delivery->to);
    g_free(delivery);
}

static void self_unref(StoxDeliveries *deliveries, StoxSelfPing *self)
{
    if (--self->refs > 0)
        return;
    if (self->id)
        g_hash_table_remove(deliveries->self_pings, self->id);
    g_free(self->id);
    g_free(self);
}

static void batch_free(StoxDeliveries *deliveries, StoxBatch *batch)
{
    g_queue_clear(&batch->deliveries);
    self_unref(deliveries, batch->self);
    g_free(batch->key);
    g_free(batch->local);
    g_free(batch->remote);
    g_free(batch->id);
    g_free(batch);
}

static void forget_late_cb(void *data, void *owner)
{
    StoxGateway *gateway = data;
    StoxDeliveries *deliveries = owner;
    StoxDelivery *oldest;

    while ((oldest = g_queue_peek_head(&deliveries->answered)) &&
           oldest->late_until <= gateway->now.mono_ms)
        stox_delivery_forget(gateway, oldest);
    if (oldest)
        stox_deadlines_set(&gateway->deadlines, &deliveries->late, oldest->late_until);
}

StoxDeliveries *stox_deliveries_new(void)
{
    StoxDeliveries *deliveries = g_new0(StoxDeliveries, 1);

    deliveries->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, delivery_free);
    g_queue_init(&deliveries->answered);
    deliveries->turn = g_hash_table_new(g_str_hash, g_str_equal);
    deliveries->selves = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    deliveries->batches = g_hash_table_new(NULL, NULL);
    deliveries->pings = g_hash_table_new(g_str_hash, g_str_equal);
    deliveries->self_pings = g_hash_table_new(g_str_hash, g_str_equal);
    stox_deadline_init(&deliveries->late, forget_late_cb, deliveries);
    return deliveries;
}

void stox_deliveries_free(StoxDeliveries *deliveries)
{
    GHashTableIter iter;
    void *batch;

    if (!deliveries)
        return;
    g_hash_table_iter_init(&iter, deliveries->batches);
    while (g_hash_table_iter_next(&iter, &batch, NULL))
        batch_free(deliveries, batch);
    g_queue_clear(&deliveries->answered);
    g_hash_table_unref(deliveries->by_id);
    g_hash_table_unref(deliveries->turn);
    g_hash_table_unref(deliveries->selves);
    g_hash_table_unref(deliveries->batches);
    g_hash_table_unref(deliveries->pings);
    g_hash_table_unref(deliveries->self_pings);
    g_free(deliveries);
}

size_t stox_deliveries_pending(const StoxGateway *gateway)
{
    return gateway->deliveries->pending;
}

StoxDelivery *stox_delivery_find(StoxGateway *gateway, const char *id)
{
    return g_hash_table_lookup(gateway->deliveries->by_id, id);
}

/* ---- One delivery's end ---- */

/* Out of all tables, with its pings. */
static void batch_drop(StoxGateway *gateway, StoxBatch *batch)
{
    StoxDeliveries *deliveries = gateway->deliveries;

    stox_deadlines_cancel(&gateway->deadlines, &batch->deadline);
    g_hash_table_remove(deliveries->batches, batch);
    if (batch->id) {
        g_hash_table_remove(deliveries->pings, batch->id);
    } else {
        g_hash_table_remove(deliveries->turn, batch->key);
        if (batch->self->refs == 1)
            g_hash_table_remove(deliveries->selves, batch->local);
    }
    batch_free(deliveries, batch);
}

void stox_delivery_forget(StoxGateway *gateway, StoxDelivery *delivery)
{
    g_queue_delete_link(&gateway->deliveries->answered, delivery->place);
    g_hash_table_remove(gateway->deliveries->by_id, delivery->id);
}

static void keep_for_late_error(StoxGateway *gateway, StoxDelivery *delivery)
{
    StoxDeliveries *deliveries = gateway->deliveries;

    if (deliveries->answered.length >= MAX_LATE)
        stox_delivery_forget(gateway, g_queue_peek_head(&deliveries->answered));
    delivery->late_until = gateway->now.mono_ms + LATE_MS;
    g_queue_push_tail(&deliveries->answered, delivery);
    delivery->place = g_queue_peek_tail_link(&deliveries->answered);
    if (!deliveries->late.place)
        stox_deadlines_set(&gateway->deadlines, &deliveries->late, delivery->late_until);
}

void stox_delivery_finish(StoxGateway *gateway, StoxDelivery *delivery, const StoxSipResult *result,
                          StoxOutcome outcome, const char *reason)
{
    StoxBatch *batch = g_steal_pointer(&delivery->batch);

    stox_gateway_respond(gateway, delivery->request, result);
    stox_gateway_outcome(gateway, STOX_SIP_TO_XMPP, delivery->from, delivery->to, delivery->id,
                         outcome, reason);
    gateway->deliveries->pending--;
    g_queue_delete_link(&batch->deliveries, delivery->place);
    if (batch->deliveries.length == 0)
        batch_drop(gateway, batch);
    if (result->status >= 300)
        stox_receipts_forget(gateway, delivery->id);
    if (result->status < 300 && ((delivery->session && delivery->dialect == STOX_DIALECT_LYNC) ||
                                 stox_receipts_wants_failure(gateway, delivery->id)))
        keep_for_late_error(gateway, delivery);
    else
        g_hash_table_remove(gateway->deliveries->by_id, delivery->id);
}

static void finish_batch(StoxGateway *gateway, StoxBatch *batch, unsigned status,
                         unsigned diagnostic, unsigned retry_after_s, StoxOutcome outcome,
                         const char *reason)
{
    g_auto(StoxSipResult) result = {0};

    stox_sip_result_init(&result, status, diagnostic);
    result.retry_after_s = retry_after_s;
    for (size_t n = batch->deliveries.length; n > 0; n--) /* the batch goes with the last one */
        stox_delivery_finish(gateway, g_queue_peek_head(&batch->deliveries), &result, outcome,
                             reason);
}

/* Only our own server has spoken until now, or nobody. */
static void give_up(StoxGateway *gateway, StoxBatch *batch)
{
    const StoxDelivery *first = g_queue_peek_head(&batch->deliveries);
    unsigned accepted =
        first->dialect == STOX_DIALECT_LYNC ? 200 : 202; /* M-44, DESIGN section 6 */

    if (batch->self->answered)
        finish_batch(gateway, batch, accepted, STOX_DIAG_NONE, 0, STOX_OUTCOME_HANDED_OVER,
                     "taken by our XMPP server, no sign of the partner yet");
    else
        finish_batch(gateway, batch, 504, STOX_DIAG_XMPP_SILENT, 0, STOX_OUTCOME_UNKNOWN,
                     stox_diagnostic_text(STOX_DIAG_XMPP_SILENT));
}

static void batch_cb(void *data, void *owner)
{
    give_up(data, owner);
}

/* ---- A turn ---- */

static StoxBatch *batch_of_turn(StoxGateway *gateway, const char *local, const char *remote)
{
    StoxDeliveries *deliveries = gateway->deliveries;
    g_autofree char *key = g_strconcat(local, "\n", remote, NULL);
    StoxBatch *batch = g_hash_table_lookup(deliveries->turn, key);
    StoxSelfPing *self;

    if (batch)
        return batch;
    self = g_hash_table_lookup(deliveries->selves, local);
    if (!self) {
        self = g_new0(StoxSelfPing, 1);
        g_hash_table_insert(deliveries->selves, g_strdup(local), self);
    }
    self->refs++;
    batch = g_new0(StoxBatch, 1);
    batch->key = g_steal_pointer(&key);
    batch->local = g_strdup(local);
    batch->remote = g_strdup(remote);
    batch->self = self;
    g_queue_init(&batch->deliveries);
    stox_deadline_init(&batch->deadline, batch_cb, batch);
    stox_deadlines_set(&gateway->deadlines, &batch->deadline,
                       gateway->now.mono_ms + gateway->config.confirm_timeout_ms);
    g_hash_table_add(deliveries->batches, batch);
    g_hash_table_insert(deliveries->turn, batch->key, batch);
    return batch;
}

void stox_delivery_add(StoxGateway *gateway, StoxDelivery *delivery, const char *local_domain,
                       const char *remote_domain)
{
    delivery->batch = batch_of_turn(gateway, local_domain, remote_domain);
    g_queue_push_tail(&delivery->batch->deliveries, delivery);
    delivery->place = g_queue_peek_tail_link(&delivery->batch->deliveries);
    g_hash_table_insert(gateway->deliveries->by_id, delivery->id, delivery);
    gateway->deliveries->pending++;
}

static char *ping(StoxGateway *gateway, const char *from, const char *to)
{
    StoxAction *action = stox_gateway_emit(gateway, STOX_ACTION_XMPP_PING);

    action->id = stox_gateway_next_id(gateway);
    action->from = g_strdup(from);
    action->to = g_strdup(to);
    return g_strdup(action->id);
}

void stox_delivery_flush(StoxGateway *gateway)
{
    StoxDeliveries *deliveries = gateway->deliveries;
    GHashTableIter iter;
    void *value;

    g_hash_table_iter_init(&iter, deliveries->turn);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        StoxBatch *batch = value;

        batch->id = ping(gateway, batch->local, batch->remote);
        g_hash_table_insert(deliveries->pings, batch->id, batch);
        if (!batch->self->id) {
            batch->self->id = ping(gateway, batch->local, batch->local);
            g_hash_table_insert(deliveries->self_pings, batch->self->id, batch->self);
        }
    }
    g_hash_table_remove_all(deliveries->turn);
    g_hash_table_remove_all(deliveries->selves);
}

void stox_delivery_pong(StoxGateway *gateway, const StoxEvent *event)
{
    StoxDeliveries *deliveries = gateway->deliveries;
    StoxBatch *batch = event->id ? g_hash_table_lookup(deliveries->pings, event->id) : NULL;
    StoxSelfPing *self = event->id ? g_hash_table_lookup(deliveries->self_pings, event->id) : NULL;
    g_autofree char *from = event->from ? stox_domain_canonical(event->from) : NULL;

    if (self && (!from || stox_policy_domain(gateway->config.policy, from)))
        self->answered = true;
    if (batch && from && strcmp(from, batch->remote) == 0)
        finish_batch(gateway, batch, 200, STOX_DIAG_NONE, 0, STOX_OUTCOME_DELIVERED,
                     "taken by the partner's domain");
}

/* ---- The stream is gone, or we go ---- */

static void fail_all(StoxGateway *gateway, const char *domain, unsigned diagnostic)
{
    g_autoptr(GPtrArray) gone = g_ptr_array_new();
    GHashTableIter iter;
    void *key;

    g_hash_table_iter_init(&iter, gateway->deliveries->batches);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        const StoxBatch *batch = key;

        if (!domain || strcmp(batch->local, domain) == 0)
            g_ptr_array_add(gone, key);
    }
    for (unsigned i = 0; i < gone->len; i++)
        finish_batch(gateway, gone->pdata[i], 503, diagnostic,
                     diagnostic == STOX_DIAG_XMPP_DOWN ? DOWN_RETRY_S : 0, STOX_OUTCOME_UNKNOWN,
                     stox_diagnostic_text(diagnostic));
}

void stox_delivery_link_down(StoxGateway *gateway, const char *domain)
{
    fail_all(gateway, domain, STOX_DIAG_XMPP_DOWN);
}

void stox_deliveries_stop(StoxGateway *gateway)
{
    fail_all(gateway, NULL, STOX_DIAG_STOPPING);
}
