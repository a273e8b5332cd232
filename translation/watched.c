/* SPDX-License-Identifier: MIT */
#include "translation/watched-private.h"

#include "translation/error.h"

#include <string.h>

#define LYNC_EXPIRES_S   28800 /* DESIGN section 6 */
#define SIMPLE_EXPIRES_S 3600
#define OVERLOAD_RETRY_S 30
#define DENIED_MS        (INT64_C(7) * 24 * 3600 * 1000)
#define POLL_KEEP_MS     (10 * 60 * 1000)
#define PROBE_MS         60000 /* at least this between two probes for one pair */
#define ASK_AGAIN_MS     (15 * 60 * 1000)

/* ---- Tables ---- */

static void watched_free(void *data)
{
    StoxWatched *watched = data;

    stox_pair_clear(&watched->pair);
    g_queue_clear(&watched->watchers);
    g_free(watched->ask_id);
    g_free(watched->display);
    stox_presentities_clear(&watched->known);
    g_free(watched);
}

StoxWatcheds *stox_watcheds_new(void)
{
    StoxWatcheds *watcheds = g_new0(StoxWatcheds, 1);

    watcheds->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, watched_free);
    watcheds->watchers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    watcheds->streams =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, stox_watched_stream_free);
    return watcheds;
}

void stox_watcheds_free(StoxWatcheds *watcheds)
{
    if (!watcheds)
        return;
    g_hash_table_unref(watcheds->watchers);
    g_hash_table_unref(watcheds->by_key);
    g_hash_table_unref(watcheds->streams);
    g_free(watcheds);
}

size_t stox_watcheds_count(const StoxGateway *gateway)
{
    return g_hash_table_size(gateway->watcheds->watchers);
}

static StoxWatcher *find_watcher(const StoxGateway *gateway, uint64_t name)
{
    return g_hash_table_lookup(gateway->watcheds->watchers, &name);
}

static bool linked(const StoxWatched *watched)
{
    return stox_gateway_link_is_up(watched->gateway, stox_bare_domain(watched->pair.local));
}

/* Sets the deadline, or drops the record when nothing holds it any more. */
static void settle(StoxWatched *watched)
{
    StoxGateway *gateway = watched->gateway;
    int64_t next = watched->ask_at;

    if (watched->denied_until)
        next = MIN(next, watched->denied_until);
    if (watched->keep_until)
        next = MIN(next, watched->keep_until);
    stox_deadlines_set(&gateway->deadlines, &watched->deadline, next);
    if (watched->watchers.length == 0 && !watched->denied_until && !watched->keep_until) {
        stox_deadlines_cancel(&gateway->deadlines, &watched->deadline);
        g_hash_table_remove(gateway->watcheds->by_key, watched->pair.key);
    }
}

/* ---- Toward the XMPP user ---- */

void stox_watched_ask(StoxWatched *watched)
{
    StoxPresence *presence;
    const char *name;

    watched->ask_at = STOX_NEVER;
    if (!linked(watched))
        return;
    presence = stox_gateway_presence(watched->gateway, STOX_PRESENCE_SUBSCRIBE, watched->pair.local,
                                     watched->pair.remote);
    presence->id = stox_gateway_next_id(watched->gateway);
    /* P-75; front ends leave it out of From (lync.md 7.5), and say it in contactCard. */
    name = watched->display ? watched->display
                            : stox_watching_contact_name(watched->gateway, watched->pair.key);
    presence->nick = g_strdup(name);
    g_free(watched->ask_id);
    watched->ask_id = g_strdup(presence->id);
    watched->auth = STOX_WATCHED_ASKED;
}

void stox_watched_probe(StoxWatched *watched)
{
    StoxGateway *gateway = watched->gateway;

    if (!linked(watched) || watched->auth == STOX_WATCHED_ASKED ||
        (watched->probed_at && gateway->now.mono_ms - watched->probed_at < PROBE_MS))
        return;
    watched->probed_at = gateway->now.mono_ms;
    stox_gateway_presence(gateway, STOX_PRESENCE_PROBE, watched->pair.local, watched->pair.remote);
}

