/* SPDX-License-Identifier: MIT */
/* Who talks to whom: the addresses of stanzas and requests, checked by policy. */
#include "translation/gateway-address.h"

#include "translation/error.h"

#include <string.h>

void stox_pair_clear(StoxPair *pair)
{
    g_free(pair->key);
    g_free(pair->local);
    g_free(pair->remote);
    g_free(pair->hop);
    memset(pair, 0, sizeof *pair);
}

char *stox_pair_key(const StoxJid *local, const StoxJid *remote)
{
    g_autofree char *local_bare = stox_jid_bare(local), *remote_bare = stox_jid_bare(remote);

    return g_strconcat(local_bare, "\n", remote_bare, NULL);
}

const char *stox_bare_domain(const char *bare)
{
    const char *at = strchr(bare, '@');

    return at ? at + 1 : bare;
}

const StoxHopPolicy *stox_pair_hop(const StoxGateway *gateway, const StoxPair *pair)
{
    return stox_policy_hop(gateway->config.policy, pair->hop);
}

const StoxPartnerPolicy *stox_pair_partner(const StoxGateway *gateway, const StoxPair *pair)
{
    return stox_policy_partner(gateway->config.policy, stox_bare_domain(pair->remote));
}

char *stox_pair_remote_uri(const StoxPair *pair)
{
    g_auto(StoxError) unused = {0};

    return stox_address_jid_text_to_sip(pair->remote, false, &unused); /* */
}

/* Both addresses exist on the SIP side as well; else *ret_error says why not. */
static bool mappable(const StoxGateway *gateway, const StoxJid *local, const StoxJid *remote,
                     StoxError *ret_error)
{
    g_autofree char *local_uri = stox_gateway_local_uri(gateway, local, false, ret_error);
    g_autofree char *remote_uri = NULL;

    if (!local_uri)
        return false;
    remote_uri = stox_address_jid_to_sip(remote, false, ret_error);
    return remote_uri != NULL;
}

static bool pair_init(const StoxGateway *gateway, const StoxJid *local, const StoxJid *remote,
                      StoxPair *ret_pair)
{
    const StoxDomainPolicy *domain = stox_policy_domain(gateway->config.policy, local->domain);
    const StoxHopPolicy *hop =
        domain && domain->hop ? stox_policy_hop(gateway->config.policy, domain->hop) : NULL;
    const StoxPartnerPolicy *partner = stox_policy_partner(gateway->config.policy, remote->domain);

    if (!hop)
        return false;
    *ret_pair = (StoxPair){.key = stox_pair_key(local, remote),
                           .local = stox_jid_bare(local),
                           .remote = stox_jid_bare(remote),
                           .hop = g_strdup(hop->name),
                           .dialect = hop->dialect,
                           .sip_language = domain->language,
                           .xmpp_language = partner ? partner->language : STOX_LANGUAGE_EN};
    return true;
}

static bool from_xmpp(const StoxGateway *gateway, const StoxJid *local, const StoxJid *remote,
                      StoxPair *ret_pair, StoxError *ret_error)
{
    StoxLanguage language =
        stox_policy_xmpp_language(gateway->config.policy, remote->domain, local->domain);

    if (!stox_policy_from_xmpp(gateway->config.policy, remote->domain, local->domain, ret_error))
        return false;
    if (!local->local) { /* M-55 */
        stox_error_say(ret_error, STOX_CONDITION_SERVICE_UNAVAILABLE, STOX_ERROR_CANCEL, language,
                       STOX_WORD_GATEWAY_IS_NO_PERSON, NULL);
        return false;
    }
    if (!mappable(gateway, local, remote, ret_error)) {
        stox_error_reword(ret_error, language, STOX_WORD_ADDRESS_NOT_SIP);
        return false;
    }
    if (!pair_init(gateway, local, remote, ret_pair)) {
        stox_error_say(ret_error, STOX_CONDITION_INTERNAL_SERVER_ERROR, STOX_ERROR_CANCEL, language,
                       STOX_WORD_NO_WAY, NULL);
        return false;
    }
    return true;
}

