/* SPDX-License-Identifier: MIT */
/* What of an XMPP message goes to SIP, and what is refused: rows M-01 to M-15, M-50 to M-54, M-63, M-110 to M-117. */
#include "gateway-rig.h"

#include <string.h>

#define TO_ANNA "send 1 proxy sip:bob@partner.example;gr=phone > sip:anna@voip.example"
#define REFUSED(why)                                                                               \
    "message error " ANNA " > " PHONE " id=m1 error=" why "\n"                                     \
    "outcome x2s refused " PHONE " > " ANNA " id=m1\n"

typedef struct {
    const char *name;
    StoxMessage message;
    const char *expected;
} MessageCase;

#define TEXT(s) ((char *) (s))

static const MessageCase cases[] = {
    {"M-01-line-ends-stay", {.body = TEXT("a\nb\r\nc ")}, TO_ANNA ": a\nb\r\nc \n"},
    {"M-02-subject-is-one-line",
     {.body = TEXT("x"), .subject = TEXT("two\nlines\tand\x7F more")},
     TO_ANNA " subject=two lines and more: x\n"},
    {"M-04-M-05-M-07-addresses", {.body = TEXT("x")}, TO_ANNA ": x\n"},
    {"M-09-language", {.body = TEXT("x"), .lang = TEXT("cs")}, TO_ANNA " lang=cs: x\n"},
    {"M-09-no-language-tag", {.body = TEXT("x"), .lang = TEXT("c\r\nX: y")}, TO_ANNA ": x\n"},
    {"V-05-subject-and-language",
     {.body = TEXT("x"), .subject = TEXT("Hi"), .lang = TEXT("cs")},
     TO_ANNA " subject=Hi lang=cs: x\n"},
    {"M-12-subject-alone-is-the-body", {.subject = TEXT("only this")}, TO_ANNA ": only this\n"},
    {"M-13-state-alone", {.chat_state = STOX_CHAT_STATE_COMPOSING}, ""},
    {"M-13-receipt-alone", {.received_id = TEXT("r")}, ""},
    {"M-13-marker-alone", {.displayed_id = TEXT("r")}, ""},
    {"M-15-nick",
     {.body = TEXT("x"), .nick = TEXT("Bob \"B\"\n")},
     TO_ANNA " display=Bob \"B\": x\n"},
    /* M-08: the type itself is nowhere on that side. */
    {"M-50-normal", {.body = TEXT("x"), .type = STOX_MESSAGE_NORMAL}, TO_ANNA ": x\n"},
    {"M-51-chat-where-no-session-is",
     {.body = TEXT("x"), .type = STOX_MESSAGE_CHAT},
     TO_ANNA ": x\n"},
    {"M-52-headline", {.body = TEXT("x"), .type = STOX_MESSAGE_HEADLINE}, TO_ANNA ": x\n"},
    {"M-53-groupchat",
     {.body = TEXT("x"), .type = STOX_MESSAGE_GROUPCHAT},
     REFUSED("service-unavailable/cancel")},
    {"M-54-error", {.body = TEXT("x"), .type = STOX_MESSAGE_ERROR}, ""},
    {"M-63-delay-is-the-date",
     {.body = TEXT("x"), .delay_wall_ms = 1700000000000},
     TO_ANNA " date=1700000000000: x\n"},
    {"M-110-correction-is-a-new-message",
     {.body = TEXT("new"), .replaces_id = TEXT("old")},
     TO_ANNA ": new\n"},
    {"M-111-fallback-of-a-reply", {.body = TEXT("> a\nb")}, TO_ANNA ": > a\nb\n"},
    {"M-111-reaction-without-body", {.body = NULL}, ""},
    {"M-111-correction-without-body", {.replaces_id = TEXT("old")}, ""},
    {"M-112-styling-passes-as-it-is", {.body = TEXT("*a* _b_ `c`")}, TO_ANNA ": *a* _b_ `c`\n"},
    {"M-113-link-in-the-body",
     {.body = TEXT("see https://a.example/b now"), .oob_url = TEXT("https://a.example/b")},
     TO_ANNA ": see https://a.example/b now\n"},
    {"M-113-link-beside-the-body",
     {.body = TEXT("see"), .oob_url = TEXT("https://a.example/b")},
     TO_ANNA ": see\nhttps://a.example/b\n"},
    {"M-113-link-alone",
     {.oob_url = TEXT("https://a.example/b")},
     TO_ANNA ": https://a.example/b\n"},
    {"M-114-fallback-body",
     {.body = TEXT("This is encrypted."), .encryption = TEXT("OMEMO")},
     TO_ANNA ": This is encrypted.\n"},
    {"M-114-no-body", {.encryption = TEXT("OMEMO")}, REFUSED("not-acceptable/modify")},
    {"M-114-a-subject-is-no-fallback",
     {.encryption = TEXT("OMEMO"), .subject = TEXT("s")},
     REFUSED("not-acceptable/modify")},
    {"M-115-ids-stay-here", {.body = TEXT("x"), .origin_id = TEXT("o")}, TO_ANNA ": x\n"},
    {"M-116-hints-stay-here", {.body = TEXT("x"), .no_store = true}, TO_ANNA ": x\n"},
    {"M-117-nothing-of-a-form", {.body = NULL}, ""},
};

