/* SPDX-License-Identifier: MIT */
/* XEP-0393 styling -> HTML (M-112); the examples of its s5, and the corners of its rules. */
#include "translation/html.h"

#include <glib.h>

#include <string.h>
#include <time.h>

typedef struct {
    const char *name, *text;
    const char *html; /* NULL: there is no styling in it */
} Case;

#define NBSP   "\xC2\xA0"
#define STRIKE "<span style='text-decoration: line-through'>"
#define MONO   "<span style='font-family: monospace'>"

static const Case cases[] = {
    {"plain", "hi", NULL},
    {"empty", "", NULL},
    {"markup-is-text", "<b>&amp; *x*", "&lt;b&gt;&amp;amp; <strong>*x*</strong>"},
    {"forbidden-characters", "*x\x01*\xEF\xBF\xBF", "<strong>*x*</strong>"},
    {"strong", "*strong*", "<strong>*strong*</strong>"},
    {"strong-inside", "plain *strong* plain", "plain <strong>*strong*</strong> plain"},
    {"strong-twice", "*strong* plain *strong*",
     "<strong>*strong*</strong> plain <strong>*strong*</strong>"},
    {"lazy", "*strong*plain*", "<strong>*strong*</strong>plain*"},
    {"blank-behind-opener", "* plain *strong*", "* plain <strong>*strong*</strong>"},
    {"no-opener", "not strong*", NULL},
    {"no-closer", "*not strong", NULL},
    {"not-across-lines", "*not \n strong*", NULL},
    {"blank-before-closer", "*not *strong", NULL},
    {"two", "**", NULL},
    {"three", "***", NULL},
    {"four", "****", NULL},
    {"doubled", "**not**", NULL},
    {"inside-word", "5*3*2 snake_case_name", NULL},
    {"after-punctuation", "(*x*)", NULL},
    {"emphasis", "_Twelfth Night_ but _most_", "<em>_Twelfth Night_</em> but <em>_most_</em>"},
    {"strike", "Everyone ~dis~likes cake.", "Everyone " STRIKE "~dis~</span>likes cake."},
    {"preformatted", "Wow, `monospace`!", "Wow, " MONO "`monospace`</span>!"},
    {"preformatted-holds-text-only", "This is `*monospace*`",
     "This is " MONO "`*monospace*`</span>"},
    {"nested-at-once", "*`monospace and bold`*",
     "<strong>*" MONO "`monospace and bold`</span>*</strong>"},
    {"nested", "_a *b* c_", "<em>_a <strong>*b*</strong> c_</em>"},
    {"nested-beyond-parent", "*a _b* c_", "<strong>*a _b*</strong> c_"},
    {"unicode-space", "a\xE3\x80\x80*b*", "a\xE3\x80\x80<strong>*b*</strong>"},
    {"unicode-space-behind-opener",
     "*\xC2\xA0"
     "a*",
     NULL},
    {"lines", "*a*\nb\n\nc", "<strong>*a*</strong><br/>b<br/><br/>c"},
    {"blanks-stay", "  *a*  b", NBSP NBSP "<strong>*a*</strong>" NBSP " b"},
    {"block", "```ignored\n(println \"Hello\")\n```\n\nplain",
     "<pre>(println &quot;Hello&quot;)</pre><br/>plain"},
    {"block-holds-text-only", "```\n*a*\n> b\n````\n```", "<pre>*a*\n&gt; b\n````</pre>"},
    {"block-without-end", "x\n```\ny\n", "x<pre>y\n</pre>"},
    {"block-empty", "```", "<pre></pre>"},
    {"block-closed-at-once", "```\n```\nx", "<pre></pre>x"},
    {"block-begins-empty", "```\n\nx\n```", "<pre>\n\nx</pre>"},
    {"block-not-at-start", " ```\nx\n ```", NULL},
    {"quote", "> That that is, is.\n\nSaid the hermit.",
     "<blockquote>That that is, is.</blockquote><br/>Said the hermit."},
    {"quote-nested", ">> That that is, is.\n> Said the old hermit of Prague.\n\nWho?",
     "<blockquote><blockquote>That that is, is.</blockquote>Said the old hermit of "
     "Prague.</blockquote><br/>Who?"},
    {"quote-one-blank-goes", ">  x", "<blockquote>" NBSP "x</blockquote>"},
    {"quote-ends-block", "> ```\n> (x)\n\n*y*",
     "<blockquote><pre>(x)</pre></blockquote><br/><strong>*y*</strong>"},
    {"quote-with-spans", "> *a*\nb", "<blockquote><strong>*a*</strong></blockquote>b"},
    {"text-before-quote", "a\n> b", "a<blockquote>b</blockquote>"},
    {"empty-line-before-quote", "a\n\n> b", "a<br/><br/><blockquote>b</blockquote>"},
    {"not-a-quote", "a > b", NULL},
};

static void test_case(const void *data)
{
    const Case *c = data;
    g_autofree char *html = stox_html_from_styled(c->text);

    g_assert_cmpstr(html, ==, c->html);
}

/* Read again, the directives of spans are where they were, and blocks are what they say. */
static void test_round_trip(void)
{
    static const char *const texts[] = {
        "*a* _b_ `c  d` ~e~\n  x\n\nz",
        "> a *b*\n> c\n\nd",
        "> > *a*\n> b",
        "a  *b <i> &amp;*",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *html = stox_html_from_styled(texts[i]);
        g_autofree char *plain = stox_html_read(html, NULL);

        g_assert_cmpstr(plain, ==, texts[i]);
    }
}

/* Quotes of quotes are shown 16 deep; what is deeper is text. */
static void test_deep_quotes(void)
{
    g_autofree char *marks = g_strnfill(100000, '>');
    g_autofree char *text = g_strconcat(marks, " x", NULL);
    g_autofree char *html = stox_html_from_styled(text);

    g_assert_true(g_str_has_suffix(html, "</blockquote>"));
    g_assert_null(strstr(strstr(html, "&gt;"), "<blockquote>"));
    g_assert_cmpuint(strlen(html), <, 5 * strlen(text));
}

/* Openers without ends, each of which would look for one. */
static void test_cost(void)
{
    static const char *const units[] = {"*a ",   "*a _b ~c `d ", "> ", ">\n",
                                        "```\n", "*a*",          " ",  "*"};

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autofree char *html = NULL;
        clock_t start;

        while (text->len < 1024 * 1024)
            g_string_append(text, units[i]);
        start = clock();
        html = stox_html_from_styled(text->str);
        g_assert_cmpint(clock() - start, <, 10 * CLOCKS_PER_SEC);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/html-styled/M-112/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    g_test_add_func("/html-styled/M-112/round-trip", test_round_trip);
    g_test_add_func("/html-styled/M-112/deep-quotes", test_deep_quotes);
    g_test_add_func("/html-styled/M-112/cost", test_cost);
    return g_test_run();
}
