/* SPDX-License-Identifier: MIT */
/* Documents that we write for SIP users: Microsoft's PIDF and Lync's categories (P-117, P-121, P-125, P-128, P-129; lync.md 3.3, 4.8). */
#include "translation/presence-write.h"

#include <string.h>

#define ENTITY "sip:bob@partner.example"
#define NOW    INT64_C(1767261600250) /* 2026-01-01T10:00:00.250Z */

static StoxPresentity *add(StoxPresentities *all, const char *resource, StoxShow show, int64_t idle,
                           const char *note)
{
    StoxPresentity *presentity = g_new0(StoxPresentity, 1);

    presentity->resource = g_strdup(resource);
    presentity->open = true;
    presentity->show = show;
    stox_notes_add(&presentity->notes, note, NULL);
    presentity->idle_since_wall_ms = idle;
    g_ptr_array_add(all->list, presentity);
    return presentity;
}

static StoxDocumentSource source_of(const StoxPresentities *all)
{
    return (StoxDocumentSource){.entity_uri = ENTITY,
                                .presentities = all,
                                .dnd_as_busy = true,
                                .asked_for = STOX_CATEGORY_ALL,
                                .now_wall_ms = NOW};
}

static char *written(const StoxDocumentSource *source, StoxDocumentFormat format)
{
    g_autoptr(GBytes) bytes = stox_document_write(source, format);
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);

    return g_strndup(data, n);
}

/* ---- States (lync.md 3.3) ---- */

typedef struct {
    const char *name;
    int show; /* -1: nobody */
    bool idle, dnd_as_busy;
    unsigned availability;
    const char *word;
} StateCase;

static const StateCase states[] = {
    {"online", STOX_SHOW_ONLINE, false, true, 3500, "available"},
    {"online-idle", STOX_SHOW_ONLINE, true, true, 5000, "idle"},
    {"chat", STOX_SHOW_CHAT, false, true, 3500, "available"},
    {"chat-idle", STOX_SHOW_CHAT, true, true, 5000, "idle"},
    {"away", STOX_SHOW_AWAY, false, true, 15500, "away"},
    {"away-idle", STOX_SHOW_AWAY, true, true, 5000, "idle"},
    {"xa", STOX_SHOW_XA, false, true, 15500, "away"},
    {"xa-idle", STOX_SHOW_XA, true, true, 15500, "away"},
    {"dnd", STOX_SHOW_DND, false, true, 6500, "busy"},
    {"dnd-idle", STOX_SHOW_DND, true, true, 7500, "busy"},
    {"dnd-as-dnd", STOX_SHOW_DND, false, false, 9500, "do-not-disturb"},
    {"dnd-as-dnd-idle", STOX_SHOW_DND, true, false, 9500, "do-not-disturb"},
    {"nobody", -1, false, true, 18500, "offline"},
};

static void test_state(const void *data)
{
    const StateCase *c = data;
    g_auto(StoxPresentities) all;
    StoxDocumentSource source = source_of(&all);
    g_autofree char *pidf = NULL, *categories = NULL, *number = NULL, *word = NULL;

    stox_presentities_init(&all);
    source.dnd_as_busy = c->dnd_as_busy;
    if (c->show >= 0)
        add(&all, "a", (StoxShow) c->show, c->idle ? NOW - 60000 : 0, NULL);
    pidf = written(&source, STOX_DOCUMENT_PIDF_MICROSOFT);
    categories = written(&source, STOX_DOCUMENT_CATEGORIES);
    word = g_strdup_printf("<basic>%s</basic><ep:activities><ep:activity>%s</ep:activity>",
                           c->show >= 0 ? "open" : "closed", c->word);
    number = g_strdup_printf("<availability>%u</availability>", c->availability);
    g_assert_nonnull(strstr(pidf, word));
    g_assert_nonnull(strstr(categories, number));
    g_assert_true((strstr(categories, "lastActive='2026-01-01T09:59:00.250Z'") != NULL) == c->idle);
}

/* ---- Categories (lync.md 4.8d-state-write, lync.md 4.8d-note-write, lync.md 4.8d-card-write) ---- */

#define PROLOG "<?xml version='1.0' encoding='UTF-8'?>\n"
#define ROOT                                                                                       \
    "<categories xmlns='http://schemas.microsoft.com/2006/09/sip/categories' uri='" ENTITY "'>"
#define ATTRIBUTES(ms, version, type)                                                              \
    " publishTime='2026-01-01T10:00:00." ms "' container='100' version='" version                  \
    "' expireType='" type "'>"
