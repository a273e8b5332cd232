/* SPDX-License-Identifier: MIT */
/* The presence value: updates, aggregation, words of both sides (rows P-110 to P-112, P-138, P-150, P-151). */
#include "translation/presence.h"

static bool update(StoxPresentities *all, const char *resource, StoxPresenceType type,
                   StoxShow show, int priority, const char *status)
{
    g_autoptr(StoxPresence) presence =
        stox_presence_new(type, "bob@partner.example/x", "alice@contoso.example");

    presence->show = show;
    presence->priority = priority;
    stox_notes_add(&presence->status, status, "de");
    return stox_presentities_update(all, resource, presence, 1000);
}

#define UP   STOX_PRESENCE_AVAILABLE
#define DOWN STOX_PRESENCE_UNAVAILABLE

static void test_update(void)
{
    g_auto(StoxPresentities) all;
    const StoxPresentity *found;

    stox_presentities_init(&all);
    g_assert_null(stox_presentities_best(&all));
    g_assert_true(update(&all, "a", UP, STOX_SHOW_AWAY, 5, "hello"));
    found = stox_presentities_find(&all, "a");
    g_assert_true(found->open);
    g_assert_cmpint(found->show, ==, STOX_SHOW_AWAY);
    g_assert_cmpint(found->priority, ==, 5);
    g_assert_cmpstr(stox_notes_first(&found->notes), ==, "hello");
    g_assert_cmpstr(found->notes.list[0].lang, ==, "de");
    g_assert_null(stox_presentities_find(&all, "b"));

    g_assert_false(update(&all, "a", UP, STOX_SHOW_AWAY, 5, "hello"));
    g_assert_true(update(&all, "a", UP, STOX_SHOW_AWAY, 5, "hullo"));
    g_assert_true(update(&all, "a", UP, STOX_SHOW_DND, 5, "hullo"));
    g_assert_true(update(&all, "a", UP, STOX_SHOW_DND, 4, "hullo"));
    g_assert_true(update(&all, "a", UP, STOX_SHOW_DND, 4, NULL));
    g_assert_false(update(&all, "a", UP, STOX_SHOW_DND, 4, ""));
    g_assert_true(update(&all, "b", UP, STOX_SHOW_ONLINE, 0, NULL));
    g_assert_cmpuint(all.list->len, ==, 2);

    g_assert_true(update(&all, "a", DOWN, STOX_SHOW_ONLINE, 0, NULL));
    g_assert_false(update(&all, "a", DOWN, STOX_SHOW_ONLINE, 0, NULL));
    g_assert_cmpuint(all.list->len, ==, 1);
    g_assert_true(update(&all, "a", UP, STOX_SHOW_ONLINE, 0, NULL));
    g_assert_true(update(&all, "", DOWN, STOX_SHOW_ONLINE, 0, NULL));
    g_assert_cmpuint(all.list->len, ==, 0);
    g_assert_false(update(&all, "", DOWN, STOX_SHOW_ONLINE, 0, NULL));
}

/* P-128, P-129: since when he is idle, and since when it is so. */
static void test_times(void)
{
    static const struct {
        int64_t delay, now, since;
    } rows[] = {{0, 5000, 5000}, {3000, 5000, 3000}, {9000, 5000, 5000}};

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(StoxPresentities) all;
        g_autoptr(StoxPresence) presence =
            stox_presence_new(UP, "bob@partner.example/x", "alice@contoso.example");

        stox_presentities_init(&all);
        presence->delay_wall_ms = rows[i].delay;
        presence->idle_since_wall_ms = 2000;
        g_assert_true(stox_presentities_update(&all, "x", presence, rows[i].now));
        g_assert_cmpint(stox_presentities_best(&all)->since_wall_ms, ==, rows[i].since);
        g_assert_cmpint(stox_presentities_best(&all)->idle_since_wall_ms, ==, 2000);
        /* The same again is no change, and it is so since then. */
        presence->delay_wall_ms = 0;
        g_assert_false(stox_presentities_update(&all, "x", presence, 8000));
        g_assert_cmpint(stox_presentities_best(&all)->since_wall_ms, ==, rows[i].since);
        presence->idle_since_wall_ms = 0;
        g_assert_true(stox_presentities_update(&all, "x", presence, 8000));
        g_assert_cmpint(stox_presentities_best(&all)->since_wall_ms, ==, 8000);
    }
}

