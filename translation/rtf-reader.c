/* SPDX-License-Identifier: MIT */
#include "translation/rtf-reader.h"

#define MAX_FONTS       1024 /* what is beyond has the document's code page */
#define MAX_COLOURS     1024
#define MAX_INSTRUCTION 4096

static StoxRtfGroup *innermost(StoxRtfReader *reader)
{
    return &reader->stack[reader->depth - 1];
}

/* ---- Characters ---- */

/* Whether its characters go anywhere. */
static bool is_wanted(const StoxRtfGroup *group)
{
    return group->to == TO_INSTRUCTION || (group->to == TO_TEXT && !group->hidden);
}

static void deliver(StoxRtfReader *reader, const char *text, size_t n)
{
    const StoxRtfGroup *group = innermost(reader);

    if (group->to == TO_INSTRUCTION) {
        if (reader->instruction->len + n <= MAX_INSTRUCTION)
            g_string_append_len(reader->instruction, text, (gssize) n);
    } else if (is_wanted(group)) {
        stox_rtf_output_text(reader->output, text, n, &group->format);
    }
}

static void deliver_character(StoxRtfReader *reader, unsigned c)
{
    char text[6];

    deliver(reader, text, (size_t) g_unichar_to_utf8(c, text));
}

/* Half a pair alone stands for nothing. */
static void flush_high(StoxRtfReader *reader)
{
    if (reader->high)
        deliver_character(reader, 0xFFFD);
    reader->high = 0;
}

static unsigned page_of(StoxRtfReader *reader, int font)
{
    unsigned page = GPOINTER_TO_UINT(g_hash_table_lookup(reader->fonts, GINT_TO_POINTER(font)));

    return page ? page : reader->page;
}

static void flush_run(StoxRtfReader *reader)
{
    g_autoptr(GString) text = NULL;

    if (reader->run->len == 0)
        return;
    text = g_string_sized_new(reader->run->len + 16);
    stox_rtf_pages_decode(reader->pages, page_of(reader, reader->run_font), reader->run->str,
                          reader->run->len, text);
    g_string_truncate(reader->run, 0);
    deliver(reader, text->str, text->len);
}

static void take_colour_end(StoxRtfReader *reader)
{
    if (reader->colours->len < MAX_COLOURS)
        g_array_append_val(reader->colours, reader->colour);
    reader->colour = 0;
}

void stox_rtf_byte(StoxRtfReader *reader, char byte)
{
    const StoxRtfGroup *group = innermost(reader);

    if (reader->skip > 0) {
        reader->skip--;
        return;
    }
    if (group->to == TO_COLOURS && byte == ';')
        take_colour_end(reader);
    if (!is_wanted(group))
        return;
    flush_high(reader);
    if (reader->run->len > 0 && reader->run_font != group->font)
        flush_run(reader);
    reader->run_font = group->font;
    g_string_append_c(reader->run, byte);
}

void stox_rtf_character(StoxRtfReader *reader, unsigned c)
{
    if (reader->skip > 0) {
        reader->skip--;
        return;
    }
    flush_run(reader);
    flush_high(reader);
    deliver_character(reader, c);
}

/* \uN: a signed 16-bit number; some write the whole code point. Its stand-in begins behind it, even if that of the one before is missing. */
static void take_unicode(StoxRtfReader *reader, long number)
{
    unsigned c = (unsigned) (number < 0 ? number + 0x10000 : number);

    flush_run(reader);
    reader->skip = innermost(reader)->unicode_skip;
    if (!is_wanted(innermost(reader)))
        return;
    if (reader->high && c >= 0xDC00 && c <= 0xDFFF) {
        c = 0x10000 + ((reader->high - 0xD800) << 10) + (c - 0xDC00);
        reader->high = 0;
    }
    flush_high(reader);
    if (c >= 0xD800 && c <= 0xDBFF)
        reader->high = c;
    else
        deliver_character(reader, c > 0x10FFFF || (c >= 0xDC00 && c <= 0xDFFF) ? 0xFFFD : c);
}

/* ---- Groups ---- */

