/* SPDX-License-Identifier: MIT */
/* Presence documents in and out (rows P-110 to P-153, Q-18, Q-19, Q-21; V-22, V-25, V-26, V-44; lync.md 4.8 d, 7.3). */
#include "translation/pidf-private.h"
#include "translation/pidf.h"
#include "translation/xml.h"

#include <string.h>

/* ---- The list as lines, for comparing ---- */

static char *to_lines(const StoxPresentities *all)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < all->list->len; i++) {
        const StoxPresentity *p = all->list->pdata[i];
        const char *show = stox_show_name(p->show);

        g_string_append_printf(out, "[%s] %s", p->resource, p->open ? "open" : "closed");
        if (show)
            g_string_append_printf(out, " %s", show);
        if (p->priority)
            g_string_append_printf(out, " %d", p->priority);
        if (p->note)
            g_string_append_printf(out, " '%s'", p->note);
        if (p->lang)
            g_string_append_printf(out, "@%s", p->lang);
        if (p->activity)
            g_string_append_printf(out, " <%s>", p->activity);
        if (p->idle_since_wall_ms)
            g_string_append_printf(out, " idle=%" G_GINT64_FORMAT, p->idle_since_wall_ms);
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

static bool read_text(const char *text, StoxPresentities *ret, char **ret_entity)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    const char *why = NULL;
    bool good = stox_pidf_read(bytes, ret, ret_entity, &why);

    g_assert_true(good == !why);
    return good;
}

