/* The keyring as others see it: making, opening and closing it, and keys by
 * slot through the cache. Destroying is erase.c's, deciding after a crash
 * recover.c's. */

#include <stdlib.h>

#include "keyring/private.h"

#define FIRST_DAY_SLOT SLOT_SYSTEM_END
#define DAYS ((uint64_t)(KEYRING_DAY_END - KEYRING_DAY_FIRST))
#define FIRST_LEAVES                                                          \
	((FIRST_DAY_SLOT + DAYS + KEYRING_FANOUT - 1) / KEYRING_FANOUT)

_Static_assert((int)SLOT_SYSTEM_END == (int)KEYRING_FANOUT,
	       "the system's slots fill one leaf");

slot_t
keyring_day_slot(date_t day)
{
	if (day < KEYRING_DAY_FIRST || day >= KEYRING_DAY_END) {
		return SLOT_NONE;
	}
	return FIRST_DAY_SLOT + (slot_t)(day - KEYRING_DAY_FIRST);
}

slot_t
keyring_first_free(void)
{
	return FIRST_LEAVES * KEYRING_FANOUT;
}

void
keyring_step(struct keyring *k, const char *name)
{
	if (k->step != NULL) {
		k->step(name, k->step_ctx);
	}
}

struct keystore_config
keyring_keystore_config(const struct keyring_config *config)
{
	return (struct keystore_config){
		.paths = {config->keystore, config->keystore_second},
		.source = {config->passphrase_file, config->credential},
		.cheap_kdf_for_tests = config->cheap_kdf_for_tests,
		.accept_weak = config->accept_weak_keystore,
		.entropy = config->entropy,
		.step = config->step,
		.step_ctx = config->step_ctx,
	};
}

struct keyring *
keyring_new(const struct keyring_config *config)
{
	struct keyring *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		(void)err_set(ERR_NOMEM, "no memory for the keyring");
		return NULL;
	}
	(void)pthread_mutex_init(&k->root_lock, NULL);
	(void)pthread_mutex_init(&k->cache_lock, NULL);
	k->entropy = config->entropy;
	k->step = config->step;
	k->step_ctx = config->step_ctx;
	k->secret = secret_alloc(sizeof(*k->secret));
	if (k->secret == NULL) {
		keyring_close(k);
		return NULL;
	}
	return k;
}

void
keyring_close(struct keyring *k)
{
	if (k == NULL) {
		return;
	}
	mdb_txn_abort(k->reader);
	for (size_t i = 0; i < k->n_trees; i++) {
		tree_close(&k->trees[i]);
	}
	keystore_close(k->keystore);
	cache_close(k->cache);
	secret_free(k->secret);
	(void)pthread_mutex_destroy(&k->root_lock);
	(void)pthread_mutex_destroy(&k->cache_lock);
	free(k);
}

static uint64_t
leaves_for(uint64_t slots)
{
	return slots / KEYRING_FANOUT + (slots % KEYRING_FANOUT != 0);
}

/* The tree first, the keystore last: without it nothing has begun. */
static int
create_first(const struct keyring_config *config, struct id store_id)
{
	struct keystore_config to = keyring_keystore_config(config);
	struct keyring *k = keyring_new(config);
	struct keystore_content *content;
	struct tree_head head;
	int rc;

	if (k == NULL) {
		return ERR_NOMEM;
	}
	k->store_id = store_id;
	rc = tree_open(config->directory, TREE_CREATE, &k->trees[0]);
	if (rc == 0) {
		k->n_trees = 1;
		rc = tree_head_read(&k->trees[0], &head);
		rc = rc == ERR_NOT_FOUND
			     ? 0
			     : err_set(ERR_EXISTS, "keys: not empty");
	}
	if (rc == 0) {
		rc = erase_make_tree(k, FIRST_LEAVES);
	}
	if (rc == 0) {
		content = &k->secret->content;
		content->state = KEYSTORE_STABLE;
		content->sequence = 1;
		content->epoch = k->head.epoch;
		content->root = k->secret->next;
		entropy_fill(k->entropy, content->outer.b, KEY_BYTES);
		rc = keystore_create(&to, store_id, content);
	}
	keyring_close(k);
	return rc;
}

