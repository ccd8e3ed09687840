#ifndef REPORT_REQUESTS_H
#define REPORT_REQUESTS_H

#include "report/span.h"
#include "report/waiting.h"
#include "request/count.h"

/*
 * report.requests: what was received and how it ended, from counts without a
 * person. `years` is the yearly table of 11 CCR 7102(a): for each calendar
 * year that the span touches, the whole of it, by type: received, complied with
 * in whole or in part, denied, and the median and mean number of days to
 * respond. A year that is not over is counted to date.
 */
struct requests_type {
	int type;
	int64_t received;
	int64_t fulfilled;
	int64_t denied;
	int64_t revoked;
	int64_t expired;
	int64_t on_time; /* of those fulfilled or denied */
	int64_t late;
	int64_t median_days;
	int64_t p95_days;
	bool has_median_days; /* of those fulfilled or denied */
};
struct requests_month {
	const char *month;
	int64_t received;
	int64_t closed;
	int64_t on_time; /* of those fulfilled or denied */
	int64_t late;
};
struct requests_year {
	int64_t year;
	int type;
	bool complete; /* the year is over */
	int64_t received;
	int64_t complied;
	int64_t denied;
	int64_t median_days;
	int64_t mean_days;
	bool has_median_days;
};
struct requests_named {
	const char *name;
	int64_t n;
};
struct report_requests_out {
	date_t from;
	date_t to;
	int64_t received;
	int64_t closed;
	struct requests_type *types;
	size_t n_types;
	struct requests_named *channels;
	size_t n_channels;
	struct requests_named *denials;
	size_t n_denials;
	struct requests_month *months;
	size_t n_months;
	struct requests_year *years;
	size_t n_years;
	struct report_waiting unacknowledged;
};
extern const struct field_table report_requests_out_table;
int report_requests(struct call *c, const void *in, void *out);

#endif
