/* SPDX-License-Identifier: MIT */
/* PIDF as it is written, and the names and numbers in it (rows P-110 to P-129, P-135, Q-18, Q-21; V-25, V-44; lync.md 4.8 d). */
#include "translation/pidf-private.h"
#include "translation/presence-write.h"
#include "translation/xml.h"

#include <string.h>

static bool read_text(const char *text, StoxPresentities *ret)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    StoxPresenceReading how = {.busy_as = STOX_SHOW_DND};
    g_auto(StoxPresenceReport) report = {.about_him = false};
    unsigned status;

    if (!stox_presence_document_read(NULL, STOX_PIDF_TYPE, bytes, &how, &report, &status))
        return false;
    g_assert_true(report.about_him);
    *ret = report.all;
    report.all.list = NULL;
    return true;
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
                           int priority, const char *note, const char *lang)
{
    StoxPresentity *presentity = g_new0(StoxPresentity, 1);

    presentity->resource = g_strdup(resource);
    presentity->open = open;
    presentity->show = show;
    presentity->priority = priority;
    stox_notes_add(&presentity->notes, note, lang);
    g_ptr_array_add(all->list, presentity);
    return presentity;
}

#define NOW INT64_C(1767261600250) /* 2026-01-01T10:00:00.250Z */

static char *write_text(const StoxPresentities *all, StoxDocumentFormat format)
{
    StoxDocumentSource source = {.entity_uri = "sip:bob@partner.example",
                                 .presentities = all,
                                 .dnd_as_busy = true,
                                 .now_wall_ms = NOW};
    g_autoptr(GBytes) bytes = stox_document_write(&source, format);
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);

    return g_strndup(data, n);
}

#define WRITTEN                                                                                    \
    "<?xml version='1.0' encoding='UTF-8'?>\n<presence xmlns='urn:ietf:params:xml:ns:pidf' "       \
    "xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model' "                                           \
    "xmlns:rpid='urn:ietf:params:xml:ns:pidf:rpid' entity='sip:bob@partner.example'>"
#define STAMP "<timestamp>2026-01-01T10:00:00.250Z</timestamp></tuple>"

