/* SPDX-License-Identifier: MIT */
/* Stanzas from text, for the tests of component/stanza. */
#pragma once

#include "component/stanza.h"

#define STANZA_NS  "xmlns='jabber:component:accept'"
#define STANZA_NOW INT64_C(1767261600250) /* 2026-01-01T10:00:00.250Z */

/* These fail the test when it cannot be parsed. */
StoxXmlTree *stanza_parse(const char *text);
/* What the writer made, below an element as the stream is one; it is the root's first child. */
StoxXmlTree *stanza_parse_in_stream(const char *stanza);
/* From alice@contoso.example/pc to bob@partner.example, with further attributes (a blank before each) and that content. */
StoxMessage *stanza_message(const char *attrs, const char *content);
StoxPresence *stanza_presence(const char *attrs, const char *content); /* read at STANZA_NOW */
