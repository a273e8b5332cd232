/* SPDX-License-Identifier: MIT */
#include "translation/watching-private.h"

#include "translation/error.h"

#include <string.h>

#define BACKOFF_MIN_S 30
#define BACKOFF_MAX_S 3600
#define AT_ONCE_MS    10000 /* a new dialog at once, unless the last one is younger than this */
#define LIFE_MS       (INT64_C(30) * 24 * 3600 * 1000)
#define MAX_NICK      256

/* ---- Tables ---- */

static void watching_free(void *data)
{
    StoxWatching *watching = data;

    stox_pair_clear(&watching->pair);
    g_free(watching->ask_id);
    g_free(watching->nick);
    g_free(watching->contact_name);
    stox_presentities_clear(&watching->known);
    stox_categories_free(watching->categories);
    g_clear_pointer(&watching->visible, g_ptr_array_unref);
    g_free(watching);
}

StoxWatchings *stox_watchings_new(void)
{
    StoxWatchings *watchings = g_new0(StoxWatchings, 1);

    watchings->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, watching_free);
    watchings->subscriptions = g_hash_table_new(g_int64_hash, g_int64_equal);
    watchings->plain = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return watchings;
}

void stox_watchings_free(StoxWatchings *watchings)
{
    if (!watchings)
        return;
    g_hash_table_unref(watchings->subscriptions);
    g_hash_table_unref(watchings->plain);
    g_hash_table_unref(watchings->by_key);
    g_free(watchings);
}

size_t stox_watchings_count(const StoxGateway *gateway)
{
    return g_hash_table_size(gateway->watchings->by_key);
}

static StoxWatching *find(const StoxGateway *gateway, const char *key)
{
    return g_hash_table_lookup(gateway->watchings->by_key, key);
}

static StoxWatching *find_dialog(const StoxGateway *gateway, uint64_t subscription)
{
    return g_hash_table_lookup(gateway->watchings->subscriptions, &subscription);
}

bool stox_watching_exists(const StoxGateway *gateway, const char *key)
{
    return find(gateway, key) != NULL;
}

const char *stox_watching_nick(const StoxGateway *gateway, const char *key)
{
    const StoxWatching *watching = find(gateway, key);

    return watching ? watching->nick : NULL;
}

const char *stox_watching_contact_name(const StoxGateway *gateway, const char *key)
{
    const StoxWatching *watching = find(gateway, key);

    return watching ? watching->contact_name : NULL;
}

void stox_watching_set_dialog(StoxWatching *watching, uint64_t subscription)
{
    GHashTable *subscriptions = watching->gateway->watchings->subscriptions;

    if (watching->subscription)
        g_hash_table_remove(subscriptions, &watching->subscription);
    watching->subscription = subscription;
    g_clear_pointer(&watching->categories, stox_categories_free);
    if (subscription)
        g_hash_table_insert(subscriptions, &watching->subscription, watching);
}

static void drop(StoxWatching *watching)
{
    StoxGateway *gateway = watching->gateway;

    stox_watching_set_dialog(watching, 0);
    stox_deadlines_cancel(&gateway->deadlines, &watching->deadline);
    g_hash_table_remove(gateway->watchings->by_key, watching->pair.key);
}

/* ---- SUBSCRIBE and its repeats ---- */

void stox_watching_rearm(StoxWatching *watching)
{
    stox_deadlines_set(&watching->gateway->deadlines, &watching->deadline,
                       MIN(watching->retry_at, watching->sign_at + LIFE_MS));
}

/* Spread a little, so that a pool that comes back is not asked by all at the same moment. */
static int64_t spread(const StoxWatching *watching, int64_t delay_ms)
{
    unsigned part = (g_str_hash(watching->pair.key) ^ watching->backoff_s) % 256;

    return delay_ms + delay_ms * part / 1024;
}

/* There is no dialog any more: try again, 30 s doubling to an hour, or when the peer said (P-38). */
static void ask_later(StoxWatching *watching, unsigned retry_after_s)
{
    watching->backoff_s =
        watching->backoff_s ? MIN(watching->backoff_s * 2, BACKOFF_MAX_S) : BACKOFF_MIN_S;
    stox_watching_set_dialog(watching, 0);
    watching->state = STOX_WATCHING_ASKING;
    watching->retry_at = watching->gateway->now.mono_ms +
                         spread(watching, INT64_C(1000) * MAX(watching->backoff_s, retry_after_s));
    stox_watching_withdraw(watching);
    stox_watching_rearm(watching);
}

