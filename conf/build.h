/* SPDX-License-Identifier: MIT */
/* From groups and entries to the plain structs, and the checks that need more than one of them. */
#pragma once

#include "conf/reader.h"

/* One load: what is being built, from what, and what was found. */
typedef struct {
    StoxDocument *document;
    StoxSettings *settings;
    GPtrArray *findings;
    StoxPlace main_place;    /* the main file as a whole: for what is nowhere */
    unsigned refused_groups; /* taken out of the document with a finding */
} StoxBuild;

/*
 * Settings from a document, every default filled in. Appends to `findings`; NULL when there is an error among those
 * added. `main_file` is where missing groups are said to be missing. Reads secret files, and looks whether the other
 * files that are named can be read.
 */
StoxSettings *stox_settings_from_document(StoxDocument *document, const char *main_file,
                                          GPtrArray *findings);

/* groups.c: refuses unknown, double, ill-named groups and unknown keys (removed from the document), opens those that may be missing. */
void stox_build_groups(StoxBuild *build);
/* fill.c: makes the structs. Fields whose value was refused keep 0 or NULL. */
void stox_build_fill(StoxBuild *build);
/* files.c: the secret of a domain out of its group. */
void stox_build_secret(StoxBuild *build, const StoxGroup *group, StoxDomainSettings *domain);
/* Looks whether a file can be opened for reading, and with `private` warns when everybody can. */
void stox_build_file(StoxBuild *build, StoxPlace place, const char *key, const char *path,
                     bool private);
/* rules.c: the checks across groups. */
void stox_build_rules(StoxBuild *build);

/* "[hop pool01]"; caller frees. */
char *stox_group_text(const StoxGroup *group);
/* Where a key was said, or its group when it was not. */
StoxPlace stox_key_place(const StoxGroup *group, const char *key);
