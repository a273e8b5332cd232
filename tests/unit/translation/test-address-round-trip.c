/* SPDX-License-Identifier: MIT */
/*
 * There and back, with made-up addresses: the same value comes out, or one of the listed losses. Those are: needless escapes of a localpart (Q-07),
 * case (A-17) and spelling (A-18) of a SIP user, what is not gr of a URI (A-34 to A-36).
 */
#include "translation/address.h"
#include "translation/proxied.h"

#include <string.h>

#define CASES   100000
#define GATEWAY "sip.gw.example"

static const char *const domains[] = {"x.example",
                                      "b\xC3\xBC"
                                      "cher.example",
                                      "192.0.2.1", "[2001:db8::1]", "a-b.c1.example"};
static const char *const hosts[] = {"X.Example.", "XN--bcher-kva.example", "192.0.2.1",
                                    "[2001:DB8::1]", "a-b.C1.example"};

static const char *pick(GRand *rand, const char *const *from, unsigned n)
{
    return from[g_rand_int_range(rand, 0, (int) n)];
}

/* ---- JID -> SIP -> JID ---- */

static char *some_local(GRand *rand)
{
    static const char *const pieces[] = {
        "a",        "b5",           "2",        "7c",   "e",    "\\",   "\\",   "\\5c",
        "\\5c",     "\\20",         "\\22",     "\\26", "\\27", "\\2f", "\\3a", "\\3c",
        "\\3e",     "\\40",         "%",        "%41",  "#",    ";gr=", "?",    "!$*",
        "()",       ",.",           "[",        "]",    "{|}",  "^`~_", "+=-",  "\xC3\xBC",
        "\xCF\x83", "\xE4\xB8\xAD", "\xC3\x9F", "\\5C", "\\2F"};
    GString *local = g_string_new(NULL);

    for (int n = g_rand_int_range(rand, 1, 8); n > 0; n--)
        g_string_append(local, pick(rand, pieces, G_N_ELEMENTS(pieces)));
    return g_string_free(local, FALSE);
}

static char *some_resource(GRand *rand)
{
    static const char *const pieces[] = {
        "a",        "B", "/", "@", ";", "=", "?", "%41", "%", " x", "\"", "\\40", "\xE2\x99\x9A",
        "\xC3\xA9", "&", "'", "<", ":"};
    GString *resource = g_string_new("r");

    for (int n = g_rand_int_range(rand, 0, 6); n > 0; n--)
        g_string_append(resource, pick(rand, pieces, G_N_ELEMENTS(pieces)));
    return g_string_free(resource, FALSE);
}

/* One of the ten codes of XEP-0106, in lower case, behind a backslash. */
static bool is_sequence(const char *p)
{
    static const char codes[] = "20 22 26 27 2f 3a 3c 3e 40 5c ";

    for (const char *code = codes; *code; code += 3)
        if (p[0] == '\\' && p[1] == code[0] && p[2] == code[1])
            return true;
    return false;
}

/* Is each escape there because it must be? Else it is one of the losses of Q-07. */
static bool is_needed(const char *local)
{
    for (const char *p = local; *p; p++) {
        if (!is_sequence(p))
            continue;
        if (strncmp(p, "\\20", 3) == 0 && (p == local || !p[3]))
            return false;
        if (strncmp(p, "\\5c", 3) == 0) {
            g_autofree char *rest = g_strconcat("\\", p + 3, NULL);

            if (!is_sequence(rest))
                return false;
        }
        p += 2;
    }
    return true;
}

static void check_jid(const char *text, unsigned *exact)
{
    g_auto(StoxJid) jid = {0}, back = {0};
    g_auto(StoxError) error = {0};
    g_auto(StoxSipResult) failure = {0};
    g_autofree char *uri = NULL, *again = NULL;

    g_assert_true(stox_jid_parse(text, &jid, NULL));
    uri = stox_address_jid_to_sip(&jid, true, &error);
    g_assert_true(stox_address_sip_to_jid(uri, STOX_URI_IS_REQUEST_URI, &back, &failure));
    g_assert_cmpstr(back.domain, ==, jid.domain);
    g_assert_cmpstr(back.resource, ==, jid.resource);
    if (is_needed(jid.local)) {
        g_assert_cmpstr(back.local, ==, jid.local);
        (*exact)++;
        return;
    }
    /* Another name for the same SIP user. */
    g_assert_cmpstr(back.local, !=, jid.local);
    again = stox_address_jid_to_sip(&back, true, &error);
    g_assert_cmpstr(again, ==, uri);
}

static void test_jid(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7247);
    unsigned exact = 0;

    for (unsigned i = 0; i < CASES; i++) {
        g_autofree char *local = some_local(rand), *resource = some_resource(rand);
        g_autofree char *text = g_strdup_printf(
            "%s@%s/%s", local, pick(rand, domains, G_N_ELEMENTS(domains)), resource);

        check_jid(text, &exact);
    }
    g_assert_cmpuint(exact, >, CASES / 4);
    g_assert_cmpuint(exact, <, CASES);
}

