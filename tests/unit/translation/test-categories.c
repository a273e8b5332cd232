/* SPDX-License-Identifier: MIT */
/* Lync's categories as they are read: what is kept, what is shown (lync.md 3.3, 4.8 d, 7.4). */
#include "document-lines.h"

#include <string.h>

#define ALICE "sip:alice@contoso.example"
#define NOW   INT64_C(1767261600000) /* 2026-01-01T10:00:00Z */
#define DOCUMENT(inner)                                                                            \
    "<categories xmlns='http://schemas.microsoft.com/2006/09/sip/categories' "                     \
    "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' uri='" ALICE "'>" inner "</categories>"
#define CATEGORY(name, instance, time, inner)                                                      \
    "<category name='" name "' instance='" instance "' publishTime='2026-01-01T" time "'>" inner   \
    "</category>"
#define TYPED(type, attributes, number, inner)                                                     \
    "<state xsi:type='" type "' xmlns='http://schemas.microsoft.com/2006/09/sip/state'" attributes \
    "><availability>" number "</availability>" inner "</state>"
#define STATE(instance, time, type, number, inner)                                                 \
    CATEGORY("state", instance, time, TYPED(type, "", number, inner))
#define SUM(number, inner) DOCUMENT(STATE("1", "10:00:00.000", "aggregateState", number, inner))
#define NOTE_BODY(type, text)                                                                      \
    "<note xmlns='http://schemas.microsoft.com/2006/09/sip/note'><body type='" type "'>" text      \
    "</body></note>"
#define NOTE(time, type, text) CATEGORY("note", "0", time, NOTE_BODY(type, text))

typedef struct {
    const char *name, *document, *expected;
} Case;

