/* SPDX-License-Identifier: MIT */
#include "tests/torture/stack.h"

#include <string.h>

#define HOP(kind, dialect, label)                                                                  \
    {                                                                                              \
        .name = (char *) label, .lync = dialect, .transport = kind,                                \
        .sent_by = (char *) "xgw.contoso.example:5061",                                            \
        .contact = (char *) "xgw.contoso.example:5061", .user_agent = (char *) "stoxd/test"        \
    }
const StoxSipHop stack_tls_hop = HOP(STOX_TRANSPORT_TLS, true, "pool01");
const StoxSipHop stack_udp_hop = HOP(STOX_TRANSPORT_UDP, false, "proxy");
#undef HOP

/* ---- What the machines ask ---- */

static uint64_t on_request(void *user, StoxSipBuilder *request, const StoxSipTarget *target,
                           StoxOwner owner)
{
    Stack *stack = user;

    return stox_transactions_request(stack->transactions, request, target, owner, stack->now);
}

static void on_cancel(void *user, uint64_t transaction)
{
    Stack *stack = user;

    stox_transactions_cancel(stack->transactions, transaction, stack->now);
}

static void on_ack(void *user, StoxSipBuilder *ack, const StoxSipTarget *target)
{
    stox_transactions_ack(((Stack *) user)->transactions, ack, target);
}

static void on_respond(void *user, uint64_t request, StoxSipBuilder *response)
{
    Stack *stack = user;

    stox_transactions_respond(stack->transactions, request, response, stack->now);
}

static void on_event(void *user, StoxEvent *event)
{
    g_ptr_array_add(((Stack *) user)->events, event);
}

static uint64_t on_name(void *user)
{
    return ((Stack *) user)->names += 2;
}

static char *on_token(void *user)
{
    return g_strdup_printf("token%08u", (unsigned) ++((Stack *) user)->tokens);
}

/* ---- What the transactions ask ---- */

static void on_send_request(void *user, uint64_t transaction, GBytes *bytes,
                            const StoxSipTarget *target)
{
    Stack *stack = user;
    const char *why = NULL;

    g_clear_pointer(&stack->request, stox_sip_message_unref);
    stack->request =
        stox_sip_message_parse(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &why);
    g_assert_nonnull(stack->request);
}

static void answer_free(gpointer data)
{
    StackAnswer *answer = data;

    g_free(answer->text);
    stox_sip_message_unref(answer->message);
    g_free(answer);
}

/* The answer to a sound request can be read back, whatever was in it. */
static void on_send_response(void *user, uint64_t flow, const StoxSipHop *hop, GBytes *bytes,
                             const StoxSipMessage *request)
{
    Stack *stack = user;
    StackAnswer *answer = g_new0(StackAnswer, 1);
    const char *why = NULL;
    size_t n = g_bytes_get_size(bytes);

    answer->text = g_strndup(g_bytes_get_data(bytes, NULL), n);
    answer->status = (unsigned) g_ascii_strtoull(answer->text + strlen("SIP/2.0 "), NULL, 10);
    answer->message = stox_sip_message_parse(answer->text, n, &why);
    if (!answer->message && !stox_sip_defect(request, NULL))
        g_error("%s:\n%s", why, answer->text);
    stack->bytes += n;
    if (answer->status == 100)
        answer_free(answer);
    else
        g_ptr_array_add(stack->answers, answer);
}

static void on_response(void *user, StoxOwner owner, uint64_t transaction, StoxSipMessage *response,
                        StoxSipFate fate, uint64_t flow)
{
    ((Stack *) user)->responses += response != NULL;
}

static void on_cancelled(void *user, uint64_t request)
{
    Stack *stack = user;

    stox_sessions_cancelled(stack->sessions, request, stack->now);
}

static void on_no_ack(void *user, uint64_t request, bool accepted)
{
    Stack *stack = user;

    if (accepted)
        stox_sessions_no_ack(stack->sessions, request, stack->now);
}

static void on_report(void *user, const StoxRateReport *report)
{
    Stack *stack = user;

    stack->reports++;
    stack->report = *report;
    stack->report.hop = stack->report.peer = NULL;
}

/* ---- The stack ---- */

