/* SPDX-License-Identifier: MIT */
/* sip/health with a written-down clock: each row is a line of a story about servers "a", "b" and "c" (R-30, R-32; RFC 3261 s21.5.4). */
#include "sip/health.h"

#include <string.h>

typedef struct {
    StoxHealth *health;
    StoxTime now;
    GString *seen;      /* what it has asked and told since the last look */
    bool no_connection; /* probes of up servers find none */
    bool most;          /* random: as large as can be */
} Fixture;

static bool probe(void *user, const char *server, bool down)
{
    Fixture *f = user;

    if (!down && f->no_connection)
        return false;
    g_string_append_printf(f->seen, "%s%s ", down ? "probe:" : "ask:", server);
    return true;
}

static void silent(void *user, const char *server)
{
    g_string_append_printf(((Fixture *) user)->seen, "silent:%s ", server);
}

static void changed(void *user, const char *server, bool up, const char *why)
{
    g_assert_true(up == (why == NULL));
    g_string_append_printf(((Fixture *) user)->seen, "%s:%s ", up ? "up" : "down", server);
}

static void circuit(void *user, bool open)
{
    g_string_append(((Fixture *) user)->seen, open ? "open " : "closed ");
}

static uint32_t draw(void *user, uint32_t below)
{
    g_assert_cmpuint(below, >, 0);
    return ((Fixture *) user)->most ? below - 1 : 0;
}

static const StoxHealthOps ops = {probe, silent, changed, circuit, draw};

static void init(Fixture *f, int64_t interval_ms, const char *names)
{
    g_auto(GStrv) list = g_strsplit(names, " ", -1);

    *f = (Fixture){.now = {1000000, 0}, .seen = g_string_new(NULL)};
    f->health = stox_health_new(interval_ms, &ops, f);
    stox_health_set_servers(f->health, (const char *const *) list, f->now);
}

static void clear(Fixture *f)
{
    stox_health_free(f->health);
    g_string_free(f->seen, TRUE);
}

static void check_seen(Fixture *f, const char *expected)
{
    g_assert_cmpstr(g_strchomp(f->seen->str), ==, expected);
    g_string_truncate(f->seen, 0);
}

/* Time passes; every deadline is kept. */
static void pass(Fixture *f, int64_t ms)
{
    int64_t until = f->now.mono_ms + ms;

    while (stox_health_deadline(f->health) <= until) {
        f->now.mono_ms = MAX(f->now.mono_ms, stox_health_deadline(f->health));
        stox_health_tick(f->health, f->now);
    }
    f->now.mono_ms = until;
}

static const char *chosen(Fixture *f, const char *tried)
{
    g_autoptr(GHashTable) set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) names = g_strsplit(tried, " ", -1);

    for (unsigned i = 0; names[i]; i++)
        g_hash_table_add(set, g_strdup(names[i]));
    return stox_health_choose(f->health, set, f->now);
}

typedef struct {
    const char *name;
    int64_t interval_ms;
    const char *servers;
    /*
     * "N" N ms pass; "+a" answered, "u:a" unreachable, "t:a" timed out, "r:a[:s]" 503 to a request, "R:a[:s]" 503 to OPTIONS, "c:a" connected, "h:a"
     * heard; "=x" x is chosen ("=-": none), "=x/ab" with a and b tried; "[...]" what was asked and told since the last "[]".
     */
    const char *story;
} Story;