/* One document each. */
static const Case cases[] = {
    /* lync.md 3.3: every row of Lync -> XMPP */
    {"3.3-available", SUM("3500", ""), "[] open\n"},
    {"3.3-inactive", SUM("5000", ""), "[] open away (Inactive)\n"},
    {"3.3-busy", SUM("6500", ""), "[] open dnd (Busy)\n"},
    {"3.3-in-a-call", SUM("6500", "<activity token='on-the-phone'/>"),
     "[] open dnd (In a call) <on-the-phone>\n"},
    {"3.3-in-a-conference", SUM("6500", "<activity token='in-a-conference'/>"),
     "[] open dnd (In a conference call) <in-a-conference>\n"},
    {"3.3-in-a-meeting", SUM("6500", "<activity token='in-a-meeting'/>"),
     "[] open dnd (In a meeting) <in-a-meeting>\n"},
    {"3.3-busy-inactive", SUM("7500", ""), "[] open away (Busy, inactive)\n"},
    {"3.3-do-not-disturb", SUM("9500", ""), "[] open dnd (Do not disturb)\n"},
    {"3.3-presenting", SUM("9500", "<activity token='in-presentation'/>"),
     "[] open dnd (Presenting) <in-presentation>\n"},
    {"3.3-urgent", SUM("9500", "<activity token='urgent-interruptions-only'/>"),
     "[] open dnd (Urgent interruptions only) <urgent-interruptions-only>\n"},
    {"3.3-urgent-6900", SUM("6900", "<activity token='urgent-interruptions-only'/>"),
     "[] open dnd (Urgent interruptions only) <urgent-interruptions-only>\n"},
    {"3.3-be-right-back", SUM("12500", ""), "[] open away (Be right back)\n"},
    {"3.3-away", SUM("15500", ""), "[] open away (Away)\n"},
    {"3.3-off-work", SUM("15500", "<activity token='off-work'/>"),
     "[] open xa (Off work) <off-work>\n"},
    {"3.3-out-of-office", SUM("15500", "<activity token='out-of-office'/>"),
     "[] open xa (Out of office) <out-of-office>\n"},
    {"3.3-offline", SUM("18500", "<activity token='off-work'/>"), "[] closed\n"},
    {"3.3-none", SUM("0", ""), "[] closed\n"},
    {"3.3-huge", SUM("99999999999999999999", ""), "[] closed\n"},
    {"3.3-no-number", SUM("soon", ""), "[] closed\n"},
    /* availability comes first, then the token */
    {"3.3-available-but-out-of-office", SUM("3500", "<activity token='out-of-office'/>"),
     "[] open (Out of office) <out-of-office>\n"},
    {"3.3-unknown-token", SUM("6500", "<activity token='juggling'/>"), "[] open dnd (Busy)\n"},
    {"3.3-token-range",
     SUM("15500", "<activity token='on-the-phone' minAvailability='6500' maxAvailability='8999'/>"),
     "[] open away (Away)\n"},
    {"3.3-second-activity-holds",
     SUM("6500", "<activity token='off-work' minAvailability='15000'/>"
                 "<activity token='in-a-meeting' minAvailability='6500' maxAvailability='8999'/>"),
     "[] open dnd (In a meeting) <in-a-meeting>\n"},
    /* his own words */
    {"3.3-custom", SUM("6500", "<activity><custom LCID='1033'>Digging</custom></activity>"),
     "[] open dnd 'Digging'@en\n"},
    {"3.3-custom-in-our-language",
     SUM("6500", "<activity><custom LCID='1031'>Graben</custom><custom LCID='2057'>Digging"
                 "</custom></activity>"),
     "[] open dnd 'Digging'@en\n"},
    {"3.3-custom-in-another",
     SUM("6500", "<activity><custom LCID='1031'>Graben</custom></activity>"),
     "[] open dnd 'Graben'@de\n"},
    {"3.3-custom-unknown-language",
     SUM("6500", "<activity><custom LCID='9999'>?</custom></activity>"), "[] open dnd '?'\n"},
    /* lync.md 4.8d-last-active */
    {"idle-since",
     DOCUMENT(CATEGORY("state", "1", "10:00:00",
                       TYPED("aggregateState", " lastActive='2026-01-01T09:00:00'", "5000", ""))),
     "[] open away (Inactive) idle=1767258000000\n"},
    {"active-has-no-idle-time",
     DOCUMENT(CATEGORY("state", "1", "10:00:00",
                       TYPED("aggregateState", " lastActive='2026-01-01T09:00:00'", "3500", ""))),
     "[] open\n"},
    /* notes */
    /* lync.md 4.8d-note */
    {"4.8d-note",
     DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "")
                  NOTE("09:00:00", "personal", " on a boat ")),
     "[] open 'on a boat'\n"},
    {"4.8d-note-before-activity",
     DOCUMENT(STATE("1", "10:00:00", "aggregateState", "6500", "<activity token='on-the-phone'/>")
                  NOTE("09:00:00", "personal", "boat")),
     "[] open dnd 'boat' <on-the-phone>\n"},
    {"3.3-oof-note-is-newer",
     DOCUMENT(STATE("1", "10:00:00", "aggregateState", "15500", "") NOTE(
         "09:00:00", "personal", "p") CATEGORY("note", "2", "09:30:00", NOTE_BODY("OOF", "o"))),
     "[] open away 'o'\n"},
    {"3.3-personal-note-is-newer",
     DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "") NOTE("09:00:00", "personal", "p")
                  CATEGORY("note", "2", "08:30:00", NOTE_BODY("OOF", "o"))),
     "[] open 'p'\n"},
    {"3.3-oof-note-is-over",
     DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "")
                  CATEGORY("note", "0", "09:00:00",
                           "<note><body type='personal'>p</body>"
                           "<body type='OOF' endTime='2026-01-01T09:59:59'>o</body></note>")),
     "[] open 'p'\n"},
    {"3.3-container-100-empty-note",
     DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "")
                  NOTE("09:00:00", "personal", "")),
     "[] open\n"},
    {"offline-note",
     DOCUMENT(STATE("1", "10:00:00", "aggregateState", "18500", "")
                  NOTE("09:00:00", "personal", "boat")),
     "[] closed 'boat'\n"},
    /* other categories */
    /* lync.md 4.8d-card */
    {"4.8d-contactCard",
     DOCUMENT(CATEGORY("contactCard", "0", "09:00:00",
                       "<contactCard xmlns='http://schemas.microsoft.com/2006/09/sip/contactcard'>"
                       "<identity><name><displayName>Alice</displayName></name><email>a@c</email>"
                       "</identity></contactCard>")),
     "[] closed\nname 'Alice'\n"},
    {"services-no-text",
     DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "") CATEGORY(
         "services", "0", "09:00:00",
         "<services xmlns='http://schemas.microsoft.com/2006/09/sip/service'><service uri='" ALICE
         "'><capabilities><text render='false' capture='false'/><voice render='true'/>"
         "</capabilities></service></services>")),
     "[] closed\n"},
    {"services-text",
     DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "")
                  CATEGORY("services", "0", "09:00:00",
                           "<services><service><capabilities><voice/></capabilities></service>"
                           "<service><capabilities><text render='true'/></capabilities></service>"
                           "</services>")),
     "[] open\n"},
    {"services-silent",
     DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "")
                  CATEGORY("services", "0", "09:00:00", "<services><service/></services>")),
     "[] open\n"},
    /* lync.md 4.8d-legacy */
    {"4.8d-legacyInterop",
     DOCUMENT(CATEGORY("legacyInterop", "0", "09:00:00",
                       "<legacyInterop availability='6500' "
                       "token='on-the-phone'/>")),
     "[] open dnd (In a call) <on-the-phone>\n"},
    {"4.8d-legacyInterop-alone", DOCUMENT("<legacyInterop availability='15500'/>"),
     "[] open away (Away)\n"},
    {"4.8d-legacyInterop-behind-state",
     DOCUMENT("<legacyInterop availability='15500'/>" STATE("1", "10:00:00", "aggregateState",
                                                            "3500", "")),
     "[] open\n"},
    {"unknown-category", DOCUMENT(CATEGORY("userProperties", "0", "09:00:00", "<userProperties/>")),
     "[] closed\n"},
    {"nothing", DOCUMENT(""), "[] closed\n"},
    /* which state speaks */
    /* lync.md 4.8d-state */
    {"aggregate-speaks",
     DOCUMENT(STATE("1", "08:00:00", "aggregateState", "6500", "")
                  STATE("2", "10:00:00", "userState", "15500", "")),
     "[] open dnd (Busy)\n"},
    {"aggregate-by-prefix", DOCUMENT(STATE("1", "08:00:00", "s:aggregateState", "6500", "")),
     "[] open dnd (Busy)\n"},
    {"no-type",
     DOCUMENT(
         CATEGORY("state", "1", "08:00:00", "<state><availability>6500</availability></state>")),
     "[] open dnd (Busy)\n"},
    {"unknown-type", DOCUMENT(STATE("1", "08:00:00", "moodState", "6500", "")), "[] closed\n"},
    {"best-machine",
     DOCUMENT(STATE("1", "08:00:00", "machineState", "18500", "")
                  STATE("2", "08:00:00", "machineState", "3500", "")
                      STATE("3", "08:00:00", "deviceState", "5000", "")),
     "[] open\n"},
    {"user-outdoes-machine",
     DOCUMENT(STATE("1", "08:00:00", "machineState", "3500", "")
                  STATE("2", "08:00:00", "userState", "12500", "")),
     "[] open away (Be right back)\n"},
    {"no-machine-left",
     DOCUMENT(STATE("1", "08:00:00", "machineState", "18500", "")
                  STATE("2", "08:00:00", "userState", "3500", "")),
     "[] closed\n"},
    {"phone",
     DOCUMENT(STATE("1", "08:00:00", "machineState", "3500", "")
                  STATE("2", "08:00:00", "phoneState", "6500", "<activity token='on-the-phone'/>")),
     "[] open dnd (In a call) <on-the-phone>\n"},
    {"calendar",
     DOCUMENT(STATE("1", "08:00:00", "machineState", "3500", "") STATE(
         "2", "08:00:00", "calendarState", "6500", "<activity token='in-a-meeting'/>")),
     "[] open dnd (In a meeting) <in-a-meeting>\n"},
    {"calendar-chosen-since",
     DOCUMENT(CATEGORY("state", "1", "09:00:00", TYPED("userState", " manual='true'", "3500", ""))
                  STATE("2", "08:00:00", "calendarState", "6500", "")),
     "[] open\n"},
    {"calendar-free",
     DOCUMENT(STATE("1", "08:00:00", "machineState", "5000", "")
                  STATE("2", "08:00:00", "calendarState", "3500", "")),
     "[] open away (Inactive)\n"},
    /* refused */
    {"P-148-other-root", "<category xmlns='http://schemas.microsoft.com/2006/09/sip/categories'/>",
     "400\n"},
    {"P-148-other-namespace", "<categories/>", "400\n"},
    {"P-147-other",
     "<categories xmlns='http://schemas.microsoft.com/2006/09/sip/categories' "
     "uri='sip:eve@contoso.example'/>",
     "(not him)\n"},
};

