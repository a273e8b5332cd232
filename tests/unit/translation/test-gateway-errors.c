/* SPDX-License-Identifier: MIT */
/* Errors that cross the gateway: in whose language (words.h), and their discipline (D-08, D-10, D-14, D-15, D-17). */
#include "tests/unit/translation/gateway-rig.h"
#include "translation/error.h"

#include <string.h>

/* Partner and domain speak German. */
static void german(Rig *rig)
{
    rig_init(rig);
    stox_policy_add_domain(rig->policy, "contoso.example", "pool01")->language = STOX_LANGUAGE_DE;
    stox_policy_add_partner(rig->policy, "partner.example")->language = STOX_LANGUAGE_DE;
    rig_start(rig);
}

static const StoxAction *action_of(const Rig *rig, StoxActionKind kind)
{
    for (unsigned i = 0; i < rig->actions->len; i++) {
        const StoxAction *action = rig->actions->pdata[i];

        if (action->kind == kind)
            return action;
    }
    g_assert_not_reached();
}

static void expect_error(Rig *rig, const char *lang, const char *text)
{
    const StoxError *error = &action_of(rig, STOX_ACTION_XMPP_MESSAGE)->message->error;

    g_assert_cmpstr(error->lang, ==, lang);
    g_assert_cmpstr(error->text, ==, text);
    g_ptr_array_set_size(rig->actions, 0);
}

/* ---- Languages ---- */

/* A German partner's user, before and after a pair is known. */
static void test_german_partner(void)
{
    g_auto(Rig) rig;

    german(&rig);
    rig_say(&rig, PHONE, ANNA, "m1", "x"); /* a simple hop: page mode */
    g_ptr_array_set_size(rig.actions, 0);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 486);
    expect_error(&rig, "de", "Die SIP-Seite antwortete: 486 Busy Here.");
    rig_say(&rig, PHONE, "voip.example", "m2", "x");
    expect_error(&rig, "de", "Das ist ein Gateway und keine Person.");
    rig_say(&rig, PHONE, "a@nowhere.example", "m3", "x");
    expect_error(&rig, "de", "Diese Domain wird von diesem Gateway nicht bedient.");
    rig_say(&rig, PHONE, "@voip.example", "m4", "x");
    expect_error(&rig, "de", "Diese Adresse kann es nicht geben.");
}

/* Strangers: in the language of the domain they write to, else in English. */
static void test_strangers(void)
{
    g_auto(Rig) rig;

    german(&rig);
    rig_say(&rig, "eve@evil.example/x", ALICE, "m1", "x");
    expect_error(&rig, "de", "Ihre Domain ist kein zugelassener Partner dieses Gateways.");
    rig_say(&rig, "eve@evil.example/x", ANNA, "m2", "x");
    expect_error(&rig, "en", "Your domain is not an allowed partner of this gateway.");
}

/* The INVITE fails: what waited for it is told in German, too. */
static void test_session(void)
{
    g_auto(Rig) rig;

    german(&rig);
    rig_say(&rig, PHONE, ALICE, "m1", "x");
    g_ptr_array_set_size(rig.actions, 0);
    rig_session_failed(&rig, 2, STOX_SIP_TIMEOUT, 0);
    expect_error(&rig, "de",
                 "Die SIP-Seite hat nicht rechtzeitig geantwortet; es wurde nichts zugestellt.");
}

/* A subscription that fails for good. */
static void test_presence(void)
{
    g_auto(Rig) rig;
    const StoxError *error;

    german(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    g_ptr_array_set_size(rig.actions, 0);
    rig_subscribe_failed(&rig, 2, 404, true, false);
    for (unsigned i = 0; i < rig.actions->len; i++) {
        const StoxAction *action = rig.actions->pdata[i];

        if (action->kind != STOX_ACTION_XMPP_PRESENCE ||
            action->presence->type != STOX_PRESENCE_ERROR)
            continue;
        error = &action->presence->error;
        g_assert_cmpstr(error->lang, ==, "de");
        g_assert_cmpstr(error->text, ==, "Die SIP-Seite antwortete: 404 Not Found.");
        return;
    }
    g_assert_not_reached();
}

/* The SIP user of a German domain reads the notice in German, whatever the partner speaks. */
static void test_german_notice(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    stox_policy_add_domain(rig.policy, "contoso.example", "pool01")->language = STOX_LANGUAGE_DE;
    rig_start(&rig);
    rig_invite(&rig, 7, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 7);
    rig_sip_say(&rig, 7, ALICE, BOB, "secret");
    rig_flush(&rig);
    rig_pong(&rig, "g-3", "partner.example");
    g_ptr_array_set_size(rig.actions, 0);
    rig_message_error(&rig, BOB, ALICE, "g-1", STOX_CONDITION_SERVICE_UNAVAILABLE, NULL);
    rig_expect(&rig, "send 1 in 7: Eine Nachricht konnte nicht zugestellt werden: Den Empfänger "
                     "gibt es nicht, oder er nimmt keine Nachrichten an.\n");
}

/* lync.md 4.9: what is refused for its size is told with its size. */
static void test_size(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ANNA, "m1", "1234567");
    g_ptr_array_set_size(rig.actions, 0);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 513);
    expect_error(&rig, "en",
                 "The SIP side answered 513 Message Too Large. The message of 7 bytes is too large "
                 "for the SIP side.");
}

