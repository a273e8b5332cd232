/* SPDX-License-Identifier: MIT */
#include "translation/pidf-private.h"
#include "translation/xml.h"

#include <string.h>

#define MAX_NOTE 4096 /* bytes: every watcher gets it with every tuple */

/* What tuples fall back on (P-137), and whether the document's own <show/> speaks (P-138). */
typedef struct {
    const StoxXmlNode *root;
    const StoxXmlNode *person; /* the first one (P-153); may be NULL */
    bool
        has_shows; /* an XMPP gateway wrote it: a tuple without <show/> is online, whatever the person does */
} Document;

#define NOTHING (-1) /* the rank of no activity */

/* RFC 3863 prints its namespace once with a colon at its end. */
static bool is_pidf(const StoxXmlNode *node, const char *name)
{
    return stox_xml_is(node, NS_PIDF, name) || stox_xml_is(node, NS_PIDF ":", name);
}

static bool is_rpid(const StoxXmlNode *node, const char *name)
{
    return stox_xml_is(node, NS_RPID, name) || stox_xml_is(node, NS_RPID_OLD, name);
}

static const StoxXmlNode *pidf_child(const StoxXmlNode *node, const char *name)
{
    for (const StoxXmlNode *child = node->first_child; child; child = child->next)
        if (is_pidf(child, name))
            return child;
    return NULL;
}

/* Without white space at both ends; caller frees. */
static char *trimmed(const char *text)
{
    return g_strstrip(g_strdup(text));
}

/* ---- Activities (P-150, both namespaces) ---- */

/* Of two activities, the one that comes first in the table. */
static void consider(int *rank, const char *text)
{
    g_autofree char *word = trimmed(text);
    int other = stox_activity_rank(word);

    if (other >= 0 && (*rank == NOTHING || other < *rank))
        *rank = other;
}

/* `node` is <activities/>: RFC 4480's children are named like the activity, Microsoft's <activity/> holds the word. */
static void read_activities(const StoxXmlNode *node, int *rank)
{
    for (const StoxXmlNode *child = node->first_child; child; child = child->next)
        consider(rank, strcmp(child->name, "activity") == 0 ? child->text : child->name);
}

static void find_activities(const StoxXmlNode *holder, int *rank)
{
    if (!holder)
        return;
    for (const StoxXmlNode *child = holder->first_child; child; child = child->next) {
        if (is_rpid(child, "activities"))
            read_activities(child, rank);
        else if (is_rpid(child, "activity"))
            consider(rank, child->text);
    }
}

/* The text of <other/>, which is all that P-150f's `other` says; NULL without. */
static const char *find_other(const StoxXmlNode *holder)
{
    if (!holder)
        return NULL;
    for (const StoxXmlNode *child = holder->first_child; child; child = child->next) {
        const StoxXmlNode *other;

        if (!is_rpid(child, "activities"))
            continue;
        other = stox_xml_child(child, NULL, "other");
        if (other && *other->text)
            return other->text;
    }
    return NULL;
}

/* ---- Idle (P-152) ---- */

/* Sets the presentity's idle time; false: active, or nothing said. */
static bool read_idle(const StoxXmlNode *holder, StoxPresentity *presentity)
{
    if (!holder)
        return false;
    for (const StoxXmlNode *child = holder->first_child; child; child = child->next) {
        const char *since;
        g_autofree char *state = NULL;
        g_autoptr(GDateTime) time = NULL;

        if (!is_rpid(child, "user-input"))
            continue;
        state = trimmed(child->text);
        if (g_ascii_strcasecmp(state, "idle") != 0 && g_ascii_strcasecmp(state, "inactive") != 0)
            return false;
        since = stox_xml_attr(child, "last-input");
        time = since ? g_date_time_new_from_iso8601(since, NULL) : NULL;
        if (time)
            presentity->idle_since_wall_ms =
                MAX(0, g_date_time_to_unix(time) * 1000 + g_date_time_get_microsecond(time) / 1000);
        return true;
    }
    return false;
}

/* ---- Notes ---- */

