/* SPDX-License-Identifier: MIT */
/* What XMPP users see of SIP users whose front end sends categories, and which of them see what (P-139, P-152; lync.md 1.2, 3.3, 4.8, 7.4). */
#include "gateway-rig.h"

#include "translation/notes.h"

#include <string.h>

#define SUB(n, rest)                                                                               \
    "subscribe " n " pool01 sip:bob@partner.example > sip:alice@contoso.example 28800" rest "\n"

static void init_categories(Rig *rig)
{
    StoxHopPolicy *hop;

    rig_init(rig);
    hop = stox_policy_add_hop(rig->policy, "pool01", STOX_DIALECT_LYNC);
    hop->presence_format = STOX_PRESENCE_FORMAT_CATEGORIES;
    rig_start(rig);
}

#define NS           "http://schemas.microsoft.com/2006/09/sip/"
#define DOCUMENT(in) "<categories xmlns='" NS "categories' uri='sip:" ALICE "'>" in "</categories>"
#define STATE(number, attrs, rest)                                                                 \
    "<category name='state' instance='1' publishTime='2025-06-15T15:00:00.000'><state xmlns='" NS  \
    "state' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='aggregateState'" attrs \
    "><availability>" number "</availability>" rest "</state></category>"
#define NOTE(type, text)                                                                           \
    "<category name='note' instance='0' publishTime='2025-06-15T15:00:00.000'><note xmlns='" NS    \
    "note'><body type='" type "'>" text "</body></note></category>"
#define CALL "<activity token='on-the-phone' minAvailability='6500' maxAvailability='8999'/>"
#define CUSTOM                                                                                     \
    "<activity minAvailability='6500' maxAvailability='8999'><custom LCID='1033'>Secret "          \
    "project</custom></activity>"
#define SEES(rest) "presence available " ALICE "/lync > " BOB rest "\n"

/* `request` 0: the body came in the 200 to SUBSCRIBE. */
static void notify(Rig *rig, uint64_t subscription, uint64_t request, const char *type,
                   const char *body)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_NOTIFY);

    event->subscription = subscription;
    event->request = request;
    event->state = STOX_SUBSTATE_ACTIVE;
    event->content_type = g_strdup(type);
    event->body = g_bytes_new(body, strlen(body));
    rig_event(rig, event);
}

static void categories(Rig *rig, const char *document)
{
    notify(rig, 2, 0, "application/msrtc-event-categories+xml", document);
}

