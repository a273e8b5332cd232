/* SPDX-License-Identifier: MIT */
#include "document-lines.h"

#include <string.h>

char *document_lines(const StoxPresentities *all)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < all->list->len; i++) {
        const StoxPresentity *p = all->list->pdata[i];
        const char *show = stox_show_name(p->show);
        g_auto(StoxNotes) status = {0};

        stox_presentity_status(p, false, STOX_LANGUAGE_EN, &status);

        g_string_append_printf(out, "[%s] %s", p->resource, p->open ? "open" : "closed");
        if (show)
            g_string_append_printf(out, " %s", show);
        if (p->priority)
            g_string_append_printf(out, " %d", p->priority);
        if (p->notes.n == 0 && status.n > 0)
            g_string_append_printf(out, " (%s)", stox_notes_first(&status));
        for (unsigned k = 0; k < p->notes.n; k++)
            g_string_append_printf(out, " '%s'%s%s", p->notes.list[k].text,
                                   p->notes.list[k].lang ? "@" : "",
                                   p->notes.list[k].lang ? p->notes.list[k].lang : "");
        if (p->activity)
            g_string_append_printf(out, " <%s>", p->activity->word);
        if (p->idle_since_wall_ms)
            g_string_append_printf(out, " idle=%" G_GINT64_FORMAT, p->idle_since_wall_ms);
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

char *document_read(StoxCategories **state, const char *content_type, const char *about,
                    const char *text, int64_t wall_ms)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    StoxPresenceReading how = {
        .about_uri = about, .busy_as = STOX_SHOW_DND, .now_wall_ms = wall_ms};
    g_autoptr(StoxCategories) own = NULL;
    g_auto(StoxPresenceReport) report = {.about_him = false};
    unsigned status = 0;
    GString *out = g_string_new(NULL);
    g_autofree char *lines = NULL;

    if (!stox_presence_document_read(state ? state : &own, content_type, bytes, &how, &report,
                                     &status)) {
        g_string_append_printf(out, "%u\n", status);
        return g_string_free(out, FALSE);
    }
    lines = document_lines(&report.all);
    g_string_append(out, report.about_him ? lines : "(not him)\n");
    if (report.notes_only)
        g_string_append(out, "(notes only)\n");
    if (report.display_name)
        g_string_append_printf(out, "name '%s'\n", report.display_name);
    if (report.resubscribe)
        g_string_append_printf(out, "resubscribe %s\n", report.pool_fqdn ? report.pool_fqdn : "-");
    if (report.terminated)
        g_string_append(out, "terminated\n");
    return g_string_free(out, FALSE);
}
