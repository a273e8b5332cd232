/* SPDX-License-Identifier: MIT */
#include "translation/cpim.h"
#include "translation/cpim-private.h"

#include "translation/error.h"

#include <string.h>

enum { MAX_BYTES = 256 * 1024, MAX_HEADERS = 64, MAX_LINE = 4096, MAX_ROUTES = 16 };

#define NS_CORE "urn:ietf:params:cpim-headers:"
#define NS_IMDN "urn:ietf:params:imdn"

void stox_cpim_clear(StoxCpim *cpim)
{
    g_free(cpim->from);
    g_free(cpim->from_name);
    g_free(cpim->to);
    g_free(cpim->subject);
    g_free(cpim->subject_lang);
    g_free(cpim->date);
    g_free(cpim->message_id);
    g_free(cpim->original_to);
    g_clear_pointer(&cpim->record_route, g_ptr_array_unref);
    g_free(cpim->content_type);
    g_free(cpim->content_encoding);
    g_free(cpim->content_disposition);
    g_free(cpim->content_language);
    g_clear_pointer(&cpim->body, g_bytes_unref);
    memset(cpim, 0, sizeof *cpim);
}

bool stox_cpim_is(const char *content_type)
{
    size_t n;

    if (!content_type)
        return false;
    content_type += strspn(content_type, " \t");
    n = strcspn(content_type, "; \t");
    return n == strlen(STOX_CPIM_TYPE) && g_ascii_strncasecmp(content_type, STOX_CPIM_TYPE, n) == 0;
}

/* ---- Reading ---- */

typedef struct {
    const char *at, *end;
} Input;

typedef struct {
    StoxCpim *cpim;
    GHashTable *prefixes; /* prefix ("" the default one) -> namespace */
    GPtrArray *required;  /* char*: names as they stand */
    unsigned headers;
    unsigned status;     /* of the refusal; 0 none */
    unsigned diagnostic; /* where it says more than the status */
} Reader;

/* Header line of the wrapper, taken apart; strings borrowed from the line. */
typedef struct {
    char *name;
    char *params; /* behind the colon, from the first ";" on; "" none */
    char *value;
} Header;

/* One line without its end, as a string of its own; NULL at the end of the input, or refused. */
static char *next_line(Reader *reader, Input *input)
{
    const char *start = input->at, *lf;
    size_t n;

    if (start == input->end)
        return NULL;
    lf = memchr(start, '\n', (size_t) (input->end - start));
    n = (size_t) ((lf ? lf : input->end) - start);
    input->at = lf ? lf + 1 : input->end;
    if (lf && n && start[n - 1] == '\r')
        n--;
    if (n > MAX_LINE || ++reader->headers > MAX_HEADERS) {
        reader->status = 413;
        return NULL;
    }
    if (memchr(start, '\0', n) || memchr(start, '\r', n) ||
        !g_utf8_validate(start, (gssize) n, NULL)) {
        reader->status = 400;
        return NULL;
    }
    return g_strndup(start, n);
}

/* The end of the parameters: the first blank outside of quotes. */
static char *after_params(char *params)
{
    bool quoted = false;

    for (char *p = params; *p; p++) {
        if (*p == '"')
            quoted = !quoted;
        else if (*p == '\\' && quoted && p[1])
            p++;
        else if (*p == ' ' && !quoted)
            return p;
    }
    return params + strlen(params);
}

/* Header-name ":" *( ";" Parameter ) SP Header-value (RFC 3862 s2.2). */
static bool take_apart(char *line, Header *ret_header)
{
    char *colon = strchr(line, ':');
    char *rest;

    if (!colon || colon == line)
        return false;
    for (const char *p = line; p < colon; p++)
        if (!g_ascii_isgraph(*p))
            return false;
    *colon = '\0';
    rest = colon + 1;
    ret_header->name = line;
    ret_header->params = rest;
    if (*rest == ';')
        rest = after_params(rest);
    if (*rest == ' ')
        *rest++ = '\0';
    ret_header->value = rest;
    if (*ret_header->params != ';')
        ret_header->params = colon; /* "" */
    return true;
}

static bool set_once(Reader *reader, char **field, char *value)
{
    if (*field || !value) {
        g_free(value);
        reader->status = 400;
        return false;
    }
    *field = value;
    return true;
}

static char *unescaped(Reader *reader, const char *value)
{
    char *text = stox_cpim_unescape(value);

    if (!text)
        reader->status = 400;
    return text;
}

/* [ Formal-name ] "<" URI ">" */
static bool read_address(Reader *reader, const char *value, char **ret_name, char **ret_uri)
{
    if (stox_cpim_split_address(value, ret_name, ret_uri))
        return true;
    reader->status = 400;
    return false;
}

static void read_from(Reader *reader, const Header *header)
{
    g_autofree char *name = NULL, *uri = NULL;

    if (read_address(reader, header->value, &name, &uri) &&
        set_once(reader, &reader->cpim->from, g_steal_pointer(&uri)))
        reader->cpim->from_name = g_steal_pointer(&name);
}

