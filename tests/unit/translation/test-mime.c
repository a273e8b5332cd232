/* SPDX-License-Identifier: MIT */
/* Content types, multiparts and transfer encodings of bodies (RFC 2045, 2046, 2183, 2387; row M-32). */
#include "translation/mime.h"

#include <string.h>

/* ---- Content-Type ---- */

typedef struct {
    const char *name, *value;
    const char *type; /* NULL: it is none */
    const char *charset, *boundary, *start;
} TypeCase;

static const TypeCase types[] = {
    {"plain", "text/plain", "text/plain", NULL, NULL, NULL},
    {"upper-case", "Text/PLAIN;Charset=UTF-8", "text/plain", "utf-8", NULL, NULL},
    {"blanks", " text/plain ; charset = utf-8 ; x=y", "text/plain", "utf-8", NULL, NULL},
    {"quoted", "text/plain; x=\"a;charset=no\"; charset=\"utf-8\"", "text/plain", "utf-8", NULL,
     NULL},
    {"escaped-quote", "text/plain; x=\"a\\\";charset=no\"; charset=b", "text/plain", "b", NULL,
     NULL},
    {"comments", "text/plain (a (b) \\) ;charset=no) ; (c) charset= (d) utf-8 (e)", "text/plain",
     "utf-8", NULL, NULL},
    {"lync", "text/plain; charset=UTF-8;msgr=WAAtAE0A;ms-body-format=x", "text/plain", "utf-8",
     NULL, NULL},
    {"first-counts", "text/plain;charset=a;charset=b", "text/plain", "a", NULL, NULL},
    {"boundary", "multipart/mixed;boundary=\"a b\"", "multipart/mixed", NULL, "a b", NULL},
    {"boundary-keeps-case", "multipart/mixed;boundary=aB", "multipart/mixed", NULL, "aB", NULL},
    {"boundary-unquoted", "multipart/mixed;boundary==_a/b=c;x=y", "multipart/mixed", NULL,
     "=_a/b=c", NULL},
    {"related", "multipart/related;type=\"application/rlmi+xml\";start=\"<r@x>\";boundary=b",
     "multipart/related", NULL, "b", "r@x"},
    {"related-bare-start", "multipart/related;start=r;boundary=b", "multipart/related", NULL, "b",
     "r"},
    {"names-that-begin-alike", "text/plain;charsets=a;xcharset=b", "text/plain", NULL, NULL, NULL},
    {"parameter-without-value", "text/plain;charset;x;charset=a", "text/plain", "a", NULL, NULL},
    {"open-quote", "text/plain;charset=\"utf-8", "text/plain", "utf-8", NULL, NULL},
    {"junk", "text/plain;;;=;=\"x\";charset=a b;", "text/plain", "a", NULL, NULL},
    {"none", "", NULL, NULL, NULL, NULL},
    {"no-slash", "text", NULL, NULL, NULL, NULL},
    {"no-minor", "text/;charset=a", NULL, NULL, NULL, NULL},
    {"no-major", "/plain", NULL, NULL, NULL, NULL},
    {"two", "text/plain, text/html", NULL, NULL, NULL, NULL},
    {"blank-inside", "text/plain x", NULL, NULL, NULL, NULL},
};

static void test_type(const void *data)
{
    const TypeCase *c = data;
    g_auto(StoxMimeType) type = {.type = NULL};

    g_assert_true(stox_mime_type_parse(c->value, &type) == (c->type != NULL));
    g_assert_cmpstr(type.type, ==, c->type);
    g_assert_cmpstr(type.charset, ==, c->charset);
    g_assert_cmpstr(type.boundary, ==, c->boundary);
    g_assert_cmpstr(type.start, ==, c->start);
}

/* ---- Bodies, as they are seen: one line for each tree ---- */

static void describe(const StoxMimePart *part, GString *out)
{
    g_string_append(out, part->type.type);
    if (part->type.charset)
        g_string_append_printf(out, ";%s", part->type.charset);
    if (part->id)
        g_string_append_printf(out, "<%s>", part->id);
    if (part->lang)
        g_string_append_printf(out, "@%s", part->lang);
    if (part->attachment)
        g_string_append(out, " attachment");
    if (part->encoded)
        g_string_append(out, " encoded");
    g_assert_true((part->parts == NULL) == (part->content != NULL));
    if (part->content) {
        g_autofree char *text =
            g_strndup(g_bytes_get_data(part->content, NULL), g_bytes_get_size(part->content));
        g_string_append_printf(out, "=%s", text);
        return;
    }
    g_assert_cmpuint(part->parts->len, >, 0);
    for (unsigned i = 0; i < part->parts->len; i++) {
        g_string_append(out, i ? " | " : "{");
        describe(part->parts->pdata[i], out);
    }
    g_string_append_c(out, '}');
}

