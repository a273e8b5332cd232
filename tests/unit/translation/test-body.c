/* SPDX-License-Identifier: MIT */
/* Bodies of MESSAGE requests to text and XHTML-IM (rows M-01, M-26, M-29 to M-32, M-41, V-04, V-10, V-11, V-95; lync.md 4.4). */
#include "translation/body.h"
#include "translation/error.h"
#include "translation/text.h"
#include "translation/xml.h"

#include <string.h>

typedef struct {
    const char *name, *type, *body;
    const char *text;  /* NULL: refused with... */
    const char *xhtml; /* when it is wanted */
    unsigned status;
    size_t n;            /* of a body with NULs, else 0 */
    unsigned diagnostic; /* 0: the usual one of the status */
} Case;

#define EMPTY     NULL, NULL, 400, 0, STOX_DIAG_CONTENT_EMPTY
#define ENCRYPTED NULL, NULL, 415, 0, STOX_DIAG_CONTENT_ENCRYPTED
#define FRAGMENT  NULL, NULL, 415, 0, STOX_DIAG_PARTIAL

#define ALTERNATIVE "multipart/alternative; boundary=b"
#define MIXED       "multipart/mixed;boundary=\"b\""
#define RELATED     "multipart/related;boundary=b;type=\"text/html\";start=\"<root>\""
#define PLAIN       "Content-Type: text/plain\r\n\r\n"
#define HTML        "Content-Type: text/html\r\n\r\n<b>bold</b>"
#define RTF         "Content-Type: text/rtf\r\n\r\n{\\rtf1 \\i slanted\\par}"
#define BOLD        "<p><strong>bold</strong></p>"

