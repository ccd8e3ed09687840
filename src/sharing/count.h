#ifndef SHARING_COUNT_H
#define SHARING_COUNT_H

#include "call/call.h"

/*
 * Counts of what was shared, for reports, without a person in them:
 *
 *	TABLE_COUNT: kind 1 || day 4 || outcome 1 || recipient 2 || country 2 ||
 *		category 1 || purpose -> number 8
 *
 * One a category of a share, on the day of the sharing in the house's zone; of
 * a refusal one, on the day it was asked.
 */
#define COUNT_KIND_SHARED 32 /* of TABLE_COUNT, on disk */

/* Stored: never renumber. */
enum share_outcome {
	SHARE_OUTCOME_GIVEN = 0,
	SHARE_OUTCOME_DECLARED = 1,
	SHARE_OUTCOME_REFUSED = 2,
	SHARE_OUTCOMES = 3
};
extern const char *const share_outcome_names[]; /* NULL-terminated */

struct share_count {
	date_t day;
	enum share_outcome outcome;
	uint16_t recipient; /* 0: none of the policy */
	char country[3];    /* "--": not known */
	uint8_t category;   /* 0: none */
	char purpose[80];   /* "": none of the policy */
	uint64_t n;
};

/* Counts n more. A refusal's count stands whatever becomes of the call. */
int share_count_add(struct call *c, const struct share_count *n) MUST_CHECK;

/* The counts of days from `from` to `to`, `to` not included, in the order of
 * their keys: calls `each` until it returns an error. */
int share_count_each(struct txn *t, date_t from, date_t to,
		     int (*each)(void *ctx, const struct share_count *),
		     void *ctx) MUST_CHECK;

#endif
