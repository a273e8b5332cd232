/* SPDX-License-Identifier: MIT */
/*
 * Random events against the promises (DESIGN section 3): a SIP side and an XMPP side that do anything at any time, with lost streams, failures,
 * repeats, unknown names and jumps of time. Every action is checked against what both sides know. Seeded; bounded in events.
 */
#include "simulation-presence.h"

#include <string.h>

#define SEEDS  20 /* STOX_SIMULATION_SEEDS for more */
#define EVENTS 1500

static const char *const locals[] = {ALICE, "arno@contoso.example", ANNA};
static const char *const remotes[] = {BOB, "carol@partner.example", "dora@partner.example"};
static const char *const resources[] = {"", "/phone", "/laptop"};

const char *simulation_local(World *world)
{
    return locals[world_pick(world, G_N_ELEMENTS(locals))];
}

const char *simulation_remote(World *world)
{
    return remotes[world_pick(world, G_N_ELEMENTS(remotes))];
}

/* ---- What the two sides do ---- */

StoxEvent *simulation_request(World *world, StoxEventKind kind, const char *local,
                              const char *remote)
{
    StoxEvent *event = rig_sip(&world->rig, kind, local, remote);

    g_hash_table_add(world->requests, world_number(event->request));
    return event;
}

/*
 * A message whose parts begin with "n=NUMBER.PART/PARTS " and are cut at the line ends (world_init() limits them to 40 bytes); some have more parts
 * than may be.
 */
static char *numbered(World *world, uint64_t n)
{
    unsigned parts = world_pick(world, 3) ? 1 : 1 + world_pick(world, 9);
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < parts; i++)
        g_string_append_printf(text, "%sn=%" G_GUINT64_FORMAT ".%u/%u%s", i > 0 ? "\n" : "", n, i,
                               parts, parts > 1 ? " xxxxxxxxxxxxxxxxxxxxx" : "");
    return g_string_free(text, FALSE);
}

static void xmpp_message(World *world)
{
    g_autofree char *from = g_strconcat(
        simulation_remote(world), resources[world_pick(world, G_N_ELEMENTS(resources))], NULL);
    const char *to = simulation_local(world);
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);
    uint64_t n = ++world->counter;

    if (world_pick(world, 20) == 0) {
        g_free(from);
        from = g_strdup("eve@evil.example");
    }
    event->message = stox_message_new(
        world_pick(world, 30) == 0 ? STOX_MESSAGE_GROUPCHAT : STOX_MESSAGE_CHAT, from, to);
    event->message->id = g_strdup_printf("m%" G_GUINT64_FORMAT, n);
    event->message->wants_receipt = world_pick(world, 2);
    event->message->markable = world_pick(world, 2);
    event->message->chat_state = (StoxChatState) world_pick(world, 2);
    if (world_pick(world, 10) > 0) {
        event->message->body = numbered(world, n);
        event->message->origin_id = g_strdup(event->message->id);
        g_hash_table_add(world->messages, g_strjoin(" ", from, to, event->message->id, NULL));
        rig_event(&world->rig, event);
        world_settle(world);
        if (world_pick(world, 4) == 0 &&
            g_hash_table_size(world->messages) > 0) { /* a repeat while pending */
            g_autofree char *key = g_strdup_printf("%s %s m%" G_GUINT64_FORMAT, from, to, n);
            StoxEvent *repeat;

            if (!g_hash_table_contains(world->messages, key))
                return;
            repeat = stox_event_new(STOX_EVENT_XMPP_MESSAGE);
            repeat->message = stox_message_new(STOX_MESSAGE_CHAT, from, to);
            repeat->message->id = g_strdup("repeat");
            repeat->message->origin_id = g_strdup_printf("m%" G_GUINT64_FORMAT, n);
            repeat->message->body = g_strdup("again");
            rig_event(&world->rig, repeat);
            g_assert_cmpuint(world->rig.actions->len, ==, 0);
        }
    } else {
        rig_event(&world->rig, event);
    }
}

