#ifndef RETENTION_GUARD_H
#define RETENTION_GUARD_H

#include "call/call.h"

/*
 * Whether the wall clock may be believed when something is to be destroyed by
 * it. While the service runs, wall clock and boot clock must go on together:
 * once they differ by more than a day, nothing is destroyed until they agree
 * again (in the same run) or somebody confirms. Being stopped outlives a
 * restart.
 *
 *	TABLE_SYSTEM "expiry.clock": run 8 || wall 8 || boot 8, of the run's
 *	begin; "expiry.stopped": the same, of the moment it was stopped.
 */
#define GUARD_DRIFT_MS_MAX MS_PER_DAY

struct guard {
	bool is_stopped;
	int64_t since_ms;    /* wall clock */
	int64_t drift_ms;    /* of the wall clock, within this run */
	int64_t stopped_ms;  /* for how long */
};

/* Compares, stops or goes on; leaves say so. */
int guard_check(struct call *c, struct guard *out) MUST_CHECK;

/* Reads only. */
int guard_read(struct call *c, struct guard *out) MUST_CHECK;

/* From now on the wall clock is right as it is. */
int guard_confirm(struct call *c) MUST_CHECK;

#endif
