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
    {"M-29-nothing-to-see", "<div>&nbsp;<br></div>", "", NULL},
    /* what clients write */
    {"M-29-lync",
     "<DIV style=\"font-family:Segoe UI;color:#000000;direction:ltr\"><span>Hello &amp; "
     "<i>you</i></span></DIV>",
     "Hello & you",
     "<p><span style='color: #000000; font-family: Segoe UI'>Hello &amp; <em>you</em></span></p>"},
    {"M-29-lync-lines",
     "<DIV "
     "style=\"font-size:10pt\"><div>one</div>\r\n<div><br></div>\r\n<div>two&nbsp;&nbsp;&nbsp; "
     "x</div></DIV>",
     "one\n\ntwo    x",
     "<p><span style='font-size: 10pt'>one<br/><br/>two" NBSP NBSP NBSP " x</span></p>"},
    {"M-29-lync-2010",
     "<HTML><HEAD><META content=\"text/html; charset=UTF-8\"><STYLE>BODY "
     "{x}</STYLE></HEAD><BODY><DIV style=\"font-family:MS Shell Dlg "
     "2;font-size:10pt\">hi</DIV></BODY></HTML>",
     "hi", "<p><span style='font-family: MS Shell Dlg 2; font-size: 10pt'>hi</span></p>"},
    {"M-29-smiley", "ok <img src=\"res://uccapi.dll/17\" alt=\":)\"> <img alt='&lt;3'>", "ok :) <3",
     NULL},
    {"M-29-sipe", "<DIV>rich <b>hello</b> \xC3\xA9</DIV>", "rich hello \xC3\xA9",
     "<p>rich <strong>hello</strong> \xC3\xA9</p>"},
    {"M-29-pidgin", "<FONT COLOR=\"#FF0000\" FACE=\"Arial\" SIZE=\"5\"><U>x</U></FONT><BR><S>y</S>",
     "x\ny",
     "<p><span style='color: #ff0000; font-family: Arial; font-size: x-large'><span "
     "style='text-decoration: underline'>x</span></span><br/><span style='text-decoration: "
     "line-through'>y</span></p>"},
    {"M-29-word",
     "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><title>t</title><style><!-- "
     "p{x} --></style></head><body><!--[if gte mso 9]><xml><o:p>x</o:p></xml><![endif]--><p "
     "class=MsoNormal>One<o:p></o:p></p><p>&nbsp;</p><p>Two <img alt=\":)\" "
     "src=\"cid:x\"></p></body></html>",
     "One\n\nTwo :)", NULL},
    {"M-29-word-list",
     "<p class=MsoListParagraph><![if !supportLists]><span "
     "style='font-family:Symbol;mso-list:Ignore'>\xC2\xB7<span style='font:7.0pt \"Times New "
     "Roman\"'>&nbsp;&nbsp; </span></span><![endif]>x<o:p></o:p></p>",
     "\xC2\xB7   x", "<p><span style='font-family: Symbol'>\xC2\xB7" NBSP NBSP "</span> x</p>"},
    {"M-29-word-namespace",
     "<?xml:namespace prefix = o ns = \"urn:x\" /><st1:place w:st=\"on\">Berlin</st1:place>",
     "Berlin", NULL},
    {"M-29-calibri",
     "<span style='font-family:\"Calibri\",\"sans-serif\";color:windowtext;mso-x:y'>x</span>", "x",
     "<p><span style='color: windowtext; font-family: Calibri, sans-serif'>x</span></p>"},
    /* lines */
    {"M-29-blocks", "a<div>b<p>c</p></div>d<h2>e</h2>f", "a\nb\nc\nd\ne\nf",
     "<p>a<br/>b<br/>c<br/>d<br/><strong>e</strong><br/>f</p>"},
    {"M-29-br", "a<br>b<br/>c<BR />d</br>e", "a\nb\nc\nd\ne", NULL},
    {"M-29-br-at-end-of-block", "<div>a<br></div><div>b</div>", "a\nb", NULL},
    {"M-29-empty-lines-at-ends", "<br><br>a<br>&nbsp;<br>", "a", NULL},
    {"M-29-blanks", "  a \n\t b<b> c </b> d  <br>  e", "a b c d\ne",
     "<p>a b <strong>c</strong> d<br/>e</p>"},
    {"M-29-indented", "a<br>&nbsp; b", "a\n  b", NULL},
    {"M-29-hr", "a<hr>b", "a\n----\nb", NULL},
    {"M-29-pre", "<pre>\na  b\n\tc</pre>d", "a  b\n    c\nd",
     "<p><span style='font-family: monospace'>a" NBSP " b<br/>" NBSP NBSP NBSP NBSP
     "c</span><br/>d</p>"},
    {"M-29-white-space", "<span style='white-space: pre-wrap'>a  b</span>  c", "a  b c", NULL},
    {"M-29-centre", "<p align=center>a</p><p>b</p>", "a\nb",
     "<p style='text-align: center'>a</p><p>b</p>"},
    {"M-29-margin", "<div style='margin-left:5%'>a</div><br>b", "a\n\nb",
     "<p style='margin-left: 5%'>a</p><p><br/>b</p>"},
    {"M-29-list", "x<ul><li>a<li>b<ol><li>c<li>d</ol>e</ul>f",
     "x\n- a\n- b\n  1. c\n  2. d\n  e\nf",
     "<p>x</p><ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol>e</li></ul><p>f</p>"},
    {"M-29-list-start", "<ol start=3><li>c</ol>", "3. c", "<ol><li>c</li></ol>"},
    {"M-29-list-broken", "<ul>a<ul><li>b</ul></ul><li>c", "a\n- b\nc",
     "<p>a</p><ul><li>b</li></ul><p>c</p>"},
    {"M-29-list-bold-around", "<b><ul><li>a</ul></b>", "- a",
     "<ul><li><strong>a</strong></li></ul>"},
    {"M-29-definitions", "<dl><dt>a<dd>b</dl>", "a\nb", NULL},
    {"M-29-table", "<table><tr><td><p>a</p></td><td><p>b</p></td></tr><tr><td>c<td>d</table>e",
     "a\tb\nc\td\ne", NULL},
    {"M-29-table-empty-cell",
     "<table><tr><td></td><td>b</td><td></td></tr><tr><th>c</th></tr></table>", "b\nc",
     "<p>b<br/><strong>c</strong></p>"},
    {"M-29-table-in-table", "<table><tr><td><table><tr><td>a<td>b</table><td>c</table>", "a\tb\tc",
     NULL},
    {"M-29-quote", "<blockquote>q<br><br>r<blockquote>s</blockquote></blockquote>t",
     "> q\n>\n> r\n> > s\nt",
     "<blockquote><p>q<br/><br/>r</p><blockquote><p>s</p></blockquote></blockquote><p>t</p>"},
    {"M-29-q", "<q>a <q>b</q></q>", "\"a \"b\"\"", NULL},
    /* what is not shown */
    {"M-29-script",
     "a<script>b</scrip></script >c<style>d</style><title>e</title><textarea>f</textarea>", "ac",
     NULL},
    {"M-29-script-without-end", "a<script>b<b>c</b>", "a", NULL},
    {"M-29-comment", "a<!-- b > <b>c</b> -- d -->e<!-->f<!---->g<!-- x --!>h<!x>i<?y>j</3>k",
     "aefghijk", NULL},
    {"M-29-comment-without-end", "a<!-- b", "a", NULL},
    {"M-29-cdata", "a<![CDATA[<b>&amp;]]>c", "a<b>&amp;c", NULL},
    {"M-29-head", "<head>x<meta y><b>z</b>", "z", "<p><strong>z</strong></p>"},
    {"M-29-head-with-body", "<head>x</head>y<head>z<body>w", "y\nw", NULL},
    {"M-29-hidden", "a<span style='display:none'>b<b>c<br></b></span>d", "ad", NULL},
    {"M-29-skipped", "a<svg><text>b</text><svg>c</svg>d</svg>e<select><option>f</select>g<xml/>h",
     "aegh", NULL},
    /* links and pictures */
    {"M-29-link", "<a href=\"https://x.example/?a=1&copy=2&amp;b\">here</a>",
     "here (https://x.example/?a=1&copy=2&b)",
     "<p><a href='https://x.example/?a=1&amp;copy=2&amp;b'>here</a></p>"},
    {"M-29-link-says-it",
     "<a href=\"http://X.example/\">x.example</a> <a href=mailto:x@x.example>x@x.example</a>",
     "x.example x@x.example",
     "<p><a href='http://X.example/'>x.example</a> <a "
     "href='mailto:x@x.example'>x@x.example</a></p>"},
    {"M-29-link-mail", "<a href='mailto:x@x.example'>Mail</a>", "Mail (x@x.example)",
     "<p><a href='mailto:x@x.example'>Mail</a></p>"},
    {"M-29-link-shown-only", "<a href='tel:+1'>Call</a> <a href='sip:x@x.example'>Chat</a>",
     "Call (tel:+1) Chat (sip:x@x.example)", NULL},
    {"M-29-link-xmpp", "<a href='xmpp:x@x.example?message'>x</a>", "x (xmpp:x@x.example?message)",
     "<p><a href='xmpp:x@x.example?message'>x</a></p>"},
    {"M-29-link-in-link", "<a href=http://x.example/1>a<a href=http://x.example/2>b</a>",
     "a (http://x.example/1)b (http://x.example/2)",
     "<p><a href='http://x.example/1'>a</a><a href='http://x.example/2'>b</a></p>"},
    {"M-29-link-empty", "a<a href=http://x.example></a>", "a", NULL},
    {"M-29-link-of-picture", "<a href=http://x.example/><img src=http://x.example/p></a>",
     "http://x.example/", "<p><a href='http://x.example/'>http://x.example/</a></p>"},
    {"M-29-link-blank-inside", "<a href=' http://x.example/a b\"&gt;\xE2\x80\xAE\xC3\xA9 '>y</a>",
     "y (http://x.example/a%20b%22%3E%E2%80%AE\xC3\xA9)",
     "<p><a href='http://x.example/a%20b%22%3E%E2%80%AE\xC3\xA9'>y</a></p>"},
    {"M-29-link-relative",
     "<a href='/x'>a</a><a href='//x.example/'>b</a><a href='#c'>c</a><a name=d>d</a><a "
     "href='http:///x'>e</a>",
     "abcde", NULL},
    {"M-29-picture-without-alt", "a<img src=http://x.example/p>b", "ab", NULL},
    /* what is repaired */
    {"M-29-crossed", "<b>x<i>y</b>z</i>w", "xyzw",
     "<p><strong>x<em>y</em></strong><em>z</em>w</p>"},
    {"M-29-block-in-inline", "<b>a<div>b</b>c</div>d", "a\nbc\nd",
     "<p><strong>a<br/>b</strong>c<br/>d</p>"},
    {"M-29-unclosed", "<b>a<p>b<p>c", "a\nb\nc", "<p><strong>a<br/>b<br/>c</strong></p>"},
    {"M-29-ends-alone", "a</b></p></div></table>b", "ab", NULL},
    {"M-29-neighbours", "<b>a</b><b>b</b> <i></i><b><b>c</b></b>", "ab c",
     "<p><strong>ab c</strong></p>"},
    {"M-29-lone-signs", "1 < 2 & 3 > 2 <3 &; &# &#x; &#y", "1 < 2 & 3 > 2 <3 &; &# &#x; &#y", NULL},
    {"M-29-cut-tag", "a <b", "a", NULL},
    {"M-29-cut-attribute", "a<b x=\"<i>c", "a", NULL},
    {"M-29-attributes", "<b =x a b=c'd e = \"f>\" /g h='i'>x</b>", "x",
     "<p><strong>x</strong></p>"},
    {"M-29-first-attribute-counts", "<span style='color:red' STYLE='color:blue'>x</span>", "x",
     "<p><span style='color: red'>x</span></p>"},
    {"M-29-empty-tags", "a<p/>b<b/>c<span/>d", "a\nbcd", NULL},
    {"M-29-unknown", "<blink>a</blink><marqueemarqueemarquee>b</marqueemarqueemarquee><x:y>c</x:y>",
     "abc", NULL},
    /* characters */
    {"M-29-entities",
     "&lt;&GT;&amp;&quot;&apos;&nbsp;&euro;&hellip;&alpha;&Omega;&eacute;&Eacute;&thetasym;&"
     "hearts;",
     "<>&\"' \xE2\x82\xAC\xE2\x80\xA6\xCE\xB1\xCE\xA9\xC3\xA9\xC3\x89\xCF\x91\xE2\x99\xA5", NULL},
    {"M-29-entities-bare", "&lt&eacute &notit; &amplt; &alpha &nope;",
     "<\xC3\xA9 \xC2\xACit; &lt; &alpha &nope;", NULL},
    {"M-29-numbers", "&#65;&#x42;&#X43&#68 &#8364;&#128;&#x99;&#129;",
     "ABCD \xE2\x82\xAC\xE2\x82\xAC\xE2\x84\xA2\xC2\x81", NULL},
    {"M-29-numbers-forbidden", "a&#0;&#xD800;&#1114112;&#99999999999;b&#1;&#xFFFF;&#12;c",
     "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
     "bc",
     NULL},
    {"M-29-bytes-forbidden",
     "a\x01\x0C\xEF\xBF\xBE\xFF"
     "b",
     "a\xEF\xBF\xBD"
     "b",
     NULL},
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
