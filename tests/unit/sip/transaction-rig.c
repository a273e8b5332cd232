/* SPDX-License-Identifier: MIT */
#include "tests/unit/sip/transaction-rig.h"

#include <string.h>

#define SENT_BY (char *) "xgw.contoso.example:5060"

const StoxSipHop rig_hop = {.name = (char *) "fe",
                            .lync = true,
                            .transport = STOX_TRANSPORT_TLS,
                            .sent_by = (char *) "xgw.contoso.example:5061",
                            .contact = (char *) "xgw.contoso.example:5061;transport=tls",
                            .user_agent = (char *) "stoxd/0"};
const StoxSipHop rig_other = {
    .name = (char *) "other", .transport = STOX_TRANSPORT_TCP, .sent_by = SENT_BY};
const StoxSipHop rig_udp = {
    .name = (char *) "udp", .transport = STOX_TRANSPORT_UDP, .sent_by = SENT_BY};
const StoxSipHop rig_pool = {.name = (char *) "pool",
                             .transport = STOX_TRANSPORT_TCP,
                             .alternatives = true,
                             .sent_by = SENT_BY};
const StoxSipHop rig_udp_pool = {.name = (char *) "udp-pool",
                                 .transport = STOX_TRANSPORT_UDP,
                                 .alternatives = true,
                                 .sent_by = SENT_BY};

static void keep(GBytes **place, GBytes *bytes)
{
    g_clear_pointer(place, g_bytes_unref);
    *place = g_bytes_ref(bytes);
}

static void on_send_request(void *user, uint64_t transaction, GBytes *bytes,
                            const StoxSipTarget *target)
{
    Rig *rig = user;
    const char *text = g_bytes_get_data(bytes, NULL);

    keep(&rig->request, bytes);
    g_ptr_array_add(rig->requests, g_bytes_ref(bytes));
    g_free(rig->uri);
    rig->uri = g_strdup(target->uri);
    rig->flow = target->flow;
    rig->stream = target->stream;
    g_string_append_printf(rig->log, "%.*s#%u ", (int) strcspn(text, " "), text,
                           (unsigned) transaction);
}

static void on_send_response(void *user, uint64_t flow, const StoxSipHop *to, GBytes *bytes,
                             const StoxSipMessage *request)
{
    Rig *rig = user;

    g_assert_nonnull(request);
    g_assert_nonnull(to);
    keep(&rig->response, bytes);
    rig->flow = flow;
    g_string_append_printf(rig->log, "%.3s ", (const char *) g_bytes_get_data(bytes, NULL) + 8);
}

static void on_response(void *user, StoxOwner owner, uint64_t transaction, StoxSipMessage *response,
                        StoxSipFate fate, uint64_t flow)
{
    Rig *rig = user;

    g_assert_cmpint(owner.kind, ==, STOX_OWNER_SESSION);
    g_assert_cmpuint(owner.id, ==, 5);
    if (response)
        g_string_append_printf(rig->log, "got-%u#%u ", stox_sip_view(response)->status,
                               (unsigned) transaction);
    else
        g_string_append_printf(rig->log, "fate-%u#%u ", fate, (unsigned) transaction);
}

static bool on_another_hop(void *user, uint64_t transaction, const StoxSipTarget *target,
                           int64_t retry_after_s)
{
    Rig *rig = user;
    bool yes = rig->hops > 0;

    g_assert_true(target->hop->alternatives);
    g_assert_null(target->uri);
    rig->hops -= yes;
    rig->retry_after_s = retry_after_s;
    g_string_append_printf(rig->log, "%s#%u ", yes ? "other" : "none", (unsigned) transaction);
    return yes;
}

static void on_cancelled(void *user, uint64_t request)
{
    g_string_append_printf(((Rig *) user)->log, "cancelled#%u ", (unsigned) request);
}

static void on_no_ack(void *user, uint64_t request, bool accepted)
{
    g_string_append_printf(((Rig *) user)->log, "no-ack-%s#%u ", accepted ? "2xx" : "other",
                           (unsigned) request);
}

static char *on_token(void *user)
{
    return g_strdup_printf("token%u", ++((Rig *) user)->tokens);
}

void rig_up(Rig *rig, gconstpointer data)
{
    static const StoxTransactionsOps ops = {
        .send_request = on_send_request,
        .send_response = on_send_response,
        .response = on_response,
        .another_hop = on_another_hop,
        .cancelled = on_cancelled,
        .no_ack = on_no_ack,
        .token = on_token,
    };
    const StoxTransactionsConfig config = {
        .max_server = 3, .max_answered = 4, .fqdn = "xgw.contoso.example"};

    rig->log = g_string_new(NULL);
    rig->requests = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref);
    rig->now = (StoxTime){.mono_ms = 1000, .wall_ms = 1700000000000};
    rig->their_flow = 11;
    rig->their_call = "call";
    rig->transactions = stox_transactions_new(&config, &ops, rig);
}

void rig_down(Rig *rig, gconstpointer data)
{
    g_assert_cmpstr(rig->log->str, ==, "");
    stox_transactions_free(rig->transactions);
    g_string_free(rig->log, TRUE);
    g_ptr_array_unref(rig->requests);
    g_clear_pointer(&rig->request, g_bytes_unref);
    g_clear_pointer(&rig->response, g_bytes_unref);
    g_free(rig->uri);
}

