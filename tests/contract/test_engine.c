/* What every engine promises, run over each of them. */

#include "support/test.h"

#include "store/engine.h"
#include "store/write_set.h"
#include "support/temp.h"

#define SET_BYTES ((size_t)64 << 20)
#define ROWS 3000

struct fixture {
	const char *name;
	struct temp temp;
	struct engine *engine;
	struct write_set *set;
	uint64_t sequence;
};

static struct fixture memory = {.name = "memory"};
static struct fixture lmdb = {.name = "lmdb"};

static int
open_engine(struct fixture *f)
{
	return f == &memory ? engine_memory_open(&f->engine)
			    : engine_lmdb_open(f->temp.path, &f->engine);
}

static void
setup_fixture(struct fixture *f)
{
	temp_make(&f->temp);
	assert_ok(open_engine(f));
	f->set = write_set_new(SET_BYTES);
	assert_non_null(f->set);
	f->sequence = 0;
}

static int
setup_memory(void **state)
{
	setup_fixture(&memory);
	*state = &memory;
	return 0;
}

static int
setup_lmdb(void **state)
{
	setup_fixture(&lmdb);
	*state = &lmdb;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	write_set_free(f->set);
	f->engine->ops->close(f->engine);
	temp_remove(&f->temp);
	return 0;
}

static void
put(struct fixture *f, const char *key, const char *value)
{
	assert_ok(write_set_put(f->set, TABLE_RECORD, bytes_str(key),
				bytes_str(value)));
}

static void
del(struct fixture *f, const char *key)
{
	assert_ok(write_set_del(f->set, TABLE_RECORD, bytes_str(key)));
}

static void
apply(struct fixture *f)
{
	assert_ok(f->engine->ops->apply(f->engine, &f->set, 1, ++f->sequence));
	write_set_reset(f->set);
}

static struct engine_view *
view(struct fixture *f)
{
	struct engine_view *v;

	assert_ok(f->engine->ops->view_open(f->engine, &v));
	return v;
}

static void
assert_value(struct fixture *f, struct engine_view *v, const char *key,
	     const char *expected)
{
	struct bytes value;
	int rc = f->engine->ops->get(v, TABLE_RECORD, bytes_str(key), &value);

	if (expected == NULL) {
		assert_err(ERR_NOT_FOUND, rc);
		return;
	}
	assert_ok(rc);
	assert_true(bytes_equal(value, bytes_str(expected)));
}

static void
assert_rows(struct fixture *f, struct engine_view *v, const char *from,
	    bool reverse, const char *expected)
{
	char found[256] = "";
	struct engine_cursor *c;
	struct bytes key;
	struct bytes value;
	int rc;

	assert_ok(f->engine->ops->cursor_open(v, TABLE_RECORD, bytes_str(from),
					      reverse, &c));
	while ((rc = f->engine->ops->cursor_next(c, &key, &value)) == 1) {
		size_t n = strlen(found);

		(void)snprintf(found + n, sizeof(found) - n, "%.*s=%.*s ",
			       (int)key.n, (const char *)key.p, (int)value.n,
			       (const char *)value.p);
	}
	assert_ok(rc);
	assert_ok(f->engine->ops->cursor_next(c, &key, &value));
	f->engine->ops->cursor_close(c);
	assert_string_equal(found, expected);
}

static void
rows_are_kept_in_order(void **state)
{
	struct fixture *f = *state;
	struct engine_view *v = view(f);

	assert_value(f, v, "b", NULL);
	assert_rows(f, v, "", false, "");
	assert_rows(f, v, "", true, "");
	assert_rows(f, v, "x", true, "");
	f->engine->ops->view_close(v);
	put(f, "b", "2");
	put(f, "d", "4");
	apply(f);
	put(f, "a", "1");
	put(f, "c", "");
	put(f, "d", "44");
	apply(f);
	v = view(f);
	assert_value(f, v, "b", "2");
	assert_value(f, v, "c", "");
	assert_value(f, v, "d", "44");
	assert_value(f, v, "bb", NULL);
	assert_rows(f, v, "", false, "a=1 b=2 c= d=44 ");
	assert_rows(f, v, "", true, "d=44 c= b=2 a=1 ");
	assert_rows(f, v, "b", false, "b=2 c= d=44 ");
	assert_rows(f, v, "bb", false, "c= d=44 ");
	assert_rows(f, v, "b", true, "b=2 a=1 ");
	assert_rows(f, v, "bb", true, "b=2 a=1 ");
	assert_rows(f, v, "0", true, "");
	assert_rows(f, v, "e", true, "d=44 c= b=2 a=1 ");
	assert_rows(f, v, "e", false, "");
	f->engine->ops->view_close(v);
}

