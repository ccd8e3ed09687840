#ifndef CALL_ERASURE_H
#define CALL_ERASURE_H

#include "call/call.h"

/*
 * Destroying keys, as the domain folders ask for it. The slots gather in a
 * batch (house policy: batch window); when it has run, their keys are nowhere,
 * and the jobs that asked are woken. Whatever must survive has been sealed
 * again under other slots, durably, before this is called.
 */

/* Queues slots; `job` (or nil) is woken when they are destroyed. Refuses while
 * a restored gap is not acknowledged (ERR_STATE). */
int erasure_queue(struct call *c, const slot_t *slots, size_t n,
		  struct id job) MUST_CHECK;

/* Whether a slot waits in a batch or is in the running one. */
int erasure_is_queued(struct call *c, slot_t slot, bool *out) MUST_CHECK;

#endif
