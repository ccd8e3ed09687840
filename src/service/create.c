/* A new instance: tree of keys, store, log key, first principals. The keys
 * come first: without them nothing below can be sealed; a half-made instance
 * is refused by the next try and by the service. */

#include "audit/head.h"
#include "policy/decide.h"
#include "service/core.h"
#include "service/log_key.h"
#include "service/principals.h"
#include "vault/index.h"

#define FIRST_SLOTS (4u * 25000u)
#define CREATE_ARENA_BYTES_MAX (8u << 20)

struct creation {
	const struct core_config *config;
	uint32_t index_buckets;
	const struct core_principal *principals;
	size_t n;
};

static int
rows_create(struct call *c, const struct creation *n)
{
	struct vault v = {
		.txn = c->txn,
		.keys = c->keys,
		.policy = c->policy,
		.entropy = c->entropy,
		.arena = c->arena,
		.now_ms = c->now_ms,
		.today = c->today,
	};
	bool has;
	int rc = txn_has(c->txn, TABLE_SYSTEM, bytes_str("log.seed"), &has);

	if (rc == 0 && has) {
		rc = err_set(ERR_EXISTS, "there is a store already");
	}
	if (rc == 0) {
		rc = index_set_buckets(&v, n->index_buckets);
	}
	if (rc == 0) {
		rc = log_key_create(c);
	}
	for (size_t i = 0; i < n->n && rc == 0; i++) {
		rc = principal_enrol(c, n->principals[i].name,
				     n->principals[i].key,
				     n->principals[i].roles);
	}
	return rc;
}

static int
store_create(const struct creation *n, struct keyring *keys,
	     const struct policy *policy)
{
	struct call c = {
		.operation = "create",
		.caller = {.name = "", .roles = ROLE_INTERNAL},
		.now_ms = clock_wall_ms(n->config->clock),
		.keys = keys,
		.policy = policy,
		.entropy = n->config->entropy,
		.log_slot = SLOT_NONE,
		.reply_slot = SLOT_NONE,
	};
	struct store *store;
	struct txn *t;
	int rc = store_open(&n->config->store, &store);

	if (rc != 0) {
		return rc;
	}
	c.today = decide_today(policy, c.now_ms);
	c.arena = arena_new(CREATE_ARENA_BYTES_MAX);
	rc = c.arena == NULL ? ERR_NOMEM : store_begin(store, &t);
	if (rc == 0) {
		c.txn = t;
		rc = rows_create(&c, n);
		if (rc == 0) {
			rc = store_end(store, t, true);
		} else {
			store_abandon(store, t);
		}
	}
	if (rc == 0) {
		rc = store_sync(store);
	}
	arena_free(c.arena);
	store_close(store);
	return rc;
}

static int
keys_create(const struct core_config *config, struct keyring **out)
{
	struct keyring_recovery recovery;
	struct id store_id = id_new(clock_wall_ms(config->clock),
				    config->entropy);
	AUTO_KEY mac = {{0}};
	int rc = keyring_create(&config->keyring, store_id, FIRST_SLOTS);

	if (rc == 0) {
		rc = keyring_open(&config->keyring,
				  (struct keyring_batch){0}, out, &recovery);
	}
	if (rc == 0) {
		rc = keyring_outer_key(*out, "head", &mac);
		if (rc == 0) {
			rc = head_create(config->head, &mac);
		}
		if (rc != 0) {
			keyring_close(*out);
		}
	}
	return rc;
}

int
core_create(const struct core_config *config, uint32_t index_buckets,
	    const struct core_principal *principals, size_t n)
{
	struct creation creation = {config, index_buckets, principals, n};
	static struct policy_faults faults;
	const struct policy *policy;
	struct keyring *keys;
	int rc = policy_load(config->policies, &policy, &faults);

	if (rc != 0) {
		return rc;
	}
	rc = keys_create(config, &keys);
	if (rc == 0) {
		rc = store_create(&creation, keys, policy);
		keyring_close(keys);
	}
	policy_free(policy);
	return rc;
}
