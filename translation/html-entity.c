/* SPDX-License-Identifier: MIT */
/* The names of characters: HTML 4.01 s24, XML's apos, and the upper case spellings that browsers take. */
#include "translation/html-private.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    char name[STOX_HTML_MAX_ENTITY + 1];
    bool bare; /* understood without the semicolon */
    uint16_t code;
} Entity;

/* In the order of strcmp(). */
static const Entity entities[] = {
    {"AElig", true, 0x00C6},    {"AMP", true, 0x0026},      {"Aacute", true, 0x00C1},
    {"Acirc", true, 0x00C2},    {"Agrave", true, 0x00C0},   {"Alpha", false, 0x0391},
    {"Aring", true, 0x00C5},    {"Atilde", true, 0x00C3},   {"Auml", true, 0x00C4},
    {"Beta", false, 0x0392},    {"COPY", true, 0x00A9},     {"Ccedil", true, 0x00C7},
    {"Chi", false, 0x03A7},     {"Dagger", false, 0x2021},  {"Delta", false, 0x0394},
    {"ETH", true, 0x00D0},      {"Eacute", true, 0x00C9},   {"Ecirc", true, 0x00CA},
    {"Egrave", true, 0x00C8},   {"Epsilon", false, 0x0395}, {"Eta", false, 0x0397},
    {"Euml", true, 0x00CB},     {"GT", true, 0x003E},       {"Gamma", false, 0x0393},
    {"Iacute", true, 0x00CD},   {"Icirc", true, 0x00CE},    {"Igrave", true, 0x00CC},
    {"Iota", false, 0x0399},    {"Iuml", true, 0x00CF},     {"Kappa", false, 0x039A},
    {"LT", true, 0x003C},       {"Lambda", false, 0x039B},  {"Mu", false, 0x039C},
    {"Ntilde", true, 0x00D1},   {"Nu", false, 0x039D},      {"OElig", false, 0x0152},
    {"Oacute", true, 0x00D3},   {"Ocirc", true, 0x00D4},    {"Ograve", true, 0x00D2},
    {"Omega", false, 0x03A9},   {"Omicron", false, 0x039F}, {"Oslash", true, 0x00D8},
    {"Otilde", true, 0x00D5},   {"Ouml", true, 0x00D6},     {"Phi", false, 0x03A6},
    {"Pi", false, 0x03A0},      {"Prime", false, 0x2033},   {"Psi", false, 0x03A8},
    {"QUOT", true, 0x0022},     {"REG", true, 0x00AE},      {"Rho", false, 0x03A1},
    {"Scaron", false, 0x0160},  {"Sigma", false, 0x03A3},   {"THORN", true, 0x00DE},
    {"Tau", false, 0x03A4},     {"Theta", false, 0x0398},   {"Uacute", true, 0x00DA},
    {"Ucirc", true, 0x00DB},    {"Ugrave", true, 0x00D9},   {"Upsilon", false, 0x03A5},
    {"Uuml", true, 0x00DC},     {"Xi", false, 0x039E},      {"Yacute", true, 0x00DD},
    {"Yuml", false, 0x0178},    {"Zeta", false, 0x0396},    {"aacute", true, 0x00E1},
    {"acirc", true, 0x00E2},    {"acute", true, 0x00B4},    {"aelig", true, 0x00E6},
    {"agrave", true, 0x00E0},   {"alefsym", false, 0x2135}, {"alpha", false, 0x03B1},
    {"amp", true, 0x0026},      {"and", false, 0x2227},     {"ang", false, 0x2220},
    {"apos", false, 0x0027},    {"aring", true, 0x00E5},    {"asymp", false, 0x2248},
    {"atilde", true, 0x00E3},   {"auml", true, 0x00E4},     {"bdquo", false, 0x201E},
    {"beta", false, 0x03B2},    {"brvbar", true, 0x00A6},   {"bull", false, 0x2022},
    {"cap", false, 0x2229},     {"ccedil", true, 0x00E7},   {"cedil", true, 0x00B8},
    {"cent", true, 0x00A2},     {"chi", false, 0x03C7},     {"circ", false, 0x02C6},
    {"clubs", false, 0x2663},   {"cong", false, 0x2245},    {"copy", true, 0x00A9},
    {"crarr", false, 0x21B5},   {"cup", false, 0x222A},     {"curren", true, 0x00A4},
    {"dArr", false, 0x21D3},    {"dagger", false, 0x2020},  {"darr", false, 0x2193},
    {"deg", true, 0x00B0},      {"delta", false, 0x03B4},   {"diams", false, 0x2666},
    {"divide", true, 0x00F7},   {"eacute", true, 0x00E9},   {"ecirc", true, 0x00EA},
    {"egrave", true, 0x00E8},   {"empty", false, 0x2205},   {"emsp", false, 0x2003},
    {"ensp", false, 0x2002},    {"epsilon", false, 0x03B5}, {"equiv", false, 0x2261},
    {"eta", false, 0x03B7},     {"eth", true, 0x00F0},      {"euml", true, 0x00EB},
    {"euro", false, 0x20AC},    {"exist", false, 0x2203},   {"fnof", false, 0x0192},
    {"forall", false, 0x2200},  {"frac12", true, 0x00BD},   {"frac14", true, 0x00BC},
    {"frac34", true, 0x00BE},   {"frasl", false, 0x2044},   {"gamma", false, 0x03B3},
    {"ge", false, 0x2265},      {"gt", true, 0x003E},       {"hArr", false, 0x21D4},
    {"harr", false, 0x2194},    {"hearts", false, 0x2665},  {"hellip", false, 0x2026},
    {"iacute", true, 0x00ED},   {"icirc", true, 0x00EE},    {"iexcl", true, 0x00A1},
    {"igrave", true, 0x00EC},   {"image", false, 0x2111},   {"infin", false, 0x221E},
    {"int", false, 0x222B},     {"iota", false, 0x03B9},    {"iquest", true, 0x00BF},
    {"isin", false, 0x2208},    {"iuml", true, 0x00EF},     {"kappa", false, 0x03BA},
    {"lArr", false, 0x21D0},    {"lambda", false, 0x03BB},  {"lang", false, 0x2329},
    {"laquo", true, 0x00AB},    {"larr", false, 0x2190},    {"lceil", false, 0x2308},
    {"ldquo", false, 0x201C},   {"le", false, 0x2264},      {"lfloor", false, 0x230A},
    {"lowast", false, 0x2217},  {"loz", false, 0x25CA},     {"lrm", false, 0x200E},
    {"lsaquo", false, 0x2039},  {"lsquo", false, 0x2018},   {"lt", true, 0x003C},
    {"macr", true, 0x00AF},     {"mdash", false, 0x2014},   {"micro", true, 0x00B5},
    {"middot", true, 0x00B7},   {"minus", false, 0x2212},   {"mu", false, 0x03BC},
    {"nabla", false, 0x2207},   {"nbsp", true, 0x00A0},     {"ndash", false, 0x2013},
    {"ne", false, 0x2260},      {"ni", false, 0x220B},      {"not", true, 0x00AC},
    {"notin", false, 0x2209},   {"nsub", false, 0x2284},    {"ntilde", true, 0x00F1},
    {"nu", false, 0x03BD},      {"oacute", true, 0x00F3},   {"ocirc", true, 0x00F4},
    {"oelig", false, 0x0153},   {"ograve", true, 0x00F2},   {"oline", false, 0x203E},
    {"omega", false, 0x03C9},   {"omicron", false, 0x03BF}, {"oplus", false, 0x2295},
    {"or", false, 0x2228},      {"ordf", true, 0x00AA},     {"ordm", true, 0x00BA},
    {"oslash", true, 0x00F8},   {"otilde", true, 0x00F5},   {"otimes", false, 0x2297},
    {"ouml", true, 0x00F6},     {"para", true, 0x00B6},     {"part", false, 0x2202},
    {"permil", false, 0x2030},  {"perp", false, 0x22A5},    {"phi", false, 0x03C6},
    {"pi", false, 0x03C0},      {"piv", false, 0x03D6},     {"plusmn", true, 0x00B1},
    {"pound", true, 0x00A3},    {"prime", false, 0x2032},   {"prod", false, 0x220F},
    {"prop", false, 0x221D},    {"psi", false, 0x03C8},     {"quot", true, 0x0022},
    {"rArr", false, 0x21D2},    {"radic", false, 0x221A},   {"rang", false, 0x232A},
    {"raquo", true, 0x00BB},    {"rarr", false, 0x2192},    {"rceil", false, 0x2309},
    {"rdquo", false, 0x201D},   {"real", false, 0x211C},    {"reg", true, 0x00AE},
    {"rfloor", false, 0x230B},  {"rho", false, 0x03C1},     {"rlm", false, 0x200F},
    {"rsaquo", false, 0x203A},  {"rsquo", false, 0x2019},   {"sbquo", false, 0x201A},
    {"scaron", false, 0x0161},  {"sdot", false, 0x22C5},    {"sect", true, 0x00A7},
    {"shy", true, 0x00AD},      {"sigma", false, 0x03C3},   {"sigmaf", false, 0x03C2},
    {"sim", false, 0x223C},     {"spades", false, 0x2660},  {"sub", false, 0x2282},
    {"sube", false, 0x2286},    {"sum", false, 0x2211},     {"sup", false, 0x2283},
    {"sup1", true, 0x00B9},     {"sup2", true, 0x00B2},     {"sup3", true, 0x00B3},
    {"supe", false, 0x2287},    {"szlig", true, 0x00DF},    {"tau", false, 0x03C4},
    {"there4", false, 0x2234},  {"theta", false, 0x03B8},   {"thetasym", false, 0x03D1},
    {"thinsp", false, 0x2009},  {"thorn", true, 0x00FE},    {"tilde", false, 0x02DC},
    {"times", true, 0x00D7},    {"trade", false, 0x2122},   {"uArr", false, 0x21D1},
    {"uacute", true, 0x00FA},   {"uarr", false, 0x2191},    {"ucirc", true, 0x00FB},
    {"ugrave", true, 0x00F9},   {"uml", true, 0x00A8},      {"upsih", false, 0x03D2},
    {"upsilon", false, 0x03C5}, {"uuml", true, 0x00FC},     {"weierp", false, 0x2118},
    {"xi", false, 0x03BE},      {"yacute", true, 0x00FD},   {"yen", true, 0x00A5},
    {"yuml", true, 0x00FF},     {"zeta", false, 0x03B6},    {"zwj", false, 0x200D},
    {"zwnj", false, 0x200C},
};