static void test_one(const void *data)
{
    const Case *c = data;
    g_autofree char *lines = document_read(NULL, STOX_CATEGORIES_TYPE, ALICE, c->document, NOW);

    g_assert_cmpstr(lines, ==, c->expected);
}

/* ---- Partial sets: several documents of one subscription ---- */

typedef struct {
    const char *name;
    Case steps[6];
} Sequence;

static const Sequence sequences[] = {
    {"4.8d-partial",
     {{"state", SUM("6500", ""), "[] open dnd (Busy)\n"},
      {"note", DOCUMENT(NOTE("10:00:00", "personal", "boat")), "[] open dnd 'boat'\n"},
      {"state-again", SUM("3500", ""), "[] open 'boat'\n"},
      {"nothing", DOCUMENT(""), "[] open 'boat'\n"}}},
    /* lync.md 4.8d-older */
    {"4.8d-older-is-ignored",
     {{"new", DOCUMENT(STATE("1", "10:00:00.500", "aggregateState", "6500", "")),
       "[] open dnd (Busy)\n"},
      {"old", DOCUMENT(STATE("1", "10:00:00.499", "aggregateState", "3500", "")),
       "[] open dnd (Busy)\n"},
      {"same-time", DOCUMENT(STATE("1", "10:00:00.500", "aggregateState", "15500", "")),
       "[] open away (Away)\n"},
      {"no-time",
       DOCUMENT("<category name='state' instance='1'><state>"
                "<availability>3500</availability></state></category>"),
       "[] open\n"}}},
    {"4.8d-old-note-is-ignored",
     {{"new",
       DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "")
                    NOTE("10:00:00", "personal", "new")),
       "[] open 'new'\n"},
      {"old", DOCUMENT(NOTE("09:00:00", "personal", "old")), "[] open 'new'\n"}}},
    /* lync.md 4.8d-note-removed */
    {"4.8d-note-removed-by-empty-category",
     {{"note",
       DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "")
                    NOTE("10:00:00", "personal", "boat")),
       "[] open 'boat'\n"},
      {"gone", DOCUMENT(CATEGORY("note", "0", "10:00:01", "")), "[] open\n"},
      {"stays-gone", DOCUMENT(NOTE("10:00:00", "personal", "boat")), "[] open\n"}}},
    {"4.8d-note-removed-and-no-state-of-that-instance",
     {{"note",
       DOCUMENT(STATE("0", "10:00:00", "aggregateState", "6500", "")
                    NOTE("10:00:00", "personal", "boat")),
       "[] open dnd 'boat'\n"},
      {"gone", DOCUMENT(CATEGORY("note", "0", "10:00:01", "")), "[] open dnd (Busy)\n"}}},
    {"4.8d-note-removed-by-empty-note",
     {{"note",
       DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "")
                    NOTE("10:00:00", "personal", "boat")),
       "[] open 'boat'\n"},
      {"gone", DOCUMENT(CATEGORY("note", "0", "10:00:01", "<note/>")), "[] open\n"}}},
    {"4.8d-note-removed-by-empty-body",
     {{"note",
       DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "")
                    NOTE("10:00:00", "personal", "boat")),
       "[] open 'boat'\n"},
      {"gone", DOCUMENT(NOTE("10:00:01", "personal", "")), "[] open\n"}}},
    {"4.8d-endpoint-goes",
     {{"two",
       DOCUMENT(STATE("7", "10:00:00", "machineState", "3500", "")
                    STATE("8", "10:00:00", "machineState", "5000", "")),
       "[] open\n"},
      {"one-goes",
       DOCUMENT("<category name='state' instance='7' publishTime='2026-01-01T10:00:01' "
                "expireType='endpoint'/>"),
       "[] open away (Inactive)\n"},
      {"both-gone", DOCUMENT(CATEGORY("state", "8", "10:00:01", "")), "[] closed\n"}}},
    {"4.8d-card-stays",
     {{"card",
       DOCUMENT(CATEGORY("contactCard", "0", "09:00:00",
                         "<contactCard><identity><name><displayName>Alice</displayName>"
                         "</name></identity></contactCard>")),
       "[] closed\nname 'Alice'\n"},
      {"state", SUM("3500", ""), "[] open\nname 'Alice'\n"}}},
    {"P-148-malformed-changes-nothing",
     {{"state", SUM("6500", ""), "[] open dnd (Busy)\n"},
      {"cut", "<categories xmlns='http://schemas.microsoft.com/2006/09/sip/categories'>", "400\n"},
      {"again", DOCUMENT(""), "[] open dnd (Busy)\n"}}},
};

