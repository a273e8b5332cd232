/* SPDX-License-Identifier: MIT */
/* The vector files of addresses: T-S, T-X, T-I and T-P rows, each by its function and by stox_address_translate(): the order of steps, case before look-alikes, one pass, unescaping after enforcement, no resource from a temporary GRUU, parameters and headers that do not cross. */
#include "tests/unit/translation/address-text.h"
#include "tests/unit/translation/vectors.h"
#include "translation/error.h"
#include "translation/proxied.h"

#include <string.h>

#define GATEWAY "sip.gw.example" /* of the T-P rows */

/* ---- What came out, as text ---- */

/* The JID, or "!<status>" for a refusal; caller frees. */
static char *sip_to_jid(const char *uri, const char *gateway, StoxUriRole role)
{
    g_auto(StoxJid) jid = {0};
    g_auto(StoxSipResult) failure = {0};
    bool good = gateway ? stox_proxied_sip_to_jid(uri, gateway, role, &jid, &failure)
                        : stox_address_sip_to_jid(uri, role, &jid, &failure);

    if (good)
        return stox_jid_full(&jid);
    g_assert_null(jid.domain);
    g_assert_cmpint(failure.fate, ==, STOX_SIP_ANSWERED);
    g_assert_cmpuint(failure.diagnostic, ==, 0);
    return g_strdup_printf("!%u", failure.status);
}

/*
 * What the note of a refused URI says about one role: "R: 404", "F: alice@atlanta.com", or one code
 * for both; else `otherwise`.
 */
static char *expected_refusal(const char *note, const char *mark, const char *otherwise)
{
    const char *found = strstr(note, mark);
    g_autofree char *word = NULL;

    if (!found)
        return g_ascii_isdigit(note[0]) ? g_strdup_printf("!%.3s", note) : g_strdup(otherwise);
    found += strlen(mark);
    word = g_strndup(found, strcspn(found, " ,;"));
    return g_ascii_isdigit(word[0]) ? g_strconcat("!", word, NULL) : g_steal_pointer(&word);
}

/* The note of a refused JID begins with a condition, or says only that it is refused. */
static void check_refused(const char *got, const char *note)
{
    g_autofree char *word = g_strndup(note, strcspn(note, " ,;("));

    g_assert_true(got[0] == '!');
    if (stox_condition_from_name(word) != STOX_CONDITION_UNDEFINED_CONDITION)
        g_assert_cmpstr(got + 1, ==, word);
}

/* ---- address-sip-to-jid.tsv ---- */

static void test_sip_to_jid(const StoxVector *vector)
{
    g_autofree char *uri = stox_vector_expand(vector->columns[1]);
    g_autofree char *jid = stox_vector_expand(vector->columns[2]);
    const char *note = vector->columns[3];
    bool person = strstr(note, "From/To only") != NULL; /* */
    g_autofree char *as_request = sip_to_jid(uri, NULL, STOX_URI_IS_REQUEST_URI);
    g_autofree char *as_from = sip_to_jid(uri, NULL, STOX_URI_IS_FROM);
    g_autofree char *translated = address_mapped(uri, NULL);
    g_autofree char *request_expected = NULL, *from_expected = NULL;

    if (strcmp(jid, "!") == 0) {
        request_expected = expected_refusal(note, "R: ", NULL);
        from_expected = expected_refusal(note, "F: ", "!400"); /* */
    } else {
        request_expected = g_strdup(person ? "!416" : jid);
        from_expected = g_strdup(jid);
    }
    g_assert_nonnull(request_expected);
    g_assert_cmpstr(as_request, ==, request_expected);
    g_assert_cmpstr(as_from, ==, from_expected);
    g_assert_cmpstr(translated, ==, person ? from_expected : request_expected);
}

/* Every address that came from SIP leads back to the same JID. */
static void test_round_trip(const StoxVector *vector)
{
    g_autofree char *from = stox_vector_expand(vector->columns[1]);
    g_autofree char *expected = stox_vector_expand(vector->columns[2]);
    g_auto(StoxJid) jid = {0};
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxError) error = {0};
    g_autofree char *uri = NULL, *again = NULL;

    if (strcmp(expected, "!") == 0)
        return;
    g_assert_true(stox_address_sip_to_jid(from, STOX_URI_IS_FROM, &jid, &failure));
    uri = stox_address_jid_to_sip(&jid, true, &error);
    again = sip_to_jid(uri, NULL, STOX_URI_IS_REQUEST_URI);
    g_assert_cmpstr(again, ==, expected);
}

