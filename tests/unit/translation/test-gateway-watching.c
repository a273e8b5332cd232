/* SPDX-License-Identifier: MIT */
/* An XMPP user follows a SIP user (rows P-10 to P-41, P-80 to P-92, P-131 to P-148, P-160 to P-163). */
#include "watching-rig.h"

#include <string.h>

/* P-10 to P-13, P-17, P-18 */
static void test_subscribe(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, PHONE, ALICE, "s1");
    rig_expect(&rig, SUB("2"));
    event = stox_event_new(STOX_EVENT_SUBSCRIBED);
    event->subscription = 2;
    rig_event(&rig, event);
    rig_expect(&rig, "");
    rig_notify(&rig, 2, STOX_SUBSTATE_PENDING, NULL, SIP_ALICE, "0", "open");
    /* lync.md 4.8c-subscribed: neither the 200 nor what is pending says so */
    rig_expect(&rig, "answer 1 200\n");
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s2"); /* P-29: no second one */
    rig_expect(&rig, "");
    watching_active(&rig, 2, NULL);
    rig_expect(&rig, "answer 2 200\n" SUBSCRIBED);
    watching_active(&rig, 2, "open");
    rig_expect(&rig, "answer 3 200\n" ONLINE);
    watching_active(&rig, 2, "open");
    watching_active(&rig, 2, NULL);
    rig_expect(&rig, "answer 4 200\nanswer 5 200\n");
    watching_active(&rig, 2, "closed");
    rig_expect(&rig, "answer 6 200\n" OFFLINE);
    watching_active(&rig, 2, "closed");
    rig_expect(&rig, "answer 7 200\n");
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s3"); /* P-29 */
    rig_expect(&rig, SUBSCRIBED OFFLINE_ALL);
}

/* lync.md 4.8c-blocked: one who is blocked sees somebody who is offline, and is subscribed. */
static void test_first_document_closed(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    watching_active(&rig, 2, "closed");
    rig_expect(&rig, SUB("2") "answer 1 200\n" SUBSCRIBED OFFLINE);
}

/* P-133, P-140, P-141: tuples of a simple peer are resources. */
static void test_tuples(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ANNA, "s1");
    rig_expect(&rig, "subscribe 2 proxy sip:bob@partner.example > sip:anna@voip.example 3600\n");
    rig_notify(&rig, 2, STOX_SUBSTATE_ACTIVE, NULL, "pres:" ANNA, "ID-desk", "open");
    rig_expect(&rig, "answer 1 200\npresence subscribed " ANNA " > " BOB "\n"
                     "presence available " ANNA "/desk > " BOB "\n");
    rig_notify(&rig, 2, STOX_SUBSTATE_ACTIVE, NULL, "sip:" ANNA, "ID-car", "open");
    rig_expect(&rig, "answer 2 200\npresence unavailable " ANNA "/desk > " BOB "\n"
                     "presence available " ANNA "/car > " BOB "\n");
    rig_presence(&rig, STOX_PRESENCE_PROBE, BOB, ANNA "/car", "p1"); /* P-167 */
    rig_presence(&rig, STOX_PRESENCE_PROBE, BOB, ANNA "/desk", "p2");
    rig_expect(&rig, "presence available " ANNA "/car > " BOB "\n"
                     "presence unavailable " ANNA "/desk > " BOB " id=p2\n");
    rig_notify(&rig, 2, STOX_SUBSTATE_ACTIVE, NULL, "sip:other@voip.example", "ID-car", "closed");
    rig_expect(&rig, "answer 3 200\n"); /* P-147 */
}

/* More parts than are read: which limit it was is told. */
static void test_too_many_parts(void)
{
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_NOTIFY);
    g_autoptr(GString) body = g_string_new(NULL);

    watching_online(&rig);
    for (unsigned i = 0; i < 129; i++)
        g_string_append(body, "--b\r\nContent-Type: application/pidf+xml\r\n\r\nx\r\n");
    event->subscription = 2;
    event->request = 9;
    event->state = STOX_SUBSTATE_ACTIVE;
    event->content_type = g_strdup("multipart/related; boundary=b");
    event->body = g_bytes_new(body->str, body->len);
    rig_event(&rig, event);
    rig_expect(&rig, "answer 9 413 diagnostic=61021\n");
}

