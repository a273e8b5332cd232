/* SPDX-License-Identifier: MIT */
/*
 * The derivation of RFC 8264 s8 on GLib's Unicode data. What GLib does not know, joining types (RFC
 * 5892 A.1) and Bidi classes, comes from libunistring, which libidn2 needs anyway.
 */
#include "translation/precis-class.h"

#include <unictype.h>

#include <stddef.h>
#include <string.h>

typedef struct {
    gunichar first, last;
} Range;

static bool in_ranges(gunichar c, const Range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* ---- Context rules (RFC 5892 appendix A) ---- */

static gunichar char_before(const char *text, const char *p)
{
    return p > text ? g_utf8_get_char(g_utf8_prev_char(p)) : 0;
}

static gunichar char_after(const char *p)
{
    return g_utf8_get_char(g_utf8_next_char(p));
}

static bool is_virama(gunichar c)
{
    return c && g_unichar_combining_class(c) == 9;
}

/*
 * RFC 5892 A.1: between letters that would join but for it. Marks are passed over, of which precis.c
 * lets few stand in a row.
 */
static bool breaks_a_joint(const char *text, const char *p)
{
    const char *before = p, *after = g_utf8_next_char(p);
    int left = UC_JOINING_TYPE_T, right;

    while (before > text && left == UC_JOINING_TYPE_T) {
        before = g_utf8_prev_char(before);
        left = uc_joining_type(g_utf8_get_char(before));
    }
    if (left != UC_JOINING_TYPE_L && left != UC_JOINING_TYPE_D)
        return false;
    while (*after && uc_joining_type(g_utf8_get_char(after)) == UC_JOINING_TYPE_T)
        after = g_utf8_next_char(after);
    right = *after ? uc_joining_type(g_utf8_get_char(after)) : UC_JOINING_TYPE_U;
    return right == UC_JOINING_TYPE_R || right == UC_JOINING_TYPE_D;
}

/* What the rules about a whole text ask; gathered once, so that checking stays linear. */
typedef struct {
    bool kana_or_han;
    bool arabic_digits;   /* U+0660..0669 */
    bool extended_digits; /* U+06F0..06F9 */
} TextFacts;

static bool is_arabic_digit(gunichar c)
{
    return c >= 0x0660 && c <= 0x0669;
}

static bool is_extended_digit(gunichar c)
{
    return c >= 0x06F0 && c <= 0x06F9;
}

static TextFacts gather_facts(const char *text)
{
    TextFacts facts = {0};

    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        GUnicodeScript script = c < 0x80 ? G_UNICODE_SCRIPT_LATIN : g_unichar_get_script(c);

        facts.kana_or_han = facts.kana_or_han || script == G_UNICODE_SCRIPT_HIRAGANA ||
                            script == G_UNICODE_SCRIPT_KATAKANA || script == G_UNICODE_SCRIPT_HAN;
        facts.arabic_digits = facts.arabic_digits || is_arabic_digit(c);
        facts.extended_digits = facts.extended_digits || is_extended_digit(c);
    }
    return facts;
}

typedef enum {
    CONTEXT_NONE, /* the character has no rule */
    CONTEXT_GOOD,
    CONTEXT_BAD
} Context;

static Context check_context(const char *text, const char *p, gunichar c, const TextFacts *facts)
{
    bool good;

    if (is_arabic_digit(c))
        good = !facts->extended_digits;
    else if (is_extended_digit(c))
        good = !facts->arabic_digits;
    else
        switch (c) {
        case 0x00B7: /* MIDDLE DOT, as in Catalan */
            good = char_before(text, p) == 'l' && char_after(p) == 'l';
            break;
        case 0x0375: /* GREEK LOWER NUMERAL SIGN */
            good = char_after(p) && g_unichar_get_script(char_after(p)) == G_UNICODE_SCRIPT_GREEK;
            break;
        case 0x05F3: /* HEBREW PUNCTUATION GERESH, GERSHAYIM */
        case 0x05F4:
            good = char_before(text, p) &&
                   g_unichar_get_script(char_before(text, p)) == G_UNICODE_SCRIPT_HEBREW;
            break;
        case 0x30FB: /* KATAKANA MIDDLE DOT */
            good = facts->kana_or_han;
            break;
        case 0x200C: /* ZERO WIDTH NON-JOINER */
            good = is_virama(char_before(text, p)) || breaks_a_joint(text, p);
            break;
        case 0x200D: /* ZERO WIDTH JOINER */
            good = is_virama(char_before(text, p));
            break;
        default:
            return CONTEXT_NONE;
        }
    return good ? CONTEXT_GOOD : CONTEXT_BAD;
}

/* ---- Classes (RFC 8264 s8, the order of the rules is theirs) ---- */

/* s9.6 */
static bool is_exception_valid(gunichar c)
{
    static const gunichar valid[] = {0x00DF, 0x03C2, 0x06FD, 0x06FE, 0x0F0B, 0x3007};

    for (size_t i = 0; i < G_N_ELEMENTS(valid); i++)
        if (c == valid[i])
            return true;
    return false;
}

static bool is_exception_disallowed(gunichar c)
{
    static const Range ranges[] = {
        {0x0640, 0x0640}, {0x07FA, 0x07FA}, {0x302E, 0x302F}, {0x3031, 0x3035}, {0x303B, 0x303B}};

    return in_ranges(c, ranges, G_N_ELEMENTS(ranges));
}