static void read_to(Reader *reader, const Header *header)
{
    g_autofree char *name = NULL, *uri = NULL;

    if (read_address(reader, header->value, &name, &uri) && !reader->cpim->to)
        reader->cpim->to = g_steal_pointer(&uri);
}

/* `;lang=fr` (RFC 3862 s2.3.3, s4.5); only a tag that could be one. */
static char *language(const char *params)
{
    const char *at = strstr(params, ";lang=");
    size_t n;

    if (!at)
        return NULL;
    at += strlen(";lang=");
    n = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
    return n && n <= 35 && (at[n] == '\0' || at[n] == ';') ? g_strndup(at, n) : NULL;
}

/* Several stand for several languages; XMPP's counterpart here has room for one. */
static void read_subject(Reader *reader, const Header *header)
{
    StoxCpim *cpim = reader->cpim;
    g_autofree char *text = unescaped(reader, header->value);
    g_autofree char *lang = language(header->params);

    if (!text || !*text || (cpim->subject && (lang || !cpim->subject_lang)))
        return;
    g_free(cpim->subject);
    g_free(cpim->subject_lang);
    cpim->subject = g_steal_pointer(&text);
    cpim->subject_lang = g_steal_pointer(&lang);
}

static void read_date(Reader *reader, const Header *header)
{
    g_autofree char *text = g_strstrip(g_strdup(header->value));
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(text, utc);

    if (!date || g_date_time_get_year(date) < 1970) {
        reader->status = 400;
        return;
    }
    if (set_once(reader, &reader->cpim->date, g_steal_pointer(&text)))
        reader->cpim->date_wall_ms = g_date_time_to_unix(date) * 1000;
}

/* [ Name-prefix SP ] "<" URI ">" */
static void read_ns(Reader *reader, const Header *header)
{
    g_autofree char *prefix = NULL, *uri = NULL;

    if (!read_address(reader, header->value, &prefix, &uri))
        return;
    if (prefix && strpbrk(prefix, " .\t")) {
        reader->status = 400;
        return;
    }
    g_hash_table_replace(reader->prefixes, prefix ? g_steal_pointer(&prefix) : g_strdup(""),
                         g_steal_pointer(&uri));
}

static void read_require(Reader *reader, const Header *header)
{
    g_auto(GStrv) names = g_strsplit(header->value, ",", MAX_HEADERS);

    for (unsigned i = 0; names[i]; i++)
        if (*g_strstrip(names[i]))
            g_ptr_array_add(reader->required, g_strdup(names[i]));
}

static void read_message_id(Reader *reader, const Header *header)
{
    g_autofree char *text = unescaped(reader, header->value);

    if (text && *g_strstrip(text))
        set_once(reader, &reader->cpim->message_id, g_steal_pointer(&text));
    else
        reader->status = 400;
}

static void read_original_to(Reader *reader, const Header *header)
{
    g_autofree char *name = NULL, *uri = NULL;

    if (read_address(reader, header->value, &name, &uri))
        set_once(reader, &reader->cpim->original_to, g_steal_pointer(&uri));
}

static void read_record_route(Reader *reader, const Header *header)
{
    g_autofree char *name = NULL, *uri = NULL;
    StoxCpim *cpim = reader->cpim;

    if (!read_address(reader, header->value, &name, &uri))
        return;
    if (!cpim->record_route)
        cpim->record_route = g_ptr_array_new_with_free_func(g_free);
    if (cpim->record_route->len == MAX_ROUTES)
        reader->status = 413;
    else
        g_ptr_array_add(cpim->record_route, g_steal_pointer(&uri));
}

/* Unknown values are no request of ours to fulfil. */
static void read_dispositions(Reader *reader, const Header *header)
{
    g_auto(GStrv) words = g_strsplit(header->value, ",", MAX_HEADERS);

    for (unsigned i = 0; words[i]; i++) {
        words[i][strcspn(words[i], ";")] = '\0';
        reader->cpim->dispositions |= stox_cpim_disposition(g_strstrip(words[i]));
    }
}

static void ignore(Reader *reader, const Header *header)
{
}

static const struct {
    const char *ns, *name;
    void (*read)(Reader *reader, const Header *header);
} known[] = {
    {NS_CORE, "From", read_from},
    {NS_CORE, "To", read_to},
    {NS_CORE, "cc", ignore},
    {NS_CORE, "DateTime", read_date},
    {NS_CORE, "Subject", read_subject},
    {NS_CORE, "NS", read_ns},
    {NS_CORE, "Require", read_require},
    {NS_IMDN, "Message-ID", read_message_id},
    {NS_IMDN, "Disposition-Notification", read_dispositions},
    {NS_IMDN, "Original-To", read_original_to},
    {NS_IMDN, "IMDN-Record-Route", read_record_route},
    {NS_IMDN, "IMDN-Route", ignore},
};

