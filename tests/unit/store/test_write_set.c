/* Rows in order whatever the order of writing, tombstones, bounds, bytes. */

#include "support/test.h"

#include "store/write_set.h"

#define ROWS 2000

static struct bytes
number_key(uint8_t b[4], unsigned i)
{
	b[0] = (uint8_t)(i >> 24);
	b[1] = (uint8_t)(i >> 16);
	b[2] = (uint8_t)(i >> 8);
	b[3] = (uint8_t)i;
	return bytes_of(b, 4);
}

static struct write_set *
filled(unsigned step)
{
	struct write_set *w = write_set_new(1 << 20);
	uint8_t b[4];

	for (unsigned i = 0; i < ROWS; i++) {
		struct bytes key = number_key(b, i * step % ROWS * 2);

		assert_ok(write_set_put(w, TABLE_RECORD, key, key));
	}
	return w;
}

static void
assert_all(const struct write_set *w)
{
	const struct write_set_row *row =
		write_set_seek(w, TABLE_RECORD, bytes_of(NULL, 0), false);
	uint8_t b[4];

	for (unsigned i = 0; i < ROWS; i++) {
		struct bytes key = number_key(b, i * 2);

		assert_non_null(row);
		assert_true(bytes_equal(row->key, key));
		assert_true(bytes_equal(row->value, key));
		row = write_set_step(row, false);
	}
	assert_null(row);
	assert_int_equal(write_set_rows(w), ROWS);
	assert_int_equal(write_set_bytes(w), ROWS * 8);
}

static void
write_set_orders_keys_however_written(void **state)
{
	const unsigned steps[] = {1, 7, 1999, 1233};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct write_set *w = filled(steps[i]);

		assert_all(w);
		write_set_free(w);
	}
}

static void
write_set_seeks_both_ways(void **state)
{
	struct write_set *w = filled(7);
	uint8_t b[4];
	uint8_t c[4];
	const struct write_set_row *row;

	(void)state;
	row = write_set_seek(w, TABLE_RECORD, number_key(b, 11), false);
	assert_true(bytes_equal(row->key, number_key(c, 12)));
	row = write_set_seek(w, TABLE_RECORD, number_key(b, 11), true);
	assert_true(bytes_equal(row->key, number_key(c, 10)));
	row = write_set_step(row, true);
	assert_true(bytes_equal(row->key, number_key(c, 8)));
	row = write_set_seek(w, TABLE_RECORD, number_key(b, 12), true);
	assert_true(bytes_equal(row->key, number_key(c, 12)));
	assert_null(write_set_seek(w, TABLE_RECORD, number_key(b, 2 * ROWS),
				   false));
	row = write_set_seek(w, TABLE_RECORD, bytes_of(NULL, 0), true);
	assert_true(bytes_equal(row->key, number_key(c, 2 * ROWS - 2)));
	assert_null(write_set_seek(w, TABLE_LEAF, number_key(b, 1), false));
	assert_null(write_set_seek(w, TABLE_LEAF, bytes_of(NULL, 0), true));
	write_set_free(w);
}

/* Keys that begin alike for longer than the index keeps of them, that begin
 * other keys, and that end in zeros. */
struct sample {
	uint8_t b[40];
	size_t n;
};

static struct sample
sample_of(uint32_t *random)
{
	static const uint8_t heads[4][3] = {
		{0, 0, 0}, {0, 0, 1}, {1, 0, 0}, {0xff, 0xff, 0xff}};
	struct sample s = {.n = 3};
	uint32_t r;

	*random = *random * 1664525u + 1013904223u;
	r = *random >> 8;
	memcpy(s.b, heads[r & 3], 3);
	if ((r & 4) != 0) {
		memset(s.b + 3, (r & 8) != 0 ? 7 : 0, 20);
		s.n += 20;
	}
	for (unsigned shift = 4; shift < 4 + (r & 15); shift += 2) {
		s.b[s.n++] = (uint8_t)(r >> shift & 3);
	}
	return s;
}

static int
sample_compare(const void *a, const void *b)
{
	const struct sample *x = a;
	const struct sample *y = b;

	return bytes_compare(bytes_of(x->b, x->n), bytes_of(y->b, y->n));
}

static bool
stands_at(const struct write_set_row *row, const struct sample *all, size_t n,
	  size_t i)
{
	return i >= n ? row == NULL
		      : row != NULL &&
				bytes_equal(row->key,
					    bytes_of(all[i].b, all[i].n));
}

static void
write_set_finds_keys_that_begin_alike(void **state)
{
	static struct sample all[ROWS];
	struct write_set *w = write_set_new(4 << 20);
	uint32_t random = 5;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct sample s = sample_of(&random);
		struct bytes key = bytes_of(s.b, s.n);

		if (write_set_find(w, TABLE_RECORD, key) == NULL) {
			all[n++] = s;
		}
		assert_ok(write_set_put(w, TABLE_RECORD, key, key));
	}
	assert_in_range(n, 500, ROWS - 1);
	assert_int_equal(write_set_rows(w), n);
	qsort(all, n, sizeof(all[0]), sample_compare);
	for (size_t i = 0; i < n; i++) {
		struct bytes key = bytes_of(all[i].b, all[i].n);
		/* Nothing stands between a key and the same with a zero. */
		struct bytes next = bytes_of(all[i].b, all[i].n + 1);
		const struct write_set_row *row =
			write_set_find(w, TABLE_RECORD, key);
		bool is_there = i + 1 < n &&
				bytes_equal(bytes_of(all[i + 1].b,
						     all[i + 1].n),
					    next);

		assert_non_null(row);
		assert_true(stands_at(write_set_step(row, false), all, n,
				      i + 1));
		assert_true(i == 0 ? write_set_step(row, true) == NULL
				   : stands_at(write_set_step(row, true), all,
					       n, i - 1));
		assert_true(stands_at(write_set_seek(w, TABLE_RECORD, next,
						     false),
				      all, n, i + 1));
		assert_true(stands_at(write_set_seek(w, TABLE_RECORD, next,
						     true),
				      all, n, is_there ? i + 1 : i));
	}
	write_set_free(w);
}

