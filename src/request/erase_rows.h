#ifndef REQUEST_ERASE_ROWS_H
#define REQUEST_ERASE_ROWS_H

#include "request/erase_state.h"

/* The steps of an erasure that touch rows, each bounded; *out_more: once
 * again. */

/* Seals one batch of rows of what stays, by the plan and by every mark of
 * now, under the fresh HELD slot. */
int erase_move(struct call *c, struct erasing *e, const struct request *r,
	       const struct subject *s, bool *out_more) MUST_CHECK;

/* Categories that a hold covers since the plan was made, and of which there are
 * rows still: added to what is kept; *out_any: there is one. */
int erase_keep_late(struct call *c, const struct erasing *e, struct request *r,
		    const struct subject *s, bool *out_any) MUST_CHECK;

/* Takes the person out of some index buckets, invitations, visitors; the
 * slots to destroy are added to e->slots. */
int erase_leave(struct call *c, struct erasing *e, const struct request *r,
		const struct subject *s, bool *out_more) MUST_CHECK;

/* After the keys are gone: removes some rows, and counts them. `base`: of the
 * person. */
int erase_remove(struct call *c, struct erasing *e, slot_t base,
		 bool *out_more) MUST_CHECK;

#endif