void stox_rtf_open_group(StoxRtfReader *reader)
{
    flush_run(reader);
    reader->skip = 0;
    reader->optional = false;
    if (reader->depth == STOX_RTF_MAX_GROUPS) {
        reader->broken = true;
        return;
    }
    reader->stack[reader->depth] = reader->stack[reader->depth - 1];
    reader->depth++;
}

void stox_rtf_close_group(StoxRtfReader *reader)
{
    flush_run(reader);
    if (reader->depth == 1)
        flush_high(reader);
    reader->skip = 0;
    reader->optional = false;
    reader->depth--;
    if (reader->depth < reader->link_depth) {
        stox_rtf_output_link(reader->output, NULL);
        reader->link_depth = 0;
    }
}

static void begin_result(StoxRtfReader *reader)
{
    g_autofree char *address = stox_rtf_link_of(reader->instruction->str);

    g_string_truncate(reader->instruction, 0);
    innermost(reader)->to = TO_TEXT;
    if (!address || reader->link_depth)
        return;
    stox_rtf_output_link(reader->output, address);
    reader->link_depth = reader->depth;
}

static void take_destination(StoxRtfReader *reader, StoxRtfMeaning meaning)
{
    StoxRtfGroup *group = innermost(reader);

    /* Nothing inside what is skipped is shown; of alternatives the one in Unicode is; a field in an instruction belongs to it. */
    if (group->to == TO_NOBODY || (group->to == TO_ALTERNATIVES && meaning != STOX_RTF_UD) ||
        (group->to == TO_INSTRUCTION && meaning == STOX_RTF_RESULT))
        return;
    switch (meaning) {
    case STOX_RTF_FONTS:
        group->to = TO_FONTS;
        break;
    case STOX_RTF_COLOURS:
        group->to = TO_COLOURS;
        break;
    case STOX_RTF_FIELD:
        g_string_truncate(reader->instruction, 0);
        break;
    case STOX_RTF_INSTRUCTION:
        group->to = TO_INSTRUCTION;
        break;
    case STOX_RTF_RESULT:
        begin_result(reader);
        break;
    case STOX_RTF_UPR:
        group->to = TO_ALTERNATIVES;
        break;
    case STOX_RTF_UD:
        group->to = TO_TEXT;
        break;
    default:
        group->to = TO_NOBODY;
        break;
    }
}

/* ---- Control words ---- */

static void take_font(StoxRtfReader *reader, int number)
{
    StoxRtfGroup *group = innermost(reader);

    if (group->to == TO_FONTS)
        reader->defined_font = number;
    else
        group->font = number;
}

static void define_font(StoxRtfReader *reader, unsigned page)
{
    if (innermost(reader)->to == TO_FONTS && g_hash_table_size(reader->fonts) < MAX_FONTS)
        g_hash_table_insert(reader->fonts, GINT_TO_POINTER(reader->defined_font),
                            GUINT_TO_POINTER(page));
}

static void take_shade(StoxRtfReader *reader, unsigned shift, int value)
{
    reader->colour &= ~(0xFFu << shift);
    reader->colour |= (uint32_t) CLAMP(value, 0, 255) << shift;
}

static void take_binary(StoxRtfReader *reader, long n)
{
    if (n < 0)
        n = 0;
    if (n > reader->end - reader->at) {
        reader->broken = true;
        return;
    }
    reader->at += n;
}

static uint32_t colour_of(const StoxRtfReader *reader, int number)
{
    if (number < 0 || (unsigned) number >= reader->colours->len)
        return 0;
    return g_array_index(reader->colours, uint32_t, (unsigned) number);
}

/* What changes how the following characters look. */
static void take_format(StoxRtfReader *reader, StoxRtfMeaning meaning, int number, bool on)
{
    StoxRtfGroup *group = innermost(reader);

    switch (meaning) {
    case STOX_RTF_BOLD:
        group->format.bold = on;
        break;
    case STOX_RTF_ITALIC:
        group->format.italic = on;
        break;
    case STOX_RTF_UNDERLINE:
        group->format.underline = on;
        break;
    case STOX_RTF_NO_UNDERLINE:
        group->format.underline = false;
        break;
    case STOX_RTF_STRIKE:
        group->format.strike = on;
        break;
    case STOX_RTF_HIDDEN:
        group->hidden = on;
        break;
    case STOX_RTF_PLAIN:
        group->format = (StoxRtfFormat){.bold = false};
        group->font = reader->default_font;
        group->hidden = false;
        break;
    default:
        group->format.colour = colour_of(reader, number);
        break;
    }
}

