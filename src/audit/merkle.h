#ifndef AUDIT_MERKLE_H
#define AUDIT_MERKLE_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1) over SHA-256: pure, no
 * files, no memory of its own. A leaf hashes as SHA-256(0x00 || leaf), a node
 * as SHA-256(0x01 || left || right), the empty tree as SHA-256(""); n > 1
 * leaves split at the largest power of two below n.
 */
#define HASH_BYTES 32
#define MERKLE_LEVELS_MAX 64
/* A proof has at most one hash a level; a consistency proof one more. */
#define MERKLE_PROOF_HASHES_MAX 65

struct hash {
	uint8_t b[HASH_BYTES];
};

static inline bool
hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_BYTES) == 0;
}

struct hash merkle_leaf(struct bytes leaf);
struct hash merkle_node(const struct hash *left, const struct hash *right);
struct hash merkle_empty(void);

/* Plain SHA-256, for what the log pins by its bytes: an old checkpoint. */
struct hash merkle_sha256(struct bytes of);

/*
 * The right edge of a growing tree: peaks[l] is set when bit l of `size` is,
 * and is then the root of a full subtree of 2^l leaves.
 */
struct merkle_edge {
	uint64_t size;
	struct hash peaks[MERKLE_LEVELS_MAX];
};

/* A zeroed edge is the empty tree. */
void merkle_edge_add(struct merkle_edge *e, const struct hash *leaf);

/* Adds a full subtree of 2^level leaves, of which size must be a multiple. */
void merkle_edge_add_full(struct merkle_edge *e, unsigned level,
			  const struct hash *root);

struct hash merkle_edge_root(const struct merkle_edge *e);

/* The root over n neighbouring hashes as if they were leaf hashes; n > 0.
 * The last one may stand for a smaller subtree than the others do: RFC 6962
 * splits such a list in the same places. Overwrites the hashes. */
struct hash merkle_fold(struct hash *hashes, size_t n);

/* Gives the root of the full subtree of 2^level leaves that begins at leaf
 * index * 2^level. */
struct merkle_source {
	int (*read)(void *context, unsigned level, uint64_t index,
		    struct hash *out);
	void *context;
};

struct merkle_proof {
	size_t n;
	struct hash hashes[MERKLE_PROOF_HASHES_MAX];
};

/* Root of the first `size` leaves. Errors are the source's. */
int merkle_root(const struct merkle_source *from, uint64_t size,
		struct hash *out) MUST_CHECK;

/* RFC 6962 §2.1.1, PATH(index, D[size]). ERR_INVALID unless index < size. */
int merkle_prove_inclusion(const struct merkle_source *from, uint64_t index,
			   uint64_t size, struct merkle_proof *out) MUST_CHECK;

/* RFC 6962 §2.1.2, PROOF(old, D[size]). ERR_INVALID unless old <= size; from
 * the empty tree, and to the same size, the proof is empty. */
int merkle_prove_consistency(const struct merkle_source *from, uint64_t old,
			     uint64_t size,
			     struct merkle_proof *out) MUST_CHECK;

/* RFC 9162 §2.1.3.2: the leaf stands at `index` in the tree of `size` leaves
 * with that root. ERR_CORRUPT when the proof does not say so. */
int merkle_check_inclusion(const struct merkle_proof *proof, uint64_t index,
			   uint64_t size, const struct hash *leaf,
			   const struct hash *root) MUST_CHECK;

/* RFC 9162 §2.1.4.2: the tree of `size` leaves begins with the tree of `old`
 * leaves. ERR_CORRUPT when the proof does not say so. */
int merkle_check_consistency(const struct merkle_proof *proof, uint64_t old,
			     uint64_t size, const struct hash *old_root,
			     const struct hash *root) MUST_CHECK;

#endif
