/* SPDX-License-Identifier: MIT */
/* What an XMPP user sees of the SIP user he watches: documents in, presence stanzas out. */
#include "translation/watching-private.h"

#include "translation/language.h"

#include <string.h>

#define LYNC_RESOURCE "lync"

/* ---- Reading ---- */

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

/* lync.md 1.2: partners that see the state and nothing else. */
static bool to_public(const StoxWatching *watching)
{
    return stox_pair_partner(watching->gateway, &watching->pair)->type != STOX_PARTNER_FEDERATED;
}

/* What they may not see is taken out before it is compared: that it changes is nothing for them either. */
static void reduce(StoxPresentities *document)
{
    for (unsigned i = 0; i < document->list->len; i++) {
        StoxPresentity *entry = document->list->pdata[i];

        stox_notes_clear(&entry->notes);
        entry->text = entry->open ? stox_lync_row(entry->state)->text : STOX_WORD_NONE;
        entry->activity = NULL;
        entry->idle_since_wall_ms = 0;
    }
}

bool stox_watching_read(StoxWatching *watching, const StoxEvent *event,
                        StoxPresenceReport *ret_report, unsigned *ret_status)
{
    g_autofree char *uri = stox_pair_local_uri(watching->gateway, &watching->pair);
    g_autofree char *lang = stox_language_first(event->lang);
    StoxPresenceReading how = {
        .about_uri = uri,
        .language = watching->pair.xmpp_language,
        .busy_as = stox_pair_hop(watching->gateway, &watching->pair)->busy_as,
        .lang = lang,
        .now_wall_ms = watching->gateway->now.wall_ms,
    };

    if (!event->body || g_bytes_get_size(event->body) == 0) {
        memset(ret_report, 0, sizeof *ret_report);
        return true;
    }
    if (!stox_presence_document_read(&watching->categories,
                                     event->content_type ? event->content_type : "", event->body,
                                     &how, ret_report, ret_status))
        return false;
    if (watching->pair.dialect == STOX_DIALECT_LYNC)
        fold(&ret_report->all);
    if (to_public(watching))
        reduce(&ret_report->all);
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
    stox_presentity_status(presentity, to_public(watching), watching->pair.xmpp_language,
                           &presence->status);
    presence->priority = presentity->priority;
    presence->idle_since_wall_ms = presentity->idle_since_wall_ms; /* P-152 */
    if (!is_visible(watching, presentity->resource, NULL)) {
        if (!watching->visible)
            watching->visible = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(watching->visible, g_strdup(presentity->resource));
    }
}

/* P-144: neither show nor priority. */
static StoxPresence *send_unavailable(StoxWatching *watching, const char *resource,
                                      const StoxPresentity *closed)
{
    g_autofree char *from = address(watching, resource);
    StoxPresence *presence = stox_gateway_presence(watching->gateway, STOX_PRESENCE_UNAVAILABLE,
                                                   from, watching->pair.remote);
    unsigned index;

    if (closed)
        stox_presentity_status(closed, to_public(watching), watching->pair.xmpp_language,
                               &presence->status);
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
            send_unavailable(watching, resource, entry);
    }
}

/* The first document says that nobody is there: an XMPP client waits for exactly that. */
static void show_nobody(StoxWatching *watching, const StoxPresentities *document)
{
    const StoxPresentity *best = document->list ? stox_presentities_best(document) : NULL;

    if (best && !best->open)
        send_unavailable(watching, best->resource, best);
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
