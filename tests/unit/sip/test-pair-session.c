/* SPDX-License-Identifier: MIT */
/*
 * Two session machines against each other, many seeds: whatever the network does, each session ends exactly once at each end, both ends agree about what is
 * open, and no message gets lost in silence, arrives twice or is overtaken (promises 1 and 4; RFC 3261 s12 to s15, RFC 4028, RFC 5407).
 * PAIR_SEEDS=N runs more of them, PAIR_SEED=N one, PAIR_TRACE=1 shows what crosses.
 */
#include "tests/unit/sip/pair.h"

#include "translation/error.h"

#include <string.h>

enum { SEEDS = 150, DEEDS = 60, MAX_LIVE = 6 };

typedef struct {
    uint64_t id;
    PairEnd *end;
    char *call_id;
    bool open, ended;
    unsigned newest; /* number of the newest message that has arrived in it */
} Session;

typedef struct {
    unsigned results, status, arrivals;
    StoxSipFate fate;
} Message;

typedef struct {
    Pair *pair;
    GPtrArray *sessions; /* Session* */
    GArray *messages;    /* Message; its index + 1 is the ref and the text */
    uint64_t names;      /* even: given by the gateways */
} World;

static void session_free(gpointer data)
{
    Session *session = data;

    g_free(session->call_id);
    g_free(session);
}

static Session *find(const World *w, const PairEnd *end, uint64_t id)
{
    for (unsigned i = 0; i < w->sessions->len; i++) {
        Session *session = w->sessions->pdata[i];

        if (session->end == end && session->id == id)
            return session;
    }
    g_assert_not_reached();
}

static Session *add(World *w, PairEnd *end, uint64_t id, const char *call_id)
{
    Session *session = g_new0(Session, 1);

    session->id = id;
    session->end = end;
    session->call_id = g_strdup(call_id);
    g_ptr_array_add(w->sessions, session);
    return session;
}

/* ---- The gateways ---- */

static void take_invite(World *w, PairEnd *end, const StoxEvent *event)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_ACCEPT);
    unsigned mood = pair_random(w->pair, 10);

    add(w, end, event->session, event->call_id);
    action->session = event->session;
    action->request = event->request;
    if (mood == 0) {
        stox_sip_result_init(&action->result, 480, STOX_DIAG_XMPP_REFUSED);
        g_assert_true(stox_sessions_refuse(end->sessions, action, w->pair->now));
        find(w, end, event->session)->ended = true;
    } else if (mood < 9) {
        stox_sessions_accept(end->sessions, action, w->pair->now);
    }
    /* else it rings, until one of the two has had enough */
}

static void take_message(World *w, PairEnd *end, const StoxEvent *event)
{
    g_autofree char *text =
        g_strndup(g_bytes_get_data(event->body, NULL), g_bytes_get_size(event->body));
    unsigned number = (unsigned) g_ascii_strtoull(text, NULL, 10);

    Session *session = find(w, end, event->session);

    g_assert_false(session->ended);
    g_assert_cmpuint(number, >, session->newest);
    session->newest = number;
    g_array_index(w->messages, Message, number - 1).arrivals++;
    pair_respond(end, event->request, 200);
}

static void on_event(void *user, PairEnd *end, const StoxEvent *event)
{
    World *w = user;
    Session *session;

    switch (event->kind) {
    case STOX_EVENT_SIP_INVITE:
        take_invite(w, end, event);
        break;
    case STOX_EVENT_SIP_MESSAGE:
        take_message(w, end, event);
        break;
    case STOX_EVENT_SIP_MESSAGE_RESULT: {
        Message *message = &g_array_index(w->messages, Message, event->ref - 1);

        message->results++;
        message->status = event->result.status;
        message->fate = event->result.fate;
        break;
    }
    case STOX_EVENT_SESSION_OPENED:
        session = find(w, end, event->session);
        g_assert_false(session->open);
        g_assert_false(session->ended);
        session->open = true;
        break;
    case STOX_EVENT_SESSION_FAILED:
    case STOX_EVENT_SESSION_CLOSED:
        session = find(w, end, event->session);
        g_assert_false(session->ended);
        g_assert_true(event->kind == STOX_EVENT_SESSION_CLOSED || !session->open);
        session->ended = true;
        break;
    default:
        g_assert_not_reached();
    }
}

static void open_session(World *w, PairEnd *end)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_OPEN);

    action->session = w->names += 2;
    action->from_uri = g_strdup("sip:bob@partner.example");
    action->to_uri = g_strdup("sip:alice@contoso.example");
    action->call_id = g_strdup_printf("call-%u", (unsigned) action->session);
    add(w, end, action->session, action->call_id);
    stox_sessions_open(end->sessions, action, &end->hop, w->pair->now);
}

static void close_session(World *w, Session *session)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SESSION_CLOSE);

    action->session = session->id;
    stox_sessions_close(session->end->sessions, action, w->pair->now);
}

static void send_message(World *w, Session *session)
{
    g_autoptr(StoxAction) action = stox_action_new(STOX_ACTION_SIP_MESSAGE);
    g_autofree char *text = NULL;
    Message message = {0};

    g_array_append_val(w->messages, message);
    text = g_strdup_printf("%u", w->messages->len);
    action->session = session->id;
    action->ref = w->messages->len;
    action->content_type = g_strdup("text/plain");
    action->body = g_bytes_new(text, strlen(text));
    stox_sessions_message(session->end->sessions, action, w->pair->now);
}

