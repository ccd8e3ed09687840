/* base/arena: alignment, the maximum, nothing of one call seen by the next. */

#include <stdalign.h>

#include "base/arena.h"
#include "support/test.h"

static void
pieces_are_aligned_zeroed_and_apart(void **state)
{
	struct arena *a = arena_new(1 << 20);
	uint8_t *pieces[64];

	(void)state;
	for (size_t i = 0; i < 64; i++) {
		pieces[i] = arena_alloc(a, i + 1);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t),
				 0);
		for (size_t j = 0; j <= i; j++) {
			assert_int_equal(pieces[i][j], 0);
		}
		memset(pieces[i], (int)i + 1, i + 1);
	}
	for (size_t i = 0; i < 64; i++) {
		assert_int_equal(pieces[i][0], i + 1);
		assert_int_equal(pieces[i][i], i + 1);
	}
	arena_free(a);
	arena_free(NULL);
}

static void
maximum_holds_over_many_small_pieces(void **state)
{
	struct arena *a = arena_new(100000);
	size_t n = 0;

	(void)state;
	while (arena_alloc(a, 16) != NULL) {
		n++;
		assert_true(n <= 100000 / 16);
	}
	assert_int_equal(n, 100000 / 16);
	assert_int_equal(err_last()->code, ERR_NOMEM);
	arena_reset(a);
	assert_non_null(arena_alloc(a, 100000));
	assert_null(arena_alloc(a, 1));
	arena_free(a);
}

static void
odd_sizes_count_as_what_they_take(void **state)
{
	struct arena *a = arena_new(160);
	size_t n = 0;

	(void)state;
	while (arena_alloc(a, 1) != NULL) {
		n++;
	}
	assert_int_equal(n, 160 / alignof(max_align_t));
	arena_free(a);
}

static void
huge_sizes_do_not_wrap(void **state)
{
	struct arena *a = arena_new(SIZE_MAX);

	(void)state;
	assert_null(arena_alloc(a, SIZE_MAX));
	assert_null(arena_alloc(a, SIZE_MAX - 3));
	assert_null(arena_array(a, SIZE_MAX / 2, 4));
	assert_null(arena_text(a, "", SIZE_MAX));
	assert_int_equal(err_last()->code, ERR_NOMEM);
	assert_non_null(arena_alloc(a, 8));
	arena_free(a);
}

static void
large_piece_among_small_ones(void **state)
{
	struct arena *a = arena_new(16 << 20);
	uint8_t *small = arena_alloc(a, 10);
	uint8_t *large = arena_alloc(a, 5 << 20);
	uint8_t *again = arena_alloc(a, 10);

	(void)state;
	assert_non_null(small);
	assert_non_null(large);
	assert_non_null(again);
	memset(large, 0xee, 5 << 20);
	assert_int_equal(small[9], 0);
	assert_int_equal(again[0], 0);
	arena_free(a);
}

static void
nothing_is_left_for_the_next_call(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char *first = arena_text(a, "4111 1111 1111 1111", 19);
	uint8_t *next;

	(void)state;
	assert_string_equal(first, "4111 1111 1111 1111");
	arena_reset(a);
	/* The same memory, as one busy thread would get it. */
	next = arena_alloc(a, 20);
	assert_ptr_equal(next, first);
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(next[i], 0);
	}
	arena_free(a);
}

/* More than a chunk from malloc: memory of another kind. */
static void
nothing_is_left_of_a_large_call(void **state)
{
	struct arena *a = arena_new(16 << 20);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 100; i++) {
			uint8_t *p = arena_alloc(a, 100000);

			assert_non_null(p);
			for (size_t k = 0; k < 100000; k += 97) {
				assert_int_equal(p[k], 0);
			}
			memset(p, 0xee, 100000);
		}
		arena_reset(a);
	}
	arena_free(a);
}

static void
texts_are_closed(void **state)
{
	struct arena *a = arena_new(4096);

	(void)state;
	assert_string_equal(arena_text(a, "abcdef", 3), "abc");
	assert_string_equal(arena_text(a, NULL, 0), "");
	assert_string_equal(arena_printf(a, "%s-%d", "x", 5), "x-5");
	assert_memory_equal(arena_copy(a, "\0\1", 2), "\0\1", 2);
	assert_null(arena_printf(a, "%5000d", 1));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_zeroed_and_apart),
		cmocka_unit_test(maximum_holds_over_many_small_pieces),
		cmocka_unit_test(odd_sizes_count_as_what_they_take),
		cmocka_unit_test(huge_sizes_do_not_wrap),
		cmocka_unit_test(large_piece_among_small_ones),
		cmocka_unit_test(nothing_is_left_for_the_next_call),
		cmocka_unit_test(nothing_is_left_of_a_large_call),
		cmocka_unit_test(texts_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
