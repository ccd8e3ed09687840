#ifndef NAVIGATION_PAGES_H
#define NAVIGATION_PAGES_H

#include "call/call.h"
#include "navigation/chunk.h"

/*
 * How often each page was seen, by day, with no person in it. A page counts
 * without what stands after '?' or '#': that may be somebody's.
 *
 *	TABLE_PAGE_COUNT:
 *	0 || day 4 || keyed hash of the page 16 ->
 *		views 8 || clicks 8 || sealed page
 *	1 || id 16 -> day 4 || due day 4 || sealed list of {page, views, clicks}
 *
 * A call adds rows of the second kind, one a day, which die with the day of
 * its events; a timed step adds them to the first kind.
 */
#define PAGE_HASH_BYTES 16

struct page_count {
	date_t day;
	const char *page;
	uint64_t views;
	uint64_t clicks;
	uint8_t hash[PAGE_HASH_BYTES];
};

/* Counts events of one day. */
int pages_add(struct call *c, date_t day, date_t due,
	      const struct visit_event *const *events, size_t n) MUST_CHECK;

/* Timed: adds up what calls have left, some at a time. */
int pages_merge(struct call *c, bool *out_more);

/* All counts of days from `from` to `to`, `to` not included, in the arena, by
 * day and hash; what is not added up yet is in them. */
#define PAGES_READ_MAX 200000
int pages_read(struct call *c, date_t from, date_t to, struct page_count **out,
	       size_t *out_n) MUST_CHECK;

#endif