#define OK 99 /* no fault */

typedef struct {
    const char *name, *type, *body, *expected;
    int fault;
} BodyCase;

#define MIXED   "multipart/mixed;boundary=\"b\""
#define RELATED "multipart/related;boundary=b;start=\"<root>\""
#define PLAIN   "Content-Type: text/plain\r\n\r\n"

static const BodyCase bodies[] = {
    {"leaf", "text/plain;charset=utf-8", "x", "text/plain;utf-8=x", OK},
    {"no-type", NULL, "x", NULL, STOX_MIME_NO_TYPE},
    {"broken-type", "text", "x", NULL, STOX_MIME_NO_TYPE},
    {"two", MIXED, "--b\r\n" PLAIN "1\r\n--b\r\nContent-Type:a/b\r\n\r\n2\r\n\r\n--b--\r\n",
     "multipart/mixed{text/plain=1 | a/b=2\r\n}", OK},
    {"unknown-subtype-is-mixed", "multipart/signed;boundary=b",
     "--b\r\n" PLAIN "1\r\n--b\r\nContent-Type:a/b\r\n\r\n2\r\n--b--\r\n",
     "multipart/signed{text/plain=1 | a/b=2}", OK},
    {"preamble-and-epilogue", MIXED,
     "pre\r\n --b\r\n\r\n--b\r\n" PLAIN "1\r\n--b--\r\nx\r\n--b\r\n",
     "multipart/mixed{text/plain=1}", OK},
    {"bare-newlines", MIXED, "--b\nContent-type:text/plain\n\nx\ny\n--b--\n",
     "multipart/mixed{text/plain=x\ny}", OK},
    {"no-end", MIXED, "--b\r\n" PLAIN "text\r\n", "multipart/mixed{text/plain=text\r\n}", OK},
    {"blanks-behind-delimiter", MIXED, "--b \t\r\n" PLAIN "1\r\n--b-- \r\n",
     "multipart/mixed{text/plain=1}", OK},
    {"boundaries-that-begin-alike", MIXED, "--b\r\n" PLAIN "1\r\n--bb\r\n--b--x\r\n2\r\n--b--",
     "multipart/mixed{text/plain=1\r\n--bb\r\n--b--x\r\n2}", OK},
    {"boundary-inside-line", MIXED, "--b\r\n" PLAIN "x--b\r\n--b--",
     "multipart/mixed{text/plain=x--b}", OK},
    {"part-without-headers", MIXED, "--b\r\n\r\ntext\r\n--b--", "multipart/mixed{text/plain=text}",
     OK},
    {"empty-parts", MIXED, "--b\r\n--b\r\n\r\n--b\r\n" PLAIN "\r\n--b--",
     "multipart/mixed{text/plain= | text/plain= | text/plain=}", OK},
    {"folded-header", MIXED,
     "--b\r\nContent-Type: text/plain;\r\n\tcharset=\r\n  iso-8859-1\r\nX-Y: a\r\n "
     "b\r\n\r\n1\r\n--b--",
     "multipart/mixed{text/plain;iso-8859-1=1}", OK},
    {"blank-before-colon", MIXED, "--b\r\nCONTENT-TYPE : a/b\r\n\r\n1\r\n--b--",
     "multipart/mixed{a/b=1}", OK},
    {"id-and-language", MIXED,
     "--b\r\nContent-ID: <a@b>\r\nContent-Language: de-AT, en\r\n\r\n1\r\n--b--",
     "multipart/mixed{text/plain<a@b>@de-AT=1}", OK},
    {"one-language", MIXED, "--b\r\nContent-Language: cs\r\n\r\n1\r\n--b--",
     "multipart/mixed{text/plain@cs=1}", OK},
    {"dispositions", MIXED,
     "--b\r\nContent-Disposition: attachment; filename=x\r\n\r\n1\r\n"
     "--b\r\nContent-Disposition: INLINE\r\n\r\n2\r\n"
     "--b\r\nContent-Disposition: render;handling=optional\r\n\r\n3\r\n"
     "--b\r\nContent-Disposition: icon\r\n\r\n4\r\n--b--",
     "multipart/mixed{text/plain attachment=1 | text/plain=2 | text/plain=3 | text/plain "
     "attachment=4}",
     OK},
    {"base64", MIXED,
     "--b\r\nContent-Transfer-Encoding: BASE64\r\n" PLAIN "aGVs\r\nbG8h\r\n--b\r\n"
     "Content-Transfer-Encoding: base64\r\n" PLAIN "aA==\r\n--b\r\n"
     "Content-Transfer-Encoding: base64\r\n" PLAIN "\r\n--b--",
     "multipart/mixed{text/plain=hello! | text/plain=h | text/plain=}", OK},
    {"base64-cut", MIXED, "--b\r\nContent-Transfer-Encoding: base64\r\n" PLAIN "aGVsb\r\n--b--",
     NULL, STOX_MIME_MALFORMED},
    {"quoted-printable", MIXED,
     "--b\r\nContent-Transfer-Encoding: quoted-printable\r\n" PLAIN
     "Gr=C3=BC=c3=9Fe =3D \t\r\nsoft =\r\nline=  \r\n, a  b =\r\n--b--",
     "multipart/mixed{text/plain=Gr\xC3\xBC\xC3\x9F"
     "e =\r\nsoft line, a  b }",
     OK},
    {"quoted-printable-wrong", MIXED,
     "--b\r\nContent-Transfer-Encoding: quoted-printable\r\n" PLAIN "=ZZ=4 =A\r\n--b--",
     "multipart/mixed{text/plain==ZZ=4 =A}", OK},
    {"8bit", MIXED, "--b\r\nContent-Transfer-Encoding: 8bit\r\n" PLAIN "=41\r\n--b--",
     "multipart/mixed{text/plain==41}", OK},
    {"uuencode", MIXED, "--b\r\nContent-Transfer-Encoding: x-uuencode\r\n" PLAIN "1\r\n--b--",
     "multipart/mixed{text/plain encoded=1}", OK},
    {"gzip", MIXED, "--b\r\nContent-Encoding: gzip\r\n" PLAIN "1\r\n--b--",
     "multipart/mixed{text/plain encoded=1}", OK},
    {"identity", MIXED, "--b\r\nContent-Encoding: identity\r\n" PLAIN "1\r\n--b--",
     "multipart/mixed{text/plain=1}", OK},
    {"encoded-multipart", MIXED,
     "--b\r\nContent-Type: multipart/mixed;boundary=c\r\nContent-Transfer-Encoding: "
     "base64\r\n\r\naGVs\r\n--b--",
     "multipart/mixed{multipart/mixed=hel}", OK},
    {"nested", MIXED,
     "--b\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n" PLAIN
     "in\r\n--bb--\r\n\r\n--b\r\n" PLAIN "out\r\n--b--",
     "multipart/mixed{multipart/alternative{text/plain=in} | text/plain=out}", OK},
    {"nested-without-end", MIXED,
     "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n" PLAIN
     "in\r\n--b\r\n" PLAIN "out\r\n--b--",
     "multipart/mixed{multipart/alternative{text/plain=in} | text/plain=out}", OK},
    {"related-root-first", RELATED,
     "--b\r\nContent-ID: <a>\r\n\r\n1\r\n--b\r\nContent-ID: <b>\r\n\r\n2\r\n"
     "--b\r\nContent-ID: <root>\r\n\r\n3\r\n--b--",
     "multipart/related{text/plain<root>=3 | text/plain<a>=1 | text/plain<b>=2}", OK},
    {"related-without-root", RELATED, "--b\r\nContent-ID: <a>\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--",
     "multipart/related{text/plain<a>=1 | text/plain=2}", OK},
    {"no-boundary", "multipart/mixed", "--b\r\n" PLAIN "1\r\n--b--", NULL, STOX_MIME_MALFORMED},
    {"empty-boundary", "multipart/mixed;boundary=\"\"", "--\r\n" PLAIN "1\r\n----", NULL,
     STOX_MIME_MALFORMED},
    {"boundary-with-newline", "multipart/mixed;boundary=\"a\nb\"", "--a\nb\r\n\r\n1", NULL,
     STOX_MIME_MALFORMED},
    {"no-parts", MIXED, "--b--", NULL, STOX_MIME_MALFORMED},
    {"no-delimiter", MIXED, "text", NULL, STOX_MIME_MALFORMED},
    {"empty-body", MIXED, "", NULL, STOX_MIME_MALFORMED},
    {"headers-without-end", MIXED, "--b\r\nContent-Type: a/b\r\n--b--", NULL, STOX_MIME_MALFORMED},
    {"no-header", MIXED, "--b\r\nhello\r\n\r\n1\r\n--b--", NULL, STOX_MIME_MALFORMED},
    {"two-types", MIXED,
     "--b\r\n"
     "Content-Type: a/b\r\n" PLAIN "1\r\n--b--",
     NULL, STOX_MIME_MALFORMED},
    {"part-with-broken-type", MIXED, "--b\r\nContent-Type: text\r\n\r\n1\r\n--b--", NULL,
     STOX_MIME_MALFORMED},
};

