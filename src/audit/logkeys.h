#ifndef AUDIT_LOGKEYS_H
#define AUDIT_LOGKEYS_H

#include "audit/checkpoint.h"

/*
 * The keys a log has had. File "vkey" holds the present verifier key. For each
 * rotation there is a note "key/1", "key/2", ... of five lines
 *
 *	ninety log key rotation v1
 *	<origin>
 *	<size of the last checkpoint signed by the old key>
 *	<vkey of the old key>
 *	<vkey of the new key>
 *
 * signed by both keys: whoever trusts one of them can go to the others, to the
 * newer as to the older ones, and every old checkpoint stays verifiable.
 */
#define LOG_KEYS_MAX 256
#define LOG_ROTATIONS_MAX (LOG_KEYS_MAX - 1)

struct log_keys {
	char origin[ORIGIN_BYTES_MAX + 1];
	size_t n; /* at least 1; the last is the present one */
	struct note_verifier *keys; /* owned */
	uint64_t *from;             /* smallest size each may sign, owned */
};

/* Reads what stands in the log's folder. ERR_NOT_FOUND without "vkey";
 * ERR_CORRUPT when the notes do not link up or `pinned` (may be NULL) is none
 * of the keys; ERR_INVALID for malformed files. */
int log_keys_read(int folder, const struct note_verifier *pinned,
		  struct log_keys *out) MUST_CHECK;
void log_keys_clear(struct log_keys *k);

/* A checkpoint of this log, by the key that was in force at its size.
 * ERR_INVALID, ERR_CORRUPT. */
int log_keys_open(const struct log_keys *k, struct bytes from,
		  struct checkpoint *out) MUST_CHECK;

/* Appends the note of a rotation after a checkpoint of `size` leaves. */
int log_keys_rotation(const struct note_signer *old,
		      const struct note_signer *next, uint64_t size,
		      struct buf *out) MUST_CHECK;

/* Reads and checks one such note. ERR_INVALID, ERR_CORRUPT. */
struct log_rotation {
	struct note_verifier old;
	struct note_verifier next;
	uint64_t size;
};
int log_rotation_open(struct bytes from, struct log_rotation *out) MUST_CHECK;

/* "key/<n>", n from 1. */
#define LOG_KEY_PATH_BYTES 32
char *log_key_path(size_t n, char out[LOG_KEY_PATH_BYTES]);

#endif
