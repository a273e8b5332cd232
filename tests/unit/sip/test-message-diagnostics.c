/* SPDX-License-Identifier: MIT */
/* What responses say about their reasons: ms-diagnostics and its twins (lync.md 4.9-grammar), Warning (D-01; RFC 3261 s20.43). */
#include "sip/convert.h"
#include "sip/message.h"

#include <string.h>

typedef struct {
    const char *name, *headers;
    unsigned id;
    const char *reason, *warning;
} Case;

#define X16  "xxxxxxxxxxxxxxxx"
#define X256 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16

static const Case cases[] = {
    {"none", "", 0, NULL, NULL},
    {"lync",
     "ms-diagnostics: 1003;reason=\"User does not exist\";source=\"fe.contoso.example\"\r\n", 1003,
     "User does not exist", NULL},
    /* lync.md 4.9-ms-client-diagnostics, lync.md 4.9-ms-diagnostics-public: the twins */
    {"client", "ms-client-diagnostics: 52092;reason=\"c\"\r\n", 52092, "c", NULL},
    {"client-and-public",
     "ms-diagnostics-public: 2;reason=\"b\"\r\nms-client-diagnostics: 3;reason=\"c\"\r\n", 3, "c",
     NULL},
    {"server-and-client",
     "ms-client-diagnostics: 3;reason=\"c\"\r\nms-diagnostics: 1;reason=\"a\"\r\n", 1, "a", NULL},
    {"public", "ms-diagnostics-public: 1034;reason=\"x\"\r\n", 1034, "x", NULL},
    {"both", "ms-diagnostics-public: 2;reason=\"b\"\r\nms-diagnostics: 1;reason=\"a\"\r\n", 1, "a",
     NULL},
    {"reason-from-public", "ms-diagnostics: 1\r\nms-diagnostics-public: 2;reason=\"b\"\r\n", 1, "b",
     NULL},
    {"attributes",
     "ms-diagnostics: 1017;source=\"a;reason=\\\"no\\\"\";AppUri=\"http://x/y\" ; Reason = \"yes; "
     "\\\"it\\\" is\";Domain=\"d\"\r\n",
     1017, "yes; \"it\" is", NULL},
    {"unquoted", "ms-diagnostics: 5;reason=plain words ;x=y\r\n", 5, "plain words", NULL},
    {"first-reason", "ms-diagnostics: 5;reason=\"a\";reason=\"b\"\r\n", 5, "a", NULL},
    {"no-reason", "ms-diagnostics: 4141\r\n", 4141, NULL, NULL},
    {"empty-reason", "ms-diagnostics: 4141;reason=\"\"\r\n", 4141, NULL, NULL},
    {"no-id", "ms-diagnostics: ;reason=\"a\"\r\n", 0, "a", NULL},
    {"bad-id", "ms-diagnostics: 12a;reason=\"a\"\r\n", 0, "a", NULL},
    {"huge-id", "ms-diagnostics: 99999999999999999999;reason=\"a\"\r\n", 0, "a", NULL},
    {"open-quote", "ms-diagnostics: 7;reason=\"a b\r\n", 7, "a b", NULL},
    {"open-escape", "ms-diagnostics: 7;reason=\"a\\\r\n", 7, "a\\", NULL},
    {"lone-signs", "ms-diagnostics: 7;;=;x;reason;=y;reason=\"a\"\r\n", 7, "a", NULL},
    {"not-utf-8", "ms-diagnostics: 7;reason=\"a\xFF\"\r\n", 7, "a\xEF\xBF\xBD", NULL},
    {"warning", "Warning: 399 fe01:5061 \"Say \\\"please\\\"\"\r\n", 0, NULL, "Say \"please\""},
    {"warnings", "Warning: 301 a \"one\", 302 b \"two\"\r\nWarning: 303 c \"three\"\r\n", 0, NULL,
     "one; two; three"},
    {"many-warnings",
     "Warning: 1 a \"1\", 1 a \"2\", 1 a \"3\", 1 a \"4\", 1 a \"5\"\r\nWarning: 1 a \"6\"\r\n", 0,
     NULL, "1; 2; 3; 4"},
    {"empty-warning", "Warning: 399 a \" \"\r\n", 0, NULL, NULL},
    {"no-text", "Warning: 399 a\r\n", 0, NULL, NULL},
    {"long-warning", "Warning: 399 a \"" X256 "\", 399 b \"" X256 "\", 399 c \"end\"\r\n", 0, NULL,
     X256 "; end"},
    {"both-kinds", "ms-diagnostics: 1;reason=\"a\"\r\nWarning: 399 x \"b\"\r\n", 1, "a", "b"},
};

static StoxSipMessage *response(const char *headers)
{
    g_autofree char *text = g_strdup_printf("SIP/2.0 404 Not Found\r\n"
                                            "Via: SIP/2.0/TCP a.example;branch=z9hG4bK1\r\n"
                                            "From: <sip:a@a.example>;tag=1\r\n"
                                            "To: <sip:b@b.example>;tag=2\r\n"
                                            "Call-ID: c\r\nCSeq: 1 MESSAGE\r\n%s"
                                            "Content-Length: 0\r\n\r\n",
                                            headers);
    const char *why = NULL;
    StoxSipMessage *message = stox_sip_message_parse(text, strlen(text), &why);

    g_assert_nonnull(message);
    return message;
}

static void test_case(gconstpointer data)
{
    const Case *c = data;
    g_autoptr(StoxSipMessage) message = response(c->headers);
    g_auto(StoxSipResult) result = {0};

    stox_sip_result_from_response(&result, message, STOX_SIP_TIMEOUT);
    g_assert_cmpuint(result.status, ==, 404);
    g_assert_cmpuint(result.diagnostics_id, ==, c->id);
    g_assert_cmpstr(result.diagnostics, ==, c->reason);
    g_assert_cmpstr(result.warning, ==, c->warning);
}

/* However long they are, what is kept is short. */
static void test_bounded(void)
{
    g_autofree char *long_text = g_strnfill(12000, 'x');
    g_autofree char *headers = g_strdup_printf("ms-diagnostics: 1;reason=\"%s\"\r\n", long_text);
    g_autoptr(StoxSipMessage) message = response(headers);

    g_assert_cmpuint(strlen(stox_sip_view(message)->diagnostics), ==, 400);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/message-diagnostics/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    g_test_add_func("/message-diagnostics/bounded", test_bounded);
    return g_test_run();
}
