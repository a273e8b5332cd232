/* SPDX-License-Identifier: MIT */
/* What becomes of a SIP MESSAGE on the XMPP side: rows M-20 to M-28, M-33, M-41, M-47, M-61, Q-13, V-04, V-94. */
#include "gateway-rig.h"

#include <string.h>

#define NOW INT64_C(1750000000000)

static StoxEvent *page(Rig *rig, const char *body)
{
    StoxEvent *event = rig_sip(rig, STOX_EVENT_SIP_MESSAGE, ANNA, BOB);

    event->call_id = g_strdup("call-1");
    event->content_type = g_strdup("text/plain;charset=UTF-8");
    event->body = g_bytes_new(body, strlen(body));
    return event;
}

typedef struct {
    const char *name, *lang, *subject;
    int64_t date_wall_ms, expires_s;
    const char *expected; /* behind the thread */
} HeaderCase;

static const HeaderCase headers[] = {
    {"plain", NULL, NULL, 0, 0, ""},
    {"M-21-language", "cs", NULL, 0, 0, " lang=cs"},
    {"M-21-first-of-several", "de-DE, en", NULL, 0, 0, " lang=de-DE"},
    {"M-21-no-tag", "de_DE", NULL, 0, 0, ""},
    {"M-24-subject", NULL, "Hi", 0, 0, " subject=Hi"},
    {"M-24-empty-subject", NULL, "", 0, 0, ""},
    {"M-24-subject-without-forbidden-characters-V-95", NULL,
     "a\x01"
     "b",
     0, 0, " subject=ab"},
    {"M-61-fresh", NULL, NULL, NOW - 60000, 0, ""},
    {"M-61-old", NULL, NULL, NOW - 60001, 0, " delay=1749999939999"},
    {"M-61-ten-minutes", NULL, NULL, NOW - 600000, 0, " delay=1749999400000"},
    {"M-61-clock-ahead", NULL, NULL, NOW + 600000, 0, ""},
    {"M-47-in-time", NULL, NULL, NOW - 30000, 30, ""},
    {"M-47-late-is-delivered-and-marked", NULL, NULL, NOW - 30001, 30, " delay=1749999969999"},
    {"M-47-without-date-from-its-arrival", NULL, NULL, 0, 1, ""},
    {"M-47-clock-ahead", NULL, NULL, NOW + 600000, 1, ""},
};

static void test_headers(const void *data)
{
    const HeaderCase *c = data;
    g_auto(Rig) rig;
    StoxEvent *event;
    g_autofree char *expected = NULL;

    rig_init(&rig);
    rig_start(&rig);
    event = page(&rig, "x");
    event->lang = g_strdup(c->lang);
    event->subject = g_strdup(c->subject);
    event->date_wall_ms = c->date_wall_ms;
    event->expires_s = c->expires_s;
    rig_event(&rig, event);
    expected =
        g_strdup_printf("message normal " ANNA " > " BOB " id=g-1 thread=g-2%s: x\n", c->expected);
    rig_expect(&rig, expected);
}

/* V-04, Q-24: Unicode passes once, not twice. */
static void test_unicode(void)
{
    static const char text[] = "Mlad\xC3\xAD"
                               "ci \xE2\x80\x93 \xF0\x9F\x98\x80";
    g_auto(Rig) rig;
    g_autofree char *expected =
        g_strdup_printf("message normal " ANNA " > " BOB " id=g-1 thread=g-2: %s\n", text);

    rig_init(&rig);
    rig_start(&rig);
    rig_event(&rig, page(&rig, text));
    rig_expect(&rig, expected);
}

/* M-28, Q-13: the hop says whether page mode is a chat. */
static void test_type(void)
{
    for (unsigned i = 0; i < 4; i++) {
        g_auto(Rig) rig;
        bool lync = i / 2, chat = i % 2;
        g_autofree char *expected =
            g_strdup_printf("message %s %s > " BOB " id=g-1 thread=g-2: x\n",
                            chat ? "chat" : "normal", lync ? ALICE : ANNA);

        rig_init(&rig);
        stox_policy_add_hop(rig.policy, lync ? "pool01" : "proxy",
                            lync ? STOX_DIALECT_LYNC : STOX_DIALECT_SIMPLE)
            ->page_as_chat = chat;
        rig_start(&rig);
        rig_sip_say(&rig, 0, lync ? ALICE : ANNA, BOB, "x");
        rig_expect(&rig, expected);
    }
}

