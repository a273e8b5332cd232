/* SPDX-License-Identifier: MIT */
/* What a response over UDP says of where its request came from, and where it goes (RFC 3261 s18.2.1, s18.2.2; RFC 3581 s4; ). */
#include "sip/message.h"

#include <string.h>

typedef struct {
    const char *what;
    const char *via;     /* header lines as they come */
    const char *address; /* the source; port 40001 */
    const char *answer;  /* as they go */
    const char *host;    /* where the response goes */
    unsigned port;
} SourceRow;

static const SourceRow source_rows[] = {
    {"address as sent-by", "Via: SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bKa\r\n", "192.0.2.1",
     "Via: SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bKa\r\n", "192.0.2.1", 5080},
    {"no port: 5060", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n", "192.0.2.1",
     "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n", "192.0.2.1", 5060},
    {"name as sent-by", "Via: SIP/2.0/UDP pool.contoso.example:5060;branch=z9hG4bKa\r\n",
     "192.0.2.1",
     "Via: SIP/2.0/UDP pool.contoso.example:5060;branch=z9hG4bKa;received=192.0.2.1\r\n",
     "192.0.2.1", 5060},
    {"another address", "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa\r\n", "192.0.2.1",
     "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKa;received=192.0.2.1\r\n", "192.0.2.1", 5070},
    {"rport: received always", "Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKa\r\n",
     "192.0.2.1",
     "Via: SIP/2.0/UDP 192.0.2.1:5060;rport=40001;branch=z9hG4bKa;received=192.0.2.1\r\n",
     "192.0.2.1", 40001},
    {"case and blanks stay",
     "v:  SIP / 2.0 / UDP 192.0.2.1 ; branch=z9hG4bKa ; RPORT ; x=\";rport\"\r\n", "192.0.2.1",
     "Via: SIP / 2.0 / UDP 192.0.2.1 ; branch=z9hG4bKa ;rport=40001; "
     "x=\";rport\";received=192.0.2.1\r\n",
     "192.0.2.1", 40001},
    {"rport that somebody filled asks nothing",
     "Via: SIP/2.0/UDP 192.0.2.1:5070;rport=5080;branch=z9hG4bKa\r\n", "192.0.2.1",
     "Via: SIP/2.0/UDP 192.0.2.1:5070;rport=5080;branch=z9hG4bKa\r\n", "192.0.2.1", 5070},
    {"a parameter that begins like rport",
     "Via: SIP/2.0/UDP 192.0.2.1:5070;rports;branch=z9hG4bKa\r\n", "192.0.2.1",
     "Via: SIP/2.0/UDP 192.0.2.1:5070;rports;branch=z9hG4bKa\r\n", "192.0.2.1", 5070},
    {"received that the sender made up",
     "Via: SIP/2.0/UDP pool.contoso.example;received=203.0.113.9;branch=z9hG4bKa\r\n", "192.0.2.1",
     "Via: SIP/2.0/UDP pool.contoso.example;branch=z9hG4bKa;received=192.0.2.1\r\n", "192.0.2.1",
     5060},
    {"never to a maddr", "Via: SIP/2.0/UDP 192.0.2.1:5070;maddr=203.0.113.9;branch=z9hG4bKa\r\n",
     "192.0.2.1", "Via: SIP/2.0/UDP 192.0.2.1:5070;maddr=203.0.113.9;branch=z9hG4bKa\r\n",
     "192.0.2.1", 5070},
    {"only the top one",
     "Via: SIP/2.0/UDP a.example;branch=z9hG4bKa;rport\r\n"
     "Via: SIP/2.0/UDP b.example;branch=z9hG4bKb;rport\r\n",
     "192.0.2.1",
     "Via: SIP/2.0/UDP a.example;branch=z9hG4bKa;rport=40001;received=192.0.2.1\r\n"
     "Via: SIP/2.0/UDP b.example;branch=z9hG4bKb;rport\r\n",
     "192.0.2.1", 40001},
    {"only the first of a line",
     "Via: SIP/2.0/UDP a.example;rport;branch=z9hG4bKa,SIP/2.0/UDP b.example;rport\r\n",
     "192.0.2.1",
     "Via: SIP/2.0/UDP a.example;rport=40001;branch=z9hG4bKa;received=192.0.2.1,SIP/2.0/UDP "
     "b.example;rport\r\n",
     "192.0.2.1", 40001},
    {"IPv6", "Via: SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bKa;rport\r\n", "2001:db8::1",
     "Via: SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bKa;rport=40001;received=2001:db8::1\r\n",
     "2001:db8::1", 40001},
    {"IPv6 as sent-by", "Via: SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bKa\r\n", "2001:db8::1",
     "Via: SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bKa\r\n", "2001:db8::1", 5070},
};

#define REST                                                                                       \
    "From: <sip:alice@contoso.example>;tag=1\r\nTo: <sip:bob@partner.example>\r\n"                 \
    "Call-ID: c\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n"