/* ---- Discipline ---- */

/* A message from Alice is on its way to Bob and not answered yet; its request is 2. */
static void pending(Rig *rig)
{
    rig_init(rig);
    rig_start(rig);
    rig_invite(rig, 7, ALICE, BOB);
    rig_session(rig, STOX_EVENT_SESSION_OPENED, 7);
    rig_sip_say(rig, 7, ALICE, BOB, "x");
    rig_flush(rig);
    g_ptr_array_set_size(rig->actions, 0);
}

/* D-14: an open transaction is answered by table 2. D-04: with the text. */
static void test_open_transaction(void)
{
    g_auto(Rig) rig;
    const StoxSipResult *result;

    pending(&rig);
    rig_message_error(&rig, BOB, ALICE, "g-1", STOX_CONDITION_ITEM_NOT_FOUND, "Nobody\nhere");
    result = &action_of(&rig, STOX_ACTION_SIP_RESPOND)->result;
    g_assert_cmpuint(result->status, ==, 404);
    g_assert_cmpuint(result->diagnostic, ==, STOX_DIAG_XMPP_REFUSED);
    g_assert_cmpstr(result->reason, ==, "Nobody here");
}

/* D-05: an error of the bare JID is 4xx or 6xx as the hop's setting says, whatever its dialect. */
static void test_bare(void)
{
    static const struct {
        const char *hop, *local;
        StoxDialect dialect;
        bool bare_as_full;
        const char *from;
        unsigned status;
    } cases[] = {
        {"pool01", ALICE, STOX_DIALECT_LYNC, true, BOB, 404},
        {"pool01", ALICE, STOX_DIALECT_LYNC, false, BOB, 604},
        {"pool01", ALICE, STOX_DIALECT_LYNC, false, PHONE, 404},
        {"proxy", ANNA, STOX_DIALECT_SIMPLE, true, BOB, 404},
        {"proxy", ANNA, STOX_DIALECT_SIMPLE, false, BOB, 604},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Rig) rig;

        rig_init(&rig);
        stox_policy_add_hop(rig.policy, cases[i].hop, cases[i].dialect)->bare_as_full =
            cases[i].bare_as_full;
        rig_start(&rig);
        rig_sip_say(&rig, 0, cases[i].local, BOB, "x");
        rig_flush(&rig);
        g_ptr_array_set_size(rig.actions, 0);
        rig_message_error(&rig, cases[i].from, cases[i].local, "g-1", STOX_CONDITION_ITEM_NOT_FOUND,
                          NULL);
        g_assert_cmpuint(action_of(&rig, STOX_ACTION_SIP_RESPOND)->result.status, ==,
                         cases[i].status);
    }
}

/* D-10, D-15: what is not ours, or comes from elsewhere, is dropped and never answered. */
static void test_spoofed(void)
{
    static const struct {
        const char *name, *from, *id;
    } cases[] = {
        {"unknown id", BOB, "g-99"},
        {"no id", BOB, NULL},
        {"somebody else", "eve@partner.example", "g-1"},
        {"the component itself", "contoso.example", "g-1"},
        {"its own sender", ALICE, "g-1"},
        {"the partner's domain", "partner.example", "g-1"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Rig) rig;

        g_test_message("%s", cases[i].name);
        pending(&rig);
        rig_message_error(&rig, cases[i].from, ALICE, cases[i].id, STOX_CONDITION_GONE, "x");
        rig_expect(&rig, "");
    }
}

