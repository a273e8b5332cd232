/* SPDX-License-Identifier: MIT */
/* Any bytes as a presence document; the first one says of which type ('0' PIDF, '1' categories, '2' LCS 2005, '3' XPIDF, '4' RLMI, '5' multipart). What was read can be written in both styles, and read again. */
#include "tests/fuzz/fuzz.h"

#include "translation/presence-write.h"

#include <string.h>

#define ABOUT "sip:bob@partner.example"

static const StoxPresenceReading how = {
    .about_uri = NULL, .busy_as = STOX_SHOW_DND, .now_wall_ms = INT64_C(1767261600000)};

static void write_and_read(const StoxPresentities *all, StoxDocumentFormat format, guint tuples)
{
    StoxDocumentSource source = {.entity_uri = ABOUT,
                                 .presentities = all,
                                 .asked_for = STOX_CATEGORY_ALL,
                                 .now_wall_ms = INT64_C(1767261600250)};
    g_autoptr(GBytes) written = stox_document_write(&source, format);
    g_autoptr(StoxCategories) none = NULL;
    g_auto(StoxPresenceReport) back = {0};
    StoxPresenceReading about_him = how;
    unsigned status;

    about_him.about_uri = ABOUT;
    g_assert(stox_presence_document_read(&none, stox_document_type(format), written, &about_him,
                                         &back, &status));
    g_assert_true(back.about_him);
    g_assert_cmpuint(back.all.list->len, ==, tuples);
    if (format == STOX_DOCUMENT_PIDF)
        for (guint i = 0; i < all->list->len; i++) {
            const StoxPresentity *was = all->list->pdata[i];
            const StoxPresentity *is = stox_presentities_find(&back.all, was->resource);

            g_assert(is);
            g_assert_cmpint(is->priority, ==, was->priority);
        }
}

static void check_notes(const StoxNotes *notes)
{
    size_t sum = 0;

    g_assert_cmpuint(notes->n, <=, STOX_MAX_NOTES);
    for (unsigned i = 0; i < notes->n; i++)
        sum += strlen(notes->list[i].text);
    g_assert_cmpuint(sum, <=, STOX_MAX_NOTE);
}

static void check(const StoxPresentities *all)
{
    g_assert_cmpuint(all->list->len, <=, STOX_MAX_PRESENTITIES);
    for (guint i = 0; i < all->list->len; i++) {
        const StoxPresentity *presentity = all->list->pdata[i];

        g_assert_cmpuint(strlen(presentity->resource), <=, 1023);
        check_notes(&presentity->notes);
        g_assert(presentity->priority >= 0 && presentity->priority <= 127);
        g_assert(presentity->open ||
                 (presentity->show == STOX_SHOW_ONLINE && presentity->priority == 0));
        g_assert(stox_presentities_find(all, presentity->resource) == presentity);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {
        STOX_PIDF_TYPE,  STOX_CATEGORIES_TYPE, STOX_MSRTC_TYPE,
        STOX_XPIDF_TYPE, STOX_RLMI_TYPE,       "multipart/related; boundary=b",
    };
    g_autoptr(StoxCategories) state = NULL;
    g_autoptr(GBytes) document = NULL;
    StoxCategorySet asked_for;

    if (size == 0)
        return 0;
    document = g_bytes_new_static(data + 1, size - 1);
    stox_document_asked_for(STOX_BATCH_SUB_TYPE, document, &asked_for);
    /* twice: the second time there is a state already */
    for (unsigned i = 0; i < 2; i++) {
        g_auto(StoxPresenceReport) report = {0};
        unsigned status = 0;

        if (!stox_presence_document_read(&state, types[data[0] % G_N_ELEMENTS(types)], document,
                                         &how, &report, &status)) {
            g_assert((status == 400 || status == 413 || status == 415) && !report.all.list);
            return 0;
        }
        check(&report.all);
        write_and_read(&report.all, STOX_DOCUMENT_PIDF, MAX(report.all.list->len, 1));
        write_and_read(&report.all, STOX_DOCUMENT_PIDF_MICROSOFT, 1);
        write_and_read(&report.all, STOX_DOCUMENT_CATEGORIES, 1);
    }
    return 0;
}
