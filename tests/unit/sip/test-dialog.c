/* SPDX-License-Identifier: MIT */
/* Dialogs: rows, P-172; lync.md 4.3, 7.1, 7.2; RFC 3261 s12. */
#include "sip/dialog.h"

#include <string.h>

static const StoxSipHop hop = {.name = (char *) "fe",
                               .lync = true,
                               .transport = STOX_TRANSPORT_TLS,
                               .sent_by = (char *) "xgw.contoso.example:5061",
                               .contact = (char *) "xgw.contoso.example:5061;transport=tls",
                               .user_agent = (char *) "stoxd/0"};

#define ROUTE1                                                                                     \
    "<sip:pool01.contoso.example:5061;transport=tls;ms-fe=fe01.contoso.example;"                   \
    "opaque=state:T:F:Ci.R%41bc,100;lr;ms-route-sig=AbC>"
#define ROUTE2 "<sip:Edge.contoso.example;lr>"
#define GRUU   "sip:alice@contoso.example;opaque=user:epid:Q1w2%41e3;gruu"

static StoxSipMessage *parse(const char *text)
{
    const char *why = NULL;
    StoxSipMessage *message = stox_sip_message_parse(text, strlen(text), &why);

    if (!message || stox_sip_defect(message, &why))
        g_error("%s", why);
    return message;
}

#define HEAD(start, cseq)                                                                          \
    start "\r\nVia: SIP/2.0/TLS fe01.contoso.example:5061;branch=z9hG4bKa\r\n"                     \
          "Call-ID: call\r\nCSeq: " cseq "\r\n"

static const char invite[] =
    HEAD("INVITE sip:bob@partner.example SIP/2.0",
         "5 INVITE") "Record-Route: " ROUTE1 ";ms-rrsig=x;tag=0011\r\n"
                     "Record-Route: " ROUTE2 ";x=\",\" , <sip:third.example>\r\n"
                     "From: \"Alice, <A>\"<sip:alice@contoso.example>;tag=71aa;epid=5e20\r\n"
                     "To: \"Bob; tag=x\" <sip:bob@partner.example>;a=b\r\n"
                     "Contact: <" GRUU ">\r\n\r\n";

