/* SPDX-License-Identifier: MIT */
/* A SIP user follows an XMPP user (rows P-50 to P-67, P-164 to P-166; lync.md 7.5). */
#include "gateway-rig.h"

#include <string.h>

#define ENTITY       "sip:" BOB
#define CLOSED       " " ENTITY " [closed]\n"
#define OPEN         " " ENTITY " [open]\n"
#define ASK(id)      "presence subscribe " ALICE " > " BOB " id=" id "\n"
#define ASK_ANNA(id) "presence subscribe " ANNA " > " BOB " id=" id "\n"

static void tell(Rig *rig, StoxPresenceType type, const char *from, const char *to)
{
    rig_presence(rig, type, from, to, NULL);
}

/* A front end's watcher who may see and sees bob online. */
static void watched(Rig *rig)
{
    rig_init(rig);
    rig_start(rig);
    rig_watch(rig, 1, ALICE, BOB, 3600);
    /* lync.md 4.8b-first-notify, lync.md 4.8c-no-pending */
    rig_expect(rig, "grant 1 1 3600\nnotify 1 active" CLOSED ASK("g-1"));
    rig_wait(rig, 5000);
    tell(rig, STOX_PRESENCE_SUBSCRIBED, BOB, ALICE);
    rig_expect(
        rig,
        ""); /* still offline: nothing new for her, and nothing that his presence would have to wait for */
    tell(rig, STOX_PRESENCE_AVAILABLE, PHONE, ALICE);
    rig_expect(rig, "notify 1 active" OPEN);
    rig_wait(rig, 5000);
}

static void show(Rig *rig, const char *device, StoxShow show, int priority)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);

    event->presence = stox_presence_new(STOX_PRESENCE_AVAILABLE, device, ALICE);
    event->presence->show = show;
    event->presence->priority = priority;
    rig_event(rig, event);
}

/* P-50, P-52 to P-54 in the simple dialect. */
static void test_simple(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_watch(&rig, 1, ANNA, BOB, -1);
    rig_expect(&rig, "grant 1 1 3600\nnotify 1 pending\n" ASK_ANNA("g-1"));
    rig_watch(&rig, 3, ANNA, BOB, 90000); /* P-62 */
    rig_expect(&rig, "grant 3 2 28800\nnotify 3 pending\n");
    tell(&rig, STOX_PRESENCE_UNAVAILABLE, BOB, ANNA);
    rig_expect(&rig, "");
    rig_wait(&rig, 2000);
    tell(&rig, STOX_PRESENCE_SUBSCRIBED, BOB, ANNA);
    rig_expect(&rig, "notify 1 active" CLOSED "notify 3 active" CLOSED);
    tell(&rig, STOX_PRESENCE_AVAILABLE, PHONE, ANNA);
    tell(&rig, STOX_PRESENCE_AVAILABLE, LAPTOP, ANNA);
    /* lync.md 4.8b-rate */
    rig_expect(&rig, ""); /* P-56: not more than one in a second */
    rig_wait(&rig, 1000);
    rig_expect(&rig, "notify 1 active " ENTITY " [open] [open]\n"
                     "notify 3 active " ENTITY " [open] [open]\n");
    rig_wait(&rig, 2000);
    tell(&rig, STOX_PRESENCE_UNSUBSCRIBED, BOB, ANNA); /* P-55 */
    rig_expect(&rig, "notify 1 terminated;rejected\nnotify 3 terminated;rejected\n");
    rig_wait(&rig, 1000);
    rig_watch(&rig, 5, ANNA, BOB, 3600); /* not asked again for seven days */
    rig_expect(&rig, "grant 5 3 3600\nnotify 5 terminated;rejected\n");
    rig_wait(&rig, INT64_C(7) * 24 * 3600 * 1000);
    rig_watch(&rig, 7, ANNA, BOB, 3600);
    rig_expect(&rig, "grant 7 4 3600\nnotify 7 pending\n" ASK_ANNA("g-2"));
}

