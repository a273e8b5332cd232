/* SPDX-License-Identifier: MIT */
#include "simulation-presence.h"

#include "translation/presence-document.h"

#include <string.h>

/* What an XMPP user shows. */
static void some_looks(World *world, StoxPresence *presence)
{
    static const char *const notes[] = {NULL, "Tea", "Cake"};

    presence->show = (StoxShow) world_pick(world, STOX_SHOW_DND + 1);
    stox_notes_add(&presence->status, notes[world_pick(world, G_N_ELEMENTS(notes))], NULL);
    presence->priority = (int) world_pick(world, 3) - 1;
    if (world_pick(world, 3) == 0)
        presence->idle_since_wall_ms = world->rig.now.wall_ms - world_pick(world, 600000);
    if (world_pick(world, 4) == 0)
        presence->delay_wall_ms = world->rig.now.wall_ms - world_pick(world, 600000);
}

void simulation_xmpp_presence(World *world)
{
    static const StoxPresenceType types[] = {STOX_PRESENCE_AVAILABLE,    STOX_PRESENCE_AVAILABLE,
                                             STOX_PRESENCE_UNAVAILABLE,  STOX_PRESENCE_SUBSCRIBE,
                                             STOX_PRESENCE_SUBSCRIBE,    STOX_PRESENCE_SUBSCRIBED,
                                             STOX_PRESENCE_UNSUBSCRIBED, STOX_PRESENCE_UNSUBSCRIBE,
                                             STOX_PRESENCE_PROBE,        STOX_PRESENCE_UNKNOWN};
    const char *local = simulation_local(world), *remote = simulation_remote(world);
    StoxPresenceType type = types[world_pick(world, G_N_ELEMENTS(types))];
    bool with_resource = type == STOX_PRESENCE_AVAILABLE;
    g_autofree char *from = g_strconcat(remote, with_resource ? "/phone" : "", NULL);
    char *pair = world_pair(local, remote);
    StoxEvent *event;

    if (!world->links[world_link(local)]) { /* no stream, no stanza */
        g_free(pair);
        return;
    }
    if (type == STOX_PRESENCE_AVAILABLE) {
        g_hash_table_add(world->truth, pair);
    } else {
        if (type == STOX_PRESENCE_UNAVAILABLE || type == STOX_PRESENCE_UNSUBSCRIBED)
            g_hash_table_remove(world->truth, pair);
        g_free(pair);
    }
    event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);
    event->presence = stox_presence_new(type, from, local);
    event->presence->id = g_strdup("p1");
    if (type == STOX_PRESENCE_AVAILABLE)
        some_looks(world, event->presence);
    rig_event(&world->rig, event);
}

/* A part of what a front end knows; with every part a state that says whether somebody is there. */
static void notify_categories(World *world, uint64_t name, const char *entity, bool open)
{
#define NS "http://schemas.microsoft.com/2006/09/sip/"
    static const unsigned states[] = {3500, 5000, 6500, 7500, 9500, 12500, 15500};
    g_autofree char *xml = g_strdup_printf(
        "<categories xmlns='" NS
        "categories' uri='%s'>%s<category name='state' instance='1'><state "
        "xmlns='" NS "state' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
        "xsi:type='aggregateState'><availability>%u</availability></state></category></categories>",
        entity,
        world_pick(world, 2) ? "<category name='note' instance='0'><note xmlns='" NS
                               "note'><body type='personal'>Note</body></note></category>"
                             : "",
        open ? states[world_pick(world, G_N_ELEMENTS(states))] : 18500);
    StoxEvent *event = stox_event_new(STOX_EVENT_NOTIFY);

    event->subscription = name;
    event->request = ++world->rig.requests;
    event->state = STOX_SUBSTATE_ACTIVE;
    event->content_type = g_strdup(STOX_CATEGORIES_TYPE);
    event->body = g_bytes_new(xml, strlen(xml));
    rig_event(&world->rig, event);
}

