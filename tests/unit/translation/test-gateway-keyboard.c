/* SPDX-License-Identifier: MIT */
/* Typing and chats with a front end (rows M-64, M-76 to M-78, M-80, V-38, V-62, S-08 to S-10; lync.md 4.5). */
#include "gateway-rig.h"

#include <string.h>

#define OPEN_2        "open 2 pool01 sip:bob@partner.example > sip:alice@contoso.example\n"
#define DONE(who, id) "outcome x2s delivered " PHONE " > " who " id=" id "\n"

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

/* ---- XMPP -> Lync ---- */

/* lync.md 4.5-out, lync.md 4.5-repeat: composing is repeated, paused ends it; a state that is known already is not said again. */
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

/* lync.md 4.5-cap: at most 30 s long; then the peer's own timer ends it. */
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

/* lync.md 4.5-message, M-75: a message ends the typing by itself. */
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

/* The same when it has been sent long before the typing would be said again. */
static void test_keyboard_message_ends_it(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING);
    rig_say(&rig, PHONE, ALICE, "m2", "two");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, "info 2 type\nsend 2 in 2: two\n" DONE(ALICE, "m2"));
    rig_wait(&rig, 60000);
    rig_expect(&rig, "");
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

/* lync.md 4.5-no-invite: typing alone opens no window. */
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
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 2);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_session(&rig, STOX_EVENT_SESSION_CLOSED, 2);
    g_ptr_array_set_size(rig.actions, 0);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING); /* she has closed it */
    rig_wait(&rig, 60000);
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

/* Who writes again before what was on its way is through has not gone. */
static void test_gone_taken_back(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_say(&rig, PHONE, ALICE, "m2", "bye");
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_GONE);
    rig_say(&rig, PHONE, ALICE, "m3", "wait");
    rig_expect(&rig, "send 2 in 2: bye\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, DONE(ALICE, "m2") "send 3 in 2: wait\n");
    rig_result(&rig, 3, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, DONE(ALICE, "m3"));
}

/* S-10: what comes behind a gone is another thread, whoever writes it. */
static void test_gone_thread(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_sip_say(&rig, 2, ALICE, BOB, "one");
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_GONE);
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-1 thread=g-2: one\nclose 2\n");
    rig_invite(&rig, 3, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
    rig_sip_say(&rig, 3, ALICE, BOB, "two");
    rig_expect(&rig, "accept 3 2\n"
                     "message chat " ALICE " > " PHONE " id=g-3 thread=g-4 active: two\n");
}

/* Another of his windows stays open. */
static void test_gone_elsewhere(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, LAPTOP, ALICE, STOX_CHAT_STATE_GONE);
    rig_expect(&rig, "");
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

/* lync.md 4.5-out: each state but composing is idle. */
static void test_keyboard_idle(void)
{
    static const StoxChatState states[] = {STOX_CHAT_STATE_ACTIVE, STOX_CHAT_STATE_PAUSED,
                                           STOX_CHAT_STATE_INACTIVE};

    for (unsigned i = 0; i < G_N_ELEMENTS(states); i++) {
        g_auto(Rig) rig;

        open_session(&rig);
        rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_COMPOSING);
        rig_state(&rig, PHONE, ALICE, states[i]);
        rig_expect(&rig, "info 2 type\ninfo 2 idle\n");
        rig_wait(&rig, 60000);
        rig_expect(&rig, "");
    }
}

/* ---- Lync -> XMPP ---- */

/* lync.md 4.5-in, M-76: type, type, idle. */
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

/* lync.md 4.5-silence: 6 to 10 s without another one are idle. */
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

/* lync.md 4.5-iscomposing: a peer of a front end that writes it is understood as well. */
static void test_composing_accepted(void)
{
    g_auto(Rig) rig;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_ACTIVE);
    /* our Contact, as in every request inside a session */
    rig_composing(&rig, 2, ALICE, "bob@xgw.contoso.example:5061", true, 60);
    rig_expect(&rig,
               "message chat " ALICE " > " PHONE " id=g-1 thread=g-2 composing\nanswer 1 200\n");
    rig_composing(&rig, 2, ALICE, "bob@xgw.contoso.example:5061", false, 0);
    rig_expect(&rig, "message chat " ALICE " > " PHONE " id=g-3 thread=g-2 active\nanswer 2 200\n");
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

/* M-64: a message that was held up says nothing of now. */
static void test_delayed_in(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    open_session(&rig);
    rig_state(&rig, PHONE, ALICE, STOX_CHAT_STATE_ACTIVE);
    event = rig_sip(&rig, STOX_EVENT_SIP_MESSAGE, ALICE, BOB);
    event->session = 2;
    event->content_type = g_strdup("text/plain");
    event->body = g_bytes_new_static("hi", 2);
    event->date_wall_ms = rig.now.wall_ms - 600000;
    rig_event(&rig, event);
    rig_expect(&rig,
               "message chat " ALICE " > " PHONE " id=g-1 thread=g-2 delay=1749999400000: hi\n");
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

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(void);
    } tests[] = {
        {"lync-4.5-out", test_keyboard_out},
        {"lync-4.5-cap", test_keyboard_cap},
        {"lync-4.5-message-ends-it", test_keyboard_message},
        {"lync-4.5-idle", test_keyboard_idle},
        {"lync-4.5-message-stops-it", test_keyboard_message_ends_it},
        {"M-39-keyboard-busy", test_keyboard_busy},
        {"lync-4.5-opens-no-session", test_keyboard_no_session},
        {"V-38-M-80-gone-out", test_gone_out},
        {"M-80-gone-taken-back", test_gone_taken_back},
        {"S-10-M-80-gone-thread", test_gone_thread},
        {"M-80-gone-elsewhere", test_gone_elsewhere},
        {"M-64-delayed-out", test_delayed_out},
        {"not-allowed", test_not_allowed},
        {"lync-4.5-M-76-in", test_keyboard_in},
        {"lync-4.5-silence", test_keyboard_silence},
        {"lync-4.5-is-composing", test_composing_accepted},
        {"M-78-support", test_support},
        {"M-77-content-carries-active", test_content_carries_active},
        {"M-64-delayed-in", test_delayed_in},
        {"V-62-M-80-gone-in", test_gone_in},
        {"V-62-gone-unseen", test_gone_unseen},
        {"M-57-only-locked", test_only_locked},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/gateway/keyboard/", tests[i].path, NULL);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}