static void
deletes_hide_what_was(void **state)
{
	struct fixture *f = *state;
	struct engine_view *v;

	put(f, "a", "1");
	put(f, "b", "2");
	put(f, "c", "3");
	apply(f);
	del(f, "b");
	del(f, "c");
	del(f, "never there");
	apply(f);
	v = view(f);
	assert_value(f, v, "b", NULL);
	assert_rows(f, v, "", false, "a=1 ");
	assert_rows(f, v, "", true, "a=1 ");
	f->engine->ops->view_close(v);
	put(f, "b", "again");
	apply(f);
	v = view(f);
	assert_rows(f, v, "", false, "a=1 b=again ");
	f->engine->ops->view_close(v);
}

static void
later_sets_of_a_batch_win(void **state)
{
	struct fixture *f = *state;
	struct write_set *second = write_set_new(SET_BYTES);
	struct write_set *sets[2] = {f->set, second};
	struct engine_view *v;

	put(f, "a", "first");
	put(f, "b", "first");
	del(f, "c");
	assert_ok(write_set_del(second, TABLE_RECORD, bytes_str("a")));
	assert_ok(write_set_put(second, TABLE_RECORD, bytes_str("c"),
				bytes_str("second")));
	assert_ok(f->engine->ops->apply(f->engine, sets, 2, ++f->sequence));
	v = view(f);
	assert_rows(f, v, "", false, "b=first c=second ");
	f->engine->ops->view_close(v);
	write_set_free(second);
}

static void
views_stand_still(void **state)
{
	struct fixture *f = *state;
	struct engine_view *none = view(f);
	struct engine_view *old;
	struct engine_view *now;

	put(f, "a", "1");
	put(f, "b", "1");
	apply(f);
	old = view(f);
	for (int i = 0; i < 20; i++) {
		put(f, "a", i % 2 == 0 ? "2" : "3");
		del(f, "b");
		put(f, "c", "2");
		apply(f);
	}
	now = view(f);
	assert_rows(f, none, "", false, "");
	assert_rows(f, old, "", false, "a=1 b=1 ");
	assert_rows(f, now, "", false, "a=3 c=2 ");
	assert_int_equal(f->engine->ops->view_sequence(none), 0);
	assert_int_equal(f->engine->ops->view_sequence(old), 1);
	assert_int_equal(f->engine->ops->view_sequence(now), 21);
	f->engine->ops->view_close(none);
	f->engine->ops->view_close(now);
	assert_rows(f, old, "", true, "b=1 a=1 ");
	f->engine->ops->view_close(old);
}

static void
tables_are_apart(void **state)
{
	struct fixture *f = *state;
	struct engine_view *v;
	struct bytes value;

	for (enum table t = 0; t < TABLE_END; t++) {
		uint8_t n = (uint8_t)t;

		assert_ok(write_set_put(f->set, t, bytes_str("k"),
					bytes_of(&n, 1)));
	}
	apply(f);
	v = view(f);
	for (enum table t = 0; t < TABLE_END; t++) {
		assert_ok(f->engine->ops->get(v, t, bytes_str("k"), &value));
		assert_int_equal(value.n, 1);
		assert_int_equal(value.p[0], t);
	}
	f->engine->ops->view_close(v);
}

static void
largest_keys_and_values_fit(void **state)
{
	static uint8_t big[VALUE_BYTES_MAX];
	struct fixture *f = *state;
	uint8_t key[KEY_BYTES_MAX];
	struct engine_cursor *c;
	struct engine_view *v;
	struct bytes k;
	struct bytes value;

	memset(big, 0x5a, sizeof(big));
	memset(key, 0xff, sizeof(key));
	assert_ok(write_set_put(f->set, TABLE_RECORD,
				bytes_of(key, sizeof(key)),
				bytes_of(big, sizeof(big))));
	apply(f);
	v = view(f);
	assert_ok(f->engine->ops->get(v, TABLE_RECORD,
				      bytes_of(key, sizeof(key)), &value));
	assert_true(bytes_equal(value, bytes_of(big, sizeof(big))));
	assert_ok(f->engine->ops->cursor_open(
		v, TABLE_RECORD, bytes_of(key, sizeof(key)), true, &c));
	assert_int_equal(f->engine->ops->cursor_next(c, &k, &value), 1);
	assert_int_equal(k.n, sizeof(key));
	assert_int_equal(f->engine->ops->cursor_next(c, &k, &value), 0);
	f->engine->ops->cursor_close(c);
	f->engine->ops->view_close(v);
}