/* ---- Reading ---- */

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
    {"P-142-notes-only", HEAD "<note>n</note>" TAIL, ""},
    {"P-143-no-basic-no-status", ONE(""), ""},
    {"P-143-no-basic-activity", ONE("<r:activities><r:away/></r:activities>"),
     "[t] open away 'Away' <away>\n"},
    {"P-143-telephone", ONE(OPEN "<contact>tel:+15550100</contact>"), ""},
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
    {"P-150a", WITH_PERSON("<r:activities><r:permanent-absence/></r:activities>"),
     "[t] closed <permanent-absence>\n"},
    {"P-150b", WITH_PERSON("<r:activities><r:on-the-phone/></r:activities>"),
     "[t] open dnd 'On the phone' <on-the-phone>\n"},
    {"P-150c", WITH_PERSON("<r:activities><r:meeting/></r:activities>"),
     "[t] open dnd 'Meeting' <meeting>\n"},
    {"P-150d", WITH_PERSON("<r:activities><r:vacation/></r:activities>"),
     "[t] open xa 'Vacation' <vacation>\n"},
    {"P-150e-note-wins",
     WITH_PERSON("<r:activities><r:lunch/></r:activities><dm:note>Pasta</dm:note>"),
     "[t] open away 'Pasta' <lunch>\n"},
    {"P-150f-other", WITH_PERSON("<r:activities><r:other>Gardening</r:other></r:activities>"),
     "[t] open 'Gardening' <other>\n"},
    {"P-150-first-in-table-wins",
     WITH_PERSON("<r:activities><r:away/><r:juggling/><r:meeting/><r:vacation/></r:activities>"),
     "[t] open dnd 'Meeting' <meeting>\n"},
    {"P-150-unknown-only", WITH_PERSON("<r:activities><r:juggling/></r:activities>"), "[t] open\n"},
    {"P-150-in-tuple-before-person",
     HEAD "<tuple id='t'>" OPEN "<r:activities><r:away/></r:activities></tuple>"
          "<dm:person><r:activities><r:busy/></r:activities></dm:person>" TAIL,
     "[t] open away 'Away' <away>\n"},
    {"P-150-in-status",
     ONE("<status><basic>open</basic><r:activities><r:busy/></r:activities></status>"),
     "[t] open dnd 'Busy' <busy>\n"},
    {"P-152-idle", ONE(OPEN "<r:user-input last-input='2026-01-01T10:00:00Z'>idle</r:user-input>"),
     "[t] open away idle=1767261600000\n"},
    {"P-152-idle-other-zone",
     WITH_PERSON("<r:user-input last-input='2026-01-01T12:00:00+02:00'>idle</r:user-input>"),
     "[t] open away idle=1767261600000\n"},
    {"P-152-idle-keeps-busy",
     WITH_PERSON("<r:activities><r:busy/></r:activities><r:user-input>idle</r:user-input>"),
     "[t] open dnd 'Busy' <busy>\n"},
    {"P-152-active", ONE(OPEN "<r:user-input>active</r:user-input>"), "[t] open\n"},
    {"P-152-nonsense-time", ONE(OPEN "<r:user-input last-input='soon'>idle</r:user-input>"),
     "[t] open away\n"},
    {"P-153-first-person",
     HEAD "<tuple id='t'>" OPEN "</tuple>"
          "<dm:person><r:activities><r:away/></r:activities></dm:person>"
          "<dm:person><r:activities><r:busy/></r:activities></dm:person>" TAIL,
     "[t] open away 'Away' <away>\n"},
    {"Q-19-trailing-colon",
     "<presence xmlns='urn:ietf:params:xml:ns:pidf:'><tuple id='t'>" OPEN "</tuple></presence>",
     "[t] open\n"},
    {"lync-4.8d-busy",
     ONE("<status><basic>open</basic><ep:activities><ep:activity>busy</ep:activity>"
         "</ep:activities></status>"),
     "[t] open dnd 'Busy' <busy>\n"},
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
    {"lync-7.3",
     "<presence entity=\"sip:alice@contoso.example\" xmlns=\"urn:ietf:params:xml:ns:pidf\" "
     "xmlns:ep=\"urn:ietf:params:xml:ns:pidf:status:rpid-status\" "
     "xmlns:ci=\"urn:ietf:params:xml:ns:pidf:cipid\"><tuple id=\"0\"><status><basic>open</basic>"
     "<ep:activities><ep:activity>be-right-back</ep:activity></ep:activities></status></tuple>"
     "<ci:display-name>Alice</ci:display-name></presence>",
     "[0] open away 'Be right back' <be-right-back>\n"},
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
     "[t4109] open\n"},
    {"baresip-unknown",
     "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
     "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"\n"
     "    xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\"\n"
     "    xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\"\n"
     "    entity=\"sip:alice@contoso.example\">\n"
     "  <dm:person id=\"p4159\"><rpid:activities/></dm:person>\n"
     "  <tuple id=\"t4109\">\n    <status>\n      <basic>unknown</basic>\n    </status>\n"
     "    <contact>sip:alice@contoso.example</contact>\n  </tuple>\n</presence>\n",
     "[t4109] closed\n"},
};

static void test_read(const void *data)
{
    const ReadCase *c = data;
    g_auto(StoxPresentities) all = {NULL};
    g_autofree char *entity = NULL, *lines = NULL;

    g_assert_true(read_text(c->document, &all, &entity));
    lines = to_lines(&all);
    g_assert_cmpstr(lines, ==, c->expected);
}

/* P-147 is the caller's: the entity comes as it is written, with or without scheme. */
static void test_read_entity(void)
{
    static const char *const rows[][2] = {
        {"<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:a@b.example'/>",
         "pres:a@b.example"},
        {"<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='a@b.example'/>", "a@b.example"},
        {"<presence xmlns='urn:ietf:params:xml:ns:pidf'/>", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StoxPresentities) all = {NULL};
        g_autofree char *entity = NULL;

        g_assert_true(read_text(rows[i][0], &all, &entity));
        g_assert_cmpstr(entity, ==, rows[i][1]);
    }
}

/* P-148 */
static void test_read_refused(void)
{
    static const char *const rows[] = {
        "",
        "<presence",
        "<presence xmlns='urn:x'/>",
        "<tuple xmlns='urn:ietf:params:xml:ns:pidf'/>",
        "<!DOCTYPE presence><presence xmlns='urn:ietf:params:xml:ns:pidf'/>",
        "<presence xmlns='jabber:client'/>"};

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        StoxPresentities all = {NULL};
        char *entity = NULL;

        g_assert_false(read_text(rows[i], &all, &entity));
        g_assert_null(all.list);
        g_assert_null(entity);
    }
}

