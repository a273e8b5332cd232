/* SPDX-License-Identifier: MIT */
/* Sessions of a lync hop: opened, used, lost, both at once; and a simple peer's session (rows S-01 to S-13, lync.md 4.4, 7.1, 7.2). */
#include "gateway-rig.h"

#include "translation/body.h"

#include <string.h>

#define OPEN_2 "open 2 pool01 sip:bob@partner.example > sip:alice@contoso.example\n"
#define OPEN_4 "open 4 pool01 sip:bob@partner.example > sip:alice@contoso.example\n"
#define FAIL(id, error)                                                                            \
    "message error " ALICE " > " PHONE " id=" id " error=" error "\n"                              \
    "outcome x2s refused " PHONE " > " ALICE " id=" id "\n"
#define DONE(id) "outcome x2s delivered " PHONE " > " ALICE " id=" id "\n"

/* S-02: the queue waits for the session, then one after the other. */
static void test_first_message(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ALICE, "m1", "one");
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_expect(&rig, OPEN_2);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 2);
    rig_expect(&rig, "send 1 in 2: one\n");
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 2);
    rig_expect(&rig, "");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, DONE("m1") "send 2 in 2: two\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, DONE("m2"));
}

typedef struct {
    const char *name;
    StoxSipFate fate;
    unsigned status;
    const char *error;
} FailCase;

/* The INVITE came to nothing, so nothing was delivered, whatever became of the INVITE. */
static const FailCase failures[] = {
    {"404", STOX_SIP_ANSWERED, 404, "item-not-found/cancel"},
    {"480", STOX_SIP_ANSWERED, 480, "recipient-unavailable/wait"},
    {"not-sent", STOX_SIP_NOT_SENT, 0, "internal-server-error/wait"},
    {"no-such-domain", STOX_SIP_NO_SUCH_DOMAIN, 0, "remote-server-not-found/cancel"},
    {"broken", STOX_SIP_TRANSPORT, 0, "internal-server-error/wait"},
    {"timeout", STOX_SIP_TIMEOUT, 0, "remote-server-timeout/wait"},
};

static void test_failed(const void *data)
{
    const FailCase *c = data;
    g_auto(Rig) rig;
    g_autofree char *expected = NULL;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ALICE, "m1", "one");
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_expect(&rig, OPEN_2);
    rig_session_failed(&rig, 2, c->fate, c->status);
    for (unsigned i = 0; i < rig.actions->len; i++) {
        const StoxAction *action = rig.actions->pdata[i];

        if (action->kind != STOX_ACTION_XMPP_MESSAGE)
            continue;
        g_assert_null(strstr(action->message->error.text, "may have been delivered"));
        /* "answered 408" would be untrue of a timer. */
        g_assert_true(!strstr(action->message->error.text, "answered") ==
                      (c->fate != STOX_SIP_ANSWERED));
    }
    expected = g_strdup_printf("message error " ALICE " > " PHONE " id=m1 error=%s\n"
                               "outcome x2s refused " PHONE " > " ALICE " id=m1\n"
                               "message error " ALICE " > " PHONE " id=m2 error=%s\n"
                               "outcome x2s refused " PHONE " > " ALICE " id=m2\n",
                               c->error, c->error);
    rig_expect(&rig, expected);
    rig_say(&rig, PHONE, ALICE, "m3", "three");
    rig_expect(&rig, OPEN_4);
}

static void test_rings_too_long(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ALICE, "m1", "one");
    rig_expect(&rig, OPEN_2);
    rig_wait(&rig, rig.config.session_open_ms);
    rig_expect(&rig, "close 2\n" FAIL("m1", "remote-server-timeout/wait"));
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 2); /* they crossed */
    rig_expect(&rig, "");
}

static void open_session(Rig *rig)
{
    rig_say(rig, PHONE, ALICE, "m1", "one");
    rig_session(rig, STOX_EVENT_SESSION_OPENED, 2);
    rig_expect(rig, OPEN_2 "send 1 in 2: one\n");
}

/* lync.md 4.3: later INVITEs of a conversation have the id of its first. */
static void test_conversation_id(void)
{
    g_auto(Rig) rig;
    StoxEvent *opened;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ALICE, "m1", "one");
    opened = stox_event_new(STOX_EVENT_SESSION_OPENED);
    opened->session = 2;
    opened->conversation_id = g_strdup("AdAb==");
    rig_event(&rig, opened);
    rig_expect(&rig, OPEN_2 "send 1 in 2: one\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 481);
    rig_expect(&rig, "close 2\nopen 4 pool01 sip:bob@partner.example > sip:alice@contoso.example "
                     "conversation=AdAb==\n");
}

