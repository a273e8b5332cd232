/* SPDX-License-Identifier: MIT */
#include "translation/presence.h"

#include <string.h>

/* ---- The list ---- */

void stox_presentity_free(StoxPresentity *presentity)
{
    if (!presentity)
        return;
    g_free(presentity->resource);
    g_free(presentity->note);
    g_free(presentity->lang);
    g_free(presentity->activity);
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
           g_strcmp0(a->note, b->note) == 0 && g_strcmp0(a->lang, b->lang) == 0 &&
           g_strcmp0(a->activity, b->activity) == 0;
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

static StoxPresentity *from_stanza(const char *resource, const StoxPresence *presence)
{
    StoxPresentity *presentity = g_new0(StoxPresentity, 1);

    presentity->resource = g_strdup(resource);
    presentity->open = true; /* P-110 */
    presentity->show = presence->show;
    if (presence->status && *presence->status) {
        presentity->note = g_strdup(presence->status);
        presentity->lang = g_strdup(presence->lang);
    }
    presentity->priority = presence->priority;
    return presentity;
}

bool stox_presentities_update(StoxPresentities *presentities, const char *resource,
                              const StoxPresence *presence)
{
    StoxPresentity *fresh;
    guint i;

    if (presence->type == STOX_PRESENCE_UNAVAILABLE)
        return remove_resource(presentities, resource);
    if (presence->type != STOX_PRESENCE_AVAILABLE) /* P-112 */
        return false;

    fresh = from_stanza(resource, presence);
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
    return show_weight(a->show) > show_weight(b->show);
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

typedef struct {
    const char *word;
    bool open;
    StoxShow show;
    const char *text;
    bool rpid; /* an element of RFC 4480 s3.2 */
} Activity;

/* P-150a..f in their order, Microsoft's words (lync.md 3.3 and 4.8 d) beside those that mean the same. */
static const Activity activities[] = {
    /* P-150a */
    {"permanent-absence", false, STOX_SHOW_ONLINE, NULL, true},
    {"offline", false, STOX_SHOW_ONLINE, NULL, false},
    /* P-150b */
    {"on-the-phone", true, STOX_SHOW_DND, "On the phone", true},
    {"in-a-conference", true, STOX_SHOW_DND, "In a conference call", false},
    /* P-150c */
    {"presentation", true, STOX_SHOW_DND, "Presentation", true},
    {"in-presentation", true, STOX_SHOW_DND, "Presenting", false},
    {"meeting", true, STOX_SHOW_DND, "Meeting", true},
    {"in-a-meeting", true, STOX_SHOW_DND, "In a meeting", false},
    {"performance", true, STOX_SHOW_DND, "Performance", true},
    {"appointment", true, STOX_SHOW_DND, "Appointment", true},
    {"do-not-disturb", true, STOX_SHOW_DND, "Do not disturb", false},
    {"urgent-interruptions-only", true, STOX_SHOW_DND, "Urgent interruptions only", false},
    {"busy", true, STOX_SHOW_DND, "Busy", true},
    {"worship", true, STOX_SHOW_DND, "Worship", true},
    {"steering", true, STOX_SHOW_DND, "Steering", true},
    /* P-150d */
    {"sleeping", true, STOX_SHOW_XA, "Sleeping", true},
    {"vacation", true, STOX_SHOW_XA, "Vacation", true},
    {"holiday", true, STOX_SHOW_XA, "Holiday", true},
    {"travel", true, STOX_SHOW_XA, "Travel", true},
    {"out-of-office", true, STOX_SHOW_XA, "Out of office", false},
    {"off-work", true, STOX_SHOW_XA, "Off work", false},
    /* P-150e */
    {"away", true, STOX_SHOW_AWAY, "Away", true},
    {"be-right-back", true, STOX_SHOW_AWAY, "Be right back", false},
    {"breakfast", true, STOX_SHOW_AWAY, "Breakfast", true},
    {"lunch", true, STOX_SHOW_AWAY, "Lunch", true},
    {"out-to-lunch", true, STOX_SHOW_AWAY, "Out to lunch", false},
    {"dinner", true, STOX_SHOW_AWAY, "Dinner", true},
    {"meal", true, STOX_SHOW_AWAY, "Meal", true},
    {"in-transit", true, STOX_SHOW_AWAY, "In transit", true},
    {"shopping", true, STOX_SHOW_AWAY, "Shopping", true},
    {"playing", true, STOX_SHOW_AWAY, "Playing", true},
    {"spectator", true, STOX_SHOW_AWAY, "Spectator", true},
    {"tv", true, STOX_SHOW_AWAY, "TV", true},
    {"idle", true, STOX_SHOW_AWAY, "Inactive", false},
    /* P-150f */
    {"working", true, STOX_SHOW_ONLINE, NULL, true},
    {"looking-for-work", true, STOX_SHOW_ONLINE, NULL, true},
    {"other", true, STOX_SHOW_ONLINE, NULL, true},
    {"available", true, STOX_SHOW_ONLINE, NULL, false},
    {"unknown", true, STOX_SHOW_ONLINE, NULL, true},
};

int stox_activity_rank(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(activities); i++)
        if (g_ascii_strcasecmp(activities[i].word, word) == 0)
            return (int) i;
    return -1;
}

const char *stox_activity_word(int rank)
{
    return activities[rank].word;
}

bool stox_activity_is_rpid(const char *word)
{
    int rank = stox_activity_rank(word);

    return rank >= 0 && activities[rank].rpid;
}

bool stox_activity_map(const char *word, bool *ret_open, StoxShow *ret_show, const char **ret_text)
{
    int rank = stox_activity_rank(word);

    if (rank < 0)
        return false;
    *ret_open = activities[rank].open;
    *ret_show = activities[rank].show;
    if (ret_text)
        *ret_text = activities[rank].text;
    return true;
}

const char *stox_show_activity(StoxShow show, bool microsoft)
{
    switch (show) {
    case STOX_SHOW_ONLINE:
    case STOX_SHOW_CHAT:
        return microsoft ? "available" : NULL;
    case STOX_SHOW_AWAY:
    case STOX_SHOW_XA:
        return "away";
    case STOX_SHOW_DND:
        /* Lync's do-not-disturb would make its client refuse messages; busy lets them through. */
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
