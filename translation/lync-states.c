/* SPDX-License-Identifier: MIT */
#include "translation/lync-states.h"

/* ---- Availability (lync.md 3.3) ---- */

static const StoxLyncRow states[STOX_N_LYNC_STATES] = {
    [STOX_LYNC_NONE] = {0, 0, false, STOX_SHOW_ONLINE, STOX_WORD_NONE, NULL},
    [STOX_LYNC_AVAILABLE] = {3000, 3500, true, STOX_SHOW_ONLINE, STOX_WORD_NONE, "available"},
    [STOX_LYNC_INACTIVE] = {4500, 5000, true, STOX_SHOW_AWAY, STOX_WORD_INACTIVE, "idle"},
    [STOX_LYNC_BUSY] = {6000, 6500, true, STOX_SHOW_DND, STOX_WORD_BUSY, "busy"},
    [STOX_LYNC_BUSY_INACTIVE] = {7500, 7500, true, STOX_SHOW_AWAY, STOX_WORD_BUSY_INACTIVE, "busy"},
    [STOX_LYNC_DO_NOT_DISTURB] = {9000, 9500, true, STOX_SHOW_DND, STOX_WORD_DO_NOT_DISTURB,
                                  "do-not-disturb"},
    [STOX_LYNC_BE_RIGHT_BACK] = {12000, 12500, true, STOX_SHOW_AWAY, STOX_WORD_BE_RIGHT_BACK,
                                 "be-right-back"},
    [STOX_LYNC_AWAY] = {15000, 15500, true, STOX_SHOW_AWAY, STOX_WORD_AWAY, "away"},
    [STOX_LYNC_OFFLINE] = {18000, 18500, false, STOX_SHOW_ONLINE, STOX_WORD_NONE, "offline"},
};

const StoxLyncRow *stox_lync_row(StoxLyncState state)
{
    return &states[state];
}

StoxLyncState stox_lync_state_from_number(unsigned availability)
{
    unsigned state = STOX_N_LYNC_STATES - 1;

    while (states[state].first > availability)
        state--;
    return (StoxLyncState) state;
}

StoxLyncState stox_lync_state_from_show(StoxShow show, bool idle, bool dnd_as_busy)
{
    switch (show) {
    case STOX_SHOW_ONLINE:
    case STOX_SHOW_CHAT:
        return idle ? STOX_LYNC_INACTIVE : STOX_LYNC_AVAILABLE;
    case STOX_SHOW_AWAY: /* idle: his client did it, not he */
        return idle ? STOX_LYNC_INACTIVE : STOX_LYNC_AWAY;
    case STOX_SHOW_XA:
        return STOX_LYNC_AWAY;
    case STOX_SHOW_DND:
        /* Lync's do-not-disturb would make its client refuse messages; busy lets them through. */
        if (!dnd_as_busy)
            return STOX_LYNC_DO_NOT_DISTURB;
        return idle ? STOX_LYNC_BUSY_INACTIVE : STOX_LYNC_BUSY;
    }
    return STOX_LYNC_AVAILABLE;
}

StoxShow stox_lync_show(StoxLyncState state, StoxShow busy_as)
{
    return state == STOX_LYNC_BUSY ? busy_as : states[state].show;
}

/* ---- Activities ---- */

#define DO(name, state, show, text)                                                                \
    {                                                                                              \
        name, STOX_LYNC_##state, STOX_SHOW_##show, STOX_WORD_##text, STOX_WORD_NONE, true          \
    }
#define OWN(name, state, show, text)                                                               \
    {                                                                                              \
        name, STOX_LYNC_##state, STOX_SHOW_##show, STOX_WORD_##text, STOX_WORD_NONE, false         \
    }
#define TOKEN(name, state, show, text)                                                             \
    {                                                                                              \
        name, STOX_LYNC_##state, STOX_SHOW_##show, STOX_WORD_##text, STOX_WORD_##text, false       \
    }

