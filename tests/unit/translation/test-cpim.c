/* SPDX-License-Identifier: MIT */
/* message/cpim: reading, writing, there and back (rows M-31, M-98, M-101; RFC 3862). */
#include "translation/cpim.h"
#include "translation/diagnostic.h"

#include <string.h>

#define HEAD "From: <sip:a@x.example>\r\nTo: <sip:b@y.example>\r\n"
#define PART "\r\nContent-Type: text/plain\r\n\r\nhello"
#define IMDN "NS: imdn <urn:ietf:params:imdn>\r\n"

typedef struct {
    const char *name, *input;
    const char *expected; /* as shown(); NULL: refused with... */
    unsigned status;
    unsigned diagnostic; /* 0: the usual one of the status */
} ReadCase;

static const ReadCase cases[] = {
    {"plain", HEAD PART, "from=sip:a@x.example to=sip:b@y.example type=text/plain [hello]", 0},
    {"M-31-all-headers",
     "From: MR SANDERS <im:piglet@x.example>\r\nTo: Depressed Donkey <im:eeyore@x.example>\r\n"
     "DateTime: 2000-12-13T13:40:00-08:00\r\nSubject: the weather will be fine today\r\n"
     "Subject:;lang=fr beau temps prevu pour aujourd'hui\r\n"
     "NS: MyFeatures <mid:MessageFeatures@id.foo.example>\r\n"
     "Require: MyFeatures.VitalMessageOption\r\n" PART,
     NULL, 415, STOX_DIAG_CPIM_REQUIRE},
    {"M-31-subject",
     HEAD "Subject:;lang=fr beau\r\nSubject: fine\r\nSubject:;lang=de schön\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example subject=fine type=text/plain [hello]", 0},
    {"M-31-subject-lang", HEAD "Subject:;lang=fr beau temps\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example subject=beau temps(fr) type=text/plain [hello]", 0},
    {"M-31-subject-wrong-lang", HEAD "Subject:;lang=f_r beau\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example subject=beau type=text/plain [hello]", 0},
    {"M-31-subject-other-parameter", HEAD "Subject:;x=\"a b\";lang=en-GB hue\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example subject=hue(en-GB) type=text/plain [hello]", 0},
    {"M-31-date", HEAD "DateTime: 2000-12-13T13:40:00-08:00\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example date=976743600000 type=text/plain [hello]", 0},
    {"M-31-wrong-date", HEAD "DateTime: yesterday\r\n" PART, NULL, 400},
    {"M-31-unknown-header-and-cc", HEAD "cc: <sip:c@z.example>\r\nX: y\r\nq.Y: z\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example type=text/plain [hello]", 0},
    {"M-31-require-known", HEAD IMDN "Require: Subject, imdn.Message-ID\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example type=text/plain [hello]", 0},
    {"M-31-require-before-its-NS", HEAD "Require: imdn.Message-ID\r\n" IMDN PART,
     "from=sip:a@x.example to=sip:b@y.example type=text/plain [hello]", 0},
    {"M-31-require-prefix-unknown", HEAD "Require: imdn.Message-ID\r\n" PART, NULL, 415,
     STOX_DIAG_CPIM_REQUIRE},
    {"M-98-request",
     HEAD IMDN "imdn.Message-ID: 34jk324j\r\nDateTime: 2006-04-04T12:16:49-05:00\r\n"
               "imdn.Disposition-Notification: positive-delivery, display\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example date=1144171009000 id=34jk324j "
     "want=positive-delivery, "
     "display type=text/plain [hello]",
     0},
    {"M-98-any-prefix",
     HEAD "NS: q <urn:ietf:params:imdn>\r\nq.Message-ID: 1\r\nimdn.Message-ID: 2\r\n"
          "q.Disposition-Notification: negative-delivery,processing,shiny\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example id=1 want=negative-delivery, processing "
     "type=text/plain [hello]",
     0},
    {"M-98-no-prefix",
     HEAD "NS: <urn:ietf:params:imdn>\r\nMessage-ID: 1\r\nSubject: not ours\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example id=1 type=text/plain [hello]", 0},
    {"M-98-core-by-prefix",
     "NS: c <urn:ietf:params:cpim-headers:>\r\nc.From: <sip:a@x.example>\r\n" PART,
     "from=sip:a@x.example type=text/plain [hello]", 0},
    {"M-98-id-twice", HEAD IMDN "imdn.Message-ID: 1\r\nimdn.Message-ID: 2\r\n" PART, NULL, 400},
    {"M-99-record-route",
     HEAD IMDN
     "imdn.IMDN-Record-Route: <sip:r1@x.example>\r\nimdn.Original-To: <sip:o@y.example>\r\n"
     "imdn.IMDN-Record-Route: <sip:r2@x.example>\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example original=sip:o@y.example route=sip:r1@x.example "
     "route=sip:r2@x.example type=text/plain [hello]",
     0},
    {"M-99-notification",
     HEAD IMDN "imdn.Message-ID: 1\r\n\r\nContent-type: message/imdn+xml\r\n"
               "Content-Disposition: notification\r\nContent-length: 3\r\n\r\n<x/>",
     "from=sip:a@x.example to=sip:b@y.example id=1 type=message/imdn+xml "
     "disposition=notification [<x/>]",
     0},
    {"M-101-case-sensitive", "from: <sip:a@x.example>\r\nSUBJECT: x\r\n" PART,
     "type=text/plain [hello]", 0},
    {"M-101-escapes",
     HEAD "Subject: a\\\\b \\\"c\\\" \\'d\\' \\t\\n\\r\\b\\u00e9\\u20AC\\ud83d\\ude00\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example subject=a\\b \"c\" 'd' "
     "\t\n\r\b\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 type=text/plain [hello]",
     0},
    {"M-101-no-such-escape", HEAD "Subject: \\q\r\n" PART, NULL, 400},
    {"M-101-half-escape", HEAD "Subject: x\\\r\n" PART, NULL, 400},
    {"M-101-short-unicode", HEAD "Subject: \\u12\r\n" PART, NULL, 400},
    {"M-101-half-pair", HEAD "Subject: \\ud83d\r\n" PART, NULL, 400},
    {"M-101-nul", HEAD "Subject: \\u0000\r\n" PART, NULL, 400},
    {"M-101-names", "From: \"Bee \\\"the\\\" Fly\" <im:fly@x.example>\r\n" PART,
     "from=im:fly@x.example(Bee \"the\" Fly) type=text/plain [hello]", 0},
    {"M-101-bracket-in-a-name", "From: \"<sip:e@evil.example>\" <im:fly@x.example>\r\n" PART,
     "from=im:fly@x.example(<sip:e@evil.example>) type=text/plain [hello]", 0},
    {"M-101-more-blanks", "From:   <sip:a@x.example>\r\nSubject:  x\r\n" PART,
     "from=sip:a@x.example subject= x type=text/plain [hello]", 0},
    {"M-101-no-blank", "From:<sip:a@x.example>\r\nSubject:x\r\n" PART,
     "from=sip:a@x.example subject=x type=text/plain [hello]", 0},
    {"M-101-lf-alone", "From: <sip:a@x.example>\n\nContent-Type: text/plain\n\na\r\nb\n",
     "from=sip:a@x.example type=text/plain [a\r\nb\n]", 0},
    {"M-101-no-type", HEAD "\r\nContent-Language: de\r\n\r\nhello", NULL, 415},
    {"M-101-no-part", HEAD, NULL, 400},
    {"M-101-empty", "", NULL, 400},
    {"header-in-a-body-is-none", HEAD PART "\r\nSubject: x",
     "from=sip:a@x.example to=sip:b@y.example type=text/plain [hello\r\nSubject: x]", 0},
    {"type-twice", HEAD "\r\nContent-Type: a/b\r\ncontent-type: c/d\r\n\r\n", NULL, 400},
    {"part-folded",
     HEAD "\r\nContent-Type: text/plain;\r\n charset=utf-8\r\nContent-Language: de\r\n"
          "Content-Transfer-Encoding: base64\r\n\r\nYQ==",
     "from=sip:a@x.example to=sip:b@y.example type=text/plain; charset=utf-8 encoding=base64 "
     "lang=de [YQ==]",
     0},
    {"part-empty", HEAD "\r\nContent-Type: text/plain\r\n\r\n",
     "from=sip:a@x.example to=sip:b@y.example type=text/plain []", 0},
    {"from-twice", HEAD "From: <sip:c@x.example>\r\n" PART, NULL, 400},
    {"to-twice", HEAD "To: <sip:c@x.example>\r\n" PART,
     "from=sip:a@x.example to=sip:b@y.example type=text/plain [hello]", 0},
    {"no-colon", "From <sip:a@x.example>\r\n" PART, NULL, 400},
    {"no-name", ": x\r\n" PART, NULL, 400},
    {"blank-in-a-name", "Fr om: <sip:a@x.example>\r\n" PART, NULL, 400},
    {"no-brackets", "From: sip:a@x.example\r\n" PART, NULL, 400},
    {"empty-brackets", "From: <>\r\n" PART, NULL, 400},
    {"blank-in-a-uri", "From: <sip:a b@x.example>\r\n" PART, NULL, 400},
    {"behind-brackets", "From: <sip:a@x.example>;tag=1\r\n" PART, NULL, 400},
    {"open-string", "From: \"a <sip:a@x.example>\r\n" PART, NULL, 400},
    {"no-utf-8", "Subject: \xFF\r\n" PART, NULL, 400},
    {"carriage-return", "Subject: a\rb\r\n" PART, NULL, 400},
    {"ns-with-dot", "NS: a.b <urn:x>\r\n" PART, NULL, 400},
};

