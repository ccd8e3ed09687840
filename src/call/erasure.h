#ifndef CALL_ERASURE_H
#define CALL_ERASURE_H

#include "call/call.h"

/*
 * Destroying keys, as the domain folders ask for it. The slots gather in a
 * batch (house policy: batch window); when it has run, their keys are nowhere,
 * and the jobs that asked are woken. Whatever must survive has been sealed
 * again under other slots before this is called, or is in the same operation:
 * a batch runs when all that is queued in it is durable, and operations become
 * durable in their order.
 */

/* At most this many slots in one call. */
#define ERASURE_SLOTS_MAX 256

/* Whether a gap that a restore left, and nobody has acknowledged, stops all
 * destruction. */
int erasure_is_stopped(struct txn *t, bool *out) MUST_CHECK;

/* Queues slots; `job` (or nil) is woken when they are destroyed. ERR_STATE
 * while a gap left by a restore is not acknowledged. */
int erasure_queue(struct call *c, const slot_t *slots, size_t n,
		  struct id job) MUST_CHECK;

/* Whether a slot waits in a batch or is in the running one: a job that was
 * woken asks before it goes on. */
int erasure_is_queued(struct call *c, slot_t slot, bool *out) MUST_CHECK;

/*
 * The batch, for the service. One gathers while at most one runs; both have a
 * number. The rows of a batch do not change once it runs.
 */
struct erasure_batch {
	uint64_t number;   /* 0: none */
	uint64_t epoch_to; /* the epoch of the key tree that it leads to */
};

/* How many slots wait; *out_since_ms is when the first came. */
int erasure_waiting(struct call *c, uint64_t *out_slots,
		    int64_t *out_since_ms) MUST_CHECK;

/* Closes the gathering batch and marks it RUNNING; number 0 when none waits
 * or one runs already. */
int erasure_begin(struct call *c, uint64_t epoch_to,
		  struct erasure_batch *out) MUST_CHECK;

/* The running batch, number 0 when there is none. */
int erasure_running(struct txn *t, struct erasure_batch *out) MUST_CHECK;

/* Up to `cap` slots of a batch, from *cursor on (0 at first); *out_n 0: that
 * was all. */
int erasure_slots(struct txn *t, uint64_t number, slot_t *cursor,
		  slot_t *slots, size_t cap, size_t *out_n) MUST_CHECK;

/* One bounded step after the keys are gone: removes rows of the batch and
 * wakes the jobs that asked. *out_done when nothing is left: the batch is no
 * longer running. */
int erasure_finish(struct call *c, struct erasure_batch batch,
		   bool *out_done) MUST_CHECK;

#endif
