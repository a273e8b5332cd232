/* SPDX-License-Identifier: MIT */
/*
 * There and back: what an XMPP user shows, as a document, is what another gateway's XMPP user sees of it, or one of the losses that are listed here
 * (rows P-110 to P-129, P-151, P-152; lync.md 3.3).
 */
#include "translation/presence-write.h"

#include <string.h>

#define ENTITY "sip:bob@partner.example"
#define NOW    INT64_C(1767261600250)
#define SINCE  (NOW - 600000)

typedef struct {
    StoxShow show;
    bool idle;
    const char *note, *lang;
} Shown;

static const char *const notes[] = {NULL, "Tea", "Tea & <cake> \"\xC3\xBC\" ]]>\nsecond line"};
static const StoxShow busys[] = {STOX_SHOW_DND, STOX_SHOW_AWAY, STOX_SHOW_ONLINE};

/* What XMPP says of him, as the gateway keeps it. */
static void keep(const Shown *shown, StoxPresentities *ret_all)
{
    g_autoptr(StoxPresence) presence =
        stox_presence_new(STOX_PRESENCE_AVAILABLE, "bob@partner.example/x", "a@contoso.example");

    presence->show = shown->show;
    presence->idle_since_wall_ms = shown->idle ? SINCE : 0;
    stox_notes_add(&presence->status, shown->note, shown->lang);
    stox_presentities_init(ret_all);
    g_assert_true(stox_presentities_update(ret_all, "x", presence, NOW));
}

/* RFC 8048's own element carries the show, whatever the policy. Lost: nothing but that one who is idle and shows nothing is away (P-152). */
static Shown after_pidf(Shown was)
{
    if (was.show == STOX_SHOW_ONLINE && was.idle)
        was.show = STOX_SHOW_AWAY;
    return was;
}

/*
 * Lync has no word for `chat` and `xa`; idle is a state of its own, which is away (Inactive) or, of one who is busy, away, too; do-not-disturb knows no idle time. What
 * XMPP calls dnd is what both policies make of it.
 */
static Shown after_lync(Shown was, bool as_busy, StoxShow busy_as)
{
    switch (was.show) {
    case STOX_SHOW_ONLINE:
    case STOX_SHOW_CHAT:
        was.show = was.idle ? STOX_SHOW_AWAY : STOX_SHOW_ONLINE;
        break;
    case STOX_SHOW_AWAY:
    case STOX_SHOW_XA:
        was.show = STOX_SHOW_AWAY;
        break;
    case STOX_SHOW_DND:
        if (as_busy && was.idle)
            was.show = STOX_SHOW_AWAY;
        else
            was.show = as_busy ? busy_as : STOX_SHOW_DND;
        was.idle = was.idle && as_busy;
        break;
    }
    return was;
}

/* Microsoft's PIDF has a word, and no time. Of one who is busy and idle it says that he is busy. */
static Shown after_microsoft(Shown was, bool as_busy, StoxShow busy_as)
{
    bool busy = was.show == STOX_SHOW_DND && as_busy;

    was = after_lync(was, as_busy, busy_as);
    if (busy)
        was.show = busy_as;
    was.idle = false;
    return was;
}

/* Categories have no language for notes. */
static Shown after_categories(Shown was, bool as_busy, StoxShow busy_as)
{
    was = after_lync(was, as_busy, busy_as);
    was.lang = NULL;
    return was;
}

static void compare(StoxDocumentFormat format, const Shown *was, bool as_busy, StoxShow busy_as)
{
    g_auto(StoxPresentities) all = {NULL};
    StoxDocumentSource source = {.entity_uri = ENTITY,
                                 .presentities = &all,
                                 .dnd_as_busy = as_busy,
                                 .asked_for = STOX_CATEGORY_ALL,
                                 .now_wall_ms = NOW};
    StoxPresenceReading how = {.about_uri = ENTITY, .busy_as = busy_as, .now_wall_ms = NOW};
    g_autoptr(StoxCategories) state = NULL;
    g_auto(StoxPresenceReport) report = {0};
    g_autoptr(GBytes) body = NULL;
    const StoxPresentity *is;
    g_auto(StoxNotes) status = {0};
    unsigned unused;
    Shown wanted = format == STOX_DOCUMENT_PIDF         ? after_pidf(*was)
                   : format == STOX_DOCUMENT_CATEGORIES ? after_categories(*was, as_busy, busy_as)
                                                        : after_microsoft(*was, as_busy, busy_as);

    keep(was, &all);
    body = stox_document_write(&source, format);
    g_assert_true(stox_presence_document_read(&state, stox_document_type(format), body, &how,
                                              &report, &unused));
    g_assert_true(report.about_him);
    g_assert_cmpuint(report.all.list->len, ==, 1);
    is = report.all.list->pdata[0];
    g_assert_true(is->open);
    g_assert_cmpint(is->show, ==, wanted.show);
    g_assert_cmpint(is->idle_since_wall_ms, ==, wanted.idle ? SINCE : 0);
    stox_presentity_status(is, false, STOX_LANGUAGE_EN, &status);
    if (wanted.note) {
        g_assert_cmpstr(stox_notes_first(&status), ==, wanted.note);
        g_assert_cmpstr(status.list[0].lang, ==, wanted.lang);
    } else if (format == STOX_DOCUMENT_PIDF) {
        g_assert_cmpuint(status.n, ==, 0);
    } else {
        /* The front end's word for it, which XMPP had no text for. */
        g_assert_true((status.n > 0) ==
                      (stox_lync_shown(all.list->pdata[0], as_busy)->text != STOX_WORD_NONE));
    }
}