static void show(GString *out, const char *name, const char *value)
{
    if (value)
        g_string_append_printf(out, "%s=%s ", name, value);
}

static char *shown(const StoxCpim *cpim)
{
    GString *out = g_string_new(NULL);
    g_autofree char *want = stox_cpim_dispositions_text(cpim->dispositions);

    if (cpim->from_name)
        g_string_append_printf(out, "from=%s(%s) ", cpim->from, cpim->from_name);
    else
        show(out, "from", cpim->from);
    show(out, "to", cpim->to);
    if (cpim->subject_lang)
        g_string_append_printf(out, "subject=%s(%s) ", cpim->subject, cpim->subject_lang);
    else
        show(out, "subject", cpim->subject);
    if (cpim->date_wall_ms)
        g_string_append_printf(out, "date=%" G_GINT64_FORMAT " ", cpim->date_wall_ms);
    show(out, "id", cpim->message_id);
    show(out, "want", *want ? want : NULL);
    show(out, "original", cpim->original_to);
    for (unsigned i = 0; cpim->record_route && i < cpim->record_route->len; i++)
        show(out, "route", cpim->record_route->pdata[i]);
    show(out, "type", cpim->content_type);
    show(out, "encoding", cpim->content_encoding);
    show(out, "disposition", cpim->content_disposition);
    show(out, "lang", cpim->content_language);
    g_string_append_printf(out, "[%.*s]", (int) g_bytes_get_size(cpim->body),
                           (const char *) g_bytes_get_data(cpim->body, NULL));
    return g_string_free(out, FALSE);
}

