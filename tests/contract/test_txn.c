/* What a txn sees: its own writes, earlier ones, the engine's; what is dropped
 * and what is kept; its bounds. In memory and on a disk. */

#include "support/test.h"

#include "support/store_env.h"

static const char *const in_memory = "memory";
static const char *const on_disk = "disk";

static void
open_store(const char *where, struct store_env *e)
{
	if (where == on_disk) {
		store_env_open_on_disk(e);
	} else {
		store_env_open(e);
	}
}

static int
setup_memory(void **state)
{
	*state = (void *)(uintptr_t)in_memory;
	return 0;
}

static int
setup_disk(void **state)
{
	*state = (void *)(uintptr_t)on_disk;
	return 0;
}

static struct bytes
get(struct txn *t, const char *key)
{
	struct bytes value;

	assert_ok(txn_get(t, TABLE_RECORD, bytes_str(key), &value));
	return value;
}

static void
put(struct txn *t, const char *key, const char *value)
{
	assert_ok(txn_put(t, TABLE_RECORD, bytes_str(key), bytes_str(value)));
}

static void
assert_absent(struct txn *t, const char *key)
{
	struct bytes value;
	bool has = true;

	assert_err(ERR_NOT_FOUND,
		   txn_get(t, TABLE_RECORD, bytes_str(key), &value));
	assert_ok(txn_has(t, TABLE_RECORD, bytes_str(key), &has));
	assert_false(has);
}

static void
assert_value(struct txn *t, const char *key, const char *value)
{
	assert_true(bytes_equal(get(t, key), bytes_str(value)));
}

/* The keys of a range, joined by blanks. */
static void
assert_range(struct txn *t, const char *prefix, const char *from,
	     unsigned flags, const char *expected)
{
	char found[512] = "";
	struct range *r;
	struct bytes key;
	struct bytes value;
	int rc;

	assert_ok(range_open(t, TABLE_RECORD, bytes_str(prefix),
			     bytes_str(from), flags, &r));
	while ((rc = range_next(r, &key, &value)) == 1) {
		size_t n = strlen(found);

		(void)snprintf(found + n, sizeof(found) - n, "%s%.*s",
			       n == 0 ? "" : " ", (int)key.n,
			       (const char *)key.p);
	}
	assert_ok(rc);
	range_close(r);
	assert_string_equal(found, expected);
}

static void
txn_reads_its_own_writes(void **state)
{
	struct store_env e;
	struct txn *t;

	open_store(*state, &e);
	t = store_env_begin(&e);
	assert_absent(t, "a");
	put(t, "a", "1");
	assert_value(t, "a", "1");
	put(t, "a", "");
	assert_int_equal(get(t, "a").n, 0);
	assert_ok(txn_del(t, TABLE_RECORD, bytes_str("a")));
	assert_absent(t, "a");
	store_env_close(&e);
}

static void
trace_wins_and_survives_failure(void **state)
{
	struct store_env e;
	struct txn *t;

	open_store(*state, &e);
	t = store_env_begin(&e);
	put(t, "a", "effect");
	put(t, "b", "effect");
	assert_ok(txn_trace_put(t, TABLE_RECORD, bytes_str("a"),
				bytes_str("trace")));
	assert_value(t, "a", "trace");
	store_env_fail(&e);
	t = store_env_begin(&e);
	assert_value(t, "a", "trace");
	assert_absent(t, "b");
	assert_ok(txn_del(t, TABLE_RECORD, bytes_str("a")));
	store_env_commit(&e);
	t = store_env_begin(&e);
	assert_absent(t, "a");
	store_env_close(&e);
}

static void
ended_txns_are_seen_before_the_sync(void **state)
{
	struct store_env e;
	struct txn *t;

	open_store(*state, &e);
	t = store_env_begin(&e);
	put(t, "a", "1");
	assert_ok(store_end(e.store, t, true));
	assert_ok(store_begin(e.store, &t));
	assert_value(t, "a", "1");
	assert_ok(txn_del(t, TABLE_RECORD, bytes_str("a")));
	assert_ok(store_end(e.store, t, true));
	assert_ok(store_begin(e.store, &t));
	assert_absent(t, "a");
	store_abandon(e.store, t);
	assert_ok(store_sync(e.store));
	assert_int_equal(store_sequence(e.store), 1);
	e.txn = NULL;
	store_env_close(&e);
}

