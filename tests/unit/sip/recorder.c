/* SPDX-License-Identifier: MIT */
#include "tests/unit/sip/recorder.h"

#include <string.h>

const StoxSipHop lync_hop = {.name = (char *) "pool01",
                             .lync = true,
                             .transport = STOX_TRANSPORT_TLS,
                             .sent_by = (char *) "xgw.contoso.example:5061",
                             .contact = (char *) "xgw.contoso.example:5061;transport=tls",
                             .user_agent = (char *) "stoxd/test"};
const StoxSipHop simple_hop = {.name = (char *) "proxy",
                               .transport = STOX_TRANSPORT_TLS,
                               .sent_by = (char *) "xgw.contoso.example:5061",
                               .contact = (char *) "xgw.contoso.example:5061;transport=tls",
                               .user_agent = (char *) "stoxd/test"};

void record_free(Record *record)
{
    if (!record)
        return;
    g_clear_pointer(&record->message, stox_sip_message_unref);
    stox_event_free(record->event);
    g_free(record->target);
    g_free(record);
}

Recorder *recorder_new(void)
{
    Recorder *recorder = g_new0(Recorder, 1);

    recorder->records = g_ptr_array_new();
    recorder->transactions = 1000;
    recorder->names = 1;
    return recorder;
}

void recorder_free(Recorder *recorder)
{
    if (!recorder)
        return;
    for (unsigned i = 0; i < recorder->records->len; i++)
        record_free(recorder->records->pdata[i]);
    g_ptr_array_unref(recorder->records);
    g_free(recorder);
}

static Record *add(Recorder *recorder, RecordKind kind)
{
    Record *record = g_new0(Record, 1);

    record->kind = kind;
    g_ptr_array_add(recorder->records, record);
    return record;
}

/* ---- What a machine asks ---- */

/* What cannot be read back must not be sent. */
static StoxSipMessage *read_back(const Recorder *recorder, StoxSipBuilder *builder, const char *via)
{
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, via);
    const char *why = NULL;
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);
    StoxSipMessage *message = stox_sip_message_parse(data, n, &why);

    if (!message || (stox_sip_defect(message, &why) && !recorder->lenient))
        g_error("%s:\n%.*s", why, (int) n, data);
    stox_sip_builder_free(builder);
    return message;
}

static const char via[] = "SIP/2.0/TLS xgw.contoso.example:5061;branch=z9hG4bKtest";

static uint64_t on_request(void *user, StoxSipBuilder *request, const StoxSipTarget *target,
                           StoxOwner owner)
{
    Recorder *recorder = user;
    Record *record = add(recorder, RECORD_REQUEST);

    record->message = read_back(recorder, request, via);
    record->target = g_strdup(target->uri);
    record->flow = target->flow;
    record->owner = owner;
    record->id = ++recorder->transactions;
    return record->id;
}

static void on_cancel(void *user, uint64_t transaction)
{
    add(user, RECORD_CANCEL)->id = transaction;
}

static void on_ack(void *user, StoxSipBuilder *ack, const StoxSipTarget *target)
{
    Record *record = add(user, RECORD_ACK);

    record->message = read_back(user, ack, via);
    record->target = g_strdup(target->uri);
    record->flow = target->flow;
}

static void on_respond(void *user, uint64_t request, StoxSipBuilder *response)
{
    Record *record = add(user, RECORD_RESPONSE);

    g_assert_cmpuint(request, !=, 0);
    record->id = request;
    record->message = read_back(user, response, NULL);
    /* lync.md 4.9-always: a refusal without diagnostics becomes 1034 on its way. */
    if (stox_sip_view(record->message)->status >= 300)
        g_assert_cmpuint(stox_sip_view(record->message)->diagnostics_id, !=, 0);
}

static void on_event(void *user, StoxEvent *event)
{
    add(user, RECORD_EVENT)->event = event;
}

static uint64_t on_name(void *user)
{
    Recorder *recorder = user;

    recorder->names += 2;
    return recorder->names;
}

static char *on_token(void *user)
{
    Recorder *recorder = user;

    return g_strdup_printf("token%08u", (unsigned) ++recorder->tokens);
}

const StoxSipOps recorder_ops = {.request = on_request,
                                 .cancel = on_cancel,
                                 .ack = on_ack,
                                 .respond = on_respond,
                                 .event = on_event,
                                 .name = on_name,
                                 .token = on_token};

/* ---- What a test takes ---- */

