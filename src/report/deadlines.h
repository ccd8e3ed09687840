#ifndef REPORT_DEADLINES_H
#define REPORT_DEADLINES_H

#include "request/request.h"

/*
 * report.deadlines: what is open, the most urgent first. Overdue is as_of >
 * due_at; days_left is a floor, so that -1 is "since less than a day".
 *
 * The summary counts everything that was open at `as_of` and stands on the
 * first page alone, unless it is not wanted: without it a page costs what is
 * on it; `within` restricts the items to what is overdue or due by
 * as_of + within.
 */
#define DEADLINES_LIMIT_MAX 1000
#define DEADLINES_CSV_ITEMS 5000 /* without a limit, if they fit */
#define DEADLINES_APPROACHING_DAYS 14
#define DEADLINES_AGE_BIN_DAYS 10
#define DEADLINES_AGE_BINS 10 /* 0-9, 10-19, ..., 90 and more */
#define DEADLINES_WEEKS 13

enum deadline_format { DEADLINES_JSON, DEADLINES_CSV };

struct report_deadlines_in {
	const char *as_of;
	struct duration within;
	bool has_within;
	bool summary;
	bool has_summary;
	int format; /* enum deadline_format */
	bool has_format;
	int64_t limit;
	bool has_limit;
	const char *cursor;
};

struct deadline_types {
	int64_t access;
	int64_t change;
	int64_t delete_;
};
struct deadline_states {
	int64_t open;
	int64_t verifying;
	int64_t in_progress;
};
struct deadline_track {
	int type;
	int64_t on_track;
	int64_t approaching;
	int64_t overdue;
};
struct deadline_age {
	int64_t from_days;
	int64_t to_days; /* not included; absent in the last */
	bool has_to_days;
	int64_t open;
	int64_t overdue;
};
struct deadline_week {
	date_t week; /* its Monday */
	int64_t due;
};
struct deadline_summary {
	int64_t open;
	int64_t overdue;
	int64_t approaching;
	int64_t due_within;
	bool has_due_within;
	struct deadline_types by_type;
	struct deadline_states by_state;
	const struct deadline_track *tracks;
	size_t n_tracks;
	const struct deadline_age *ages;
	size_t n_ages;
	const struct deadline_week *weeks;
	size_t n_weeks;
};
struct deadline_item {
	struct id request;
	int type;
	int state;
	const char *regime;
	const char *assignee;
	int64_t received_at;
	int64_t due_at;
	int64_t legal_due_at;
	bool has_legal_due_at;
	int64_t days_left;
	bool overdue;
};
struct report_deadlines_out {
	int64_t as_of;
	struct deadline_summary summary;
	bool has_summary;
	struct deadline_item *items;
	size_t n_items;
	const char *csv;
	const char *next;
};
extern const struct field_table report_deadlines_in_table;
extern const struct field_table report_deadlines_out_table;
/* Whether at most DEADLINES_BRIEF_ITEMS rows are read for it: the first ones
 * that are open now, without a summary. */
#define DEADLINES_BRIEF_ITEMS 100
bool report_deadlines_is_brief(const void *in);
/* ERR_INVALID naming as_of, within or cursor. */
int report_deadlines(struct call *c, const void *in, void *out);

#endif
