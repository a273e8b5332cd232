/* SPDX-License-Identifier: MIT */
#include "translation/pidf-private.h"

#include <string.h>

#define NS_TIMED    "urn:ietf:params:xml:ns:pidf:timed-status"
#define MAX_DEVICES 64 /* that are looked at */

/* What tuples fall back on (P-137), and whether the document's own <show/> speaks (P-138). */
typedef struct {
    const StoxPresenceReading *how;
    const StoxXmlNode *root;
    const StoxXmlNode *person; /* the first one (P-153); may be NULL */
    bool
        has_shows; /* an XMPP gateway wrote it: a tuple without <show/> is online, whatever the person does */
} Document;

bool stox_pidf_is_document(const StoxXmlNode *root)
{
    return stox_pidf_is(root, "presence");
}

/* ---- Notes (P-136, P-137, P-139) ---- */

static bool is_note(const StoxXmlNode *node)
{
    return stox_pidf_is(node, "note") || stox_xml_is(node, NS_DATA_MODEL, "note") ||
           stox_xml_is(node, NS_RPID, "note");
}

/* xml:lang holds for all that is inside (XML 1.0 s2.12); Content-Language for what does not say. */
static const char *lang_of(const StoxXmlNode *node, const char *fallback)
{
    for (; node; node = node->parent) {
        const char *lang = stox_xml_attr(node, STOX_XML_LANG);

        if (lang)
            return *lang ? lang : NULL;
    }
    return fallback;
}

/* All languages of one holder: what another one says is another note. */
static bool take_notes(const Document *document, const StoxXmlNode *holder,
                       StoxPresentity *presentity)
{
    if (!holder)
        return false;
    for (const StoxXmlNode *child = holder->first_child; child; child = child->next) {
        g_autofree char *text =
            is_note(child) ? stox_presence_text(child->text, STOX_MAX_NOTE) : NULL;

        if (text)
            stox_notes_add(&presentity->notes, text, lang_of(child, document->how->lang));
    }
    return presentity->notes.n > 0;
}

/* Without a note, the text of <other/>, which is all that P-150f's `other` says. */
static void read_notes(const Document *document, const StoxXmlNode *tuple,
                       const StoxXmlNode *status, StoxPresentity *presentity)
{
    const StoxXmlNode *holders[] = {tuple, status, document->person, document->root};

    for (size_t i = 0; i < G_N_ELEMENTS(holders); i++)
        if (take_notes(document, holders[i], presentity))
            return;
    for (size_t i = 0; i < G_N_ELEMENTS(holders); i++) {
        g_autofree char *other = stox_pidf_other(holders[i], document->how->now_wall_ms);

        if (stox_notes_add(&presentity->notes, other, NULL))
            return;
    }
}

/* ---- The parts of a tuple ---- */

typedef enum {
    BASIC_ABSENT,
    BASIC_OPEN,
    BASIC_CLOSED,
    BASIC_UNKNOWN /* baresip's word; none of RFC 3863's */
} Basic;

static Basic read_basic(const StoxXmlNode *status)
{
    const StoxXmlNode *basic = status ? stox_pidf_child(status, "basic") : NULL;
    g_autofree char *word = NULL;

    if (!basic && status)
        basic = stox_xml_child(status, NS_TIMED, "basic");
    if (!basic)
        return BASIC_ABSENT;
    word = stox_presence_text(basic->text, STOX_MAX_NOTE);
    if (word && g_ascii_strcasecmp(word, "open") == 0)
        return BASIC_OPEN;
    return word && g_ascii_strcasecmp(word, "closed") == 0 ? BASIC_CLOSED : BASIC_UNKNOWN;
}

/* <status/>, or what is said to stand in its place just now (RFC 4481). */
static const StoxXmlNode *find_status(const StoxXmlNode *tuple, int64_t now_wall_ms)
{
    for (const StoxXmlNode *timed = stox_xml_child(tuple, NS_TIMED, "timed-status"); timed;
         timed = stox_xml_next(timed, NS_TIMED, "timed-status"))
        if (stox_pidf_is_current(timed, now_wall_ms))
            return timed;
    return stox_pidf_child(tuple, "status");
}

static const StoxXmlNode *find_show(const StoxXmlNode *tuple, const StoxXmlNode *status)
{
    const StoxXmlNode *show = status ? stox_xml_child(status, NS_CLIENT, "show") : NULL;

    return show ? show : stox_xml_child(tuple, NS_CLIENT, "show");
}

static char *device_id(const StoxXmlNode *node)
{
    const StoxXmlNode *id = stox_xml_child(node, NS_DATA_MODEL, "deviceID");

    return id ? stox_presence_text(id->text, STOX_MAX_NOTE) : NULL;
}

/* The device that the tuple runs on (RFC 4479 s3.4); NULL for none. */
static const StoxXmlNode *find_device(const Document *document, const StoxXmlNode *tuple)
{
    g_autofree char *id = device_id(tuple);
    unsigned n = 0;

    if (!id)
        return NULL;
    for (const StoxXmlNode *device = stox_xml_child(document->root, NS_DATA_MODEL, "device");
         device && n++ < MAX_DEVICES; device = stox_xml_next(device, NS_DATA_MODEL, "device")) {
        g_autofree char *other = device_id(device);

        if (g_strcmp0(other, id) == 0)
            return device;
    }
    return NULL;
}

/* ---- One tuple ---- */

