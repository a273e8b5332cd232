/* SPDX-License-Identifier: MIT */
/* Loading as a whole: files to settings, and what each mistake is answered with. */
#include "tests/unit/conf/sandbox.h"

#include <glib/gstdio.h>

#include <string.h>
#include <sys/stat.h>

#define DOMAIN "[domain contoso.example]\nsecret-file = %D/secret\nhop = pool01\n"
#define SIP                                                                                        \
    "[sip]\nlisten = tls:0.0.0.0:5061\nfqdn = xgw.contoso.example\n"                               \
    "certificate = %D/cert.pem\nprivate-key = %D/key.pem\n"
#define HOP     "[hop pool01]\nnext-hop = tls:pool01.contoso.example\nca = %D/ca.pem\n"
#define PARTNER "[partner partner.example]\n"
#define BASE    DOMAIN SIP HOP PARTNER

static void test_smallest(void)
{
    g_autoptr(Sandbox) sandbox = sandbox_new();
    const StoxHopSettings *hop;

    sandbox_load_text(sandbox, BASE, NULL);
    g_assert_cmpstr(sandbox->printed, ==, "");
    hop = sandbox->settings->hops->pdata[0];
    /* A name without a port: SRV. */
    g_assert_cmpuint(stox_next_hop_first(hop)->port, ==, 0);
    g_assert_cmpstr(hop->peers[0], ==, "pool01.contoso.example");
}

static void assert_full_hops(const StoxSettings *settings)
{
    const StoxHopSettings *pool = settings->hops->pdata[0];
    const StoxHopSettings *other = settings->hops->pdata[1];

    g_assert_cmpuint(stox_next_hop_first(pool)->port, ==, 5061);
    g_assert_cmpstr(stox_next_hop_first(pool)->host, ==, "2001:db8::5");
    g_assert_cmpuint(pool->tls_minimum, ==, 10);
    g_assert_cmpstr(pool->tls_ciphers, ==, "DEFAULT:@SECLEVEL=0");
    g_assert_cmpuint(g_strv_length(pool->peers), ==, 2);
    g_assert_cmpstr(pool->peers[1], ==, "fe01.contoso.example");
    g_assert_cmpint(other->kind, ==, STOX_TRANSPORT_TCP);
    g_assert_cmpint(other->dialect, ==, STOX_SETTING_DIALECT_SIMPLE);
    g_assert_cmpstr(stox_next_hop_first(other)->host, ==, "192.0.2.7");
    g_assert_cmpuint(stox_next_hop_first(other)->port, ==, 5060);
    g_assert_cmpstr(other->peers[0], ==, "192.0.2.7");
    g_assert_null(other->ca);
}