/* An answer to something of ours, or to nothing of ours. */
static void xmpp_answer(World *world)
{
    g_auto(GStrv) parts = NULL;
    StoxEvent *event;

    if (world->ids->len == 0)
        return;
    parts = g_strsplit(world->ids->pdata[world_pick(world, world->ids->len)], "\n", 3);
    if (!world->links[world_link(parts[1])])
        return;
    switch (world_pick(world, 4)) {
    case 0:
        rig_message_error(&world->rig, parts[2], parts[1], parts[0],
                          (StoxCondition) (1 + world_pick(world, STOX_N_CONDITIONS - 1)), "why");
        break;
    case 1:
        event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);
        event->presence = stox_presence_new(STOX_PRESENCE_ERROR, parts[2], parts[1]);
        event->presence->id = g_strdup(parts[0]);
        event->presence->error.condition =
            (StoxCondition) (1 + world_pick(world, STOX_N_CONDITIONS - 1));
        rig_event(&world->rig, event);
        break;
    case 2:
        event = stox_event_new(STOX_EVENT_XMPP_UNSENT);
        event->id = g_strdup(parts[0]);
        event->to = g_strdup(parts[2]);
        rig_event(&world->rig, event);
        break;
    default:
        rig_pong(&world->rig, parts[0], parts[2]);
        break;
    }
}

static void change_link(World *world)
{
    unsigned which = world_pick(world, 2);
    GHashTableIter iter;
    void *key;

    if (world_pick(world, 3) > 0)
        return;
    world->links[which] = !world->links[which];
    if (world->links[which]) { /* what was true before has to be said again */
        g_hash_table_iter_init(&iter, world->truth);
        while (g_hash_table_iter_next(&iter, &key, NULL))
            if (world_link(key) == which)
                g_hash_table_iter_remove(&iter);
    }
    rig_link(&world->rig, which ? "voip.example" : "contoso.example", world->links[which]);
}

void simulation_result(World *world, StoxSipResult *result)
{
    static const unsigned statuses[] = {200, 200, 200, 202, 302, 403, 404, 406, 408, 415,
                                        420, 480, 481, 481, 486, 489, 500, 503, 603};

    result->fate = world_pick(world, 3) ? STOX_SIP_ANSWERED : (StoxSipFate) world_pick(world, 5);
    if (result->fate == STOX_SIP_ANSWERED)
        result->status = statuses[world_pick(world, G_N_ELEMENTS(statuses))];
}

static void message_result(World *world, uint64_t ref)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SIP_MESSAGE_RESULT);
    const char *pair = g_hash_table_lookup(world->refs, &ref);

    event->ref = pair && world_pick(world, 20) ? ref : ref + 1000000;
    simulation_result(world, &event->result);
    if (event->ref == ref) {
        g_hash_table_remove(world->busy, pair);
        g_hash_table_remove(world->refs, &ref);
    }
    rig_event(&world->rig, event);
}

static void session_event(World *world)
{
    Session *session = world_some(world, world->sessions);
    StoxEvent *event;
    unsigned what = world_pick(world, 4);

    if (!session || session->state == SESSION_OFFERED)
        return;
    event = stox_event_new(STOX_EVENT_SESSION_OPENED);
    event->session = session->name;
    if (session->state == SESSION_OPEN || what == 0) {
        if (world_pick(world, 2)) {
            stox_event_free(event);
            return;
        }
        event->kind = session->state == SESSION_OPENING && world_pick(world, 8)
                          ? STOX_EVENT_SESSION_FAILED
                          : STOX_EVENT_SESSION_CLOSED;
        do
            simulation_result(world, &event->result);
        while (event->result.status >= 200 && event->result.status < 300);
        g_hash_table_remove(world->sessions, &event->session);
    } else {
        session->state = SESSION_OPEN;
    }
    rig_event(&world->rig, event);
}

