/* audit/details: packing, reading, and what it refuses. tests/vectors has the
 * spellings as another program writes them. */

#include "audit/details.h"
#include "support/test.h"

#define RECORD "0198c2c4-7d6e-7a11-8e21-0c4e5f6a7b8c"

static struct arena *arena;

static int
arena_make(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	return arena == NULL ? -1 : 0;
}

static int
arena_end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
add(struct value *v, const char *name, struct value member)
{
	assert_ok(value_add(v, arena, name, member));
}

/* Packs, reads back, compares; the bytes are in `b`. */
static void
round_trip(const struct value *v, struct buf *b)
{
	struct value back;

	buf_init(b, 1 << 20);
	assert_ok(details_pack(v, b));
	assert_ok(details_unpack(buf_bytes(b), arena, &back));
	assert_true(value_equal(v, &back));
	for (size_t n = 1; n < b->len; n++) {
		if (details_unpack(bytes_of(b->data, n), arena, &back) == 0) {
			assert_false(value_equal(v, &back));
		}
	}
}

static void
details_of_a_write_are_short(void **state)
{
	struct value v = value_object();
	struct buf b;

	(void)state;
	add(&v, "version", value_int(1));
	add(&v, "record", value_text(RECORD));
	round_trip(&v, &b);
	assert_int_equal(b.len, 20);
	assert_int_equal(b.data[0], 32);
	assert_int_equal(b.data[1], 9);
	assert_int_equal(b.data[2], 0x01);
	assert_int_equal(b.data[3], 0x98);
	assert_int_equal(b.data[18], 47);
	assert_int_equal(b.data[19], 0x41);
	buf_clear(&b);
}

static void
no_details_have_no_bytes(void **state)
{
	struct value v = value_object();
	struct buf b;

	(void)state;
	round_trip(&v, &b);
	assert_int_equal(b.len, 0);
	buf_clear(&b);
}

static void
every_kind_comes_back(void **state)
{
	static const int64_t numbers[] = {0,	 63,	   64,	      65535,
					  65536, -1,	   INT64_MIN, INT64_MAX};
	char text[301];
	struct value v = value_object();
	struct value list = value_list();
	struct value inner = value_object();
	struct buf b;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[300] = '\0';
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		assert_ok(value_push(&list, arena, value_int(numbers[i])));
	}
	add(&inner, "contact", value_int(3));
	add(&inner, "about", value_bool(false));
	add(&v, "zone", value_text(text));
	add(&v, "erased", inner);
	add(&v, "fields", list);
	add(&v, "kept", value_object());
	add(&v, "granted", value_bool(true));
	add(&v, "gap", (struct value){.kind = VALUE_NULL});
	add(&v, "share", (struct value){.kind = VALUE_REAL, .real = -0.25});
	add(&v, "a name of nobody", value_text(""));
	round_trip(&v, &b);
	buf_clear(&b);
}

static void
texts_that_look_like_ids_come_back_as_they_were(void **state)
{
	static const char *const texts[] = {
		RECORD, "0198C2C4-7d6e-7a11-8e21-0c4e5f6a7b8c",
		"0198c2c4-7d6e-7a11-8e21-0c4e5f6a7b8x",
		"0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef",
		"0123456789abcdeF0123456789abcdef0123456789abcdef"
		"0123456789abcdef"};
	static const size_t bytes[] = {18, 38, 38, 34, 66};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct value v = value_object();
		struct buf b;

		add(&v, "of", value_text(texts[i]));
		round_trip(&v, &b);
		assert_int_equal(b.len, bytes[i]);
		buf_clear(&b);
	}
}

static void
what_has_no_spelling_is_refused(void **state)
{
	struct value twice = value_object();
	struct value nul = value_object();
	struct value deep = value_list();
	struct value v = value_object();
	char name[200];
	struct buf b;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[199] = '\0';
	buf_init(&b, 4096);
	add(&twice, "of", value_int(1));
	add(&twice, "of", value_int(2));
	assert_err(ERR_INVALID, details_pack(&twice, &b));
	add(&nul, "of", (struct value){.kind = VALUE_TEXT, .text = {"a\0b", 3}});
	assert_err(ERR_INVALID, details_pack(&nul, &b));
	for (int i = 0; i < VALUE_DEPTH_MAX + 2; i++) {
		struct value outer = value_list();

		assert_ok(value_push(&outer, arena, deep));
		deep = outer;
	}
	add(&v, "of", deep);
	assert_err(ERR_TOO_LARGE, details_pack(&v, &b));
	v = value_object();
	add(&v, name, value_int(1));
	assert_err(ERR_TOO_LARGE, details_pack(&v, &b));
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(details_of_a_write_are_short),
		cmocka_unit_test(no_details_have_no_bytes),
		cmocka_unit_test(every_kind_comes_back),
		cmocka_unit_test(texts_that_look_like_ids_come_back_as_they_were),
		cmocka_unit_test(what_has_no_spelling_is_refused),
	};

	return cmocka_run_group_tests(tests, arena_make, arena_end);
}