static void
abandoned_txns_leave_nothing(void **state)
{
	struct store_env e;
	struct txn *t;

	open_store(*state, &e);
	t = store_env_begin(&e);
	put(t, "a", "1");
	assert_ok(
		txn_trace_put(t, TABLE_RECORD, bytes_str("b"), bytes_str("2")));
	store_env_abandon(&e);
	t = store_env_begin(&e);
	assert_absent(t, "a");
	assert_absent(t, "b");
	store_env_close(&e);
}

/* Each layer holds some of the rows and hides some of those below. */
static void
build_layers(struct store_env *e)
{
	struct txn *t = store_env_begin(e);

	put(t, "a1", "engine");
	put(t, "a2", "engine");
	put(t, "a4", "engine");
	put(t, "b1", "engine");
	put(t, "b2", "engine");
	put(t, "c", "engine");
	store_env_commit(e);
	t = store_env_begin(e);
	put(t, "a3", "overlay");
	put(t, "b3", "overlay");
	assert_ok(txn_del(t, TABLE_RECORD, bytes_str("a2")));
	assert_ok(store_end(e->store, t, true));
	e->txn = NULL;
	t = store_env_begin(e);
	put(t, "a2", "effect");
	put(t, "b0", "effect");
	assert_ok(txn_del(t, TABLE_RECORD, bytes_str("b3")));
	assert_ok(txn_del(t, TABLE_RECORD, bytes_str("a4")));
	assert_ok(txn_trace_put(t, TABLE_RECORD, bytes_str("d"),
				bytes_str("trace")));
}

static void
ranges_merge_all_layers(void **state)
{
	struct store_env e;
	struct txn *t;

	open_store(*state, &e);
	build_layers(&e);
	t = e.txn;
	assert_value(t, "a2", "effect");
	assert_range(t, "", "", 0, "a1 a2 a3 b0 b1 b2 c d");
	assert_range(t, "", "", RANGE_REVERSE, "d c b2 b1 b0 a3 a2 a1");
	assert_range(t, "a", "", 0, "a1 a2 a3");
	assert_range(t, "a", "", RANGE_REVERSE, "a3 a2 a1");
	assert_range(t, "a", "a2", 0, "a2 a3");
	assert_range(t, "a", "a2", RANGE_REVERSE, "a2 a1");
	assert_range(t, "b", "b15", 0, "b2");
	assert_range(t, "b", "b15", RANGE_REVERSE, "b1 b0");
	assert_range(t, "b", "a", 0, "b0 b1 b2");
	assert_range(t, "b", "a", RANGE_REVERSE, "");
	assert_range(t, "b", "c", 0, "");
	assert_range(t, "b", "c", RANGE_REVERSE, "b2 b1 b0");
	assert_range(t, "e", "", 0, "");
	assert_range(t, "", "b2", RANGE_REVERSE, "b2 b1 b0 a3 a2 a1");
	store_env_close(&e);
}

static void
rows_may_be_deleted_while_ranging(void **state)
{
	struct store_env e;
	struct txn *t;
	struct range *r;
	struct bytes key;
	struct bytes value;
	int n = 0;
	int rc;

	open_store(*state, &e);
	build_layers(&e);
	t = e.txn;
	assert_ok(range_open(t, TABLE_RECORD, bytes_of(NULL, 0),
			     bytes_of(NULL, 0), 0, &r));
	while ((rc = range_next(r, &key, &value)) == 1) {
		assert_ok(txn_del(t, TABLE_RECORD, key));
		n++;
	}
	assert_ok(rc);
	assert_int_equal(n, 8);
	/* Not closed: the txn closes it. */
	assert_range(t, "", "", 0, "d");
	store_env_close(&e);
}

static void
prefixes_of_ones_end(void **state)
{
	const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff};
	struct store_env e;
	struct txn *t;
	struct range *r;
	struct bytes key;
	struct bytes value;

	open_store(*state, &e);
	t = store_env_begin(&e);
	assert_ok(txn_put(t, TABLE_RECORD, bytes_of(ones, 4), bytes_str("x")));
	assert_ok(range_open(t, TABLE_RECORD, bytes_of(ones, 2),
			     bytes_of(NULL, 0), RANGE_REVERSE, &r));
	assert_int_equal(range_next(r, &key, &value), 1);
	assert_int_equal(key.n, 4);
	assert_int_equal(range_next(r, &key, &value), 0);
	assert_int_equal(range_next(r, &key, &value), 0);
	range_close(r);
	store_env_close(&e);
}

