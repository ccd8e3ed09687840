/* Batches: giving every node on the way to some leaves a new key, and the
 * keystore a new root, so that what stood there before is nowhere. Destroying
 * slots, growing and rotating are the same walk with another thing to do at
 * the leaves. The order of writes is that of docs/format.md "The two-store
 * commit". */

#include <stdlib.h>

#include "base/pack.h"
#include "keyring/private.h"

/* Bounds one transaction well below LMDB's 131,071 dirty pages. */
#define GROW_LEAVES_MAX 16384u
#define BATCH_HEADER_BYTES 16
#define NO_LEAF UINT64_MAX

/* What a batch does, leaf by leaf in ascending order. */
struct work {
	const slot_t *slots; /* sorted: to destroy; NULL: a range of leaves */
	size_t n;
	size_t at;
	uint64_t leaf;
	uint64_t end;
};

struct batch {
	struct keyring *k;
	struct work work;
	MDB_txn *txns[KEYRING_TREES_MAX];
	struct tree_head head; /* as it will stand */
	uint64_t nodes;
};

static uint64_t
work_leaf(const struct work *w)
{
	if (w->slots != NULL) {
		return w->at < w->n ? w->slots[w->at] / KEYRING_FANOUT
				    : NO_LEAF;
	}
	return w->leaf < w->end ? w->leaf : NO_LEAF;
}

/* Does the work at the present leaf and goes on to the next. */
static void
work_do(struct work *w, uint8_t *plain)
{
	static const struct key dead;
	uint64_t leaf = work_leaf(w);

	if (w->slots == NULL) {
		w->leaf++;
		return;
	}
	while (work_leaf(w) == leaf) {
		node_child_set(plain, w->slots[w->at++], &dead);
	}
}

/* The node's present keys, or those of a new one when `old` is zero. */
static int
node_begin(struct batch *b, uint8_t level, uint64_t index,
	   const struct key *old, uint8_t *plain)
{
	struct keyring *k = b->k;
	struct node_header header = {0};
	struct bytes sealed;
	int rc = 0;

	if (key_is_zero(old)) {
		b->head.nodes++;
		if (level == 0) {
			entropy_fill(k->entropy, plain, NODE_PLAIN_BYTES);
		} else {
			memset(plain, 0, NODE_PLAIN_BYTES);
		}
		return 0;
	}
	/* From the first copy that is whole; all are written again. */
	for (size_t i = 0; i < k->n_trees; i++) {
		rc = tree_get(&k->trees[i], b->txns[i], level, index, &sealed);
		if (rc == 0) {
			rc = node_header_get(sealed, &header);
		}
		if (rc == 0) {
			rc = node_open(old, level, index, k->store_id, sealed,
				       plain);
		}
		if (rc == 0) {
			break;
		}
	}
	if (rc == 0 && header.epoch <= b->head.rotation_from &&
	    b->head.rotation_left > 0) {
		b->head.rotation_left--;
	}
	return rc;
}

static int
node_end(struct batch *b, uint8_t level, uint64_t index,
	 const struct key *key, const uint8_t *plain)
{
	const struct node_header header = {level, index, b->head.epoch};
	struct keyring *k = b->k;
	uint8_t sealed[NODE_BYTES];
	int rc = 0;

	node_seal(key, &header, k->store_id, plain, k->entropy, sealed);
	for (size_t i = 0; rc == 0 && i < k->n_trees; i++) {
		rc = tree_put(&k->trees[i], b->txns[i], level, index,
			      bytes_of(sealed, sizeof(sealed)));
	}
	if (level == NODE_LEVEL_ROOT) {
		aead_hash(NULL, bytes_of(sealed, sizeof(sealed)),
			  b->head.root_hash);
	}
	b->nodes++;
	return rc;
}

/* Writes the node again under `key`, and before it all below it that the work
 * concerns. One plain node a level is open at a time. */
