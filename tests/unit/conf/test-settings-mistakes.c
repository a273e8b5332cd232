/* SPDX-License-Identifier: MIT */
/* What each mistake in the settings is answered with; that no answer names a secret. */
#include "tests/unit/conf/sandbox.h"
#include "tests/unit/conf/settings-text.h"

#include <string.h>

/* One change to the smallest settings, and the one line that it is answered with. */
static const struct {
    const char *from, *to; /* first occurrence in SETTINGS_BASE; from NULL: appended */
    const char *line;      /* the beginning of the only finding, file name left out */
} mistakes[] = {
    {"fqdn", "fqnd", ":6: error: there is no key fqnd in [sip]; did you mean fqdn?"},
    {"private-key", "PrivateKey",
     ":8: error: there is no key PrivateKey in [sip]; did you mean private-key?"},
    {SETTINGS_PARTNER, SETTINGS_PARTNER "fqdn = a\n",
     ":13: error: there is no key fqdn in [partner]; it belongs into [sip]"},
    {SETTINGS_PARTNER, SETTINGS_PARTNER "banana = a\n",
     ":13: error: there is no key banana in [partner]\n"},
    {SETTINGS_PARTNER, SETTINGS_PARTNER "partner-type = PublicUnverified\n",
     ":13: error: partner-type public-unverified is known but not yet supported"},
    {SETTINGS_PARTNER, SETTINGS_PARTNER "language = fr\n",
     ":13: error: language \"fr\" is neither en nor de\n"},
    {"hop = pool01\n", "hop = pool01\nsip-domains = ;\n",
     ":4: error: sip-domains names no domain\n"},
    {"hop = pool01\n", "hop = pool01\npercent-form = yes\n",
     ":4: warning: percent-form has no effect without sip-domains\n"},
    {"[sip]\n",
     "[domain sip.gw.example]\nsecret-file = %D/secret\nhop = pool01\n"
     "sip-domains = fabrikam.example contoso.example\n[sip]\n",
     ":7: error: the SIP domain contoso.example is that of [domain contoso.example] already\n"},
    {SETTINGS_PARTNER, "[access]\ndefault = deny\n" SETTINGS_PARTNER,
     ":12: error: group [access] is known but not yet supported"},
    {SETTINGS_PARTNER, SETTINGS_PARTNER "[gateway]\nstate-directory = /x\n",
     ":14: error: key state-directory is known but"},
    {"[hop pool01]\n", "[hop pool01]\nbusy-as = red\n",
     ":10: error: busy-as \"red\" is none of dnd, away, online\n"},
    {"[hop pool01]", "[hop:pool01]", ":9: error: there is no group [hop:pool01]; write [hop NAME]"},
    {"[hop pool01]", "[hop]", ":9: error: group [hop] needs a name: [hop NAME]"},
    {"[hop pool01]", "[hop \"pool01\"]", ":9: error: \"\"pool01\"\" is not a name for a hop"},
    {"[sip]", "[sip x]", ":4: error: group [sip] has no name behind it"},
    {SETTINGS_PARTNER, "[partner *.partner.example]\n",
     ":12: error: \"*.partner.example\" is not a domain: there are no wildcards"},
    {SETTINGS_PARTNER, "[partner a@b]\n", ":12: error: \"a@b\" is not a domain\n"},
    {NULL, "[gatway]\n", ":13: error: there is no group [gatway]; did you mean [gateway]?"},
    {NULL, "[x.y]\n", ":13: error: there is no group [x.y]\n"},
    {NULL, "[domain CONTOSO.example]\n",
     ":13: error: [domain CONTOSO.example] is the same as [domain contoso.example] at "
     "%D/stoxd.conf:1"},
    {NULL, "[hop POOL01]\n",
     ":13: error: [hop POOL01] is the same as [hop pool01] at %D/stoxd.conf:9"},
    {NULL, "[sip]\n", ":13: error: group [sip] was already opened at %D/stoxd.conf:4"},
    {NULL, "[partner contoso.example]\n",
     ":13: error: contoso.example is served here ([domain contoso.example] at %D/stoxd.conf:1)"},
    {SETTINGS_PARTNER, SETTINGS_PARTNER "additional-domains = a.example Contoso.example\n",
     ":13: error: contoso.example is served here"},
    {SETTINGS_PARTNER, SETTINGS_PARTNER "additional-domains = b.example\n[partner b.example]\n",
     ":13: error: partner domain b.example is already in [partner b.example] at %D/stoxd.conf:14"},
    {SETTINGS_PARTNER, SETTINGS_PARTNER "additional-domains = *.b.example\n",
     ":13: error: additional-domains \"*.b.example\" is not a domain: there are no wildcards"},
    {SETTINGS_PARTNER, "", ": warning: there is no [partner DOMAIN]: nobody can be talked to"},
    {"listen = tls:0.0.0.0:5061", "listen = tls:localhost:5061",
     ":5: error: listen \"tls:localhost:5061\" is not an address"},
    {"listen = tls:0.0.0.0:5061", "listen = tls:*:5061",
     ":5: error: listen \"tls:*:5061\" has a character that no host"},
    {"listen = tls:0.0.0.0:5061", "listen = 0.0.0.0:70000",
     ":5: error: listen \"0.0.0.0:70000\" has no port from 1 to 65535"},
    {SETTINGS_HOP,
     SETTINGS_HOP "[hop old]\nnext-hop = udp:192.0.2.1\n[domain fabrikam.example]\n"
                  "secret-file = %D/secret\nhop = old\n",
     ":5: error: [hop old] is udp, and [sip] listen has no udp"},
    {"listen = tls:0.0.0.0:5061\nfqdn = xgw.contoso.example\ncertificate = %D/cert.pem\n"
     "private-key = %D/key.pem\n[hop pool01]\nnext-hop = tls:pool01.contoso.example\n"
     "ca = %D/ca.pem",
     "listen = udp:0.0.0.0\nfqdn = xgw.contoso.example\n[hop pool01]\nnext-hop = udp:192.0.2.1",
     ":5: warning: [hop pool01] is udp, but [sip] listen has no tcp"},
    {"listen = tls:0.0.0.0:5061", "listen = tls:0.0.0.0 udp:0.0.0.0",
     ":5: warning: listen has udp, but no hop is udp"},
    {"ca = %D/ca.pem\n", "ca = %D/ca.pem\ncrl = some\n",
     ":12: error: crl \"some\" is none of off, leaf, chain"},
    {"ca = %D/ca.pem\n", "ca = %D/ca.pem\ncrl = leaf\n",
     ":9: error: [hop pool01] crl-file is missing, and crl needs it"},
    {"ca = %D/ca.pem\n", "ca = %D/ca.pem\ncrl = chain\ncrl-file = %D/none.pem\n",
     ":13: error: crl-file: %D/none.pem cannot be opened"},
    {"ca = %D/ca.pem\n", "ca = %D/ca.pem\ncrl-file = %D/ca.pem\n",
     ":12: warning: crl-file has no effect: crl of [hop pool01] is off"},
    {"next-hop = tls:pool01.contoso.example", "next-hop = tls:pool01.contoso.example tcp:b.example",
     ":10: error: next-hop \"tcp:b.example\" has another transport"},
    {"next-hop = tls:pool01.contoso.example", "next-hop = tls:pool01.contoso.example 192.0.2.1",
     ":10: error: [hop pool01] next-hop is an address: add peers"},
    {"listen = tls:0.0.0.0:5061", "listen = tls:0.0.0.0, tls:0.0.0.0:5061",
     ":5: error: listen names 0.0.0.0 port 5061 twice"},
    {"listen = tls:0.0.0.0:5061", "listen = ;", ":5: error: listen names no address"},
    {"listen = tls:0.0.0.0:5061", "listen =", ":5: error: [sip] listen is empty. Where SIP is"},
    {"listen = tls:0.0.0.0:5061\n", "", ":4: error: [sip] listen is missing. Where SIP is"},
    {"listen = tls:0.0.0.0:5061", "listen = tls:0.0.0.0 tcp:0.0.0.0",
     ":5: warning: listen has tcp, but no hop is tcp"},
    {"fqdn = xgw.contoso.example", "fqdn = 192.0.2.1",
     ":6: error: fqdn is an address, but with TLS"},
    {"fqdn = xgw.contoso.example", "fqdn = \"xgw\"",
     ":6: error: fqdn \"\"xgw\"\" has a character that no host name contains (values are written "
     "without quotes)"},
    {"fqdn = xgw.contoso.example", "fqdn = xgw # c",
     ":6: error: the value of fqdn contains a blank and #"},
    {"certificate = %D/cert.pem\n", "",
     ":4: error: [sip] certificate is missing, and TLS needs it"},
    {"certificate = %D/cert.pem", "certificate = cert.pem",
     ":7: error: certificate \"cert.pem\" is not an absolute path"},
    {"certificate = %D/cert.pem", "certificate = %D/none.pem",
     ":7: error: certificate: %D/none.pem cannot be opened: No such file"},
    {"certificate = %D/cert.pem", "certificate = %D",
     ":7: error: certificate: %D is not a regular file"},
    {"private-key = %D/key.pem", "private-key = %D/cert.pem",
     ":8: warning: private-key: everybody on this machine can read %D/cert.pem"},
    {"private-key = %D/key.pem\n", "", ":4: error: [sip] private-key is missing, and TLS needs it"},
    {"ca = %D/ca.pem\n", "", ":9: error: [hop pool01] ca is missing, and TLS needs it"},
    {"ca = %D/ca.pem\n", "ca =\n", ":11: error: [hop pool01] ca is missing, and TLS needs it"},
    {"next-hop = tls:pool01.contoso.example\n", "",
     ":9: error: [hop pool01] next-hop is missing. tls:HOST"},
    {"next-hop = tls:pool01.contoso.example", "next-hop = tls:192.0.2.1",
     ":10: error: [hop pool01] next-hop is an address: add peers"},
    {"next-hop = tls:pool01.contoso.example", "next-hop = sip:pool01.contoso.example",
     ":10: error: next-hop \"sip:pool01.contoso.example\" is a URI"},
    {"ca = %D/ca.pem\n", "ca = %D/ca.pem\npeers = 192.0.2.1 a.example\n",
     ":12: warning: peers: 192.0.2.1 is an address"},
    {"ca = %D/ca.pem\n", "ca = %D/ca.pem\npeers =\n",
     ":12: warning: [hop pool01] peers is empty: no connection"},
    {"ca = %D/ca.pem\n", "ca = %D/ca.pem\npeers = a.example:5061\n",
     ":12: error: peers \"a.example:5061\" has a character"},
    {"ca = %D/ca.pem\n", "ca = %D/ca.pem\ntls-minimum = 1.4\n",
     ":12: error: tls-minimum \"1.4\" is none of"},
    {"ca = %D/ca.pem\n", "ca = %D/ca.pem\ndialect = sip\n",
     ":12: error: dialect \"sip\" is neither lync nor simple"},
    {"hop = pool01", "hop = pool02", ":3: error: there is no [hop pool02]; did you mean pool01?"},
    {"hop = pool01\n", "", ":1: error: [domain contoso.example] hop is missing. Name of"},
    {"secret-file = %D/secret\n", "", ":1: error: [domain contoso.example] has no secret-file"},
    {"secret-file = %D/secret", "secret-file = secret",
     ":2: error: secret-file \"secret\" is not an absolute path"},
    {"secret-file = %D/secret",
     "secret-file =", ":2: error: secret-file \"\" is not an absolute path"},
    {"secret-file = %D/secret", "secret-file = %D/none",
     ":2: error: secret-file: %D/none cannot be opened"},
    {"secret-file = %D/secret", "secret-file = %D/ca.pem",
     ":2: error: secret-file: the secret in %D/ca.pem is empty"},
    {"secret-file = %D/secret", "secret-file = /dev/zero",
     ":2: error: secret-file: /dev/zero is not a regular file"},
    {"secret-file = %D/secret", "secret = ", ":2: error: the secret is empty"},
    {"secret-file = %D/secret", "secret = a b", ":2: warning: the secret stands in the settings"},
    {"secret-file = %D/secret\n", "secret-file = %D/secret\nsecret = x\n",
     ":3: error: secret and secret-file (%D/stoxd.conf:2) are both given"},
    {NULL, "[component]\nserver = a:b:c\n", ":14: error: server \"a:b:c\" has more than one colon"},
    {NULL, "[component]\nserver = ::1\n",
     ":14: error: server \"::1\" has an IPv6 address without brackets"},
    {NULL, "[component]\nidle-timeout = 5x\n", ":14: error: idle-timeout \"5x\" is not a duration"},
    {NULL, "[component]\nidle-timeout = 4\n",
     ":14: error: idle-timeout \"4\" is out of range: 5 to 86400 seconds"},
    {NULL, "[component]\nstanza-max-bytes = 9999\n",
     ":14: error: stanza-max-bytes \"9999\" is out of range: 10000 to 67108864 bytes"},
    {NULL, "[component]\nqueue-max-bytes = 100K\n",
     ":14: error: [component] queue-max-bytes is smaller than"},
    {NULL, "[gateway]\nmax-queued-messages = 0\n",
     ":14: error: max-queued-messages \"0\" is out of range: 1 to 10000"},
    {NULL, "[gateway]\nenable-logging-all-message-bodies = 1\n",
     ":14: error: enable-logging-all-message-bodies \"1\" is neither"},
    {NULL, "[hop second]\nnext-hop = tls:a.example:1\nca = %D/ca.pem\n",
     ":13: warning: no domain uses [hop second]"},
};

