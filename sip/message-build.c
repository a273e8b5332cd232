/* SPDX-License-Identifier: MIT */
#include "sip/message-private.h"
#include "translation/error.h"

#include <stdarg.h>
#include <string.h>

struct StoxSipBuilder {
    char *method;        /* of a response: that of its request */
    StoxSipMethod asked; /* response: the same */
    unsigned status;     /* 0: a request */
    char *to_tag;        /* response: the tag of its To; NULL none */
    GString *start;      /* without line end */
    GString *headers;    /* whole lines */
    char *content_type;
    GBytes *body;
};

static StoxSipBuilder *builder_new(const char *method)
{
    StoxSipBuilder *builder = g_new0(StoxSipBuilder, 1);

    builder->method = g_strdup(method);
    builder->start = g_string_sized_new(64);
    builder->headers = g_string_sized_new(512);
    return builder;
}

void stox_sip_builder_free(StoxSipBuilder *builder)
{
    if (!builder)
        return;
    g_free(builder->method);
    g_free(builder->to_tag);
    g_string_free(builder->start, TRUE);
    g_string_free(builder->headers, TRUE);
    g_free(builder->content_type);
    if (builder->body)
        g_bytes_unref(builder->body);
    g_free(builder);
}

/* Appends text that must not end the line: no value may bring headers of its own. */
static void append_safe(GString *out, const char *text)
{
    size_t start = out->len;

    g_string_append(out, text);
    for (size_t i = start; i < out->len; i++) {
        if (out->str[i] == '\r' || out->str[i] == '\n')
            out->str[i] = ' ';
    }
}

StoxSipBuilder *stox_sip_builder_request(const char *method, const char *request_uri)
{
    StoxSipBuilder *builder = builder_new(method);

    append_safe(builder->start, method);
    g_string_append_c(builder->start, ' ');
    append_safe(builder->start, request_uri);
    g_string_append(builder->start, " SIP/2.0");
    return builder;
}

static void add_raw(StoxSipBuilder *builder, const StoxSipMessage *request, const char *name)
{
    char *const *values = stox_sip_raw(request, name);

    for (unsigned i = 0; values[i]; i++)
        stox_sip_builder_add(builder, name, values[i]);
}

/* All Vias as they came; over UDP the one on top says where from (RFC 3261 s18.2.1, RFC 3581 s4). */
static void add_vias(StoxSipBuilder *builder, const StoxSipMessage *request)
{
    char *const *values = stox_sip_raw(request, "Via");

    for (unsigned i = 0; values[i]; i++) {
        g_autofree char *top =
            i == 0 && request->source ? stox_sip_message_answer_via(request, values[i]) : NULL;

        stox_sip_builder_add(builder, "Via", top ? top : values[i]);
    }
}

StoxSipBuilder *stox_sip_builder_response(const StoxSipMessage *request, unsigned status,
                                          const char *reason, const char *to_tag)
{
    const StoxSipView *view = stox_sip_view(request);
    StoxSipBuilder *builder = builder_new(view->method_name);
    const char *to = stox_sip_raw(request, "To")[0];

    builder->status = status;
    builder->asked = view->method;
    g_string_printf(builder->start, "SIP/2.0 %u ", status);
    append_safe(builder->start, reason ? reason : stox_sip_reason(status));
    add_vias(builder, request);
    if (status > 100 && status < 300)
        add_raw(builder, request, "Record-Route");
    add_raw(builder, request, "From");
    if (to && !view->to_tag && to_tag && status > 100) {
        stox_sip_builder_addf(builder, "To", "%s;tag=%s", to, to_tag);
        builder->to_tag = g_strdup(to_tag);
    } else {
        stox_sip_builder_add(builder, "To", to);
        builder->to_tag = g_strdup(view->to_tag);
    }
    add_raw(builder, request, "Call-ID");
    add_raw(builder, request, "CSeq");
    return builder;
}

void stox_sip_builder_add(StoxSipBuilder *builder, const char *name, const char *value)
{
    if (!value)
        return;
    g_string_append(builder->headers, name);
    g_string_append(builder->headers, ": ");
    append_safe(builder->headers, value);
    g_string_append(builder->headers, "\r\n");
}

