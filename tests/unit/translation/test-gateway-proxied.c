/* SPDX-License-Identifier: MIT */
/*
 * SIP users behind a component of another name (mode P, rows A-60 to A-65): messages, sessions, watching, watched; and the spelling of the SIP side (A-16
 * to A-18, A-29) in both modes.
 */
#include "gateway-rig.h"

#include <string.h>

#define CAROL "carol\\40fabrikam.example@sip.gw.example" /* on the lync hop */
#define DORA  "dora\\40pbx.voip.example@pbx.gw.example"  /* on the simple hop */
#define GW    "sip.gw.example"

static void proxied(Rig *rig, const char *name, const char *hop, const char *sip_domains)
{
    StoxDomainPolicy *domain = stox_policy_add_domain(rig->policy, name, hop);

    domain->sip_domains = g_strsplit(sip_domains, " ", -1);
}

/* Neither SIP domain is served by itself; fabrikam.example is also the default one. */
static void start(Rig *rig)
{
    rig_init(rig);
    proxied(rig, GW, "pool01",
            "fabrikam.example tailspin.example b\xC3\xBC"
            "cher.example");
    proxied(rig, "pbx.gw.example", "proxy", "pbx.voip.example");
    rig_start(rig);
    rig_link(rig, GW, true);
    rig_link(rig, "pbx.gw.example", true);
    rig_expect(rig, "");
}

/* ---- XMPP -> SIP ---- */

/* A-60, A-64: the XMPP user keeps his name. */
static void test_session_to_sip(void)
{
    g_auto(Rig) rig;

    start(&rig);
    rig_say(&rig, PHONE, CAROL, "m1", "one");
    rig_expect(&rig, "open 2 pool01 sip:bob@partner.example > sip:carol@fabrikam.example\n");
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 2);
    rig_expect(&rig, "send 1 in 2: one\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, "outcome x2s delivered " PHONE " > " CAROL " id=m1\n");
    rig_sip_say(&rig, 2, "carol@fabrikam.example", BOB, "two");
    rig_expect(&rig, "message chat " CAROL " > " PHONE " id=g-1 thread=g-2: two\n");
    rig_flush(&rig);
    rig_expect(&rig, "ping g-3 sip.gw.example > partner.example\n"
                     "ping g-4 sip.gw.example > sip.gw.example\n");
}

static void test_page_to_sip(void)
{
    g_auto(Rig) rig;

    start(&rig);
    rig_say(&rig, PHONE, DORA, "m1", "one");
    rig_expect(&rig,
               "send 1 proxy sip:bob@partner.example;gr=phone > sip:dora@pbx.voip.example: one\n");
}

static void test_refused(void)
{
    static const struct {
        const char *name, *to, *error;
    } cases[] = {
        {"R-08-not-behind-this-gateway", "x\\40other.example@" GW, "item-not-found/cancel"},
        {"R-08-behind-another", "x\\40pbx.voip.example@" GW, "item-not-found/cancel"},
        {"R-08-the-served-one", "x\\40contoso.example@" GW, "item-not-found/cancel"},
        {"A-61-empty", "x\\40@" GW, "jid-malformed/modify"},
        {"A-61-no-user", "\\40fabrikam.example@" GW, "item-not-found/cancel"},
        {"A-62-off", "x%tailspin.example@pbx.gw.example", NULL},
        {"M-55-bare-host", GW, "service-unavailable/cancel"},
        {"not-the-domain-itself", "carol@fabrikam.example", "item-not-found/cancel"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Rig) rig;
        g_autofree char *expected = g_strdup_printf("message error %s > " PHONE " id=m1 error=%s\n"
                                                    "outcome x2s refused " PHONE " > %s id=m1\n",
                                                    cases[i].to, cases[i].error, cases[i].to);

        g_test_message("%s", cases[i].name);
        start(&rig);
        rig_say(&rig, PHONE, cases[i].to, "m1", "x");
        if (cases[i].error)
            rig_expect(&rig, expected);
        else /* the percent sign is part of a user of the default domain */
            rig_expect(&rig, "send 1 proxy sip:bob@partner.example;gr=phone > "
                             "sip:x%25tailspin.example@pbx.voip.example: x\n");
    }
}

/* A-61, A-62: forms that are read and never written. */
static void test_other_forms(void)
{
    g_auto(Rig) rig;
    StoxDomainPolicy *domain;

    start(&rig);
    domain = (StoxDomainPolicy *) stox_policy_domain(rig.policy, GW);
    domain->percent_form = true;
    rig_say(&rig, PHONE, "carol@" GW, "m1", "x");
    rig_expect(&rig, "open 2 pool01 sip:bob@partner.example > sip:carol@fabrikam.example\n");
    rig_say(&rig, PHONE, "carol%tailspin.example@" GW, "m2", "x");
    rig_expect(&rig, "open 4 pool01 sip:bob@partner.example > sip:carol@tailspin.example\n");
    rig_say(&rig, PHONE, "carol\\40xn--bcher-kva.example@" GW, "m3", "x");
    rig_expect(&rig, "open 6 pool01 sip:bob@partner.example > sip:carol@xn--bcher-kva.example\n");
}