/* s9.9 OldHangulJamo: conjoining jamo, which NFC has composed where they form a syllable. */
static bool is_old_hangul(gunichar c)
{
    static const Range ranges[] = {
        {0x1100, 0x11FF}, {0xA960, 0xA97C}, {0xD7B0, 0xD7C6}, {0xD7CB, 0xD7FB}};

    return in_ranges(c, ranges, G_N_ELEMENTS(ranges));
}

/* s9.13 PrecisIgnorableProperties: Default_Ignorable_Code_Point and noncharacters. */
static bool is_ignorable(gunichar c)
{
    static const Range ranges[] = {
        {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C}, {0x115F, 0x1160},
        {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F}, {0x202A, 0x202E},
        {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFDD0, 0xFDEF}, {0xFE00, 0xFE0F},
        {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3},
        {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    };

    return (c & 0xFFFE) == 0xFFFE || in_ranges(c, ranges, G_N_ELEMENTS(ranges));
}

/* s9.17 HasCompat: NFKC changes the character. */
static bool has_compat(gunichar c)
{
    char original[7] = "";
    g_autofree char *normal = NULL;

    g_unichar_to_utf8(c, original);
    normal = g_utf8_normalize(original, -1, G_NORMALIZE_NFKC);
    return !normal || strcmp(original, normal) != 0;
}

/*
 * The last rules, by general category: LetterDigits for both classes, the rest for FreeformClass.
 */
static bool category_in_class(gunichar c, StoxPrecisClass string_class)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_OTHER_LETTER:
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_SPACING_MARK:
        return true;
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_SPACE_SEPARATOR:
    case G_UNICODE_MATH_SYMBOL:
    case G_UNICODE_CURRENCY_SYMBOL:
    case G_UNICODE_MODIFIER_SYMBOL:
    case G_UNICODE_OTHER_SYMBOL:
    case G_UNICODE_CONNECT_PUNCTUATION:
    case G_UNICODE_DASH_PUNCTUATION:
    case G_UNICODE_OPEN_PUNCTUATION:
    case G_UNICODE_CLOSE_PUNCTUATION:
    case G_UNICODE_INITIAL_PUNCTUATION:
    case G_UNICODE_FINAL_PUNCTUATION:
    case G_UNICODE_OTHER_PUNCTUATION:
        return string_class == STOX_PRECIS_FREEFORM;
    default:
        return false; /* unassigned, private use, surrogates, controls, format characters */
    }
}

static bool char_in_class(gunichar c, StoxPrecisClass string_class)
{
    if (is_exception_valid(c))
        return true;
    if (is_exception_disallowed(c) || !g_unichar_isdefined(c))
        return false;
    if (is_old_hangul(c) || is_ignorable(c) || g_unichar_iscntrl(c))
        return false;
    if (has_compat(c))
        return string_class == STOX_PRECIS_FREEFORM;
    return category_in_class(c, string_class);
}

bool stox_precis_in_class(const char *text, StoxPrecisClass string_class)
{
    TextFacts facts = gather_facts(text);

    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c < 0x80) {
            if (c < 0x20 || c == 0x7F || (c == ' ' && string_class == STOX_PRECIS_IDENTIFIER))
                return false;
            continue;
        }
        switch (check_context(text, p, c, &facts)) {
        case CONTEXT_GOOD:
            continue;
        case CONTEXT_BAD:
            return false;
        case CONTEXT_NONE:
            break;
        }
        if (!char_in_class(c, string_class))
            return false;
    }
    return true;
}

/* ---- The Bidi Rule (RFC 5893 s2) ---- */

typedef enum {
    BIDI_LEFT,          /* L */
    BIDI_RIGHT,         /* R, AL */
    BIDI_ARABIC_NUMBER, /* AN */
    BIDI_NUMBER,        /* EN */
    BIDI_MARK,          /* NSM */
    BIDI_NEUTRAL,       /* ES, CS, ET, ON, BN: the rule treats them alike */
    BIDI_OTHER          /* separators, formatting */
} BidiClass;

static BidiClass bidi_class(gunichar c)
{
    switch (uc_bidi_class(c)) {
    case UC_BIDI_L:
        return BIDI_LEFT;
    case UC_BIDI_R:
    case UC_BIDI_AL:
        return BIDI_RIGHT;
    case UC_BIDI_AN:
        return BIDI_ARABIC_NUMBER;
    case UC_BIDI_EN:
        return BIDI_NUMBER;
    case UC_BIDI_NSM:
        return BIDI_MARK;
    case UC_BIDI_ES:
    case UC_BIDI_CS:
    case UC_BIDI_ET:
    case UC_BIDI_ON:
    case UC_BIDI_BN:
        return BIDI_NEUTRAL;
    default:
        return BIDI_OTHER;
    }
}

bool stox_precis_bidi_rule(const char *text)
{
    bool seen[BIDI_OTHER + 1] = {false};
    BidiClass first = BIDI_NEUTRAL, last = BIDI_NEUTRAL;

    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        BidiClass class = bidi_class(g_utf8_get_char(p));

        if (p == text)
            first = class;
        if (class != BIDI_MARK)
            last = class;
        seen[class] = true;
    }
    if (!seen[BIDI_RIGHT] && !seen[BIDI_ARABIC_NUMBER])
        return true;
    /* Conditions 1, 5 and 6: a left-to-right text holds no right-to-left character at all. */
    if (first != BIDI_RIGHT)
        return false;
    /* Conditions 2, 3 and 4. */
    return !seen[BIDI_LEFT] && !seen[BIDI_OTHER] &&
           !(seen[BIDI_NUMBER] && seen[BIDI_ARABIC_NUMBER]) &&
           (last == BIDI_RIGHT || last == BIDI_NUMBER || last == BIDI_ARABIC_NUMBER);
}
