/* The tree itself: hashes, the growing edge, checks of proofs. Making proofs
 * is prove.c's; where hashes are kept is the tiles' concern. */

#include <assert.h>

#include "audit/merkle.h"
#include "audit/sha256.h"

#define LEAF_PREFIX 0x00
#define NODE_PREFIX 0x01

struct hash
merkle_leaf(struct bytes leaf)
{
	static const uint8_t prefix = LEAF_PREFIX;
	struct hash h;

	sha256_joined(bytes_of(&prefix, 1), leaf, h.b);
	return h;
}

struct hash
merkle_node(const struct hash *left, const struct hash *right)
{
	uint8_t joined[1 + 2 * HASH_BYTES];
	struct hash h;

	joined[0] = NODE_PREFIX;
	memcpy(joined + 1, left->b, HASH_BYTES);
	memcpy(joined + 1 + HASH_BYTES, right->b, HASH_BYTES);
	sha256(bytes_of(joined, sizeof(joined)), h.b);
	return h;
}

struct hash
merkle_empty(void)
{
	return merkle_sha256(bytes_of(NULL, 0));
}

struct hash
merkle_sha256(struct bytes of)
{
	struct hash h;

	sha256(of, h.b);
	return h;
}

void
merkle_edge_add(struct merkle_edge *e, const struct hash *leaf)
{
	merkle_edge_add_full(e, 0, leaf);
}

void
merkle_edge_add_full(struct merkle_edge *e, unsigned level,
		     const struct hash *root)
{
	uint64_t leaves = UINT64_C(1) << level;
	struct hash h = *root;

	assert(e->size % leaves == 0);
	while ((e->size >> level) & 1) {
		h = merkle_node(&e->peaks[level], &h);
		level++;
	}
	e->peaks[level] = h;
	e->size += leaves;
}

struct hash
merkle_edge_root(const struct merkle_edge *e)
{
	struct hash h;
	bool has = false;

	for (unsigned level = 0; level < MERKLE_LEVELS_MAX; level++) {
		if (((e->size >> level) & 1) == 0) {
			continue;
		}
		h = has ? merkle_node(&e->peaks[level], &h) : e->peaks[level];
		has = true;
	}
	return has ? h : merkle_empty();
}

struct hash
merkle_fold(struct hash *hashes, size_t n)
{
	assert(n > 0);
	while (n > 1) {
		size_t half = n / 2;

		for (size_t i = 0; i < half; i++) {
			hashes[i] = merkle_node(&hashes[2 * i],
						&hashes[2 * i + 1]);
		}
		if (n % 2 == 1) {
			hashes[half] = hashes[n - 1];
		}
		n = half + n % 2;
	}
	return hashes[0];
}

/* The two checks walk from the leaf to the root: `node` is the place on the
 * present level, `last` the last place there. Where node is last and even,
 * the level is skipped: an unpaired right edge moves up as it is. */

int
merkle_check_inclusion(const struct merkle_proof *proof, uint64_t index,
		       uint64_t size, const struct hash *leaf,
		       const struct hash *root)
{
	uint64_t node = index;
	uint64_t last = size - 1;
	struct hash r = *leaf;

	if (index >= size) {
		return err_set(ERR_CORRUPT, "index lies outside the tree");
	}
	for (size_t i = 0; i < proof->n; i++) {
		if (last == 0) {
			return err_set(ERR_CORRUPT, "inclusion proof too long");
		}
		if (node % 2 == 1 || node == last) {
			r = merkle_node(&proof->hashes[i], &r);
			while (node % 2 == 0 && node != 0) {
				node >>= 1;
				last >>= 1;
			}
		} else {
			r = merkle_node(&r, &proof->hashes[i]);
		}
		node >>= 1;
		last >>= 1;
	}
	if (last != 0) {
		return err_set(ERR_CORRUPT, "inclusion proof too short");
	}
	return hash_equal(&r, root) ? 0
				    : err_set(ERR_CORRUPT,
					      "inclusion proof does not lead "
					      "to the root");
}

/* Sizes 0 < old < size: the general case of merkle_check_consistency. */
static int
check_growth(const struct merkle_proof *proof, uint64_t old, uint64_t size,
	     const struct hash *old_root, const struct hash *root)
{
	bool old_is_full = (old & (old - 1)) == 0;
	uint64_t node = old - 1;
	uint64_t last = size - 1;
	size_t i = 0;
	struct hash was, is;

	if (!old_is_full && proof->n == 0) {
		return err_set(ERR_CORRUPT, "consistency proof too short");
	}
	while (node % 2 == 1) {
		node >>= 1;
		last >>= 1;
	}
	/* A full old tree is its own first hash and is left out. */
	was = is = old_is_full ? *old_root : proof->hashes[i++];
	for (; i < proof->n; i++) {
		if (last == 0) {
			return err_set(ERR_CORRUPT,
				       "consistency proof too long");
		}
		if (node % 2 == 1 || node == last) {
			was = merkle_node(&proof->hashes[i], &was);
			is = merkle_node(&proof->hashes[i], &is);
			while (node % 2 == 0 && node != 0) {
				node >>= 1;
				last >>= 1;
			}
		} else {
			is = merkle_node(&is, &proof->hashes[i]);
		}
		node >>= 1;
		last >>= 1;
	}
	if (last != 0) {
		return err_set(ERR_CORRUPT, "consistency proof too short");
	}
	if (!hash_equal(&was, old_root) || !hash_equal(&is, root)) {
		return err_set(ERR_CORRUPT, "the newer tree does not continue "
					    "the older one");
	}
	return 0;
}

int
merkle_check_consistency(const struct merkle_proof *proof, uint64_t old,
			 uint64_t size, const struct hash *old_root,
			 const struct hash *root)
{
	if (old > size) {
		return err_set(ERR_CORRUPT, "the newer tree is smaller");
	}
	if (old != 0 && old != size) {
		return check_growth(proof, old, size, old_root, root);
	}
	if (proof->n != 0) {
		return err_set(ERR_CORRUPT, "consistency proof too long");
	}
	if (old == 0) {
		struct hash empty = merkle_empty();

		return hash_equal(&empty, old_root) &&
				       (size != 0 || hash_equal(&empty, root))
			       ? 0
			       : err_set(ERR_CORRUPT, "an empty tree has "
						      "another root");
	}
	return hash_equal(old_root, root)
		       ? 0
		       : err_set(ERR_CORRUPT,
				 "two roots for one size: equivocation");
}
