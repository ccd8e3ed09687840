/* base/pack: what is written is read again, and what is not there is an error
 * that sticks. */

#include "base/arena.h"
#include "base/pack.h"
#include "support/test.h"

static const struct id some_id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
				   14, 15, 16}};

static void
pack_all(struct buf *b)
{
	struct packer p = {.to = b};

	pack_u8(&p, 0xfe);
	pack_u16(&p, 0xfedc);
	pack_u32(&p, 0xfedcba98u);
	pack_u64(&p, 0xfedcba9876543210u);
	pack_i64(&p, INT64_MIN);
	pack_id(&p, some_id);
	pack_bytes(&p, bytes_of("\0\1\2", 3));
	pack_text(&p, "text");
	pack_text(&p, "");
	pack_text(&p, NULL);
	assert_int_equal(p.rc, 0);
}

static void
round_trip_keeps_everything(void **state)
{
	struct arena *a = arena_new(4096);
	struct unpacker u;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	pack_all(&b);
	u = (struct unpacker){.from = buf_bytes(&b)};
	assert_int_equal(unpack_u8(&u), 0xfe);
	assert_int_equal(unpack_u16(&u), 0xfedc);
	assert_int_equal(unpack_u32(&u), 0xfedcba98u);
	assert_true(unpack_u64(&u) == 0xfedcba9876543210u);
	assert_true(unpack_i64(&u) == INT64_MIN);
	assert_true(id_equal(unpack_id(&u), some_id));
	assert_true(bytes_equal(unpack_bytes(&u), bytes_of("\0\1\2", 3)));
	assert_string_equal(unpack_text(&u, a), "text");
	assert_string_equal(unpack_text(&u, a), "");
	assert_null(unpack_text(&u, a));
	assert_ok(unpack_end(&u));
	buf_clear(&b);
	arena_free(a);
}

static void
integers_are_big_endian(void **state)
{
	uint8_t b[8];

	(void)state;
	put_u64(b, 0x0102030405060708u);
	assert_memory_equal(b, "\1\2\3\4\5\6\7\10", 8);
	assert_int_equal(get_u16(b), 0x0102);
	assert_int_equal(get_u32(b), 0x01020304);
	assert_true(get_u64(b) == 0x0102030405060708u);
	memset(b, 0xff, sizeof(b));
	assert_int_equal(get_u16(b), 0xffff);
	assert_true(get_u32(b) == 0xffffffffu);
	assert_true(get_u64(b) == UINT64_MAX);
}

/* Each shorter source fails once and for good, whatever is read after. */
static void
every_cut_is_corrupt(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	pack_all(&b);
	for (size_t n = 0; n < b.len; n++) {
		struct unpacker u = {.from = {b.data, n}};

		(void)unpack_u8(&u);
		(void)unpack_u16(&u);
		(void)unpack_u32(&u);
		(void)unpack_u64(&u);
		(void)unpack_i64(&u);
		(void)unpack_id(&u);
		(void)unpack_bytes(&u);
		(void)unpack_text(&u, a);
		(void)unpack_text(&u, a);
		(void)unpack_text(&u, a);
		assert_err(ERR_CORRUPT, unpack_end(&u));
		assert_int_equal(unpack_u64(&u), 0);
		assert_int_equal(unpack_bytes(&u).n, 0);
		assert_null(unpack_text(&u, a));
	}
	buf_clear(&b);
	arena_free(a);
}

static void
byte_too_many_is_corrupt(void **state)
{
	struct unpacker u = {.from = {(const uint8_t *)"ab", 2}};

	(void)state;
	(void)unpack_u8(&u);
	assert_err(ERR_CORRUPT, unpack_end(&u));
}

static void
length_beyond_the_source_is_corrupt(void **state)
{
	static const uint8_t bytes[] = {0xff, 0xff, 0xff, 0xfe, 'a'};
	struct arena *a = arena_new(4096);
	struct unpacker u = {.from = {bytes, sizeof(bytes)}};

	(void)state;
	assert_null(unpack_text(&u, a));
	assert_err(ERR_CORRUPT, unpack_end(&u));
	arena_free(a);
}

/* A C string cannot hold it: what came out would not be what went in. */
static void
text_with_nul_inside_is_corrupt(void **state)
{
	static const uint8_t bytes[] = {0, 0, 0, 3, 'a', 0, 'b'};
	struct arena *a = arena_new(4096);
	struct unpacker u = {.from = {bytes, sizeof(bytes)}};

	(void)state;
	assert_null(unpack_text(&u, a));
	assert_err(ERR_CORRUPT, unpack_end(&u));
	arena_free(a);
}

static void
full_buffer_sticks(void **state)
{
	struct buf b;
	struct packer p = {.to = &b};

	(void)state;
	buf_init(&b, 5);
	pack_u32(&p, 1);
	pack_u32(&p, 2);
	pack_u8(&p, 3);
	assert_err(ERR_TOO_LARGE, p.rc);
	assert_int_equal(b.len, 4);
	buf_clear(&b);
}

static void
text_beyond_the_arena_is_no_memory(void **state)
{
	static const uint8_t bytes[] = {0, 0, 0, 2, 'a', 'b'};
	struct arena *a = arena_new(1);
	struct unpacker u = {.from = {bytes, sizeof(bytes)}};

	(void)state;
	assert_null(unpack_text(&u, a));
	assert_err(ERR_NOMEM, unpack_end(&u));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip_keeps_everything),
		cmocka_unit_test(integers_are_big_endian),
		cmocka_unit_test(every_cut_is_corrupt),
		cmocka_unit_test(byte_too_many_is_corrupt),
		cmocka_unit_test(length_beyond_the_source_is_corrupt),
		cmocka_unit_test(text_with_nul_inside_is_corrupt),
		cmocka_unit_test(full_buffer_sticks),
		cmocka_unit_test(text_beyond_the_arena_is_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
