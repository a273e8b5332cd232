/* SPDX-License-Identifier: MIT */
/* The tree builder that document reader and stream reader share, and the skipping of what the stream reader refuses. Private to translation/xml*.c. */
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
/*
 * Gives up the tree under construction, if any. Returns its root's start tag, or the one given when the root was not begun, as a tree (the
 * caller's): only the attributes that all stanzas have in common (RFC 6120 s8.1), and nothing longer than an address may be (RFC 7622 s3.1).
 */
StoxXmlTree *stox_xml_builder_give_up(StoxXmlBuilder *builder, const char *name,
                                      const char **attrs);

/*
 * Follows elements to the end of a stanza whose beginning was read otherwise. Nothing is built, kept or compared: whether names match, attributes
 * are sound and characters legal is not looked at.
 */
typedef struct {
    unsigned depth; /* elements still open; 0: over, or not begun */
    size_t bytes;   /* of the whole stanza so far */
    enum {
        STOX_XML_SKIP_TEXT,
        STOX_XML_SKIP_MARKUP, /* behind '<' */
        STOX_XML_SKIP_START_TAG,
        STOX_XML_SKIP_END_TAG,
        STOX_XML_SKIP_DECLARATION, /* behind "<!" */
        STOX_XML_SKIP_CDATA,
        STOX_XML_SKIP_MALFORMED, /* these two are for good */
        STOX_XML_SKIP_RESTRICTED
    } state;
    char quote;       /* in a start tag: the one it is in, or 0 */
    bool slash;       /* in a start tag: the last character was one */
    unsigned matched; /* characters of "[CDATA[", or brackets of "]]>" */
} StoxXmlSkip;

/* `depth`: elements that are open, the stanza's included. */
void stox_xml_skip_init(StoxXmlSkip *skip, unsigned depth, bool in_cdata, size_t bytes);
/* Returns how many bytes were used: fewer than `n` only when the stanza is over or the state is one of the last two. */
size_t stox_xml_skip(StoxXmlSkip *skip, const char *bytes, size_t n);