int
keyring_create(const struct keyring_config *config, struct id store_id,
	       uint64_t slots)
{
	struct keyring_recovery recovery;
	struct keyring *k = NULL;
	int rc = create_first(config, store_id);

	/* Opening makes the mirrors. */
	if (rc == 0 && (slots > 0 || config->n_mirrors > 0)) {
		rc = keyring_open(config, (struct keyring_batch){0}, &k,
				  &recovery);
	}
	if (rc == 0 && k != NULL && slots > 0) {
		rc = keyring_grow(k, keyring_first_free(),
				  leaves_for(slots) * KEYRING_FANOUT);
	}
	keyring_close(k);
	return rc;
}

static int
open_rest(const struct keyring_config *config, struct keyring *k)
{
	int rc = cache_open(config->cache_bytes_max, &k->cache);

	if (rc == 0) {
		rc = tree_begin(&k->trees[0], false, &k->reader);
	}
	if (rc == 0) {
		mdb_txn_reset(k->reader);
		atomic_store(&k->epoch, k->head.epoch);
		atomic_store(&k->leaves, k->head.leaves);
	}
	return rc;
}

int
keyring_open(const struct keyring_config *config, struct keyring_batch running,
	     struct keyring **out, struct keyring_recovery *out_recovery)
{
	struct keyring_recovery recovery = {0};
	struct keyring *k = keyring_new(config);
	int rc;

	if (k == NULL) {
		return ERR_NOMEM;
	}
	rc = recover_open(config, k, running, &recovery);
	if (rc == 0) {
		rc = open_rest(config, k);
	}
	if (rc != 0) {
		keyring_close(k);
		return rc;
	}
	*out = k;
	*out_recovery = recovery;
	return 0;
}

int
keyring_open_readonly(const struct keyring_config *config,
		      struct keyring **out)
{
	struct keyring *k = keyring_new(config);
	int rc;

	if (k == NULL) {
		return ERR_NOMEM;
	}
	k->readonly = true;
	rc = recover_open_readonly(config, k);
	if (rc == 0) {
		rc = open_rest(config, k);
	}
	if (rc != 0) {
		keyring_close(k);
		return rc;
	}
	*out = k;
	return 0;
}

struct id
keyring_store_id(const struct keyring *k)
{
	return k->store_id;
}

struct entropy *
keyring_entropy(const struct keyring *k)
{
	return k->entropy;
}

slot_t
keyring_grown(const struct keyring *k)
{
	return atomic_load(&k->leaves) * KEYRING_FANOUT;
}

uint64_t
keyring_epoch(const struct keyring *k)
{
	return atomic_load(&k->epoch);
}

/* The node from one copy of the tree, in a transaction of that copy. */
static int
node_read(struct keyring *k, size_t tree, MDB_txn *txn, const struct key *key,
	  uint8_t level, uint64_t index, uint8_t *to)
{
	struct bytes sealed;
	int rc = tree_get(&k->trees[tree], txn, level, index, &sealed);

	(void)atomic_fetch_add_explicit(&k->nodes_opened, 1,
					memory_order_relaxed);
	if (rc == ERR_NOT_FOUND) {
		return err_set(ERR_CORRUPT, "keys: a node is lost");
	}
	return rc != 0 ? rc
		       : node_open(key, level, index, k->store_id, sealed, to);
}

/* From the first copy, or where it is damaged from a mirror. */
static int
node_read_any(struct keyring *k, const struct key *key, uint8_t level,
	      uint64_t index, uint8_t *to)
{
	int rc = node_read(k, 0, k->reader, key, level, index, to);

	for (size_t i = 1; rc != 0 && i < k->n_trees; i++) {
		MDB_txn *txn = NULL;

		if (tree_begin(&k->trees[i], false, &txn) == 0) {
			rc = node_read(k, i, txn, key, level, index, to);
			mdb_txn_abort(txn);
		}
	}
	return rc;
}

