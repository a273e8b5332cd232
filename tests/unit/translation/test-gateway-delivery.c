/* SPDX-License-Identifier: MIT */
/* Messages from SIP to XMPP and what their senders' answers mean (promise 2; rows M-20 to M-61, D-14, D-15; servers.md 10). */
#include "gateway-rig.h"

#include <string.h>

#define PING          "ping g-3 contoso.example > partner.example\n"
#define SELF_PING     "ping g-4 contoso.example > contoso.example\n"
#define HELLO         "message chat " ALICE " > " BOB " id=g-1 thread=g-2: Hello\n"
#define OUTCOME(what) "outcome s2x " what " " ALICE " > " BOB " id=g-1\n"

/* A message of a front end's user in page mode, its pings written. */
static void send_hello(Rig *rig)
{
    rig_init(rig);
    rig_start(rig);
    rig_sip_say(rig, 0, ALICE, BOB, "Hello");
    rig_flush(rig);
    rig_expect(rig, "message chat " ALICE " > " BOB " id=g-1 thread=g-2: Hello\n" PING SELF_PING);
}

static void test_delivered(void)
{
    g_auto(Rig) rig;

    send_hello(&rig);
    rig_pong(&rig, "g-4", "contoso.example");
    rig_pong(&rig, "g-3", "evil.example"); /* not from whom we asked */
    rig_expect(&rig, "");
    rig_pong(&rig, "g-3", "partner.example");
    rig_expect(&rig, "answer 1 200\n" OUTCOME("delivered"));
    rig_pong(&rig, "g-3", "partner.example");
    rig_wait(&rig, 10000);
    rig_flush(&rig);
    rig_expect(&rig, "");
}

static void test_refused(void)
{
    g_auto(Rig) rig;

    send_hello(&rig);
    rig_message_error(&rig, "eve@partner.example", ALICE, "g-1", STOX_CONDITION_FORBIDDEN, NULL);
    rig_message_error(&rig, BOB, ALICE, "g-9", STOX_CONDITION_FORBIDDEN, NULL);
    rig_message_error(&rig, BOB, ALICE, NULL, STOX_CONDITION_FORBIDDEN, NULL);
    rig_expect(&rig, ""); /* D-15 */
    rig_message_error(&rig, BOB, ALICE, "g-1", STOX_CONDITION_ITEM_NOT_FOUND, NULL);
    rig_expect(&rig, "answer 1 404 diagnostic=61008\n" OUTCOME("refused"));
    rig_message_error(&rig, BOB, ALICE, "g-1", STOX_CONDITION_ITEM_NOT_FOUND, NULL);
    rig_pong(&rig, "g-3", "partner.example");
    rig_expect(&rig, "");
}

static void test_handed_over(void)
{
    g_auto(Rig) rig;

    send_hello(&rig);
    rig_pong(&rig, "g-4", "contoso.example");
    rig_wait(&rig, 2999);
    rig_expect(&rig, "");
    rig_wait(&rig, 1);
    rig_expect(&rig, "answer 1 200\n" OUTCOME("handed-over"));
}

static void test_silent(void)
{
    g_auto(Rig) rig;

    send_hello(&rig);
    rig_wait(&rig, 3000);
    rig_expect(&rig, "answer 1 504 diagnostic=62002\n" OUTCOME("unknown"));
}

/* DESIGN section 6: 202 where only our own server has it. M-28: page mode is `normal`. M-23: the GRUU is the resource. M-43, M-44, M-59: the answer waits for the proof, and no longer than it may. */
static void test_simple(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_sip_say(&rig, 0, "anna@voip.example;gr=desk", BOB, "Hello");
    rig_flush(&rig);
    rig_expect(&rig, "message normal " ANNA "/desk > " BOB " id=g-1 thread=g-2: Hello\n"
                     "ping g-3 voip.example > partner.example\n"
                     "ping g-4 voip.example > voip.example\n");
    rig_pong(&rig, "g-4", "voip.example");
    rig_wait(&rig, 3000);
    rig_expect(&rig, "answer 1 202\noutcome s2x handed-over " ANNA "/desk > " BOB " id=g-1\n");
    rig_sip_say(&rig, 0, ANNA, "bob@partner.example;gr=phone", "Again"); /* M-25 */
    rig_flush(&rig);
    rig_pong(&rig, "g-6", "partner.example");
    rig_expect(&rig, "message normal " ANNA " > " PHONE " id=g-5 thread=g-2: Again\n"
                     "ping g-6 voip.example > partner.example\n"
                     "ping g-7 voip.example > voip.example\n"
                     "answer 2 200\noutcome s2x delivered " ANNA " > " PHONE " id=g-5\n");
    /* M-07, A-29: a resource becomes a GRUU again only if it was one. */
    rig_say(&rig, PHONE, ANNA "/desk", "m1", "1");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_say(&rig, PHONE, ANNA "/other", "m2", "2");
    rig_expect(&rig,
               "send 1 proxy sip:bob@partner.example;gr=phone > sip:anna@voip.example;gr=desk: 1\n"
               "outcome x2s delivered " PHONE " > " ANNA "/desk id=m1\n"
               "send 2 proxy sip:bob@partner.example;gr=phone > sip:anna@voip.example: 2\n");
}

