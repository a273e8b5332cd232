/* SPDX-License-Identifier: MIT */
/*
 * Reading of presence documents of every kind the SIP side sends: PIDF with RPID, XPIDF, Lync's categories, LCS 2005's presentity, RLMI, and several of them in one
 * multipart (lync.md 4.8; rows P-131 to P-153). What they say comes out as one list of presentities.
 */
#pragma once

#include "translation/presence.h"

#define STOX_PIDF_TYPE       "application/pidf+xml"
#define STOX_XPIDF_TYPE      "application/xpidf+xml"
#define STOX_CATEGORIES_TYPE "application/msrtc-event-categories+xml"
#define STOX_MSRTC_TYPE      "text/xml+msrtc.pidf"
#define STOX_RLMI_TYPE       "application/rlmi+xml"

/*
 * What a Lync server has said so far about one user. Its documents are partial: each carries the categories that changed. Belongs to one SIP subscription: a new
 * dialog begins with the whole set, so it is freed with the dialog. NULL as long as nothing but whole documents comes.
 */
typedef struct StoxCategories StoxCategories;
void stox_categories_free(StoxCategories *categories);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoxCategories, stox_categories_free)

/* How to read. All strings are borrowed. */
typedef struct {
    const char *
        about_uri; /* whom the document must be about, as the SIP side knows him; other parts are left out (P-147); NULL: whoever */
    StoxLanguage language; /* wanted, where the document has a text in several */
    StoxShow
        busy_as; /* what Busy is shown as: STOX_SHOW_DND unless the hop's policy says otherwise */
    const char *lang; /* Content-Language: of notes that do not say theirs (P-139); may be NULL */
    int64_t now_wall_ms; /* for what is said to hold from or until some time */
} StoxPresenceReading;

/* What was read. */
typedef struct {
    /*
     * What XMPP should see now, whole: a resource that is not in it is not there any more (P-141). The names of Lync's and of XPIDF's endpoints mean nothing.
     * With `about_him` false it is empty and says nothing.
     */
    StoxPresentities all;
    bool about_him; /* something was about the wanted user */
    bool
        notes_only; /* PIDF without any tuple, but with notes: nothing is to be shown anew (P-142) */
    char *display_name; /* of contactCard, CIPID and the like; NULL: not said */
    /* RLMI (RFC 4662, lync.md 4.8 a) */
    bool
        resubscribe; /* he lives elsewhere: subscribe to him at `pool_fqdn` (NULL: where his address leads) */
    bool terminated; /* the server has ended the subscription to him */
    char *pool_fqdn;
} StoxPresenceReport;

void stox_presence_report_clear(StoxPresenceReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoxPresenceReport, stox_presence_report_clear)

/*
 * Reads a body. `*state` is NULL or what earlier documents of the same subscription made it; made when first needed. False: nothing was understood and nothing has
 * changed, *ret_status is the answer: 415 for a type we do not know, 400 for a malformed document, 413 for too many parts (P-148). Of a multipart, parts of unknown types are left out.
 * `ret_report` is uninitialised before.
 */
bool stox_presence_document_read(StoxCategories **state, const char *content_type, GBytes *body,
                                 const StoxPresenceReading *how, StoxPresenceReport *ret_report,
                                 unsigned *ret_status);