/* Opens the path down to the node into the cache, from the deepest ancestor
 * that is there. Both locks are held. */
static int
node_load(struct keyring *k, uint8_t level, uint64_t index,
	  const uint8_t **out)
{
	const uint8_t *plain = cache_get(k->cache, level, index);
	AUTO_KEY key = k->secret->root;
	uint8_t *to;
	int rc;

	if (plain != NULL) {
		*out = plain;
		return 0;
	}
	if (level < NODE_LEVEL_ROOT) {
		rc = node_load(k, (uint8_t)(level + 1), index / KEYRING_FANOUT,
			       &plain);
		if (rc != 0) {
			return rc;
		}
		node_child(plain, index, &key);
		if (key_is_zero(&key)) {
			return err_set(ERR_NOT_FOUND, "no such slot yet");
		}
	}
	to = cache_add(k->cache, level, index);
	rc = node_read_any(k, &key, level, index, to);
	if (rc != 0) {
		cache_drop(k->cache, level, index);
		return rc;
	}
	*out = to;
	return 0;
}

static int
key_cold(struct keyring *k, slot_t slot, struct key *out)
{
	const uint8_t *plain;
	int rc;

	(void)pthread_mutex_lock(&k->root_lock);
	(void)pthread_mutex_lock(&k->cache_lock);
	rc = mdb_txn_renew(k->reader);
	if (rc != 0) {
		rc = err_set(ERR_IO, "keys: %s", mdb_strerror(rc));
	} else {
		rc = node_load(k, 0, slot / KEYRING_FANOUT, &plain);
		if (rc == 0) {
			node_child(plain, slot, out);
		}
		mdb_txn_reset(k->reader);
	}
	(void)pthread_mutex_unlock(&k->cache_lock);
	(void)pthread_mutex_unlock(&k->root_lock);
	return rc;
}

int
keyring_key(struct keyring *k, slot_t slot, struct key *out)
{
	AUTO_KEY key;
	const uint8_t *plain;
	int rc = 0;

	if (slot >= keyring_grown(k)) {
		return err_set(ERR_NOT_FOUND, "no such slot yet");
	}
	(void)pthread_mutex_lock(&k->cache_lock);
	plain = cache_get(k->cache, 0, slot / KEYRING_FANOUT);
	if (plain != NULL) {
		node_child(plain, slot, &key);
	}
	(void)pthread_mutex_unlock(&k->cache_lock);
	if (plain == NULL) {
		rc = key_cold(k, slot, &key);
	}
	if (rc == 0 && key_is_zero(&key)) {
		rc = err_set(ERR_EXPIRED, "the key was destroyed");
	}
	if (rc == 0) {
		*out = key;
	}
	return rc;
}

int
keyring_outer_key(struct keyring *k, const char *label, struct key *out)
{
	aead_hash(&k->secret->outer, bytes_str(label), out->b);
	return 0;
}

void
keyring_status(struct keyring *k, struct keyring_status *out)
{
	struct keyring_status s = {
		.epoch = keyring_epoch(k),
		.grown = keyring_grown(k),
		.nodes_opened = atomic_load(&k->nodes_opened),
		.nodes_written = atomic_load(&k->nodes_written),
		.bytes_written = atomic_load(&k->bytes_written),
		.mirrors = (unsigned)k->n_trees - 1,
		.keystores = keystore_copies(k->keystore),
		.keystore_slots = keystore_good_slots(k->keystore),
		.weak_keystore = k->weak,
		.unlocked_memory = secret_is_unlocked(),
		.keystore_class = "file",
	};

	(void)pthread_mutex_lock(&k->root_lock);
	s.nodes = k->head.nodes;
	s.rotation_left = k->head.rotation_left;
	(void)pthread_mutex_unlock(&k->root_lock);
	(void)pthread_mutex_lock(&k->cache_lock);
	s.cache_bytes = cache_bytes(k->cache);
	(void)pthread_mutex_unlock(&k->cache_lock);
	*out = s;
}