/* One ping per domain and turn, whatever was written. */
static void test_one_ping_per_turn(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    stox_policy_add_partner(rig.policy, "other.example");
    rig_start(&rig);
    rig_sip_say(&rig, 0, ALICE, BOB, "1");
    rig_sip_say(&rig, 0, ALICE, "carol@other.example", "2");
    rig_sip_say(&rig, 0, ALICE, BOB, "3");
    g_ptr_array_set_size(rig.actions, 0);
    rig_flush(&rig);
    g_assert_cmpuint(rig.actions->len, ==, 3);
    g_ptr_array_set_size(rig.actions, 0);
    rig_flush(&rig);
    rig_expect(&rig, "");
    rig_wait(&rig, 3000);
    g_assert_cmpuint(rig.actions->len, ==, 6);
}

static void test_no_link(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig.gateway = stox_gateway_new(&rig.config);
    rig_sip_say(&rig, 0, ALICE, BOB, "Hello");
    rig_flush(&rig);
    rig_expect(&rig, "answer 1 503 diagnostic=62001 retry=30\n"
                     "outcome s2x refused " ALICE " > " BOB " id=call-1\n");
}

static void test_link_down(void)
{
    g_auto(Rig) rig;

    send_hello(&rig);
    rig_link(&rig, "voip.example", false);
    rig_expect(&rig, "");
    rig_link(&rig, "contoso.example", false);
    rig_expect(&rig, "answer 1 503 diagnostic=62001 retry=30\n" OUTCOME("unknown"));
    rig_pong(&rig, "g-3", "partner.example");
    rig_expect(&rig, "");
}

static void test_unsent(void)
{
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_UNSENT);

    rig_init(&rig);
    rig_start(&rig);
    rig_sip_say(&rig, 0, ALICE, BOB, "Hello");
    event->id = g_strdup("g-1");
    rig_event(&rig, event);
    rig_flush(&rig); /* nothing left to prove */
    rig_expect(&rig, HELLO "answer 1 503 diagnostic=62001 retry=30\n" OUTCOME("refused"));
}

static void test_stop(void)
{
    g_auto(Rig) rig;

    send_hello(&rig);
    rig_stop(&rig);
    rig_expect(&rig, "answer 1 503 diagnostic=61018\n" OUTCOME("unknown"));
    rig_sip_say(&rig, 0, ALICE, BOB, "Hello");
    rig_expect(&rig, "answer 2 503 diagnostic=61018\n"
                     "outcome s2x refused sip:" ALICE " > sip:" BOB " id=call-1\n");
}

