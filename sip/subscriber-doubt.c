/* SPDX-License-Identifier: MIT */
/*
 * A server that dies or restarts takes its subscriptions along and tells nobody, and ours would be refreshed hours later (promise 5). So a dialog becomes
 * doubtful when its server is given up or is back, or when its connection has closed: it is refreshed early. Of those that shared a connection one is asked
 * first, since connections close for being idle too: if its server knows it, it knows the others. A refresh that nobody answers becomes a new subscription at
 * another server; what has no sign of life for PROVE_MS is lost, and the gateway withdraws what it shows.
 */
#include "sip/subscriber-private.h"

enum {
    FIRST_MS = 1000,    /* a server that restarts, or its stand-in, has this time */
    SPREAD_MS = 60000,  /* within this all have been asked ... */
    EACH_MS = 20,       /* ... and 50 a second where that is sooner */
    PROVE_MS = 40000,   /* a time-out of a transaction, and a second try */
    ELSEWHERE_MS = 5000 /* between further tries */
};

/* Which dialogs an event concerns. */
typedef struct {
    const StoxSipHop *hop; /* NULL: those of `flow` */
    uint64_t flow;
    bool (*sound)(void *user, uint64_t flow);
    void *user;
} Scope;

static bool concerns(const Scope *scope, const StoxSubscriber *subscriber)
{
    if (subscriber->dead || subscriber->fetch || subscriber->prove_by_ms)
        return false;
    if (!scope->hop)
        return subscriber->flow == scope->flow;
    /* One that has not been answered yet fails by itself. */
    return subscriber->dialog->hop == scope->hop && subscriber->dialog->established &&
           !(subscriber->flow && scope->sound(scope->user, subscriber->flow));
}

static GPtrArray *all_of(StoxSubscribers *subscribers, const Scope *scope)
{
    GPtrArray *found = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, subscribers->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (concerns(scope, value))
            g_ptr_array_add(found, value);
    return found;
}

static void doubt(StoxSubscribers *subscribers, StoxSubscriber *subscriber, int64_t at_ms)
{
    subscriber->prove_by_ms = at_ms + PROVE_MS;
    subscriber->refresh_ms = subscriber->refresh_ms ? MIN(subscriber->refresh_ms, at_ms) : at_ms;
    stox_subscriber_arm(subscribers, subscriber);
}

/* Not all at once (P-180); the place of each comes from its id. */
static void doubt_all(StoxSubscribers *subscribers, const Scope *scope, StoxTime now)
{
    g_autoptr(GPtrArray) found = all_of(subscribers, scope);
    uint64_t window_ms = MIN((uint64_t) found->len * EACH_MS, SPREAD_MS);

    for (unsigned i = 0; i < found->len; i++) {
        StoxSubscriber *subscriber = found->pdata[i];
        uint64_t place = (subscriber->id * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)) >> 32;

        doubt(subscribers, subscriber,
              now.mono_ms + FIRST_MS + (int64_t) (place * window_ms >> 32));
    }
}

/* ---- What the agent has seen ---- */

void stox_subscribers_lost(StoxSubscribers *subscribers, const StoxSipHop *hop,
                           bool (*sound)(void *user, uint64_t flow), void *user, StoxTime now)
{
    Scope scope = {.hop = hop, .sound = sound, .user = user};
    GHashTableIter iter;
    gpointer value;

    /* Those that wait for another try have it now. */
    g_hash_table_iter_init(&iter, subscribers->by_id);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        StoxSubscriber *subscriber = value;

        if (subscriber->prove_by_ms && !subscriber->busy && subscriber->dialog->hop == hop &&
            !subscriber->dialog->established) {
            subscriber->refresh_ms = MIN(subscriber->refresh_ms, now.mono_ms + FIRST_MS);
            stox_subscriber_arm(subscribers, subscriber);
        }
    }
    doubt_all(subscribers, &scope, now);
}

/* One of them is asked for all. */
static void ask_one(StoxSubscribers *subscribers, uint64_t flow, StoxTime now)
{
    Scope scope = {.flow = flow};
    g_autoptr(GPtrArray) found = all_of(subscribers, &scope);
    StoxSubscriber *first = NULL;

    for (unsigned i = 0; i < found->len; i++)
        if (!first || ((StoxSubscriber *) found->pdata[i])->id < first->id)
            first = found->pdata[i];
    if (!first)
        return;
    first->asks_for = flow;
    doubt(subscribers, first, now.mono_ms + FIRST_MS);
}

void stox_subscribers_closed(StoxSubscribers *subscribers, uint64_t flow, StoxTime now)
{
    if (g_hash_table_remove(subscribers->flows, &flow))
        ask_one(subscribers, flow, now);
}

/* ---- What came of it ---- */

void stox_subscriber_proved(StoxSubscribers *subscribers, StoxSubscriber *subscriber)
{
    uint64_t old = subscriber->asks_for, flow = subscriber->dialog->flow;

    subscriber->prove_by_ms = 0;
    subscriber->asks_for = 0;
    subscriber->flow = flow;
    if (flow && !g_hash_table_contains(subscribers->flows, &flow))
        g_hash_table_add(subscribers->flows, g_memdup2(&flow, sizeof flow));
    if (old && old != flow) {
        Scope scope = {.flow = old};
        g_autoptr(GPtrArray) others = all_of(subscribers, &scope);

        /* It stands for them the next time too. */
        for (unsigned i = 0; i < others->len; i++)
            ((StoxSubscriber *) others->pdata[i])->flow = flow;
    }
}

void stox_subscriber_disproved(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                               StoxTime now)
{
    Scope scope = {.flow = subscriber->asks_for};

    subscriber->asks_for = 0;
    if (scope.flow)
        doubt_all(subscribers, &scope, now);
}

void stox_subscriber_pass_on(StoxSubscribers *subscribers, StoxSubscriber *subscriber, StoxTime now)
{
    uint64_t flow = subscriber->asks_for;

    subscriber->asks_for = 0;
    subscriber->flow = 0;
    subscriber->prove_by_ms = 0;
    if (flow)
        ask_one(subscribers, flow, now);
}

void stox_subscriber_replace_dialog(StoxSubscribers *subscribers, StoxSubscriber *subscriber)
{
    g_autofree char *call_id = subscribers->ops->token(subscribers->user);
    g_autofree char *tag = subscribers->ops->token(subscribers->user);
    StoxDialog *old = subscriber->dialog;
    StoxDialog *dialog =
        stox_dialog_new_uac(old->hop, call_id, tag, NULL, subscriber->to_uri, subscriber->to_uri);

    /* The name we go by stays as it was written. */
    g_free(dialog->local);
    dialog->local = g_steal_pointer(&old->local);
    stox_dialog_free(old);
    subscriber->dialog = dialog;
    subscriber->initial = true;
    subscriber->granted = subscriber->notified = false;
    subscriber->expires_ms = STOX_NEVER;
    subscriber->refresh_ms = subscriber->notify_by_ms = 0;
    subscriber->flow = 0;
    stox_subscriber_list(subscribers, subscriber);
}

void stox_subscriber_elsewhere(StoxSubscribers *subscribers, StoxSubscriber *subscriber,
                               StoxTime now)
{
    if (subscriber->dialog->established) {
        stox_subscriber_replace_dialog(subscribers, subscriber);
        stox_subscriber_send(subscribers, subscriber, subscriber->asked_s);
    } else {
        subscriber->refresh_ms = now.mono_ms + ELSEWHERE_MS;
    }
    stox_subscriber_arm(subscribers, subscriber);
}