/* The beginning of the first line, less the file's name. */
static const char *finding_text(const Sandbox *sandbox)
{
    static const char file[] = "%D/stoxd.conf";

    return g_str_has_prefix(sandbox->printed, file) ? sandbox->printed + strlen(file)
                                                    : sandbox->printed;
}

static char *change(const char *from, const char *to)
{
    const char *at = from ? strstr(SETTINGS_BASE, from) : SETTINGS_BASE + strlen(SETTINGS_BASE);

    g_assert_nonnull(at);
    return g_strdup_printf("%.*s%s%s", (int) (at - SETTINGS_BASE), SETTINGS_BASE, to,
                           at + (from ? strlen(from) : 0));
}

static void test_mistakes(void)
{
    g_autoptr(Sandbox) sandbox = sandbox_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *text = change(mistakes[i].from, mistakes[i].to);

        sandbox_load_text(sandbox, text, NULL);
        g_test_message("expected %s", mistakes[i].line);
        g_test_message("got %s", sandbox->printed);
        g_assert_true(g_str_has_prefix(finding_text(sandbox), mistakes[i].line));
        g_assert_cmpuint(sandbox->findings->len, ==, 1);
    }
}

/* Whatever is wrong, the secret is in no finding. */
static void test_secret_is_silent(void)
{
    static const char *const rows[] = {"secret = s3cret # c\n",
                                       "secret = s3cret\\q\n",
                                       "secret = \xff s3cret\n",
                                       "secret s3cret\n",
                                       "secret = s3cret\nsecret = s3cret\n",
                                       "secret = s3cret\nsecret-file = %D/secret\n"};
    g_autoptr(Sandbox) sandbox = sandbox_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = change("secret-file = %D/secret\n", rows[i]);

        sandbox_load_text(sandbox, text, NULL);
        g_assert_null(sandbox->settings);
        g_assert_null(strstr(sandbox->printed, "s3cret"));
    }
}

