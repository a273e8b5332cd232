/* SPDX-License-Identifier: MIT */
#include "translation/words.h"

#include <glib.h>

#include <stdarg.h>
#include <string.h>

#define MAX_PLACES 9

static const char *const texts[STOX_N_WORDS][STOX_N_LANGUAGES] = {
    [STOX_WORD_DOMAIN_NOT_SERVED] = {"This domain is not served by this gateway.",
                                     "Diese Domain wird von diesem Gateway nicht bedient."},
    [STOX_WORD_BOTH_SIP] = {"Both addresses belong to the SIP side of this gateway.",
                            "Beide Adressen gehören zur SIP-Seite dieses Gateways."},
    [STOX_WORD_PARTNER_NOT_ALLOWED] =
        {"Your domain is not an allowed partner of this gateway.",
         "Ihre Domain ist kein zugelassener Partner dieses Gateways."},
    [STOX_WORD_GATEWAY_IS_NO_PERSON] = {"This is a gateway, not a person.",
                                        "Das ist ein Gateway und keine Person."},
    [STOX_WORD_NO_WAY] = {"No way to this domain is configured.",
                          "Zu dieser Domain ist kein Weg eingerichtet."},
};

static const char *const tags[STOX_N_LANGUAGES] = {
    [STOX_LANGUAGE_EN] = "en",
    [STOX_LANGUAGE_DE] = "de",
};

bool stox_language_from_tag(const char *tag, StoxLanguage *ret_language)
{
    for (unsigned i = 0; tag && i < STOX_N_LANGUAGES; i++) {
        size_t n = strlen(tags[i]);

        if (g_ascii_strncasecmp(tag, tags[i], n) == 0 && (tag[n] == '\0' || tag[n] == '-')) {
            *ret_language = (StoxLanguage) i;
            return true;
        }
    }
    return false;
}

const char *stox_language_tag(StoxLanguage language)
{
    return tags[language];
}

const char *stox_word(StoxWord word, StoxLanguage language)
{
    return texts[word][language];
}

char *stox_words(StoxWord word, StoxLanguage language, ...)
{
    const char *values[MAX_PLACES] = {NULL};
    GString *text = g_string_new(NULL);
    va_list list;

    va_start(list, language);
    for (unsigned i = 0; i < MAX_PLACES && (values[i] = va_arg(list, const char *)); i++)
        ;
    va_end(list);
    for (const char *at = stox_word(word, language); *at; at++) {
        if (at[0] == '{' && at[1] >= '1' && at[1] <= '9' && at[2] == '}') {
            const char *value = values[at[1] - '1'];

            g_string_append(text, value ? value : "");
            at += 2;
        } else {
            g_string_append_c(text, *at);
        }
    }
    return g_string_free(text, FALSE);
}
