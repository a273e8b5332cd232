/* SPDX-License-Identifier: MIT */
#include "translation/categories.h"

/* A user with a dozen devices has fewer. */
#define MAX_ENTRIES 48

struct StoxCategories {
    StoxCategoryEntry *entries;
    unsigned n;
};

StoxCategories *stox_categories_new(void)
{
    return g_new0(StoxCategories, 1);
}

static void entry_free(StoxCategoryEntry *entry)
{
    g_free(entry->text);
    g_free(entry);
}

void stox_categories_free(StoxCategories *categories)
{
    if (!categories)
        return;
    while (categories->entries) {
        StoxCategoryEntry *next = categories->entries->next;

        entry_free(categories->entries);
        categories->entries = next;
    }
    g_free(categories);
}

/* ---- The set ---- */

static bool is_empty(const StoxCategoryEntry *entry)
{
    return entry->availability == 0 && !entry->text;
}

/* Full: what was published first goes, which is what nobody repeats any more. */
static void make_room(StoxCategories *categories)
{
    StoxCategoryEntry **oldest = &categories->entries, *gone;

    if (categories->n < MAX_ENTRIES)
        return;
    for (StoxCategoryEntry **at = oldest; *at; at = &(*at)->next)
        if ((*at)->published_ms < (*oldest)->published_ms)
            oldest = at;
    gone = *oldest;
    *oldest = gone->next;
    entry_free(gone);
    categories->n--;
}

static StoxCategoryEntry *find(const StoxCategories *categories, StoxCategoryKind kind,
                               uint32_t instance)
{
    for (StoxCategoryEntry *at = categories->entries; at; at = at->next)
        if (at->kind == kind && at->instance == instance)
            return at;
    return NULL;
}

void stox_categories_put(StoxCategories *categories, StoxCategoryEntry *entry)
{
    StoxCategoryEntry *old = find(categories, entry->kind, entry->instance);

    if (old && entry->published_ms != 0 && entry->published_ms < old->published_ms) {
        g_free(entry->text);
    } else if (old) {
        StoxCategoryEntry *next = old->next;

        g_free(old->text);
        *old = *entry;
        old->next = next;
    } else if (!is_empty(entry)) {
        make_room(categories);
        old = g_memdup2(entry, sizeof *entry);
        old->next = categories->entries;
        categories->entries = old;
        categories->n++;
    }
    entry->text = NULL;
}

void stox_categories_take_back(StoxCategories *categories, StoxCategoryKind first,
                               StoxCategoryKind last, uint32_t instance, int64_t published_ms)
{
    for (StoxCategoryKind kind = first; kind <= last; kind++) {
        StoxCategoryEntry entry = {
            .kind = kind, .instance = instance, .published_ms = published_ms};

        stox_categories_put(categories, &entry);
    }
}

/* Of the entries of one kind that say something, the one published last; NULL for none. */
static const StoxCategoryEntry *newest(const StoxCategories *categories, StoxCategoryKind kind)
{
    const StoxCategoryEntry *best = NULL;

    for (const StoxCategoryEntry *at = categories->entries; at; at = at->next)
        if (at->kind == kind && !is_empty(at) && (!best || at->published_ms > best->published_ms))
            best = at;
    return best;
}

/* ---- What it shows ---- */

/* Of several devices the one that is most available. */
static const StoxCategoryEntry *best_machine(const StoxCategories *categories)
{
    const StoxCategoryEntry *best = NULL;

    for (const StoxCategoryEntry *at = categories->entries; at; at = at->next)
        if (at->kind == STOX_ENTRY_MACHINE && at->availability > 0 &&
            (!best || at->availability < best->availability))
            best = at;
    return best;
}

static const StoxCategoryEntry *less_available(const StoxCategoryEntry *a,
                                               const StoxCategoryEntry *b)
{
    if (!a || !b)
        return a ? a : b;
    return b->availability > a->availability ? b : a;
}

/*
 * The state that speaks. The server's sum is authoritative; without it the least available of what he chose, his best device, his phone and his calendar is,
 * where a choice by hand outdoes a call or meeting that began before it. NULL: nothing is known.
 */
static const StoxCategoryEntry *speaking_state(const StoxCategories *categories)
{
    static const StoxCategoryKind engagements[] = {STOX_ENTRY_PHONE, STOX_ENTRY_CALENDAR};
    const StoxCategoryEntry *user = newest(categories, STOX_ENTRY_USER);
    const StoxCategoryEntry *state = newest(categories, STOX_ENTRY_AGGREGATE);

    if (state)
        return state;
    state = less_available(user, best_machine(categories));
    for (size_t i = 0; i < G_N_ELEMENTS(engagements); i++) {
        const StoxCategoryEntry *engagement = newest(categories, engagements[i]);

        if (engagement && !(user && user->manual && user->published_ms > engagement->published_ms))
            state = less_available(state, engagement);
    }
    return state ? state : newest(categories, STOX_ENTRY_LEGACY);
}

/* When he was last there is of interest only of one who is not. */
static void show_state(const StoxCategoryEntry *entry, StoxShow busy_as, StoxPresentity *presentity)
{
    stox_presence_show_lync(presentity, entry->availability, entry->activity, busy_as);
    switch (presentity->state) {
    case STOX_LYNC_INACTIVE:
    case STOX_LYNC_BUSY_INACTIVE:
    case STOX_LYNC_AWAY:
        presentity->idle_since_wall_ms = entry->when_ms;
        break;
    default:
        break;
    }
}

/* The personal or the out-of-office note, whichever is newer; else what he calls his activity. */
static void show_note(const StoxCategories *categories, const StoxCategoryEntry *state,
                      int64_t now_wall_ms, StoxPresentity *presentity)
{
    const StoxCategoryEntry *note = newest(categories, STOX_ENTRY_NOTE);
    const StoxCategoryEntry *oof = newest(categories, STOX_ENTRY_OOF);

    if (oof && (oof->when_ms == 0 || oof->when_ms > now_wall_ms) &&
        (!note || oof->published_ms >= note->published_ms))
        note = oof;
    if (!note && state && presentity->open)
        note = state;
    if (note)
        stox_notes_add(&presentity->notes, note->text, note->lang);
}

void stox_categories_show(const StoxCategories *categories, const StoxPresenceReading *how,
                          StoxPresenceReport *report)
{
    const StoxCategoryEntry *state = speaking_state(categories);
    const StoxCategoryEntry *services = newest(categories, STOX_ENTRY_SERVICES);
    const StoxCategoryEntry *card = newest(categories, STOX_ENTRY_CARD);
    StoxPresentity *presentity = g_new0(StoxPresentity, 1);

    presentity->resource = g_strdup("");
    /* P-143: one who can take no messages is not there for us. */
    if (state && !(services && services->no_text))
        show_state(state, how->busy_as, presentity);
    show_note(categories, state, how->now_wall_ms, presentity);
    stox_presence_add(report, presentity);
    if (card && !report->display_name)
        report->display_name = g_strdup(card->text);
}
