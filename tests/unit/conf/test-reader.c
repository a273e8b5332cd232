/* SPDX-License-Identifier: MIT */
#include "conf/reader.h"

#include "conf/check.h"

#include <string.h>

/* The document written out again: "[kind name] key=value; ..." and the findings as "line text". */
static char *dump(const StoxDocument *document)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < document->groups->len; i++) {
        const StoxGroup *group = document->groups->pdata[i];

        g_string_append_printf(text, "[%s%s%s]", group->kind, group->name ? " " : "",
                               group->name ? group->name : "");
        for (unsigned e = 0; e < group->order->len; e++) {
            const StoxEntry *entry = group->order->pdata[e];

            if (!entry->bad)
                g_string_append_printf(text, " %s=<%s>@%u", entry->key, entry->value,
                                       entry->place.line);
        }
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

static void test_good(void)
{
    static const struct {
        const char *text, *dump;
    } rows[] = {
        {"", ""},
        {"\n\n# c\n; c\n  # indented\n", ""},
        {"[sip]\nfqdn=a\n", "[sip] fqdn=<a>@2\n"},
        {"[sip]\n  fqdn \t=\t a b \n", "[sip] fqdn=<a b>@2\n"},
        {" [ domain \t contoso.example ] \nhop=", "[domain contoso.example] hop=<>@2\n"},
        {"\xef\xbb\xbf[sip]\r\nfqdn = a\r\n", "[sip] fqdn=<a>@2\n"},
        {"[a]\nk = a=b#c;d\n", "[a] k=<a=b#c;d>@2\n"},
        {"[a]\nk = x\\sy\\tz\\\\\n", "[a] k=<x y\tz\\>@2\n"},
        {"[a]\nk = \"q\"\n", "[a] k=<\"q\">@2\n"},
        {"[a]\nk = b\xc3\xbc"
         "cher\n",
         "[a] k=<b\xc3\xbc"
         "cher>@2\n"},
        {"[a]\nx=1\n[b]\nx=2", "[a] x=<1>@2\n[b] x=<2>@4\n"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxDocument) document = stox_document_new();
        g_autoptr(GPtrArray) findings = stox_findings_new();
        g_autofree char *text = NULL;

        stox_reader_text(document, "f", rows[i].text, strlen(rows[i].text), findings);
        text = dump(document);
        g_assert_cmpstr(text, ==, rows[i].dump);
        g_assert_cmpuint(findings->len, ==, 0);
    }
}

#define BYTES(text) (text), sizeof(text) - 1

static void test_bad(void)
{
    static const struct {
        const char *text;
        size_t length;
        unsigned line;
        const char *part; /* of the finding's text; there is exactly one finding */
        const char *dump;
    } rows[] = {
        {BYTES("[sip]\nfqdn = a # c\n"), 2, "a blank and #", "[sip]\n"},
        {BYTES("[sip]\nfqdn = a\t# c\n"), 2, "a blank and #", "[sip]\n"},
        {BYTES("[sip]\nfqdn = #a\n"), 2, "a blank and #", "[sip]\n"},
        {BYTES("[sip]\nfqdn = a\\\n"), 2, "cannot be continued", "[sip]\n"},
        {BYTES("[sip]\nfqdn = C:\\x\n"), 2, "one backslash", "[sip]\n"},
        {BYTES("[sip]\nx\n"), 2, "neither", "[sip]\n"},
        {BYTES("[sip]\n= x\n"), 2, "not a key", "[sip]\n"},
        {BYTES("[sip]\na b = x\n"), 2, "not a key", "[sip]\n"},
        {BYTES("[sip]\nfqdn[de] = x\n"), 2, "not a key", "[sip]\n"},
        {BYTES("fqdn = x\n"), 1, "before the first [group]", ""},
        {BYTES("[sip\nfqdn = x\n"), 1, "no closing ]", ""},
        {BYTES("[sip] # c\nfqdn = x\n"), 1, "comments stand on lines", ""},
        {BYTES("[sip]x\nfqdn = x\n"), 1, "text behind ]", ""},
        {BYTES("[]\nfqdn = x\n"), 1, "no name between", ""},
        {BYTES("[ ]\nfqdn = x\n"), 1, "no name between", ""},
        {BYTES("[[sip]\nfqdn = x\n"), 1, "cannot contain [", ""},
        {BYTES("[sip]\na=1\na=2\n"), 3, "already given at f:2", "[sip] a=<1>@2\n"},
        {BYTES("[sip]\na=1\n[x]\n[sip]\nb=2\n"), 4, "already opened at f:1",
         "[sip] a=<1>@2\n[x]\n"},
        {BYTES("[sip]\na=1\n[domain a]\n[domain  a]\n"), 4, "[domain a] was already opened at f:3",
         "[sip] a=<1>@2\n[domain a]\n"},
        {BYTES("[sip]\na=\xff\nb=1\n"), 2, "not UTF-8", "[sip] b=<1>@3\n"},
        {BYTES("[sip]\na=\xc3\n"), 2, "not UTF-8", "[sip]\n"},
        {BYTES("[sip]\na=1\x1b[2J\n"), 2, "control character", "[sip]\n"},
        {BYTES("[sip]\na=1\rb=2\n"), 2, "control character", "[sip]\n"},
        {BYTES("[sip]\na=1\n\0b=2\n"), 3, "NUL", ""},
        {BYTES("\xff\xfe[\0s\0"), 0, "UTF-16", ""},
        {BYTES("\xfe\xff\0["), 0, "UTF-16", ""},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxDocument) document = stox_document_new();
        g_autoptr(GPtrArray) findings = stox_findings_new();
        g_autofree char *text = NULL;
        const StoxFinding *finding;

        g_test_message("row %u", i);
        stox_reader_text(document, "f", rows[i].text, rows[i].length, findings);
        text = dump(document);
        g_assert_cmpstr(text, ==, rows[i].dump);
        g_assert_cmpuint(findings->len, ==, 1);
        finding = findings->pdata[0];
        g_assert_cmpint(finding->level, ==, STOX_FINDING_ERROR);
        g_assert_cmpstr(finding->file, ==, "f");
        g_assert_cmpuint(finding->line, ==, rows[i].line);
        g_test_message("%s", finding->text);
        g_assert_nonnull(strstr(finding->text, rows[i].part));
    }
}

