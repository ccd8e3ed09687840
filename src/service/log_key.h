#ifndef SERVICE_LOG_KEY_H
#define SERVICE_LOG_KEY_H

#include "audit/head.h"
#include "audit/logkeys.h"
#include "call/call.h"

/*
 * The log's signing keys. Each is derived from the key of SLOT_LOG_SIGNER,
 * under which nothing else lies (audit/keychain.h); the store holds but the
 * sizes at which the log went on to its next key, in TABLE_SYSTEM "log.keys".
 * A rotation is asked for by a row (LOG_ROTATE), decided by the logger
 * (log_key_rotated) and then published: what a crash cuts off after the
 * decision is done when the log is opened again.
 */
#define LOG_ROTATE "log.rotate"

/* The row of a new log, or of one that continues a closed one. */
int log_key_create(struct txn *t) MUST_CHECK;

struct log_rotations {
	size_t n;
	uint64_t at[LOG_ROTATIONS_MAX]; /* sizes */
};

/* ERR_CORRUPT when there is no such row. */
int log_key_rotations(struct txn *t, struct log_rotations *out) MUST_CHECK;

/* One more; whoever asked for it has it. ERR_TOO_MANY. */
int log_key_add(struct txn *t, uint64_t size) MUST_CHECK;

int log_key_seed(struct keyring *k, const char *origin, uint64_t n,
		 struct key *out) MUST_CHECK;

/* key.rotate of the log's key; *out_vkey is the next one's, in the arena.
 * ERR_STATE: a rotation is under way. */
int log_key_ask(struct call *c, const char **out_vkey) MUST_CHECK;

/* The decision, and the leaf: the key after the present one signs what comes
 * after the checkpoint of that size. */
int log_key_rotated(struct call *c, uint64_t size) MUST_CHECK;

/* The origin the log has now: what it last signed under, or the policy's. */
int log_origin(const struct policy *p, const struct head *head,
	       char out[ORIGIN_BYTES_MAX + 1]) MUST_CHECK;

#endif
