#ifndef REQUEST_PLAN_H
#define REQUEST_PLAN_H

#include "request/request.h"

/*
 * What an erasure would take and what it must leave: by legal holds, and by
 * what the policy keeps of a delete request until its own end.
 */
#define KEPT_LEGAL_HOLD "legal_hold"
/* A plan counts at most so many rows; beyond it numbers are floors. */
#define PLAN_ROWS_MAX 700

struct erase_plan {
	struct request_erased *erased; /* in the arena */
	size_t n_erased;
	struct request_kept *kept;
	size_t n_kept;
	bool all_held; /* there is something, and holds cover all of it */
};

/* Why a category of this person stays, NULL when it goes. */
int plan_basis(struct call *c, const struct subject *s,
	       const struct policy_category *category,
	       const char **out_basis) MUST_CHECK;

/* With `count` the records of what goes are counted, else they are 0. */
int plan_make(struct call *c, const struct subject *s, bool count,
	      struct erase_plan *out) MUST_CHECK;

#endif
