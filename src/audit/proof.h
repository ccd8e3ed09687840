#ifndef AUDIT_PROOF_H
#define AUDIT_PROOF_H

#include "audit/checkpoint.h"
#include "audit/leaf.h"

/*
 * Proof files, c2sp.org/tlog-proof@v1: a leaf's index, its inclusion proof and
 * the checkpoint, with nothing needed to check them but the leaf and the log's
 * key. `extra` is for us to fill: see struct receipt.
 */
#define PROOF_EXTRA_BYTES_MAX 65536
#define PROOF_BYTES_MAX \
	(BASE64_CHARS(PROOF_EXTRA_BYTES_MAX) + NOTE_BYTES_MAX + 8192)

struct proof_file {
	struct bytes extra; /* borrowed; n == 0: none */
	uint64_t index;
	struct merkle_proof path;
	struct bytes checkpoint; /* the note, borrowed */
};

int proof_print(const struct proof_file *p, struct buf *out) MUST_CHECK;

/* Strict: what proof_print writes is the only spelling. The decoded extra goes
 * to `extra` (emptied first), which the result borrows, as it does `from`.
 * ERR_INVALID, ERR_TOO_LARGE. */
int proof_parse(struct bytes from, struct buf *extra,
		struct proof_file *out) MUST_CHECK;

/* The checkpoint is signed by a known key and the leaf stands at the index.
 * ERR_INVALID, ERR_CORRUPT. */
int proof_check(const struct proof_file *p, const struct hash *leaf,
		const struct note_verifier *known, size_t n,
		struct checkpoint *out) MUST_CHECK;

/*
 * What a receipt carries as extra: byte 1, the leaf's 64 bytes, and, unless it
 * ends there, the opening of its commitment: k_leaf (32) and the details, the
 * rest.
 */
struct receipt {
	uint8_t leaf[LEAF_BYTES];
	bool is_open;
	struct key k_leaf;
	struct bytes details; /* borrowed */
};

int receipt_encode(const struct receipt *r, struct buf *out) MUST_CHECK;
/* ERR_INVALID. Checks nothing but the form. */
int receipt_decode(struct bytes from, struct receipt *out) MUST_CHECK;

/* The whole of it: file, signature, inclusion of the leaf that the extra
 * brings, its commitment. ERR_INVALID, ERR_CORRUPT, ERR_SEAL. */
struct receipt_says {
	struct checkpoint checkpoint;
	uint64_t index;
	struct leaf leaf;
	bool is_open;
	struct bytes details; /* borrowed from `extra` */
};
int receipt_check(struct bytes file, const struct note_verifier *known,
		  size_t n, struct buf *extra,
		  struct receipt_says *out) MUST_CHECK;

#endif
