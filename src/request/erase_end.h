#ifndef REQUEST_ERASE_END_H
#define REQUEST_ERASE_END_H

#include "request/erase_state.h"

/* The last step: the person's head goes, or is served again with what is kept;
 * the request is fulfilled, or, when it was before, notes that the rest went.
 * job->answer is what request.fulfil answers. */
int erase_end(struct call *c, const struct erasing *e, struct request *r,
	      struct job *job) MUST_CHECK;

#endif
