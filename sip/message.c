/* SPDX-License-Identifier: MIT */
#include "sip/message-private.h"

#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>

#include <string.h>

const StoxSipLimits stox_sip_limits = {
    .max_bytes = 1024 * 1024, .max_headers = 256, .max_line = 16 * 1024};

/* Seconds between 1900, where sofia-sip's times start, and 1970. */
#define EPOCH_1900 INT64_C(2208988800)

static const char *const method_names[] = {[STOX_SIP_UNKNOWN_METHOD] = "UNKNOWN",
                                           [STOX_SIP_INVITE] = "INVITE",
                                           [STOX_SIP_ACK] = "ACK",
                                           [STOX_SIP_BYE] = "BYE",
                                           [STOX_SIP_CANCEL] = "CANCEL",
                                           [STOX_SIP_OPTIONS] = "OPTIONS",
                                           [STOX_SIP_MESSAGE] = "MESSAGE",
                                           [STOX_SIP_SUBSCRIBE] = "SUBSCRIBE",
                                           [STOX_SIP_NOTIFY] = "NOTIFY",
                                           [STOX_SIP_BENOTIFY] = "BENOTIFY",
                                           [STOX_SIP_INFO] = "INFO",
                                           [STOX_SIP_UPDATE] = "UPDATE",
                                           [STOX_SIP_NEGOTIATE] = "NEGOTIATE",
                                           [STOX_SIP_SERVICE] = "SERVICE",
                                           [STOX_SIP_REGISTER] = "REGISTER",
                                           [STOX_SIP_PUBLISH] = "PUBLISH",
                                           [STOX_SIP_REFER] = "REFER",
                                           [STOX_SIP_PRACK] = "PRACK"};

const char *stox_sip_method_name(StoxSipMethod method)
{
    return (unsigned) method < G_N_ELEMENTS(method_names) ? method_names[method] : method_names[0];
}

/* Methods are case-sensitive (RFC 3261 s7.1). */
static StoxSipMethod method_of(const char *name)
{
    for (unsigned i = 1; i < G_N_ELEMENTS(method_names); i++) {
        if (strcmp(method_names[i], name) == 0)
            return (StoxSipMethod) i;
    }
    return STOX_SIP_UNKNOWN_METHOD;
}

/* ---- Helpers of the view ---- */

/* The view's own copy of a string; takes `text`, NULL stays NULL. */
static const char *keep(StoxSipMessage *message, char *text)
{
    if (text)
        g_ptr_array_add(message->owned, text);
    return text;
}

static const char *non_empty(const char *text)
{
    return text && text[0] ? text : NULL;
}

/* What people read must be UTF-8, whatever came. */
static const char *readable(StoxSipMessage *message, const char *text)
{
    if (!non_empty(text) || g_utf8_validate(text, -1, NULL))
        return non_empty(text);
    return keep(message, g_utf8_make_valid(text, -1));
}

/* The display name before the <...> of a header value: quotes and escapes undone (RFC 3261 s25.1). */
static const char *display_of(StoxSipMessage *message, const char *raw)
{
    GString *out;

    if (raw[0] != '"') {
        const char *open = strchr(raw, '<');
        char *name = open ? g_strchomp(g_strndup(raw, (size_t) (open - raw))) : NULL;

        return readable(message, keep(message, name));
    }
    out = g_string_sized_new(strlen(raw));
    for (const char *p = raw + 1; *p && *p != '"'; p++) {
        if (*p == '\\' && p[1])
            p++;
        g_string_append_c(out, *p);
    }
    return readable(message, keep(message, g_string_free(out, FALSE)));
}

/* All values of a list header in one list. */
static const char *joined(StoxSipMessage *message, const char *name)
{
    const char *first = stox_sip_lines_first(message, name);

    if (!first || stox_sip_lines_count(message, name) == 1)
        return first;
    return keep(message, g_strjoinv(", ", (char **) stox_sip_raw(message, name)));
}

static const char *uri_in(StoxSipMessage *message, const char *header)
{
    const char *value = stox_sip_lines_first(message, header);

    return value ? keep(message, stox_sip_value_uri(value)) : NULL;
}

static int64_t seconds(unsigned long value)
{
    return (int64_t) MIN(value, (unsigned long) G_MAXUINT32);
}

/* Value of a parameter written as a number; -1 when it is absent or none. */
static int64_t number(const char *text)
{
    char *end = NULL;
    uint64_t value;

    if (!text || !g_ascii_isdigit(text[0]))
        return -1;
    value = g_ascii_strtoull(text, &end, 10);
    return *end ? -1 : (int64_t) MIN(value, G_MAXUINT32);
}

