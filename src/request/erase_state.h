#ifndef REQUEST_ERASE_STATE_H
#define REQUEST_ERASE_STATE_H

#include "request/request.h"

/*
 * Where an erasure stands between two steps of its job. Ids, slots and counts;
 * nothing of the person.
 */
enum erase_phase {
	ERASE_BEGIN, /* waits for whoever moves or erases the person's rows */
	ERASE_MOVE,  /* what stays is sealed again under a fresh HELD slot */
	ERASE_TELL,  /* recipients */
	ERASE_LEAVE, /* out of the index; invitations, visitors */
	ERASE_QUEUE, /* their slots, and then the person's own */
	ERASE_WAIT,  /* for the batch */
	ERASE_ROWS,  /* away with what opens with nothing */
	ERASE_DONE
};

#define ERASE_SLOTS_MAX 250

struct erasing {
	struct id request;
	enum erase_phase phase;
	size_t part;     /* within the phase */
	bool is_last;    /* the person's own slots are in the queue */
	bool keeps;
	slot_t held;     /* where what stays lies; SLOT_NONE */
	slot_t held_old; /* to be destroyed; SLOT_NONE */
	slot_t slots[ERASE_SLOTS_MAX]; /* to be destroyed next */
	size_t n_slots;
	slot_t visitor;  /* the last that left the index; SLOT_NONE */
	/* A visitor alone, whom nobody knows; SLOT_NONE. */
	slot_t only_visitor;
	struct id after; /* the last share that was looked at */
	int64_t told;    /* notices to recipients */
	uint32_t records[256]; /* erased, by category's id */
};

int erasing_pack(const struct erasing *e, struct arena *a,
		 struct value *out) MUST_CHECK;
int erasing_unpack(const struct value *v, struct erasing *out) MUST_CHECK;

#endif
