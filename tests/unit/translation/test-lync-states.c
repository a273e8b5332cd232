/* SPDX-License-Identifier: MIT */
/* The states and tokens of Lync and the words of PIDF (lync.md 3.3: both tables of numbers, all tokens; 4.8 d: all words; P-150a to f). */
#include "translation/presence.h"

#include <string.h>

/* ---- Numbers ---- */

static const struct {
    unsigned first, last, number;
    StoxLyncState state;
    bool open;
    StoxShow show;
    const char *en, *de;
} ranges[] = {
    {0, 2999, 0, STOX_LYNC_NONE, false, STOX_SHOW_ONLINE, "", ""},
    {3000, 4499, 3500, STOX_LYNC_AVAILABLE, true, STOX_SHOW_ONLINE, "", ""},
    {4500, 5999, 5000, STOX_LYNC_INACTIVE, true, STOX_SHOW_AWAY, "Inactive", "Inaktiv"},
    {6000, 7499, 6500, STOX_LYNC_BUSY, true, STOX_SHOW_DND, "Busy", "Beschäftigt"},
    {7500, 8999, 7500, STOX_LYNC_BUSY_INACTIVE, true, STOX_SHOW_AWAY, "Busy, inactive",
     "Beschäftigt, inaktiv"},
    {9000, 11999, 9500, STOX_LYNC_DO_NOT_DISTURB, true, STOX_SHOW_DND, "Do not disturb",
     "Bitte nicht stören"},
    {12000, 14999, 12500, STOX_LYNC_BE_RIGHT_BACK, true, STOX_SHOW_AWAY, "Be right back",
     "Bin gleich zurück"},
    {15000, 17999, 15500, STOX_LYNC_AWAY, true, STOX_SHOW_AWAY, "Away", "Abwesend"},
    {18000, UINT_MAX, 18500, STOX_LYNC_OFFLINE, false, STOX_SHOW_ONLINE, "", ""},
};

static void test_numbers(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
        const StoxLyncRow *row = stox_lync_row(ranges[i].state);

        g_assert_cmpint(stox_lync_state_from_number(ranges[i].first), ==, ranges[i].state);
        g_assert_cmpint(stox_lync_state_from_number(ranges[i].last), ==, ranges[i].state);
        g_assert_cmpint(stox_lync_state_from_number(ranges[i].number), ==, ranges[i].state);
        g_assert_cmpuint(row->number, ==, ranges[i].number);
        g_assert_true(row->open == ranges[i].open);
        g_assert_cmpint(row->show, ==, ranges[i].show);
        g_assert_cmpstr(stox_word(row->text, STOX_LANGUAGE_EN), ==, ranges[i].en);
        g_assert_cmpstr(stox_word(row->text, STOX_LANGUAGE_DE), ==, ranges[i].de);
    }
    /* Busy shown to the workgroup while somebody presents */
    g_assert_cmpint(stox_lync_state_from_number(6900), ==, STOX_LYNC_BUSY);
}

/* XMPP -> Lync (lync.md 3.3, second table); P-151. */
static void test_from_show(void)
{
    static const struct {
        StoxShow show;
        bool idle, dnd_as_busy;
        unsigned number;
    } rows[] = {
        {STOX_SHOW_ONLINE, false, true, 3500}, {STOX_SHOW_CHAT, false, true, 3500},
        {STOX_SHOW_ONLINE, true, true, 5000},  {STOX_SHOW_AWAY, false, true, 15500},
        {STOX_SHOW_AWAY, true, true, 5000},    {STOX_SHOW_XA, false, true, 15500},
        {STOX_SHOW_XA, true, true, 15500},     {STOX_SHOW_DND, false, true, 6500},
        {STOX_SHOW_DND, false, false, 9500},   {STOX_SHOW_DND, true, true, 7500},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        StoxLyncState state =
            stox_lync_state_from_show(rows[i].show, rows[i].idle, rows[i].dnd_as_busy);

        g_assert_cmpuint(stox_lync_row(state)->number, ==, rows[i].number);
    }
}

/* What Busy is shown as can be set; Do not disturb stays what it is. */
static void test_busy_as(void)
{
    static const StoxShow settings[] = {STOX_SHOW_DND, STOX_SHOW_AWAY, STOX_SHOW_ONLINE};

    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        g_assert_cmpint(stox_lync_show(STOX_LYNC_BUSY, settings[i]), ==, settings[i]);
        g_assert_cmpint(stox_activity_show(stox_activity_find("meeting"), settings[i]), ==,
                        settings[i]);
        g_assert_cmpint(stox_lync_show(STOX_LYNC_DO_NOT_DISTURB, settings[i]), ==, STOX_SHOW_DND);
        g_assert_cmpint(stox_lync_show(STOX_LYNC_AWAY, settings[i]), ==, STOX_SHOW_AWAY);
        g_assert_cmpint(stox_activity_show(stox_activity_find("do-not-disturb"), settings[i]), ==,
                        STOX_SHOW_DND);
    }
}

