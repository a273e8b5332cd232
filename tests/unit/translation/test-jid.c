/* SPDX-License-Identifier: MIT */
/* JIDs: the examples of RFC 7622 s3.5, the context and Bidi rules behind A-14, the spaces of A-15; what is unescaped never stands in a JID (A-12). */
#include "translation/address.h"

#include <string.h>

typedef struct {
    const char *name, *input, *expected; /* NULL: no JID */
} Case;

static void check(const Case *cases, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_auto(StoxJid) jid = {0};
        g_autofree char *full = NULL;

        g_test_message("%s: %s", cases[i].name, cases[i].input);
        if (stox_jid_parse(cases[i].input, &jid, NULL))
            full = stox_jid_full(&jid);
        g_assert_cmpstr(full, ==, cases[i].expected);
    }
}

#define SAME(name, jid)                                                                            \
    {                                                                                              \
        name, jid, jid                                                                             \
    }
#define NONE(name, jid)                                                                            \
    {                                                                                              \
        name, jid, NULL                                                                            \
    }

static void test_examples(void)
{
    static const Case cases[] = {
        SAME("1", "juliet@example.com"),
        SAME("2", "juliet@example.com/foo"),
        SAME("3", "juliet@example.com/foo bar"),
        SAME("4", "juliet@example.com/foo@bar"),
        SAME("5", "foo\\20bar@example.com"),
        SAME("6", "fussball@example.com"),
        SAME("7", "fu\xC3\x9F"
                  "ball@example.com"), /* another one than 6 */
        SAME("8", "\xCF\x80@example.com"),
        {"9", "\xCE\xA3@example.com/foo", "\xCF\x83@example.com/foo"},
        SAME("10", "\xCF\x83@example.com/foo"),
        SAME("11", "\xCF\x82@example.com/foo"), /* another one than 9 and 10 */
        SAME("12", "king@example.com/\xE2\x99\x9A"),
        SAME("13", "example.com"),
        SAME("14", "example.com/foobar"),
        SAME("15", "a.example.com/b@example.net"),
        NONE("16", "\"juliet\"@example.com"),
        NONE("17", "foo bar@example.com"),
        NONE("18", "juliet@example.com/ foo"),
        NONE("19", "@example.com/"),
        NONE("20", "henry\xE2\x85\xA3@example.com"),
        NONE("21", "\xE2\x99\x9A@example.com"),
        NONE("22", "juliet@"),
        NONE("23", "/foobar"),
    };

    check(cases, G_N_ELEMENTS(cases));
}

/* RFC 8265 s3.3: width, class, case, NFC. */
static void test_mapping(void)
{
    static const Case cases[] = {
        {"width", "\xEF\xBC\xAA\xEF\xBD\x95@x.example", "ju@x.example"},
        {"half-width kana", "\xEF\xBD\xB1@x.example", "\xE3\x82\xA2@x.example"},
        NONE("full-width at sign and space", "a\xE3\x80\x80"
                                             "b@x.example"),
        NONE("ligature", "\xEF\xAC\x81@x.example"),
        NONE("superscript", "\xC2\xB2@x.example"),
        NONE("micro sign", "\xC2\xB5@x.example"),
        NONE("ohm sign", "\xE2\x84\xA6@x.example"),
        {"case", "\xC3\x9C\xD0\x96@x.example", "\xC3\xBC\xD0\xB6@x.example"},
        /* RFC 7622 s3.5: no account is taken of the final form. */
        {"sigma at the end", "\xCE\x91\xCE\xA3@x.example", "\xCE\xB1\xCF\x83@x.example"},
        {"capital sharp s", "\xE1\xBA\x9E@x.example", "\xC3\x9F@x.example"},
        NONE("titlecase digraph", "\xC7\x85@x.example"),
        {"composition", "u\xCC\x88@x.example", "\xC3\xBC@x.example"},
        {"order of marks", "a\xCC\x81\xCC\xA3@x.example", "\xE1\xBA\xA1\xCC\x81@x.example"},
        NONE("soft hyphen", "a\xC2\xAD"
                            "b@x.example"),
        NONE("variation selector", "a\xEF\xB8\x8F@x.example"),
        NONE("conjoining jamo", "\xE1\x84\x80@x.example"),
        NONE("unassigned", "\xCD\xB8@x.example"),
        NONE("noncharacter", "a@x.example/\xEF\xBF\xBE"),
        NONE("currency sign", "\xE2\x82\xAC@x.example"),
        SAME("digits", "\xE0\xA5\xA7@x.example"),
        SAME("exception", "\xE3\x80\x87@x.example"),
    };

    check(cases, G_N_ELEMENTS(cases));
}