#define CARD(ms, version, name)                                                                    \
    "<category name='contactCard' instance='0'" ATTRIBUTES(                                        \
        ms, version, "static") "<contactCard "                                                     \
                               "xmlns='http://schemas.microsoft.com/2006/09/sip/contactcard'>"     \
                               "<identity><name><displayName>" name                                \
                               "</displayName></name></identity></contactCard></category>"
#define STATE(ms, version, active, inner)                                                          \
    "<category name='state' instance='1'" ATTRIBUTES(                                              \
        ms, version, "user") "<state xmlns='http://schemas.microsoft.com/2006/09/sip/state' "      \
                             "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "              \
                             "xsi:type='aggregateState'" active ">" inner "</state></category>"
#define NOTE(ms, version, rest)                                                                    \
    "<category name='note' instance='0'" ATTRIBUTES(                                               \
        ms, version, "static") "<note "                                                            \
                               "xmlns='http://schemas.microsoft.com/2006/09/sip/note'" rest        \
                               "</category>"
#define AVAILABILITY(number) "<availability>" number "</availability>"
#define END                  "</categories>\n"

static void test_categories(void)
{
    g_auto(StoxPresentities) all;
    StoxDocumentSource source = source_of(&all);
    g_autofree char *first = NULL, *second = NULL, *nobody = NULL;
    StoxPresentity *speaker;

    stox_presentities_init(&all);
    add(&all, "desk", STOX_SHOW_DND, 0, "not this one");
    speaker = add(&all, "phone", STOX_SHOW_ONLINE, NOW - 60000, "Tea & <cake>");
    source.display = "Bob & Co";
    first = written(&source, STOX_DOCUMENT_CATEGORIES);
    g_assert_cmpstr(
        first, ==,
        PROLOG ROOT CARD("250", "1", "Bob &amp; Co")
            STATE("250", "1", " lastActive='2026-01-01T09:59:00.250Z'", AVAILABILITY("5000"))
                NOTE("250", "1", "><body type='personal'>Tea &amp; &lt;cake&gt;</body></note>")
                    END);
    /* The next one is newer, even in the same millisecond; a note that is gone is an empty one. */
    stox_notes_clear(&speaker->notes);
    source.serial = 7;
    source.display = NULL;
    second = written(&source, STOX_DOCUMENT_CATEGORIES);
    g_assert_cmpstr(second, ==,
                    PROLOG ROOT STATE("257", "8", " lastActive='2026-01-01T09:59:00.250Z'",
                                      AVAILABILITY("5000")) NOTE("257", "8", "/>") END);
    g_ptr_array_set_size(all.list, 0);
    nobody = written(&source, STOX_DOCUMENT_CATEGORIES);
    g_assert_cmpstr(nobody, ==,
                    PROLOG ROOT STATE("257", "8", "", AVAILABILITY("18500")) NOTE("257", "8", "/>")
                        END);
}

/* P-121: PIDF has them all, categories one: that in the watchers' language, else the first. P-117: it is named in the header. */
static void test_languages(void)
{
    static const struct {
        StoxLanguage language;
        bool with_de;
        const char *note, *lang;
    } rows[] = {
        {STOX_LANGUAGE_EN, true, "Tea", "en"},
        {STOX_LANGUAGE_DE, true, "Tee", "de-AT"},
        {STOX_LANGUAGE_DE, false, "Th", "fr"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StoxPresentities) all;
        StoxDocumentSource source = source_of(&all);
        g_autofree char *categories = NULL, *pidf = NULL, *microsoft = NULL, *wanted = NULL;
        StoxPresentity *one;

        stox_presentities_init(&all);
        source.language = rows[i].language;
        one = add(&all, "a", STOX_SHOW_ONLINE, 0, NULL);
        stox_notes_add(&one->notes, "Th", "fr");
        stox_notes_add(&one->notes, "Tea", "en");
        if (rows[i].with_de)
            stox_notes_add(&one->notes, "Tee", "de-AT");
        categories = written(&source, STOX_DOCUMENT_CATEGORIES);
        wanted = g_strdup_printf("<body type='personal'>%s</body></note>", rows[i].note);
        g_assert_nonnull(strstr(categories, wanted));
        g_assert_cmpstr(stox_document_language(&source, STOX_DOCUMENT_CATEGORIES), ==,
                        rows[i].lang);
        pidf = written(&source, STOX_DOCUMENT_PIDF);
        microsoft = written(&source, STOX_DOCUMENT_PIDF_MICROSOFT);
        g_assert_nonnull(strstr(pidf, "<note xml:lang='fr'>Th</note><note xml:lang='en'>Tea<"));
        g_assert_nonnull(
            strstr(microsoft, "<note xml:lang='fr'>Th</note><note xml:lang='en'>Tea<"));
        g_assert_cmpstr(stox_document_language(&source, STOX_DOCUMENT_PIDF), ==, "fr");
        one->open = false;
        g_assert_null(stox_document_language(&source, STOX_DOCUMENT_PIDF));
        g_ptr_array_set_size(all.list, 0);
        g_assert_null(stox_document_language(&source, STOX_DOCUMENT_CATEGORIES));
    }
}