static const Story stories[] = {
    {"the first is preferred", 60000, "a b c", "=a =b/a =c/ab =-/abc"},
    {"a failed connect: the next at once, R-32", 60000, "a b", "u:a =b [down:a] u:b [down:b]"},
    {"the preferred one comes back after a good probe", 60000, "a b",
     "u:a =b 2499 [down:a] 1 [probe:a] =b +a [up:a] =a"},
    {"back-off doubles to two minutes and no more, R-30", 60000, "a b",
     "u:a 2500 [down:a|probe:a] u:a 4999 [] 1 [probe:a] u:a 9999 [] 1 [probe:a] u:a +b 19999 [] 1 "
     "[probe:a] u:a "
     "+b 39999 [] 1 [probe:a] u:a +b 59999 [] +b 1 [probe:a] u:a +b 59999 [] +b 1 [probe:a]"},
    {"a probe without an answer counts as a failure", 60000, "a b",
     "u:a 2500 [down:a|probe:a] 9999 [] 1 [silent:a] =b 5000 [probe:a]"},
    {"an up server without traffic is asked", 60000, "a",
     "59999 [] 1 [ask:a] +a 59999 [] 1 [ask:a]"},
    {"an answer to a request is traffic", 60000, "a", "30000 +a 59999 [] 1 [ask:a]"},
    {"OPTIONS without an answer: down, and given up", 60000, "a b",
     "60000 [ask:a|ask:b] +b 10000 [silent:a|down:a] =b =-/b"},
    {"no OPTIONS with interval 0", 0, "a", "86400000 []"},
    {"interval 0: a connect proves it", 0, "a b", "u:a [down:a] 2500 [probe:a] c:a [up:a] =a"},
    {"with OPTIONS a connect proves nothing", 60000, "a b",
     "u:a [down:a] 2500 [probe:a] c:a [] =b +a [up:a]"},
    {"alone: tried on for three seconds", 60000, "a",
     "u:a [down:a] =a 2000 u:a =a 1000 [probe:a] u:a [open] =-"},
    {"the circuit closes with the first answer", 60000, "a b",
     "u:a u:b [down:a|down:b] 2500 [probe:a|probe:b] 500 u:a u:b [open] =- 5000 [probe:a|probe:b] "
     "+b "
     "[up:b|closed] =b"},
    {"open: one probe per back-off and no request", 60000, "a",
     "u:a 2500 u:a 500 u:a [down:a|probe:a|open] =- 4499 [] 1 [probe:a] =- u:a =- []"},
    {"a 503 makes it rest for 5 s", 60000, "a b", "r:a =b [] 4999 =b 1 =a"},
    {"Retry-After, RFC 3261 s20.33", 60000, "a b", "r:a:30 =b 29999 =b 1 =a"},
    {"Retry-After of an hour is cut", 600000, "a b", "r:a:3600 120000 =a"},
    {"all rest: they are tried all the same", 60000, "a b", "r:a r:b =a =b/a =-/ab []"},
    {"a resting one goes before one that is down", 60000, "a b", "u:a r:b =b =a/b"},
    {"three 503 in a row: it is asked", 60000, "a", "r:a r:a [] r:a [ask:a] =a +a [] r:a []"},
    {"... and an answer in between counts", 60000, "a", "r:a r:a +a r:a r:a []"},
    {"503 to OPTIONS: the circuit opens", 60000, "a", "r:a r:a r:a [ask:a] R:a [down:a|open] =-"},
    {"... for its Retry-After", 60000, "a", "R:a:20 [down:a|open] 19999 [] 1 [probe:a]"},
    {"a time-out: it is asked, and stays up", 60000, "a", "t:a [ask:a] =a +a [] =a"},
    {"a time-out without a connection left", 60000, "a", "! t:a [] =a"},
    {"interval 0: three time-outs in a row", 0, "a b", "t:a t:a [] =a t:a [down:a] =b"},
    {"interval 0: an answer in between counts", 0, "a b", "t:a t:a +a t:a t:a [] =a"},
    {"heard of while down: probed at once", 60000, "a b",
     "u:a 500 [down:a] h:a 0 [probe:a] +a [up:a]"},
    {"heard of again and again: once a second", 60000, "a b",
     "u:a 500 h:a 0 [down:a|probe:a] u:a h:a 0 [] 999 h:a 0 [] 1 [probe:a]"},
    {"heard of within its Retry-After", 60000, "a",
     "R:a:20 [down:a|open] 5000 h:a 0 [] 15000 [probe:a]"},
    {"heard of while up", 60000, "a", "h:a []"},
    {"unknown names", 60000, "a", "u:z t:z r:z R:z +z c:z h:z [] =a"},
};

static int64_t seconds_of(const char *argument)
{
    const char *colon = strchr(argument, ':');

    return colon ? g_ascii_strtoll(colon + 1, NULL, 10) : -1;
}

