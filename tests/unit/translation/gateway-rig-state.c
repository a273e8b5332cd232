/* SPDX-License-Identifier: MIT */
/* The rig's hands for typing and receipts. */
#include "gateway-rig.h"

#include "translation/composing.h"
#include "translation/cpim.h"
#include "translation/imdn.h"

#include <string.h>

static const char *const states[] = {NULL, "active", "composing", "paused", "inactive", "gone"};
static const char *const kinds[] = {"delivery", "processing", "display"};
static const char *const statuses[] = {"delivered", "failed",    "processed", "stored",
                                       "displayed", "forbidden", "error"};

static void add_cpim(GString *line, const StoxAction *action)
{
    g_auto(StoxSipResult) failure = {0};
    g_auto(StoxCpim) cpim = {0};
    g_auto(StoxImdn) imdn = {0};

    g_assert_true(stox_cpim_read(action->body, &cpim, &failure));
    g_assert_nonnull(cpim.from);
    g_assert_nonnull(cpim.to);
    g_assert_nonnull(cpim.date);
    g_assert_nonnull(cpim.message_id); /* M-98, M-99: both have one of their own */
    if (stox_imdn_is(cpim.content_type)) {
        g_assert_cmpstr(cpim.content_disposition, ==, "notification"); /* M-99 */
        g_assert_cmpuint(cpim.dispositions, ==, 0);                    /* M-99, M-100 */
        g_assert_true(stox_imdn_read(cpim.body, &imdn));
        g_assert_cmpstr(imdn.recipient_uri, ==, cpim.from);
        g_string_append_printf(line, " imdn %s %s %s at %s", imdn.message_id, kinds[imdn.kind],
                               statuses[imdn.status], imdn.date);
    } else {
        g_autofree char *want = stox_cpim_dispositions_text(cpim.dispositions);

        g_string_append_printf(line, " cpim %s want=%s %s > %s: %.*s", cpim.message_id, want,
                               cpim.from, cpim.to, (int) g_bytes_get_size(cpim.body),
                               (const char *) g_bytes_get_data(cpim.body, NULL));
    }
}

bool rig_add_document(GString *line, const StoxAction *action)
{
    g_auto(StoxComposing) composing = {0};
    bool typing;

    if (stox_composing_is(action->content_type)) {
        g_assert_true(stox_composing_read(action->body, &composing));
        g_string_append_printf(line, " %s", composing.active ? "active" : "idle");
        if (composing.refresh_s)
            g_string_append_printf(line, " %u", composing.refresh_s);
    } else if (stox_cpim_is(action->content_type)) {
        add_cpim(line, action);
    } else if (strcmp(action->content_type, STOX_KEYBOARD_TYPE) == 0) {
        g_assert_true(stox_keyboard_read(action->body, &typing));
        g_string_append(line, typing ? " type" : " idle");
    } else {
        return false;
    }
    return true;
}

void rig_add_state(GString *line, const StoxMessage *message)
{
    if (message->chat_state)
        g_string_append_printf(line, " %s", states[message->chat_state]);
    if (message->chat_state && !message->body) /* M-83 */
        g_assert_true(message->no_store);
    if (message->wants_receipt)
        g_string_append(line, " request");
    if (message->markable)
        g_string_append(line, " markable");
    if (message->received_id)
        g_string_append_printf(line, " received=%s", message->received_id);
    if (message->displayed_id)
        g_string_append_printf(line, " displayed=%s", message->displayed_id);
}

void rig_state(Rig *rig, const char *from, const char *to, StoxChatState state)
{
    StoxMessage *message = stox_message_new(STOX_MESSAGE_CHAT, from, to);

    message->chat_state = state;
    rig_message(rig, message);
}

void rig_keyboard(Rig *rig, uint64_t session, bool typing)
{
    StoxEvent *event = stox_event_new(STOX_EVENT_SESSION_INFO);

    event->session = session;
    event->content_type = g_strdup(STOX_KEYBOARD_TYPE);
    event->body = stox_keyboard_write(typing);
    rig_event(rig, event);
}

uint64_t rig_sip_send(Rig *rig, uint64_t session, const char *from, const char *to,
                      const char *type, const char *body)
{
    StoxEvent *event = rig_sip(rig, STOX_EVENT_SIP_MESSAGE, from, to);

    event->session = session;
    event->call_id = g_strdup("call-1");
    event->content_type = g_strdup(type);
    event->body = g_bytes_new(body, strlen(body));
    rig_event(rig, event);
    return rig->requests;
}

uint64_t rig_composing(Rig *rig, uint64_t session, const char *from, const char *to, bool active,
                       unsigned refresh_s)
{
    const StoxComposing composing = {.active = active, .refresh_s = refresh_s};
    g_autoptr(GBytes) body = stox_composing_write(&composing);
    g_autofree char *text = g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body));

    return rig_sip_send(rig, session, from, to, STOX_COMPOSING_TYPE, text);
}

uint64_t rig_cpim(Rig *rig, uint64_t session, const char *from, const char *to, const char *id,
                  const char *want, const char *text)
{
    g_autofree char *body = g_strdup_printf(
        "From: <sip:%s>\r\nTo: <sip:%s>\r\nDateTime: 2025-06-15T15:06:40Z\r\n"
        "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: %s\r\n"
        "imdn.Disposition-Notification: %s\r\n\r\nContent-Type: text/plain\r\n\r\n%s",
        from, to, id, want, text);

    return rig_sip_send(rig, session, from, to, STOX_CPIM_TYPE, body);
}

uint64_t rig_imdn(Rig *rig, uint64_t session, const char *from, const char *to, const char *id,
                  const char *kind, const char *status)
{
    g_autofree char *body = g_strdup_printf(
        "From: <sip:%s>\r\nTo: <sip:%s>\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
        "imdn.Message-ID: n1\r\n\r\nContent-Type: message/imdn+xml\r\n"
        "Content-Disposition: notification\r\n\r\n"
        "<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id>%s</message-id>"
        "<datetime>2025-06-15T15:06:40Z</datetime><%s-notification><status><%s/></status>"
        "</%s-notification></imdn>",
        from, to, id, kind, status, kind);

    return rig_sip_send(rig, session, from, to, STOX_CPIM_TYPE, body);
}

void rig_forget(Rig *rig)
{
    g_ptr_array_set_size(rig->actions, 0);
}

void rig_first_answered(Rig *rig)
{
    rig_flush(rig);
    rig_pong(rig, "g-3", "partner.example"); /* what the SIP side sent has its answer */
    rig_forget(rig);
}

void rig_ack(Rig *rig, const char *from, const char *received, const char *displayed)
{
    StoxMessage *message = stox_message_new(STOX_MESSAGE_CHAT, from, ANNA);

    message->id = g_strdup("r1");
    message->received_id = g_strdup(received);
    message->displayed_id = g_strdup(displayed);
    rig_message(rig, message);
}