static void test_long_note(void)
{
    g_auto(StoxPresentities) all;
    g_autofree char *text = g_strnfill(STOX_MAX_NOTE - 1, 'x');
    g_autofree char *note = g_strconcat(text, "\xC3\xA4", NULL);

    stox_presentities_init(&all);
    g_assert_true(update(&all, "a", UP, STOX_SHOW_ONLINE, 0, note));
    g_assert_cmpstr(stox_notes_first(&stox_presentities_best(&all)->notes), ==, text);
}

/* P-112: other types never touch what is known. */
static void test_other_types(void)
{
    g_auto(StoxPresentities) all;

    stox_presentities_init(&all);
    for (StoxPresenceType type = STOX_PRESENCE_SUBSCRIBE; type <= STOX_PRESENCE_UNKNOWN; type++)
        g_assert_false(update(&all, "a", type, STOX_SHOW_ONLINE, 0, NULL));
    g_assert_cmpuint(all.list->len, ==, 0);
}

static void test_bounded(void)
{
    g_auto(StoxPresentities) all;

    stox_presentities_init(&all);
    for (unsigned i = 0; i < 1000; i++) {
        g_autofree char *resource = g_strdup_printf("r%u", i);

        g_assert_true(update(&all, resource, UP, STOX_SHOW_ONLINE, 0, NULL) ==
                      (i < STOX_MAX_PRESENTITIES));
    }
    g_assert_cmpuint(all.list->len, ==, STOX_MAX_PRESENTITIES);
    g_assert_true(update(&all, "r63", UP, STOX_SHOW_DND, 0, NULL));
}

typedef struct {
    const char *name;
    struct {
        const char *resource;
        StoxShow show;
        int priority;
    } in[4];
    const char *best;
} BestCase;

/* lync.md 4.8b-aggregate */
static const BestCase best[] = {
    {"one", {{"a", STOX_SHOW_XA, -1}}, "a"},
    {"priority", {{"a", STOX_SHOW_CHAT, 1}, {"b", STOX_SHOW_XA, 2}}, "b"},
    {"negative-last", {{"a", STOX_SHOW_CHAT, -1}, {"b", STOX_SHOW_XA, 0}}, "b"},
    {"most-available",
     {{"a", STOX_SHOW_XA, 0}, {"b", STOX_SHOW_AWAY, 0}, {"c", STOX_SHOW_DND, 0}},
     "c"},
    {"online-before-dnd", {{"a", STOX_SHOW_DND, 0}, {"b", STOX_SHOW_ONLINE, 0}}, "b"},
    {"chat-before-online", {{"a", STOX_SHOW_ONLINE, 0}, {"b", STOX_SHOW_CHAT, 0}}, "b"},
    {"equal-first", {{"a", STOX_SHOW_AWAY, 3}, {"b", STOX_SHOW_AWAY, 3}}, "a"},
};

static void test_best(const void *data)
{
    const BestCase *c = data;
    g_auto(StoxPresentities) all;

    stox_presentities_init(&all);
    for (size_t i = 0; i < G_N_ELEMENTS(c->in) && c->in[i].resource; i++)
        update(&all, c->in[i].resource, UP, c->in[i].show, c->in[i].priority, NULL);
    g_assert_cmpstr(stox_presentities_best(&all)->resource, ==, c->best);
}

/* Of two that are equal else, the one who is there. */
static void test_best_not_idle(void)
{
    g_auto(StoxPresentities) all;
    g_autoptr(StoxPresence) presence =
        stox_presence_new(UP, "bob@partner.example/x", "alice@contoso.example");

    stox_presentities_init(&all);
    presence->idle_since_wall_ms = 1;
    stox_presentities_update(&all, "idle", presence, 1000);
    update(&all, "here", UP, STOX_SHOW_ONLINE, 0, NULL);
    g_assert_cmpstr(stox_presentities_best(&all)->resource, ==, "here");
}

static void test_best_open_first(void)
{
    g_auto(StoxPresentities) all;
    StoxPresentity *closed = g_new0(StoxPresentity, 1);

    stox_presentities_init(&all);
    closed->resource = g_strdup("closed");
    closed->priority = 100;
    g_ptr_array_add(all.list, closed);
    g_assert_cmpstr(stox_presentities_best(&all)->resource, ==, "closed");
    update(&all, "open", UP, STOX_SHOW_XA, -5, NULL);
    g_assert_cmpstr(stox_presentities_best(&all)->resource, ==, "open");
}

typedef struct {
    const char *name; /* the word */
    bool open;
    StoxShow show;
    const char *text;
} WordCase;

