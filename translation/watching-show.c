/* SPDX-License-Identifier: MIT */
/* What an XMPP user sees of the SIP user he watches: documents in, presence stanzas out. */
#include "translation/watching-private.h"

#include "translation/pidf.h"

#include <string.h>

#define LYNC_RESOURCE "lync"

/* ---- Reading ---- */

static bool is_pidf(const char *content_type)
{
    size_t n = strlen(STOX_PIDF_TYPE);
    const char *rest;

    if (g_ascii_strncasecmp(content_type, STOX_PIDF_TYPE, n) != 0)
        return false;
    rest = content_type + n;
    return *rest == '\0' || strchr("; \t", *rest);
}

/* P-147: sip:, pres: and bare forms (AOL) of the address count. */
static bool about_our_contact(const StoxWatching *watching, const char *entity)
{
    g_autofree char *uri = strchr(entity, ':') ? NULL : g_strconcat("sip:", entity, NULL);
    g_auto(StoxSipResult) unused = {0};
    g_auto(StoxJid) jid = {0};
    g_autofree char *bare = NULL;

    if (!stox_address_sip_to_jid(uri ? uri : entity, STOX_URI_IS_FROM, &jid, &unused))
        return false;
    bare = stox_jid_bare(&jid);
    return strcmp(bare, watching->pair.local) == 0;
}

/* A front end's document has one tuple; its name means nothing, ours stays the same for ever. */
static void fold(StoxPresentities *document)
{
    const StoxPresentity *best = stox_presentities_best(document);

    for (unsigned i = document->list->len; i-- > 0;)
        if (document->list->pdata[i] != best)
            g_ptr_array_remove_index(document->list, i);
    if (document->list->len > 0) {
        StoxPresentity *only = document->list->pdata[0];

        g_free(only->resource);
        only->resource = g_strdup(LYNC_RESOURCE);
    }
}

bool stox_watching_read(const StoxWatching *watching, const StoxEvent *event,
                        StoxPresentities *ret_document, bool *ret_usable, unsigned *ret_status)
{
    g_autofree char *entity = NULL;
    const char *unused;

    *ret_usable = false;
    if (!event->body || g_bytes_get_size(event->body) == 0)
        return true;
    if (!event->content_type || !is_pidf(event->content_type)) {
        *ret_status = 415;
        return false;
    }
    if (!stox_pidf_read(event->body, ret_document, &entity, &unused)) {
        *ret_status = 400;
        return false;
    }
    if (entity && !about_our_contact(watching, entity)) {
        stox_presentities_clear(ret_document);
        return true;
    }
    if (watching->pair.dialect == STOX_DIALECT_LYNC)
        fold(ret_document);
    *ret_usable = true;
    return true;
}

/* ---- Stanzas ---- */

static char *address(const StoxWatching *watching, const char *resource)
{
    return *resource ? g_strconcat(watching->pair.local, "/", resource, NULL)
                     : g_strdup(watching->pair.local);
}

static bool can_write(const StoxWatching *watching)
{
    return stox_gateway_link_is_up(watching->gateway, stox_bare_domain(watching->pair.local)) &&
           !watching->gateway->stopping;
}

static bool is_visible(const StoxWatching *watching, const char *resource, unsigned *ret_index)
{
    return watching->visible &&
           g_ptr_array_find_with_equal_func(watching->visible, resource, g_str_equal, ret_index);
}

static void send_available(StoxWatching *watching, const StoxPresentity *presentity)
{
    g_autofree char *from = address(watching, presentity->resource);
    StoxPresence *presence = stox_gateway_presence(watching->gateway, STOX_PRESENCE_AVAILABLE, from,
                                                   watching->pair.remote);

    presence->show = presentity->show;
    presence->status = g_strdup(presentity->note);
    presence->lang = g_strdup(presentity->lang);
    presence->priority = presentity->priority;
    if (!is_visible(watching, presentity->resource, NULL)) {
        if (!watching->visible)
            watching->visible = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(watching->visible, g_strdup(presentity->resource));
    }
}