static void test_everything(void)
{
    static const char text[] =
        "[component]\nserver = xmpp.contoso.example\nstanza-max-bytes = 1M\nidle-timeout = 2m\n"
        "[domain Contoso.Example]\nsecret-file = %D/secret\nhop = POOL01\nserver = [::1]:5275\n"
        "[domain fabrikam.example]\nsecret = s3cret\nhop = other\n"
        "[sip]\nlisten = tls:[::]:5071, tcp:192.0.2.1;tls:192.0.2.1\nfqdn = XGW.contoso.example.\n"
        "certificate = %D/cert.pem\nprivate-key = %D/key.pem\nmax-connections = 7\n"
        "[hop pool01]\nnext-hop = [2001:db8::5]\nca = %D/ca.pem\ntls-minimum = 1.0\n"
        "tls-ciphers = DEFAULT:@SECLEVEL=0\npeers = Pool01.contoso.example; fe01.contoso.example\n"
        "[hop other]\nnext-hop = tcp:192.0.2.7\ndialect = Simple\n"
        "[gateway]\nenable-logging-all-message-bodies = on\nconfirm-timeout = 5s\n"
        "[partner Partner.example]\nadditional-domains = corp.partner.example, B.partner.example\n"
        "description = \"Partner\" GmbH; all of it\n";
    g_autoptr(Sandbox) sandbox = sandbox_new();
    const StoxDomainSettings *first, *second;
    const StoxListenSettings *listen;
    const StoxPartnerSettings *partner;

    sandbox_load_text(sandbox, text, NULL);
    g_assert_cmpuint(sandbox->findings->len, ==, 1);
    g_assert_nonnull(strstr(sandbox->printed, "%D/stoxd.conf:10: warning: the secret stands in"));
    first = sandbox->settings->domains->pdata[0];
    second = sandbox->settings->domains->pdata[1];
    g_assert_cmpstr(first->name, ==, "contoso.example");
    g_assert_cmpstr(first->hop, ==, "pool01");
    g_assert_cmpstr(first->server_host, ==, "::1");
    g_assert_cmpuint(first->server_port, ==, 5275);
    g_assert_cmpstr(second->secret, ==, "s3cret");
    g_assert_cmpstr(second->server_host, ==, "xmpp.contoso.example");
    g_assert_cmpuint(second->server_port, ==, 5347);
    g_assert_cmpuint(sandbox->settings->listens->len, ==, 3);
    listen = sandbox->settings->listens->pdata[1];
    g_assert_cmpint(listen->kind, ==, STOX_TRANSPORT_TCP);
    g_assert_cmpuint(listen->port, ==, 5060);
    g_assert_cmpstr(sandbox->settings->fqdn, ==, "xgw.contoso.example");
    g_assert_cmpuint(sandbox->settings->stanza_max_bytes, ==, 1024 * 1024);
    g_assert_cmpuint(sandbox->settings->idle_timeout_s, ==, 120);
    g_assert_cmpuint(sandbox->settings->max_connections, ==, 7);
    g_assert_cmpuint(sandbox->settings->confirm_timeout_s, ==, 5);
    g_assert_true(sandbox->settings->log_message_bodies);
    assert_full_hops(sandbox->settings);
    partner = sandbox->settings->partners->pdata[0];
    g_assert_cmpstr(partner->domain, ==, "partner.example");
    g_assert_cmpstr(partner->additional_domains[1], ==, "b.partner.example");
}

/* Several next hops, each transport, and what goes with them. */
static void test_hops(void)
{
    static const char text[] =
        "[domain contoso.example]\nsecret-file = %D/secret\nhop = pool01\n"
        "[domain fabrikam.example]\nsecret-file = %D/secret\nhop = old\n"
        "[sip]\nlisten = tls:0.0.0.0 udp:0.0.0.0 tcp:0.0.0.0\nfqdn = xgw.contoso.example\n"
        "certificate = %D/cert.pem\nprivate-key = %D/key.pem\nmax-connections-per-peer = 3\n"
        "[hop pool01]\nnext-hop = fe01.contoso.example:5061, TLS:fe02.contoso.example\n"
        "ca = %D/ca.pem\ncrl = Chain\ncrl-file = %D/ca.pem\noptions-interval = 0\n"
        "[hop old]\nnext-hop = udp:192.0.2.7 udp:pbx.fabrikam.example\n"
        "max-requests-per-second = 10\n[partner partner.example]\n";
    g_autoptr(Sandbox) sandbox = sandbox_new();
    const StoxHopSettings *pool, *old;
    const StoxNextHop *second;

    sandbox_load_text(sandbox, text, NULL);
    g_assert_cmpstr(sandbox->printed, ==, "");
    g_assert_cmpuint(sandbox->settings->max_connections_per_peer, ==, 3);
    pool = sandbox->settings->hops->pdata[0];
    g_assert_cmpint(pool->kind, ==, STOX_TRANSPORT_TLS);
    g_assert_cmpuint(pool->next_hops->len, ==, 2);
    second = pool->next_hops->pdata[1];
    g_assert_cmpstr(second->host, ==, "fe02.contoso.example");
    g_assert_cmpuint(second->port, ==, 0);
    g_assert_cmpuint(g_strv_length(pool->peers), ==, 2);
    g_assert_cmpstr(pool->peers[1], ==, "fe02.contoso.example");
    g_assert_cmpint(pool->crl, ==, STOX_CRL_CHAIN);
    g_assert_nonnull(pool->crl_file);
    g_assert_cmpuint(pool->options_interval_s, ==, 0);
    g_assert_cmpuint(pool->max_requests_per_second, ==, 2000);
    old = sandbox->settings->hops->pdata[1];
    g_assert_cmpint(old->kind, ==, STOX_TRANSPORT_UDP);
    g_assert_cmpuint(stox_next_hop_first(old)->port, ==, 5060);
    second = old->next_hops->pdata[1];
    g_assert_cmpuint(second->port, ==, 0);
    g_assert_cmpint(old->crl, ==, STOX_CRL_OFF);
    g_assert_cmpuint(old->options_interval_s, ==, 60);
    g_assert_cmpuint(old->max_requests_per_second, ==, 10);
}

