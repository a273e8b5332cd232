/* SPDX-License-Identifier: MIT */
/* The only reader of XML (bounded expat, whole documents and streams of stanzas) and the writer that drops what XML forbids. */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    size_t max_bytes;   /* of one document or stanza, counted on the wire */
    unsigned max_depth; /* elements */
    unsigned max_attrs; /* per element */
    unsigned max_nodes; /* elements per document or stanza */
    size_t max_text;    /* bytes of character data and attribute values together */
    bool
        doctype; /* documents: a document type declaration that declares nothing is passed over; nothing is fetched */
} StoxXmlLimits;

/* 256 KiB, depth 64, 64 attributes, 4096 nodes. */
extern const StoxXmlLimits stox_xml_limits_stanza;
/* 512 KiB, depth 64, 64 attributes, 16384 nodes, no document type declaration. */
extern const StoxXmlLimits stox_xml_limits_document;

/*
 * `attrs` is name, value, ..., NULL; a name is "name" or "uri name" with one blank between, so xml:lang is STOX_XML_LANG.
 * `text` is all character data that lies directly in this element, joined; "" when none.
 */
typedef struct StoxXmlNode StoxXmlNode;
struct StoxXmlNode {
    const char *ns;   /* namespace URI, "" when none */
    const char *name; /* local name */
    const char **attrs;
    const char *text;
    size_t
        text_at; /* bytes of its parent's text that stand before it: mixed content keeps its order */
    StoxXmlNode *parent, *first_child, *last_child, *next;
};
/* A tree owns all its nodes and strings. */
typedef struct StoxXmlTree StoxXmlTree;
void stox_xml_tree_free(StoxXmlTree *tree);
StoxXmlNode *stox_xml_tree_root(StoxXmlTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxXmlTree, stox_xml_tree_free)

typedef enum {
    STOX_XML_ERROR_MALFORMED,  /* not well formed, wrong encoding */
    STOX_XML_ERROR_RESTRICTED, /* DTD, entity; in streams comment, instruction (RFC 6120 s11.1) */
    STOX_XML_ERROR_LIMIT       /* a limit was passed; the message names it */
} StoxXmlError;
#define STOX_XML_ERROR (stox_xml_error_quark())
GQuark stox_xml_error_quark(void);

/*
 * Reads one whole document. A prolog that says utf-16 while the bytes are UTF-8 is corrected (lync.md 4.3). DTDs and entities are refused.
 * Processing instructions and comments are skipped. The tree is the caller's.
 */
StoxXmlTree *stox_xml_parse(const char *bytes, size_t n, const StoxXmlLimits *limits,
                            GError **error);

/* Lookups; borrowed results, NULL when absent. `ns` NULL matches any namespace. */
const char *stox_xml_attr(const StoxXmlNode *node, const char *qualified_name);
const StoxXmlNode *stox_xml_child(const StoxXmlNode *node, const char *ns, const char *name);
/* The next sibling of that name. */
const StoxXmlNode *stox_xml_next(const StoxXmlNode *sibling, const char *ns, const char *name);
bool stox_xml_is(const StoxXmlNode *node, const char *ns, const char *name);
#define STOX_XML_LANG "http://www.w3.org/XML/1998/namespace lang"

/* ---- Stream reader: a stream header, then stanzas one by one (RFC 6120 s4) ---- */

typedef struct StoxXmlStream StoxXmlStream;
/*
 * opened: the root's start tag, attributes only, borrowed. stanza: a complete child of the root; ownership passes. closed: the root's end tag.
 * refused: at its end, a stanza that passed a limit. `head` (ownership passes) is its start tag with the attributes from, to, id, type and xml:lang,
 * as far as they are no longer than an address may be (3071 bytes), and without content. `limit` names the limit, as in "larger than 262144 bytes";
 * it is borrowed from the stream. NULL: nobody is told.
 */
typedef struct {
    void (*opened)(const StoxXmlNode *header, void *user);
    void (*stanza)(StoxXmlTree *stanza, void *user);
    void (*closed)(void *user);
    void (*refused)(StoxXmlTree *head, const char *limit, void *user);
} StoxXmlStreamFuncs;

StoxXmlStream *stox_xml_stream_new(const StoxXmlLimits *limits, const StoxXmlStreamFuncs *funcs,
                                   void *user);
void stox_xml_stream_free(StoxXmlStream *stream); /* not from inside a callback */
/*
 * Feeds bytes; limits are enforced while they arrive (an endless '<<<<' or text costs neither memory
 * nor time), white space between stanzas is free. A stanza that passes a limit is skipped and told
 * when it is over; tags and CDATA sections are all that is looked at meanwhile, other mistakes in it
 * stay unseen. What nothing but an end helps against ends the stream: a tag of more than max_bytes +
 * 1 MiB, which would have to be kept; a stanza of more than max_bytes + 16 MiB; a stream header of
 * more than 8 KiB; comments, processing instructions and text between stanzas. After false the
 * stream is dead and gives false again. Callbacks may call stox_xml_stream_stop(), after which
 * nothing more is delivered: feeding is true then and does nothing, as it does after the root's end
 * tag.
 */
bool stox_xml_stream_feed(StoxXmlStream *stream, const char *bytes, size_t n, GError **error);
void stox_xml_stream_stop(StoxXmlStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxXmlStream, stox_xml_stream_free)

/* ---- Writing ---- */

/* Appends text with the five predefined entities; bytes that XML 1.0 s2.2 forbids (controls, U+FFFE, U+FFFF, surrogates, invalid UTF-8)
 * are dropped or, for invalid UTF-8, become U+FFFD. NULL appends nothing. */
void stox_xml_append_text(GString *out, const char *text);
/* ` name='value'`, nothing when value is NULL. */
void stox_xml_append_attr(GString *out, const char *name, const char *value);
/* `<name>text</name>`, nothing when text is NULL. */
void stox_xml_append_element(GString *out, const char *name, const char *text);
/* A copy of `text` without what XML forbids; caller frees. */
char *stox_xml_clean(const char *text);
