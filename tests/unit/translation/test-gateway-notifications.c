/* SPDX-License-Identifier: MIT */
/* What a SIP user asks to hear of his message, and is told: message/cpim, IMDN (rows M-31, M-91, M-94, M-95, M-98 to M-100, M-102, V-68, V-70). */
#include "gateway-rig.h"

#include <string.h>

#define DONE(who, id) "outcome x2s delivered " PHONE " > " who " id=" id "\n"
#define PAGE(n)       "send " n " proxy sip:bob@partner.example > sip:anna@voip.example"
#define PAGE_FROM_PHONE(n)                                                                         \
    "send " n " proxy sip:bob@partner.example;gr=phone > sip:anna@voip.example"

/* V-68, V-70, M-91, M-94, M-98 to M-100, M-102: request and id; each answer once, the second resource's is not passed on. */
static void test_cpim_in(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_cpim(&rig, 0, ANNA, BOB, "34jk324j", "positive-delivery, display", "hi");
    rig_expect(&rig, "message normal " ANNA " > " BOB " id=g-1 thread=g-2 request markable: hi\n");
    rig_first_answered(&rig);
    rig_ack(&rig, PHONE, "g-1", NULL);
    rig_expect(&rig, PAGE("1") " imdn 34jk324j delivery delivered at 2025-06-15T15:06:40Z\n");
    rig_ack(&rig, LAPTOP, "g-1", NULL);
    rig_expect(&rig, "");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, "");
    rig_ack(&rig, PHONE, NULL, "g-1");
    rig_expect(&rig, PAGE("2") " imdn 34jk324j display displayed at 2025-06-15T15:06:40Z\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 415); /* D-08: nobody hears of it */
    rig_ack(&rig, PHONE, "g-1", "g-1");
    rig_ack(&rig, PHONE, "g-77", "g-78");
    rig_ack(&rig, "eve@partner.example/x", "g-1", NULL);
    rig_expect(&rig, "");
}

/* What was not asked for is not said. */
static void test_cpim_not_asked(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_cpim(&rig, 0, ANNA, BOB, "a1", "processing", "hi");
    rig_expect(&rig, "message normal " ANNA " > " BOB " id=g-1 thread=g-2: hi\n");
    rig_first_answered(&rig);
    rig_ack(&rig, PHONE, "g-1", "g-1");
    rig_expect(&rig, "");
}

/* M-98 to M-100: what goes out. An IMDN asks for nothing, has an id and a disposition of its own, and is not answered by another one whatever it asks for. */
static void test_imdn_form(void)
{
    static const char asking[] =
        "From: <sip:anna@voip.example>\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
        "imdn.Message-ID: n1\r\nimdn.Disposition-Notification: positive-delivery, display\r\n\r\n"
        "Content-Type: message/imdn+xml\r\nContent-Disposition: notification\r\n\r\n"
        "<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id>g-1</message-id>"
        "<datetime>2025-06-15T15:06:40Z</datetime><delivery-notification><status><delivered/>"
        "</status></delivery-notification></imdn>";
    g_auto(Rig) rig;
    g_autofree char *text = NULL;
    const StoxAction *action;

    rig_init(&rig);
    rig_start(&rig);
    rig_cpim(&rig, 0, ANNA, BOB, "34jk324j", "positive-delivery", "hi");
    rig_first_answered(&rig);
    rig_ack(&rig, PHONE, "g-1", NULL);
    g_assert_cmpuint(rig.actions->len, ==, 1);
    action = rig.actions->pdata[0];
    g_assert_cmpstr(action->content_type, ==, "message/cpim");
    text = g_strndup(g_bytes_get_data(action->body, NULL), g_bytes_get_size(action->body));
    g_assert_nonnull(strstr(text, "\r\nNS: imdn <urn:ietf:params:imdn>\r\n"));
    g_assert_nonnull(strstr(text, "\r\nimdn.Message-ID: g-5\r\n"));
    g_assert_nonnull(strstr(text, "\r\nContent-Type: message/imdn+xml\r\n"));
    g_assert_nonnull(strstr(text, "\r\nContent-Disposition: notification\r\n"));
    g_assert_nonnull(strstr(text, "<message-id>34jk324j</message-id>"));
    g_assert_null(strstr(text, "Disposition-Notification"));
    rig_forget(&rig);
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_sip_send(&rig, 0, ANNA, BOB, "message/cpim", asking);
    rig_expect(&rig, "answer 2 200\n");
}

/* M-39: an IMDN keeps its place among the messages, one at a time. */
static void test_imdn_in_order(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_cpim(&rig, 0, ANNA, BOB, "a1", "positive-delivery", "hi");
    rig_first_answered(&rig);
    rig_say(&rig, PHONE, ANNA, "m1", "one");
    rig_ack(&rig, PHONE, "g-1", NULL);
    rig_say(&rig, PHONE, ANNA, "m2", "two");
    rig_expect(&rig, PAGE_FROM_PHONE("1") ": one\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig,
               DONE(ANNA, "m1") PAGE("2") " imdn a1 delivery delivered at 2025-06-15T15:06:40Z\n");
    rig_result(&rig, 2, STOX_SIP_TIMEOUT, 0);
    rig_expect(&rig, PAGE_FROM_PHONE("3") ": two\n");
    rig_result(&rig, 3, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, DONE(ANNA, "m2"));
}

