/* SPDX-License-Identifier: MIT */
/* Floods and limits in front of the machines: who is counted, what is answered, and that nothing grows. */
#include "tests/torture/stack.h"

#include <string.h>

/* One message; `%u` of the templates makes each another one. */
static StoxSipMessage *make(const char *method, const char *to_tag, const char *more, unsigned n)
{
    g_autofree char *text = g_strdup_printf(
        "%s sip:bob@partner.example SIP/2.0\r\n"
        "Via: SIP/2.0/TLS fe01.contoso.example:5061;branch=z9hG4bK%s%u\r\n"
        "Max-Forwards: 70\r\n"
        "From: <sip:alice@contoso.example>;tag=t%u\r\n"
        "To: <sip:bob@partner.example>%s%s\r\n"
        "Call-ID: call%u\r\n"
        "CSeq: 1 %s\r\n"
        "Contact: <sip:alice@fe01.contoso.example>\r\n"
        "%s\r\n",
        method, strcmp(method, "CANCEL") == 0 || strcmp(method, "ACK") == 0 ? "INVITE" : method, n,
        n, to_tag ? ";tag=" : "", to_tag ? to_tag : "", n, method, more ? more : "");
    const char *why = NULL;
    StoxSipMessage *message = stox_sip_message_parse(text, strlen(text), &why);

    if (!message)
        g_error("%s:\n%s", why, text);
    return message;
}

static const char im_offer[] =
    "Content-Type: application/sdp\r\nContent-Length: 110\r\n\r\n"
    "v=0\r\no=- 0 0 IN IP4 192.0.2.9\r\ns=session\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
    "m=message 5061 sip sip:alice@contoso.example";

static const char watch[] = "Event: presence\r\nAccept: application/pidf+xml\r\nExpires: 600\r\n";

/* The offer with its right length. */
static StoxSipMessage *invite(unsigned n)
{
    const char *body = strstr(im_offer, "\r\n\r\n") + 4;
    g_autofree char *more = g_strdup_printf(
        "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s", strlen(body) + 2, body);

    return make("INVITE", NULL, more, n);
}

static void flood(Stack *stack, const char *method, const char *to_tag, const char *more,
                  unsigned per_second, unsigned from, unsigned n)
{
    for (unsigned i = from; i < from + n; i++) {
        g_autoptr(StoxSipMessage) message = strcmp(method, "INVITE") == 0 && !more && !to_tag
                                                ? invite(i)
                                                : make(method, to_tag, more, i);

        stack_receive_limited(stack, message, per_second);
    }
}

/* ---- Who is counted ---- */

typedef struct {
    const char *method, *to_tag, *more;
    unsigned passes;  /* of 1000 at once with a limit of 10 */
    unsigned refused; /* 503 */
} Row;

static const Row rows[] = {
    {"OPTIONS", NULL, NULL, 10, 90},
    {"MESSAGE", NULL, "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n", 10, 90},
    {"SUBSCRIBE", NULL, watch, 10, 90},
    {"INVITE", NULL, NULL, 10, 90},
    {"REGISTER", NULL, NULL, 10, 90},
    {"FROB", NULL, NULL, 10, 90},
    {"OPTIONS", NULL, "From: <sip:two@contoso.example>\r\n", 10, 90}, /* wrong: 400 */
    {"BYE", NULL, NULL, 10, 90},
    {"BYE", "x", NULL, 40, 90},
    {"INVITE", "x", NULL, 40, 90},
    {"NOTIFY", "x", "Event: presence\r\nSubscription-State: active\r\n", 40, 90},
    {"CANCEL", NULL, NULL, 40, 90},
    {"ACK", "x", NULL, 0, 0},
    {"BENOTIFY", "x", "Event: presence\r\nSubscription-State: active\r\n", 0, 0},
};

static void test_counted(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(Stack) stack = stack_new(NULL);
    unsigned answered;

    flood(stack, row->method, row->to_tag, row->more, 10, 0, 1000);
    answered = stack->answers->len - stack_count(stack, 503);
    /* INVITE, SUBSCRIBE and MESSAGE wait for the gateway. */
    g_assert_cmpuint(answered + stack->events->len, ==, row->passes);
    g_assert_cmpuint(stack_count(stack, 503), ==, row->refused);
    g_assert_cmpuint(stack->reports, ==, row->refused ? 1 : 0);
    g_assert_cmpuint(stox_transactions_count(stack->transactions), <=, row->passes);
}

static void test_answer(void)
{
    g_autoptr(Stack) stack = stack_new(NULL);
    const StackAnswer *answer;

    flood(stack, "OPTIONS", NULL, NULL, 1, 0, 2);
    g_assert_cmpuint(stack_last_status(stack), ==, 503);
    answer = stack->answers->pdata[stack->answers->len - 1];
    g_assert_nonnull(strstr(answer->text, "\r\nRetry-After: 1\r\n"));
    g_assert_nonnull(strstr(answer->text, "\r\nms-diagnostics-public: 62003;reason=\""));
    g_assert_nonnull(stox_sip_view(answer->message)->to_tag);
    /* A second later all is well. */
    stack_pass(stack, 1000);
    flood(stack, "OPTIONS", NULL, NULL, 1, 2, 1);
    g_assert_cmpuint(stack_last_status(stack), ==, 200);
}

