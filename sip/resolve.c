/* SPDX-License-Identifier: MIT */
#include "sip/resolve.h"

#include <string.h>

enum { MAX_ADDRESSES = 16 };

struct StoxResolver {
    StoxResolveFunc func;
    void *user;
    uint64_t next_id;
    GCancellable *cancellable;
    GHashTable *lookups; /* the set of StoxLookup* under way */
};

typedef struct {
    StoxResolver *resolver; /* NULL: it has been freed */
    uint64_t id;
    char *host;
    unsigned port;
    StoxTransportKind kind;
    GList *targets; /* GSrvTarget*, in the order to try; what is left of them */
    GPtrArray *results;
    GError *error; /* of the last failure */
} StoxLookup;

void stox_resolved_free(StoxResolved *resolved)
{
    g_free(resolved->host);
    g_object_unref(resolved->address);
    g_free(resolved);
}

static void lookup_free(StoxLookup *lookup)
{
    if (lookup->resolver)
        g_hash_table_remove(lookup->resolver->lookups, lookup);
    g_resolver_free_targets(lookup->targets);
    g_ptr_array_unref(lookup->results);
    g_clear_error(&lookup->error);
    g_free(lookup->host);
    g_free(lookup);
}

static void add_result(StoxLookup *lookup, GInetAddress *address, unsigned port)
{
    StoxResolved *resolved;

    if (lookup->results->len >= MAX_ADDRESSES)
        return;
    resolved = g_new0(StoxResolved, 1);
    resolved->host = g_strdup(lookup->host);
    resolved->address = g_inet_socket_address_new(address, (guint16) port);
    g_ptr_array_add(lookup->results, resolved);
}

static void finish(StoxLookup *lookup)
{
    StoxResolver *resolver = lookup->resolver;
    bool found = lookup->results->len > 0;

    if (!found && !lookup->error)
        lookup->error = g_error_new(G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
                                    "%s has no address", lookup->host);
    if (resolver)
        resolver->func(resolver->user, lookup->id, found ? lookup->results : NULL,
                       found ? NULL : lookup->error);
    lookup_free(lookup);
}

static unsigned default_port(StoxTransportKind kind)
{
    return kind == STOX_TRANSPORT_TLS ? 5061 : 5060;
}

static void next_target(StoxLookup *lookup);

static void addresses_cb(GObject *source, GAsyncResult *result, gpointer user)
{
    StoxLookup *lookup = user;
    GSrvTarget *target = lookup->targets ? lookup->targets->data : NULL;
    unsigned port = target         ? g_srv_target_get_port(target)
                    : lookup->port ? lookup->port
                                   : default_port(lookup->kind);
    GList *addresses;

    g_clear_error(&lookup->error);
    addresses = g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, &lookup->error);
    for (GList *l = addresses; l; l = l->next)
        add_result(lookup, l->data, port);
    g_resolver_free_addresses(addresses);
    if (target) {
        lookup->targets = g_list_delete_link(lookup->targets, lookup->targets);
        g_srv_target_free(target);
    }
    if (lookup->targets && lookup->results->len < MAX_ADDRESSES && lookup->resolver)
        next_target(lookup);
    else
        finish(lookup);
}

static void next_target(StoxLookup *lookup)
{
    g_autoptr(GResolver) resolver = g_resolver_get_default();
    const char *name =
        lookup->targets ? g_srv_target_get_hostname(lookup->targets->data) : lookup->host;

    g_resolver_lookup_by_name_async(resolver, name, lookup->resolver->cancellable, addresses_cb,
                                    lookup);
}

static void services_cb(GObject *source, GAsyncResult *result, gpointer user)
{
    StoxLookup *lookup = user;

    g_autoptr(GError) error = NULL;

    /* Already sorted by priority and weight (RFC 2782). No SRV record is no failure: the name itself is next. */
    lookup->targets = g_resolver_lookup_service_finish(G_RESOLVER(source), result, &error);
    if (!lookup->targets && !error) {
        /* RFC 2782: a target of "." says that the service is decidedly not available. */
        lookup->error =
            g_error_new(G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
                        "the SRV record of %s says that it has no such service", lookup->host);
        finish(lookup);
    } else if (lookup->resolver) {
        next_target(lookup);
    } else {
        lookup_free(lookup);
    }
}

static gboolean literal_cb(gpointer user)
{
    StoxLookup *lookup = user;
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(lookup->host);

    if (lookup->resolver)
        add_result(lookup, address, lookup->port ? lookup->port : default_port(lookup->kind));
    finish(lookup);
    return G_SOURCE_REMOVE;
}

StoxResolver *stox_resolver_new(StoxResolveFunc func, void *user)
{
    StoxResolver *resolver = g_new0(StoxResolver, 1);

    resolver->func = func;
    resolver->user = user;
    resolver->cancellable = g_cancellable_new();
    resolver->lookups = g_hash_table_new(NULL, NULL);
    return resolver;
}

void stox_resolver_free(StoxResolver *resolver)
{
    GHashTableIter iter;
    gpointer lookup;

    if (!resolver)
        return;
    g_cancellable_cancel(resolver->cancellable);
    /* Their GLib calls come back later and find nobody. */
    g_hash_table_iter_init(&iter, resolver->lookups);
    while (g_hash_table_iter_next(&iter, &lookup, NULL))
        ((StoxLookup *) lookup)->resolver = NULL;
    g_hash_table_unref(resolver->lookups);
    g_object_unref(resolver->cancellable);
    g_free(resolver);
}

uint64_t stox_resolver_start(StoxResolver *resolver, const char *host, unsigned port,
                             StoxTransportKind kind)
{
    StoxLookup *lookup = g_new0(StoxLookup, 1);

    lookup->resolver = resolver;
    lookup->id = ++resolver->next_id;
    lookup->host = g_strdup(host);
    lookup->port = port;
    lookup->kind = kind;
    lookup->results = g_ptr_array_new_with_free_func((GDestroyNotify) stox_resolved_free);
    g_hash_table_add(resolver->lookups, lookup);
    if (g_hostname_is_ip_address(host)) {
        GSource *source = g_idle_source_new();

        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, literal_cb, lookup, NULL);
        g_source_attach(source, g_main_context_get_thread_default());
        g_source_unref(source);
    } else if (port == 0) {
        g_autoptr(GResolver) system = g_resolver_get_default();

        g_resolver_lookup_service_async(system, kind == STOX_TRANSPORT_TLS ? "sips" : "sip",
                                        kind == STOX_TRANSPORT_UDP ? "udp" : "tcp", host,
                                        resolver->cancellable, services_cb, lookup);
    } else {
        next_target(lookup);
    }
    return lookup->id;
}