/* A new dialog at once (P-33, P-83, P-86): what is shown stays. Not again and again, though. */
static void ask_again(StoxWatching *watching, unsigned retry_after_s, const char *why)
{
    int64_t age_ms = watching->gateway->now.mono_ms - watching->asked_at;

    if (retry_after_s > 0 || age_ms < AT_ONCE_MS)
        ask_later(watching, retry_after_s);
    else
        stox_watching_ask(watching, why);
}

static void say(StoxWatching *watching, StoxPresenceType type)
{
    stox_gateway_presence(watching->gateway, type, watching->pair.local, watching->pair.remote);
}

static bool linked(const StoxWatching *watching)
{
    return stox_gateway_link_is_up(watching->gateway, stox_bare_domain(watching->pair.local));
}

/* The end of it. What cannot be withdrawn for want of a stream is withdrawn when there is one (promise 5). */
void stox_watching_leave(StoxWatching *watching, bool unwelcome)
{
    watching->state = STOX_WATCHING_ASKING;
    if (!linked(watching)) {
        stox_watching_set_dialog(watching, 0);
        stox_watching_withdraw(watching);
        stox_deadlines_cancel(&watching->gateway->deadlines, &watching->deadline);
        watching->leaving = true;
        watching->unwelcome = unwelcome;
        return;
    }
    stox_watching_withdraw(watching);
    if (unwelcome)
        say(watching, STOX_PRESENCE_UNSUBSCRIBED);
    drop(watching);
}

static void unsubscribe(StoxWatching *watching)
{
    if (watching->subscription)
        stox_gateway_emit(watching->gateway, STOX_ACTION_UNSUBSCRIBE)->subscription =
            watching->subscription;
    stox_watching_set_dialog(watching, 0);
}

static void deadline_cb(void *data, void *owner)
{
    StoxWatching *watching = owner;
    StoxGateway *gateway = data;

    if (gateway->stopping)
        return;
    if (gateway->now.mono_ms >= watching->sign_at + LIFE_MS) {
        unsubscribe(watching);
        stox_watching_leave(watching, false);
    } else if (gateway->now.mono_ms >= watching->retry_at) {
        stox_watching_ask(watching, NULL);
    } else {
        stox_watching_rearm(watching);
    }
}

static StoxWatching *watching_new(StoxGateway *gateway, StoxPair *pair)
{
    StoxWatching *watching = g_new0(StoxWatching, 1);

    watching->gateway = gateway;
    watching->pair = *pair;
    memset(pair, 0, sizeof *pair);
    watching->sign_at = gateway->now.mono_ms;
    watching->retry_at = STOX_NEVER;
    stox_deadline_init(&watching->deadline, deadline_cb, watching);
    g_hash_table_insert(gateway->watchings->by_key, watching->pair.key, watching);
    return watching;
}

/* ---- What the XMPP user wants ---- */

void stox_watching_sign(StoxGateway *gateway, const char *key)
{
    StoxWatching *watching = find(gateway, key);

    if (watching)
        watching->sign_at = gateway->now.mono_ms;
}

static bool room(const StoxGateway *gateway)
{
    return stox_watchings_count(gateway) + stox_watcheds_count(gateway) <
           gateway->config.max_subscriptions;
}

/* `subscribed` (P-13); kept for later while there is no stream. */
void stox_watching_tell(StoxWatching *watching)
{
    if (watching->told || watching->gateway->stopping || !linked(watching))
        return;
    watching->told = true;
    say(watching, STOX_PRESENCE_SUBSCRIBED);
}

static void remember_ask(StoxWatching *watching, const StoxPresence *presence)
{
    g_free(watching->ask_id);
    watching->ask_id = g_strdup(presence->id);
    if (presence->nick) {
        g_free(watching->nick);
        watching->nick = stox_presence_cut(presence->nick, MAX_NICK);
    }
}

