/* SPDX-License-Identifier: MIT */
/* What SIP watchers are shown of an XMPP user: documents, and when they go out. */
#include "translation/watched-private.h"

#include "translation/pidf.h"

#define PROBATION_S 900

void stox_watched_emit_notify(StoxGateway *gateway, uint64_t subscription,
                              StoxSubscriptionState state, const char *reason, GBytes *body)
{
    StoxAction *action = stox_gateway_emit(gateway, STOX_ACTION_NOTIFY);

    action->subscription = subscription;
    action->state = state;
    action->reason = g_strdup(reason);
    if (g_strcmp0(reason, "probation") == 0) /* P-64 */
        action->retry_after_s = PROBATION_S;
    action->body = body;
    if (body)
        action->content_type = g_strdup(STOX_PIDF_TYPE);
}

static GBytes *document(const StoxWatched *watched, const StoxPresentities *presentities)
{
    g_autofree char *entity = stox_pair_remote_uri(&watched->pair);

    return stox_pidf_write(entity, presentities,
                           watched->pair.dialect == STOX_DIALECT_LYNC ? STOX_PIDF_MICROSOFT
                                                                      : STOX_PIDF_STANDARD,
                           watched->gateway->now.wall_ms);
}

GBytes *stox_watched_document(const StoxWatched *watched)
{
    return document(watched, &watched->known);
}

GBytes *stox_watched_closed_document(const StoxWatched *watched)
{
    g_auto(StoxPresentities) none = {0};

    stox_presentities_init(&none);
    return document(watched, &none);
}

/* A front end knows no `pending`: its user sees somebody who is offline (lync.md 4.8 c, 7.5). */
static bool shows_document(const StoxWatched *watched)
{
    return watched->auth == STOX_WATCHED_GRANTED || watched->pair.dialect == STOX_DIALECT_LYNC;
}

/* The whole of a front end's document: one word, from the resource that speaks for all. NULL: the document says more than that. */
static const char *word(const StoxWatched *watched)
{
    const StoxPresentity *best = stox_presentities_best(&watched->known);

    if (watched->pair.dialect != STOX_DIALECT_LYNC)
        return NULL;
    return best && best->open ? stox_show_activity(best->show, true) : "offline";
}

void stox_watcher_show(StoxWatcher *watcher)
{
    StoxWatched *watched = watcher->watched;
    StoxGateway *gateway = watched->gateway;

    stox_deadlines_cancel(&gateway->deadlines, &watcher->deadline);
    watcher->notified_at = gateway->now.mono_ms;
    watcher->active = shows_document(watched);
    watcher->said = word(watched);
    if (watcher->active)
        stox_watched_emit_notify(gateway, watcher->name, STOX_SUBSTATE_ACTIVE, NULL,
                                 stox_watched_document(watched));
    else
        stox_watched_emit_notify(gateway, watcher->name, STOX_SUBSTATE_PENDING, NULL, NULL);
}

static void watcher_cb(void *data, void *owner)
{
    const StoxGateway *gateway = data;

    if (!gateway->stopping)
        stox_watcher_show(owner);
}

void stox_watcher_init_deadline(StoxWatcher *watcher)
{
    stox_deadline_init(&watcher->deadline, watcher_cb, watcher);
}

void stox_watched_changed(StoxWatched *watched)
{
    StoxGateway *gateway = watched->gateway;
    const char *now = word(watched);

    if (gateway->stopping)
        return;
    for (GList *item = watched->watchers.head; item; item = item->next) {
        StoxWatcher *watcher = item->data;
        int64_t due = watcher->notified_at + gateway->config.notify_interval_ms;

        if (!watcher->active && !shows_document(watched))
            continue; /* pending stays pending */
        if (now && g_strcmp0(now, watcher->said) == 0)
            /* The same again would only hold back what comes next. */
            stox_deadlines_cancel(&gateway->deadlines, &watcher->deadline);
        else if (due <= gateway->now.mono_ms)
            stox_watcher_show(watcher);
        else if (!watcher->deadline.place)
            stox_deadlines_set(&gateway->deadlines, &watcher->deadline, due);
    }
}

void stox_watched_answer_poll(StoxWatched *watched, uint64_t subscription)
{
    bool known = watched->known.list->len > 0 || watched->pair.dialect == STOX_DIALECT_LYNC ||
                 watched->auth == STOX_WATCHED_GRANTED;

    stox_watched_emit_notify(watched->gateway, subscription, STOX_SUBSTATE_TERMINATED, "timeout",
                             known ? stox_watched_document(watched) : NULL);
}
