/* SPDX-License-Identifier: MIT */
/*
 * The messages of RFC 4475 and RFC 5118, each as a datagram and over a stream, through framing, parser, limits, transactions and machines. What must come of them
 * is in messages.tsv. With --table the same is printed for people, with what was seen.
 */
#include "sip/frame.h"
#include "tests/torture/stack.h"
#include "translation/address.h"

#include <stdio.h>
#include <string.h>

enum { FILE_NAME, SECTION, DATAGRAM, STREAM, VIEW, TEXT, COLUMNS };

typedef struct {
    char **column;
    char *bytes;
    size_t size;
    char *datagram, *stream, *view; /* what was seen; view NULL: as expected */
} Case;

static void case_free(gpointer data)
{
    Case *c = data;

    g_strfreev(c->column);
    g_free(c->bytes);
    g_free(c->datagram);
    g_free(c->stream);
    g_free(c->view);
    g_free(c);
}

/* ---- What comes of a message ---- */

static void add_word(GString *out, const char *word)
{
    if (out->len)
        g_string_append(out, ", ");
    g_string_append(out, word);
}

static const char *event_name(const StoxEvent *event)
{
    switch (event->kind) {
    case STOX_EVENT_SIP_MESSAGE:
        return "MESSAGE to the gateway";
    case STOX_EVENT_SIP_INVITE:
        return "INVITE to the gateway";
    case STOX_EVENT_SIP_SUBSCRIBE:
        return "SUBSCRIBE to the gateway";
    default:
        return "event";
    }
}

/* Lets the stack have it, and says what it did. */
static void take(GString *out, StoxSipMessage *message, bool reliable)
{
    g_autoptr(Stack) stack = stack_new(NULL);
    const StoxSipView *view = message ? stox_sip_view(message) : NULL;

    if (!message) {
        add_word(out, "dropped");
        return;
    }
    stack_receive(stack, message, reliable);
    if (!view->request) {
        g_assert_cmpuint(stack->answers->len, ==, 0);
        add_word(out, view->n_via == 1 ? "response of no transaction" : "response for others");
        return;
    }
    for (unsigned i = 0; i < stack->events->len; i++)
        add_word(out, event_name(stack->events->pdata[i]));
    for (unsigned i = 0; i < stack->answers->len; i++) {
        g_autofree char *status =
            g_strdup_printf("%u", ((StackAnswer *) stack->answers->pdata[i])->status);

        add_word(out, status);
    }
    if (!stack->events->len && !stack->answers->len)
        add_word(out, "nothing");
}

static StoxSipMessage *parse_datagram(const Case *c)
{
    const char *why = NULL;
    StoxSipMessage *message = stox_sip_message_parse_datagram(c->bytes, c->size, &why);

    if (message)
        stox_sip_message_set_source(message, "192.0.2.9", 5060);
    return message;
}

static char *as_datagram(const Case *c)
{
    g_autoptr(StoxSipMessage) message = parse_datagram(c);
    GString *out = g_string_new(NULL);

    take(out, message, false);
    return g_string_free(out, FALSE);
}

/* A connection that brings the bytes cut at `cut`; 0: all at once. */
static char *as_stream(const Case *c, size_t cut)
{
    g_autoptr(StoxFrame) frame = stox_frame_new(stox_sip_limits.max_bytes);
    GString *out = g_string_new(NULL);
    size_t fed = 0;
    bool closed = false;

    while (!closed && fed < c->size) {
        size_t n = cut && fed == 0 ? cut : c->size - fed, length;
        StoxFrameResult result;
        const char *bytes, *why = NULL;

        stox_frame_append(frame, c->bytes + fed, n);
        fed += n;
        while (!closed &&
               (result = stox_frame_next(frame, &bytes, &length, &why)) != STOX_FRAME_MORE) {
            g_autoptr(StoxSipMessage) message = NULL;

            closed = result == STOX_FRAME_BROKEN;
            if (result == STOX_FRAME_MESSAGE)
                message = stox_sip_message_parse(bytes, length, &why);
            else if (closed && bytes)
                message = stox_sip_message_parse_head(bytes, length, stox_frame_status(frame), why);
            if (result == STOX_FRAME_MESSAGE || message)
                take(out, message, true);
            closed = closed || (result == STOX_FRAME_MESSAGE && !message);
        }
    }
    if (closed)
        add_word(out, "closed");
    else if (stox_frame_is_partial(frame))
        add_word(out, "waits");
    return g_string_free(out, FALSE);
}

/* ---- What was read ---- */