static void pass_until(Rig *rig, int64_t ms, bool timed)
{
    int64_t begin = rig->now.mono_ms, end = begin + ms;

    for (;;) {
        int64_t next = stox_transactions_deadline(rig->transactions);
        size_t said = rig->log->len;

        if (next > end)
            break;
        g_assert_cmpint(next, >=, rig->now.mono_ms);
        rig->now.mono_ms = next;
        stox_transactions_tick(rig->transactions, rig->now);
        if (timed && rig->log->len > said) {
            g_autofree char *at = g_strdup_printf("%d:", (int) (next - begin));

            g_string_insert(rig->log, (ssize_t) said, at);
        }
    }
    rig->now.mono_ms = end;
}

void pass(Rig *rig, int64_t ms)
{
    pass_until(rig, ms, false);
}

void pass_timed(Rig *rig, int64_t ms)
{
    pass_until(rig, ms, true);
}

StoxSipMessage *parsed(GBytes *bytes)
{
    const char *why = NULL;
    size_t n;
    const char *text = g_bytes_get_data(bytes, &n);
    StoxSipMessage *message = stox_sip_message_parse(text, n, &why);

    if (!message || stox_sip_defect(message, &why))
        g_error("%s:\n%.*s", why, (int) n, text);
    return message;
}

/* ---- We ask ---- */

StoxSipBuilder *request_of(const char *method)
{
    StoxSipBuilder *builder = stox_sip_builder_request(method, "sip:alice@contoso.example");

    stox_sip_builder_add(builder, "Route", "<sip:pool01.contoso.example:5061;lr>");
    stox_sip_builder_add(builder, "Max-Forwards", "70");
    stox_sip_builder_add(builder, "From", "<sip:bob@partner.example>;tag=us");
    stox_sip_builder_add(builder, "To", "<sip:alice@contoso.example>");
    stox_sip_builder_add(builder, "Call-ID", "call");
    stox_sip_builder_addf(builder, "CSeq", "7 %s", method);
    return builder;
}

StoxSipBuilder *long_request_of(const char *method, size_t n)
{
    StoxSipBuilder *builder = request_of(method);
    g_autofree char *text = g_strnfill(n, 'x');
    g_autoptr(GBytes) body = g_bytes_new(text, n);

    stox_sip_builder_body(builder, "text/plain", body);
    return builder;
}

static uint64_t ask_target(Rig *rig, const StoxSipTarget *target, const char *method)
{
    StoxOwner owner = {.kind = STOX_OWNER_SESSION, .id = 5};

    return stox_transactions_request(rig->transactions, request_of(method), target, owner,
                                     rig->now);
}

uint64_t ask(Rig *rig, const char *method)
{
    StoxSipTarget target = {.hop = &rig_hop, .uri = "sip:pool01.contoso.example:5061;lr"};

    return ask_target(rig, &target, method);
}

uint64_t ask_hop(Rig *rig, const StoxSipHop *hop, const char *method)
{
    StoxSipTarget target = {.hop = hop};

    return ask_target(rig, &target, method);
}

void far_answers_with(Rig *rig, GBytes *request, unsigned status, const char *name,
                      const char *value)
{
    g_autoptr(StoxSipMessage) message = parsed(request ? request : rig->request);
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(message, status, "x", "them");
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(StoxSipMessage) response = NULL;

    if (name)
        stox_sip_builder_add(builder, name, value);
    bytes = stox_sip_builder_finish(builder, NULL);
    response = parsed(bytes);
    stox_transactions_receive_response(rig->transactions, response, 77, rig->now);
}

void far_answers(Rig *rig, GBytes *request, unsigned status)
{
    far_answers_with(rig, request, status, NULL, NULL);
}

/* ---- They ask ---- */

StoxRequestVerdict they_ask(Rig *rig, Ask ask_, uint64_t *ret_request)
{
    g_autofree char *text = g_strdup_printf(
        "%s %s SIP/2.0\r\nVia: %s\r\nFrom: <sip:a@contoso.example>;tag=them\r\n"
        "To: <sip:b@partner.example>%s%s\r\nCall-ID: %s\r\nCSeq: %s %s\r\n%sContent-Length: "
        "0\r\n\r\n",
        ask_.method, ask_.uri ? ask_.uri : "sip:b@partner.example", ask_.via ? ask_.via : V1,
        ask_.to_tag ? ";tag=" : "", ask_.to_tag ? ask_.to_tag : "", rig->their_call,
        ask_.cseq ? ask_.cseq : "1", ask_.method, ask_.more ? ask_.more : "");
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    g_autoptr(StoxSipMessage) message = parsed(bytes);
    StoxRequestVerdict verdict = stox_transactions_receive_request(
        rig->transactions, message, rig->their_flow, ask_.from ? ask_.from : &rig_hop,
        !rig->datagrams, rig->now, ret_request);

    if (verdict == STOX_REQUEST_ACK)
        stox_transactions_acked(rig->transactions, message);
    return verdict;
}

StoxSipBuilder *our_answer(Rig *rig, uint64_t request, unsigned status)
{
    StoxSipMessage *message = stox_transactions_message(rig->transactions, request);

    g_assert_nonnull(message);
    return stox_sip_builder_response(message, status, NULL, "us");
}

void we_answer(Rig *rig, uint64_t request, unsigned status)
{
    stox_transactions_respond(rig->transactions, request, our_answer(rig, request, status),
                              rig->now);
}
