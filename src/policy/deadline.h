#ifndef POLICY_DEADLINE_H
#define POLICY_DEADLINE_H

#include "base/buf.h"
#include "policy/policy.h"

/*
 * By when a request must be answered: pure, from the policy and the facts of
 * the request. The house's date is received_at + its period, to the
 * millisecond; the regime's is the last millisecond of a day in its zone.
 * Sources: the regime's file; month rule: Regulation (EEC, Euratom) 1182/71,
 * Article 3.
 */

struct deadline_pause {
	int64_t from_ms;
	int64_t until_ms; /* DEADLINE_STILL_PAUSED: not resumed */
};
#define DEADLINE_STILL_PAUSED INT64_MAX

struct deadline_facts {
	enum policy_request_type type;
	int64_t received_at_ms;
	const char *country; /* NULL or "" when unknown */
	const char *region;  /* likewise */
	const char *regime;  /* a given one: can only shorten; NULL */
	bool extended;
	const struct deadline_pause *pauses; /* in order, none overlaps */
	size_t n_pauses;
	int64_t as_of_ms; /* how long an unended pause has lasted */
};

#define DEADLINE_NONE INT64_MAX
#define DEADLINE_ALARMS_MAX 16

#define DEADLINE_ALARM_CONFIRM "confirm"

struct deadline_alarm {
	const char *name; /* of the policy, or "confirm", "extension-notice",
			     "overdue" */
	int64_t at_ms;
};

struct deadline {
	const struct policy_regime *regime; /* the strictest, NULL: the house */
	const struct policy_place *place;   /* of that regime, NULL */
	int64_t house_due_at_ms;
	int64_t legal_due_at_ms;        /* DEADLINE_NONE without a regime */
	int64_t due_at_ms;              /* the earlier one */
	int64_t confirm_by_ms;          /* DEADLINE_NONE when not asked for */
	int64_t extension_notice_by_ms; /* DEADLINE_NONE: cannot be extended */
	bool can_extend; /* the regime knows an extension, not yet used */
	bool can_pause;
	struct deadline_alarm alarms[DEADLINE_ALARMS_MAX]; /* by date */
	size_t n_alarms;
};

/* ERR_INVALID, field `regime`, for a regime that the policy does not have. */
int deadline_compute(const struct policy *p, const struct deadline_facts *facts,
		     struct deadline *out) MUST_CHECK;

/* How each date came about, one line each with its clause, appended to `to`:
 * "due_at 2026-03-31T21:59:59.999Z: ...". */
int deadline_explain(const struct policy *p, const struct deadline_facts *facts,
		     struct buf *to) MUST_CHECK;

/* Whether a regime lists the reason; a NULL regime (the house alone) lists all
 * denials and no extension. */
bool deadline_may_extend(const struct policy_regime *r, const char *reason);
bool deadline_may_deny(const struct policy_regime *r, const char *reason);

/* Whole days left, rounded down; negative when overdue. */
int64_t deadline_days_left(int64_t due_at_ms, int64_t as_of_ms);

#endif
