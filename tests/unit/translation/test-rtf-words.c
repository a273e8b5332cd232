/* SPDX-License-Identifier: MIT */
/* What each control word of RTF means (rows M-29, M-30; lync.md 4.4): one line for each kind, with the words that are of it. */
#include "translation/rtf.h"

#include <string.h>

typedef struct {
    const char *kind;
    const char *words; /* with blanks between; in `rtf` each stands for % */
    const char *rtf, *text;
    const char *xhtml; /* NULL: no more than the text */
} Kind;

static const Kind kinds[] = {
    {"says-nothing",
     "annotation atnid author buptim comment creatim doccomm filetbl footer footerf footerl "
     "footerr footnote ftncn ftnsep ftnsepc generator header headerf headerl "
     "headerr info keywords listoverridetable listtable nonesttables nonshppict objdata object "
     "operator pict private revtbl revtim rsidtbl rxe shprslt "
     "stylesheet subject tc template title txe xe",
     "{\\rtf1 a{\\% x}b}", "ab", NULL},
    {"unknown-destination", "unheardof", "{\\rtf1 a{\\*\\% x}b}", "ab", NULL},
    {"unknown-word", "unheardof", "{\\rtf1 a{\\% x}b}", "axb", NULL},
    {"line", "column line page par row nestrow sect softline", "{\\rtf1 a\\% b}", "a\nb", NULL},
    {"cell", "cell nestcell tab", "{\\rtf1 a\\% b}", "a\tb", NULL},
    {"hidden", "deleted v", "{\\rtf1 a{\\% x\\%0 y}b}", "ayb", NULL},
    {"bold", "b", "{\\rtf1 a{\\% x}b}", "axb", "<p>a<strong>x</strong>b</p>"},
    {"italic", "i", "{\\rtf1 a{\\% x}b}", "axb", "<p>a<em>x</em>b</p>"},
    {"struck", "strike striked", "{\\rtf1 a{\\%1 x}b}", "axb",
     "<p>a<span style='text-decoration:line-through'>x</span>b</p>"},
    {"underlined", "ul uld uldash uldashd uldashdd uldb ulth ulw ulwave", "{\\rtf1 a{\\% x}b}",
     "axb", "<p>a<span style='text-decoration:underline'>x</span>b</p>"},
    {"not-underlined", "ul0 ulnone plain", "{\\rtf1 a{\\ul\\% x}b}", "axb", NULL},
    {"page-437", "pc ansicpg437", "{\\rtf1\\% \\'81}", "\xC3\xBC", NULL},
    {"page-850", "pca ansicpg850", "{\\rtf1\\% \\'9d}", "\xC3\x98", NULL},
    {"page-of-a-macintosh", "mac ansicpg10000", "{\\rtf1\\% \\'9f}", "\xC3\xBC", NULL},
    {"page-1252", "ansi ansicpg1252", "{\\rtf1\\% \\'fc}", "\xC3\xBC", NULL},
    {"left-quote", "lquote", "{\\rtf1 \\% x}", "\xE2\x80\x98x", NULL},
    {"right-quote", "rquote", "{\\rtf1 \\% x}", "\xE2\x80\x99x", NULL},
    {"left-quotes", "ldblquote", "{\\rtf1 \\% x}", "\xE2\x80\x9Cx", NULL},
    {"right-quotes", "rdblquote", "{\\rtf1 \\% x}", "\xE2\x80\x9Dx", NULL},
    {"bullet", "bullet", "{\\rtf1 \\% x}", "\xE2\x80\xA2x", NULL},
    {"dashes", "endash", "{\\rtf1 x\\% x}", "x\xE2\x80\x93x", NULL},
    {"long-dash", "emdash", "{\\rtf1 x\\% x}", "x\xE2\x80\x94x", NULL},
    {"wide-blank", "emspace", "{\\rtf1 x\\% x}", "x\xE2\x80\x83x", NULL},
    {"blank-of-half-the-width", "enspace", "{\\rtf1 x\\% x}", "x\xE2\x80\x82x", NULL},
    {"blank-of-a-quarter", "qmspace", "{\\rtf1 x\\% x}", "x\xE2\x80\x85x", NULL},
    {"left-to-right", "ltrmark", "{\\rtf1 x\\% x}", "x\xE2\x80\x8Ex", NULL},
    {"right-to-left", "rtlmark", "{\\rtf1 x\\% x}", "x\xE2\x80\x8Fx", NULL},
    {"break-without-width", "zwbo", "{\\rtf1 x\\% x}", "x\xE2\x80\x8Bx", NULL},
    {"no-break-without-width", "zwnbo", "{\\rtf1 x\\% x}", "x\xE2\x81\xA0x", NULL},
    {"joiner", "zwj", "{\\rtf1 x\\% x}", "x\xE2\x80\x8Dx", NULL},
    {"no-joiner", "zwnj", "{\\rtf1 x\\% x}", "x\xE2\x80\x8Cx", NULL},
    /* control symbols */
    {"symbol-of-a-tab", "\t", "{\\rtf1 x\\%x}", "x\tx", NULL},
    {"symbol-of-a-line", "\n \r", "{\\rtf1 x\\%y}", "x\ny", NULL},
    {"symbol-of-a-blank", "~", "{\\rtf1 x\\%x}", "x\xC2\xA0x", NULL},
    {"symbol-of-a-hyphen", "-", "{\\rtf1 x\\%x}", "x\xC2\xADx", NULL},
    {"symbol-of-no-break", "_", "{\\rtf1 x\\%x}", "x\xE2\x80\x91x", NULL},
    {"symbols-of-themselves", "\\", "{\\rtf1 x\\%\\{\\}x}", "x\\{}x", NULL},
    {"symbols-of-indexes", ": |", "{\\rtf1 x\\%x}", "xx", NULL},
};

static void test_kind(const void *data)
{
    const Kind *kind = data;
    g_auto(GStrv) words = g_strsplit(kind->words, " ", -1);

    for (char **word = words; *word; word++) {
        g_auto(GStrv) parts = g_strsplit(kind->rtf, "%", -1);
        g_autofree char *written = g_strjoinv(*word, parts), *xhtml = NULL;
        g_autoptr(GBytes) rtf = g_bytes_new(written, strlen(written));
        g_autofree char *text = stox_rtf_read(rtf, &xhtml);

        g_test_message("%s", written);
        g_assert_cmpstr(text, ==, kind->text);
        g_assert_cmpstr(xhtml, ==, kind->xhtml);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *path = g_strconcat("/rtf-words/M-30-", kinds[i].kind, NULL);

        g_test_add_data_func(path, &kinds[i], test_kind);
    }
    return g_test_run();
}
