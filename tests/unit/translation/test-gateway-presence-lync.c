/* SPDX-License-Identifier: MIT */
/* What a front end's presence subscriptions have that is their own (lync.md 4.8; DESIGN section 6). */
#include "gateway-rig.h"

#include <string.h>

#define ENTITY  "sip:" BOB
#define ASK(id) "presence subscribe " ALICE " > " BOB " id=" id "\n"
#define CLOSED  " " ENTITY " [closed]\n"
#define SUB     "subscribe 2 pool01 sip:bob@partner.example > sip:alice@contoso.example 28800\n"

static void pidf(Rig *rig, const char *tuples)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_NOTIFY);
    g_autofree char *body = g_strdup_printf(
        "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:" ALICE "'>%s</presence>",
        tuples);

    event->subscription = 2;
    event->state = STOX_SUBSTATE_ACTIVE;
    event->content_type = g_strdup("application/pidf+xml");
    event->body = g_bytes_new(body, strlen(body));
    rig_event(rig, event);
}

#define TUPLE(id, basic, show, q)                                                                  \
    "<tuple id='" id "'><status><basic>" basic "</basic><show xmlns='jabber:client'>" show         \
    "</show></status><contact priority='" q "'/></tuple>"

/* lync.md 4.8a-one-tuple: whatever the tuples are called and however many, there is one contact. */
static void test_one_tuple(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    pidf(&rig, TUPLE("0", "open", "dnd", "0.1") TUPLE("1", "open", "away", "0.9"));
    rig_expect(&rig, SUB "presence subscribed " ALICE " > " BOB "\npresence available " ALICE
                         "/lync > " BOB " show=away\n");
    pidf(&rig, TUPLE("7", "open", "away", "0.9"));
    rig_expect(&rig, "");
    pidf(&rig, TUPLE("7", "closed", "away", "0.9") TUPLE("8", "open", "xa", "0"));
    rig_expect(&rig, "presence available " ALICE "/lync > " BOB " show=xa\n");
}

/* lync.md 4.8b-expires: what is not said is SubscriptionRefreshInterval, and nobody gets more than that. */
static void test_expires(void)
{
    static const struct {
        int64_t asked, granted;
    } rows[] = {{-1, 28800}, {600, 600}, {28800, 28800}, {100000, 28800}};

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Rig) rig;
        g_autofree char *expected = g_strdup_printf(
            "grant 1 1 %d\nnotify 1 active" CLOSED ASK("g-1"), (int) rows[i].granted);

        rig_init(&rig);
        rig_start(&rig);
        rig_watch(&rig, 1, ALICE, BOB, rows[i].asked);
        rig_expect(&rig, expected);
    }
}

/* lync.md 4.8b-shared: his user is asked once for all of her endpoints, and she is gone with the last of them. */
static void test_endpoints(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_watch(&rig, 1, ALICE, BOB, 3600);
    rig_watch(&rig, 3, ALICE, BOB, 3600);
    rig_expect(&rig, "grant 1 1 3600\nnotify 1 active" CLOSED ASK(
                         "g-1") "grant 3 2 3600\nnotify 3 active" CLOSED);
    rig_wait(&rig, 5000);
    rig_presence(&rig, STOX_PRESENCE_AVAILABLE, PHONE, ALICE, NULL);
    rig_expect(&rig, "notify 1 active " ENTITY " [open]\nnotify 3 active " ENTITY " [open]\n");
    for (uint64_t name = 1; name <= 3; name += 2) {
        StoxEvent *event = stox_event_new(STOX_EVENT_WATCHER_ENDED);

        event->subscription = name;
        rig_event(&rig, event);
        rig_expect(&rig, name == 1 ? "" : "presence unavailable " ALICE " > " BOB "\n");
    }
}

/* lync.md 4.8b-rate: a second between two documents, and the last of all that happened meanwhile is what is sent. */
static void test_rate(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_watch(&rig, 1, ALICE, BOB, 3600);
    rig_presence(&rig, STOX_PRESENCE_AVAILABLE, PHONE, ALICE, NULL);
    rig_presence(&rig, STOX_PRESENCE_UNAVAILABLE, PHONE, ALICE, NULL);
    rig_presence(&rig, STOX_PRESENCE_AVAILABLE, LAPTOP, ALICE, NULL);
    rig_wait(&rig, 999);
    rig_expect(&rig, "grant 1 1 3600\nnotify 1 active" CLOSED ASK("g-1"));
    rig_wait(&rig, 1);
    rig_expect(&rig, "notify 1 active " ENTITY " [open]\n");
}

/* lync.md 4.8c-blocked: he is subscribed and sees nobody, for as long as it is so; nothing ends it, nothing asks again. */
static void test_blocked(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    pidf(&rig, TUPLE("0", "closed", "away", "0"));
    rig_expect(&rig, SUB "presence subscribed " ALICE " > " BOB "\npresence unavailable " ALICE
                         "/lync > " BOB "\n");
    pidf(&rig, TUPLE("0", "closed", "away", "0"));
    rig_wait(&rig, INT64_C(7) * 24 * 3600 * 1000);
    rig_expect(&rig, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gateway/presence-lync/one-tuple", test_one_tuple);
    g_test_add_func("/gateway/presence-lync/expires", test_expires);
    g_test_add_func("/gateway/presence-lync/endpoints", test_endpoints);
    g_test_add_func("/gateway/presence-lync/rate", test_rate);
    g_test_add_func("/gateway/presence-lync/blocked", test_blocked);
    return g_test_run();
}
