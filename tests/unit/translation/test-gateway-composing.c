/* SPDX-License-Identifier: MIT */
/* Typing and peers of the other kind: isComposing, in page mode and in sessions (rows M-31, M-39, M-64, M-70 to M-83, V-40, V-41, V-65, S-24). */
#include "gateway-rig.h"

#include <string.h>

#define PAGE(n) "send " n " proxy sip:bob@partner.example > sip:anna@voip.example"

/* The same with Anna, by page mode; she has answered. */
static void page_mode(Rig *rig)
{
    rig_init(rig);
    rig_start(rig);
    rig_say(rig, PHONE, ANNA, "m1", "hello");
    rig_result(rig, 1, STOX_SIP_ANSWERED, 202);
    rig_sip_say(rig, 0, ANNA, BOB, "hello Bob");
    rig_wait(rig, 3000); /* its answer */
    g_ptr_array_set_size(rig->actions, 0);
}

/* Anna writes first; Bob has said nothing yet. */
static void page_fresh(Rig *rig)
{
    rig_init(rig);
    rig_start(rig);
    rig_sip_say(rig, 0, ANNA, BOB, "hello Bob");
    rig_wait(rig, 3000); /* its answer */
    g_ptr_array_set_size(rig->actions, 0);
}

/* ---- XMPP -> SIMPLE ---- */

/* V-41, M-71: idle once, active, idle. */
static void test_composing_out(void)
{
    g_auto(Rig) rig;

    page_fresh(&rig);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_ACTIVE);
    rig_expect(&rig, PAGE("1") " idle\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_INACTIVE);
    rig_expect(&rig, "");
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
    rig_expect(&rig, PAGE("2") " active 90\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_PAUSED);
    rig_expect(&rig, PAGE("3") " idle\n");
    rig_result(&rig, 3, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, "");
}

/* M-75: the active state is said again before its refresh is over, and not for ever. */
static void test_composing_refresh(void)
{
    g_auto(Rig) rig;

    page_mode(&rig);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, PAGE("2") " active 90\n");
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
    rig_wait(&rig, 79999);
    rig_expect(&rig, "");
    rig_wait(&rig, 1);
    rig_expect(&rig, PAGE("3") " active 90\n");
    for (uint64_t ref = 3; ref < 6; ref++) {
        rig_result(&rig, ref, STOX_SIP_ANSWERED, 200);
        rig_wait(&rig, 80000);
    }
    rig_expect(&rig, PAGE("4") " active 90\n" PAGE("5") " active 90\n" PAGE("6") " idle\n");
    rig_result(&rig, 6, STOX_SIP_ANSWERED, 200);
    rig_wait(&rig, 200000);
    rig_expect(&rig, "");
}

/* M-79: in page mode it is an answer to something, and no more once it was refused. */
static void test_composing_page(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ANNA, "m1", "hello");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 202);
    g_ptr_array_set_size(rig.actions, 0);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
    rig_expect(&rig, "");
    rig_sip_say(&rig, 0, ANNA, BOB, "hello Bob");
    rig_wait(&rig, 3000);
    g_ptr_array_set_size(rig.actions, 0);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
    rig_expect(&rig, PAGE("2") " active 90\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 415);
    rig_expect(&rig, "");
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_PAUSED);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
    rig_wait(&rig, 100000);
    rig_expect(&rig, "");
}

/* A server that is down for a moment has not refused it; D-08: nobody hears of either. */
static void test_composing_failure(void)
{
    static const struct {
        StoxSipFate fate;
        unsigned status;
        bool again;
    } rows[] = {{STOX_SIP_TIMEOUT, 0, true},     {STOX_SIP_NOT_SENT, 0, true},
                {STOX_SIP_ANSWERED, 503, true},  {STOX_SIP_ANSWERED, 408, true},
                {STOX_SIP_ANSWERED, 405, false}, {STOX_SIP_ANSWERED, 501, false},
                {STOX_SIP_ANSWERED, 606, false}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Rig) rig;

        page_fresh(&rig);
        rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_ACTIVE);
        rig_result(&rig, 1, rows[i].fate, rows[i].status);
        rig_expect(&rig, PAGE("1") " idle\n");
        rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
        rig_expect(&rig, rows[i].again ? PAGE("2") " active 90\n" : "");
    }
}

