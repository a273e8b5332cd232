/* SPDX-License-Identifier: MIT */
/* Which names a request inside a dialog may go to (R-33; lync.md 4.3). */
#include "sip/way.h"

typedef struct {
    const char *name, *uri, *first, *second;
    unsigned port;
} Row;

static const Row rows[] = {
    {"ms-fe first, then the pool",
     "sip:pool01.contoso.example:5061;transport=tls;ms-fe=fe01.contoso.example;opaque=state:F;lr;"
     "ms-route-sig=x",
     "fe01.contoso.example", "pool01.contoso.example", 5061},
    {"the pool's name alone", "sip:pool01.contoso.example:5061;transport=tls;lr",
     "pool01.contoso.example", NULL, 5061},
    {"ms-fe is the host", "sip:fe01.contoso.example;ms-fe=FE01.contoso.example;lr",
     "fe01.contoso.example", NULL, 0},
    {"an empty ms-fe", "sip:pool01.contoso.example;ms-fe=;lr", "pool01.contoso.example", NULL, 0},
    {"an ms-fe without value", "sip:pool01.contoso.example;ms-fe", "pool01.contoso.example", NULL,
     0},
    {"an ms-fe that is no name", "sip:pool01.contoso.example;ms-fe=a%2Fb%20c",
     "pool01.contoso.example", NULL, 0},
    {"an ms-fe that would end a line", "sip:pool01.contoso.example;ms-fe=a%0D%0Ab",
     "pool01.contoso.example", NULL, 0},
    {"a remote target with user", "sip:alice@127.0.0.11:5070;transport=tcp", "127.0.0.11", NULL,
     5070},
    {"IPv6", "sip:alice@[2001:db8::1]:5060", "2001:db8::1", NULL, 5060},
    {"maddr, RFC 3261 s19.1.1", "sip:alice@contoso.example;maddr=192.0.2.7", "192.0.2.7", NULL, 0},
    {"no sip URI", "tel:+15550100", NULL, NULL, 0},
    {"port 0", "sip:contoso.example:0", NULL, NULL, 0},
    {"a host that is none", "sip:a/b", NULL, NULL, 0},
};

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_auto(StoxWay) way = {0};

    stox_way_init(&way, row->uri);
    g_assert_cmpstr(way.hosts[0], ==, row->first);
    g_assert_cmpstr(way.hosts[1], ==, row->second);
    g_assert_cmpuint(way.port, ==, row->port);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/way/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
