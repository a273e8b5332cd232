/* SPDX-License-Identifier: MIT */
/* HTML of SIP peers: its plain text, and XHTML-IM (M-29, V-10; XEP-0071 s7, s8). */
#include "translation/html.h"

#include <glib.h>

typedef struct {
    const char *name, *html, *plain;
    const char *xhtml; /* NULL: no more than the plain text */
} Case;

#define NBSP "\xC2\xA0"

static const Case cases[] = {
    {"V-10", "<b>hi</b>", "hi", "<p><strong>hi</strong></p>"},
    {"M-29-empty", "", "", NULL},
    {"M-29-plain", "hi", "hi", NULL},
    {"M-29-lync",
     "<DIV style=\"font-family:Segoe UI;color:#000000;direction:ltr\"><span>Hello &amp; "
     "<i>you</i></span></DIV>",
     "Hello & you",
     "<p><span style='color: #000000; font-family: Segoe UI'>Hello &amp; <em>you</em></span></p>"},
    {"M-29-sipe", "<DIV>rich <b>hello</b> \xC3\xA9</DIV>", "rich hello \xC3\xA9",
     "<p>rich <strong>hello</strong> \xC3\xA9</p>"},
    {"M-29-word",
     "<html><head><title>t</title><style>p{x}</style></head><body><!--[if gte mso 9]><xml><o:p>x"
     "</o:p></xml><![endif]--><p class=MsoNormal>One<o:p></o:p></p><p>&nbsp;</p><p>Two <img "
     "alt=\":)\" src=\"cid:x\"></p></body></html>",
     "One\n\nTwo :)", NULL},
};

static void test_case(const void *data)
{
    const Case *c = data;
    g_autofree char *xhtml = NULL;
    g_autofree char *plain = stox_html_read(c->html, &xhtml);
    g_autofree char *alone = stox_html_read(c->html, NULL);

    g_assert_cmpstr(plain, ==, c->plain);
    g_assert_cmpstr(xhtml, ==, c->xhtml);
    g_assert_cmpstr(alone, ==, c->plain);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/html/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    return g_test_run();
}