/* M-33: once in a conversation; again when it has been idle. */
static void test_nick(void)
{
    static const char *const expected[] = {
        "message normal " ANNA " > " BOB " id=g-1 thread=g-2 nick=Anna \"A\": x\n",
        "message normal " ANNA " > " BOB " id=g-3 thread=g-2: x\n",
        "message normal " ANNA " > " BOB " id=g-4 thread=g-5 nick=Anna \"A\": x\n"};
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++) {
        StoxEvent *event = page(&rig, "x");

        if (i == 2) /* M-20: the thread ends there as well */
            rig_wait(&rig, rig.config.session_idle_ms);
        g_ptr_array_set_size(rig.actions, 0);
        event->display = g_strdup("Anna \"A\"");
        rig_event(&rig, event);
        rig_expect(&rig, expected[i]);
    }
}

/* A name that no roster would show. */
static void test_nick_limit(void)
{
    for (unsigned i = 0; i < 2; i++) {
        g_auto(Rig) rig;
        StoxEvent *event;

        rig_init(&rig);
        rig_start(&rig);
        event = page(&rig, "x");
        event->display = g_strnfill(256 + i, 'n');
        rig_event(&rig, event);
        g_assert_true((((StoxAction *) rig.actions->pdata[0])->message->nick != NULL) == (i == 0));
    }
}

/* M-23, M-25, M-56: full where a GRUU is known, else bare; no resource is invented. */
static void test_addresses(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_sip_say(&rig, 0, ANNA ";gr=desk", BOB, "1");
    rig_expect(&rig, "message normal " ANNA "/desk > " BOB " id=g-1 thread=g-2: 1\n");
    rig_sip_say(&rig, 0, ANNA, BOB ";gr=phone", "2");
    rig_expect(&rig, "message normal " ANNA " > " PHONE " id=g-3 thread=g-2: 2\n");
    /* A front end's GRUUs are none of XMPP's resources. */
    rig_sip_say(&rig, 0, ALICE ";gr=desk", BOB ";gr=phone", "3");
    rig_expect(&rig, "message chat " ALICE " > " BOB " id=g-4 thread=g-5: 3\n");
}

/* M-27: ids of ours, never twice, whatever the Call-ID and CSeq. M-22 says nothing at all. */
static void test_ids(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_event(&rig, page(&rig, "1"));
    rig_event(&rig, page(&rig, "1"));
    rig_expect(&rig, "message normal " ANNA " > " BOB " id=g-1 thread=g-2: 1\n"
                     "message normal " ANNA " > " BOB " id=g-3 thread=g-2: 1\n");
}

/* M-41, V-94 */
static void test_too_large(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig.config.max_stanza_text = 3;
    rig_start(&rig);
    rig_event(&rig, page(&rig, "123"));
    rig_expect(&rig, "message normal " ANNA " > " BOB " id=g-1 thread=g-2: 123\n");
    rig_event(&rig, page(&rig, "1234"));
    rig_expect(&rig,
               "answer 2 513 diagnostic=61014\noutcome s2x refused " ANNA " > " BOB " id=call-1\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_autofree char *path = g_strconcat("/gateway/incoming/", headers[i].name, NULL);

        g_test_add_data_func(path, &headers[i], test_headers);
    }
    g_test_add_func("/gateway/incoming/V-04-Q-24-unicode", test_unicode);
    g_test_add_func("/gateway/incoming/M-28-Q-13-type", test_type);
    g_test_add_func("/gateway/incoming/M-33-M-20-nick", test_nick);
    g_test_add_func("/gateway/incoming/M-33-nick-limit", test_nick_limit);
    g_test_add_func("/gateway/incoming/M-23-M-25-M-56-addresses", test_addresses);
    g_test_add_func("/gateway/incoming/M-22-M-27-ids", test_ids);
    g_test_add_func("/gateway/incoming/M-41-V-94-too-large", test_too_large);
    return g_test_run();
}
