/* SPDX-License-Identifier: MIT */
/* HTML of SIP peers -> plain text and XHTML-IM; XHTML-IM and styled text -> HTML for SIP peers (M-14, M-29, M-112; XEP-0071, XEP-0393). Pure and bounded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads tag soup (UTF-8, NUL-terminated). Returns the plain text (never NULL; may be empty): blocks and <br> are line ends, entities are
 * decoded, <script>, <style>, <head> and comments say nothing, a link whose text differs from its address is "text (address)", an image is its alt text. When
 * `ret_xhtml` is not NULL it gets the same as XHTML-IM markup, the children of <body xmlns='http://www.w3.org/1999/xhtml'/>: well-formed, only the elements, attributes and
 * style properties of XEP-0071 s7's integration set, links http, https, mailto, xmpp only; NULL when it would be no more than the plain text.
 * Depth, attribute and output limits are the implementation's; what is beyond them is text without markup. Caller frees both.
 */
char *stox_html_read(const char *html, char **ret_xhtml);

/*
 * XHTML-IM as it came (StoxMessage.xhtml) -> an HTML fragment for SIP, sanitised the same way. NULL: not well-formed, or it says no more than the plain
 * text. Caller frees.
 */
char *stox_html_from_xhtml(const char *xhtml);

/* Plain text with XEP-0393 styling -> an HTML fragment; NULL when there is no styling in it. Newlines become <br/>. Caller frees. */
char *stox_html_from_styled(const char *text);
