#ifndef SERVICE_TIMERS_H
#define SERVICE_TIMERS_H

#include "call/call.h"

/*
 * What the service does by itself: one row a thing. A row's function is an
 * operation of the internal role, bounded like any other; *out_more asks for
 * another step at once (after other work had its turn).
 */
typedef int timed_fn(struct call *c, bool *out_more);

struct timer_row {
	const char *name;
	int64_t every_ms;
	timed_fn *run;
	bool by_date; /* ends things for good, by their date: not while the
			 wall clock is not believed (retention/guard.h) */
};

extern const struct timer_row timer_rows[];
extern const size_t n_timer_rows;

#endif