/* lync.md 3.3, 4.8 b, d, 7.4: piggybacked first document, partial ones, older ones. */
static void test_watching(void)
{
    g_auto(Rig) rig;

    init_categories(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    rig_expect(&rig, SUB("2", " categories"));
    categories(&rig, DOCUMENT(STATE("6500", "", CALL) NOTE("personal", "Tea")));
    /* lync.md 4.8b-piggyback: there was no NOTIFY */
    rig_expect(&rig, "presence subscribed " ALICE " > " BOB "\n" SEES(" show=dnd status=Tea"));
    categories(&rig, DOCUMENT(NOTE("personal", ""))); /* nothing is said of the state */
    rig_expect(&rig, SEES(" show=dnd status=In a call"));
    categories(&rig, DOCUMENT(STATE("5000", " lastActive='2025-06-15T15:03:00Z'", "")));
    rig_expect(&rig, SEES(" show=away status=Inactive idle=1749999780000"));
    categories(&rig, DOCUMENT(STATE("5000", " lastActive='2025-06-15T15:03:00Z'", "")));
    rig_expect(&rig, "");
    categories(&rig, DOCUMENT(STATE("18500", "", "")));
    rig_expect(&rig, "presence unavailable " ALICE "/lync > " BOB "\n");
    notify(&rig, 2, 7, "text/plain", "x");
    notify(&rig, 2, 8, "application/msrtc-event-categories+xml", "<categories");
    rig_expect(&rig, "answer 7 415 diagnostic=61007 accept\nanswer 8 400 diagnostic=61024\n");
}

typedef struct {
    const char *name, *document;
    const char *federated, *public; /* what each partner sees */
} PartnerCase;

/* lync.md 1.2: public partners see the state; notes, out-of-office notes, own words and details are for federated ones. */
static const PartnerCase partners[] = {
    {"note", DOCUMENT(STATE("3500", "", "") NOTE("personal", "Tea")), " status=Tea", ""},
    {"oof", DOCUMENT(STATE("15500", "", "") NOTE("OOF", "Back in May")),
     " show=away status=Back in May", " show=away status=Away"},
    {"custom", DOCUMENT(STATE("6500", "", CUSTOM)), " show=dnd status=Secret project",
     " show=dnd status=Busy"},
    {"call", DOCUMENT(STATE("6500", "", CALL)), " show=dnd status=In a call",
     " show=dnd status=Busy"},
    {"idle", DOCUMENT(STATE("5000", " lastActive='2025-06-15T15:03:00Z'", "")),
     " show=away status=Inactive idle=1749999780000", " show=away status=Inactive"},
};

static void test_partner(const void *data)
{
    const PartnerCase *c = data;

    for (StoxPartnerType type = STOX_PARTNER_FEDERATED; type <= STOX_PARTNER_PUBLIC_UNVERIFIED;
         type++) {
        g_auto(Rig) rig;
        g_autofree char *expected =
            g_strdup_printf(SUB("2", "") "presence subscribed " ALICE " > " BOB "\n" SEES("%s"),
                            type == STOX_PARTNER_FEDERATED ? c->federated : c->public);

        rig_init(&rig);
        stox_policy_add_partner(rig.policy, "partner.example")->type = type;
        rig_start(&rig);
        rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
        categories(&rig, c->document);
        rig_expect(&rig, expected);
        /* That a note has changed is nothing that they see, either. */
        categories(&rig, DOCUMENT(NOTE("personal", "Cake")));
        if (type != STOX_PARTNER_FEDERATED)
            rig_expect(&rig, "");
        else
            g_ptr_array_set_size(rig.actions, 0);
    }
}

/* lync.md 1.2: a state that looks the same to them is not shown again. */
static void test_partner_activity(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    stox_policy_add_partner(rig.policy, "partner.example")->type = STOX_PARTNER_PUBLIC_VERIFIED;
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    categories(&rig, DOCUMENT(STATE("6500", "", CALL)));
    g_ptr_array_set_size(rig.actions, 0);
    categories(&rig, DOCUMENT(STATE("6500", "", "<activity token='in-a-meeting'/>")));
    rig_expect(&rig, "");
    categories(&rig, DOCUMENT(STATE("9500", "", "")));
    rig_expect(&rig, SEES(" show=dnd status=Do not disturb"));
}

/* lync.md 1.2: the last words of one who leaves, too. */
static void test_partner_closed(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    stox_policy_add_partner(rig.policy, "partner.example")->type = STOX_PARTNER_PUBLIC_VERIFIED;
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    categories(&rig, DOCUMENT(STATE("18500", "", "") NOTE("personal", "Gone fishing")));
    rig_expect(&rig, SUB("2", "") "presence subscribed " ALICE " > " BOB
                                  "\npresence unavailable " ALICE "/lync > " BOB "\n");
}

/* Words for states that need some come in the partner's language; Busy is shown as the hop says. */
static void test_words(void)
{
    g_auto(Rig) rig;
    StoxHopPolicy *hop;
    const StoxAction *action;

    rig_init(&rig);
    hop = stox_policy_add_hop(rig.policy, "pool01", STOX_DIALECT_LYNC);
    hop->busy_as = STOX_SHOW_AWAY;
    stox_policy_add_partner(rig.policy, "partner.example")->language = STOX_LANGUAGE_DE;
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    g_ptr_array_set_size(rig.actions, 0);
    categories(&rig, DOCUMENT(STATE("6500", "", "")));
    action = rig.actions->pdata[1];
    g_assert_cmpstr(action->presence->status.list[0].lang, ==, "de");
    g_assert_cmpstr(stox_notes_first(&action->presence->status), ==,
                    "Besch\xC3\xA4"
                    "ftigt");
    g_assert_cmpint(action->presence->show, ==, STOX_SHOW_AWAY);
}

/* The presence that a document of these notes becomes, with that Content-Language. */
static const StoxNotes *notes_of(Rig *rig, const char *content_language, const char *notes)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_NOTIFY);
    g_autofree char *body =
        g_strconcat("<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:" ANNA
                    "'><tuple id='t'><status><basic>open</basic></status>",
                    notes, "</tuple></presence>", NULL);
    const StoxAction *action;

    rig_init(rig);
    rig_start(rig);
    rig_presence(rig, STOX_PRESENCE_SUBSCRIBE, BOB, ANNA, "s1");
    event->subscription = 2;
    event->state = STOX_SUBSTATE_ACTIVE;
    event->content_type = g_strdup("application/pidf+xml");
    event->lang = g_strdup(content_language);
    event->body = g_bytes_new(body, strlen(body));
    rig_event(rig, event);
    action = rig->actions->pdata[rig->actions->len - 1];
    return &action->presence->status;
}

/* P-139: the header's language, where the note says none. */
static void test_content_language(void)
{
    g_auto(Rig) rig;
    const StoxNotes *notes = notes_of(&rig, "fr", "<note>Th\xC3\xA9</note>");

    g_assert_cmpstr(stox_notes_first(notes), ==, "Th\xC3\xA9");
    g_assert_cmpstr(notes->list[0].lang, ==, "fr");
}

