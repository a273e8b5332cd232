/* SPDX-License-Identifier: MIT */
/* Typing both ways (rows M-64, M-70 to M-83, V-38, V-40, V-41, V-62, V-65, S-08 to S-10; lync.md 4.5). */
#include "gateway-rig.h"

#include <string.h>

#define OPEN_2            "open 2 pool01 sip:bob@partner.example > sip:alice@contoso.example\n"
#define DONE(who, id)     "outcome x2s delivered " PHONE " > " who " id=" id "\n"
#define TO_PHONE(n, what) "message chat " ALICE " > " PHONE " id=g-" n " thread=g-1 " what "\n"
#define PAGE(n)           "send " n " proxy sip:bob@partner.example > sip:anna@voip.example"

/* Bob's phone is in an open session with Alice; its client does chat states. */
static void open_session(Rig *rig)
{
    rig_init(rig);
    rig_start(rig);
    rig_say(rig, PHONE, ALICE, "m1", "hello");
    rig_session(rig, STOX_EVENT_SESSION_OPENED, 2);
    rig_result(rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(rig, OPEN_2 "send 1 in 2: hello\n" DONE(ALICE, "m1"));
}

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

/* ---- XMPP -> Lync ---- */

/* lync.md 4.5: composing is repeated, paused ends it; a state that is known already is not said again. */
static void test_keyboard_out(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING);
    rig_expect(&rig, "info 2 type\n");
    rig_wait(&rig, 3999);
    rig_expect(&rig, "");
    rig_wait(&rig, 1);
    rig_expect(&rig, "info 2 type\n");
    rig_wait(&rig, 4000);
    rig_expect(&rig, "info 2 type\n");
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_PAUSED);
    rig_expect(&rig, "info 2 idle\n");
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_INACTIVE);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_ACTIVE);
    rig_wait(&rig, 60000);
    rig_expect(&rig, "");
}

/* lync.md 4.5: at most 30 s long; then the peer's own timer ends it. */
static void test_keyboard_cap(void)
{
    g_auto(Rig) rig;
    GString *lines = g_string_new(NULL);

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING);
    rig_wait(&rig, 60000);
    for (unsigned i = 0; i < 8; i++)
        g_string_append(lines, "info 2 type\n");
    rig_expect(&rig, lines->str);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_PAUSED);
    rig_expect(&rig, "");
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING);
    rig_expect(&rig, "info 2 type\n");
    g_string_free(lines, TRUE);
}

/* lync.md 4.5, M-75: a message ends the typing by itself. */
static void test_keyboard_message(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING);
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_expect(&rig, "info 2 type\nsend 2 in 2: two\n");
    rig_wait(&rig, 10000);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_ACTIVE);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_PAUSED);
    rig_expect(&rig, DONE(ALICE, "m2"));
}

/* M-39: while a message is on its way nothing is said; once it is through, who still types is shown. */
static void test_keyboard_busy(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING);
    rig_wait(&rig, 5000);
    rig_expect(&rig, "send 2 in 2: two\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, DONE(ALICE, "m2"));
    rig_wait(&rig, 4000);
    rig_expect(&rig, "info 2 type\n");
}

/* lync.md 4.5: typing alone opens no window. */
static void test_keyboard_no_session(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING);
    rig_wait(&rig, 60000);
    rig_expect(&rig, "");
    rig_say(&rig, PHONE, ALICE, "m1", "hello");
    rig_expect(&rig, OPEN_2);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING); /* it is being opened */
    rig_wait(&rig, 20000);
    rig_expect(&rig, "");
}

/* V-38, M-80, S-09: gone ends the session, once what is on its way is through. */
static void test_gone_out(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_GONE);
    rig_expect(&rig, "close 2\n");
    rig_say(&rig, PHONE, ALICE, "m2", "again");
    rig_expect(&rig, "open 4 pool01 sip:bob@partner.example > sip:alice@contoso.example\n");
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 4);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_GONE);
    rig_expect(&rig, "send 2 in 4: again\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, DONE(ALICE, "m2") "close 4\n");
}

/* Another of his windows stays open. */
static void test_gone_elsewhere(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, LAPTOP, ALICE, STOX_CHAT_STATE_GONE);
    rig_expect(&rig, "");
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

/* M-64: what was said long ago says nothing of now. */
static void test_delayed_out(void)
{
    g_auto(Rig) rig;
    StoxMessage *message = stox_message_new(STOX_MESSAGE_CHAT, PHONE, ALICE);

    open_session(&rig);
    message->chat_state = STOX_CHAT_STATE_COMPOSING;
    message->delay_wall_ms = rig.now.wall_ms - 1000;
    rig_message(&rig, message);
    rig_expect(&rig, "");
}

/* Nobody types to whom policy lets nothing through, nor while we stop. */
static void test_not_allowed(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, "eve@other.example/x", ALICE, STOX_CHAT_STATE_COMPOSING);
    rig_state(&rig, PHONE, "nobody@other.example", STOX_CHAT_STATE_COMPOSING);
    rig_expect(&rig, "");
    rig_stop(&rig);
    g_ptr_array_set_size(rig.actions, 0);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING);
    rig_keyboard(&rig, 2, true);
    rig_wait(&rig, 60000);
    rig_expect(&rig, "");
}

/* ---- Lync -> XMPP ---- */