static void test_read_bounded(void)
{
    GString *text = g_string_new(HEAD);
    g_auto(StoxPresentities) all = {NULL};
    g_autofree char *entity = NULL, *note = g_strnfill(10000, 'n');

    for (unsigned i = 0; i < 500; i++)
        g_string_append_printf(text, "<tuple id='t%u'>" OPEN "</tuple>", i);
    g_string_append_printf(text, "<note>\xC3\xA4%s</note>" TAIL, note);
    g_assert_true(read_text(text->str, &all, &entity));
    g_assert_cmpuint(all.list->len, ==, STOX_MAX_PRESENTITIES);
    g_assert_cmpuint(strlen(((StoxPresentity *) all.list->pdata[0])->note), ==, 4096);
    g_string_free(text, TRUE);
}

/* ---- Names and numbers ---- */

static void test_ids(void)
{
    static const char *const rows[][2] = {
        {"", "ID-"},
        {"dr4hcr0st3lup4c", "ID-dr4hcr0st3lup4c"},
        {"7 x:y", "ID-7_x0020_x_x003A_y"}, /* P-113 */
        {"a/b+c=@", "ID-a_x002F_b_x002B_c_x003D__x0040_"},
        {"a_b", "ID-a_b"},
        {"a_x0020_", "ID-a_x005F_x0020_"},
        {"B\xC3\xBCro", "ID-B_x00FC_ro"},
        {"\xF0\x9F\x98\x80", "ID-_x1F600_"},
    };
    static const char *const foreign[][2] = {
        {"t4109", "t4109"},      {"a_x0020_b", "a_x0020_b"},      {"ID-_x20_", "_x20_"},
        {"ID-_x0020", "_x0020"}, {"ID-_xD800_", "_xD800_"},       {"ID-_x0000_", "_x0000_"},
        {"ID-_x0007_a", "a"},    {"ID-_x1F60000_", "_x1F60000_"}, {"0", "0"},
    };
    g_autofree char *longest = g_strnfill(1023, 'r');
    g_autofree char *too_long = g_strnfill(5000, 'r');
    g_autofree char *kept = stox_pidf_id_to_resource(longest);
    g_autofree char *shortened = stox_pidf_id_to_resource(too_long);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *id = stox_pidf_id_from_resource(rows[i][0]);
        g_autofree char *back = stox_pidf_id_to_resource(id);

        g_assert_cmpstr(id, ==, rows[i][1]);
        g_assert_cmpstr(back, ==, rows[i][0]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++) {
        g_autofree char *resource = stox_pidf_id_to_resource(foreign[i][0]);

        g_assert_cmpstr(resource, ==, foreign[i][1]);
    }
    g_assert_cmpstr(kept, ==, longest);
    g_assert_cmpstr(shortened, ==, longest);
}

/* P-119, V-44 */
static void test_priority_out(void)
{
    static const struct {
        int priority;
        const char *q;
    } rows[] = {{-128, NULL},  {-1, NULL},    {0, "0"},       {1, "0.007"}, {2, "0.015"},
                {13, "0.102"}, {64, "0.503"}, {126, "0.992"}, {127, "1"}};

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char q[6] = "-";

        g_assert_true(stox_pidf_q_from_priority(rows[i].priority, q) == (rows[i].q != NULL));
        if (rows[i].q)
            g_assert_cmpstr(q, ==, rows[i].q);
    }
}