static void sip_message(World *world)
{
    Session *session = world_pick(world, 2) ? world_some(world, world->sessions) : NULL;
    StoxEvent *event =
        simulation_request(world, STOX_EVENT_SIP_MESSAGE, simulation_local(world),
                           world_pick(world, 20) ? simulation_remote(world) : "eve@evil.example");

    if (session && session->state >= SESSION_ACCEPTED)
        event->session = session->name;
    else if (world_pick(world, 20) == 0)
        event->session = 999999;
    event->content_type = g_strdup(world_pick(world, 20) ? "text/plain" : "image/png");
    event->body = g_bytes_new("hello", 5);
    world->sip_messages++;
    rig_event(&world->rig, event);
}

static void invite(World *world)
{
    const char *local = simulation_local(world), *remote = simulation_remote(world);
    StoxEvent *event = simulation_request(world, STOX_EVENT_SIP_INVITE, local, remote);
    Session *session = g_new0(Session, 1);

    session->name = event->session = world->next_odd += 2;
    session->pair = world_pair(local, remote);
    session->state = SESSION_OFFERED;
    g_hash_table_insert(world->sessions, world_number(session->name), session);
    rig_event(&world->rig, event);
    world_settle(world);
    if (session->state == SESSION_OFFERED) /* refused */
        g_hash_table_remove(world->sessions, &world->next_odd);
}

/*
 * Step by step, so that every action is checked against the world of its moment. The SIP side gives up on a MESSAGE after 32 s, so none is
 * left without a result for longer.
 */
static void let_time_pass(World *world, int64_t ms)
{
    Rig *rig = &world->rig;
    int64_t until = rig->now.mono_ms + ms, next;

    do {
        while (ms > 20000 && g_hash_table_size(world->refs) > 0) {
            message_result(world, world_some_key(world, world->refs));
            world_settle(world);
        }
        next = MAX(stox_gateway_deadline(rig->gateway), rig->now.mono_ms);
        next = MIN(MIN(next, until), rig->now.mono_ms + 20000);
        if (g_hash_table_size(world->refs) == 0)
            next = MIN(MAX(stox_gateway_deadline(rig->gateway), rig->now.mono_ms), until);
        rig_wait(rig, next - rig->now.mono_ms);
        world_settle(world);
    } while (next < until);
}

static void some_time(World *world)
{
    static const int64_t steps[] = {1, 50, 700, 3000, 31000, 200000, 3600000};

    let_time_pass(world, world_pick(world, 60) ? steps[world_pick(world, 1 + world_pick(world, 5))]
                                               : steps[world_pick(world, G_N_ELEMENTS(steps))]);
}

static void state(World *world)
{
    world_state(world, simulation_local(world),
                world_pick(world, 20) ? simulation_remote(world) : "eve@evil.example");
}

static void one_event(World *world)
{
    static void (*const events[])(World *) = {xmpp_message,
                                              xmpp_message,
                                              xmpp_message,
                                              simulation_xmpp_presence,
                                              simulation_xmpp_presence,
                                              simulation_xmpp_presence,
                                              xmpp_answer,
                                              xmpp_answer,
                                              change_link,
                                              session_event,
                                              session_event,
                                              sip_message,
                                              sip_message,
                                              invite,
                                              simulation_notify,
                                              simulation_notify,
                                              simulation_notify,
                                              simulation_subscription_trouble,
                                              simulation_watch,
                                              simulation_watch,
                                              simulation_watcher_ended,
                                              some_time,
                                              some_time,
                                              state,
                                              state,
                                              state,
                                              state};
    unsigned which = world_pick(world, G_N_ELEMENTS(events) + 3);

    if (which < G_N_ELEMENTS(events))
        events[which](world);
    else
        message_result(world, world_some_key(world, world->refs));
    world_settle(world);
    if (world_pick(world, 3) == 0) {
        rig_flush(&world->rig);
        world_settle(world);
    }
}

/* ---- A run ---- */