static const Case cases[] = {
    {"M-26-plain", "text/plain", "hello", "hello"},
    {"M-26-utf-8", "text/plain; charset=UTF-8", "Gr\xC3\xBC\xC3\x9F\x65", "Gr\xC3\xBC\xC3\x9F\x65"},
    {"M-26-quoted", "Text/Plain ; format=flowed; Charset=\"utf-8\"; x=\"a;b\\\"c\"", "x", "x"},
    {"M-26-lync", "text/plain; charset=UTF-8;msgr=WAAtAE0A;ms-body-format=x", "x", "x"},
    {"lync-4.4-ms-body-is-no-content", "text/plain; charset=UTF-8;ms-body=SGkgQm9i", "x", "x"},
    {"M-26-ascii", "text/plain;charset=us-ascii", "x", "x"},
    {"M-26-latin-1", "text/plain;charset=ISO-8859-1", "\xFC", "\xC3\xBC"},
    {"M-26-windows", "text/plain;charset=windows-1252", "\x80", "\xE2\x82\xAC"},
    {"M-26-utf-16", "text/plain;charset=utf-16", "\xFF\xFEh\0i\0", "hi", NULL, 0, 6},
    {"M-26-utf-16-by-its-mark", "text/plain", "\xFE\xFF\0h\0i", "hi", NULL, 0, 6},
    {"M-26-japanese", "text/plain;charset=iso-2022-jp", "\x1B$B$\"\x1B(B", "\xE3\x81\x82"},
    {"M-26-no-utf-8", "text/plain", "\xFF\xFF", NULL, NULL, 400},
    {"M-26-half-a-character", "text/plain;charset=utf-16le", "h\0i", NULL, NULL, 400, 3},
    {"M-26-unknown-charset", "text/plain;charset=x-none", "x", NULL, NULL, 415},
    {"M-26-iconv-trick", "text/plain;charset=\"iso-8859-1//TRANSLIT\"", "x", NULL, NULL, 415},
    {"V-95-forbidden-characters", "text/plain",
     "a\x01\x0C\xEF\xBF\xBF"
     "b]]><",
     "ab]]><"},
    {"V-95-nul", "text/plain", "a\0b\0", "ab", NULL, 0, 4},
    {"V-95-nothing-left", "text/plain", "\x01\x02", EMPTY},
    {"byte-order-mark", "text/plain", "\xEF\xBB\xBFx", "x"},
    {"M-01-newlines", "text/plain", "a\r\nb\nc\rd\r\n", "a\nb\nc\nd\n"},
    {"V-04-czech", "text/plain;charset=UTF-8", "Neboj se, j\xC3\xA1 jsem tv\xC3\xA1",
     "Neboj se, j\xC3\xA1 jsem tv\xC3\xA1"},
    {"empty", "text/plain", "", EMPTY},
    {"no-type", NULL, "x", NULL, NULL, 415},
    {"broken-type", "text", "x", NULL, NULL, 415},
    {"two-types", "text/plain, text/html", "x", NULL, NULL, 415},

    {"M-30-typing", "application/im-iscomposing+xml", "<x/>", NULL, NULL, 415},
    {"V-11-octets", "application/octet-stream", "x", NULL, NULL, 415},
    {"M-30-picture", "image/gif", "GIF89a", NULL, NULL, 415},
    {"M-30-ink", "application/x-ms-ink", "base64:AA", NULL, NULL, 415},
    {"M-30-smime", "application/pkcs7-mime; smime-type=enveloped-data", "\x30", ENCRYPTED},
    {"M-30-older-smime", "application/x-pkcs7-mime", "\x30", ENCRYPTED},
    {"M-30-pgp", "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b",
     "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\n"
     "Content-Type: application/octet-stream\r\n\r\nx\r\n--b--",
     ENCRYPTED},
    {"M-30-encrypted-part", MIXED,
     "--b\r\nContent-Type: image/gif\r\n\r\n1\r\n--b\r\n"
     "Content-Type: application/pkcs7-mime\r\n\r\n0\r\n--b--",
     ENCRYPTED},
    {"M-30-signed", "multipart/signed; boundary=b",
     "--b\r\n" PLAIN "text\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n0\r\n--b--",
     "text"},
    {"M-30-fragment", "message/partial; id=\"a@b\"; number=1; total=2", "x", FRAGMENT},
    {"M-30-file-transfer", "text/x-msmsgsinvite; charset=UTF-8", "Application-Name: File Transfer",
     NULL, NULL, 415},

    {"V-10-html", "text/html", "<b>hi</b>", "hi", "<p><strong>hi</strong></p>"},
    {"M-29-html-without-markup", "text/html", "<p>hi &amp; bye</p>", "hi & bye"},
    {"M-29-html-without-text", "text/html", "<p> <script>x</script></p>", EMPTY},
    {"M-29-html-charset", "text/html;charset=iso-8859-1", "\xFC", "\xC3\xBC"},
    {"M-29-html-meta", "text/html",
     "<html><head><META charset='windows-1251'></head><body>\xCF</body>", "\xD0\x9F"},
    {"M-29-html-older-meta", "text/html",
     "<meta name=a content=b><meta http-equiv=\"Content-Type\" content=\"text/html; charset = "
     "iso-8859-2\">\xE8",
     "\xC4\x8D"},
    {"M-29-html-header-beats-meta", "text/html;charset=utf-8", "<meta charset=koi8-r>\xC3\xBC",
     "\xC3\xBC"},
    {"M-29-html-mark-beats-meta", "text/html", "\xEF\xBB\xBF<meta charset=koi8-r>\xC3\xBC",
     "\xC3\xBC"},
    {"M-29-html-meta-cannot-say-utf-16", "text/html", "<meta charset=utf-16>\xC3\xBC", "\xC3\xBC"},
    {"M-29-html-meta-unknown", "text/html", "<meta charset=x-none>a", NULL, NULL, 415},
    {"M-29-html-utf-16", "text/html", "\xFF\xFE<\0p\0>\0\xFC\0", "\xC3\xBC", NULL, 0, 10},
    {"M-29-html-not-in-its-charset", "text/html", "\xFC", NULL, NULL, 400},

    {"rtf", "text/rtf; charset=UTF-8", "{\\rtf1 \\b hi\\par}", "hi", "<p><strong>hi</strong></p>"},
    {"rtf-other-name", "application/rtf", "{\\rtf1 hi}", "hi"},
    {"rtf-in-utf-16", "text/rtf;charset=utf-16le", "{\0\\\0r\0t\0f\0001\0 \0a\0}\0", "a", NULL, 0,
     18},
    {"rtf-that-is-none", "text/rtf", "hi", NULL, NULL, 400},
    {"rtf-without-text", "text/rtf", "{\\rtf1{\\pict 00}\\par}", EMPTY},
    {"rtf-unknown-charset", "text/rtf;charset=x-none", "{\\rtf1 hi}", NULL, NULL, 415},

    {"M-32-alternative", ALTERNATIVE, "--b\r\n" PLAIN "text\r\n--b\r\n" HTML "\r\n--b--\r\n",
     "text", BOLD},
    {"M-32-html-first", ALTERNATIVE, "--b\r\n" HTML "\r\n--b\r\n" PLAIN "text\r\n--b--", "text",
     BOLD},
    {"M-32-html-before-rtf", ALTERNATIVE,
     "--b\r\n" PLAIN "text\r\n--b\r\n" HTML "\r\n--b\r\n" RTF "\r\n--b--", "text", BOLD},
    {"M-32-plain-and-rtf", ALTERNATIVE, "--b\r\n" PLAIN "text\r\n--b\r\n" RTF "\r\n--b--", "text",
     "<p><em>slanted</em></p>"},
    {"M-32-html-alone", ALTERNATIVE, "--b\r\n" HTML "\r\n--b--", "bold", BOLD},
    {"M-32-rtf-alone", ALTERNATIVE, "--b\r\n" RTF "\r\n--b--", "slanted",
     "<p><em>slanted</em></p>"},
    {"M-32-ink-and-picture-and-text", ALTERNATIVE,
     "--b\r\nContent-Type: application/x-ms-ink\r\n\r\nbase64:AA\r\n--b\r\nContent-Type: "
     "image/gif\r\n\r\nGIF\r\n--b\r\n" PLAIN "text\r\n--b--",
     "text"},
    {"M-32-empty-plain", ALTERNATIVE, "--b\r\n" PLAIN "\r\n--b\r\n" HTML "\r\n--b--", "bold", BOLD},
    {"M-32-plain-in-unknown-charset", ALTERNATIVE,
     "--b\r\nContent-Type: text/plain;charset=x-none\r\n\r\nx\r\n--b\r\n" HTML "\r\n--b--", "bold",
     BOLD},
    {"M-32-broken-rtf-beside-text", ALTERNATIVE,
     "--b\r\n" PLAIN "text\r\n--b\r\nContent-Type: text/rtf\r\n\r\n{no\r\n--b--", "text"},
    {"M-32-last-alternative", ALTERNATIVE, "--b\r\n" PLAIN "1\r\n--b\r\n" PLAIN "2\r\n--b--", "2"},
    {"M-32-mixed-takes-first", MIXED, "--b\r\n" PLAIN "1\r\n--b\r\n" PLAIN "2\r\n--b--", "1"},
    {"M-32-mixed-takes-first-form", MIXED, "--b\r\n" HTML "\r\n--b\r\n" PLAIN "2\r\n--b--", "bold",
     BOLD},
    {"M-32-preamble-and-epilogue", MIXED, "preamble\r\n--b\r\n" PLAIN "1\r\n--b--\r\nepilogue",
     "1"},
    {"M-32-bare-newlines", MIXED, "--b\nContent-type:text/plain\n\nx\ny\n--b--\n", "x\ny"},
    {"M-32-no-end", MIXED, "--b\r\n" PLAIN "text", "text"},
    {"M-32-longer-boundary-is-another", MIXED, "--b\r\n" PLAIN "1\r\n--bb\r\n2\r\n--b--",
     "1\n--bb\n2"},
    {"M-32-part-without-type", MIXED, "--b\r\n\r\ntext\r\n--b--", "text"},
    {"M-32-part-charset", MIXED,
     "--b\r\nContent-Type: text/plain;\r\n charset=iso-8859-1\r\n\r\n\xFC\r\n--b--", "\xC3\xBC"},
    {"M-32-attachment-is-not-read", MIXED,
     "--b\r\nContent-Disposition: attachment\r\n" PLAIN "1\r\n--b\r\n" PLAIN "2\r\n--b--", "2"},
    {"M-32-base64", MIXED,
     "--b\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/plain;charset=utf-8\r\n\r\n"
     "R3LDvMOfZQ==\r\n--b--",
     "Gr\xC3\xBC\xC3\x9F\x65"},
    {"M-32-quoted-printable", MIXED,
     "--b\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: "
     "text/plain;charset=iso-8859-1\r\n\r\nGr=FC=DFe\r\n--b--",
     "Gr\xC3\xBC\xC3\x9F\x65"},
    {"M-32-broken-base64", MIXED,
     "--b\r\nContent-Transfer-Encoding: base64\r\n" PLAIN "MQ=\r\n--b--", NULL, NULL, 400},
    {"M-32-unknown-encoding", MIXED,
     "--b\r\nContent-Transfer-Encoding: x-uuencode\r\n" PLAIN "MQ\r\n--b--", NULL, NULL, 415},
    {"M-32-gzip-is-not-read", MIXED, "--b\r\nContent-Encoding: gzip\r\n" PLAIN "1\r\n--b--", NULL,
     NULL, 415},
    {"M-32-empty-part", MIXED, "--b\r\n" PLAIN "\r\n--b--", EMPTY},
    {"M-32-no-parts", MIXED, "--b--", NULL, NULL, 400},
    {"M-32-no-boundary", "multipart/mixed", "--b\r\n" PLAIN "1\r\n--b--", NULL, NULL, 400},
    {"M-32-nothing-known", MIXED, "--b\r\nContent-Type: image/gif\r\n\r\n1\r\n--b--", NULL, NULL,
     415},
    {"M-32-nested", MIXED,
     "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n" PLAIN
     "in\r\n--c\r\n" HTML "\r\n--c--\r\n--b\r\n" PLAIN "out\r\n--b--",
     "in", BOLD},
    {"M-32-related-root", RELATED,
     "--b\r\nContent-Type: text/plain\r\nContent-ID: <a>\r\n\r\n1\r\n--b\r\nContent-ID: "
     "<root>\r\n" HTML "\r\n--b--",
     "bold", BOLD},
    {"M-32-related-in-alternative", ALTERNATIVE,
     "--b\r\n" PLAIN "text\r\n--b\r\nContent-Type: multipart/related;boundary=c\r\n\r\n--c\r\n" HTML
     "\r\n--c\r\nContent-Type: image/png\r\n\r\nPNG\r\n--c--\r\n--b--",
     "text", BOLD},

    {"M-31-cpim", "Message/CPIM",
     "From: <im:alice@contoso.example>\r\nTo: <im:bob@partner.example>\r\n\r\n"
     "Content-Type: text/html; charset=utf-8\r\n\r\n<b>bold</b>",
     "bold", BOLD},
    {"M-31-cpim-multipart", "message/cpim",
     "From: <im:alice@contoso.example>\r\n\r\nContent-Type: " ALTERNATIVE "\r\n\r\n--b\r\n" PLAIN
     "text\r\n--b\r\n" HTML "\r\n--b--",
     "text", BOLD},
    {"M-31-cpim-base64", "message/cpim",
     "From: <im:alice@contoso.example>\r\n\r\nContent-Type: text/plain\r\n"
     "Content-Transfer-Encoding: base64\r\n\r\naGk=\r\n",
     "hi"},
    {"M-31-cpim-in-mixed", MIXED,
     "--b\r\nContent-Type: image/gif\r\n\r\n1\r\n--b\r\nContent-Type: message/cpim\r\n\r\nFrom: "
     "<im:alice@contoso.example>\r\n\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--",
     "hi"},
    {"M-31-cpim-in-cpim", "message/cpim",
     "From: <im:a@contoso.example>\r\n\r\nContent-Type: message/cpim\r\n\r\nFrom: "
     "<im:a@contoso.example>\r\n\r\nContent-Type: text/plain\r\n\r\nhi",
     NULL, NULL, 415},
    {"M-31-cpim-requires", "message/cpim",
     "From: <im:alice@contoso.example>\r\nRequire: Vital\r\n\r\nContent-Type: text/plain\r\n\r\nhi",
     NULL, NULL, 415, 0, STOX_DIAG_CPIM_REQUIRE},
    {"M-31-cpim-encrypted", "message/cpim",
     "From: <im:alice@contoso.example>\r\n\r\nContent-Type: application/pkcs7-mime\r\n\r\n0",
     ENCRYPTED},
    {"M-31-cpim-broken", "message/cpim", "hi", NULL, NULL, 400},
    {"M-31-cpim-of-a-receipt", "message/cpim",
     "From: <im:alice@contoso.example>\r\n\r\nContent-Type: message/imdn+xml\r\n\r\n<imdn/>", NULL,
     NULL, 415},
};

