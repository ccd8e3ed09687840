#ifndef REQUEST_PAGE_H
#define REQUEST_PAGE_H

#include "base/buf.h"
#include "base/value.h"

/* The bundle as a page that a person can read: `data` as XML, through the
 * stylesheet bundle.xslt, so that nothing in the data can become markup.
 * Appends HTML. ERR_NOMEM, ERR_INTERNAL. */
int page_make(const struct value *data, struct buf *to) MUST_CHECK;

#endif
