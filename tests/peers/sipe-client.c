/* SPDX-License-Identifier: MIT */
/*
 * pidgin-sipe without a screen: one account of libpurple's prpl-sipe, commands on standard input, one event a line on
 * standard output. For the scenarios that want a real MS-SIP client (see tests/scenarios/_sipe.py).
 *
 *     sipe-client USER@DOMAIN ADDRESS:PORT DIRECTORY [--debug]
 *
 * Commands: im USER TEXT, typing USER, close USER, status ID [NOTE], add USER, remove USER, quit (or the end of the input).
 * Events: connected, disconnected REASON, im USER TEXT, undelivered USER TEXT, typing USER, stopped USER,
 * buddy USER ID [NOTE], problem TEXT. In texts a line break is \n and a backslash is \\.
 */
#include <purple.h>

#include <glib-unix.h>
#include <glib.h>

#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define UI    "stoxd-tests"
#define GROUP "Contacts"

static GMainLoop *loop;
static PurpleAccount *account;

static void event(const char *kind, const char *user, const char *text)
{
    fputs(kind, stdout);
    if (user != NULL)
        printf(" %s", g_str_has_prefix(user, "sip:") ? user + 4 : user);
    if (text != NULL && *text != '\0')
        putchar(' ');
    for (const char *c = text != NULL ? text : ""; *c != '\0'; c++) {
        if (*c == '\n')
            fputs("\\n", stdout);
        else if (*c == '\\')
            fputs("\\\\", stdout);
        else
            putchar(*c);
    }
    putchar('\n');
    fflush(stdout);
}

/* ---- libpurple's loop is GLib's ---- */

typedef struct {
    PurpleInputFunction function;
    gpointer data;
} Watch;

static gboolean watch_ready(GIOChannel *channel, GIOCondition condition, gpointer data)
{
    Watch *watch = data;
    int what = 0;
    if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
        what |= PURPLE_INPUT_READ;
    if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
        what |= PURPLE_INPUT_WRITE;
    watch->function(watch->data, g_io_channel_unix_get_fd(channel), what);
    return TRUE;
}

static guint watch_add(int fd, PurpleInputCondition condition, PurpleInputFunction function,
                       gpointer data)
{
    Watch *watch = g_new0(Watch, 1);
    watch->function = function;
    watch->data = data;
    GIOCondition wanted = G_IO_HUP | G_IO_ERR;
    if (condition & PURPLE_INPUT_READ)
        wanted |= G_IO_IN;
    if (condition & PURPLE_INPUT_WRITE)
        wanted |= G_IO_OUT | G_IO_NVAL;
    GIOChannel *channel = g_io_channel_unix_new(fd);
    guint id = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, wanted, watch_ready, watch, g_free);
    g_io_channel_unref(channel);
    return id;
}

static PurpleEventLoopUiOps loop_ops = {
    .timeout_add = g_timeout_add,
    .timeout_remove = g_source_remove,
    .input_add = watch_add,
    .input_remove = g_source_remove,
    .timeout_add_seconds = g_timeout_add_seconds,
};

/* ---- What happens ---- */

static void written(PurpleConversation *conversation, const char *name, const char *alias,
                    const char *message, PurpleMessageFlags flags, time_t when)
{
    (void) name, (void) alias, (void) when;
    const char *with = purple_conversation_get_name(conversation);
    bool undelivered = flags & PURPLE_MESSAGE_ERROR;
    /* A message of text/plain has no markup, and its line breaks are to be seen. */
    g_autofree char *text =
        undelivered ? purple_markup_strip_html(message) : purple_unescape_html(message);
    if (undelivered)
        event("undelivered", with, text);
    else if (flags & PURPLE_MESSAGE_RECV)
        event("im", with, text);
}

static PurpleConversationUiOps conversation_ops = {.write_conv = written};

static void *told(PurpleNotifyMsgType type, const char *title, const char *primary,
                  const char *secondary)
{
    (void) type, (void) title;
    g_autofree char *text = g_strjoin(": ", primary != NULL ? primary : "", secondary, NULL);
    event("problem", NULL, text);
    return NULL;
}

static PurpleNotifyUiOps notify_ops = {.notify_message = told};

