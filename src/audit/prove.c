/* Making roots and proofs from hashes of full subtrees, RFC 6962 §2.1. Where
 * the hashes come from is the source's business. */

#include "audit/merkle.h"

static unsigned
level_of(uint64_t power)
{
	return (unsigned)__builtin_ctzll(power);
}

/* The largest power of two below n; n > 1. */
static uint64_t
split_of(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* MTH of n leaves from `start`, which is a multiple of every full subtree
 * that the range holds: full ones from the left, then joined from the right. */
static int
range_root(const struct merkle_source *from, uint64_t start, uint64_t n,
	   struct hash *out)
{
	struct hash peaks[MERKLE_LEVELS_MAX];
	size_t n_peaks = 0;
	struct hash h;

	while (n > 0) {
		uint64_t full = (n & (n - 1)) == 0 ? n : split_of(n);
		unsigned level = level_of(full);
		int rc = from->read(from->context, level, start >> level,
				    &peaks[n_peaks]);

		if (rc != 0) {
			return rc;
		}
		n_peaks++;
		start += full;
		n -= full;
	}
	h = peaks[--n_peaks];
	while (n_peaks > 0) {
		h = merkle_node(&peaks[--n_peaks], &h);
	}
	*out = h;
	return 0;
}

int
merkle_root(const struct merkle_source *from, uint64_t size, struct hash *out)
{
	if (size == 0) {
		*out = merkle_empty();
		return 0;
	}
	return range_root(from, 0, size, out);
}

/* Proofs are found from the root down and told from the leaf up. */
static void
proof_reverse(struct merkle_proof *p)
{
	for (size_t i = 0; i < p->n / 2; i++) {
		struct hash h = p->hashes[i];

		p->hashes[i] = p->hashes[p->n - 1 - i];
		p->hashes[p->n - 1 - i] = h;
	}
}

int
merkle_prove_inclusion(const struct merkle_source *from, uint64_t index,
		       uint64_t size, struct merkle_proof *out)
{
	struct merkle_proof p = {0};
	uint64_t start = 0;
	uint64_t n = size;

	if (index >= size) {
		return err_set(ERR_INVALID, "index is not below size");
	}
	while (n > 1) {
		uint64_t k = split_of(n);
		bool left = index - start < k;
		int rc = left ? range_root(from, start + k, n - k,
					   &p.hashes[p.n])
			      : range_root(from, start, k, &p.hashes[p.n]);

		if (rc != 0) {
			return rc;
		}
		p.n++;
		start += left ? 0 : k;
		n = left ? k : n - k;
	}
	proof_reverse(&p);
	*out = p;
	return 0;
}

int
merkle_prove_consistency(const struct merkle_source *from, uint64_t old,
			 uint64_t size, struct merkle_proof *out)
{
	struct merkle_proof p = {0};
	uint64_t start = 0;
	uint64_t n = size;
	uint64_t m = old;
	int rc;

	if (old > size) {
		return err_set(ERR_INVALID, "the older size is the larger");
	}
	if (old == 0) {
		*out = p;
		return 0;
	}
	/* SUBPROOF(m, D[start:start+n], b): b holds while start is 0. */
	while (m != n) {
		uint64_t k = split_of(n);
		bool left = m <= k;

		rc = left ? range_root(from, start + k, n - k, &p.hashes[p.n])
			  : range_root(from, start, k, &p.hashes[p.n]);
		if (rc != 0) {
			return rc;
		}
		p.n++;
		start += left ? 0 : k;
		n = left ? k : n - k;
		m -= left ? 0 : k;
	}
	if (start != 0) {
		rc = range_root(from, start, n, &p.hashes[p.n]);
		if (rc != 0) {
			return rc;
		}
		p.n++;
	}
	proof_reverse(&p);
	*out = p;
	return 0;
}
