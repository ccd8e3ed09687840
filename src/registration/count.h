#ifndef REGISTRATION_COUNT_H
#define REGISTRATION_COUNT_H

#include "call/call.h"

/*
 * Counts of registrations for reports, without a person in them:
 *
 *	TABLE_COUNT: kind 1 || day 4 || outcome 1 || country 2 || band 1 ->
 *		number 8
 *
 * Days are the house's. Of a refused child nothing but the day is counted: the
 * country is "--" and the band 0xff.
 */
#define COUNT_KIND_REGISTRATION 1 /* of TABLE_COUNT, on disk */

/* Stored: never renumber. */
enum registration_outcome {
	REGISTRATION_ADULT = 0,
	REGISTRATION_MINOR = 1,
	REGISTRATION_UNDER_AGE = 2,
	REGISTRATION_CONSENT_REQUIRED = 3,
	REGISTRATION_EXISTS = 4,
	REGISTRATION_PROSPECT = 5,
	REGISTRATION_CLOSED = 6,
	REGISTRATION_REOPENED = 7,
	REGISTRATION_OUTCOMES = 8
};

extern const char *const registration_outcome_names[]; /* NULL-terminated */

#define REGISTRATION_BAND_NONE 0xff

struct registration_count {
	date_t day;
	enum registration_outcome outcome;
	char country[3]; /* "--" where none counts */
	uint8_t band;    /* enum age_band, or REGISTRATION_BAND_NONE */
	uint64_t n;
};

/* Counts one, of today: in the effect when the operation goes well, in the
 * trace (`refused`) when it fails. NULL country, BAND_NONE: not known. */
int registration_count_add(struct call *c, enum registration_outcome outcome,
			   const char *country, uint8_t band,
			   bool refused) MUST_CHECK;

/* Reads the counts of days from `from` to `to`, `to` not included, in the
 * order of their keys: calls `each` until it returns an error. */
int registration_count_each(struct txn *t, date_t from, date_t to,
			    int (*each)(void *ctx,
					const struct registration_count *),
			    void *ctx) MUST_CHECK;

#endif