static void check_watchers_settle(World *world)
{
    GHashTableIter iter;
    void *value;

    let_time_pass(world, 60000);
    g_hash_table_iter_init(&iter, world->watchers);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Dialog *dialog = value;

        if (dialog->documented && !world->stopped)
            g_assert_true(world->links[world_link(dialog->pair)] &&
                          g_hash_table_contains(world->truth, dialog->pair));
    }
}

/* Everybody goes home; the tables must be empty afterwards. */
static void wind_down(World *world)
{
    for (unsigned i = 0; i < 2; i++) {
        if (!world->links[i]) {
            world->links[i] = true;
            rig_link(&world->rig, i ? "voip.example" : "contoso.example", true);
        }
    }
    world_settle(world);
    for (unsigned i = 0; i < G_N_ELEMENTS(locals); i++) {
        for (unsigned j = 0; j < G_N_ELEMENTS(remotes); j++) {
            rig_presence(&world->rig, STOX_PRESENCE_UNSUBSCRIBE, remotes[j], locals[i], NULL);
            world_settle(world);
        }
    }
    while (g_hash_table_size(world->watchers) > 0) {
        simulation_watcher_ended(world);
        world_settle(world);
    }
    for (unsigned rounds = 0; rounds < 100; rounds++) {
        while (g_hash_table_size(world->refs) > 0) {
            message_result(world, world_some_key(world, world->refs));
            world_settle(world);
        }
        while (g_hash_table_size(world->sessions) > 0) {
            session_event(world);
            world_settle(world);
        }
    }
    let_time_pass(world, INT64_C(8) * 24 * 3600 * 1000);
}

static void check_empty(World *world)
{
    StoxGatewayStats stats;

    stox_gateway_stats(world->rig.gateway, &stats);
    g_assert_cmpuint(g_hash_table_size(world->messages), ==, 0);
    g_assert_cmpuint(g_hash_table_size(world->requests), ==, 0);
    g_assert_cmpuint(world->sip_messages, ==, world->sip_outcomes);
    g_assert_cmpuint(stats.sessions, ==, 0);
    g_assert_cmpuint(stats.queued_messages, ==, 0);
    g_assert_cmpuint(stats.conversations, ==, 0);
    g_assert_cmpuint(stats.pending_confirmations, ==, 0);
    g_assert_cmpuint(stats.watched, ==, 0);
    if (world->stopped)
        return; /* what is watched stays for the next start */
    g_assert_cmpuint(stats.watching, ==, 0);
    g_assert_cmpuint(g_hash_table_size(world->visible), ==, 0);
    g_assert_cmpint(stox_gateway_deadline(world->rig.gateway), ==, STOX_NEVER);
}

/* Promise 5: SIGTERM withdraws all that can be withdrawn. */
static void stop_now(World *world)
{
    GHashTableIter iter;
    void *key;

    rig_stop(&world->rig);
    world_settle(world);
    world->stopped = true;
    g_hash_table_iter_init(&iter, world->visible);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_assert_false(world->links[world_link(key)]);
}

static void run(unsigned seed, bool stop)
{
    World world;

    world_init(&world, seed);
    for (unsigned i = 0; i < EVENTS; i++) {
        one_event(&world);
        if (i % 300 == 299)
            check_watchers_settle(&world);
        if (stop && i == EVENTS - 200)
            stop_now(&world);
    }
    wind_down(&world);
    check_empty(&world);
    world_clear(&world);
}

static void test_runs(const void *stop)
{
    const char *wanted = g_getenv("STOX_SIMULATION_SEEDS");
    uint64_t seeds = wanted ? g_ascii_strtoull(wanted, NULL, 10) : SEEDS;

    for (unsigned seed = 1; seed <= seeds; seed++) {
        g_test_message("seed %u", seed);
        run(seed, GPOINTER_TO_INT(stop));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/gateway/simulation/runs", GINT_TO_POINTER(false), test_runs);
    g_test_add_data_func("/gateway/simulation/stopped", GINT_TO_POINTER(true), test_runs);
    return g_test_run();
}