static void debug_line(PurpleDebugLevel level, const char *category, const char *line)
{
    (void) level;
    fprintf(stderr, "%s: %s", category != NULL ? category : "", line);
}

static PurpleDebugUiOps debug_ops = {.print = debug_line};

static void signed_on(PurpleConnection *connection, gpointer data)
{
    (void) connection, (void) data;
    event("connected", NULL, NULL);
}

static void signed_off(PurpleConnection *connection, gpointer data)
{
    (void) connection, (void) data;
    event("disconnected", NULL, "signed off");
    g_main_loop_quit(loop);
}

static void failed(PurpleConnection *connection, PurpleConnectionError reason, const char *text,
                   gpointer data)
{
    (void) connection, (void) reason, (void) data;
    event("disconnected", NULL, text);
}

static void typing(PurpleAccount *whose, const char *name, gpointer data)
{
    (void) whose;
    event(data, name, NULL);
}

static void tell_buddy(PurpleBuddy *buddy)
{
    PurpleStatus *status = purple_presence_get_active_status(purple_buddy_get_presence(buddy));
    const char *note = purple_status_get_attr_string(status, "message");
    g_autofree char *plain = note != NULL ? purple_markup_strip_html(note) : g_strdup("");
    g_autofree char *text =
        g_strjoin(*plain != '\0' ? " " : "", purple_status_get_id(status), plain, NULL);
    event("buddy", purple_buddy_get_name(buddy), text);
}

static void buddy_changed(PurpleBuddy *buddy, PurpleStatus *before, PurpleStatus *now,
                          gpointer data)
{
    (void) before, (void) now, (void) data;
    tell_buddy(buddy);
}

static void buddy_came_or_went(PurpleBuddy *buddy, gpointer data)
{
    (void) data;
    tell_buddy(buddy);
}

static void listen_to_everything(void)
{
    static int handle;
    purple_signal_connect(purple_connections_get_handle(), "signed-on", &handle,
                          PURPLE_CALLBACK(signed_on), NULL);
    purple_signal_connect(purple_connections_get_handle(), "signed-off", &handle,
                          PURPLE_CALLBACK(signed_off), NULL);
    purple_signal_connect(purple_connections_get_handle(), "connection-error", &handle,
                          PURPLE_CALLBACK(failed), NULL);
    purple_signal_connect(purple_conversations_get_handle(), "buddy-typing", &handle,
                          PURPLE_CALLBACK(typing), "typing");
    purple_signal_connect(purple_conversations_get_handle(), "buddy-typing-stopped", &handle,
                          PURPLE_CALLBACK(typing), "stopped");
    purple_signal_connect(purple_blist_get_handle(), "buddy-status-changed", &handle,
                          PURPLE_CALLBACK(buddy_changed), NULL);
    purple_signal_connect(purple_blist_get_handle(), "buddy-signed-on", &handle,
                          PURPLE_CALLBACK(buddy_came_or_went), NULL);
    purple_signal_connect(purple_blist_get_handle(), "buddy-signed-off", &handle,
                          PURPLE_CALLBACK(buddy_came_or_went), NULL);
}

/* ---- What it is told ---- */

static PurpleConversation *conversation_with(const char *name)
{
    PurpleConversation *found =
        purple_find_conversation_with_account(PURPLE_CONV_TYPE_IM, name, account);
    return found != NULL ? found : purple_conversation_new(PURPLE_CONV_TYPE_IM, account, name);
}

static void add_buddy(const char *name)
{
    PurpleGroup *group = purple_find_group(GROUP);
    if (group == NULL) {
        group = purple_group_new(GROUP);
        purple_blist_add_group(group, NULL);
    }
    PurpleBuddy *buddy = purple_buddy_new(account, name, NULL);
    purple_blist_add_buddy(buddy, NULL, group, NULL);
    purple_account_add_buddy(account, buddy);
}

static void remove_buddy(const char *name)
{
    PurpleBuddy *buddy = purple_find_buddy(account, name);
    if (buddy == NULL) {
        event("problem", NULL, "no such buddy");
        return;
    }
    purple_account_remove_buddy(account, buddy, purple_buddy_get_group(buddy));
    purple_blist_remove_buddy(buddy);
}

