/* SPDX-License-Identifier: MIT */
#include "component/link.h"

/* X-02, XEP-0114 s3 */
static void test_handshake(void)
{
    static const struct {
        const char *id, *secret, *expected;
    } rows[] = {
        {"3BF96D32", "test", "aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e"},
        {"8f2c1a5e7d", "stoxd-demo", "b5f6649d074454b8b0636506b8ab713926f5744b"},
        /* nothing at all: the digest of the empty string (FIPS 180) */
        {"", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = stox_link_handshake(rows[i].id, rows[i].secret);
        g_autofree char *text = g_strconcat(rows[i].id, rows[i].secret, NULL);
        g_autofree char *other = g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);

        g_assert_cmpstr(got, ==, rows[i].expected);
        g_assert_cmpstr(got, ==, other);
    }
}

/* Any secret, any length: the same as GLib's SHA-1. */
static void test_lengths(void)
{
    for (unsigned n = 0; n < 300; n++) {
        g_autofree char *secret = g_strnfill(n, (char) ('a' + n % 26));
        g_autofree char *text = g_strconcat("\xC3\xA4", secret, NULL);
        g_autofree char *got = stox_link_handshake("\xC3\xA4", secret);
        g_autofree char *expected = g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);

        g_assert_cmpstr(got, ==, expected);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/handshake/vectors/X-02", test_handshake);
    g_test_add_func("/handshake/lengths", test_lengths);
    return g_test_run();
}