static char *written(StoxSipBuilder *builder)
{
    g_autoptr(StoxSipBuilder) owned = builder;
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(owned, NULL);

    return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

/* lync.md 7.1 F6 */
static void test_uas(void)
{
    g_autoptr(StoxSipMessage) request = parse(invite);
    g_autoptr(StoxDialog) dialog = stox_dialog_new_uas(&hop, request, "gw7731", 3);
    StoxSipTarget target = stox_dialog_target(dialog);
    g_autofree char *first = written(stox_dialog_request(dialog, STOX_SIP_INFO, 0));
    g_autofree char *second = written(stox_dialog_request(dialog, STOX_SIP_MESSAGE, 0));

    g_assert_cmpstr(first, ==,
                    "INFO " GRUU " SIP/2.0\r\n"
                    "Route: " ROUTE1 "\r\nRoute: " ROUTE2 "\r\nRoute: <sip:third.example>\r\n"
                    "Max-Forwards: 70\r\n"
                    "From: \"Bob; tag=x\" <sip:bob@partner.example>;a=b;tag=gw7731\r\n"
                    "To: \"Alice, <A>\"<sip:alice@contoso.example>;tag=71aa;epid=5e20\r\n"
                    "Call-ID: call\r\nCSeq: 1 INFO\r\nUser-Agent: stoxd/0\r\n"
                    "Content-Length: 0\r\n\r\n");
    /* */
    g_assert_nonnull(strstr(second, "\r\nCSeq: 2 MESSAGE\r\n"));
    g_assert_true(target.hop == &hop);
    g_assert_cmpuint(target.flow, ==, 3);
    g_assert_true(g_str_has_prefix(target.uri, "sip:pool01.contoso.example:5061;"));
    g_assert_true(g_str_has_suffix(target.uri, ";ms-route-sig=AbC"));
}

/* lync.md 7.2 */
static void test_uac(void)
{
    g_autoptr(StoxDialog) dialog = stox_dialog_new_uac(
        &hop, "call", "gw9001", "Bob", "sip:bob@partner.example", "sip:alice@contoso.example");
    g_autofree char *first = written(stox_dialog_request(dialog, STOX_SIP_INVITE, 0));
    g_autoptr(StoxSipMessage) nothing =
        parse(HEAD("SIP/2.0 200 OK", "1 INVITE") "From: <sip:b@p.example>;tag=gw9001\r\n"
                                                 "To: <sip:a@c.example>;tag=6f7e\r\n\r\n");
    g_autoptr(StoxSipMessage) ok = parse(
        HEAD("SIP/2.0 200 OK", "1 INVITE") "Record-Route: " ROUTE1 ";tag=1, " ROUTE2 "\r\n"
                                           "From: \"Bob\" <sip:bob@partner.example>;tag=gw9001\r\n"
                                           "To: <sip:alice@contoso.example>;tag=6f7e;epid=5e20\r\n"
                                           "Contact: <" GRUU ">\r\n\r\n");
    g_autofree char *ack = NULL, *key = NULL;

    g_assert_cmpstr(first, ==,
                    "INVITE sip:alice@contoso.example SIP/2.0\r\n"
                    "Max-Forwards: 70\r\n"
                    "From: \"Bob\" <sip:bob@partner.example>;tag=gw9001\r\n"
                    "To: <sip:alice@contoso.example>\r\n"
                    "Call-ID: call\r\nCSeq: 1 INVITE\r\nUser-Agent: stoxd/0\r\n"
                    "Content-Length: 0\r\n\r\n");
    g_assert_cmpstr(stox_dialog_target(dialog).uri, ==, "sip:alice@contoso.example");
    g_assert_false(stox_dialog_establish(dialog, nothing, 8));
    g_assert_null(dialog->remote_tag);
    g_assert_true(stox_dialog_establish(dialog, ok, 8));
    ack = written(stox_dialog_request(dialog, STOX_SIP_ACK, 1));
    g_assert_cmpstr(ack, ==,
                    "ACK " GRUU " SIP/2.0\r\n"
                    "Route: " ROUTE2 "\r\nRoute: " ROUTE1 "\r\n"
                    "Max-Forwards: 70\r\n"
                    "From: \"Bob\" <sip:bob@partner.example>;tag=gw9001\r\n"
                    "To: <sip:alice@contoso.example>;tag=6f7e;epid=5e20\r\n"
                    "Call-ID: call\r\nCSeq: 1 ACK\r\nUser-Agent: stoxd/0\r\n"
                    "Content-Length: 0\r\n\r\n");
    g_assert_cmpuint(dialog->local_cseq, ==, 1);
    g_assert_cmpstr(stox_dialog_target(dialog).uri, ==, "sip:Edge.contoso.example;lr");
    g_assert_cmpuint(stox_dialog_target(dialog).flow, ==, 8);
    key = stox_dialog_key_of(dialog);
    g_assert_cmpstr(key, ==, "call\ngw9001\n6f7e");
}

/* RFC 6665 s4.4.1: a NOTIFY makes the dialog, its Record-Route in the order it came. */
static void test_notify_establishes(void)
{
    g_autoptr(StoxDialog) dialog = stox_dialog_new_uac(
        &hop, "call", "gws1", NULL, "sip:bob@partner.example", "sip:alice@contoso.example");
    g_autoptr(StoxSipMessage) notify = parse(
        HEAD("NOTIFY sip:bob@xgw.contoso.example SIP/2.0",
             "9 NOTIFY") "Record-Route: " ROUTE1 "\r\nRecord-Route: " ROUTE2 "\r\n"
                         "From: <sip:alice@contoso.example>;tag=fe;epid=1\r\n"
                         "To: <sip:bob@partner.example>;tag=gws1\r\nContact: <" GRUU ">\r\n\r\n");
    g_autofree char *key = NULL, *incoming = stox_dialog_key_incoming(notify);

    g_assert_true(stox_dialog_establish(dialog, notify, 2));
    g_assert_cmpstr(dialog->route_set[0], ==, ROUTE1);
    g_assert_cmpstr(dialog->route_set[1], ==, ROUTE2);
    g_assert_cmpstr(dialog->remote, ==, "<sip:alice@contoso.example>;tag=fe;epid=1");
    g_assert_cmpint(stox_dialog_check(dialog, notify), ==, STOX_DIALOG_OK);
    g_assert_cmpuint(dialog->remote_cseq, ==, 9);
    key = stox_dialog_key_of(dialog);
    g_assert_cmpstr(incoming, ==, key);
}

static void test_refused(void)
{
    static const char *const texts[] = {
        HEAD("INVITE sip:b@p.example SIP/2.0", "1 INVITE") "From: <sip:a@c.example>;tag=1\r\n"
                                                           "To: <sip:b@p.example>\r\n\r\n",
        HEAD("INVITE sip:b@p.example SIP/2.0", "1 INVITE") "From: <sip:a@c.example>;tag=1\r\n"
                                                           "To: <sip:b@p.example>\r\n"
                                                           "Contact: <tel:+1555>\r\n\r\n",
        HEAD("INVITE sip:b@p.example SIP/2.0", "1 INVITE") "From: <sip:a@c.example>;tag=1\r\n"
                                                           "To: <sip:b@p.example>\r\n"
                                                           "Record-Route: <sip:;lr>\r\n"
                                                           "Contact: <sip:a@c.example>\r\n\r\n",
        HEAD("INVITE sip:b@p.example SIP/2.0",
             "1 INVITE") "From: <sip:a@c.example>;tag=1\r\n"
                         "To: <sip:b@p.example>\r\n"
                         "Record-Route: <sip:ok.example;lr>, nonsense\r\n"
                         "Contact: <sip:a@c.example>\r\n\r\n",
        HEAD("INVITE sip:b@p.example SIP/2.0", "1 INVITE") "From: <sip:a@c.example>;tag=1\r\n"
                                                           "To: <sip:b@p.example>\r\n"
                                                           "Contact: <sip:a b>\r\n\r\n",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(StoxSipMessage) request = parse(texts[i]);
        g_autofree char *key = stox_dialog_key_incoming(request);

        g_assert_null(stox_dialog_new_uas(&hop, request, "t", 1));
        g_assert_null(key);
    }
}

/* a first hop without lr wants to be the Request-URI. */
static void test_strict_router(void)
{
    g_autoptr(StoxSipMessage) request =
        parse(HEAD("INVITE sip:b@p.example SIP/2.0",
                   "1 INVITE") "Record-Route: <sip:old.example;x=lr>, <sip:next.example;lr>\r\n"
                               "From: <sip:a@c.example>;tag=1\r\nTo: <sip:b@p.example>\r\n"
                               "Contact: <sip:a@10.0.0.1>\r\n\r\n");
    g_autoptr(StoxDialog) dialog = stox_dialog_new_uas(&hop, request, "t", 1);
    g_autofree char *text = written(stox_dialog_request(dialog, STOX_SIP_BYE, 0));

    g_assert_true(g_str_has_prefix(text, "BYE sip:old.example;x=lr SIP/2.0\r\n"
                                         "Route: <sip:next.example;lr>\r\n"
                                         "Route: <sip:a@10.0.0.1>\r\nMax-Forwards"));
    g_assert_cmpstr(stox_dialog_target(dialog).uri, ==, "sip:old.example;x=lr");
}

/* RFC 3261 s12.1.1, s12.1.2: who gives no tag has the null one. */
static void test_no_remote_tag(void)
{
    g_autoptr(StoxSipMessage) request = parse(
        HEAD("INVITE sip:b@p.example SIP/2.0", "1 INVITE") "From: <sip:a@c.example>\r\n"
                                                           "To: <sip:b@p.example>\r\n"
                                                           "Contact: <sip:a@h.example>\r\n\r\n");
    g_autoptr(StoxSipMessage) bye =
        parse(HEAD("BYE sip:b@p.example SIP/2.0", "2 BYE") "From: <sip:a@c.example>\r\n"
                                                           "To: <sip:b@p.example>;tag=t\r\n\r\n");
    g_autoptr(StoxSipMessage) ok =
        parse(HEAD("SIP/2.0 200 OK", "1 INVITE") "From: <sip:b@p.example>;tag=t\r\n"
                                                 "To: <sip:a@c.example>\r\n"
                                                 "Contact: <sip:a@h.example>\r\n\r\n");
    g_autoptr(StoxDialog) uas = stox_dialog_new_uas(&hop, request, "t", 1);
    g_autoptr(StoxDialog) uac =
        stox_dialog_new_uac(&hop, "call", "t", NULL, "sip:b@p.example", "sip:a@c.example");
    g_autofree char *key = stox_dialog_key_of(uas), *incoming = stox_dialog_key_incoming(bye);
    g_autofree char *text = written(stox_dialog_request(uas, STOX_SIP_BYE, 0));
    g_autoptr(GBytes) blob = stox_dialog_blob(uas);
    g_autoptr(StoxDialog) back = stox_dialog_restore(blob, &hop);

    g_assert_cmpstr(key, ==, incoming);
    g_assert_nonnull(strstr(text, "\r\nTo: <sip:a@c.example>\r\n"));
    g_assert_true(stox_dialog_is_remote_tag(uas, NULL));
    g_assert_true(stox_dialog_is_remote_tag(back, NULL));
    g_assert_false(stox_dialog_is_remote_tag(uac, NULL));
    g_assert_true(stox_dialog_establish(uac, ok, 1));
    g_assert_true(stox_dialog_is_remote_tag(uac, NULL));
    g_assert_false(stox_dialog_is_remote_tag(uac, "x"));
}

/* For the ACK and BYE to a 2xx that no session can be made of. */
static void test_rough(void)
{
    static const struct {
        const char *headers, *target, *route;
    } rows[] = {
        {"Record-Route: <sip:p.example;lr>\r\n", "sip:a@c.example", "<sip:p.example;lr>"},
        {"Contact: <tel:+1>\r\n", "sip:a@c.example", NULL},
        {"Record-Route: <sip:;lr>\r\nContact: <sip:a@h.example>\r\n", "sip:a@h.example", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat(HEAD("SIP/2.0 200 OK", "1 INVITE"),
                                            "From: <sip:b@p.example>;tag=t\r\n"
                                            "To: <sip:a@c.example>;tag=u\r\n",
                                            rows[i].headers, "\r\n", NULL);
        g_autoptr(StoxSipMessage) ok = parse(text);
        g_autoptr(StoxDialog) dialog =
            stox_dialog_new_uac(&hop, "call", "t", NULL, "sip:b@p.example", "sip:a@c.example");

        g_assert_false(stox_dialog_establish(dialog, ok, 1));
        g_assert_false(dialog->established);
        stox_dialog_establish_roughly(dialog, ok, 1);
        g_assert_true(stox_dialog_is_remote_tag(dialog, "u"));
        g_assert_cmpstr(dialog->remote_target, ==, rows[i].target);
        g_assert_cmpstr(dialog->route_set[0], ==, rows[i].route);
    }
}

/* RFC 3261 s19.1.1: what a Contact may have and a Request-URI may not. */
static void test_request_uri(void)
{
    static const struct {
        const char *target, *request_uri;
    } rows[] = {
        {"sip:a@h.example;transport=tls?Subject=x", "sip:a@h.example;transport=tls"},
        {"sip:a@h.example;method=INVITE;ob", "sip:a@h.example;ob"},
        {"sip:a@h.example;x;method=INVITE", "sip:a@h.example;x"},
        {"sip:a?b;method=c@h.example", "sip:a?b;method=c@h.example"},
        {"sip:h.example?To=x", "sip:h.example"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(StoxDialog) dialog =
            stox_dialog_new_uac(&hop, "c", "t", NULL, "sip:b@p.example", rows[i].target);
        g_autofree char *text = written(stox_dialog_request(dialog, STOX_SIP_BYE, 0));
        g_autofree char *start = g_strdup_printf("BYE %s SIP/2.0\r\n", rows[i].request_uri);

        g_assert_true(g_str_has_prefix(text, start));
    }
}

/* RFC 3261 s12.1.1: sips in the first Record-Route, or in the Contact without one, wants a sips Contact. */
static void test_sips(void)
{
    static const struct {
        const char *headers;
        bool sips;
    } rows[] = {
        {"Contact: <sip:a@h.example>\r\n", false},
        {"Contact: <sips:a@h.example>\r\n", true},
        {"Contact: <sips:a@h.example>\r\nRecord-Route: <sip:p.example;lr>\r\n", false},
        {"Contact: <sip:a@h.example>\r\nRecord-Route: <sips:p.example;lr>, <sip:q.example>\r\n",
         true},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text =
            g_strconcat(HEAD("INVITE sip:b@p.example SIP/2.0", "1 INVITE"),
                        "From: <sip:a@c.example>;tag=1\r\nTo: <sip:bob@p.example>\r\n",
                        rows[i].headers, "\r\n", NULL);
        g_autoptr(StoxSipMessage) request = parse(text);
        g_autoptr(StoxDialog) dialog = stox_dialog_new_uas(&hop, request, "t", 1);
        StoxSipBuilder *builder = stox_dialog_request(dialog, STOX_SIP_UPDATE, 0);
        g_autofree char *update = NULL;

        g_assert_cmpint(stox_sip_wants_sips(request), ==, rows[i].sips);
        stox_dialog_add_contact(dialog, builder, false);
        update = written(builder);
        g_assert_nonnull(strstr(update, rows[i].sips
                                            ? "\r\nContact: <sips:bob@xgw.contoso.example:5061>\r\n"
                                            : "\r\nContact: <sip:bob@xgw.contoso.example:5061;"
                                              "transport=tls>\r\n"));
    }
}

static void test_refresh(void)
{
    static const char plain[] = HEAD(
        "UPDATE sip:bob@xgw.example SIP/2.0",
        "6 UPDATE") "Record-Route: <sip:new.example;lr>\r\nFrom: <sip:a@c.example>;tag=71aa\r\n"
                    "To: <sip:b@p.example>;tag=gw7731\r\nContact: <sip:alice@10.0.0.9>\r\n\r\n";
    static const char moved[] = HEAD(
        "SIP/2.0 200 OK",
        "7 UPDATE") "Record-Route: <sip:new1.example;lr>, <sip:new2.example;lr>\r\n"
                    "Supported: timer\r\nSupported: ms-dialog-route-set-update\r\n"
                    "From: <sip:b@p.example>;tag=gw7731\r\nTo: <sip:a@c.example>;tag=71aa\r\n\r\n";
    g_autoptr(StoxSipMessage) request = parse(invite);
    g_autoptr(StoxDialog) dialog = stox_dialog_new_uas(&hop, request, "gw7731", 3);
    g_autoptr(StoxSipMessage) update = parse(plain);
    g_autoptr(StoxSipMessage) answer = parse(moved);

    stox_dialog_refresh_target(dialog, update, 4);
    g_assert_cmpstr(dialog->remote_target, ==, "sip:alice@10.0.0.9");
    g_assert_cmpstr(dialog->route_set[0], ==, ROUTE1);
    g_assert_cmpuint(dialog->flow, ==, 4);
    stox_dialog_refresh_target(dialog, answer, 5);
    g_assert_cmpstr(dialog->remote_target, ==, "sip:alice@10.0.0.9");
    g_assert_cmpstr(dialog->route_set[0], ==, "<sip:new2.example;lr>");
    g_assert_cmpstr(dialog->route_uri, ==, "sip:new2.example;lr");
    g_assert_cmpuint(g_strv_length(dialog->route_set), ==, 2);
}

/* */
static void test_order(void)
{
#define IN(method, n)                                                                              \
    parse(                                                                                         \
        HEAD(method " sip:b@x.example SIP/2.0", #n                                                 \
             " " method) "From: <sip:a@c.example>;tag=1"                                           \
                         "\r\nTo: <sip:b@p.example>;tag=t\r\nContact: <sip:a@c.example>\r\n\r\n")
    g_autoptr(StoxSipMessage) five = parse(invite);
    g_autoptr(StoxSipMessage) six = IN("MESSAGE", 6);
    g_autoptr(StoxSipMessage) four = IN("MESSAGE", 4);
    g_autoptr(StoxSipMessage) ack = IN("ACK", 5);
    g_autoptr(StoxSipMessage) last = IN("BYE", 2147483647);
    g_autoptr(StoxDialog) dialog = stox_dialog_new_uas(&hop, five, "t", 1);

    g_assert_cmpint(stox_dialog_check(dialog, four), ==, STOX_DIALOG_OUT_OF_ORDER);
    g_assert_cmpint(stox_dialog_check(dialog, six), ==, STOX_DIALOG_OK);
    g_assert_cmpint(stox_dialog_check(dialog, ack), ==, STOX_DIALOG_OK);
    /* The same one by another way. */
    g_assert_cmpint(stox_dialog_check(dialog, six), ==, STOX_DIALOG_REPEATED);
    g_assert_cmpuint(dialog->remote_cseq, ==, 6);
    g_assert_cmpint(stox_dialog_check(dialog, last), ==, STOX_DIALOG_OK);
    g_assert_cmpint(stox_dialog_check(dialog, six), ==, STOX_DIALOG_OUT_OF_ORDER);
}

static void test_contact(void)
{
    static const struct {
        const char *from;
        bool gruu;
        const char *contact;
    } table[] = {
        {"sip:bob@partner.example", false,
         "Contact: <sip:bob@xgw.contoso.example:5061;transport=tls>\r\n"},
        /* */
        {"sip:b%40b@partner.example;x=y", true,
         "Contact: <sip:b%40b@xgw.contoso.example:5061;transport=tls;gr>\r\n"},
        {"sip:partner.example", false, "Contact: <sip:xgw.contoso.example:5061;transport=tls>\r\n"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(StoxDialog) dialog =
            stox_dialog_new_uac(&hop, "c", "t", "B <x@y>", table[i].from, "sip:a@c.example");
        StoxSipBuilder *builder = stox_dialog_request(dialog, STOX_SIP_SUBSCRIBE, 0);
        g_autofree char *text = NULL;

        stox_dialog_add_contact(dialog, builder, table[i].gruu);
        text = written(builder);
        g_assert_nonnull(strstr(text, table[i].contact));
    }
}

static void test_blob(void)
{
    g_autoptr(StoxSipMessage) request = parse(invite);
    g_autoptr(StoxDialog) dialog = stox_dialog_new_uas(&hop, request, "gw7731", 3);
    g_autoptr(StoxDialog) half =
        stox_dialog_new_uac(&hop, "c", "t", "\xff", "sip:b@p.example", "sip:a@c.example");
    g_autoptr(GBytes) blob = NULL;
    g_autoptr(GBytes) half_blob = stox_dialog_blob(half);
    g_autoptr(StoxDialog) back = NULL;
    g_autoptr(StoxDialog) half_back = stox_dialog_restore(half_blob, &hop);
    g_autofree char *before = written(stox_dialog_request(dialog, STOX_SIP_BYE, 9)), *after = NULL;
    g_autofree uint8_t *copy = NULL;
    size_t n;

    dialog->local_cseq = 41;
    blob = stox_dialog_blob(dialog);
    back = stox_dialog_restore(blob, &hop);
    g_assert_nonnull(back);
    after = written(stox_dialog_request(back, STOX_SIP_BYE, 9));
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpuint(back->local_cseq, ==, 41);
    g_assert_cmpuint(back->remote_cseq, ==, 5);
    g_assert_cmpuint(back->flow, ==, 0);
    g_assert_cmpstr(back->remote_tag, ==, "71aa");
    g_assert_cmpstr(stox_dialog_target(back).uri, ==, stox_dialog_target(dialog).uri);
    g_assert_null(half_back->remote_tag);
    g_assert_cmpstr(half_back->local, ==, half->local);
    g_assert_cmpstr(stox_dialog_target(half_back).uri, ==, "sip:a@c.example");
    /* Not ours, cut short, or of another version. */
    copy = g_memdup2(g_bytes_get_data(blob, &n), g_bytes_get_size(blob));
    for (size_t i = 0; i < n; i++) {
        g_autoptr(GBytes) cut = g_bytes_new(copy, i);

        g_assert_null(stox_dialog_restore(cut, &hop));
    }
    copy[0]++;
    {
        g_autoptr(GBytes) newer = g_bytes_new(copy, n);

        g_assert_null(stox_dialog_restore(newer, &hop));
    }
}

/* What is read from a store may have been written by a bug, or by somebody else. */
static void test_unsound_blobs(void)
{
    g_autoptr(StoxSipMessage) request = parse(invite);
    g_autoptr(StoxDialog) dialog = stox_dialog_new_uas(&hop, request, "gw7731", 3);
    char **const texts[] = {&dialog->call_id, &dialog->local_tag, &dialog->local,
                            &dialog->remote_target, &dialog->remote};
    static char empty[] = "", two_lines[] = "sip:a@b\r\nX: y";
    static char *no_route[] = {(char *) "<sip:>", NULL};
    GStrv routes = dialog->route_set;

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(texts); i++) {
        char **text = texts[i / 2], *kept = *text;

        *text = i % 2 ? two_lines : empty;
        {
            g_autoptr(GBytes) blob = stox_dialog_blob(dialog);

            g_assert_null(stox_dialog_restore(blob, &hop));
        }
        *text = kept;
    }
    dialog->route_set = no_route;
    {
        g_autoptr(GBytes) blob = stox_dialog_blob(dialog);

        g_assert_null(stox_dialog_restore(blob, &hop));
    }
    dialog->route_set = routes;
    dialog->local_cseq = 0x80000000u;
    {
        g_autoptr(GBytes) blob = stox_dialog_blob(dialog);

        g_assert_null(stox_dialog_restore(blob, &hop));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sip/dialog/lync 7.1 uas", test_uas);
    g_test_add_func("/sip/dialog/lync 7.2 uac", test_uac);
    g_test_add_func("/sip/dialog/P-172 notify-establishes", test_notify_establishes);
    g_test_add_func("/sip/dialog/refused", test_refused);
    g_test_add_func("/sip/dialog/R-33 strict-router", test_strict_router);
    g_test_add_func("/sip/dialog/refresh", test_refresh);
    g_test_add_func("/sip/dialog/R-21 order", test_order);
    g_test_add_func("/sip/dialog/A-28 contact", test_contact);
    g_test_add_func("/sip/dialog/blob", test_blob);
    g_test_add_func("/sip/dialog/unsound-blobs", test_unsound_blobs);
    g_test_add_func("/sip/dialog/no-remote-tag", test_no_remote_tag);
    g_test_add_func("/sip/dialog/rough", test_rough);
    g_test_add_func("/sip/dialog/request-uri", test_request_uri);
    g_test_add_func("/sip/dialog/sips", test_sips);
    return g_test_run();
}