static void
write_set_is_whole_when_it_is_full(void **state)
{
	(void)state;
	/* So that memory ends at each of the places where it is asked for. */
	for (size_t max = 2000; max < 40000; max += 112) {
		struct write_set *w = write_set_new(max);
		const struct write_set_row *row;
		uint8_t b[4];
		unsigned n = 0;

		while (write_set_put(w, TABLE_LEAF,
				     number_key(b, n * 613 % 1009),
				     bytes_of(NULL, 0)) == 0) {
			n++;
		}
		assert_int_equal(write_set_rows(w), n);
		for (unsigned i = 0; i < n; i++) {
			assert_non_null(write_set_find(
				w, TABLE_LEAF, number_key(b, i * 613 % 1009)));
		}
		row = write_set_seek(w, TABLE_LEAF, bytes_of(NULL, 0), false);
		for (; row != NULL; row = write_set_step(row, false)) {
			n--;
		}
		assert_int_equal(n, 0);
		write_set_free(w);
	}
}

static void
write_set_keeps_tombstones(void **state)
{
	struct write_set *w = write_set_new(1 << 16);
	const struct write_set_row *row;

	(void)state;
	assert_ok(write_set_put(w, TABLE_LEAF, bytes_str("a"), bytes_str("1")));
	assert_ok(write_set_del(w, TABLE_LEAF, bytes_str("a")));
	row = write_set_find(w, TABLE_LEAF, bytes_str("a"));
	assert_non_null(row);
	assert_true(row->is_deleted);
	assert_int_equal(row->value.n, 0);
	assert_ok(write_set_put(w, TABLE_LEAF, bytes_str("a"),
				bytes_str("longer than before")));
	row = write_set_find(w, TABLE_LEAF, bytes_str("a"));
	assert_false(row->is_deleted);
	assert_true(bytes_equal(row->value, bytes_str("longer than before")));
	assert_int_equal(write_set_rows(w), 1);
	write_set_free(w);
}

static void
write_set_refuses_past_its_memory(void **state)
{
	struct write_set *w = write_set_new(4096);
	uint8_t value[1024] = {0};
	uint8_t b[4];
	unsigned n = 0;

	(void)state;
	while (write_set_put(w, TABLE_LEAF, number_key(b, n),
			     bytes_of(value, sizeof(value))) == 0) {
		n++;
	}
	assert_int_equal(err_last()->code, ERR_NOMEM);
	assert_in_range(n, 2, 3);
	assert_int_equal(write_set_rows(w), n);
	write_set_reset(w);
	assert_int_equal(write_set_rows(w), 0);
	assert_null(write_set_find(w, TABLE_LEAF, number_key(b, 0)));
	assert_ok(write_set_put(w, TABLE_LEAF, number_key(b, 0),
				bytes_of(value, sizeof(value))));
	write_set_free(w);
}

static void
write_set_packs_and_unpacks(void **state)
{
	struct write_set *w = filled(7);
	struct write_set *again = write_set_new(1 << 20);
	struct buf b;

	(void)state;
	assert_ok(write_set_del(w, TABLE_LEAF, bytes_str("gone")));
	assert_ok(write_set_put(w, TABLE_LEAF, bytes_str("empty"),
				bytes_of(NULL, 0)));
	buf_init(&b, 1 << 20);
	assert_ok(write_set_pack(w, &b));
	assert_true(b.len <= write_set_packed_bytes(w));
	assert_ok(write_set_unpack(again, buf_bytes(&b)));
	assert_int_equal(write_set_rows(again), ROWS + 2);
	assert_true(write_set_find(again, TABLE_LEAF, bytes_str("gone"))
			    ->is_deleted);
	assert_false(write_set_find(again, TABLE_LEAF, bytes_str("empty"))
			     ->is_deleted);
	/* Cut anywhere but between rows, the rest is refused. */
	for (size_t n = 1; n < 10; n++) {
		assert_err(ERR_CORRUPT,
			   write_set_unpack(again, bytes_of(b.data, n)));
	}
	b.data[0] = TABLE_END << 2;
	assert_err(ERR_CORRUPT, write_set_unpack(again, buf_bytes(&b)));
	buf_clear(&b);
	write_set_free(w);
	write_set_free(again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_set_orders_keys_however_written),
		cmocka_unit_test(write_set_seeks_both_ways),
		cmocka_unit_test(write_set_finds_keys_that_begin_alike),
		cmocka_unit_test(write_set_is_whole_when_it_is_full),
		cmocka_unit_test(write_set_keeps_tombstones),
		cmocka_unit_test(write_set_refuses_past_its_memory),
		cmocka_unit_test(write_set_packs_and_unpacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