static void test_read(gconstpointer data)
{
    const ReadCase *c = data;
    g_autoptr(GBytes) bytes = g_bytes_new_static(c->input, strlen(c->input));
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxCpim) cpim = {0};
    bool read = stox_cpim_read(bytes, &cpim, &failure);

    if (c->expected) {
        g_autofree char *text = NULL;

        g_assert_true(read);
        text = shown(&cpim);
        g_assert_cmpstr(text, ==, c->expected);
    } else {
        g_assert_false(read);
        g_assert_cmpuint(failure.status, ==, c->status);
        g_assert_cmpint(failure.accept, ==, c->status == 415);
        g_assert_cmpuint(failure.diagnostic, ==,
                         c->diagnostic      ? c->diagnostic
                         : c->status == 415 ? STOX_DIAG_CONTENT_UNSUPPORTED
                                            : STOX_DIAG_CONTENT_BROKEN);
    }
}

/* ---- Limits ---- */

/* The diagnostic of its refusal; 0: it is read. */
static unsigned refusal_of(GString *text)
{
    g_autoptr(GBytes) bytes = g_string_free_to_bytes(text);
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxCpim) cpim = {0};

    if (stox_cpim_read(bytes, &cpim, &failure))
        return STOX_DIAG_NONE;
    g_assert_cmpuint(failure.status, ==, 413);
    g_assert_cmpuint(failure.bytes, ==, failure.diagnostic == STOX_DIAG_TOO_LARGE ? 256 * 1024 : 0);
    return failure.diagnostic;
}

static GString *headers(unsigned n, const char *line)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < n; i++)
        g_string_append_printf(text, "%s\r\n", line);
    return g_string_append(text, PART);
}

static GString *long_line(size_t n)
{
    g_autofree char *value = g_strnfill(n - strlen("Subject: "), 'x');
    g_autofree char *line = g_strconcat("Subject: ", value, NULL);

    return headers(1, line);
}

static GString *long_body(size_t n)
{
    GString *text = g_string_new(PART);

    while (text->len < n)
        g_string_append_c(text, 'x');
    return text;
}

