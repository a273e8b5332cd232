/* SPDX-License-Identifier: MIT */
/* stoxd run: foreground, sd_notify; SIGHUP reads TLS files again; SIGTERM and SIGINT stop in order, a second one at once. */
#include "component/verb.h"

#include "component/daemon.h"
#include "component/log.h"
#include "conf/check.h"

#include <glib-unix.h>
#include <systemd/sd-daemon.h>

#include <stdio.h>

typedef struct {
    GMainLoop *loop;
    StoxDaemon *daemon;
    unsigned signals;
} Run;

static void stopped_cb(void *user)
{
    g_main_loop_quit(((Run *) user)->loop);
}

static gboolean signal_cb(gpointer user)
{
    Run *run = user;

    if (run->signals++ > 0) {
        g_warning("second signal: stopping at once");
        g_main_loop_quit(run->loop);
        return G_SOURCE_CONTINUE;
    }
    g_message("stopping");
    sd_notify(0, "STOPPING=1\nSTATUS=stopping");
    stox_daemon_stop(run->daemon, stopped_cb, run);
    return G_SOURCE_CONTINUE;
}

static gboolean reload_cb(gpointer user)
{
    Run *run = user;

    if (run->signals == 0)
        stox_daemon_reload(run->daemon);
    return G_SOURCE_CONTINUE;
}

static int run_daemon(const StoxSettings *settings)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autoptr(GError) error = NULL;
    g_autoptr(StoxDaemon) daemon = NULL;
    Run run = {.loop = loop};

    /* Before the listeners open: who sees them may send a signal at once. */
    g_unix_signal_add(SIGTERM, signal_cb, &run);
    g_unix_signal_add(SIGINT, signal_cb, &run);
    g_unix_signal_add(SIGHUP, reload_cb, &run);
    run.daemon = daemon = stox_daemon_new(settings, &error);
    if (!daemon) {
        sd_notifyf(0, "STATUS=%s", error->message);
        g_critical("%s", error->message);
        return STOX_EXIT_WRONG;
    }
    stox_daemon_start(daemon);
    g_message("stoxd " STOX_VERSION " runs");
    sd_notify(0, "READY=1");
    g_main_loop_run(loop);
    g_message("stopped");
    return STOX_EXIT_GOOD;
}

int stox_verb_run(int argc, char **argv)
{
    gboolean debug = FALSE;
    const GOptionEntry entries[] = {
        {"debug", 'd', 0, G_OPTION_ARG_NONE, &debug, "Log what happens in detail", NULL},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GPtrArray) findings = NULL;
    int status;
    g_autoptr(StoxSettings) settings = stox_verb_load(
        argc, argv, entries, "- run the gateway in the foreground", &findings, &status);

    stox_log_init(debug);
    if (findings)
        stox_check_print(findings, stderr, false);
    return settings ? run_daemon(settings) : status;
}
