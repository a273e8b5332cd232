/* SPDX-License-Identifier: MIT */
#include "translation/pidf-private.h"
#include "translation/presence-write.h"
#include "translation/xml.h"

#include <string.h>

static void write_idle(GString *out, const StoxPresentity *presentity)
{
    g_autofree char *since = NULL;

    /* P-151: extended away is away and idle. */
    if (presentity->idle_since_wall_ms <= 0 && presentity->show != STOX_SHOW_XA)
        return;
    if (presentity->idle_since_wall_ms > 0)
        since = stox_document_time(presentity->idle_since_wall_ms, "Z");
    g_string_append(out, "<rpid:user-input");
    stox_xml_append_attr(out, "last-input", since);
    g_string_append(out, ">idle</rpid:user-input>");
}

/* P-126: the address, with the resource as gr where the entity is a plain sip: URI. */
static void write_contact(GString *out, const char *entity_uri, const StoxPresentity *presentity)
{
    g_autofree char *gr = NULL;
    char q[6];

    g_string_append(out, "<contact");
    if (presentity->open && stox_pidf_q_from_priority(presentity->priority, q))
        stox_xml_append_attr(out, "priority", q);
    g_string_append_c(out, '>');
    stox_xml_append_text(out, entity_uri);
    if (*presentity->resource && g_str_has_prefix(entity_uri, "sip:") &&
        !strpbrk(entity_uri, ";?")) {
        gr = g_uri_escape_string(presentity->resource, "[]/:&+$!*'()", FALSE);
        g_string_append(out, ";gr=");
        stox_xml_append_text(out, gr);
    }
    g_string_append(out, "</contact>");
}

/* P-121, P-117 */
static void write_notes(GString *out, const StoxPresentity *presentity)
{
    for (unsigned i = 0; i < presentity->notes.n; i++) {
        const StoxNote *note = &presentity->notes.list[i];

        g_string_append(out, "<note");
        stox_xml_append_attr(out, "xml:lang", note->lang);
        g_string_append_c(out, '>');
        stox_xml_append_text(out, note->text);
        g_string_append(out, "</note>");
    }
}

/* P-125, P-129: since when it is so. No two documents say the same time: each adds a millisecond. */
static void write_timestamp(GString *out, const StoxDocumentSource *source,
                            const StoxPresentity *presentity)
{
    int64_t since = presentity->since_wall_ms ? presentity->since_wall_ms : source->now_wall_ms;
    g_autofree char *time = NULL;

    if (!source->now_wall_ms)
        return;
    time = stox_document_time(since + source->serial, "Z");
    stox_xml_append_element(out, "timestamp", time);
}

/* Order within a tuple: status, extensions, contact, note, timestamp (P-124). */
static void write_tuple(GString *out, const StoxDocumentSource *source,
                        const StoxPresentity *presentity)
{
    g_autofree char *id = stox_pidf_id_from_resource(presentity->resource);
    const char *show = presentity->open ? stox_show_name(presentity->show) : NULL;

    g_string_append(out, "<tuple");
    stox_xml_append_attr(out, "id", id);
    g_string_append_printf(out, "><status><basic>%s</basic>", presentity->open ? "open" : "closed");
    if (show) /* P-120, V-25 */
        g_string_append_printf(out, "<show xmlns='" NS_CLIENT "'>%s</show>", show);
    g_string_append(out, "</status>");
    if (presentity->open)
        write_idle(out, presentity);
    write_contact(out, source->entity_uri, presentity);
    write_notes(out, presentity);
    write_timestamp(out, source, presentity);
    g_string_append(out, "</tuple>");
}

/* What the whole person does, for readers that do not know <show/>. */
static void write_person(GString *out, const StoxPresentity *best)
{
    const char *activity = NULL;

    if (!best || !best->open)
        return;
    if (best->activity && best->activity->rpid)
        activity = best->activity->word;
    else
        activity = stox_show_activity(best->show);
    if (!activity)
        return;
    g_string_append_printf(
        out, "<dm:person id='person'><rpid:activities><rpid:%s/></rpid:activities></dm:person>",
        activity);
}

static const StoxPresentity nothing_known = {.resource = (char *) ""};

static void write_standard(GString *out, const StoxDocumentSource *source)
{
    const StoxPresentities *presentities = source->presentities;

    g_string_append(out, " xmlns:dm='" NS_DATA_MODEL "' xmlns:rpid='" NS_RPID "'");
    stox_xml_append_attr(out, "entity", source->entity_uri);
    g_string_append_c(out, '>');
    /* P-118: a negative priority has no number in PIDF, so these come last. */
    for (int negative = 0; negative < 2; negative++)
        for (guint i = 0; i < presentities->list->len; i++) {
            const StoxPresentity *presentity = presentities->list->pdata[i];

            if ((presentity->priority < 0) == negative)
                write_tuple(out, source, presentity);
        }
    if (presentities->list->len == 0) /* P-123 */
        write_tuple(out, source, &nothing_known);
    write_person(out, stox_presentities_best(presentities));
}

static void write_microsoft(GString *out, const StoxDocumentSource *source)
{
    const StoxPresentity *best = stox_presentities_best(source->presentities);
    bool open = best && best->open;
    const char *activity = stox_lync_shown(best, source->dnd_as_busy)->activity;

    if (open && best->activity)
        activity = best->activity->word;
    g_string_append(out, " xmlns:ep='" NS_RPID_OLD "'");
    if (source->display)
        g_string_append(out, " xmlns:ci='" NS_CIPID "'");
    stox_xml_append_attr(out, "entity", source->entity_uri);
    g_string_append_printf(out, "><tuple id='0'><status><basic>%s</basic>",
                           open ? "open" : "closed");
    g_string_append(out, "<ep:activities>");
    stox_xml_append_element(out, "ep:activity", activity);
    g_string_append(out, "</ep:activities></status>");
    if (open)
        write_notes(out, best);
    g_string_append(out, "</tuple>");
    stox_xml_append_element(out, "ci:display-name", source->display);
}

void stox_pidf_write(GString *out, const StoxDocumentSource *source, bool microsoft)
{
    g_string_append(out, "<presence xmlns='" NS_PIDF "'");
    if (microsoft)
        write_microsoft(out, source);
    else
        write_standard(out, source);
    g_string_append(out, "</presence>\n");
}
