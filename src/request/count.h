#ifndef REQUEST_COUNT_H
#define REQUEST_COUNT_H

#include "call/call.h"
#include "request/request.h"

/*
 * Counts of requests for reports, without a person in them:
 *
 *	TABLE_COUNT: 16 || day 4 || type 1 || channel 1 || regime -> number 8
 *	TABLE_COUNT: 17 || day 4 || type 1 || state 1 || reason 1 || late 1 ||
 *	             days 2 || regime -> number 8
 *
 * Days are the house's: of receipt for what was received, of the end for what
 * was closed. `days` are whole days from receipt to the end, `reason` the
 * place in request_denial_names (0xff: no denial).
 */
#define COUNT_KIND_RECEIVED 16 /* of TABLE_COUNT, on disk */
#define COUNT_KIND_CLOSED 17
#define COUNT_REASON_NONE 0xff

extern const char *const request_denial_names[9]; /* NULL-terminated */

struct request_count {
	bool is_closed;
	date_t day;
	enum policy_request_type type;
	uint8_t channel;          /* received */
	enum request_state state; /* closed */
	uint8_t reason;           /* closed */
	bool is_late;             /* closed */
	uint16_t days;            /* closed */
	char regime[POLICY_NAME_BYTES_MAX + 1];
	uint64_t n;
};

int request_count_received(struct call *c,
			   const struct request *r) MUST_CHECK;
int request_count_closed(struct call *c, const struct request *r) MUST_CHECK;

/* One that was counted as received under these dates is so under those of the
 * request from now on. */
int request_count_moved(struct call *c, const struct request *r,
			const struct request_dates *was) MUST_CHECK;

/* The counts of one kind for days from `from` to `to`, `to` not included, in
 * order: calls `each` until it returns an error. */
int request_count_each(struct txn *t, bool closed, date_t from, date_t to,
		       int (*each)(void *ctx, const struct request_count *),
		       void *ctx) MUST_CHECK;

#endif
