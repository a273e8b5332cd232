/* SPDX-License-Identifier: MIT */
#include "translation/xml-private.h"

#include <expat.h>

#include <string.h>

/*
 * A stanza that passes a limit is given up at the event that shows it, and skipped (xml-skip.c) rather than parsed on: even a parser whose
 * handlers do nothing keeps every open element and every name.
 *
 * Three things about expat decide the rest of this file.
 * - It keeps an unfinished tag in its own buffer and scans it again from its start with every feed. So bytes go in
 *   in slices, and once an unfinished tag is longer than HOLD_FROM, bytes are held back here until the tag is complete.
 *   Expat's own remedy (2.6, and Debian's 2.5 with security updates) waits until twice as much has come, which
 *   leaves a complete stanza lying there until the peer sends another one: it is switched off.
 * - Its tables remember every name it has ever seen. So the parser is replaced, between two stanzas, after
 *   RECYCLE_AFTER bytes, and when a stanza is given up; the new one is fed the stream header again, which brings the namespaces back.
 * - After XML_StopParser() it may call a handler once more, so every handler asks is_reading() first.
 */
#define SLICE         (16 * 1024)
#define HOLD_FROM     512
#define RECYCLE_AFTER (256 * 1024)
#define MAX_HEADER    (8 * 1024)
#define MORE_IN_TAG   (1024 * 1024)
#define MORE_TO_SKIP  (16 * 1024 * 1024)

struct StoxXmlStream {
    StoxXmlStreamFuncs funcs;
    void *user;
    StoxXmlBuilder builder;
    XML_Parser parser;
    unsigned depth;      /* 0: before the header, 1: between stanzas */
    size_t fed;          /* bytes this parser was given; the positions below count like it */
    size_t stanza_start; /* of the stanza we are in */
    size_t cut_at;       /* where the parser was stopped to be replaced; 0 none */
    bool in_cdata;
    GByteArray *header; /* raw bytes up to the end of the root's start tag */
    bool replaying;

    GByteArray *held; /* the continuation of an unfinished tag, not given to expat yet */
    bool holding;
    char quote; /* the quote character the held tag is in, or 0 */

    StoxXmlTree *refused; /* the head of the stanza that is being skipped; NULL none */
    const char *limit;    /* that it passed */
    StoxXmlSkip skip;
    char size_limit[48]; /* in words */

    bool stopped, closed;
    StoxXmlError code;
    char *why; /* set once: the stream is dead */
};

static bool is_live(const StoxXmlStream *stream)
{
    return !stream->why && !stream->stopped && !stream->closed;
}

/* Do the parser's events count? */
static bool is_reading(const StoxXmlStream *stream)
{
    return is_live(stream) && !stream->cut_at;
}

/* Ends the stream. */
G_GNUC_PRINTF(3, 4)
static void refuse(StoxXmlStream *stream, StoxXmlError code, const char *format, ...)
{
    va_list args;

    if (stream->why)
        return;
    va_start(args, format);
    stream->why = g_strdup_vprintf(format, args);
    va_end(args);
    stream->code = code;
    XML_StopParser(stream->parser, XML_FALSE);
}

/* The position behind the event that a handler is being told about. */
static size_t event_end(const StoxXmlStream *stream)
{
    return (size_t) XML_GetCurrentByteIndex(stream->parser) +
           (size_t) XML_GetCurrentByteCount(stream->parser);
}

/* Gives the stanza up: the rest of it is skipped. `name` and `attrs` are of the element that begins, if one does. */
static void give_up(StoxXmlStream *stream, const char *limit, const char *name, const char **attrs)
{
    stream->refused = stox_xml_builder_give_up(&stream->builder, name, attrs);
    stream->limit = limit;
    stream->cut_at = event_end(stream);
    stox_xml_skip_init(&stream->skip, stream->depth - 1, stream->in_cdata,
                       stream->cut_at - stream->stanza_start);
    XML_StopParser(stream->parser, XML_FALSE);
}

/* Is the stanza, up to and with the current event, larger than allowed? */
static bool is_too_large(const StoxXmlStream *stream)
{
    size_t end = stream->stanza_start + stream->builder.limits.max_bytes;

    return stream->fed > end && event_end(stream) > end;
}

/* ---- Handlers ---- */

