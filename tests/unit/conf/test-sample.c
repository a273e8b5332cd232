/* SPDX-License-Identifier: MIT */
/* The commented sample against the table of keys, and loaded as it is shipped. */
#include "tests/unit/conf/sandbox.h"

#include "conf/keys.h"
#include "conf/values.h"

#include <string.h>

static char *read_sample(void)
{
    g_autoptr(GError) error = NULL;
    char *text;

    g_file_get_contents(SAMPLE, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

/* Files of the sample to files of the sandbox. */
static char *with_paths(const char *sample)
{
    g_autofree char *one = sandbox_replace(sample, "/etc/stoxd/tls/", "%D/");

    return sandbox_replace(one, "/etc/stoxd/secret", "%D/secret");
}

static void assert_settings(const StoxSettings *s)
{
    const StoxDomainSettings *domain = s->domains->pdata[0];
    const StoxHopSettings *hop = s->hops->pdata[0];
    const StoxListenSettings *listen = s->listens->pdata[0];
    const StoxPartnerSettings *partner = s->partners->pdata[0];

    g_assert_cmpuint(s->domains->len, ==, 1);
    g_assert_cmpstr(domain->name, ==, "contoso.example");
    g_assert_cmpstr(domain->server_host, ==, "127.0.0.1");
    g_assert_cmpuint(domain->server_port, ==, 5347);
    g_assert_cmpstr(domain->secret, ==, "test");
    g_assert_cmpstr(domain->hop, ==, "pool01");
    g_assert_cmpuint(s->listens->len, ==, 1);
    g_assert_cmpint(listen->kind, ==, STOX_TRANSPORT_TLS);
    g_assert_cmpstr(listen->host, ==, "0.0.0.0");
    g_assert_cmpuint(listen->port, ==, 5061);
    g_assert_cmpuint(s->hops->len, ==, 1);
    g_assert_cmpstr(hop->name, ==, "pool01");
    g_assert_cmpint(hop->kind, ==, STOX_TRANSPORT_TLS);
    g_assert_cmpstr(stox_next_hop_first(hop)->host, ==, "pool01.contoso.example");
    g_assert_cmpuint(stox_next_hop_first(hop)->port, ==, 5061);
    g_assert_cmpint(hop->dialect, ==, STOX_SETTING_DIALECT_LYNC);
    g_assert_true(g_str_has_suffix(hop->ca, "/ca.pem"));
    g_assert_cmpuint(g_strv_length(hop->peers), ==, 1);
    g_assert_cmpstr(hop->peers[0], ==, "pool01.contoso.example");
    g_assert_cmpuint(hop->tls_minimum, ==, 12);
    g_assert_null(hop->tls_ciphers);
    g_assert_cmpuint(s->partners->len, ==, 1);
    g_assert_cmpstr(partner->domain, ==, "partner.example");
    g_assert_cmpuint(g_strv_length(partner->additional_domains), ==, 0);
    g_assert_cmpuint(s->stanza_max_bytes, ==, 262144);
    g_assert_cmpuint(s->queue_max_bytes, ==, 8 * 1024 * 1024);
    g_assert_cmpuint(s->connect_timeout_s, ==, 10);
    g_assert_cmpuint(s->handshake_timeout_s, ==, 15);
    g_assert_cmpuint(s->idle_timeout_s, ==, 120);
    g_assert_cmpstr(s->fqdn, ==, "xgw.contoso.example");
    g_assert_true(g_str_has_suffix(s->certificate, "/cert.pem"));
    g_assert_true(g_str_has_suffix(s->private_key, "/key.pem"));
    g_assert_cmpuint(s->message_max_bytes, ==, 1024 * 1024);
    g_assert_cmpuint(s->sip_queue_max_bytes, ==, 8 * 1024 * 1024);
    g_assert_cmpuint(s->max_connections, ==, 1024);
    g_assert_cmpuint(s->sip_connect_timeout_s, ==, 10);
    g_assert_cmpuint(s->sip_idle_timeout_s, ==, 900);
    g_assert_cmpuint(s->subscription_refresh_interval_s, ==, 28800);
    g_assert_cmpuint(s->session_idle_timeout_s, ==, 600);
    g_assert_cmpuint(s->confirm_timeout_s, ==, 3);
    g_assert_cmpuint(s->max_queued_messages, ==, 100);
    g_assert_false(s->log_message_bodies);
}

static void test_loads(void)
{
    g_autoptr(Sandbox) sandbox = sandbox_new();
    g_autofree char *sample = read_sample();
    g_autofree char *text = with_paths(sample);

    sandbox_load_text(sandbox, text, NULL);
    g_assert_cmpstr(sandbox->printed, ==, "");
    assert_settings(sandbox->settings);
}

/* "#key = value" or "key = value" to its parts; false: a comment, a group, nothing. `line` is cut. */
static bool split_line(char *line, bool *ret_active, char **ret_key, char **ret_value)
{
    char *equals = strchr(line, '=');

    *ret_active = *line != '#';
    if (!*ret_active)
        line++;
    if (!equals || *line == ' ' || *line == '[')
        return false;
    *equals = '\0';
    *ret_key = g_strchomp(line);
    *ret_value = g_strstrip(equals + 1);
    return true;
}

static void remember_line(GHashTable *seen, const char *kind, const char *name, bool active,
                          const char *value)
{
    const StoxKey *key = stox_key(kind, name);
    g_autofree char *id = g_strdup_printf("%s %s", kind, name);

    g_test_message("[%s] %s = %s", kind, name, value);
    g_assert_nonnull(key);
    g_assert_cmpint(key->type, !=, STOX_TYPE_UNSUPPORTED);
    if (key->fallback) {
        g_assert_false(active);
        g_assert_cmpstr(value, ==, key->fallback);
    }
    g_assert_true(!stox_key_required(key) || active);
    g_assert_true(g_hash_table_add(seen, g_steal_pointer(&id)));
}

static void test_complete(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *sample = read_sample();
    g_auto(GStrv) lines = g_strsplit(sample, "\n", -1);
    g_autofree char *kind = NULL;

    for (unsigned i = 0; lines[i]; i++) {
        char *name, *value;
        bool active, above = i > 0 && g_str_has_prefix(lines[i - 1], "# ");

        g_assert_cmpuint(strlen(lines[i]), <=, 100);
        if (*lines[i] == '[') {
            g_free(kind);
            kind = g_strndup(lines[i] + 1, strcspn(lines[i] + 1, " ]"));
            g_assert_true(above);
        } else if (kind && split_line(lines[i], &active, &name, &value)) {
            remember_line(seen, kind, name, active, value);
            /* One sentence at least stands over each. */
            g_assert_true(above);
        }
    }
    for (const StoxKey *key = stox_keys; key->kind; key++) {
        g_autofree char *id = g_strdup_printf("%s %s", key->kind, key->name);

        g_test_message("%s", id);
        g_assert_cmpint(g_hash_table_contains(seen, id), ==, key->type != STOX_TYPE_UNSUPPORTED);
    }
}

/* Every default of the sample taken out of its comment changes nothing. */
static void test_defaults_written_out(void)
{
    g_autoptr(Sandbox) sandbox = sandbox_new();
    g_autofree char *sample = read_sample();
    g_auto(GStrv) lines = g_strsplit(sample, "\n", -1);
    g_autofree char *joined = NULL;
    g_autofree char *text = NULL;

    for (unsigned i = 0; lines[i]; i++)
        if (lines[i][0] == '#' && g_ascii_islower(lines[i][1]) &&
            !g_str_has_prefix(lines[i], "#secret"))
            memmove(lines[i], lines[i] + 1, strlen(lines[i]));
    joined = g_strjoinv("\n", lines);
    text = with_paths(joined);
    sandbox_load_text(sandbox, text, NULL);
    g_assert_cmpstr(sandbox->printed, ==, "");
    assert_settings(sandbox->settings);
}

/* Others may read our files with the key file reader of GLib; the sample is a file for it, too. */
static void test_is_key_file(void)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *sample = read_sample();
    g_autofree char *hop = NULL;
    g_autoptr(GError) error = NULL;

    g_key_file_load_from_data(file, sample, strlen(sample), G_KEY_FILE_NONE, &error);
    g_assert_no_error(error);
    hop = g_key_file_get_string(file, "domain contoso.example", "hop", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(hop, ==, "pool01");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/sample/loads", test_loads);
    g_test_add_func("/conf/sample/complete", test_complete);
    g_test_add_func("/conf/sample/defaults-written-out", test_defaults_written_out);
    g_test_add_func("/conf/sample/is-key-file", test_is_key_file);
    return g_test_run();
}