/* Of the headers that Lync's servers and clients write, the one that says more than those which cross federation. */
static void view_diagnostics(StoxSipMessage *message)
{
    static const char *const names[] = {"ms-diagnostics", "ms-client-diagnostics",
                                        "ms-diagnostics-public"};
    StoxSipView *view = &message->view;

    for (unsigned i = 0; i < G_N_ELEMENTS(names) && !view->diagnostics; i++) {
        const char *value = stox_sip_lines_first(message, names[i]);
        unsigned id = 0;
        char *reason = NULL;

        if (!value)
            continue;
        stox_sip_read_diagnostics(value, &id, &reason);
        view->diagnostics = readable(message, keep(message, reason));
        if (!view->diagnostics_id)
            view->diagnostics_id = id;
    }
    view->warning =
        readable(message, keep(message, stox_sip_read_warnings(stox_sip_raw(message, "Warning"))));
}

/* ---- Filling the view ---- */

static void view_vias(StoxSipMessage *message, const sip_t *sip)
{
    StoxSipView *view = &message->view;

    for (const sip_via_t *via = sip->sip_via; via; via = via->v_next) {
        char *sent_by =
            g_strconcat(via->v_host, via->v_port ? ":" : "", via->v_port ? via->v_port : "", NULL);
        StoxSipVia entry = {.branch = non_empty(via->v_branch)};

        for (char *p = sent_by; *p; p++)
            *p = g_ascii_tolower(*p);
        entry.sent_by = keep(message, sent_by);
        g_array_append_val(message->vias, entry);
    }
    view->n_via = message->vias->len;
    if (view->n_via > 0) {
        view->branch = g_array_index(message->vias, StoxSipVia, 0).branch;
        view->sent_by = g_array_index(message->vias, StoxSipVia, 0).sent_by;
        view->rport = stox_sip_via_asks_rport(stox_sip_lines_first(message, "Via"));
    }
}

static void view_addresses(StoxSipMessage *message, const sip_t *sip)
{
    StoxSipView *view = &message->view;

    view->from_uri = sip->sip_from ? uri_in(message, "From") : NULL;
    view->to_uri = sip->sip_to ? uri_in(message, "To") : NULL;
    view->contact_uri = sip->sip_contact ? uri_in(message, "Contact") : NULL;
    if (sip->sip_from) {
        view->from_tag = non_empty(sip->sip_from->a_tag);
        view->from_display = display_of(message, stox_sip_lines_first(message, "From"));
    }
    if (sip->sip_to)
        view->to_tag = non_empty(sip->sip_to->a_tag);
    if (sip->sip_call_id)
        view->call_id = non_empty(stox_sip_lines_first(message, "Call-ID"));
}

static void view_times(StoxSipMessage *message, const sip_t *sip)
{
    StoxSipView *view = &message->view;

    view->max_forwards =
        sip->sip_max_forwards ? (int) MIN(sip->sip_max_forwards->mf_count, 255UL) : -1;
    /* The date form is none of SIP's (RFC 3261 s20.19). */
    view->expires_s =
        sip->sip_expires && !sip->sip_expires->ex_date ? seconds(sip->sip_expires->ex_delta) : -1;
    view->min_expires_s = sip->sip_min_expires ? seconds(sip->sip_min_expires->me_delta) : -1;
    view->retry_after_s = sip->sip_retry_after ? seconds(sip->sip_retry_after->af_delta) : -1;
    view->session_expires_s =
        sip->sip_session_expires ? seconds(sip->sip_session_expires->x_delta) : -1;
    view->min_se_s = sip->sip_min_se ? seconds(sip->sip_min_se->min_delta) : -1;
    if (sip->sip_session_expires && sip->sip_session_expires->x_refresher) {
        const char *refresher = sip->sip_session_expires->x_refresher;

        view->refresher = g_ascii_strcasecmp(refresher, "uac") == 0   ? "uac"
                          : g_ascii_strcasecmp(refresher, "uas") == 0 ? "uas"
                                                                      : NULL;
    }
    if (sip->sip_date && sip->sip_date->d_time > EPOCH_1900)
        view->date_wall_ms = ((int64_t) sip->sip_date->d_time - EPOCH_1900) * 1000;
}

static void view_events(StoxSipMessage *message, const sip_t *sip)
{
    StoxSipView *view = &message->view;
    const sip_subscription_state_t *state = sip->sip_subscription_state;

    view->sub_expires_s = view->sub_retry_after_s = -1;
    if (sip->sip_event) {
        view->event = non_empty(sip->sip_event->o_type);
        view->event_id = non_empty(sip->sip_event->o_id);
    }
    if (state && non_empty(state->ss_substate)) {
        view->sub_state = keep(message, g_ascii_strdown(state->ss_substate, -1));
        view->sub_reason =
            state->ss_reason ? keep(message, g_ascii_strdown(state->ss_reason, -1)) : NULL;
        view->sub_expires_s = number(state->ss_expires);
        view->sub_retry_after_s = number(state->ss_retry_after);
    }
}

