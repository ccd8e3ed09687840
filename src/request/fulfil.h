#ifndef REQUEST_FULFIL_H
#define REQUEST_FULFIL_H

#include "call/call.h"
#include "request/request.h"

/*
 * request.fulfil: the access bundle, the change, or the erasure. Access and
 * erasure are jobs; the caller is answered when they are done, and nobody else
 * waits for them.
 */
struct request_fulfil_in {
	struct id request;
	bool dry_run;
};
struct request_fulfil_out {
	int state;
	const struct request_erased *erased;
	size_t n_erased;
	bool has_erased; /* of a deletion, be it nothing */
	const struct request_kept *kept;
	size_t n_kept;
	bool has_kept;
	int64_t erase_after;
	struct id record; /* that a change wrote */
	int64_t version;
	int64_t parts; /* of a bundle */
	int64_t expires_at;
};
extern const struct field_table request_fulfil_in_table;
extern const struct field_table request_fulfil_out_table;
/* ERR_HELD: legal holds cover all of it. ERR_STATE, with `not_before` while
 * the cool-off lasts, or when somebody is fulfilling it. */
int request_fulfil(struct call *c, const void *in, void *out);

/* Ends it: state, leaf, count, notice to the person. `more`: the leaf's. */
int request_fulfilled(struct call *c, struct request *r,
		      enum leaf_type type,
		      const struct value *more) MUST_CHECK;

/* The job that is fulfilling it, or nil: a job that failed is none. */
int request_job_check(struct call *c, struct request *r) MUST_CHECK;

/* access.c, change.c, erase.c: begin it, or do it at once. */
int request_access_begin(struct call *c, struct request *r,
			 struct id *out_job) MUST_CHECK;
int request_change_apply(struct call *c, struct request *r, bool dry_run,
			 struct request_fulfil_out *out) MUST_CHECK;
/* With `at_once` it does as much of it as one operation can, for whom it is
 * the only one: an error is the request's own then. */
int request_erase_begin(struct call *c, struct request *r, bool at_once,
			struct id *out_job) MUST_CHECK;

/* Timed, daily, while something is kept of an erasure: begins it again for the
 * rest when a hold has been released or a category's time is over. */
int request_erase_rest(struct call *c, struct request *r) MUST_CHECK;

/* Whether an erasure may begin now: ERR_HELD, ERR_STATE. */
int request_erase_check(struct call *c, struct request *r) MUST_CHECK;

extern const struct job_kind request_access_job;
extern const struct job_kind request_erase_job;

#endif
