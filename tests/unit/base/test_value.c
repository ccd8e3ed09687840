/* base/value: building, comparing, the packed form and what it refuses. */

#include "base/pack.h"
#include "base/value.h"
#include "support/test.h"

static struct arena *arena;

static void
add(struct value *v, const char *name, struct value member)
{
	assert_ok(value_add(v, arena, name, member));
}

/* {name, company: {employees, listed}, tags: [text, int, null, real]} */
static struct value
sample(void)
{
	struct value company = value_object();
	struct value tags = value_list();
	struct value v = value_object();

	add(&company, "employees", value_int(INT64_MIN));
	add(&company, "listed", value_bool(true));
	assert_ok(value_push(&tags, arena, value_text("")));
	assert_ok(value_push(&tags, arena, value_int(-1)));
	assert_ok(value_push(&tags, arena,
			     (struct value){.kind = VALUE_NULL}));
	assert_ok(value_push(&tags, arena,
			     (struct value){.kind = VALUE_REAL,
					    .real = -0.25}));
	add(&v, "name", value_text("Zo\xc3\xab"));
	add(&v, "company", company);
	add(&v, "tags", tags);
	return v;
}

static void
members_are_found(void **state)
{
	struct value v = sample();

	(void)state;
	assert_string_equal(value_get_text(&v, "name"), "Zo\xc3\xab");
	assert_null(value_get_text(&v, "company"));
	assert_null(value_get(&v, "Name"));
	assert_null(value_get(NULL, "name"));
	assert_null(value_get(value_get(&v, "tags"), "name"));
	assert_true(value_get(value_get(&v, "company"), "employees")->number ==
		    INT64_MIN);
}

static void
packed_value_comes_back(void **state)
{
	struct value v = sample();
	struct value back;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	assert_ok(value_pack(&v, &b));
	assert_ok(value_unpack(buf_bytes(&b), arena, &back));
	assert_true(value_equal(&v, &back));
	buf_clear(&b);
}

static void
every_cut_and_every_extra_byte_is_corrupt(void **state)
{
	struct value v = sample();
	struct value back = value_int(7);
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	assert_ok(value_pack(&v, &b));
	for (size_t n = 0; n < b.len; n++) {
		assert_err(ERR_CORRUPT, value_unpack(bytes_of(b.data, n),
						     arena, &back));
	}
	assert_ok(buf_put(&b, "", 1));
	assert_err(ERR_CORRUPT, value_unpack(buf_bytes(&b), arena, &back));
	assert_int_equal(back.number, 7);
	buf_clear(&b);
}

static void
order_of_members_does_not_count(void **state)
{
	struct value one = value_object();
	struct value two = value_object();
	struct buf b1;
	struct buf b2;

	(void)state;
	add(&one, "email", value_text("e"));
	add(&one, "name", value_text("n"));
	add(&one, "a", value_int(1));
	add(&two, "a", value_int(1));
	add(&two, "name", value_text("n"));
	add(&two, "email", value_text("e"));
	assert_true(value_equal(&one, &two));
	buf_init(&b1, 4096);
	buf_init(&b2, 4096);
	assert_ok(value_pack(&one, &b1));
	assert_ok(value_pack(&two, &b2));
	assert_true(bytes_equal(buf_bytes(&b1), buf_bytes(&b2)));
	buf_clear(&b1);
	buf_clear(&b2);
}

static void
different_values_are_not_equal(void **state)
{
	struct value v = sample();
	struct value w = sample();
	struct value one = value_int(1);
	struct value yes = value_bool(true);
	struct value list = value_list();
	struct value object = value_object();

	(void)state;
	add(&w, "more", value_int(1));
	assert_false(value_equal(&v, &w));
	assert_false(value_equal(&one, &yes));
	assert_false(value_equal(&list, &object));
	assert_ok(value_push(&list, arena, one));
	w = value_list();
	assert_ok(value_push(&w, arena, yes));
	assert_false(value_equal(&list, &w));
}

static void
member_twice_is_not_packed(void **state)
{
	struct value v = value_object();
	struct buf b;

	(void)state;
	add(&v, "a", value_int(1));
	add(&v, "b", value_int(1));
	add(&v, "a", value_int(2));
	buf_init(&b, 4096);
	assert_err(ERR_INVALID, value_pack(&v, &b));
	buf_clear(&b);
}

static void
text_with_nul_inside_is_not_packed(void **state)
{
	struct value v = {.kind = VALUE_TEXT, .text = {"a\0b", 3}};
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	assert_err(ERR_INVALID, value_pack(&v, &b));
	buf_clear(&b);
}