/* What is translated, and how. */
static void test_translation(void)
{
    static const char text[] =
        "[domain sip.gw.example]\nsecret-file = %D/secret\nhop = pool01\n"
        "sip-domains = Contoso.Example, fabrikam.example\npercent-form = yes\nlanguage = DE\n"
        "[sip]\nlisten = tcp:0.0.0.0\nfqdn = xgw.contoso.example\n"
        "[hop pool01]\nnext-hop = tcp:192.0.2.7\npresence-format = categories\nbusy-as = away\n"
        "dnd-as = DoNotDisturb\nrich-text = yes\nreceipts = no\npage-mode-type = chat\n"
        "thread = call-id\nfrom-gruu = no\nbare-jid-errors = 6xx\n"
        "[gateway]\nmax-message-text = 8K\n"
        "[partner partner.example]\npartner-type = PublicVerified\nlanguage = de\n"
        "xhtml-im = yes\n";
    g_autoptr(Sandbox) sandbox = sandbox_new();
    const StoxDomainSettings *domain;
    const StoxPartnerSettings *partner;
    const StoxHopSettings *hop;

    sandbox_load_text(sandbox, text, NULL);
    g_assert_cmpstr(sandbox->printed, ==, "");
    domain = sandbox->settings->domains->pdata[0];
    g_assert_cmpuint(g_strv_length(domain->sip_domains), ==, 2);
    g_assert_cmpstr(domain->sip_domains[0], ==, "contoso.example");
    g_assert_true(domain->percent_form);
    g_assert_cmpint(domain->language, ==, STOX_SETTING_DE);
    hop = sandbox->settings->hops->pdata[0];
    g_assert_cmpint(hop->presence_format, ==, STOX_SETTING_FORMAT_CATEGORIES);
    g_assert_cmpint(hop->busy_as, ==, STOX_SETTING_BUSY_AS_AWAY);
    g_assert_cmpint(hop->dnd_as, ==, STOX_SETTING_DND_AS_DO_NOT_DISTURB);
    g_assert_true(hop->rich_text);
    g_assert_cmpint(hop->receipts, ==, STOX_SETTING_FIRST);
    g_assert_cmpint(hop->page_mode_type, ==, STOX_SETTING_SECOND);
    g_assert_cmpint(hop->thread, ==, STOX_SETTING_THREAD_CALL_ID);
    g_assert_false(hop->from_gruu);
    g_assert_cmpint(hop->bare_jid_errors, ==, STOX_SETTING_SECOND);
    g_assert_cmpuint(sandbox->settings->max_message_text, ==, 8192);
    partner = sandbox->settings->partners->pdata[0];
    g_assert_cmpint(partner->type, ==, STOX_SETTING_PUBLIC_VERIFIED);
    g_assert_cmpint(partner->language, ==, STOX_SETTING_DE);
    g_assert_true(partner->xhtml_im);
}

