#ifndef REQUEST_SUBMIT_H
#define REQUEST_SUBMIT_H

#include "call/call.h"
#include "request/request.h"

/* request.submit: a data subject asks for access, a change or deletion. */

#define RECEIVED_YEARS_MAX 5
#define OPEN_REQUESTS_MAX 50 /* of one person, or one presented value */

struct request_submit_in {
	int type;
	struct id subject;
	bool has_identity;
	struct request_identity identity;
	int channel;
	const char *regime;
	const char *country;
	const char *region;
	int64_t received_at;
	bool has_received_at;
	bool has_acting;
	struct request_acting acting;
	bool has_change;
	struct request_change change;
	struct bytes reply_key;
};
struct request_submit_out {
	struct id request;
	int state;
	int64_t received_at;
	int64_t due_at;
	int64_t legal_due_at;
	int64_t confirm_by;
	const char *regime;
	struct id duplicate_of;
};
/* ERR_INVALID, field `received_at`: more than RECEIVED_YEARS_MAX ago. */
int request_received_check(const struct call *c,
			   int64_t received_at_ms) MUST_CHECK;

/* ERR_INVALID, field `region`: of another country. Either may be NULL. */
int request_place_check(const char *country, const char *region) MUST_CHECK;

extern const struct field_table request_submit_in_table;
extern const struct field_table request_submit_out_table;
/* The same request again, the first one still open, answers the first one.
 * ERR_TOO_MANY: OPEN_REQUESTS_MAX of them are open. An identity that matches
 * nobody is accepted and dated all the same. */
int request_submit(struct call *c, const void *in, void *out);

#endif
