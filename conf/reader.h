/* SPDX-License-Identifier: MIT */
/* The line scan: files to groups and entries, each with the place where it was said. Knows no key by name. */
#pragma once

#include "conf/finding.h"

#include <sys/stat.h>

enum {
    STOX_READER_FILE_MAX = 1024 * 1024, /* bytes of one file */
    STOX_READER_LINE_MAX = 8192,        /* bytes of one line */
    STOX_READER_FILES_MAX = 256         /* files of conf.d */
};

typedef struct {
    char *key;
    char *value;
    StoxPlace place;
    bool bad; /* a finding has been made already: neither missing nor worth a look */
} StoxEntry;

/* A group as written: [sip] has the kind "sip", [domain contoso.example] the kind "domain" and a name. */
typedef struct {
    char *kind;
    char *name; /* NULL: none */
    StoxPlace place;
    GHashTable *entries; /* key -> StoxEntry*, owned */
    GPtrArray *order;    /* StoxEntry*, borrowed, as they came */
    void *built;         /* the plain struct that was made of it; borrowed from the settings */
    char *name_key;      /* what the name is compared by, once known to be good; else NULL */
} StoxGroup;

typedef struct {
    GPtrArray *groups;     /* StoxGroup* in order */
    GHashTable *by_header; /* "kind name" -> StoxGroup*, borrowed: to find doubles */
    GStringChunk *strings; /* file and variable names that places point to */
} StoxDocument;

StoxDocument *stox_document_new(void);
void stox_document_free(StoxDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxDocument, stox_document_free)

/* The first group of that kind, or NULL. Borrowed. */
StoxGroup *stox_document_group(const StoxDocument *document, const char *kind);
/* A new empty group at the end. Borrowed. */
StoxGroup *stox_document_add_group(StoxDocument *document, const char *kind, const char *name,
                                   StoxPlace place);
StoxEntry *stox_group_entry(const StoxGroup *group, const char *key);
/* Sets or replaces an entry. `place` must point to strings of the document. */
void stox_group_set(StoxGroup *group, const char *key, const char *value, StoxPlace place);
void stox_group_remove(StoxGroup *group, const char *key);

/*
 * Reads `length` bytes of the file called `file` into the document. Every mistake becomes a finding: lines that are
 * neither group, entry, comment nor empty; a group or key said twice (both places are named); characters that are not
 * UTF-8; NUL and other control characters; lines that are too long; a comment behind a value.
 */
void stox_reader_text(StoxDocument *document, const char *file, const char *text, size_t length,
                      GPtrArray *findings);
/* The same for a file on disk; that it cannot be read, or is too large, is a finding too. */
void stox_reader_file(StoxDocument *document, const char *path, GPtrArray *findings);
/* Every *.conf of the directory in the order of their names (bytes); hidden files are passed over, no directory is good. */
void stox_reader_directory(StoxDocument *document, const char *path, GPtrArray *findings);

/* A descriptor of a regular file (the caller closes it), what it is in *ret_about (may be NULL); -1 with a sentence
 * (caller frees) in *ret_why. */
int stox_reader_open(const char *path, struct stat *ret_about, char **ret_why);
/* Up to `max` bytes of a regular file, NUL-terminated, length in *ret_length; NULL with a sentence (caller frees) in *ret_why. */
char *stox_reader_bytes(const char *path, size_t max, size_t *ret_length, char **ret_why);