Stack *stack_new(const StackLimits *limits)
{
    static const StackLimits wide = {100000, 100000, 200000};
    static const StoxTransactionsOps ops = {.send_request = on_send_request,
                                            .send_response = on_send_response,
                                            .response = on_response,
                                            .cancelled = on_cancelled,
                                            .no_ack = on_no_ack,
                                            .token = on_token};
    const char *fqdn = "xgw.contoso.example";
    Stack *stack = g_new0(Stack, 1);

    limits = limits ? limits : &wide;
    StoxTransactionsConfig transactions = {
        .max_server = limits->max_transactions, .max_answered = 1000, .fqdn = fqdn};
    StoxSessionsConfig sessions = {.fqdn = (char *) fqdn,
                                   .sdp_address = (char *) "192.0.2.1",
                                   .sdp_port = 5061,
                                   .max_sessions = limits->max_sessions};
    stack->now = (StoxTime){1000000, INT64_C(1700000000000)};
    stack->names = 1;
    stack->answers = g_ptr_array_new_with_free_func(answer_free);
    stack->events = g_ptr_array_new_with_free_func((GDestroyNotify) stox_event_free);
    stack->ops = (StoxSipOps){.request = on_request,
                              .cancel = on_cancel,
                              .ack = on_ack,
                              .respond = on_respond,
                              .event = on_event,
                              .name = on_name,
                              .token = on_token};
    stack->who = (StoxAnswerer){.ops = &stack->ops, .user = stack, .fqdn = fqdn};
    stack->transactions = stox_transactions_new(&transactions, &ops, stack);
    stack->sessions = stox_sessions_new(&sessions, &stack->ops, stack);
    stack->subscribers = stox_subscribers_new(fqdn, &stack->ops, stack);
    stack->notifiers = stox_notifiers_new(fqdn, limits->max_watchers, &stack->ops, stack);
    stack->rates = stox_rates_new(16, on_report, stack);
    stack->receiver = (StoxReceiver){.who = &stack->who,
                                     .transactions = stack->transactions,
                                     .sessions = stack->sessions,
                                     .subscribers = stack->subscribers,
                                     .notifiers = stack->notifiers,
                                     .rates = stack->rates,
                                     .send = on_send_response};
    return stack;
}

void stack_free(Stack *stack)
{
    if (!stack)
        return;
    stox_sessions_free(stack->sessions);
    stox_subscribers_free(stack->subscribers);
    stox_notifiers_free(stack->notifiers);
    stox_transactions_free(stack->transactions);
    stox_rates_free(stack->rates);
    g_ptr_array_unref(stack->answers);
    g_ptr_array_unref(stack->events);
    stox_sip_message_unref(stack->request);
    g_free(stack);
}

static void receive(Stack *stack, StoxSipMessage *message, bool reliable, unsigned per_second)
{
    StoxSipSource source = {.hop = reliable ? &stack_tls_hop : &stack_udp_hop,
                            .flow = 1,
                            .reliable = reliable,
                            .peer = "192.0.2.9",
                            .max_per_second = per_second};

    stox_receive(&stack->receiver, message, &source, stack->now);
}

void stack_receive(Stack *stack, StoxSipMessage *message, bool reliable)
{
    receive(stack, message, reliable, 0);
}

void stack_receive_limited(Stack *stack, StoxSipMessage *message, unsigned per_second)
{
    receive(stack, message, true, per_second);
}

unsigned stack_last_status(const Stack *stack)
{
    unsigned n = stack->answers->len;

    return n ? ((StackAnswer *) stack->answers->pdata[n - 1])->status : 0;
}

unsigned stack_count(const Stack *stack, unsigned status)
{
    unsigned n = 0;

    for (unsigned i = 0; i < stack->answers->len; i++)
        n += ((StackAnswer *) stack->answers->pdata[i])->status == status;
    return n;
}

void stack_forget(Stack *stack)
{
    g_ptr_array_set_size(stack->answers, 0);
    g_ptr_array_set_size(stack->events, 0);
}

void stack_pass(Stack *stack, int64_t ms)
{
    stack->now.mono_ms += ms;
    stack->now.wall_ms += ms;
    stox_transactions_tick(stack->transactions, stack->now);
    stox_sessions_tick(stack->sessions, stack->now);
    stox_subscribers_tick(stack->subscribers, stack->now);
    stox_notifiers_tick(stack->notifiers, stack->now);
    stox_rates_tick(stack->rates, stack->now);
}
