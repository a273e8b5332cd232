/* SPDX-License-Identifier: MIT */
#include "sip/convert.h"

#include <string.h>

void stox_sip_result_from_response(StoxSipResult *ret_result, const StoxSipMessage *response,
                                   StoxSipFate fate)
{
    const StoxSipView *view = response ? stox_sip_view(response) : NULL;

    memset(ret_result, 0, sizeof *ret_result);
    ret_result->fate = response ? STOX_SIP_ANSWERED : fate;
    if (!view)
        return;
    ret_result->status = view->status;
    ret_result->reason = g_strdup(view->reason);
    ret_result->contact = g_strdup(view->contact_uri);
    ret_result->diagnostics = g_strdup(view->diagnostics);
    ret_result->diagnostics_id = view->diagnostics_id;
    ret_result->warning = g_strdup(view->warning);
    ret_result->retry_after_s =
        view->retry_after_s > 0 ? (unsigned) MIN(view->retry_after_s, 86400) : 0;
}

StoxEvent *stox_sip_request_event(StoxEventKind kind, const StoxSipMessage *message,
                                  uint64_t request, const StoxSipHop *hop)
{
    const StoxSipView *view = stox_sip_view(message);
    StoxEvent *event = stox_event_new(kind);

    event->request = request;
    event->hop = g_strdup(hop->name);
    event->from_uri = g_strdup(view->from_uri);
    event->request_uri = g_strdup(view->request_uri);
    event->display = g_strdup(view->from_display);
    event->call_id = g_strdup(view->call_id);
    return event;
}

StoxEvent *stox_sip_message_event(const StoxSipMessage *message, uint64_t request,
                                  const StoxSipHop *hop)
{
    const StoxSipView *view = stox_sip_view(message);
    StoxEvent *event = stox_sip_request_event(STOX_EVENT_SIP_MESSAGE, message, request, hop);

    event->content_type = g_strdup(view->content_type);
    event->body = view->body ? g_bytes_ref(view->body) : NULL;
    event->subject = g_strdup(view->subject);
    event->lang = g_strdup(view->content_language);
    event->date_wall_ms = view->date_wall_ms;
    event->expires_s = MAX(view->expires_s, 0); /* M-47 */
    return event;
}

/* RFC 3261 s20.17: RFC 1123 form, always GMT, English names whatever the locale. */
static char *date_text(int64_t wall_ms)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(wall_ms / 1000);

    if (!when)
        return NULL;
    return g_strdup_printf(
        "%s, %02d %s %04d %02d:%02d:%02d GMT", days[g_date_time_get_day_of_week(when) - 1],
        g_date_time_get_day_of_month(when), months[g_date_time_get_month(when) - 1],
        g_date_time_get_year(when), g_date_time_get_hour(when), g_date_time_get_minute(when),
        g_date_time_get_second(when));
}

void stox_sip_builder_message_headers(StoxSipBuilder *builder, const StoxAction *action)
{
    g_autofree char *date = action->date_wall_ms ? date_text(action->date_wall_ms) : NULL;

    stox_sip_builder_add(builder, "Subject", action->subject);
    stox_sip_builder_add(builder, "Content-Language", action->lang);
    stox_sip_builder_add(builder, "Date", date);
}
