/* SPDX-License-Identifier: MIT */
/* PIDF as it is read (rows P-131 to P-153, Q-19; V-22, V-26; lync.md 4.8 d, 7.3). */
#include "document-lines.h"

#include <string.h>

#define ABOUT "sip:bob@partner.example"
#define ALICE "sip:alice@contoso.example"
#define NOW   INT64_C(1767261600000) /* 2026-01-01T10:00:00Z */

#define HEAD                                                                                       \
    "<presence xmlns='urn:ietf:params:xml:ns:pidf' "                                               \
    "xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model' "                                           \
    "xmlns:r='urn:ietf:params:xml:ns:pidf:rpid' "                                                  \
    "xmlns:ep='urn:ietf:params:xml:ns:pidf:status:rpid-status' entity='sip:bob@partner.example'>"
#define TAIL       "</presence>"
#define OPEN       "<status><basic>open</basic></status>"
#define ONE(inner) HEAD "<tuple id='t'>" inner "</tuple>" TAIL
#define WITH_PERSON(inner)                                                                         \
    HEAD "<tuple id='t'>" OPEN "</tuple><dm:person>" inner "</dm:person>" TAIL

typedef struct {
    const char *name, *document, *expected;
    const char *about; /* NULL: bob */
} ReadCase;

static const ReadCase reads[] = {
    {"P-131-open", ONE(OPEN), "[t] open\n"},
    {"P-132-closed", ONE("<status><basic>closed</basic></status>"), "[t] closed\n"},
    {"P-133-prefix", HEAD "<tuple id='ID-dr4hcr0st3lup4c'>" OPEN "</tuple>" TAIL,
     "[dr4hcr0st3lup4c] open\n"},
    {"P-133-no-id", HEAD "<tuple>" OPEN "</tuple>" TAIL, "[] open\n"},
    {"P-135-priority", ONE(OPEN "<contact priority='0.102'>sip:bob@partner.example</contact>"),
     "[t] open 13\n"},
    {"P-136-note", ONE(OPEN "<note xml:lang='de'> Mittag </note>"), "[t] open 'Mittag'@de\n"},
    {"P-136-first-note-with-text", ONE(OPEN "<note/><note>a</note><note>b</note>"),
     "[t] open 'a'\n"},
    {"P-136-several-languages",
     ONE(OPEN "<note xml:lang='de'>Tee</note><note xml:lang='en'>Tea</note>"
              "<note xml:lang='de'>Kaffee</note><note>Th</note>"),
     "[t] open 'Tee'@de 'Tea'@en 'Th'\n"},
    {"P-137-several-of-one-holder",
     HEAD "<tuple id='t'>" OPEN "</tuple><note xml:lang='fr'>d</note><dm:person>"
          "<dm:note xml:lang='de'>p</dm:note><dm:note xml:lang='en'>q</dm:note></dm:person>" TAIL,
     "[t] open 'p'@de 'q'@en\n"},
    {"P-137-document-note", HEAD "<tuple id='t'>" OPEN "</tuple><note>d</note>" TAIL,
     "[t] open 'd'\n"},
    {"P-137-person-before-document",
     HEAD "<tuple id='t'>" OPEN "</tuple><note>d</note>"
          "<dm:person><dm:note>p</dm:note></dm:person>" TAIL,
     "[t] open 'p'\n"},
    {"P-137-tuple-before-person",
     HEAD "<tuple id='t'>" OPEN "<note>t</note></tuple>"
          "<dm:person><dm:note>p</dm:note></dm:person>" TAIL,
     "[t] open 't'\n"},
    {"P-139-inherited",
     "<presence xmlns='urn:ietf:params:xml:ns:pidf' xml:lang='fr'><tuple id='t'>" OPEN
     "<note>the</note></tuple></presence>",
     "[t] open 'the'@fr\n"},
    {"P-139-own-before-inherited",
     "<presence xmlns='urn:ietf:params:xml:ns:pidf' xml:lang='fr'><tuple id='t'>" OPEN
     "<note xml:lang='de'>Tee</note></tuple></presence>",
     "[t] open 'Tee'@de\n"},
    {"P-138-V-22-show",
     ONE("<status><basic>open</basic><show xmlns='jabber:client'>away</show></status>"),
     "[t] open away\n"},
    {"P-138-illegal-show",
     ONE("<status><basic>open</basic><show xmlns='jabber:client'>busy</show></status>"),
     "[t] open\n"},
    {"P-138-show-before-activities",
     ONE("<status><basic>open</basic><show xmlns='jabber:client'>xa</show></status>"
         "<r:activities><r:busy/></r:activities>"),
     "[t] open xa <busy>\n"},
    {"P-138-other-tuple-has-show",
     HEAD "<tuple id='a'><status><basic>open</basic><show xmlns='jabber:client'>dnd</show>"
          "</status></tuple><tuple id='b'>" OPEN "</tuple>"
          "<dm:person><r:activities><r:busy/></r:activities></dm:person>" TAIL,
     "[a] open dnd\n[b] open\n"},
    {"P-140-several",
     HEAD "<tuple id='a'>" OPEN "</tuple><tuple id='b'><status><basic>closed</basic></status>"
          "</tuple>" TAIL,
     "[a] open\n[b] closed\n"},
    {"same-id-open-counts",
     HEAD "<tuple id='a'><status><basic>closed</basic></status></tuple><tuple id='a'>" OPEN
          "</tuple><tuple id='a'><status><basic>closed</basic></status></tuple>" TAIL,
     "[a] open\n"},
    {"P-142-no-tuples", HEAD TAIL, ""},
    {"P-142-notes-only", HEAD "<note>n</note>" TAIL, "(notes only)\n"},
    {"P-142-person-note-only", HEAD "<dm:person><dm:note>n</dm:note></dm:person>" TAIL,
     "(notes only)\n"},
    {"P-142-person-only",
     HEAD "<dm:person><r:activities><r:busy/></r:activities><dm:note>n</dm:note>"
          "<r:user-input last-input='2026-01-01T09:00:00Z'>idle</r:user-input></dm:person>" TAIL,
     "[] open dnd 'n' <busy> idle=1767258000000\n"},
    {"P-142-person-gone",
     HEAD "<dm:person><r:activities><r:permanent-absence/></r:activities></dm:person>" TAIL,
     "[] closed <permanent-absence>\n"},
    {"P-143-no-basic-no-status", ONE(""), ""},
    {"P-143-no-basic-activity", ONE("<r:activities><r:away/></r:activities>"),
     "[t] open away (Away) <away>\n"},
    {"P-143-telephone", ONE(OPEN "<contact>tel:+15550100</contact>"), ""},
    {"P-143-mail", ONE(OPEN "<contact> MAILTO:bob@partner.example</contact>"), ""},
    {"P-143-permanent-absence-without-basic",
     ONE("<r:activities><r:permanent-absence/></r:activities>"),
     "[t] closed <permanent-absence>\n"},
    {"P-143-relationship-assistant", ONE(OPEN "<r:relationship><r:assistant/></r:relationship>"),
     ""},
    {"P-143-relationship-self", ONE(OPEN "<r:relationship><r:self/></r:relationship>"),
     "[t] open\n"},
    {"P-143-service-class-courier", ONE(OPEN "<r:service-class><r:courier/></r:service-class>"),
     ""},
    {"P-143-service-class-electronic",
     ONE(OPEN "<r:service-class><r:electronic/></r:service-class>"), "[t] open\n"},
    {"P-143-no-messages",
     ONE(OPEN "<c:servcaps xmlns:c='urn:ietf:params:xml:ns:pidf:caps'>"
              "<c:message>false</c:message></c:servcaps>"),
     ""},
    {"P-143-messages",
     ONE(OPEN "<c:servcaps xmlns:c='urn:ietf:params:xml:ns:pidf:caps'>"
              "<c:message>true</c:message></c:servcaps>"),
     "[t] open\n"},
    {"P-144-V-26-closed-has-no-show",
     ONE("<status><basic>closed</basic><show xmlns='jabber:client'>away</show></status>"
         "<contact priority='1'>sip:bob@partner.example</contact><note>n</note>"),
     "[t] closed 'n'\n"},
    {"P-145-must-understand",
     ONE("<status><basic>open</basic><x xmlns='u:x' xmlns:p='urn:ietf:params:xml:ns:pidf' "
         "p:mustUnderstand='1'/></status><y xmlns='u:y'><basic>closed</basic></y>"),
     "[t] open\n"},
    {"P-145-must-understand-true",
     ONE("<status><basic>open</basic><x xmlns='u:x' xmlns:p='urn:ietf:params:xml:ns:pidf' "
         "p:mustUnderstand='true'><basic>closed</basic></x></status>"),
     "[t] open\n"},
    {"P-145-rpid-that-shows-nothing",
     ONE(OPEN "<r:mood><r:happy/></r:mood><r:place-type><r:other>x</r:other></r:place-type>"
              "<r:place-is/><r:privacy/><r:sphere>work</r:sphere><r:class>c</r:class>"
              "<r:status-icon>http://x.example/</r:status-icon><r:time-offset>60</r:time-offset>"),
     "[t] open\n"},
    {"P-146-contact-and-timestamp-are-not-passed",
     ONE(OPEN "<contact>im:bob@partner.example</contact>"
              "<timestamp>2026-01-01T09:00:00Z</timestamp>"),
     "[t] open\n"},
    {"4481-timed-status-now",
     ONE(OPEN "<ts:timed-status xmlns:ts='urn:ietf:params:xml:ns:pidf:timed-status' "
              "from='2026-01-01T09:00:00Z' until='2026-01-01T11:00:00Z'>"
              "<ts:basic>closed</ts:basic></ts:timed-status>"),
     "[t] closed\n"},
    {"4481-timed-status-later",
     ONE(OPEN "<ts:timed-status xmlns:ts='urn:ietf:params:xml:ns:pidf:timed-status' "
              "from='2026-01-01T11:00:00Z'><ts:basic>closed</ts:basic></ts:timed-status>"),
     "[t] open\n"},
    {"4481-timed-status-over",
     ONE(OPEN "<ts:timed-status xmlns:ts='urn:ietf:params:xml:ns:pidf:timed-status' "
              "from='2026-01-01T08:00:00Z' until='2026-01-01T09:00:00Z'>"
              "<ts:basic>closed</ts:basic></ts:timed-status>"),
     "[t] open\n"},
    {"4482-display-name-in-person",
     HEAD "<tuple id='t'>" OPEN "</tuple><dm:person>"
          "<c:display-name xmlns:c='urn:ietf:params:xml:ns:pidf:cipid'> Bob </c:display-name>"
          "<c:icon xmlns:c='urn:ietf:params:xml:ns:pidf:cipid'>http://x.example/</c:icon>"
          "</dm:person>" TAIL,
     "[t] open\nname 'Bob'\n"},
    {"4482-display-name-in-tuple",
     ONE(OPEN "<c:display-name xmlns:c='urn:ietf:params:xml:ns:pidf:cipid'>Bob</c:display-name>"),
     "[t] open\nname 'Bob'\n"},
    {"P-150a", WITH_PERSON("<r:activities><r:permanent-absence/></r:activities>"),
     "[t] closed <permanent-absence>\n"},
    {"P-150b", WITH_PERSON("<r:activities><r:on-the-phone/></r:activities>"),
     "[t] open dnd (On the phone) <on-the-phone>\n"},
    {"P-150c", WITH_PERSON("<r:activities><r:meeting/></r:activities>"),
     "[t] open dnd (Meeting) <meeting>\n"},
    {"P-150d", WITH_PERSON("<r:activities><r:vacation/></r:activities>"),
     "[t] open xa (Vacation) <vacation>\n"},
    {"P-150e-note-wins",
     WITH_PERSON("<r:activities><r:lunch/></r:activities><dm:note>Pasta</dm:note>"),
     "[t] open away 'Pasta' <lunch>\n"},
    {"P-150f-other", WITH_PERSON("<r:activities><r:other>Gardening</r:other></r:activities>"),
     "[t] open 'Gardening' <other>\n"},
    {"P-150-first-in-table-wins",
     WITH_PERSON("<r:activities><r:away/><r:juggling/><r:meeting/><r:vacation/></r:activities>"),
     "[t] open dnd (Meeting) <meeting>\n"},
    {"P-150-unknown-only", WITH_PERSON("<r:activities><r:juggling/></r:activities>"), "[t] open\n"},
    /* lync.md 4.8d-rpid: under status, person or tuple */
    {"P-150-in-tuple-before-person",
     HEAD "<tuple id='t'>" OPEN "<r:activities><r:away/></r:activities></tuple>"
          "<dm:person><r:activities><r:busy/></r:activities></dm:person>" TAIL,
     "[t] open away (Away) <away>\n"},
    {"P-150-other-says-when-it-is-over",
     WITH_PERSON("<r:activities until='2026-01-01T09:59:00Z'><r:busy/></r:activities>"),
     "[t] open\n"},
    {"P-150-not-yet",
     WITH_PERSON("<r:activities from='2026-01-01T10:01:00Z'><r:other>x</r:other></r:activities>"),
     "[t] open\n"},
    {"P-150-now",
     WITH_PERSON("<r:activities from='2026-01-01T09:00:00Z' until='2026-01-01T11:00:00Z'>"
                 "<r:busy/></r:activities>"),
     "[t] open dnd (Busy) <busy>\n"},
    {"P-150-device",
     HEAD "<tuple id='t'>" OPEN "<dm:deviceID>urn:x:1</dm:deviceID></tuple>"
          "<dm:device id='a'><r:user-input>active</r:user-input><dm:deviceID>urn:x:0</dm:deviceID>"
          "</dm:device><dm:device id='b'><r:activities><r:on-the-phone/></r:activities>"
          "<r:user-input last-input='2026-01-01T09:00:00Z'>idle</r:user-input>"
          "<dm:deviceID>urn:x:1</dm:deviceID></dm:device>"
          "<dm:person><r:activities><r:away/></r:activities></dm:person>" TAIL,
     "[t] open dnd (On the phone) <on-the-phone> idle=1767258000000\n"},
    {"P-150-draft-namespace",
     "<presence xmlns='urn:ietf:params:xml:ns:pidf' "
     "xmlns:d='urn:ietf:params:xml:ns:pidf:status:rpid'>"
     "<tuple id='t'><status><basic>open</basic><d:activities><d:activity>away</d:activity>"
     "</d:activities></status></tuple></presence>",
     "[t] open away (Away) <away>\n"},
    {"P-150-in-status",
     ONE("<status><basic>open</basic><r:activities><r:busy/></r:activities></status>"),
     "[t] open dnd (Busy) <busy>\n"},
    {"P-152-idle", ONE(OPEN "<r:user-input last-input='2026-01-01T10:00:00Z'>idle</r:user-input>"),
     "[t] open away idle=1767261600000\n"},
    {"P-152-idle-other-zone",
     WITH_PERSON("<r:user-input last-input='2026-01-01T12:00:00+02:00'>idle</r:user-input>"),
     "[t] open away idle=1767261600000\n"},
    {"P-152-idle-keeps-busy",
     WITH_PERSON("<r:activities><r:busy/></r:activities><r:user-input>idle</r:user-input>"),
     "[t] open dnd (Busy) <busy>\n"},
    {"P-152-tuple-before-person",
     HEAD "<tuple id='t'>" OPEN "<r:user-input>active</r:user-input></tuple>"
          "<dm:person><r:user-input>idle</r:user-input></dm:person>" TAIL,
     "[t] open\n"},
    {"P-152-active", ONE(OPEN "<r:user-input>active</r:user-input>"), "[t] open\n"},
    {"P-152-nonsense-time", ONE(OPEN "<r:user-input last-input='soon'>idle</r:user-input>"),
     "[t] open away\n"},
    {"P-153-first-person",
     HEAD "<tuple id='t'>" OPEN "</tuple>"
          "<dm:person><r:activities><r:away/></r:activities></dm:person>"
          "<dm:person><r:activities><r:busy/></r:activities></dm:person>" TAIL,
     "[t] open away (Away) <away>\n"},
    {"P-153-basic-speaks-for-type",
     HEAD "<tuple id='t'><status><basic>closed</basic></status></tuple>"
          "<dm:person><r:activities><r:busy/></r:activities></dm:person>" TAIL,
     "[t] closed\n"},
    {"Q-19-trailing-colon",
     "<presence xmlns='urn:ietf:params:xml:ns:pidf:'><tuple id='t'>" OPEN "</tuple></presence>",
     "[t] open\n"},
    {"lync-4.8d-busy",
     ONE("<status><basic>open</basic><ep:activities><ep:activity>busy</ep:activity>"
         "</ep:activities></status>"),
     "[t] open dnd (Busy) <busy>\n"},
    {"lync-4.8d-available",
     ONE("<status><basic>open</basic><ep:activities><ep:activity> available </ep:activity>"
         "</ep:activities></status>"),
     "[t] open <available>\n"},
    {"lync-4.8d-offline",
     ONE("<status><basic>closed</basic><ep:activities><ep:activity>offline</ep:activity>"
         "</ep:activities></status>"),
     "[t] closed\n"},
    {"lync-4.8d-empty-activity",
     ONE("<status><basic>open</basic><ep:activities><ep:activity/></ep:activities></status>"),
     "[t] open\n"},
    /* lync.md 4.8a-one-tuple, lync.md 4.8d-display-name */
    {"lync-7.3",
     "<presence entity=\"sip:alice@contoso.example\" xmlns=\"urn:ietf:params:xml:ns:pidf\" "
     "xmlns:ep=\"urn:ietf:params:xml:ns:pidf:status:rpid-status\" "
     "xmlns:ci=\"urn:ietf:params:xml:ns:pidf:cipid\"><tuple id=\"0\"><status><basic>open</basic>"
     "<ep:activities><ep:activity>be-right-back</ep:activity></ep:activities></status></tuple>"
     "<ci:display-name>Alice</ci:display-name></presence>",
     "[0] open away (Be right back) <be-right-back>\nname 'Alice'\n", ALICE},
    /* What baresip publishes and Kamailio notifies. */
    {"baresip-open",
     "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
     "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"\n"
     "    xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\"\n"
     "    xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\"\n"
     "    entity=\"sip:alice@contoso.example\">\n"
     "  <dm:person id=\"p4159\"><rpid:activities/></dm:person>\n"
     "  <tuple id=\"t4109\">\n    <status>\n      <basic>open</basic>\n    </status>\n"
     "    <contact>sip:alice@contoso.example</contact>\n  </tuple>\n</presence>\n",
     "[t4109] open\n", ALICE},
    {"baresip-unknown",
     "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
     "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"\n"
     "    xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\"\n"
     "    xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\"\n"
     "    entity=\"sip:alice@contoso.example\">\n"
     "  <dm:person id=\"p4159\"><rpid:activities/></dm:person>\n"
     "  <tuple id=\"t4109\">\n    <status>\n      <basic>unknown</basic>\n    </status>\n"
     "    <contact>sip:alice@contoso.example</contact>\n  </tuple>\n</presence>\n",
     "[t4109] closed\n", ALICE},
};

