/* SPDX-License-Identifier: MIT */
/* The tree builder that document reader and stream reader share. Private to translation/xml*.c. */
#pragma once

#include "translation/xml.h"

/* Builds one tree after the other from a reader's events and refuses what passes the limits. */
typedef struct {
    StoxXmlLimits limits;
    StoxXmlTree *tree; /* under construction; NULL between two */
    StoxXmlNode *open; /* innermost open element */
    unsigned depth, nodes;
    size_t text_bytes;
    GString *text;       /* a stack: the text of every open element, innermost last */
    size_t *text_starts; /* where the text of the element at this depth begins */
} StoxXmlBuilder;

void stox_xml_builder_init(StoxXmlBuilder *builder, const StoxXmlLimits *limits);
void stox_xml_builder_clear(StoxXmlBuilder *builder);

/* `name` and `attrs` as a namespace-aware expat with the separator ' ' gives them. NULL, else which limit was passed (static). */
const char *stox_xml_builder_start(StoxXmlBuilder *builder, const char *name, const char **attrs);
const char *stox_xml_builder_text(StoxXmlBuilder *builder, const char *text, size_t n);
/* The finished tree (the caller's) when the outermost element was closed, else NULL. */
StoxXmlTree *stox_xml_builder_end(StoxXmlBuilder *builder);
