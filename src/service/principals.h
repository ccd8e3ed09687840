#ifndef SERVICE_PRINCIPALS_H
#define SERVICE_PRINCIPALS_H

#include "call/principal.h"

/*
 * Who may call, as what: a copy in memory of the rows of call/principal.h,
 * looked up on every call and replaced when a change is durable; and the
 * changes themselves.
 */
struct principals {
	struct principal items[PRINCIPALS_MAX]; /* by key */
	size_t n;
	uint8_t keys[PRINCIPALS_MAX][32]; /* as the fronts get them */
	bool is_stale; /* a change is in the group: load again after it */
};

/* Reads all rows. */
int principals_load(struct call *c, struct principals *p) MUST_CHECK;

/* NULL for a key that is not enrolled. */
struct principal *principals_find(struct principals *p, const uint8_t *key);

/* A new group begins: every caller has its whole budget again. */
void principals_rest(struct principals *p);

/* A new row; also for init, which enrols the first ones. ERR_EXISTS for a name
 * or key that is enrolled, ERR_TOO_MANY. */
int principal_enrol(struct call *c, const char *name, const uint8_t *key,
		    unsigned roles) MUST_CHECK;
int principal_remove(struct call *c, const char *name) MUST_CHECK;

#endif
