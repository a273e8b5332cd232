/* SPDX-License-Identifier: MIT */
/* isComposing and KeyboardActivity (rows M-72, M-73, V-40; lync.md 4.5). */
#include "translation/composing.h"

#include <string.h>

#define NS   "xmlns='urn:ietf:params:xml:ns:im-iscomposing'"
#define OPEN "<isComposing " NS ">"
#define END  "</isComposing>"

typedef struct {
    const char *name, *input;
    const char *expected; /* NULL: not such a document */
} Case;

static const Case cases[] = {
    {"M-72-active",
     "<?xml version='1.0' encoding='UTF-8'?>\r\n" OPEN
     "<state>active</state><contenttype>text/plain</contenttype><refresh>90</refresh>" END,
     "active text/plain 90"},
    {"M-72-idle",
     OPEN "<state>idle</state><lastactive>2003-01-27T10:43:00Z</lastactive>"
          "<contenttype>audio</contenttype>" END,
     "idle 1043664180000 audio"},
    {"M-72-prefix",
     "<c:isComposing xmlns:c='urn:ietf:params:xml:ns:im-iscomposing'><c:state> active "
     "</c:state></c:isComposing>",
     "active"},
    {"M-72-schema-location",
     "<isComposing " NS " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
     "xsi:schemaLocation='urn:ietf:params:xml:ns:im-composing iscomposing.xsd'>"
     "<state>active</state>" END,
     "active"},
    {"M-72-other-order", OPEN "<refresh>60</refresh><state>active</state>" END, "active 60"},
    {"M-72-other-namespace", "<isComposing><state>active</state></isComposing>", NULL},
    {"M-72-other-root", "<composing " NS "><state>active</state></composing>", NULL},
    {"M-72-no-state", OPEN END, NULL},
    {"M-73-unknown-state", OPEN "<state>foo</state>" END, "idle"},
    {"M-73-case", OPEN "<state>Active</state>" END, "idle"},
    {"M-73-extension", OPEN "<state>active</state><x xmlns='y'><state>idle</state></x>" END,
     "active"},
    {"M-73-extension-in-front", OPEN "<state xmlns='y'>idle</state><state>active</state>" END,
     "active"},
    {"M-74-refresh-is-capped", OPEN "<state>active</state><refresh>4000000000</refresh>" END,
     "active 3600"},
    {"M-74-refresh-zero", OPEN "<state>active</state><refresh>0</refresh>" END, NULL},
    {"M-74-refresh-negative", OPEN "<state>active</state><refresh>-1</refresh>" END, NULL},
    {"M-74-refresh-word", OPEN "<state>active</state><refresh>soon</refresh>" END, NULL},
    {"no-time", OPEN "<state>idle</state><lastactive>now</lastactive>" END, NULL},
    {"no-xml", "active", NULL},
    {"empty", "", NULL},
    {"dtd", "<!DOCTYPE x [<!ENTITY a 'active'>]>" OPEN "<state>&a;</state>" END, NULL},
};

static const Case keyboards[] = {
    {"lync-4.5-type",
     "<?xml version=\"1.0\"?><KeyboardActivity><status status=\"type\" /></KeyboardActivity>",
     "type"},
    {"lync-4.5-idle", "<KeyboardActivity>\r\n  <status status=\"idle\" />\r\n</KeyboardActivity>",
     "idle"},
    {"lync-4.5-unknown-word", "<KeyboardActivity><status status='dance'/></KeyboardActivity>",
     "idle"},
    {"lync-4.5-no-status", "<KeyboardActivity/>", NULL},
    {"lync-4.5-no-word", "<KeyboardActivity><status/></KeyboardActivity>", NULL},
    {"lync-4.5-other-root", "<Activity><status status='type'/></Activity>", NULL},
    {"lync-4.5-broken", "<KeyboardActivity><status status='type'>", NULL},
    {"lync-4.5-empty", "", NULL},
};

