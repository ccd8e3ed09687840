#ifndef RETENTION_COUNT_H
#define RETENTION_COUNT_H

#include "call/call.h"

/*
 * What went and what was kept, by day, for reports:
 *
 *	TABLE_COUNT: 48 || day 4 || event 1 || category 1 -> number 8
 *
 * Days are the house's, on which it happened; category 0 where none is meant.
 */
#define COUNT_KIND_RETENTION 48 /* of TABLE_COUNT, on disk */

/* Stored: never renumber. */
enum retention_event {
	RETENTION_EXPIRED = 0,       /* rows whose day was destroyed */
	RETENTION_DAYS = 1,          /* day keys destroyed */
	RETENTION_HOLD_PLACED = 2,
	RETENTION_HOLD_ENDED = 3,
	RETENTION_CLOCK_STOPPED = 4, /* seconds */
	RETENTION_DISCLOSURES = 5,   /* what recipients had of people erased */
	RETENTION_EVENTS = 6
};

struct retention_count {
	date_t day;
	enum retention_event event;
	uint8_t category;
	uint64_t n;
};

int retention_count_add(struct call *c, enum retention_event event,
			uint8_t category, uint64_t n) MUST_CHECK;

/* Days from `from` to `to`, `to` not included, in order: calls `each` until it
 * returns an error. */
int retention_count_each(struct txn *t, date_t from, date_t to,
			 int (*each)(void *ctx,
				     const struct retention_count *),
			 void *ctx) MUST_CHECK;

#endif
