#ifndef REQUEST_ALARM_H
#define REQUEST_ALARM_H

#include "base/timefmt.h"
#include "store/txn.h"

/*
 * What happens by itself at a moment: TABLE_ALARM, time 8 || id 16 || kind 1.
 * The id is a request's, or a notice's. One row a request and kind: of the
 * alarms of a deadline only the next one.
 */

/* Stored: never renumber. */
enum alarm_kind {
	ALARM_DEADLINE = 0, /* the next alarm of policy/deadline.h */
	ALARM_VERIFY = 1,   /* nobody answered: the request expires */
	ALARM_COOL_OFF = 2, /* the erasure begins */
	ALARM_BUNDLE = 3,   /* the access bundle expires */
	ALARM_END = 4,      /* the request's record has been kept long enough */
	ALARM_NOTICE_END = 5,
	ALARM_KEPT = 6, /* does what was kept of an erasure still have to? */
	ALARM_KINDS = 7
};

struct alarm {
	int64_t at_ms;
	struct id id;
	enum alarm_kind kind;
};

int alarm_put(struct txn *t, const struct alarm *a) MUST_CHECK;
int alarm_del(struct txn *t, const struct alarm *a) MUST_CHECK;

/* Up to `max` of those at or before a moment, earliest first. */
int alarm_due(struct txn *t, int64_t now_ms, size_t max, struct alarm *out,
	      size_t *out_n) MUST_CHECK;

#endif