static void test_presence_is_a_yes(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_watch(&rig, 1, ANNA, BOB, 3600);
    rig_wait(&rig, 2000);
    tell(&rig, STOX_PRESENCE_AVAILABLE, PHONE, ANNA);
    rig_expect(&rig, "grant 1 1 3600\nnotify 1 pending\n" ASK_ANNA("g-1") "notify 1 active" OPEN);
}

/* lync.md 7.5: offline while undecided, offline when refused. */
static void test_lync(void)
{
    g_auto(Rig) rig;

    watched(&rig);
    show(&rig, LAPTOP, STOX_SHOW_DND, 5);
    /* lync.md 4.8b-aggregate */
    rig_expect(&rig, "notify 1 active " ENTITY " [open dnd]\n"); /* one tuple speaks for all */
    rig_wait(&rig, 2000);
    tell(&rig, STOX_PRESENCE_UNAVAILABLE, LAPTOP, ALICE);
    rig_expect(&rig, "notify 1 active" OPEN);
    rig_wait(&rig, 2000);
    tell(&rig, STOX_PRESENCE_UNAVAILABLE, BOB, ALICE);
    rig_expect(&rig, "notify 1 active" CLOSED);
    rig_wait(&rig, 2000);
    tell(&rig, STOX_PRESENCE_UNSUBSCRIBED, BOB, ALICE);
    tell(&rig, STOX_PRESENCE_AVAILABLE, PHONE, ALICE);
    rig_wait(&rig, 2000);
    rig_expect(&rig, "");
    tell(&rig, STOX_PRESENCE_SUBSCRIBED, BOB, ALICE); /* he thought better of it */
    tell(&rig, STOX_PRESENCE_AVAILABLE, PHONE, ALICE);
    rig_expect(&rig, "notify 1 active" OPEN);
}

/* One tuple speaks for all: what changes nothing in it is not sent (P-56), and what is over before its turn neither. */
static void test_lync_same_word(void)
{
    g_auto(Rig) rig;

    watched(&rig);
    show(&rig, LAPTOP, STOX_SHOW_AWAY, -1);
    show(&rig, PHONE, STOX_SHOW_CHAT, 0);
    rig_wait(&rig, 2000);
    rig_expect(&rig, "");
    show(&rig, PHONE, STOX_SHOW_DND, 0);
    rig_expect(&rig, "notify 1 active " ENTITY " [open dnd]\n");
    show(&rig, PHONE, STOX_SHOW_AWAY, 0); /* waits for its turn */
    show(&rig, PHONE, STOX_SHOW_DND, 0);
    rig_wait(&rig, 2000);
    rig_expect(&rig, "");
    show(&rig, PHONE, STOX_SHOW_XA, 0);
    rig_expect(&rig, "notify 1 active " ENTITY " [open away]\n");
    show(&rig, PHONE, STOX_SHOW_AWAY, 0);
    rig_wait(&rig, 2000);
    rig_expect(&rig, "");
}

static void refresh(Rig *rig, uint64_t subscription, int64_t expires_s)
{
    StoxEvent *event = rig_sip(rig, STOX_EVENT_SIP_SUBSCRIBE, ALICE, BOB);

    event->subscription = subscription;
    event->expires_s = expires_s;
    event->refresh = true;
    rig_event(rig, event);
}

/* P-57, P-58 */
static void test_refresh(void)
{
    g_auto(Rig) rig;

    watched(&rig);
    refresh(&rig, 1, 7200);
    rig_expect(&rig, "grant 1 2 7200\nnotify 1 active" OPEN);
    refresh(&rig, 1, 0);
    rig_expect(&rig, "grant 1 3 0\nnotify 1 terminated;timeout" CLOSED "presence unavailable " ALICE
                     " > " BOB "\n");
    refresh(&rig, 1, 3600);
    rig_expect(&rig, "answer 4 481 diagnostic=61012\n");
    g_assert_cmpint(stox_gateway_deadline(rig.gateway), ==, STOX_NEVER);
}

