#ifndef RETENTION_DAYS_H
#define RETENTION_DAYS_H

#include "call/call.h"

/*
 * Expiry: a day whose date has come ends for everybody when its key is
 * destroyed; rows go afterwards, some at a time. It waits while the clock is
 * not believed (guard.h), while rows move for a hold, and while a gap of a
 * restore is not acknowledged.
 *
 *	TABLE_SYSTEM "expiry.through": the last day destroyed 4
 *	TABLE_SYSTEM "expiry.job": the job at work 16
 */
#define DAYS_TIMED_MS MS_PER_MINUTE

/* Timed. */
int days_timed(struct call *c, bool *out_more);

/* Keys of past days destroyed, then their rows: "expiry.days". */
extern const struct job_kind days_job;

struct retention_run_in {
	bool confirm_clock;
	bool has_confirm_clock;
};
struct retention_run_out {
	date_t through;     /* days up to this one are destroyed */
	int64_t days;       /* whose keys this run destroys now */
	int64_t stopped_ms; /* how long the clock had stopped it */
};
extern const struct field_table retention_run_in_table;
extern const struct field_table retention_run_out_table;
/* What the timer does, at once; answered when the keys are gone and the rows
 * too. ERR_STATE with `state` "clock_stopped", "hold_moving" or
 * "restored_with_gap". */
int retention_run(struct call *c, const void *in, void *out);

/* The last day that is destroyed; DAY_NONE: none yet. */
int days_through(struct txn *t, date_t *out) MUST_CHECK;

#endif