/* ---- Words ---- */

static const struct {
    const char *token;
    unsigned number;
    const char *en, *de;
} tokens[] = {
    {"on-the-phone", 6500, "In a call", "In einem Gespräch"},
    {"in-a-conference", 6500, "In a conference call", "In einer Telefonkonferenz"},
    {"in-a-meeting", 6500, "In a meeting", "In einer Besprechung"},
    {"out-of-office", 15500, "Out of office", "Außer Haus"},
    {"urgent-interruptions-only", 9500, "Urgent interruptions only",
     "Nur bei dringenden Anliegen stören"},
    {"off-work", 15500, "Off work", "Nicht im Dienst"},
    {"in-presentation", 9500, "Presenting", "Bei einer Präsentation"},
};

static void test_tokens(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tokens); i++) {
        const StoxActivity *activity = stox_activity_find_token(tokens[i].token);

        g_assert_nonnull(activity);
        g_assert_cmpstr(activity->word, ==, tokens[i].token);
        g_assert_cmpuint(stox_lync_row(activity->state)->number, ==, tokens[i].number);
        g_assert_cmpstr(stox_word(activity->token_text, STOX_LANGUAGE_EN), ==, tokens[i].en);
        g_assert_cmpstr(stox_word(activity->token_text, STOX_LANGUAGE_DE), ==, tokens[i].de);
    }
    g_assert_nonnull(stox_activity_find_token("On-The-Phone"));
    g_assert_null(stox_activity_find_token("busy"));
    g_assert_null(stox_activity_find_token("lunch"));
    g_assert_null(stox_activity_find_token(""));
}

/* All words of lync.md 4.8 d and all elements of RFC 4480 s3.2, in the classes of P-150. */
static void test_words(void)
{
    static const struct {
        StoxShow show;
        bool open;
        const char *words;
    } classes[] = {
        {STOX_SHOW_ONLINE, false, "permanent-absence offline"}, /* P-150a */
        {STOX_SHOW_DND, true, "on-the-phone"},                  /* P-150b */
        {STOX_SHOW_DND, true,                                   /* P-150c */
         "presentation meeting performance appointment busy worship steering do-not-disturb"},
        {STOX_SHOW_XA, true, "sleeping vacation holiday travel"}, /* P-150d */
        {STOX_SHOW_AWAY, true,                                    /* P-150e */
         "away breakfast lunch dinner meal in-transit shopping playing spectator tv idle "
         "be-right-back out-to-lunch"},
        {STOX_SHOW_ONLINE, true, "working looking-for-work other unknown available"}, /* P-150f */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
        g_auto(GStrv) words = g_strsplit(classes[i].words, " ", -1);

        for (unsigned k = 0; words[k]; k++) {
            const StoxActivity *activity = stox_activity_find(words[k]);

            g_assert_nonnull(activity);
            g_assert_cmpint(activity->show, ==, classes[i].show);
            g_assert_true((activity->state != STOX_LYNC_OFFLINE) == classes[i].open);
            /* P-150b to e say something by default, in both languages; a and f do not */
            for (StoxLanguage language = 0; language < STOX_N_LANGUAGES; language++)
                g_assert_true((*stox_word(activity->text, language) != '\0') ==
                              (activity->show != STOX_SHOW_ONLINE));
        }
    }
}

/* Every state's own word leads back to a state that looks the same. */
static void test_there_and_back(void)
{
    for (StoxLyncState state = STOX_LYNC_AVAILABLE; state < STOX_N_LYNC_STATES; state++) {
        const StoxLyncRow *row = stox_lync_row(state);
        const StoxActivity *activity = stox_activity_find(row->activity);

        g_assert_nonnull(activity);
        g_assert_true((activity->state != STOX_LYNC_OFFLINE) == row->open);
        if (state != STOX_LYNC_BUSY_INACTIVE) { /* PIDF has no word for it */
            g_assert_cmpint(activity->state, ==, state);
            g_assert_cmpint(activity->show, ==, row->show);
            g_assert_cmpint(activity->text, ==, row->text);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lync-states/3.3-numbers", test_numbers);
    g_test_add_func("/lync-states/3.3-from-show", test_from_show);
    g_test_add_func("/lync-states/3.3-busy-as", test_busy_as);
    g_test_add_func("/lync-states/3.3-tokens", test_tokens);
    g_test_add_func("/lync-states/P-150-4.8d-words", test_words);
    g_test_add_func("/lync-states/there-and-back", test_there_and_back);
    return g_test_run();
}