/* M-39: one MESSAGE at a time also when it is a state; the text waits for it, and the state that has changed meanwhile is put right. */
static void test_composing_one_at_a_time(void)
{
    g_auto(Rig) rig;

    page_mode(&rig);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_PAUSED);
    rig_expect(&rig, PAGE("2") " active 90\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, PAGE("3") " idle\n");
    rig_say(&rig, PHONE, ANNA, "m2", "two");
    rig_expect(&rig, "");
    rig_result(&rig, 3, STOX_SIP_TIMEOUT, 0);
    rig_expect(&rig,
               "send 4 proxy sip:bob@partner.example;gr=phone > sip:anna@voip.example: two\n");
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
    rig_expect(&rig, "");
}

/* S-24: in a session of a simple peer it goes into the session. */
static void test_composing_in_session(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_invite(&rig, 3, ANNA, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
    g_ptr_array_set_size(rig.actions, 0);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
    rig_expect(&rig, "send 1 in 3 active 90\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 481); /* no new session for it */
    rig_expect(&rig, "close 3\n");
}

/* S-24: only if the peer's SDP lists it, or says nothing. */
static void test_composing_listed(void)
{
    static const struct {
        const char *types;
        bool takes;
    } rows[] = {{"text/plain application/im-iscomposing+xml", true},
                {"*", true},
                {NULL, true},
                {"text/plain message/cpim", false}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Rig) rig;
        StoxEvent *event;

        rig_init(&rig);
        rig_start(&rig);
        event = rig_sip(&rig, STOX_EVENT_SIP_INVITE, ANNA, BOB);
        event->session = 3;
        event->accept = g_strdup(rows[i].types);
        rig_event(&rig, event);
        rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
        g_ptr_array_set_size(rig.actions, 0);
        rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
        rig_expect(&rig, rows[i].takes ? "send 1 in 3 active 90\n" : "");
    }
}

/* ---- SIMPLE -> XMPP ---- */

#define ANNA_SAYS(n, what) "message chat " ANNA " > " PHONE " id=g-" n " thread=g-2 " what "\n"

/* V-40, M-70, M-76, M-82, M-83: composing, then active; of type chat though page mode is not. */
static void test_composing_in(void)
{
    g_auto(Rig) rig;

    page_mode(&rig);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_PAUSED);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    g_ptr_array_set_size(rig.actions, 0);
    rig_composing(&rig, 0, ANNA, BOB, true, 60);
    rig_expect(&rig, ANNA_SAYS("3", "composing") "answer 2 200\n");
    rig_composing(&rig, 0, ANNA, BOB, true, 60);
    rig_expect(&rig, "answer 3 200\n");
    rig_composing(&rig, 0, ANNA, BOB, false, 0);
    rig_expect(&rig, ANNA_SAYS("4", "active") "answer 4 200\n");
}

/* V-65, M-74: the refresh interval, else 120 s, of silence. */
static void test_composing_silence(void)
{
    g_auto(Rig) rig;

    page_mode(&rig);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_PAUSED);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    g_ptr_array_set_size(rig.actions, 0);
    rig_composing(&rig, 0, ANNA, BOB, true, 60);
    rig_wait(&rig, 59999);
    rig_expect(&rig, ANNA_SAYS("3", "composing") "answer 2 200\n");
    rig_wait(&rig, 1);
    rig_expect(&rig, ANNA_SAYS("4", "active"));
    rig_composing(&rig, 0, ANNA, BOB, true, 0);
    rig_wait(&rig, 119999);
    rig_expect(&rig, ANNA_SAYS("5", "composing") "answer 3 200\n");
    rig_wait(&rig, 1);
    rig_expect(&rig, ANNA_SAYS("6", "active"));
}