/* In a session: chat, the session's pair, the locked resource (M-57), the thread of the XMPP side (M-20). */
static void test_session(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    rig_init(&rig);
    rig_start(&rig);
    rig_invite(&rig, 7, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 7);
    rig_sip_say(&rig, 7, ALICE, "bob@xgw.contoso.example:5061", "1"); /* our Contact */
    rig_expect(&rig, "accept 7 1\nmessage chat " ALICE " > " BOB " id=g-1 thread=g-2: 1\n");
    event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);
    event->message = stox_message_new(STOX_MESSAGE_CHAT, PHONE, ALICE);
    event->message->thread = g_strdup("t1");
    event->message->body = g_strdup("2");
    rig_event(&rig, event);
    rig_sip_say(&rig, 7, ALICE, BOB, "3");
    rig_expect(&rig, "send 1 in 7: 2\nmessage chat " ALICE " > " PHONE " id=g-3 thread=t1: 3\n");
    rig_presence(&rig, STOX_PRESENCE_UNAVAILABLE, LAPTOP, ALICE, NULL);
    rig_sip_say(&rig, 7, ALICE, BOB, "4");
    rig_presence(&rig, STOX_PRESENCE_UNAVAILABLE, PHONE, ALICE, NULL);
    rig_sip_say(&rig, 7, ALICE, BOB, "5");
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-4 thread=t1: 4\n"
                     "message chat " ALICE " > " BOB " id=g-5 thread=t1: 5\n");
    rig_say(&rig, PHONE, ALICE, NULL, "6");
    rig_say(&rig, LAPTOP, ALICE, NULL, "7"); /* another resource: unlocked */
    rig_sip_say(&rig, 7, ALICE, BOB, "8");
    rig_expect(&rig, "message chat " ALICE " > " BOB " id=g-6 thread=t1: 8\n");
    rig_sip_say(&rig, 9, ALICE, BOB, "x"); /* no such session */
    rig_expect(&rig, "answer 7 481 diagnostic=61012\n"
                     "outcome s2x refused sip:" ALICE " > sip:" BOB " id=call-1\n");
}

static void test_unlocked_by_error(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_invite(&rig, 7, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 7);
    rig_say(&rig, PHONE, ALICE, NULL, "1");
    rig_sip_say(&rig, 7, ALICE, BOB, "2");
    rig_message_error(&rig, PHONE, ALICE, "g-1", STOX_CONDITION_SERVICE_UNAVAILABLE, NULL);
    g_ptr_array_set_size(rig.actions, 0);
    rig_sip_say(&rig, 7, ALICE, BOB, "3");
    rig_expect(&rig, "message chat " ALICE " > " BOB " id=g-3 thread=g-2: 3\n");
}

/* DESIGN section 6: one line into a front end's chat, nothing in page mode. */
static void test_late_error(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_invite(&rig, 7, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 7);
    rig_sip_say(&rig, 7, ALICE, BOB, "secret");
    rig_flush(&rig);
    rig_pong(&rig, "g-3", "partner.example");
    g_ptr_array_set_size(rig.actions, 0);
    rig_message_error(&rig, BOB, ALICE, "g-1", STOX_CONDITION_SERVICE_UNAVAILABLE, "gone\nhome");
    rig_expect(&rig, "send 1 in 7: A message could not be delivered: gone home\n");
    rig_message_error(&rig, BOB, ALICE, "g-1", STOX_CONDITION_SERVICE_UNAVAILABLE, NULL);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 500); /* D-08 */
    rig_expect(&rig, "");

    rig_sip_say(&rig, 7, ALICE, BOB, "second");
    rig_flush(&rig);
    rig_pong(&rig, "g-6", "partner.example");
    rig_session(&rig, STOX_EVENT_SESSION_CLOSED, 7);
    g_ptr_array_set_size(rig.actions, 0);
    rig_message_error(&rig, BOB, ALICE, "g-5", STOX_CONDITION_SERVICE_UNAVAILABLE, NULL);
    rig_expect(&rig, ""); /* no new window for it */
}

typedef struct {
    const char *name, *hop, *from, *to, *type, *body, *expected;
} BadCase;

static const BadCase bad[] = {
    {"P-187-foreign-hop", "proxy", "sip:" ALICE, "sip:" BOB, "text/plain", "x",
     "answer 1 403 diagnostic=61003\noutcome s2x refused sip:" ALICE " > sip:" BOB " id=call-1\n"},
    {"R-08-not-a-partner", "pool01", "sip:" ALICE, "sip:eve@evil.example", "text/plain", "x",
     "answer 1 403 diagnostic=61001\n"
     "outcome s2x refused sip:" ALICE " > sip:eve@evil.example id=call-1\n"},
    {"X-64-loop", "pool01", "sip:" ALICE, "sip:" ANNA, "text/plain", "x",
     "answer 1 403 diagnostic=61015\noutcome s2x refused sip:" ALICE " > sip:" ANNA " id=call-1\n"},
    {"From-of-the-XMPP-side", "pool01", "sip:" BOB, "sip:" BOB, "text/plain", "x",
     "answer 1 403 diagnostic=61002\noutcome s2x refused sip:" BOB " > sip:" BOB " id=call-1\n"},
    {"M-30-unknown-type", "pool01", "sip:" ALICE, "sip:" BOB, "image/png", "x",
     "answer 1 415 diagnostic=61007 accept\noutcome s2x refused " ALICE " > " BOB " id=call-1\n"},
    {"lync-4.6-not-listed", "pool01", "sip:" ALICE, "sip:" BOB, "application/ms-imdn+xml",
     "<imdn/>",
     "answer 1 415 diagnostic=61007 accept\noutcome s2x refused " ALICE " > " BOB " id=call-1\n"},
    {"M-41-too-large", "pool01", "sip:" ALICE, "sip:" BOB, "text/plain", "12345678901",
     "answer 1 513 diagnostic=61014\noutcome s2x refused " ALICE " > " BOB " id=call-1\n"},
};

