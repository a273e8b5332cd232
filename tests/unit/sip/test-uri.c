/* SPDX-License-Identifier: MIT */
/* Texts of URIs, of header values that hold one, and of lists. */
#include "sip/message.h"

static void test_value_uri(void)
{
    static const struct {
        const char *value, *uri;
    } table[] = {
        {"<sip:a;lr>;x=y", "sip:a;lr"},
        {"\"Name\"<sip:a@b>", "sip:a@b"},
        {"\"<sip:evil@x>\" <sip:a@b>;tag=1", "sip:a@b"},
        {"\"a \\\" <sip:evil@x>\" <sip:a@b>", "sip:a@b"},
        {"sip:a@b;tag=1", "sip:a@b"},
        {" sip:a@b , <sip:c@d>", "sip:a@b"},
        {"Alice <sip:a@b>", "sip:a@b"},
        {"< sip:a@b >", "sip:a@b"},
        {"\"open <sip:a@b>", NULL},
        {"<sip:a@b", NULL},
        {"<>", NULL},
        {"<<sip:a@b>>", NULL},
        {"*", NULL},
        {"", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *uri = stox_sip_value_uri(table[i].value);

        g_assert_cmpstr(uri, ==, table[i].uri);
    }
}

static void test_uri_host(void)
{
    static const struct {
        const char *uri, *host;
        unsigned port;
    } table[] = {
        {"sip:pool01.contoso.example:5061;transport=tls;lr", "pool01.contoso.example", 5061},
        {"SIPS:a@b.example", "b.example", 0},
        {"sip:a;x=y@b.example?Subject=hi", "b.example", 0},
        {"sip:a:pw@b.example:5060", "b.example", 5060},
        {"sip:a@b.example;x=y@c.example", "b.example", 0},
        {"sip:[2001:db8::1]:5061;lr", "2001:db8::1", 5061},
        {"sip:[2001:db8::1]", "2001:db8::1", 0},
        {"sip:[2001:db8:::192.0.2.1]", "2001:db8::192.0.2.1", 0},
        {"sip:alice@contoso.example:45790;maddr=127.0.0.1;transport=tcp", "127.0.0.1", 45790},
        {"sip:a@b;maddr=[::1]", "::1", 0},
        {"sip:a@b;maddr=::1", "::1", 0},
        {"sip:a@b;maddr", NULL, 0},
        {"sip:a@b;maddr=", NULL, 0},
        {"sip:a@b;maddr=[]", NULL, 0},
        {"sip:a@b;maddr=c/d", NULL, 0},
        {"sip:a@b:0", NULL, 0},
        {"sip:a@b:65536", NULL, 0},
        {"sip:a@b:50x", NULL, 0},
        {"sip:a@b c", NULL, 0},
        {"sip:a@[::1", NULL, 0},
        {"sip:a@", NULL, 0},
        {"sip:", NULL, 0},
        {"tel:+1", NULL, 0},
        {"", NULL, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *host = NULL;
        unsigned port = 0;

        g_test_message("%s", table[i].uri);
        g_assert_true(stox_sip_uri_host(table[i].uri, &host, &port) == !!table[i].host);
        g_assert_cmpstr(host, ==, table[i].host);
        g_assert_cmpuint(port, ==, table[i].port);
    }
}

static void test_uri_param(void)
{
    static const struct {
        const char *uri, *name, *value;
    } table[] = {
        {"sip:h;ms-fe=fe01;lr", "ms-fe", "fe01"},
        {"sip:h;MS-FE=fe01;lr", "ms-fe", "fe01"},
        {"sip:h;ms-fe=fe01;lr", "lr", ""},
        {"sip:h;x=%41b", "x", "Ab"},
        {"sip:h;x=%4", "x", "%4"},
        {"sip:u;ms-fe=evil@h", "ms-fe", NULL},
        {"sip:h?ms-fe=x", "ms-fe", NULL},
        {"sip:h;ms-fex=1", "ms-fe", NULL},
        {"sip:h;;lr", "lr", ""},
        {"tel:+1;lr", "lr", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *value = stox_sip_uri_param(table[i].uri, table[i].name);

        g_assert_cmpstr(value, ==, table[i].value);
    }
}

static void test_list_has(void)
{
    g_assert_true(stox_sip_list_has("timer, ms-sender", "MS-Sender"));
    g_assert_true(stox_sip_list_has("timer,gruu", "gruu"));
    g_assert_true(stox_sip_list_has("text/plain;q=0.5, a/b", "text/plain"));
    g_assert_false(stox_sip_list_has("timers", "timer"));
    g_assert_false(stox_sip_list_has("", "timer"));
    g_assert_false(stox_sip_list_has(NULL, "timer"));
    g_assert_false(stox_sip_list_has("a;timer", "timer"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sip/uri/value-uri", test_value_uri);
    g_test_add_func("/sip/uri/host", test_uri_host);
    g_test_add_func("/sip/uri/param", test_uri_param);
    g_test_add_func("/sip/uri/list-has", test_list_has);
    return g_test_run();
}