static void open_stream(StoxXmlStream *stream, const char *name, const char **attrs)
{
    const char *why;
    StoxXmlTree *tree;

    stream->depth = 1;
    if (stream->replaying)
        return;
    g_byte_array_set_size(stream->header, (guint) event_end(stream));
    why = stox_xml_builder_start(&stream->builder, name, attrs);
    if (why) {
        refuse(stream, STOX_XML_ERROR_LIMIT, "stream header: %s", why);
        return;
    }
    tree = stox_xml_builder_end(&stream->builder);
    stream->funcs.opened(stox_xml_tree_root(tree), stream->user);
    stox_xml_tree_free(tree);
}

static void on_start(void *user, const char *name, const char **attrs)
{
    StoxXmlStream *stream = user;
    const char *limit;

    if (!is_reading(stream))
        return;
    if (stream->depth == 0) {
        open_stream(stream, name, attrs);
        return;
    }
    if (stream->depth++ == 1)
        stream->stanza_start = (size_t) XML_GetCurrentByteIndex(stream->parser);
    limit = is_too_large(stream) ? stream->size_limit
                                 : stox_xml_builder_start(&stream->builder, name, attrs);
    if (limit)
        give_up(stream, limit, name, attrs);
}

static void on_end(void *user, const char *name)
{
    StoxXmlStream *stream = user;
    StoxXmlTree *tree;
    size_t end;

    if (!is_reading(stream)) {
        /* The call that may follow a stop: an empty element, given up at its start, ends in the same place. */
        if (stream->refused && stream->skip.depth > 0 && event_end(stream) == stream->cut_at)
            stream->skip.depth--;
        return;
    }
    if (--stream->depth == 0) {
        stream->closed = true;
        stream->funcs.closed(stream->user);
        return;
    }
    if (is_too_large(stream)) {
        give_up(stream, stream->size_limit, NULL, NULL);
        return;
    }
    tree = stox_xml_builder_end(&stream->builder);
    if (!tree)
        return;
    end = event_end(stream);
    stream->funcs.stanza(tree, stream->user);
    if (end > RECYCLE_AFTER && is_live(stream)) {
        stream->cut_at = end;
        XML_StopParser(stream->parser, XML_FALSE);
    }
}

static void on_text(void *user, const char *text, int n)
{
    StoxXmlStream *stream = user;
    const char *limit;

    if (!is_reading(stream))
        return;
    if (stream->depth == 1) {
        /* White space between stanzas is a keep-alive (RFC 6120 s4.6.1). */
        for (int i = 0; i < n; i++)
            if (!memchr(" \t\r\n", text[i], 4)) {
                refuse(stream, STOX_XML_ERROR_MALFORMED, "text between stanzas");
                return;
            }
        return;
    }
    limit = is_too_large(stream) ? stream->size_limit
                                 : stox_xml_builder_text(&stream->builder, text, (size_t) n);
    if (limit)
        give_up(stream, limit, NULL, NULL);
}

static void on_cdata_start(void *user)
{
    StoxXmlStream *stream = user;

    if (is_reading(stream))
        stream->in_cdata = true;
}

static void on_cdata_end(void *user)
{
    StoxXmlStream *stream = user;

    if (is_reading(stream))
        stream->in_cdata = false;
}

static void on_declaration(void *user, const char *version, const char *encoding, int standalone)
{
    /* RFC 6120 s11.6 */
    if (encoding && g_ascii_strcasecmp(encoding, "UTF-8") != 0)
        refuse(user, STOX_XML_ERROR_MALFORMED, "an encoding that is not UTF-8");
}

static void on_doctype(void *user, const char *name, const char *system_id, const char *public_id,
                       int internal_subset)
{
    refuse(user, STOX_XML_ERROR_RESTRICTED, "a document type declaration");
}

static void on_comment(void *user, const char *text)
{
    refuse(user, STOX_XML_ERROR_RESTRICTED, "a comment");
}

static void on_instruction(void *user, const char *target, const char *data)
{
    refuse(user, STOX_XML_ERROR_RESTRICTED, "a processing instruction");
}

/* ---- The parser and its replacement ---- */

static void create_parser(StoxXmlStream *stream)
{
    stream->parser = XML_ParserCreateNS("UTF-8", ' ');
#ifdef STOX_HAVE_REPARSE_DEFERRAL
    XML_SetReparseDeferralEnabled(stream->parser, XML_FALSE);
#endif
    XML_SetUserData(stream->parser, stream);
    XML_SetElementHandler(stream->parser, on_start, on_end);
    XML_SetCharacterDataHandler(stream->parser, on_text);
    XML_SetCdataSectionHandler(stream->parser, on_cdata_start, on_cdata_end);
    XML_SetXmlDeclHandler(stream->parser, on_declaration);
    XML_SetStartDoctypeDeclHandler(stream->parser, on_doctype);
    XML_SetCommentHandler(stream->parser, on_comment);
    XML_SetProcessingInstructionHandler(stream->parser, on_instruction);
    stream->depth = 0;
    stream->fed = 0;
    stream->cut_at = 0;
    stream->in_cdata = false;
}