/* P-148: the old state is kept. */
static void test_bad_documents(void)
{
    static const struct {
        const char *type, *body, *expected;
    } cases[] = {
        {"text/plain", "x", "answer 9 415 diagnostic=61007 accept\n"},
        {"application/pidf+xmlx", "x", "answer 9 415 diagnostic=61007 accept\n"},
        {NULL, "x", "answer 9 415 diagnostic=61007 accept\n"},
        {"application/pidf+xml", "<presence", "answer 9 400 diagnostic=61024\n"},
        {"application/PIDF+xml;charset=UTF-8", "", "answer 9 200\n"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Rig) rig;
        StoxEvent *event = stox_event_new(STOX_EVENT_NOTIFY);

        watching_online(&rig);
        event->subscription = 2;
        event->request = 9;
        event->content_type = g_strdup(cases[i].type);
        event->body = g_bytes_new(cases[i].body, strlen(cases[i].body));
        rig_event(&rig, event);
        rig_expect(&rig, cases[i].expected);
    }
}

static void test_piggyback(void)
{
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_NOTIFY);

    watching_online(&rig);
    event->subscription = 2;
    event->state = STOX_SUBSTATE_TERMINATED;
    event->reason = g_strdup("rejected");
    rig_event(&rig, event); /* request 0: nothing to answer */
    rig_expect(&rig, OFFLINE GONE);
    watching_active(&rig, 2, "open"); /* P-27 */
    rig_expect(&rig, "answer 2 481 diagnostic=61012\n");
}

static void test_unsubscribe(void)
{
    g_auto(Rig) rig;

    watching_online(&rig);
    rig_presence(&rig, STOX_PRESENCE_UNSUBSCRIBED, BOB, ALICE, NULL); /* P-30: not this direction */
    rig_expect(&rig, "");
    rig_presence(&rig, STOX_PRESENCE_UNSUBSCRIBE, BOB, ALICE, NULL);
    rig_expect(&rig, "unsubscribe 2\n" OFFLINE GONE);
    rig_presence(&rig, STOX_PRESENCE_UNSUBSCRIBE, BOB, ALICE, NULL);
    rig_expect(&rig, GONE);
    g_assert_cmpint(stox_gateway_deadline(rig.gateway), ==, STOX_NEVER);
}

typedef struct {
    const char *name;
    unsigned status;
    bool initial, keep;
    const char *expected;
} FailCase;

#define ERROR(condition) "presence error " ALICE " > " BOB " id=s1 error=" condition "\n"
static const FailCase failures[] = {
    /* lync.md 4.8c-refused */
    {"P-31-403", 403, true, false, GONE},
    {"P-31-489", 489, true, false, GONE},
    {"P-31-603", 603, true, false, GONE},
    {"P-31-603-refresh", 603, false, false, OFFLINE GONE},
    {"P-36-404", 404, true, false, ERROR("item-not-found/cancel")},
    {"P-34-404-refresh", 404, false, false, OFFLINE ERROR("item-not-found/cancel")},
    {"P-36-604", 604, true, false, ERROR("item-not-found/cancel")},
    {"P-36-410", 410, true, false, ERROR("gone/cancel")},
    {"P-39-406", 406, true, false, ERROR("not-acceptable/modify")},
    {"P-38-500", 500, true, false, ""},
    {"P-38-480", 480, true, false, ""},
    {"P-34-480-refresh", 480, false, false, OFFLINE},
    {"P-35-500-refresh-keep", 500, false, true, ""},
    {"P-33-481-refresh", 481, false, false, SUB("4")},
};

static void test_failed(const void *data)
{
    const FailCase *c = data;
    g_auto(Rig) rig;

    if (c->initial) {
        rig_init(&rig);
        rig_start(&rig);
        rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
        rig_expect(&rig, SUB("2"));
    } else {
        watching_online(&rig);
        rig_wait(&rig, 20000);
    }
    rig_subscribe_failed(&rig, 2, c->status, c->initial, c->keep);
    rig_expect(&rig, c->expected);
    rig_subscribe_failed(&rig, 2, c->status, c->initial, c->keep);
    if (!c->keep)
        rig_expect(&rig, ""); /* the name is dead */
}

