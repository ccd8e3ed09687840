#ifndef SUPPORT_VAULT_ENV_H
#define SUPPORT_VAULT_ENV_H

#include "support/keyring_env.h"
#include "support/store_env.h"
#include "vault/vault.h"

/*
 * Everything under a domain function, in memory or thrown away afterwards: a
 * store, a keyring, the shipped policies, a clock that stands still until it
 * is moved. One txn at a time:
 *
 *	struct vault *v = vault_env_begin(&env);
 *	assert_ok(subject_load(v, id, &s));
 *	vault_env_commit(&env);
 */
struct vault_env {
	struct store_env store;
	struct keyring_env keys;
	const struct policy *policy;
	struct entropy_seeded entropy;
	struct arena *arena;
	int64_t now_ms;
	uint64_t epoch_batch;
	struct vault vault;
};

/* 2026-11-23T12:00:00Z */
#define VAULT_ENV_NOW_MS 1795435200000LL

void vault_env_open(struct vault_env *e);
void vault_env_close(struct vault_env *e);

/* The arena starts anew with each txn. */
struct vault *vault_env_begin(struct vault_env *e);
void vault_env_commit(struct vault_env *e);
void vault_env_fail(struct vault_env *e);

void vault_env_advance(struct vault_env *e, int64_t ms);

/* Destroys slots at once, as an erasure batch does. */
void vault_env_destroy(struct vault_env *e, const slot_t *slots, size_t n);

/* How often these bytes stand in all rows of a table, keys included. */
size_t vault_env_count_bytes(struct vault_env *e, enum table table,
			     const char *needle);

#endif