static void deadline_cb(void *data, void *owner)
{
    const StoxGateway *gateway = data;
    StoxWatched *watched = owner;
    int64_t now = gateway->now.mono_ms;

    if (gateway->stopping)
        return;
    if (watched->denied_until && now >= watched->denied_until) {
        watched->denied_until = 0;
        watched->auth = STOX_WATCHED_UNASKED;
    }
    if (watched->keep_until && now >= watched->keep_until)
        watched->keep_until = 0;
    if (now >= watched->ask_at) {
        watched->ask_at = STOX_NEVER;
        if (watched->auth == STOX_WATCHED_UNASKED && watched->watchers.length > 0)
            stox_watched_ask(watched);
    }
    settle(watched);
}

static StoxWatched *obtain(StoxGateway *gateway, StoxPair *pair)
{
    GHashTable *by_key = gateway->watcheds->by_key;
    StoxWatched *watched = g_hash_table_lookup(by_key, pair->key);

    if (watched)
        return watched;
    if (g_hash_table_size(by_key) >= gateway->config.max_subscriptions)
        return NULL;
    watched = g_new0(StoxWatched, 1);
    watched->gateway = gateway;
    watched->pair = *pair;
    memset(pair, 0, sizeof *pair);
    watched->ask_at = STOX_NEVER;
    g_queue_init(&watched->watchers);
    stox_presentities_init(&watched->known);
    stox_deadline_init(&watched->deadline, deadline_cb, watched);
    g_hash_table_insert(by_key, watched->pair.key, watched);
    return watched;
}

/* ---- SUBSCRIBE ---- */

static int64_t granted(const StoxGateway *gateway, const StoxPair *pair, int64_t asked_s)
{
    if (asked_s < 0)
        asked_s = pair->dialect == STOX_DIALECT_LYNC ? LYNC_EXPIRES_S : SIMPLE_EXPIRES_S;
    return MIN(asked_s, gateway->config.watcher_max_expires_s);
}

static void accept_subscribe(StoxGateway *gateway, const StoxEvent *event, int64_t expires_s)
{
    StoxAction *action = stox_gateway_emit(gateway, STOX_ACTION_SUBSCRIPTION_ACCEPT);

    action->subscription = event->subscription;
    action->request = event->request;
    action->expires_s = expires_s;
}

static void poll(StoxWatched *watched, const StoxEvent *event, StoxWatcher *asks)
{
    StoxGateway *gateway = watched->gateway;

    accept_subscribe(gateway, event, 0);
    asks->watched = watched;
    stox_watcher_answer_poll(asks);
    if (watched->auth != STOX_WATCHED_DENIED) { /* P-164 to P-166: it asks for nothing but a look */
        if (watched->known.list->len == 0)
            stox_watched_probe(watched);
        watched->keep_until = gateway->now.mono_ms + POLL_KEEP_MS;
    }
    settle(watched);
}

static void watcher_remove(StoxWatcher *watcher)
{
    StoxGateway *gateway = watcher->watched->gateway;

    stox_deadlines_cancel(&gateway->deadlines, &watcher->deadline);
    g_queue_remove(&watcher->watched->watchers, watcher);
    g_hash_table_remove(gateway->watcheds->watchers, &watcher->name);
}

/* A watcher went by himself; with the last one his user is gone for the XMPP side (P-58, P-59, Q-30). */
static void watcher_left(StoxWatcher *watcher)
{
    StoxWatched *watched = watcher->watched;
    StoxGateway *gateway = watched->gateway;

    watcher_remove(watcher);
    if (watched->watchers.length == 0 && watched->auth == STOX_WATCHED_GRANTED && linked(watched) &&
        !gateway->stopping && !stox_watching_exists(gateway, watched->pair.key))
        stox_gateway_presence(gateway, STOX_PRESENCE_UNAVAILABLE, watched->pair.local,
                              watched->pair.remote);
    settle(watched);
}

static void terminate_all(StoxWatched *watched, const char *reason)
{
    StoxWatcher *watcher;

    while ((watcher = g_queue_peek_head(&watched->watchers))) {
        stox_watched_emit_notify(watched->gateway, watcher->name, STOX_SUBSTATE_TERMINATED, reason);
        watcher_remove(watcher);
    }
}