static int
rewrite(struct batch *b, uint8_t level, uint64_t index, const struct key *old,
	const struct key *key)
{
	uint8_t *plain = b->k->secret->scratch[level];
	int rc = node_begin(b, level, index, old, plain);

	while (rc == 0 && work_leaf(&b->work) != NO_LEAF &&
	       node_ancestor(work_leaf(&b->work), level) == index) {
		AUTO_KEY child_old;
		AUTO_KEY child_new;
		uint64_t child;

		if (level == 0) {
			work_do(&b->work, plain);
			continue;
		}
		child = node_ancestor(work_leaf(&b->work),
				      (uint8_t)(level - 1));
		node_child(plain, child, &child_old);
		entropy_fill(b->k->entropy, child_new.b, KEY_BYTES);
		rc = rewrite(b, (uint8_t)(level - 1), child, &child_old,
			     &child_new);
		node_child_set(plain, child, &child_new);
	}
	if (rc == 0) {
		rc = node_end(b, level, index, key, plain);
	}
	secret_wipe(plain, NODE_PLAIN_BYTES);
	return rc;
}

static int
put_all(struct batch *b, uint8_t level, struct bytes value)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < b->k->n_trees; i++) {
		rc = tree_put(&b->k->trees[i], b->txns[i], level, 0, value);
	}
	return rc;
}

/* The slots of a destroying batch stay beside the tree: what step 3 wrote. */
static int
put_batch_row(struct batch *b, uint64_t id)
{
	size_t n = BATCH_HEADER_BYTES + b->work.n * 8;
	uint8_t *row = malloc(n);
	int rc;

	if (row == NULL) {
		return err_set(ERR_NOMEM, "no memory for the batch");
	}
	put_u64(row, id);
	put_u64(row + 8, b->head.epoch);
	for (size_t i = 0; i < b->work.n; i++) {
		put_u64(row + BATCH_HEADER_BYTES + 8 * i, b->work.slots[i]);
	}
	b->head.batch_id = id;
	b->head.batch_epoch = b->head.epoch;
	aead_hash(NULL, bytes_of(row, n), b->head.batch_hash);
	rc = put_all(b, TREE_LEVEL_BATCH, bytes_of(row, n));
	free(row);
	return rc;
}

static void
batch_abort(struct batch *b)
{
	for (size_t i = 0; i < KEYRING_TREES_MAX; i++) {
		mdb_txn_abort(b->txns[i]);
		b->txns[i] = NULL;
	}
}

/* All writes of the next epoch, in one transaction for each tree, nothing
 * committed. After an error nothing is left of it. */
static int
batch_prepare(struct batch *b, uint64_t id)
{
	struct keyring *k = b->k;
	uint8_t head[TREE_HEAD_BYTES];
	int rc = 0;

	b->head = k->head;
	b->head.store_id = k->store_id;
	b->head.epoch++;
	if (b->work.slots == NULL && b->work.end > b->head.leaves) {
		b->head.leaves = b->work.end;
	}
	entropy_fill(k->entropy, k->secret->next.b, KEY_BYTES);
	for (size_t i = 0; rc == 0 && i < k->n_trees; i++) {
		rc = tree_begin(&k->trees[i], true, &b->txns[i]);
	}
	if (rc == 0) {
		rc = rewrite(b, NODE_LEVEL_ROOT, 0, &k->secret->root,
			     &k->secret->next);
	}
	if (rc == 0 && b->work.slots != NULL) {
		rc = put_batch_row(b, id);
	}
	if (rc == 0) {
		tree_head_encode(&b->head, &k->secret->next, head);
		rc = put_all(b, TREE_LEVEL_HEAD, bytes_of(head, sizeof(head)));
	}
	if (rc != 0) {
		batch_abort(b);
	}
	return rc;
}

static int
batch_commit(struct batch *b)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < b->k->n_trees; i++) {
		rc = tree_commit(b->txns[i]);
		b->txns[i] = NULL;
		keyring_step(b->k, i == 0 ? "committed" : "mirrored");
	}
	batch_abort(b);
	return rc;
}