static void view_texts(StoxSipMessage *message)
{
    StoxSipView *view = &message->view;

    view->subject = readable(message, stox_sip_lines_first(message, "Subject"));
    view->content_language = non_empty(stox_sip_lines_first(message, "Content-Language"));
    view->conversation_id = non_empty(stox_sip_lines_first(message, "Ms-Conversation-ID"));
    view->content_type = non_empty(stox_sip_lines_first(message, "Content-Type"));
    view->content_encoding = non_empty(joined(message, "Content-Encoding"));
    view->accept = joined(message, "Accept");
    view->supported = joined(message, "Supported");
    view->require = joined(message, "Require");
    if (!view->request)
        view_diagnostics(message);
}

/* ---- Start line and soundness ---- */

/* Those who log or answer a defective request need not look for NULL. */
static void fill_gaps(StoxSipView *view)
{
    const char **const strings[] = {&view->from_uri, &view->to_uri, &view->call_id, &view->sent_by};

    for (unsigned i = 0; i < G_N_ELEMENTS(strings); i++)
        *strings[i] = *strings[i] ? *strings[i] : "";
}

static bool parse_status_line(StoxSipMessage *message, char *line)
{
    StoxSipView *view = &message->view;

    if (g_ascii_strncasecmp(line, "SIP/2.0 ", 8) != 0)
        return false;
    line += 8;
    for (unsigned i = 0; i < 3; i++) {
        if (!g_ascii_isdigit(line[i]))
            return false;
        view->status = view->status * 10 + (unsigned) (line[i] - '0');
    }
    if (view->status < 100 || view->status > 699 || (line[3] && line[3] != ' '))
        return false;
    view->reason = readable(message, line[3] ? line + 4 : "");
    view->reason = view->reason ? view->reason : "";
    return true;
}

static bool parse_request_line(StoxSipMessage *message, char *line)
{
    StoxSipView *view = &message->view;
    char *uri = strchr(line, ' '), *version = strrchr(line, ' ');

    if (!uri || uri == line || uri == version || g_ascii_strncasecmp(version + 1, "SIP/", 4) != 0)
        return false;
    *uri++ = '\0';
    *version++ = '\0';
    view->request = true;
    view->method_name = line;
    view->request_uri = uri;
    if (g_ascii_strcasecmp(version, "SIP/2.0") != 0)
        stox_sip_message_defect(message, 505, "the version is not SIP/2.0");
    return true;
}

/* ---- Parsing ---- */

static StoxSipMessage *message_new(void)
{
    StoxSipMessage *message = g_new0(StoxSipMessage, 1);

    message->references = 1;
    message->owned = g_ptr_array_new_with_free_func(g_free);
    message->vias = g_array_new(FALSE, FALSE, sizeof(StoxSipVia));
    return message;
}

/* The view of a message whose lines are cut and whose header part sofia-sip has seen. */
static bool fill(StoxSipMessage *message, const char **ret_why)
{
    StoxSipView *view = &message->view;
    const sip_t *sip = message->msg ? sip_object(message->msg) : NULL;
    char *line = message->start_line;
    bool response = g_ascii_strncasecmp(line, "SIP/", 4) == 0;

    if (!sip ||
        !(response ? parse_status_line(message, line) : parse_request_line(message, line))) {
        *ret_why = "the start line is not SIP's";
        return false;
    }
    view_vias(message, sip);
    view_addresses(message, sip);
    view_times(message, sip);
    view_events(message, sip);
    view_texts(message);
    if (!response)
        view->method = method_of(view->method_name);
    stox_sip_message_check(message, sip);
    if (response && message->defect) {
        *ret_why = message->why;
        return false;
    }
    if (response)
        view->method = method_of(view->method_name);
    fill_gaps(view);
    return true;
}

/* How much of the `n` bytes behind the header part of a datagram is the body. A length that is none is found by the check. */
static size_t datagram_body(const StoxSipMessage *message, size_t n)
{
    int64_t announced = number(stox_sip_lines_first(message, "Content-Length"));

    return announced < 0 ? n : MIN(n, (size_t) announced);
}

/* How the end of a message is known. */
typedef enum {
    FRAMED,   /* the bytes are exactly one message */
    DATAGRAM, /* the body may be shorter than what is left of them */
    HEAD      /* a header part, or its beginning, that is only to be answered */
} Extent;