/* P-59, Q-30: not while the other direction shows him. */
static void test_ended(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    watched(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    rig_watch(&rig, 3, ALICE, BOB, 3600);
    g_ptr_array_set_size(rig.actions, 0);
    for (uint64_t name = 1; name <= 5; name += 2) {
        event = stox_event_new(STOX_EVENT_WATCHER_ENDED);
        event->subscription = name;
        rig_event(&rig, event);
    }
    rig_expect(&rig, "");
    tell(&rig, STOX_PRESENCE_AVAILABLE, LAPTOP, ALICE);
    rig_wait(&rig, 2000);
    rig_expect(&rig, "");
}

typedef struct {
    const char *name, *accept;
    const char *shown; /* NULL: refused */
} AcceptCase;

#define CATEGORIES " " ENTITY " {18500 ''}\n"

static const AcceptCase accepts[] = {
    {"absent", NULL, CLOSED},
    {"pidf", "application/pidf+xml", CLOSED},
    {"any", "*/*", CLOSED},
    {"lync-4.8b",
     "application/msrtc-event-categories+xml, text/xml+msrtc.pidf, application/xpidf+xml, "
     "application/pidf+xml, application/rlmi+xml, multipart/related",
     CATEGORIES},
    {"categories-only", "application/msrtc-event-categories+xml", CATEGORIES},
    {"V-49", "application/xpidf+xml", NULL},
    {"empty", "", NULL},
};

/* P-51 */
static void test_accept(const void *data)
{
    const AcceptCase *c = data;
    g_auto(Rig) rig;
    StoxEvent *event;

    rig_init(&rig);
    rig_start(&rig);
    event = rig_sip(&rig, STOX_EVENT_SIP_SUBSCRIBE, ALICE, BOB);
    event->subscription = 1;
    event->expires_s = 60;
    event->accept = g_strdup(c->accept);
    rig_event(&rig, event);
    if (c->shown) {
        g_autofree char *expected =
            g_strdup_printf("grant 1 1 60\nnotify 1 active%s" ASK("g-1"), c->shown);

        rig_expect(&rig, expected);
    } else {
        rig_expect(&rig, "answer 1 406 diagnostic=61017 accept\n");
    }
}

static void test_refused(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig.config.max_subscriptions = 1;
    rig_start(&rig);
    rig_watch(&rig, 1, ALICE, "eve@evil.example", 60);
    rig_expect(&rig, "answer 1 403 diagnostic=61001\n");
    rig_watch(&rig, 1, ALICE, BOB, 60);
    rig_watch(&rig, 1, ALICE, BOB, 60);
    rig_watch(&rig, 3, ALICE, BOB, 60);
    rig_expect(
        &rig, "grant 1 2 60\nnotify 1 active" CLOSED ASK(
                  "g-1") "answer 3 400 diagnostic=61013\nanswer 4 503 diagnostic=62003 retry=30\n");
}

/* P-164 to P-166; lync.md 4.8b-poll-asks-nobody */
static void test_poll(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_watch(&rig, 1, ANNA, BOB, 0);
    rig_expect(&rig, "grant 1 1 0\nnotify 1 terminated;timeout\n"
                     "presence probe " ANNA " > " BOB "\n");
    tell(&rig, STOX_PRESENCE_AVAILABLE, PHONE, ANNA);
    rig_expect(&rig, "");
    rig_watch(&rig, 3, ANNA, BOB, 0);
    rig_expect(&rig, "grant 3 2 0\nnotify 3 terminated;timeout" OPEN);
    tell(&rig, STOX_PRESENCE_UNSUBSCRIBED, BOB, ANNA); /* P-166: no denial, nobody asked */
    rig_watch(&rig, 5, ANNA, BOB, 3600);
    rig_expect(&rig, "grant 5 3 3600\nnotify 5 pending\n" ASK_ANNA("g-1"));
    rig_watch(&rig, 7, ANNA, BOB, 0); /* a probe now would take our request away */
    rig_expect(&rig, "grant 7 4 0\nnotify 7 terminated;timeout\n");
    rig_watch(&rig, 9, ALICE, BOB, 0);
    rig_expect(&rig, "grant 9 5 0\nnotify 9 terminated;timeout" CLOSED "presence probe " ALICE
                     " > " BOB "\n");
}

static void test_poll_is_forgotten(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_watch(&rig, 1, ANNA, BOB, 0);
    rig_wait(&rig, 20 * 60 * 1000);
    g_ptr_array_set_size(rig.actions, 0);
    g_assert_cmpint(stox_gateway_deadline(rig.gateway), ==, STOX_NEVER);
    tell(&rig, STOX_PRESENCE_AVAILABLE, PHONE, ANNA);
    rig_watch(&rig, 3, ANNA, BOB, 0);
    rig_expect(&rig, "grant 3 2 0\nnotify 3 terminated;timeout\n"
                     "presence probe " ANNA " > " BOB "\n");
}

typedef struct {
    const char *name;
    StoxCondition condition;
    const char *reason;
} ErrorCase;

static const ErrorCase errors[] = {
    {"item-not-found", STOX_CONDITION_ITEM_NOT_FOUND, "noresource"},
    {"gone", STOX_CONDITION_GONE, "noresource"},
    {"forbidden", STOX_CONDITION_FORBIDDEN, "rejected"},
    {"not-allowed", STOX_CONDITION_NOT_ALLOWED, "rejected"},
    {"not-authorized", STOX_CONDITION_NOT_AUTHORIZED, "rejected"},
    {"remote-server-not-found", STOX_CONDITION_REMOTE_SERVER_NOT_FOUND, "probation;900"},
    {"remote-server-timeout", STOX_CONDITION_REMOTE_SERVER_TIMEOUT, "probation;900"},
    {"internal", STOX_CONDITION_INTERNAL_SERVER_ERROR, "probation;900"},
    {"service-unavailable", STOX_CONDITION_SERVICE_UNAVAILABLE, "giveup"},
};

static void presence_error(Rig *rig, const char *to, const char *id, StoxCondition condition)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_PRESENCE);

    event->presence = stox_presence_new(STOX_PRESENCE_ERROR, BOB, to);
    event->presence->id = g_strdup(id);
    event->presence->error.condition = condition;
    rig_event(rig, event);
}