/* D-17: a new address is reported to the SIP side, nothing goes there by itself. */
static void test_moved(void)
{
    static const struct {
        StoxCondition condition;
        unsigned status;
    } cases[] = {{STOX_CONDITION_REDIRECT, 302}, {STOX_CONDITION_GONE, 301}};

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Rig) rig;
        StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);
        const StoxSipResult *result;

        pending(&rig);
        event->message = stox_message_new(STOX_MESSAGE_ERROR, BOB, ALICE);
        event->message->id = g_strdup("g-1");
        event->message->error.condition = cases[i].condition;
        event->message->error.address = g_strdup("xmpp:bob@new.example");
        rig_event(&rig, event);
        result = &action_of(&rig, STOX_ACTION_SIP_RESPOND)->result;
        g_assert_cmpuint(result->status, ==, cases[i].status);
        g_assert_cmpstr(result->contact, ==, "sip:bob@new.example");
        for (unsigned n = 0; n < rig.actions->len; n++) {
            const StoxAction *action = rig.actions->pdata[n];

            g_assert_true(action->kind == STOX_ACTION_SIP_RESPOND ||
                          action->kind == STOX_ACTION_OUTCOME);
        }
    }
}

/*
 * M-58: what servers make of a message that finds nobody. While its sender waits he is answered; afterwards a front end's user reads one line; and the
 * chat leaves a resource that is gone.
 */
static void test_nobody(void)
{
    static const struct {
        const char *from; /* of the error */
        bool proven;      /* the message had been taken by then */
        unsigned status;
    } cases[] = {
        {BOB, false, 403},   /* no account, or no resource and no storage */
        {PHONE, false, 403}, /* a resource that has just gone */
        {BOB, true, 0},
        {PHONE, true, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Rig) rig;

        rig_init(&rig);
        rig_start(&rig);
        rig_invite(&rig, 7, ALICE, BOB);
        rig_session(&rig, STOX_EVENT_SESSION_OPENED, 7);
        rig_say(&rig, PHONE, ALICE, "m1", "x");
        rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
        rig_sip_say(&rig, 7, ALICE, BOB, "x");
        rig_flush(&rig);
        if (cases[i].proven)
            rig_pong(&rig, "g-3", "partner.example");
        g_ptr_array_set_size(rig.actions, 0);
        rig_message_error(&rig, cases[i].from, ALICE, "g-1", STOX_CONDITION_SERVICE_UNAVAILABLE,
                          NULL);
        if (cases[i].proven)
            rig_expect(&rig, "send 2 in 7: A message could not be delivered: The recipient does "
                             "not exist or takes no messages.\n");
        else
            g_assert_cmpuint(action_of(&rig, STOX_ACTION_SIP_RESPOND)->result.status, ==,
                             cases[i].status);
        g_ptr_array_set_size(rig.actions, 0);
        rig_sip_say(&rig, 7, ALICE, BOB, "y");
        g_assert_cmpstr(action_of(&rig, STOX_ACTION_XMPP_MESSAGE)->message->to, ==, BOB);
        g_ptr_array_set_size(rig.actions, 0);
    }
}

/* M-58: kept for later, or dropped in silence: nothing comes back but the domain's own answer, and that is enough. */
static void test_silently(void)
{
    g_auto(Rig) rig;

    pending(&rig);
    rig_pong(&rig, "g-3", "partner.example");
    g_assert_cmpuint(action_of(&rig, STOX_ACTION_SIP_RESPOND)->result.status, ==, 200);
    g_ptr_array_set_size(rig.actions, 0);
    rig_wait(&rig, 60000);
    rig_expect(&rig, "");
}

/* D-08: the notice was ours; nobody is told that it failed. */
static void test_own_message_failed(void)
{
    g_auto(Rig) rig;

    pending(&rig);
    rig_pong(&rig, "g-3", "partner.example");
    g_ptr_array_set_size(rig.actions, 0);
    rig_message_error(&rig, BOB, ALICE, "g-1", STOX_CONDITION_FORBIDDEN, "no");
    rig_expect(&rig, "send 1 in 7: A message could not be delivered: no\n"); /* D-14 */
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 603);
    rig_expect(&rig, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gateway/errors/german-partner", test_german_partner);
    g_test_add_func("/gateway/errors/strangers", test_strangers);
    g_test_add_func("/gateway/errors/session", test_session);
    g_test_add_func("/gateway/errors/presence", test_presence);
    g_test_add_func("/gateway/errors/german-notice", test_german_notice);
    g_test_add_func("/gateway/errors/size", test_size);
    g_test_add_func("/gateway/errors/D-05-bare", test_bare);
    g_test_add_func("/gateway/errors/D-14-open-transaction", test_open_transaction);
    g_test_add_func("/gateway/errors/D-15-spoofed", test_spoofed);
    g_test_add_func("/gateway/errors/D-17-moved", test_moved);
    g_test_add_func("/gateway/errors/M-58-nobody", test_nobody);
    g_test_add_func("/gateway/errors/M-58-silently", test_silently);
    g_test_add_func("/gateway/errors/D-08-own-message", test_own_message_failed);
    return g_test_run();
}
