/* SPDX-License-Identifier: MIT */
/* Errors in words: what people read, in their language (D-01, D-03; lync.md 4.9). */
#include "translation/error-private.h"

#include <string.h>

/* Longer texts of others are cut: they go into one header line or one chat line. */
#define MAX_FOREIGN_OCTETS 400

char *stox_error_one_line(const char *text)
{
    g_autoptr(GString) line = g_string_new(NULL);
    g_autofree char *valid = NULL;

    if (!text)
        return NULL;
    valid = g_utf8_make_valid(text, (gssize) strnlen(text, 4 * MAX_FOREIGN_OCTETS));
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        bool blank = g_unichar_isspace(c) || g_unichar_iscntrl(c);

        if (line->len + 6 > MAX_FOREIGN_OCTETS)
            break;
        if (!blank)
            g_string_append_unichar(line, c);
        else if (line->len && line->str[line->len - 1] != ' ')
            g_string_append_c(line, ' ');
    }
    if (line->len && line->str[line->len - 1] == ' ')
        g_string_truncate(line, line->len - 1);
    return line->len ? g_string_free(g_steal_pointer(&line), FALSE) : NULL;
}

/* ---- What the SIP side answered ---- */

/* lync.md 4.9: what an id means to the person who reads it. */
static const struct {
    unsigned id;
    StoxWord word;
} peer_ids[] = {
    {1001, STOX_WORD_PEER_NOT_PUBLIC},    {1002, STOX_WORD_PEER_NOT_OUTSIDE},
    {1003, STOX_WORD_PEER_NO_USER},       {1004, STOX_WORD_PEER_LOST_DIALOG},
    {1005, STOX_WORD_PEER_NO_ROUTE},      {1006, STOX_WORD_PEER_NOT_NOW},
    {1007, STOX_WORD_PEER_NOT_NOW},       {1008, STOX_WORD_PEER_DNS},
    {1009, STOX_WORD_PEER_DNS},           {1010, STOX_WORD_PEER_CERTIFICATE},
    {1011, STOX_WORD_PEER_NO_DETAILS},    {1012, STOX_WORD_PEER_NOT_OUTSIDE},
    {1013, STOX_WORD_PEER_CLOCK},         {1014, STOX_WORD_PEER_DNS},
    {1017, STOX_WORD_PEER_DOMAINS_CLASH}, {1034, STOX_WORD_PEER_NO_DETAILS},
    {4005, STOX_WORD_PEER_NO_USER},       {4006, STOX_WORD_PEER_NO_USER},
    {4007, STOX_WORD_PEER_NO_USER},       {4010, STOX_WORD_PEER_MALFORMED},
    {4011, STOX_WORD_PEER_MALFORMED},     {4012, STOX_WORD_PEER_MALFORMED},
    {4013, STOX_WORD_PEER_MALFORMED},     {4141, STOX_WORD_PEER_DISABLED},
    {6001, STOX_WORD_PEER_CONFERENCE},    {13008, STOX_WORD_PEER_NO_DETAILS},
    {13009, STOX_WORD_PEER_NOT_NOW},
};

static void append_part(GString *text, const char *separator, const char *part)
{
    if (!part || !*part)
        return;
    if (text->len)
        g_string_append(text, separator);
    g_string_append(text, part);
}

static void append_sentence(GString *text, char *sentence)
{
    append_part(text, " ", sentence);
    g_free(sentence);
}

/* What the peer says beside its status line; NULL when that is nothing. Caller frees. */
static char *details_of(const StoxSipResult *result, StoxLanguage language)
{
    GString *details = g_string_new(NULL);
    g_autofree char *reason = stox_error_one_line(result->diagnostics);
    g_autofree char *warning = stox_error_one_line(result->warning);

    append_part(details, "; ", reason);
    if (result->diagnostics_id) {
        g_autofree char *number = g_strdup_printf("%u", result->diagnostics_id);
        g_autofree char *id = stox_words(STOX_WORD_DIAGNOSTICS_ID, language, number, NULL);

        append_part(details, "; ", id);
    }
    append_part(details, "; ", warning);
    return g_string_free(details, details->len == 0);
}

