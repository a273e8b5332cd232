/* SPDX-License-Identifier: MIT */
/* Bodies of MESSAGE requests and the text of XMPP messages (rows M-01, M-02, M-12, M-13, M-26, M-30, M-32). */
#include "translation/error.h"
#include "translation/text-private.h"
#include "translation/text.h"

#include <string.h>

typedef struct {
    const char *name, *type, *body;
    const char *expected; /* NULL: refused with... */
    unsigned status;
    size_t n; /* of a body with NULs, else 0 */
} BodyCase;

#define ALTERNATIVE "multipart/alternative; boundary=b"
#define MIXED       "multipart/mixed;boundary=\"b\""
#define PLAIN       "Content-Type: text/plain\r\n\r\n"
#define HTML        "Content-Type: text/html\r\n\r\n<b>bold</b>"

static const BodyCase bodies[] = {
    {"M-26-plain", "text/plain", "hello", "hello", 0, 0},
    {"M-26-utf-8", "text/plain; charset=UTF-8", "Gr\xC3\xBC\xC3\x9F\x65", "Gr\xC3\xBC\xC3\x9F\x65",
     0, 0},
    {"M-26-quoted", "Text/Plain ; format=flowed; Charset=\"utf-8\"; x=\"a;b\\\"c\"", "x", "x", 0,
     0},
    {"M-26-lync", "text/plain; charset=UTF-8;msgr=WAAtAE0A;ms-body-format=x", "x", "x", 0, 0},
    {"M-26-ascii", "text/plain;charset=us-ascii", "x", "x", 0, 0},
    {"M-26-latin-1", "text/plain;charset=ISO-8859-1", "\xFC", "\xC3\xBC", 0, 0},
    {"M-26-windows", "text/plain;charset=windows-1252", "\x80", "\xE2\x82\xAC", 0, 0},
    {"M-26-utf-16", "text/plain;charset=utf-16", "\xFF\xFEh\0i\0", "hi", 0, 6},
    {"M-26-japanese", "text/plain;charset=iso-2022-jp", "\x1B$B$\"\x1B(B", "\xE3\x81\x82", 0, 0},
    {"M-26-no-utf-8", "text/plain", "\xFF\xFE", NULL, 400, 0},
    {"M-26-half-a-character", "text/plain;charset=utf-16le", "h\0i", NULL, 400, 3},
    {"M-26-unknown-charset", "text/plain;charset=x-none", "x", NULL, 415, 0},
    {"M-26-iconv-trick", "text/plain;charset=\"iso-8859-1//TRANSLIT\"", "x", NULL, 415, 0},
    {"M-26-forbidden-characters", "text/plain",
     "a\x01\x0C\xEF\xBF\xBF"
     "b",
     "ab", 0, 0},
    {"M-26-nul", "text/plain", "a\0b\0", "ab", 0, 4},
    {"M-26-nothing-left", "text/plain", "\x01\x02", NULL, 400, 0},
    {"byte-order-mark", "text/plain", "\xEF\xBB\xBFx", "x", 0, 0},
    {"M-01-newlines", "text/plain", "a\r\nb\nc\rd\r\n", "a\nb\nc\nd\n", 0, 0},
    {"empty", "text/plain", "", NULL, 400, 0},
    {"no-type", NULL, "x", NULL, 415, 0},
    {"broken-type", "text", "x", NULL, 415, 0},
    {"two-types", "text/plain, text/html", "x", NULL, 415, 0},
    {"M-30-html", "text/html", "<b>x</b>", NULL, 415, 0},
    {"M-30-typing", "application/im-iscomposing+xml", "<x/>", NULL, 415, 0},
    {"M-32-alternative", ALTERNATIVE, "--b\r\n" PLAIN "text\r\n--b\r\n" HTML "\r\n--b--\r\n",
     "text", 0, 0},
    {"M-32-html-first", ALTERNATIVE, "--b\r\n" HTML "\r\n--b\r\n" PLAIN "text\r\n--b--", "text", 0,
     0},
    {"M-32-last-alternative", ALTERNATIVE, "--b\r\n" PLAIN "1\r\n--b\r\n" PLAIN "2\r\n--b--", "2",
     0, 0},
    {"M-32-mixed-takes-first", MIXED, "--b\r\n" PLAIN "1\r\n--b\r\n" PLAIN "2\r\n--b--", "1", 0, 0},
    {"M-32-preamble-and-epilogue", MIXED, "preamble\r\n--b\r\n" PLAIN "1\r\n--b--\r\nepilogue", "1",
     0, 0},
    {"M-32-bare-newlines", MIXED, "--b\nContent-type:text/plain\n\nx\ny\n--b--\n", "x\ny", 0, 0},
    {"M-32-no-end", MIXED, "--b\r\n" PLAIN "text", "text", 0, 0},
    {"M-32-blanks-behind-boundary", MIXED, "--b \t\r\n" PLAIN "1\r\n--b--", "1", 0, 0},
    {"M-32-longer-boundary-is-another", MIXED, "--b\r\n" PLAIN "1\r\n--bb\r\n2\r\n--b--",
     "1\n--bb\n2", 0, 0},
    {"M-32-boundary-inside-line", MIXED, "--b\r\n" PLAIN "x--b\r\n--b--", "x--b", 0, 0},
    {"M-32-part-without-type", MIXED, "--b\r\n\r\ntext\r\n--b--", "text", 0, 0},
    {"M-32-part-charset", MIXED,
     "--b\r\nContent-Type: text/plain;\r\n charset=iso-8859-1\r\n\r\n\xFC\r\n--b--", "\xC3\xBC", 0,
     0},
    {"M-32-attachment-is-not-read", MIXED,
     "--b\r\nContent-Disposition: attachment\r\n" PLAIN "1\r\n--b\r\n" PLAIN "2\r\n--b--", "2", 0,
     0},
    {"M-32-base64-is-not-read", MIXED,
     "--b\r\nContent-Transfer-Encoding: base64\r\n" PLAIN "MQ==\r\n--b--", NULL, 415, 0},
    {"M-32-8bit", MIXED, "--b\r\nContent-Transfer-Encoding: 8bit\r\n" PLAIN "1\r\n--b--", "1", 0,
     0},
    {"M-32-gzip-is-not-read", MIXED, "--b\r\nContent-Encoding: gzip\r\n" PLAIN "1\r\n--b--", NULL,
     415, 0},
    {"M-32-html-only", ALTERNATIVE, "--b\r\n" HTML "\r\n--b--", NULL, 415, 0},
    {"M-32-empty-part", MIXED, "--b\r\n" PLAIN "\r\n--b--", NULL, 400, 0},
    {"M-32-no-parts", MIXED, "--b--", NULL, 415, 0},
    {"M-32-no-boundary", "multipart/mixed", "--b\r\n" PLAIN "1\r\n--b--", NULL, 415, 0},
    {"M-32-nested", MIXED,
     "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n" PLAIN
     "in\r\n--c\r\n" HTML "\r\n--c--\r\n--b\r\n" PLAIN "out\r\n--b--",
     "in", 0, 0},
};

