/* SPDX-License-Identifier: MIT */
/* The SDP of IM sessions: RFC 3264, lync.md 4.4. */
#include "tests/unit/sip/session-fixture.h"

#include "sip/session-sdp.h"

#include <string.h>

static void test_sdp_reader(void)
{
    static const struct {
        const char *name, *text;
        bool readable, im;
    } rows[] = {
        {"plain", "v=0\r\nm=message 5060 sip null\r\n", true, true},
        {"bare LF, no end", "v=0\nm=message 5060 sip null", true, true},
        {"port count", "v=0\nm=message 5060/2 sip null\n", true, true},
        {"empty", "", false, false},
        {"no version", "m=message 5060 sip null\n", false, false},
        {"short line", "v=0\nm=message 5060\n", false, false},
        {"no number", "v=0\nm=message x sip null\n", false, false},
        {"port too large", "v=0\nm=message 65536 sip null\n", false, false},
        {"minus", "v=0\nm=message -1 sip null\n", false, false},
        {"control character", "v=0\nm=message 5060 sip nu\x01l\n", false, false},
        {"sipx", "v=0\nm=message 5060 sipx null\n", true, false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) body = g_bytes_new_static(rows[i].text, strlen(rows[i].text));
        g_autoptr(StoxSdpOffer) offer = stox_sdp_offer_read(body);

        g_test_message("%s", rows[i].name);
        g_assert_cmpint(offer != NULL, ==, rows[i].readable);
        if (offer)
            g_assert_cmpint(stox_sdp_offer_has_im(offer), ==, rows[i].im);
    }
}

static void test_sdp_too_many_lines(void)
{
    GString *text = g_string_new("v=0\n");

    for (unsigned i = 0; i < 17; i++) {
        g_autoptr(GBytes) body = g_bytes_new(text->str, text->len);
        g_autoptr(StoxSdpOffer) offer = stox_sdp_offer_read(body);

        g_assert_cmpint(offer != NULL, ==, i > 0);
        g_string_append(text, "m=message 5060 sip null\n");
    }
    {
        g_autoptr(GBytes) body = g_bytes_new(text->str, text->len);

        g_assert_null(stox_sdp_offer_read(body));
    }
    g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sip/session/sdp-reader", test_sdp_reader);
    g_test_add_func("/sip/session/sdp-too-many-lines", test_sdp_too_many_lines);
    return g_test_run();
}