static void check_failure(const StoxSipResult *failure, unsigned status)
{
    g_assert_cmpuint(failure->status, ==, status);
    g_assert_true(failure->accept == (status == 415));
    g_assert_cmpint(failure->diagnostic != STOX_DIAG_NONE, ==, status != 0);
}

static void test_case(const void *data)
{
    static const unsigned usual[700] = {
        [400] = STOX_DIAG_CONTENT_BROKEN, [415] = STOX_DIAG_CONTENT_UNSUPPORTED};
    const Case *c = data;
    g_autoptr(GBytes) bytes = g_bytes_new(c->body, c->n ? c->n : strlen(c->body));

    for (int rich = 0; rich <= 1; rich++) {
        g_auto(StoxSipResult) failure = {.status = 0};
        g_auto(StoxBody) body = {.text = NULL};
        bool good = stox_body_read(c->type, bytes, rich, &body, &failure);

        g_assert_cmpstr(body.text, ==, c->text);
        g_assert_cmpstr(body.xhtml, ==, rich ? c->xhtml : NULL);
        g_assert_true(good == (c->text != NULL));
        check_failure(&failure, c->status);
        g_assert_cmpuint(failure.diagnostic, ==, c->diagnostic ? c->diagnostic : usual[c->status]);
    }
}

