/* A store in memory, opened and closed for one test. */

#include "support/store_env.h"

#include "support/test.h"

#define SNAPSHOT_ARENA_BYTES ((size_t)16 << 20)

void
store_env_open(struct store_env *e)
{
	struct store_config config = {.in_memory = true,
				      .entropy = &e->entropy.base};

	e->txn = NULL;
	entropy_seeded_init(&e->entropy, 1);
	assert_ok(store_open(&config, &e->store));
}

void
store_env_close(struct store_env *e)
{
	if (e->txn != NULL) {
		store_env_abandon(e);
	}
	store_close(e->store);
	e->store = NULL;
}

struct txn *
store_env_begin(struct store_env *e)
{
	assert_null(e->txn);
	assert_ok(store_begin(e->store, &e->txn));
	return e->txn;
}

static void
end(struct store_env *e, bool keep_effect)
{
	assert_non_null(e->txn);
	assert_ok(store_end(e->store, e->txn, keep_effect));
	e->txn = NULL;
	assert_ok(store_sync(e->store));
}

void
store_env_commit(struct store_env *e)
{
	end(e, true);
}

void
store_env_fail(struct store_env *e)
{
	end(e, false);
}

void
store_env_abandon(struct store_env *e)
{
	store_abandon(e->store, e->txn);
	e->txn = NULL;
}

static void
snapshot_came(void *ctx, int rc, struct txn *snapshot)
{
	assert_ok(rc);
	*(struct txn **)ctx = snapshot;
}

struct txn *
store_env_snapshot(struct store_env *e)
{
	struct txn *snapshot = NULL;

	assert_ok(store_snapshot(e->store, SNAPSHOT_ARENA_BYTES, snapshot_came,
				 &snapshot));
	assert_non_null(snapshot);
	return snapshot;
}
