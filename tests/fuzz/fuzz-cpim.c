/* SPDX-License-Identifier: MIT */
/* One input is read as message/cpim, imdn, isComposing and KeyboardActivity: refused with a status, or the same again once it is written and read. */
#include "tests/fuzz/fuzz.h"

#include "translation/composing.h"
#include "translation/cpim.h"
#include "translation/imdn.h"

#include <string.h>

static void try_imdn(GBytes *bytes)
{
    g_auto(StoxImdn) first = {0}, second = {0};
    g_autoptr(GBytes) written = NULL;

    if (!stox_imdn_read(bytes, &first))
        return;
    g_assert(first.message_id && *first.message_id && first.date);
    written = stox_imdn_write(&first);
    g_assert(stox_imdn_read(written, &second));
    g_assert_cmpstr(first.message_id, ==, second.message_id);
    g_assert_cmpstr(first.date, ==, second.date);
    g_assert(first.kind == second.kind && first.status == second.status);
}

static void try_composing(GBytes *bytes)
{
    g_auto(StoxComposing) first = {0}, second = {0};
    g_autoptr(GBytes) written = NULL;
    bool typing;

    if (stox_composing_read(bytes, &first)) {
        g_assert(first.refresh_s <= 3600);
        written = stox_composing_write(&first);
        g_assert(stox_composing_read(written, &second));
        g_assert(first.active == second.active && first.refresh_s == second.refresh_s &&
                 first.last_active_wall_ms == second.last_active_wall_ms);
    }
    stox_keyboard_read(bytes, &typing);
}

static void try_cpim(GBytes *bytes)
{
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxCpim) first = {0}, second = {0};
    g_autoptr(GBytes) written = NULL;

    if (!stox_cpim_read(bytes, &first, &failure)) {
        g_assert(failure.status == 400 || failure.status == 413 ||
                 (failure.status == 415 && failure.accept));
        return;
    }
    g_assert(first.content_type && *first.content_type && first.body);
    g_assert(g_bytes_get_size(first.body) <= g_bytes_get_size(bytes));
    g_clear_pointer(&first.record_route, g_ptr_array_unref); /* it would become another header */
    written = stox_cpim_write(&first);
    if (!stox_cpim_read(written, &second, &failure)) { /* escapes may have made it longer */
        g_assert_cmpuint(failure.status, ==, 413);
        return;
    }
    g_assert_cmpstr(first.from, ==, second.from);
    g_assert_cmpstr(first.from_name, ==, second.from_name);
    g_assert_cmpstr(first.subject, ==, second.subject);
    g_assert_cmpstr(first.subject_lang, ==, second.subject_lang);
    g_assert_cmpstr(first.message_id, ==, second.message_id);
    g_assert_cmpstr(first.content_type, ==, second.content_type);
    g_assert(first.date_wall_ms == second.date_wall_ms);
    g_assert(first.dispositions == second.dispositions);
    g_assert(g_bytes_equal(first.body, second.body));
    try_imdn(first.body);
    try_composing(first.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);

    try_cpim(bytes);
    try_imdn(bytes);
    try_composing(bytes);
    return 0;
}
