/* SPDX-License-Identifier: MIT */
#include "translation/notes.h"

#include "translation/language.h"
#include "translation/presence.h"

#include <string.h>

static bool has_language(const StoxNotes *notes, const char *lang)
{
    for (unsigned i = 0; i < notes->n; i++) {
        const char *other = notes->list[i].lang;

        if (lang && other ? g_ascii_strcasecmp(lang, other) == 0 : lang == other)
            return true;
    }
    return false;
}

static size_t bytes_of(const StoxNotes *notes)
{
    size_t sum = 0;

    for (unsigned i = 0; i < notes->n; i++)
        sum += strlen(notes->list[i].text);
    return sum;
}

bool stox_notes_add(StoxNotes *notes, const char *text, const char *lang)
{
    StoxNote note;

    if (lang && !stox_language_tag_is_valid(lang))
        lang = NULL;
    if (!text || !*text || notes->n >= STOX_MAX_NOTES || has_language(notes, lang) ||
        (notes->n > 0 && strlen(text) > STOX_MAX_NOTE - bytes_of(notes)))
        return false;
    note.text = stox_presence_cut(text, STOX_MAX_NOTE);
    note.lang = g_strdup(lang);
    notes->list = g_renew(StoxNote, notes->list, notes->n + 1);
    notes->list[notes->n++] = note;
    return true;
}

void stox_notes_append(StoxNotes *notes, const StoxNotes *from)
{
    for (unsigned i = 0; i < from->n; i++)
        stox_notes_add(notes, from->list[i].text, from->list[i].lang);
}

bool stox_notes_equal(const StoxNotes *a, const StoxNotes *b)
{
    if (a->n != b->n)
        return false;
    for (unsigned i = 0; i < a->n; i++)
        if (strcmp(a->list[i].text, b->list[i].text) != 0 ||
            g_strcmp0(a->list[i].lang, b->list[i].lang) != 0)
            return false;
    return true;
}

const StoxNote *stox_notes_choose(const StoxNotes *notes, StoxLanguage language)
{
    for (unsigned i = 0; i < notes->n; i++) {
        StoxLanguage his;

        if (stox_language_from_tag(notes->list[i].lang, &his) && his == language)
            return &notes->list[i];
    }
    return notes->n > 0 ? &notes->list[0] : NULL;
}

const char *stox_notes_first(const StoxNotes *notes)
{
    return notes->n > 0 ? notes->list[0].text : NULL;
}

void stox_notes_clear(StoxNotes *notes)
{
    for (unsigned i = 0; i < notes->n; i++) {
        g_free(notes->list[i].text);
        g_free(notes->list[i].lang);
    }
    g_free(notes->list);
    *notes = (StoxNotes){NULL, 0};
}