/* A repeat of what we work on is no new request, whatever the limit says. */
static void test_repeat(void)
{
    g_autoptr(Stack) stack = stack_new(NULL);

    flood(stack, "INVITE", NULL, NULL, 1, 7, 1);
    g_assert_cmpuint(stack->events->len, ==, 1);
    flood(stack, "INVITE", NULL, NULL, 1, 7, 3);
    g_assert_cmpuint(stack_count(stack, 503), ==, 2);
    g_assert_cmpuint(stack->events->len, ==, 1);
    /* Nor is its CANCEL. */
    flood(stack, "BYE", "x", NULL, 1, 100, 4);
    stack_forget(stack);
    flood(stack, "CANCEL", NULL, NULL, 1, 7, 1);
    g_assert_cmpuint(stack_count(stack, 503), ==, 0);
    g_assert_cmpuint(stack_count(stack, 200), ==, 1);
    g_assert_cmpuint(stack_count(stack, 487), ==, 1);
}

/* ---- What is full ---- */

static void test_full_transactions(void)
{
    StackLimits limits = {50, 1000, 1000};
    g_autoptr(Stack) stack = stack_new(&limits);

    flood(stack, "MESSAGE", NULL, "Content-Type: text/plain\r\n\r\n", 0, 0, 200);
    g_assert_cmpuint(stack->events->len, ==, 50);
    g_assert_cmpuint(stack_count(stack, 503), ==, 150);
    g_assert_nonnull(strstr(((StackAnswer *) stack->answers->pdata[0])->text, "\r\nRetry-After: "));
    g_assert_cmpuint(stox_transactions_count(stack->transactions), ==, 50);
    /* Nobody decides: in half a minute their clients have given up. */
    stack_pass(stack, 40000);
    g_assert_cmpuint(stox_transactions_count(stack->transactions), ==, 0);
    stack_forget(stack);
    flood(stack, "OPTIONS", NULL, NULL, 0, 1000, 1);
    g_assert_cmpuint(stack_last_status(stack), ==, 200);
}

static void test_full_sessions(void)
{
    StackLimits limits = {1000, 20, 1000};
    g_autoptr(Stack) stack = stack_new(&limits);

    flood(stack, "INVITE", NULL, NULL, 0, 0, 100);
    g_assert_cmpuint(stack->events->len, ==, 20);
    g_assert_cmpuint(stack_count(stack, 503), ==, 80);
    g_assert_nonnull(strstr(((StackAnswer *) stack->answers->pdata[0])->text, "\r\nRetry-After: "));
    g_assert_cmpuint(stox_sessions_count(stack->sessions), ==, 20);
}

static void test_full_watchers(void)
{
    StackLimits limits = {1000, 1000, 20};
    g_autoptr(Stack) stack = stack_new(&limits);

    flood(stack, "SUBSCRIBE", NULL, watch, 0, 0, 100);
    g_assert_cmpuint(stack->events->len, ==, 20);
    g_assert_cmpuint(stack_count(stack, 503), ==, 80);
    g_assert_nonnull(strstr(((StackAnswer *) stack->answers->pdata[0])->text, "\r\nRetry-After: "));
}

/* ---- Responses ---- */

/* RFC 3261 s8.1.3.3: with a further Via it is somebody else's, whatever branch it has. */
static void test_foreign_response(void)
{
    g_autoptr(Stack) stack = stack_new(NULL);
    StoxSipBuilder *builder = stox_sip_builder_request("OPTIONS", "sip:fe01.contoso.example");
    StoxSipTarget target = {.hop = &stack_tls_hop};

    stox_sip_builder_add(builder, "From", "<sip:xgw.contoso.example>;tag=1");
    stox_sip_builder_add(builder, "To", "<sip:fe01.contoso.example>");
    stox_sip_builder_add(builder, "Call-ID", "x");
    stox_sip_builder_add(builder, "CSeq", "1 OPTIONS");
    stack->ops.request(stack, builder, &target, (StoxOwner){STOX_OWNER_PAGE, 0, 0});
    for (unsigned own = 0; own < 2; own++) {
        g_autofree char *text = g_strdup_printf(
            "SIP/2.0 200 OK\r\nVia: %s\r\n%s"
            "From: <sip:xgw.contoso.example>;tag=1\r\nTo: <sip:fe01.contoso.example>;tag=2\r\n"
            "Call-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
            stox_sip_raw(stack->request, "Via")[0],
            own ? "" : "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKx\r\n");
        const char *why = NULL;
        g_autoptr(StoxSipMessage) message = stox_sip_message_parse(text, strlen(text), &why);

        stack_receive(stack, message, true);
        g_assert_cmpuint(stack->responses, ==, own);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/receive/counted/%u %s%s", i, rows[i].method,
                                                rows[i].to_tag ? " in a dialog" : "");

        g_test_add_data_func(path, &rows[i], test_counted);
    }
    g_test_add_func("/receive/503", test_answer);
    g_test_add_func("/receive/repeat", test_repeat);
    g_test_add_func("/receive/full/transactions", test_full_transactions);
    g_test_add_func("/receive/full/sessions", test_full_sessions);
    g_test_add_func("/receive/full/watchers", test_full_watchers);
    g_test_add_func("/receive/foreign response", test_foreign_response);
    return g_test_run();
}