/* P-160 to P-162 as adapted: without a record it is a subscription we have forgotten. */
static void test_probe(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_PROBE, BOB, ALICE, "p1");
    rig_expect(&rig, SUB("2"));
    rig_presence(&rig, STOX_PRESENCE_PROBE, BOB, ALICE, "p2");
    rig_expect(&rig, "");
    watching_active(&rig, 2, "open");
    rig_expect(&rig, "answer 1 200\n" ONLINE);
    rig_presence(&rig, STOX_PRESENCE_PROBE, BOB, ALICE, "p3");
    rig_expect(&rig, ONLINE);
    watching_active(&rig, 2, "closed");
    rig_presence(&rig, STOX_PRESENCE_PROBE, BOB, ALICE, "p4");
    rig_expect(&rig, "answer 2 200\n" OFFLINE "presence unavailable " ALICE " > " BOB " id=p4\n");
    rig_subscribe_failed(&rig, 2, 403, false, false);
    rig_expect(&rig, GONE);
}

static void test_probe_not_told(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    rig_presence(&rig, STOX_PRESENCE_PROBE, BOB, ALICE, "p1"); /* P-182 */
    rig_expect(&rig, SUB("2"));
}

/* P-41: shown again on a new stream, and what went meanwhile is withdrawn then. */
static void test_link(void)
{
    g_auto(Rig) rig;

    watching_online(&rig);
    rig_link(&rig, "contoso.example", false);
    rig_expect(&rig, "");
    rig_link(&rig, "contoso.example", true);
    rig_expect(&rig, ONLINE);
    rig_link(&rig, "contoso.example", false);
    watching_active(&rig, 2, "closed");
    rig_expect(&rig, "answer 2 200\n");
    rig_link(&rig, "contoso.example", true);
    rig_expect(&rig, OFFLINE OFFLINE);
    rig_link(&rig, "contoso.example", false);
    watching_active(&rig, 2, "open");
    rig_link(&rig, "contoso.example", true);
    rig_expect(&rig, "answer 3 200\n" ONLINE);
    rig_link(&rig, "contoso.example", false);
    watching_terminated(&rig, 2, "rejected");
    rig_expect(&rig, "answer 4 200\n");
    rig_link(&rig, "contoso.example", true);
    rig_expect(&rig, OFFLINE GONE);
}

/* P-41: of a simple peer what went is withdrawn tuple by tuple, and then everything. */
static void test_link_tuples(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ANNA, "s1");
    rig_notify(&rig, 2, STOX_SUBSTATE_ACTIVE, NULL, "sip:" ANNA, "ID-desk", "open");
    g_ptr_array_set_size(rig.actions, 0);
    rig_link(&rig, "voip.example", false);
    rig_notify(&rig, 2, STOX_SUBSTATE_ACTIVE, NULL, "sip:" ANNA, "ID-desk", "closed");
    rig_expect(&rig, "answer 2 200\n");
    rig_link(&rig, "voip.example", true);
    rig_expect(&rig, "presence unavailable " ANNA "/desk > " BOB "\npresence unavailable " ANNA
                     " > " BOB "\n");
}

/* He asks again while we look for a new dialog, and it is lost while there is no stream. */
static void test_asked_again_then_lost(void)
{
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_SUBSCRIPTION_LOST);

    watching_online(&rig);
    rig_wait(&rig, 20000);
    watching_terminated(&rig, 2, "timeout");
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s2");
    rig_expect(&rig, "answer 2 200\n" SUB("4"));
    rig_link(&rig, "contoso.example", false);
    event->subscription = 4;
    rig_event(&rig, event);
    rig_expect(&rig, "");
    rig_link(&rig, "contoso.example", true);
    rig_expect(&rig, OFFLINE);
}

static void test_subscribed_while_down(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    rig_link(&rig, "contoso.example", false);
    watching_active(&rig, 2, "open");
    rig_expect(&rig, SUB("2") "answer 1 200\n");
    rig_link(&rig, "contoso.example", true);
    rig_expect(&rig, SUBSCRIBED ONLINE);
}

