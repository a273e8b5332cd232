/* SPDX-License-Identifier: MIT */
/* Long messages toward SIP in several parts, which have one outcome (promise 1). */
#include "gateway-rig.h"

#include <string.h>

static void start(Rig *rig, size_t max_bytes)
{
    rig_init(rig);
    rig->config.max_message_bytes = max_bytes;
    rig_start(rig);
}

/* One after the other, the next message behind them, one outcome. */
static void test_in_order(void)
{
    g_auto(Rig) rig;

    start(&rig, 8);
    rig_say(&rig, PHONE, ANNA, "m1", "aaaa bb\ncccc dd eeee");
    rig_say(&rig, PHONE, ANNA, "m2", "next");
    rig_expect(&rig, PAGE_TO_ANNA("1", "aaaa bb"));
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, PAGE_TO_ANNA("2", "cccc dd"));
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200); /* a repeat */
    rig_expect(&rig, "");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 202);
    rig_expect(&rig, PAGE_TO_ANNA("3", "eeee"));
    rig_result(&rig, 3, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig,
               "outcome x2s delivered " PHONE " > " ANNA " id=m1\n" PAGE_TO_ANNA("4", "next"));
}

/* Subject with the first, language and date with all. */
static void test_headers(void)
{
    g_auto(Rig) rig;
    StoxMessage *message = stox_message_new(STOX_MESSAGE_CHAT, PHONE, ANNA);

    start(&rig, 5);
    message->body = g_strdup("aaaa bbbb");
    message->subject = g_strdup("s");
    message->lang = g_strdup("de");
    message->delay_wall_ms = 5;
    rig_message(&rig, message);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig,
               "send 1 proxy sip:bob@partner.example;gr=phone > sip:anna@voip.example subject=s "
               "lang=de date=5: aaaa\n"
               "send 2 proxy sip:bob@partner.example;gr=phone > sip:anna@voip.example lang=de "
               "date=5: bbbb\n");
}

static const RigFate fates[] = {
    {"refused", STOX_SIP_ANSWERED, 403, "forbidden/auth", "refused"},
    {"timeout", STOX_SIP_TIMEOUT, 0, "remote-server-timeout/wait", "unknown"},
    {"broken", STOX_SIP_TRANSPORT, 0, "internal-server-error/wait", "unknown"},
    {"not-sent", STOX_SIP_NOT_SENT, 0, "internal-server-error/wait", "refused"},
};

/* The first failure decides, the rest is not sent, and the sender is told how far it came. */
static void test_failure(const void *data)
{
    const RigFate *c = data;
    g_auto(Rig) rig;
    g_autofree char *expected = NULL;
    const StoxAction *error;

    start(&rig, 5);
    rig_say(&rig, PHONE, ANNA, "m1", "aaaa bbbb cccc");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    g_ptr_array_set_size(rig.actions, 0);
    rig_result(&rig, 2, c->fate, c->status);
    error = rig.actions->pdata[0];
    g_assert_true(
        g_str_has_prefix(error->message->error.text, "Only the first 1 of 3 parts of the message"));
    expected = g_strdup_printf("message error " ANNA " > " PHONE " id=m1 error=%s\n"
                               "outcome x2s %s " PHONE " > " ANNA " id=m1\n",
                               c->error, c->outcome);
    rig_expect(&rig, expected);
}

/* Nothing had been delivered: the ordinary error. */
static void test_first_fails(void)
{
    g_auto(Rig) rig;
    const StoxAction *error;

    start(&rig, 5);
    rig_say(&rig, PHONE, ANNA, "m1", "aaaa bbbb");
    g_ptr_array_set_size(rig.actions, 0);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 404);
    error = rig.actions->pdata[0];
    g_assert_null(strstr(error->message->error.text, "Only"));
    rig_expect(&rig, "message error " ANNA " > " PHONE " id=m1 error=item-not-found/cancel\n"
                     "outcome x2s refused " PHONE " > " ANNA " id=m1\n");
}