/* P-64, D-15 */
static void test_error(const void *data)
{
    const ErrorCase *c = data;
    g_auto(Rig) rig;
    g_autofree char *expected = g_strdup_printf("notify 1 terminated;%s\n", c->reason);

    rig_init(&rig);
    rig_start(&rig);
    rig_watch(&rig, 1, ANNA, BOB, 3600);
    g_ptr_array_set_size(rig.actions, 0);
    presence_error(&rig, ANNA, "other", c->condition);
    rig_expect(&rig, "");
    presence_error(&rig, ANNA, "g-1", c->condition);
    rig_expect(&rig, expected);
    g_assert_cmpint(stox_gateway_deadline(rig.gateway), ==, STOX_NEVER);
}

/* A front end keeps its offline contact; what may pass is asked again by itself. */
static void test_error_lync(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_watch(&rig, 1, ALICE, BOB, 28800);
    g_ptr_array_set_size(rig.actions, 0);
    presence_error(&rig, ALICE, "g-1", STOX_CONDITION_REMOTE_SERVER_NOT_FOUND);
    rig_expect(&rig, "");
    rig_wait(&rig, 15 * 60 * 1000);
    rig_expect(&rig, ASK("g-2"));
    presence_error(&rig, ALICE, "g-2", STOX_CONDITION_ITEM_NOT_FOUND);
    rig_wait(&rig, 60 * 60 * 1000);
    rig_expect(&rig, "");
    refresh(&rig, 1, 28800);
    rig_expect(&rig, "grant 1 2 28800\nnotify 1 active" CLOSED ASK("g-3"));
}

