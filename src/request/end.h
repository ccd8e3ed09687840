#ifndef REQUEST_END_H
#define REQUEST_END_H

#include "call/call.h"
#include "request/request.h"

/* How a request ends without being fulfilled. */

struct request_deny_in {
	struct id request;
	int reason; /* index into request_denial_names */
	const char *message;
};
struct request_state_out {
	int state;
};
extern const struct field_table request_deny_in_table;
extern const struct field_table request_state_out_table;
/* ERR_NOT_PERMITTED: the regime does not list the reason. */
int request_deny(struct call *c, const void *in, void *out);

struct request_revoke_in {
	struct id request;
};
extern const struct field_table request_revoke_in_table;
/* Cancels an erasure in its cool-off. */
int request_revoke(struct call *c, const void *in, void *out);

/* Nobody answered: timed, by the service itself. */
int request_expire(struct call *c, struct request *r) MUST_CHECK;

/* A notice to the person that something became of the request. */
int request_tell(struct call *c, const struct request *r,
		 const char *about) MUST_CHECK;

#endif