/* Ascending, descending and scattered batches, some rows written twice: the
 * same rows in the same order come out of every engine. */
static void
many_rows_come_back(void **state)
{
	struct fixture *f = *state;
	struct engine_cursor *c;
	struct engine_view *v;
	struct bytes k;
	struct bytes value;
	uint32_t expected = 0;
	int rc;

	for (uint32_t batch = 0; batch < 6; batch++) {
		for (uint32_t i = 0; i < ROWS / 3; i++) {
			uint32_t n = batch % 3 * (ROWS / 3) +
				     (batch % 2 == 0 ? i : i * 7 % (ROWS / 3));
			uint8_t key[4] = {(uint8_t)(n >> 24),
					  (uint8_t)(n >> 16), (uint8_t)(n >> 8),
					  (uint8_t)n};

			assert_ok(write_set_put(f->set, TABLE_RECORD,
						bytes_of(key, 4),
						bytes_of(key, 4)));
		}
		apply(f);
	}
	v = view(f);
	assert_ok(f->engine->ops->cursor_open(v, TABLE_RECORD,
					      bytes_of(NULL, 0), false, &c));
	while ((rc = f->engine->ops->cursor_next(c, &k, &value)) == 1) {
		assert_true(bytes_equal(k, value));
		assert_int_equal(k.p[2] << 8 | k.p[3], expected);
		expected++;
	}
	assert_ok(rc);
	assert_int_equal(expected, ROWS);
	f->engine->ops->cursor_close(c);
	f->engine->ops->view_close(v);
}

static void
room_can_be_held(void **state)
{
	struct fixture *f = *state;
	uint64_t before = f->engine->ops->room(f->engine);

	assert_true(before > 0);
	assert_ok(f->engine->ops->hold_room(f->engine, 1 << 20));
	assert_true(f->engine->ops->room(f->engine) > 0);
	assert_err(ERR_FULL,
		   f->engine->ops->hold_room(f->engine, (uint64_t)1 << 50));
	put(f, "a", "1");
	apply(f);
}

static void
lmdb_keeps_rows_over_a_restart(void **state)
{
	struct fixture *f = *state;
	struct engine *again;
	struct engine_view *v;

	put(f, "a", "1");
	apply(f);
	f->engine->ops->close(f->engine);
	assert_ok(engine_lmdb_open_readonly(f->temp.path, &again));
	f->engine = again;
	v = view(f);
	assert_value(f, v, "a", "1");
	f->engine->ops->view_close(v);
	f->engine->ops->close(f->engine);
	assert_ok(open_engine(f));
	v = view(f);
	assert_value(f, v, "a", "1");
	assert_int_equal(f->engine->ops->view_sequence(v), 1);
	f->engine->ops->view_close(v);
}

static void
lmdb_copies_itself(void **state)
{
	struct fixture *f = *state;
	struct engine *origin = f->engine;
	char path[PATH_MAX + 8];
	struct engine_view *v;

	put(f, "a", "1");
	apply(f);
	(void)snprintf(path, sizeof(path), "%s/copy", f->temp.path);
	assert_ok(origin->ops->copy(origin, path));
	put(f, "a", "2");
	apply(f);
	assert_ok(engine_lmdb_open(path, &f->engine));
	v = view(f);
	assert_value(f, v, "a", "1");
	assert_int_equal(f->engine->ops->view_sequence(v), 1);
	f->engine->ops->view_close(v);
	f->engine->ops->close(f->engine);
	f->engine = origin;
}

#define EVERY(test)                                                            \
	{#test ".memory", test, setup_memory, teardown, NULL},                 \
	{                                                                      \
#test ".lmdb", test, setup_lmdb, teardown, NULL                \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EVERY(rows_are_kept_in_order),
		EVERY(deletes_hide_what_was),
		EVERY(later_sets_of_a_batch_win),
		EVERY(views_stand_still),
		EVERY(tables_are_apart),
		EVERY(largest_keys_and_values_fit),
		EVERY(many_rows_come_back),
		EVERY(room_can_be_held),
		cmocka_unit_test_setup_teardown(lmdb_keeps_rows_over_a_restart,
						setup_lmdb, teardown),
		cmocka_unit_test_setup_teardown(lmdb_copies_itself, setup_lmdb,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
