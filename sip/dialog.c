/* SPDX-License-Identifier: MIT */
#include "sip/dialog.h"

#include <string.h>

/* ---- Raw texts ---- */

/* The end of a quoted string or <...> that starts at `p`, or the next character. */
static const char *skip_unit(const char *p)
{
    char close = *p == '"' ? '"' : '>';

    if (*p != '"' && *p != '<')
        return p + 1;
    for (p++; *p && *p != close; p++) {
        if (close == '"' && *p == '\\' && p[1])
            p++;
    }
    return *p ? p + 1 : p;
}

static const char *find_outside(const char *p, char wanted)
{
    while (*p && *p != wanted)
        p = skip_unit(p);
    return p;
}

/*
 * Route values of a message: each element's <...>, byte for byte, because front ends sign what is in it; what comes behind the bracket
 * (;tag=, ;ms-rrsig=) is no part of a route (lync.md 4.3, 7.1 F6).
 */
static GStrv routes_of(const StoxSipMessage *message, bool reverse)
{
    char *const *lines = stox_sip_raw(message, "Record-Route");
    GPtrArray *routes = g_ptr_array_new();

    for (unsigned i = 0; lines[i]; i++) {
        for (const char *p = lines[i]; *p;) {
            const char *end = find_outside(p, ',');
            g_autofree char *value = g_strndup(p, (size_t) (end - p));
            char *uri = stox_sip_value_uri(value);

            if (uri)
                g_ptr_array_add(routes, g_strdup_printf("<%s>", uri));
            g_free(uri);
            p = *end ? end + 1 : end;
        }
    }
    for (unsigned i = 0; reverse && i < routes->len / 2; i++) {
        gpointer other = routes->pdata[routes->len - 1 - i];

        routes->pdata[routes->len - 1 - i] = routes->pdata[i];
        routes->pdata[i] = other;
    }
    g_ptr_array_add(routes, NULL);
    return (GStrv) g_ptr_array_free(routes, FALSE);
}

static bool reachable(const char *uri)
{
    g_autofree char *host = NULL;
    unsigned port;

    return uri && stox_sip_uri_host(uri, &host, &port);
}

bool stox_sip_record_route_usable(const StoxSipMessage *message)
{
    char *const *lines = stox_sip_raw(message, "Record-Route");

    for (unsigned i = 0; lines[i]; i++) {
        for (const char *p = lines[i]; *p;) {
            const char *end = find_outside(p, ',');
            g_autofree char *value = g_strndup(p, (size_t) (end - p));
            g_autofree char *uri = stox_sip_value_uri(value);

            if (!reachable(uri))
                return false;
            p = *end ? end + 1 : end;
        }
    }
    return true;
}

bool stox_sip_contact_usable(const StoxSipMessage *message)
{
    const char *uri = stox_sip_view(message)->contact_uri;

    return uri ? reachable(uri) : !stox_sip_raw(message, "Contact")[0];
}

/* A From or To value without its tag; other parameters stay. Caller frees. */
static char *without_tag(const char *value)
{
    GString *out = g_string_new(NULL);
    const char *p = find_outside(value, ';');

    g_string_append_len(out, value, p - value);
    while (*p) {
        const char *end = find_outside(p + 1, ';'), *name = p + 1 + strspn(p + 1, " \t");
        size_t n = strcspn(name, " \t=;");

        if (n != 3 || g_ascii_strncasecmp(name, "tag", 3) != 0)
            g_string_append_len(out, p, end - p);
        p = end;
    }
    return g_string_free(out, FALSE);
}

/* What an address may have and a Request-URI may not: headers and a method (RFC 3261 s19.1.1). Caller frees. */
static char *as_request_uri(const char *uri)
{
    const char *at = strchr(uri, '@'), *host = at ? at + 1 : uri;
    g_autofree char *bare = g_strndup(uri, (size_t) (host - uri) + strcspn(host, "?"));
    GString *out = g_string_new(NULL);
    char *p = bare + (host - uri);

    p += strcspn(p, ";");
    g_string_append_len(out, bare, p - bare);
    while (*p) {
        size_t n = 1 + strcspn(p + 1, ";");

        if (g_ascii_strncasecmp(p, ";method=", 8) != 0)
            g_string_append_len(out, p, (gssize) n);
        p += n;
    }
    return g_string_free(out, FALSE);
}