/* ---- SIP -> JID -> SIP ---- */

/* A user as text, no space at its ends, nothing that changes but by case. */
static char *some_user(GRand *rand)
{
    static const char *const pieces[] = {"a",       "B", "Z9", "5C",       "2f",
                                         "40",      " ", "\"", "&",        "'",
                                         "/",       ":", "<",  ">",        "@",
                                         "\\",      "%", "#",  ";",        "?",
                                         "{",       "[", "|",  "\xC3\xBC", "\xE4\xB8\xAD",
                                         "\xC3\x9C"};
    GString *user = g_string_new("u");

    for (int n = g_rand_int_range(rand, 0, 10); n > 0; n--)
        g_string_append(user, pick(rand, pieces, G_N_ELEMENTS(pieces)));
    g_string_append_c(user, 'V');
    return g_string_free(user, FALSE);
}

/* As the gateway writes it (rand NULL), or in any of the spellings that mean the same. */
static char *spell(const char *user, GRand *rand)
{
    GString *out = g_string_new(NULL);

    for (const char *p = user; *p; p++) {
        bool may = g_ascii_isalnum(*p) || strchr("-_.!~*'()&=+$,;?/", *p);

        if (may && (!rand || g_rand_boolean(rand)))
            g_string_append_c(out, *p);
        else if (rand && g_rand_boolean(rand))
            g_string_append_printf(out, "%%%02x", (unsigned char) *p);
        else
            g_string_append_printf(out, "%%%02X", (unsigned char) *p);
    }
    return g_string_free(out, FALSE);
}

/* One made-up URI, and the one that comes back. */
static char *some_uri(GRand *rand, char **ret_expected)
{
    static const char *const ascii[] = {"x.example", "xn--bcher-kva.example", "192.0.2.1",
                                        "[2001:db8::1]", "a-b.c1.example"};
    static const char *const ends[] = {"", ":5060", ";transport=tls", "?Subject=x", ";lr;gr"};
    int host = g_rand_int_range(rand, 0, G_N_ELEMENTS(hosts));
    const char *end = pick(rand, ends, G_N_ELEMENTS(ends));
    g_autofree char *user = some_user(rand), *lower = g_utf8_strdown(user, -1);
    g_autofree char *spelled = spell(user, rand), *ours = spell(lower, NULL);
    bool gr = g_rand_boolean(rand) && strcmp(end, "?Subject=x") != 0 && !strstr(end, "gr");

    *ret_expected = g_strdup_printf("sip:%s@%s%s", ours, ascii[host], gr ? ";gr=Desk%201" : "");
    return g_strdup_printf("sip:%s@%s%s%s", spelled, hosts[host], end, gr ? ";gr=D%65sk%201" : "");
}

static void test_uri(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3261);

    for (unsigned i = 0; i < CASES; i++) {
        g_autofree char *expected = NULL, *uri = some_uri(rand, &expected), *back = NULL;
        g_auto(StoxJid) jid = {0};
        g_auto(StoxSipResult) failure = {0};
        g_auto(StoxError) error = {0};

        g_assert_true(stox_address_sip_to_jid(uri, STOX_URI_IS_FROM, &jid, &failure));
        back = stox_address_jid_to_sip(&jid, true, &error);
        g_assert_cmpstr(back, ==, expected);
    }
}

/* ---- Mode P: SIP -> JID -> SIP, and from there JID -> SIP -> JID ---- */

static void test_proxied(void)
{
    static const StoxProxiedOptions options = {.default_domain = "d.example", .percent_form = true};
    g_autoptr(GRand) rand = g_rand_new_with_seed(106);

    for (unsigned i = 0; i < CASES; i++) {
        g_autofree char *expected = NULL, *uri = some_uri(rand, &expected), *back = NULL;
        g_autofree char *full = NULL, *full_again = NULL;
        g_auto(StoxJid) jid = {0}, again = {0}, parsed = {0};
        g_auto(StoxSipResult) failure = {0};
        g_auto(StoxError) error = {0};

        g_assert_true(stox_proxied_sip_to_jid(uri, GATEWAY, STOX_URI_IS_FROM, &jid, &failure));
        back = stox_proxied_jid_to_uri(&jid, &options, STOX_SCHEME_SIP, true, &error);
        g_assert_cmpstr(back, ==, expected);
        g_assert_true(
            stox_proxied_sip_to_jid(back, GATEWAY, STOX_URI_IS_REQUEST_URI, &again, &failure));
        full = stox_jid_full(&jid);
        full_again = stox_jid_full(&again);
        g_assert_cmpstr(full_again, ==, full);
        g_assert_true(stox_jid_parse(full, &parsed, NULL));
        g_assert_cmpstr(parsed.local, ==, jid.local);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/address/round-trip/jid/Q-07", test_jid);
    g_test_add_func("/address/round-trip/uri/A-17-A-18", test_uri);
    g_test_add_func("/address/round-trip/proxied/A-60", test_proxied);
    return g_test_run();
}