static const WordCase words[] = {
    /* P-150a */
    {"permanent-absence", false, STOX_SHOW_ONLINE, NULL},
    {"offline", false, STOX_SHOW_ONLINE, NULL},
    /* P-150b */
    {"on-the-phone", true, STOX_SHOW_DND, "On the phone"},
    /* P-150c */
    {"busy", true, STOX_SHOW_DND, "Busy"},
    {"meeting", true, STOX_SHOW_DND, "Meeting"},
    {"Steering", true, STOX_SHOW_DND, "Steering"},
    /* P-150d */
    {"vacation", true, STOX_SHOW_XA, "Vacation"},
    /* P-150e */
    {"away", true, STOX_SHOW_AWAY, "Away"},
    {"tv", true, STOX_SHOW_AWAY, "TV"},
    /* P-150f */
    {"working", true, STOX_SHOW_ONLINE, NULL},
    {"unknown", true, STOX_SHOW_ONLINE, NULL},
    /* Microsoft's (lync.md 3.3, 4.8 d) */
    {"available", true, STOX_SHOW_ONLINE, NULL},
    {"do-not-disturb", true, STOX_SHOW_DND, "Do not disturb"},
    {"be-right-back", true, STOX_SHOW_AWAY, "Be right back"},
    {"out-to-lunch", true, STOX_SHOW_AWAY, "Out to lunch"},
    {"idle", true, STOX_SHOW_AWAY, "Inactive"},
    {"off-work", true, STOX_SHOW_XA, "Off work"},
};

static void test_word(const void *data)
{
    const WordCase *c = data;
    const StoxActivity *activity = stox_activity_find(c->name);

    g_assert_nonnull(activity);
    g_assert_true((activity->state != STOX_LYNC_OFFLINE) == c->open);
    g_assert_cmpint(activity->show, ==, c->show);
    g_assert_cmpstr(stox_word(activity->text, STOX_LANGUAGE_EN), ==, c->text ? c->text : "");
}

static void test_words(void)
{
    static const char *const order[] = {"permanent-absence", "on-the-phone", "meeting",
                                        "vacation",          "away",         "working"};

    g_assert_null(stox_activity_find("juggling"));
    for (size_t i = 0; i + 1 < G_N_ELEMENTS(order); i++)
        g_assert_true(stox_activity_find(order[i]) < stox_activity_find(order[i + 1]));
    g_assert_true(stox_activity_find("meeting")->rpid);
    g_assert_false(stox_activity_find("be-right-back")->rpid);
}

/* P-151 and lync.md 3.3 */
static void test_show_words(void)
{
    static const struct {
        StoxShow show;
        const char *name, *rpid;
    } rows[] = {
        {STOX_SHOW_ONLINE, NULL, NULL},   {STOX_SHOW_CHAT, "chat", NULL},
        {STOX_SHOW_AWAY, "away", "away"}, {STOX_SHOW_XA, "xa", "away"},
        {STOX_SHOW_DND, "dnd", "busy"},
    };
    StoxShow show = STOX_SHOW_ONLINE;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpstr(stox_show_name(rows[i].show), ==, rows[i].name);
        g_assert_cmpstr(stox_show_activity(rows[i].show), ==, rows[i].rpid);
        if (rows[i].name) {
            g_assert_true(stox_show_from_name(rows[i].name, &show));
            g_assert_cmpint(show, ==, rows[i].show);
        }
    }
    g_assert_false(stox_show_from_name("busy", &show)); /* P-138 */
    g_assert_false(stox_show_from_name("", &show));
    g_assert_false(stox_show_from_name("Away", &show));
    g_assert_cmpint(show, ==, STOX_SHOW_DND);
}

#define ADD_TABLE(path, table, function)                                                           \
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {                                             \
        g_autofree char *full = g_strdup_printf(path "/%s", table[i].name);                        \
        g_test_add_data_func(full, &table[i], function);                                           \
    }

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/presence/update", test_update);
    g_test_add_func("/presence/update/P-112", test_other_types);
    g_test_add_func("/presence/update/P-128-P-129-times", test_times);
    g_test_add_func("/presence/update/long-note", test_long_note);
    g_test_add_func("/presence/update/bounded", test_bounded);
    ADD_TABLE("/presence/best", best, test_best)
    g_test_add_func("/presence/best/open-first", test_best_open_first);
    g_test_add_func("/presence/best/not-idle", test_best_not_idle);
    ADD_TABLE("/presence/P-150", words, test_word)
    g_test_add_func("/presence/P-150/order", test_words);
    g_test_add_func("/presence/P-151-P-138", test_show_words);
    return g_test_run();
}
