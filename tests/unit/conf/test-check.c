/* SPDX-License-Identifier: MIT */
#include "conf/check.h"

#include <stdlib.h>

static void print(const GPtrArray *findings, bool json, int result, const char *expected)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    g_assert_nonnull(out);
    g_assert_cmpint(stox_check_print(findings, out, json), ==, result);
    g_assert_cmpint(fclose(out), ==, 0);
    g_assert_cmpstr(text, ==, expected);
    free(text);
}

static void test_print(void)
{
    g_autoptr(GPtrArray) findings = stox_findings_new();

    g_assert_cmpint(stox_findings_worst(findings), ==, STOX_WORST_NONE);
    print(findings, false, 0, "");
    print(findings, true, 0, "{\"findings\":[],\"errors\":0,\"warnings\":0}\n");

    stox_findings_add(findings, STOX_FINDING_WARNING, (StoxPlace){.file = "/etc/a.conf"}, "one");
    g_assert_cmpint(stox_findings_worst(findings), ==, STOX_WORST_WARNING);
    print(findings, false, 0, "/etc/a.conf: warning: one\n");

    stox_findings_add(findings, STOX_FINDING_ERROR, (StoxPlace){.file = "a\n.conf", .line = 7},
                      "two \"%s\" \\", "b\x1b");
    stox_findings_add(findings, STOX_FINDING_WARNING, (StoxPlace){.variable = "STOXD_X"}, "%s",
                      "b\xc3\xbc \xc2\x85 \xff");
    g_assert_cmpint(stox_findings_worst(findings), ==, STOX_WORST_ERROR);
    print(findings, false, 1,
          "/etc/a.conf: warning: one\n"
          "a\\x0a.conf:7: error: two \"b\\x1b\" \\\n"
          "warning: environment variable STOXD_X: b\xc3\xbc \\x85 \\xff\n");
    print(findings, true, 1,
          "{\"findings\":[{\"level\":\"warning\",\"file\":\"/etc/a.conf\",\"text\":\"one\"},"
          "{\"level\":\"error\",\"file\":\"a\\u000a.conf\",\"line\":7,"
          "\"text\":\"two \\\"b\\u001b\\\" \\\\\"},"
          "{\"level\":\"warning\",\"text\":\"environment variable STOXD_X: b\xc3\xbc \\u0085 "
          "\\ufffd\"}],\"errors\":1,\"warnings\":2}\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/check/print", test_print);
    return g_test_run();
}