/* One change to the smallest settings, and the one line that it is answered with. */
static const struct {
    const char *from, *to; /* first occurrence in BASE; from NULL: appended */
    const char *line;      /* the beginning of the only finding, file name left out */
} mistakes[] = {
    {"fqdn", "fqnd", ":6: error: there is no key fqnd in [sip]; did you mean fqdn?"},
    {"private-key", "PrivateKey",
     ":8: error: there is no key PrivateKey in [sip]; did you mean private-key?"},
    {PARTNER, PARTNER "fqdn = a\n",
     ":13: error: there is no key fqdn in [partner]; it belongs into [sip]"},
    {PARTNER, PARTNER "banana = a\n", ":13: error: there is no key banana in [partner]\n"},
    {PARTNER, PARTNER "partner-type = PublicUnverified\n",
     ":13: error: partner-type public-unverified is known but not yet supported"},
    {PARTNER, PARTNER "language = fr\n", ":13: error: language \"fr\" is neither en nor de\n"},
    {"hop = pool01\n", "hop = pool01\nsip-domains = ;\n",
     ":4: error: sip-domains names no domain\n"},
    {"hop = pool01\n", "hop = pool01\npercent-form = yes\n",
     ":4: warning: percent-form has no effect without sip-domains\n"},
    {"[sip]\n",
     "[domain sip.gw.example]\nsecret-file = %D/secret\nhop = pool01\n"
     "sip-domains = fabrikam.example contoso.example\n[sip]\n",
     ":7: error: the SIP domain contoso.example is that of [domain contoso.example] already\n"},
    {PARTNER, "[access]\ndefault = deny\n" PARTNER,
     ":12: error: group [access] is known but not yet supported"},
    {PARTNER, PARTNER "[gateway]\nstate-directory = /x\n",
     ":14: error: key state-directory is known but"},
    {"[hop pool01]\n", "[hop pool01]\nbusy-as = red\n",
     ":10: error: busy-as \"red\" is none of dnd, away, online\n"},
    {"[hop pool01]", "[hop:pool01]", ":9: error: there is no group [hop:pool01]; write [hop NAME]"},
    {"[hop pool01]", "[hop]", ":9: error: group [hop] needs a name: [hop NAME]"},
    {"[hop pool01]", "[hop \"pool01\"]", ":9: error: \"\"pool01\"\" is not a name for a hop"},
    {"[sip]", "[sip x]", ":4: error: group [sip] has no name behind it"},
    {PARTNER, "[partner *.partner.example]\n",
     ":12: error: \"*.partner.example\" is not a domain: there are no wildcards"},
    {PARTNER, "[partner a@b]\n", ":12: error: \"a@b\" is not a domain\n"},
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
    {PARTNER, PARTNER "additional-domains = a.example Contoso.example\n",
     ":13: error: contoso.example is served here"},
    {PARTNER, PARTNER "additional-domains = b.example\n[partner b.example]\n",
     ":13: error: partner domain b.example is already in [partner b.example] at %D/stoxd.conf:14"},
    {PARTNER, PARTNER "additional-domains = *.b.example\n",
     ":13: error: additional-domains \"*.b.example\" is not a domain: there are no wildcards"},
    {PARTNER, "", ": warning: there is no [partner DOMAIN]: nobody can be talked to"},
    {"listen = tls:0.0.0.0:5061", "listen = tls:localhost:5061",
     ":5: error: listen \"tls:localhost:5061\" is not an address"},
    {"listen = tls:0.0.0.0:5061", "listen = tls:*:5061",
     ":5: error: listen \"tls:*:5061\" has a character that no host"},
    {"listen = tls:0.0.0.0:5061", "listen = 0.0.0.0:70000",
     ":5: error: listen \"0.0.0.0:70000\" has no port from 1 to 65535"},
    {HOP,
     HOP "[hop old]\nnext-hop = udp:192.0.2.1\n[domain fabrikam.example]\n"
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
    const char *at = from ? strstr(BASE, from) : BASE + strlen(BASE);

    g_assert_nonnull(at);
    return g_strdup_printf("%.*s%s%s", (int) (at - BASE), BASE, to, at + (from ? strlen(from) : 0));
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
        sandbox_load_text(sandbox, BASE, NULL);
        g_assert_cmpint(sandbox->settings != NULL, ==, rows[i].secret != NULL);
        g_assert_nonnull(strstr(sandbox->printed, rows[i].part));
        if (rows[i].secret) {
            const StoxDomainSettings *domain = sandbox->settings->domains->pdata[0];

            g_assert_cmpstr(domain->secret, ==, rows[i].secret);
            g_assert_cmpint(sandbox->findings->len == 0, ==, *rows[i].part == '\0');
        }
    }
    sandbox_write(sandbox, "secret", large, 0600);
    sandbox_load_text(sandbox, BASE, NULL);
    g_assert_nonnull(strstr(sandbox->printed, "%D/secret is larger than 4096 bytes"));
    sandbox_write(sandbox, "secret", "test", 0644);
    sandbox_load_text(sandbox, BASE, NULL);
    g_assert_nonnull(
        strstr(sandbox->printed, ":2: warning: secret-file: everybody on this machine"));
    g_assert_nonnull(sandbox->settings);
}

