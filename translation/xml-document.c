/* SPDX-License-Identifier: MIT */
#include "translation/xml-private.h"

#include <expat.h>

/* One whole document on its way into a tree. */
typedef struct {
    XML_Parser parser;
    StoxXmlBuilder builder;
    StoxXmlTree *tree; /* complete */
    const char *why;   /* set by a handler that stopped the parser; static */
    StoxXmlError code;
} Reading;

static const char undeclared[] = "an entity that XML does not predefine";

static void refuse(Reading *reading, StoxXmlError code, const char *why)
{
    reading->code = code;
    reading->why = why;
    XML_StopParser(reading->parser, XML_FALSE);
}

/* Expat may call once more after XML_StopParser(), so every handler looks at `why` first. */

static void on_start(void *user, const char *name, const char **attrs)
{
    Reading *reading = user;
    const char *why;

    if (reading->why)
        return;
    why = stox_xml_builder_start(&reading->builder, name, attrs);
    if (why)
        refuse(reading, STOX_XML_ERROR_LIMIT, why);
}

static void on_text(void *user, const char *text, int n)
{
    Reading *reading = user;
    const char *why;

    if (reading->why)
        return;
    why = stox_xml_builder_text(&reading->builder, text, (size_t) n);
    if (why)
        refuse(reading, STOX_XML_ERROR_LIMIT, why);
}

static void on_end(void *user, const char *name)
{
    Reading *reading = user;

    if (!reading->why)
        reading->tree = stox_xml_builder_end(&reading->builder);
}

static void on_doctype(void *user, const char *name, const char *system_id, const char *public_id,
                       int internal_subset)
{
    Reading *reading = user;

    if (internal_subset || !reading->builder.limits.doctype)
        refuse(reading, STOX_XML_ERROR_RESTRICTED, "a document type declaration");
}

/* With a declaration that was not fetched expat passes over unknown entities. (In attribute values it does so without a word; nothing is expanded there, either.) */
static void on_skipped_entity(void *user, const char *name, int is_parameter)
{
    refuse(user, STOX_XML_ERROR_RESTRICTED, undeclared);
}

/* What expat found wrong, NONE when the document was read. `encoding` NULL: as declared. */
static enum XML_Error read_as(Reading *reading, const char *encoding, const char *bytes, size_t n,
                              const StoxXmlLimits *limits)
{
    enum XML_Error wrong = XML_ERROR_NONE;

    reading->parser = XML_ParserCreateNS(encoding, ' ');
    stox_xml_builder_init(&reading->builder, limits);
    XML_SetUserData(reading->parser, reading);
    XML_SetElementHandler(reading->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reading->parser, on_doctype);
    XML_SetSkippedEntityHandler(reading->parser, on_skipped_entity);
    if (XML_Parse(reading->parser, bytes, (int) n, XML_TRUE) != XML_STATUS_OK)
        wrong = XML_GetErrorCode(reading->parser);
    XML_ParserFree(reading->parser);
    stox_xml_builder_clear(&reading->builder);
    if (wrong != XML_ERROR_NONE)
        g_clear_pointer(&reading->tree, stox_xml_tree_free);
    return wrong;
}

StoxXmlTree *stox_xml_parse(const char *bytes, size_t n, const StoxXmlLimits *limits,
                            GError **error)
{
    Reading reading = {.why = NULL};
    enum XML_Error wrong;

    if (n > limits->max_bytes || n > G_MAXINT) {
        g_set_error(error, STOX_XML_ERROR, STOX_XML_ERROR_LIMIT, "document larger than %zu bytes",
                    limits->max_bytes);
        return NULL;
    }
    wrong = read_as(&reading, NULL, bytes, n, limits);
    /* lync.md 4.3: the prolog says utf-16, the bytes are UTF-8. */
    if (wrong == XML_ERROR_INCORRECT_ENCODING && !reading.why)
        wrong = read_as(&reading, "UTF-8", bytes, n, limits);
    if (wrong == XML_ERROR_NONE)
        return reading.tree;
    if (reading.why)
        g_set_error_literal(error, STOX_XML_ERROR, (int) reading.code, reading.why);
    else if (wrong == XML_ERROR_UNDEFINED_ENTITY)
        g_set_error_literal(error, STOX_XML_ERROR, STOX_XML_ERROR_RESTRICTED, undeclared);
    else
        g_set_error_literal(error, STOX_XML_ERROR, STOX_XML_ERROR_MALFORMED,
                            XML_ErrorString(wrong));
    return NULL;
}