static void test_round(const void *data)
{
    StoxDocumentFormat format = (StoxDocumentFormat) GPOINTER_TO_UINT(data);

    for (unsigned show = STOX_SHOW_ONLINE; show <= STOX_SHOW_DND; show++)
        for (unsigned idle = 0; idle < 2; idle++)
            for (size_t note = 0; note < G_N_ELEMENTS(notes); note++)
                for (unsigned as_busy = 0; as_busy < 2; as_busy++)
                    for (size_t busy = 0; busy < G_N_ELEMENTS(busys); busy++) {
                        Shown was = {.show = (StoxShow) show,
                                     .idle = idle,
                                     .note = notes[note],
                                     .lang = notes[note] ? "fr" : NULL};

                        g_test_message("show %u idle %u note %zu busy %u as %zu", show, idle, note,
                                       as_busy, busy);
                        compare(format, &was, as_busy, busys[busy]);
                    }
}

/* Nobody is nobody in all of them (P-111, P-123). */
static void test_nobody(void)
{
    for (StoxDocumentFormat format = STOX_DOCUMENT_PIDF; format <= STOX_DOCUMENT_CATEGORIES;
         format++) {
        g_auto(StoxPresentities) none;
        StoxDocumentSource source = {.entity_uri = ENTITY,
                                     .presentities = &none,
                                     .asked_for = STOX_CATEGORY_ALL,
                                     .now_wall_ms = NOW};
        StoxPresenceReading how = {
            .about_uri = ENTITY, .busy_as = STOX_SHOW_DND, .now_wall_ms = NOW};
        g_autoptr(StoxCategories) state = NULL;
        g_auto(StoxPresenceReport) report = {0};
        g_autoptr(GBytes) body = NULL;
        unsigned unused;

        stox_presentities_init(&none);
        body = stox_document_write(&source, format);
        g_assert_true(stox_presence_document_read(&state, stox_document_type(format), body, &how,
                                                  &report, &unused));
        g_assert_cmpuint(report.all.list->len, ==, 1);
        g_assert_false(((StoxPresentity *) report.all.list->pdata[0])->open);
    }
}

/* One document after another: each takes the place of the one before, a note that is gone is gone. */
static void test_follow_up(void)
{
    static const Shown rows[] = {{STOX_SHOW_DND, false, "Tea", NULL},
                                 {STOX_SHOW_DND, false, NULL, NULL},
                                 {STOX_SHOW_AWAY, true, NULL, NULL},
                                 {STOX_SHOW_ONLINE, false, "Cake", NULL}};
    static const char *const wanted[] = {"Tea", "Busy", "Inactive", "Cake"};
    g_autoptr(StoxCategories) state = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StoxPresentities) all = {NULL};
        StoxDocumentSource source = {.entity_uri = ENTITY,
                                     .presentities = &all,
                                     .dnd_as_busy = true,
                                     .asked_for = STOX_CATEGORY_ALL,
                                     .now_wall_ms = NOW,
                                     .serial = i};
        StoxPresenceReading how = {
            .about_uri = ENTITY, .busy_as = STOX_SHOW_DND, .now_wall_ms = NOW};
        g_auto(StoxPresenceReport) report = {0};
        g_autoptr(GBytes) body = NULL;
        g_auto(StoxNotes) status = {0};
        unsigned unused;

        keep(&rows[i], &all);
        body = stox_document_write(&source, STOX_DOCUMENT_CATEGORIES);
        g_assert_true(stox_presence_document_read(&state, STOX_CATEGORIES_TYPE, body, &how, &report,
                                                  &unused));
        stox_presentity_status(report.all.list->pdata[0], false, STOX_LANGUAGE_EN, &status);
        g_assert_cmpstr(stox_notes_first(&status), ==, wanted[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/presence-round/pidf", GUINT_TO_POINTER(STOX_DOCUMENT_PIDF), test_round);
    g_test_add_data_func("/presence-round/pidf-microsoft",
                         GUINT_TO_POINTER(STOX_DOCUMENT_PIDF_MICROSOFT), test_round);
    g_test_add_data_func("/presence-round/categories", GUINT_TO_POINTER(STOX_DOCUMENT_CATEGORIES),
                         test_round);
    g_test_add_func("/presence-round/nobody", test_nobody);
    g_test_add_func("/presence-round/follow-up", test_follow_up);
    return g_test_run();
}