static char *jid_of(const char *uri)
{
    g_auto(StoxJid) jid = {0};
    g_auto(StoxSipResult) failure = {0};

    if (!stox_address_sip_to_jid(uri, STOX_URI_IS_REQUEST_URI, &jid, &failure))
        return g_strdup_printf("none %u", failure.status);
    return stox_jid_bare(&jid);
}

static char *host_of(const char *uri)
{
    g_autofree char *host = NULL;
    unsigned port;

    return stox_sip_uri_host(uri, &host, &port) ? g_strdup_printf("%s %u", host, port)
                                                : g_strdup("none");
}

/* A value by the name messages.tsv calls it. */
static char *read_value(const StoxSipMessage *message, const char *name)
{
    const StoxSipView *view = stox_sip_view(message);
    const struct {
        const char *name;
        const char *value;
    } texts[] = {
        {"method", view->method_name}, {"uri", view->request_uri},      {"from", view->from_uri},
        {"from-tag", view->from_tag},  {"display", view->from_display}, {"to", view->to_uri},
        {"to-tag", view->to_tag},      {"call-id", view->call_id},      {"branch", view->branch},
        {"sent-by", view->sent_by},    {"contact", view->contact_uri},  {"reason", view->reason},
        {"type", view->content_type},  {"accept", view->accept},        {"require", view->require},
        {"subject", view->subject},
    };
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"vias", view->n_via},
        {"cseq", view->cseq},
        {"max-forwards", view->max_forwards},
        {"expires", view->expires_s},
        {"date", view->date_wall_ms},
        {"status", view->status},
        {"body", view->body ? (int64_t) g_bytes_get_size(view->body) : 0},
        {"contacts", g_strv_length((char **) stox_sip_raw(message, "Contact"))},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
        if (strcmp(texts[i].name, name) == 0)
            return g_strdup(texts[i].value ? texts[i].value : "-");
    for (unsigned i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (strcmp(numbers[i].name, name) == 0)
            return g_strdup_printf("%" G_GINT64_FORMAT, numbers[i].value);
    if (strcmp(name, "jid") == 0)
        return jid_of(view->request_uri);
    if (strcmp(name, "from-jid") == 0)
        return jid_of(view->from_uri);
    if (strcmp(name, "host") == 0)
        return host_of(view->request_uri);
    if (strcmp(name, "contact-host") == 0)
        return host_of(view->contact_uri);
    g_error("messages.tsv asks for %s", name);
}

/* Of "name=value | header:Name=part of a line of the answer" what is not so; NULL: all is. */
static char *check_view(const Case *c)
{
    g_auto(GStrv) wanted = g_strsplit(c->column[VIEW], " | ", -1);
    g_autoptr(StoxSipMessage) message = parse_datagram(c);
    g_autoptr(Stack) stack = stack_new(NULL);

    for (unsigned i = 0; wanted[i] && wanted[i][0] && strcmp(wanted[i], "-") != 0; i++) {
        char *equals = strchr(wanted[i], '=');
        g_autofree char *name = g_strndup(wanted[i], (size_t) (equals - wanted[i])), *seen = NULL;

        if (!message)
            return g_strdup("not read at all");
        if (strcmp(name, "answer") == 0) {
            if (!stack->answers->len)
                stack_receive(stack, message, false);
            if (!stack->answers->len ||
                !strstr(((StackAnswer *) stack->answers->pdata[0])->text, equals + 1))
                return g_strdup_printf("the answer lacks \"%s\"", equals + 1);
            continue;
        }
        seen = read_value(message, name);
        if (strcmp(seen, equals + 1) != 0)
            return g_strdup_printf("%s=%s", name, seen);
    }
    return NULL;
}

/* ---- Cases ---- */

static GPtrArray *load(const char *folder)
{
    GPtrArray *cases = g_ptr_array_new_with_free_func(case_free);
    g_autofree char *path = g_build_filename(folder, "messages.tsv", NULL), *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        g_error("cannot read %s", path);
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 1; lines[i]; i++) {
        g_autofree char *file = NULL;
        Case *c;

        if (!lines[i][0])
            continue;
        c = g_new0(Case, 1);
        g_ptr_array_add(cases, c);
        c->column = g_strsplit(lines[i], "\t", -1);
        if (g_strv_length(c->column) != COLUMNS)
            g_error("messages.tsv:%u has not %d columns", i + 1, COLUMNS);
        file = g_build_filename(folder, c->column[FILE_NAME], NULL);
        if (!g_file_get_contents(file, &c->bytes, &c->size, NULL))
            g_error("cannot read %s", file);
        c->datagram = as_datagram(c);
        c->stream = as_stream(c, 0);
        c->view = check_view(c);
    }
    return cases;
}

