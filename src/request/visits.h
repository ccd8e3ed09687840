#ifndef REQUEST_VISITS_H
#define REQUEST_VISITS_H

#include "request/request.h"

/* The pages that somebody saw, for an access bundle: a list of up to a
 * thousand events an item. Of the person's visitors, or of the visitor whom
 * nobody knows. */
int visits_value(struct call *c, const struct request *r,
		 struct value *out) MUST_CHECK;

#endif