static void recycle(StoxXmlStream *stream)
{
    XML_ParserFree(stream->parser);
    create_parser(stream);
    stream->replaying = true;
    XML_Parse(stream->parser, (const char *) stream->header->data, (int) stream->header->len,
              XML_FALSE);
    stream->fed = stream->header->len;
    stream->replaying = false;
}

StoxXmlStream *stox_xml_stream_new(const StoxXmlLimits *limits, const StoxXmlStreamFuncs *funcs,
                                   void *user)
{
    StoxXmlStream *stream = g_new0(StoxXmlStream, 1);

    stream->funcs = *funcs;
    stream->user = user;
    stream->header = g_byte_array_new();
    stream->held = g_byte_array_new();
    stox_xml_builder_init(&stream->builder, limits);
    g_snprintf(stream->size_limit, sizeof stream->size_limit, "larger than %zu bytes",
               limits->max_bytes);
    create_parser(stream);
    return stream;
}

void stox_xml_stream_free(StoxXmlStream *stream)
{
    if (!stream)
        return;
    XML_ParserFree(stream->parser);
    stox_xml_builder_clear(&stream->builder);
    stox_xml_tree_free(stream->refused);
    g_byte_array_unref(stream->header);
    g_byte_array_unref(stream->held);
    g_free(stream->why);
    g_free(stream);
}

void stox_xml_stream_stop(StoxXmlStream *stream)
{
    stream->stopped = true;
    XML_StopParser(stream->parser, XML_FALSE);
}

/* ---- Feeding ---- */

/* Bytes of an unfinished token that expat keeps. */
static size_t pending(const StoxXmlStream *stream)
{
    XML_Index index = XML_GetCurrentByteIndex(stream->parser);

    return index < 0 || (size_t) index > stream->fed ? 0 : stream->fed - (size_t) index;
}

/* What has to be kept, or followed for ever, ends the stream. */
static void check_size(StoxXmlStream *stream)
{
    size_t held = stream->held->len;
    size_t max_tag = stream->builder.limits.max_bytes + MORE_IN_TAG;
    size_t max = stream->builder.limits.max_bytes + MORE_TO_SKIP;

    if (!is_live(stream))
        return;
    if (stream->skip.depth > 0) {
        if (stream->skip.bytes > max)
            refuse(stream, STOX_XML_ERROR_LIMIT, "stanza larger than %zu bytes", max);
    } else if (stream->depth == 0) {
        if (stream->fed + held > MAX_HEADER)
            refuse(stream, STOX_XML_ERROR_LIMIT, "stream header larger than %d bytes", MAX_HEADER);
    } else if (pending(stream) + held > max_tag) {
        refuse(stream, STOX_XML_ERROR_LIMIT, "tag larger than %zu bytes", max_tag);
    }
}

/* Where the held tag ends in these bytes: the number of bytes up to and with its '>'; 0: it does not. */
static size_t scan_tag(StoxXmlStream *stream, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (stream->quote) {
            const char *end = memchr(bytes + i, stream->quote, n - i);

            if (!end)
                return 0;
            i = (size_t) (end - bytes);
            stream->quote = 0;
        } else if (bytes[i] == '>') {
            return i + 1;
        } else if (bytes[i] == '\'' || bytes[i] == '"') {
            stream->quote = bytes[i];
        }
    }
    return 0;
}

/* After a feed: is there a long unfinished tag, so that bytes have to be held back? */
static void consider_holding(StoxXmlStream *stream)
{
    int offset = 0, size = 0;
    const char *context;

    if (pending(stream) < HOLD_FROM)
        return;
    context = XML_GetInputContext(stream->parser, &offset, &size);
    if (!context) /* an expat built without it: what is scanned again is bounded by the size limit */
        return;
    if (context[offset] != '<' || context[offset + 1] == '!' || context[offset + 1] == '?') {
        /* Text and CDATA never wait, the XML declaration is shorter: nothing that a stream may carry. */
        refuse(stream, STOX_XML_ERROR_RESTRICTED, "a long entity, comment or declaration");
        return;
    }
    stream->quote = 0;
    if (context[offset + 1] == '/' ||
        scan_tag(stream, context + offset, (size_t) (size - offset)) == 0)
        stream->holding = true;
}

