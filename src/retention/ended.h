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

#endif
