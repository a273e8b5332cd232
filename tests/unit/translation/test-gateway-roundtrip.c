/* SPDX-License-Identifier: MIT */
/*
 * What an XMPP user writes, sent back by the SIP side as it came, is what he wrote, or one of the listed losses: line ends of other kinds become LF, a subject
 * is one line without blanks around it, a language tag that is none is left out, white space where a long text is cut. Seeded, both dialects, with and without
 * threads as Call-IDs (standards.md 8: ).
 */
#include "gateway-rig.h"

#include <string.h>

#define ROUNDS 300

static const char *const atoms[] = {"a",         "word ",    "\n",           "\r\n",
                                    "\t",        "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                                    "e\xCC\x81", "<b>&amp;", "\"'\\;",       "%40",
                                    "]]>",       ". ",       "\xE2\x80\xA8"};

static char *some_text(GRand *rand, int most)
{
    GString *text = g_string_new("x");

    for (int n = g_rand_int_range(rand, 0, most); n > 0; n--)
        g_string_append(text, atoms[g_rand_int_range(rand, 0, G_N_ELEMENTS(atoms))]);
    return g_string_free(text, FALSE);
}

static char *replaced(const char *text, const char *pattern, const char *by)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);

    return g_regex_replace_literal(regex, text, -1, 0, by, 0, NULL);
}

static char *with_plain_ends(const char *text)
{
    return replaced(text, "\r\n?", "\n");
}

static char *without_white(const char *text)
{
    return replaced(text, "[ \t\r\n]+", "");
}

/* As one line. */
static char *as_subject(const char *text)
{
    g_autofree char *ends = with_plain_ends(text);
    g_autofree char *line = replaced(ends, "[\n\t]", " ");

    return g_strstrip(replaced(line, "\xE2\x80\xA8", ""));
}

typedef struct {
    const char *name, *local;
    bool session, threads;
} Way;

static const Way ways[] = {
    {"page", ANNA, false, false},
    {"page-threads-as-Call-IDs", ANNA, false, true},
    {"session", ALICE, true, false},
};

/* The first action of that kind; NULL: none. */
static const StoxAction *find(const Rig *rig, StoxActionKind kind)
{
    for (unsigned i = 0; i < rig->actions->len; i++)
        if (((StoxAction *) rig->actions->pdata[i])->kind == kind)
            return rig->actions->pdata[i];
    return NULL;
}

/* The SIP side sends it back. */
static StoxEvent *echo_of(Rig *rig, const Way *way, const StoxAction *sent)
{
    StoxEvent *event = rig_sip(rig, STOX_EVENT_SIP_MESSAGE, way->local, BOB);

    event->session = sent->session;
    event->call_id = g_strdup(sent->call_id);
    event->content_type = g_strdup(sent->content_type);
    event->body = g_bytes_ref(sent->body);
    event->subject = g_strdup(sent->subject);
    event->lang = g_strdup(sent->lang);
    event->date_wall_ms = sent->date_wall_ms;
    return event;
}

/* All parts of `message` there and back; what came back, one after the other. */
static GPtrArray *there_and_back(Rig *rig, const Way *way, StoxMessage *message)
{
    GPtrArray *back = g_ptr_array_new_with_free_func((GDestroyNotify) stox_message_free);
    const StoxAction *action;

    rig_message(rig, message);
    action = find(rig, STOX_ACTION_SESSION_OPEN);
    if (action)
        rig_session(rig, STOX_EVENT_SESSION_OPENED, action->session);
    while ((action = find(rig, STOX_ACTION_SIP_MESSAGE))) {
        StoxEvent *echo = echo_of(rig, way, action);
        uint64_t ref = action->ref;
        StoxAction *returned;

        g_ptr_array_set_size(rig->actions, 0);
        rig_event(rig, echo);
        returned = (StoxAction *) find(rig, STOX_ACTION_XMPP_MESSAGE);
        g_assert_nonnull(returned);
        g_ptr_array_add(back, g_steal_pointer(&returned->message));
        g_ptr_array_remove(rig->actions, returned);
        rig_result(rig, ref, STOX_SIP_ANSWERED, 200);
    }
    g_assert_nonnull(find(rig, STOX_ACTION_OUTCOME));
    g_ptr_array_set_size(rig->actions, 0);
    return back;
}

static char *join(const GPtrArray *messages)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < messages->len; i++)
        g_string_append(text, ((StoxMessage *) messages->pdata[i])->body);
    return g_string_free(text, FALSE);
}

static void check_body(const GPtrArray *back, const char *body)
{
    g_autofree char *got = join(back), *wanted = with_plain_ends(body);

    if (back->len > 1) {
        g_autofree char *dense = without_white(got), *wanted_dense = without_white(wanted);

        g_assert_cmpstr(dense, ==, wanted_dense);
    } else {
        g_assert_cmpstr(got, ==, wanted);
    }
}

static void one_round(Rig *rig, const Way *way, GRand *rand)
{
    static const char *const langs[] = {NULL, "de", "en-GB", "zh-Hant-TW", "no language"};
    static const char *const threads[] = {"t1", "t2@home", "a b/\xE2\x82\xAC"};
    const char *lang = langs[g_rand_int_range(rand, 0, G_N_ELEMENTS(langs))];
    const char *thread = threads[g_rand_int_range(rand, 0, G_N_ELEMENTS(threads))];
    g_autofree char *body = some_text(rand, 200);
    g_autofree char *subject = g_rand_boolean(rand) ? some_text(rand, 20) : NULL;
    g_autofree char *wanted_subject = subject ? as_subject(subject) : NULL;
    StoxMessage *message = stox_message_new(STOX_MESSAGE_CHAT, PHONE, way->local);
    g_autoptr(GPtrArray) back = NULL;
    const StoxMessage *first;

    message->body = g_strdup(body);
    message->subject = g_strdup(subject);
    message->lang = g_strdup(lang);
    message->thread = g_strdup(thread);
    message->delay_wall_ms = g_rand_boolean(rand) ? 1700000000000 : 0;
    back = there_and_back(rig, way, message);
    first = back->pdata[0];
    check_body(back, body);
    g_assert_cmpstr(first->subject, ==, wanted_subject);
    for (unsigned i = 0; i < back->len; i++) {
        const StoxMessage *part = back->pdata[i];

        g_assert_cmpstr(part->from, ==, way->local);
        g_assert_cmpstr(part->to, ==, PHONE);
        g_assert_cmpstr(part->thread, ==, thread);
        g_assert_cmpstr(part->lang, ==, g_strcmp0(lang, "no language") == 0 ? NULL : lang);
        g_assert_cmpint(part->delay_wall_ms, ==, first->delay_wall_ms);
        g_assert_true(i == 0 || !part->subject);
    }
}

static void test_way(const void *data)
{
    const Way *way = data;
    g_autoptr(GRand) rand = g_rand_new_with_seed(42);
    g_auto(Rig) rig;

    rig_init(&rig);
    rig.config.max_message_bytes = 400;
    if (way->threads)
        stox_policy_add_hop(rig.policy, "proxy", STOX_DIALECT_SIMPLE)->thread_from_call_id = true;
    rig_start(&rig);
    for (unsigned i = 0; i < ROUNDS; i++)
        one_round(&rig, way, rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autofree char *path = g_strconcat("/gateway/round-trip/", ways[i].name, NULL);

        g_test_add_data_func(path, &ways[i], test_way);
    }
    return g_test_run();
}