/* ---- address-jid-to-sip.tsv ---- */

static char *jid_to_uri(const char *text, StoxUriScheme scheme)
{
    g_auto(StoxJid) jid = {0};
    g_auto(StoxError) error = {0};
    char *uri;

    if (scheme == STOX_SCHEME_SIP)
        uri = stox_address_jid_text_to_sip(text, true, &error);
    else if (stox_jid_parse(text, &jid, NULL))
        uri = stox_address_jid_to_uri(&jid, scheme, true, &error);
    else
        return g_strdup("!jid-malformed");
    return uri ? uri : address_refusal(&error);
}

/* The mode "im-pres" has rows of both schemes; a refused JID is refused for both. */
static StoxUriScheme scheme_of(const char *mode, const char *expected)
{
    if (strcmp(mode, "T") == 0)
        return STOX_SCHEME_SIP;
    g_assert_cmpstr(mode, ==, "im-pres");
    return g_str_has_prefix(expected, "pres:") ? STOX_SCHEME_PRES : STOX_SCHEME_IM;
}

static void test_jid_to_sip(const StoxVector *vector)
{
    g_autofree char *jid = stox_vector_expand(vector->columns[2]);
    g_autofree char *expected = stox_vector_expand(vector->columns[3]);
    const StoxTranslateOptions options = {.scheme = scheme_of(vector->columns[1], expected)};
    g_autofree char *uri = jid_to_uri(jid, options.scheme);
    g_autofree char *translated = address_mapped(jid, &options);

    g_assert_cmpstr(translated, ==, uri);
    if (strcmp(expected, "!") == 0)
        check_refused(uri, vector->columns[4]);
    else
        g_assert_cmpstr(uri, ==, expected);
}

/* ---- address-proxied.tsv ---- */

static bool is_uri(const char *address)
{
    return strncmp(address, "sip:", 4) == 0 || strncmp(address, "sips:", 5) == 0 ||
           strncmp(address, "im:", 3) == 0 || strncmp(address, "pres:", 5) == 0 ||
           strncmp(address, "tel:", 4) == 0;
}

/* One direction, by both ways to do it. */
static void check_proxied(const char *input, const char *expected, const char *note)
{
    const StoxTranslateOptions options = {.proxied = GATEWAY};
    g_autofree char *translated = address_mapped(input, &options);

    if (strcmp(expected, "!") != 0) {
        g_assert_cmpstr(translated, ==, expected);
    } else if (is_uri(input)) {
        g_autofree char *request = expected_refusal(note, "R: ", translated);

        g_assert_true(translated[0] == '!');
        g_assert_cmpstr(translated, ==, request);
    } else {
        check_refused(translated, note);
    }
    if (is_uri(input)) {
        g_autofree char *as_from = sip_to_jid(input, GATEWAY, STOX_URI_IS_FROM);
        g_autofree char *from_expected =
            strcmp(expected, "!") == 0 ? expected_refusal(note, "F: ", "!400") : g_strdup(expected);

        g_assert_cmpstr(as_from, ==, from_expected);
    }
}

static void test_proxied(const StoxVector *vector)
{
    g_autofree char *left = stox_vector_expand(vector->columns[1]);
    g_autofree char *right = stox_vector_expand(vector->columns[3]);
    const char *direction = vector->columns[2], *note = vector->columns[4];

    check_proxied(left, right, note);
    if (strcmp(direction, "<->") == 0)
        check_proxied(right, left, note);
    else
        g_assert_cmpstr(direction, ==, "->");
    if (strstr(note, "not reversible")) {
        const StoxTranslateOptions options = {.proxied = GATEWAY};
        g_autofree char *back = address_mapped(right, &options);

        g_assert_cmpstr(back, ==, "!item-not-found");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    stox_vectors_add("address/sip-to-jid", "address-sip-to-jid.tsv", 4, test_sip_to_jid);
    stox_vectors_add("address/round-trip", "address-sip-to-jid.tsv", 4, test_round_trip);
    stox_vectors_add("address/jid-to-sip", "address-jid-to-sip.tsv", 5, test_jid_to_sip);
    stox_vectors_add("address/proxied", "address-proxied.tsv", 5, test_proxied);
    return g_test_run();
}