/* Promise 5: absent for 30 s, then nobody is shown online; probes bring it back. */
static void test_link(void)
{
    g_auto(Rig) rig;

    watched(&rig);
    rig_link(&rig, "contoso.example", false);
    rig_wait(&rig, 29999);
    rig_expect(&rig, "");
    rig_wait(&rig, 1);
    rig_expect(&rig, "notify 1 active" CLOSED);
    rig_link(&rig, "contoso.example", true);
    rig_expect(&rig, "presence probe " ALICE " > " BOB "\n");
    rig_wait(&rig, 2000);
    tell(&rig, STOX_PRESENCE_AVAILABLE, PHONE, ALICE);
    rig_expect(&rig, "notify 1 active" OPEN);
    rig_wait(&rig, 60000);
    rig_expect(&rig, "");

    rig_link(&rig, "contoso.example", false); /* a short break: what is not confirmed goes */
    rig_wait(&rig, 5000);
    rig_link(&rig, "contoso.example", true);
    rig_expect(&rig, "presence probe " ALICE " > " BOB "\n");
    rig_wait(&rig, 9999);
    rig_expect(&rig, "");
    rig_wait(&rig, 1);
    rig_expect(&rig, "notify 1 active" CLOSED);
}

static void test_asked_again_on_link(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_link(&rig, "voip.example", false);
    rig_watch(&rig, 1, ANNA, BOB, 3600);
    rig_expect(&rig, "grant 1 1 3600\nnotify 1 pending\n");
    rig_link(&rig, "voip.example", true);
    rig_expect(&rig, ASK_ANNA("g-1"));
    rig_link(&rig, "voip.example", false);
    rig_link(&rig, "voip.example", true);
    rig_expect(&rig, ASK_ANNA("g-2"));
    presence_error(&rig, ANNA, "g-1", STOX_CONDITION_FORBIDDEN); /* of the first */
    rig_expect(&rig, "");
}

static void test_stop(void)
{
    g_auto(Rig) rig;

    watched(&rig);
    rig_watch(&rig, 3, ANNA, BOB, 3600);
    g_ptr_array_set_size(rig.actions, 0);
    rig_stop(&rig);
    rig_expect(&rig, "notify 1 active" CLOSED);
    tell(&rig, STOX_PRESENCE_AVAILABLE, LAPTOP, ALICE);
    rig_wait(&rig, 60000);
    rig_watch(&rig, 5, ALICE, BOB, 60);
    rig_expect(&rig, "answer 3 503 diagnostic=61018\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(accepts); i++) {
        g_autofree char *path = g_strconcat("/gateway/watched/accept-P-51/", accepts[i].name, NULL);

        g_test_add_data_func(path, &accepts[i], test_accept);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(errors); i++) {
        g_autofree char *path = g_strconcat("/gateway/watched/error-P-64/", errors[i].name, NULL);

        g_test_add_data_func(path, &errors[i], test_error);
    }
    g_test_add_func("/gateway/watched/error-P-64/lync", test_error_lync);
    g_test_add_func("/gateway/watched/simple-P-50", test_simple);
    g_test_add_func("/gateway/watched/presence-is-a-yes", test_presence_is_a_yes);
    g_test_add_func("/gateway/watched/lync", test_lync);
    g_test_add_func("/gateway/watched/lync-same-word", test_lync_same_word);
    g_test_add_func("/gateway/watched/refresh-P-57-P-58", test_refresh);
    g_test_add_func("/gateway/watched/ended-P-59", test_ended);
    g_test_add_func("/gateway/watched/refused", test_refused);
    g_test_add_func("/gateway/watched/poll-P-164", test_poll);
    g_test_add_func("/gateway/watched/poll-is-forgotten", test_poll_is_forgotten);
    g_test_add_func("/gateway/watched/link", test_link);
    g_test_add_func("/gateway/watched/asked-again-on-link", test_asked_again_on_link);
    g_test_add_func("/gateway/watched/stop", test_stop);
    return g_test_run();
}
