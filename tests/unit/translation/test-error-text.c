/* SPDX-License-Identifier: MIT */
/* What XMPP users read about failures on the SIP side (D-01, D-03, D-07; lync.md 4.9), in their language. */
#include "translation/error.h"

#include <string.h>

static char *text_of(const StoxSipResult *result, StoxLanguage language)
{
    g_auto(StoxError) error = {0};

    stox_error_from_sip(result, language, &error);
    g_assert_cmpstr(error.lang, ==, stox_language_tag(language)); /* D-01 */
    return g_steal_pointer(&error.text);
}

typedef struct {
    const char *name;
    StoxSipResult result;
    const char *english, *german;
} Case;

#define ANSWER(code) .fate = STOX_SIP_ANSWERED, .status = (code)

static const Case cases[] = {
    {"plain",
     {ANSWER(486)},
     "The SIP side answered 486 Busy Here.",
     "Die SIP-Seite antwortete: 486 Busy Here."},
    {"reason-phrase", /* D-01: controls and line ends go, what is no UTF-8 is marked */
     {ANSWER(404), .reason = "No\r\nsuch \x01 user\xFF"},
     "The SIP side answered 404 No such user\xEF\xBF\xBD.",
     "Die SIP-Seite antwortete: 404 No such user\xEF\xBF\xBD."},
    {"warning", /* D-01 */
     {ANSWER(488), .warning = "Codecs do not match"},
     "The SIP side answered 488 Not Acceptable Here (Codecs do not match).",
     "Die SIP-Seite antwortete: 488 Not Acceptable Here (Codecs do not match)."},
    {"retry-after", /* D-03 */
     {ANSWER(486), .retry_after_s = 120},
     "The SIP side answered 486 Busy Here. Another attempt makes sense in 120 s.",
     "Die SIP-Seite antwortete: 486 Busy Here. Ein neuer Versuch ist in 120 s sinnvoll."},
    {"busy-server", /* lync.md 4.9-retry-after: 503 keeps it */
     {ANSWER(503), .retry_after_s = 30},
     "The SIP side answered 503 Service Unavailable. Another attempt makes sense in 30 s.",
     "Die SIP-Seite antwortete: 503 Service Unavailable. Ein neuer Versuch ist in 30 s sinnvoll."},
    {"diagnostics", /* lync.md 4.9-grammar: id, reason, and what it means */
     {ANSWER(404), .diagnostics = "User does not exist", .diagnostics_id = 1003},
     "The SIP side answered 404 Not Found (User does not exist; diagnostics 1003). There is no "
     "such "
     "user; please check the address.",
     "Die SIP-Seite antwortete: 404 Not Found (User does not exist; Diagnose 1003). Diesen "
     "Benutzer "
     "gibt es nicht; bitte prüfen Sie die Adresse."},
    {"unknown-diagnostics", /* lync.md 4.9-ranges: of whatever range, its number is told */
     {ANSWER(500), .diagnostics_id = 99999, .warning = "W"},
     "The SIP side answered 500 Server Internal Error (diagnostics 99999; W).",
     "Die SIP-Seite antwortete: 500 Server Internal Error (Diagnose 99999; W)."},
    {"decline", /* lync.md 4.9-decline */
     {ANSWER(603), .retry_after_s = 5},
     "The SIP side answered 603 Decline. The recipient does not want to be contacted (declined / "
     "do "
     "not disturb). Another attempt makes sense in 5 s.",
     "Die SIP-Seite antwortete: 603 Decline. Der Empfänger möchte nicht kontaktiert werden "
     "(abgelehnt / nicht stören). Ein neuer Versuch ist in 5 s sinnvoll."},
    {"unwanted", /* RFC 8197: the like */
     {ANSWER(607)},
     "The SIP side answered 607 Unwanted. The recipient does not want to be contacted (declined / "
     "do not disturb).",
     "Die SIP-Seite antwortete: 607 Unwanted. Der Empfänger möchte nicht kontaktiert werden "
     "(abgelehnt / nicht stören)."},
    {"out-of-dialog", /* lync.md 4.9-24083: what UCMA applications say */
     {ANSWER(481), .diagnostics = "Message was received out of dialog.", .diagnostics_id = 24083},
     "The SIP side answered 481 Call/Transaction Does Not Exist (Message was received out of "
     "dialog.; diagnostics 24083).",
     "Die SIP-Seite antwortete: 481 Call/Transaction Does Not Exist (Message was received out of "
     "dialog.; Diagnose 24083)."},
    {"too-large", /* lync.md 4.9-size: the size in the text */
     {ANSWER(513), .bytes = 70000},
     "The SIP side answered 513 Message Too Large. The message of 70000 bytes is too large for the "
     "SIP side.",
     "Die SIP-Seite antwortete: 513 Message Too Large. Die Nachricht ist mit 70000 Bytes zu groß "
     "für "
     "die SIP-Seite."},
    {"too-large-somehow",
     {ANSWER(413)},
     "The SIP side answered 413 Request Entity Too Large. It is too large for the SIP side.",
     "Die SIP-Seite antwortete: 413 Request Entity Too Large. Das ist zu groß für die SIP-Seite."},
    {"timer", /* D-07, promise 1 */
     {.fate = STOX_SIP_TIMEOUT},
     "The SIP side did not answer in time; the message may have been delivered.",
     "Die SIP-Seite hat nicht rechtzeitig geantwortet; die Nachricht ist vielleicht angekommen."},
    {"broken", /* D-07 */
     {.fate = STOX_SIP_TRANSPORT},
     "The connection to the SIP side broke before it answered; the message may have been "
     "delivered.",
     "Die Verbindung zur SIP-Seite brach vor der Antwort ab; die Nachricht ist vielleicht "
     "angekommen."},
    {"unreachable",
     {.fate = STOX_SIP_NOT_SENT, .retry_after_s = 9},
     "The SIP side cannot be reached; nothing was delivered. Another attempt makes sense in 9 s.",
     "Die SIP-Seite ist nicht erreichbar; es wurde nichts zugestellt. Ein neuer Versuch ist in 9 s "
     "sinnvoll."},
    {"no-name", /* E-53 */
     {.fate = STOX_SIP_NO_SUCH_DOMAIN},
     "The name of the SIP server does not resolve; nothing was delivered.",
     "Der Name des SIP-Servers lässt sich nicht auflösen; es wurde nichts zugestellt."},
    {"udp", /* M-38 */
     {.fate = STOX_SIP_TOO_LARGE},
     "The message is too large for a SIP side that is reached over UDP (at most 1300 bytes with "
     "all "
     "its headers); nothing was delivered.",
     "Die Nachricht ist zu groß für eine SIP-Seite, die über UDP erreicht wird (höchstens 1300 "
     "Bytes "
     "mit allen Kopfzeilen); es wurde nichts zugestellt."},
};

