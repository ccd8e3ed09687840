#ifndef POLICY_RECKON_H
#define POLICY_RECKON_H

#include "policy/deadline.h"

/*
 * One regime's dates for one request, with the steps that led to them. Apart
 * from deadline.h so that the dates and their explanation come from the same
 * computation.
 */
struct reckon_term {
	struct policy_term term;
	date_t nominal;  /* the term after the day of receipt */
	int paused_days; /* added to it */
	date_t last;     /* moved off free days where the law does so */
	int64_t end_ms;  /* the last millisecond of that day */
};

struct reckoning {
	const struct policy_regime *regime;
	const struct policy_place *place; /* NULL: named, not matched */
	const struct zone *zone;
	const struct calendar *calendar;
	date_t received;
	bool is_extended;
	struct reckon_term answer;
	bool has_confirm;
	struct reckon_term confirm;
	bool has_notice;
	struct reckon_term notice; /* of an extension */
};

#define RECKONINGS_MAX POLICY_FILES_MAX

/* All regimes that apply to the request, the strictest first. ERR_INVALID,
 * field `regime`. */
int reckon_all(const struct policy *p, const struct deadline_facts *facts,
	       struct reckoning out[RECKONINGS_MAX], size_t *out_n) MUST_CHECK;

#endif