static void result_of_peer(Rig *rig, uint64_t ref, unsigned status, unsigned diagnostics_id)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SIP_MESSAGE_RESULT);

    event->ref = ref;
    event->result.fate = status ? STOX_SIP_ANSWERED : STOX_SIP_NOT_SENT;
    event->result.status = status;
    event->result.diagnostics_id = diagnostics_id;
    rig_event(rig, event);
}

/* Promise 4: only where nothing arrived, and once. */
static void test_resend(void)
{
    static const struct {
        unsigned status, diagnostics_id;
    } lost[] = {
        {481, 0}, /* lync.md 4.9-481 */
        {503, 0},
        {404, 1004}, /* lync.md 4.9-1004 */
        {0, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(lost); i++) {
        g_auto(Rig) rig;

        rig_init(&rig);
        rig_start(&rig);
        open_session(&rig);
        rig_say(&rig, PHONE, ALICE, "m2", "two");
        result_of_peer(&rig, 1, lost[i].status, lost[i].diagnostics_id);
        rig_expect(&rig, "close 2\n" OPEN_4);
        rig_session(&rig, STOX_EVENT_SESSION_OPENED, 4);
        rig_expect(&rig, "send 2 in 4: one\n");
        rig_result(&rig, 2, STOX_SIP_ANSWERED, 481);
        rig_expect(&rig, "close 4\n" FAIL(
                             "m1", "item-not-found/cancel") "open 6 pool01 sip:bob@partner.example "
                                                            "> sip:alice@contoso.example\n");
    }
}

/* What may have arrived is not sent again; the session is given up. */
static void test_no_resend(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    open_session(&rig);
    rig_result(&rig, 1, STOX_SIP_TIMEOUT, 0);
    rig_expect(&rig, "close 2\n"
                     "message error " ALICE " > " PHONE " id=m1 error=remote-server-timeout/wait\n"
                     "outcome x2s unknown " PHONE " > " ALICE " id=m1\n");
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_expect(&rig, OPEN_4);
}

/* A user that does not exist is no lost dialog. */
static void test_no_resend_to_nobody(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    open_session(&rig);
    result_of_peer(&rig, 1, 404, 1003);
    rig_expect(&rig, "close 2\n" FAIL("m1", "item-not-found/cancel"));
}

static void test_refused_in_session(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    open_session(&rig);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 415);
    rig_expect(&rig, FAIL("m1", "not-acceptable/modify"));
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_expect(&rig, "send 2 in 2: two\n"); /* a refusal of one message is not the session's end */
}

/* The result of what is under way is waited for; the next one opens a new session (lync.md 4.4). */
static void test_closed(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    open_session(&rig);
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_session(&rig, STOX_EVENT_SESSION_CLOSED, 2);
    rig_expect(&rig, "");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, DONE("m1") OPEN_4);
}

static void test_idle(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    open_session(&rig);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, DONE("m1"));
    rig_wait(&rig, rig.config.session_idle_ms - 1);
    rig_expect(&rig, "");
    rig_wait(&rig, 1);
    rig_expect(&rig, "close 2\n");
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_expect(&rig, OPEN_4);
}

/* S-05, S-07: accepted at once, nothing to XMPP, answers go into it. */
static void test_invited(void)
{
    static const char *const users[] = {ALICE, ANNA};
    static const char *const accepted[] = {"accept 7 1\n",
                                           "accept 7 1 types=" STOX_BODY_TYPES_ALL "\n"};

    for (unsigned i = 0; i < G_N_ELEMENTS(users); i++) {
        g_auto(Rig) rig;

        rig_init(&rig);
        rig_start(&rig);
        rig_invite(&rig, 7, users[i], BOB);
        rig_expect(&rig, accepted[i]);
        rig_session(&rig, STOX_EVENT_SESSION_OPENED, 7);
        rig_expect(&rig, "");
        rig_say(&rig, PHONE, users[i], "m1", "one");
        rig_expect(&rig, "send 1 in 7: one\n");
    }
}