static void test_case(gconstpointer data)
{
    const Case *c = data;
    g_autofree char *english = text_of(&c->result, STOX_LANGUAGE_EN);
    g_autofree char *german = text_of(&c->result, STOX_LANGUAGE_DE);

    g_assert_cmpstr(english, ==, c->english);
    g_assert_cmpstr(german, ==, c->german);
}

/* lync.md 4.9, the table of ids: each has its sentence beside its number; the status alone decides on the condition. */
typedef struct {
    const char *row; /* ends with the id */
    unsigned status;
    StoxWord word;
} IdCase;

static const IdCase ids[] = {
    {"lync.md 4.9-1001", 403, STOX_WORD_PEER_NOT_PUBLIC},
    {"lync.md 4.9-1002", 403, STOX_WORD_PEER_NOT_OUTSIDE},
    {"lync.md 4.9-1003", 404, STOX_WORD_PEER_NO_USER},
    {"lync.md 4.9-1004", 481, STOX_WORD_PEER_LOST_DIALOG},
    {"lync.md 4.9-1005", 404, STOX_WORD_PEER_NO_ROUTE},
    {"lync.md 4.9-1006", 480, STOX_WORD_PEER_NOT_NOW},
    {"lync.md 4.9-1007", 504, STOX_WORD_PEER_NOT_NOW},
    {"lync.md 4.9-1008", 504, STOX_WORD_PEER_DNS},
    {"lync.md 4.9-1009", 504, STOX_WORD_PEER_DNS},
    {"lync.md 4.9-1010", 504, STOX_WORD_PEER_CERTIFICATE},
    {"lync.md 4.9-1011", 504, STOX_WORD_PEER_NO_DETAILS},
    {"lync.md 4.9-1012", 403, STOX_WORD_PEER_NOT_OUTSIDE},
    {"lync.md 4.9-1013", 401, STOX_WORD_PEER_CLOCK},
    {"lync.md 4.9-1014", 504, STOX_WORD_PEER_DNS},
    {"lync.md 4.9-1017", 403, STOX_WORD_PEER_DOMAINS_CLASH},
    {"lync.md 4.9-1034", 504, STOX_WORD_PEER_NO_DETAILS},
    {"lync.md 4.9-4005", 404, STOX_WORD_PEER_NO_USER},
    {"lync.md 4.9-4006", 404, STOX_WORD_PEER_NO_USER},
    {"lync.md 4.9-4007", 404, STOX_WORD_PEER_NO_USER},
    {"lync.md 4.9-4010", 400, STOX_WORD_PEER_MALFORMED},
    {"lync.md 4.9-4011", 400, STOX_WORD_PEER_MALFORMED},
    {"lync.md 4.9-4012", 400, STOX_WORD_PEER_MALFORMED},
    {"lync.md 4.9-4013", 400, STOX_WORD_PEER_MALFORMED},
    {"lync.md 4.9-4141", 403, STOX_WORD_PEER_DISABLED},
    {"lync.md 4.9-6001", 408, STOX_WORD_PEER_CONFERENCE},
    {"lync.md 4.9-13008", 403, STOX_WORD_PEER_NO_DETAILS},
    {"lync.md 4.9-13009", 480, STOX_WORD_PEER_NOT_NOW},
};