static void
bounds_are_refused(void **state)
{
	static uint8_t big[VALUE_BYTES_MAX + 1];
	struct store_env e;
	struct txn *t;
	struct bytes value;
	uint64_t n;
	int i;

	open_store(*state, &e);
	t = store_env_begin(&e);
	assert_err(ERR_INTERNAL,
		   txn_put(t, TABLE_RECORD, bytes_of(NULL, 0), bytes_str("")));
	assert_err(ERR_INTERNAL,
		   txn_put(t, TABLE_RECORD, bytes_of(big, KEY_BYTES_MAX + 1),
			   bytes_str("")));
	assert_err(ERR_TOO_LARGE, txn_put(t, TABLE_RECORD, bytes_str("k"),
					  bytes_of(big, sizeof(big))));
	for (i = 0; i < 10; i++) {
		uint8_t key = (uint8_t)i;

		assert_ok(txn_put(t, TABLE_RECORD, bytes_of(&key, 1),
				  bytes_of(big, VALUE_BYTES_MAX)));
	}
	assert_err(ERR_TOO_MANY, txn_put(t, TABLE_RECORD, bytes_str("k"),
					 bytes_of(big, VALUE_BYTES_MAX)));
	store_env_abandon(&e);
	t = store_env_begin(&e);
	for (i = 0; i < TXN_ROWS_WRITTEN_MAX; i++) {
		uint8_t key[2] = {(uint8_t)(i >> 8), (uint8_t)i};

		assert_ok(txn_put(t, TABLE_RECORD, bytes_of(key, 2),
				  bytes_str("v")));
	}
	assert_err(ERR_TOO_MANY, txn_del(t, TABLE_RECORD, bytes_str("more")));
	store_env_commit(&e);
	t = store_env_begin(&e);
	for (i = 0; i < TXN_ROWS_READ_MAX; i++) {
		assert_ok(txn_counter_get(t, "none", &n));
	}
	assert_err(ERR_TOO_MANY,
		   txn_get(t, TABLE_RECORD, bytes_str("k"), &value));
	store_env_close(&e);
}

static void
counters_count(void **state)
{
	struct store_env e;
	struct txn *t;
	uint64_t n;

	open_store(*state, &e);
	t = store_env_begin(&e);
	assert_ok(txn_counter_take(t, "people", 4, &n));
	assert_int_equal(n, 0);
	assert_ok(txn_trace_counter_take(t, "leaves", 1, &n));
	assert_ok(txn_trace_counter_take(t, "leaves", 1, &n));
	assert_int_equal(n, 1);
	store_env_fail(&e);
	t = store_env_begin(&e);
	assert_ok(txn_counter_get(t, "people", &n));
	assert_int_equal(n, 0);
	assert_ok(txn_counter_get(t, "leaves", &n));
	assert_int_equal(n, 2);
	store_env_close(&e);
}

static void
snapshots_stand_still(void **state)
{
	struct store_env e;
	struct txn *t;
	struct txn *snapshot;

	open_store(*state, &e);
	t = store_env_begin(&e);
	put(t, "a", "1");
	put(t, "b", "1");
	store_env_commit(&e);
	snapshot = store_env_snapshot(&e);
	t = store_env_begin(&e);
	put(t, "a", "2");
	put(t, "c", "2");
	assert_ok(txn_del(t, TABLE_RECORD, bytes_str("b")));
	store_env_commit(&e);
	assert_value(snapshot, "a", "1");
	assert_range(snapshot, "", "", 0, "a b");
	assert_err(ERR_INTERNAL, txn_put(snapshot, TABLE_RECORD, bytes_str("x"),
					 bytes_str("y")));
	for (int i = 0; i < 2 * TXN_ROWS_READ_MAX; i++) {
		assert_value(snapshot, "a", "1");
	}
	snapshot_arena_reset(snapshot);
	snapshot_close(snapshot);
	t = store_env_begin(&e);
	assert_range(t, "", "", 0, "a c");
	store_env_close(&e);
}

#define EVERY(test)                                                            \
	{#test ".memory", test, setup_memory, NULL, NULL},                     \
	{                                                                      \
#test ".disk", test, setup_disk, NULL, NULL                    \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EVERY(txn_reads_its_own_writes),
		EVERY(trace_wins_and_survives_failure),
		EVERY(ended_txns_are_seen_before_the_sync),
		EVERY(abandoned_txns_leave_nothing),
		EVERY(ranges_merge_all_layers),
		EVERY(rows_may_be_deleted_while_ranging),
		EVERY(prefixes_of_ones_end),
		EVERY(bounds_are_refused),
		EVERY(counters_count),
		EVERY(snapshots_stand_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
