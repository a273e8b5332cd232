/* SPDX-License-Identifier: MIT */
/* Token buckets per peer: bursts, refill, the two classes, refusal and silence, reports, the bounded table. */
#include "sip/rate.h"

typedef struct {
    unsigned reports;
    StoxRateReport last;
    char *peer;
} Heard;

static void heard_cb(void *user, const StoxRateReport *report)
{
    Heard *heard = user;

    heard->reports++;
    heard->last = *report;
    g_free(heard->peer);
    heard->peer = g_strdup(report->peer);
}

typedef struct {
    unsigned pass, refuse, ignore;
} Counts;

static Counts burst(StoxRates *rates, const char *peer, StoxRateClass what, unsigned limit,
                    unsigned n, int64_t at_ms)
{
    Counts counts = {0};

    for (unsigned i = 0; i < n; i++) {
        switch (stox_rates_take(rates, "pool01", peer, what, limit, (StoxTime){at_ms, 0})) {
        case STOX_RATE_PASS:
            counts.pass++;
            break;
        case STOX_RATE_REFUSE:
            counts.refuse++;
            break;
        case STOX_RATE_IGNORE:
            counts.ignore++;
            break;
        }
    }
    return counts;
}

#define CHECK(counts, p, r, i)                                                                     \
    do {                                                                                           \
        Counts seen = (counts);                                                                    \
        g_assert_cmpuint(seen.pass, ==, p);                                                        \
        g_assert_cmpuint(seen.refuse, ==, r);                                                      \
        g_assert_cmpuint(seen.ignore, ==, i);                                                      \
    } while (0)

static void test_burst(void)
{
    Heard heard = {0};
    g_autoptr(StoxRates) rates = stox_rates_new(4, heard_cb, &heard);

    CHECK(burst(rates, "a", STOX_RATE_NEW, 100, 100, 1000), 100, 0, 0);
    g_assert_cmpuint(heard.reports, ==, 0);
    /* Nine times the limit is refused, the rest not answered. */
    CHECK(burst(rates, "a", STOX_RATE_NEW, 100, 1000, 1000), 0, 900, 100);
    /* Another peer has its own. */
    CHECK(burst(rates, "b", STOX_RATE_NEW, 100, 100, 1000), 100, 0, 0);
    /* So has what goes on inside of dialogs: four times as much. */
    CHECK(burst(rates, "b", STOX_RATE_DIALOG, 100, 500, 1000), 400, 100, 0);
    /* A tenth of a second brings a tenth of each. */
    CHECK(burst(rates, "a", STOX_RATE_NEW, 100, 200, 1100), 10, 90, 100);
    /* A year does not bring more than a second. */
    CHECK(burst(rates, "a", STOX_RATE_NEW, 100, 300, INT64_C(31536000000)), 100, 200, 0);
    /* A clock that goes back brings nothing, and does no harm. */
    CHECK(burst(rates, "a", STOX_RATE_NEW, 100, 1, 5), 0, 1, 0);
    g_free(heard.peer);
}

static void test_steady(void)
{
    Heard heard = {0};
    g_autoptr(StoxRates) rates = stox_rates_new(4, heard_cb, &heard);
    Counts all = {0};

    /* One a millisecond for a minute, at a limit of 1000 and of 500. */
    for (int64_t ms = 1; ms <= 60000; ms++)
        all.refuse += burst(rates, "a", STOX_RATE_NEW, 1000, 1, ms).refuse;
    g_assert_cmpuint(all.refuse, ==, 0);
    for (int64_t ms = 1; ms <= 60000; ms++)
        all.refuse += burst(rates, "b", STOX_RATE_NEW, 500, 1, ms).refuse;
    g_assert_cmpuint(all.refuse, >=, 29500);
    g_assert_cmpuint(all.refuse, <=, 29502);
    g_free(heard.peer);
}