static void set_status(const char *id, const char *note)
{
    if (purple_account_get_status(account, id) == NULL)
        event("problem", NULL, "no such status");
    else
        purple_account_set_status(account, id, TRUE, "message", note, NULL);
}

static void quit(void)
{
    if (purple_account_get_connection(account) == NULL)
        g_main_loop_quit(loop);
    else
        purple_account_disconnect(account); /* signed-off ends the loop */
}

static void obey(const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 3);
    guint count = g_strv_length(words);
    g_autofree char *name = count > 1 ? g_strconcat("sip:", words[1], NULL) : NULL;
    const char *rest = count > 2 ? words[2] : NULL;
    if (count == 1 && g_str_equal(words[0], "quit")) {
        quit();
    } else if (name == NULL || !purple_account_is_connected(account)) {
        event("problem", NULL, name == NULL ? "what is that?" : "not connected");
    } else if (g_str_equal(words[0], "im") && rest != NULL) {
        g_autofree char *markup = g_markup_escape_text(rest, -1);
        purple_conv_im_send(PURPLE_CONV_IM(conversation_with(name)), markup);
    } else if (g_str_equal(words[0], "typing")) {
        serv_send_typing(purple_account_get_connection(account), name, PURPLE_TYPING);
    } else if (g_str_equal(words[0], "close")) {
        purple_conversation_destroy(conversation_with(name));
    } else if (g_str_equal(words[0], "status")) {
        set_status(words[1], rest);
    } else if (g_str_equal(words[0], "add")) {
        add_buddy(name);
    } else if (g_str_equal(words[0], "remove")) {
        remove_buddy(name);
    } else {
        event("problem", NULL, "what is that?");
    }
}

static gboolean command(GIOChannel *channel, GIOCondition condition, gpointer data)
{
    (void) condition, (void) data;
    g_autofree char *line = NULL;
    if (g_io_channel_read_line(channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL) {
        quit();
        return FALSE;
    }
    obey(g_strchomp(line));
    return TRUE;
}

/* ---- Start ---- */

static bool start_purple(const char *directory, bool debug)
{
    purple_util_set_user_dir(directory);
    purple_debug_set_ui_ops(debug ? &debug_ops : NULL);
    purple_eventloop_set_ui_ops(&loop_ops);
    if (!purple_core_init(UI))
        return false;
    purple_set_blist(purple_blist_new());
    purple_prefs_set_bool("/purple/logging/log_ims", FALSE);
    purple_prefs_set_bool("/purple/logging/log_system", FALSE);
    purple_network_set_public_ip("");
    purple_conversations_set_ui_ops(&conversation_ops);
    purple_notify_set_ui_ops(&notify_ops);
    return purple_find_prpl("prpl-sipe") != NULL;
}

static void sign_on(const char *user, const char *server)
{
    account = purple_account_new(user, "prpl-sipe");
    purple_account_set_password(account, "none");
    purple_account_set_string(account, "server", server);
    purple_account_set_string(account, "transport", "tcp");
    purple_account_set_string(account, "authentication",
                              "ntlm"); /* never asked for: the registrar challenges nobody */
    purple_accounts_add(account);
    purple_savedstatus_activate(purple_savedstatus_new(NULL, PURPLE_STATUS_AVAILABLE));
    purple_account_set_enabled(account, UI, TRUE);
}

int main(int argc, char **argv)
{
    bool debug = argc == 5 && g_str_equal(argv[4], "--debug");
    if (argc != 4 && !debug) {
        fprintf(stderr, "usage: %s USER@DOMAIN ADDRESS:PORT DIRECTORY [--debug]\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    loop = g_main_loop_new(NULL, FALSE);
    if (!start_purple(argv[3], debug)) {
        event("disconnected", NULL, "libpurple has no prpl-sipe (package pidgin-sipe)");
        return 1;
    }
    listen_to_everything();
    sign_on(argv[1], argv[2]);
    GIOChannel *input = g_io_channel_unix_new(STDIN_FILENO);
    g_io_add_watch(input, G_IO_IN | G_IO_HUP, command, NULL);
    g_main_loop_run(loop);
    g_io_channel_unref(input);
    purple_core_quit();
    g_main_loop_unref(loop);
    return 0;
}
