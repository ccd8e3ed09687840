#ifndef SERVICE_LOG_KEY_H
#define SERVICE_LOG_KEY_H

#include "audit/head.h"
#include "audit/logkeys.h"
#include "base/buf.h"
#include "call/call.h"

/*
 * The log's signing keys. Each is derived from the key of a slot of its own,
 * under which nothing else lies (audit/keychain.h): the slots are the log's
 * places, SLOT_LOG_SIGNER and then those from SLOT_LOG_SIGNERS on, taken in
 * order. The store holds the notes of the rotations, in TABLE_SYSTEM
 * "log.keys", and that of an old key is destroyed with the decision that the
 * next one signs.
 *
 * A rotation is asked for by a row (LOG_ROTATE), decided by the logger
 * (log_key_rotated) and then published: what a crash cuts off after the
 * decision is done when the log is opened again.
 */
#define LOG_ROTATE "log.rotate"
#define LOG_PLACES (1 + SLOT_SYSTEM_END - SLOT_LOG_SIGNERS)

/* The row of a new log, or of one that continues a closed one: its first key
 * has the first place whose slot lives. ERR_TOO_MANY: none does. */
int log_key_create(struct call *c) MUST_CHECK;

struct log_rotations {
	size_t first; /* the place of the log's first key */
	size_t n;
	struct bytes notes[LOG_PLACES]; /* in `row` */
	struct buf row;
};

/* ERR_CORRUPT when there is no such row. Ended by log_rotations_clear. */
int log_key_rotations(struct txn *t, struct log_rotations *out) MUST_CHECK;
void log_rotations_clear(struct log_rotations *r);

/* One more, by its note; whoever asked for it has it. ERR_TOO_MANY. */
int log_key_add(struct txn *t, struct bytes note) MUST_CHECK;

/* The seed of the log's n-th key. ERR_EXPIRED: destroyed. */
int log_key_seed(struct keyring *k, const char *origin,
		 const struct log_rotations *r, uint64_t n,
		 struct key *out) MUST_CHECK;

/* Has the keys that sign no more destroyed; not while a gap of a restore is
 * open: then the next start does. */
int log_key_retire(struct call *c) MUST_CHECK;

/* key.rotate of the log's key; *out_vkey is the next one's, in the arena.
 * ERR_STATE: a rotation is under way. */
int log_key_ask(struct call *c, const char **out_vkey) MUST_CHECK;

/* The decision, and the leaf: the key after the present one signs what comes
 * after the checkpoint of that size, and the present one is destroyed. */
int log_key_rotated(struct call *c, uint64_t size) MUST_CHECK;

/* The origin the log has now: what it last signed under, or the policy's. */
int log_origin(const struct policy *p, const struct head *head,
	       char out[ORIGIN_BYTES_MAX + 1]) MUST_CHECK;

#endif