#define ZWNJ  "\xE2\x80\x8C"
#define ZWJ   "\xE2\x80\x8D"
#define BEH   "\xD8\xA8" /* joins on both sides */
#define ALEF  "\xD8\xA7" /* joins to the right only */
#define FATHA "\xD9\x8E" /* transparent */
#define HAMZA "\xD8\xA1" /* joins on no side */

/* RFC 5892 A.1, A.2 */
static void test_joiners(void)
{
    static const Case cases[] = {
        SAME("virama ZWNJ", "\xE0\xA4\x95\xE0\xA5\x8D" ZWNJ "\xE0\xA4\xB7@x.example"),
        SAME("virama ZWJ", "\xE0\xA4\x95\xE0\xA5\x8D" ZWJ "\xE0\xA4\xB7@x.example"),
        NONE("no virama ZWNJ", "\xE0\xA4\x95" ZWNJ "\xE0\xA4\xB7@x.example"),
        NONE("no virama ZWJ", "\xE0\xA4\x95" ZWJ "\xE0\xA4\xB7@x.example"),
        SAME("D ZWNJ D", BEH ZWNJ BEH "@x.example"),
        SAME("D ZWNJ R", BEH ZWNJ ALEF "@x.example"),
        SAME("D T ZWNJ T D", BEH FATHA ZWNJ FATHA BEH "@x.example"),
        NONE("R ZWNJ D", ALEF ZWNJ BEH "@x.example"),
        NONE("D ZWNJ U", BEH ZWNJ HAMZA "@x.example"),
        NONE("D ZWNJ at the end", BEH ZWNJ "@x.example"),
        NONE("D ZWNJ T at the end", BEH ZWNJ FATHA "@x.example"),
        NONE("ZWNJ first", ZWNJ BEH "@x.example"),
        NONE("T ZWNJ D", FATHA ZWNJ BEH "@x.example"),
        NONE("D ZWNJ ZWNJ D", BEH ZWNJ ZWNJ BEH "@x.example"),
        NONE("D ZWJ D", BEH ZWJ BEH "@x.example"),
        NONE("letters of Latin", "a" ZWNJ "b@x.example"),
        SAME("in a resource", "a@x.example/" BEH ZWNJ BEH),
        NONE("in a resource, between others", "a@x.example/a" ZWNJ "b"),
    };

    check(cases, G_N_ELEMENTS(cases));
}

/* RFC 5892 A.3 to A.9 */
static void test_context(void)
{
    static const Case cases[] = {
        SAME("middle dot", "l\xC2\xB7l@x.example"),
        NONE("middle dot, one side", "l\xC2\xB7"
                                     "a@x.example"),
        NONE("middle dot first", "\xC2\xB7l@x.example"),
        SAME("keraia", "\xCD\xB5\xCE\xB1@x.example"),
        NONE("keraia last", "\xCE\xB1\xCD\xB5@x.example"),
        NONE("keraia before Latin", "\xCD\xB5"
                                    "a@x.example"),
        SAME("geresh", "\xD7\x90\xD7\xB3@x.example"),
        SAME("gershayim", "\xD7\x90\xD7\xB4@x.example"),
        NONE("geresh first", "\xD7\xB3\xD7\x90@x.example"),
        SAME("katakana middle dot", "\xE3\x82\xA2\xE3\x83\xBB@x.example"),
        SAME("katakana middle dot with Han", "\xE3\x83\xBB\xE4\xB8\xAD@x.example"),
        NONE("katakana middle dot alone", "\xE3\x83\xBB@x.example"),
        SAME("Arabic digits", "\xD8\xA8\xD9\xA0\xD9\xA1@x.example"),
        SAME("extended digits", "\xD8\xA8\xDB\xB0\xDB\xB1@x.example"),
        NONE("both kinds", "\xD8\xA8\xD9\xA0\xDB\xB1@x.example"),
    };

    check(cases, G_N_ELEMENTS(cases));
}

#define ALEPH "\xD7\x90"