/* P-135, Q-21 */
static void test_priority_in(void)
{
    static const struct {
        const char *q;
        int priority;
    } rows[] = {{NULL, 0},      {"", 0},         {"0", 0},    {"0.0", 0},   {"0.001", 1},
                {"0.007", 1},   {"0.008", 2},    {"0.5", 64}, {"0.8", 102}, {"0.992", 126},
                {"0.999", 126}, {"0.9999", 126}, {"1", 127},  {"1.0", 127}, {"1.000", 127},
                {" 1 ", 127},   {"1.5", 0},      {"-0.5", 0}, {"2", 0},     {"0,5", 0},
                {"0.5x", 0},    {"high", 0},     {"1e0", 0}};

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(stox_pidf_q_to_priority(rows[i].q), ==, rows[i].priority);
    for (int priority = 0; priority <= 127; priority++) {
        char q[6];

        g_assert_true(stox_pidf_q_from_priority(priority, q));
        g_assert_cmpint(stox_pidf_q_to_priority(q), ==, priority);
    }
}

/* ---- Writing ---- */

static StoxPresentity *add(StoxPresentities *all, const char *resource, bool open, StoxShow show,
                           int priority, const char *note)
{
    StoxPresentity *presentity = g_new0(StoxPresentity, 1);

    presentity->resource = g_strdup(resource);
    presentity->open = open;
    presentity->show = show;
    presentity->priority = priority;
    presentity->note = g_strdup(note);
    g_ptr_array_add(all->list, presentity);
    return presentity;
}

#define NOW INT64_C(1767261600250) /* 2026-01-01T10:00:00.250Z */

static char *write_text(const StoxPresentities *all, StoxPidfStyle style)
{
    g_autoptr(GBytes) bytes = stox_pidf_write("sip:bob@partner.example", all, style, NOW);
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);

    return g_strndup(data, n);
}

#define WRITTEN                                                                                    \
    "<?xml version='1.0' encoding='UTF-8'?>\n<presence xmlns='urn:ietf:params:xml:ns:pidf' "       \
    "xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model' "                                           \
    "xmlns:rpid='urn:ietf:params:xml:ns:pidf:rpid' entity='sip:bob@partner.example'>"
#define STAMP "<timestamp>2026-01-01T10:00:00.250Z</timestamp></tuple>"

/* Order P-124, P-117 to P-127, P-151. */
static void test_write_standard(void)
{
    g_auto(StoxPresentities) all;
    g_autofree char *text = NULL;
    StoxPresentity *desk;

    stox_presentities_init(&all);
    add(&all, "bot", true, STOX_SHOW_ONLINE, -1, NULL);
    desk = add(&all, "desk/1", true, STOX_SHOW_XA, 64, "Tea & <cake>");
    desk->lang = g_strdup("en");
    desk->idle_since_wall_ms = NOW - 250;
    text = write_text(&all, STOX_PIDF_STANDARD);
    g_assert_cmpstr(
        text, ==,
        WRITTEN "<tuple id='ID-desk_x002F_1'><status><basic>open</basic>"
                "<show xmlns='jabber:client'>xa</show></status>"
                "<rpid:user-input last-input='2026-01-01T10:00:00.000Z'>idle</rpid:user-input>"
                "<contact priority='0.503'>sip:bob@partner.example;gr=desk/1</contact>"
                "<note xml:lang='en'>Tea &amp; &lt;cake&gt;</note>" STAMP
                "<tuple id='ID-bot'><status><basic>open</basic></status>"
                "<contact>sip:bob@partner.example;gr=bot</contact>" STAMP
                "<dm:person id='person'><rpid:activities><rpid:away/></rpid:activities></dm:person>"
                "</presence>\n");
}

/* P-123, P-111, V-25 */
static void test_write_nobody(void)
{
    g_auto(StoxPresentities) all;
    g_autofree char *none = NULL, *closed = NULL;

    stox_presentities_init(&all);
    none = write_text(&all, STOX_PIDF_STANDARD);
    g_assert_cmpstr(none, ==,
                    WRITTEN "<tuple id='ID-'><status><basic>closed</basic></status>"
                            "<contact>sip:bob@partner.example</contact>" STAMP "</presence>\n");
    add(&all, "a", false, STOX_SHOW_AWAY, 5, NULL);
    closed = write_text(&all, STOX_PIDF_STANDARD);
    g_assert_cmpstr(closed, ==,
                    WRITTEN "<tuple id='ID-a'><status><basic>closed</basic></status>"
                            "<contact>sip:bob@partner.example;gr=a</contact>" STAMP
                            "</presence>\n");
}