bool stox_gateway_pair_from_xmpp(const StoxGateway *gateway, const char *from, const char *to,
                                 StoxJid *ret_local, StoxJid *ret_remote, StoxPair *ret_pair,
                                 StoxError *ret_error)
{
    g_auto(StoxJid) local = {0}, remote = {0};

    if (!from || !to || !stox_jid_parse(from, &remote, NULL) || !stox_jid_parse(to, &local, NULL)) {
        stox_error_say(ret_error, STOX_CONDITION_JID_MALFORMED, STOX_ERROR_MODIFY,
                       stox_policy_sender_language(gateway->config.policy, from, to),
                       STOX_WORD_ADDRESS_UNUSABLE, NULL);
        return false;
    }
    stox_gateway_unfold(gateway, &local, &remote);
    if (!from_xmpp(gateway, &local, &remote, ret_pair, ret_error))
        return false;
    *ret_local = local;
    *ret_remote = remote;
    memset(&local, 0, sizeof local);
    memset(&remote, 0, sizeof remote);
    return true;
}

static bool from_sip(const StoxGateway *gateway, const StoxJid *local, const StoxJid *remote,
                     StoxPair *ret_pair, StoxSipResult *ret_failure)
{
    g_auto(StoxError) error = {0};

    if (!local->local) { /* nobody to answer to */
        stox_sip_result_init(ret_failure, 400, STOX_DIAG_ADDRESS_UNMAPPABLE);
        return false;
    }
    if (!mappable(gateway, local, remote, &error)) {
        stox_sip_result_init(ret_failure, 404, STOX_DIAG_ADDRESS_UNMAPPABLE);
        return false;
    }
    if (!pair_init(gateway, local, remote, ret_pair)) {
        stox_sip_result_init(ret_failure, 500, STOX_DIAG_INTERNAL);
        return false;
    }
    return true;
}

/* For what address.c and its like refuse. */
static bool explain(StoxSipResult *failure)
{
    if (!failure->diagnostic)
        failure->diagnostic =
            failure->warn_code ? STOX_DIAG_SIPS_REFUSED : STOX_DIAG_ADDRESS_UNMAPPABLE;
    return false;
}

/* From, as far as it can be read without knowing whether its domain is served. */
static bool read_from(const char *uri, StoxSipUri *ret_from, StoxSipResult *ret_failure)
{
    StoxUriFault fault = stox_sip_uri_read(uri, STOX_URI_IS_FROM, ret_from);

    if (!fault && !ret_from->user) /* nobody to answer to */
        fault = STOX_URI_SYNTAX;
    if (!fault)
        return true;
    stox_sip_uri_refuse(fault, STOX_URI_IS_FROM, ret_failure);
    return explain(ret_failure);
}

bool stox_gateway_pair_from_sip(const StoxGateway *gateway, const StoxEvent *event,
                                StoxJid *ret_local, StoxJid *ret_remote, StoxPair *ret_pair,
                                StoxSipResult *ret_failure)
{
    g_auto(StoxJid) local = {0}, remote = {0};
    g_auto(StoxSipUri) from = {0};

    if (!event->request_uri || !event->from_uri) {
        stox_sip_result_init(ret_failure, 400, STOX_DIAG_MALFORMED);
        return false;
    }
    if (!stox_address_sip_to_jid(event->request_uri, STOX_URI_IS_REQUEST_URI, &remote, ret_failure))
        return explain(ret_failure);
    if (!read_from(event->from_uri, &from, ret_failure) ||
        !stox_policy_from_sip(gateway->config.policy, event->hop, from.domain, remote.domain,
                              ret_failure))
        return false;
    if (!stox_gateway_local_jid(gateway, &from, &local, ret_failure))
        return explain(ret_failure);
    if (!from_sip(gateway, &local, &remote, ret_pair, ret_failure))
        return false;
    stox_gateway_learn_address(gateway, &local, from.spelling, &remote);
    *ret_local = local;
    *ret_remote = remote;
    memset(&local, 0, sizeof local);
    memset(&remote, 0, sizeof remote);
    return true;
}