/* RFC 5893 s2, condition by condition. */
static void test_bidi(void)
{
    static const Case cases[] = {
        SAME("1 right-to-left first", ALEPH ALEPH "@x.example"),
        NONE("1 a digit first", "1" ALEPH "@x.example"),
        NONE("1 a mark first", "\xD9\x8E\xD8\xA8@x.example"),
        NONE("2 Latin inside", ALEPH "a" ALEPH "@x.example"),
        SAME("2 neutrals inside", ALEPH "-." ALEPH "@x.example"),
        SAME("3 ends in a digit", ALEPH "1@x.example"),
        SAME("3 ends in a digit and a mark", ALEPH "1\xD6\xB0@x.example"),
        NONE("3 ends in a neutral", ALEPH "-@x.example"),
        NONE("4 both kinds of numbers", "\xD8\xA8\xD9\xA1"
                                        "1@x.example"),
        SAME("4 European numbers", "\xD8\xA8"
                                   "11@x.example"),
        NONE("5 right-to-left behind Latin", "a" ALEPH "@x.example"),
        SAME("6 Latin ends in anything", "a-@x.example"),
        SAME("resources are free", "a@x.example/a" ALEPH "-"),
        SAME("numbers of one kind in a resource", "a@x.example/\xD9\xA1\xD9\xA2"),
        NONE("both kinds in a resource", "a@x.example/\xD9\xA1\xDB\xB1"),
    };

    check(cases, G_N_ELEMENTS(cases));
}

/* A-15: kinds of spaces become one; case is kept. */
static void test_resource(void)
{
    static const Case cases[] = {
        {"spaces", "a@x.example/r\xC2\xA0\xE2\x80\x83\xE3\x80\x80s", "a@x.example/r   s"},
        SAME("case", "a@x.example/R\xC3\x9C"),
        SAME("width stays", "a@x.example/\xEF\xBC\xA1"),
        SAME("compatibility stays", "a@x.example/\xEF\xAC\x81"),
        {"NFC", "a@x.example/u\xCC\x88", "a@x.example/\xC3\xBC"},
        NONE("tab", "a@x.example/r\ts"),
        NONE("line separator", "a@x.example/r\xE2\x80\xA8s"),
        SAME("escapes are none there", "a@x.example/\\20\\40"), /* A-10 */
        SAME("emoji", "a@x.example/\xF0\x9F\x98\x80"),
    };

    check(cases, G_N_ELEMENTS(cases));
}

/* A-31 to A-34 */
static void test_domain(void)
{
    static const Case cases[] = {
        {"A-31", "a@XN--BCHER-KVA.example",
         "a@b\xC3\xBC"
         "cher.example"},
        {"A-33", "a@X.EXAMPLE.", "a@x.example"},
        NONE("A-33", "a@x.example.."),
        SAME("A-34", "a@192.0.2.1"),
        {"A-34", "a@[2001:DB8::1]", "a@[2001:db8::1]"},
        NONE("A-34", "a@2001:db8::1"),
        NONE("A-34", "a@x.example:5222"),
        NONE("A-31", "a@xn--a.example"),
        NONE("A-31", "a@xn--.example"),
        NONE("A-31 not in NFC", "a@xn--u-ccb.example"),
        NONE("hyphens", "a@b\xC3\xBC-.example"),
        NONE("3rd and 4th", "a@ab--c\xC3\xBC.example"),
        SAME("right to left", "a@\xD7\x90\xD7\x91.example"),
        NONE("mixed", "a@\xD7\x90"
                      "a.example"),
        SAME("sharp s", "a@stra\xC3\x9F"
                        "e.example"),
    };

    check(cases, G_N_ELEMENTS(cases));
}

/* A-30: SIP has A-labels only. */
static void test_ascii_domain(void)
{
    static const Case cases[] = {
        {"A-30",
         "a@b\xC3\xBC"
         "cher.example",
         "sip:a@xn--bcher-kva.example"},
        {"A-30", "a@B.\xD0\xB8\xD0\xBC\xD1\x8F.example.", "sip:a@b.xn--h1ai1d.example"},
        {"A-30", "a@x.example", "sip:a@x.example"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(StoxError) error = {0};
        g_autofree char *uri = stox_address_jid_text_to_sip(cases[i].input, false, &error);

        g_assert_cmpstr(uri, ==, cases[i].expected);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/jid/examples/RFC-7622", test_examples);
    g_test_add_func("/jid/mapping/A-14", test_mapping);
    g_test_add_func("/jid/joiners/A-14", test_joiners);
    g_test_add_func("/jid/context/A-14", test_context);
    g_test_add_func("/jid/bidi/A-14", test_bidi);
    g_test_add_func("/jid/resource/A-15", test_resource);
    g_test_add_func("/jid/domain/A-31-A-34", test_domain);
    g_test_add_func("/jid/domain/A-30", test_ascii_domain);
    return g_test_run();
}
