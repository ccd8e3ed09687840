#ifndef REQUEST_VERIFY_H
#define REQUEST_VERIFY_H

#include "call/call.h"
#include "request/request.h"

/*
 * request.challenge and request.verify: that the person is who they say. A
 * code of digits goes to the contact on record before the request; whoever saw
 * it cannot verify with it, the portal alone excepted.
 */
#define CODE_DIGITS 6
#define CHALLENGES_MAX 10 /* a request: codes cannot be tried without end */

struct request_challenge_in {
	struct id request;
};
struct request_deliver {
	const char *email;
	const char *phone;
};
struct request_challenge_out {
	const char *code;
	struct request_deliver deliver_to;
	int64_t expires_at;
};
extern const struct field_table request_challenge_in_table;
extern const struct field_table request_challenge_out_table;
/* ERR_NOT_FOUND, field `request`: there is no contact to send it to. */
int request_challenge(struct call *c, const void *in, void *out);

struct request_verify_in {
	struct id request;
	const char *code;
	const char *method;
	bool has_evidence;
	struct part_evidence evidence;
};
struct request_verify_out {
	int state;
	int64_t verified_at;
};
extern const struct field_table request_verify_in_table;
extern const struct field_table request_verify_out_table;
/* A wrong code: ERR_INVALID, field `code`, with `tries_left`. */
int request_verify(struct call *c, const void *in, void *out);

#endif
