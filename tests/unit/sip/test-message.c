/* SPDX-License-Identifier: MIT */
/* Bytes <-> messages: rows; shapes of lync.md 4.3, 7.1 and of the captures. */
#include "sip/message.h"

#include <string.h>

static StoxSipMessage *parse(const char *text)
{
    const char *why = NULL;
    StoxSipMessage *message = stox_sip_message_parse(text, strlen(text), &why);

    if (!message)
        g_test_message("refused: %s", why);
    return message;
}

/* ---- A Lync INVITE, with everything that is odd about it ---- */

#define RECORD_ROUTE                                                                               \
    "<sip:pool01.contoso.example:5061;transport=tls;ms-fe=fe01.contoso.example;"                   \
    "opaque=state:T:F:Ci.Rabc100;lr;ms-route-sig=AbC>;ms-rrsig=x%41;tag=0011AA"
#define TOP_VIA                                                                                    \
    "SIP/2.0/TLS FE01.contoso.example:5061;branch=z9hG4bK11AA22BB.33CC44DD;branched=FALSE;"        \
    "ms-internal-info=\"xy,z\""

static const char lync_invite[] =
    "INVITE sip:bob@partner.example SIP/2.0\r\n"
    "Record-Route: " RECORD_ROUTE "\r\n"
    "Via: " TOP_VIA "\r\n"
    "Max-Forwards: 69\r\n"
    "Via: SIP/2.0/tls 10.0.5.57:40111;ms-received-port=40111;ms-received-cid=1A2B00\r\n"
    "From: \"Alice \\\"A\\\" "
    "M\xc3\xbcller\"<sip:alice@contoso.example>;tag=71aa0c44d2;epid=5e20\r\n"
    "To: <sip:bob@partner.example>\r\n"
    "Call-ID: 0b1c2d3e4f\r\n"
    "CSeq: 1 INVITE\r\n"
    "Contact: <sip:alice@contoso.example;opaque=user:epid:Q1w2%41e3R4;gruu>\r\n"
    "Supported: ms-dialog-route-set-update\r\n"
    "ms-text-format: text/plain; charset=UTF-8;\r\n  ms-body=SGkgQm9i\r\n"
    "Supported: timer\r\n"
    "Session-Expires: 1800;refresher=UAC\r\n"
    "Ms-Conversation-ID: AdAbCdEf==\r\n"
    "ms-keep-alive: UAC;hop-hop=yes\r\n"
    "s: hello\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 5\r\n"
    "\r\n"
    "v=0\r\n";

static void test_lync_invite(void)
{
    g_autoptr(StoxSipMessage) message = parse(lync_invite);
    const StoxSipView *view;
    const char *branch, *sent_by;

    g_assert_nonnull(message);
    g_assert_cmpuint(stox_sip_defect(message, NULL), ==, 0);
    view = stox_sip_view(message);
    g_assert_true(view->request);
    g_assert_cmpint(view->method, ==, STOX_SIP_INVITE);
    g_assert_cmpstr(view->request_uri, ==, "sip:bob@partner.example");
    g_assert_cmpstr(view->from_uri, ==, "sip:alice@contoso.example");
    g_assert_cmpstr(view->from_tag, ==, "71aa0c44d2");
    g_assert_cmpstr(view->from_display, ==, "Alice \"A\" M\xc3\xbcller");
    g_assert_null(view->to_tag);
    g_assert_cmpstr(view->branch, ==, "z9hG4bK11AA22BB.33CC44DD");
    g_assert_cmpstr(view->sent_by, ==, "fe01.contoso.example:5061");
    g_assert_cmpuint(view->n_via, ==, 2);
    g_assert_cmpint(view->max_forwards, ==, 69);
    g_assert_cmpint(view->expires_s, ==, -1);
    g_assert_cmpint(view->session_expires_s, ==, 1800);
    g_assert_cmpstr(view->refresher, ==, "uac");
    /* Not one byte of a GRUU may change (lync.md 4.3). */
    g_assert_cmpstr(view->contact_uri, ==,
                    "sip:alice@contoso.example;opaque=user:epid:Q1w2%41e3R4;gruu");
    g_assert_cmpstr(view->supported, ==, "ms-dialog-route-set-update, timer");
    g_assert_cmpstr(view->conversation_id, ==, "AdAbCdEf==");
    g_assert_cmpstr(view->subject, ==, "hello");
    g_assert_cmpstr(view->content_type, ==, "application/sdp");
    g_assert_cmpmem(g_bytes_get_data(view->body, NULL), g_bytes_get_size(view->body), "v=0\r\n", 5);
    g_assert_true(stox_sip_via(message, 1, &branch, &sent_by));
    g_assert_null(branch);
    g_assert_cmpstr(sent_by, ==, "10.0.5.57:40111");
    g_assert_false(stox_sip_via(message, 2, &branch, &sent_by));
}

