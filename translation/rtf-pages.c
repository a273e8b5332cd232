/* SPDX-License-Identifier: MIT */
#include "translation/rtf-private.h"

#include <errno.h>
#include <string.h>

/* Numbers as in \ansicpg and \cpg, names as iconv has them. */
static const struct {
    unsigned page;
    const char *name;
} known_pages[] = {
    {437, "CP437"},          {708, "ISO-8859-6"},    {850, "CP850"},
    {852, "CP852"},          {855, "CP855"},         {857, "CP857"},
    {860, "CP860"},          {861, "CP861"},         {862, "CP862"},
    {863, "CP863"},          {864, "CP864"},         {865, "CP865"},
    {866, "CP866"},          {869, "CP869"},         {874, "WINDOWS-874"},
    {932, "WINDOWS-31J"},    {936, "GBK"},           {949, "UHC"},
    {950, "BIG5"},           {1250, "WINDOWS-1250"}, {1251, "WINDOWS-1251"},
    {1252, "WINDOWS-1252"},  {1253, "WINDOWS-1253"}, {1254, "WINDOWS-1254"},
    {1255, "WINDOWS-1255"},  {1256, "WINDOWS-1256"}, {1257, "WINDOWS-1257"},
    {1258, "WINDOWS-1258"},  {1361, "JOHAB"},        {10000, "MACINTOSH"},
    {10007, "MAC-CYRILLIC"}, {28591, "ISO-8859-1"},  {STOX_RTF_PAGE_UTF8, "UTF-8"},
};
#define N_PAGES  G_N_ELEMENTS(known_pages)
#define NOT_OPEN ((GIConv) 0)

struct StoxRtfPages {
    GIConv converters[N_PAGES];
};

/* ---- Numbers ---- */

static size_t index_of(unsigned page)
{
    size_t i = 0;

    while (i < N_PAGES && known_pages[i].page != page)
        i++;
    return i;
}

bool stox_rtf_page_is_known(int page)
{
    return page > 0 && index_of((unsigned) page) < N_PAGES;
}

unsigned stox_rtf_page_of_charset(int charset)
{
    static const struct {
        int charset;
        unsigned page;
    } rows[] = {
        {0, STOX_RTF_PAGE_ANSI},
        {2, STOX_RTF_PAGE_ANSI}, /* symbols: what is not a letter is the same bullet in both */
        {77, 10000},
        {78, 932},
        {79, 949},
        {80, 936},
        {81, 950},
        {89, 10007},
        {128, 932},
        {129, 949},
        {130, 1361},
        {134, 936},
        {136, 950},
        {161, 1253},
        {162, 1254},
        {163, 1258},
        {177, 1255},
        {178, 1256},
        {179, 1256},
        {180, 1256},
        {181, 1255},
        {186, 1257},
        {204, 1251},
        {222, 874},
        {238, 1250},
        {254, 437},
        {255, 850},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].charset == charset)
            return rows[i].page;
    return 0;
}

/* ---- Bytes ---- */

StoxRtfPages *stox_rtf_pages_new(void)
{
    return g_new0(StoxRtfPages, 1);
}

void stox_rtf_pages_free(StoxRtfPages *pages)
{
    if (!pages)
        return;
    for (size_t i = 0; i < N_PAGES; i++)
        if (pages->converters[i] != NOT_OPEN && pages->converters[i] != (GIConv) -1)
            g_iconv_close(pages->converters[i]);
    g_free(pages);
}

static bool is_ascii(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char) bytes[i] >= 0x80)
            return false;
    return true;
}

static void append_replacement(GString *out)
{
    g_string_append(out, "\xEF\xBF\xBD");
}

/* Converts as much as it can; what stands in its way is one replacement character a byte. */
static void convert(GIConv converter, char *bytes, size_t n, GString *out)
{
    g_iconv(converter, NULL, NULL, NULL, NULL);
    while (n > 0) {
        char buffer[512];
        char *to = buffer;
        size_t room = sizeof buffer;
        size_t result = g_iconv(converter, &bytes, &n, &to, &room);
        int failure = errno;

        g_string_append_len(out, buffer, to - buffer);
        if (result != (size_t) -1 || (failure == E2BIG && to != buffer))
            continue;
        append_replacement(out);
        if (failure != EILSEQ) /* half a character at the end */
            return;
        bytes++;
        n--;
        g_iconv(converter, NULL, NULL, NULL, NULL);
    }
    /* Some hold their last character back, as it may combine with the next. */
    {
        char buffer[32];
        char *to = buffer;
        size_t room = sizeof buffer;

        g_iconv(converter, NULL, NULL, &to, &room);
        g_string_append_len(out, buffer, to - buffer);
    }
}

void stox_rtf_pages_decode(StoxRtfPages *pages, unsigned page, const char *bytes, size_t n,
                           GString *out)
{
    size_t i = index_of(page);

    if (is_ascii(bytes, n)) { /* all of them agree on it */
        g_string_append_len(out, bytes, (gssize) n);
        return;
    }
    if (page ==
        STOX_RTF_PAGE_UTF8) { /* iconv would let numbers beyond Unicode's last one through */
        g_autofree char *valid = g_utf8_make_valid(bytes, (gssize) n);

        g_string_append(out, valid);
        return;
    }
    if (i < N_PAGES && pages->converters[i] == NOT_OPEN)
        pages->converters[i] = g_iconv_open("UTF-8", known_pages[i].name);
    if (i == N_PAGES || pages->converters[i] == (GIConv) -1) {
        for (size_t byte = 0; byte < n; byte++)
            append_replacement(out);
        return;
    }
    convert(pages->converters[i], (char *) bytes, n, out);
}
