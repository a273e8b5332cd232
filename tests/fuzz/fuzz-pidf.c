/* SPDX-License-Identifier: MIT */
/* Any bytes as a presence document; what was read can be written in both styles, and read again. */
#include "tests/fuzz/fuzz.h"

#include "translation/pidf.h"

#include <string.h>

static void write_and_read(const StoxPresentities *all, StoxPidfStyle style, guint tuples)
{
    g_autoptr(GBytes) written =
        stox_pidf_write("sip:bob@partner.example", all, style, INT64_C(1767261600250));
    g_auto(StoxPresentities) back = {NULL};
    g_autofree char *entity = NULL;
    const char *why = NULL;

    g_assert(stox_pidf_read(written, &back, &entity, &why));
    g_assert_cmpstr(entity, ==, "sip:bob@partner.example");
    g_assert_cmpuint(back.list->len, ==, tuples);
    if (style == STOX_PIDF_STANDARD)
        for (guint i = 0; i < all->list->len; i++) {
            const StoxPresentity *was = all->list->pdata[i];
            const StoxPresentity *is = stox_presentities_find(&back, was->resource);

            g_assert(is);
            g_assert_cmpint(is->priority, ==, was->priority);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) document = g_bytes_new_static(data, size);
    g_auto(StoxPresentities) all = {NULL};
    g_autofree char *entity = NULL;
    const char *why = NULL;

    if (!stox_pidf_read(document, &all, &entity, &why)) {
        g_assert(why && !all.list && !entity);
        return 0;
    }
    g_assert_cmpuint(all.list->len, <=, STOX_MAX_PRESENTITIES);
    for (guint i = 0; i < all.list->len; i++) {
        const StoxPresentity *presentity = all.list->pdata[i];

        g_assert_cmpuint(strlen(presentity->resource), <=, 1023);
        g_assert(!presentity->note || strlen(presentity->note) <= 4096);
        g_assert(presentity->priority >= 0 && presentity->priority <= 127);
        g_assert(stox_presentities_find(&all, presentity->resource) == presentity);
    }
    write_and_read(&all, STOX_PIDF_STANDARD, MAX(all.list->len, 1));
    write_and_read(&all, STOX_PIDF_MICROSOFT, 1);
    return 0;
}
