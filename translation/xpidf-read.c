/* SPDX-License-Identifier: MIT */
/* XPIDF as Windows Messenger, LCS and many SIP phones send it: one presentity, atoms with addresses (lync.md 4.8 b). */
#include "translation/presence-document-private.h"

#include "translation/pidf-private.h"

#include <string.h>

bool stox_xpidf_is(const StoxXmlNode *root)
{
    return stox_xml_is(root, "", "presence");
}

const char *stox_xpidf_entity(const StoxXmlNode *root)
{
    const StoxXmlNode *presentity = stox_xml_child(root, NULL, "presentity");

    return presentity ? stox_xml_attr(presentity, "uri") : NULL;
}

/* Its words and those of PIDF; the first four stand in <status/>, the others in <msnsubstatus/>. */
static const struct {
    const char *word, *activity;
} words[] = {
    {"inuse", "busy"},
    {"inactive", "idle"},
    {"closed", "offline"},
    {"open", "available"},
    {"online", "available"},
    {"away", "away"},
    {"idle", "idle"},
    {"busy", "busy"},
    {"berightback", "be-right-back"},
    {"onthephone", "on-the-phone"},
    {"outtolunch", "out-to-lunch"},
    {"offline", "offline"},
};

/* NULL when `word` is NULL or unknown. */
static const StoxActivity *activity_of(const char *word)
{
    for (size_t i = 0; word && i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(words[i].word, word) == 0)
            return stox_activity_find(words[i].activity);
    return NULL;
}

static const char *attr_of_child(const StoxXmlNode *node, const char *name, const char *attr)
{
    const StoxXmlNode *child = stox_xml_child(node, NULL, name);

    return child ? stox_xml_attr(child, attr) : NULL;
}

/* Closed says all; else the finer word speaks. NULL: no status that we know. */
static const StoxActivity *address_activity(const StoxXmlNode *address)
{
    const StoxActivity *basic = activity_of(attr_of_child(address, "status", "status"));
    const StoxActivity *fine = activity_of(attr_of_child(address, "msnsubstatus", "substatus"));

    if (basic && basic->state == STOX_LYNC_OFFLINE)
        return basic;
    return fine ? fine : basic;
}

static char *find_note(const StoxXmlNode *address)
{
    for (const StoxXmlNode *at = address; at; at = at->parent) {
        const StoxXmlNode *note = stox_xml_child(at, NULL, "note");
        char *text = note ? stox_presence_text(note->text, STOX_MAX_NOTE) : NULL;

        if (text)
            return text;
    }
    return NULL;
}

/* All addresses are one presentity without a name; stox_presence_add() keeps the one that counts. */
static void read_address(const StoxXmlNode *address, const StoxPresenceReading *how,
                         StoxPresenceReport *report)
{
    const StoxActivity *activity = address_activity(address);
    const char *uri = stox_xml_attr(address, "uri");
    g_autofree char *note = NULL;
    StoxPresentity *presentity;

    if (!activity || (uri && g_ascii_strncasecmp(uri, "tel:", 4) == 0)) /* P-143 */
        return;
    presentity = g_new0(StoxPresentity, 1);
    presentity->resource = g_strdup("");
    presentity->activity = activity;
    presentity->state = activity->state;
    presentity->open = activity->state != STOX_LYNC_OFFLINE;
    presentity->show = stox_activity_show(activity, how->busy_as);
    presentity->text = activity->text;
    if (presentity->open)
        presentity->priority = stox_pidf_q_to_priority(stox_xml_attr(address, "priority"));
    note = find_note(address);
    stox_notes_add(&presentity->notes, note, how->lang);
    stox_presence_add(report, presentity);
}

void stox_xpidf_read(const StoxXmlNode *root, const StoxPresenceReading *how,
                     StoxPresenceReport *report)
{
    const StoxXmlNode *display = stox_xml_child(root, NULL, "display");
    const char *name = display ? stox_xml_attr(display, "name") : NULL;

    for (const StoxXmlNode *atom = stox_xml_child(root, NULL, "atom"); atom;
         atom = stox_xml_next(atom, NULL, "atom"))
        for (const StoxXmlNode *at = stox_xml_child(atom, NULL, "address"); at;
             at = stox_xml_next(at, NULL, "address"))
            read_address(at, how, report);
    if (name && !report->display_name)
        report->display_name = stox_presence_text(name, STOX_MAX_DISPLAY_NAME);
}
