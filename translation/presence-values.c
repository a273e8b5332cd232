/* SPDX-License-Identifier: MIT */
#include "translation/presence-document-private.h"

#include "translation/address.h"
#include "translation/xmpp-iri.h"

#include <string.h>

char *stox_presence_text(const char *text, size_t max)
{
    size_t n;

    while (g_ascii_isspace(*text))
        text++;
    n = strlen(text);
    if (n > max)
        for (n = max; n > 0 && ((unsigned char) text[n] & 0xC0) == 0x80; n--)
            ;
    while (n > 0 && g_ascii_isspace(text[n - 1]))
        n--;
    return n > 0 ? g_strndup(text, n) : NULL;
}

int64_t stox_presence_time(const char *text)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, utc) : NULL;

    return time
               ? MAX(0, g_date_time_to_unix(time) * 1000 + g_date_time_get_microsecond(time) / 1000)
               : 0;
}

/* The bare address that `uri` names; NULL for none. Caller frees. */
static char *bare_of(const char *uri)
{
    g_auto(StoxSipResult) unused = {0};
    g_auto(StoxJid) jid = {0};
    g_autofree char *sip = NULL;

    if (!strchr(uri, ':'))
        sip = g_strconcat("sip:", uri, NULL);
    else if (g_ascii_strncasecmp(uri, "sips:", 5) == 0)
        sip = g_strconcat("sip:", uri + 5, NULL);
    if (!stox_address_sip_to_jid(sip ? sip : uri, STOX_URI_IS_FROM, &jid, &unused) &&
        !stox_xmpp_iri_to_jid(uri, &jid))
        return NULL;
    return stox_jid_bare(&jid);
}

bool stox_presence_is_about(const char *entity, const char *about_uri)
{
    g_autofree char *one = NULL, *other = NULL;

    if (!entity || !about_uri)
        return true;
    one = bare_of(entity);
    other = bare_of(about_uri);
    return one && other && strcmp(one, other) == 0;
}

uint32_t stox_presence_number(const char *text)
{
    uint64_t n = 0;

    while (text && g_ascii_isspace(*text))
        text++;
    for (; text && g_ascii_isdigit(*text); text++)
        n = MIN(n * 10 + (uint64_t) (*text - '0'), UINT32_MAX);
    return (uint32_t) n;
}

/* ---- Presentities ---- */

static bool counts_more(const StoxPresentity *a, const StoxPresentity *b)
{
    return a->open != b->open ? a->open : a->priority > b->priority;
}

void stox_presence_add(StoxPresenceReport *report, StoxPresentity *presentity)
{
    GPtrArray *list = report->all.list;

    for (guint i = 0; i < list->len; i++) {
        StoxPresentity *old = list->pdata[i];

        if (strcmp(old->resource, presentity->resource) != 0)
            continue;
        if (counts_more(presentity, old)) {
            list->pdata[i] = presentity;
            presentity = old;
        }
        stox_presentity_free(presentity);
        return;
    }
    if (list->len < STOX_MAX_PRESENTITIES)
        g_ptr_array_add(list, presentity);
    else
        stox_presentity_free(presentity);
}

void stox_presence_show_lync(StoxPresentity *presentity, uint32_t availability,
                             const StoxActivity *activity, StoxShow busy_as)
{
    StoxLyncState state = stox_lync_state_from_number(availability);
    const StoxLyncRow *row = stox_lync_row(state);

    presentity->state = state;
    presentity->open = row->open;
    presentity->show = stox_lync_show(state, busy_as);
    presentity->text = row->text;
    if (!row->open || !activity)
        return;
    presentity->activity = activity;
    if (activity->token_text != STOX_WORD_NONE)
        presentity->text = activity->token_text;
    else if (activity->text != STOX_WORD_NONE)
        presentity->text = activity->text;
    /* The words that say more than the number: 6900 in a presentation, 15500 off work. */
    if ((state == STOX_LYNC_BUSY && activity->state == STOX_LYNC_DO_NOT_DISTURB) ||
        (state == STOX_LYNC_AWAY && activity->state == STOX_LYNC_AWAY))
        presentity->show = activity->show;
}