/* At most `max` bytes, whole characters. */
static char *cut(const char *text, size_t max)
{
    size_t n = strlen(text);

    if (n > max)
        for (n = max; n > 0 && ((unsigned char) text[n] & 0xC0) == 0x80; n--)
            ;
    return g_strndup(text, n);
}

static bool take_note(const StoxXmlNode *holder, StoxPresentity *presentity)
{
    if (!holder)
        return false;
    for (const StoxXmlNode *child = holder->first_child; child; child = child->next) {
        g_autofree char *text = NULL;

        if (!is_pidf(child, "note") && !stox_xml_is(child, NS_DATA_MODEL, "note") &&
            !stox_xml_is(child, NS_RPID, "note"))
            continue;
        text = trimmed(child->text);
        if (*text == '\0')
            continue;
        presentity->note = cut(text, MAX_NOTE);
        presentity->lang = g_strdup(stox_xml_attr(child, STOX_XML_LANG));
        return true;
    }
    return false;
}

/* ---- One tuple ---- */

typedef enum {
    BASIC_ABSENT,
    BASIC_OPEN,
    BASIC_CLOSED,
    BASIC_UNKNOWN /* baresip's word; none of RFC 3863's */
} Basic;

static Basic read_basic(const StoxXmlNode *status)
{
    const StoxXmlNode *basic = status ? pidf_child(status, "basic") : NULL;
    g_autofree char *word = NULL;

    if (!basic)
        return BASIC_ABSENT;
    word = trimmed(basic->text);
    if (g_ascii_strcasecmp(word, "open") == 0)
        return BASIC_OPEN;
    return g_ascii_strcasecmp(word, "closed") == 0 ? BASIC_CLOSED : BASIC_UNKNOWN;
}

static const StoxXmlNode *find_show(const StoxXmlNode *tuple)
{
    const StoxXmlNode *status = pidf_child(tuple, "status");
    const StoxXmlNode *show = status ? stox_xml_child(status, NS_CLIENT, "show") : NULL;

    return show ? show : stox_xml_child(tuple, NS_CLIENT, "show");
}

/* P-143: telephones and services that say they take no messages are not for chat. */
static bool is_for_chat(const StoxXmlNode *tuple)
{
    const StoxXmlNode *contact = pidf_child(tuple, "contact");
    const StoxXmlNode *caps = stox_xml_child(tuple, NS_CAPS, "servcaps");
    const StoxXmlNode *message = caps ? stox_xml_child(caps, NS_CAPS, "message") : NULL;
    g_autofree char *takes = message ? trimmed(message->text) : NULL;
    g_autofree char *uri = contact ? trimmed(contact->text) : NULL;

    if (uri && g_ascii_strncasecmp(uri, "tel:", 4) == 0)
        return false;
    return !takes || (strcmp(takes, "false") != 0 && strcmp(takes, "0") != 0);
}

/* Show, activity, idle time and default text of an open tuple; may find that it is closed after all (P-150a). */
static void read_state(const Document *document, const StoxXmlNode *tuple, int activity,
                       StoxPresentity *presentity)
{
    const StoxXmlNode *show = find_show(tuple);
    g_autofree char *name = show ? trimmed(show->text) : NULL;
    const char *text = NULL;

    if (activity != NOTHING) {
        stox_activity_map(stox_activity_word(activity), &presentity->open, &presentity->show,
                          &text);
        presentity->activity = g_strdup(stox_activity_word(activity));
    }
    if (name && stox_show_from_name(name, &presentity->show))
        text = NULL;
    if ((read_idle(tuple, presentity) || read_idle(pidf_child(tuple, "status"), presentity) ||
         (!document->has_shows && read_idle(document->person, presentity))) &&
        presentity->show == STOX_SHOW_ONLINE)
        presentity->show = STOX_SHOW_AWAY;
    if (!presentity->note && text)
        presentity->note = g_strdup(text);
}

