/* SPDX-License-Identifier: MIT */
/* Addresses: what the vector files do not reach (rows A-01 to A-41; A-21: a URI has no limit of its own, the parts of a JID have). */
#include "translation/address.h"

#include "tests/unit/translation/vectors.h"
#include "translation/jid-escape.h"
#include "translation/precis.h"
#include "translation/xmpp-iri.h"

#include <stdlib.h>
#include <string.h>

/* ---- SIP URI -> JID ---- */

/* The JID, or "!<status>" for a refusal; caller frees. */
static char *sip_to_jid(const char *uri, StoxUriRole role)
{
    g_auto(StoxJid) jid = {0};
    g_auto(StoxSipResult) failure = {0};

    if (stox_address_sip_to_jid(uri, role, &jid, &failure))
        return stox_jid_full(&jid);
    g_assert_null(jid.domain);
    g_assert_cmpint(failure.fate, ==, STOX_SIP_ANSWERED);
    g_assert_cmpuint(failure.diagnostic, ==, 0);
    return g_strdup_printf("!%u", failure.status);
}

typedef struct {
    const char *input, *expected;
} Pair;

static void test_sip_syntax(void)
{
    static const Pair cases[] = {
        {"", "!400"},
        {":", "!400"},
        {"sip", "!400"},
        {"sip:", "!400"},
        {"1sip:a@x.example", "!400"},
        {"SIP:a@x.example", "a@x.example"},
        {"sips:a@x.example", "!480"},
        {"http:a@x.example", "!416"},
        {"xmpp:a@x.example", "!416"},
        {"sip:a@b@x.example", "!400"},
        {"sip:a b@x.example", "!400"},
        {"sip:a\x7F@x.example", "!400"},
        {"sip:a\"b@x.example", "!400"},
        {"sip:a#b@x.example", "!400"},
        {"sip:a%@x.example", "!400"},
        {"sip:a%4@x.example", "!400"},
        {"sip:a%00@x.example", "!400"},
        {"sip:a%C2%80@x.example", "!400"},    /* a C1 control */
        {"sip:a%ED%A0%80@x.example", "!400"}, /* a surrogate */
        {"sip:\xC3\xBC@x.example", "!400"},   /* raw octets are no URI */
        {"sip:a@b\xC3\xBC"
         "cher.example",
         "!400"},
        {"sip:a@x%2eexample", "!400"}, /* A-32 */
        {"sip:a@x_y.example", "!400"},
        {"sip:a@-x.example", "!400"},
        {"sip:a@x..example", "!400"},
        {"sip:a@1.2.3", "!400"},
        {"sip:a@xn--a.example", "!404"},        /* A-31 */
        {"sip:a@xn--example-.example", "!400"}, /* a label ends in a letter or digit */
        {"sip:a@XN--BCHER-KVA.example", "a@b\xC3\xBC"
                                        "cher.example"},
        {"sip:a@x.example:", "!400"},
        {"sip:a@x.example:0", "!400"},
        {"sip:a@x.example:65535", "a@x.example"},
        {"sip:a@x.example:65536", "!400"},
        {"sip:a@x.example:123456", "!400"},
        {"sip:a@[2001:DB8::1]:5061", "a@[2001:db8::1]"}, /* A-34 */
        {"sip:a@[2001:db8::g]", "!400"},
        {"sip:a@[fe80::1%25eth0]", "!400"},
        {"sip:a@[192.0.2.1]", "!400"},
        {"sip:a@[::1", "!400"},
        {"sip:a@1.2.3.4.", "a@1.2.3.4"},
        {"sip:a@192.0.2.256", "!404"},
        {"sip:a@..", "!400"},
        {"sip:a@.", "!400"},
        {"sip:a@x.example-", "!400"},
        {"sip:a@<64 x 'x'>.example", "!404"},
        {"sip:a@<1020 x 'x'>.example", "!414"}, /* A-23 */
        {"sip:x.example", "x.example"},         /* A-37 */
        {"sip:x.example;gr=r", "x.example/r"},
        {"sip:a:@x.example", "!404"}, /* A-36 */
        {"sip:a:p%ZZ@x.example", "!400"},
        {"sip:a@x.example;GR=r", "a@x.example/r"},
        {"sip:a@x.example;gr=r;gr=s", "a@x.example/r"},
        {"sip:a@x.example;xgr=r", "a@x.example"},
        {"sip:a@x.example;opaque=user:epid:AbC_1;gruu", "a@x.example"},
        {"sip:a@x.example;lr;gr=r%2Fs;p=q?h=v", "a@x.example/r/s"},
        {"sip:a@x.example;gr=%ZZ", "!400"},
        {"sip:a@x.example;gr=%C3", "!400"},
        {"sip:a@x.example;gr=%00", "!400"},
        {"sip:a@x.example;gr=%07", "!400"}, /* A-19 */
        {"sip:a@x.example;gr=", "!400"},
        {"sip:a@x.example;", "!400"},
        {"sip:a@x.example;;lr", "!400"},
        {"sip:a@x.example;a@b", "!400"},
        {"sip:a@x.example,", "!400"},
        {"sip:a@x.y.z.4", "!400"},
        {"sip:a@x.example?", "a@x.example"},
        {"sip:%EF%BD%81%EF%BC%86b@x.example", "a\\26b@x.example"}, /* full width a and & */
        {"sip:A%5C27b@x.example", "a\\5c27b@x.example"},
        {"sip:%20a@x.example", "!404"},
        {"sip:a%E2%80%8Db@x.example", "!404"}, /* ZWJ without virama */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *uri = stox_vector_expand(cases[i].input);
        g_autofree char *jid = sip_to_jid(uri, STOX_URI_IS_REQUEST_URI);

        if (g_strcmp0(jid, cases[i].expected) != 0)
            g_test_message("input: %s", cases[i].input);
        g_assert_cmpstr(jid, ==, cases[i].expected);
    }
}