static char *answer_sentence(const StoxSipResult *result, StoxLanguage language)
{
    g_autofree char *status = g_strdup_printf("%u", result->status);
    g_autofree char *reason = stox_error_one_line(result->reason);
    g_autofree char *details = details_of(result, language);

    return stox_words(details ? STOX_WORD_ANSWERED_DETAILS : STOX_WORD_ANSWERED, language, status,
                      reason ? reason : stox_sip_reason(result->status), details, NULL);
}

static bool is_decline(unsigned status)
{
    return status == 603 || status == 607 || status == 608; /* RFC 3261, 8197, 8688 */
}

/* What the answer means, where that can be said; NULL otherwise. Caller frees. */
static char *meaning_of(const StoxSipResult *result, StoxLanguage language)
{
    if (is_decline(result->status))
        return g_strdup(stox_word(STOX_WORD_DECLINED, language));
    if (result->status == 413 || result->status == 513) {
        g_autofree char *bytes = g_strdup_printf("%" G_GSIZE_FORMAT, result->bytes);

        return stox_words(result->bytes ? STOX_WORD_REFUSED_SIZE : STOX_WORD_REFUSED_SIZE_ALONE,
                          language, bytes, NULL);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(peer_ids); i++)
        if (peer_ids[i].id == result->diagnostics_id)
            return g_strdup(stox_word(peer_ids[i].word, language));
    return NULL;
}

/* ---- Why there was no answer (promise 1: whether it may have arrived) ---- */

static StoxWord silence_word(StoxSipFate fate)
{
    switch (fate) {
    case STOX_SIP_TIMEOUT:
        return STOX_WORD_TIMEOUT_UNKNOWN;
    case STOX_SIP_TRANSPORT:
        return STOX_WORD_BROKEN_UNKNOWN;
    case STOX_SIP_NO_SUCH_DOMAIN:
        return STOX_WORD_NO_SUCH_SERVER;
    case STOX_SIP_TOO_LARGE:
        return STOX_WORD_TOO_LARGE_FOR_UDP;
    default:
        return STOX_WORD_UNREACHABLE;
    }
}

char *stox_error_text_of_sip(const StoxSipResult *result, StoxLanguage language)
{
    GString *text = g_string_new(NULL);

    if (result->fate == STOX_SIP_ANSWERED) {
        append_sentence(text, answer_sentence(result, language));
        append_sentence(text, meaning_of(result, language));
    } else {
        append_part(text, " ", stox_word(silence_word(result->fate), language));
    }
    if (result->retry_after_s) {
        g_autofree char *seconds = g_strdup_printf("%u", result->retry_after_s);

        append_sentence(text, stox_words(STOX_WORD_RETRY_AFTER, language, seconds, NULL));
    }
    return g_string_free(text, FALSE);
}

/* ---- Texts of the catalogue ---- */

void stox_error_say(StoxError *error, StoxCondition condition, StoxErrorType type,
                    StoxLanguage language, StoxWord word, ...)
{
    va_list list;

    *error = (StoxError){
        .condition = condition, .type = type, .lang = g_strdup(stox_language_tag(language))};
    va_start(list, word);
    error->text = stox_words_list(word, language, list);
    va_end(list);
}

void stox_error_reword(StoxError *error, StoxLanguage language, StoxWord word)
{
    g_free(error->text);
    g_free(error->lang);
    error->text = g_strdup(stox_word(word, language));
    error->lang = g_strdup(stox_language_tag(language));
}

/* The rows of the conditions stand in their order (test-words.c). */
static StoxWord condition_word(StoxCondition condition)
{
    if (condition <= STOX_CONDITION_NONE || condition >= STOX_N_CONDITIONS)
        condition = STOX_CONDITION_UNDEFINED_CONDITION;
    return (StoxWord) (STOX_WORD_CONDITION_BAD_REQUEST + (condition - STOX_CONDITION_BAD_REQUEST));
}

char *stox_error_why(const StoxError *error, StoxLanguage language)
{
    char *line = stox_error_one_line(error->text);

    return line ? line : g_strdup(stox_word(condition_word(error->condition), language));
}