static void test_tcp_only(void)
{
    static const char text[] = DOMAIN
        "[sip]\nlisten = tcp:127.0.0.1:5060\nfqdn = 127.0.0.1\ncertificate = /none\n"
        "[hop pool01]\nnext-hop = tcp:127.0.0.1:5070\nca = /none\ndialect = simple\n" PARTNER;
    static const char nobody[] =
        DOMAIN "[sip]\nlisten = tcp:127.0.0.1\nfqdn = xgw.contoso.example\n"
               "[hop pool01]\nnext-hop = tcp:127.0.0.1\npeers = ,\n" PARTNER;
    g_autoptr(Sandbox) sandbox = sandbox_new();
    const StoxHopSettings *hop;

    sandbox_load_text(sandbox, text, NULL);
    g_assert_cmpstr(
        sandbox->printed, ==,
        "%D/stoxd.conf:7: warning: certificate has no effect: neither a listen nor a "
        "hop is tls\n"
        "%D/stoxd.conf:10: warning: ca has no effect: next-hop of [hop pool01] is tcp\n");
    hop = sandbox->settings->hops->pdata[0];
    g_assert_null(sandbox->settings->certificate);
    g_assert_null(hop->ca);
    sandbox_load_text(sandbox, nobody, NULL);
    g_assert_nonnull(
        strstr(sandbox->printed, ":9: error: [hop pool01] peers is empty: with a tcp"));
}

static void test_empty(void)
{
    g_autoptr(Sandbox) sandbox = sandbox_new();

    sandbox_load_text(sandbox, "", NULL);
    g_assert_cmpstr(
        sandbox->printed, ==,
        "%D/stoxd.conf: error: [sip] listen is missing. Where SIP is listened for: "
        "tls:ADDRESS:PORT, tcp:ADDRESS:PORT or udp:ADDRESS:PORT, several with blanks between; "
        "IPv6 in brackets, tls:[::]:5061. Where ADDRESS is not 0.0.0.0 or [::], tls and tcp "
        "connections to next hops leave from it too (loopback only to loopback).\n"
        "%D/stoxd.conf: error: [sip] fqdn is missing. Name by which the SIP side knows this "
        "gateway; the certificate must carry it.\n"
        "%D/stoxd.conf: error: there is no [domain DOMAIN]: a gateway serves at least one\n"
        "%D/stoxd.conf: error: there is no [hop NAME]: messages need a next hop\n"
        "%D/stoxd.conf: warning: there is no [partner DOMAIN]: nobody can be talked to\n");
}