void stox_sip_builder_addf(StoxSipBuilder *builder, const char *name, const char *format, ...)
{
    g_autofree char *value = NULL;
    va_list args;

    va_start(args, format);
    value = g_strdup_vprintf(format, args);
    va_end(args);
    stox_sip_builder_add(builder, name, value);
}

/* A quoted-string (RFC 3261 s25.1). */
static void append_quoted(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *p = text; *p; p++) {
        bool control = (unsigned char) *p < ' ' || *p == 0x7f;

        if (*p == '"' || *p == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, control ? ' ' : *p);
    }
    g_string_append_c(out, '"');
}

char *stox_sip_name_addr(const char *display, const char *uri)
{
    GString *out = g_string_new(NULL);

    if (display && display[0]) {
        append_quoted(out, display);
        g_string_append_c(out, ' ');
    }
    g_string_append_printf(out, "<%s>", uri);
    return g_string_free(out, FALSE);
}

void stox_sip_builder_body(StoxSipBuilder *builder, const char *content_type, GBytes *body)
{
    if (body)
        g_bytes_ref(body);
    if (builder->body)
        g_bytes_unref(builder->body);
    builder->body = body;
    g_free(builder->content_type);
    builder->content_type = body ? g_strdup(content_type) : NULL;
}

const char *stox_sip_accept(StoxSipMethod method)
{
    switch (method) {
    case STOX_SIP_MESSAGE: /* M-30 */
        return STOX_SIP_ACCEPT_MESSAGE;
    case STOX_SIP_INVITE:
    case STOX_SIP_UPDATE:
        return "application/sdp";
    case STOX_SIP_INFO:
        return "application/xml";
    case STOX_SIP_SUBSCRIBE: /* what we can write */
        return "application/msrtc-event-categories+xml, application/pidf+xml";
    case STOX_SIP_NOTIFY: /* what we can read */
        return "application/pidf+xml, application/msrtc-event-categories+xml, "
               "text/xml+msrtc.pidf, application/xpidf+xml, application/rlmi+xml, "
               "multipart/related";
    default:
        return STOX_SIP_ACCEPT;
    }
}

/* With the limit that was passed, where it is known (lync.md 4.9). Caller frees. */
static char *diagnostic_reason(const StoxSipResult *result)
{
    const char *text = stox_diagnostic_text(result->diagnostic);

    if (!result->bytes)
        return g_strdup(text);
    return g_strdup_printf("%s The limit is %" G_GSIZE_FORMAT " bytes.", text, result->bytes);
}

void stox_sip_builder_result(StoxSipBuilder *builder, const StoxSipResult *result, const char *fqdn)
{
    if (result->diagnostic) {
        GString *value = g_string_new(NULL);
        g_autofree char *reason = diagnostic_reason(result);

        g_string_printf(value, "%u;reason=", result->diagnostic);
        append_quoted(value, reason);
        stox_sip_builder_add(builder, "ms-diagnostics-public", value->str);
        g_string_free(value, TRUE);
    }
    if (result->retry_after_s)
        stox_sip_builder_addf(builder, "Retry-After", "%u", result->retry_after_s);
    if (result->warn_code) {
        /* 380 is "SIPS Not Allowed" (RFC 5630 s5.1.2, A-40). */
        const char *text = result->warn_code == 380 ? "SIPS Not Allowed"
                           : result->diagnostic     ? stox_diagnostic_text(result->diagnostic)
                                                    : "Miscellaneous warning";
        GString *value = g_string_new(NULL);

        g_string_printf(value, "%u %s ", result->warn_code, fqdn);
        append_quoted(value, text);
        stox_sip_builder_add(builder, "Warning", value->str);
        g_string_free(value, TRUE);
    }
    /* It may stem from a stanza: nothing in it may end the URI. */
    if (result->contact && result->contact[strcspn(result->contact, "<>\" \t\r\n")] == '\0')
        stox_sip_builder_addf(builder, "Contact", "<%s>", result->contact);
    if (result->accept)
        stox_sip_builder_add(builder, "Accept", stox_sip_accept(builder->asked));
    /* RFC 3261 s21.4.6: obligatory, and the error table gives 405 too. RFC 4475 s3.1.1.2 asks for it in 501. */
    if (result->status == 405 || result->status == 501)
        stox_sip_builder_add(builder, "Allow", STOX_SIP_ALLOW);
}