/* M-99: back by the way it came. */
static void test_record_route(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_sip_send(&rig, 0, ANNA, BOB, "message/cpim",
                 "From: <sip:anna@voip.example>\r\nDateTime: 2025-06-15T15:06:40Z\r\n"
                 "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: a1\r\n"
                 "imdn.Disposition-Notification: positive-delivery\r\n"
                 "imdn.IMDN-Record-Route: <sip:relay1.voip.example>\r\n"
                 "imdn.IMDN-Record-Route: <sip:relay2.voip.example>\r\n"
                 "\r\nContent-Type: text/plain\r\n\r\nhi");
    rig_first_answered(&rig);
    rig_ack(&rig, PHONE, "g-1", NULL);
    g_assert_cmpuint(rig.actions->len, ==, 1);
    {
        const StoxAction *action = rig.actions->pdata[0];
        const char *body = g_bytes_get_data(action->body, NULL);
        const char *first, *second;

        g_assert_cmpstr(action->to_uri, ==, "sip:relay1.voip.example");
        first = strstr(body, "imdn.IMDN-Route: <sip:relay1.voip.example>\r\n");
        second = strstr(body, "imdn.IMDN-Route: <sip:relay2.voip.example>\r\n");
        g_assert_true(first && second && first < second);
    }
    rig_forget(&rig);
}

/* M-95: answered 2xx, then refused: told if that was asked for, in place of the line in the chat. Answered otherwise: nothing more. */
static void test_late_failure(void)
{
    static const struct {
        const char *want;
        bool told;
    } rows[] = {{"negative-delivery", true}, {"positive-delivery", false}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Rig) rig;

        rig_init(&rig);
        rig_start(&rig);
        rig_cpim(&rig, 0, ANNA, BOB, "a1", rows[i].want, "hi");
        rig_flush(&rig);
        rig_pong(&rig, "g-3", "partner.example");
        rig_forget(&rig);
        rig_message_error(&rig, BOB, ANNA, "g-1", STOX_CONDITION_SERVICE_UNAVAILABLE, NULL);
        rig_expect(&rig, rows[i].told
                             ? PAGE("1") " imdn a1 delivery failed at 2025-06-15T15:06:40Z\n"
                             : "");
    }
}

static void test_early_failure(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_cpim(&rig, 0, ANNA, BOB, "a1", "negative-delivery, positive-delivery", "hi");
    rig_message_error(&rig, BOB, ANNA, "g-1", STOX_CONDITION_SERVICE_UNAVAILABLE, NULL);
    rig_forget(&rig);
    rig_message_error(&rig, BOB, ANNA, "g-1", STOX_CONDITION_SERVICE_UNAVAILABLE, NULL);
    rig_ack(&rig, PHONE, "g-1", NULL);
    rig_expect(&rig, "");
}

/* In a session of a front end as well, where the line in the chat is not needed then; and no session is opened for it. */
static void test_lync_cpim(void)
{
    g_auto(Rig) rig;
    StoxMessage *received;

    rig_init(&rig);
    rig_start(&rig);
    rig_invite(&rig, 3, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 3);
    rig_cpim(&rig, 3, ALICE, BOB, "a1", "negative-delivery", "hi");
    rig_flush(&rig);
    rig_pong(&rig, "g-3", "partner.example");
    rig_cpim(&rig, 3, ALICE, BOB, "a2", "positive-delivery", "ho");
    rig_forget(&rig);
    rig_message_error(&rig, BOB, ALICE, "g-1", STOX_CONDITION_SERVICE_UNAVAILABLE, NULL);
    rig_expect(&rig, "send 1 in 3 imdn a1 delivery failed at 2025-06-15T15:06:40Z\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_session(&rig, STOX_EVENT_SESSION_CLOSED, 3);
    received = stox_message_new(STOX_MESSAGE_CHAT, PHONE, ALICE);
    received->received_id = g_strdup("g-5");
    rig_message(&rig, received);
    rig_expect(&rig, "");
}

/* M-31: a wrapper from elsewhere is refused, also around text. */
static void test_cpim_refused(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_sip_send(&rig, 0, ANNA, BOB, "message/cpim",
                 "From: <sip:anna@other.example>\r\n\r\nContent-Type: text/plain\r\n\r\nhi");
    rig_expect(&rig, "answer 1 403 diagnostic=61003\n"
                     "outcome s2x refused " ANNA " > " BOB " id=call-1\n");
    rig_sip_send(&rig, 0, ANNA, BOB, "message/cpim",
                 "Require: x.Secret\r\n\r\nContent-Type: text/plain\r\n\r\nhi");
    rig_expect(&rig, "answer 2 415 diagnostic=61025 accept\n"
                     "outcome s2x refused " ANNA " > " BOB " id=call-1\n");
    rig_sip_send(&rig, 0, ANNA, BOB, "message/cpim",
                 "From: <sip:anna@voip.example>\r\nSubject:;lang=de Essen\r\n"
                 "DateTime: 2025-06-15T14:00:00Z\r\n\r\nContent-Type: text/plain\r\n\r\nhi");
    rig_expect(&rig, "message normal " ANNA " > " BOB
                     " id=g-1 thread=g-2 subject=Essen lang=de delay=1749996000000: hi\n");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(void);
    } tests[] = {
        {"V-68-M-91-M-94-M-102-cpim-in", test_cpim_in},
        {"M-98-not-asked", test_cpim_not_asked},
        {"M-98-M-99-M-100-form", test_imdn_form},
        {"M-39-imdn-in-order", test_imdn_in_order},
        {"M-99-record-route", test_record_route},
        {"M-95-late-failure", test_late_failure},
        {"M-95-early-failure", test_early_failure},
        {"M-95-lync", test_lync_cpim},
        {"M-31-refused", test_cpim_refused},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/gateway/notifications/", tests[i].path, NULL);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}
