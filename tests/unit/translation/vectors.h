/* SPDX-License-Identifier: MIT */
/* Reading of the vector files: one test for each line of a TSV file. */
#pragma once

#include <glib.h>

/* A line: its tab separated columns, at least as many as asked for. */
typedef struct {
    char **columns;
} StoxVector;

typedef void (*StoxVectorTest)(const StoxVector *vector);

/*
 * Adds the test /<prefix>/<id> for each line of `file` in the directory that the environment names
 * in STOX_VECTORS, and under /more/<prefix>/ for those in STOX_SHARED_VECTORS, if that is set. Ends
 * the program when the file cannot be read or has no line. The tests keep the vectors.
 */
void stox_vectors_add(const char *prefix, const char *file, unsigned n_columns,
                      StoxVectorTest test);

/* "<1024 x 'a'>" becomes 1024 letters; caller frees. */
char *stox_vector_expand(const char *text);
