/* SPDX-License-Identifier: MIT */
/* What is wrong with a message, and what it is answered: rows; RFC 4475. */
#include "sip/message.h"

#include <string.h>

#define VIA  "Via: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKa\r\n"
#define FROM "From: <sip:a@contoso.example>;tag=1\r\n"
#define TO   "To: sip:b@partner.example\r\n"
#define ID   "Call-ID: x\r\n"
#define CSEQ "CSeq: 1 MESSAGE\r\n"
#define ALL  VIA FROM TO ID CSEQ
#define LINE "MESSAGE sip:b@partner.example SIP/2.0\r\n"

typedef struct {
    const char *name;
    const char *text;
    unsigned defect; /* 1: no message at all */
} Soundness;

static const Soundness soundness[] = {
    {"sound", LINE ALL "l: 0\r\n\r\n", 0},
    {"sound/leading CRLFs", "\r\n\r\n" LINE ALL "l: 0\r\n\r\n", 0},
    {"sound/no Content-Length, no body", LINE ALL "\r\n", 0},
    {"sound/R-35 compact",
     LINE "v: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKa\r\nf: <sip:a@c.example>;tag=1\r\n"
          "t: <sip:b@p.example>\r\ni: x\r\n" CSEQ "l: 0\r\n\r\n",
     0},
    {"sound/Via without branch", LINE "Via: SIP/2.0/tcp 127.0.0.1:45790\r\n" FROM TO ID CSEQ "\r\n",
     0},
    {"sound/From without tag", LINE VIA "From: <sip:a@c.example>\r\n" TO ID CSEQ "\r\n", 0},
    {"sound/bare LF inside", LINE VIA "From: <sip:a@c.example>;tag=1\n" TO ID CSEQ "\r\n", 0},
    {"sound/bad Expires is none", LINE ALL "Expires: soon\r\n\r\n", 0},
    {"R-20 no Via", LINE FROM TO ID CSEQ "\r\n", 400},
    {"R-20 broken Via", LINE "Via: what\r\n" FROM TO ID CSEQ "\r\n", 400},
    {"R-20 no From", LINE VIA TO ID CSEQ "\r\n", 400},
    {"R-20 broken From", LINE VIA "From: <sip:a\r\n" TO ID CSEQ "\r\n", 400},
    {"R-20 no To", LINE VIA FROM ID CSEQ "\r\n", 400},
    {"R-20 no Call-ID", LINE VIA FROM TO CSEQ "\r\n", 400},
    {"R-20 empty Call-ID", LINE VIA FROM TO "Call-ID:\r\n" CSEQ "\r\n", 400},
    {"R-20 no CSeq", LINE VIA FROM TO ID "\r\n", 400},
    {"CSeq of another method", LINE VIA FROM TO ID "CSeq: 1 INVITE\r\n\r\n", 400},
    {"CSeq too large", LINE VIA FROM TO ID "CSeq: 2147483648 MESSAGE\r\n\r\n", 400},
    {"CSeq far too large", LINE VIA FROM TO ID "CSeq: 99999999999 MESSAGE\r\n\r\n", 400},
    {"CSeq without method", LINE VIA FROM TO ID "CSeq: 1\r\n\r\n", 400},
    {"two From", LINE ALL FROM "\r\n", 400},
    {"two Call-ID", LINE ALL "i: y\r\n\r\n", 400},
    {"two Content-Length", LINE ALL "l: 0\r\nContent-Length: 0\r\n\r\n", 400},
    {"R-28 Content-Length too large", LINE ALL "l: 5\r\n\r\nabc", 400},
    {"R-28 Content-Length too small", LINE ALL "l: 1\r\n\r\nabc", 400},
    {"R-28 Content-Length is none", LINE ALL "l: x\r\n\r\n", 400},
    {"a line that is no header", LINE ALL "nonsense\r\n\r\n", 400},
    {"a name that is none", LINE ALL "a b: c\r\n\r\n", 400},
    {"a lone CR", LINE ALL "X: a\rb\r\n\r\n", 400},
    {"A-23 malformed Request-URI", "MESSAGE <sip:b@p.example> SIP/2.0\r\n" ALL "\r\n", 400},
    {"A-23 blank in Request-URI", "MESSAGE sip:b@p.example; lr SIP/2.0\r\n" ALL "\r\n", 400},
    {"A-23 no host", "MESSAGE sip:b@ SIP/2.0\r\n" ALL "\r\n", 400},
    {"A-38 tel", "MESSAGE tel:+123 SIP/2.0\r\n" ALL "\r\n", 416},
    {"R-23 scheme", "MESSAGE nobodyKnows:x SIP/2.0\r\n" ALL "\r\n", 416},
    {"A-39 im", "MESSAGE im:b@p.example SIP/2.0\r\n" ALL "\r\n", 0},
    {"A-40 sips is the gateway's to refuse", "MESSAGE sips:b@p.example SIP/2.0\r\n" ALL "\r\n", 0},
    {"version", "MESSAGE sip:b@p.example SIP/3.0\r\n" ALL "\r\n", 505},
    {"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1},
    {"no blank line", LINE ALL, 1},
    {"nothing", "", 1},
    {"only CRLF", "\r\n\r\n", 1},
    {"starts with a blank", " " LINE ALL "\r\n", 1},
    {"an empty line of LF inside", LINE VIA "\n" FROM TO ID CSEQ "\r\n", 400},
    {"no line end but LF",
     "MESSAGE sip:b@p.example SIP/2.0\nVia: SIP/2.0/TCP a;branch=z9hG4bKa\n\n", 400},
    {"a fold of blanks alone", LINE "X: a\r\n \t\r\n" ALL "Y: b\r\n \r\n\r\n", 0},
    {"quoted control character",
     LINE VIA "From: \"\\\a\\\x7f\" <sip:a@c.example>;tag=1\r\n" TO ID CSEQ "\r\n", 0},
    {"control character", LINE ALL "X: \"\a\"\r\n\r\n", 400},
    {"unquoted display name in UTF-8",
     LINE VIA "From: J\xc3\xbcrgen M. <sip:a@c.example>;tag=1\r\n" TO ID CSEQ "\r\n", 0},
    {"unquoted display name that could be two values",
     LINE VIA "From: Bell, A <sip:a@c.example>;tag=1\r\n" TO ID CSEQ "\r\n", 400},
    {"unquoted display name that could be an address",
     LINE VIA "From: sip:x@y <sip:a@c.example>;tag=1\r\n" TO ID CSEQ "\r\n", 400},
    {"R-20 no Max-Forwards", LINE ALL "Content-Length: 0\r\n\r\n", 0},
    {"unknown method and another in CSeq", "FROB sip:b@p.example SIP/2.0\r\n" ALL "\r\n", 501},
    {"headers in Request-URI", "MESSAGE sip:b@p.example?Subject=x SIP/2.0\r\n" ALL "\r\n", 400},
    {"a question mark in the user", "MESSAGE sip:b?c@p.example SIP/2.0\r\n" ALL "\r\n", 0},
    {"status 099", "SIP/2.0 099 No\r\n" ALL "\r\n", 1},
    {"status 700", "SIP/2.0 700 No\r\n" ALL "\r\n", 1},
    {"status 2000", "SIP/2.0 2000 No\r\n" ALL "\r\n", 1},
    {"response without Via", "SIP/2.0 200 OK\r\n" FROM TO ID CSEQ "\r\n", 1},
    {"response", "SIP/2.0 200 OK\r\n" ALL "\r\n", 0},
    {"response without reason", "SIP/2.0 200\r\n" ALL "\r\n", 0},
    {"response with an odd line", "SIP/2.0 200 \r\n" ALL "nonsense\r\n\r\n", 0},
    {"response whose length is wrong", "SIP/2.0 200 OK\r\n" ALL "l: 3\r\n\r\nab", 1},
};

static void test_soundness(gconstpointer data)
{
    const Soundness *row = data;
    const char *why = NULL;
    g_autoptr(StoxSipMessage) message = stox_sip_message_parse(row->text, strlen(row->text), &why);

    if (row->defect == 1) {
        g_assert_null(message);
        g_assert_nonnull(why);
        return;
    }
    g_assert_nonnull(message);
    g_assert_cmpuint(stox_sip_defect(message, &why), ==, row->defect);
    g_assert_true(!row->defect == !why);
    if (stox_sip_view(message)->request) {
        /* Whatever is wrong with it, an answer can be written. */
        g_autoptr(StoxSipBuilder) answer = stox_sip_builder_response(message, 400, NULL, "t");
        g_autoptr(GBytes) bytes = stox_sip_builder_finish(answer, NULL);

        g_assert_cmpuint(g_bytes_get_size(bytes), >, 20);
        g_assert_nonnull(stox_sip_view(message)->call_id);
        g_assert_nonnull(stox_sip_view(message)->from_uri);
    }
}

/* Over a limit there is still an answer, without what is too much. */
static void check_over(GString *text, const char *expected)
{
    const char *why = NULL;
    g_autoptr(StoxSipMessage) message = stox_sip_message_parse(text->str, text->len, &why);
    g_autoptr(StoxSipBuilder) builder = NULL;
    g_autoptr(GBytes) bytes = NULL;

    g_assert_nonnull(message);
    g_assert_cmpuint(stox_sip_defect(message, &why), ==, 513);
    g_assert_cmpstr(why, ==, expected);
    builder = stox_sip_builder_response(message, 513, NULL, "t");
    bytes = stox_sip_builder_finish(builder, NULL);
    g_assert_cmpuint(g_bytes_get_size(bytes), <, 1000);
    g_assert_cmpstr(stox_sip_view(message)->call_id, ==, "x");
}

static void test_limits(void)
{
    g_autoptr(GString) text = g_string_new(LINE ALL "X: ");
    const char *why = NULL;
    char nul[] = LINE ALL "X: a#b\r\n\r\n";

    while (text->len < 20 * 1024)
        g_string_append(text, "aaaaaaaa\r\n ");
    g_string_append(text, "a\r\n\r\n");
    check_over(text, "a header line is too long");
    g_string_assign(text, LINE ALL);
    for (unsigned i = 0; i < 10000; i++)
        g_string_append(text, "X: a\r\n");
    g_string_append(text, "\r\n");
    check_over(text, "too many header lines");
    g_string_set_size(text, stox_sip_limits.max_bytes + 1);
    g_assert_null(stox_sip_message_parse(text->str, text->len, &why));
    g_assert_cmpstr(why, ==, "the message is too large");
    *strchr(nul, '#') = '\0';
    g_autoptr(StoxSipMessage) message = stox_sip_message_parse(nul, sizeof nul - 1, &why);
    g_assert_cmpuint(stox_sip_defect(message, &why), ==, 400);
}

/* What a broken frame leaves is answered with the status that frame gave. */
static void test_head(void)
{
    static const struct {
        const char *name, *text;
        bool answered;
    } table[] = {
        {"whole", LINE ALL "l: x\r\n\r\n", true},
        {"without its end", LINE ALL "X: aaaaaaaaaaaaaaaa", true},
        {"only the start line", LINE, true},
        {"not even that", "MESSAGE sip:b@partner.example SIP/2.0", false},
        {"other words", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", false},
        {"a response", "SIP/2.0 200 OK\r\n" ALL "l: x\r\n\r\n", false},
        {"nothing", "", false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        const char *text = table[i].text, *why = NULL;
        g_autoptr(StoxSipMessage) message =
            stox_sip_message_parse_head(text, strlen(text), 513, "too much");

        g_test_message("%s", table[i].name);
        g_assert_true((message != NULL) == table[i].answered);
        if (!message)
            continue;
        g_assert_cmpuint(stox_sip_defect(message, &why), ==, 513);
        g_assert_cmpstr(why, ==, "too much");
        g_assert_null(stox_sip_view(message)->body);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(soundness); i++) {
        g_autofree char *path =
            g_strdup_printf("/sip/message/soundness/%u %s", i, soundness[i].name);

        g_strdelimit(path + strlen("/sip/message/soundness/"), "/", ':');
        g_test_add_data_func(path, &soundness[i], test_soundness);
    }
    g_test_add_func("/sip/message/limits", test_limits);
    g_test_add_func("/sip/message/head", test_head);
    return g_test_run();
}