static void test_invite_refused(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    rig_init(&rig);
    rig.config.max_conversations = 1;
    rig_start(&rig);
    rig_invite(&rig, 7, ALICE, "eve@evil.example");
    rig_expect(&rig, "answer 1 403 diagnostic=61001\n");
    rig_invite(&rig, 7, ALICE, ANNA);
    rig_expect(&rig, "answer 2 403 diagnostic=61015\n");
    event = rig_sip(&rig, STOX_EVENT_SIP_INVITE, ALICE, BOB);
    event->session = 7;
    g_free(event->hop);
    event->hop = g_strdup("proxy"); /* P-187 */
    rig_event(&rig, event);
    rig_expect(&rig, "answer 3 403 diagnostic=61003\n");
    rig_invite(&rig, 7, ALICE, BOB);
    rig_expect(&rig, "accept 7 4\n");
    rig_invite(&rig, 7, ALICE, BOB);
    rig_expect(&rig, "answer 5 400 diagnostic=61013\n");
    rig_invite(&rig, 9, ALICE, BOB);
    rig_expect(&rig, "answer 6 503 diagnostic=62003 retry=30\n");
    rig_stop(&rig);
    rig_expect(&rig, "close 7\n");
    rig_invite(&rig, 11, ALICE, BOB);
    rig_expect(&rig, "answer 7 503 diagnostic=61018\n");
}

/* S-13: both are kept, the newest established is written into. */
static void test_glare(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ALICE, "m1", "one");
    rig_invite(&rig, 7, ALICE, BOB);
    rig_expect(&rig, OPEN_2 "accept 7 1\n");
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 7);
    rig_expect(&rig, "send 1 in 7: one\n");
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 2);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_expect(&rig, DONE("m1") "send 2 in 2: two\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_session(&rig, STOX_EVENT_SESSION_CLOSED, 2);
    rig_say(&rig, PHONE, ALICE, "m3", "three");
    rig_expect(&rig, DONE("m2") "send 3 in 7: three\n");
}

static void test_glare_ours_fails(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ALICE, "m1", "one");
    rig_invite(&rig, 7, ALICE, BOB);
    rig_session_failed(&rig, 2, STOX_SIP_ANSWERED, 491);
    rig_expect(&rig, OPEN_2 "accept 7 1\n"); /* theirs may still take it */
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 7);
    rig_expect(&rig, "send 1 in 7: one\n");
}

static void test_unknown_sessions(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 99);
    rig_session(&rig, STOX_EVENT_SESSION_CLOSED, 99);
    rig_session_failed(&rig, 99, STOX_SIP_ANSWERED, 500);
    rig_result(&rig, 99, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, "");
}

/* Tables are empty again when everything is over. */
static void test_memory(void)
{
    g_auto(Rig) rig;
    StoxGatewayStats stats;

    rig_init(&rig);
    rig_start(&rig);
    open_session(&rig);
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    stox_gateway_stats(rig.gateway, &stats);
    g_assert_cmpuint(stats.conversations, ==, 1);
    g_assert_cmpuint(stats.sessions, ==, 1);
    g_assert_cmpuint(stats.queued_messages, ==, 2);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_wait(&rig, 3 * rig.config.session_idle_ms);
    stox_gateway_stats(rig.gateway, &stats);
    g_assert_cmpuint(stats.conversations, ==, 0);
    g_assert_cmpuint(stats.sessions, ==, 0);
    g_assert_cmpuint(stats.queued_messages, ==, 0);
    g_assert_cmpint(stox_gateway_deadline(rig.gateway), ==, STOX_NEVER);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(failures); i++) {
        g_autofree char *path = g_strconcat("/gateway/sessions/failed/", failures[i].name, NULL);

        g_test_add_data_func(path, &failures[i], test_failed);
    }
    g_test_add_func("/gateway/sessions/first-message-S-02", test_first_message);
    g_test_add_func("/gateway/sessions/rings-too-long", test_rings_too_long);
    g_test_add_func("/gateway/sessions/conversation-id", test_conversation_id);
    g_test_add_func("/gateway/sessions/resend", test_resend);
    g_test_add_func("/gateway/sessions/no-resend", test_no_resend);
    g_test_add_func("/gateway/sessions/no-resend-to-nobody", test_no_resend_to_nobody);
    g_test_add_func("/gateway/sessions/refused-in-session", test_refused_in_session);
    g_test_add_func("/gateway/sessions/closed", test_closed);
    g_test_add_func("/gateway/sessions/idle", test_idle);
    g_test_add_func("/gateway/sessions/invited-S-05", test_invited);
    g_test_add_func("/gateway/sessions/invite-refused", test_invite_refused);
    g_test_add_func("/gateway/sessions/glare-S-13", test_glare);
    g_test_add_func("/gateway/sessions/glare-ours-fails", test_glare_ours_fails);
    g_test_add_func("/gateway/sessions/unknown", test_unknown_sessions);
    g_test_add_func("/gateway/sessions/memory", test_memory);
    return g_test_run();
}