/* A-40: the answer to sips: says why; A-24: a bad From says that it was the From. */
static void test_sip_refusals(void)
{
    g_auto(StoxSipResult) sips = {0}, tel = {0}, from = {0};
    StoxJid jid = {0};

    g_assert_false(
        stox_address_sip_to_jid("sips:a@x.example", STOX_URI_IS_REQUEST_URI, &jid, &sips));
    g_assert_cmpuint(sips.warn_code, ==, 380);
    g_assert_false(stox_address_sip_to_jid("tel:+15551212", STOX_URI_IS_REQUEST_URI, &jid, &tel));
    g_assert_cmpuint(tel.status, ==, 416);
    g_assert_cmpuint(tel.warn_code, ==, 0);
    g_assert_false(stox_address_sip_to_jid("tel:+15551212", STOX_URI_IS_FROM, &jid, &from));
    g_assert_cmpuint(from.status, ==, 400);
    g_assert_cmpuint(from.warn_code, ==, 0);
    g_assert_nonnull(from.reason);
}

/* ---- JID -> SIP URI ---- */

/* A-09: at either end \20 is no escape. */
static void test_space_at_the_edge(void)
{
    g_auto(StoxError) error = {0};
    g_autofree char *first = stox_address_jid_text_to_sip("\\20a@x.example", false, &error);
    g_autofree char *last = stox_address_jid_text_to_sip("a\\20@x.example", false, &error);
    g_autofree char *only = stox_address_jid_text_to_sip("\\20@x.example", false, &error);

    g_assert_cmpstr(first, ==, "sip:%5C20a@x.example");
    g_assert_cmpstr(last, ==, "sip:a%5C20@x.example");
    g_assert_cmpstr(only, ==, "sip:%5C20@x.example");
}

static void test_without_gr(void)
{
    g_auto(StoxError) error = {0};
    g_autofree char *uri = stox_address_jid_text_to_sip("a@x.example/r", false, &error);

    g_assert_cmpstr(uri, ==, "sip:a@x.example");
}

/* ---- JIDs ---- */