static void test_thirty_days(void)
{
    g_auto(Rig) rig;
    const int64_t day = 24 * 3600 * 1000;

    watching_online(&rig);
    rig_wait(&rig, 29 * day);
    rig_presence(&rig, STOX_PRESENCE_PROBE, BOB, ALICE, NULL);
    rig_expect(&rig, ONLINE);
    rig_wait(&rig, 30 * day - 1);
    rig_expect(&rig, "");
    rig_wait(&rig, 1);
    rig_expect(&rig, "unsubscribe 2\n" OFFLINE);
    g_assert_cmpint(stox_gateway_deadline(rig.gateway), ==, STOX_NEVER);
}

static void test_stop(void)
{
    g_auto(Rig) rig;

    watching_online(&rig);
    rig_stop(&rig);
    rig_expect(&rig, OFFLINE);
    watching_active(&rig, 2, "open");
    rig_expect(&rig, "answer 2 200\n");
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s2");
    rig_expect(&rig, "presence error " ALICE " > " BOB " id=s2 error=resource-constraint/wait\n");
    rig_presence(&rig, STOX_PRESENCE_PROBE, BOB, ALICE, "p");
    rig_expect(&rig, "");
}

static void test_refused(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    rig_init(&rig);
    rig.config.max_subscriptions = 1;
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, "eve@evil.example", ALICE, "s1");
    rig_expect(&rig, "presence error " ALICE " > eve@evil.example id=s1 error=forbidden/auth\n");
    rig_presence(&rig, STOX_PRESENCE_PROBE, "eve@evil.example", ALICE, "s1");
    rig_presence(&rig, STOX_PRESENCE_AVAILABLE, "eve@evil.example/x", ALICE, "s1");
    rig_presence(&rig, STOX_PRESENCE_ERROR, "eve@evil.example/x", ALICE, "s1");
    rig_presence(&rig, STOX_PRESENCE_AVAILABLE, PHONE, ALICE, "s1"); /* directed, unwatched */
    rig_expect(&rig, "");
    rig_presence(&rig, STOX_PRESENCE_UNKNOWN, PHONE, ALICE, "s1"); /* */
    rig_expect(&rig, "presence error " ALICE " > " PHONE " id=s1 error=bad-request/modify\n");
    event = stox_event_new(STOX_EVENT_XMPP_PRESENCE); /* G-14 */
    event->presence = stox_presence_new(STOX_PRESENCE_AVAILABLE, PHONE, ALICE "/nick");
    event->presence->muc = true;
    rig_event(&rig, event);
    rig_expect(&rig,
               "presence error " ALICE "/nick > " PHONE " error=service-unavailable/cancel\n");
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    rig_expect(&rig, SUB("2"));
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ANNA, "s2");
    rig_expect(&rig, "presence error " ANNA " > " BOB " id=s2 error=resource-constraint/wait\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(failures); i++) {
        g_autofree char *path = g_strconcat("/gateway/watching/failed/", failures[i].name, NULL);

        g_test_add_data_func(path, &failures[i], test_failed);
    }
    g_test_add_func("/gateway/watching/subscribe-P-10", test_subscribe);
    g_test_add_func("/gateway/watching/first-document-closed", test_first_document_closed);
    g_test_add_func("/gateway/watching/tuples-P-140", test_tuples);
    g_test_add_func("/gateway/watching/bad-documents-P-148", test_bad_documents);
    g_test_add_func("/gateway/watching/too-many-parts", test_too_many_parts);
    g_test_add_func("/gateway/watching/piggyback", test_piggyback);
    g_test_add_func("/gateway/watching/unsubscribe-P-25", test_unsubscribe);
    g_test_add_func("/gateway/watching/probe-P-161", test_probe);
    g_test_add_func("/gateway/watching/probe-not-told", test_probe_not_told);
    g_test_add_func("/gateway/watching/link-P-41", test_link);
    g_test_add_func("/gateway/watching/link-P-41-tuples", test_link_tuples);
    g_test_add_func("/gateway/watching/asked-again-then-lost", test_asked_again_then_lost);
    g_test_add_func("/gateway/watching/subscribed-while-down", test_subscribed_while_down);
    g_test_add_func("/gateway/watching/thirty-days", test_thirty_days);
    g_test_add_func("/gateway/watching/stop", test_stop);
    g_test_add_func("/gateway/watching/refused", test_refused);
    return g_test_run();
}
