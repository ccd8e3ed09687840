#ifndef AUDIT_HEAD_H
#define AUDIT_HEAD_H

#include "audit/checkpoint.h"
#include "base/secret.h"

/*
 * What the log has promised: the last checkpoint that was signed, kept in a
 * file beside the keystore and out of every backup, under a MAC with a key
 * that the caller derives from the keystore. Two slots 1 MiB apart, written in
 * turn, in place and with O_DSYNC; the newest valid one counts. So neither a
 * restored store nor restored log files can make the log promise otherwise.
 */
struct head;

#define HEAD_SLOT_BYTES 4096
#define HEAD_SLOT_DISTANCE_BYTES (1 << 20)
#define HEAD_NOTE_BYTES_MAX 3072

/* Makes the file, promising nothing yet. ERR_EXISTS, ERR_IO. */
int head_create(const char *path, const struct key *mac) MUST_CHECK;

/* ERR_NOT_FOUND; ERR_CORRUPT when no slot is valid under that key. */
int head_open(const char *path, const struct key *mac,
	      struct head **out) MUST_CHECK;
/* The same for an auditor: the file is only read. */
int head_open_readonly(const char *path, const struct key *mac,
		       struct head **out) MUST_CHECK;
void head_close(struct head *h);

/* NULL while nothing was signed. Borrowed until the next head_move. */
const struct checkpoint *head_checkpoint(const struct head *h);
/* The note itself; empty while nothing was signed. */
struct bytes head_note(const struct head *h);

/* Refuses a checkpoint that does not continue the one kept: another origin, a
 * smaller size, or a tree that does not begin with the old one, which `tree`
 * (of next->size leaves) has to prove. ERR_CORRUPT. */
int head_check(const struct head *h, const struct checkpoint *next,
	       const struct merkle_source *tree) MUST_CHECK;

/* Keeps the checkpoint of `note` from now on, durably. The caller has checked
 * it. ERR_INVALID, ERR_IO (the old one stands), ERR_OUTCOME. */
int head_move(struct head *h, struct bytes note) MUST_CHECK;

/* One slot's bytes, for the file and for tests of hostile ones. */
struct head_slot {
	uint64_t sequence;
	size_t note_bytes; /* 0: nothing signed yet */
	uint8_t note[HEAD_NOTE_BYTES_MAX];
};

void head_slot_encode(const struct head_slot *s, const struct key *mac,
		      uint8_t out[HEAD_SLOT_BYTES]);
/* ERR_CORRUPT. */
int head_slot_decode(const uint8_t from[HEAD_SLOT_BYTES],
		     const struct key *mac, struct head_slot *out) MUST_CHECK;

#endif
