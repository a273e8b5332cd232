/* SPDX-License-Identifier: MIT */
/* LCS 2005's presence document, text/xml+msrtc.pidf (lync.md 4.8 d; MS-SIP 2.2.1). */
#include "translation/presence-document-private.h"

#include <string.h>

bool stox_msrtc_is(const StoxXmlNode *root)
{
    /* MS-SIP prints both. */
    return stox_xml_is(root, "http://schemas.microsoft.com/2002/09/sip/presence", "presentity") ||
           stox_xml_is(root, "http://schemas.microsoft.com/09/2002/sip/presence", "presentity");
}

/* The numbers of its activities, each up to the next. */
static const struct {
    uint32_t first;
    StoxLyncState state;
    const char *activity;
} activities[] = {
    {600, STOX_LYNC_BUSY, NULL},      {500, STOX_LYNC_BUSY, "on-the-phone"},
    {400, STOX_LYNC_AVAILABLE, NULL}, {300, STOX_LYNC_BE_RIGHT_BACK, NULL},
    {200, STOX_LYNC_INACTIVE, NULL},  {150, STOX_LYNC_AWAY, "out-to-lunch"},
    {0, STOX_LYNC_AWAY, NULL},
};

#define ONLINE 300 /* availability; 100: maybe, less: no */
#define MAYBE  100

/* What is known so far, on Lync's scale. */
typedef struct {
    uint32_t availability;
    const StoxActivity *activity;
    char *text; /* a state in his own words */
    int64_t since_ms;
} State;

static uint32_t aggregate(const StoxXmlNode *root, const char *name)
{
    const StoxXmlNode *child = stox_xml_child(root, NULL, name);

    return child ? stox_presence_number(stox_xml_attr(child, "aggregate")) : 0;
}

static void read_aggregates(const StoxXmlNode *root, State *state)
{
    uint32_t there = aggregate(root, "availability"), active = aggregate(root, "activity");
    size_t i = 0;

    while (activities[i].first > active)
        i++;
    state->availability = stox_lync_row(activities[i].state)->number;
    state->activity = activities[i].activity ? stox_activity_find(activities[i].activity) : NULL;
    if (there < MAYBE)
        state->availability = stox_lync_row(STOX_LYNC_OFFLINE)->number;
    else if (there < ONLINE && activities[i].state == STOX_LYNC_AVAILABLE)
        state->availability = stox_lync_row(STOX_LYNC_AWAY)->number;
}

/* The <state/> in `holder`'s <states/>: taken if it is less available, and newer than what the user chose. */
static void read_state(const StoxXmlNode *holder, bool chosen, State *state)
{
    const StoxXmlNode *states = stox_xml_child(holder, NULL, "states");

    for (const StoxXmlNode *at = states ? stox_xml_child(states, NULL, "state") : NULL; at;
         at = stox_xml_next(at, NULL, "state")) {
        const char *nil = stox_xml_attr(at, "http://www.w3.org/2001/XMLSchema-instance nil");
        uint32_t availability = stox_presence_number(stox_xml_attr(at, "avail"));
        int64_t since_ms = stox_presence_time(stox_xml_attr(at, "since"));
        g_autofree char *word = stox_presence_text(at->text, STOX_MAX_NOTE);

        if (g_strcmp0(nil, "true") == 0 || availability < state->availability ||
            (!chosen && state->since_ms > 0 && since_ms <= state->since_ms))
            continue;
        state->availability = availability;
        state->since_ms = chosen ? since_ms : state->since_ms;
        state->activity = word ? stox_activity_find(word) : NULL;
        g_free(state->text);
        state->text = word && !state->activity ? g_steal_pointer(&word) : NULL;
    }
}

static void read_devices(const StoxXmlNode *root, State *state)
{
    const StoxXmlNode *devices = stox_xml_child(root, NULL, "devices");

    for (const StoxXmlNode *at = devices ? stox_xml_child(devices, NULL, "devicePresence") : NULL;
         at; at = stox_xml_next(at, NULL, "devicePresence"))
        read_state(at, false, state);
}

static char *read_display_name(const StoxXmlNode *root)
{
    const StoxXmlNode *child = stox_xml_child(root, NULL, "displayName");
    const char *name = child ? stox_xml_attr(child, "displayName") : NULL;

    return name ? stox_presence_text(name, STOX_MAX_DISPLAY_NAME) : NULL;
}

void stox_msrtc_read(const StoxXmlNode *root, const StoxPresenceReading *how,
                     StoxPresenceReport *report)
{
    const StoxXmlNode *info = stox_xml_child(root, NULL, "userInfo");
    const StoxXmlNode *note = info ? stox_xml_child(info, NULL, "note") : NULL;
    bool oof = stox_xml_child(root, NULL, "oof") || (info && stox_xml_child(info, NULL, "oof"));
    StoxPresentity *presentity = g_new0(StoxPresentity, 1);
    State state = {.availability = 0};
    g_autofree char *text = NULL;

    read_aggregates(root, &state);
    if (state.availability < stox_lync_row(STOX_LYNC_OFFLINE)->first) {
        if (info)
            read_state(info, true, &state);
        read_state(root, true, &state);
        read_devices(root, &state);
    }
    if (oof && stox_lync_state_from_number(state.availability) == STOX_LYNC_AWAY)
        state.activity = stox_activity_find("out-of-office");
    presentity->resource = g_strdup("");
    stox_presence_show_lync(presentity, state.availability, state.activity, how->busy_as);
    text = note ? stox_presence_text(note->text, STOX_MAX_NOTE) : NULL;
    if (!stox_notes_add(&presentity->notes, text, how->lang) && presentity->open)
        stox_notes_add(&presentity->notes, state.text, NULL);
    g_free(state.text);
    stox_presence_add(report, presentity);
    if (!report->display_name)
        report->display_name = read_display_name(root);
}