static char *shown(const StoxComposing *composing)
{
    GString *out = g_string_new(composing->active ? "active" : "idle");

    if (composing->last_active_wall_ms)
        g_string_append_printf(out, " %" G_GINT64_FORMAT, composing->last_active_wall_ms);
    if (composing->content_type)
        g_string_append_printf(out, " %s", composing->content_type);
    if (composing->refresh_s)
        g_string_append_printf(out, " %u", composing->refresh_s);
    return g_string_free(out, FALSE);
}

static void test_read(gconstpointer data)
{
    const Case *c = data;
    g_autoptr(GBytes) body = g_bytes_new_static(c->input, strlen(c->input));
    g_auto(StoxComposing) composing = {0};
    bool read = stox_composing_read(body, &composing);
    g_autofree char *text = read ? shown(&composing) : NULL;

    g_assert_cmpstr(text, ==, c->expected);
    if (read) { /* there and back */
        g_autoptr(GBytes) written = stox_composing_write(&composing);
        g_auto(StoxComposing) again = {0};
        g_autofree char *after = NULL;

        g_assert_true(stox_composing_read(written, &again));
        after = shown(&again);
        g_assert_cmpstr(after, ==, text);
    }
}

/* M-72: the order of the schema. */
static void test_write(void)
{
    const StoxComposing composing = {.active = true,
                                     .last_active_wall_ms = 1043664180000,
                                     .content_type = (char *) "text/plain",
                                     .refresh_s = 90};
    g_autoptr(GBytes) body = stox_composing_write(&composing);
    g_autofree char *text = g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body));

    g_assert_cmpstr(text, ==,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n" OPEN "<state>active</state>"
                    "<lastactive>2003-01-27T10:43:00Z</lastactive>"
                    "<contenttype>text/plain</contenttype><refresh>90</refresh>" END);
}

/* lync.md 4.5-in */
static void test_keyboard_read(gconstpointer data)
{
    const Case *c = data;
    g_autoptr(GBytes) body = g_bytes_new_static(c->input, strlen(c->input));
    bool typing = false;
    bool read = stox_keyboard_read(body, &typing);

    g_assert_cmpstr(read ? (typing ? "type" : "idle") : NULL, ==, c->expected);
}

/* lync.md 4.5-out */
static void test_keyboard_write(void)
{
    for (int typing = 0; typing < 2; typing++) {
        g_autoptr(GBytes) body = stox_keyboard_write(typing);
        g_autofree char *text = g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body));
        bool again = !typing;

        g_assert_cmpstr(text, ==,
                        typing ? "<?xml version=\"1.0\"?><KeyboardActivity><status status=\"type\" "
                                 "/></KeyboardActivity>"
                               : "<?xml version=\"1.0\"?><KeyboardActivity><status status=\"idle\" "
                                 "/></KeyboardActivity>");
        g_assert_true(stox_keyboard_read(body, &again));
        g_assert_cmpint(again, ==, typing);
    }
}

/* What is larger than typing can be is not read. */
static void test_limit(void)
{
    g_autofree char *blanks = g_strnfill(9000, ' ');
    g_autofree char *text = g_strconcat(OPEN "<state>active</state>", blanks, END, NULL);
    g_autoptr(GBytes) body = g_bytes_new_static(text, strlen(text));
    g_auto(StoxComposing) composing = {0};

    g_assert_false(stox_composing_read(body, &composing));
    g_assert_false(stox_composing_read(NULL, &composing));
}

static void test_type(void)
{
    g_assert_true(stox_composing_is("Application/im-isComposing+xml; charset=utf-8"));
    g_assert_false(stox_composing_is("application/xml"));
    g_assert_false(stox_composing_is(NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/composing/read/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], test_read);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(keyboards); i++) {
        g_autofree char *path = g_strconcat("/composing/keyboard/", keyboards[i].name, NULL);

        g_test_add_data_func(path, &keyboards[i], test_keyboard_read);
    }
    g_test_add_func("/composing/M-72-write", test_write);
    g_test_add_func("/composing/lync-4.5-write", test_keyboard_write);
    g_test_add_func("/composing/limit", test_limit);
    g_test_add_func("/composing/type", test_type);
    return g_test_run();
}
