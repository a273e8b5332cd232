/* SPDX-License-Identifier: MIT */
/* What the machines must know of each hop, made from the settings once the listeners are open. */
#include "sip/agent-private.h"

#include <string.h>

#define USER_AGENT "stoxd/" STOX_VERSION

void stox_agent_hop_free(gpointer data)
{
    StoxAgentHop *hop = data;

    stox_servers_free(hop->servers);
    g_free(hop->sip.name);
    g_free(hop->sip.sent_by);
    g_free(hop->sip.contact);
    g_free(hop->sip.user_agent);
    g_free(hop);
}

/* The port peers reach us at over this transport; 0: we do not listen on it. */
static unsigned own_port(const StoxAgent *agent, StoxTransportKind kind)
{
    for (unsigned i = 0; i < agent->settings->listens->len; i++)
        if (((StoxListenSettings *) agent->settings->listens->pdata[i])->kind == kind)
            return stox_transport_port(agent->transport, i);
    return 0;
}

void stox_agent_add_hop(StoxAgent *agent, const StoxHopSettings *settings)
{
    StoxAgentHop *hop = g_new0(StoxAgentHop, 1);
    unsigned port = own_port(agent, settings->kind);
    const char *fqdn = agent->settings->fqdn;

    hop->settings = settings;
    hop->sip.name = g_strdup(settings->name);
    hop->sip.lync = settings->dialect == STOX_SETTING_DIALECT_LYNC;
    hop->sip.transport = settings->kind;
    /* One name may have several addresses, and a connection that closes under a request is dialled again. */
    hop->sip.alternatives = true;
    hop->sip.sent_by = port ? g_strdup_printf("%s:%u", fqdn, port) : g_strdup(fqdn);
    hop->sip.contact =
        g_strdup_printf("%s;transport=%s", hop->sip.sent_by, stox_transport_name(settings->kind));
    hop->sip.user_agent = g_strdup(USER_AGENT);
    hop->servers = stox_servers_new(agent, hop);
    g_ptr_array_add(agent->hops, hop);
}

const StoxAgentHop *stox_agent_hop(const StoxAgent *agent, const StoxHopSettings *settings)
{
    for (unsigned i = 0; i < agent->hops->len; i++) {
        const StoxAgentHop *hop = agent->hops->pdata[i];

        if (hop->settings == settings)
            return hop;
    }
    g_assert_not_reached();
}

const StoxAgentHop *stox_agent_hop_by_name(const StoxAgent *agent, const char *name)
{
    for (unsigned i = 0; i < agent->hops->len; i++) {
        const StoxAgentHop *hop = agent->hops->pdata[i];

        if (strcmp(hop->sip.name, name) == 0)
            return hop;
    }
    return NULL;
}