/* lync.md 4.5, M-76: type, type, idle. */
static void test_keyboard_in(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_ACTIVE);
    rig_keyboard(&rig, 2, true);
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-1 thread=g-2 composing\n");
    rig_wait(&rig, 3000);
    rig_keyboard(&rig, 2, true);
    rig_expect(&rig, "");
    rig_keyboard(&rig, 2, false);
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-3 thread=g-2 paused\n");
    rig_keyboard(&rig, 2, false);
    rig_expect(&rig, "");
}

/* lync.md 4.5: 6 to 10 s without another one are idle. */
static void test_keyboard_silence(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_ACTIVE);
    rig_keyboard(&rig, 2, true);
    rig_wait(&rig, 5000);
    rig_keyboard(&rig, 2, true);
    rig_wait(&rig, 6000);
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-1 thread=g-2 composing\n");
    rig_wait(&rig, 4000);
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-3 thread=g-2 paused\n");
}

/* M-78: not before he has sent a state himself, and not after a message without. */
static void test_support(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_keyboard(&rig, 2, true);
    rig_expect(&rig, "");
    rig_state(&rig, LAPTOP, ALICE, STOX_CHAT_STATE_PAUSED); /* another of his clients */
    rig_keyboard(&rig, 2, true);
    rig_expect(&rig, "");
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_PAUSED);
    rig_keyboard(&rig, 2, true);
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-1 thread=g-2 composing\n");
    rig_keyboard(&rig, 2, false);
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    g_ptr_array_set_size(rig.actions, 0);
    rig_keyboard(&rig, 2, true);
    rig_expect(&rig, "");
}

/* M-77: the message carries active, and ends the typing. */
static void test_content_carries_active(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_ACTIVE);
    rig_keyboard(&rig, 2, true);
    rig_sip_say(&rig, 2, ALICE, BOB, "hi");
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-1 thread=g-2 composing\n"
                     "message chat " ALICE " > " PHONE " id=g-3 thread=g-2 active: hi\n");
    rig_wait(&rig, 2000);
    rig_expect(&rig, "");
    rig_keyboard(&rig, 2, false);
    rig_expect(&rig, "");
}

/* V-62, M-80, S-08, S-10: BYE says gone with the thread, and the next chat has another. */
static void test_gone_in(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_ACTIVE);
    rig_sip_say(&rig, 2, ALICE, BOB, "hi");
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-1 thread=g-2 active: hi\n");
    rig_session(&rig, STOX_EVENT_SESSION_CLOSED, 2);
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-3 thread=g-2 gone\n");
    rig_invite(&rig, 3, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
    rig_sip_say(&rig, 3, ALICE, BOB, "again");
    rig_expect(&rig, "accept 3 2\n"
                     "message chat " ALICE " > " PHONE " id=g-4 thread=g-5 active: again\n");
}

/* Nobody is told of it who knows no chat states, and nobody while another session goes on. */
static void test_gone_unseen(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_session(&rig, STOX_EVENT_SESSION_CLOSED, 2);
    rig_expect(&rig, "");
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 4);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_ACTIVE);
    rig_invite(&rig, 3, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
    g_ptr_array_set_size(rig.actions, 0);
    rig_session(&rig, STOX_EVENT_SESSION_CLOSED, 4);
    rig_expect(&rig, "");
}

/* Only to the client that the chat is locked to. */
static void test_only_locked(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_ACTIVE);
    rig_presence(&rig, STOX_PRESENCE_UNAVAILABLE, PHONE, ALICE, NULL);
    g_ptr_array_set_size(rig.actions, 0);
    rig_keyboard(&rig, 2, true);
    rig_expect(&rig, "");
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
    rig_expect(&rig, "answer 3 400 diagnostic=61013\n");
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
        {"lync-4.5-out", test_keyboard_out},
        {"lync-4.5-cap", test_keyboard_cap},
        {"lync-4.5-message-ends-it", test_keyboard_message},
        {"M-39-keyboard-busy", test_keyboard_busy},
        {"lync-4.5-opens-no-session", test_keyboard_no_session},
        {"V-38-M-80-gone-out", test_gone_out},
        {"M-80-gone-elsewhere", test_gone_elsewhere},
        {"V-41-M-71-composing-out", test_composing_out},
        {"M-75-refresh", test_composing_refresh},
        {"M-79-page-mode", test_composing_page},
        {"M-79-D-08-failure", test_composing_failure},
        {"M-39-one-at-a-time", test_composing_one_at_a_time},
        {"S-24-in-session", test_composing_in_session},
        {"M-64-delayed-out", test_delayed_out},
        {"not-allowed", test_not_allowed},
        {"lync-4.5-M-76-in", test_keyboard_in},
        {"lync-4.5-silence", test_keyboard_silence},
        {"M-78-support", test_support},
        {"M-77-content-carries-active", test_content_carries_active},
        {"V-62-M-80-gone-in", test_gone_in},
        {"V-62-gone-unseen", test_gone_unseen},
        {"M-57-only-locked", test_only_locked},
        {"V-40-M-70-M-82-composing-in", test_composing_in},
        {"V-65-M-74-silence", test_composing_silence},
        {"M-82-normal-content", test_normal_content},
        {"M-64-composing-refused", test_composing_refused},
        {"M-31-composing-in-cpim", test_composing_in_cpim},
        {"M-81-composing-alone", test_composing_alone},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/gateway/typing/", tests[i].path, NULL);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}
