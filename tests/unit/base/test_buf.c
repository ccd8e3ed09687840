/* base/buf: growth up to the maximum and not a byte further. */

#include "base/buf.h"
#include "support/test.h"

#define BUF_MAX_BYTES 1000

static void
grows_to_its_maximum_and_no_further(void **state)
{
	struct buf b;
	size_t n = 0;

	(void)state;
	buf_init(&b, BUF_MAX_BYTES);
	for (; n < BUF_MAX_BYTES; n++) {
		uint8_t c = (uint8_t)n;

		assert_ok(buf_put(&b, &c, 1));
	}
	assert_int_equal(b.len, BUF_MAX_BYTES);
	assert_err(ERR_TOO_LARGE, buf_put(&b, "x", 1));
	assert_null(buf_room(&b, 1));
	assert_int_equal(b.len, BUF_MAX_BYTES);
	for (n = 0; n < BUF_MAX_BYTES; n++) {
		assert_int_equal(b.data[n], (uint8_t)n);
	}
	buf_clear(&b);
}

static void
huge_sizes_do_not_wrap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_MAX_BYTES);
	assert_ok(buf_put_str(&b, "abc"));
	assert_null(buf_room(&b, SIZE_MAX));
	assert_null(buf_room(&b, SIZE_MAX - 2));
	assert_err(ERR_TOO_LARGE, buf_put(&b, "", BUF_MAX_BYTES - 2));
	assert_int_equal(b.len, 3);
	buf_clear(&b);
}

static void
cut_wipes_what_goes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_MAX_BYTES);
	assert_ok(buf_put_str(&b, "abcdef"));
	buf_cut(&b, 2);
	assert_int_equal(b.len, 2);
	assert_memory_equal(b.data, "ab\0\0\0\0", 6);
	buf_cut(&b, 2);
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_memory_equal(b.data, "\0\0", 2);
	buf_clear(&b);
	buf_reset(&b); /* nothing there */
}

static void
nothing_has_room(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_MAX_BYTES);
	assert_non_null(buf_room(&b, 0));
	buf_clear(&b);
}

static void
maximum_below_first_size_holds(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	assert_ok(buf_put_str(&b, "abcd"));
	assert_err(ERR_TOO_LARGE, buf_put_str(&b, "e"));
	buf_clear(&b);
	buf_init(&b, 0);
	assert_ok(buf_put(&b, NULL, 0));
	assert_err(ERR_TOO_LARGE, buf_put_str(&b, "e"));
	buf_clear(&b);
}

static void
printed_text_may_fill_it(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 6);
	assert_ok(buf_printf(&b, "%s", "abc"));
	/* The closing NUL of printf is nobody's byte. */
	assert_ok(buf_printf(&b, "%03d", 7));
	assert_err(ERR_TOO_LARGE, buf_printf(&b, "%d", 1));
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.data, "abc007", 6);
	buf_clear(&b);
}

static void
failed_put_leaves_content(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	assert_ok(buf_put_str(&b, "12345"));
	assert_err(ERR_TOO_LARGE, buf_put_str(&b, "6789"));
	assert_true(bytes_equal(buf_bytes(&b), bytes_str("12345")));
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_ok(buf_put_str(&b, "12345678"));
	buf_clear(&b);
	assert_null(b.data);
	assert_int_equal(b.max, 8);
	buf_clear(NULL);
}

static void
reset_wipes(void **state)
{
	static const uint8_t zero[16];
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	assert_ok(buf_put(&b, "secret of anyone", 16));
	buf_reset(&b);
	assert_memory_equal(b.data, zero, sizeof(zero));
	buf_clear(&b);
}

static void
room_is_counted_when_told(void **state)
{
	struct buf b;
	uint8_t *p;

	(void)state;
	buf_init(&b, 1 << 20);
	p = buf_room(&b, 100000);
	assert_non_null(p);
	memset(p, 'x', 100000);
	assert_int_equal(b.len, 0);
	buf_grown(&b, 7);
	assert_true(bytes_equal(buf_bytes(&b), bytes_str("xxxxxxx")));
	buf_clear(&b);
}

static void
bytes_order_like_keys(void **state)
{
	(void)state;
	assert_true(bytes_compare(bytes_str("a"), bytes_str("ab")) < 0);
	assert_true(bytes_compare(bytes_str("b"), bytes_str("ab")) > 0);
	assert_true(bytes_compare(bytes_str("\xff"), bytes_str("a")) > 0);
	assert_int_equal(bytes_compare(bytes_of(NULL, 0), bytes_str("")), 0);
	assert_true(bytes_begins(bytes_str("abc"), bytes_str("ab")));
	assert_true(bytes_begins(bytes_str("abc"), bytes_of(NULL, 0)));
	assert_false(bytes_begins(bytes_str("a"), bytes_str("ab")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_to_its_maximum_and_no_further),
		cmocka_unit_test(huge_sizes_do_not_wrap),
		cmocka_unit_test(cut_wipes_what_goes),
		cmocka_unit_test(nothing_has_room),
		cmocka_unit_test(maximum_below_first_size_holds),
		cmocka_unit_test(printed_text_may_fill_it),
		cmocka_unit_test(failed_put_leaves_content),
		cmocka_unit_test(reset_wipes),
		cmocka_unit_test(room_is_counted_when_told),
		cmocka_unit_test(bytes_order_like_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