/* ---- SIP -> XMPP ---- */

static void test_from_sip(void)
{
    g_auto(Rig) rig;

    start(&rig);
    rig_sip_say(&rig, 0, "carol@fabrikam.example", BOB, "one");
    rig_expect(&rig, "message chat " CAROL " > " BOB " id=g-1 thread=g-2: one\n");
    rig_flush(&rig);
    rig_expect(&rig, "ping g-3 sip.gw.example > partner.example\n"
                     "ping g-4 sip.gw.example > sip.gw.example\n");
    rig_pong(&rig, "g-3", "partner.example");
    rig_expect(&rig, "answer 1 200\noutcome s2x delivered " CAROL " > " BOB " id=g-1\n");
    rig_sip_say(&rig, 0, "dora@pbx.voip.example;gr=desk", BOB, "two"); /* A-25 */
    rig_expect(&rig, "message normal " DORA "/desk > " BOB " id=g-5 thread=g-6: two\n");
    rig_say(&rig, PHONE, DORA "/desk", "m1", "three");
    rig_expect(&rig, "send 1 proxy sip:bob@partner.example;gr=phone > "
                     "sip:dora@pbx.voip.example;gr=desk: three\n");
}

/* P-187: a hop speaks for the SIP domains behind the domains it leads to, and for no other. */
static void test_from_sip_refused(void)
{
    static const struct {
        const char *hop, *from, *to;
        unsigned status, diagnostic;
    } cases[] = {
        {"proxy", "carol@fabrikam.example", BOB, 403, 61003},
        {"pool01", "dora@pbx.voip.example", BOB, 403, 61003},
        {"pool01", "x@" GW, BOB, 403, 61002}, /* nobody's SIP domain */
        {"pool01", "x@other.example", BOB, 403, 61002},
        {"pool01", "carol@fabrikam.example", "x@tailspin.example", 403, 61015},
        {"pool01", "carol@fabrikam.example", "x@" GW, 403, 61015},
        {"pool01", "fabrikam.example", BOB, 400, 61004},
        {"pool01", "%20carol@fabrikam.example", BOB, 400, 61004},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Rig) rig;
        StoxEvent *event;
        g_autofree char *expected =
            g_strdup_printf("answer 1 %u diagnostic=%u\n", cases[i].status, cases[i].diagnostic);

        g_test_message("%s %s > %s", cases[i].hop, cases[i].from, cases[i].to);
        start(&rig);
        event = rig_sip(&rig, STOX_EVENT_SIP_INVITE, cases[i].from, cases[i].to);
        g_free(event->hop);
        event->hop = g_strdup(cases[i].hop);
        event->session = 1;
        rig_event(&rig, event);
        rig_expect(&rig, expected);
    }
}

/* A stanza whose from is in a proxied SIP domain is no XMPP user's, partner or not. */
static void test_from_xmpp_forged(void)
{
    g_auto(Rig) rig;

    start(&rig);
    stox_policy_add_partner(rig.policy, "tailspin.example");
    rig_say(&rig, "eve@tailspin.example/x", CAROL, "m1", "x");
    rig_expect(&rig, "message error " CAROL " > eve@tailspin.example/x id=m1 error=forbidden/auth\n"
                     "outcome x2s refused eve@tailspin.example/x > " CAROL " id=m1\n");
}

static void test_session_from_sip(void)
{
    g_auto(Rig) rig;

    start(&rig);
    rig_invite(&rig, 1, "carol@fabrikam.example", BOB);
    rig_expect(&rig, "accept 1 1\n");
    rig_session(&rig, STOX_EVENT_SESSION_OPENED, 1);
    rig_sip_say(&rig, 1, "carol@fabrikam.example", BOB, "hello");
    rig_expect(&rig, "message chat " CAROL " > " BOB " id=g-1 thread=g-2: hello\n");
    rig_say(&rig, PHONE, CAROL, "m1", "hi");
    rig_expect(&rig, "send 1 in 1: hi\n");
}

/* ---- Presence ---- */