static void test_body(const void *data)
{
    const BodyCase *c = data;
    g_autoptr(GBytes) body = g_bytes_new(c->body, strlen(c->body));
    StoxMimeFault fault = OK;
    g_autoptr(StoxMimePart) part = stox_mime_read(c->type, body, &fault);
    g_autoptr(GString) seen = g_string_new(NULL);

    if (part)
        describe(part, seen);
    g_assert_cmpstr(part ? seen->str : NULL, ==, c->expected);
    g_assert_cmpint((int) fault, ==, c->fault);
}

static void test_leaves(void)
{
    static const char text[] =
        "--b\r\n\r\n1\r\n--b\r\nContent-Type: multipart/related;boundary=c\r\n\r\n"
        "--c\r\n\r\n2\r\n--c\r\nContent-Encoding: gzip\r\n\r\n3\r\n--c--\r\n--b\r\n\r\n4\r\n--b--";
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    g_autoptr(GPtrArray) leaves = g_ptr_array_new();
    g_autoptr(GString) seen = g_string_new(NULL);
    StoxMimeFault fault = OK;
    g_autoptr(StoxMimePart) part = stox_mime_read(MIXED, bytes, &fault);

    g_assert_nonnull(part);
    stox_mime_leaves(part, leaves);
    for (unsigned i = 0; i < leaves->len; i++)
        describe(leaves->pdata[i], seen);
    g_assert_cmpstr(seen->str, ==, "text/plain=1text/plain=2text/plain=4");
}