static void set_routes(StoxDialog *dialog, GStrv routes)
{
    g_strfreev(dialog->route_set);
    g_free(dialog->route_uri);
    dialog->route_set = routes;
    dialog->route_uri = routes[0] ? stox_sip_value_uri(routes[0]) : NULL;
}

static void set_text(char **text, const char *value)
{
    char *copy = g_strdup(value);

    g_free(*text);
    *text = copy;
}

/* ---- Making ---- */

void stox_dialog_free(StoxDialog *dialog)
{
    if (!dialog)
        return;
    g_free(dialog->call_id);
    g_free(dialog->local_tag);
    g_free(dialog->remote_tag);
    g_free(dialog->local);
    g_free(dialog->remote);
    g_free(dialog->remote_target);
    g_strfreev(dialog->route_set);
    g_free(dialog->route_uri);
    g_free(dialog);
}

StoxDialog *stox_dialog_new_uac(const StoxSipHop *hop, const char *call_id, const char *local_tag,
                                const char *from_display, const char *from_uri, const char *to_uri)
{
    StoxDialog *dialog = g_new0(StoxDialog, 1);

    dialog->hop = hop;
    dialog->call_id = g_strdup(call_id);
    dialog->local_tag = g_strdup(local_tag);
    dialog->local = stox_sip_name_addr(from_display, from_uri);
    dialog->remote = stox_sip_name_addr(NULL, to_uri);
    dialog->remote_target = g_strdup(to_uri);
    dialog->route_set = g_new0(char *, 1);
    return dialog;
}

static bool makes_dialog(const StoxSipMessage *message)
{
    return stox_sip_view(message)->contact_uri && stox_sip_contact_usable(message) &&
           stox_sip_record_route_usable(message);
}

StoxDialog *stox_dialog_new_uas(const StoxSipHop *hop, const StoxSipMessage *request,
                                const char *local_tag, uint64_t flow)
{
    const StoxSipView *view = stox_sip_view(request);
    StoxDialog *dialog;

    if (!makes_dialog(request))
        return NULL;
    dialog = g_new0(StoxDialog, 1);
    dialog->hop = hop;
    dialog->flow = flow;
    dialog->established = true;
    dialog->call_id = g_strdup(view->call_id);
    dialog->local_tag = g_strdup(local_tag);
    dialog->remote_tag = g_strdup(view->from_tag);
    dialog->local = without_tag(stox_sip_raw(request, "To")[0]);
    dialog->remote = g_strdup(stox_sip_raw(request, "From")[0]);
    dialog->remote_target = g_strdup(view->contact_uri);
    dialog->remote_cseq = view->cseq;
    set_routes(dialog, routes_of(request, false));
    return dialog;
}

void stox_dialog_establish_roughly(StoxDialog *dialog, const StoxSipMessage *message, uint64_t flow)
{
    const StoxSipView *view = stox_sip_view(message);

    dialog->established = true;
    set_text(&dialog->remote_tag, view->request ? view->from_tag : view->to_tag);
    set_text(&dialog->remote, stox_sip_raw(message, view->request ? "From" : "To")[0]);
    if (view->contact_uri && stox_sip_contact_usable(message))
        set_text(&dialog->remote_target, view->contact_uri);
    set_routes(dialog, stox_sip_record_route_usable(message) ? routes_of(message, !view->request)
                                                             : g_new0(char *, 1));
    dialog->flow = flow;
}

bool stox_dialog_establish(StoxDialog *dialog, const StoxSipMessage *message, uint64_t flow)
{
    if (!makes_dialog(message))
        return false;
    stox_dialog_establish_roughly(dialog, message, flow);
    return true;
}

void stox_dialog_refresh_target(StoxDialog *dialog, const StoxSipMessage *message, uint64_t flow)
{
    const StoxSipView *view = stox_sip_view(message);

    dialog->flow = flow;
    if (view->contact_uri && stox_sip_contact_usable(message))
        set_text(&dialog->remote_target, view->contact_uri);
    if (stox_sip_raw(message, "Record-Route")[0] && stox_sip_record_route_usable(message) &&
        stox_sip_list_has(view->supported, "ms-dialog-route-set-update"))
        set_routes(dialog, routes_of(message, !view->request));
}

