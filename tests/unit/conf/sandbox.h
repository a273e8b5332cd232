/* SPDX-License-Identifier: MIT */
/* A temporary directory with the files that settings name, and loading from it. */
#pragma once

#include "conf/check.h"

typedef struct {
    char *path; /* of the directory; in texts %D stands for it */
    StoxSettings *settings;
    GPtrArray *findings;
    char *printed; /* the findings as lines, the directory written as %D again */
} Sandbox;

/* Holds secret ("test\n", 0600), cert.pem, key.pem (0600) and ca.pem. */
Sandbox *sandbox_new(void);
void sandbox_free(Sandbox *sandbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sandbox, sandbox_free)

/* Writes a file below the directory; folders are made. */
void sandbox_write(Sandbox *sandbox, const char *name, const char *text, unsigned mode);
void sandbox_write_bytes(Sandbox *sandbox, const char *name, const char *bytes, size_t length,
                         unsigned mode);
/* Loads stoxd.conf of the directory; `environment` NULL-terminated or NULL. */
void sandbox_load(Sandbox *sandbox, const char *const *environment);
/* The same after writing `text` to stoxd.conf. */
void sandbox_load_text(Sandbox *sandbox, const char *text, const char *const *environment);
/* Text with every `from` replaced; caller frees. */
char *sandbox_replace(const char *text, const char *from, const char *to);