static void test_no_file(void)
{
    g_autoptr(Sandbox) sandbox = sandbox_new();
    g_autoptr(GPtrArray) mine = stox_findings_new();
    g_autofree char *fifo = g_build_filename(sandbox->path, "stoxd.conf", NULL);

    sandbox_load(sandbox, NULL);
    g_assert_cmpuint(sandbox->findings->len, ==, 1);
    g_assert_nonnull(strstr(sandbox->printed, "cannot be opened: No such file"));
    /* A FIFO without a writer must not hold us up. */
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    sandbox_load(sandbox, NULL);
    g_assert_nonnull(strstr(sandbox->printed, "not a regular file"));
    /* An array of the caller's is appended to; none at all is fine. */
    g_assert_null(stox_settings_load(fifo, NULL, &mine));
    g_assert_null(stox_settings_load(fifo, NULL, &mine));
    g_assert_cmpuint(mine->len, ==, 2);
    g_assert_null(stox_settings_load(fifo, NULL, NULL));
}

static void test_directory(void)
{
    g_autoptr(Sandbox) sandbox = sandbox_new();
    const StoxPartnerSettings *partner;

    sandbox_write(sandbox, "conf.d/20-b.conf", "[partner b.example]\n", 0644);
    sandbox_write(sandbox, "conf.d/10-c.conf", "[partner c.example]\n", 0644);
    sandbox_write(sandbox, "conf.d/old.conf.bak", "[rubbish\n", 0644);
    sandbox_write(sandbox, "conf.d/.hidden.conf", "[rubbish\n", 0644);
    sandbox_load_text(sandbox, BASE, NULL);
    g_assert_cmpstr(sandbox->printed, ==, "");
    g_assert_cmpuint(sandbox->settings->partners->len, ==, 3);
    partner = sandbox->settings->partners->pdata[1];
    g_assert_cmpstr(partner->domain, ==, "c.example");

    sandbox_write(sandbox, "conf.d/30-d.conf", "\n[sip]\nfqdn = x\n", 0644);
    sandbox_load(sandbox, NULL);
    g_assert_cmpstr(sandbox->printed, ==,
                    "%D/conf.d/30-d.conf:2: error: group [sip] was already opened at "
                    "%D/stoxd.conf:4; a group is written once, with all its keys\n");
    sandbox_write(sandbox, "conf.d/30-d.conf", "[partner C.EXAMPLE]\n", 0644);
    sandbox_load(sandbox, NULL);
    g_assert_cmpstr(sandbox->printed, ==,
                    "%D/conf.d/30-d.conf:1: error: [partner C.EXAMPLE] is the same as [partner "
                    "c.example] at %D/conf.d/10-c.conf:1; a group is written once\n");
}

static void test_directory_is_file(void)
{
    g_autoptr(Sandbox) sandbox = sandbox_new();

    sandbox_write(sandbox, "conf.d", "", 0644);
    sandbox_load_text(sandbox, BASE, NULL);
    g_assert_null(sandbox->settings);
    g_assert_true(g_str_has_prefix(sandbox->printed, "%D/conf.d: error: "));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/settings/smallest", test_smallest);
    g_test_add_func("/conf/settings/everything", test_everything);
    g_test_add_func("/conf/settings/hops", test_hops);
    g_test_add_func("/conf/settings/translation", test_translation);
    g_test_add_func("/conf/settings/mistakes", test_mistakes);
    g_test_add_func("/conf/settings/secret-is-silent", test_secret_is_silent);
    g_test_add_func("/conf/settings/secret-files", test_secret_files);
    g_test_add_func("/conf/settings/tcp-only", test_tcp_only);
    g_test_add_func("/conf/settings/empty", test_empty);
    g_test_add_func("/conf/settings/no-file", test_no_file);
    g_test_add_func("/conf/settings/directory", test_directory);
    g_test_add_func("/conf/settings/directory-is-file", test_directory_is_file);
    return g_test_run();
}
