#ifndef NINETY_AUDIT_RECOUNT_H
#define NINETY_AUDIT_RECOUNT_H

#include "audit/logkeys.h"
#include "audit/tilepath.h"
#include "report.h"

/*
 * A log computed once more from its entries. Every entry is hashed again and
 * every file under tile/ is compared with what it must hold; roots are noted
 * at the sizes that checkpoints claim.
 */
struct recount_root {
	uint64_t size;
	struct hash root; /* once size is reached */
	bool is_reached;
};

#define RECOUNT_ROOTS_MAX 1024
#define LEAF_TYPES_MAX 256

struct hash_list {
	size_t n;
	size_t cap;
	struct hash *hashes;
};

struct recount {
	int folder;
	struct report *report;
	uint64_t signed_size; /* what must be there; more may be */
	uint64_t n_leaves;    /* that the entries hold */
	uint64_t n_files;     /* under tile/ that were compared */
	uint64_t by_type[LEAF_TYPES_MAX];
	size_t n_roots;
	struct recount_root roots[RECOUNT_ROOTS_MAX]; /* by size, rising */
	struct merkle_edge edge;
	struct hash first_leaf_commitment;
	bool is_successor; /* leaf 0 says so */
	bool is_cut;       /* a bundle does not read: the rest is unknown */
	/* [l]: the hashes of level l; [0] only of the bundle at hand. */
	struct hash_list levels[TILE_LEVELS];
	uint64_t bundle_now; /* whose entries and hashes are at hand */
	struct buf bundle;
	size_t entry_ends[TILE_HASHES + 1]; /* offsets in the bundle */
};

/* Wants the root at that size. False when there are too many. */
bool recount_want_root(struct recount *r, uint64_t size);
const struct hash *recount_root(const struct recount *r, uint64_t size);

/* Reads all entries from the first. ERR_IO, ERR_NOMEM: what is wrong with the
 * log itself goes to the report. */
int recount_run(struct recount *r) MUST_CHECK;

/* Compares all that recount_run has not: upper levels, partial forms, files
 * that should not be there or are missing (walk.c). */
int recount_walk(struct recount *r) MUST_CHECK;

/* Brings the entries and leaf hashes of a bundle to hand: the full one, else
 * its widest partial form. *out_width 0 when there is none that reads. */
int recount_load(struct recount *r, uint64_t n, unsigned *out_width) MUST_CHECK;

void recount_clear(struct recount *r);

#endif
