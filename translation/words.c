/* SPDX-License-Identifier: MIT */
#include "translation/words.h"

#include <glib.h>

#include <stdarg.h>
#include <string.h>

#define MAX_PLACES 9

static const char *const texts[STOX_N_WORDS][STOX_N_LANGUAGES] = {
    [STOX_WORD_NONE] = {"", ""},
    [STOX_WORD_PROMPT_DESCRIPTION] =
        {"Please enter the SIP address of the person you want to reach, such as {1}.",
         "Bitte geben Sie die SIP-Adresse der Person ein, die Sie erreichen möchten, zum Beispiel "
         "{1}."},
    [STOX_WORD_PROMPT] = {"SIP address", "SIP-Adresse"},
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
    /* Presence */
    [STOX_WORD_INACTIVE] = {"Inactive", "Inaktiv"},
    [STOX_WORD_BUSY] = {"Busy", "Beschäftigt"},
    [STOX_WORD_BUSY_INACTIVE] = {"Busy, inactive", "Beschäftigt, inaktiv"},
    [STOX_WORD_DO_NOT_DISTURB] = {"Do not disturb", "Bitte nicht stören"},
    [STOX_WORD_BE_RIGHT_BACK] = {"Be right back", "Bin gleich zurück"},
    [STOX_WORD_AWAY] = {"Away", "Abwesend"},
    [STOX_WORD_IN_A_CALL] = {"In a call", "In einem Gespräch"},
    [STOX_WORD_IN_A_CONFERENCE_CALL] = {"In a conference call", "In einer Telefonkonferenz"},
    [STOX_WORD_IN_A_MEETING] = {"In a meeting", "In einer Besprechung"},
    [STOX_WORD_PRESENTING] = {"Presenting", "Bei einer Präsentation"},
    [STOX_WORD_URGENT_INTERRUPTIONS_ONLY] = {"Urgent interruptions only",
                                             "Nur bei dringenden Anliegen stören"},
    [STOX_WORD_OUT_OF_OFFICE] = {"Out of office", "Außer Haus"},
    [STOX_WORD_OFF_WORK] = {"Off work", "Nicht im Dienst"},
    [STOX_WORD_OUT_TO_LUNCH] = {"Out to lunch", "Beim Mittagessen"},
    [STOX_WORD_ON_THE_PHONE] = {"On the phone", "Am Telefon"},
    [STOX_WORD_PRESENTATION] = {"Presentation", "Präsentation"},
    [STOX_WORD_MEETING] = {"Meeting", "Besprechung"},
    [STOX_WORD_PERFORMANCE] = {"Performance", "Aufführung"},
    [STOX_WORD_APPOINTMENT] = {"Appointment", "Termin"},
    [STOX_WORD_WORSHIP] = {"Worship", "Gottesdienst"},
    [STOX_WORD_STEERING] = {"Steering", "Am Steuer"},
    [STOX_WORD_SLEEPING] = {"Sleeping", "Schläft"},
    [STOX_WORD_VACATION] = {"Vacation", "Urlaub"},
    [STOX_WORD_HOLIDAY] = {"Holiday", "Feiertag"},
    [STOX_WORD_TRAVEL] = {"Travel", "Auf Reisen"},
    [STOX_WORD_BREAKFAST] = {"Breakfast", "Frühstück"},
    [STOX_WORD_LUNCH] = {"Lunch", "Mittagessen"},
    [STOX_WORD_DINNER] = {"Dinner", "Abendessen"},
    [STOX_WORD_MEAL] = {"Meal", "Beim Essen"},
    [STOX_WORD_IN_TRANSIT] = {"In transit", "Unterwegs"},
    [STOX_WORD_SHOPPING] = {"Shopping", "Beim Einkaufen"},
    [STOX_WORD_PLAYING] = {"Playing", "Beim Spielen"},
    [STOX_WORD_SPECTATOR] = {"Spectator", "Als Zuschauer unterwegs"},
    [STOX_WORD_TV] = {"TV", "Vor dem Fernseher"},
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
