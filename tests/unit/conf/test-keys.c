/* SPDX-License-Identifier: MIT */
#include "conf/keys.h"

#include "conf/environment.h"

#include <string.h>

/* What the other modules rely on when they follow the table. */
static void test_table(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (const StoxKey *key = stox_keys; key->kind; key++) {
        g_autofree char *id = g_strdup_printf("%s %s", key->kind, key->name ? key->name : "");
        bool number = key->type == STOX_TYPE_DURATION || key->type == STOX_TYPE_SIZE ||
                      key->type == STOX_TYPE_COUNT;

        g_test_message("%s", id);
        g_assert_nonnull(stox_group_kind(key->kind));
        g_assert_true(g_hash_table_add(seen, g_steal_pointer(&id)));
        if (key->type == STOX_TYPE_UNSUPPORTED)
            continue;
        g_assert_true(g_str_has_suffix(key->help, "."));
        g_assert_cmpint(number, ==, key->max > 0);
        g_assert_cmpuint(key->max, <=, G_MAXUINT32);
        g_assert_false(key->fallback && key->without);
    }
}

static void test_distance(void)
{
    static const struct {
        const char *a, *b;
        unsigned distance;
    } rows[] = {{"", "", 0},         {"", "abc", 3},    {"abc", "", 3},
                {"abc", "abc", 0},   {"abc", "axc", 1}, {"abc", "ac", 1},
                {"abc", "abxc", 1},  {"abc", "acb", 1}, {"kitten", "sitting", 3},
                {"a-b_c", "abc", 0}, {"ABC", "abc", 0}, {"abcd", "badc", 2}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpuint(stox_name_distance(rows[i].a, rows[i].b), ==, rows[i].distance);
}

static void test_nearest(void)
{
    static const struct {
        const char *kind, *name, *nearest;
    } rows[] = {{"sip", "certifcate", "certificate"},
                {"sip", "private_key", "private-key"},
                {"sip", "PrivateKey", "private-key"},
                {"sip", "lisen", "listen"},
                {"hop", "nexthop", "next-hop"},
                {"hop", "dialekt", "dialect"},
                {"hop", "tls-mininum", "tls-minimum"},
                {"gateway", "SubscriptionRefreshInterval", "subscription-refresh-interval"},
                {"gateway", "EnableLoggingAllMessageBodies", "enable-logging-all-message-bodies"},
                {"partner", "AdditionalDomains", "additional-domains"},
                {"sip", "banana", NULL},
                {"sip", "", NULL},
                {"sip", "x", NULL}};
    g_autofree char *endless = g_strnfill(100000, 'a');

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(stox_nearest_key(rows[i].kind, rows[i].name), ==, rows[i].nearest);
    g_assert_null(stox_nearest_key("sip", endless));
    g_assert_cmpstr(stox_nearest_kind("hopp"), ==, "hop");
    g_assert_cmpstr(stox_nearest_kind("SIP"), ==, "sip");
    g_assert_cmpstr(stox_nearest_kind("gatway"), ==, "gateway");
    g_assert_null(stox_nearest_kind("database"));
}

static void test_mangle(void)
{
    static const struct {
        const char *text, *mangled;
    } rows[] = {{"sip", "SIP"},
                {"domain contoso.example", "DOMAIN_CONTOSO_EXAMPLE"},
                {"hop pool-01.x", "HOP_POOL_01_X"},
                {"b\xc3\xbc"
                 "cher",
                 "B_CHER"}};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mangled = stox_environment_mangle(rows[i].text);

        g_assert_cmpstr(mangled, ==, rows[i].mangled);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/keys/table", test_table);
    g_test_add_func("/conf/keys/distance", test_distance);
    g_test_add_func("/conf/keys/nearest", test_nearest);
    g_test_add_func("/conf/keys/mangle", test_mangle);
    return g_test_run();
}