bool stox_dialog_is_remote_tag(const StoxDialog *dialog, const char *tag)
{
    return dialog->established && g_strcmp0(dialog->remote_tag, tag) == 0;
}

/* ---- Using ---- */

StoxSipBuilder *stox_dialog_request(StoxDialog *dialog, StoxSipMethod method, uint32_t cseq)
{
    const char *name = stox_sip_method_name(method);
    char *const *route = dialog->route_set;
    /* A first hop without lr is a strict router of RFC 2543 (R-33, RFC 3261 s12.2.1.1): it wants to be the Request-URI. */
    g_autofree char *loose = *route ? stox_sip_uri_param(dialog->route_uri, "lr") : NULL;
    bool strict = *route && !loose;
    g_autofree char *uri = as_request_uri(strict ? dialog->route_uri : dialog->remote_target);
    StoxSipBuilder *builder = stox_sip_builder_request(name, uri);

    for (route += strict; *route; route++)
        stox_sip_builder_add(builder, "Route", *route);
    if (strict)
        stox_sip_builder_addf(builder, "Route", "<%s>", dialog->remote_target);
    stox_sip_builder_add(builder, "Max-Forwards", "70");
    stox_sip_builder_addf(builder, "From", "%s;tag=%s", dialog->local, dialog->local_tag);
    stox_sip_builder_add(builder, "To", dialog->remote);
    stox_sip_builder_add(builder, "Call-ID", dialog->call_id);
    /* R-21 */
    stox_sip_builder_addf(builder, "CSeq", "%u %s", cseq ? cseq : ++dialog->local_cseq, name);
    stox_sip_builder_add(builder, "User-Agent", dialog->hop->user_agent);
    return builder;
}

static bool is_sips(const char *uri)
{
    return uri && g_ascii_strncasecmp(uri, "sips:", 5) == 0;
}

bool stox_sip_wants_sips(const StoxSipMessage *message)
{
    const char *value = stox_sip_raw(message, "Record-Route")[0];
    g_autofree char *route = value ? stox_sip_value_uri(value) : NULL;

    return is_sips(value ? route : stox_sip_view(message)->contact_uri);
}

void stox_dialog_add_contact(const StoxDialog *dialog, StoxSipBuilder *builder, bool gruu)
{
    g_autofree char *uri = stox_sip_value_uri(dialog->local);
    const char *user = uri ? strchr(uri, ':') : NULL, *at = user ? strchr(user, '@') : NULL;
    const char *host = dialog->hop->contact;
    int n = at ? (int) (at - user) - 1 : 0;
    bool secure = is_sips(dialog->route_uri ? dialog->route_uri : dialog->remote_target);
    /* The transport is TLS without saying so. */
    int host_n = (int) (secure ? strcspn(host, ";") : strlen(host));

    /* A-28: the self-made GRUU of a gateway that does not register (RFC 5627 s4.3). */
    stox_sip_builder_addf(builder, "Contact", "<%s:%.*s%s%.*s%s>", secure ? "sips" : "sip", n,
                          at ? user + 1 : "", at ? "@" : "", host_n, host, gruu ? ";gr" : "");
}

StoxSipTarget stox_dialog_target(const StoxDialog *dialog)
{
    return (StoxSipTarget){.hop = dialog->hop,
                           .uri = dialog->route_uri ? dialog->route_uri : dialog->remote_target,
                           .flow = dialog->flow};
}

StoxDialogVerdict stox_dialog_check(StoxDialog *dialog, const StoxSipMessage *request)
{
    const StoxSipView *view = stox_sip_view(request);

    if (view->method == STOX_SIP_ACK || view->method == STOX_SIP_CANCEL)
        return STOX_DIALOG_OK;
    if (view->cseq < dialog->remote_cseq)
        return STOX_DIALOG_OUT_OF_ORDER;
    if (view->cseq == dialog->remote_cseq && view->cseq)
        return STOX_DIALOG_REPEATED;
    dialog->remote_cseq = view->cseq;
    return STOX_DIALOG_OK;
}

/* ---- Keys ---- */

char *stox_dialog_key(const char *call_id, const char *local_tag, const char *remote_tag)
{
    /* A newline is in none of them. */
    return g_strjoin("\n", call_id, local_tag, remote_tag, NULL);
}

