/* SPDX-License-Identifier: MIT */
#include "translation/presence.h"

#include <string.h>

/* ---- The list ---- */

void stox_presentity_free(StoxPresentity *presentity)
{
    if (!presentity)
        return;
    g_free(presentity->resource);
    stox_notes_clear(&presentity->notes);
    g_free(presentity);
}

static void free_element(void *presentity)
{
    stox_presentity_free(presentity);
}

void stox_presentities_init(StoxPresentities *presentities)
{
    presentities->list = g_ptr_array_new_with_free_func(free_element);
}

void stox_presentities_clear(StoxPresentities *presentities)
{
    g_clear_pointer(&presentities->list, g_ptr_array_unref);
}

static bool find_index(const StoxPresentities *presentities, const char *resource, guint *ret_index)
{
    for (guint i = 0; i < presentities->list->len; i++) {
        const StoxPresentity *presentity = presentities->list->pdata[i];

        if (strcmp(presentity->resource, resource) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

const StoxPresentity *stox_presentities_find(const StoxPresentities *presentities,
                                             const char *resource)
{
    guint i;

    return find_index(presentities, resource, &i) ? presentities->list->pdata[i] : NULL;
}

bool stox_presentity_equal(const StoxPresentity *a, const StoxPresentity *b)
{
    return strcmp(a->resource, b->resource) == 0 && a->open == b->open && a->show == b->show &&
           a->priority == b->priority && a->idle_since_wall_ms == b->idle_since_wall_ms &&
           a->text == b->text && stox_lync_row(a->state)->text == stox_lync_row(b->state)->text &&
           stox_notes_equal(&a->notes, &b->notes);
}

void stox_presentity_status(const StoxPresentity *presentity, bool public_partner,
                            StoxLanguage language, StoxNotes *status)
{
    StoxWord text = public_partner ? stox_lync_row(presentity->state)->text : presentity->text;

    if (presentity->notes.n > 0 && !public_partner)
        stox_notes_append(status, &presentity->notes);
    else if (presentity->open && text != STOX_WORD_NONE)
        stox_notes_add(status, stox_word(text, language), stox_language_tag(language));
}

static bool remove_resource(StoxPresentities *presentities, const char *resource)
{
    guint i;

    if (*resource == '\0') {
        bool any = presentities->list->len > 0;

        g_ptr_array_set_size(presentities->list, 0);
        return any;
    }
    if (!find_index(presentities, resource, &i))
        return false;
    g_ptr_array_remove_index(presentities->list, i);
    return true;
}

char *stox_presence_cut(const char *text, size_t max)
{
    size_t n = strlen(text);

    if (n > max)
        for (n = max; n > 0 && ((unsigned char) text[n] & 0xC0) == 0x80; n--)
            ;
    return g_strndup(text, n);
}

static StoxPresentity *from_stanza(const char *resource, const StoxPresence *presence,
                                   int64_t now_wall_ms)
{
    StoxPresentity *presentity = g_new0(StoxPresentity, 1);

    presentity->resource = g_strdup(resource);
    presentity->open = true; /* P-110 */
    presentity->show = presence->show;
    stox_notes_append(&presentity->notes, &presence->status);
    presentity->priority = presence->priority;
    presentity->idle_since_wall_ms = presence->idle_since_wall_ms; /* P-128 */
    /* P-129; nobody's clock has been ahead of ours. */
    presentity->since_wall_ms =
        presence->delay_wall_ms > 0 ? MIN(presence->delay_wall_ms, now_wall_ms) : now_wall_ms;
    return presentity;
}

bool stox_presentities_update(StoxPresentities *presentities, const char *resource,
                              const StoxPresence *presence, int64_t now_wall_ms)
{
    StoxPresentity *fresh;
    guint i;

    if (presence->type == STOX_PRESENCE_UNAVAILABLE)
        return remove_resource(presentities, resource);
    if (presence->type != STOX_PRESENCE_AVAILABLE) /* P-112 */
        return false;

    fresh = from_stanza(resource, presence, now_wall_ms);
    if (!find_index(presentities, resource, &i)) {
        if (presentities->list->len >= STOX_MAX_PRESENTITIES) {
            stox_presentity_free(fresh);
            return false;
        }
        g_ptr_array_add(presentities->list, fresh);
        return true;
    }
    if (stox_presentity_equal(presentities->list->pdata[i], fresh)) {
        stox_presentity_free(fresh);
        return false;
    }
    stox_presentity_free(presentities->list->pdata[i]);
    presentities->list->pdata[i] = fresh;
    return true;
}

/* How available a show is. Somebody who is busy sits at that device; somebody who is away does not. */
static int show_weight(StoxShow show)
{
    switch (show) {
    case STOX_SHOW_CHAT:
        return 4;
    case STOX_SHOW_ONLINE:
        return 3;
    case STOX_SHOW_DND:
        return 2;
    case STOX_SHOW_AWAY:
        return 1;
    case STOX_SHOW_XA:
        return 0;
    }
    return 0;
}

static bool speaks_before(const StoxPresentity *a, const StoxPresentity *b)
{
    if (a->open != b->open)
        return a->open;
    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (a->show != b->show)
        return show_weight(a->show) > show_weight(b->show);
    return !a->idle_since_wall_ms && b->idle_since_wall_ms;
}

const StoxPresentity *stox_presentities_best(const StoxPresentities *presentities)
{
    const StoxPresentity *best = NULL;

    for (guint i = 0; i < presentities->list->len; i++)
        if (!best || speaks_before(presentities->list->pdata[i], best))
            best = presentities->list->pdata[i];
    return best;
}

/* ---- States and their words ---- */

const char *stox_show_activity(StoxShow show)
{
    switch (show) {
    case STOX_SHOW_ONLINE:
    case STOX_SHOW_CHAT:
        break;
    case STOX_SHOW_AWAY:
    case STOX_SHOW_XA:
        return "away";
    case STOX_SHOW_DND:
        return "busy";
    }
    return NULL;
}

static const char *const show_names[] = {
    [STOX_SHOW_CHAT] = "chat",
    [STOX_SHOW_AWAY] = "away",
    [STOX_SHOW_XA] = "xa",
    [STOX_SHOW_DND] = "dnd",
};

const char *stox_show_name(StoxShow show)
{
    return show_names[show];
}

bool stox_show_from_name(const char *name, StoxShow *ret_show)
{
    for (size_t i = 0; i < G_N_ELEMENTS(show_names); i++)
        if (show_names[i] && strcmp(show_names[i], name) == 0) {
            *ret_show = (StoxShow) i;
            return true;
        }
    return false;
}
