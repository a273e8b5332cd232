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
    [STOX_WORD_ADDRESS_UNUSABLE] = {"This address cannot exist.",
                                    "Diese Adresse kann es nicht geben."},
    [STOX_WORD_ADDRESS_NOT_SIP] = {"This address has no form on the SIP side.",
                                   "Für diese Adresse gibt es auf der SIP-Seite keine Form."},
    [STOX_WORD_NO_GROUPCHAT] = {"Group chats with contacts on the SIP side are not possible.",
                                "Gruppenchats mit Kontakten auf der SIP-Seite sind nicht möglich."},
    [STOX_WORD_UNKNOWN_PRESENCE] = {"This type of presence is not known.",
                                    "Diese Art von Präsenz ist nicht bekannt."},

    [STOX_WORD_STOPPING] =
        {"The gateway is stopping; please try again in a moment.",
         "Das Gateway wird gerade beendet; bitte versuchen Sie es gleich noch einmal."},
    [STOX_WORD_QUEUE_FULL] =
        {"Too many messages are waiting to be passed on; please try again later.",
         "Es warten zu viele Nachrichten auf die Weitergabe; bitte versuchen Sie es später noch "
         "einmal."},
    [STOX_WORD_CONVERSATIONS_FULL] =
        {"Too many conversations are open; please try again later.",
         "Es sind zu viele Unterhaltungen offen; bitte versuchen Sie es später noch einmal."},
    [STOX_WORD_SUBSCRIPTIONS_FULL] =
        {"The gateway follows too many contacts already; please try again later.",
         "Das Gateway verfolgt schon zu viele Kontakte; bitte versuchen Sie es später noch "
         "einmal."},
    [STOX_WORD_MESSAGE_TOO_LONG] =
        {"The message is longer than {1} bytes, the most that can be passed on, even in parts.",
         "Die Nachricht ist länger als {1} Bytes; mehr kann auch in Teilen nicht weitergegeben "
         "werden."},
    [STOX_WORD_STANZA_TOO_LARGE] = {"The gateway does not take this: it is larger than {1} bytes.",
                                    "Das nimmt das Gateway nicht an: Es ist größer als {1} Bytes."},
    [STOX_WORD_STANZA_TOO_DEEP] =
        {"The gateway does not take this: its elements are too deeply nested.",
         "Das nimmt das Gateway nicht an: Die Elemente sind zu tief verschachtelt."},
    [STOX_WORD_STANZA_TOO_MANY_ELEMENTS] =
        {"The gateway does not take this: it has too many elements.",
         "Das nimmt das Gateway nicht an: Es hat zu viele Elemente."},
    [STOX_WORD_STANZA_TOO_MANY_ATTRIBUTES] =
        {"The gateway does not take this: one element has too many attributes.",
         "Das nimmt das Gateway nicht an: Ein Element hat zu viele Attribute."},
    [STOX_WORD_STANZA_TOO_MUCH_TEXT] = {"The gateway does not take this: it has too much text.",
                                        "Das nimmt das Gateway nicht an: Es enthält zu viel Text."},

    [STOX_WORD_ANSWERED] = {"The SIP side answered {1} {2}.", "Die SIP-Seite antwortete: {1} {2}."},
    [STOX_WORD_ANSWERED_DETAILS] = {"The SIP side answered {1} {2} ({3}).",
                                    "Die SIP-Seite antwortete: {1} {2} ({3})."},
    [STOX_WORD_DECLINED] =
        {"The recipient does not want to be contacted (declined / do not disturb).",
         "Der Empfänger möchte nicht kontaktiert werden (abgelehnt / nicht stören)."},
    [STOX_WORD_REFUSED_SIZE] = {"The message of {1} bytes is too large for the SIP side.",
                                "Die Nachricht ist mit {1} Bytes zu groß für die SIP-Seite."},
    [STOX_WORD_REFUSED_SIZE_ALONE] = {"It is too large for the SIP side.",
                                      "Das ist zu groß für die SIP-Seite."},
    [STOX_WORD_RETRY_AFTER] = {"Another attempt makes sense in {1} s.",
                               "Ein neuer Versuch ist in {1} s sinnvoll."},

    [STOX_WORD_TIMEOUT_UNKNOWN] =
        {"The SIP side did not answer in time; the message may have been delivered.",
         "Die SIP-Seite hat nicht rechtzeitig geantwortet; die Nachricht ist vielleicht "
         "angekommen."},
    [STOX_WORD_TIMEOUT_NOTHING] =
        {"The SIP side did not answer in time; nothing was delivered.",
         "Die SIP-Seite hat nicht rechtzeitig geantwortet; es wurde nichts zugestellt."},
    [STOX_WORD_BROKEN_UNKNOWN] = {"The connection to the SIP side broke before it answered; the "
                                  "message may have been delivered.",
                                  "Die Verbindung zur SIP-Seite brach vor der Antwort ab; die "
                                  "Nachricht ist vielleicht angekommen."},
    [STOX_WORD_NO_SUCH_SERVER] =
        {"The name of the SIP server does not resolve; nothing was delivered.",
         "Der Name des SIP-Servers lässt sich nicht auflösen; es wurde nichts zugestellt."},
    [STOX_WORD_TOO_LARGE_FOR_UDP] =
        {"The message is too large for a SIP side that is reached over UDP (at most 1300 bytes "
         "with all its headers); nothing was delivered.",
         "Die Nachricht ist zu groß für eine SIP-Seite, die über UDP erreicht wird (höchstens 1300 "
         "Bytes mit allen Kopfzeilen); es wurde nichts zugestellt."},
    [STOX_WORD_UNREACHABLE] = {"The SIP side cannot be reached; nothing was delivered.",
                               "Die SIP-Seite ist nicht erreichbar; es wurde nichts zugestellt."},

    [STOX_WORD_DIAGNOSTICS_ID] = {"diagnostics {1}", "Diagnose {1}"},
    [STOX_WORD_PEER_NOT_OUTSIDE] =
        {"The rules of that organization do not allow contact with people outside of it.",
         "Die Regeln der Organisation erlauben keinen Kontakt mit Personen außerhalb."},
    [STOX_WORD_PEER_NOT_PUBLIC] =
        {"The rules of that organization do not allow contact with users of public services.",
         "Die Regeln der Organisation erlauben keinen Kontakt mit Nutzern öffentlicher Dienste."},
    [STOX_WORD_PEER_NO_USER] = {"There is no such user; please check the address.",
                                "Diesen Benutzer gibt es nicht; bitte prüfen Sie die Adresse."},
    [STOX_WORD_PEER_LOST_DIALOG] =
        {"The conversation got lost there, for example by a restart; please write again.",
         "Die Unterhaltung ging dort verloren, zum Beispiel durch einen Neustart; bitte schreiben "
         "Sie noch einmal."},
    [STOX_WORD_PEER_NO_ROUTE] =
        {"That side has no route to the domain; its administrator has to set one up.",
         "Dort gibt es keine Route zu der Domain; der Administrator muss sie einrichten."},
    [STOX_WORD_PEER_NOT_NOW] =
        {"The recipient cannot be reached at the moment; please try again later.",
         "Der Empfänger ist zurzeit nicht erreichbar; bitte versuchen Sie es später noch einmal."},
    [STOX_WORD_PEER_DNS] = {"A server of that side is not found in DNS, or its name does not fit "
                            "the domain; its administrator has to look into it.",
                            "Ein Server jener Seite ist im DNS nicht zu finden, oder sein Name "
                            "passt nicht zur Domain; der Administrator muss das prüfen."},
    [STOX_WORD_PEER_CERTIFICATE] = {"Two servers on the way do not trust each other's certificate; "
                                    "an administrator has to look into it.",
                                    "Zwei Server auf dem Weg vertrauen dem Zertifikat des anderen "
                                    "nicht; ein Administrator muss das prüfen."},
    [STOX_WORD_PEER_NO_DETAILS] = {"The server that refused it did not say why.",
                                   "Der ablehnende Server hat keinen Grund genannt."},
    [STOX_WORD_PEER_CLOCK] =
        {"The clocks of two servers differ too much; an administrator has to look into it.",
         "Die Uhren zweier Server gehen zu weit auseinander; ein Administrator muss das prüfen."},
    [STOX_WORD_PEER_DOMAINS_CLASH] = {"That side does not route between these two domains; its "
                                      "administrator has to look into it.",
                                      "Jene Seite leitet zwischen diesen beiden Domains nichts "
                                      "weiter; der Administrator muss das prüfen."},
    [STOX_WORD_PEER_MALFORMED] =
        {"That side could not use the request; an administrator has to look into it.",
         "Jene Seite konnte mit der Anfrage nichts anfangen; ein Administrator muss das prüfen."},
    [STOX_WORD_PEER_DISABLED] = {"The account of this user is disabled.",
                                 "Das Konto dieses Benutzers ist deaktiviert."},
    [STOX_WORD_PEER_CONFERENCE] = {"The conference did not answer in time.",
                                   "Die Konferenz hat nicht rechtzeitig geantwortet."},

    [STOX_WORD_LATE_FAILURE] = {"A message could not be delivered: {1}",
                                "Eine Nachricht konnte nicht zugestellt werden: {1}"},

    [STOX_WORD_CONDITION_BAD_REQUEST] = {"The other side could not use it.",
                                         "Die Gegenseite konnte damit nichts anfangen."},
    [STOX_WORD_CONDITION_CONFLICT] = {"It is in conflict with something on the other side.",
                                      "Auf der Gegenseite steht ihr etwas entgegen."},
    [STOX_WORD_CONDITION_FEATURE_NOT_IMPLEMENTED] = {"The other side does not support this.",
                                                     "Die Gegenseite unterstützt das nicht."},
    [STOX_WORD_CONDITION_FORBIDDEN] = {"The other side does not allow it.",
                                       "Die Gegenseite erlaubt das nicht."},
    [STOX_WORD_CONDITION_GONE] =
        {"The recipient has left this address.",
         "Der Empfänger ist unter dieser Adresse nicht mehr zu erreichen."},
    [STOX_WORD_CONDITION_INTERNAL_SERVER_ERROR] = {"The other side's server has a fault.",
                                                   "Der Server der Gegenseite ist gestört."},
    [STOX_WORD_CONDITION_ITEM_NOT_FOUND] = {"There is no such recipient.",
                                            "Diesen Empfänger gibt es nicht."},
    [STOX_WORD_CONDITION_JID_MALFORMED] = {"The other side cannot use the address.",
                                           "Die Gegenseite kann die Adresse nicht verwenden."},
    [STOX_WORD_CONDITION_NOT_ACCEPTABLE] = {"The other side does not accept it.",
                                            "Die Gegenseite nimmt sie nicht an."},
    [STOX_WORD_CONDITION_NOT_ALLOWED] = {"The other side allows this to nobody.",
                                         "Die Gegenseite erlaubt das niemandem."},
    [STOX_WORD_CONDITION_NOT_AUTHORIZED] =
        {"The other side wants a sign-in that the gateway does not have.",
         "Die Gegenseite verlangt eine Anmeldung, die das Gateway nicht hat."},
    [STOX_WORD_CONDITION_POLICY_VIOLATION] = {"It is against the rules of the other side.",
                                              "Sie verstößt gegen die Regeln der Gegenseite."},
    [STOX_WORD_CONDITION_RECIPIENT_UNAVAILABLE] = {"The recipient cannot be reached at the moment.",
                                                   "Der Empfänger ist zurzeit nicht erreichbar."},
    [STOX_WORD_CONDITION_REDIRECT] = {"The recipient has another address at the moment.",
                                      "Der Empfänger hat zurzeit eine andere Adresse."},
    [STOX_WORD_CONDITION_REGISTRATION_REQUIRED] =
        {"The other side wants a registration first.",
         "Die Gegenseite verlangt zuerst eine Registrierung."},
    [STOX_WORD_CONDITION_REMOTE_SERVER_NOT_FOUND] =
        {"The recipient's server cannot be found.",
         "Der Server des Empfängers ist nicht zu finden."},
    [STOX_WORD_CONDITION_REMOTE_SERVER_TIMEOUT] = {"The recipient's server does not answer.",
                                                   "Der Server des Empfängers antwortet nicht."},
    [STOX_WORD_CONDITION_RESOURCE_CONSTRAINT] =
        {"The other side is overloaded or the recipient's mailbox is full; please try again later.",
         "Die Gegenseite ist überlastet oder das Postfach des Empfängers voll; bitte versuchen Sie "
         "es später noch einmal."},
    [STOX_WORD_CONDITION_SERVICE_UNAVAILABLE] =
        {"The recipient does not exist or takes no messages.",
         "Den Empfänger gibt es nicht, oder er nimmt keine Nachrichten an."},
    [STOX_WORD_CONDITION_SUBSCRIPTION_REQUIRED] =
        {"The recipient takes messages from his contacts only.",
         "Der Empfänger nimmt nur Nachrichten seiner Kontakte an."},
    [STOX_WORD_CONDITION_UNDEFINED_CONDITION] =
        {"The other side refused it without a reason.",
         "Die Gegenseite hat sie ohne Angabe eines Grundes abgelehnt."},
    [STOX_WORD_CONDITION_UNEXPECTED_REQUEST] =
        {"The other side did not expect it at this moment.",
         "Die Gegenseite hat sie in diesem Augenblick nicht erwartet."},
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
    [STOX_WORD_MESSAGE_ENCRYPTED] =
        {"This message is encrypted ({1}), and the other side cannot read that. Please switch the "
         "encryption off for this contact.",
         "Diese Nachricht ist verschlüsselt ({1}), und die Gegenseite kann das nicht lesen. Bitte "
         "schalten Sie die Verschlüsselung für diesen Kontakt aus."},
    [STOX_WORD_MESSAGE_PARTLY_DELIVERED] =
        {"Only the first {1} of {2} parts of the message were delivered. {3}",
         "Nur die ersten {1} von {2} Teilen der Nachricht wurden zugestellt. {3}"},
    [STOX_WORD_FAILED_AFTER_ALL] =
        {"The message was accepted, but then it could not be delivered.",
         "Die Nachricht wurde angenommen, konnte dann aber nicht zugestellt werden."},
    [STOX_WORD_HEADLINE] =
        {"A headline reaches this user only while a chat with them is open.",
         "Eine Schlagzeile erreicht diesen Benutzer nur, solange ein Chat mit ihm offen ist."},
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

char *stox_words_list(StoxWord word, StoxLanguage language, va_list list)
{
    const char *values[MAX_PLACES] = {NULL};
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < MAX_PLACES && (values[i] = va_arg(list, const char *)); i++)
        ;
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

char *stox_words(StoxWord word, StoxLanguage language, ...)
{
    va_list list;
    char *text;

    va_start(list, language);
    text = stox_words_list(word, language, list);
    va_end(list);
    return text;
}