/* P-136: all of them; P-139: of several languages in the header the first is the note's that says none. */
static void test_languages(void)
{
    g_auto(Rig) rig;
    const StoxNotes *notes =
        notes_of(&rig, "en, de", "<note>Tea</note><note xml:lang='de'>Tee</note>");

    g_assert_cmpuint(notes->n, ==, 2);
    g_assert_cmpstr(notes->list[0].text, ==, "Tea");
    g_assert_cmpstr(notes->list[0].lang, ==, "en");
    g_assert_cmpstr(notes->list[1].text, ==, "Tee");
    g_assert_cmpstr(notes->list[1].lang, ==, "de");
}

/* P-142: a document with notes and nothing else takes nothing away. */
static void test_notes_only(void)
{
    g_auto(Rig) rig;

    rig_init(&rig);
    rig_start(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ANNA, "s1");
    rig_notify(&rig, 2, STOX_SUBSTATE_ACTIVE, NULL, "sip:" ANNA, "desk", "open");
    g_ptr_array_set_size(rig.actions, 0);
    notify(&rig, 2, 9, "application/pidf+xml",
           "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:" ANNA
           "'><note>Tea</note></presence>");
    rig_expect(&rig, "answer 9 200\n");
    notify(&rig, 2, 10, "application/pidf+xml",
           "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:" ANNA "'/>");
    rig_expect(&rig, "answer 10 200\npresence unavailable " ANNA "/desk > " BOB "\n");
}

#define RLMI(state)                                                                                \
    "<list xmlns='urn:ietf:params:xml:ns:rlmi' uri='sip:" ALICE                                    \
    "' version='0' fullState='false'><resource uri='sip:" ALICE "'><instance id='0' state='" state \
    "'/></resource></list>"

/* lync.md 4.8a-resubscribe, lync.md 4.8a-terminated: a server that does not have him, or not any more; a new dialog, and not again and again. */
static void test_rlmi(const void *data)
{
    const char *body = data;
    g_auto(Rig) rig;

    init_categories(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    categories(&rig, DOCUMENT(STATE("3500", "", "")));
    g_ptr_array_set_size(rig.actions, 0);
    rig_wait(&rig, 60000);
    notify(&rig, 2, 9, "application/rlmi+xml", body);
    rig_expect(&rig, "answer 9 200\nunsubscribe 2\n" SUB("4", " categories"));
    notify(&rig, 4, 10, "application/rlmi+xml", body);
    rig_expect(&rig,
               "answer 10 200\nunsubscribe 4\npresence unavailable " ALICE "/lync > " BOB "\n");
    rig_wait(&rig, 60000);
    rig_expect(&rig, SUB("6", " categories"));
}

/* lync.md 4.8a-pool: where he is said to be is for the administrator, whose hop it is. */
static void test_pool(void)
{
    g_auto(Rig) rig;
    const StoxAction *action;

    init_categories(&rig);
    rig_presence(&rig, STOX_PRESENCE_SUBSCRIBE, BOB, ALICE, "s1");
    categories(&rig, DOCUMENT(STATE("3500", "", "")));
    rig_wait(&rig, 60000);
    notify(&rig, 2, 9, "application/rlmi+xml",
           "<list xmlns='urn:ietf:params:xml:ns:rlmi' uri='sip:" ALICE
           "' version='0' fullState='false'><resource uri='sip:" ALICE
           "'><instance id='0' state='resubscribe' poolFqdn='pool02.contoso.example'/></resource>"
           "</list>");
    action = rig.actions->pdata[rig.actions->len - 1];
    g_assert_cmpint(action->kind, ==, STOX_ACTION_SUBSCRIBE);
    g_assert_nonnull(strstr(action->reason, "this user is at pool02.contoso.example"));
}

int main(int argc, char **argv)
{
    static const char *const lists[][2] = {{"resubscribe", RLMI("resubscribe")},
                                           {"terminated", RLMI("terminated")}};

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gateway/categories/lync-7.4-watching", test_watching);
    for (size_t i = 0; i < G_N_ELEMENTS(partners); i++) {
        g_autofree char *path =
            g_strdup_printf("/gateway/categories/lync-1.2-partner/%s", partners[i].name);

        g_test_add_data_func(path, &partners[i], test_partner);
    }
    g_test_add_func("/gateway/categories/lync-1.2-partner/closed", test_partner_closed);
    g_test_add_func("/gateway/categories/partner-activity", test_partner_activity);
    g_test_add_func("/gateway/categories/words", test_words);
    g_test_add_func("/gateway/categories/P-139-content-language", test_content_language);
    g_test_add_func("/gateway/categories/P-136-P-139-languages", test_languages);
    g_test_add_func("/gateway/categories/P-142-notes-only", test_notes_only);
    g_test_add_func("/gateway/categories/lync-4.8a-pool", test_pool);
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autofree char *path =
            g_strdup_printf("/gateway/categories/lync-4.8a-rlmi/%s", lists[i][0]);

        g_test_add_data_func(path, lists[i][1], test_rlmi);
    }
    return g_test_run();
}