static void start(StoxWatched *watched, const StoxEvent *event, const StoxWatcher *asks)
{
    StoxGateway *gateway = watched->gateway;
    StoxWatcher *watcher = g_memdup2(asks, sizeof *asks);

    watcher->watched = watched;
    stox_watcher_init_deadline(watcher);
    g_hash_table_insert(gateway->watcheds->watchers, &watcher->name, watcher);
    g_queue_push_tail(&watched->watchers, watcher);
    if (event->display) {
        g_free(watched->display);
        watched->display = g_strdup(event->display);
    }
    accept_subscribe(gateway, event, granted(gateway, &watched->pair, event->expires_s));
    if (watched->auth == STOX_WATCHED_DENIED && watched->pair.dialect == STOX_DIALECT_SIMPLE) {
        terminate_all(watched, "rejected");
    } else {
        stox_watcher_show(watcher); /* at once, whatever is known (P-50, P-52) */
        if (watched->auth == STOX_WATCHED_UNASKED)
            stox_watched_ask(watched);
        else if (watched->auth == STOX_WATCHED_GRANTED && watched->known.list->len == 0)
            stox_watched_probe(watched);
    }
    settle(watched);
}

static void refuse(StoxGateway *gateway, const StoxEvent *event, unsigned status,
                   unsigned diagnostic)
{
    g_auto(StoxSipResult) result = {0};

    stox_sip_result_init(&result, status, diagnostic);
    result.accept = status == 406;
    result.retry_after_s = diagnostic == STOX_DIAG_OVERLOAD ? OVERLOAD_RETRY_S : 0;
    stox_gateway_respond(gateway, event->request, &result);
}

/* P-51, lync.md 4.8 b; false: it has been refused. */
static bool asks_well(StoxGateway *gateway, const StoxEvent *event, StoxWatcher *asks,
                      StoxDialect dialect)
{
    switch (stox_watcher_ask(asks, event, dialect == STOX_DIALECT_LYNC)) {
    case STOX_WATCHER_ASKS_WELL:
        return true;
    case STOX_WATCHER_ASKS_FOR_NOTHING_OF_OURS: /* V-49 */
        refuse(gateway, event, 406, STOX_DIAG_NO_FORMAT);
        break;
    case STOX_WATCHER_ASKS_MALFORMED:
        refuse(gateway, event, 400, STOX_DIAG_MALFORMED);
        break;
    }
    return false;
}

static void refresh(StoxGateway *gateway, const StoxEvent *event)
{
    StoxWatcher *watcher = find_watcher(gateway, event->subscription);
    StoxWatched *watched;
    StoxWatcher asks;

    if (!watcher) {
        stox_gateway_respond_status(gateway, event->request, 481, STOX_DIAG_NO_SUCH_DIALOG, 0);
        return;
    }
    watched = watcher->watched;
    asks = *watcher;
    if (!asks_well(gateway, event, &asks, watched->pair.dialect))
        return;
    watcher->format = asks.format;
    watcher->asked_for = asks.asked_for;
    accept_subscribe(gateway, event, granted(gateway, &watched->pair, event->expires_s));
    if (event->expires_s == 0) { /* P-58 */
        stox_watcher_show_closed(watcher, STOX_SUBSTATE_TERMINATED, "timeout");
        watcher_left(watcher);
        return;
    }
    stox_watcher_show(watcher); /* P-57 */
    if (watched->auth == STOX_WATCHED_UNASKED)
        stox_watched_ask(watched);
    else if (watched->auth == STOX_WATCHED_GRANTED && watched->known.list->len == 0)
        stox_watched_probe(watched);
    settle(watched);
}

static bool room(const StoxGateway *gateway)
{
    return stox_watchings_count(gateway) + stox_watcheds_count(gateway) <
           gateway->config.max_subscriptions;
}

void stox_watched_subscribe(StoxGateway *gateway, const StoxEvent *event)
{
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxJid) local = {0}, remote = {0};
    StoxPair pair = {0};
    StoxWatcher asks = {.name = event->subscription};
    StoxWatched *watched;

    if (gateway->stopping) {
        refuse(gateway, event, 503, STOX_DIAG_STOPPING);
    } else if (event->refresh) {
        refresh(gateway, event);
    } else if (!event->subscription || find_watcher(gateway, event->subscription)) {
        refuse(gateway, event, 400, STOX_DIAG_MALFORMED);
    } else if (!stox_gateway_pair_from_sip(gateway, event, &local, &remote, &pair, &failure)) {
        stox_gateway_respond(gateway, event->request, &failure);
    } else if (!asks_well(gateway, event, &asks, pair.dialect)) {
        ; /* has been refused */
    } else if (!room(gateway) || !(watched = obtain(gateway, &pair))) {
        refuse(gateway, event, 503, STOX_DIAG_OVERLOAD);
    } else if (event->expires_s == 0) {
        poll(watched, event, &asks);
    } else {
        start(watched, event, &asks);
    }
    stox_pair_clear(&pair);
}