static void test_no_body(void)
{
    g_auto(StoxSipResult) failure = {.status = 0};
    g_auto(StoxBody) body = {.text = NULL};

    g_assert_false(stox_body_read("text/plain", NULL, false, &body, &failure));
    check_failure(&failure, 400);
    g_assert_cmpuint(failure.diagnostic, ==, STOX_DIAG_CONTENT_EMPTY);
}

/* V-04, M-31: what else is told of a message. */
static void test_about(void)
{
    static const struct {
        const char *type, *body, *lang, *subject;
        int64_t date;
    } rows[] = {
        {MIXED, "--b\r\nContent-Language: cs, en\r\n" PLAIN "ahoj\r\n--b--", "cs", NULL, 0},
        {ALTERNATIVE,
         "--b\r\nContent-Language: cs\r\n" PLAIN "ahoj\r\n--b\r\nContent-Language: de\r\n" HTML
         "\r\n--b--",
         "cs", NULL, 0},
        {"message/cpim",
         "From: <im:alice@contoso.example>\r\nDateTime: 2024-05-06T07:08:09Z\r\nSubject: "
         "lunch\r\n\r\nContent-Type: text/plain\r\nContent-Language: de\r\n\r\nhi",
         "de", "lunch", 1714979289000},
        {"text/plain", "hi", NULL, NULL, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new_static(rows[i].body, strlen(rows[i].body));
        g_auto(StoxSipResult) failure = {.status = 0};
        g_auto(StoxBody) body = {.text = NULL};

        g_assert_true(stox_body_read(rows[i].type, bytes, false, &body, &failure));
        g_assert_cmpstr(body.lang, ==, rows[i].lang);
        g_assert_cmpstr(body.subject, ==, rows[i].subject);
        g_assert_cmpint(body.date_wall_ms, ==, rows[i].date);
    }
}

/* What is just read, and no longer with that much more. */
static void check_bound(const char *type, const GString *text, const char *more,
                        unsigned diagnostic, size_t bytes)
{
    g_autoptr(GBytes) whole = g_bytes_new(text->str, text->len);
    g_autofree char *longer_text = g_strconcat(text->str, more, NULL);
    g_autoptr(GBytes) longer = g_bytes_new(longer_text, strlen(longer_text));
    g_auto(StoxSipResult) failure = {.status = 0};
    g_auto(StoxBody) body = {.text = NULL};

    g_assert_true(stox_body_read(type, whole, true, &body, &failure));
    stox_body_clear(&body);
    g_assert_false(stox_body_read(type, longer, true, &body, &failure));
    check_failure(&failure, 413);
    g_assert_cmpuint(failure.diagnostic, ==, diagnostic);
    g_assert_cmpuint(failure.bytes, ==, bytes);
}

/* M-41: 512 KiB are read, a byte more is not, and the limit is named (lync.md 4.9-size); so are 128 parts. */
static void test_bounds(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) parts = g_string_new(NULL);

    while (text->len < 512 * 1024)
        g_string_append_c(text, 'x');
    check_bound("text/plain", text, "x", STOX_DIAG_TOO_LARGE, 512 * 1024);
    for (unsigned i = 0; i < 128; i++)
        g_string_append(parts, "--b\r\n" PLAIN "x\r\n");
    check_bound(MIXED, parts, "--b\r\n" PLAIN "x\r\n", STOX_DIAG_CONTENT_LIMIT, 0);
}

