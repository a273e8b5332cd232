/* SPDX-License-Identifier: MIT */
#include "conf/check.h"

StoxWorst stox_findings_worst(const GPtrArray *findings)
{
    StoxWorst worst = STOX_WORST_NONE;

    for (unsigned i = 0; i < findings->len; i++) {
        const StoxFinding *finding = findings->pdata[i];

        if (finding->level == STOX_FINDING_ERROR)
            return STOX_WORST_ERROR;
        worst = STOX_WORST_WARNING;
    }
    return worst;
}

static const char *level_name(StoxFindingLevel level)
{
    return level == STOX_FINDING_ERROR ? "error" : "warning";
}

/*
 * Writes text with control characters (C0, DEL, C1) as \xNN or \uNNNN: a name out of a file must not steer a terminal.
 * What is not UTF-8 (a file name may be anything) becomes \xNN for people, U+FFFD for JSON.
 */
static void put_escaped(FILE *out, const char *text, bool json)
{
    while (*text) {
        gunichar c = g_utf8_get_char_validated(text, -1);

        if (c == (gunichar) -1 || c == (gunichar) -2) {
            if (json)
                fputs("\\ufffd", out);
            else
                fprintf(out, "\\x%02x", (unsigned char) *text);
            text++;
            continue;
        }
        if (json && (c == '"' || c == '\\'))
            fprintf(out, "\\%c", (int) c);
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            fprintf(out, json ? "\\u%04x" : "\\x%02x", c);
        else
            fwrite(text, 1, (size_t) (g_utf8_next_char(text) - text), out);
        text = g_utf8_next_char(text);
    }
}

static void print_human(const StoxFinding *finding, FILE *out)
{
    if (finding->file) {
        put_escaped(out, finding->file, false);
        if (finding->line > 0)
            fprintf(out, ":%u", finding->line);
        fputs(": ", out);
    }
    fprintf(out, "%s: ", level_name(finding->level));
    put_escaped(out, finding->text, false);
    fputc('\n', out);
}

static void print_json(const StoxFinding *finding, FILE *out)
{
    fprintf(out, "{\"level\":\"%s\"", level_name(finding->level));
    if (finding->file) {
        fputs(",\"file\":\"", out);
        put_escaped(out, finding->file, true);
        fputc('"', out);
        if (finding->line > 0)
            fprintf(out, ",\"line\":%u", finding->line);
    }
    fputs(",\"text\":\"", out);
    put_escaped(out, finding->text, true);
    fputs("\"}", out);
}

int stox_check_print(const GPtrArray *findings, FILE *out, bool json)
{
    unsigned errors = 0;

    if (json)
        fputs("{\"findings\":[", out);
    for (unsigned i = 0; i < findings->len; i++) {
        const StoxFinding *finding = findings->pdata[i];

        if (finding->level == STOX_FINDING_ERROR)
            errors++;
        if (json && i > 0)
            fputc(',', out);
        if (json)
            print_json(finding, out);
        else
            print_human(finding, out);
    }
    if (json)
        fprintf(out, "],\"errors\":%u,\"warnings\":%u}\n", errors, findings->len - errors);
    return errors > 0 ? 1 : 0;
}
