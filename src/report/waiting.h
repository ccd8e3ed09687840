#ifndef REPORT_WAITING_H
#define REPORT_WAITING_H

#include "call/call.h"

/*
 * The part of report.requests on notices that nobody has acknowledged: how
 * many, how old, and which recipients have not been told (GDPR Art. 19). As of
 * now, whatever span the report is about.
 */
#define WAITING_AGE_BIN_DAYS 10
#define WAITING_AGE_BINS 10 /* 0-9, 10-19, ..., 90 and more */
#define WAITING_RECIPIENTS_MAX 256

struct waiting_age {
	int64_t from_days;
	int64_t to_days; /* not included; absent in the last */
	bool has_to_days;
	int64_t person;
	int64_t recipient;
	int64_t alarm;
};
struct waiting_recipient {
	const char *recipient;
	int64_t n;
	int64_t oldest_at;
	int64_t oldest_days; /* whole days since */
};
struct report_waiting {
	int64_t person;
	int64_t recipient;
	int64_t alarm;
	int64_t oldest_at;
	int64_t oldest_days;
	bool has_oldest_at;
	struct waiting_age *ages;
	size_t n_ages;
	struct waiting_recipient *recipients; /* longest waiting first */
	size_t n_recipients;
};
extern const struct field report_waiting_fields[7];

/* Fills `out`, in the call's arena. ERR_TOO_MANY: more recipients than
 * WAITING_RECIPIENTS_MAX wait. */
int report_waiting(struct call *c, struct report_waiting *out) MUST_CHECK;

#endif
