/* SPDX-License-Identifier: MIT */
#include "translation/mime.h"
#include "translation/mime-private.h"

#include <string.h>

#define MAX_PARTS        128 /* of one body, inner multiparts and their parts included */
#define MAX_DEPTH        4   /* multiparts inside one another */
#define MAX_HEADER_BYTES 8192
#define MAX_BOUNDARY     70 /* RFC 2046 s5.1.1 */

typedef struct {
    unsigned parts;
    unsigned depth;
    StoxMimeFault fault; /* set where something fails */
} Reader;

void stox_mime_part_free(StoxMimePart *part)
{
    if (!part)
        return;
    stox_mime_type_clear(&part->type);
    g_free(part->id);
    g_free(part->lang);
    if (part->content)
        g_bytes_unref(part->content);
    if (part->parts)
        g_ptr_array_unref(part->parts);
    g_free(part);
}

static const char *data_of(GBytes *bytes, size_t *ret_n)
{
    const char *data = g_bytes_get_data(bytes, ret_n);

    return data ? data : "";
}

/* ---- Headers ---- */

/* Those that matter, as they came, unfolded; NULL when absent. */
enum { TYPE, TRANSFER_ENCODING, ENCODING, DISPOSITION, ID, LANGUAGE, N_HEADERS };
static const char *const header_names[N_HEADERS] = {
    "Content-Type", "Content-Transfer-Encoding", "Content-Encoding", "Content-Disposition",
    "Content-ID",   "Content-Language",
};

typedef struct {
    char *values[N_HEADERS];
} Headers;

