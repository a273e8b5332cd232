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

/* The peer's list: bounded, of the IM line, else of the session. */
static void test_sdp_accept_types(void)
{
    static const struct {
        const char *name, *text, *types;
    } rows[] = {
        {"lync.md 4.4", "v=0\r\nm=message 5060 sip null\r\na=accept-types:text/plain text/html\r\n",
         "text/plain text/html"},
        {"blanks", "v=0\nm=message 5060 sip null\na=Accept-Types: text/plain  \n", "text/plain"},
        {"none", "v=0\nm=message 5060 sip null\n", NULL},
        {"session level", "v=0\na=accept-types:a/b\nm=message 5060 sip null\n", "a/b"},
        {"media level wins",
         "v=0\na=accept-types:a/b\nm=message 5060 sip null\na=accept-types:c/d\n", "c/d"},
        {"of another line",
         "v=0\nm=audio 1 RTP/AVP 0\na=accept-types:a/b\nm=message 5060 sip null\n", NULL},
        {"of a later line",
         "v=0\nm=message 5060 sip null\nm=audio 1 RTP/AVP 0\na=accept-types:a/b\n", NULL},
        {"the first", "v=0\nm=message 5060 sip null\na=accept-types:a/b\na=accept-types:c/d\n",
         "a/b"},
        {"control character", "v=0\nm=message 5060 sip null\na=accept-types:a/b\x01\n", NULL},
        {"answer", "v=0\nm=message 5060 sip sip:alice@contoso.example\na=accept-types:a/b\n",
         "a/b"},
        {"no SDP", "hello", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) body = g_bytes_new_static(rows[i].text, strlen(rows[i].text));
        g_autofree char *types = stox_sdp_accept_types(body);

        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(types, ==, rows[i].types);
    }
    for (size_t n = 1011; n < 1013; n++) {
        g_autofree char *fill = g_strnfill(n, 'x');
        g_autofree char *text =
            g_strdup_printf("v=0\nm=message 5060 sip null\na=accept-types:%s\n", fill);
        g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));
        g_autofree char *types = stox_sdp_accept_types(body);

        g_assert_true((types != NULL) == (n == 1011));
    }
    g_assert_null(stox_sdp_accept_types(NULL));
}

/* Ours: what we take, whatever the peer does (RFC 4975 s8.6, S-24); text/plain where nothing is said (lync.md 4.4). */
static void test_sdp_types_written(void)
{
    static const struct {
        const char *ours, *theirs, *written;
    } rows[] = {
        {NULL, "a=accept-types:text/plain text/html\n", "text/plain"},
        {"text/plain application/im-iscomposing+xml", "a=accept-types:text/plain\n",
         "text/plain application/im-iscomposing+xml"},
        {"text/plain text/html", "a=accept-types:*\n", "text/plain text/html"},
        {"text/plain text/html", "", "text/plain text/html"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat("v=0\nm=message 1 sip null\n", rows[i].theirs, NULL);
        g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));
        g_autoptr(StoxSdpOffer) offer = stox_sdp_offer_read(body);
        g_autoptr(GBytes) answer =
            stox_sdp_answer_write(offer, NULL, 5061, "sip:b@c", rows[i].ours);
        g_autoptr(GBytes) first = stox_sdp_offer_write(NULL, 5061, rows[i].ours);
        g_autofree char *answered = stox_sdp_accept_types(answer);
        g_autofree char *offered = stox_sdp_accept_types(first);

        g_assert_cmpstr(answered, ==, rows[i].written);
        g_assert_cmpstr(offered, ==, rows[i].written);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sip/session/sdp-reader", test_sdp_reader);
    g_test_add_func("/sip/session/sdp-too-many-lines", test_sdp_too_many_lines);
    g_test_add_func("/sip/session/sdp-accept-types", test_sdp_accept_types);
    g_test_add_func("/sip/session/sdp-types-written", test_sdp_types_written);
    return g_test_run();
}
