/* SPDX-License-Identifier: MIT */
/* Loading as a whole: files to settings. */
#include "tests/unit/conf/sandbox.h"
#include "tests/unit/conf/settings-text.h"

#include <glib/gstdio.h>

#include <string.h>
#include <sys/stat.h>

static void test_smallest(void)
{
    g_autoptr(Sandbox) sandbox = sandbox_new();
    const StoxHopSettings *hop;

    sandbox_load_text(sandbox, SETTINGS_BASE, NULL);
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

static void test_tcp_only(void)
{
    static const char text[] = SETTINGS_DOMAIN
        "[sip]\nlisten = tcp:127.0.0.1:5060\nfqdn = 127.0.0.1\ncertificate = /none\n"
        "[hop pool01]\nnext-hop = tcp:127.0.0.1:5070\nca = /none\ndialect = "
        "simple\n" SETTINGS_PARTNER;
    static const char nobody[] =
        SETTINGS_DOMAIN "[sip]\nlisten = tcp:127.0.0.1\nfqdn = xgw.contoso.example\n"
                        "[hop pool01]\nnext-hop = tcp:127.0.0.1\npeers = ,\n" SETTINGS_PARTNER;
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
    sandbox_load_text(sandbox, SETTINGS_BASE, NULL);
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
    sandbox_load_text(sandbox, SETTINGS_BASE, NULL);
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
    g_test_add_func("/conf/settings/tcp-only", test_tcp_only);
    g_test_add_func("/conf/settings/empty", test_empty);
    g_test_add_func("/conf/settings/no-file", test_no_file);
    g_test_add_func("/conf/settings/directory", test_directory);
    g_test_add_func("/conf/settings/directory-is-file", test_directory_is_file);
    return g_test_run();
}
