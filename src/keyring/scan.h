#ifndef KEYRING_SCAN_H
#define KEYRING_SCAN_H

#include "keyring/keyring.h"
#include "keyring/keystore.h"

/*
 * What an auditor can see in the raw bytes of `keys`, free pages too. Every
 * place in the file that looks like a tree node is tried with the key that
 * today's root leads to for that node. Only the live ones may open: an older
 * version that opens holds keys that were thought destroyed.
 *
 * All of it reads only: a stopped, killed or copied instance.
 * docs/format.md "The closure scan".
 */

/* The closure: the keys of all nodes that today's root leads to. */
struct closure;

struct scan_tree {
	uint64_t nodes;       /* reached from the root */
	uint64_t slots_alive;
	uint64_t slots_dead;
	uint64_t unreadable;  /* reached, but lost or not opening */
};

/* Opens every node from the root down. Errors of single nodes are counted;
 * ERR_NOMEM for want of guarded memory. */
int closure_open(struct keyring *readonly, struct closure **out,
		 struct scan_tree *out_tree) MUST_CHECK;
void closure_close(struct closure *c);

struct scan_pages {
	uint64_t pages;     /* of 4 KiB */
	uint64_t node_like; /* with a node's header, wherever they lie */
	uint64_t live;      /* the node that stands in the tree today */
	uint64_t stale;     /* older ones that today's root opens: must be 0 */
	uint64_t closed;    /* do not open */
};

/* ERR_IO. `file` is the raw data.mdb of this tree, a mirror or an old copy. */
int scan_closure(const struct closure *c, const char *file,
		 struct scan_pages *out) MUST_CHECK;

/*
 * The positive control: an old keystore's root, tried on the same raw bytes.
 * Where it opens the old tree, the scan above would have found it.
 */
struct scan_control {
	uint64_t epoch;      /* of the old root */
	uint64_t nodes;      /* that it opens, down from the root */
	uint64_t missing;    /* referred to, but overwritten since */
	uint64_t slots_back; /* keys it brings back that are dead today */
};

/* ERR_SEAL, ERR_CORRUPT: the old keystore does not open. */
int scan_control(struct keyring *readonly, const char *file,
		 const char *old_keystore, const struct keystore_source *source,
		 struct scan_control *out) MUST_CHECK;

/* Without any key: rows of the tree in their places, parents for all of them,
 * no child younger than its parent. `wrong` counts what is not so. */
struct scan_structure {
	uint64_t nodes;
	uint64_t wrong;
	uint64_t epoch;
	uint64_t grown;     /* slots */
	struct id store_id; /* as the head says, not authenticated */
	uint64_t batch_id;  /* the last that destroyed */
};

int scan_structure(const char *directory,
		   struct scan_structure *out) MUST_CHECK;

/* The slots of the last batch that destroyed, as `keys` keeps them. The
 * caller frees *out_slots (NULL when there was none). ERR_CORRUPT when the row
 * is not the one that the head vouches for. */
int scan_last_batch(struct keyring *readonly, slot_t **out_slots,
		    size_t *out_n, struct keyring_batch *out) MUST_CHECK;

#endif
