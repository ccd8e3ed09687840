#ifndef AUDIT_SIGNER_H
#define AUDIT_SIGNER_H

#include "audit/head.h"
#include "audit/keychain.h"
#include "audit/leaf.h"
#include "audit/tiles.h"

/*
 * The one who signs. It is fed the durable leaves in order and makes a
 * checkpoint when asked: tiles durable, consistency with the head proved from
 * the files, note signed, head moved, file "checkpoint" written, in this
 * order. Whatever the moment of a crash, the head never promises what the
 * files do not hold, and no file promises what the head does not.
 *
 * One thread at a time uses a signer.
 */
struct signer;

/* The leaves as the store has them: `leaf` appends the bytes of one. */
struct signer_leaves {
	int (*leaf)(void *context, uint64_t index, struct buf *out);
	void *context;
};

struct signer_options {
	const char *folder;     /* of the log; its parent exists */
	const char *origin;     /* also the name of the keys */
	struct keychain keys;   /* Ed25519; borrowed for the call */
	struct head *head;      /* borrowed for the signer's life */
	/* Compared with the last signed leaf when the signer opens: a store
	 * that was rolled back and has grown again differs there. Borrowed
	 * for that call; NULL: not compared. */
	const struct signer_leaves *leaves;
};

/*
 * Goes on after the head's checkpoint: feed it leaf signer_size() next. When
 * the head is that of the log before (origin_successor), the old folder is
 * moved to "<folder>.<n>" and an empty log begins, whose first leaf has to be
 * signer_successor_leaf's.
 *
 * ERR_CORRUPT: the files, or the store, do not hold what was signed;
 * signer_rebuild helps the files, and tells when it is the store.
 * ERR_STATE: origin or keys are not this log's.
 */
int signer_open(const struct signer_options *o, struct signer **out) MUST_CHECK;
void signer_close(struct signer *s);

/* Builds the tiles again from the leaves, as the store has them, up to the
 * head's size; replaces the files only if they lead to the signed root, else
 * ERR_CORRUPT and all stays as it is. */
int signer_rebuild(const struct signer_options *o,
		   const struct signer_leaves *from) MUST_CHECK;

/* How many leaves it has been fed, those of the head included; and how many of
 * them are signed. */
uint64_t signer_size(const struct signer *s);
uint64_t signer_signed(const struct signer *s);

/* Errors as tiles_append. */
int signer_feed(struct signer *s, struct bytes leaf) MUST_CHECK;

/* Signs the present size and publishes it. No effect when nothing was fed
 * since. ERR_CORRUPT: it would not continue what was signed; nothing was. After
 * a failure the signer must be closed. */
int signer_checkpoint(struct signer *s) MUST_CHECK;

/* The last checkpoint's note: empty before the first. Borrowed from the head
 * until the next checkpoint. */
struct bytes signer_note(const struct signer *s);
const struct note_verifier *signer_verifier(const struct signer *s);

/* Another key signs from now on: writes the note of the rotation, then file
 * "vkey", then the present checkpoint once more under the new key. The caller
 * has durably kept that this is a rotation at the present checkpoint's size:
 * what a crash cuts off, the next signer_open does. */
int signer_rotate(struct signer *s, const struct key *seed) MUST_CHECK;

/* The first leaf of the log that continues the head's: its commitment is the
 * SHA-256 of the old log's last note, so that everybody can check it. */
struct leaf signer_successor_leaf(const struct head *h, struct id id,
				  int64_t at_ms);

#endif
