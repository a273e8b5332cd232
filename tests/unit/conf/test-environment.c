/* SPDX-License-Identifier: MIT */
/* Settings from the environment, laid over a file. */
#include "tests/unit/conf/sandbox.h"

#include <string.h>

#define BASE                                                                                       \
    "[domain contoso.example]\nsecret-file = %D/secret\nhop = pool01\n"                            \
    "[sip]\nlisten = tcp:127.0.0.1:5060\nfqdn = xgw.contoso.example\n"                             \
    "[hop pool01]\nnext-hop = tcp:127.0.0.1:5070\n"                                                \
    "[partner partner.example]\n"

static void test_overrides(void)
{
    static const char *const environment[] = {
        "PATH=/bin",
        "XSTOXD_SIP_FQDN=wrong.example",
        "STOXD_COMPONENT_SERVER=prosody:5348",
        "STOXD_GATEWAY_CONFIRM_TIMEOUT= 4s ",
        "STOXD_SIP_LISTEN=tcp:[::1]:5062\ntcp:127.0.0.1:5062",
        "STOXD_HOP_POOL01_NEXT_HOP_FILE=%D/next",
        "STOXD_DOMAIN_CONTOSO_EXAMPLE_SECRET_FILE=%D/other",
        "STOXD_PARTNER_PARTNER_EXAMPLE_ADDITIONAL_DOMAINS=a.example",
        NULL};
    g_autoptr(Sandbox) sandbox = sandbox_new();
    const StoxDomainSettings *domain;
    const StoxHopSettings *hop;

    sandbox_write(sandbox, "next", "tcp:192.0.2.1:5\n", 0600);
    sandbox_write(sandbox, "other", "another\n", 0600);
    sandbox_load_text(sandbox, BASE, environment);
    g_assert_cmpstr(sandbox->printed, ==, "");
    domain = sandbox->settings->domains->pdata[0];
    hop = sandbox->settings->hops->pdata[0];
    g_assert_cmpstr(domain->server_host, ==, "prosody");
    g_assert_cmpuint(domain->server_port, ==, 5348);
    g_assert_cmpstr(domain->secret, ==, "another");
    g_assert_cmpuint(sandbox->settings->confirm_timeout_s, ==, 4);
    g_assert_cmpuint(sandbox->settings->listens->len, ==, 2);
    g_assert_cmpstr(stox_next_hop_first(hop)->host, ==, "192.0.2.1");
    g_assert_cmpstr(
        ((StoxPartnerSettings *) sandbox->settings->partners->pdata[0])->additional_domains[0], ==,
        "a.example");
}

/* secret and secret-file exclude each other; the environment's takes the place of the file's. */
static void test_secret(void)
{
    static const char *const environment[] = {"STOXD_DOMAIN_CONTOSO_EXAMPLE_SECRET=s3cret", NULL};
    static const char *const both[] = {"STOXD_DOMAIN_CONTOSO_EXAMPLE_SECRET=s3cret",
                                       "STOXD_DOMAIN_CONTOSO_EXAMPLE_SECRET_FILE=%D/secret", NULL};
    g_autoptr(Sandbox) sandbox = sandbox_new();

    sandbox_load_text(sandbox, BASE, environment);
    g_assert_true(g_str_has_prefix(sandbox->printed,
                                   "warning: environment variable "
                                   "STOXD_DOMAIN_CONTOSO_EXAMPLE_SECRET: the secret stands in"));
    g_assert_cmpstr(((StoxDomainSettings *) sandbox->settings->domains->pdata[0])->secret, ==,
                    "s3cret");
    sandbox_load_text(sandbox, BASE, both);
    g_assert_null(sandbox->settings);
    g_assert_nonnull(strstr(sandbox->printed, "both given"));
    g_assert_null(strstr(sandbox->printed, "s3cret"));
}

static void test_mistakes(void)
{
    static const struct {
        const char *variable[3];
        bool good;
        const char *line;
    } rows[] = {
        {{"STOXD_SIP_FQNDN=a"},
         true,
         "warning: environment variable STOXD_SIP_FQNDN: names no key"},
        {{"STOXD_DOMAIN_OTHER_EXAMPLE_HOP=a"},
         true,
         "warning: environment variable STOXD_DOMAIN_OTHER_EXAMPLE_HOP: names no key"},
        {{"STOXD_="}, true, "warning: environment variable STOXD_: names no key"},
        {{"STOXD_SIP_IDLE_TIMEOUT=never"},
         false,
         "error: environment variable STOXD_SIP_IDLE_TIMEOUT: idle-timeout \"never\" is not a"},
        {{"STOXD_SIP_FQDN="},
         false,
         "error: environment variable STOXD_SIP_FQDN: [sip] fqdn is empty"},
        {{"STOXD_SIP_FQDN=\xff"},
         false,
         "error: environment variable STOXD_SIP_FQDN: its value is not UTF-8"},
        {{"STOXD_SIP_FQDN_FILE=%D/none"},
         false,
         "error: environment variable STOXD_SIP_FQDN_FILE: %D/none cannot be opened"},
        {{"STOXD_SIP_FQDN_FILE=%D"},
         false,
         "error: environment variable STOXD_SIP_FQDN_FILE: %D is not a regular file"},
        {{"STOXD_SIP_FQDN=a.example", "STOXD_SIP_FQDN_FILE=%D/secret"},
         false,
         "error: environment variable STOXD_SIP_FQDN_FILE: STOXD_SIP_FQDN sets the same key"},
        {{"STOXD_GATEWAY_STATE_DIRECTORY=/x"},
         false,
         "error: environment variable STOXD_GATEWAY_STATE_DIRECTORY: key state-directory is known"},
        {{"STOXD_ACCESS_DEFAULT=deny"},
         false,
         "error: environment variable STOXD_ACCESS_DEFAULT: group [access] is known"},
        {{"STOXD_HOP_POOL01_CA=/none"},
         true,
         "warning: environment variable STOXD_HOP_POOL01_CA: ca has no effect"},
    };
    g_autoptr(Sandbox) sandbox = sandbox_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        sandbox_load_text(sandbox, BASE, rows[i].variable);
        g_test_message("row %u: %s", i, sandbox->printed);
        g_assert_true(g_str_has_prefix(sandbox->printed, rows[i].line));
        g_assert_cmpuint(sandbox->findings->len, ==, 1);
        g_assert_cmpint(sandbox->settings != NULL, ==, rows[i].good);
    }
}

static void test_ambiguous(void)
{
    static const char *const environment[] = {"STOXD_PARTNER_A_B_EXAMPLE_DESCRIPTION=x", NULL};
    g_autoptr(Sandbox) sandbox = sandbox_new();

    sandbox_load_text(sandbox, BASE "[partner a.b.example]\n[partner a-b.example]\n", environment);
    g_assert_cmpstr(sandbox->printed, ==,
                    "error: environment variable STOXD_PARTNER_A_B_EXAMPLE_DESCRIPTION: fits more "
                    "than one group; set the key in the settings file instead\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/environment/overrides", test_overrides);
    g_test_add_func("/conf/environment/secret", test_secret);
    g_test_add_func("/conf/environment/mistakes", test_mistakes);
    g_test_add_func("/conf/environment/ambiguous", test_ambiguous);
    return g_test_run();
}