static void test_case(gconstpointer data)
{
    const Case *c = data;

    g_assert_cmpstr(c->datagram, ==, c->column[DATAGRAM]);
    g_assert_cmpstr(c->stream, ==, c->column[STREAM]);
    g_assert_cmpstr(c->view, ==, NULL);
    for (size_t cut = 1; cut < c->size; cut++) {
        g_autofree char *seen = as_stream(c, cut);

        g_assert_cmpstr(seen, ==, c->stream);
    }
}

/* All messages that a stream can frame, glued together: each still comes out whole. */
static void test_pipeline(gconstpointer data)
{
    const GPtrArray *cases = data;
    g_autoptr(GByteArray) all = g_byte_array_new();
    size_t expected = 0, seen = 0;

    for (unsigned i = 0; i < cases->len; i++) {
        const Case *c = cases->pdata[i];

        if (strstr(c->stream, "closed") || strstr(c->stream, "waits") || strchr(c->stream, ','))
            continue;
        g_byte_array_append(all, (const guint8 *) c->bytes, (unsigned) c->size);
        expected++;
    }
    g_assert_cmpuint(expected, >, 40);
    for (size_t piece = 1; piece < all->len; piece = piece * 3 + 1) {
        g_autoptr(StoxFrame) frame = stox_frame_new(stox_sip_limits.max_bytes);
        const char *bytes, *why = NULL;
        size_t length;

        seen = 0;
        for (size_t at = 0; at < all->len; at += piece) {
            stox_frame_append(frame, (const char *) all->data + at, MIN(piece, all->len - at));
            for (StoxFrameResult result;
                 (result = stox_frame_next(frame, &bytes, &length, &why)) != STOX_FRAME_MORE;) {
                g_assert_cmpint(result, !=, STOX_FRAME_BROKEN);
                seen += result == STOX_FRAME_MESSAGE;
            }
        }
        g_assert_cmpuint(seen, ==, expected);
    }
}

static void test_complete(gconstpointer data)
{
    const GPtrArray *cases = data;
    unsigned n4475 = 0, n5118 = 0;

    for (unsigned i = 0; i < cases->len; i++) {
        const Case *c = cases->pdata[i];

        n4475 += g_str_has_prefix(c->column[FILE_NAME], "rfc4475/");
        n5118 += g_str_has_prefix(c->column[FILE_NAME], "rfc5118/");
    }
    g_assert_cmpuint(n4475, ==, 49);
    g_assert_cmpuint(n5118, ==, 12);
}

static int print_table(const GPtrArray *cases)
{
    unsigned wrong = 0;

    printf("%-42s %-9s %-24s %-32s %s\n", "message", "section", "as a datagram", "over a stream",
           "why");
    for (unsigned i = 0; i < cases->len; i++) {
        const Case *c = cases->pdata[i];
        bool good = !c->view && strcmp(c->datagram, c->column[DATAGRAM]) == 0 &&
                    strcmp(c->stream, c->column[STREAM]) == 0;

        printf("%-42s %-9s %-24s %-32s %s\n", c->column[FILE_NAME], c->column[SECTION], c->datagram,
               c->stream, c->column[TEXT]);
        if (!good)
            printf("    WRONG: expected %s / %s%s%s\n", c->column[DATAGRAM], c->column[STREAM],
                   c->view ? "; read " : "", c->view ? c->view : "");
        wrong += !good;
    }
    printf("%u messages, %u treated otherwise than expected\n", cases->len, wrong);
    return wrong ? 1 : 0;
}

int main(int argc, char **argv)
{
    bool table = argc == 3 && strcmp(argv[1], "--table") == 0;
    g_autoptr(GPtrArray) cases = NULL;

    g_test_init(&argc, &argv, NULL);
    if (argc != 2 && !table) {
        fprintf(stderr, "usage: test-torture [--table] FOLDER\n");
        return 2;
    }
    cases = load(argv[argc - 1]);
    if (table)
        return print_table(cases);
    for (unsigned i = 0; i < cases->len; i++) {
        const Case *c = cases->pdata[i];
        g_autofree char *path =
            g_strdup_printf("/torture/%s s%s", c->column[FILE_NAME], c->column[SECTION]);

        g_test_add_data_func(path, c, test_case);
    }
    g_test_add_data_func("/torture/complete", cases, test_complete);
    g_test_add_data_func("/torture/pipeline", cases, test_pipeline);
    return g_test_run();
}
