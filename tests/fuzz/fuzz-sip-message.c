/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a SIP message. Whatever parses can be viewed and answered; the answer to a sound request parses and belongs to it; a dialog
 * made of it survives being stored; the transactions take it, twice. As a framed message, a datagram and a broken head it goes through the whole SIP
 * side: every request is answered once, defects included, or told to the gateway, and each answer is made of proper lines.
 */
#include "tests/fuzz/fuzz.h"

#include "sip/dialog.h"
#include "sip/transaction.h"
#include "tests/torture/stack.h"

#include <string.h>

static const StoxSipHop hop = {.name = (char *) "fe",
                               .sent_by = (char *) "xgw.contoso.example:5061",
                               .contact = (char *) "xgw.contoso.example:5061;transport=tls",
                               .user_agent = (char *) "stoxd"};

static size_t touched;

static void touch(const char *text)
{
    touched += text ? strlen(text) : 0;
}

static void read_view(const StoxSipMessage *message)
{
    static const char *const headers[] = {"Via", "f", "Record-Route", "Supported", "X", "Contact"};
    const StoxSipView *view = stox_sip_view(message);
    const char *const texts[] = {view->method_name,     view->reason,
                                 view->request_uri,     view->call_id,
                                 view->from_uri,        view->from_tag,
                                 view->from_display,    view->to_uri,
                                 view->to_tag,          view->branch,
                                 view->sent_by,         view->refresher,
                                 view->contact_uri,     view->event,
                                 view->event_id,        view->sub_state,
                                 view->sub_reason,      view->subject,
                                 view->conversation_id, view->content_language,
                                 view->content_type,    view->content_encoding,
                                 view->accept,          view->supported,
                                 view->require,         view->diagnostics,
                                 view->warning};

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
        touch(texts[i]);
    for (unsigned i = 0; i < G_N_ELEMENTS(headers); i++) {
        for (char *const *value = stox_sip_raw(message, headers[i]); *value; value++) {
            g_autofree char *uri = stox_sip_value_uri(*value), *host = NULL, *param = NULL;
            unsigned port;

            touch(*value);
            if (uri && stox_sip_uri_host(uri, &host, &port))
                param = stox_sip_uri_param(uri, "ms-fe");
            touch(param);
        }
    }
    if (view->from_display)
        g_assert_true(g_utf8_validate(view->from_display, -1, NULL));
    stox_sip_list_has(view->supported, "timer");
}

static void answer(const StoxSipMessage *request, size_t size)
{
    const StoxSipView *view = stox_sip_view(request), *seen;
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(request, 200, NULL, "tag");
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, NULL);
    g_autoptr(StoxSipMessage) response = NULL;
    const char *why = NULL;

    /* A line at the limit grows over it by our tag. */
    if (stox_sip_defect(request, NULL) || size > stox_sip_limits.max_line / 2)
        return;
    response = stox_sip_message_parse(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &why);
    g_assert_nonnull(response);
    seen = stox_sip_view(response);
    g_assert_cmpstr(seen->call_id, ==, view->call_id);
    g_assert_cmpstr(seen->branch, ==, view->branch);
    g_assert_cmpstr(seen->from_tag, ==, view->from_tag);
    g_assert_cmpstr(seen->method_name, ==, view->method_name);
    g_assert_cmpuint(seen->cseq, ==, view->cseq);
    g_assert_cmpuint(seen->n_via, ==, view->n_via);
    g_assert_nonnull(seen->to_tag);
}

static void dialog_of(const StoxSipMessage *message)
{
    g_autoptr(StoxDialog) dialog = stox_dialog_new_uas(&hop, message, "tag", 1);
    g_autoptr(GBytes) blob = NULL;
    g_autoptr(StoxDialog) back = NULL;

    if (!dialog)
        return;
    blob = stox_dialog_blob(dialog);
    back = stox_dialog_restore(blob, &hop);
    g_assert_nonnull(back);
    g_autoptr(StoxSipBuilder) one = stox_dialog_request(dialog, STOX_SIP_MESSAGE, 1);
    g_autoptr(StoxSipBuilder) two = stox_dialog_request(back, STOX_SIP_MESSAGE, 1);
    g_autoptr(GBytes) first = stox_sip_builder_finish(one, NULL);
    g_autoptr(GBytes) second = stox_sip_builder_finish(two, NULL);

    g_assert_true(g_bytes_equal(first, second));
}

