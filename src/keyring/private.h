#ifndef KEYRING_PRIVATE_H
#define KEYRING_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "keyring/cache.h"
#include "keyring/keystore.h"
#include "keyring/tree.h"

/* What keyring.c, recover.c and erase.c share; nobody else includes it. */

#define KEYRING_TREES_MAX (1 + KEYRING_MIRRORS_MAX)

/* In guarded memory. */
struct keyring_secret {
	struct key root;
	struct key next;
	struct key outer;
	struct keystore_content content;
	uint8_t scratch[NODE_LEVELS][NODE_PLAIN_BYTES]; /* erase.c's path */
};

struct keyring {
	struct id store_id;
	struct keystore *keystore;
	struct tree trees[KEYRING_TREES_MAX]; /* the first is read */
	size_t n_trees;
	struct keyring_secret *secret;
	struct tree_head head; /* of the destroying thread */
	_Atomic uint64_t epoch;
	_Atomic uint64_t leaves;
	_Atomic uint64_t nodes_opened;
	_Atomic uint64_t nodes_written;
	_Atomic uint64_t bytes_written;
	struct cache *cache;
	MDB_txn *reader;
	/* A cold read takes both, in this order; a warm one only the second.
	 * The first is held while the root changes hands. */
	pthread_mutex_t root_lock;
	pthread_mutex_t cache_lock;
	bool readonly;
	bool weak;
	bool broken; /* an outcome is unknown: nothing is destroyed again */
	struct entropy *entropy;
	void (*step)(const char *name, void *ctx);
	void *step_ctx;
};

void keyring_step(struct keyring *k, const char *name);

/* A keyring without trees and keystore. NULL, ERR_NOMEM set. */
struct keyring *keyring_new(const struct keyring_config *config);

/* The keystore's configuration. */
struct keystore_config
keyring_keystore_config(const struct keyring_config *config);

/* The tree's first nodes, in epoch 1, under secret->next; the head. */
int erase_make_tree(struct keyring *k, uint64_t leaves) MUST_CHECK;

/* Opens keystore and trees, decides by the recovery table, repairs. */
int recover_open(const struct keyring_config *config, struct keyring *k,
		 struct keyring_batch running,
		 struct keyring_recovery *out) MUST_CHECK;

/* The same, reading only: any tree that the keystore opens will do. */
int recover_open_readonly(const struct keyring_config *config,
			  struct keyring *k) MUST_CHECK;

/* Compares the copies of an open tree node by node, and mends what differs.
 * What a copy does not take is told in *out. ERR_IO, ERR_OUTCOME. */
int mend_trees(struct keyring *k, struct keyring_recovery *out) MUST_CHECK;

#endif
