/* SPDX-License-Identifier: MIT */
/*
 * A subscriber machine against a notifier machine, many seeds: whatever the network does, a subscription ends exactly once at each end, both ends agree about
 * which ones live, and what a watcher saw last is what was shown last (promise 5; RFC 6665).
 * PAIR_SEEDS=N runs more of them, PAIR_SEED=N one, PAIR_TRACE=1 shows what crosses.
 */
#include "tests/unit/sip/pair.h"

#include "translation/error.h"

#include <string.h>

enum { SEEDS = 150, DEEDS = 60, MAX_LIVE = 6 };

/* One subscription as one of the ends knows it. */
typedef struct {
    uint64_t id;
    bool asked_to_end; /* by its own gateway */
    bool ended;
    unsigned seen; /* number of the newest document; 0 none */
} Subscription;

typedef struct {
    Pair *pair;
    PairEnd *watching, *watched;
    GHashTable *subscriptions, *watchers; /* id -> Subscription* */
    uint64_t names;
    unsigned document; /* what is shown now */
    unsigned shown, lost;
} World;

static Subscription *add(GHashTable *table, uint64_t id)
{
    Subscription *subscription = g_new0(Subscription, 1);

    subscription->id = id;
    g_hash_table_insert(table, &subscription->id, subscription);
    return subscription;
}

static unsigned count_live(GHashTable *table)
{
    GHashTableIter iter;
    gpointer value;
    unsigned n = 0;

    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        n += !((Subscription *) value)->ended;
    return n;
}

static Subscription *some_live(World *w, GHashTable *table)
{
    g_autoptr(GPtrArray) live = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (!((Subscription *) value)->ended)
            g_ptr_array_add(live, value);
    return live->len ? live->pdata[pair_random(w->pair, live->len)] : NULL;
}

/* ---- The watched end's gateway ---- */

static void show(World *w, uint64_t id, StoxSubscriptionState state, const char *reason)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_NOTIFY);
    g_autofree char *text = g_strdup_printf("%u", w->document);

    action->subscription = id;
    action->state = state;
    action->reason = g_strdup(reason);
    action->content_type = g_strdup("application/pidf+xml");
    action->body = g_bytes_new(text, strlen(text));
    stox_notifiers_notify(w->watched->notifiers, action, w->pair->now);
}

static void end_watcher(World *w, Subscription *watcher, const char *reason)
{
    watcher->ended = true;
    show(w, watcher->id, STOX_SUBSTATE_TERMINATED, reason);
}

static void take_subscribe(World *w, const StoxEvent *event)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SUBSCRIPTION_ACCEPT);
    Subscription *watcher = g_hash_table_lookup(w->watchers, &event->subscription);

    g_assert_cmpint(event->refresh, ==, watcher != NULL);
    action->subscription = event->subscription;
    action->request = event->request;
    action->expires_s = 600;
    if (!watcher && pair_random(w->pair, 10) == 0) {
        stox_sip_result_init(&action->result, 403, STOX_DIAG_PARTNER_NOT_ALLOWED);
        g_assert_true(stox_notifiers_refuse(w->watched->notifiers, action, w->pair->now));
        return;
    }
    if (!watcher)
        watcher = add(w->watchers, event->subscription);
    g_assert_false(watcher->ended);
    stox_notifiers_accept(w->watched->notifiers, action, w->pair->now);
    if (event->expires_s == 0)
        end_watcher(w, watcher, "timeout");
    else
        show(w, watcher->id, STOX_SUBSTATE_ACTIVE, NULL);
}

static void show_all(World *w)
{
    GHashTableIter iter;
    gpointer value;

    w->document++;
    g_hash_table_iter_init(&iter, w->watchers);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (!((Subscription *) value)->ended)
            show(w, ((Subscription *) value)->id, STOX_SUBSTATE_ACTIVE, NULL);
}

/* ---- The watching end's gateway ---- */

static void take_notify(World *w, const StoxEvent *event)
{
    Subscription *subscription = g_hash_table_lookup(w->subscriptions, &event->subscription);

    g_assert_false(subscription->ended);
    if (event->request)
        pair_respond(w->watching, event->request, 200);
    if (event->body) {
        g_autofree char *text =
            g_strndup(g_bytes_get_data(event->body, NULL), g_bytes_get_size(event->body));
        unsigned document = (unsigned) g_ascii_strtoull(text, NULL, 10);

        /* Never back to something older (P-19). */
        g_assert_cmpuint(document, >=, subscription->seen);
        subscription->seen = document;
        w->shown++;
    }
    subscription->ended = event->state == STOX_SUBSTATE_TERMINATED;
}