static void take_page(StoxRtfReader *reader, unsigned fixed, int number)
{
    if (fixed)
        reader->page = fixed;
    else if (stox_rtf_page_is_known(number))
        reader->page = (unsigned) number;
}

/* What tells of the document and its fonts and colours. */
static void take_header(StoxRtfReader *reader, const StoxRtfWord *word, int number)
{
    switch (word->meaning) {
    case STOX_RTF_DOCUMENT_PAGE:
        take_page(reader, word->value, number);
        break;
    case STOX_RTF_DEFAULT_FONT:
        reader->default_font = innermost(reader)->font = number;
        break;
    case STOX_RTF_FONT:
        take_font(reader, number);
        break;
    case STOX_RTF_FONT_CHARSET:
        define_font(reader, stox_rtf_page_of_charset(number));
        break;
    case STOX_RTF_FONT_PAGE:
        if (stox_rtf_page_is_known(number))
            define_font(reader, (unsigned) number);
        break;
    case STOX_RTF_RED:
        take_shade(reader, 16, number);
        break;
    case STOX_RTF_GREEN:
        take_shade(reader, 8, number);
        break;
    case STOX_RTF_BLUE:
        take_shade(reader, 0, number);
        break;
    default:
        break;
    }
}

static bool is_destination(StoxRtfMeaning meaning)
{
    return meaning >= STOX_RTF_SKIP && meaning <= STOX_RTF_UD;
}

void stox_rtf_act(StoxRtfReader *reader, const StoxRtfWord *word, const int *number)
{
    StoxRtfMeaning meaning = word ? word->meaning : STOX_RTF_NOTHING;
    bool optional = reader->optional;

    reader->optional = false;
    if (meaning == STOX_RTF_BINARY) /* its bytes count as one character, too */
        take_binary(reader, number ? *number : 0);
    if (meaning == STOX_RTF_UNICODE) {
        take_unicode(reader, number ? *number : 0);
        return;
    }
    if (reader->skip > 0) {
        reader->skip--;
        return;
    }
    if (meaning == STOX_RTF_CHARACTER) {
        stox_rtf_character(reader, word->value);
        return;
    }
    flush_run(reader);
    if (is_destination(meaning))
        take_destination(reader, meaning);
    else if (optional)
        take_destination(reader, STOX_RTF_SKIP);
    else if (meaning == STOX_RTF_UNICODE_SKIP)
        innermost(reader)->unicode_skip = (unsigned) CLAMP(number ? *number : 1, 0, 64);
    else if (meaning >= STOX_RTF_BOLD && meaning <= STOX_RTF_COLOUR)
        take_format(reader, meaning, number ? *number : 0, !number || *number != 0);
    else if (word)
        take_header(reader, word, number ? *number : 0);
}

/* ---- The whole ---- */

void stox_rtf_reader_init(StoxRtfReader *reader, const char *at, const char *end, bool xhtml)
{
    *reader = (StoxRtfReader){
        .at = at,
        .end = end,
        .depth = 1,
        .run = g_string_new(NULL),
        .page = STOX_RTF_PAGE_ANSI,
        .fonts = g_hash_table_new(g_direct_hash, g_direct_equal),
        .colours = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
        .instruction = g_string_new(NULL),
        .pages = stox_rtf_pages_new(),
        .output = stox_rtf_output_new(xhtml),
    };
    reader->stack[0].unicode_skip = 1;
}

void stox_rtf_reader_clear(StoxRtfReader *reader)
{
    g_string_free(reader->run, TRUE);
    g_string_free(reader->instruction, TRUE);
    g_hash_table_unref(reader->fonts);
    g_array_unref(reader->colours);
    stox_rtf_pages_free(reader->pages);
    stox_rtf_output_free(reader->output);
}
