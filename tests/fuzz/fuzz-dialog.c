/* SPDX-License-Identifier: MIT */
/*
 * Dialogs of any messages and of any stored bytes. The pieces of an input end with a line "====". A piece that begins with "!" is a stored dialog, all others
 * are messages, each with those before it. Promises: what a dialog sends can be read back; the far side's requests in it are found under its key; it is the
 * same after storing; a route set is sent as it came.
 */
#include "tests/fuzz/fuzz.h"

#include "sip/dialog.h"

#include <string.h>

enum { MAX_PIECES = 50 };

static const StoxSipHop hop = {.name = (char *) "pool01",
                               .transport = STOX_TRANSPORT_TLS,
                               .sent_by = (char *) "xgw.contoso.example:5061",
                               .contact = (char *) "xgw.contoso.example:5061;transport=tls",
                               .user_agent = (char *) "stoxd/test"};

static StoxSipMessage *read_back(StoxSipBuilder *owned, const char *via)
{
    g_autoptr(StoxSipBuilder) builder = owned;
    g_autoptr(GBytes) bytes = stox_sip_builder_finish(builder, via);
    const char *why = NULL;
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);

    return stox_sip_message_parse(data, n, &why);
}

static char *text_of(StoxDialog *dialog)
{
    g_autoptr(StoxSipBuilder) builder = stox_dialog_request(dialog, STOX_SIP_NOTIFY, 7);
    g_autoptr(GBytes) bytes = NULL;

    stox_dialog_add_contact(dialog, builder, true);
    bytes = stox_sip_builder_finish(builder, NULL);
    return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void check_stored(StoxDialog *dialog)
{
    g_autoptr(GBytes) blob = stox_dialog_blob(dialog);
    g_autoptr(StoxDialog) back = stox_dialog_restore(blob, &hop);
    g_autoptr(GBytes) again = NULL;
    g_autofree char *text = text_of(dialog), *same = NULL;
    g_autofree char *key = stox_dialog_key_of(dialog), *same_key = NULL;

    g_assert_nonnull(back);
    same = text_of(back);
    same_key = stox_dialog_key_of(back);
    again = stox_dialog_blob(back);
    g_assert_cmpstr(text, ==, same);
    g_assert_cmpstr(key, ==, same_key);
    g_assert_true(g_bytes_equal(blob, again));
}

/* A request of the far side, as it would write it from what it got of ours. */
static void check_found(const StoxDialog *dialog, const StoxSipMessage *ours)
{
    StoxSipBuilder *builder =
        stox_sip_builder_request("MESSAGE", "sip:bob@xgw.contoso.example:5061");
    g_autofree char *key = stox_dialog_key_of(dialog), *found = NULL;
    g_autoptr(StoxSipMessage) theirs = NULL;

    stox_sip_builder_add(builder, "From", stox_sip_raw(ours, "To")[0]);
    stox_sip_builder_add(builder, "To", stox_sip_raw(ours, "From")[0]);
    stox_sip_builder_add(builder, "Call-ID", stox_sip_raw(ours, "Call-ID")[0]);
    stox_sip_builder_add(builder, "CSeq", "1 MESSAGE");
    theirs = read_back(builder, "SIP/2.0/TLS 192.0.2.1;branch=z9hG4bKx");
    g_assert_nonnull(theirs);
    found = stox_dialog_key_incoming(theirs);
    g_assert_cmpstr(found, ==, key);
}

static void check_sent(StoxDialog *dialog)
{
    g_autoptr(StoxSipMessage) ours =
        read_back(stox_dialog_request(dialog, STOX_SIP_MESSAGE, 0),
                  "SIP/2.0/TLS xgw.contoso.example:5061;branch=z9hG4bKx");
    char *const *routes;
    const char *why = NULL;
    unsigned strict;

    g_assert_nonnull(ours);
    if (stox_sip_defect(ours, &why))
        g_error("%s", why);
    routes = stox_sip_raw(ours, "Route");
    /* Behind a strict router the set begins with its second element, which may look like the first. */
    strict = !g_strv_equal((const char *const *) routes, (const char *const *) dialog->route_set);
    for (unsigned i = strict; dialog->route_set[i]; i++)
        g_assert_cmpstr(routes[i - strict], ==, dialog->route_set[i]);
    check_found(dialog, ours);
}

static void restore(const char *data, size_t n)
{
    g_autoptr(GBytes) blob = g_bytes_new(data, n);
    g_autoptr(StoxDialog) dialog = stox_dialog_restore(blob, &hop);

    if (dialog) {
        g_autoptr(StoxSipMessage) ours = read_back(stox_dialog_request(dialog, STOX_SIP_BYE, 0),
                                                   "SIP/2.0/TLS xgw.example;branch=z9hG4bKx");

        g_assert_nonnull(ours);
        g_assert_nonnull(stox_dialog_target(dialog).uri);
        check_stored(dialog);
    }
}

typedef struct {
    StoxDialog *uas, *uac;
} World;

static void take_message(World *w, const char *piece, size_t n)
{
    const char *why = NULL;
    g_autoptr(StoxSipMessage) message = stox_sip_message_parse(piece, n, &why);

    if (!message || stox_sip_defect(message, &why))
        return;
    if (w->uas) {
        (void) stox_dialog_check(w->uas, message);
        stox_dialog_refresh_target(w->uas, message, 3);
    } else if (stox_sip_view(message)->request && !stox_sip_view(message)->to_tag) {
        w->uas = stox_dialog_new_uas(&hop, message, "ourtag", 2);
    }
    if (w->uac->established)
        stox_dialog_refresh_target(w->uac, message, 5);
    else if (!stox_dialog_establish(w->uac, message, 4) && stox_sip_view(message)->cseq % 2)
        stox_dialog_establish_roughly(w->uac, message, 4);
    if (w->uas) {
        check_sent(w->uas);
        check_stored(w->uas);
    }
    check_sent(w->uac);
    check_stored(w->uac);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char separator[] = "====\n";
    const char *at = (const char *) data, *end_of_data = at + size;
    World w = {.uac = stox_dialog_new_uac(&hop, "ours", "ourtag", "Bob", "sip:bob@partner.example",
                                          "sip:alice@contoso.example")};

    for (unsigned i = 0; at < end_of_data && i < MAX_PIECES; i++) {
        size_t left = (size_t) (end_of_data - at);
        const char *next = memmem(at, left, separator, sizeof separator - 1);
        size_t n = next ? (size_t) (next - at) : left;

        if (n && *at == '!')
            restore(at + 1, n - 1);
        else
            take_message(&w, at, n);
        at = next ? next + sizeof separator - 1 : end_of_data;
    }
    stox_dialog_free(w.uas);
    stox_dialog_free(w.uac);
    return 0;
}
