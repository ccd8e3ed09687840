#ifndef KEYRING_SLOTS_H
#define KEYRING_SLOTS_H

#include "keyring/keyring.h"
#include "store/txn.h"

/*
 * Who gets which slot: the marks stand in the store, so that taking slots is a
 * part of the operation that needs them and writes nothing to the tree. Leaves
 * are taken whole, one run for people, one for everything else, so that the
 * slots of people lie together.
 */

/* Four neighbouring slots of one leaf. ERR_BUSY: the tree must grow first. */
int slots_take_person(struct txn *t, struct keyring *k,
		      slot_t *out_base) MUST_CHECK;

/* One slot. ERR_BUSY. */
int slots_take_one(struct txn *t, struct keyring *k,
		   slot_t *out_slot) MUST_CHECK;

/* Steps over every slot that was not taken as far as this store knows and is
 * in the tree: a store that was restored without its last operations does not
 * know what they took. What was stepped over, empty where from == end; nothing
 * is taken from it any more, and the tree must grow. */
#define SLOTS_SKIPPED 3
struct slot_span {
	slot_t from;
	slot_t end;
};
int slots_skip(struct txn *t, struct keyring *k,
	       struct slot_span out[SLOTS_SKIPPED]) MUST_CHECK;

/* First slot of the next leaf to be taken: all before it may be in use. */
int slots_mark(struct txn *t, slot_t *out_mark) MUST_CHECK;

#endif