/* lync.md 4.9-size: of bytes the limit is named. */
static void test_limits(void)
{
    g_assert_cmpuint(refusal_of(headers(63, "X: y")), ==, STOX_DIAG_NONE);
    g_assert_cmpuint(refusal_of(headers(64, "X: y")), ==,
                     STOX_DIAG_CONTENT_LIMIT); /* with the empty line */
    g_assert_cmpuint(refusal_of(long_line(4096)), ==, STOX_DIAG_NONE);
    g_assert_cmpuint(refusal_of(long_line(4097)), ==, STOX_DIAG_CONTENT_LIMIT);
    g_assert_cmpuint(refusal_of(long_body(256 * 1024)), ==, STOX_DIAG_NONE);
    g_assert_cmpuint(refusal_of(long_body(256 * 1024 + 1)), ==, STOX_DIAG_TOO_LARGE);
    g_assert_cmpuint(
        refusal_of(headers(17, "NS: <urn:ietf:params:imdn>\r\nIMDN-Record-Route: <sip:r@x>")), ==,
        STOX_DIAG_CONTENT_LIMIT);
}

/* ---- Writing ---- */

static void test_write(void)
{
    g_autoptr(GPtrArray) routes = g_ptr_array_new();
    g_autoptr(GBytes) body = g_bytes_new_static("hello", 5), bytes = NULL;
    StoxCpim cpim = {.from = (char *) "sip:a@x.example",
                     .from_name = (char *) "A \"B\"",
                     .to = (char *) "sip:b@y.example",
                     .subject = (char *) "one\ntwo\x01\\",
                     .subject_lang = (char *) "en",
                     .date_wall_ms = 976743600000,
                     .message_id = (char *) "id-1",
                     .dispositions = STOX_DISPOSITION_POSITIVE_DELIVERY | STOX_DISPOSITION_DISPLAY,
                     .record_route = routes,
                     .content_type = (char *) "text/plain; charset=UTF-8",
                     .content_disposition = (char *) "notification",
                     .body = body};
    g_autofree char *text = NULL;

    g_ptr_array_add(routes, (char *) "sip:r@x.example");
    bytes = stox_cpim_write(&cpim);
    text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_assert_cmpstr(text, ==,
                    "From: \"A \\\"B\\\"\" <sip:a@x.example>\r\n"
                    "To: <sip:b@y.example>\r\n"
                    "DateTime: 2000-12-13T21:40:00Z\r\n"
                    "Subject:;lang=en one\\ntwo\\u0001\\\\\r\n"
                    "NS: imdn <urn:ietf:params:imdn>\r\n"
                    "imdn.Message-ID: id-1\r\n"
                    "imdn.Disposition-Notification: positive-delivery, display\r\n"
                    "imdn.IMDN-Route: <sip:r@x.example>\r\n"
                    "\r\n"
                    "Content-Type: text/plain; charset=UTF-8\r\n"
                    "Content-Disposition: notification\r\n"
                    "\r\n"
                    "hello");
}

/* What was read is written and read again: the same (but for IMDN-Record-Route, which an answer turns into IMDN-Route). */
static void test_round_trip(gconstpointer data)
{
    const ReadCase *c = data;
    g_autoptr(GBytes) bytes = g_bytes_new_static(c->input, strlen(c->input)), again = NULL;
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxCpim) first = {0}, second = {0};
    g_autofree char *before = NULL, *after = NULL;

    g_assert_true(stox_cpim_read(bytes, &first, &failure));
    g_clear_pointer(&first.record_route, g_ptr_array_unref);
    again = stox_cpim_write(&first);
    g_assert_true(stox_cpim_read(again, &second, &failure));
    before = shown(&first);
    after = shown(&second);
    g_assert_cmpstr(before, ==, after);
}

static void test_type(void)
{
    g_assert_true(stox_cpim_is("message/cpim"));
    g_assert_true(stox_cpim_is(" Message/CPIM ; charset=utf-8"));
    g_assert_false(stox_cpim_is("message/cpimx"));
    g_assert_false(stox_cpim_is("text/plain"));
    g_assert_false(stox_cpim_is(NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *read = g_strconcat("/cpim/read/", cases[i].name, NULL);
        g_autofree char *back = g_strconcat("/cpim/round-trip/", cases[i].name, NULL);

        g_test_add_data_func(read, &cases[i], test_read);
        if (cases[i].expected)
            g_test_add_data_func(back, &cases[i], test_round_trip);
    }
    g_test_add_func("/cpim/limits", test_limits);
    g_test_add_func("/cpim/M-101-write", test_write);
    g_test_add_func("/cpim/type", test_type);
    return g_test_run();
}
