/* SPDX-License-Identifier: MIT */
/* A SIP user is followed, and the dialog is lost or ended: when it is begun anew, and what is shown meanwhile (rows P-38, P-82 to P-89; promise 5; lync.md 4.9-1004). */
#include "watching-rig.h"

#include <string.h>

/* lync.md 4.9-1004: the server lost the route set of the dialog; the user is still there. */
static void test_lost_route_set(void)
{
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_SUBSCRIBE_FAILED);

    watching_online(&rig);
    rig_wait(&rig, 20000);
    event->subscription = 2;
    event->result.status = 404;
    event->result.diagnostics_id = 1004;
    rig_event(&rig, event);
    rig_expect(&rig, SUB("4"));
}

/* P-38: 30 s doubling, an hour at most, the peer's wish if it is longer; a quarter more at most. */
static void test_backoff(void)
{
    static const int64_t steps_s[] = {30, 60, 120, 240, 480, 960, 1920, 3600, 3600};
    g_auto(Rig) rig;
    uint64_t name = 2;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    rig_expect(&rig, SUB("2"));
    for (unsigned i = 0; i < G_N_ELEMENTS(steps_s); i++, name += 2) {
        g_autofree char *expected =
            g_strdup_printf("subscribe %" G_GUINT64_FORMAT
                            " pool01 sip:bob@partner.example > sip:alice@contoso.example 28800\n",
                            name + 2);

        rig_subscribe_failed(&rig, name, 500, true, false);
        rig_wait(&rig, steps_s[i] * 1000 - 1);
        rig_expect(&rig, "");
        rig_wait(&rig, steps_s[i] * 250 + 1);
        rig_expect(&rig, expected);
    }
    {
        StoxEvent *event = stox_event_new(STOX_EVENT_SUBSCRIBE_FAILED);

        event->subscription = name;
        event->initial = true;
        event->result.status = 503;
        event->result.retry_after_s = 7000;
        rig_event(&rig, event);
        rig_wait(&rig, 6999999);
        rig_expect(&rig, "");
    }
}

typedef struct {
    const char *name, *reason, *expected;
} ReasonCase;

static const ReasonCase reasons[] = {
    {"P-83-deactivated", "deactivated", SUB("4")},
    {"P-86-timeout", "timeout", SUB("4")},
    {"P-82-none", NULL, SUB("4")},
    {"P-84-probation", "probation", OFFLINE},
    {"P-87-giveup", "giveup", OFFLINE},
    {"P-85-rejected", "rejected", OFFLINE GONE},
    {"P-88-noresource", "noresource", OFFLINE GONE},
    {"P-89-invariant", "invariant", ""},
};

static void test_reason(const void *data)
{
    const ReasonCase *c = data;
    g_auto(Rig) rig;
    g_autofree char *expected = g_strconcat("answer 2 200\n", c->expected, NULL);

    watching_online(&rig);
    rig_wait(&rig, 20000);
    watching_terminated(&rig, 2, c->reason);
    rig_expect(&rig, expected);
}

/* A peer that ends every dialog at once is not asked again and again. */
static void test_no_storm(void)
{
    g_auto(Rig) rig;

    watching_online(&rig);
    watching_terminated(&rig, 2, "deactivated");
    rig_expect(&rig, "answer 2 200\n" OFFLINE);
    rig_wait(&rig, 29000);
    rig_expect(&rig, "");
    rig_wait(&rig, 9000);
    rig_expect(&rig, SUB("4"));
}

/* Promise 5 */
static void test_lost(void)
{
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_SUBSCRIPTION_LOST);

    watching_online(&rig);
    event->subscription = 2;
    rig_event(&rig, event);
    rig_expect(&rig, OFFLINE);
    rig_wait(&rig, 40000);
    rig_expect(&rig, SUB("4"));
    watching_active(&rig, 4, "open");
    rig_expect(&rig, "answer 2 200\n" ONLINE); /* `subscribed` was said before */
}

static void hop_up(Rig *rig, const char *hop)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_HOP_UP);

    event->hop = g_strdup(hop);
    rig_event(rig, event);
}

/* Promise 5: a server is back, and who waits does not wait for an hour; who has a dialog, or is of another hop, is not touched. */
static void test_hop_up(void)
{
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_SUBSCRIPTION_LOST);

    watching_online(&rig);
    hop_up(&rig, "pool01");
    rig_wait(&rig, 5000);
    rig_expect(&rig, "");
    event->subscription = 2;
    rig_event(&rig, event);
    rig_expect(&rig, OFFLINE);
    for (unsigned id = 4; id <= 18; id += 2) {
        g_autofree char *line = g_strdup_printf(SUB("%u"), id);

        rig_wait(&rig, 4600000);
        rig_expect(&rig, line);
        rig_subscribe_failed(&rig, id, 503, true, false);
    }
    hop_up(&rig, "proxy");
    rig_wait(&rig, 3000);
    rig_expect(&rig, "");
    hop_up(&rig, "pool01");
    rig_wait(&rig, 900);
    rig_expect(&rig, "");
    rig_wait(&rig, 200);
    rig_expect(&rig, SUB("20"));
    watching_active(&rig, 20, "open");
    rig_expect(&rig, "answer 2 200\n" ONLINE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(reasons); i++) {
        g_autofree char *path = g_strconcat("/gateway/watching/reason/", reasons[i].name, NULL);

        g_test_add_data_func(path, &reasons[i], test_reason);
    }
    g_test_add_func("/gateway/watching/lost-route-set", test_lost_route_set);
    g_test_add_func("/gateway/watching/backoff-P-38", test_backoff);
    g_test_add_func("/gateway/watching/no-storm", test_no_storm);
    g_test_add_func("/gateway/watching/lost", test_lost);
    g_test_add_func("/gateway/watching/hop-up", test_hop_up);
    return g_test_run();
}