static const Pair jids[] = {
    {"a@x.example", "a@x.example"},
    {"A@X.Example./R", "a@x.example/R"}, /* A-33 */
    {"x.example/a@b", "x.example/a@b"},
    {"a@b@x.example", NULL},
    {"a@x.example/r/s@t", "a@x.example/r/s@t"},
    {"", NULL},
    {"@", NULL},
    {"/", NULL},
    {"a@", NULL},
    {"a@.", NULL},
    {"a@x..example", NULL},
    {"a@x y.example", NULL},
    {"a@192.0.2.1", "a@192.0.2.1"},
    {"a@192.0.2.256", NULL},
    {"a@[2001:DB8::1]", "a@[2001:db8::1]"},
    {"a@2001:db8::1", NULL},
    {"a@[::1]x", NULL},
    {"a@b\xC3\x9C"
     "CHER.example",
     "a@b\xC3\xBC"
     "cher.example"},
    {"a@xn--bcher-kva.example", "a@b\xC3\xBC"
                                "cher.example"},      /* A-31 */
    {"a@fa\xC3\x9F.example", "a@fa\xC3\x9F.example"}, /* not transitional */
    {"a@\xF0\x9F\x98\x80.example", NULL},
    {"\xFF@x.example", NULL},
    {"a@\xFF.example", NULL},
    {"a@x.example/\xFF", NULL},
    {"a\x01@x.example", NULL},
    {"a&b@x.example", NULL},
    {"a'b@x.example", NULL},
    {"a\"b@x.example", NULL},
    {"a:b@x.example", NULL},
    {"a<b>@x.example", NULL},
    {"\xE2\x84\xAA@x.example", NULL},                 /* KELVIN SIGN, compatibility */
    {"\xC4\xB0@x.example", "i\xCC\x87@x.example"},    /* dotted capital I */
    {"\xE2\x99\x9A@x.example", NULL},                 /* a symbol */
    {"l\xC2\xB7l@x.example", "l\xC2\xB7l@x.example"}, /* middle dot between l and l */
    {"a\xC2\xB7l@x.example", NULL},
    {"\xE3\x82\xA2\xE3\x83\xBB@x.example", "\xE3\x82\xA2\xE3\x83\xBB@x.example"},
    {"a\xE3\x83\xBB@x.example", NULL}, /* katakana middle dot alone */
    {"\xCD\xB5\xCE\xB1@x.example", "\xCD\xB5\xCE\xB1@x.example"},
    {"\xCD\xB5@x.example", NULL},
    {"\xD7\x90\xD7\xB3@x.example", "\xD7\x90\xD7\xB3@x.example"},
    {"a\xD7\xB3@x.example", NULL},
    {"\xD9\xA0\xDB\xB0@x.example", NULL}, /* both kinds of digits */
    {"\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8D@x.example",
     "\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8D@x.example"}, /* ZWJ after virama */
    {"\xD7\x90"
     "1@x.example",
     "\xD7\x90"
     "1@x.example"}, /* Bidi: right to left, ends in a digit */
    {"1\xD7\x90@x.example", NULL},
    {"a\xD7\x90@x.example", NULL},
    {"\xD7\x90"
     "a@x.example",
     NULL},
    {"\xD7\x90-@x.example", NULL},
    {"\xD7\x90"
     "a\xD7\x90@x.example",
     NULL},
    {"\xD8\xA7\xD9\xA1"
     "1@x.example",
     NULL},                       /* Arabic and European digits */
    {"\xD9\x80@x.example", NULL}, /* tatweel, an exception */
    {"\xC3\x9F@x.example", "\xC3\x9F@x.example"},
    {"\xE1\xBA\x9E@x.example", "\xC3\x9F@x.example"},
    {"a@x.example/\xC2\xA0z", NULL},                   /* maps to a leading space */
    {"a@x.example/z\xE3\x80\x80z", "a@x.example/z z"}, /* A-15 */
    {"a@x.example/\xE2\x85\xA3", "a@x.example/\xE2\x85\xA3"},
    {"a@x.example/e\xCC\x81", "a@x.example/\xC3\xA9"},
    {"a@x.example/a\xE2\x80\x8B"
     "b",
     NULL},                             /* ZERO WIDTH SPACE is ignorable */
    {"a@x.example/\xEE\x80\x80", NULL}, /* private use */
};

