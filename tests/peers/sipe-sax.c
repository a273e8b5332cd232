/* SPDX-License-Identifier: MIT */
/*
 * Debian 12's libxml2 (2.9.14) calls none of the handlers that pidgin-sipe 1.25.0 gives it: they are of SAX1, the handler says SAX2.
 * Without this every XML body that the client gets is empty for it, silently. The program exports the function, so that the plug-in
 * finds it before libxml2's own.
 */
#include <dlfcn.h>
#include <stddef.h>

/* xmlSAXHandler, libxml/parser.h; its layout is part of libxml2's ABI. */
typedef struct {
    void *before[14];
    void *start_element;
    void *between[12];
    unsigned int initialized;
    void *private_data;
    void *start_element_ns, *end_element_ns, *structured_error;
} SaxHandler;

#define SAX2_MAGIC 0xDEEDBEAF

int xmlSAXUserParseMemory(SaxHandler *handler, void *data, const char *text, int length);

int xmlSAXUserParseMemory(SaxHandler *handler, void *data, const char *text, int length)
{
    int (*next)(SaxHandler *, void *, const char *, int) = NULL;
    *(void **) &next =
        dlsym(RTLD_NEXT, "xmlSAXUserParseMemory"); /* dlsym(3): ISO C has no cast for it */
    if (handler->initialized != SAX2_MAGIC || handler->start_element_ns != NULL)
        return next(handler, data, text, length);
    SaxHandler copy = *handler;
    copy.initialized = 1;
    return next(&copy, data, text, length);
}
