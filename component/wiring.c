/* SPDX-License-Identifier: MIT */
#include "component/wiring.h"

static void add_hop(StoxPolicy *policy, const StoxHopSettings *settings)
{
    static const StoxShow busy[] = {
        [STOX_SETTING_BUSY_AS_DND] = STOX_SHOW_DND,
        [STOX_SETTING_BUSY_AS_AWAY] = STOX_SHOW_AWAY,
        [STOX_SETTING_BUSY_AS_ONLINE] = STOX_SHOW_ONLINE,
    };
    bool lync = settings->dialect == STOX_SETTING_DIALECT_LYNC;
    StoxHopPolicy *hop =
        stox_policy_add_hop(policy, settings->name, lync ? STOX_DIALECT_LYNC : STOX_DIALECT_SIMPLE);

    hop->presence_format = settings->presence_format == STOX_SETTING_FORMAT_CATEGORIES
                               ? STOX_PRESENCE_FORMAT_CATEGORIES
                               : STOX_PRESENCE_FORMAT_PIDF;
    hop->dnd_as_busy = settings->dnd_as == STOX_SETTING_DND_AS_BUSY;
    hop->busy_as = busy[settings->busy_as];
    hop->rich_text = settings->rich_text;
    hop->from_gruu = settings->from_gruu;
    hop->thread_from_call_id = settings->thread == STOX_SETTING_THREAD_CALL_ID;
    if (settings->receipts != STOX_SETTING_BY_DIALECT)
        hop->receipts = settings->receipts == STOX_SETTING_SECOND;
    if (settings->page_mode_type != STOX_SETTING_BY_DIALECT)
        hop->page_as_chat = settings->page_mode_type == STOX_SETTING_SECOND;
    if (settings->bare_jid_errors != STOX_SETTING_BY_DIALECT)
        hop->bare_as_full = settings->bare_jid_errors == STOX_SETTING_FIRST;
}

static StoxLanguage language_of(StoxSettingLanguage setting)
{
    return setting == STOX_SETTING_DE ? STOX_LANGUAGE_DE : STOX_LANGUAGE_EN;
}

static void add_domain(StoxPolicy *policy, const StoxDomainSettings *settings)
{
    StoxDomainPolicy *domain = stox_policy_add_domain(policy, settings->name, settings->hop);

    domain->sip_domains = g_strdupv(settings->sip_domains);
    domain->percent_form = settings->percent_form;
    domain->language = language_of(settings->language);
}

static void add_partner_domain(StoxPolicy *policy, const StoxPartnerSettings *settings,
                               const char *name)
{
    static const StoxPartnerType types[] = {
        [STOX_SETTING_FEDERATED] = STOX_PARTNER_FEDERATED,
        [STOX_SETTING_PUBLIC_VERIFIED] = STOX_PARTNER_PUBLIC_VERIFIED,
        [STOX_SETTING_PUBLIC_UNVERIFIED] = STOX_PARTNER_PUBLIC_UNVERIFIED,
    };
    StoxPartnerPolicy *partner = stox_policy_add_partner(policy, name);

    partner->type = types[settings->type];
    partner->language = language_of(settings->language);
    partner->xhtml = settings->xhtml_im;
}

StoxPolicy *stox_wiring_policy(const StoxSettings *settings)
{
    StoxPolicy *policy = stox_policy_new();

    for (unsigned i = 0; i < settings->hops->len; i++)
        add_hop(policy, settings->hops->pdata[i]);
    for (unsigned i = 0; i < settings->domains->len; i++)
        add_domain(policy, settings->domains->pdata[i]);
    for (unsigned i = 0; i < settings->partners->len; i++) {
        const StoxPartnerSettings *partner = settings->partners->pdata[i];

        add_partner_domain(policy, partner, partner->domain);
        for (unsigned n = 0; partner->additional_domains[n]; n++)
            add_partner_domain(policy, partner, partner->additional_domains[n]);
    }
    return policy;
}

void stox_wiring_gateway(const StoxSettings *settings, StoxGatewayConfig *ret_config)
{
    stox_gateway_config_init(ret_config);
    ret_config->confirm_timeout_ms = (int64_t) settings->confirm_timeout_s * 1000;
    ret_config->session_idle_ms = (int64_t) settings->session_idle_timeout_s * 1000;
    ret_config->subscription_expires_s = settings->subscription_refresh_interval_s;
    ret_config->watcher_max_expires_s = settings->subscription_refresh_interval_s;
    ret_config->max_queue = settings->max_queued_messages;
    ret_config->max_message_bytes = settings->max_message_text;
}

void stox_wiring_link(const StoxSettings *settings, const StoxDomainSettings *domain,
                      StoxLinkConfig *ret_config)
{
    *ret_config = (StoxLinkConfig){
        .domain = domain->name,
        .host = domain->server_host,
        .port = domain->server_port,
        .secret = domain->secret,
        .limits = stox_xml_limits_stanza,
        .queue_max_bytes = settings->queue_max_bytes,
        .connect_timeout_ms = settings->connect_timeout_s * 1000,
        .handshake_timeout_ms = settings->handshake_timeout_s * 1000,
        .idle_timeout_ms = settings->idle_timeout_s * 1000,
        .backoff_min_ms = 1000,
        .backoff_max_ms = 60000,
    };
    ret_config->limits.max_bytes = settings->stanza_max_bytes;
}
