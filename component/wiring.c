/* SPDX-License-Identifier: MIT */
#include "component/wiring.h"

StoxPolicy *stox_wiring_policy(const StoxSettings *settings)
{
    StoxPolicy *policy = stox_policy_new();

    for (unsigned i = 0; i < settings->hops->len; i++) {
        const StoxHopSettings *hop = settings->hops->pdata[i];
        bool lync = hop->dialect == STOX_SETTING_DIALECT_LYNC;

        stox_policy_add_hop(policy, hop->name, lync ? STOX_DIALECT_LYNC : STOX_DIALECT_SIMPLE);
    }
    for (unsigned i = 0; i < settings->domains->len; i++) {
        const StoxDomainSettings *domain = settings->domains->pdata[i];

        stox_policy_add_domain(policy, domain->name, domain->hop);
    }
    for (unsigned i = 0; i < settings->partners->len; i++) {
        const StoxPartnerSettings *partner = settings->partners->pdata[i];

        stox_policy_add_partner(policy, partner->domain);
        for (unsigned n = 0; partner->additional_domains[n]; n++)
            stox_policy_add_partner(policy, partner->additional_domains[n]);
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