static void test_read(const void *data)
{
    const ReadCase *c = data;
    g_autofree char *lines =
        document_read(NULL, STOX_PIDF_TYPE, c->about ? c->about : ABOUT, c->document, NOW);

    g_assert_cmpstr(lines, ==, c->expected);
}

/* lync.md 4.8d-pidf-words, as Microsoft's peers write them. */
static void test_microsoft_words(void)
{
    static const char *const rows[][2] = {
        {"available", "[0] open <available>\n"},
        {"away", "[0] open away (Away) <away>\n"},
        {"busy", "[0] open dnd (Busy) <busy>\n"},
        {"idle", "[0] open away (Inactive) <idle>\n"},
        {"on-the-phone", "[0] open dnd (On the phone) <on-the-phone>\n"},
        {"do-not-disturb", "[0] open dnd (Do not disturb) <do-not-disturb>\n"},
        {"be-right-back", "[0] open away (Be right back) <be-right-back>\n"},
        {"out-to-lunch", "[0] open away (Out to lunch) <out-to-lunch>\n"},
        {"offline", "[0] closed <offline>\n"},
        {"in-a-meeting", "[0] open dnd (In a meeting) <in-a-meeting>\n"},
        {"off-work", "[0] open xa (Off work) <off-work>\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf(
            HEAD "<tuple id='0'><status><basic>open</basic><ep:activities>"
                 "<ep:activity>%s</ep:activity></ep:activities></status></tuple>" TAIL,
            rows[i][0]);
        g_autofree char *lines = document_read(NULL, STOX_PIDF_TYPE, ABOUT, text, NOW);

        g_assert_cmpstr(lines, ==, rows[i][1]);
    }
}