/* a gr belongs into the brackets; outside of them, as RFC 7247 prints it, it is no part of the URI and does no harm. */
static void test_gr(void)
{
    static const struct {
        const char *contact, *uri;
    } cases[] = {
        {"<sip:alice@contoso.example;gr=Desk>", "sip:alice@contoso.example;gr=Desk"},
        {"<sip:alice@contoso.example>;gr=Desk", "sip:alice@contoso.example"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("INVITE sip:bob@partner.example SIP/2.0\r\n"
                                                "Via: SIP/2.0/TCP h.example;branch=z9hG4bK1\r\n"
                                                "From: <sip:alice@contoso.example>;tag=1\r\n"
                                                "To: <sip:bob@partner.example>\r\n"
                                                "Call-ID: 1\r\nCSeq: 1 INVITE\r\n"
                                                "Contact: %s\r\nContent-Length: 0\r\n\r\n",
                                                cases[i].contact);
        g_autoptr(StoxSipMessage) message = parse(text);

        g_assert_nonnull(message);
        g_assert_cmpuint(stox_sip_defect(message, NULL), ==, 0);
        g_assert_cmpstr(stox_sip_view(message)->contact_uri, ==, cases[i].uri);
    }
}

static void test_raw(void)
{
    g_autoptr(StoxSipMessage) message = parse(lync_invite);
    char *const *values = stox_sip_raw(message, "via");

    g_assert_cmpstr(values[0], ==, TOP_VIA);
    g_assert_cmpstr(values[1], ==,
                    "SIP/2.0/tls 10.0.5.57:40111;ms-received-port=40111;ms-received-cid=1A2B00");
    g_assert_null(values[2]);
    g_assert_true(stox_sip_raw(message, "v") == values);
    g_assert_cmpstr(stox_sip_raw(message, "Record-Route")[0], ==, RECORD_ROUTE);
    g_assert_cmpstr(stox_sip_raw(message, "ms-text-format")[0], ==,
                    "text/plain; charset=UTF-8; ms-body=SGkgQm9i");
    g_assert_cmpstr(stox_sip_raw(message, "Subject")[0], ==, "hello");
    g_assert_null(stox_sip_raw(message, "Route")[0]);
}

/* V-16, R-22: what came goes back, line for line. */
static void test_response(void)
{
    g_autoptr(StoxSipMessage) message = parse(lync_invite);
    g_autoptr(StoxSipBuilder) ok = stox_sip_builder_response(message, 200, NULL, "gw7731");
    g_autoptr(StoxSipBuilder) busy = stox_sip_builder_response(message, 486, "No\r\nWay: x", "gw");
    g_autoptr(StoxSipBuilder) trying = stox_sip_builder_response(message, 100, "Trying", "gw");
    g_autoptr(GBytes) body = g_bytes_new_static("abc", 3);
    g_autoptr(GBytes) ok_bytes = NULL;
    g_autoptr(GBytes) busy_bytes = stox_sip_builder_finish(busy, NULL);
    g_autoptr(GBytes) trying_bytes = stox_sip_builder_finish(trying, NULL);
    g_autofree char *busy_text =
        g_strndup(g_bytes_get_data(busy_bytes, NULL), g_bytes_get_size(busy_bytes));
    g_autofree char *trying_text =
        g_strndup(g_bytes_get_data(trying_bytes, NULL), g_bytes_get_size(trying_bytes));

    stox_sip_builder_add(ok, "Contact", "<sip:bob@xgw.contoso.example:5061;transport=tls>");
    stox_sip_builder_body(ok, "text/plain", body);
    ok_bytes = stox_sip_builder_finish(ok, NULL);
    g_assert_cmpstr(stox_sip_builder_to_tag(ok), ==, "gw7731");
    g_autofree char *ok_text =
        g_strndup(g_bytes_get_data(ok_bytes, NULL), g_bytes_get_size(ok_bytes));
    g_assert_cmpstr(
        ok_text, ==,
        "SIP/2.0 200 OK\r\n"
        "Via: " TOP_VIA "\r\n"
        "Via: SIP/2.0/tls 10.0.5.57:40111;ms-received-port=40111;ms-received-cid=1A2B00\r\n"
        "Record-Route: " RECORD_ROUTE "\r\n"
        "From: \"Alice \\\"A\\\" M\xc3\xbcller\"<sip:alice@contoso.example>;tag=71aa0c44d2;"
        "epid=5e20\r\n"
        "To: <sip:bob@partner.example>;tag=gw7731\r\n"
        "Call-ID: 0b1c2d3e4f\r\n"
        "CSeq: 1 INVITE\r\n"
        "Contact: <sip:bob@xgw.contoso.example:5061;transport=tls>\r\n"
        "Content-Type: text/plain\r\n"
        "Content-Length: 3\r\n\r\nabc");
    g_assert_true(g_str_has_prefix(busy_text, "SIP/2.0 486 No  Way: x\r\nVia: "));
    g_assert_null(strstr(busy_text, "Record-Route"));
    g_assert_null(strstr(trying_text, "Record-Route"));
    g_assert_nonnull(strstr(trying_text, "To: <sip:bob@partner.example>\r\n"));
    g_assert_null(stox_sip_builder_to_tag(trying));
}

/* ---- The rest of the view ---- */

#define VIA  "Via: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKa\r\n"
#define FROM "From: <sip:a@contoso.example>;tag=1\r\n"
#define TO   "To: sip:b@partner.example\r\n"
#define ID   "Call-ID: x\r\n"
#define CSEQ "CSeq: 1 MESSAGE\r\n"
#define ALL  VIA FROM TO ID CSEQ
#define LINE "MESSAGE sip:b@partner.example SIP/2.0\r\n"

static void test_display(void)
{
    static const struct {
        const char *from, *display;
    } table[] = {
        {"\"A \\\"B\\\"\" <sip:a@c.example>;tag=1", "A \"B\""},
        {"J\xc3\xbcrgen M. <sip:a@c.example>;tag=1", "J\xc3\xbcrgen M."},
        {"caller<sip:a@c.example>;tag=1", "caller"},
        {"<sip:a@c.example>;tag=1", NULL},
        {"sip:a@c.example;tag=1", NULL},
        {"\"\" <sip:a@c.example>;tag=1", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *text =
            g_strdup_printf(LINE VIA "From: %s\r\n" TO ID CSEQ "\r\n", table[i].from);
        g_autoptr(StoxSipMessage) message = parse(text);

        g_assert_cmpuint(stox_sip_defect(message, NULL), ==, 0);
        g_assert_cmpstr(stox_sip_view(message)->from_display, ==, table[i].display);
        g_assert_cmpstr(stox_sip_view(message)->from_uri, ==, "sip:a@c.example");
        g_assert_cmpstr(stox_sip_view(message)->from_tag, ==, "1");
    }
}

static void test_response_view(void)
{
    g_autoptr(StoxSipMessage) message = parse(
        "SIP/2.0 503 Busy\r\n" VIA FROM "To: <sip:b@p.example>;epid=2;tag=Zz\r\n" ID
        "CSeq: 7 SUBSCRIBE\r\nRetry-After: 18 (later);duration=3600\r\nMin-Expires: 60\r\n"
        "Expires: 99999999999999999999\r\nMin-SE: 90\r\nAccept:\r\n"
        "Warning: 399 fe01 \"plain\"\r\n"
        "ms-diagnostics: 1003;source=\"fe01;reason\";reason=\"User \\\"x\\\" unknown\";a=\"b\"\r\n"
        "Date: Thu, 01 Jan 1970 00:00:10 GMT\r\n\r\n");
    const StoxSipView *view;

    g_assert_nonnull(message);
    view = stox_sip_view(message);
    g_assert_false(view->request);
    g_assert_cmpuint(view->status, ==, 503);
    g_assert_cmpstr(view->reason, ==, "Busy");
    g_assert_cmpint(view->method, ==, STOX_SIP_SUBSCRIBE);
    g_assert_cmpstr(view->to_tag, ==, "Zz");
    g_assert_cmpuint(view->cseq, ==, 7);
    g_assert_cmpint(view->retry_after_s, ==, 18);
    g_assert_cmpint(view->min_expires_s, ==, 60);
    g_assert_cmpint(view->expires_s, ==, G_MAXUINT32);
    g_assert_cmpint(view->min_se_s, ==, 90);
    g_assert_cmpint(view->max_forwards, ==, -1);
    g_assert_cmpstr(view->accept, ==, "");
    g_assert_null(view->supported);
    g_assert_cmpint(view->date_wall_ms, ==, 10000);
    g_assert_cmpstr(view->diagnostics, ==, "User \"x\" unknown");
}

static void test_notify_view(void)
{
    g_autoptr(StoxSipMessage) message =
        parse("NOTIFY sip:b@p.example SIP/2.0\r\n" VIA
              "From: \"Al\xff\" <sip:a@c.example>;tag=1\r\n" TO ID
              "CSeq: 2 NOTIFY\r\nEvent: presence;id=a7\r\n"
              "Subscription-State: Terminated;reason=Timeout;retry-after=30;expires=0\r\n"
              "Accept: text/plain\r\nAccept: a/b\r\nRequire: eventlist\r\nContact: *\r\n\r\n");
    const StoxSipView *view = stox_sip_view(message);

    g_assert_cmpuint(stox_sip_defect(message, NULL), ==, 0);
    g_assert_cmpstr(view->event, ==, "presence");
    g_assert_cmpstr(view->event_id, ==, "a7");
    g_assert_cmpstr(view->sub_state, ==, "terminated");
    g_assert_cmpstr(view->sub_reason, ==, "timeout");
    g_assert_cmpint(view->sub_expires_s, ==, 0);
    g_assert_cmpint(view->sub_retry_after_s, ==, 30);
    g_assert_cmpstr(view->accept, ==, "text/plain, a/b");
    g_assert_cmpstr(view->require, ==, "eventlist");
    g_assert_null(view->contact_uri);
    g_assert_true(g_utf8_validate(view->from_display, -1, NULL));
    g_assert_cmpstr(view->to_uri, ==, "sip:b@partner.example");
}

/* ---- Writing ---- */

static void test_request(void)
{
    g_autofree char *from = stox_sip_name_addr("Bob \"B\" \\\n", "sip:bob@partner.example");
    g_autoptr(StoxSipBuilder) invite = stox_sip_builder_request("INVITE", "sip:a@contoso.example");
    g_autoptr(StoxSipBuilder) cancel = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *text = NULL, *cancel_text = NULL;

    stox_sip_builder_add(invite, "Route", "<sip:p1;lr>");
    stox_sip_builder_add(invite, "Route", "<sip:p2;lr>");
    stox_sip_builder_addf(invite, "From", "%s;tag=%s", from, "1");
    stox_sip_builder_add(invite, "To", "<sip:a@contoso.example>");
    stox_sip_builder_add(invite, "Call-ID", "c");
    stox_sip_builder_add(invite, "CSeq", "7 INVITE");
    stox_sip_builder_add(invite, "Subject", NULL);
    stox_sip_builder_add(invite, "Subject", "a\r\nEvil: b");
    bytes = stox_sip_builder_finish(invite, "SIP/2.0/TLS xgw:5061;branch=z9hG4bKb");
    text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_assert_cmpstr(text, ==,
                    "INVITE sip:a@contoso.example SIP/2.0\r\n"
                    "Via: SIP/2.0/TLS xgw:5061;branch=z9hG4bKb\r\n"
                    "Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\n"
                    "From: \"Bob \\\"B\\\" \\\\ \" <sip:bob@partner.example>;tag=1\r\n"
                    "To: <sip:a@contoso.example>\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\n"
                    "Subject: a  Evil: b\r\nContent-Length: 0\r\n\r\n");
    g_assert_cmpstr(stox_sip_builder_method(invite), ==, "INVITE");
    cancel = stox_sip_builder_derive(invite, "CANCEL", NULL);
    g_bytes_unref(bytes);
    bytes = stox_sip_builder_finish(cancel, NULL);
    cancel_text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_assert_cmpstr(cancel_text, ==,
                    "CANCEL sip:a@contoso.example SIP/2.0\r\n"
                    "Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\n"
                    "From: \"Bob \\\"B\\\" \\\\ \" <sip:bob@partner.example>;tag=1\r\n"
                    "To: <sip:a@contoso.example>\r\nCall-ID: c\r\nCSeq: 7 CANCEL\r\n"
                    "Content-Length: 0\r\n\r\n");
}

static void test_result(void)
{
    g_autoptr(StoxSipMessage) message = parse(lync_invite);
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(message, 480, NULL, "t");
    StoxSipResult result = {.status = 480,
                            .diagnostic = 61005,
                            .retry_after_s = 30,
                            .warn_code = 380,
                            .contact = (char *) "sip:new@contoso.example",
                            .accept = true};
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *text = NULL;

    stox_sip_builder_result(builder, &result, "xgw.contoso.example");
    result = (StoxSipResult){.contact = (char *) "sip:x> Evil"};
    stox_sip_builder_result(builder, &result, "xgw.contoso.example");
    bytes = stox_sip_builder_finish(builder, NULL);
    text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_assert_nonnull(strstr(text, "\r\nms-diagnostics-public: 61005;reason=\""));
    g_assert_nonnull(strstr(text, "\r\nRetry-After: 30\r\n"));
    /* */
    g_assert_nonnull(strstr(text, "\r\nWarning: 380 xgw.contoso.example \"SIPS Not Allowed\"\r\n"));
    g_assert_nonnull(strstr(text, "\r\nContact: <sip:new@contoso.example>\r\n"));
    g_assert_nonnull(strstr(text, "\r\nAccept: application/sdp\r\n"));
    g_assert_null(strstr(text, "Evil"));
}

/* lync.md 4.9-size, lync.md 4.9-grammar: ErrorId;reason="text", and the limit that was passed. */
static void test_result_limit(void)
{
    g_autoptr(StoxSipMessage) message = parse(lync_invite);
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(message, 513, NULL, "t");
    StoxSipResult result = {.status = 513, .diagnostic = 61014, .bytes = 131072};
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *text = NULL;

    stox_sip_builder_result(builder, &result, "xgw.contoso.example");
    bytes = stox_sip_builder_finish(builder, NULL);
    text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_assert_nonnull(strstr(
        text, "\r\nms-diagnostics-public: 61014;reason=\"The request is larger than the XMPP "
              "gateway accepts. Send a shorter message, or raise the limit in the gateway's "
              "settings. The limit is 131072 bytes.\"\r\n"));
}

/* ---- Real messages ---- */

static void test_captures(gconstpointer data)
{
    const char *folder = data, *name;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    unsigned seen = 0;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL), *bytes = NULL;
        g_autoptr(StoxSipMessage) message = NULL;
        const char *why = NULL;
        size_t n;

        if (!g_str_has_prefix(name, "capture-"))
            continue;
        seen++;
        g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
        message = stox_sip_message_parse(bytes, n, &why);
        if (!message || stox_sip_defect(message, &why))
            g_error("%s: %s", name, why);
        g_assert_cmpuint(stox_sip_view(message)->n_via, >, 0);
        g_assert_cmpstr(stox_sip_view(message)->method_name, ==,
                        stox_sip_method_name(stox_sip_view(message)->method));
    }
    g_assert_cmpuint(seen, >, 50);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    g_test_add_func("/sip/message/lync-invite", test_lync_invite);
    g_test_add_func("/message/gr/A-27", test_gr);
    g_test_add_func("/sip/message/raw", test_raw);
    g_test_add_func("/sip/message/V-16 response", test_response);
    g_test_add_func("/sip/message/R-35 display names", test_display);
    g_test_add_func("/sip/message/response-view", test_response_view);
    g_test_add_func("/sip/message/notify-view", test_notify_view);
    g_test_add_func("/sip/message/request", test_request);
    g_test_add_func("/sip/message/A-40 result", test_result);
    g_test_add_func("/sip/message/A-40 result-limit", test_result_limit);
    g_test_add_data_func("/sip/message/R-35 captures", argv[1], test_captures);
    return g_test_run();
}