static void show(const Record *record)
{
    if (record->event)
        g_test_message("event %d", record->event->kind);
    else if (record->message && stox_sip_view(record->message)->request)
        g_test_message("request %s", stox_sip_view(record->message)->method_name);
    else if (record->message)
        g_test_message("response %u", stox_sip_view(record->message)->status);
}

Record *recorder_take(Recorder *recorder, RecordKind kind)
{
    Record *record;

    g_assert_cmpuint(recorder->records->len, >, 0);
    record = g_ptr_array_steal_index(recorder->records, 0);
    if (record->kind != kind)
        show(record);
    g_assert_cmpint(record->kind, ==, kind);
    return record;
}

Record *recorder_take_request(Recorder *recorder, StoxSipMethod method)
{
    Record *record = recorder_take(recorder, RECORD_REQUEST);

    g_assert_cmpstr(stox_sip_view(record->message)->method_name, ==, stox_sip_method_name(method));
    return record;
}

Record *recorder_take_response(Recorder *recorder, unsigned status)
{
    Record *record = recorder_take(recorder, RECORD_RESPONSE);

    g_assert_cmpuint(stox_sip_view(record->message)->status, ==, status);
    return record;
}

StoxEvent *recorder_take_event(Recorder *recorder, StoxEventKind kind)
{
    g_autoptr(Record) record = recorder_take(recorder, RECORD_EVENT);

    g_assert_cmpint(record->event->kind, ==, kind);
    return g_steal_pointer(&record->event);
}

void recorder_none(Recorder *recorder)
{
    for (unsigned i = 0; i < recorder->records->len; i++)
        show(recorder->records->pdata[i]);
    g_assert_cmpuint(recorder->records->len, ==, 0);
}

const char *header(const StoxSipMessage *message, const char *name)
{
    return stox_sip_raw(message, name)[0];
}

char *body_text(const StoxSipMessage *message)
{
    GBytes *body = stox_sip_view(message)->body;

    return body ? g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body)) : g_strdup("");
}

/* ---- What a peer sends ---- */

StoxSipMessage *message_new(const char *head, const char *body)
{
    GString *text = g_string_new(NULL);
    const char *why = NULL;
    StoxSipMessage *message;

    for (; *head; head++) {
        if (*head == '\n')
            g_string_append_c(text, '\r');
        g_string_append_c(text, *head);
    }
    g_string_append_printf(text, "Content-Length: %zu\r\n\r\n%s", body ? strlen(body) : 0,
                           body ? body : "");
    message = stox_sip_message_parse(text->str, text->len, &why);
    if (!message || stox_sip_defect(message, &why))
        g_error("%s:\n%s", why, text->str);
    g_string_free(text, TRUE);
    return message;
}

StoxSipMessage *response_new(const Record *request, unsigned status, const char *to_tag,
                             const char *extra, const char *body)
{
    const StoxSipMessage *message = request->message;
    bool add_tag = to_tag && !stox_sip_view(message)->to_tag;
    g_autofree char *head = g_strdup_printf(
        "SIP/2.0 %u Whatever\nVia: %s\nFrom: %s\nTo: %s%s%s\nCall-ID: %s\nCSeq: %s\n%s", status,
        header(message, "Via"), header(message, "From"), header(message, "To"),
        add_tag ? ";tag=" : "", add_tag ? to_tag : "", header(message, "Call-ID"),
        header(message, "CSeq"), extra ? extra : "");

    return message_new(head, body);
}

StoxSipMessage *request_new(const char *method, const char *call_id, const char *to_tag,
                            unsigned cseq, const char *extra, const char *body)
{
    g_autofree char *head =
        g_strdup_printf("%s sip:bob@partner.example SIP/2.0\n"
                        "Record-Route: " LYNC_ROUTE ";tag=00FF\n"
                        "Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bK%s%s%u\n"
                        "Max-Forwards: 69\n"
                        "From: \"Alice\"<sip:alice@contoso.example>;tag=theirs;epid=5e20cc91f7\n"
                        "To: <sip:bob@partner.example>%s%s\n"
                        "Call-ID: %s\n"
                        "CSeq: %u %s\n"
                        "Contact: <" LYNC_CONTACT ">\n"
                        "%s",
                        method, call_id, method, cseq, to_tag ? ";tag=" : "", to_tag ? to_tag : "",
                        call_id, cseq, method, extra ? extra : "");

    return message_new(head, body);
}
