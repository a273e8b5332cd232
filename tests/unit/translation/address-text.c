/* SPDX-License-Identifier: MIT */
#include "tests/unit/translation/address-text.h"
#include "translation/error.h"

char *address_refusal(const StoxError *error)
{
    g_assert_cmpint(error->type, ==, stox_condition_default_type(error->condition));
    g_assert_nonnull(error->text);
    return g_strconcat("!", stox_condition_name(error->condition), NULL);
}

char *address_mapped(const char *address, const StoxTranslateOptions *options)
{
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxError) error = {0};
    char *mapped = NULL;

    switch (stox_address_translate(address, options, &mapped, &failure, &error)) {
    case STOX_TRANSLATED:
        return mapped;
    case STOX_TRANSLATE_NO_JID:
        return g_strdup_printf("!%u", failure.status);
    case STOX_TRANSLATE_NO_URI:
        return address_refusal(&error);
    }
    return NULL;
}
