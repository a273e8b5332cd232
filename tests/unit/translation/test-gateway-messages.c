/* SPDX-License-Identifier: MIT */
/* Messages from XMPP to SIP outside the question of sessions: what is refused, page mode, order, repeats (rows M-01 to M-63). */
#include "gateway-rig.h"

#include <string.h>

typedef struct {
    const char *name, *from, *to;
    StoxMessageType type;
    const char *body, *expected;
} RefuseCase;

static const RefuseCase refusals[] = {
    {"M-53-groupchat", PHONE, ALICE, STOX_MESSAGE_GROUPCHAT, "x",
     "message error " ALICE " > " PHONE " id=m1 error=service-unavailable/cancel\n"
     "outcome x2s refused " PHONE " > " ALICE " id=m1\n"},
    {"M-55-bare-host", PHONE, "contoso.example", STOX_MESSAGE_CHAT, "x",
     "message error contoso.example > " PHONE " id=m1 error=service-unavailable/cancel\n"
     "outcome x2s refused " PHONE " > contoso.example id=m1\n"},
    {"M-13-nothing-to-send", PHONE, ALICE, STOX_MESSAGE_CHAT, NULL, ""},
    {"M-13-nothing-to-send-from-a-stranger", "eve@evil.example/x", ALICE, STOX_MESSAGE_CHAT, NULL,
     ""},
    {"M-54-D-10-error-is-never-answered", PHONE, ALICE, STOX_MESSAGE_ERROR, "x", ""},
    {"R-08-not-a-partner", "eve@evil.example/x", ALICE, STOX_MESSAGE_CHAT, "x",
     "message error " ALICE " > eve@evil.example/x id=m1 error=forbidden/auth\n"
     "outcome x2s refused eve@evil.example/x > " ALICE " id=m1\n"},
    {"R-08-not-served", PHONE, "alice@other.example", STOX_MESSAGE_CHAT, "x",
     "message error alice@other.example > " PHONE " id=m1 error=item-not-found/cancel\n"
     "outcome x2s refused " PHONE " > alice@other.example id=m1\n"},
    {"X-64-loop-between-own-domains", ANNA, ALICE, STOX_MESSAGE_CHAT, "x",
     "message error " ALICE " > " ANNA " id=m1 error=forbidden/auth\n"
     "outcome x2s refused " ANNA " > " ALICE " id=m1\n"},
    {"A-22-malformed-address", PHONE, "@contoso.example", STOX_MESSAGE_CHAT, "x",
     "message error @contoso.example > " PHONE " id=m1 error=jid-malformed/modify\n"
     "outcome x2s refused " PHONE " > @contoso.example id=m1\n"},
};

static void test_refused(const void *data)
{
    const RefuseCase *c = data;
    g_auto(Rig) rig;
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);

    rig_init(&rig);
    rig_start(&rig);
    event->message = stox_message_new(c->type, c->from, c->to);
    event->message->id = g_strdup("m1");
    event->message->body = g_strdup(c->body);
    rig_event(&rig, event);
    rig_expect(&rig, c->expected);
}

/* M-05, M-39: the resource as gr, one at a time, in order. M-06: each result belongs to the id it was sent for. M-45, M-46: one 2xx is one outcome, no receipt. */
static void test_page_mode(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ANNA, "m1", "one");
    rig_say(&rig, LAPTOP, ANNA, "m2", "two");
    rig_say(&rig, PHONE, ANNA, "m3", "three");
    rig_expect(&rig, PAGE_TO_ANNA("1", "one"));
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 202);
    rig_expect(&rig,
               "outcome x2s delivered " PHONE " > " ANNA " id=m1\n"
               "send 2 proxy sip:bob@partner.example;gr=laptop > sip:anna@voip.example: two\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 500); /* of one that is over */
    rig_expect(&rig, "");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 404);
    rig_expect(&rig,
               "message error " ANNA " > " LAPTOP " id=m2 error=item-not-found/cancel\n"
               "outcome x2s refused " LAPTOP " > " ANNA " id=m2\n" PAGE_TO_ANNA("3", "three"));
}

static const RigFate fates[] = {
    {"403", STOX_SIP_ANSWERED, 403, "forbidden/auth", "refused"},
    {"486", STOX_SIP_ANSWERED, 486, "recipient-unavailable/wait", "refused"},
    {"D-07-timeout", STOX_SIP_TIMEOUT, 0, "remote-server-timeout/wait", "unknown"},
    {"D-07-broken", STOX_SIP_TRANSPORT, 0, "internal-server-error/wait", "unknown"},
    {"V-08-M-35-M-36-M-37-too-large", STOX_SIP_TOO_LARGE, 0, "policy-violation/modify", "refused"},
    {"M-60-nothing-is-kept-for-later", STOX_SIP_ANSWERED, 480, "recipient-unavailable/wait",
     "refused"},
    {"not-sent", STOX_SIP_NOT_SENT, 0, "internal-server-error/wait", "refused"},
    {"no-such-domain", STOX_SIP_NO_SUCH_DOMAIN, 0, "remote-server-not-found/cancel", "refused"},
};