/* Gives bytes to expat. Returns how many were used: fewer than `n` only when the parser was replaced. */
static size_t give(StoxXmlStream *stream, const char *bytes, size_t n)
{
    size_t before = stream->fed;
    enum XML_Status status;

    stream->fed += n;
    status = XML_Parse(stream->parser, bytes, (int) n, XML_FALSE);
    if (!is_live(stream))
        return n;
    if (stream->cut_at) {
        size_t cut = stream->cut_at;

        recycle(stream);
        if (cut >= before)
            return cut - before;
        /* Brackets that could have begun the end of a CDATA section had been kept back, and are told one by one. */
        stream->skip.matched = (unsigned) (before - cut);
        return 0;
    }
    if (status == XML_STATUS_OK) {
        consider_holding(stream);
    } else if (XML_GetErrorCode(stream->parser) == XML_ERROR_UNDEFINED_ENTITY) {
        refuse(stream, STOX_XML_ERROR_RESTRICTED, "an entity that XML does not predefine");
    } else {
        refuse(stream, STOX_XML_ERROR_MALFORMED, "%s",
               XML_ErrorString(XML_GetErrorCode(stream->parser)));
    }
    return n;
}

/* The header is kept for replacement parsers. UTF-16, which expat would recognise by its first two bytes, is not XMPP. */
static void take_header(StoxXmlStream *stream, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n && stream->header->len + i < 2; i++)
        if (bytes[i] == '\0' || bytes[i] == '\xFE' || bytes[i] == '\xFF')
            refuse(stream, STOX_XML_ERROR_MALFORMED, "bytes that are not UTF-8");
    g_byte_array_append(stream->header, (const guint8 *) bytes, (guint) n);
}

/* Takes bytes of a held tag; returns how many. */
static size_t hold(StoxXmlStream *stream, const char *bytes, size_t n)
{
    size_t end = scan_tag(stream, bytes, n);

    if (end)
        n = end;
    if (stream->depth == 0)
        take_header(stream, bytes, n);
    g_byte_array_append(stream->held, (const guint8 *) bytes, (guint) n);
    check_size(stream);
    if (end == 0 || !is_live(stream))
        return n;
    stream->holding = false;
    /* The tag ends with the last of these bytes, so all of them are used even if the parser is replaced. */
    give(stream, (const char *) stream->held->data, stream->held->len);
    g_byte_array_unref(stream->held);
    stream->held = g_byte_array_new();
    return n;
}

/* Takes bytes of a stanza that was given up; returns how many. */
static size_t skip_some(StoxXmlStream *stream, const char *bytes, size_t n)
{
    size_t used = stox_xml_skip(&stream->skip, bytes, n);

    if (stream->skip.state == STOX_XML_SKIP_RESTRICTED)
        refuse(stream, STOX_XML_ERROR_RESTRICTED, "a comment, instruction or declaration");
    else if (stream->skip.state == STOX_XML_SKIP_MALFORMED)
        refuse(stream, STOX_XML_ERROR_MALFORMED, "not well-formed");
    return used;
}

/* Takes bytes; returns how many. */
static size_t take(StoxXmlStream *stream, const char *bytes, size_t n)
{
    if (stream->skip.depth > 0)
        return skip_some(stream, bytes, n);
    if (stream->holding)
        return hold(stream, bytes, n);
    if (stream->depth == 0)
        take_header(stream, bytes, n);
    return is_live(stream) ? give(stream, bytes, n) : n;
}

static void report_refused(StoxXmlStream *stream)
{
    StoxXmlTree *head = g_steal_pointer(&stream->refused);

    if (stream->funcs.refused)
        stream->funcs.refused(head, stream->limit, stream->user);
    else
        stox_xml_tree_free(head);
}

bool stox_xml_stream_feed(StoxXmlStream *stream, const char *bytes, size_t n, GError **error)
{
    while (n > 0 && is_live(stream)) {
        size_t used = take(stream, bytes, MIN(n, SLICE));

        check_size(stream);
        if (stream->refused && stream->skip.depth == 0 && is_live(stream))
            report_refused(stream);
        bytes += used;
        n -= used;
    }
    if (!stream->why)
        return true;
    g_set_error_literal(error, STOX_XML_ERROR, (int) stream->code, stream->why);
    return false;
}