static void test_sequence(const void *data)
{
    const Sequence *sequence = data;
    g_autoptr(StoxCategories) state = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(sequence->steps) && sequence->steps[i].name; i++) {
        const Case *step = &sequence->steps[i];
        g_autofree char *lines =
            document_read(&state, STOX_CATEGORIES_TYPE, ALICE, step->document, NOW);

        g_test_message("%s", step->name);
        g_assert_cmpstr(lines, ==, step->expected);
    }
}

/* Thousands of instances neither grow without bound nor drive out what was published last. */
static void test_bounded(void)
{
    GString *text = g_string_new(NULL);
    g_autofree char *note = g_strnfill(10000, 'n'), *lines = NULL;
    g_autoptr(StoxCategories) state = NULL;

    for (unsigned i = 0; i < 3000; i++)
        g_string_append_printf(
            text,
            "<category name='state' instance='%u' publishTime='2026-01-01T10:00:00'>"
            "<state xsi:type='machineState'><availability>3500</availability></state></category>",
            i);
    g_string_append_printf(text,
                           STATE("1", "11:00:00", "aggregateState", "6500", "")
                               NOTE("11:00:00", "personal", "%s"),
                           note);
    g_string_prepend(text,
                     "<categories xmlns='http://schemas.microsoft.com/2006/09/sip/categories' "
                     "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>");
    g_string_append(text, "</categories>");
    for (unsigned i = 0; i < 3; i++) {
        g_free(lines);
        lines = document_read(&state, STOX_CATEGORIES_TYPE, ALICE, text->str, NOW);
    }
    note[4096] = '\0';
    g_string_printf(text, "[] open dnd '%s'\n", note);
    g_assert_cmpstr(lines, ==, text->str);
    g_string_free(text, TRUE);
}

