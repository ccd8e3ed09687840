#ifndef RETENTION_ENDED_H
#define RETENTION_ENDED_H

#include "call/call.h"
#include "vault/subject.h"

/*
 * People who are over: a closed account, or a prospect, of whom every record
 * has expired by its day. What is left then (the head, the entries in the
 * look-up index, links to visitors) goes too, with all their slots, as a
 * request to delete would have done it.
 */

/* Whether nothing is left that may be read, that a hold keeps, or that an open
 * request needs. */
int ended_is_over(struct vault *v, const struct subject *s,
		  bool *out) MUST_CHECK;

/* Timed: once a day a walk over all heads, some at a time; starts a job for
 * each who is over. */
int ended_walk(struct call *c, bool *out_more);

/* Buckets moved, slots destroyed, rows removed: "person.end". */
extern const struct job_kind ended_job;

/* Starts the job, for a person whose head is marked as erasing already. */
int ended_start(struct call *c, struct id subject) MUST_CHECK;
/* The same for a person whose keys are dead: rows alone are left. `held` may be
 * SLOT_NONE. */
int ended_start_at_rows(struct call *c, struct id subject, slot_t base,
			slot_t held) MUST_CHECK;

#endif
