/* scan: after batches only live nodes open, in free pages too; a tree that
 * kept a key, and an old root, are found. */

#include <unistd.h>

#include "support/test.h"

#include "keyring/private.h"
#include "keyring/scan.h"
#include "support/files.h"
#include "support/keyring_env.h"

struct env {
	struct keyring_env keys;
	char file[128];
	char old[128];
};

static int
setup(void **state)
{
	struct env *e = test_calloc(1, sizeof(*e));

	keyring_env_open(&e->keys, 5000);
	(void)snprintf(e->file, sizeof(e->file), "%s/data.mdb", e->keys.keys);
	(void)snprintf(e->old, sizeof(e->old), "%s/old", e->keys.directory);
	*state = e;
	return 0;
}

static int
teardown(void **state)
{
	struct env *e = *state;

	keyring_env_close(&e->keys);
	test_free(e);
	return 0;
}

static void
destroy(struct env *e, slot_t slot)
{
	struct keyring *k = e->keys.keyring;
	struct keyring_destroyed out;

	assert_ok(keyring_destroy(
		k, (struct keyring_batch){3, keyring_epoch(k) + 1}, &slot, 1,
		&out));
}

/* Closes the keyring and opens it as an auditor does. */
static struct keyring *
open_readonly(struct env *e)
{
	struct keyring *k = NULL;

	keyring_close(e->keys.keyring);
	e->keys.keyring = NULL;
	assert_ok(keyring_open_readonly(&e->keys.config, &k));
	return k;
}

static void
scan(struct env *e, struct scan_tree *tree, struct scan_pages *pages)
{
	struct keyring *k = open_readonly(e);
	struct closure *c = NULL;

	assert_ok(closure_open(k, &c, tree));
	assert_ok(scan_closure(c, e->file, pages));
	closure_close(c);
	keyring_close(k);
}

static void
only_live_nodes_open_after_many_batches(void **state)
{
	struct env *e = *state;
	struct scan_tree tree;
	struct scan_pages pages;
	const unsigned batches = 200;

	for (unsigned i = 0; i < batches; i++) {
		destroy(e, keyring_first_free() + (i * 37) % 5000);
	}
	scan(e, &tree, &pages);
	assert_int_equal(tree.unreadable, 0);
	assert_int_equal(tree.slots_dead, batches);
	assert_int_equal(pages.stale, 0);
	assert_int_equal(pages.live, tree.nodes);
	/* There was something to find. */
	assert_true(pages.closed >= 4);
	assert_int_equal(pages.node_like, pages.live + pages.closed);
}

static void
old_root_opens_the_old_tree(void **state)
{
	struct env *e = *state;
	const struct keystore_source source = {e->keys.passphrase, NULL};
	struct scan_control control;
	struct keyring *k;

	files_copy(e->keys.keystore, e->old);
	destroy(e, keyring_first_free() + 9);
	k = open_readonly(e);
	assert_ok(scan_control(k, e->file, e->old, &source, &control));
	assert_int_equal(control.slots_back, 1);
	assert_int_equal(control.missing, 0);
	assert_int_equal(control.epoch + 1, keyring_epoch(k));
	/* Today's keystore brings nothing back. */
	assert_ok(scan_control(k, e->file, e->keys.keystore, &source,
			       &control));
	assert_int_equal(control.slots_back, 0);
	keyring_close(k);
}

/* Plants, behind the file's end, an older content of a leaf sealed under the
 * key that the leaf has today: what a tree would leave that gave a rewritten
 * node no new key. */
static void
node_under_an_unchanged_key_is_found(void **state)
{
	struct env *e = *state;
	struct keyring *k = open_readonly(e);
	uint8_t page[4096] = {0};
	const struct node_header header = {0, 1, 1};
	uint8_t plain[NODE_PLAIN_BYTES];
	struct key key = k->secret->root;
	struct scan_tree tree;
	struct scan_pages pages;
	struct bytes sealed;
	struct buf file;
	MDB_txn *txn;

	assert_ok(tree_begin(&k->trees[0], false, &txn));
	for (int level = NODE_LEVEL_ROOT; level > 0; level--) {
		uint64_t index = node_ancestor(1, (uint8_t)level);

		assert_ok(tree_get(&k->trees[0], txn, (uint8_t)level, index,
				   &sealed));
		assert_ok(node_open(&key, (uint8_t)level, index, k->store_id,
				    sealed, plain));
		node_child(plain, node_ancestor(1, (uint8_t)(level - 1)),
			   &key);
	}
	mdb_txn_abort(txn);
	node_seal(&key, &header, k->store_id, plain, k->entropy, page + 16);
	keyring_close(k);
	files_read(e->file, &file);
	assert_ok(buf_put(&file, page, sizeof(page)));
	files_write(e->file, buf_bytes(&file));
	buf_clear(&file);
	scan(e, &tree, &pages);
	assert_int_equal(pages.stale, 1);
	assert_int_equal(pages.live, tree.nodes);
}

static void
rotation_leaves_no_old_node(void **state)
{
	struct env *e = *state;
	const struct keystore_source source = {e->keys.passphrase, NULL};
	struct scan_control control;
	struct scan_tree tree;
	struct scan_pages pages;
	uint64_t left = 1;
	struct keyring *k;

	files_copy(e->keys.keystore, e->old);
	while (left > 0) {
		assert_ok(keyring_rotate(e->keys.keyring, 100, &left));
	}
	scan(e, &tree, &pages);
	assert_int_equal(pages.stale, 0);
	assert_int_equal(pages.live, tree.nodes);
	k = open_readonly(e);
	assert_ok(scan_control(k, e->file, e->old, &source, &control));
	assert_int_equal(control.slots_back, 0);
	keyring_close(k);
}

static void
structure_is_checked_without_keys(void **state)
{
	struct env *e = *state;
	struct scan_structure s;

	destroy(e, keyring_first_free());
	keyring_close(e->keys.keyring);
	e->keys.keyring = NULL;
	assert_ok(scan_structure(e->keys.keys, &s));
	assert_int_equal(s.wrong, 0);
	assert_true(s.nodes > 400);
	assert_int_equal(s.epoch, 3);
	assert_int_equal(s.batch_id, 3);
	assert_true(id_equal(s.store_id, e->keys.store_id));
}

static void
last_batch_is_kept_with_the_tree(void **state)
{
	struct env *e = *state;
	struct keyring_batch batch;
	slot_t *slots = NULL;
	struct keyring *k;
	size_t n = 0;

	destroy(e, keyring_first_free() + 4);
	k = open_readonly(e);
	assert_ok(scan_last_batch(k, &slots, &n, &batch));
	assert_int_equal(n, 1);
	assert_int_equal(slots[0], keyring_first_free() + 4);
	assert_int_equal(batch.id, 3);
	free(slots);
	keyring_close(k);
}

static void
readonly_keyring_destroys_nothing(void **state)
{
	struct env *e = *state;
	struct keyring *k = open_readonly(e);
	slot_t slot = 0;
	struct keyring_destroyed out;
	struct key key;

	assert_ok(keyring_key(k, slot, &key));
	assert_err(ERR_STATE,
		   keyring_destroy(k,
				   (struct keyring_batch){
					   1, keyring_epoch(k) + 1},
				   &slot, 1, &out));
	keyring_close(k);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_live_nodes_open_after_many_batches),
		TEST(old_root_opens_the_old_tree),
		TEST(node_under_an_unchanged_key_is_found),
		TEST(rotation_leaves_no_old_node),
		TEST(structure_is_checked_without_keys),
		TEST(last_batch_is_kept_with_the_tree),
		TEST(readonly_keyring_destroys_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
