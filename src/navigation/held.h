#ifndef NAVIGATION_HELD_H
#define NAVIGATION_HELD_H

#include "navigation/visitor.h"

/*
 * Events under a legal hold. A visitor whom a mark covers (vault/hold_mark.h:
 * over the customer, or over everybody, anonymous ones too) has a second slot,
 * where the events lie without a day. When no mark covers the visitor any more
 * they go back to their days, those of dead days go, and the second slot is
 * destroyed: so a visitor is right when the events lie where the marks say.
 *
 *	TABLE_SYSTEM "visits.settling": jobs that put visitors right 8
 */

/* Starts a job that puts right the visitors of a customer (the base slot), or
 * everybody's (SLOT_NONE), and then wakes another (or nil). Until it is over no
 * day may die. */
int visits_settle_begin(struct call *c, slot_t base,
			struct id wakes) MUST_CHECK;
extern const struct job_kind visits_settle_job;

int visits_are_settling(struct call *c, bool *out) MUST_CHECK;

/* Whether a customer has events, wherever they lie, and how many rows at most
 * `max`. */
int visits_count(struct call *c, slot_t base, size_t max,
		 size_t *out) MUST_CHECK;

/*
 * For the erasure of a customer whose events stay: all of them under the held
 * slots, one step at a time. *at is the visitor that is done (SLOT_NONE at
 * first); *out_more: call again.
 */
int visits_keep(struct call *c, slot_t base, slot_t *at,
		bool *out_more) MUST_CHECK;

/* Whether events lie under a visitor's own slot, which the erasure destroys.
 * Of somebody with more visitors than one step looks through: true. */
int visits_any_own(struct call *c, slot_t base, bool *out) MUST_CHECK;

/* Takes the slots of visitors who have rows still, their own and the held ones,
 * out of a list as visitor_unindex makes it (the order changes). */
int visits_slots_spare(struct call *c, slot_t *slots, size_t *n) MUST_CHECK;

#endif
