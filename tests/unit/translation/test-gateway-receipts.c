/* SPDX-License-Identifier: MIT */
/* What an XMPP user asks to hear of his message, and is told: receipts and markers (rows M-64, M-90, M-93, M-96, M-97, M-102, M-104, V-70). */
#include "gateway-rig.h"

#include <string.h>

#define DONE(who, id) "outcome x2s delivered " PHONE " > " who " id=" id "\n"
#define PAGE_FROM_PHONE(n)                                                                         \
    "send " n " proxy sip:bob@partner.example;gr=phone > sip:anna@voip.example"

static StoxMessage *message(const char *to, const char *id, bool request, bool markable)
{
    StoxMessage *message = stox_message_new(STOX_MESSAGE_CHAT, PHONE, to);

    message->id = g_strdup(id);
    message->body = g_strdup("hello");
    message->wants_receipt = request;
    message->markable = markable;
    return message;
}

/* ---- A 200 in a session ---- */

typedef struct {
    const char *name;
    const char *to;
    bool request;
    unsigned status;
    bool receipt;
} AcceptCase;

static const AcceptCase accepts[] = {
    {"M-97-lync-200", ALICE, true, 200, true},
    {"M-97-lync-202", ALICE, true, 202, false},
    {"M-90-not-asked", ALICE, false, 200, false},
    {"M-97-simple-200", ANNA, true, 200, false},
};

static void test_accepted(const void *data)
{
    const AcceptCase *c = data;
    g_auto(Rig) rig;
    g_autofree char *expected = NULL;

    rig_init(&rig);
    rig_start(&rig);
    rig_invite(&rig, 3, c->to, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
    rig_message(&rig, message(c->to, "m1", c->request, false));
    rig_forget(&rig);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, c->status);
    expected = g_strdup_printf(
        "%soutcome x2s delivered " PHONE " > %s id=m1\n",
        c->receipt ? "message chat " ALICE " > " PHONE " id=g-1 received=m1\n" : "", c->to);
    rig_expect(&rig, expected);
}