typedef struct {
    const char *name;
    int show; /* -1: closed, -2: nobody */
    const char *basic, *activity;
} MicrosoftCase;

static const MicrosoftCase microsoft[] = {
    {"online", STOX_SHOW_ONLINE, "open", "available"},
    {"chat", STOX_SHOW_CHAT, "open", "available"},
    {"away", STOX_SHOW_AWAY, "open", "away"},
    {"xa", STOX_SHOW_XA, "open", "away"},
    {"dnd", STOX_SHOW_DND, "open", "busy"},
    {"closed", -1, "closed", "offline"},
    {"nobody", -2, "closed", "offline"},
};

/* lync.md 4.8 d: one tuple, id 0, whatever the number of resources. */
static void test_write_microsoft(const void *data)
{
    const MicrosoftCase *c = data;
    g_auto(StoxPresentities) all;
    g_autofree char *text = NULL, *expected = NULL;

    stox_presentities_init(&all);
    if (c->show != -2) {
        add(&all, "a", false, STOX_SHOW_ONLINE, 0, NULL);
        add(&all, "b", c->show >= 0, c->show >= 0 ? (StoxShow) c->show : STOX_SHOW_ONLINE, 0, "n");
    }
    text = write_text(&all, STOX_PIDF_MICROSOFT);
    expected = g_strdup_printf(
        "<?xml version='1.0' encoding='UTF-8'?>\n<presence xmlns='urn:ietf:params:xml:ns:pidf' "
        "xmlns:ep='urn:ietf:params:xml:ns:pidf:status:rpid-status' "
        "entity='sip:bob@partner.example'><tuple id='0'><status><basic>%s</basic><ep:activities>"
        "<ep:activity>%s</ep:activity></ep:activities></status></tuple></presence>\n",
        c->basic, c->activity);
    g_assert_cmpstr(text, ==, expected);
}

static void test_activity_is_written(void)
{
    g_auto(StoxPresentities) all;
    g_autofree char *standard = NULL, *ms = NULL, *own = NULL;
    StoxPresentity *presentity;

    stox_presentities_init(&all);
    presentity = add(&all, "a", true, STOX_SHOW_DND, 0, NULL);
    presentity->activity = g_strdup("on-the-phone");
    standard = write_text(&all, STOX_PIDF_STANDARD);
    g_assert_nonnull(strstr(standard, "<rpid:activities><rpid:on-the-phone/></rpid:activities>"));
    ms = write_text(&all, STOX_PIDF_MICROSOFT);
    g_assert_nonnull(strstr(ms, "<ep:activity>on-the-phone</ep:activity>"));
    g_free(presentity->activity);
    presentity->activity = g_strdup("do-not-disturb"); /* no element of RFC 4480 */
    own = write_text(&all, STOX_PIDF_STANDARD);
    g_assert_nonnull(strstr(own, "<rpid:activities><rpid:busy/></rpid:activities>"));
}

/* ---- Round trip ---- */

static char *random_text(GRand *rand)
{
    GString *text = g_string_new(NULL);

    for (int n = g_rand_int_range(rand, 1, 12); n > 0; n--) {
        gunichar c;

        do
            c = (gunichar) g_rand_int_range(rand, 0x20, g_rand_boolean(rand) ? 0x7F : 0x20000);
        while (!g_unichar_validate(c) || g_unichar_iscntrl(c) || g_unichar_isspace(c) ||
               c == 0xFFFE || c == 0xFFFF);
        g_string_append_unichar(text, c);
    }
    return g_string_free(text, FALSE);
}

static StoxPresentity *random_presentity(StoxPresentities *all, GRand *rand)
{
    g_autofree char *resource = random_text(rand);
    g_autofree char *note = g_rand_boolean(rand) ? random_text(rand) : NULL;
    StoxPresentity *presentity;

    presentity = add(all, resource, true, (StoxShow) g_rand_int_range(rand, 0, 5),
                     g_rand_int_range(rand, 0, 128), note);
    if (note && g_rand_boolean(rand))
        presentity->lang = g_strdup("de");
    /* idle without a show is read as away, on purpose */
    if (presentity->show != STOX_SHOW_ONLINE && g_rand_boolean(rand))
        presentity->idle_since_wall_ms = NOW - g_rand_int_range(rand, 1, 100000000);
    return presentity;
}

