#ifndef REQUEST_COVER_H
#define REQUEST_COVER_H

#include "policy/policy.h"
#include "request/state.h"
#include "store/txn.h"

/*
 * What a list or a report needs of a request without opening it; nothing
 * personal. Open requests and closed ones lie apart, so that a deadline
 * report reads the open ones alone, the most urgent first:
 *
 *	TABLE_DUE: due_at 8 || request id 16 -> cover
 *	TABLE_REQUEST_BY: 1 || received_at 8 || request id 16 -> cover
 *	cover: type 1 || state 1 || channel 1 || assignee 4 || received_at 8 ||
 *	       due_at 8 || legal_due_at 8 || closed_at 8 || changed_at 8 ||
 *	       regime
 *
 * Times are milliseconds; 0 where there is none. From `changed_at` on the row
 * says how it stood; of an earlier moment the request itself knows.
 */
#define COVER_KIND_CLOSED 1

struct request_cover {
	struct id id;
	enum policy_request_type type;
	enum request_state state;
	uint8_t channel;
	uint32_t assignee; /* request/assignee.h; 0: nobody */
	int64_t received_at_ms;
	int64_t due_at_ms;
	int64_t legal_due_at_ms;
	int64_t closed_at_ms;
	int64_t changed_at_ms;
	char regime[POLICY_NAME_BYTES_MAX + 1]; /* "": the house alone */
};

int cover_put(struct txn *t, const struct request_cover *cover) MUST_CHECK;

/* Takes the row away that an open (or a closed) request has. */
int cover_del(struct txn *t, bool is_open, int64_t due_at_ms,
	      int64_t received_at_ms, struct id id) MUST_CHECK;

/* Reads a row of TABLE_DUE or TABLE_REQUEST_BY that a range gave.
 * ERR_CORRUPT. */
int cover_open(struct bytes key, struct bytes value,
	       struct request_cover *out) MUST_CHECK;

#endif