static void subscribe(World *w, int64_t expires_s)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SUBSCRIBE);

    action->subscription = w->names += 2;
    action->from_uri = g_strdup("sip:bob@partner.example");
    action->to_uri = g_strdup("sip:alice@contoso.example");
    action->expires_s = expires_s;
    add(w->subscriptions, action->subscription);
    stox_subscribers_subscribe(w->watching->subscribers, action, &w->watching->hop, w->pair->now);
}

static void unsubscribe(World *w, Subscription *subscription)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_UNSUBSCRIBE);

    subscription->asked_to_end = subscription->ended = true;
    action->subscription = subscription->id;
    stox_subscribers_unsubscribe(w->watching->subscribers, action, w->pair->now);
}

static void on_event(void *user, PairEnd *end, const StoxEvent *event)
{
    World *w = user;
    Subscription *subscription = g_hash_table_lookup(
        end == w->watching ? w->subscriptions : w->watchers, &event->subscription);

    switch (event->kind) {
    case STOX_EVENT_SIP_SUBSCRIBE:
        take_subscribe(w, event);
        break;
    case STOX_EVENT_NOTIFY:
        take_notify(w, event);
        break;
    case STOX_EVENT_SUBSCRIBED:
        g_assert_false(subscription->ended);
        break;
    case STOX_EVENT_SUBSCRIBE_FAILED:
        g_assert_false(subscription->ended);
        subscription->ended = !event->keep;
        break;
    case STOX_EVENT_SUBSCRIPTION_LOST:
    case STOX_EVENT_WATCHER_ENDED:
        /* A watcher whose SUBSCRIBE was refused by time alone is not known. */
        g_assert_nonnull(subscription);
        g_assert_false(subscription->ended);
        subscription->ended = true;
        w->lost++;
        break;
    default:
        g_assert_not_reached();
    }
}

static void do_something(World *w)
{
    unsigned what = pair_random(w->pair, 12);
    Subscription *subscription = some_live(w, w->subscriptions);
    Subscription *watcher = some_live(w, w->watchers);

    if (what < 2 && count_live(w->subscriptions) < MAX_LIVE)
        subscribe(w, what ? 600 : 0);
    else if (what == 2 && subscription)
        unsubscribe(w, subscription);
    else if (what == 3 && watcher)
        end_watcher(w, watcher, "rejected");
    else if (what > 3)
        show_all(w);
}

/* ---- What must hold ---- */

static void check_agreement(World *w)
{
    GHashTableIter iter;
    gpointer value;

    g_assert_cmpuint(count_live(w->subscriptions), ==, count_live(w->watchers));
    g_hash_table_iter_init(&iter, w->subscriptions);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Subscription *subscription = value;

        if (!subscription->ended)
            g_assert_cmpuint(subscription->seen, ==, w->document);
    }
}

static void end_all(World *w)
{
    Subscription *subscription;

    while ((subscription = some_live(w, w->subscriptions)))
        unsubscribe(w, subscription);
}

static unsigned run(const PairManners *manners, uint32_t seed)
{
    World w = {.document = 1,
               .subscriptions = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free),
               .watchers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free)};

    w.pair = pair_new(manners, seed, on_event, &w);
    w.watching = &w.pair->ends[0];
    w.watched = &w.pair->ends[1];
    for (unsigned i = 0; i < DEEDS; i++) {
        do_something(&w);
        pair_run(w.pair, pair_random(w.pair, pair_random(w.pair, 10) ? 500 : 600000));
    }
    pair_run(w.pair, 2000000);
    check_agreement(&w);
    end_all(&w);
    pair_run(w.pair, 2000000);
    g_assert_cmpuint(count_live(w.watchers), ==, 0);
    pair_assert_empty(w.pair);
    pair_free(w.pair);
    g_hash_table_unref(w.subscriptions);
    g_hash_table_unref(w.watchers);
    return w.shown;
}

static void test(gconstpointer data)
{
    const char *only = g_getenv("PAIR_SEED"), *more = g_getenv("PAIR_SEEDS");
    uint64_t seeds = more ? g_ascii_strtoull(more, NULL, 10) : SEEDS;
    unsigned shown = 0;

    for (uint32_t seed = 0; seed < seeds; seed++) {
        if (only && g_ascii_strtoull(only, NULL, 10) != seed)
            continue;
        g_test_message("seed %u", seed);
        shown += run(data, seed);
    }
    g_assert_cmpuint(shown, >, 0);
}

static const PairManners manners[] = {
    {.name = "in-order", .in_order = true, .max_delay_ms = 300},
    {.name = "overtaking", .max_delay_ms = 300},
    {.name = "datagrams", .datagrams = true, .twice = 100, .lost = 100, .max_delay_ms = 300},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(manners); i++) {
        g_autofree char *path = g_strconcat("/sip/pair/subscription/", manners[i].name, NULL);

        g_test_add_data_func(path, &manners[i], test);
    }
    return g_test_run();
}