/* lync.md 3.3: what another SIP user does may have a token, which holds for a range of numbers. */
static void test_tokens(void)
{
    static const struct {
        const char *word, *wanted;
    } rows[] = {
        {"on-the-phone", AVAILABILITY("6500") "<activity token='on-the-phone' "
                                              "minAvailability='6500' maxAvailability='8999'/>"},
        {"in-presentation",
         AVAILABILITY("9500") "<activity token='in-presentation' "
                              "minAvailability='9500' maxAvailability='11999'/>"},
        {"off-work", AVAILABILITY("15500") "<activity token='off-work' "
                                           "minAvailability='15500' maxAvailability='17999'/>"},
        {"meeting", AVAILABILITY("6500") "</state>"}, /* no token of Lync's */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StoxPresentities) all;
        StoxDocumentSource source = source_of(&all);
        g_autofree char *text = NULL;

        stox_presentities_init(&all);
        add(&all, "a", STOX_SHOW_DND, 0, NULL)->activity = stox_activity_find(rows[i].word);
        text = written(&source, STOX_DOCUMENT_CATEGORIES);
        g_assert_nonnull(strstr(text, rows[i].wanted));
    }
}

/* Only what was asked for. */
static void test_categories_asked_for(void)
{
    static const struct {
        unsigned asked_for;
        bool card, state, note;
    } rows[] = {
        {STOX_CATEGORY_ALL, true, true, true},
        {STOX_CATEGORY_STATE, false, true, false},
        {STOX_CATEGORY_NOTE, false, false, true},
        {STOX_CATEGORY_CONTACT_CARD | STOX_CATEGORY_STATE, true, true, false},
        {0, false, false, false},
    };
    g_auto(StoxPresentities) all;
    StoxDocumentSource source = source_of(&all);

    stox_presentities_init(&all);
    source.display = "Bob";
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = NULL;

        source.asked_for = (StoxCategorySet) rows[i].asked_for;
        text = written(&source, STOX_DOCUMENT_CATEGORIES);
        g_assert_true((strstr(text, "name='contactCard'") != NULL) == rows[i].card);
        g_assert_true((strstr(text, "name='state'") != NULL) == rows[i].state);
        g_assert_true((strstr(text, "name='note'") != NULL) == rows[i].note);
    }
}

/* Two documents are the same when they say the same, whenever that was. */
static void test_digest(void)
{
    static const StoxDocumentFormat formats[] = {STOX_DOCUMENT_PIDF, STOX_DOCUMENT_PIDF_MICROSOFT,
                                                 STOX_DOCUMENT_CATEGORIES};

    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_auto(StoxPresentities) all;
        StoxDocumentSource source = source_of(&all);
        StoxPresentity *one;
        uint64_t first, second;

        stox_presentities_init(&all);
        one = add(&all, "a", STOX_SHOW_AWAY, 0, "note");
        first = stox_document_digest(&source, formats[i]);
        g_assert_cmpuint(first, !=, 0);
        source.now_wall_ms += 5000;
        source.serial = 9;
        one->since_wall_ms = NOW - 1;
        g_assert_cmpuint(stox_document_digest(&source, formats[i]), ==, first);
        one->notes.list[0].text[0] = 'N';
        second = stox_document_digest(&source, formats[i]);
        g_assert_cmpuint(second, !=, first);
        one->idle_since_wall_ms = NOW - 60000;
        g_assert_cmpuint(stox_document_digest(&source, formats[i]), !=, second);
    }
}

/* ---- PIDF ---- */