static void on_bytes(void *user, uint64_t flow, const StoxSipHop *to, GBytes *bytes,
                     const StoxSipMessage *request)
{
    touched += g_bytes_get_size(bytes);
}

static void on_id(void *user, uint64_t id)
{
    touched += id;
}

static void on_no_ack(void *user, uint64_t id, bool accepted)
{
    touched += id + accepted;
}

static char *on_token(void *user)
{
    return g_strdup("token");
}

static void transact(StoxSipMessage *message)
{
    static const StoxTransactionsOps ops = {
        .send_response = on_bytes, .cancelled = on_id, .no_ack = on_no_ack, .token = on_token};
    static const StoxTransactionsConfig config = {.max_server = 2, .fqdn = "xgw.contoso.example"};
    g_autoptr(StoxTransactions) transactions = stox_transactions_new(&config, &ops, NULL);
    StoxTime now = {.mono_ms = 1};
    uint64_t request = 0;

    for (unsigned i = 0; i < 2; i++) {
        if (stox_sip_view(message)->request && !stox_sip_defect(message, NULL))
            stox_transactions_receive_request(transactions, message, 1, &hop, true, now, &request);
        else if (!stox_sip_view(message)->request)
            stox_transactions_receive_response(transactions, message, 1, now);
    }
    now.mono_ms = 40000;
    stox_transactions_tick(transactions, now);
}

/* Lines that end with CRLF, each a header after the first, up to the empty one; no other control character; the length of the body is right. */
static void check_wire(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "\r\nContent-Length: ");

    g_assert_nonnull(end);
    g_assert_true(length && length < end);
    g_assert_cmpuint(strlen(end + 4), ==,
                     g_ascii_strtoull(length + strlen("\r\nContent-Length: "), NULL, 10));
    for (const char *p = text; p < end; p++) {
        bool line_end = p[0] == '\r' && p[1] == '\n';

        g_assert_true((unsigned char) *p >= ' ' || *p == '\t' || line_end);
        p += line_end;
    }
    for (const char *p = strstr(text, "\r\n"); p && p < end; p = strstr(p + 2, "\r\n"))
        g_assert_nonnull(memchr(p, ':', strcspn(p + 2, "\r") + 2));
}

static void take_whole(StoxSipMessage *message, bool reliable)
{
    g_autoptr(Stack) stack = stack_new(NULL);
    const StoxSipView *view = stox_sip_view(message);
    bool silent =
        !view->request || view->method == STOX_SIP_ACK || view->method == STOX_SIP_BENOTIFY;

    stack_receive(stack, message, reliable);
    if (silent)
        g_assert_cmpuint(stack->answers->len, ==, 0);
    else if (stox_sip_defect(message, NULL))
        g_assert_cmpuint(stack_last_status(stack), ==, stox_sip_defect(message, NULL));
    else
        g_assert_cmpuint(stack->answers->len + stack->events->len, ==, 1);
    for (unsigned i = 0; i < stack->answers->len; i++)
        check_wire(((StackAnswer *) stack->answers->pdata[i])->text);
    stack_pass(stack, 40000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why = NULL, *bytes = (const char *) data;
    g_autoptr(StoxSipMessage) message = stox_sip_message_parse(bytes, size, &why);
    g_autoptr(StoxSipMessage) datagram = stox_sip_message_parse_datagram(bytes, size, &why);
    g_autoptr(StoxSipMessage) head = stox_sip_message_parse_head(bytes, size, 513, "too much");

    if (head)
        take_whole(head, true);
    if (datagram) {
        stox_sip_message_set_source(datagram, "2001:db8::9", 5060);
        take_whole(datagram, false);
    }
    if (!message) {
        g_assert_nonnull(why);
        return 0;
    }
    read_view(message);
    if (stox_sip_view(message)->request) {
        answer(message, size);
        if (!stox_sip_defect(message, NULL))
            dialog_of(message);
    }
    transact(message);
    take_whole(message, true);
    return 0;
}