/* P-150a..f in their order, Microsoft's words (lync.md 3.3 and 4.8 d) beside those that mean the same. */
static const StoxActivity activities[] = {
    /* P-150a */
    DO("permanent-absence", OFFLINE, ONLINE, NONE),
    OWN("offline", OFFLINE, ONLINE, NONE),
    /* P-150b; the one word that RFC 4480 and Lync's tokens share */
    {"on-the-phone", STOX_LYNC_BUSY, STOX_SHOW_DND, STOX_WORD_ON_THE_PHONE, STOX_WORD_IN_A_CALL,
     true},
    TOKEN("in-a-conference", BUSY, DND, IN_A_CONFERENCE_CALL),
    /* P-150c */
    DO("presentation", BUSY, DND, PRESENTATION),
    TOKEN("in-presentation", DO_NOT_DISTURB, DND, PRESENTING),
    DO("meeting", BUSY, DND, MEETING),
    TOKEN("in-a-meeting", BUSY, DND, IN_A_MEETING),
    DO("performance", BUSY, DND, PERFORMANCE),
    DO("appointment", BUSY, DND, APPOINTMENT),
    OWN("do-not-disturb", DO_NOT_DISTURB, DND, DO_NOT_DISTURB),
    TOKEN("urgent-interruptions-only", DO_NOT_DISTURB, DND, URGENT_INTERRUPTIONS_ONLY),
    DO("busy", BUSY, DND, BUSY),
    DO("worship", BUSY, DND, WORSHIP),
    DO("steering", BUSY, DND, STEERING),
    /* P-150d */
    DO("sleeping", AWAY, XA, SLEEPING),
    DO("vacation", AWAY, XA, VACATION),
    DO("holiday", AWAY, XA, HOLIDAY),
    DO("travel", AWAY, XA, TRAVEL),
    TOKEN("out-of-office", AWAY, XA, OUT_OF_OFFICE),
    TOKEN("off-work", AWAY, XA, OFF_WORK),
    /* P-150e */
    DO("away", AWAY, AWAY, AWAY),
    OWN("be-right-back", BE_RIGHT_BACK, AWAY, BE_RIGHT_BACK),
    DO("breakfast", AWAY, AWAY, BREAKFAST),
    DO("lunch", AWAY, AWAY, LUNCH),
    OWN("out-to-lunch", AWAY, AWAY, OUT_TO_LUNCH),
    DO("dinner", AWAY, AWAY, DINNER),
    DO("meal", AWAY, AWAY, MEAL),
    DO("in-transit", AWAY, AWAY, IN_TRANSIT),
    DO("shopping", AWAY, AWAY, SHOPPING),
    DO("playing", AWAY, AWAY, PLAYING),
    DO("spectator", AWAY, AWAY, SPECTATOR),
    DO("tv", AWAY, AWAY, TV),
    OWN("idle", INACTIVE, AWAY, INACTIVE),
    /* P-150f */
    DO("working", AVAILABLE, ONLINE, NONE),
    DO("looking-for-work", AVAILABLE, ONLINE, NONE),
    DO("other", AVAILABLE, ONLINE, NONE),
    OWN("available", AVAILABLE, ONLINE, NONE),
    DO("unknown", AVAILABLE, ONLINE, NONE),
};

const StoxActivity *stox_activity_find(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(activities); i++)
        if (g_ascii_strcasecmp(activities[i].word, word) == 0)
            return &activities[i];
    return NULL;
}

const StoxActivity *stox_activity_find_token(const char *token)
{
    const StoxActivity *activity = stox_activity_find(token);

    return activity && activity->token_text != STOX_WORD_NONE ? activity : NULL;
}

StoxShow stox_activity_show(const StoxActivity *activity, StoxShow busy_as)
{
    return activity->state == STOX_LYNC_BUSY ? busy_as : activity->show;
}