static void test_body(const void *data)
{
    const BodyCase *c = data;
    g_autoptr(GBytes) body = g_bytes_new(c->body, c->n ? c->n : strlen(c->body));
    g_auto(StoxSipResult) failure = {.status = 0};
    g_autofree char *text = stox_text_from_sip(c->type, body, &failure);

    g_assert_cmpstr(text, ==, c->expected);
    g_assert_cmpuint(failure.status, ==, c->status);
    g_assert_true(failure.accept == (c->status == 415));
    g_assert_true((failure.diagnostic != 0) == (c->status != 0));
}

static void test_no_body(void)
{
    g_auto(StoxSipResult) failure = {.status = 0};

    g_assert_null(stox_text_from_sip("text/plain", NULL, &failure));
    g_assert_cmpuint(failure.status, ==, 400);
}

static char *read_multipart(GString *text)
{
    g_autoptr(GBytes) body = g_bytes_new(text->str, text->len);
    g_auto(StoxSipResult) failure = {.status = 0};

    return stox_text_from_sip("multipart/mixed; boundary=0", body, &failure);
}

/* Four multiparts inside each other are read, five are not; the 32nd part is read, the 33rd is not. */
static void test_bounds(void)
{
    for (unsigned depth = 4; depth <= 5; depth++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autofree char *found = NULL;

        for (unsigned i = 0; i + 1 < depth; i++)
            g_string_append_printf(
                text, "--%u\r\nContent-Type: multipart/mixed; boundary=%u\r\n\r\n", i, i + 1);
        g_string_append_printf(text, "--%u\r\n" PLAIN "x", depth - 1);
        found = read_multipart(text);
        g_assert_cmpstr(found, ==, depth == 4 ? "x" : NULL);
    }
    for (unsigned before = 31; before <= 32; before++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autofree char *found = NULL;

        for (unsigned i = 0; i < before; i++)
            g_string_append(text, "--0\r\n" HTML "\r\n");
        g_string_append(text, "--0\r\n" PLAIN "x\r\n--0--");
        found = read_multipart(text);
        g_assert_cmpstr(found, ==, before == 31 ? "x" : NULL);
    }
}