static StoxSipMessage *request_of(const char *via, const char *tail, bool datagram)
{
    g_autofree char *text =
        g_strconcat("MESSAGE sip:bob@partner.example SIP/2.0\r\n", via, REST, tail, NULL);
    const char *why = NULL;
    StoxSipMessage *message = datagram ? stox_sip_message_parse_datagram(text, strlen(text), &why)
                                       : stox_sip_message_parse(text, strlen(text), &why);

    g_assert_nonnull(message);
    return message;
}

static char *answer_of(const StoxSipMessage *request)
{
    g_autoptr(StoxSipBuilder) builder = stox_sip_builder_response(request, 200, NULL, "t");
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, NULL);
    size_t n;
    const char *text = g_bytes_get_data(bytes, &n);

    return g_strndup(text, n);
}

static void test_source(gconstpointer data)
{
    const SourceRow *row = data;
    g_autoptr(StoxSipMessage) message = request_of(row->via, "Content-Length: 0\r\n\r\n", true);
    g_autofree char *expected = g_strconcat("SIP/2.0 200 OK\r\n", row->answer, "From: ", NULL);
    g_autofree char *answer = NULL, *host = NULL;
    unsigned port = 0;

    stox_sip_message_set_source(message, row->address, 40001);
    answer = answer_of(message);
    answer[MIN(strlen(answer), strlen(expected))] = '\0';
    g_assert_cmpstr(answer, ==, expected);
    g_assert_true(stox_sip_message_answer_address(message, &host, &port));
    g_assert_cmpstr(host, ==, row->host);
    g_assert_cmpuint(port, ==, row->port);
}

/* Over streams nothing is added (lines as they came), and the sent-by says where else to go. */
static void test_stream(void)
{
    const char *via = "Via: SIP/2.0/TCP a.example:5070;branch=z9hG4bKa;rport\r\n";
    g_autoptr(StoxSipMessage) message = request_of(via, "Content-Length: 0\r\n\r\n", false);
    g_autofree char *answer = answer_of(message), *host = NULL;
    unsigned port = 0;

    g_assert_nonnull(strstr(answer, via));
    g_assert_true(stox_sip_view(message)->rport);
    g_assert_true(stox_sip_message_answer_address(message, &host, &port));
    g_assert_cmpstr(host, ==, "a.example");
    g_assert_cmpuint(port, ==, 5070);
}

typedef struct {
    const char *what;
    const char *tail;
    unsigned defect;
    const char *body; /* NULL: none */
} BodyRow;

static const BodyRow body_rows[] = {
    {"as announced", "Content-Length: 5\r\n\r\nHello", 0, "Hello"},
    {"surplus", "Content-Length: 5\r\n\r\nHello and more", 0, "Hello"},
    {"surplus to nothing", "l: 0\r\n\r\nHello", 0, NULL},
    {"short", "Content-Length: 6\r\n\r\nHello", 400, "Hello"},
    {"not announced: to the end", "\r\nHello", 0, "Hello"},
    {"no number", "Content-Length: five\r\n\r\nHello", 400, "Hello"},
    {"negative", "Content-Length: -5\r\n\r\nHello", 400, "Hello"},
    {"huge", "Content-Length: 99999999999999999999\r\n\r\nHello", 400, "Hello"},
    {"two that disagree", "Content-Length: 5\r\nContent-Length: 2\r\n\r\nHello", 400, "Hello"},
};

static void test_body(gconstpointer data)
{
    const BodyRow *row = data;
    g_autoptr(StoxSipMessage) message =
        request_of("Via: SIP/2.0/UDP a.example;branch=z9hG4bKa\r\n", row->tail, true);
    GBytes *body = stox_sip_view(message)->body;

    g_assert_cmpuint(stox_sip_defect(message, NULL), ==, row->defect);
    if (row->body) {
        g_assert_nonnull(body);
        g_assert_cmpmem(g_bytes_get_data(body, NULL), g_bytes_get_size(body), row->body,
                        strlen(row->body));
    } else {
        g_assert_null(body);
    }
}

/* a response whose body is short is none. */
static void test_short_response(void)
{
    static const char text[] =
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a.example;branch=z9hG4bKa\r\n" REST
        "Content-Length: 6\r\n\r\nHello";
    const char *why = NULL;

    g_assert_null(stox_sip_message_parse_datagram(text, sizeof text - 1, &why));
    g_assert_cmpstr(why, ==, "Content-Length is not the length of the body");
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(source_rows); i++) {
        g_autofree char *path = g_strdup_printf("/source/%02u %s", i, source_rows[i].what);

        g_test_add_data_func(path, &source_rows[i], test_source);
    }
    g_test_add_func("/source/stream", test_stream);
    for (unsigned i = 0; i < G_N_ELEMENTS(body_rows); i++) {
        g_autofree char *path = g_strdup_printf("/datagram/%02u %s (R-28)", i, body_rows[i].what);

        g_test_add_data_func(path, &body_rows[i], test_body);
    }
    g_test_add_func("/datagram/short response (R-28)", test_short_response);
    return g_test_run();
}