static void test_watching(void)
{
    g_auto(Rig) rig;

    start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, CAROL, "s1");
    rig_expect(&rig,
               "subscribe 2 pool01 sip:bob@partner.example > sip:carol@fabrikam.example 28800\n");
    rig_notify(&rig, 2, STOX_SUBSTATE_ACTIVE, NULL, "sip:carol@fabrikam.example", "0", "open");
    rig_expect(&rig, "answer 1 200\npresence subscribed " CAROL " > " BOB "\n"
                     "presence available " CAROL "/lync > " BOB "\n");
    /* P-147: somebody else's, or the XMPP name, counts for nothing. */
    rig_notify(&rig, 2, STOX_SUBSTATE_ACTIVE, NULL, "sip:eve@fabrikam.example", "0", "closed");
    rig_notify(&rig, 2, STOX_SUBSTATE_ACTIVE, NULL, "sip:carol%40fabrikam.example@" GW, "0",
               "closed");
    rig_expect(&rig, "answer 2 200\nanswer 3 200\n");
    rig_notify(&rig, 2, STOX_SUBSTATE_ACTIVE, NULL, "pres:carol@fabrikam.example", "0", "closed");
    rig_expect(&rig, "answer 4 200\npresence unavailable " CAROL "/lync > " BOB "\n");
}

static void test_watched(void)
{
    g_auto(Rig) rig;

    start(&rig);
    rig_watch(&rig, 1, "carol@fabrikam.example", BOB, 3600);
    rig_expect(&rig, "grant 1 1 3600\nnotify 1 active sip:" BOB " [closed]\n"
                     "presence subscribe " CAROL " > " BOB " id=g-1\n");
    rig_wait(&rig, 5000);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBED, BOB, CAROL, NULL);
    rig_presence(&rig, STOX_PRESENCE_AVAILABLE, PHONE, CAROL, NULL);
    rig_expect(&rig, "notify 1 active sip:" BOB " [open]\n");
}

/* D-06: who moved has a name behind the gateway, too. */
static void test_redirect(void)
{
    static const struct {
        const char *contact, *address;
    } cases[] = {
        {"sip:dora2@pbx.voip.example", "xmpp:dora2%5C40pbx.voip.example@pbx.gw.example"},
        {"sip:carol@fabrikam.example", "xmpp:carol%5C40fabrikam.example@" GW},
        {"sip:alice@contoso.example", "xmpp:" ALICE},
        {"tel:+15551212", "tel:+15551212"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Rig) rig;
        StoxEvent *event = stox_event_new(STOX_EVENT_SIP_MESSAGE_RESULT);
        const StoxAction *action;

        start(&rig);
        rig_say(&rig, PHONE, DORA, "m1", "x");
        g_ptr_array_set_size(rig.actions, 0);
        event->ref = 1;
        event->result.status = 302;
        event->result.contact = g_strdup(cases[i].contact);
        rig_event(&rig, event);
        action = rig.actions->pdata[0];
        g_assert_cmpint(action->message->error.condition, ==, STOX_CONDITION_REDIRECT);
        g_assert_cmpstr(action->message->error.address, ==, cases[i].address);
    }
}

/* ---- Spellings ---- */

/* A-17, A-18: as his side writes him, from when he was seen until he is seen otherwise. */
static void test_spelling(void)
{
    static const struct {
        const char *sip, *jid;
    } cases[] = {
        {"Alice@contoso.example", ALICE},
        {"r%26d@contoso.example", "r\\26d@contoso.example"},
        {"Carol@fabrikam.example", CAROL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Rig) rig;
        g_autofree char *expected =
            g_strdup_printf("open 2 pool01 sip:bob@partner.example > sip:%s\n", cases[i].sip);
        g_autofree char *watch = g_strdup_printf(
            "subscribe 4 pool01 sip:bob@partner.example > sip:%s 28800\n", cases[i].sip);

        start(&rig);
        rig_sip_say(&rig, 0, cases[i].sip, BOB, "hi");
        g_ptr_array_set_size(rig.actions, 0);
        rig_say(&rig, PHONE, cases[i].jid, "m1", "x");
        rig_expect(&rig, expected);
        rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, cases[i].jid, "s1");
        rig_expect(&rig, watch);
    }
}

static void test_spelling_changes(void)
{
    g_auto(Rig) rig;

    start(&rig);
    rig_sip_say(&rig, 0, "ANNA@voip.example", BOB, "hi");
    rig_sip_say(&rig, 0, "anna@voip.example", BOB, "hi");
    g_ptr_array_set_size(rig.actions, 0);
    rig_say(&rig, PHONE, ANNA, "m1", "x");
    rig_expect(&rig, PAGE_TO_ANNA("1", "x"));
}

/* What is not served is not remembered, nor is what a foreign hop says. */
static void test_spelling_of_strangers(void)
{
    g_auto(Rig) rig;
    StoxEvent *event;

    start(&rig);
    event = rig_sip(&rig, STOX_EVENT_SIP_INVITE, "ALICE@contoso.example", BOB);
    g_free(event->hop);
    event->hop = g_strdup("proxy");
    event->session = 1;
    rig_event(&rig, event);
    rig_expect(&rig, "answer 1 403 diagnostic=61003\n");
    rig_say(&rig, PHONE, ALICE, "m1", "x");
    rig_expect(&rig, "open 2 pool01 sip:bob@partner.example > sip:alice@contoso.example\n");
}

