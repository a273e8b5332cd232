/* SPDX-License-Identifier: MIT */
#include "translation/rtf-private.h"

#include <stdlib.h>
#include <string.h>

/* Sorted by name. */
static const StoxRtfWord words[] = {
    {"annotation", STOX_RTF_SKIP, 0},
    {"ansi", STOX_RTF_DOCUMENT_PAGE, STOX_RTF_PAGE_ANSI},
    {"ansicpg", STOX_RTF_DOCUMENT_PAGE, 0},
    {"atnid", STOX_RTF_SKIP, 0},
    {"author", STOX_RTF_SKIP, 0},
    {"b", STOX_RTF_BOLD, 0},
    {"bin", STOX_RTF_BINARY, 0},
    {"blue", STOX_RTF_BLUE, 0},
    {"bullet", STOX_RTF_CHARACTER, 0x2022},
    {"buptim", STOX_RTF_SKIP, 0},
    {"cell", STOX_RTF_CHARACTER, '\t'},
    {"cf", STOX_RTF_COLOUR, 0},
    {"colortbl", STOX_RTF_COLOURS, 0},
    {"column", STOX_RTF_CHARACTER, '\n'},
    {"comment", STOX_RTF_SKIP, 0},
    {"cpg", STOX_RTF_FONT_PAGE, 0},
    {"creatim", STOX_RTF_SKIP, 0},
    {"deff", STOX_RTF_DEFAULT_FONT, 0},
    {"deleted", STOX_RTF_HIDDEN, 0},
    {"doccomm", STOX_RTF_SKIP, 0},
    {"emdash", STOX_RTF_CHARACTER, 0x2014},
    {"emspace", STOX_RTF_CHARACTER, 0x2003},
    {"endash", STOX_RTF_CHARACTER, 0x2013},
    {"enspace", STOX_RTF_CHARACTER, 0x2002},
    {"f", STOX_RTF_FONT, 0},
    {"fcharset", STOX_RTF_FONT_CHARSET, 0},
    {"field", STOX_RTF_FIELD, 0},
    {"filetbl", STOX_RTF_SKIP, 0},
    {"fldinst", STOX_RTF_INSTRUCTION, 0},
    {"fldrslt", STOX_RTF_RESULT, 0},
    {"fonttbl", STOX_RTF_FONTS, 0},
    {"footer", STOX_RTF_SKIP, 0},
    {"footerf", STOX_RTF_SKIP, 0},
    {"footerl", STOX_RTF_SKIP, 0},
    {"footerr", STOX_RTF_SKIP, 0},
    {"footnote", STOX_RTF_SKIP, 0},
    {"ftncn", STOX_RTF_SKIP, 0},
    {"ftnsep", STOX_RTF_SKIP, 0},
    {"ftnsepc", STOX_RTF_SKIP, 0},
    {"generator", STOX_RTF_SKIP, 0},
    {"green", STOX_RTF_GREEN, 0},
    {"header", STOX_RTF_SKIP, 0},
    {"headerf", STOX_RTF_SKIP, 0},
    {"headerl", STOX_RTF_SKIP, 0},
    {"headerr", STOX_RTF_SKIP, 0},
    {"i", STOX_RTF_ITALIC, 0},
    {"info", STOX_RTF_SKIP, 0},
    {"keywords", STOX_RTF_SKIP, 0},
    {"ldblquote", STOX_RTF_CHARACTER, 0x201C},
    {"line", STOX_RTF_CHARACTER, '\n'},
    {"listoverridetable", STOX_RTF_SKIP, 0},
    {"listtable", STOX_RTF_SKIP, 0},
    {"lquote", STOX_RTF_CHARACTER, 0x2018},
    {"ltrmark", STOX_RTF_CHARACTER, 0x200E},
    {"mac", STOX_RTF_DOCUMENT_PAGE, 10000},
    {"nestcell", STOX_RTF_CHARACTER, '\t'},
    {"nestrow", STOX_RTF_CHARACTER, '\n'},
    {"nonesttables", STOX_RTF_SKIP, 0},
    {"nonshppict", STOX_RTF_SKIP, 0},
    {"objdata", STOX_RTF_SKIP, 0},
    {"object", STOX_RTF_SKIP, 0},
    {"operator", STOX_RTF_SKIP, 0},
    {"page", STOX_RTF_CHARACTER, '\n'},
    {"par", STOX_RTF_CHARACTER, '\n'},
    {"pc", STOX_RTF_DOCUMENT_PAGE, 437},
    {"pca", STOX_RTF_DOCUMENT_PAGE, 850},
    {"pict", STOX_RTF_SKIP, 0},
    {"plain", STOX_RTF_PLAIN, 0},
    {"private", STOX_RTF_SKIP, 0},
    {"qmspace", STOX_RTF_CHARACTER, 0x2005},
    {"rdblquote", STOX_RTF_CHARACTER, 0x201D},
    {"red", STOX_RTF_RED, 0},
    {"revtbl", STOX_RTF_SKIP, 0},
    {"revtim", STOX_RTF_SKIP, 0},
    {"row", STOX_RTF_CHARACTER, '\n'},
    {"rquote", STOX_RTF_CHARACTER, 0x2019},
    {"rsidtbl", STOX_RTF_SKIP, 0},
    {"rtlmark", STOX_RTF_CHARACTER, 0x200F},
    {"rxe", STOX_RTF_SKIP, 0},
    {"sect", STOX_RTF_CHARACTER, '\n'},
    {"shprslt", STOX_RTF_SKIP, 0},
    {"softline", STOX_RTF_CHARACTER, '\n'},
    {"strike", STOX_RTF_STRIKE, 0},
    {"striked", STOX_RTF_STRIKE, 0},
    {"stylesheet", STOX_RTF_SKIP, 0},
    {"subject", STOX_RTF_SKIP, 0},
    {"tab", STOX_RTF_CHARACTER, '\t'},
    {"tc", STOX_RTF_SKIP, 0},
    {"template", STOX_RTF_SKIP, 0},
    {"title", STOX_RTF_SKIP, 0},
    {"txe", STOX_RTF_SKIP, 0},
    {"u", STOX_RTF_UNICODE, 0},
    {"uc", STOX_RTF_UNICODE_SKIP, 0},
    {"ud", STOX_RTF_UD, 0},
    {"ul", STOX_RTF_UNDERLINE, 0},
    {"uld", STOX_RTF_UNDERLINE, 0},
    {"uldash", STOX_RTF_UNDERLINE, 0},
    {"uldashd", STOX_RTF_UNDERLINE, 0},
    {"uldashdd", STOX_RTF_UNDERLINE, 0},
    {"uldb", STOX_RTF_UNDERLINE, 0},
    {"ulnone", STOX_RTF_NO_UNDERLINE, 0},
    {"ulth", STOX_RTF_UNDERLINE, 0},
    {"ulw", STOX_RTF_UNDERLINE, 0},
    {"ulwave", STOX_RTF_UNDERLINE, 0},
    {"upr", STOX_RTF_UPR, 0},
    {"v", STOX_RTF_HIDDEN, 0},
    {"xe", STOX_RTF_SKIP, 0},
    {"zwbo", STOX_RTF_CHARACTER, 0x200B},
    {"zwj", STOX_RTF_CHARACTER, 0x200D},
    {"zwnbo", STOX_RTF_CHARACTER, 0x2060},
    {"zwnj", STOX_RTF_CHARACTER, 0x200C},
};

typedef struct {
    const char *name;
    size_t n;
} Key;

static int compare(const void *a, const void *b)
{
    const Key *key = a;
    const StoxRtfWord *word = b;
    int order = strncmp(key->name, word->name, key->n);

    return order ? order : -(int) (word->name[key->n] != '\0');
}

const StoxRtfWord *stox_rtf_word(const char *name, size_t n)
{
    Key key = {name, n};

    return bsearch(&key, words, G_N_ELEMENTS(words), sizeof *words, compare);
}