void stox_watching_subscribe(StoxGateway *gateway, StoxPair *pair, const StoxPresence *presence)
{
    StoxWatching *watching = find(gateway, pair->key);

    if (watching) { /* P-29 */
        remember_ask(watching, presence);
        watching->leaving = false;
        watching->told = false;
        if (watching->state == STOX_WATCHING_ACTIVE) {
            stox_watching_tell(watching);
            stox_watching_show_again(watching, NULL, NULL);
        } else if (!watching->subscription && watching->retry_at == STOX_NEVER) {
            stox_watching_ask(watching, NULL);
        }
    } else if (!room(gateway)) {
        g_auto(StoxError) error = {0};

        stox_error_say(&error, STOX_CONDITION_RESOURCE_CONSTRAINT, STOX_ERROR_WAIT,
                       pair->xmpp_language, STOX_WORD_SUBSCRIPTIONS_FULL, NULL);
        stox_gateway_presence_error(gateway, presence, &error);
    } else {
        watching = watching_new(gateway, pair);
        remember_ask(watching, presence);
        stox_watching_ask(watching, NULL);
    }
}

void stox_watching_unsubscribe(StoxGateway *gateway, const StoxPair *pair)
{
    StoxWatching *watching = find(gateway, pair->key);

    if (watching) { /* P-25, P-26 */
        unsubscribe(watching);
        stox_watching_withdraw(watching);
        drop(watching);
    }
    stox_gateway_presence(gateway, STOX_PRESENCE_UNSUBSCRIBED, pair->local, pair->remote);
}

void stox_watching_probe(StoxGateway *gateway, StoxPair *pair, const char *resource,
                         const StoxPresence *presence)
{
    StoxWatching *watching = find(gateway, pair->key);

    if (!watching) {
        if (!room(gateway))
            return;
        /* P-161: his server takes him for subscribed, we do not know him (a restart): ask as if he had just subscribed. */
        watching = watching_new(gateway, pair);
        watching->told = true;
        stox_watching_ask(watching, NULL);
    } else if (watching->told) {
        watching->leaving = false;
        /* Nothing is said while the first answer is awaited: it comes by itself. */
        if (watching->state != STOX_WATCHING_ASKING || watching->documented ||
            !watching->subscription)
            stox_watching_show_again(watching, resource, presence->id);
        if (!watching->subscription && watching->retry_at == STOX_NEVER)
            stox_watching_ask(watching, NULL);
    }
}

/* ---- What the SIP side says ---- */

/* P-31, P-85, P-88: not allowed any more, or never. */
static void rejected(StoxWatching *watching)
{
    stox_watching_leave(watching, true);
}

/* P-36 to P-40: no use to go on; the user may try again. */
static void impossible(StoxWatching *watching, const StoxSipResult *result)
{
    StoxPresence asked = {
        .from = watching->pair.remote, .to = watching->pair.local, .id = watching->ask_id};
    g_auto(StoxError) error = {0};

    stox_watching_withdraw(watching);
    stox_pair_error(watching->gateway, &watching->pair, result, &error);
    stox_gateway_presence_error(watching->gateway, &asked, &error);
    stox_watching_leave(watching, false);
}

static bool one_of(const unsigned *list, unsigned n, unsigned status)
{
    for (unsigned i = 0; i < n; i++)
        if (list[i] == status)
            return true;
    return false;
}

/* Worth trying again some time (P-38). */
static bool transient(const StoxSipResult *result)
{
    static const unsigned temporary[] = {408, 423, 429, 430, 480, 481, 482, 483, 486, 487, 491};

    if (result->fate != STOX_SIP_ANSWERED)
        return true;
    if (result->status >= 500 && result->status < 600)
        return result->status != 501 && result->status != 505;
    return result->status == 600 || one_of(temporary, G_N_ELEMENTS(temporary), result->status);
}

void stox_watching_accepted(StoxGateway *gateway, const StoxEvent *event)
{
    StoxWatching *watching = find_dialog(gateway, event->subscription);

    /* P-11: a 2xx says nothing yet; the NOTIFY does. */
    if (watching)
        watching->asked_at = gateway->now.mono_ms;
}

void stox_watching_failed(StoxGateway *gateway, const StoxEvent *event)
{
    static const unsigned refused[] = {403, 489, 603};
    StoxWatching *watching = find_dialog(gateway, event->subscription);
    const StoxSipResult *result = &event->result;
    bool answered = result->fate == STOX_SIP_ANSWERED;

    if (!watching)
        return;
    if (gateway->stopping) {
        stox_watching_set_dialog(watching, 0);
        return;
    }
    if (stox_watching_fall_back(watching, event))
        return;
    if (answered && one_of(refused, G_N_ELEMENTS(refused), result->status))
        rejected(watching);
    else if (!event->initial && event->keep) /* P-35 */
        return;
    else if (!event->initial && stox_sip_dialog_is_gone(result)) /* P-33, lync.md 4.9-1004 */
        ask_again(watching, 0, NULL);
    else if (transient(result))
        ask_later(watching, result->retry_after_s);
    else
        impossible(watching, result);
}