/* Index of the header that is meant by "prefix.Name" or "Name" at this place; -1: none that we know. */
static int find_header(const Reader *reader, const char *name)
{
    const char *dot = strchr(name, '.');
    g_autofree char *prefix = dot ? g_strndup(name, (size_t) (dot - name)) : g_strdup("");
    const char *ns = g_hash_table_lookup(reader->prefixes, prefix);

    if (!dot && (strcmp(name, "NS") == 0 || strcmp(name, "Require") == 0))
        ns = NS_CORE; /* they stand above what they declare */
    for (unsigned i = 0; ns && i < G_N_ELEMENTS(known); i++)
        if (strcmp(known[i].ns, ns) == 0 && strcmp(known[i].name, dot ? dot + 1 : name) == 0)
            return (int) i;
    return -1;
}

static void read_headers(Reader *reader, Input *input)
{
    while (!reader->status) {
        g_autofree char *line = next_line(reader, input);
        Header header;
        int i;

        if (!line) {
            if (!reader->status)
                reader->status = 400; /* no inner part */
            return;
        }
        if (!*line)
            return;
        if (!take_apart(line, &header)) {
            reader->status = 400;
            return;
        }
        i = find_header(reader, header.name);
        if (i >= 0)
            known[i].read(reader, &header);
    }
}

/* Headers of the inner part are those of MIME: any case, may be folded (RFC 3862 s2.1, RFC 2045). */
static char *next_mime_line(Reader *reader, Input *input)
{
    g_autofree char *line = next_line(reader, input);

    while (line && *line && input->at < input->end && (*input->at == ' ' || *input->at == '\t')) {
        g_autofree char *more = next_line(reader, input);
        g_autofree char *joined = more ? g_strconcat(line, more, NULL) : NULL;

        if (!joined)
            return NULL;
        g_free(line);
        line = g_steal_pointer(&joined);
    }
    return g_steal_pointer(&line);
}

static void read_mime_header(Reader *reader, char *line)
{
    StoxCpim *cpim = reader->cpim;
    const struct {
        const char *name;
        char **field;
    } fields[] = {{"Content-Type", &cpim->content_type},
                  {"Content-Transfer-Encoding", &cpim->content_encoding},
                  {"Content-Disposition", &cpim->content_disposition},
                  {"Content-Language", &cpim->content_language}};
    char *colon = strchr(line, ':');

    if (!colon || colon == line) {
        reader->status = 400;
        return;
    }
    *colon = '\0';
    g_strchomp(line);
    for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++)
        if (g_ascii_strcasecmp(fields[i].name, line) == 0)
            set_once(reader, fields[i].field, g_strstrip(g_strdup(colon + 1)));
}

static void read_part(Reader *reader, Input *input)
{
    StoxCpim *cpim = reader->cpim;

    reader->headers = 0;
    while (!reader->status) {
        g_autofree char *line = next_mime_line(reader, input);

        if (!line || !*line)
            break;
        read_mime_header(reader, line);
    }
    if (reader->status)
        return;
    if (!cpim->content_type || !*cpim->content_type) {
        reader->status = 415; /* M-101 */
        return;
    }
    cpim->body = g_bytes_new(input->at, (size_t) (input->end - input->at));
}

/* M-31: what is required must be understood. */
static void check_required(Reader *reader)
{
    for (unsigned i = 0; !reader->status && i < reader->required->len; i++)
        if (find_header(reader, reader->required->pdata[i]) < 0) {
            reader->status = 415;
            reader->diagnostic = STOX_DIAG_CPIM_REQUIRE;
        }
}

static void fail(StoxSipResult *ret_failure, const Reader *reader)
{
    unsigned diagnostic = reader->status == 415   ? STOX_DIAG_CONTENT_UNSUPPORTED
                          : reader->status == 413 ? STOX_DIAG_CONTENT_LIMIT
                                                  : STOX_DIAG_CONTENT_BROKEN;

    stox_sip_result_init(ret_failure, reader->status,
                         reader->diagnostic ? reader->diagnostic : diagnostic);
    ret_failure->accept = reader->status == 415;
}

bool stox_cpim_read(GBytes *bytes, StoxCpim *ret_cpim, StoxSipResult *ret_failure)
{
    g_auto(StoxCpim) cpim = {0};
    Reader reader = {.cpim = &cpim};
    Input input = {0};
    size_t n = 0;

    if (bytes)
        input.at = g_bytes_get_data(bytes, &n);
    input.end = input.at + n;
    if (n > MAX_BYTES) {
        stox_sip_result_init(ret_failure, 413, STOX_DIAG_TOO_LARGE);
        ret_failure->bytes = MAX_BYTES;
        return false;
    }
    reader.prefixes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    reader.required = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_insert(reader.prefixes, g_strdup(""), g_strdup(NS_CORE));
    read_headers(&reader, &input);
    check_required(&reader);
    if (!reader.status)
        read_part(&reader, &input);
    g_hash_table_unref(reader.prefixes);
    g_ptr_array_unref(reader.required);
    if (reader.status) {
        fail(ret_failure, &reader);
        return false;
    }
    *ret_cpim = cpim;
    memset(&cpim, 0, sizeof cpim);
    return true;
}
