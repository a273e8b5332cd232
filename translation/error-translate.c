/* SPDX-License-Identifier: MIT */
#include "translation/error-translate.h"

#include "translation/error.h"

#include <string.h>

/* A code of each class that nothing is said about: xx99 (RFC 3261 s8.1.3.2). */
enum { UNLISTED = 99 };

/* 0: `what` is no status. */
static unsigned read_status(const char *what)
{
    if (!g_ascii_isdigit(what[0]) || strlen(what) != 3)
        return 0;
    if (g_ascii_strcasecmp(what + 1, "xx") == 0)
        return (unsigned) (what[0] - '0') * 100 + UNLISTED;
    if (!g_ascii_isdigit(what[1]) || !g_ascii_isdigit(what[2]))
        return 0;
    return (unsigned) g_ascii_strtoull(what, NULL, 10);
}

static char *translate_result(const StoxSipResult *result)
{
    g_auto(StoxError) error = {0};

    stox_error_from_sip(result, STOX_LANGUAGE_EN, &error);
    return g_strdup_printf("%s %s", stox_condition_name(error.condition),
                           stox_error_type_name(error.type));
}

static char *translate_condition(StoxCondition condition, bool bare)
{
    StoxError error = {.condition = condition};
    g_auto(StoxSipResult) result = {0};

    stox_sip_from_error(&error, !bare, false, STOX_METHOD_CLASS_OTHER, &result);
    return g_strdup_printf("%u", result.status);
}

char *stox_error_translate(const char *what, bool bare, GError **error)
{
    unsigned status = read_status(what);
    StoxCondition condition = stox_condition_from_name(what);

    if (strcmp(what, "-") == 0)
        return translate_result(&(StoxSipResult){.fate = STOX_SIP_NO_SUCH_DOMAIN});
    if (status >= 300 && status <= 699)
        return translate_result(&(StoxSipResult){.fate = STOX_SIP_ANSWERED, .status = status});
    if (status) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s is no failure: only 300 to 699 become stanza errors", what);
        return NULL;
    }
    if (strcmp(stox_condition_name(condition), what) == 0)
        return translate_condition(condition, bare);
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "\"%s\" is neither a SIP status (300 to 699) nor a stanza error condition of RFC "
                "6120 section 8.3.3",
                what);
    return NULL;
}