/* P-113, P-119, P-120, P-121, P-128: what XMPP says comes back from our own document. */
static void test_round_trip(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);

    for (unsigned i = 0; i < 500; i++) {
        g_auto(StoxPresentities) all, back = {NULL};
        g_autofree char *text = NULL, *entity = NULL;
        int n = g_rand_int_range(rand, 1, 6);

        stox_presentities_init(&all);
        while ((int) all.list->len < n)
            random_presentity(&all, rand);
        text = write_text(&all, STOX_PIDF_STANDARD);
        g_assert_true(read_text(text, &back, &entity));
        g_assert_cmpstr(entity, ==, "sip:bob@partner.example");
        g_assert_cmpuint(back.list->len, ==, all.list->len);
        for (guint k = 0; k < all.list->len; k++) {
            StoxPresentity *was = all.list->pdata[k], *is = back.list->pdata[k];

            /* only a document without any <show/> lends the person's activity to the tuple */
            g_clear_pointer(&is->activity, g_free);
            g_assert_true(stox_presentity_equal(was, is));
        }
    }
}

/* One changed, lost or doubled byte in a document never gives more than it could hold, and never crashes. */
static void test_mutations(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    g_auto(StoxPresentities) all;
    g_autofree char *text = NULL;
    unsigned good = 0;

    stox_presentities_init(&all);
    add(&all, "desk", true, STOX_SHOW_AWAY, 5, "note");
    add(&all, "phone", true, STOX_SHOW_ONLINE, 1, NULL);
    text = write_text(&all, STOX_PIDF_STANDARD);
    for (unsigned i = 0; i < 5000; i++) {
        GString *changed = g_string_new(text);
        gssize at = g_rand_int_range(rand, 0, (gint32) changed->len);
        StoxPresentities back = {NULL};
        char *entity = NULL;

        if (i % 3 == 0)
            changed->str[at] = (char) g_rand_int_range(rand, 1, 256);
        else if (i % 3 == 1)
            g_string_erase(changed, at, 1);
        else
            g_string_insert_c(changed, at, changed->str[at]);
        if (read_text(changed->str, &back, &entity)) {
            g_assert_cmpuint(back.list->len, <=, 2);
            stox_presentities_clear(&back);
            g_free(entity);
            good++;
        }
        g_string_free(changed, TRUE);
    }
    g_assert_cmpuint(good, >, 500);
    g_assert_cmpuint(good, <, 4900);
}

#define ADD_TABLE(path, table, function)                                                           \
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {                                             \
        g_autofree char *full = g_strdup_printf(path "/%s", table[i].name);                        \
        g_test_add_data_func(full, &table[i], function);                                           \
    }

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_TABLE("/pidf/read", reads, test_read)
    g_test_add_func("/pidf/read/P-147-entity", test_read_entity);
    g_test_add_func("/pidf/read/P-148-refused", test_read_refused);
    g_test_add_func("/pidf/read/bounded", test_read_bounded);
    g_test_add_func("/pidf/Q-18-ids", test_ids);
    g_test_add_func("/pidf/P-119-V-44-priority", test_priority_out);
    g_test_add_func("/pidf/P-135-Q-21-priority", test_priority_in);
    g_test_add_func("/pidf/write/standard", test_write_standard);
    g_test_add_func("/pidf/write/P-123-nobody", test_write_nobody);
    ADD_TABLE("/pidf/write/lync-4.8d", microsoft, test_write_microsoft)
    g_test_add_func("/pidf/write/activity", test_activity_is_written);
    g_test_add_func("/pidf/round-trip", test_round_trip);
    g_test_add_func("/pidf/mutations", test_mutations);
    return g_test_run();
}
