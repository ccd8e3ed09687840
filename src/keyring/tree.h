#ifndef KEYRING_TREE_H
#define KEYRING_TREE_H

#include <lmdb.h>

#include "keyring/node.h"

/*
 * The LMDB environment `keys`, or one of its mirrors: nodes by their place,
 * and three rows at places that no node has: the head (what this tree is, in
 * which epoch, authenticated under the root key), the slots of the last batch,
 * and a counter that makes a write real.
 */
struct tree {
	MDB_env *env;
	MDB_dbi dbi;
	char *directory;
};

#define TREE_MAP_BYTES (64ull << 30)
#define TREE_HEAD_BYTES 184

struct tree_head {
	struct id store_id;
	uint64_t epoch; /* of the root */
	uint64_t leaves;
	uint64_t nodes;
	uint64_t batch_id; /* the last one that destroyed */
	uint64_t batch_epoch;
	uint64_t rotation_from; /* nodes of this epoch or before are left */
	uint64_t rotation_left;
	uint64_t rotation_leaf; /* where it goes on */
	uint8_t batch_hash[32]; /* BLAKE2b-256 of the batch row */
	uint8_t root_hash[32];  /* BLAKE2b-256 of the sealed root */
};

/* The head as bytes, authenticated under the root key of its epoch; and back:
 * ERR_CORRUPT, ERR_SEAL. `root` NULL: the bytes are not authenticated. */
void tree_head_encode(const struct tree_head *h, const struct key *root,
		      uint8_t out[TREE_HEAD_BYTES]);
int tree_head_decode(struct bytes b, const struct key *root,
		     struct tree_head *out) MUST_CHECK;

/* Opens the environment; makes it with `create` (directory 0700). ERR_IO;
 * ERR_NOT_FOUND: no such environment; ERR_CORRUPT: LMDB refuses it, or the
 * file is shorter than it says. */
enum tree_mode { TREE_READ, TREE_WRITE, TREE_CREATE };
int tree_open(const char *directory, enum tree_mode mode,
	      struct tree *out) MUST_CHECK;
void tree_close(struct tree *t);

int tree_begin(const struct tree *t, bool write, MDB_txn **out) MUST_CHECK;

/* ERR_NOT_FOUND; borrowed until the transaction writes or ends. */
int tree_get(const struct tree *t, MDB_txn *txn, uint8_t level, uint64_t index,
	     struct bytes *out) MUST_CHECK;
int tree_put(const struct tree *t, MDB_txn *txn, uint8_t level, uint64_t index,
	     struct bytes value) MUST_CHECK;

/* Commits, synced. ERR_OUTCOME. */
int tree_commit(MDB_txn *txn) MUST_CHECK;

/* Places of the other rows. */
#define TREE_LEVEL_RECOVERIES 0xfd
#define TREE_LEVEL_BATCH 0xfe
#define TREE_LEVEL_HEAD 0xff

/* Whether the tree's head and root are those of this key; fills the head. */
int tree_check(const struct tree *t, const struct key *root,
	       struct id store_id, struct tree_head *out) MUST_CHECK;

/* The head as it stands, not authenticated: to name what was found. */
int tree_head_read(const struct tree *t, struct tree_head *out) MUST_CHECK;

/* A real, synced write that changes nothing of the tree. ERR_OUTCOME. */
int tree_touch(const struct tree *t) MUST_CHECK;

/* Writes every page of the file again in place, meta pages last, synced: what
 * a failed sync left in the page cache alone reaches the disk before anything
 * is decided by it. The environment must not be open. No-op without a file. */
int tree_write_again(const char *directory) MUST_CHECK;

/* Makes `to` the same as `from`, changed rows only, in bounded transactions,
 * the head last. */
int tree_copy(const struct tree *from, const struct tree *to) MUST_CHECK;

/* Removes the files of an environment that LMDB refuses, before it is made
 * anew from a good copy. ERR_IO. */
int tree_remove(const char *directory) MUST_CHECK;

/* DIRECTORY/data.mdb. The caller frees; NULL without memory. */
char *tree_file(const char *directory);

#endif
