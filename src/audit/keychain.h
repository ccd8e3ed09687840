#ifndef AUDIT_KEYCHAIN_H
#define AUDIT_KEYCHAIN_H

#include "audit/note.h"

/*
 * A log's keys as the one who signs has them: the present seed, and the notes of
 * the rotations that led to it, each signed while both its keys were there. The
 * files that tell others of them ("vkey", "key/1", ...; logkeys.h) follow from
 * it byte for byte, so one that a crash left out, or that was lost, is written
 * again, without any key of before.
 */
struct keychain {
	const struct key *seed;         /* of the key that signs */
	const struct bytes *rotations;  /* notes, in order */
	size_t n_rotations;             /* at most LOG_ROTATIONS_MAX */
};

/* The seed of the n-th key (0: the first) of the log `origin`: BLAKE2b-256(key =
 * that of a slot of its own, salt 0, personal "ninety log key", n 8 ||
 * origin). So no seed lies anywhere, and neither another seed nor another
 * log's can be told from one. The caller wipes it (AUTO_KEY). */
void keychain_seed(const struct key *slot, const char *origin, uint64_t n,
		   struct key *out);

/* Brings the files in step. ERR_STATE: they are those of other keys, and stay
 * as they are. */
int keychain_settle(int folder, const char *origin,
		    const struct keychain *chain) MUST_CHECK;

/* The files of the rotation number n (from 1), in their order. */
int keychain_publish(int folder, const struct note_signer *old,
		     const struct note_signer *next, size_t n,
		     uint64_t size) MUST_CHECK;

#endif
