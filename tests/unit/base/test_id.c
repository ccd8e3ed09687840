/* base/id and base/entropy: UUIDv7 made, read, written. */

#include "base/entropy.h"
#include "base/id.h"
#include "support/test.h"

#define NOW_MS 1763930000123LL

static void
new_id_is_a_uuid_of_version_7(void **state)
{
	struct id id = id_new(NOW_MS, entropy_system());

	(void)state;
	assert_true(id_time_ms(id) == NOW_MS);
	assert_int_equal(id.b[6] >> 4, 7);
	assert_int_equal(id.b[8] >> 6, 2);
	assert_false(id_is_nil(id));
}

static void
later_id_sorts_later(void **state)
{
	struct id a = id_new(NOW_MS, entropy_system());
	struct id b = id_new(NOW_MS + 1, entropy_system());

	(void)state;
	assert_true(bytes_compare(id_bytes(&a), id_bytes(&b)) < 0);
}

static void
two_ids_of_one_moment_differ(void **state)
{
	struct id a = id_new(NOW_MS, entropy_system());
	struct id b = id_new(NOW_MS, entropy_system());

	(void)state;
	assert_false(id_equal(a, b));
}

static void
seed_makes_the_same_ids_again(void **state)
{
	struct entropy_seeded one;
	struct entropy_seeded two;
	struct entropy_seeded other;
	struct id first;
	struct id second;

	(void)state;
	entropy_seeded_init(&one, 42);
	entropy_seeded_init(&two, 42);
	entropy_seeded_init(&other, 43);
	first = id_new(NOW_MS, &one.base);
	second = id_new(NOW_MS, &one.base);
	assert_true(id_equal(first, id_new(NOW_MS, &two.base)));
	assert_true(id_equal(second, id_new(NOW_MS, &two.base)));
	assert_false(id_equal(first, second));
	assert_false(id_equal(first, id_new(NOW_MS, &other.base)));
}

static void
printed_id_is_read_again(void **state)
{
	char text[ID_TEXT_BYTES];
	struct id back;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct id id = id_new(NOW_MS + i, entropy_system());

		assert_ok(id_parse(id_print(id, text), &back));
		assert_true(id_equal(id, back));
	}
	assert_ok(id_parse("0193f1d2-0a0b-7c0d-8e0f-fedcba987654", &back));
	assert_string_equal(id_print(back, text),
			    "0193f1d2-0a0b-7c0d-8e0f-fedcba987654");
}

static void
other_forms_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"-",
		"0193f1d2-0a0b-7c0d-8e0f-fedcba98765",
		"0193f1d2-0a0b-7c0d-8e0f-fedcba9876543",
		"0193F1D2-0A0B-7C0D-8E0F-FEDCBA987654",
		"0193f1d20a0b-7c0d-8e0f-fedcba9876-54",
		"0193f1d2-0a0b-7c0d-8e0f-fedcba98765g",
		"0193f1d2 0a0b 7c0d 8e0f fedcba987654",
		"{193f1d2-0a0b-7c0d-8e0f-fedcba98765}",
		"0193f1d2-0a0b-7c0d-8e0f-fedcba9876\xc3\xa9",
		"------------------------------------",
	};
	struct id id = {{9}};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_err(ERR_INVALID, id_parse(wrong[i], &id));
		/* Nor does the text say what was sent in. */
		assert_string_equal(err_last()->text, "not a UUID");
	}
	assert_int_equal(id.b[0], 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_id_is_a_uuid_of_version_7),
		cmocka_unit_test(later_id_sorts_later),
		cmocka_unit_test(two_ids_of_one_moment_differ),
		cmocka_unit_test(seed_makes_the_same_ids_again),
		cmocka_unit_test(printed_id_is_read_again),
		cmocka_unit_test(other_forms_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