int
erase_make_tree(struct keyring *k, uint64_t leaves)
{
	struct batch b = {.k = k, .work = {.end = leaves}};
	int rc = batch_prepare(&b, 0);

	if (rc == 0) {
		rc = batch_commit(&b);
	}
	if (rc == 0) {
		k->head = b.head;
	}
	return rc;
}

/* Wipes what the cache knows of the old epoch. Both locks are held. */
static void
forget(struct batch *b)
{
	struct keyring *k = b->k;
	struct work again = b->work;

	if (again.slots == NULL) {
		cache_drop_all(k->cache);
		return;
	}
	for (again.at = 0; again.at < again.n; again.at++) {
		for (uint8_t level = 0; level < NODE_LEVELS; level++) {
			cache_drop(k->cache, level,
				   node_ancestor(work_leaf(&again), level));
		}
	}
}

/* Steps 2 to 4. The transactions are prepared; after an error the outcome is
 * unknown, and nothing is destroyed by this process again. */
static int
batch_decide(struct batch *b, uint64_t id)
{
	struct keyring *k = b->k;
	struct keystore_content *content = &k->secret->content;
	int rc;

	content->state = KEYSTORE_PENDING;
	content->epoch = k->head.epoch;
	content->batch = id;
	content->root = k->secret->root;
	content->next = k->secret->next;
	content->outer = k->secret->outer;
	rc = keystore_write(k->keystore, content, "pending");
	keyring_step(k, "pending");
	if (rc == 0) {
		rc = batch_commit(b);
	}
	if (rc != 0) {
		return rc;
	}
	content->state = KEYSTORE_STABLE;
	content->epoch = b->head.epoch;
	content->batch = 0;
	content->root = k->secret->next;
	secret_wipe(&content->next, sizeof(content->next));
	rc = keystore_write(k->keystore, content, "stable-one");
	keyring_step(k, "stable-one");
	if (rc == 0) {
		rc = keystore_write(k->keystore, content, "stable");
		keyring_step(k, "stable");
	}
	return rc;
}

/* Nodes, the list of slots, the keystore: not LMDB's own pages. */
static uint64_t
batch_bytes(const struct batch *b)
{
	uint64_t keystore =
		3 * KEYSTORE_SLOT_BYTES * keystore_copies(b->k->keystore);
	uint64_t row = b->work.slots == NULL
			       ? 0
			       : BATCH_HEADER_BYTES + 8 * b->work.n;

	return b->nodes * (NODE_BYTES + 32) + keystore + row;
}

static int
batch_run(struct batch *b, uint64_t id)
{
	struct keyring *k = b->k;
	int rc;

	if (k->broken || k->readonly) {
		return k->broken ? err_set(ERR_OUTCOME, "an earlier batch "
							"has no known outcome")
				 : err_set(ERR_STATE, "opened for reading");
	}
	keyring_step(k, "begin");
	rc = batch_prepare(b, id);
	if (rc != 0) {
		return rc;
	}
	keyring_step(k, "nodes");
	(void)pthread_mutex_lock(&k->root_lock);
	rc = batch_decide(b, id);
	if (rc == 0) {
		(void)pthread_mutex_lock(&k->cache_lock);
		k->secret->root = k->secret->next;
		secret_wipe(&k->secret->next, sizeof(k->secret->next));
		secret_wipe(&k->secret->content, sizeof(k->secret->content));
		forget(b);
		k->head = b->head;
		atomic_store(&k->epoch, b->head.epoch);
		atomic_store(&k->leaves, b->head.leaves);
		(void)atomic_fetch_add(&k->nodes_written, b->nodes);
		(void)atomic_fetch_add(&k->bytes_written, batch_bytes(b));
		(void)pthread_mutex_unlock(&k->cache_lock);
	} else {
		k->broken = true;
		batch_abort(b);
	}
	(void)pthread_mutex_unlock(&k->root_lock);
	keyring_step(k, "wiped");
	return rc;
}

