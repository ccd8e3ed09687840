#ifndef AUDIT_KEYCHAIN_H
#define AUDIT_KEYCHAIN_H

#include "audit/note.h"

/*
 * A log's keys as the one who signs has them: every seed the log has had, and
 * the sizes at which it went on to the next. The files that tell others of
 * them ("vkey", "key/1", ...; logkeys.h) follow from it byte for byte, so one
 * that a crash left out, or that was lost, is written again.
 */
struct keychain {
	const struct key *seeds;     /* n_rotations + 1; the last one signs */
	const uint64_t *rotated_at;  /* leaves signed by then */
	size_t n_rotations;          /* at most LOG_ROTATIONS_MAX */
};

/* The seed of the n-th key (0: the first) of the log `origin`: BLAKE2b-256(key =
 * that of the log's own slot, salt 0, personal "ninety log key", n 8 ||
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