/* Order P-124; P-117 to P-127: negative priorities last (P-118), notes of all languages (P-121), a contact in each tuple (P-126); P-151. */
static void test_write_standard(void)
{
    g_auto(StoxPresentities) all;
    g_autofree char *text = NULL;
    StoxPresentity *desk;

    stox_presentities_init(&all);
    add(&all, "bot", true, STOX_SHOW_ONLINE, -1, NULL, NULL);
    desk = add(&all, "desk/1", true, STOX_SHOW_XA, 64, "Tea & <cake>", "en");
    stox_notes_add(&desk->notes, "Tee", "de");
    desk->idle_since_wall_ms = NOW - 250;
    text = write_text(&all, STOX_DOCUMENT_PIDF);
    g_assert_cmpstr(
        text, ==,
        WRITTEN
        "<tuple id='ID-desk_x002F_1'><status><basic>open</basic>"
        "<show xmlns='jabber:client'>xa</show></status>"
        "<rpid:user-input last-input='2026-01-01T10:00:00.000Z'>idle</rpid:user-input>"
        "<contact priority='0.503'>sip:bob@partner.example;gr=desk/1</contact>"
        "<note xml:lang='en'>Tea &amp; &lt;cake&gt;</note><note xml:lang='de'>Tee</note>" STAMP
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
    none = write_text(&all, STOX_DOCUMENT_PIDF);
    g_assert_cmpstr(none, ==,
                    WRITTEN "<tuple id='ID-'><status><basic>closed</basic></status>"
                            "<contact>sip:bob@partner.example</contact>" STAMP "</presence>\n");
    add(&all, "a", false, STOX_SHOW_AWAY, 5, NULL, NULL);
    closed = write_text(&all, STOX_DOCUMENT_PIDF);
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

/* lync.md 4.8d-pidf-write: one tuple, id 0, whatever the number of resources. */
static void test_write_microsoft(const void *data)
{
    const MicrosoftCase *c = data;
    g_auto(StoxPresentities) all;
    g_autofree char *text = NULL, *expected = NULL;

    stox_presentities_init(&all);
    if (c->show != -2) {
        add(&all, "a", false, STOX_SHOW_ONLINE, 0, NULL, NULL);
        add(&all, "b", c->show >= 0, c->show >= 0 ? (StoxShow) c->show : STOX_SHOW_ONLINE, 0, "n",
            NULL);
    }
    text = write_text(&all, STOX_DOCUMENT_PIDF_MICROSOFT);
    expected = g_strdup_printf(
        "<?xml version='1.0' encoding='UTF-8'?>\n<presence xmlns='urn:ietf:params:xml:ns:pidf' "
        "xmlns:ep='urn:ietf:params:xml:ns:pidf:status:rpid-status' "
        "entity='sip:bob@partner.example'><tuple id='0'><status><basic>%s</basic><ep:activities>"
        "<ep:activity>%s</ep:activity></ep:activities></status>%s</tuple></presence>\n",
        c->basic, c->activity, c->show >= 0 ? "<note>n</note>" : "");
    g_assert_cmpstr(text, ==, expected);
}

static void test_activity_is_written(void)
{
    g_auto(StoxPresentities) all;
    g_autofree char *standard = NULL, *ms = NULL, *own = NULL;
    StoxPresentity *presentity;

    stox_presentities_init(&all);
    presentity = add(&all, "a", true, STOX_SHOW_DND, 0, NULL, NULL);
    presentity->activity = stox_activity_find("on-the-phone");
    standard = write_text(&all, STOX_DOCUMENT_PIDF);
    g_assert_nonnull(strstr(standard, "<rpid:activities><rpid:on-the-phone/></rpid:activities>"));
    ms = write_text(&all, STOX_DOCUMENT_PIDF_MICROSOFT);
    g_assert_nonnull(strstr(ms, "<ep:activity>on-the-phone</ep:activity>"));
    presentity->activity = stox_activity_find("do-not-disturb"); /* no element of RFC 4480 */
    own = write_text(&all, STOX_DOCUMENT_PIDF);
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
                     g_rand_int_range(rand, 0, 128), note, g_rand_boolean(rand) ? "de" : NULL);
    if (note && g_rand_boolean(rand))
        stox_notes_add(&presentity->notes, "Th\xC3\xA9", "fr");
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
        g_autofree char *text = NULL;
        int n = g_rand_int_range(rand, 1, 6);

        stox_presentities_init(&all);
        while ((int) all.list->len < n)
            random_presentity(&all, rand);
        text = write_text(&all, STOX_DOCUMENT_PIDF);
        g_assert_true(read_text(text, &back));
        g_assert_cmpuint(back.list->len, ==, all.list->len);
        for (guint k = 0; k < all.list->len; k++) {
            StoxPresentity *was = all.list->pdata[k], *is = back.list->pdata[k];

            /* only a document without any <show/> lends the person's activity to the tuple */
            is->text = STOX_WORD_NONE;
            is->state = STOX_LYNC_NONE;
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
    add(&all, "desk", true, STOX_SHOW_AWAY, 5, "note", NULL);
    add(&all, "phone", true, STOX_SHOW_ONLINE, 1, NULL, NULL);
    text = write_text(&all, STOX_DOCUMENT_PIDF);
    for (unsigned i = 0; i < 5000; i++) {
        GString *changed = g_string_new(text);
        gssize at = g_rand_int_range(rand, 0, (gint32) changed->len);
        StoxPresentities back = {NULL};

        if (i % 3 == 0)
            changed->str[at] = (char) g_rand_int_range(rand, 1, 256);
        else if (i % 3 == 1)
            g_string_erase(changed, at, 1);
        else
            g_string_insert_c(changed, at, changed->str[at]);
        if (read_text(changed->str, &back)) {
            g_assert_cmpuint(back.list->len, <=, 2);
            stox_presentities_clear(&back);
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