/* What bytes 128 to 159 are in windows-1252, which is what is meant by such numbers; 0: nothing. */
static const uint16_t windows[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static int by_name(const void *name, const void *entity)
{
    return strcmp(name, ((const Entity *) entity)->name);
}

static const Entity *find(const char *name, size_t n)
{
    char key[STOX_HTML_MAX_ENTITY + 1];

    if (n == 0 || n > STOX_HTML_MAX_ENTITY)
        return NULL;
    memcpy(key, name, n);
    key[n] = '\0';
    return bsearch(key, entities, G_N_ELEMENTS(entities), sizeof entities[0], by_name);
}

static void append_code(GString *out, uint32_t code)
{
    if (code >= 128 && code < 160 && windows[code - 128])
        code = windows[code - 128];
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        code = 0xFFFD;
    if (code >= 0x20 ? code != 0xFFFE && code != 0xFFFF : strchr("\t\n\r", (int) code) != NULL)
        g_string_append_unichar(out, code);
}

/* Behind "&#": the end of the number, or NULL when there is none. */
static const char *decode_number(GString *out, const char *at)
{
    bool hex = *at == 'x' || *at == 'X';
    uint32_t code = 0;

    if (hex)
        at++;
    if (hex ? !g_ascii_isxdigit(*at) : !g_ascii_isdigit(*at))
        return NULL;
    for (; hex ? g_ascii_isxdigit(*at) : g_ascii_isdigit(*at); at++)
        if (code <= 0x10FFFF)
            code = code * (hex ? 16 : 10) + (uint32_t) g_ascii_xdigit_value(*at);
    append_code(out, code);
    return *at == ';' ? at + 1 : at;
}

const char *stox_html_decode(GString *out, const char *at, bool in_attribute)
{
    const char *name = at + 1, *end = NULL;
    const Entity *entity;
    size_t n = 0;

    if (*name == '#') {
        end = decode_number(out, name + 1);
    } else {
        while (n <= STOX_HTML_MAX_ENTITY && g_ascii_isalnum(name[n]))
            n++;
        entity = name[n] == ';' ? find(name, n) : NULL;
        end = name + n + 1;
        if (!entity && in_attribute) {
            /* "?a=1&copy=2" is an address */
            entity = g_ascii_isalnum(name[n]) || name[n] == '=' ? NULL : find(name, n);
            entity = entity && entity->bare ? entity : NULL;
            end = name + n;
        }
        while (!entity && !in_attribute && n >= 2) {
            entity = find(name, n);
            entity = entity && entity->bare ? entity : NULL;
            end = name + n--;
        }
        if (entity)
            g_string_append_unichar(out, entity->code);
        else
            end = NULL;
    }
    if (end)
        return end;
    g_string_append_c(out, '&');
    return name;
}