static void step(Fixture *f, char *word)
{
    char server[2] = {word[0] == '+' || word[0] == '=' ? word[1]
                      : word[0] && word[1]             ? word[2]
                                                       : 0,
                      0};

    if (g_ascii_isdigit(word[0])) {
        pass(f, g_ascii_strtoll(word, NULL, 10));
    } else if (word[0] == '!') {
        f->no_connection = true;
    } else if (word[0] == '[') {
        g_autofree char *expected = g_strndup(word + 1, strlen(word) - 2);

        check_seen(f, g_strdelimit(expected, "|", ' '));
    } else if (word[0] == '=') {
        g_autoptr(GString) tried = g_string_new(NULL);

        for (const char *p = strchr(word, '/'); p && *++p;)
            g_string_append_printf(tried, "%c ", *p);
        g_assert_cmpstr(chosen(f, tried->str), ==, word[1] == '-' ? NULL : server);
    } else if (word[0] == '+') {
        stox_health_answered(f->health, server, f->now);
    } else if (word[0] == 'u') {
        stox_health_unreachable(f->health, server, "refused", f->now);
    } else if (word[0] == 't') {
        stox_health_timed_out(f->health, server, f->now);
    } else if (word[0] == 'r' || word[0] == 'R') {
        stox_health_refused(f->health, server, word[0] == 'R', seconds_of(word + 2), f->now);
    } else if (word[0] == 'c') {
        stox_health_connected(f->health, server, f->now);
    } else {
        g_assert_cmpint(word[0], ==, 'h');
        stox_health_heard(f->health, server, f->now);
    }
}

static void test_story(gconstpointer data)
{
    const Story *story = data;
    g_auto(GStrv) words = g_strsplit(story->story, " ", -1);
    Fixture f;

    init(&f, story->interval_ms, story->servers);
    for (unsigned i = 0; words[i]; i++) {
        g_test_message("%s", words[i]);
        if (*words[i])
            step(&f, words[i]);
    }
    clear(&f);
}

/* between half of the time and all of it. */
static void test_jitter(void)
{
    Fixture f;

    init(&f, 60000, "a");
    f.most = true;
    stox_health_unreachable(f.health, "a", "refused", f.now);
    g_assert_cmpuint(stox_health_retry_s(f.health, f.now), ==, 5);
    check_seen(&f, "down:a");
    pass(&f, 4999);
    check_seen(&f, "");
    pass(&f, 1);
    check_seen(&f, "probe:a");
    clear(&f);
}

static void test_retry_s(void)
{
    Fixture f;

    init(&f, 60000, "a b");
    g_assert_cmpuint(stox_health_retry_s(f.health, f.now), ==, 0);
    stox_health_refused(f.health, "a", true, 20, f.now);
    g_assert_cmpuint(stox_health_retry_s(f.health, f.now), ==, 20);
    pass(&f, 19001);
    g_assert_cmpuint(stox_health_retry_s(f.health, f.now), ==, 1);
    stox_health_unreachable(f.health, "b", "refused", f.now);
    g_assert_cmpuint(stox_health_retry_s(f.health, f.now), ==, 1);
    g_assert_true(stox_health_any_down(f.health));
    g_assert_true(stox_health_is_down(f.health, "b"));
    g_assert_false(stox_health_is_down(f.health, "z"));
    clear(&f);
}

/* A new look at DNS: another order, one gone, one new. */
static void test_servers_change(void)
{
    const char *const fresh[] = {"c", "b", "c", NULL}, *const none[] = {NULL};
    Fixture f;

    init(&f, 60000, "a b");
    stox_health_unreachable(f.health, "b", "refused", f.now);
    check_seen(&f, "down:b");
    stox_health_set_servers(f.health, fresh, f.now);
    g_assert_cmpstr(chosen(&f, ""), ==, "c");
    g_assert_cmpstr(chosen(&f, "c"), ==, "b");
    g_assert_true(stox_health_is_down(f.health, "b"));
    stox_health_answered(f.health, "a", f.now);
    check_seen(&f, "");
    pass(&f, 2500);
    check_seen(&f, "probe:b");
    stox_health_set_servers(f.health, none, f.now);
    g_assert_null(chosen(&f, ""));
    g_assert_cmpint(stox_health_deadline(f.health), ==, STOX_NEVER);
    check_seen(&f, "");
    clear(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(stories); i++) {
        g_autofree char *path = g_strdup_printf("/health/%s", stories[i].name);

        g_test_add_data_func(path, &stories[i], test_story);
    }
    g_test_add_func("/health/jitter", test_jitter);
    g_test_add_func("/health/retry-after", test_retry_s);
    g_test_add_func("/health/servers-change", test_servers_change);
    return g_test_run();
}
