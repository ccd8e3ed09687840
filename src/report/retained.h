#ifndef REPORT_RETAINED_H
#define REPORT_RETAINED_H

#include "report/span.h"

/* report.retention: what went by itself, what was kept and why. */
struct retained_item {
	const char *category;
	int64_t expired; /* rows that went in the span */
	const char *period;
	const char *from;
	const char *basis;
	const char *clause;
	bool house_decision;
	const char *kept_on_request;
	int64_t holds; /* that cover it now */
};
struct report_retention_out {
	date_t from;
	date_t to;
	int64_t expired;
	int64_t disclosures; /* of people erased long ago, forgotten */
	int64_t days; /* day keys destroyed */
	date_t through;
	bool has_through;
	bool stopped;
	int64_t stopped_seconds;
	int64_t holds_placed;
	int64_t holds_ended;
	int64_t holds;
	struct retained_item *items;
	size_t n_items;
};
extern const struct field_table report_retention_out_table;
int report_retention(struct call *c, const void *in, void *out);

#endif