void stox_watching_lost(StoxGateway *gateway, const StoxEvent *event)
{
    StoxWatching *watching = find_dialog(gateway, event->subscription);

    if (watching && gateway->stopping)
        stox_watching_set_dialog(watching, 0);
    else if (watching)
        ask_later(watching, 0);
}

static void terminated(StoxWatching *watching, const StoxEvent *event)
{
    const char *reason = event->reason ? event->reason : "";

    stox_watching_set_dialog(watching, 0); /* the dialog went with this NOTIFY (P-28) */
    if (g_ascii_strcasecmp(reason, "rejected") == 0 ||
        g_ascii_strcasecmp(reason, "noresource") == 0)
        rejected(watching);
    else if (g_ascii_strcasecmp(reason, "invariant") == 0) /* P-89: it will never change */
        stox_watching_rearm(watching);
    else if (g_ascii_strcasecmp(reason, "probation") == 0 ||
             g_ascii_strcasecmp(reason, "giveup") == 0)
        ask_later(watching, event->retry_after_s);
    else
        ask_again(watching, event->retry_after_s, NULL);
}

/* RLMI (lync.md 4.8 a): his server does not have him, or not any more. A new dialog finds out where he is. */
static void moved(StoxWatching *watching, const char *pool_fqdn)
{
    g_autofree char *why =
        pool_fqdn ? g_strdup_printf("the server says that this user is at %s; the hop is asked "
                                    "once more. If that comes again and again, the hop's next-hop "
                                    "should be that pool",
                                    pool_fqdn)
                  : NULL;

    unsubscribe(watching);
    ask_again(watching, 0, why);
}

static void remember_name(StoxWatching *watching, StoxPresenceReport *report)
{
    if (!report->display_name)
        return;
    g_free(watching->contact_name);
    watching->contact_name = g_steal_pointer(&report->display_name);
}

static void use_notify(StoxWatching *watching, const StoxEvent *event, StoxPresenceReport *report)
{
    switch (event->state) {
    case STOX_SUBSTATE_ACTIVE:
        if (report->resubscribe || report->terminated) {
            moved(watching, report->pool_fqdn);
            break;
        }
        watching->state = STOX_WATCHING_ACTIVE;
        watching->backoff_s = 0;
        watching->retry_at = STOX_NEVER;
        stox_watching_rearm(watching);
        stox_watching_tell(watching);
        remember_name(watching, report);
        if (report->about_him && !report->notes_only) /* P-142, P-147 */
            stox_watching_show(watching, &report->all);
        break;
    case STOX_SUBSTATE_PENDING: /* P-12 */
        watching->state = STOX_WATCHING_PENDING;
        stox_watching_withdraw(watching);
        break;
    case STOX_SUBSTATE_TERMINATED:
        terminated(watching, event);
        break;
    }
}

void stox_watching_notify(StoxGateway *gateway, const StoxEvent *event)
{
    StoxWatching *watching = find_dialog(gateway, event->subscription);
    g_auto(StoxPresenceReport) report = {0};
    unsigned status = 200;

    if (!watching) {
        stox_gateway_respond_status(gateway, event->request, 481, STOX_DIAG_NO_SUCH_DIALOG, 0);
        return;
    }
    if (stox_watching_read(watching, event, &report, &status)) {
        stox_gateway_respond_status(gateway, event->request, 200, STOX_DIAG_NONE, 0);
    } else { /* P-148 */
        g_auto(StoxSipResult) result = {0};

        memset(&report, 0, sizeof report);
        stox_sip_result_init(&result, status,
                             status == 415   ? STOX_DIAG_CONTENT_UNSUPPORTED
                             : status == 413 ? STOX_DIAG_CONTENT_LIMIT
                                             : STOX_DIAG_CONTENT_BROKEN);
        result.accept = status == 415;
        stox_gateway_respond(gateway, event->request, &result);
    }
    if (!gateway->stopping)
        use_notify(watching, event, &report);
    else if (event->state == STOX_SUBSTATE_TERMINATED)
        stox_watching_set_dialog(watching, 0);
}