/* What the tuple itself says he does, else his device, else he as a person. */
static const StoxActivity *find_activity(const Document *document, const StoxXmlNode *tuple,
                                         const StoxXmlNode *status, const StoxXmlNode *device)
{
    int64_t now_wall_ms = document->how->now_wall_ms;
    const StoxActivity *activity = NULL;

    stox_pidf_activities(status, now_wall_ms, &activity);
    stox_pidf_activities(tuple, now_wall_ms, &activity);
    if (!activity)
        stox_pidf_activities(device, now_wall_ms, &activity);
    if (!activity && !document->has_shows)
        stox_pidf_activities(document->person, now_wall_ms, &activity);
    return activity;
}

static void use_activity(const StoxActivity *activity, StoxShow busy_as, StoxPresentity *presentity)
{
    presentity->activity = activity;
    presentity->state = activity->state;
    presentity->open = activity->state != STOX_LYNC_OFFLINE;
    presentity->show = stox_activity_show(activity, busy_as);
    presentity->text = activity->text;
}

/* P-152; the tuple's word outdoes the device's, that the person's. */
static void use_idle(const StoxXmlNode *const holders[], size_t n, StoxPresentity *presentity)
{
    int64_t since_ms = 0;
    bool idle = false;

    for (size_t i = 0; i < n; i++)
        if (stox_pidf_idle(holders[i], &idle, &since_ms))
            break;
    if (!idle)
        return;
    presentity->idle_since_wall_ms = since_ms;
    if (presentity->show == STOX_SHOW_ONLINE)
        presentity->show = STOX_SHOW_AWAY;
}

/* Show, activity, idle time of an open tuple; may find that it is closed after all (P-150a). */
static void read_state(const Document *document, const StoxXmlNode *tuple,
                       const StoxXmlNode *status, const StoxXmlNode *device,
                       const StoxActivity *activity, StoxPresentity *presentity)
{
    const StoxXmlNode *show = find_show(tuple, status);
    const StoxXmlNode *holders[] = {tuple, status, device,
                                    document->has_shows ? NULL : document->person};
    g_autofree char *name = show ? stox_presence_text(show->text, STOX_MAX_NOTE) : NULL;

    if (activity)
        use_activity(activity, document->how->busy_as, presentity);
    if (name && stox_show_from_name(name, &presentity->show))
        presentity->text = STOX_WORD_NONE;
    use_idle(holders, G_N_ELEMENTS(holders), presentity);
}

/* NULL: the tuple says nothing about chat. */
static StoxPresentity *read_tuple(const Document *document, const StoxXmlNode *tuple)
{
    const StoxXmlNode *status = find_status(tuple, document->how->now_wall_ms);
    const StoxXmlNode *contact = stox_pidf_child(tuple, "contact");
    const StoxXmlNode *device = find_device(document, tuple);
    const char *id = stox_xml_attr(tuple, "id");
    Basic basic = read_basic(status);
    const StoxActivity *activity;
    bool says_more;
    StoxPresentity *presentity;

    if (!stox_pidf_is_for_chat(tuple))
        return NULL;
    activity = find_activity(document, tuple, status, device);
    says_more = activity || find_show(tuple, status);
    if (basic == BASIC_ABSENT && !says_more)
        return NULL;

    presentity = g_new0(StoxPresentity, 1);
    presentity->resource = stox_pidf_id_to_resource(id ? id : "");
    /* P-143; "unknown" alone is no sign of anybody being there. */
    presentity->open = basic == BASIC_OPEN || (basic != BASIC_CLOSED && says_more);
    read_notes(document, tuple, status, presentity);
    if (presentity->open)
        read_state(document, tuple, status, device, activity, presentity);
    if (!presentity->open) { /* P-144 */
        presentity->show = STOX_SHOW_ONLINE;
        presentity->text = STOX_WORD_NONE;
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
        if (stox_pidf_is(child, "tuple") && find_show(child, stox_pidf_child(child, "status")))
            return true;
    return false;
}

/* A document without tuples: the person may say what he does, notes alone show nothing (P-142). */
static void read_person(const Document *document, StoxPresenceReport *report)
{
    StoxPresentity *presentity = g_new0(StoxPresentity, 1);
    const StoxXmlNode *holders[] = {document->person};
    const StoxActivity *activity = NULL;

    read_notes(document, NULL, NULL, presentity);
    stox_pidf_activities(document->person, document->how->now_wall_ms, &activity);
    if (!activity) {
        report->notes_only = presentity->notes.n > 0;
        stox_presentity_free(presentity);
        return;
    }
    presentity->resource = g_strdup("");
    use_activity(activity, document->how->busy_as, presentity);
    if (presentity->open)
        use_idle(holders, G_N_ELEMENTS(holders), presentity);
    stox_presence_add(report, presentity);
}

/* RFC 4482: under the document, a person or a tuple. */
static char *find_display_name(const StoxXmlNode *root)
{
    const StoxXmlNode *name = stox_xml_child(root, NS_CIPID, "display-name");

    for (const StoxXmlNode *child = root->first_child; child && !name; child = child->next)
        if (stox_xml_is(child, NS_DATA_MODEL, "person") || stox_pidf_is(child, "tuple"))
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

        if (!stox_pidf_is(child, "tuple") || tuples++ >= STOX_MAX_PRESENTITIES)
            continue;
        presentity = read_tuple(&document, child);
        if (presentity)
            stox_presence_add(report, presentity);
    }
    if (tuples == 0)
        read_person(&document, report);
    if (!report->display_name)
        report->display_name = find_display_name(root);
}