const char *stox_sip_builder_method(const StoxSipBuilder *builder)
{
    return builder->method;
}

unsigned stox_sip_builder_status(const StoxSipBuilder *builder)
{
    return builder->status;
}

const char *stox_sip_builder_to_tag(const StoxSipBuilder *builder)
{
    return builder->to_tag;
}

/* FNV-1a, 32 bits. */
static uint32_t hash_text(uint32_t hash, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char) text[i]) * 16777619u;
    return hash;
}

uint32_t stox_sip_builder_route_hash(const StoxSipBuilder *builder)
{
    const char *uri = strchr(builder->start->str, ' ') + 1;
    uint32_t hash = hash_text(2166136261u, uri, strcspn(uri, " "));

    for (const char *line = builder->headers->str, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        if (strncmp(line, "Route:", 6) == 0)
            hash = hash_text(hash, line, (size_t) (end - line));
    }
    return hash;
}

/* The next written line named `name` at or behind *position; NULL when there is none. Caller frees the value. */
static char *next_header(const StoxSipBuilder *builder, const char *name, size_t *position)
{
    size_t n = strlen(name);

    while (*position < builder->headers->len) {
        const char *line = builder->headers->str + *position, *end = strstr(line, "\r\n");

        *position += (size_t) (end - line) + 2;
        if (strncmp(line, name, n) == 0 && line[n] == ':')
            return g_strndup(line + n + 2, (size_t) (end - line) - n - 2);
    }
    return NULL;
}

StoxSipBuilder *stox_sip_builder_derive(const StoxSipBuilder *invite, const char *method,
                                        const StoxSipMessage *response)
{
    static const char *const copied[] = {"Route",   "From",         "To",
                                         "Call-ID", "Max-Forwards", "User-Agent"};
    const char *uri = strchr(invite->start->str, ' ') + 1;
    g_autofree char *request_uri = g_strndup(uri, strcspn(uri, " "));
    StoxSipBuilder *builder = stox_sip_builder_request(method, request_uri);
    g_autofree char *cseq = NULL;
    size_t position = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(copied); i++) {
        const char *to = response ? stox_sip_raw(response, "To")[0] : NULL;
        char *value;

        if (to && strcmp(copied[i], "To") == 0) {
            stox_sip_builder_add(builder, "To", to);
            continue;
        }
        position = 0;
        while ((value = next_header(invite, copied[i], &position))) {
            stox_sip_builder_add(builder, copied[i], value);
            g_free(value);
        }
    }
    position = 0;
    cseq = next_header(invite, "CSeq", &position);
    stox_sip_builder_addf(builder, "CSeq", "%.*s %s", (int) strcspn(cseq ? cseq : "", " "),
                          cseq ? cseq : "", method);
    return builder;
}

GBytes *stox_sip_builder_finish(const StoxSipBuilder *builder, const char *via)
{
    size_t body = builder->body ? g_bytes_get_size(builder->body) : 0;
    GString *out = g_string_sized_new(builder->start->len + builder->headers->len + body + 256);

    g_string_append_len(out, builder->start->str, (ssize_t) builder->start->len);
    g_string_append(out, "\r\n");
    if (via) {
        g_string_append(out, "Via: ");
        append_safe(out, via);
        g_string_append(out, "\r\n");
    }
    g_string_append_len(out, builder->headers->str, (ssize_t) builder->headers->len);
    if (builder->content_type) {
        g_string_append(out, "Content-Type: ");
        append_safe(out, builder->content_type);
        g_string_append(out, "\r\n");
    }
    g_string_append_printf(out, "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n", body);
    if (body > 0)
        g_string_append_len(out, g_bytes_get_data(builder->body, NULL), (ssize_t) body);
    return g_string_free_to_bytes(out);
}