static int
slot_compare(const void *a, const void *b)
{
	slot_t x = *(const slot_t *)a;
	slot_t y = *(const slot_t *)b;

	return x < y ? -1 : x > y;
}

int
keyring_destroy(struct keyring *k, struct keyring_batch batch,
		const slot_t *slots, size_t n, struct keyring_destroyed *out)
{
	struct batch b = {.k = k};
	slot_t *sorted;
	int rc;

	if (n == 0 || n > KEYRING_BATCH_SLOTS_MAX || batch.id == 0) {
		return err_set(ERR_INTERNAL, "batch of %zu slots", n);
	}
	if (batch.epoch_to != k->head.epoch + 1) {
		return err_set(ERR_STATE, "the batch leads to another epoch");
	}
	sorted = malloc(n * sizeof(*sorted));
	if (sorted == NULL) {
		return err_set(ERR_NOMEM, "no memory for the batch");
	}
	memcpy(sorted, slots, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), slot_compare);
	rc = sorted[n - 1] >= keyring_grown(k)
		     ? err_set(ERR_NOT_FOUND, "no such slot yet")
		     : 0;
	b.work.slots = sorted;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (b.work.n == 0 || sorted[b.work.n - 1] != sorted[i]) {
			sorted[b.work.n++] = sorted[i];
		}
	}
	if (rc == 0) {
		rc = batch_run(&b, batch.id);
	}
	if (rc == 0) {
		*out = (struct keyring_destroyed){
			.epoch = b.head.epoch,
			.nodes = b.nodes,
			.bytes_written = batch_bytes(&b),
			.weak_keystore = k->weak,
		};
		memcpy(out->root_hash, b.head.root_hash, 32);
	}
	free(sorted);
	return rc;
}

/* keyring_status of another thread reads the head. */
static void
head_set(struct keyring *k, const struct tree_head *head)
{
	(void)pthread_mutex_lock(&k->root_lock);
	k->head = *head;
	(void)pthread_mutex_unlock(&k->root_lock);
}

int
keyring_grow(struct keyring *k, slot_t from, uint64_t slots)
{
	uint64_t want = (from + slots + KEYRING_FANOUT - 1) / KEYRING_FANOUT;
	int rc = 0;

	if (from + slots < from || want > NODE_LEAVES_MAX) {
		return err_set(ERR_FULL, "the tree has no more slots");
	}
	while (rc == 0 && k->head.leaves < want) {
		uint64_t n = want - k->head.leaves;
		struct batch b = {
			.k = k,
			.work = {.leaf = k->head.leaves,
				 .end = k->head.leaves +
					(n > GROW_LEAVES_MAX ? GROW_LEAVES_MAX
							     : n)},
		};

		rc = batch_run(&b, 0);
	}
	return rc;
}

int
keyring_rotate(struct keyring *k, uint64_t nodes, uint64_t *out_left)
{
	const struct tree_head before = k->head;
	struct tree_head head = before;
	struct batch b = {.k = k};
	uint64_t n;
	int rc;

	if (nodes == 0) {
		*out_left = head.rotation_left;
		return 0;
	}
	if (head.rotation_left == 0) {
		head.rotation_from = head.epoch;
		head.rotation_left = head.nodes;
		head.rotation_leaf = 0;
	}
	n = head.leaves - head.rotation_leaf;
	n = n > nodes ? nodes : n;
	n = n > GROW_LEAVES_MAX ? GROW_LEAVES_MAX : n;
	b.work.leaf = head.rotation_leaf;
	b.work.end = head.rotation_leaf + n;
	head.rotation_leaf += n;
	head_set(k, &head);
	rc = batch_run(&b, 0);
	if (rc != 0) {
		head_set(k, &before);
		return rc;
	}
	*out_left = k->head.rotation_left;
	return 0;
}
