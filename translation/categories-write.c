/* SPDX-License-Identifier: MIT */
/* Lync's categories, as a server sends them to watchers (lync.md 4.8 d). */
#include "translation/presence-write.h"
#include "translation/xml.h"

#define NS     "http://schemas.microsoft.com/2006/09/sip/"
#define NS_XSI "http://www.w3.org/2001/XMLSchema-instance"

/* Watchers drop what is older than what they have (by publishTime, or version): both rise with each document. */
static void open_category(GString *out, const StoxDocumentSource *source, const char *name,
                          unsigned instance, const char *expire_type)
{
    int64_t now = source->now_wall_ms;
    g_autofree char *time = now ? stox_document_time(now + source->serial, "") : NULL;

    g_string_append_printf(out, "<category name='%s' instance='%u'", name, instance);
    stox_xml_append_attr(out, "publishTime", time);
    g_string_append_printf(out, " container='100' version='%u' expireType='%s'>",
                           source->serial + 1, expire_type);
}

static void write_card(GString *out, const StoxDocumentSource *source)
{
    open_category(out, source, "contactCard", 0, "static");
    g_string_append(out, "<contactCard xmlns='" NS "contactcard'><identity><name>");
    stox_xml_append_element(out, "displayName", source->display);
    g_string_append(out, "</name></identity></contactCard></category>");
}

/* A token holds for a state and for being idle in it. What XMPP users do has none; what other SIP users do may. */
static void write_token(GString *out, const StoxActivity *activity)
{
    StoxLyncState last =
        activity->state == STOX_LYNC_BUSY ? STOX_LYNC_BUSY_INACTIVE : activity->state;

    g_string_append_printf(out, "<activity token='%s' minAvailability='%u' maxAvailability='%u'/>",
                           activity->word, stox_lync_row(activity->state)->number,
                           stox_lync_row((StoxLyncState) (last + 1))->first - 1);
}

static void write_state(GString *out, const StoxDocumentSource *source, const StoxPresentity *best)
{
    const StoxLyncRow *row = stox_lync_shown(best, source->dnd_as_busy);
    bool open = best && best->open;
    const StoxActivity *token =
        open && best->activity ? stox_activity_find_token(best->activity->word) : NULL;

    if (token)
        row = stox_lync_row(token->state);
    open_category(out, source, "state", 1, "user");
    g_string_append(out,
                    "<state xmlns='" NS "state' xmlns:xsi='" NS_XSI "' xsi:type='aggregateState'");
    if (open && best->idle_since_wall_ms > 0) {
        g_autofree char *since = stox_document_time(best->idle_since_wall_ms, "Z");

        stox_xml_append_attr(out, "lastActive", since);
    }
    g_string_append_printf(out, "><availability>%u</availability>", row->number);
    if (token)
        write_token(out, token);
    g_string_append(out, "</state></category>");
}

/* No text in it takes an earlier note away. */
static void write_note(GString *out, const StoxDocumentSource *source, const StoxPresentity *best)
{
    const StoxNote *note =
        best && best->open ? stox_notes_choose(&best->notes, source->language) : NULL;

    open_category(out, source, "note", 0, "static");
    if (note) {
        g_string_append(out, "<note xmlns='" NS "note'><body type='personal'>");
        stox_xml_append_text(out, note->text);
        g_string_append(out, "</body></note>");
    } else {
        g_string_append(out, "<note xmlns='" NS "note'/>");
    }
    g_string_append(out, "</category>");
}

void stox_categories_write(GString *out, const StoxDocumentSource *source)
{
    const StoxPresentity *best = stox_presentities_best(source->presentities);

    g_string_append(out, "<categories xmlns='" NS "categories'");
    stox_xml_append_attr(out, "uri", source->entity_uri);
    g_string_append_c(out, '>');
    if ((source->asked_for & STOX_CATEGORY_CONTACT_CARD) && source->display)
        write_card(out, source);
    if (source->asked_for & STOX_CATEGORY_STATE)
        write_state(out, source, best);
    if (source->asked_for & STOX_CATEGORY_NOTE)
        write_note(out, source, best);
    g_string_append(out, "</categories>\n");
}