/* lync.md 4.8d-pidf-write, P-117, P-124: one tuple, the word of who speaks, his note, his name. */
static void test_pidf_microsoft(void)
{
    g_auto(StoxPresentities) all;
    StoxDocumentSource source = source_of(&all);
    g_autofree char *text = NULL;

    stox_presentities_init(&all);
    add(&all, "desk", STOX_SHOW_AWAY, 0, "not this one");
    stox_notes_add(&add(&all, "phone", STOX_SHOW_DND, 0, NULL)->notes, "Tea & <cake>", "en");
    source.display = "Bob & Co";
    text = written(&source, STOX_DOCUMENT_PIDF_MICROSOFT);
    g_assert_cmpstr(
        text, ==,
        PROLOG "<presence xmlns='urn:ietf:params:xml:ns:pidf' "
               "xmlns:ep='urn:ietf:params:xml:ns:pidf:status:rpid-status' "
               "xmlns:ci='urn:ietf:params:xml:ns:pidf:cipid' entity='" ENTITY
               "'><tuple id='0'><status>"
               "<basic>open</basic><ep:activities><ep:activity>busy</ep:activity></ep:activities>"
               "</status><note xml:lang='en'>Tea &amp; &lt;cake&gt;</note></tuple>"
               "<ci:display-name>Bob &amp; Co</ci:display-name></presence>\n");
}

/* P-125, P-129: since when it is so, and never the same time in two documents. */
static void test_timestamps(void)
{
    g_auto(StoxPresentities) all;
    StoxDocumentSource source = source_of(&all);
    g_autofree char *first = NULL, *second = NULL;

    stox_presentities_init(&all);
    add(&all, "desk", STOX_SHOW_ONLINE, 0, NULL)->since_wall_ms = NOW - 3600000;
    add(&all, "phone", STOX_SHOW_ONLINE, 0, NULL);
    first = written(&source, STOX_DOCUMENT_PIDF);
    g_assert_nonnull(strstr(first, "gr=desk</contact><timestamp>2026-01-01T09:00:00.250Z<"));
    g_assert_nonnull(strstr(first, "gr=phone</contact><timestamp>2026-01-01T10:00:00.250Z<"));
    source.serial = 1;
    second = written(&source, STOX_DOCUMENT_PIDF);
    g_assert_nonnull(strstr(second, "gr=desk</contact><timestamp>2026-01-01T09:00:00.251Z<"));
    g_assert_nonnull(strstr(second, "gr=phone</contact><timestamp>2026-01-01T10:00:00.251Z<"));
}

/* P-128, P-151, P-152: idle since, whatever the show; extended away is idle since nobody knows when. */
static void test_user_input(void)
{
#define SINCE "<rpid:user-input last-input='2026-01-01T09:59:00.250Z'>idle</rpid:user-input>"
    static const struct {
        StoxShow show;
        bool idle;
        const char *wanted;
    } rows[] = {
        {STOX_SHOW_ONLINE, false, NULL},
        {STOX_SHOW_ONLINE, true, SINCE},
        {STOX_SHOW_CHAT, true, SINCE},
        {STOX_SHOW_AWAY, false, NULL},
        {STOX_SHOW_AWAY, true, SINCE},
        {STOX_SHOW_XA, false, "<rpid:user-input>idle</rpid:user-input>"},
        {STOX_SHOW_XA, true, SINCE},
        {STOX_SHOW_DND, false, NULL},
        {STOX_SHOW_DND, true, SINCE},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StoxPresentities) all;
        StoxDocumentSource source = source_of(&all);
        g_autofree char *text = NULL;
        const char *input;

        stox_presentities_init(&all);
        add(&all, "a", rows[i].show, rows[i].idle ? NOW - 60000 : 0, NULL);
        text = written(&source, STOX_DOCUMENT_PIDF);
        input = strstr(text, "<rpid:user-input");
        g_assert_true((input != NULL) == (rows[i].wanted != NULL));
        g_assert_true(!input || g_str_has_prefix(input, rows[i].wanted));
    }
}

#define ADD_TABLE(path, table, function)                                                           \
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {                                             \
        g_autofree char *full = g_strdup_printf(path "/%s", table[i].name);                        \
        g_test_add_data_func(full, &table[i], function);                                           \
    }

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_TABLE("/presence-write/lync-3.3-state", states, test_state)
    g_test_add_func("/presence-write/lync-4.8d-categories", test_categories);
    g_test_add_func("/presence-write/P-117-P-121-languages", test_languages);
    g_test_add_func("/presence-write/lync-3.3-tokens", test_tokens);
    g_test_add_func("/presence-write/categories-asked-for", test_categories_asked_for);
    g_test_add_func("/presence-write/digest", test_digest);
    g_test_add_func("/presence-write/lync-4.8d-pidf", test_pidf_microsoft);
    g_test_add_func("/presence-write/P-125-P-129-timestamps", test_timestamps);
    g_test_add_func("/presence-write/P-128-P-151-P-152-user-input", test_user_input);
    return g_test_run();
}
