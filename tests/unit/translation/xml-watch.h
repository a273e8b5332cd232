/* SPDX-License-Identifier: MIT */
/* What the tests of XML readers share: a stream and what it told, trees as lines, strings of any length. */
#pragma once

#include "translation/xml.h"

#define KIB ((size_t) 1024)

#define HEADER                                                                                     \
    "<?xml version='1.0' encoding='utf-8'?><stream:stream xmlns='jabber:component:accept' "        \
    "xmlns:stream='http://etherx.jabber.org/streams' id='3BF96D32' from='contoso.example'>"
#define OPENED "open {http://etherx.jabber.org/streams}stream id=3BF96D32 from=contoso.example[]\n"

/* 1000 bytes, depth 4, 3 attributes, 10 nodes, 100 bytes of text */
extern const StoxXmlLimits small;

typedef struct {
    GString *seen;   /* one line for each callback */
    GString *limits; /* one line for each stanza refused */
    StoxXmlStream *stream;
    unsigned stanzas, refusals;
    unsigned stop_after; /* stanzas and refusals; 0 never */
    bool quiet;          /* count only */
} Watch;

/* Write down and count. `user` is a Watch. */
extern const StoxXmlStreamFuncs watch_funcs;

void watch_init(Watch *watch, const StoxXmlLimits *limits);
void watch_clear(Watch *watch);
/* Feeds in pieces of that size until it is over or the stream ends. */
bool watch_feed(Watch *watch, const char *bytes, size_t n, size_t piece, GError **error);

/* "{namespace}name attribute=value ...[text children...]" */
char *tree_to_line(StoxXmlTree *tree);
char *repeat(const char *head, const char *what, size_t n, const char *tail);

#define ADD_TABLE(path, table, function)                                                           \
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {                                             \
        g_autofree char *full = g_strdup_printf(path "/%s", table[i].name);                        \
        g_test_add_data_func(full, &table[i], function);                                           \
    }
