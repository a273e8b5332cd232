/* SPDX-License-Identifier: MIT */
/* What agent-send.c (client transactions and decisions), agent-route.c (connections being opened) and agent-server.c (servers of a hop) owe each other. */
#pragma once

#include "sip/agent-private.h"
#include "sip/health.h"

/* One address of one next hop, or of a name from a dialog. Reference counted. */
typedef struct {
    unsigned refs;
    char *name; /* "pool01.contoso.example 192.0.2.1:5061": what the health machine calls it */
    char *host; /* the name its certificate must carry */
    GSocketAddress *address;
    uint64_t flows[STOX_TRANSPORT_KINDS]; /* found or opened last for each kind; 0 none */
} StoxServer;

StoxServer *stox_server_new(const char *host, GSocketAddress *address);
StoxServer *stox_server_ref(StoxServer *server);
void stox_server_unref(StoxServer *server);

/* ---- agent-server.c: the servers of a hop's next hops ---- */

struct StoxHopServers {
    StoxAgent *agent;
    const StoxAgentHop *hop;
    StoxHealth *health;
    GPtrArray *lists;        /* one per next hop, see agent-server.c */
    GPtrArray *servers;      /* StoxServer*, the preferred one first */
    GHashTable *probe_flows; /* server name -> uint64_t*: the flow its OPTIONS left on */
    int64_t looked_up_ms;    /* when the last look-ups began; monotonic */
    int64_t refresh_ms;
};

typedef enum {
    STOX_SERVERS_WAIT,  /* look-ups are under way */
    STOX_SERVERS_READY, /* there are some */
    STOX_SERVERS_NONE   /* their names do not resolve */
} StoxServersState;

StoxServersState stox_servers_state(StoxHopServers *servers);
/* NULL: none is left (or the circuit is open). */
StoxServer *stox_servers_choose(StoxHopServers *servers, GHashTable *tried);
/* As above, of those of one next hop's name. */
StoxServer *stox_servers_choose_of(StoxHopServers *servers, const char *host, GHashTable *tried);
/* Whether a name inside a dialog is one of the next hops. */
bool stox_servers_know(const StoxHopServers *servers, const char *host, unsigned port);
/* Its open connection; 0 none. */
uint64_t stox_servers_flow(StoxHopServers *servers, StoxServer *server, StoxTransportKind kind);
/* Why the names did not resolve: NO_SUCH_DOMAIN when each of them is unknown, else NOT_SENT. */
StoxSipFate stox_servers_fate(const StoxHopServers *servers);
/* False: not one of its look-ups. */
bool stox_servers_resolved(StoxHopServers *servers, uint64_t id, GPtrArray *results,
                           const GError *error);
int64_t stox_servers_deadline(const StoxHopServers *servers);
void stox_servers_tick(StoxHopServers *servers, StoxTime now);

/* ---- agent-send.c ---- */

/* A client transaction whose request has not been answered. */
typedef struct StoxAgentTx {
    uint64_t id;
    const StoxAgentHop *hop;
    StoxServer *server; /* it left or is to leave to; NULL: not known */
    uint64_t flow;      /* it left on; 0 not yet */
    GHashTable *tried;  /* set of server names; NULL: none */
    bool probe;         /* OPTIONS of ours for `server` alone */
    char *uri;          /* its dialog says where it goes; NULL: to the hop */
    StoxTransportKind kind;
    GBytes *bytes;                   /* as sent last */
    bool waiting;                    /* for a connection */
    bool pinned;                     /* goes to `server` and to no other */
    bool unsent;                     /* its last try left no byte */
    bool exhausted;                  /* ... and there is no other server */
    bool told;                       /* the health machine knows of its 503 */
    unsigned redials;                /* since a connection closed before a byte of it was written */
    struct StoxAgentTx *next, *prev; /* of the same flow */
} StoxAgentTx;

void stox_routing_init_txs(StoxRouting *routing);
StoxAgentTx *stox_agent_tx(StoxAgent *agent, uint64_t transaction);
/* `flow` took it. */
void stox_agent_tx_left(StoxAgent *agent, StoxAgentTx *tx, uint64_t flow, StoxServer *server);
/* Tells the transactions from the loop that no byte of it left. */
void stox_agent_tx_fail_later(StoxAgent *agent, uint64_t transaction, StoxSipFate fate);
/* OPTIONS to that server and no other. */
void stox_agent_ask(StoxAgent *agent, const StoxAgentHop *hop, StoxServer *server);

/* ---- agent-route.c ---- */

struct StoxRouting {
    GHashTable *routes;  /* key -> StoxRoute* */
    GHashTable *lines;   /* key -> uint64_t*: flows that were opened for a name */
    GHashTable *txs;     /* &id -> StoxAgentTx* */
    GHashTable *by_flow; /* flow -> the first StoxAgentTx* of its list */
    GArray *failures;    /* what stox_agent_tx_fail_later() has still to tell */
    bool failing;        /* it will be told in the next turn */
    bool stopping;
    StoxServer *pin; /* while OPTIONS is handed to the transactions: its server */
};

typedef enum {
    STOX_ROUTE_ANY,   /* the servers of the hop in their order */
    STOX_ROUTE_ONE,   /* one server */
    STOX_ROUTE_NAMES, /* names from a dialog or a Via */
} StoxRouteKind;

typedef struct StoxRoute StoxRoute;

/* One that is being opened; NULL. `server` for ONE, `hosts` (NULL-terminated) and `port` for NAMES. */
StoxRoute *stox_route_find(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                           StoxRouteKind how, const StoxServer *server, char *const *hosts,
                           unsigned port);
StoxRoute *stox_route_new(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                          StoxRouteKind how, StoxServer *server, char *const *hosts, unsigned port);
/* False: too many wait already. `transaction` 0: nobody waits for its fate. */
bool stox_route_wait(StoxRoute *route, uint64_t transaction, GBytes *bytes);
/* Tries the next server, to be called once after it was made and given something. The route may be gone then. */
void stox_route_advance(StoxAgent *agent, StoxRoute *route);
/* Opens a connection of its own to the server of a ONE, whatever is open; nothing need wait. */
void stox_route_connect(StoxAgent *agent, StoxRoute *route);
/* A flow has closed: its route, if it has one, goes on with the next server. */
void stox_agent_route_closed(StoxAgent *agent, uint64_t flow, const char *why);
/* The flow that was opened for that name before, while it is open; 0 none. */
uint64_t stox_route_line(StoxAgent *agent, const StoxAgentHop *hop, StoxTransportKind kind,
                         const char *host, unsigned port);