/* M-36: what eight parts do not hold is refused, and the limit said. */
static void test_too_long(void)
{
    g_auto(Rig) rig;
    const StoxAction *error;

    start(&rig, 5);
    rig_say(&rig, PHONE, ANNA, "m1", "1234567890123456789012345678901234567890");
    rig_expect(&rig, PAGE_TO_ANNA("1", "12345"));
    rig_say(&rig, LAPTOP, ANNA, "m2", "12345678901234567890123456789012345678901");
    error = rig.actions->pdata[0];
    g_assert_nonnull(strstr(error->message->error.text, "40 bytes"));
    rig_expect(&rig, "message error " ANNA " > " LAPTOP " id=m2 error=policy-violation/modify\n"
                     "outcome x2s refused " LAPTOP " > " ANNA " id=m2\n");
}

/* lync.md 4.4: clients take about 8000 bytes. */
static void test_front_end(void)
{
    g_auto(Rig) rig;
    g_autofree char *text = g_strnfill(8001, 'x');
    g_autofree char *expected = g_strdup_printf("send 1 in 2: %.8000s\nsend 2 in 2: x\n", text);

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ALICE, "m1", text);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 2);
    g_ptr_array_remove_index(rig.actions, 0);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, expected);
}

/* Promise 4: the part that met a dead session goes again in a new one, those before it do not. */
static void test_session_ends_between(void)
{
    g_auto(Rig) rig;

    start(&rig, 5);
    rig_say(&rig, PHONE, ALICE, "m1", "aaaa bbbb cccc");
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 2);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    g_ptr_array_set_size(rig.actions, 0);
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 481);
    rig_expect(&rig,
               "close 2\nopen 4 pool01 sip:bob@partner.example > sip:alice@contoso.example\n");
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 4);
    rig_result(&rig, 3, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, "send 3 in 4: bbbb\nsend 4 in 4: cccc\n");
    rig_result(&rig, 4, STOX_SIP_ANSWERED, 481); /* it may go again: it is another part */
    rig_expect(&rig,
               "close 4\nopen 6 pool01 sip:bob@partner.example > sip:alice@contoso.example\n");
    rig_session_failed(&rig, 6, STOX_SIP_ANSWERED, 480);
    g_assert_true(g_str_has_prefix(((StoxAction *) rig.actions->pdata[0])->message->error.text,
                                   "Only the first 2 of 3 parts"));
    rig_expect(&rig, "message error " ALICE " > " PHONE " id=m1 error=recipient-unavailable/wait\n"
                     "outcome x2s refused " PHONE " > " ALICE " id=m1\n");
}

static void test_stop_between(void)
{
    g_auto(Rig) rig;

    start(&rig, 5);
    rig_say(&rig, PHONE, ANNA, "m1", "aaaa bbbb");
    rig_stop(&rig);
    rig_expect(&rig, PAGE_TO_ANNA("1", "aaaa"));
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    g_assert_true(g_str_has_prefix(((StoxAction *) rig.actions->pdata[0])->message->error.text,
                                   "Only the first 1 of 2 parts"));
    rig_expect(&rig, "message error " ANNA " > " PHONE " id=m1 error=resource-constraint/wait\n"
                     "outcome x2s refused " PHONE " > " ANNA " id=m1\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(fates); i++) {
        g_autofree char *path = g_strconcat("/gateway/parts/failure/", fates[i].name, NULL);

        g_test_add_data_func(path, &fates[i], test_failure);
    }
    g_test_add_func("/gateway/parts/in-order", test_in_order);
    g_test_add_func("/gateway/parts/headers", test_headers);
    g_test_add_func("/gateway/parts/first-fails", test_first_fails);
    g_test_add_func("/gateway/parts/M-36-too-long", test_too_long);
    g_test_add_func("/gateway/parts/front-end", test_front_end);
    g_test_add_func("/gateway/parts/session-ends-between", test_session_ends_between);
    g_test_add_func("/gateway/parts/stop-between", test_stop_between);
    return g_test_run();
}