/* A value may be a secret that stands in the wrong place: no finding of the line scan repeats one. */
static void test_no_value_in_findings(void)
{
    static const char text[] = "s3cret\n[x]\ns3cret\nk = s3cret # c\nk2 = s3cret\\q\n"
                               "k3 = a\nk3 = s3cret\nk4 = s3cret\xff\n";
    g_autoptr(StoxDocument) document = stox_document_new();
    g_autoptr(GPtrArray) findings = stox_findings_new();

    stox_reader_text(document, "f", text, strlen(text), findings);
    g_assert_cmpuint(findings->len, ==, 6);
    for (unsigned i = 0; i < findings->len; i++)
        g_assert_null(strstr(((StoxFinding *) findings->pdata[i])->text, "s3cret"));
}

static void test_limits(void)
{
    g_autoptr(GPtrArray) findings = stox_findings_new();
    g_autoptr(StoxDocument) document = stox_document_new();
    g_autoptr(GString) text = g_string_new("[a]\nk = ");
    const StoxFinding *last;

    /* The longest line is good, one byte more is not. */
    while (text->len < 4 + STOX_READER_LINE_MAX)
        g_string_append_c(text, 'x');
    stox_reader_text(document, "f", text->str, text->len, findings);
    g_assert_cmpuint(findings->len, ==, 0);
    g_string_append_c(text, 'x');
    stox_reader_text(document, "g", text->str + 4, text->len - 4, findings);
    g_assert_cmpuint(findings->len, ==, 1);

    /* The same for the file; the second holds no line that is bad in itself. */
    g_string_truncate(text, 0);
    while (text->len < STOX_READER_FILE_MAX)
        g_string_append_c(text, '\n');
    stox_reader_text(document, "h", text->str, text->len, findings);
    g_assert_cmpuint(findings->len, ==, 1);
    g_string_append_c(text, '\n');
    stox_reader_text(document, "i", text->str, text->len, findings);
    g_assert_cmpuint(findings->len, ==, 2);

    /* A file of rubbish ends in one finding that says so. */
    g_string_truncate(text, 0);
    for (unsigned i = 0; i < 10000; i++)
        g_string_append(text, "x\n");
    stox_reader_text(document, "j", text->str, text->len, findings);
    g_assert_cmpuint(findings->len, ==, STOX_FINDINGS_MAX);
    last = findings->pdata[findings->len - 1];
    g_assert_nonnull(strstr(last->text, "more findings"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/reader/good", test_good);
    g_test_add_func("/conf/reader/bad", test_bad);
    g_test_add_func("/conf/reader/no-value-in-findings", test_no_value_in_findings);
    g_test_add_func("/conf/reader/limits", test_limits);
    return g_test_run();
}