/* M-82: a message of type normal carries no state; the typing is ended in front of it (M-74). */
static void test_normal_content(void)
{
    g_auto(Rig) rig;

    page_mode(&rig);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_PAUSED);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_composing(&rig, 0, ANNA, BOB, true, 60);
    g_ptr_array_set_size(rig.actions, 0);
    rig_sip_say(&rig, 0, ANNA, BOB, "there");
    rig_expect(&rig, ANNA_SAYS("5", "active") "message normal " ANNA " > " PHONE
                                              " id=g-4 thread=g-2: there\n");
}

/* Typing of strangers is refused like their messages; what is no such document is malformed; the old is answered and dropped (M-64). */
static void test_composing_refused(void)
{
    static const char old[] = "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'>"
                              "<state>active</state></isComposing>";
    g_auto(Rig) rig;
    StoxEvent *event;

    page_mode(&rig);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_PAUSED);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    g_ptr_array_set_size(rig.actions, 0);
    rig_composing(&rig, 0, ANNA, "eve@other.example", true, 60);
    rig_expect(&rig, "answer 2 403 diagnostic=61001\n");
    rig_sip_send(&rig, 0, ANNA, BOB, "application/im-iscomposing+xml", "<x/>");
    rig_expect(&rig, "answer 3 400 diagnostic=61024\n");
    rig_composing(&rig, 7, ANNA, BOB, true, 60);
    rig_expect(&rig, "answer 4 481 diagnostic=61012\n");
    event = rig_sip(&rig, STOX_EVENT_SIP_MESSAGE, ANNA, BOB);
    event->content_type = g_strdup("application/im-iscomposing+xml");
    event->body = g_bytes_new_static(old, strlen(old));
    event->date_wall_ms = rig.now.wall_ms - 60001;
    rig_event(&rig, event);
    rig_expect(&rig, "answer 5 200\n");
}

/* M-31: also from inside a wrapper; one from elsewhere is refused. */
static void test_composing_in_cpim(void)
{
    static const char form[] =
        "From: <%s>\r\n\r\nContent-Type: application/im-iscomposing+xml\r\n\r\n"
        "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>active</state>"
        "</isComposing>";
    g_autofree char *good = g_strdup_printf(form, "im:anna@VOIP.example");
    g_autofree char *bad = g_strdup_printf(form, "im:anna@other.example");
    g_auto(Rig) rig;

    page_mode(&rig);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_PAUSED);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    g_ptr_array_set_size(rig.actions, 0);
    rig_sip_send(&rig, 0, ANNA, BOB, "message/cpim", bad);
    rig_expect(&rig, "answer 2 403 diagnostic=61003\n");
    rig_sip_send(&rig, 0, ANNA, BOB, "message/cpim", good);
    rig_expect(&rig, ANNA_SAYS("3", "composing") "answer 3 200\n");
}

/* A state makes no conversation; M-81: nor does anything come of it without a chat. */
static void test_composing_alone(void)
{
    g_auto(Rig) rig;
    StoxGatewayStats stats;

    rig_init(&rig);
    rig_start(&rig);
    rig_composing(&rig, 0, ANNA, BOB, true, 60);
    rig_state(&rig, PHONE, ANNA, STOX_CHAT_STATE_COMPOSING);
    rig_expect(&rig, "answer 1 200\n");
    stox_gateway_stats(rig.gateway, &stats);
    g_assert_cmpuint(stats.conversations, ==, 0);
    g_assert_cmpuint(stats.queued_messages, ==, 0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(void);
    } tests[] = {
        {"V-41-M-71-composing-out", test_composing_out},
        {"M-75-refresh", test_composing_refresh},
        {"M-79-page-mode", test_composing_page},
        {"M-79-D-08-failure", test_composing_failure},
        {"M-39-one-at-a-time", test_composing_one_at_a_time},
        {"S-24-in-session", test_composing_in_session},
        {"V-40-M-70-M-82-composing-in", test_composing_in},
        {"V-65-M-74-silence", test_composing_silence},
        {"M-82-normal-content", test_normal_content},
        {"S-24-listed", test_composing_listed},
        {"M-64-composing-refused", test_composing_refused},
        {"M-31-composing-in-cpim", test_composing_in_cpim},
        {"M-81-composing-alone", test_composing_alone},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/gateway/composing/", tests[i].path, NULL);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}