/* A-16: the XMPP server shows him as strasse; what is written there goes to who wrote, and to nobody else's contact of that name. */
static void test_folded(void)
{
    g_auto(Rig) rig;

    start(&rig);
    rig_sip_say(&rig, 0, "stra%C3%9Fe@voip.example", BOB, "hi");
    g_ptr_array_set_size(rig.actions, 0);
    rig_say(&rig, PHONE, "strasse@voip.example", "m1", "x");
    rig_expect(&rig, "send 1 proxy sip:bob@partner.example;gr=phone > "
                     "sip:stra%C3%9Fe@voip.example: x\n");
    rig_say(&rig, "bill@partner.example/pc", "strasse@voip.example", "m2", "x");
    rig_expect(&rig, "send 2 proxy sip:bill@partner.example;gr=pc > sip:strasse@voip.example: x\n");
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    rig_expect(&rig, "outcome x2s delivered " PHONE " > strasse@voip.example id=m1\n");
    rig_sip_say(&rig, 0, "strasse@voip.example", BOB, "hi");
    g_ptr_array_set_size(rig.actions, 0);
    rig_say(&rig, PHONE, "strasse@voip.example", "m3", "x");
    rig_expect(&rig, "send 3 proxy sip:bob@partner.example;gr=phone > "
                     "sip:strasse@voip.example: x\n");
}

/* The memory is bounded: who was seen first is written as mapped again. */
static void test_bounded(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig.config.max_spellings = 2;
    rig_start(&rig);
    rig_sip_say(&rig, 0, "A@voip.example", BOB, "hi");
    rig_sip_say(&rig, 0, "B@voip.example", BOB, "hi");
    rig_sip_say(&rig, 0, "C@voip.example", BOB, "hi");
    g_ptr_array_set_size(rig.actions, 0);
    rig_say(&rig, PHONE, "a@voip.example", "m1", "x");
    rig_say(&rig, PHONE, "b@voip.example", "m2", "x");
    rig_expect(&rig, "send 1 proxy sip:bob@partner.example;gr=phone > sip:a@voip.example: x\n"
                     "send 2 proxy sip:bob@partner.example;gr=phone > sip:B@voip.example: x\n");
}

/* A-29: values of gr are told apart as resources are. */
static void test_gr_case(void)
{
    g_auto(Rig) rig;

    start(&rig);
    rig_sip_say(&rig, 0, "anna@voip.example;gr=Home", BOB, "hi");
    g_ptr_array_set_size(rig.actions, 0);
    rig_say(&rig, PHONE, ANNA "/home", "m1", "x");
    rig_expect(&rig, PAGE_TO_ANNA("1", "x"));
    rig_result(&rig, 1, STOX_SIP_ANSWERED, 200);
    g_ptr_array_set_size(rig.actions, 0);
    rig_say(&rig, PHONE, ANNA "/Home", "m2", "x");
    rig_expect(
        &rig, "send 2 proxy sip:bob@partner.example;gr=phone > sip:anna@voip.example;gr=Home: x\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gateway/proxied/session-to-sip/A-60", test_session_to_sip);
    g_test_add_func("/gateway/proxied/page-to-sip/A-60", test_page_to_sip);
    g_test_add_func("/gateway/proxied/refused/A-61", test_refused);
    g_test_add_func("/gateway/proxied/other-forms/A-62", test_other_forms);
    g_test_add_func("/gateway/proxied/from-sip/A-60", test_from_sip);
    g_test_add_func("/gateway/proxied/from-sip-refused/P-187", test_from_sip_refused);
    g_test_add_func("/gateway/proxied/from-xmpp-forged", test_from_xmpp_forged);
    g_test_add_func("/gateway/proxied/session-from-sip", test_session_from_sip);
    g_test_add_func("/gateway/proxied/watching", test_watching);
    g_test_add_func("/gateway/proxied/watched", test_watched);
    g_test_add_func("/gateway/proxied/redirect/D-06", test_redirect);
    g_test_add_func("/gateway/spelling/A-17-A-18", test_spelling);
    g_test_add_func("/gateway/spelling/changes", test_spelling_changes);
    g_test_add_func("/gateway/spelling/strangers", test_spelling_of_strangers);
    g_test_add_func("/gateway/spelling/folded/A-16", test_folded);
    g_test_add_func("/gateway/spelling/bounded", test_bounded);
    g_test_add_func("/gateway/gr-case/A-29", test_gr_case);
    return g_test_run();
}
