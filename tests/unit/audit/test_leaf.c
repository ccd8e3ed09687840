#include "support/test.h"

#include "audit/leaf.h"

static struct leaf
sample(void)
{
	struct leaf l = {
		.type = LEAF_DISCLOSE,
		.outcome = 0,
		.category = 3,
		.recipient = 0x0102,
		.count = 7,
		.at_ms = INT64_C(1795467240123),
	};

	for (size_t i = 0; i < ID_BYTES; i++) {
		l.id.b[i] = (uint8_t)(0xa0 + i);
	}
	memset(l.commitment, 0x5c, sizeof(l.commitment));
	return l;
}

static void
leaf_has_its_documented_bytes(void **state)
{
	static const uint8_t head[8] = {1, 72, 0, 3, 1, 2, 0, 7};
	struct leaf l = sample();
	uint8_t b[LEAF_BYTES];

	(void)state;
	leaf_encode(&l, b);
	assert_memory_equal(b, head, 8);
	assert_memory_equal(b + 16, l.id.b, 16);
	assert_memory_equal(b + 32, l.commitment, 32);
	assert_int_equal(b[8] | b[9], 0);
	assert_int_equal(b[14], (uint8_t)(l.at_ms >> 8));
	assert_int_equal(b[15], (uint8_t)l.at_ms);
}

static void
leaf_survives_the_round_trip(void **state)
{
	struct leaf l = sample(), back;
	uint8_t b[LEAF_BYTES], again[LEAF_BYTES];

	(void)state;
	leaf_encode(&l, b);
	assert_ok(leaf_decode(bytes_of(b, sizeof(b)), &back));
	leaf_encode(&back, again);
	assert_memory_equal(b, again, sizeof(b));
	assert_int_equal(back.at_ms, l.at_ms);
	assert_int_equal(back.type, LEAF_DISCLOSE);
}

static void
strange_leaves_are_refused(void **state)
{
	struct leaf l = sample();
	uint8_t b[LEAF_BYTES + 1] = {0};

	(void)state;
	leaf_encode(&l, b);
	assert_err(ERR_CORRUPT, leaf_decode(bytes_of(b, 63), &l));
	assert_err(ERR_CORRUPT, leaf_decode(bytes_of(b, 65), &l));
	b[0] = 2;
	assert_err(ERR_CORRUPT, leaf_decode(bytes_of(b, 64), &l));
	b[0] = 1;
	b[1] = 0;
	assert_err(ERR_CORRUPT, leaf_decode(bytes_of(b, 64), &l));
	b[1] = 72;
	b[2] = 200;
	assert_err(ERR_CORRUPT, leaf_decode(bytes_of(b, 64), &l));
	b[2] = 0;
	b[8] = 0x80;
	assert_err(ERR_CORRUPT, leaf_decode(bytes_of(b, 64), &l));
	b[8] = 0;
	assert_ok(leaf_decode(bytes_of(b, 64), &l));
}

static void
type_numbers_stand_for_ever(void **state)
{
	(void)state;
	assert_string_equal(leaf_type_word(37), "read");
	assert_string_equal(leaf_type_word(1), "successor");
	assert_string_equal(leaf_type_word(109), "request_fulfilled");
	assert_string_equal(leaf_type_word(128), "erasure");
	assert_null(leaf_type_word(0));
	assert_null(leaf_type_word(255));
}

static void
outcomes_are_the_words_of_the_wire(void **state)
{
	(void)state;
	assert_int_equal(leaf_outcome(0), 0);
	assert_int_equal(leaf_outcome(ERR_INVALID), 1);
	assert_string_equal(leaf_outcome_word(leaf_outcome(ERR_UNDER_AGE)),
			    "under_age");
	assert_string_equal(leaf_outcome_word(leaf_outcome(ERR_CORRUPT)),
			    "internal");
	assert_string_equal(leaf_outcome_word(0), "done");
	assert_null(leaf_outcome_word(99));
}

static void
described_leaf_names_no_person(void **state)
{
	struct arena *a = arena_new(4096);
	struct leaf l = sample();
	struct value v;

	(void)state;
	assert_ok(leaf_describe(&l, a, &v));
	assert_string_equal(value_get_text(&v, "type"), "disclose");
	assert_string_equal(value_get_text(&v, "at"),
			    "2026-11-23T20:54:00.123Z");
	assert_string_equal(value_get_text(&v, "outcome"), "done");
	assert_int_equal(value_get(&v, "recipient")->number, 0x0102);
	assert_string_equal(value_get_text(&v, "id"),
			    "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf");
	arena_free(a);
}

static void
commitment_opens_for_its_details_alone(void **state)
{
	struct key slot = {{1, 2, 3, 4}};
	struct leaf_opening opening = {.random = {9}};
	struct leaf l = sample();

	(void)state;
	leaf_key(&slot, l.id, &opening.k_leaf);
	leaf_commit(&opening, bytes_str("details"), l.commitment);
	assert_ok(leaf_open(&l, &opening, bytes_str("details")));
	assert_err(ERR_SEAL, leaf_open(&l, &opening, bytes_str("detailz")));
	assert_err(ERR_SEAL, leaf_open(&l, &opening, bytes_str("")));
	opening.random[31] ^= 1;
	assert_err(ERR_SEAL, leaf_open(&l, &opening, bytes_str("details")));
	opening.random[31] ^= 1;
	opening.k_leaf.b[0] ^= 1;
	assert_err(ERR_SEAL, leaf_open(&l, &opening, bytes_str("details")));
}

static void
another_leaf_has_another_key(void **state)
{
	struct key slot = {{1}};
	struct leaf l = sample();
	struct key a, b;

	(void)state;
	leaf_key(&slot, l.id, &a);
	l.id.b[15] ^= 1;
	leaf_key(&slot, l.id, &b);
	assert_memory_not_equal(a.b, b.b, KEY_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaf_has_its_documented_bytes),
		cmocka_unit_test(leaf_survives_the_round_trip),
		cmocka_unit_test(strange_leaves_are_refused),
		cmocka_unit_test(type_numbers_stand_for_ever),
		cmocka_unit_test(outcomes_are_the_words_of_the_wire),
		cmocka_unit_test(described_leaf_names_no_person),
		cmocka_unit_test(commitment_opens_for_its_details_alone),
		cmocka_unit_test(another_leaf_has_another_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