static void test_fate(const void *data)
{
    const RigFate *c = data;
    g_auto(Rig) rig;
    StoxAction *error;
    g_autofree char *line = NULL, *start = NULL, *outcome = NULL;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ANNA, "m1", "x");
    g_ptr_array_set_size(rig.actions, 0);
    rig_result(&rig, 1, c->fate, c->status);
    g_assert_cmpuint(rig.actions->len, ==, 2);
    error = rig.actions->pdata[0];
    start = g_strdup_printf("message error " ANNA " > " PHONE " id=m1 error=%s", c->error);
    line = rig_action_line(error);
    g_assert_cmpstr(line, ==, start);
    g_assert_nonnull(error->message->error.text);
    outcome = rig_action_line(rig.actions->pdata[1]);
    g_free(start);
    start = g_strdup_printf("outcome x2s %s " PHONE " > " ANNA " id=m1", c->outcome);
    g_assert_cmpstr(outcome, ==, start);
}

/* M-40, and the bound of conversations (promise 7). */
static void test_limits(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig.config.max_queue = 1;
    rig.config.max_conversations = 1;
    rig_start(&rig);
    rig_say(&rig, PHONE, ANNA, "m1", "1");
    rig_say(&rig, PHONE, ANNA, "m2", "2");
    g_ptr_array_set_size(rig.actions, 0);
    rig_say(&rig, PHONE, ANNA, "m3", "3");
    rig_expect(&rig, "message error " ANNA " > " PHONE " id=m3 error=resource-constraint/wait\n"
                     "outcome x2s refused " PHONE " > " ANNA " id=m3\n");
    rig_say(&rig, PHONE, "anton@voip.example", "m4", "4");
    rig_expect(&rig,
               "message error anton@voip.example > " PHONE " id=m4 error=resource-constraint/wait\n"
               "outcome x2s refused " PHONE " > anton@voip.example id=m4\n");
}

static void say_with_origin(Rig *rig, const char *id, const char *origin)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_XMPP_MESSAGE);

    event->message = stox_message_new(STOX_MESSAGE_CHAT, PHONE, ANNA);
    event->message->id = g_strdup(id);
    event->message->origin_id = g_strdup(origin);
    event->message->body = g_strdup(id);
    rig_event(rig, event);
}

/* Promise 4: once while pending, once while it has succeeded within ten minutes; a failed one may come again. */
static void test_repeats(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    say_with_origin(&rig, "a", "o1");
    rig_expect(&rig, PAGE_TO_ANNA("1", "a"));
    say_with_origin(&rig, "b", "o1");
    rig_expect(&rig, "");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 500);
    rig_expect(&rig, "message error " ANNA " > " PHONE " id=a error=internal-server-error/cancel\n"
                     "outcome x2s refused " PHONE " > " ANNA " id=a\n");
    say_with_origin(&rig, "c", "o1");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, PAGE_TO_ANNA("2", "c") "outcome x2s delivered " PHONE " > " ANNA " id=c\n");
    rig_wait(&rig, 9 * 60 * 1000);
    say_with_origin(&rig, "d", "o1");
    rig_expect(&rig, "");
    rig_wait(&rig, 2 * 60 * 1000);
    say_with_origin(&rig, "e", "o1");
    rig_expect(&rig, PAGE_TO_ANNA("3", "e"));
}

/* A peer that never answers does not hold up the rest for ever. */
static void test_silence(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ANNA, "m1", "1");
    rig_say(&rig, PHONE, ANNA, "m2", "2");
    g_ptr_array_set_size(rig.actions, 0);
    rig_wait(&rig, rig.config.session_open_ms);
    rig_expect(&rig, "message error " ANNA " > " PHONE " id=m1 error=remote-server-timeout/wait\n"
                     "outcome x2s unknown " PHONE " > " ANNA " id=m1\n" PAGE_TO_ANNA("2", "2"));
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, "");
}

static void test_stop(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ANNA, "m1", "1");
    rig_say(&rig, PHONE, ANNA, "m2", "2");
    g_ptr_array_set_size(rig.actions, 0);
    rig_stop(&rig);
    rig_expect(&rig, "message error " ANNA " > " PHONE " id=m2 error=resource-constraint/wait\n"
                     "outcome x2s refused " PHONE " > " ANNA " id=m2\n");
    rig_say(&rig, PHONE, ANNA, "m3", "3");
    rig_expect(&rig, "message error " ANNA " > " PHONE " id=m3 error=resource-constraint/wait\n"
                     "outcome x2s refused " PHONE " > " ANNA " id=m3\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200); /* was under way */
    rig_expect(&rig, "outcome x2s delivered " PHONE " > " ANNA " id=m1\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path = g_strconcat("/gateway/messages/refused/", refusals[i].name, NULL);

        g_test_add_data_func(path, &refusals[i], test_refused);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(fates); i++) {
        g_autofree char *path = g_strconcat("/gateway/messages/fate/", fates[i].name, NULL);

        g_test_add_data_func(path, &fates[i], test_fate);
    }
    g_test_add_func("/gateway/messages/page-mode-M-39", test_page_mode);
    g_test_add_func("/gateway/messages/limits-M-40", test_limits);
    g_test_add_func("/gateway/messages/repeats", test_repeats);
    g_test_add_func("/gateway/messages/silence", test_silence);
    g_test_add_func("/gateway/messages/stop", test_stop);
    return g_test_run();
}