/* A message of its own out of a static one. */
static StoxMessage *copy_of(const StoxMessage *from)
{
    StoxMessage *message = stox_message_new(from->type, PHONE, ANNA);

    message->id = g_strdup("m1");
    message->origin_id = g_strdup(from->origin_id);
    message->lang = g_strdup(from->lang);
    message->subject = g_strdup(from->subject);
    message->body = g_strdup(from->body);
    message->nick = g_strdup(from->nick);
    message->chat_state = from->chat_state;
    message->received_id = g_strdup(from->received_id);
    message->displayed_id = g_strdup(from->displayed_id);
    message->replaces_id = g_strdup(from->replaces_id);
    message->oob_url = g_strdup(from->oob_url);
    message->encryption = g_strdup(from->encryption);
    message->no_store = from->no_store;
    message->delay_wall_ms = from->delay_wall_ms;
    return message;
}

static void test_message(const void *data)
{
    const MessageCase *c = data;
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_message(&rig, copy_of(&c->message));
    rig_expect(&rig, c->expected);
}

/* A subject that no header would carry is not lost. */
static void test_long_subject(void)
{
    g_autofree char *subject = g_strnfill(901, 's');
    g_autofree char *long_line = g_strdup_printf(TO_ANNA ": %s\n\nx\n", subject);
    g_autofree char *short_line = g_strdup_printf(TO_ANNA " subject=%.900s: x\n", subject);

    for (unsigned i = 0; i < 2; i++) {
        g_auto(Rig) rig;
        StoxMessage *message = stox_message_new(STOX_MESSAGE_CHAT, PHONE, ANNA);

        message->body = g_strdup("x");
        message->subject = g_strndup(subject, 901 - i);
        rig_init(&rig);
        rig_start(&rig);
        rig_message(&rig, message);
        rig_expect(&rig, i == 0 ? long_line : short_line);
    }
}