/* P-139: Content-Language is for notes that do not say theirs; <presence/> or a part may. */
static void test_content_language(void)
{
    static const char document[] =
        HEAD "<tuple id='a'>" OPEN "<note>Tee</note></tuple><tuple id='b'>" OPEN
             "<note xml:lang='en'>Tea</note></tuple>" TAIL;
    g_autoptr(GBytes) bytes = g_bytes_new_static(document, strlen(document));
    StoxPresenceReading how = {.lang = "de"};
    g_auto(StoxPresenceReport) report = {0};
    g_autoptr(StoxCategories) state = NULL;
    g_autofree char *lines = NULL;
    unsigned status;

    g_assert_true(
        stox_presence_document_read(&state, STOX_PIDF_TYPE, bytes, &how, &report, &status));
    lines = document_lines(&report.all);
    g_assert_cmpstr(lines, ==, "[a] open 'Tee'@de\n[b] open 'Tea'@en\n");
    g_assert_null(state); /* whole documents cost nothing */
}

static void test_read_bounded(void)
{
    GString *text = g_string_new(HEAD);
    g_autofree char *note = g_strnfill(10000, 'n'), *lines = NULL;

    for (unsigned i = 0; i < 500; i++)
        g_string_append_printf(text, "<tuple id='t%u'>" OPEN "</tuple>", i);
    g_string_append_printf(text, "<note>\xC3\xA4%s</note>" TAIL, note);
    lines = document_read(NULL, STOX_PIDF_TYPE, ABOUT, text->str, NOW);
    g_assert_nonnull(strstr(lines, "[t63] open"));
    g_assert_null(strstr(lines, "[t64]"));
    note[4096 - strlen("\xC3\xA4")] = '\0';
    g_string_printf(text, "[t0] open '\xC3\xA4%s'\n[t1]", note);
    g_assert_true(g_str_has_prefix(lines, text->str));
    g_string_free(text, TRUE);
}

/* A person with more activities than anybody has does not cost each tuple all of them. */
static void test_many_activities(void)
{
    GString *text = g_string_new(HEAD "<tuple id='t'>" OPEN "</tuple><dm:person><r:activities>");
    g_autofree char *lines = NULL;

    for (unsigned i = 0; i < 5000; i++)
        g_string_append(text, "<r:working/>");
    g_string_append(text, "<r:busy/></r:activities></dm:person>" TAIL);
    lines = document_read(NULL, STOX_PIDF_TYPE, ABOUT, text->str, NOW);
    g_assert_cmpstr(lines, ==, "[t] open <working>\n");
    g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(reads); i++) {
        g_autofree char *full = g_strdup_printf("/pidf/read/%s", reads[i].name);

        g_test_add_data_func(full, &reads[i], test_read);
    }
    g_test_add_func("/pidf/read/lync-4.8d-words", test_microsoft_words);
    g_test_add_func("/pidf/read/P-139-content-language", test_content_language);
    g_test_add_func("/pidf/read/bounded-activities", test_many_activities);
    g_test_add_func("/pidf/read/bounded", test_read_bounded);
    return g_test_run();
}
