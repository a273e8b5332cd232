/* SPDX-License-Identifier: MIT */
#include "translation/presence-document-private.h"

#include "translation/pidf-private.h"

#include <string.h>

/* What tuples fall back on (P-137), and whether the document's own <show/> speaks (P-138). */
typedef struct {
    const StoxPresenceReading *how;
    const StoxXmlNode *root;
    const StoxXmlNode *person; /* the first one (P-153); may be NULL */
    bool
        has_shows; /* an XMPP gateway wrote it: a tuple without <show/> is online, whatever the person does */
} Document;

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
static void consider(const StoxActivity **activity, const char *text)
{
    g_autofree char *word = trimmed(text);
    const StoxActivity *other = stox_activity_find(word);

    if (other && (!*activity || other < *activity))
        *activity = other;
}

/* `node` is <activities/>: RFC 4480's children are named like the activity, Microsoft's <activity/> holds the word. */
static void read_activities(const StoxXmlNode *node, const StoxActivity **activity)
{
    for (const StoxXmlNode *child = node->first_child; child; child = child->next)
        consider(activity, strcmp(child->name, "activity") == 0 ? child->text : child->name);
}

static void find_activities(const StoxXmlNode *holder, const StoxActivity **activity)
{
    if (!holder)
        return;
    for (const StoxXmlNode *child = holder->first_child; child; child = child->next) {
        if (is_rpid(child, "activities"))
            read_activities(child, activity);
        else if (is_rpid(child, "activity"))
            consider(activity, child->text);
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

        if (!is_rpid(child, "user-input"))
            continue;
        state = trimmed(child->text);
        if (g_ascii_strcasecmp(state, "idle") != 0 && g_ascii_strcasecmp(state, "inactive") != 0)
            return false;
        since = stox_xml_attr(child, "last-input");
        presentity->idle_since_wall_ms = stox_presence_time(since);
        return true;
    }
    return false;
}

/* ---- Notes ---- */

static bool take_note(const StoxXmlNode *holder, StoxPresentity *presentity)
{
    if (!holder)
        return false;
    for (const StoxXmlNode *child = holder->first_child; child; child = child->next) {
        g_autofree char *text = NULL;

        if (!is_pidf(child, "note") && !stox_xml_is(child, NS_DATA_MODEL, "note") &&
            !stox_xml_is(child, NS_RPID, "note"))
            continue;
        text = stox_presence_text(child->text, STOX_MAX_NOTE);
        if (!text)
            continue;
        presentity->note = g_steal_pointer(&text);
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
static void read_state(const Document *document, const StoxXmlNode *tuple,
                       const StoxActivity *activity, StoxPresentity *presentity)
{
    const StoxXmlNode *show = find_show(tuple);
    g_autofree char *name = show ? trimmed(show->text) : NULL;

    if (activity) {
        presentity->activity = activity;
        presentity->state = activity->state;
        presentity->open = activity->state != STOX_LYNC_OFFLINE;
        presentity->show = stox_activity_show(activity, document->how->busy_as);
        presentity->text = activity->text;
    }
    if (name && stox_show_from_name(name, &presentity->show))
        presentity->text = STOX_WORD_NONE;
    if ((read_idle(tuple, presentity) || read_idle(pidf_child(tuple, "status"), presentity) ||
         (!document->has_shows && read_idle(document->person, presentity))) &&
        presentity->show == STOX_SHOW_ONLINE)
        presentity->show = STOX_SHOW_AWAY;
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
            presentity->note = stox_presence_text(other, STOX_MAX_NOTE);
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
    const StoxActivity *activity = NULL;
    bool says_more;
    StoxPresentity *presentity;

    if (!is_for_chat(tuple))
        return NULL;
    find_activities(status, &activity);
    find_activities(tuple, &activity);
    if (!activity && !document->has_shows)
        find_activities(document->person, &activity);
    says_more = activity || find_show(tuple);
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

/* RFC 4482: under the document, a person or a tuple. */
static char *find_display_name(const StoxXmlNode *root)
{
    const StoxXmlNode *name = stox_xml_child(root, NS_CIPID, "display-name");

    for (const StoxXmlNode *child = root->first_child; child && !name; child = child->next)
        if (stox_xml_is(child, NS_DATA_MODEL, "person") || is_pidf(child, "tuple"))
            name = stox_xml_child(child, NS_CIPID, "display-name");
    return name ? stox_presence_text(name->text, STOX_MAX_DISPLAY_NAME) : NULL;
}

void stox_pidf_read(const StoxXmlNode *root, const StoxPresenceReading *how,
                    StoxPresenceReport *report)
{
    Document document = {.how = how,
                         .root = root,
                         .person = stox_xml_child(root, NS_DATA_MODEL, "person"),
                         .has_shows = find_shows(root)};
    unsigned tuples = 0;

    for (const StoxXmlNode *child = root->first_child; child; child = child->next) {
        StoxPresentity *presentity;

        if (!is_pidf(child, "tuple") || tuples++ >= STOX_MAX_PRESENTITIES)
            continue;
        presentity = read_tuple(&document, child);
        if (presentity)
            add_tuple(&report->all, presentity);
    }
    if (!report->display_name)
        report->display_name = find_display_name(root);
}
