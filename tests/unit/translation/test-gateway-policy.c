/* SPDX-License-Identifier: MIT */
/* Who may talk to whom (promise 6; rows R-08, P-187, X-63, X-64), and the order of deadlines. */
#include "translation/deadline.h"
#include "translation/policy.h"

static StoxPolicy *policy_new(void)
{
    StoxPolicy *policy = stox_policy_new();

    stox_policy_add_hop(policy, "pool01", STOX_DIALECT_LYNC);
    stox_policy_add_hop(policy, "proxy", STOX_DIALECT_SIMPLE);
    stox_policy_add_domain(policy, "Contoso.Example.", "pool01");
    stox_policy_add_domain(policy, "voip.example", "proxy");
    stox_policy_add_domain(policy, "", "proxy");
    stox_policy_add_partner(policy, "PARTNER.example");
    stox_policy_add_partner(policy, "xn--bcher-kva.example");
    stox_policy_add_partner(policy, "");
    return policy;
}

static void test_tables(void)
{
    g_autoptr(StoxPolicy) policy = policy_new();

    g_assert_cmpstr(stox_policy_domain(policy, "contoso.example")->hop, ==, "pool01");
    g_assert_null(stox_policy_domain(policy, "partner.example"));
    g_assert_null(stox_policy_domain(policy, ""));
    g_assert_cmpint(stox_policy_hop(policy, "proxy")->dialect, ==, STOX_DIALECT_SIMPLE);
    g_assert_null(stox_policy_hop(policy, "pool02"));
    g_assert_nonnull(stox_policy_partner(policy, "partner.example"));
    g_assert_nonnull(stox_policy_partner(policy, "b\xC3\xBC"
                                                 "cher.example"));
    g_assert_null(stox_policy_partner(policy, "sub.partner.example"));
    g_assert_null(stox_policy_partner(policy, "contoso.example"));
    stox_policy_add_domain(policy, "contoso.example", "proxy"); /* the later one counts */
    g_assert_cmpstr(stox_policy_domain(policy, "contoso.example")->hop, ==, "proxy");
    stox_policy_free(NULL);
}

static void test_from_xmpp(void)
{
    static const struct {
        const char *remote, *local;
        StoxCondition expected;
    } cases[] = {
        {"partner.example", "contoso.example", STOX_CONDITION_NONE},
        {"partner.example", "other.example", STOX_CONDITION_ITEM_NOT_FOUND},
        {"partner.example", "partner.example", STOX_CONDITION_ITEM_NOT_FOUND},
        {"evil.example", "contoso.example", STOX_CONDITION_FORBIDDEN},
        {"voip.example", "contoso.example", STOX_CONDITION_FORBIDDEN},
        {"contoso.example", "contoso.example", STOX_CONDITION_FORBIDDEN},
    };
    g_autoptr(StoxPolicy) policy = policy_new();

    stox_policy_add_partner(
        policy, "voip.example"); /* our own domain is no partner, whatever the settings say */
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(StoxError) error = {0};
        bool good = stox_policy_from_xmpp(policy, cases[i].remote, cases[i].local, &error);

        g_assert_cmpint(good, ==, cases[i].expected == STOX_CONDITION_NONE);
        g_assert_cmpint(error.condition, ==, cases[i].expected);
    }
}

static void test_from_sip(void)
{
    static const struct {
        const char *hop, *local, *remote;
        unsigned diagnostic;
    } cases[] = {
        {"pool01", "contoso.example", "partner.example", 0},
        {"proxy", "contoso.example", "partner.example", 61003},
        {NULL, "contoso.example", "partner.example", 61003},
        {"pool01", "partner.example", "partner.example", 61002},
        {"pool01", "other.example", "partner.example", 61002},
        {"pool01", "contoso.example", "evil.example", 61001},
        {"pool01", "contoso.example", "voip.example", 61015},
        {"pool01", "contoso.example", "contoso.example", 61015},
    };
    g_autoptr(StoxPolicy) policy = policy_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(StoxSipResult) result = {0};
        bool good =
            stox_policy_from_sip(policy, cases[i].hop, cases[i].local, cases[i].remote, &result);

        g_assert_cmpint(good, ==, cases[i].diagnostic == 0);
        g_assert_cmpuint(result.status, ==, good ? 0 : 403);
        g_assert_cmpuint(result.diagnostic, ==, cases[i].diagnostic);
    }
}

#define N 500

/* Against the obvious: look at all of them. */
static void test_deadlines(void)
{
    static StoxDeadline all[N];
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    StoxDeadlines deadlines;
    int64_t now = 0;

    stox_deadlines_init(&deadlines);
    g_assert_cmpint(stox_deadlines_next(&deadlines), ==, STOX_NEVER);
    for (unsigned step = 0; step < 20000; step++) {
        StoxDeadline *one = &all[g_rand_int_range(rand, 0, N)];
        int64_t earliest = STOX_NEVER;
        StoxDeadline *due;

        if (g_rand_int_range(rand, 0, 4) == 0)
            stox_deadlines_cancel(&deadlines, one);
        else
            stox_deadlines_set(&deadlines, one, now + g_rand_int_range(rand, 1, 1000));
        if (g_rand_int_range(rand, 0, 50) == 0)
            stox_deadlines_set(&deadlines, one, STOX_NEVER);
        for (unsigned i = 0; i < N; i++)
            if (all[i].place)
                earliest = MIN(earliest, all[i].when);
        g_assert_cmpint(stox_deadlines_next(&deadlines), ==, earliest);
        now += g_rand_int_range(rand, 0, 4);
        while ((due = stox_deadlines_pop(&deadlines, now))) {
            g_assert_cmpint(due->when, <=, now);
            g_assert_cmpuint(due->place, ==, 0);
        }
        g_assert_cmpint(stox_deadlines_next(&deadlines), >, now);
    }
    stox_deadlines_clear(&deadlines);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gateway/policy/tables", test_tables);
    g_test_add_func("/gateway/policy/from-xmpp-R-08-X-63", test_from_xmpp);
    g_test_add_func("/gateway/policy/from-sip-P-187-X-64", test_from_sip);
    g_test_add_func("/gateway/deadlines", test_deadlines);
    return g_test_run();
}
