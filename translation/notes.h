/* SPDX-License-Identifier: MIT */
/* What somebody says about himself, in several languages: <status/> and <note/> (P-121, P-136, P-139). Pure. */
#pragma once

#include "translation/types.h"
#include "translation/words.h"

#define STOX_MAX_NOTES 8    /* languages */
#define STOX_MAX_NOTE  4096 /* bytes of all of them: every watcher gets them with every document */

/*
 * Appends a copy. NULL or no valid tag (language.h): the language is not said. False, and nothing is added, for a NULL or empty text, for a language that is there already
 * (RFC 6121 s4.7.2.2), for more than STOX_MAX_NOTES, and where there is no room for all of it. The first one is cut to whole characters instead.
 */
bool stox_notes_add(StoxNotes *notes, const char *text, const char *lang);
/* Appends copies of all of `from`. */
void stox_notes_append(StoxNotes *notes, const StoxNotes *from);
/* The same texts in the same languages and order. */
bool stox_notes_equal(const StoxNotes *a, const StoxNotes *b);
/* For readers that take one: that in `language`, whatever its region, else the first. NULL: there is none. Borrowed. */
const StoxNote *stox_notes_choose(const StoxNotes *notes, StoxLanguage language);
/* The text of the first; NULL for none. Borrowed. */
const char *stox_notes_first(const StoxNotes *notes);
void stox_notes_clear(StoxNotes *notes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxNotes, stox_notes_clear)
