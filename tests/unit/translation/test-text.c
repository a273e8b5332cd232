/* SPDX-License-Identifier: MIT */
/* The text of XMPP messages as SIP gets it (rows M-02, M-12, M-13). */
#include "translation/text.h"

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
    g_test_add_func("/text/M-12-M-13-of-message", test_of_message);
    g_test_add_func("/text/M-02-header-line", test_header_line);
    return g_test_run();
}