static void test_secret_files(void)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *secret; /* NULL: refused */
        const char *part;   /* of the findings */
    } rows[] = {
        {"test", 4, "test", ""},
        {"test\n", 5, "test", ""},
        {"test\r\n", 6, "test", ""},
        {"te#st \\s\xff\n", 10, "te#st \\s\xff", ""},
        {"test\n\n", 6, "test\n", "warning: secret-file: the secret in %D/secret begins or ends"},
        {" test\n", 6, " test", "begins or ends"},
        {"", 0, NULL, "is empty"},
        {"\n", 1, NULL, "is empty"},
        {"te\0st", 5, NULL, "contains a NUL"}};
    g_autoptr(Sandbox) sandbox = sandbox_new();
    g_autofree char *large = g_strnfill(4097, 'x');

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        sandbox_write_bytes(sandbox, "secret", rows[i].bytes, rows[i].length, 0600);
        sandbox_load_text(sandbox, SETTINGS_BASE, NULL);
        g_assert_cmpint(sandbox->settings != NULL, ==, rows[i].secret != NULL);
        g_assert_nonnull(strstr(sandbox->printed, rows[i].part));
        if (rows[i].secret) {
            const StoxDomainSettings *domain = sandbox->settings->domains->pdata[0];

            g_assert_cmpstr(domain->secret, ==, rows[i].secret);
            g_assert_cmpint(sandbox->findings->len == 0, ==, *rows[i].part == '\0');
        }
    }
    sandbox_write(sandbox, "secret", large, 0600);
    sandbox_load_text(sandbox, SETTINGS_BASE, NULL);
    g_assert_nonnull(strstr(sandbox->printed, "%D/secret is larger than 4096 bytes"));
    sandbox_write(sandbox, "secret", "test", 0644);
    sandbox_load_text(sandbox, SETTINGS_BASE, NULL);
    g_assert_nonnull(
        strstr(sandbox->printed, ":2: warning: secret-file: everybody on this machine"));
    g_assert_nonnull(sandbox->settings);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/settings/mistakes", test_mistakes);
    g_test_add_func("/conf/settings/secret-is-silent", test_secret_is_silent);
    g_test_add_func("/conf/settings/secret-files", test_secret_files);
    return g_test_run();
}
