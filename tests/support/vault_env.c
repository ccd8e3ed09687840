/* The vault's world for tests. */

#include "support/test.h"

#include "base/secret.h"
#include "policy/decide.h"
#include "support/vault_env.h"

#define SLOTS (40u * KEYRING_FANOUT)
#define ARENA_BYTES_MAX (32u << 20)

static struct policy_faults faults;

void
vault_env_open(struct vault_env *e)
{
	memset(e, 0, sizeof(*e));
	assert_ok(secret_init());
	store_env_open(&e->store);
	keyring_env_open(&e->keys, SLOTS);
	assert_ok(policy_load(SOURCE_DIR "/policies", &e->policy, &faults));
	entropy_seeded_init(&e->entropy, 4711);
	e->arena = arena_new(ARENA_BYTES_MAX);
	assert_non_null(e->arena);
	e->now_ms = VAULT_ENV_NOW_MS;
}

void
vault_env_close(struct vault_env *e)
{
	store_env_close(&e->store);
	keyring_env_close(&e->keys);
	policy_free(e->policy);
	arena_free(e->arena);
}

struct vault *
vault_env_begin(struct vault_env *e)
{
	arena_reset(e->arena);
	e->vault = (struct vault){.txn = store_env_begin(&e->store),
				  .keys = e->keys.keyring,
				  .policy = e->policy,
				  .entropy = &e->entropy.base,
				  .arena = e->arena,
				  .now_ms = e->now_ms,
				  .today = decide_today(e->policy, e->now_ms)};
	return &e->vault;
}

void
vault_env_commit(struct vault_env *e)
{
	store_env_commit(&e->store);
}

void
vault_env_fail(struct vault_env *e)
{
	store_env_fail(&e->store);
}

void
vault_env_advance(struct vault_env *e, int64_t ms)
{
	e->now_ms += ms;
}

void
vault_env_destroy(struct vault_env *e, const slot_t *slots, size_t n)
{
	struct keyring_batch batch = {
		.id = ++e->epoch_batch,
		.epoch_to = keyring_epoch(e->keys.keyring) + 1};
	struct keyring_destroyed destroyed;

	assert_ok(
		keyring_destroy(e->keys.keyring, batch, slots, n, &destroyed));
}

static size_t
count_in(struct bytes hay, const char *needle)
{
	size_t len = strlen(needle);
	size_t n = 0;

	for (size_t i = 0; i + len <= hay.n; i++) {
		n += memcmp(hay.p + i, needle, len) == 0 ? 1 : 0;
	}
	return n;
}

size_t
vault_env_count_bytes(struct vault_env *e, enum table table, const char *needle)
{
	struct txn *t = store_env_snapshot(&e->store);
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	size_t n = 0;

	assert_ok(range_open(t, table, bytes_of(NULL, 0), bytes_of(NULL, 0), 0,
			     &r));
	while (range_next(r, &key, &value) == 1) {
		n += count_in(key, needle) + count_in(value, needle);
	}
	range_close(r);
	snapshot_close(t);
	return n;
}