/* lync.md 1.2, 3.3: public partners see the state and nothing else. */
static void test_public_partners(void)
{
    static const struct {
        const char *document, *federated, *public;
    } rows[] = {
        {SUM("6500", "<activity token='in-a-meeting'/>"), "In a meeting", "Busy"},
        {SUM("6500", "<activity><custom LCID='1033'>Digging</custom></activity>"), "Digging",
         "Busy"},
        {DOCUMENT(STATE("1", "10:00:00", "aggregateState", "3500", "")
                      NOTE("10:00:00", "personal", "boat")),
         "boat", NULL},
        {DOCUMENT(STATE("1", "10:00:00", "aggregateState", "18500", "")
                      NOTE("10:00:00", "personal", "boat")),
         "boat", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new_static(rows[i].document, strlen(rows[i].document));
        StoxPresenceReading how = {.about_uri = ALICE, .busy_as = STOX_SHOW_DND};
        g_autoptr(StoxCategories) state = NULL;
        g_auto(StoxPresenceReport) report = {0};
        const StoxPresentity *alice;
        g_auto(StoxNotes) federated = {0}, public = {0};
        unsigned status;

        g_assert_true(stox_presence_document_read(&state, STOX_CATEGORIES_TYPE, bytes, &how,
                                                  &report, &status));
        alice = report.all.list->pdata[0];
        stox_presentity_status(alice, false, STOX_LANGUAGE_EN, &federated);
        stox_presentity_status(alice, true, STOX_LANGUAGE_EN, &public);
        g_assert_cmpstr(stox_notes_first(&federated), ==, rows[i].federated);
        g_assert_cmpstr(stox_notes_first(&public), ==, rows[i].public);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *full = g_strdup_printf("/categories/%s", cases[i].name);

        g_test_add_data_func(full, &cases[i], test_one);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sequences); i++) {
        g_autofree char *full = g_strdup_printf("/categories/sequence/%s", sequences[i].name);

        g_test_add_data_func(full, &sequences[i], test_sequence);
    }
    g_test_add_func("/categories/bounded", test_bounded);
    g_test_add_func("/categories/1.2-public-partners", test_public_partners);
    return g_test_run();
}