static void test_jid_parse(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(jids); i++) {
        g_auto(StoxJid) jid = {0};
        const char *why = NULL;
        bool good = stox_jid_parse(jids[i].input, &jid, &why);
        g_autofree char *full = good ? stox_jid_full(&jid) : NULL;

        if (g_strcmp0(full, jids[i].expected) != 0)
            g_test_message("case %zu, input: %s", i, jids[i].input);
        g_assert_cmpstr(full, ==, jids[i].expected);
        g_assert_true(good == !why);
    }
}

/* A-20: each part 1..1023 octets after enforcement. */
static void test_jid_limits(void)
{
    static const struct {
        const char *input;
        bool good;
    } cases[] = {
        {"<1023 x 'a'>@x.example", true},
        {"<1024 x 'a'>@x.example", false},
        {"<511 x '\xC3\xBC'>@x.example", true},      /* T-X47 */
        {"<1023 x '\xEF\xBD\x81'>@x.example", true}, /* full width: three octets become one */
        {"<1024 x '\xEF\xBD\x81'>@x.example", false},
        {"a@x.example/<1023 x 'r'>", true},
        {"a@x.example/<1024 x 'r'>", false},
        {"a@<63 x 'x'>.example", true},
        {"a@<64 x 'x'>.example", false},
        {"a@<120 x 'x.'>example", true},
        {"a@<130 x 'x.'>example", false},
        {"a@<200 x '\xC3\xBC'>.example", false},
        {"a<30 x '\xCC\x81'>@x.example", true},
        {"a<31 x '\xCC\x81'>@x.example", false},
        {"<2000000 x 'a'>@x.example", false},
        {"a@<2000000 x 'x.'>", false},
        {"a@x.example/<1000000 x '\xCC\x81'>", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = stox_vector_expand(cases[i].input);
        g_auto(StoxJid) jid = {0};

        if (stox_jid_parse(text, &jid, NULL) != cases[i].good)
            g_test_message("input: %s", cases[i].input);
        g_assert_true((jid.domain != NULL) == cases[i].good);
    }
}

/* A-21: what fits into a JID grows to three times its length in a URI, which has no limit of its own. */
static void test_growth(void)
{
    g_autofree char *local = stox_vector_expand("<511 x '\xC3\xBC'>");
    g_autofree char *jid = g_strconcat(local, "@x.example", NULL);
    g_auto(StoxError) error = {0};
    g_autofree char *uri = stox_address_jid_text_to_sip(jid, false, &error);
    g_autofree char *back = NULL;

    g_assert_cmpuint(strlen(uri), ==, strlen("sip:@x.example") + 2 * 511 * strlen("%C3"));
    back = sip_to_jid(uri, STOX_URI_IS_REQUEST_URI);
    g_assert_cmpstr(back, ==, jid);
}

/* The reader must not take more than linear time: 8 MB of anything is answered at once. */
static void test_long_uris(void)
{
    static const char *const inputs[] = {
        "sip:<8000000 x 'a'>@x.example",
        "sip:<2000000 x '%CC%81'>@x.example",
        "sip:a@x.example<4000000 x ';a'>",
        "sip:a@x.example;gr=<2000000 x '%CC%81'>",
        "sip:a@<4000000 x 'x.'>",
        "sip:a@x.example?<8000000 x 'a'>",
        "<8000000 x 'a'>:",
        "sip:a:<8000000 x 'a'>@x.example",
        "sip:<2000000 x '%5C27'>@x.example",
    };
    int64_t start = g_get_monotonic_time();

    for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
        g_autofree char *uri = stox_vector_expand(inputs[i]);
        g_autofree char *jid = sip_to_jid(uri, STOX_URI_IS_REQUEST_URI);

        g_assert_nonnull(jid);
    }
    /* Seconds with sanitizers on a busy machine; quadratic time would be hours. */
    g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
}

