#ifndef RETENTION_PLAN_H
#define RETENTION_PLAN_H

#include "call/call.h"

/*
 * What would go by a day, by category, touching nothing: the rows whose day is
 * noted up to it, as the store knows them now. What counts from the end of an
 * account that is open, and what a hold keeps, has no day yet.
 */
struct retention_plan_in {
	const char *as_of;
};
struct retention_plan_item {
	const char *category;
	int64_t going;       /* rows whose day has come by then */
	int64_t later;       /* rows with a later day */
	int64_t without_day; /* rows of open accounts, or held */
	date_t first;        /* the earliest day among `going` */
	bool has_first;
	bool held;           /* a hold over this category of everybody */
	const char *period;  /* as the policy says it */
	const char *from;
	const char *basis;
	const char *clause;
};
struct retention_plan_out {
	date_t as_of;
	date_t through; /* days up to this one are destroyed already */
	bool has_through;
	bool stopped;   /* the clock has stopped expiry */
	int64_t going;
	int64_t holds;  /* that stand */
	struct retention_plan_item *items;
	size_t n_items;
};
extern const struct field_table retention_plan_in_table;
extern const struct field_table retention_plan_out_table;
int retention_plan(struct call *c, const void *in, void *out);

#endif