char *stox_dialog_key_of(const StoxDialog *dialog)
{
    return stox_dialog_key(dialog->call_id, dialog->local_tag, dialog->remote_tag);
}

char *stox_dialog_key_incoming(const StoxSipMessage *request)
{
    const StoxSipView *view = stox_sip_view(request);

    return view->to_tag ? stox_dialog_key(view->call_id, view->to_tag, view->from_tag) : NULL;
}

/* ---- Keeping ---- */

/*
 * Magic with the version, then Call-ID, local and remote tag, local, remote, remote target, route set, local and remote CSeq, established;
 * little-endian. Texts are byte strings: what a peer sent need not be UTF-8. An empty remote tag is none.
 */
#define BLOB_TYPE   "(uayayayayayayaayuub)"
#define BLOB_FORMAT "(u^ay^ay^ay^ay^ay^ay^aayuub)"
#define BLOB_MAGIC  0x53584402u /* "SXD", version 2 */

static GVariant *in_order(GVariant *value)
{
#if G_BYTE_ORDER == G_BIG_ENDIAN
    GVariant *swapped = g_variant_byteswap(value);

    g_variant_unref(value);
    return swapped;
#else
    return value;
#endif
}

GBytes *stox_dialog_blob(const StoxDialog *dialog)
{
    const char *remote_tag = dialog->remote_tag ? dialog->remote_tag : "";
    GVariant *value = g_variant_ref_sink(
        g_variant_new(BLOB_FORMAT, BLOB_MAGIC, dialog->call_id, dialog->local_tag, remote_tag,
                      dialog->local, dialog->remote, dialog->remote_target, dialog->route_set,
                      dialog->local_cseq, dialog->remote_cseq, dialog->established));
    GBytes *blob;

    value = in_order(value);
    blob = g_variant_get_data_as_bytes(value);
    g_variant_unref(value);
    return blob;
}

static bool is_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char) *text < ' ' && *text != '\t')
            return false;
    return true;
}

/* What stox_dialog_request() could write, and a peer would take. */
static bool is_sound(const StoxDialog *dialog)
{
    const char *const texts[] = {dialog->call_id,       dialog->local_tag, dialog->local,
                                 dialog->remote_target, dialog->remote,    dialog->remote_tag};

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        bool may_miss = i == G_N_ELEMENTS(texts) - 1;

        if (texts[i] ? !texts[i][0] || !is_line(texts[i]) : !may_miss)
            return false;
    }
    for (char *const *route = dialog->route_set; *route; route++) {
        g_autofree char *uri = stox_sip_value_uri(*route);

        if (!is_line(*route) || !reachable(uri))
            return false;
    }
    /* RFC 3261 s8.1.1.5; with room to go on. */
    return reachable(dialog->remote_target) && dialog->local_cseq <= G_MAXINT32 / 2 &&
           dialog->remote_cseq <= G_MAXINT32;
}

StoxDialog *stox_dialog_restore(GBytes *blob, const StoxSipHop *hop)
{
    /* Copied, for the alignment the reader of variants wants. */
    g_autoptr(GBytes) aligned = g_bytes_new(g_bytes_get_data(blob, NULL), g_bytes_get_size(blob));
    GVariant *value = in_order(
        g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(BLOB_TYPE), aligned, FALSE)));
    g_autoptr(StoxDialog) dialog = NULL;
    uint32_t magic = 0;

    if (g_variant_is_normal_form(value))
        g_variant_get_child(value, 0, "u", &magic);
    if (magic == BLOB_MAGIC) {
        gboolean established;
        GStrv routes;

        dialog = g_new0(StoxDialog, 1);
        dialog->hop = hop;
        g_variant_get(value, BLOB_FORMAT, &magic, &dialog->call_id, &dialog->local_tag,
                      &dialog->remote_tag, &dialog->local, &dialog->remote, &dialog->remote_target,
                      &routes, &dialog->local_cseq, &dialog->remote_cseq, &established);
        dialog->established = established;
        if (!dialog->remote_tag[0])
            g_clear_pointer(&dialog->remote_tag, g_free);
        set_routes(dialog, routes);
    }
    g_variant_unref(value);
    return dialog && is_sound(dialog) ? g_steal_pointer(&dialog) : NULL;
}
