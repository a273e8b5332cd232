/* SPDX-License-Identifier: MIT */
#include "translation/composing.h"

#include "translation/cpim.h"
#include "translation/xml.h"

#include <string.h>

#define NS          "urn:ietf:params:xml:ns:im-iscomposing"
#define MAX_REFRESH 3600

/* Typing comes often; whoever sends more than this means something else. */
static const StoxXmlLimits limits = {
    .max_bytes = 8192, .max_depth = 16, .max_attrs = 16, .max_nodes = 64, .max_text = 4096};

void stox_composing_clear(StoxComposing *composing)
{
    g_free(composing->content_type);
    memset(composing, 0, sizeof *composing);
}

bool stox_composing_is(const char *content_type)
{
    size_t n;

    if (!content_type)
        return false;
    content_type += strspn(content_type, " \t");
    n = strcspn(content_type, "; \t");
    return n == strlen(STOX_COMPOSING_TYPE) &&
           g_ascii_strncasecmp(content_type, STOX_COMPOSING_TYPE, n) == 0;
}

static StoxXmlTree *parse(GBytes *body)
{
    size_t n = 0;
    const char *data = body ? g_bytes_get_data(body, &n) : NULL;

    return n ? stox_xml_parse(data, n, &limits, NULL) : NULL;
}

/* xs:positiveInteger */
static bool read_refresh(const char *text, unsigned *ret_seconds)
{
    g_autofree char *word = g_strstrip(g_strdup(text));
    uint64_t seconds;

    if (!g_ascii_string_to_unsigned(word, 10, 1, G_MAXUINT32, &seconds, NULL))
        return false;
    *ret_seconds = (unsigned) MIN(seconds, MAX_REFRESH);
    return true;
}

static bool read_time(const char *text, int64_t *ret_wall_ms)
{
    g_autofree char *word = g_strstrip(g_strdup(text));
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(word, utc);

    if (!date || g_date_time_to_unix(date) <= 0)
        return false;
    *ret_wall_ms = g_date_time_to_unix(date) * 1000;
    return true;
}

bool stox_composing_read(GBytes *body, StoxComposing *ret_composing)
{
    g_autoptr(StoxXmlTree) tree = parse(body);
    const StoxXmlNode *root = tree ? stox_xml_tree_root(tree) : NULL;
    const StoxXmlNode *state, *node;
    g_auto(StoxComposing) composing = {0};
    g_autofree char *word = NULL;

    if (!root || !stox_xml_is(root, NS, "isComposing") ||
        !(state = stox_xml_child(root, NS, "state")))
        return false;
    word = g_strstrip(g_strdup(state->text));
    composing.active = strcmp(word, "active") == 0;
    if ((node = stox_xml_child(root, NS, "refresh")) &&
        !read_refresh(node->text, &composing.refresh_s))
        return false;
    if ((node = stox_xml_child(root, NS, "lastactive")) &&
        !read_time(node->text, &composing.last_active_wall_ms))
        return false;
    if ((node = stox_xml_child(root, NS, "contenttype")))
        composing.content_type = g_strstrip(g_strdup(node->text));
    *ret_composing = composing;
    memset(&composing, 0, sizeof composing);
    return true;
}

GBytes *stox_composing_write(const StoxComposing *composing)
{
    g_autofree char *date =
        composing->last_active_wall_ms ? stox_cpim_date(composing->last_active_wall_ms) : NULL;
    GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
                                "<isComposing xmlns='" NS "'>");

    stox_xml_append_element(out, "state", composing->active ? "active" : "idle");
    stox_xml_append_element(out, "lastactive", date);
    stox_xml_append_element(out, "contenttype", composing->content_type);
    if (composing->refresh_s)
        g_string_append_printf(out, "<refresh>%u</refresh>", composing->refresh_s);
    g_string_append(out, "</isComposing>");
    return g_string_free_to_bytes(out);
}

bool stox_keyboard_read(GBytes *body, bool *ret_typing)
{
    g_autoptr(StoxXmlTree) tree = parse(body);
    const StoxXmlNode *root = tree ? stox_xml_tree_root(tree) : NULL;
    const StoxXmlNode *status;
    const char *word;

    if (!root || !stox_xml_is(root, NULL, "KeyboardActivity") ||
        !(status = stox_xml_child(root, NULL, "status")) ||
        !(word = stox_xml_attr(status, "status")))
        return false;
    *ret_typing = strcmp(word, "type") == 0;
    return true;
}

GBytes *stox_keyboard_write(bool typing)
{
    static const char type[] = "<?xml version=\"1.0\"?><KeyboardActivity><status status=\"type\" />"
                               "</KeyboardActivity>";
    static const char idle[] = "<?xml version=\"1.0\"?><KeyboardActivity><status status=\"idle\" />"
                               "</KeyboardActivity>";

    return typing ? g_bytes_new_static(type, strlen(type)) : g_bytes_new_static(idle, strlen(idle));
}
