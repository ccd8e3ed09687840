#ifndef RETENTION_HOLD_MOVE_H
#define RETENTION_HOLD_MOVE_H

#include "retention/hold.h"
#include "retention/hold_row.h"

/* What the files of holds share. */

/* Starts moving what the hold covers to HELD. */
int hold_move_begin(struct call *c, const struct hold *h,
		    struct id *out_job) MUST_CHECK;

/* Gives the person a fresh HELD slot, starts moving there, or back, what must
 * stay; the old slot is destroyed. No-op without a HELD slot. Saves the head. */
int hold_renew_begin(struct call *c, struct subject *s) MUST_CHECK;

/* The same for everybody, by a walk over all heads. */
int hold_walk_begin(struct call *c) MUST_CHECK;

/* The answer of hold.place. */
int hold_place_out_of(struct call *c, const struct hold *h,
		      struct hold_place_out *out) MUST_CHECK;
int hold_names(struct call *c, const struct hold *h, const char ***out,
	       size_t *out_n) MUST_CHECK;
/* Gathers a leaf about the hold, in the history of its person. */
int hold_leaf(struct call *c, const struct hold *h, enum leaf_type type,
	      const char *reason) MUST_CHECK;

#endif