static void test_id(gconstpointer data)
{
    const IdCase *c = data;
    const char *number = strrchr(c->row, '-') + 1;
    StoxSipResult result = {ANSWER(c->status),
                            .diagnostics_id = (unsigned) g_ascii_strtoull(number, NULL, 10)};
    StoxSipResult bare = {ANSWER(c->status)};
    g_auto(StoxError) error = {0}, plain = {0};
    g_autofree char *named = g_strdup_printf("(diagnostics %s).", number);

    stox_error_from_sip(&result, STOX_LANGUAGE_EN, &error);
    stox_error_from_sip(&bare, STOX_LANGUAGE_EN, &plain);
    g_assert_nonnull(strstr(error.text, named));
    g_assert_true(g_str_has_suffix(error.text, stox_word(c->word, STOX_LANGUAGE_EN)));
    g_assert_cmpint(error.condition, ==, plain.condition);
    g_assert_cmpint(error.type, ==, plain.type);
}

/* Whatever a peer writes, a stanza stays small. */
static void test_bounded(void)
{
    g_autofree char *long_text = g_strnfill(100000, 'x');
    StoxSipResult result = {ANSWER(500), .reason = long_text, .diagnostics = long_text,
                            .warning = long_text};
    g_autofree char *text = text_of(&result, STOX_LANGUAGE_EN);

    g_assert_cmpuint(strlen(text), <, 1500);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/error-text/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_autofree char *path = g_strdup_printf("/error-text/%s", ids[i].row);

        g_test_add_data_func(path, &ids[i], test_id);
    }
    g_test_add_func("/error-text/bounded", test_bounded);
    return g_test_run();
}
