/* SPDX-License-Identifier: MIT */
/* What SIP watchers are shown of an XMPP user: documents, and when they go out. */
#include "translation/watched-private.h"

#define PROBATION_S 900

static StoxAction *emit(StoxGateway *gateway, uint64_t subscription, StoxSubscriptionState state,
                        const char *reason)
{
    StoxAction *action = stox_gateway_emit(gateway, STOX_ACTION_NOTIFY);

    action->subscription = subscription;
    action->state = state;
    action->reason = g_strdup(reason);
    if (g_strcmp0(reason, "probation") == 0) /* P-64 */
        action->retry_after_s = PROBATION_S;
    return action;
}

void stox_watched_emit_notify(StoxGateway *gateway, uint64_t subscription,
                              StoxSubscriptionState state, const char *reason)
{
    emit(gateway, subscription, state, reason);
}

/* What he is shown of `presentities`; `entity_uri` is the caller's. */
static StoxDocumentSource source_of(const StoxWatcher *watcher, const char *entity_uri,
                                    const StoxPresentities *presentities)
{
    const StoxWatched *watched = watcher->watched;
    const StoxGateway *gateway = watched->gateway;

    return (StoxDocumentSource){
        .entity_uri = entity_uri,
        .presentities = presentities,
        .display = stox_watching_nick(gateway, watched->pair.key),
        .dnd_as_busy = stox_pair_hop(gateway, &watched->pair)->dnd_as_busy,
        .language = watched->pair.sip_language,
        .asked_for = (StoxCategorySet) watcher->asked_for,
        .now_wall_ms = gateway->now.wall_ms,
        .serial = watched->documents,
    };
}

static uint64_t digest(const StoxWatcher *watcher)
{
    g_autofree char *uri = stox_pair_remote_uri(&watcher->watched->pair);
    StoxDocumentSource source = source_of(watcher, uri, &watcher->watched->known);

    return stox_document_digest(&source, (StoxDocumentFormat) watcher->format);
}

/* Puts the document of `presentities` into a NOTIFY. */
static void add_document(StoxWatcher *watcher, const StoxPresentities *presentities,
                         StoxAction *action)
{
    g_autofree char *uri = stox_pair_remote_uri(&watcher->watched->pair);
    StoxDocumentSource source = source_of(watcher, uri, presentities);
    StoxDocumentFormat format = (StoxDocumentFormat) watcher->format;

    watcher->watched->documents++;
    action->body = stox_document_write(&source, format);
    action->content_type = g_strdup(stox_document_type(format));
    action->lang = g_strdup(stox_document_language(&source, format));
}

void stox_watcher_show_closed(StoxWatcher *watcher, StoxSubscriptionState state, const char *reason)
{
    StoxAction *action = emit(watcher->watched->gateway, watcher->name, state, reason);
    g_auto(StoxPresentities) none = {0};

    stox_presentities_init(&none);
    add_document(watcher, &none, action);
}

/* A front end knows no `pending`: its user sees somebody who is offline (lync.md 4.8 c, 7.5). */
static bool shows_document(const StoxWatched *watched)
{
    return watched->auth == STOX_WATCHED_GRANTED || watched->pair.dialect == STOX_DIALECT_LYNC;
}

void stox_watcher_show(StoxWatcher *watcher)
{
    StoxWatched *watched = watcher->watched;
    StoxGateway *gateway = watched->gateway;
    StoxAction *action;

    stox_deadlines_cancel(&gateway->deadlines, &watcher->deadline);
    watcher->notified_at = gateway->now.mono_ms;
    watcher->active = shows_document(watched);
    watcher->said = watcher->active ? digest(watcher) : 0;
    action = emit(gateway, watcher->name,
                  watcher->active ? STOX_SUBSTATE_ACTIVE : STOX_SUBSTATE_PENDING, NULL);
    if (watcher->active)
        add_document(watcher, &watched->known, action);
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

    if (gateway->stopping)
        return;
    for (GList *item = watched->watchers.head; item; item = item->next) {
        StoxWatcher *watcher = item->data;
        int64_t due = watcher->notified_at + gateway->config.notify_interval_ms;

        if (!watcher->active && !shows_document(watched))
            continue; /* pending stays pending */
        if (watcher->active && watcher->said == digest(watcher))
            /* The same again would only hold back what comes next. */
            stox_deadlines_cancel(&gateway->deadlines, &watcher->deadline);
        else if (due <= gateway->now.mono_ms)
            stox_watcher_show(watcher);
        else if (!watcher->deadline.place)
            stox_deadlines_set(&gateway->deadlines, &watcher->deadline, due);
    }
}

void stox_watcher_answer_poll(StoxWatcher *watcher)
{
    const StoxWatched *watched = watcher->watched;
    StoxAction *action = emit(watched->gateway, watcher->name, STOX_SUBSTATE_TERMINATED, "timeout");

    if (watched->known.list->len > 0 || shows_document(watched))
        add_document(watcher, &watched->known, action);
}

/* ---- What he asks for ---- */

StoxWatcherAsk stox_watcher_ask(StoxWatcher *watcher, const StoxEvent *event, bool lync)
{
    StoxDocumentFormat format;
    StoxCategorySet asked_for;

    /* A refresh that says nothing asks for the same as before (lync.md 4.8 a). */
    if (event->accept || !event->refresh) {
        if (!stox_document_choose(event->accept, lync, &format))
            return STOX_WATCHER_ASKS_FOR_NOTHING_OF_OURS;
        watcher->format = (uint8_t) format;
    }
    if (event->body || !event->refresh) {
        if (!stox_document_asked_for(event->content_type, event->body, &asked_for))
            return STOX_WATCHER_ASKS_MALFORMED;
        watcher->asked_for = (uint8_t) asked_for;
    }
    return STOX_WATCHER_ASKS_WELL;
}
