#ifndef RETENTION_HOLD_H
#define RETENTION_HOLD_H

#include "call/call.h"
#include "vault/subject.h"

/*
 * Legal holds: what must not go, whatever policy, day or request say, because
 * a matter needs it. A hold is over one person (some or all categories) or
 * over one category of everybody. What it covers moves to the person's HELD
 * slot, without a day; reading follows the record's due day as before.
 *
 * When a hold ends, what no other hold covers goes back to its own slot and
 * day, or, when its day is past, goes: all of HELD moves to a fresh slot and
 * the old one is destroyed.
 */
struct hold_place_in {
	struct id subject;
	const char *category;
	const char **categories;
	size_t n_categories;
	const char *matter;
	date_t until;
	bool has_until;
};
struct hold_place_out {
	struct id hold;
	int64_t placed_at;
	const char **categories;
	size_t n_categories;
	bool moving;
};
extern const struct field_table hold_place_in_table;
extern const struct field_table hold_place_out_table;
/* Over a person it is answered when everything has moved; over a category at
 * once, while the moving goes on (`moving`): no day dies meanwhile.
 * ERR_INVALID: both or neither of subject and category, a category that is
 * not in the policy, or invitations; ERR_TOO_MANY past HOLDS_MAX. */
int hold_place(struct call *c, const void *in, void *out);

struct hold_release_in {
	struct id hold;
	const char *reason;
};
extern const struct field_table hold_release_in_table;
int hold_release(struct call *c, const void *in, void *out);

struct hold_item {
	struct id hold;
	struct id subject;
	const char **categories;
	size_t n_categories;
	const char *matter;
	date_t until;
	bool has_until;
	int64_t placed_at;
	bool moving;
};
struct hold_list_out {
	struct hold_item *items;
	size_t n_items;
};
extern const struct field_table hold_list_out_table;
int hold_list(struct call *c, const void *in, void *out);

/* Whether a hold covers the category of this person, and the last day on
 * which one does (DAY_NONE: no end is set). */
int hold_covers(struct call *c, const struct subject *s,
		const struct policy_category *category, bool *out,
		date_t *out_until) MUST_CHECK;

/* Whether rows of some hold have not reached their place: then no day is
 * destroyed. */
int hold_is_moving(struct call *c, bool *out) MUST_CHECK;

/* Timed: ends holds whose last day is past, and once a day looks through
 * everybody's HELD slots for what is due and covered by nothing. */
#define HOLD_TIMED_MS MS_PER_MINUTE
int hold_timed(struct call *c, bool *out_more);

extern const struct job_kind hold_move_job;
extern const struct job_kind hold_renew_job;
extern const struct job_kind hold_walk_job;

#endif