/* M-15: with the first message alone, and with the INVITE where there is one. */
static void test_nick(void)
{
    g_auto(Rig) rig;
    const StoxMessage named = {.body = TEXT("x"), .nick = TEXT("Bob"), .type = STOX_MESSAGE_CHAT};
    StoxMessage *message;

    rig_init(&rig);
    rig_start(&rig);
    rig_message(&rig, copy_of(&named));
    rig_message(&rig, copy_of(&named));
    rig_expect(&rig, TO_ANNA " display=Bob: x\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, "outcome x2s delivered " PHONE " > " ANNA " id=m1\n" PAGE_TO_ANNA("2", "x"));
    message = copy_of(&named);
    g_free(message->to);
    message->to = g_strdup(ALICE);
    rig_message(&rig, message);
    rig_expect(&rig, "open 2 pool01 sip:bob@partner.example > sip:alice@contoso.example "
                     "display=Bob\n");
}

/* */
static void test_from_gruu(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    stox_policy_add_hop(rig.policy, "proxy", STOX_DIALECT_SIMPLE)->from_gruu = false;
    rig_start(&rig);
    rig_say(&rig, PHONE, ANNA, "m1", "x");
    rig_expect(&rig, "send 1 proxy sip:bob@partner.example > sip:anna@voip.example: x\n");
}

/* a resource goes along only when the SIP user has written from it. */
static void test_to_gruu(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_say(&rig, PHONE, ANNA "/tab", "m1", "x");
    rig_expect(&rig, TO_ANNA ": x\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_sip_say(&rig, 0, ANNA ";gr=tab", BOB, "hello");
    g_ptr_array_set_size(rig.actions, 0);
    rig_say(&rig, PHONE, ANNA "/tab", "m2", "y");
    rig_expect(&rig, "send 2 proxy sip:bob@partner.example;gr=phone > "
                     "sip:anna@voip.example;gr=tab: y\n");
    rig_result(&rig, 2, STOX_SIP_ANSWERED, 200);
    g_ptr_array_set_size(rig.actions, 0);
    rig_say(&rig, PHONE, ANNA "/Tab", "m3", "z"); /* another resource, the same URI parameter */
    rig_expect(&rig, PAGE_TO_ANNA("3", "z"));
}

/* What was sent for it, before it is accepted. */
static void expect_call(Rig *rig, unsigned ref, const char *thread, const char *call_id)
{
    StoxMessage *message = stox_message_new(STOX_MESSAGE_CHAT, PHONE, ANNA);
    g_autofree char *line = g_strdup_printf("send %u proxy sip:bob@partner.example;gr=phone > "
                                            "sip:anna@voip.example call=%s: x\n",
                                            ref, call_id);

    message->body = g_strdup("x");
    message->thread = g_strdup(thread);
    rig_message(rig, message);
    rig_expect(rig, line);
    rig_result(rig, ref, STOX_SIP_ANSWERED, 200);
    g_ptr_array_set_size(rig->actions, 0);
}

static void page_in_call(Rig *rig, const char *call_id)
{
    StoxEvent *event = rig_sip(rig, STOX_EVENT_SIP_MESSAGE, ANNA, BOB);

    event->call_id = g_strdup(call_id);
    event->content_type = g_strdup("text/plain");
    event->body = g_bytes_new_static("re", 2);
    rig_event(rig, event);
}

/* M-03, M-20, Q-11, V-07: a thread is the Call-ID where policy says so; one that cannot be has one that stands for it. */
static void test_thread_is_call_id(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    stox_policy_add_hop(rig.policy, "proxy", STOX_DIALECT_SIMPLE)->thread_from_call_id = true;
    rig_start(&rig);
    expect_call(&rig, 1, "t1@home", "t1@home");
    expect_call(&rig, 2, "a b/\xE2\x82\xAC", "g-1");
    expect_call(&rig, 3, "a b/\xE2\x82\xAC", "g-1");
    page_in_call(&rig, "g-1");
    rig_expect(&rig, "message normal " ANNA " > " PHONE " id=g-2 thread=a b/\xE2\x82\xAC: re\n");
    page_in_call(&rig, "call-7");
    rig_expect(&rig, "message normal " ANNA " > " PHONE " id=g-3 thread=call-7: re\n");
    expect_call(&rig, 4, "call-7", "call-7");
    expect_call(&rig, 5, "two@at@signs", "g-4");
    expect_call(&rig, 6, "@home", "g-5");
}

/* Page mode by default: the Call-ID is any, the reply gets the thread all the same (V-07). */
static void test_thread_of_the_pair(void)
{
    g_auto(Rig) rig;
    const StoxMessage threaded = {.body = TEXT("x")};
    StoxMessage *message = copy_of(&threaded);

    rig_init(&rig);
    rig_start(&rig);
    message->thread = g_strdup("a b/\xE2\x82\xAC");
    rig_message(&rig, message);
    rig_expect(&rig, TO_ANNA ": x\n");
    rig_sip_say(&rig, 0, ANNA, BOB, "re");
    rig_expect(&rig, "message normal " ANNA " > " PHONE " id=g-1 thread=a b/\xE2\x82\xAC: re\n");
}

/* M-52: into a chat that is open, but opens none. */
static void test_headline_to_a_front_end(void)
{
    g_auto(Rig) rig;
    StoxMessage *message = stox_message_new(STOX_MESSAGE_HEADLINE, PHONE, ALICE);

    rig_init(&rig);
    rig_start(&rig);
    message->id = g_strdup("m1");
    message->body = g_strdup("news");
    rig_message(&rig, message);
    rig_expect(&rig, "message error " ALICE " > " PHONE " id=m1 error=service-unavailable/cancel\n"
                     "outcome x2s refused " PHONE " > " ALICE " id=m1\n");
    rig_invite(&rig, 1, ALICE, BOB);
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 1);
    g_ptr_array_set_size(rig.actions, 0);
    message = stox_message_new(STOX_MESSAGE_HEADLINE, PHONE, ALICE);
    message->body = g_strdup("news");
    rig_message(&rig, message);
    rig_expect(&rig, "send 1 in 1: news\n");
}

/* M-114: the sender reads in his language what is the matter. */
static void test_refusal_words(void)
{
    static const struct {
        StoxLanguage language;
        const char *lang, *words;
    } rows[] = {{STOX_LANGUAGE_EN, "en", "is encrypted (OMEMO)"},
                {STOX_LANGUAGE_DE, "de", "ist verschl\xC3\xBCsselt (OMEMO)"}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Rig) rig;
        const StoxMessage encrypted = {.encryption = TEXT("OMEMO")};
        const StoxError *error;

        rig_init(&rig);
        stox_policy_add_partner(rig.policy, "partner.example")->language = rows[i].language;
        rig_start(&rig);
        rig_message(&rig, copy_of(&encrypted));
        error = &((StoxAction *) rig.actions->pdata[0])->message->error;
        g_assert_nonnull(strstr(error->text, rows[i].words));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/gateway/outgoing/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], test_message);
    }
    g_test_add_func("/gateway/outgoing/M-02-long-subject", test_long_subject);
    g_test_add_func("/gateway/outgoing/M-15-first-contact", test_nick);
    g_test_add_func("/gateway/outgoing/M-05-Q-27-from-gruu", test_from_gruu);
    g_test_add_func("/gateway/outgoing/M-07-A-29-to-gruu", test_to_gruu);
    g_test_add_func("/gateway/outgoing/M-03-M-20-V-07-call-id", test_thread_is_call_id);
    g_test_add_func("/gateway/outgoing/M-20-V-07-conversation", test_thread_of_the_pair);
    g_test_add_func("/gateway/outgoing/M-52-front-end", test_headline_to_a_front_end);
    g_test_add_func("/gateway/outgoing/M-114-words", test_refusal_words);
    return g_test_run();
}