static void test_no_limit(void)
{
    Heard heard = {0};
    g_autoptr(StoxRates) rates = stox_rates_new(4, heard_cb, &heard);

    CHECK(burst(rates, "a", STOX_RATE_NEW, 0, 100000, 1000), 100000, 0, 0);
    /* A limit that changes on reload counts from then on. */
    CHECK(burst(rates, "a", STOX_RATE_NEW, 10, 20, 1000), 10, 10, 0);
    CHECK(burst(rates, "a", STOX_RATE_NEW, 20, 30, 1000), 20, 10, 0);
    g_free(heard.peer);
}

static void test_reports(void)
{
    Heard heard = {0};
    g_autoptr(StoxRates) rates = stox_rates_new(4, heard_cb, &heard);

    g_assert_cmpint(stox_rates_deadline(rates), ==, STOX_NEVER);
    burst(rates, "a", STOX_RATE_NEW, 10, 11, 1000);
    g_assert_cmpuint(heard.reports, ==, 1);
    g_assert_cmpuint(heard.last.seconds, ==, 0);
    g_assert_cmpuint(heard.last.limit, ==, 10);
    g_assert_cmpstr(heard.peer, ==, "a");
    burst(rates, "a", STOX_RATE_NEW, 10, 200, 2000);
    g_assert_cmpuint(heard.reports, ==, 1);
    g_assert_cmpint(stox_rates_deadline(rates), ==, 61000);
    stox_rates_tick(rates, (StoxTime){60999, 0});
    g_assert_cmpuint(heard.reports, ==, 1);
    stox_rates_tick(rates, (StoxTime){61000, 0});
    g_assert_cmpuint(heard.reports, ==, 2);
    g_assert_cmpuint(heard.last.seconds, ==, 60);
    g_assert_cmpuint(heard.last.refused, ==, 90);
    g_assert_cmpuint(heard.last.ignored, ==, 100);
    /* A quiet minute is not told, and the next flood is a new one. */
    g_assert_cmpint(stox_rates_deadline(rates), ==, 121000);
    stox_rates_tick(rates, (StoxTime){121000, 0});
    g_assert_cmpuint(heard.reports, ==, 2);
    g_assert_cmpint(stox_rates_deadline(rates), ==, STOX_NEVER);
    burst(rates, "a", STOX_RATE_NEW, 10, 11, 130000);
    g_assert_cmpuint(heard.reports, ==, 3);
    g_assert_cmpuint(heard.last.seconds, ==, 0);
    g_free(heard.peer);
}

/* Many addresses cost no memory beyond the table, and buy no requests beyond one more bucket. */
static void test_table(void)
{
    Heard heard = {0};
    g_autoptr(StoxRates) rates = stox_rates_new(4, heard_cb, &heard);
    Counts all = {0};

    for (unsigned i = 0; i < 1000; i++) {
        g_autofree char *peer = g_strdup_printf("192.0.2.%u", i);
        Counts counts = burst(rates, peer, STOX_RATE_NEW, 10, 10, 1000);

        all.pass += counts.pass;
        all.refuse += counts.refuse;
        all.ignore += counts.ignore;
    }
    g_assert_cmpuint(all.pass, ==, 50);
    g_assert_cmpuint(all.refuse, ==, 90);
    g_assert_cmpuint(heard.reports, ==, 1);
    g_assert_cmpstr(heard.peer, ==, "many addresses");
    /* Who has been quiet makes room. */
    CHECK(burst(rates, "new", STOX_RATE_NEW, 10, 10, 3000), 10, 0, 0);
    CHECK(burst(rates, "new", STOX_RATE_NEW, 10, 10, 3000), 0, 10, 0);
    g_assert_cmpstr(heard.peer, ==, "new");
    g_free(heard.peer);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rate/burst", test_burst);
    g_test_add_func("/rate/steady", test_steady);
    g_test_add_func("/rate/no limit", test_no_limit);
    g_test_add_func("/rate/reports", test_reports);
    g_test_add_func("/rate/table", test_table);
    return g_test_run();
}