/* ---- Bounds ---- */

static int fault_of(GString *text)
{
    g_autoptr(GBytes) body = g_bytes_new(text->str, text->len);
    StoxMimeFault fault = OK;
    g_autoptr(StoxMimePart) part = stox_mime_read("multipart/mixed; boundary=0", body, &fault);

    g_assert_true((part == NULL) == ((int) fault != OK));
    return (int) fault;
}

/* Four multiparts inside each other are read, five are not. */
static void test_depth(void)
{
    for (unsigned depth = 4; depth <= 5; depth++) {
        g_autoptr(GString) text = g_string_new(NULL);

        for (unsigned i = 0; i + 1 < depth; i++)
            g_string_append_printf(
                text, "--%u\r\nContent-Type: multipart/mixed; boundary=%u\r\n\r\n", i, i + 1);
        g_string_append_printf(text, "--%u\r\n" PLAIN "x", depth - 1);
        g_assert_cmpint(fault_of(text), ==, depth == 4 ? OK : STOX_MIME_LIMIT);
    }
}

/* 128 parts are read, 129 are not, inner ones included. */
static void test_parts(void)
{
    for (unsigned extra = 0; extra <= 1; extra++) {
        g_autoptr(GString) text = g_string_new(NULL);

        for (unsigned i = 0; i < 126; i++)
            g_string_append(text, "--0\r\n\r\nx\r\n");
        g_string_append(text, "--0\r\nContent-Type: multipart/mixed; boundary=1\r\n\r\n");
        for (unsigned i = 0; i <= extra; i++)
            g_string_append(text, "--1\r\n\r\nx\r\n");
        g_assert_cmpint(fault_of(text), ==, extra ? STOX_MIME_LIMIT : OK);
    }
}

static void test_header_bytes(void)
{
    for (unsigned more = 0; more <= 1; more++) {
        g_autoptr(GString) text = g_string_new("--0\r\n");

        while (text->len < (more ? 8300 : 8100))
            g_string_append(text, "X: y\r\n");
        g_string_append(text, PLAIN "x");
        g_assert_cmpint(fault_of(text), ==, more ? STOX_MIME_LIMIT : OK);
    }
}

/* Half a megabyte of what looks like the beginning of a part takes no time. */
static void test_linear(void)
{
    static const char *const pieces[] = {"--0",         "--0\r\n",  "\n--0x", "\r\n",
                                         "--0\r\n\r\n", "a:\n b\n", "=\r\n",  " "};
    int64_t start = g_get_monotonic_time();

    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GString) text =
            g_string_new("--0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");

        while (text->len < 500000)
            g_string_append(text, pieces[i]);
        fault_of(text);
    }
    g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_TIME_SPAN_SECOND);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *full = g_strdup_printf("/mime/type/%s", types[i].name);

        g_test_add_data_func(full, &types[i], test_type);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autofree char *full = g_strdup_printf("/mime/M-32/%s", bodies[i].name);

        g_test_add_data_func(full, &bodies[i], test_body);
    }
    g_test_add_func("/mime/leaves", test_leaves);
    g_test_add_func("/mime/M-32/depth", test_depth);
    g_test_add_func("/mime/M-32/parts", test_parts);
    g_test_add_func("/mime/M-32/header-bytes", test_header_bytes);
    g_test_add_func("/mime/M-32/linear", test_linear);
    return g_test_run();
}
