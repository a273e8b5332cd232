/* SPDX-License-Identifier: MIT */
/* Reads presence documents and says in lines what they mean, for comparing. */
#pragma once

#include "translation/presence-document.h"

/* The list: one line for each, as in "[t] open dnd 5 'Note'@de <busy> 6500 idle=1767261600000". Caller frees. */
char *document_lines(const StoxPresentities *all);
/*
 * What a document about `about` says, in lines; "415\n" or "400\n" when it is refused, "(not him)\n" when it is about others. `state` may be NULL for whole documents.
 * `wall_ms` is now; caller frees.
 */
char *document_read(StoxCategories **state, const char *content_type, const char *about,
                    const char *text, int64_t wall_ms);
