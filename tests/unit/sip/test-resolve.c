/* SPDX-License-Identifier: MIT */
/* sip/resolve over a GResolver of our own: which questions it asks, and which answers it makes of them (RFC 3263 s4.2, RFC 2782; R-32). */
#include "sip/resolve.h"

#include <string.h>

/* ---- A resolver that answers from a table ---- */

typedef struct {
    const char *question; /* a name, or "_sips._tcp.NAME" */
    const char *
        answer; /* addresses, or "host:port" in the order to try; "!" no such name, "?" the name server fails, "." no such service */
} Answer;

static const Answer *answers;
static GString *asked;

typedef struct {
    GResolver parent;
} FakeResolver;
typedef struct {
    GResolverClass parent_class;
} FakeResolverClass;
GType fake_resolver_get_type(void);
G_DEFINE_TYPE(FakeResolver, fake_resolver, G_TYPE_RESOLVER)

static const char *answer_to(const char *question)
{
    g_string_append_printf(asked, "%s%s", asked->len ? " " : "", question);
    for (const Answer *a = answers; a->question; a++)
        if (strcmp(a->question, question) == 0)
            return a->answer;
    return "!";
}

/* True: `task` has been given its error. */
static bool fails(GTask *task, const char *answer)
{
    if (*answer == '!')
        g_task_return_new_error(task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");
    else if (*answer == '?')
        g_task_return_new_error(task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE,
                                "try again");
    return *answer == '!' || *answer == '?';
}

static void free_addresses(gpointer list)
{
    g_resolver_free_addresses(list);
}

static void free_targets(gpointer list)
{
    g_resolver_free_targets(list);
}

static void by_name_async(GResolver *resolver, const char *name, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user)
{
    g_autoptr(GTask) task = g_task_new(resolver, cancellable, callback, user);
    const char *answer = answer_to(name);
    g_auto(GStrv) words = g_strsplit(answer, " ", -1);
    GList *list = NULL;

    if (fails(task, answer))
        return;
    for (unsigned i = 0; words[i]; i++)
        list = g_list_append(list, g_inet_address_new_from_string(words[i]));
    g_task_return_pointer(task, list, free_addresses);
}

static void service_async(GResolver *resolver, const char *name, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user)
{
    g_autoptr(GTask) task = g_task_new(resolver, cancellable, callback, user);
    const char *answer = answer_to(name);
    g_auto(GStrv) words = g_strsplit(answer, " ", -1);
    GList *list = NULL;

    if (fails(task, answer))
        return;
    for (unsigned i = 0; words[i] && *answer != '.'; i++) {
        char *colon = strchr(words[i], ':');

        *colon = '\0';
        list = g_list_append(list, g_srv_target_new(words[i], (guint16) atoi(colon + 1), 0, 0));
    }
    g_task_return_pointer(task, list, free_targets);
}

static GList *any_finish(GResolver *resolver, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void fake_resolver_init(FakeResolver *resolver)
{
}

static void fake_resolver_class_init(FakeResolverClass *class)
{
    class->parent_class.lookup_by_name_async = by_name_async;
    class->parent_class.lookup_by_name_finish = any_finish;
    class->parent_class.lookup_service_async = service_async;
    class->parent_class.lookup_service_finish = any_finish;
}

/* ---- Rows ---- */

typedef struct {
    const char *name;
    const char *host;
    unsigned port;
    StoxTransportKind kind;
    Answer answers[6];
    const char *asked;
    const char *expected; /* "address:port", or "!" unknown name, "?" another failure */
} Row;

static const Row rows[] = {
    {"SRV in its order, every address of each target",
     "contoso.example",
     0,
     STOX_TRANSPORT_TLS,
     {{"_sips._tcp.contoso.example", "b.example:5061 a.example:5071"},
      {"a.example", "192.0.2.1 2001:db8::1"},
      {"b.example", "192.0.2.2"}},
     "_sips._tcp.contoso.example b.example a.example",
     "192.0.2.2:5061 192.0.2.1:5071 [2001:db8::1]:5071"},
    {"a target without address does not cost the others",
     "contoso.example",
     0,
     STOX_TRANSPORT_TLS,
     {{"_sips._tcp.contoso.example", "gone.example:5061 a.example:5061"},
      {"a.example", "192.0.2.1"}},
     "_sips._tcp.contoso.example gone.example a.example",
     "192.0.2.1:5061"},
    {"the last target without address",
     "contoso.example",
     0,
     STOX_TRANSPORT_TLS,
     {{"_sips._tcp.contoso.example", "a.example:5061 gone.example:5061"},
      {"a.example", "192.0.2.1"}},
     "_sips._tcp.contoso.example a.example gone.example",
     "192.0.2.1:5061"},
    {"no target has an address",
     "contoso.example",
     0,
     STOX_TRANSPORT_TLS,
     {{"_sips._tcp.contoso.example", "gone.example:5061"}},
     "_sips._tcp.contoso.example gone.example",
     "!"},
    {"no SRV: the name and the default port",
     "contoso.example",
     0,
     STOX_TRANSPORT_TLS,
     {{"contoso.example", "192.0.2.1 192.0.2.2"}},
     "_sips._tcp.contoso.example contoso.example",
     "192.0.2.1:5061 192.0.2.2:5061"},
    {"SRV look-up failed: the name",
     "contoso.example",
     0,
     STOX_TRANSPORT_TLS,
     {{"_sips._tcp.contoso.example", "?"}, {"contoso.example", "192.0.2.1"}},
     "_sips._tcp.contoso.example contoso.example",
     "192.0.2.1:5061"},
    {"target \".\": decidedly no such service",
     "contoso.example",
     0,
     STOX_TRANSPORT_TLS,
     {{"_sips._tcp.contoso.example", "."}, {"contoso.example", "192.0.2.1"}},
     "_sips._tcp.contoso.example",
     "!"},
    {"TCP",
     "contoso.example",
     0,
     STOX_TRANSPORT_TCP,
     {{"_sip._tcp.contoso.example", "a.example:5070"}, {"a.example", "192.0.2.1"}},
     "_sip._tcp.contoso.example a.example",
     "192.0.2.1:5070"},
    {"UDP",
     "contoso.example",
     0,
     STOX_TRANSPORT_UDP,
     {{"contoso.example", "192.0.2.1"}},
     "_sip._udp.contoso.example contoso.example",
     "192.0.2.1:5060"},
    {"a port: no SRV",
     "contoso.example",
     5071,
     STOX_TRANSPORT_TLS,
     {{"contoso.example", "192.0.2.1"}},
     "contoso.example",
     "192.0.2.1:5071"},
    {"an address", "192.0.2.9", 0, STOX_TRANSPORT_TLS, {{0}}, "", "192.0.2.9:5061"},
    {"an IPv6 address with port",
     "2001:db8::9",
     5099,
     STOX_TRANSPORT_TCP,
     {{0}},
     "",
     "[2001:db8::9]:5099"},
    {"no such name", "contoso.example", 5061, STOX_TRANSPORT_TLS, {{0}}, "contoso.example", "!"},
    {"the name server fails",
     "contoso.example",
     5061,
     STOX_TRANSPORT_TLS,
     {{"contoso.example", "?"}},
     "contoso.example",
     "?"},
};

typedef struct {
    GMainLoop *loop;
    GString *got;
    uint64_t id;
    const char *host;
} Seen;

static void resolved_cb(void *user, uint64_t id, GPtrArray *results, const GError *error)
{
    Seen *seen = user;

    g_assert_cmpuint(id, ==, seen->id);
    g_assert_true((results != NULL) == (error == NULL));
    if (error)
        g_string_assign(seen->got,
                        g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND) ? "!"
                                                                                             : "?");
    for (unsigned i = 0; results && i < results->len; i++) {
        const StoxResolved *resolved = results->pdata[i];
        g_autofree char *text =
            g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(resolved->address));

        /* The certificate is to carry the name that was asked for, not a target of DNS (RFC 5922 s7). */
        g_assert_cmpstr(resolved->host, ==, seen->host);
        g_string_append_printf(seen->got, "%s%s", i ? " " : "", text);
    }
    g_main_loop_quit(seen->loop);
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GString) questions = g_string_new(NULL);
    g_autoptr(GString) got = g_string_new(NULL);
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Seen seen = {loop, got, 0, row->host};
    g_autoptr(StoxResolver) resolver = stox_resolver_new(resolved_cb, &seen);

    answers = row->answers;
    asked = questions;
    seen.id = stox_resolver_start(resolver, row->host, row->port, row->kind);
    g_assert_cmpstr(got->str, ==, ""); /* never from inside the call */
    g_main_loop_run(loop);
    g_assert_cmpstr(got->str, ==, row->expected);
    g_assert_cmpstr(asked->str, ==, row->asked);
}

