#ifndef RETENTION_ASOF_H
#define RETENTION_ASOF_H

#include "policy/policy.h"

/* A moment as people give it to a report: an RFC 3339 time, or a date, which
 * is its first moment in the house's time zone. NULL: `now_ms`. ERR_INVALID
 * with this field. */
int asof_parse(const struct policy *p, const char *text, const char *field,
	       int64_t now_ms, int64_t *out_ms) MUST_CHECK;

/* The day of such a moment, for the ends of a span: of a time its day, or with
 * `up` (an end that is not included) the day after the moment before it. */
int asof_day(const struct policy *p, const char *text, const char *field,
	     bool up, date_t *out) MUST_CHECK;

#endif