/* Length of the header part without its last line end, and where the body starts; false: the empty line is missing. */
static bool find_body(const char *bytes, size_t n, size_t *ret_head, const char **ret_body)
{
    const char *end = bytes + n, *line = bytes;

    while ((line = memchr(line, '\n', (size_t) (end - line)))) {
        const char *next = line + 1;

        next += next < end && *next == '\r';
        if (next < end && *next == '\n') {
            *ret_head = (size_t) (line - bytes);
            *ret_head -= line > bytes && line[-1] == '\r';
            *ret_body = next + 1;
            return true;
        }
        line++;
    }
    return false;
}

/* The parse of `bytes` as far as lines and body; false: nothing that could be answered. */
static bool split(StoxSipMessage *message, const char *bytes, size_t n, Extent extent)
{
    const char *body = bytes + n;
    size_t head, length;

    if (!find_body(bytes, n, &head, &body)) {
        const char *last = memrchr(bytes, '\n', n);

        if (extent != HEAD || !last)
            return false;
        head = (size_t) (last - bytes);
        head -= head > 0 && bytes[head - 1] == '\r';
        stox_sip_message_defect(message, 400, "the header part has no end");
    } else if (body - (bytes + head) != 4) {
        /* Two elements could see different ends of it. */
        stox_sip_message_defect(message, 400, "the header part does not end with two CRLFs");
    }
    if (!stox_sip_lines_scan(message, bytes, head))
        return false;
    length = (size_t) (bytes + n - body);
    if (extent == DATAGRAM)
        length = datagram_body(message, length);
    if (extent != HEAD && length > 0)
        message->view.body = g_bytes_new(body, length);
    return true;
}

static StoxSipMessage *parse(StoxSipMessage *empty, const char *bytes, size_t n, Extent extent,
                             const char **ret_why)
{
    g_autoptr(StoxSipMessage) message = empty;
    g_autoptr(GString) parsable = NULL;
    const char *why = NULL;

    if (n > stox_sip_limits.max_bytes) {
        *ret_why = "the message is too large";
        return NULL;
    }
    /* RFC 3261 s7.5: CRLFs before the start line do not count. */
    while (n >= 2 && bytes[0] == '\r' && bytes[1] == '\n') {
        bytes += 2;
        n -= 2;
    }
    if (!split(message, bytes, n, extent)) {
        *ret_why = "the header part has no end, or no start line";
        return NULL;
    }
    /* The body stays outside: the parser would copy it and take multiparts apart. */
    parsable = stox_sip_lines_for_parser(message);
    message->msg = msg_make(sip_default_mclass(), 0, parsable->str, (ssize_t) parsable->len);
    if (!fill(message, &why)) {
        *ret_why = why;
        return NULL;
    }
    return g_steal_pointer(&message);
}

StoxSipMessage *stox_sip_message_parse(const char *bytes, size_t n, const char **ret_why)
{
    return parse(message_new(), bytes, n, FRAMED, ret_why);
}

StoxSipMessage *stox_sip_message_parse_datagram(const char *bytes, size_t n, const char **ret_why)
{
    return parse(message_new(), bytes, n, DATAGRAM, ret_why);
}

StoxSipMessage *stox_sip_message_parse_head(const char *bytes, size_t n, unsigned status,
                                            const char *why)
{
    StoxSipMessage *message = message_new();
    const char *parse_why;

    stox_sip_message_defect(message, status, why);
    return parse(message, bytes, n, HEAD, &parse_why);
}

StoxSipMessage *stox_sip_message_ref(StoxSipMessage *message)
{
    message->references++;
    return message;
}

void stox_sip_message_unref(StoxSipMessage *message)
{
    if (!message || --message->references > 0)
        return;
    g_clear_pointer(&message->view.body, g_bytes_unref);
    g_ptr_array_unref(message->owned);
    g_array_unref(message->vias);
    stox_sip_lines_clear(message);
    g_free(message->source);
    if (message->msg)
        msg_destroy(message->msg);
    g_free(message);
}

const StoxSipView *stox_sip_view(const StoxSipMessage *message)
{
    return &message->view;
}

unsigned stox_sip_defect(const StoxSipMessage *message, const char **ret_why)
{
    if (message->defect && ret_why)
        *ret_why = message->why;
    return message->defect;
}

bool stox_sip_via(const StoxSipMessage *message, unsigned index, const char **ret_branch,
                  const char **ret_sent_by)
{
    if (index >= message->vias->len)
        return false;
    *ret_branch = g_array_index(message->vias, StoxSipVia, index).branch;
    *ret_sent_by = g_array_index(message->vias, StoxSipVia, index).sent_by;
    return true;
}