void simulation_notify(World *world)
{
    static const char *const reasons[] = {"deactivated", "probation",  "rejected", "timeout",
                                          "giveup",      "noresource", NULL};
    Dialog *dialog = world_some(world, world->subscriptions);
    bool open = world_pick(world, 2);
    g_autofree char *local = NULL, *entity = NULL;
    StoxSubscriptionState state =
        world_pick(world, 3) ? STOX_SUBSTATE_ACTIVE : (StoxSubscriptionState) world_pick(world, 3);
    bool body = state == STOX_SUBSTATE_ACTIVE && world_pick(world, 4);
    uint64_t name = dialog ? dialog->name : 888888;

    if (!dialog && world_pick(world, 5))
        return;
    local = dialog ? g_strndup(dialog->pair, strcspn(dialog->pair, " ")) : g_strdup(ALICE);
    entity = g_strconcat("sip:", local, NULL);
    if (dialog && body && open)
        g_hash_table_add(world->documents, g_strdup(dialog->pair));
    else if (dialog && (body || state == STOX_SUBSTATE_PENDING))
        g_hash_table_remove(world->documents, dialog->pair);
    if (state == STOX_SUBSTATE_TERMINATED)
        g_hash_table_remove(world->subscriptions, &name);
    world->rig.requests++;
    g_hash_table_add(world->requests, world_number(world->rig.requests));
    world->rig.requests--;
    if (body && name % 4 == 0) /* in one dialog always the same format */
        notify_categories(world, name, entity, open);
    else
        rig_notify(&world->rig, name, state,
                   state == STOX_SUBSTATE_TERMINATED
                       ? reasons[world_pick(world, G_N_ELEMENTS(reasons))]
                       : NULL,
                   entity, "t", body ? (open ? "open" : "closed") : NULL);
}

void simulation_subscription_trouble(World *world)
{
    Dialog *dialog = world_some(world, world->subscriptions);
    StoxEvent *event;

    if (!dialog)
        return;
    event = stox_event_new(world_pick(world, 2) ? STOX_EVENT_SUBSCRIBE_FAILED
                                                : STOX_EVENT_SUBSCRIPTION_LOST);
    event->subscription = dialog->name;
    event->initial = world_pick(world, 2);
    event->keep = !event->initial && world_pick(world, 2);
    do
        simulation_result(world, &event->result);
    while (event->result.status >= 200 && event->result.status < 300);
    if (event->kind == STOX_EVENT_SUBSCRIPTION_LOST || !event->keep ||
        event->result.status == 403 || event->result.status == 603)
        g_hash_table_remove(world->subscriptions, &event->subscription);
    rig_event(&world->rig, event);
}

/* What a SUBSCRIBE asks for: the type of documents that may come now; NULL, as before. */
static const char *ask(World *world, StoxEvent *event)
{
    static const char *const accepts[][2] = {
        {NULL, STOX_PIDF_TYPE},
        {"application/pidf+xml", STOX_PIDF_TYPE},
        {"application/pidf+xml, application/msrtc-event-categories+xml", STOX_CATEGORIES_TYPE},
        {"application/msrtc-event-categories+xml;q=0.5, */*", STOX_PIDF_TYPE},
        {"text/plain", "none"},
    };
    unsigned which = world_pick(world, G_N_ELEMENTS(accepts));

    event->accept = g_strdup(accepts[which][0]);
    return event->refresh && which == 0 ? NULL : accepts[which][1];
}

void simulation_watch(World *world)
{
    Dialog *dialog = world_pick(world, 3) ? NULL : world_some(world, world->watchers);
    const char *local = simulation_local(world), *remote = simulation_remote(world);
    StoxEvent *event = simulation_request(world, STOX_EVENT_SIP_SUBSCRIBE, local, remote);
    bool fresh = !dialog;
    uint64_t name;

    event->refresh = !fresh;
    event->expires_s = world_pick(world, 4) ? 3600 : 0;
    world->asked = ask(world, event);
    if (!dialog) {
        dialog = g_new0(Dialog, 1);
        dialog->name = world->next_odd += 2;
        dialog->pair = world_pair(local, remote);
        g_hash_table_insert(world->watchers, world_number(dialog->name), dialog);
    }
    name = event->subscription = dialog->name;
    rig_event(&world->rig, event);
    if (fresh && !((StoxAction *) world->rig.actions->pdata[0])->subscription) /* refused */
        g_hash_table_remove(world->watchers, &name);
}

void simulation_watcher_ended(World *world)
{
    Dialog *dialog = world_some(world, world->watchers);
    StoxEvent *event;

    if (!dialog)
        return;
    event = stox_event_new(STOX_EVENT_WATCHER_ENDED);
    event->subscription = dialog->name;
    g_hash_table_remove(world->watchers, &event->subscription);
    rig_event(&world->rig, event);
}