static void headers_clear(Headers *headers)
{
    for (unsigned i = 0; i < N_HEADERS; i++)
        g_clear_pointer(&headers->values[i], g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Headers, headers_clear)

/* One header, its line breaks still in it. False: it is none, or a second one of its kind. */
static bool take_header(Headers *headers, const char *line, size_t n)
{
    const char *colon = memchr(line, ':', n);
    size_t name_n = colon ? (size_t) (colon - line) : 0;

    while (name_n > 0 && (line[name_n - 1] == ' ' || line[name_n - 1] == '\t'))
        name_n--;
    if (name_n == 0 || memchr(line, 0, n))
        return false;
    for (unsigned i = 0; i < N_HEADERS; i++) {
        if (name_n != strlen(header_names[i]) ||
            g_ascii_strncasecmp(line, header_names[i], name_n) != 0)
            continue;
        if (headers->values[i])
            return false;
        headers->values[i] = g_strndup(colon + 1, n - (size_t) (colon + 1 - line));
        g_strdelimit(headers->values[i], "\r\n", ' ');
        g_strstrip(headers->values[i]);
    }
    return true;
}

/* Reads the header lines of an entity; *ret_content is the offset behind the empty line. */
static bool read_headers(Reader *reader, const char *data, size_t n, Headers *headers,
                         size_t *ret_content)
{
    size_t at = 0, header = 0;

    while (at <= n) {
        const char *newline = at < n ? memchr(data + at, '\n', n - at) : NULL;
        size_t end = newline ? (size_t) (newline - data) : n;
        bool empty = end == at || (end == at + 1 && data[at] == '\r');
        bool folded = !empty && at > 0 && (data[at] == ' ' || data[at] == '\t');

        if (at > MAX_HEADER_BYTES) {
            reader->fault = STOX_MIME_LIMIT;
            return false;
        }
        if (!folded && at > header) { /* the header before this line is whole */
            if (!take_header(headers, data + header, at - header))
                break;
            header = at;
        }
        at = newline ? end + 1 : n + 1;
        if (empty) {
            *ret_content = MIN(at, n);
            return true;
        }
    }
    reader->fault = STOX_MIME_MALFORMED;
    return false;
}

/* ---- Entities ---- */

static StoxMimePart *read_part(Reader *reader, const Headers *headers, const char *content_type,
                               GBytes *content);

static StoxMimePart *read_entity(Reader *reader, GBytes *entity)
{
    g_auto(Headers) headers = {{NULL}};
    g_autoptr(GBytes) content = NULL;
    size_t n, at;
    const char *data = data_of(entity, &n);
    const char *type;

    if (!read_headers(reader, data, n, &headers, &at))
        return NULL;
    content = g_bytes_new_from_bytes(entity, at, n - at);
    type = headers.values[TYPE];
    return read_part(reader, &headers, type ? type : "text/plain", content);
}

/* Where a delimiter line is: the line break before it is part of it. */
typedef struct {
    size_t begin; /* what it ends is over here */
    size_t end;   /* what it opens begins here */
    bool last;
} Delimiter;

/* The next one at or behind `from`, which is the beginning of a line. `mark` is "--" and the boundary. */
static bool find_delimiter(const char *data, size_t n, size_t from, const char *mark,
                           Delimiter *ret_delimiter)
{
    size_t mark_n = strlen(mark), start = from;

    while (from < n) {
        const char *found = memmem(data + from, n - from, mark, mark_n);
        const char *newline;
        size_t at, behind;
        bool last;

        if (!found)
            return false;
        at = (size_t) (found - data);
        from = behind = at + mark_n;
        if (at != start && data[at - 1] != '\n')
            continue;
        last = n - behind >= 2 && data[behind] == '-' && data[behind + 1] == '-';
        if (last)
            behind += 2;
        if (behind < n && !strchr(" \t\r\n", data[behind]))
            continue; /* another boundary that begins like ours */
        newline = memchr(data + behind, '\n', n - behind);
        if (at > start)
            at--;
        if (at > start && data[at - 1] == '\r')
            at--;
        *ret_delimiter = (Delimiter){at, newline ? (size_t) (newline + 1 - data) : n, last};
        return true;
    }
    return false;
}

static bool is_boundary(const char *boundary)
{
    size_t n = boundary ? strlen(boundary) : 0;

    if (n == 0 || n > MAX_BOUNDARY)
        return false;
    for (; *boundary; boundary++)
        if (!g_ascii_isprint(*boundary))
            return false;
    return true;
}

/* RFC 2387 s3.2: the part that `start` names is the root, else the first. */
static void put_root_first(GPtrArray *parts, const char *start)
{
    for (unsigned i = 1; start && i < parts->len; i++) {
        StoxMimePart *part = parts->pdata[i];

        if (part->id && strcmp(part->id, start) == 0) {
            memmove(parts->pdata + 1, parts->pdata, i * sizeof(void *));
            parts->pdata[0] = part;
            return;
        }
    }
}

/* A body without its last delimiter counts to its end (RFC 2046 s5.1.2 asks for as much where an outer one comes too early). */
static GPtrArray *read_parts(Reader *reader, const StoxMimeType *type, GBytes *body)
{
    g_autoptr(GPtrArray) parts =
        g_ptr_array_new_with_free_func((GDestroyNotify) stox_mime_part_free);
    g_autofree char *mark = g_strconcat("--", type->boundary, NULL);
    Delimiter delimiter;
    size_t n;
    const char *data = data_of(body, &n);
    bool more = is_boundary(type->boundary) && find_delimiter(data, n, 0, mark, &delimiter);

    while (more && !delimiter.last) {
        size_t begin = delimiter.end;
        g_autoptr(GBytes) entity = NULL;
        StoxMimePart *part;

        more = find_delimiter(data, n, begin, mark, &delimiter);
        entity = g_bytes_new_from_bytes(body, begin, (more ? delimiter.begin : n) - begin);
        if (++reader->parts > MAX_PARTS) {
            reader->fault = STOX_MIME_LIMIT;
            return NULL;
        }
        part = read_entity(reader, entity);
        if (!part)
            return NULL;
        g_ptr_array_add(parts, part);
    }
    if (parts->len == 0) {
        reader->fault = STOX_MIME_MALFORMED;
        return NULL;
    }
    if (strcmp(type->type, "multipart/related") == 0)
        put_root_first(parts, type->start);
    return g_steal_pointer(&parts);
}

/* ---- One part ---- */

static bool has_token(const char *value, const char *token)
{
    size_t n = strcspn(value, " \t;(,");

    return n == strlen(token) && g_ascii_strncasecmp(value, token, n) == 0;
}

static void read_fields(StoxMimePart *part, const Headers *headers)
{
    const char *disposition = headers->values[DISPOSITION];
    const char *encoding = headers->values[ENCODING];
    const char *id = headers->values[ID];
    const char *lang = headers->values[LANGUAGE];

    part->attachment =
        disposition && !has_token(disposition, "inline") && !has_token(disposition, "render");
    part->encoded = encoding && !has_token(encoding, "identity");
    if (id && id[0] == '<' && g_str_has_suffix(id, ">"))
        part->id = g_strndup(id + 1, strlen(id) - 2);
    if (lang && lang[strcspn(lang, " \t,(")] != '\0')
        part->lang = g_strndup(lang, strcspn(lang, " \t,("));
    else if (lang && *lang)
        part->lang = g_strdup(lang);
}

/* Undoes the transfer encoding (RFC 2045 s6). False: it cannot be undone. */
static bool decode(Reader *reader, StoxMimePart *part, const char *encoding, GBytes *content)
{
    if (encoding && has_token(encoding, "base64")) {
        part->content = stox_mime_decode_base64(content);
    } else if (encoding && has_token(encoding, "quoted-printable")) {
        part->content = stox_mime_decode_quoted(content);
    } else {
        part->encoded =
            part->encoded || (encoding && !has_token(encoding, "7bit") &&
                              !has_token(encoding, "8bit") && !has_token(encoding, "binary"));
        part->content = g_bytes_ref(content);
    }
    if (!part->content)
        reader->fault = STOX_MIME_MALFORMED;
    return part->content != NULL;
}

/* RFC 2045 s6.4: a multipart has no encoding but the identity. */
static bool is_container(const StoxMimePart *part, const char *encoding)
{
    return g_str_has_prefix(part->type.type, "multipart/") && !part->encoded &&
           !(encoding &&
             (has_token(encoding, "base64") || has_token(encoding, "quoted-printable")));
}

static StoxMimePart *read_part(Reader *reader, const Headers *headers, const char *content_type,
                               GBytes *content)
{
    g_autoptr(StoxMimePart) part = g_new0(StoxMimePart, 1);
    const char *encoding = headers->values[TRANSFER_ENCODING];

    if (!content_type || !stox_mime_type_parse(content_type, &part->type)) {
        reader->fault = reader->depth ? STOX_MIME_MALFORMED : STOX_MIME_NO_TYPE;
        return NULL;
    }
    read_fields(part, headers);
    if (!is_container(part, encoding))
        return decode(reader, part, encoding, content) ? g_steal_pointer(&part) : NULL;
    if (reader->depth == MAX_DEPTH) {
        reader->fault = STOX_MIME_LIMIT;
        return NULL;
    }
    reader->depth++;
    part->parts = read_parts(reader, &part->type, content);
    reader->depth--;
    return part->parts ? g_steal_pointer(&part) : NULL;
}

StoxMimePart *stox_mime_read_with(const char *content_type, const char *transfer_encoding,
                                  const char *language, GBytes *content, StoxMimeFault *ret_fault)
{
    Reader reader = {.parts = 0};
    g_auto(Headers) headers = {{NULL}};
    StoxMimePart *part;

    headers.values[TRANSFER_ENCODING] = g_strdup(transfer_encoding);
    headers.values[LANGUAGE] = g_strdup(language);
    part = read_part(&reader, &headers, content_type, content);
    if (!part)
        *ret_fault = reader.fault;
    return part;
}

StoxMimePart *stox_mime_read(const char *content_type, GBytes *body, StoxMimeFault *ret_fault)
{
    return stox_mime_read_with(content_type, NULL, NULL, body, ret_fault);
}

void stox_mime_leaves(const StoxMimePart *part, GPtrArray *leaves)
{
    if (!part->parts && !part->encoded)
        g_ptr_array_add(leaves, (void *) part);
    for (unsigned i = 0; part->parts && i < part->parts->len; i++)
        stox_mime_leaves(part->parts->pdata[i], leaves);
}
