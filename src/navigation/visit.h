#ifndef NAVIGATION_VISIT_H
#define NAVIGATION_VISIT_H

#include "navigation/visitor.h"

/*
 * visit.append, visit.identify, visit.read and report.navigation.
 * docs/protocol.md, "Navigation".
 *
 * "Standing alone, cookies do not personally identify you ... Unless you
 * choose to identify yourself to iPlum ..., you remain anonymous to the
 * Company." (statement, Cookies)
 */
struct visit_append_in {
	const char *visitor;
	const struct visit_event *events;
	size_t n_events;
};
struct visit_append_out {
	int64_t accepted;
};
extern const struct field_table visit_append_in_table;
extern const struct field_table visit_append_out_table;
/* All events or none. ERR_INVALID naming events[i].ip; ERR_EXPIRED naming
 * events[i].at: so old that it is not kept. */
int visit_append(struct call *c, const void *in, void *out);

struct visit_identify_in {
	const char *visitor;
	struct id subject;
};
extern const struct field_table visit_identify_in_table;
/* Again for the same customer: no effect. ERR_STATE with `state` "identified":
 * it is another's. A visitor who was never seen is known from now on. */
int visit_identify(struct call *c, const void *in, void *out);

struct visit_read_in {
	struct id subject;
	const char *visitor;
	const char *purpose;
	const char *reason;
	int64_t from;
	bool has_from;
	int64_t to;
	bool has_to;
	int64_t limit;
	bool has_limit;
	const char *cursor;
};
struct visit_record {
	struct visit_event event;
	int64_t expires_at;
};
struct visit_read_out {
	const struct visit_record *records;
	size_t n_records;
	const char *next;
};
extern const struct field_table visit_read_in_table;
extern const struct field_table visit_read_out_table;
/* By visitor, day and arrival. ERR_INVALID naming purpose, subject, to or
 * cursor; ERR_NOT_PERMITTED: not for this purpose or role. */
int visit_read(struct call *c, const void *in, void *out);

struct report_navigation_in {
	const char *from; /* a date, or a time */
	const char *to;
	int64_t limit;
	bool has_limit;
	const char *cursor;
};
struct navigation_item {
	date_t day;
	const char *page;
	int64_t views;
	int64_t clicks;
};
struct report_navigation_out {
	date_t from;
	date_t to;
	int64_t views;
	int64_t clicks;
	const struct navigation_item *items;
	size_t n_items;
	const char *next;
};
extern const struct field_table report_navigation_in_table;
extern const struct field_table report_navigation_out_table;
/* Over a snapshot. Days of the house from `from` to `to`, the last one not
 * included unless `to` is a time within it. ERR_INVALID naming from, to or
 * cursor; ERR_TOO_MANY. */
int report_navigation(struct call *c, const void *in, void *out);

#endif