/* Many addresses are cut, and what is under way when the resolver goes is told to nobody. */
static void test_bounds(void)
{
    const Answer many[] = {
        {"many.example",
         "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7 192.0.2.8 "
         "192.0.2.9 192.0.2.10 "
         "192.0.2.11 192.0.2.12 192.0.2.13 192.0.2.14 192.0.2.15 192.0.2.16 192.0.2.17 192.0.2.18"},
        {0}};
    g_autoptr(GString) questions = g_string_new(NULL);
    g_autoptr(GString) got = g_string_new(NULL);
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Seen seen = {loop, got, 0, "many.example"};
    StoxResolver *resolver = stox_resolver_new(resolved_cb, &seen);

    answers = many;
    asked = questions;
    seen.id = stox_resolver_start(resolver, "many.example", 5061, STOX_TRANSPORT_TLS);
    g_main_loop_run(loop);
    g_assert_true(g_str_has_suffix(got->str, " 192.0.2.16:5061"));
    g_string_truncate(got, 0);
    stox_resolver_start(resolver, "many.example", 5061, STOX_TRANSPORT_TLS);
    stox_resolver_start(resolver, "many.example", 0, STOX_TRANSPORT_TLS);
    stox_resolver_start(resolver, "192.0.2.1", 0, STOX_TRANSPORT_TLS);
    stox_resolver_free(resolver);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    g_assert_cmpstr(got->str, ==, "");
}

int main(int argc, char **argv)
{
    g_autoptr(GResolver) fake = NULL;

    g_test_init(&argc, &argv, NULL);
    fake = g_object_new(fake_resolver_get_type(), NULL);
    g_resolver_set_default(fake);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/resolve/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/resolve/bounds", test_bounds);
    return g_test_run();
}