/* Half a megabyte of what looks like the beginning of a part take no time. */
static void test_linear(void)
{
    static const char *const pieces[] = {"--0",  "--0\r\n",     "\n--0x",
                                         "\r\n", "--0\r\n\r\n", "a:\n b\n"};
    int64_t start = g_get_monotonic_time();

    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GString) text = g_string_new("--0\r\n");
        g_autofree char *found = NULL;

        while (text->len < 500000)
            g_string_append(text, pieces[i]);
        found = read_multipart(text);
    }
    g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_TIME_SPAN_SECOND);
}

static void test_of_message(void)
{
    static const char *const rows[][3] = {
        {"body", "subject", "body"}, {"body", NULL, "body"}, {NULL, "subject", "subject"},
        {"", "subject", "subject"},  {NULL, NULL, NULL},     {"", "", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxMessage) message =
            stox_message_new(STOX_MESSAGE_CHAT, "bob@partner.example", "alice@contoso.example");

        message->body = g_strdup(rows[i][0]);
        message->subject = g_strdup(rows[i][1]);
        g_assert_cmpstr(stox_text_of_message(message), ==, rows[i][2]);
    }
}

static void test_header_line(void)
{
    static const char *const rows[][2] = {
        {"plain", "plain"},
        {NULL, NULL},
        {"", NULL},
        {" \r\n\t", NULL},
        {"a\r\nb\nc\td\re", "a b c d e"},
        {"x\r\nContact: <sip:eve@partner.example>", "x Contact: <sip:eve@partner.example>"},
        {"a\x01\x7F\xC2\x85\xE2\x80\xA8"
         "b",
         "ab"},
        {" Gr\xC3\xBC\xC3\x9F\x65 ", "Gr\xC3\xBC\xC3\x9F\x65"},
        {"a\xFF"
         "b",
         "a\xEF\xBF\xBD"
         "b"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *line = stox_text_header_line(rows[i][0]);

        g_assert_cmpstr(line, ==, rows[i][1]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autofree char *full = g_strdup_printf("/text/body/%s", bodies[i].name);

        g_test_add_data_func(full, &bodies[i], test_body);
    }
    g_test_add_func("/text/no-body", test_no_body);
    g_test_add_func("/text/M-32/bounds", test_bounds);
    g_test_add_func("/text/M-32/linear", test_linear);
    g_test_add_func("/text/M-12-M-13-of-message", test_of_message);
    g_test_add_func("/text/M-02-header-line", test_header_line);
    return g_test_run();
}
