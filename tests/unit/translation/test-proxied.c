/* SPDX-License-Identifier: MIT */
/* Names behind a gateway (mode P), what the T-P vectors do not reach: rows A-60 to A-65 with their options. */
#include "tests/unit/translation/address-text.h"

#include <string.h>

#define G "sip.gw.example"

typedef struct {
    const char *row, *input, *expected;
} Case;

static void check(const Case *cases, unsigned n, const StoxTranslateOptions *options)
{
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *got = address_mapped(cases[i].input, options);

        g_test_message("%s %s", cases[i].row, cases[i].input);
        g_assert_cmpstr(got, ==, cases[i].expected);
    }
}

static void test_to_jid(void)
{
    static const Case cases[] = {
        {"A-60", "sip:a%40b@example.net", "a\\40b\\40example.net@" G},
        {"A-60", "sip:a%5C40b@example.net", "a\\5c40b\\40example.net@" G},
        {"A-60", "sip:Romeo@EXAMPLE.net.:5061;transport=tls?h=v", "romeo\\40example.net@" G},
        {"A-60", "sip:romeo@[2001:DB8::1]", "romeo\\40[2001\\3adb8\\3a\\3a1]@" G},
        {"A-60", "sip:a%20@example.net", "a\\20\\40example.net@" G},
        {"A-09", "sip:%20a@example.net", "!404"},
        {"A-37", "sip:example.net", "example.net@" G},
        {"A-19", "sip:a%ZZ@example.net", "!400"},
        {"A-36", "sip:a:b@example.net", "!404"},
        {"A-38", "tel:+15551212", "!416"},
        {"A-39", "pres:romeo@example.net", "romeo\\40example.net@" G},
        {"A-40", "sips:romeo@example.net", "!480"},
        {"A-14", "sip:%E2%99%9A@example.net", "!404"},
        /* A left-to-right domain behind a right-to-left name: no localpart by the Bidi Rule. */
        {"A-14", "sip:%D7%90@example.net", "!404"},
    };

    check(cases, G_N_ELEMENTS(cases), &(StoxTranslateOptions){.proxied = G});
}

static void test_to_uri(void)
{
    static const Case cases[] = {
        {"A-61", "a\\40b\\40example.net@" G, "sip:a%40b@example.net"},
        {"A-61", "A\\40EXAMPLE.NET@" G "/R", "sip:a@example.net;gr=R"},
        {"A-61", "a\\40xn--bcher-kva.example@" G, "sip:a@xn--bcher-kva.example"},
        {"A-61", "a\\40[2001\\3adb8\\3a\\3a1]@" G, "sip:a@[2001:db8::1]"},
        {"A-61", "a@" G, "!item-not-found"},
        {"A-61", "a\\5c40example.net@" G, "!item-not-found"},
        {"A-61", "a\\40@" G, "!jid-malformed"},
        {"A-61", "\\40example.net@" G, "!item-not-found"},
        {"A-22", "a\\40-x@" G, "!item-not-found"},
        {"A-22", "a\\40x y@" G, "!jid-malformed"},
        {"A-22", "a\\40x\\20y@" G, "!item-not-found"},
        {"A-22", G, "!item-not-found"},
        {"A-62 off", "a%example.net@" G, "!item-not-found"},
        {"R-08", "a\\40example.net@other.example", "!item-not-found"},
    };

    check(cases, G_N_ELEMENTS(cases), &(StoxTranslateOptions){.proxied = G});
}

static void test_options(void)
{
    static const Case cases[] = {
        {"A-62", "a%example.net@" G, "sip:a@example.net"},
        {"A-62", "a%b%example.net@" G, "sip:a%25b@example.net"},
        {"A-62", "a%@" G, "!jid-malformed"},
        {"A-62", "%example.net@" G, "!item-not-found"},
        {"A-62", "a%b\\40example.net@" G, "sip:a%25b@example.net"},
        {"A-61", "a@" G, "sip:a@default.example"},
        {"A-61", "o\\27m@" G "/r", "sip:o'm@default.example;gr=r"},
        {"A-62 never written", "sip:a@example.net", "a\\40example.net@" G},
        {"A-61 never written", "sip:a@default.example", "a\\40default.example@" G},
    };

    check(cases, G_N_ELEMENTS(cases),
          &(StoxTranslateOptions){
              .proxied = G, .percent_form = true, .default_domain = "default.example"});
}

/* Q-04 in mode P. */
static void test_schemes(void)
{
    static const Case cases[] = {{"A-39", "a;b\\40example.net@" G "/r", "im:a%3Bb@example.net"}};

    check(cases, 1, &(StoxTranslateOptions){.proxied = G, .scheme = STOX_SCHEME_IM});
}

/* A-65: user, separator and domain share 1023 octets. */
static void test_limit(void)
{
    const StoxTranslateOptions options = {.proxied = G};
    const size_t room = 1023 - strlen("\\40example.net");

    for (size_t extra = 0; extra < 2; extra++) {
        g_autofree char *user = g_strnfill(room + extra, 'a');
        g_autofree char *uri = g_strdup_printf("sip:%s@example.net", user);
        g_autofree char *got = address_mapped(uri, &options);
        g_autofree char *back = NULL;

        if (extra) {
            g_assert_cmpstr(got, ==, "!414");
            continue;
        }
        back = address_mapped(got, &options);
        g_assert_cmpstr(back, ==, uri);
    }
}

/* The form of the text says from which side it is; A-23. */
static void test_direction(void)
{
    static const Case cases[] = {
        {"A-23", "mailto:a@x.example", "!416"},
        {"A-23", "xmpp:a@x.example", "!416"},
        {"A-23", "sip:", "!400"},
        {"A-39", "im:a@x.example", "a@x.example"},
        {"A-39", "im:a@x.example;gr=r", "!400"},
        {"A-39", "im:a@x.example:5060", "!400"},
        {"A-39", "im:a:b@x.example", "!400"},
        {"A-39", "PRES:a@x.example?h", "a@x.example"},
        {"A-22", "a:b@x.example", "!416"}, /* looks like a scheme */
        {"A-22", ":@x.example", "!jid-malformed"},
        {"A-22", "1a:b@x.example", "!jid-malformed"},
        {"A-22", "", "!jid-malformed"},
        {"A-37", "x.example/a:b", "sip:x.example;gr=a:b"},
        {"A-25", "a@x.example/sip:b", "sip:a@x.example;gr=sip:b"},
    };

    check(cases, G_N_ELEMENTS(cases), NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/proxied/to-jid/A-60", test_to_jid);
    g_test_add_func("/proxied/to-uri/A-61", test_to_uri);
    g_test_add_func("/proxied/options/A-61-A-62", test_options);
    g_test_add_func("/proxied/schemes", test_schemes);
    g_test_add_func("/proxied/limit/A-65", test_limit);
    g_test_add_func("/translate/direction", test_direction);
    return g_test_run();
}