/* M-01: text that leaves for SIP comes back as it was; newlines are LF whether they went as LF or as CR LF. */
static void test_round_trip(void)
{
    static const char *const pieces[] = {
        "a",   "\n",  " ",       "\t", "\xC3\xBC", "<&>'\"", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
        "--b", "]]>", "\xC2\xA0"};
    GRand *random = g_rand_new_with_seed(26);

    for (unsigned round = 0; round < 1000; round++) {
        g_autoptr(GString) text = g_string_new("x");
        g_autoptr(GString) wire = NULL;
        int length = g_rand_int_range(random, 0, 40);

        for (int i = 0; i < length; i++)
            g_string_append(text, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
        wire = g_string_new(text->str);
        if (round % 2)
            g_string_replace(wire, "\n", "\r\n", 0);
        {
            g_autoptr(GBytes) bytes = g_bytes_new(wire->str, wire->len);
            g_auto(StoxSipResult) failure = {.status = 0};
            g_auto(StoxBody) body = {.text = NULL};

            g_assert_true(stox_body_read(STOX_TEXT_TYPE, bytes, true, &body, &failure));
            g_assert_cmpstr(body.text, ==, text->str);
            g_assert_null(body.xhtml);
        }
    }
    g_rand_free(random);
}

/* V-95: whatever comes, what is shown is clean, or it is refused. */
static void test_random(void)
{
    static const char *const types[] = {"text/plain",
                                        "text/html",
                                        "text/rtf",
                                        "message/cpim",
                                        ALTERNATIVE,
                                        RELATED,
                                        "text/plain;charset=utf-16",
                                        "text/html;charset=shift_jis"};
    static const char *const pieces[] = {
        "--b\r\n",
        "--b--",
        PLAIN,
        HTML,
        RTF,
        "\r\n",
        "\r\n\r\n",
        "<b>",
        "</b>",
        "&#1;",
        "{\\rtf1 ",
        "}",
        "\\'80",
        "\x01",
        "\xFF",
        "\xC3\xBC",
        "From: <im:a@contoso.example>\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "MQ==",
        "=41",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-ID: <root>\r\n",
        "\xFF\xFE",
    };
    GRand *random = g_rand_new_with_seed(95);

    for (unsigned round = 0; round < 5000; round++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GBytes) bytes = NULL;
        g_auto(StoxSipResult) failure = {.status = 0};
        g_auto(StoxBody) body = {.text = NULL};
        g_autofree char *clean = NULL;

        for (int i = g_rand_int_range(random, 0, 20); i > 0; i--) {
            g_string_append(text, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
            if (g_rand_int_range(random, 0, 8) == 0)
                g_string_append_c(text, (char) g_rand_int_range(random, 0, 256));
        }
        bytes = g_bytes_new(text->str, text->len);
        if (!stox_body_read(types[round % G_N_ELEMENTS(types)], bytes, true, &body, &failure)) {
            check_failure(&failure, failure.status);
            g_assert_cmpuint(failure.status, >=, 400);
            continue;
        }
        clean = stox_xml_clean(body.text);
        g_assert_true(*body.text && g_utf8_validate(body.text, -1, NULL));
        g_assert_cmpstr(body.text, ==, clean);
    }
    g_rand_free(random);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *full = g_strdup_printf("/body/%s", cases[i].name);

        g_test_add_data_func(full, &cases[i], test_case);
    }
    g_test_add_func("/body/no-body", test_no_body);
    g_test_add_func("/body/V-04-M-31-about", test_about);
    g_test_add_func("/body/M-41-bounds", test_bounds);
    g_test_add_func("/body/M-01-round-trip", test_round_trip);
    g_test_add_func("/body/V-95-random", test_random);
    return g_test_run();
}