/* P-137 */
static void read_note(const Document *document, const StoxXmlNode *tuple,
                      StoxPresentity *presentity)
{
    const StoxXmlNode *holders[] = {tuple, pidf_child(tuple, "status"), document->person,
                                    document->root};

    for (size_t i = 0; i < G_N_ELEMENTS(holders); i++)
        if (take_note(holders[i], presentity))
            return;
    for (size_t i = 0; i < G_N_ELEMENTS(holders); i++) {
        const char *other = find_other(holders[i]);

        if (other) {
            presentity->note = cut(other, MAX_NOTE);
            return;
        }
    }
}

/* NULL: the tuple says nothing about chat. */
static StoxPresentity *read_tuple(const Document *document, const StoxXmlNode *tuple)
{
    const StoxXmlNode *status = pidf_child(tuple, "status");
    const StoxXmlNode *contact = pidf_child(tuple, "contact");
    const char *id = stox_xml_attr(tuple, "id");
    Basic basic = read_basic(status);
    int activity = NOTHING;
    bool says_more;
    StoxPresentity *presentity;

    if (!is_for_chat(tuple))
        return NULL;
    find_activities(status, &activity);
    find_activities(tuple, &activity);
    if (activity == NOTHING && !document->has_shows)
        find_activities(document->person, &activity);
    says_more = activity != NOTHING || find_show(tuple);
    if (basic == BASIC_ABSENT && !says_more)
        return NULL;

    presentity = g_new0(StoxPresentity, 1);
    presentity->resource = stox_pidf_id_to_resource(id ? id : "");
    /* P-143; "unknown" alone is no sign of anybody being there. */
    presentity->open = basic == BASIC_OPEN || (basic != BASIC_CLOSED && says_more);
    read_note(document, tuple, presentity);
    if (presentity->open)
        read_state(document, tuple, activity, presentity);
    if (!presentity->open) { /* P-144 */
        presentity->show = STOX_SHOW_ONLINE;
        presentity->idle_since_wall_ms = 0;
    } else if (contact) {
        presentity->priority = stox_pidf_q_to_priority(stox_xml_attr(contact, "priority"));
    }
    return presentity;
}

/* ---- The document ---- */

static bool find_shows(const StoxXmlNode *root)
{
    for (const StoxXmlNode *child = root->first_child; child; child = child->next)
        if (is_pidf(child, "tuple") && find_show(child))
            return true;
    return false;
}

/* Two tuples of one id: the open one counts. */
static void add_tuple(StoxPresentities *presentities, StoxPresentity *presentity)
{
    for (guint i = 0; i < presentities->list->len; i++) {
        StoxPresentity *old = presentities->list->pdata[i];

        if (strcmp(old->resource, presentity->resource) != 0)
            continue;
        if (presentity->open && !old->open) {
            presentities->list->pdata[i] = presentity;
            presentity = old;
        }
        stox_presentity_free(presentity);
        return;
    }
    g_ptr_array_add(presentities->list, presentity);
}

bool stox_pidf_read(GBytes *bytes, StoxPresentities *ret_presentities, char **ret_entity,
                    const char **ret_why)
{
    size_t n;
    const char *data = g_bytes_get_data(bytes, &n);
    g_autoptr(StoxXmlTree) tree = stox_xml_parse(data, n, &stox_xml_limits_document, NULL);
    Document document = {.root = tree ? stox_xml_tree_root(tree) : NULL};
    unsigned tuples = 0;

    if (!tree || !is_pidf(document.root, "presence")) {
        *ret_why = tree ? "not a PIDF document" : "not well-formed XML within our limits";
        return false;
    }
    document.person = stox_xml_child(document.root, NS_DATA_MODEL, "person");
    document.has_shows = find_shows(document.root);
    stox_presentities_init(ret_presentities);
    for (const StoxXmlNode *child = document.root->first_child; child; child = child->next) {
        StoxPresentity *presentity;

        if (!is_pidf(child, "tuple") || tuples++ >= STOX_MAX_PRESENTITIES)
            continue;
        presentity = read_tuple(&document, child);
        if (presentity)
            add_tuple(ret_presentities, presentity);
    }
    *ret_entity = g_strdup(stox_xml_attr(document.root, "entity"));
    return true;
}