static void test_domain(void)
{
    static const Pair cases[] = {
        {"X.Example.", "x.example"},
        {"xn--bcher-kva.example", "b\xC3\xBC"
                                  "cher.example"},
        {"localhost", "localhost"},
        {"x.example..", NULL},
        {"", NULL},
        {".", NULL},
        {"123", NULL},
        {"x.123", NULL},
        {"1.x", "1.x"},
        {"x-.example", NULL},
        {"a/b", NULL},
        {"[::1]", "[::1]"},
        {"::1", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *domain = stox_domain_canonical(cases[i].input);

        g_assert_cmpstr(domain, ==, cases[i].expected);
    }
}

/* ---- JID escaping (XEP-0106 s4.3, s5; rows A-05 to A-09) ---- */

static void test_escape(void)
{
    static const Pair cases[] = {
        {"space cadet", "space\\20cadet"},
        {" a", NULL},
        {"a ", NULL},
        {"call me \"ishmael\"", "call\\20me\\20\\22ishmael\\22"},
        {"\\2plus\\2is\\4", "\\2plus\\2is\\4"},
        {"c:\\net", "c\\3a\\net"},
        {"c:\\cool stuff", "c\\3a\\cool\\20stuff"},
        {"c:\\5commas", "c\\3a\\5c5commas"},
        {"\\5C", "\\5c5C"},
        {"\\3A", "\\5c3A"},
        {"\\00", "\\00"},
        {"\\", "\\"},
        {"\\2", "\\2"},
        {"", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *local = stox_jid_escape(cases[i].input);
        g_autofree char *user = local ? stox_jid_unescape(local) : NULL;

        g_assert_cmpstr(local, ==, cases[i].expected);
        if (local)
            g_assert_cmpstr(user, ==, cases[i].input);
    }
}

/* ---- xmpp: IRIs (RFC 5122) ---- */

static void test_iri(void)
{
    static const Pair cases[] = {
        {"xmpp:a@x.example", "a@x.example"},
        {"XMPP:a@x.example?message;body=b", "a@x.example"},
        {"xmpp:a@x.example#f", "a@x.example"},
        {"xmpp://me@y.example/a@x.example", "a@x.example"},
        {"xmpp://y.example", NULL},
        {"xmpp:a%5C26b@x.example/r%2Fs", "a\\26b@x.example/r/s"},
        {"xmpp:a%40b@x.example", NULL},
        {"xmpp:a%2Fb@x.example", NULL},
        {"xmpp:a%ZZ@x.example", NULL},
        {"xmpp:", NULL},
        {"sip:a@x.example", NULL},
        {"a@x.example", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(StoxJid) jid = {0}, again = {0};
        bool good = stox_xmpp_iri_to_jid(cases[i].input, &jid);
        g_autofree char *full = good ? stox_jid_full(&jid) : NULL;
        g_autofree char *iri = good ? stox_xmpp_iri_from_jid(&jid) : NULL;

        g_assert_cmpstr(full, ==, cases[i].expected);
        if (good) {
            g_autofree char *full_again = NULL;

            g_assert_true(stox_xmpp_iri_to_jid(iri, &again));
            full_again = stox_jid_full(&again);
            g_assert_cmpstr(full_again, ==, full);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/address/sip-to-jid/syntax", test_sip_syntax);
    g_test_add_func("/address/sip-to-jid/refusals", test_sip_refusals);
    g_test_add_func("/address/jid-to-sip/without-gr", test_without_gr);
    g_test_add_func("/address/jid-to-sip/space-at-the-edge", test_space_at_the_edge);
    g_test_add_func("/address/jid/parse", test_jid_parse);
    g_test_add_func("/address/jid/limits", test_jid_limits);
    g_test_add_func("/address/A-21-growth", test_growth);
    g_test_add_func("/address/long", test_long_uris);
    g_test_add_func("/address/domain", test_domain);
    g_test_add_func("/address/escape", test_escape);
    g_test_add_func("/address/iri", test_iri);
    return g_test_run();
}