/* P-144: neither show nor priority. */
static StoxPresence *send_unavailable(StoxWatching *watching, const char *resource,
                                      const char *status)
{
    g_autofree char *from = address(watching, resource);
    StoxPresence *presence = stox_gateway_presence(watching->gateway, STOX_PRESENCE_UNAVAILABLE,
                                                   from, watching->pair.remote);
    unsigned index;

    presence->status = g_strdup(status);
    if (is_visible(watching, resource, &index))
        g_ptr_array_remove_index(watching->visible, index);
    return presence;
}

static const StoxPresentity *find_open(const StoxPresentities *presentities, const char *resource)
{
    const StoxPresentity *found =
        presentities->list ? stox_presentities_find(presentities, resource) : NULL;

    return found && found->open ? found : NULL;
}

/* ---- Documents ---- */

/* The resources XMPP may believe available while `document` does not say so. */
static void withdraw_missing(StoxWatching *watching, const StoxPresentities *document)
{
    if (!watching->visible)
        return;
    for (unsigned i = watching->visible->len; i-- > 0;) {
        g_autofree char *resource = g_strdup(watching->visible->pdata[i]);
        const StoxPresentity *entry =
            document->list ? stox_presentities_find(document, resource) : NULL;

        if (!entry || !entry->open)
            send_unavailable(watching, resource, entry ? entry->note : NULL);
    }
}

/* The first document says that nobody is there: an XMPP client waits for exactly that. */
static void show_nobody(StoxWatching *watching, const StoxPresentities *document)
{
    const StoxPresentity *best = document->list ? stox_presentities_best(document) : NULL;

    if (best && !best->open)
        send_unavailable(watching, best->resource, best->note);
    else if (!best)
        send_unavailable(watching, "", NULL);
}

void stox_watching_show(StoxWatching *watching, StoxPresentities *document)
{
    bool write = can_write(watching) && watching->told;

    if (write) {
        withdraw_missing(watching, document);
        for (unsigned i = 0; document->list && i < document->list->len; i++) {
            const StoxPresentity *entry = document->list->pdata[i];
            const StoxPresentity *old = find_open(&watching->known, entry->resource);

            if (entry->open && (!old || !stox_presentity_equal(old, entry) ||
                                !is_visible(watching, entry->resource, NULL)))
                send_available(watching, entry);
        }
        if (!watching->documented)
            show_nobody(watching, document);
        watching->documented = true;
    }
    stox_presentities_clear(&watching->known);
    watching->known = *document;
    memset(document, 0, sizeof *document);
    for (unsigned i = watching->known.list ? watching->known.list->len : 0; i-- > 0;) {
        const StoxPresentity *entry = watching->known.list->pdata[i];

        if (!entry->open)
            g_ptr_array_remove_index(watching->known.list, i);
    }
}

void stox_watching_withdraw(StoxWatching *watching)
{
    stox_presentities_clear(&watching->known);
    if (can_write(watching))
        withdraw_missing(watching, &watching->known);
}

void stox_watching_show_again(StoxWatching *watching, const char *resource, const char *id)
{
    bool any = false;

    if (!can_write(watching))
        return;
    for (unsigned i = 0; watching->known.list && i < watching->known.list->len; i++) {
        const StoxPresentity *entry = watching->known.list->pdata[i];

        if (resource && strcmp(resource, entry->resource) != 0)
            continue;
        send_available(watching, entry);
        any = true;
    }
    if (!any)
        send_unavailable(watching, resource ? resource : "", NULL)->id = g_strdup(id);
}

void stox_watching_resync(StoxWatching *watching)
{
    withdraw_missing(watching, &watching->known);
    if (!watching->told)
        return;
    if (watching->known.list && watching->known.list->len > 0)
        stox_watching_show_again(watching, NULL, NULL);
    else if (watching->pair.dialect == STOX_DIALECT_LYNC)
        send_unavailable(watching, LYNC_RESOURCE, NULL);
    else
        send_unavailable(watching, "", NULL);
    watching->documented = true;
}
