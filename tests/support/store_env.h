#ifndef SUPPORT_STORE_ENV_H
#define SUPPORT_STORE_ENV_H

#include "base/entropy.h"
#include "store/store.h"
#include "support/temp.h"

/*
 * A store in memory for a unit test, and txns on it: link support_store.
 *
 *	struct store_env env;
 *	store_env_open(&env);
 *	struct txn *t = store_env_begin(&env);
 *	...
 *	store_env_commit(&env);
 *	store_env_close(&env);
 *
 * Failures end the test.
 */
struct store_env {
	struct store *store;
	struct txn *txn;
	struct entropy_seeded entropy;
	bool is_on_disk;
	struct temp temp;
};

void store_env_open(struct store_env *e);
/* The same over LMDB and a journal, in a directory that goes with it. */
void store_env_open_on_disk(struct store_env *e);
/* Abandons an open txn. */
void store_env_close(struct store_env *e);

struct txn *store_env_begin(struct store_env *e);
/* Keeps effect and trace, and syncs. */
void store_env_commit(struct store_env *e);
/* Drops the effect, keeps the trace, and syncs: an operation that failed. */
void store_env_fail(struct store_env *e);
/* Drops both. */
void store_env_abandon(struct store_env *e);

/* A read-only txn over what has been committed; snapshot_close it. */
struct txn *store_env_snapshot(struct store_env *e);

#endif
