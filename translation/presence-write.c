/* SPDX-License-Identifier: MIT */
#include "translation/presence-write.h"

#include "translation/xml.h"

#include <string.h>

char *stox_document_time(int64_t wall_ms, const char *zone)
{
    g_autoptr(GDateTime) second = g_date_time_new_from_unix_utc(wall_ms / 1000);
    g_autofree char *text = second ? g_date_time_format(second, "%Y-%m-%dT%H:%M:%S") : NULL;

    return text ? g_strdup_printf("%s.%03d%s", text, (int) (wall_ms % 1000), zone) : NULL;
}

static GString *write_text(const StoxDocumentSource *source, StoxDocumentFormat format)
{
    GString *out = g_string_sized_new(512);

    g_string_append(out, "<?xml version='1.0' encoding='UTF-8'?>\n"); /* P-127 */
    if (format == STOX_DOCUMENT_CATEGORIES)
        stox_categories_write(out, source);
    else
        stox_pidf_write(out, source, format == STOX_DOCUMENT_PIDF_MICROSOFT);
    return out;
}

GBytes *stox_document_write(const StoxDocumentSource *source, StoxDocumentFormat format)
{
    return g_string_free_to_bytes(write_text(source, format));
}

/* FNV-1a. Who makes two of his own documents equal keeps only the second from being seen. */
uint64_t stox_document_digest(const StoxDocumentSource *source, StoxDocumentFormat format)
{
    StoxDocumentSource timeless = *source;
    uint64_t digest = G_GUINT64_CONSTANT(0xcbf29ce484222325);
    GString *text;

    timeless.now_wall_ms = 0;
    timeless.serial = 0;
    text = write_text(&timeless, format);
    for (size_t i = 0; i < text->len; i++)
        digest = (digest ^ (unsigned char) text->str[i]) * G_GUINT64_CONSTANT(0x100000001b3);
    g_string_free(text, TRUE);
    return digest ? digest : 1;
}

const char *stox_document_language(const StoxDocumentSource *source, StoxDocumentFormat format)
{
    const StoxPresentity *best = stox_presentities_best(source->presentities);
    const StoxNote *note;

    if (!best || !best->open || best->notes.n == 0)
        return NULL;
    note = format == STOX_DOCUMENT_CATEGORIES ? stox_notes_choose(&best->notes, source->language)
                                              : &best->notes.list[0];
    return note->lang;
}

const char *stox_document_type(StoxDocumentFormat format)
{
    return format == STOX_DOCUMENT_CATEGORIES ? STOX_CATEGORIES_TYPE : STOX_PIDF_TYPE;
}

const StoxLyncRow *stox_lync_shown(const StoxPresentity *best, bool dnd_as_busy)
{
    StoxLyncState state = STOX_LYNC_OFFLINE;

    if (best && best->open)
        state = stox_lync_state_from_show(best->show, best->idle_since_wall_ms > 0, dnd_as_busy);
    return stox_lync_row(state);
}

/* ---- Accept ---- */

/* How well a media range names a type: 0 not, 1 any type, 2 any subtype, 3 the type itself. */
static unsigned names(const char *range, const char *type)
{
    size_t n = strcspn(type, "/") + 1;

    if (g_ascii_strcasecmp(range, type) == 0)
        return 3;
    if (g_ascii_strncasecmp(range, type, n) == 0 && strcmp(range + n, "*") == 0)
        return 2;
    return strcmp(range, "*/*") == 0;
}

/* The q of a range's parameters, in thousandths; what is no q counts as 1 (RFC 3261 s20.1, s25.1). */
static unsigned quality(const char *parameters)
{
    g_auto(GStrv) list = g_strsplit(parameters, ";", -1);
    double q;

    for (char **parameter = list; *parameter; parameter++) {
        char *value = strchr(*parameter, '=');
        char *end;

        if (!value)
            continue;
        *value++ = '\0';
        if (g_ascii_strcasecmp(g_strstrip(*parameter), "q") != 0)
            continue;
        q = g_ascii_strtod(g_strstrip(value), &end);
        return *value && !*end && q >= 0 && q <= 1 ? (unsigned) (q * 1000 + 0.5) : 1000;
    }
    return 1000;
}

/* What the most exact range that is at least `least` exact says of a type; 0: not acceptable. */
static unsigned acceptable(char **ranges, const char *type, unsigned least)
{
    unsigned best = 0, q = 0;

    for (char **range = ranges; *range; range++) {
        size_t n = strcspn(*range, ";");
        g_autofree char *name = g_strstrip(g_strndup(*range, n));
        unsigned exact = names(name, type);

        if (exact >= least && exact > best) {
            best = exact;
            q = quality(*range + n);
        }
    }
    return q;
}

bool stox_document_choose(const char *accept, bool microsoft, StoxDocumentFormat *ret_format)
{
    g_auto(GStrv) ranges = accept ? g_strsplit(accept, ",", -1) : NULL;
    unsigned categories = accept ? acceptable(ranges, STOX_CATEGORIES_TYPE, 3) : 0;
    unsigned pidf = accept ? acceptable(ranges, STOX_PIDF_TYPE, 1) : 1;

    if (categories == 0 && pidf == 0)
        return false;
    if (categories >= pidf)
        *ret_format = STOX_DOCUMENT_CATEGORIES;
    else
        *ret_format = microsoft ? STOX_DOCUMENT_PIDF_MICROSOFT : STOX_DOCUMENT_PIDF;
    return true;
}
