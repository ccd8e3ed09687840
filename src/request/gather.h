#ifndef REQUEST_GATHER_H
#define REQUEST_GATHER_H

#include "request/request.h"

/*
 * All that is held of the person of an access request, as one value:
 * what, where it came from, what for, who got it, how long it stays, past
 * requests, rights (GDPR Art. 15; 11 CCR 7024). Over a snapshot; in the
 * call's arena. A request that matches nobody says that nothing is held.
 */
int gather(struct call *c, const struct request *r,
	   struct value *out) MUST_CHECK;

#endif