/* M-102: no id, nothing to acknowledge; M-64: nothing for old messages; V-70: an ack asks for none. */
static void test_not_asked(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_invite(&rig, 3, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
    for (unsigned i = 0; i < 3; i++) {
        StoxMessage *asked = message(ALICE, i == 0 ? NULL : "m1", true, true);

        if (i == 1)
            asked->delay_wall_ms = rig.now.wall_ms - 1000;
        if (i == 2)
            asked->received_id = g_strdup("x");
        rig_message(&rig, asked);
        rig_forget(&rig);
        rig_result(&rig, 1 + i, STOX_SIP_ANSWERED, 200);
        for (unsigned j = 0; j < rig.actions->len; j++)
            g_assert_cmpint(((StoxAction *) rig.actions->pdata[j])->kind, ==, STOX_ACTION_OUTCOME);
        rig_forget(&rig);
    }
}

/* One receipt for a message in several parts. */
static void test_parts(void)
{
    g_auto(Rig) rig;
    StoxMessage *asked;

    rig_init(&rig);
    rig.config.max_message_bytes = 16;
    rig_start(&rig);
    rig_invite(&rig, 3, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
    asked = message(ALICE, "m1", true, false);
    g_free(asked->body);
    asked->body = g_strdup("one two three four five");
    rig_message(&rig, asked);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    g_assert_cmpuint(rig.actions->len, ==, 3); /* accept, send, send */
    rig_forget(&rig);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-1 received=m1\n" DONE(ALICE, "m1"));
}

/* ---- XMPP asks, IMDN answers ---- */

/* Anna takes message/cpim: she has written in it. Bob's m1 has gone out in it as g-5. */
static void ask(Rig *rig)
{
    rig_init(rig);
    rig_start(rig);
    rig_cpim(rig, 0, ANNA, BOB, "a1", "processing", "hi");
    rig_first_answered(rig);
    rig_message(rig, message(ANNA, "m1", true, true));
    rig_expect(rig,
               PAGE_FROM_PHONE("1") " cpim g-5 want=positive-delivery, display "
                                    "sip:bob@partner.example > sip:anna@voip.example: hello\n");
    rig_result(rig, 1, STOX_SIP_ANSWERED, 202);
    rig_expect(rig, DONE(ANNA, "m1"));
}

/* M-90, M-93, M-96, M-100: each result once. */
static void test_imdn_in(void)
{
    g_auto(Rig) rig;

    ask(&rig);
    rig_imdn(&rig, 0, ANNA, BOB, "g-5", "delivery", "delivered");
    rig_expect(&rig, "message chat " ANNA " > " PHONE " id=g-6 received=m1\nanswer 2 200\n");
    rig_imdn(&rig, 0, ANNA, BOB, "g-5", "delivery", "delivered");
    rig_imdn(&rig, 0, ANNA, BOB, "g-5", "delivery", "failed");
    rig_imdn(&rig, 0, ANNA, BOB, "g-5", "processing", "processed");
    rig_expect(&rig, "answer 3 200\nanswer 4 200\nanswer 5 200\n");
    rig_imdn(&rig, 0, ANNA, BOB, "g-5", "display", "displayed");
    rig_expect(&rig, "message chat " ANNA " > " PHONE " id=g-7 displayed=m1\nanswer 6 200\n");
    rig_imdn(&rig, 0, ANNA, BOB, "g-5", "display", "displayed");
    rig_expect(&rig, "answer 7 200\n");
}

/* M-96: what failed after all. */
static void test_imdn_failed(void)
{
    static const struct {
        const char *status, *error;
    } rows[] = {{"failed", "recipient-unavailable/wait"},
                {"error", "undefined-condition/cancel"},
                {"forbidden", NULL},
                {"eaten", NULL}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *expected = NULL;
        g_auto(Rig) rig;

        ask(&rig);
        rig_imdn(&rig, 0, ANNA, BOB, "g-5", "delivery", rows[i].status);
        expected = rows[i].error ? g_strdup_printf("message error " ANNA " > " PHONE
                                                   " id=m1 error=%s\nanswer 2 200\n",
                                                   rows[i].error)
                                 : g_strdup("answer 2 200\n");
        rig_expect(&rig, expected);
    }
}

/* In a session as well, where its message went (M-91 is the other way). */
static void test_imdn_in_session(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    rig_init(&rig);
    rig_start(&rig);
    event = rig_sip(&rig, STOX_EVENT_SIP_INVITE, ANNA, BOB);
    event->session = 3;
    event->accept = g_strdup("text/plain message/cpim");
    rig_event(&rig, event);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
    rig_message(&rig, message(ANNA, "m1", true, true));
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_forget(&rig);
    rig_imdn(&rig, 3, ANNA, BOB, "g-1", "delivery", "delivered");
    rig_expect(&rig, "message chat " ANNA " > " PHONE " id=g-2 received=m1\nanswer 2 200\n");
    rig_imdn(&rig, 3, ANNA, BOB, "g-1", "display", "displayed");
    rig_expect(&rig, "message chat " ANNA " > " PHONE " id=g-3 displayed=m1\nanswer 3 200\n");
    rig_imdn(&rig, 3, ANNA, BOB, "g-1", "delivery", "delivered");
    rig_expect(&rig, "answer 4 200\n");
}

/* Only whom the message went to may answer; unknown names, broken documents, and time that is over (a day). */
static void test_imdn_strangers(void)
{
    g_auto(Rig) rig;

    ask(&rig);
    rig_imdn(&rig, 0, "zoe@voip.example", BOB, "g-5", "delivery", "delivered");
    rig_expect(&rig, "answer 2 200\n");
    rig_imdn(&rig, 0, ANNA, "eve@partner.example", "g-5", "delivery", "delivered");
    rig_expect(&rig, "answer 3 200\n");
    rig_imdn(&rig, 0, ANNA, "eve@other.example", "g-5", "delivery", "delivered");
    rig_expect(&rig, "answer 4 403 diagnostic=61001\n");
    rig_imdn(&rig, 0, ANNA, BOB, "g-11", "delivery", "delivered");
    rig_expect(&rig, "answer 5 200\n");
    rig_sip_send(&rig, 0, ANNA, BOB, "message/imdn+xml", "<imdn/>");
    rig_expect(&rig, "answer 6 400 diagnostic=61024\n");
    rig_wait(&rig, 24 * 3600 * 1000);
    rig_imdn(&rig, 0, ANNA, BOB, "g-5", "delivery", "delivered");
    rig_expect(&rig, "answer 7 200\n");
}

/* M-104: the marker moves forward only. */
static void test_display_forward(void)
{
    g_auto(Rig) rig;

    ask(&rig);
    rig_message(&rig, message(ANNA, "m2", false, true));
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 202);
    rig_expect(&rig, PAGE_FROM_PHONE("2") " cpim g-6 want=display sip:bob@partner.example > "
                                          "sip:anna@voip.example: hello\n" DONE(ANNA, "m2"));
    rig_imdn(&rig, 0, ANNA, BOB, "g-6", "display", "displayed");
    rig_expect(&rig, "message chat " ANNA " > " PHONE " id=g-7 displayed=m2\nanswer 2 200\n");
    rig_imdn(&rig, 0, ANNA, BOB, "g-5", "display", "displayed");
    rig_expect(&rig, "answer 3 200\n");
}

/* M-90: only to a peer that takes it: by its SDP, or because it wrote so; after a 415 no more, and the text goes without. */
static void test_wrap_known(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    rig_init(&rig);
    rig_start(&rig);
    rig_message(&rig, message(ANNA, "m1", true, false));
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, PAGE_FROM_PHONE("1") ": hello\n" DONE(ANNA, "m1"));
    event = rig_sip(&rig, STOX_EVENT_SIP_INVITE, ANNA, BOB);
    event->session = 3;
    event->accept = g_strdup("text/plain message/cpim");
    rig_event(&rig, event);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
    rig_forget(&rig);
    rig_message(&rig, message(ANNA, "m2", true, false));
    rig_expect(&rig, "send 2 in 3 cpim g-1 want=positive-delivery sip:bob@partner.example > "
                     "sip:anna@voip.example: hello\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 415);
    rig_expect(&rig, "send 3 in 3: hello\n");
    rig_result(&rig, 3, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, DONE(ANNA, "m2"));
    rig_message(&rig, message(ANNA, "m3", true, false));
    rig_expect(&rig, "send 4 in 3: hello\n");
}

/* Nothing while we stop. */
static void test_stopping(void)
{
    g_auto(Rig) rig;

    ask(&rig);
    rig_cpim(&rig, 0, ANNA, BOB, "a2", "positive-delivery", "ho");
    rig_stop(&rig);
    rig_forget(&rig);
    rig_imdn(&rig, 0, ANNA, BOB, "g-5", "delivery", "delivered");
    rig_ack(&rig, PHONE, "g-6", NULL);
    rig_expect(&rig, "answer 3 503 diagnostic=61018\n");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(void);
    } tests[] = {
        {"M-102-M-64-V-70-not-asked", test_not_asked},
        {"M-90-parts", test_parts},
        {"M-90-M-93-M-100-imdn-in", test_imdn_in},
        {"M-90-imdn-in-session", test_imdn_in_session},
        {"M-96-failed", test_imdn_failed},
        {"M-96-strangers", test_imdn_strangers},
        {"M-104-forward", test_display_forward},
        {"M-90-known-peers", test_wrap_known},
        {"stopping", test_stopping},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(accepts); i++) {
        g_autofree char *path = g_strconcat("/gateway/receipts/accepted/", accepts[i].name, NULL);

        g_test_add_data_func(path, &accepts[i], test_accepted);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/gateway/receipts/", tests[i].path, NULL);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}