static Session *some_session(World *w)
{
    g_autoptr(GPtrArray) live = g_ptr_array_new();

    for (unsigned i = 0; i < w->sessions->len; i++)
        if (!((Session *) w->sessions->pdata[i])->ended)
            g_ptr_array_add(live, w->sessions->pdata[i]);
    return live->len ? live->pdata[pair_random(w->pair, live->len)] : NULL;
}

static void do_something(World *w)
{
    Session *session = some_session(w);
    unsigned what = pair_random(w->pair, 10);

    if (!session || what == 0) {
        if (stox_sessions_count(w->pair->ends[0].sessions) < MAX_LIVE)
            open_session(w, &w->pair->ends[pair_random(w->pair, 2)]);
    } else if (what == 1) {
        close_session(w, session);
    } else if (session->open) {
        send_message(w, session);
    }
}

/* ---- What must hold ---- */

static void check_agreement(const World *w)
{
    for (unsigned i = 0; i < w->sessions->len; i++) {
        const Session *session = w->sessions->pdata[i];
        bool there = false;

        if (session->ended || !session->open)
            continue;
        for (unsigned k = 0; k < w->sessions->len; k++) {
            const Session *peer = w->sessions->pdata[k];

            if (peer->end != session->end && strcmp(peer->call_id, session->call_id) == 0)
                there = there || (peer->open && !peer->ended);
        }
        if (!there)
            g_error("%s is open at one end only", session->call_id);
    }
}

static void check_messages(const World *w)
{
    for (unsigned i = 0; i < w->messages->len; i++) {
        const Message *message = &g_array_index(w->messages, Message, i);
        bool accepted = message->fate == STOX_SIP_ANSWERED && message->status < 300;
        bool gone = message->fate == STOX_SIP_ANSWERED && message->status == 481;

        g_assert_cmpuint(message->results, ==, 1);
        g_assert_cmpuint(message->arrivals, <=, 1);
        if (accepted)
            g_assert_cmpuint(message->arrivals, ==, 1);
        /* The gateway sends it again in another session. */
        if (gone)
            g_assert_cmpuint(message->arrivals, ==, 0);
    }
}

/* Adds to *opened and *delivered. */
static void run(const PairManners *manners, uint32_t seed, unsigned *opened, unsigned *delivered)
{
    World w = {.sessions = g_ptr_array_new_with_free_func(session_free),
               .messages = g_array_new(FALSE, FALSE, sizeof(Message))};

    w.pair = pair_new(manners, seed, on_event, &w);
    for (unsigned i = 0; i < DEEDS; i++) {
        do_something(&w);
        pair_run(w.pair, pair_random(w.pair, pair_random(w.pair, 10) ? 500 : 60000));
    }
    pair_run(w.pair, 400000);
    check_agreement(&w);
    for (unsigned i = 0; i < w.sessions->len; i++)
        if (!((Session *) w.sessions->pdata[i])->ended)
            close_session(&w, w.sessions->pdata[i]);
    pair_run(w.pair, 400000);
    for (unsigned i = 0; i < w.sessions->len; i++)
        g_assert_true(((Session *) w.sessions->pdata[i])->ended);
    check_messages(&w);
    for (unsigned i = 0; i < w.sessions->len; i++)
        *opened += ((Session *) w.sessions->pdata[i])->open;
    for (unsigned i = 0; i < w.messages->len; i++)
        *delivered += g_array_index(w.messages, Message, i).arrivals;
    pair_assert_empty(w.pair);
    pair_free(w.pair);
    g_ptr_array_unref(w.sessions);
    g_array_unref(w.messages);
}

static void test(gconstpointer data)
{
    const char *only = g_getenv("PAIR_SEED"), *more = g_getenv("PAIR_SEEDS");
    uint64_t seeds = more ? g_ascii_strtoull(more, NULL, 10) : SEEDS;
    unsigned opened = 0, delivered = 0;

    for (uint32_t seed = 0; seed < seeds; seed++) {
        if (only && g_ascii_strtoull(only, NULL, 10) != seed)
            continue;
        g_test_message("seed %u", seed);
        run(data, seed, &opened, &delivered);
    }
    g_test_message("%u ends of sessions opened, %u messages delivered", opened, delivered);
    g_assert_cmpuint(opened, >, 0);
    g_assert_cmpuint(delivered, >, 0);
}

static const PairManners manners[] = {
    {.name = "in-order", .in_order = true, .max_delay_ms = 300},
    {.name = "overtaking", .max_delay_ms = 300},
    {.name = "session-timer",
     .max_delay_ms = 300,
     .invite_line = "Session-Expires: 90;refresher=%s"},
    {.name = "session-timer-by-reinvite",
     .max_delay_ms = 300,
     .invite_line = "Session-Expires: 90;refresher=%s",
     .no_update = true},
    {.name = "datagrams", .datagrams = true, .twice = 100, .lost = 100, .max_delay_ms = 300},
    {.name = "datagrams-session-timer",
     .datagrams = true,
     .twice = 100,
     .lost = 100,
     .max_delay_ms = 300,
     .invite_line = "Session-Expires: 90;refresher=%s",
     .no_update = true},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(manners); i++) {
        g_autofree char *path = g_strconcat("/sip/pair/session/", manners[i].name, NULL);

        g_test_add_data_func(path, &manners[i], test);
    }
    return g_test_run();
}
