#ifndef RETENTION_HOLD_MOVE_H
#define RETENTION_HOLD_MOVE_H

#include "retention/hold.h"
#include "retention/hold_row.h"

/* What the files of holds share. */

/* What one step may move: each row is four writes. */
#define HOLD_MOVE_ROWS_MAX 80
#define HOLD_MOVE_BYTES_MAX (500u * 1024)
#define HOLD_FETCH_MAX 20 /* rows opened at a time */
#define HOLD_HEADS_MAX 100

struct hold_budget {
	size_t moves;
	size_t bytes;
};

bool hold_is_spent(const struct hold_budget *b);

/* Ids in the state of a job. */
int hold_state_add(struct call *c, struct value *state, const char *name,
		   struct id id) MUST_CHECK;
int hold_state_id(const struct value *state, const char *name,
		  struct id *out) MUST_CHECK;

/* Heads from *at on, HOLD_HEADS_MAX at most, erasing ones too; *at is where the
 * next step goes on, nil at the end. */
int hold_heads(struct vault *v, struct id *at, struct subject **out,
	       size_t *out_n) MUST_CHECK;

/* Starts moving what the hold covers to HELD. */
int hold_move_begin(struct call *c, const struct hold *h,
		    struct id *out_job) MUST_CHECK;

/* Begins to empty the person's HELD slot into a fresh one, or back; the old one
 * is destroyed. Saves the head, also without a HELD slot. */
int hold_renew_begin(struct call *c, struct subject *s) MUST_CHECK;

/* The same for everybody, by a walk over all heads. */
int hold_walk_begin(struct call *c) MUST_CHECK;

/* Whether it covers events: those are moved by navigation/held.h. */
bool hold_has_visits(struct call *c, const struct hold *h);

/* The answer of hold.place. */
int hold_place_out_of(struct call *c, const struct hold *h,
		      struct hold_place_out *out) MUST_CHECK;
int hold_names(struct call *c, const struct hold *h, const char ***out,
	       size_t *out_n) MUST_CHECK;
/* Gathers a leaf about the hold, in the history of its person. */
int hold_leaf(struct call *c, const struct hold *h, enum leaf_type type,
	      const char *reason) MUST_CHECK;

#endif
