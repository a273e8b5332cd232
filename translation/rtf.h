/* SPDX-License-Identifier: MIT */
/* RTF as Lync and its forerunners write it -> plain text and XHTML-IM (\uN with \ucN, \'hh in code pages, \par, \tab, fields, bold/italic/underline). Pure and bounded. */
#pragma once

#include <glib.h>

/*
 * Returns the text (may be empty; newlines are LF), or NULL when it is no RTF or beyond the limits of the implementation (groups, bytes). `ret_xhtml` (may be NULL) as in
 * stox_html_read(). Caller frees both.
 */
char *stox_rtf_read(GBytes *rtf, char **ret_xhtml);