void stox_watched_ended(StoxGateway *gateway, const StoxEvent *event)
{
    StoxWatcher *watcher = find_watcher(gateway, event->subscription);

    if (watcher)
        watcher_left(watcher);
}

/* ---- What the XMPP user says ---- */

static void denied(StoxWatched *watched)
{
    /* Without a request of ours it only answers a poll's probe (P-166). */
    bool asked = watched->auth == STOX_WATCHED_ASKED || watched->auth == STOX_WATCHED_GRANTED;

    stox_presentities_clear(&watched->known);
    stox_presentities_init(&watched->known);
    watched->unsettled = false;
    if (asked) {
        watched->auth = STOX_WATCHED_DENIED;
        watched->denied_until = watched->gateway->now.mono_ms + DENIED_MS;
    }
    if (asked && watched->pair.dialect == STOX_DIALECT_SIMPLE)
        terminate_all(watched, "rejected"); /* P-54, P-55 */
    else
        stox_watched_changed(watched); /* offline, and so it stays (lync.md 7.5 F5) */
}

static void allow(StoxWatched *watched)
{
    watched->auth = STOX_WATCHED_GRANTED;
    watched->denied_until = 0;
    watched->ask_at = STOX_NEVER;
}

static void update(StoxWatched *watched, const char *resource, const StoxPresence *presence)
{
    bool changed = watched->unsettled;

    if (presence->type == STOX_PRESENCE_AVAILABLE && watched->auth == STOX_WATCHED_DENIED)
        return;
    watched->unsettled = false;
    if (presence->type == STOX_PRESENCE_AVAILABLE && watched->watchers.length > 0 &&
        watched->auth != STOX_WATCHED_GRANTED) {
        allow(watched);
        changed = true;
    }
    if (presence->type == STOX_PRESENCE_UNAVAILABLE && !resource) {
        changed = changed || watched->known.list->len > 0;
        stox_presentities_clear(&watched->known);
        stox_presentities_init(&watched->known);
    } else if (stox_presentities_update(&watched->known, resource ? resource : "", presence,
                                        watched->gateway->now.wall_ms)) {
        changed = true;
    }
    if (changed)
        stox_watched_changed(watched);
}

/* P-64 */
static void refused_with_error(StoxWatched *watched, StoxCondition condition)
{
    const char *reason = "giveup";
    bool passing = false;

    switch (condition) {
    case STOX_CONDITION_ITEM_NOT_FOUND:
    case STOX_CONDITION_GONE:
        reason = "noresource";
        break;
    case STOX_CONDITION_FORBIDDEN:
    case STOX_CONDITION_NOT_ALLOWED:
    case STOX_CONDITION_NOT_AUTHORIZED:
        reason = "rejected";
        break;
    case STOX_CONDITION_REMOTE_SERVER_NOT_FOUND:
    case STOX_CONDITION_REMOTE_SERVER_TIMEOUT:
    case STOX_CONDITION_RESOURCE_CONSTRAINT:
    case STOX_CONDITION_INTERNAL_SERVER_ERROR:
        reason = "probation";
        passing = true;
        break;
    default:
        break;
    }
    watched->auth = STOX_WATCHED_UNASKED;
    if (watched->pair.dialect == STOX_DIALECT_SIMPLE)
        terminate_all(watched, reason);
    else if (passing)
        watched->ask_at = watched->gateway->now.mono_ms + ASK_AGAIN_MS;
}

void stox_watched_presence(StoxGateway *gateway, const char *key, const char *resource,
                           const StoxPresence *presence)
{
    StoxWatched *watched = g_hash_table_lookup(gateway->watcheds->by_key, key);

    if (!watched || gateway->stopping)
        return;
    switch (presence->type) {
    case STOX_PRESENCE_AVAILABLE:
    case STOX_PRESENCE_UNAVAILABLE:
        update(watched, resource, presence);
        break;
    case STOX_PRESENCE_SUBSCRIBED:
        if (watched->auth != STOX_WATCHED_GRANTED) { /* P-53 */
            allow(watched);
            stox_watched_changed(watched);
        }
        break;
    case STOX_PRESENCE_UNSUBSCRIBED:
        denied(watched);
        break;
    case STOX_PRESENCE_ERROR:
        if (watched->auth == STOX_WATCHED_ASKED && g_strcmp0(presence->id, watched->ask_id) == 0)
            refused_with_error(watched, presence->error.condition);
        break;
    default:
        break;
    }
    settle(watched);
}
