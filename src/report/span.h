#ifndef REPORT_SPAN_H
#define REPORT_SPAN_H

#include "call/call.h"

/*
 * What a report over a span of days is asked with: `from` is included, `to` is
 * not. Each is a date, or a time whose day counts, in the house's time zone.
 */
struct span_in {
	const char *from;
	const char *to;
};
extern const struct field_table span_in_table;

struct span {
	date_t from;
	date_t to;
};

#define SPAN_DAYS_MAX (20 * 366)

/* ERR_INVALID naming `from` or `to`. */
int span_read(struct call *c, const struct span_in *in,
	      struct span *out) MUST_CHECK;

/* The first day of the month that a day lies in. */
date_t month_of(date_t day);

/* "YYYY-MM" in the arena; NULL without memory. */
const char *month_print(struct arena *a, date_t day);

#endif
