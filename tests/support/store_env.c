/* A store in memory, opened and closed for one test. */

#include "support/store_env.h"

#include <pthread.h>

#include "support/test.h"

#define SEGMENT_BYTES ((size_t)4 << 20)
#define SNAPSHOT_ARENA_BYTES ((size_t)16 << 20)

void
store_env_open(struct store_env *e)
{
	struct store_config config = {.in_memory = true,
				      .entropy = &e->entropy.base};

	e->txn = NULL;
	e->is_on_disk = false;
	entropy_seeded_init(&e->entropy, 1);
	assert_ok(store_open(&config, &e->store));
}

void
store_env_open_on_disk(struct store_env *e)
{
	struct store_config config = {.directory = e->temp.path,
				      .segment_bytes = SEGMENT_BYTES,
				      .entropy = &e->entropy.base};

	e->txn = NULL;
	e->is_on_disk = true;
	temp_make_quick(&e->temp);
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
	if (e->is_on_disk) {
		temp_remove(&e->temp);
	}
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

struct waiting {
	pthread_mutex_t lock;
	pthread_cond_t came;
	bool has_come;
	int rc;
	struct txn *snapshot;
};

/* On the applier's thread, or in memory on this one. */
static void
snapshot_came(void *ctx, int rc, struct txn *snapshot)
{
	struct waiting *w = ctx;

	pthread_mutex_lock(&w->lock);
	w->has_come = true;
	w->rc = rc;
	w->snapshot = snapshot;
	pthread_cond_signal(&w->came);
	pthread_mutex_unlock(&w->lock);
}

struct txn *
store_env_snapshot(struct store_env *e)
{
	struct waiting w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
			    false, 0, NULL};

	assert_ok(store_snapshot(e->store, SNAPSHOT_ARENA_BYTES, snapshot_came,
				 &w));
	pthread_mutex_lock(&w.lock);
	while (!w.has_come) {
		pthread_cond_wait(&w.came, &w.lock);
	}
	pthread_mutex_unlock(&w.lock);
	assert_ok(w.rc);
	return w.snapshot;
}