static void
other_bytes_than_the_packer_writes_are_corrupt(void **state)
{
	static const struct {
		const char *what;
		size_t n;
		uint8_t b[24];
	} wrong[] = {
		{"kind", 1, {VALUE_OBJECT + 1}},
		{"truth", 2, {VALUE_BOOL, 2}},
		{"text NULL", 5, {VALUE_TEXT, 255, 255, 255, 255}},
		{"NUL in text", 7, {VALUE_TEXT, 0, 0, 0, 2, 'a', 0}},
		{"NUL in name",
		 12,
		 {VALUE_OBJECT, 0, 0, 0, 1, 0, 0, 0, 2, 'a', 0, VALUE_NULL}},
		{"no name",
		 10,
		 {VALUE_OBJECT, 0, 0, 0, 1, 255, 255, 255, 255, VALUE_NULL}},
		{"twice",
		 17,
		 {VALUE_OBJECT, 0, 0, 0, 2, 0, 0, 0, 1, 'a', VALUE_NULL, 0, 0,
		  0, 1, 'a', VALUE_NULL}},
		{"order",
		 17,
		 {VALUE_OBJECT, 0, 0, 0, 2, 0, 0, 0, 1, 'b', VALUE_NULL, 0, 0,
		  0, 1, 'a', VALUE_NULL}},
		{"count", 6, {VALUE_LIST, 255, 255, 255, 255, VALUE_NULL}},
	};
	struct value out;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (value_unpack(bytes_of(wrong[i].b, wrong[i].n), arena,
				 &out) != ERR_CORRUPT) {
			fail_msg("accepted: %s", wrong[i].what);
		}
	}
}

static struct value
nested(int depth)
{
	struct value v = value_list();

	for (int i = 0; i < depth; i++) {
		struct value outer = value_list();

		assert_ok(value_push(&outer, arena, v));
		v = outer;
	}
	return v;
}

static void
depth_has_an_end(void **state)
{
	struct value fits = nested(VALUE_DEPTH_MAX);
	struct value deeper = nested(VALUE_DEPTH_MAX + 1);
	struct value back;
	struct buf b;
	uint8_t bytes[5 * (VALUE_DEPTH_MAX + 2)];

	(void)state;
	buf_init(&b, 4096);
	assert_ok(value_pack(&fits, &b));
	assert_ok(value_unpack(buf_bytes(&b), arena, &back));
	buf_reset(&b);
	assert_err(ERR_TOO_LARGE, value_pack(&deeper, &b));
	buf_clear(&b);
	for (size_t i = 0; i < sizeof(bytes); i += 5) {
		memcpy(bytes + i, "\5\0\0\0\1", 5);
	}
	bytes[sizeof(bytes) - 1] = 0;
	assert_err(ERR_CORRUPT,
		   value_unpack(bytes_of(bytes, sizeof(bytes)), arena, &back));
}

/* A list takes what its items take, not twice that and the steps before. */
static void
unpacking_takes_no_more_than_the_items(void **state)
{
	enum { ITEMS = 60000 };
	struct arena *tight = arena_new(ITEMS * sizeof(struct member) + 1024);
	static uint8_t bytes[5 + ITEMS] = {VALUE_LIST};
	struct value back;

	(void)state;
	put_u32(bytes + 1, ITEMS);
	assert_ok(value_unpack(bytes_of(bytes, sizeof(bytes)), tight, &back));
	assert_int_equal(back.of.n, ITEMS);
	arena_free(tight);
}

/* A count is believed only as far as bytes follow. */
static void
count_without_content_takes_no_memory(void **state)
{
	struct arena *tight = arena_new(1024);
	static const uint8_t bytes[] = {VALUE_LIST, 0, 255, 255, 255,
					VALUE_NULL};
	struct value back;

	(void)state;
	assert_err(ERR_CORRUPT, value_unpack(bytes_of(bytes, sizeof(bytes)),
					     tight, &back));
	arena_free(tight);
}

/* Looking members up is linear, so their number has a bound. */
static void
object_has_a_largest_size(void **state)
{
	struct value v = value_object();
	struct value back;
	struct buf b;
	int rc = 0;
	size_t n = 0;

	(void)state;
	while (rc == 0) {
		rc = value_add(&v, arena, arena_printf(arena, "m%zu", n),
			       value_int(1));
		n += rc == 0 ? 1 : 0;
		assert_true(n <= VALUE_MEMBERS_MAX);
	}
	assert_err(ERR_TOO_LARGE, rc);
	assert_int_equal(v.of.n, VALUE_MEMBERS_MAX);
	buf_init(&b, 1 << 20);
	assert_ok(value_pack(&v, &b));
	assert_ok(value_unpack(buf_bytes(&b), arena, &back));
	assert_true(value_equal(&v, &back));
	buf_clear(&b);
}

static void
unpacked_members_may_be_added_to(void **state)
{
	struct value v = sample();
	struct value back;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	assert_ok(value_pack(&v, &b));
	assert_ok(value_unpack(buf_bytes(&b), arena, &back));
	add(&back, "zone", value_text("z"));
	add(&v, "zone", value_text("z"));
	assert_true(value_equal(&v, &back));
	buf_clear(&b);
}

static int
prepare(void **state)
{
	(void)state;
	arena = arena_new(16 << 20);
	return arena == NULL;
}

static int
finish(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found),
		cmocka_unit_test(packed_value_comes_back),
		cmocka_unit_test(every_cut_and_every_extra_byte_is_corrupt),
		cmocka_unit_test(order_of_members_does_not_count),
		cmocka_unit_test(different_values_are_not_equal),
		cmocka_unit_test(member_twice_is_not_packed),
		cmocka_unit_test(text_with_nul_inside_is_not_packed),
		cmocka_unit_test(other_bytes_than_the_packer_writes_are_corrupt),
		cmocka_unit_test(depth_has_an_end),
		cmocka_unit_test(unpacking_takes_no_more_than_the_items),
		cmocka_unit_test(count_without_content_takes_no_memory),
		cmocka_unit_test(object_has_a_largest_size),
		cmocka_unit_test(unpacked_members_may_be_added_to),
	};

	return cmocka_run_group_tests(tests, prepare, finish);
}
