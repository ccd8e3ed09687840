#ifndef SERVICE_STORED_H
#define SERVICE_STORED_H

#include "call/call.h"

/*
 * The first answer to a write, kept for a caller who repeats it: in the same
 * record of the journal as the effect, sealed under the slot concerned and its
 * day. TABLE_CALL: call id, caller -> state 1, slot 8, day 4, sealed
 * {fingerprint 32, status 1, body}.
 */
#define PRINT_BYTES 32

enum stored_state {
	STORED_NONE,    /* a new call */
	STORED_ANSWER,  /* its answer is here */
	STORED_AT_WORK  /* its first call is still at work */
};

struct stored {
	enum stored_state state;
	int status;
	struct bytes body; /* in the call's arena */
};

/* A keyed hash of operation and body: equal calls, and nothing else, have the
 * same. */
int stored_print(struct call *c, struct bytes body,
		 uint8_t out[PRINT_BYTES]) MUST_CHECK;

/* ERR_CONFLICT: the id was used for another call. ERR_EXPIRED: what it held
 * has been erased. */
int stored_find(struct call *c, const uint8_t print[PRINT_BYTES],
		struct stored *out) MUST_CHECK;

/* For a read, whose own id is not kept: ERR_CONFLICT when a write of this
 * caller had it. */
int stored_unused(struct call *c) MUST_CHECK;

/* The slot under which an answer about `slot`'s person is kept now, so that a
 * job keeps its own there too: see stored.c. */
int stored_slot(struct call *c, slot_t slot, slot_t *out) MUST_CHECK;

/* Into the trace: a refusal is an answer too. `slot` SLOT_NONE: nobody's. */
int stored_put(struct call *c, struct id call, uint32_t caller, slot_t slot,
	       const uint8_t print[PRINT_BYTES], enum stored_state state,
	       int status, struct bytes body) MUST_CHECK;

/* Nothing is kept of the call: a repetition is a new one. */
int stored_forget(struct call *c, struct id call, uint32_t caller) MUST_CHECK;

/* Whether an answer is one to keep: not what a later try may change, and
 * nothing of a refused child. */
bool stored_keeps(int rc);

/* One bounded step of removing rows whose day is past; the cursor is kept by
 * the caller (16 + 4 bytes, *cursor_n 0 to begin). */
int stored_sweep(struct call *c, uint8_t cursor[20], size_t *cursor_n)
	MUST_CHECK;

#endif