static void test_bad(const void *data)
{
    const BadCase *c = data;
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_SIP_MESSAGE);

    rig_init(&rig);
    rig.config.max_stanza_text = 10;
    rig_start(&rig);
    event->request = 1;
    event->hop = g_strdup(c->hop);
    event->from_uri = g_strdup(c->from);
    event->request_uri = g_strdup(c->to);
    event->call_id = g_strdup("call-1");
    event->content_type = g_strdup(c->type);
    event->body = g_bytes_new(c->body, strlen(c->body));
    rig_event(&rig, event);
    rig_flush(&rig);
    rig_expect(&rig, c->expected);
}

static void test_sips(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    rig_init(&rig);
    rig_start(&rig);
    event = rig_sip(&rig, STOX_EVENT_SIP_MESSAGE, ALICE, BOB);
    g_free(event->request_uri);
    event->request_uri = g_strdup("sips:" BOB);
    rig_event(&rig, event);
    g_assert_cmpuint(rig.actions->len, ==, 2);
    g_assert_cmpuint(((StoxAction *) rig.actions->pdata[0])->result.status, ==, 480); /* */
    g_assert_cmpuint(((StoxAction *) rig.actions->pdata[0])->result.warn_code, ==, 380);
}

/* M-24, M-61 */
static void test_fields(void)
{
    g_auto(Rig) rig;
    static const struct {
        int64_t age_ms;
        const char *subject, *expected;
    } cases[] = {
        {59000, "", "message chat " ALICE " > " BOB " id=g-1 thread=g-2 lang=de: x\n"},
        {600000, "Topic",
         "message chat " ALICE " > " BOB
         " id=g-3 thread=g-2 subject=Topic lang=de delay=1749999400000: x\n"},
    };

    rig_init(&rig);
    rig_start(&rig);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        StoxEvent *event = rig_sip(&rig, STOX_EVENT_SIP_MESSAGE, ALICE, BOB);

        event->content_type = g_strdup("text/plain");
        event->body = g_bytes_new("x", 1);
        event->lang = g_strdup("de");
        event->subject = g_strdup(cases[i].subject);
        event->date_wall_ms = rig.now.wall_ms - cases[i].age_ms;
        rig_event(&rig, event);
        rig_expect(&rig, cases[i].expected);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *path = g_strconcat("/gateway/delivery/bad/", bad[i].name, NULL);

        g_test_add_data_func(path, &bad[i], test_bad);
    }
    g_test_add_func("/gateway/delivery/bad/sips-A-40", test_sips);
    g_test_add_func("/gateway/delivery/delivered", test_delivered);
    g_test_add_func("/gateway/delivery/refused-D-14-D-15", test_refused);
    g_test_add_func("/gateway/delivery/handed-over", test_handed_over);
    g_test_add_func("/gateway/delivery/silent", test_silent);
    g_test_add_func("/gateway/delivery/simple", test_simple);
    g_test_add_func("/gateway/delivery/one-ping-per-turn", test_one_ping_per_turn);
    g_test_add_func("/gateway/delivery/no-link", test_no_link);
    g_test_add_func("/gateway/delivery/link-down", test_link_down);
    g_test_add_func("/gateway/delivery/unsent", test_unsent);
    g_test_add_func("/gateway/delivery/stop", test_stop);
    g_test_add_func("/gateway/delivery/session-M-57", test_session);
    g_test_add_func("/gateway/delivery/unlocked-by-error", test_unlocked_by_error);
    g_test_add_func("/gateway/delivery/late-error", test_late_error);
    g_test_add_func("/gateway/delivery/fields-M-24-M-61", test_fields);
    return g_test_run();
}
