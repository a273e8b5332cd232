/* SPDX-License-Identifier: MIT */
/* What PIDF's extensions say about a tuple: RPID (RFC 4480, and Microsoft's older namespace), capabilities (RFC 5196), limits of time (RFC 4480 s2, RFC 4481). */
#include "translation/pidf-private.h"

#include <string.h>

#define MAX_ACTIVITIES 64 /* of one holder that are looked at */

bool stox_pidf_is(const StoxXmlNode *node, const char *name)
{
    /* RFC 3863 prints its namespace once with a colon at its end. */
    return stox_xml_is(node, NS_PIDF, name) || stox_xml_is(node, NS_PIDF ":", name);
}

const StoxXmlNode *stox_pidf_child(const StoxXmlNode *node, const char *name)
{
    for (const StoxXmlNode *child = node->first_child; child; child = child->next)
        if (stox_pidf_is(child, name))
            return child;
    return NULL;
}

/* RFC 4480's namespace, Microsoft's older one and those of the drafts between. */
static bool is_rpid(const StoxXmlNode *node, const char *name)
{
    return strcmp(node->name, name) == 0 && (g_str_has_prefix(node->ns, NS_RPID) ||
                                             g_str_has_prefix(node->ns, NS_PIDF ":status:rpid"));
}

bool stox_pidf_is_current(const StoxXmlNode *node, int64_t now_wall_ms)
{
    int64_t from = stox_presence_time(stox_xml_attr(node, "from"));
    int64_t until = stox_presence_time(stox_xml_attr(node, "until"));

    return from <= now_wall_ms && (until == 0 || until > now_wall_ms);
}

/* ---- Activities (P-150) ---- */

/* Of two activities, the one that comes first in the table. */
static void consider(const StoxActivity **activity, const char *text)
{
    g_autofree char *word = stox_presence_text(text, STOX_MAX_NOTE);
    const StoxActivity *other = word ? stox_activity_find(word) : NULL;

    if (other && (!*activity || other < *activity))
        *activity = other;
}

/* RFC 4480's children are named like the activity, Microsoft's <activity/> holds the word. */
static const char *word_of(const StoxXmlNode *child)
{
    return strcmp(child->name, "activity") == 0 ? child->text : child->name;
}

void stox_pidf_activities(const StoxXmlNode *holder, int64_t now_wall_ms,
                          const StoxActivity **activity)
{
    unsigned n = 0;

    if (!holder)
        return;
    for (const StoxXmlNode *child = holder->first_child; child; child = child->next) {
        if (!is_rpid(child, "activity") && !is_rpid(child, "activities"))
            continue;
        if (n++ >= MAX_ACTIVITIES)
            return;
        if (strcmp(child->name, "activity") == 0)
            consider(activity, child->text);
        else if (stox_pidf_is_current(child, now_wall_ms))
            for (const StoxXmlNode *inner = child->first_child; inner && n++ < MAX_ACTIVITIES;
                 inner = inner->next)
                consider(activity, word_of(inner));
    }
}

char *stox_pidf_other(const StoxXmlNode *holder, int64_t now_wall_ms)
{
    if (!holder)
        return NULL;
    for (const StoxXmlNode *child = holder->first_child; child; child = child->next) {
        const StoxXmlNode *other =
            is_rpid(child, "activities") && stox_pidf_is_current(child, now_wall_ms)
                ? stox_xml_child(child, NULL, "other")
                : NULL;
        char *text = other ? stox_presence_text(other->text, STOX_MAX_NOTE) : NULL;

        if (text)
            return text;
    }
    return NULL;
}

/* ---- Idle (P-152) ---- */

bool stox_pidf_idle(const StoxXmlNode *holder, bool *ret_idle, int64_t *ret_since_ms)
{
    if (!holder)
        return false;
    for (const StoxXmlNode *child = holder->first_child; child; child = child->next) {
        g_autofree char *state = NULL;

        if (!is_rpid(child, "user-input"))
            continue;
        state = stox_presence_text(child->text, STOX_MAX_NOTE);
        /* "inactive" is a draft's word */
        *ret_idle = state && (g_ascii_strcasecmp(state, "idle") == 0 ||
                              g_ascii_strcasecmp(state, "inactive") == 0);
        *ret_since_ms = stox_presence_time(stox_xml_attr(child, "last-input"));
        return true;
    }
    return false;
}

/* ---- Is the tuple a way to chat with this person? (P-143) ---- */

/* RFC 4480 s3.8: another person (assistant, family...) answers there. */
static bool is_his_own(const StoxXmlNode *tuple)
{
    for (const StoxXmlNode *child = tuple->first_child; child; child = child->next)
        if (is_rpid(child, "relationship") && !stox_xml_child(child, NULL, "self"))
            return !child->first_child;
    return true;
}

/* RFC 4480 s3.11: post, couriers and visits are services, too. */
static bool is_electronic(const StoxXmlNode *tuple)
{
    for (const StoxXmlNode *child = tuple->first_child; child; child = child->next)
        if (is_rpid(child, "service-class"))
            return !child->first_child || stox_xml_child(child, NULL, "electronic") ||
                   stox_xml_child(child, NULL, "unknown");
    return true;
}

/* RFC 5196: it says itself that it takes no messages. */
static bool takes_messages(const StoxXmlNode *tuple)
{
    const StoxXmlNode *caps = stox_xml_child(tuple, NS_CAPS, "servcaps");
    const StoxXmlNode *message = caps ? stox_xml_child(caps, NS_CAPS, "message") : NULL;
    g_autofree char *word = message ? stox_presence_text(message->text, STOX_MAX_NOTE) : NULL;

    return !word || (strcmp(word, "false") != 0 && strcmp(word, "0") != 0);
}

bool stox_pidf_is_for_chat(const StoxXmlNode *tuple)
{
    static const char *const other_schemes[] = {"tel:", "mailto:", "http:", "https:", "fax:"};
    const StoxXmlNode *contact = stox_pidf_child(tuple, "contact");
    g_autofree char *uri = contact ? stox_presence_text(contact->text, STOX_MAX_NOTE) : NULL;

    for (size_t i = 0; uri && i < G_N_ELEMENTS(other_schemes); i++)
        if (g_ascii_strncasecmp(uri, other_schemes[i], strlen(other_schemes[i])) == 0)
            return false;
    return is_his_own(tuple) && is_electronic(tuple) && takes_messages(tuple);
}
