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
	struct leaf l = sample();
	struct leaf_keys keys;

	(void)state;
	leaf_keys(&slot, l.id, &keys);
	leaf_commit(&keys.commit, bytes_str("details"), l.commitment);
	assert_ok(leaf_open(&l, &keys.commit, bytes_str("details")));
	assert_err(ERR_SEAL, leaf_open(&l, &keys.commit, bytes_str("detailz")));
	assert_err(ERR_SEAL, leaf_open(&l, &keys.commit, bytes_str("")));
	assert_err(ERR_SEAL, leaf_open(&l, &keys.seal, bytes_str("details")));
	keys.commit.b[0] ^= 1;
	assert_err(ERR_SEAL, leaf_open(&l, &keys.commit, bytes_str("details")));
}

static void
another_leaf_has_other_keys(void **state)
{
	struct key slot = {{1}};
	struct leaf l = sample();
	struct leaf_keys a, b;

	(void)state;
	leaf_keys(&slot, l.id, &a);
	l.id.b[15] ^= 1;
	leaf_keys(&slot, l.id, &b);
	assert_memory_not_equal(a.commit.b, b.commit.b, KEY_BYTES);
	assert_memory_not_equal(a.seal.b, b.seal.b, KEY_BYTES);
	assert_memory_not_equal(a.commit.b, a.seal.b, KEY_BYTES);
}

static void
sealed_details_open_where_they_belong_alone(void **state)
{
	static const char text[] = "whose, and what of it";
	struct bytes details = bytes_of(text, sizeof(text));
	struct key slot = {{5}};
	struct leaf l = sample(), other;
	struct leaf_keys keys, others;
	uint8_t sealed[sizeof(text)], plain[sizeof(text)];
	struct bytes from = bytes_of(sealed, sizeof(sealed));

	(void)state;
	leaf_keys(&slot, l.id, &keys);
	leaf_commit(&keys.commit, details, l.commitment);
	leaf_seal(&l, &keys, details, sealed);
	assert_memory_not_equal(sealed, text, sizeof(text));
	assert_ok(leaf_unseal(&l, &keys, from, plain));
	assert_memory_equal(plain, text, sizeof(text));
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_err(ERR_SEAL, leaf_unseal(&l, &keys, from, plain));
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	from.n--;
	assert_err(ERR_SEAL, leaf_unseal(&l, &keys, from, plain));
	from.n++;
	other = l;
	other.id.b[0] ^= 1;
	leaf_keys(&slot, other.id, &others);
	assert_err(ERR_SEAL, leaf_unseal(&other, &others, from, plain));
	other = l;
	other.commitment[0] ^= 1;
	assert_err(ERR_SEAL, leaf_unseal(&other, &keys, from, plain));
}

/* One leaf's keys used twice, as after a machine that was put back to a
 * snapshot: other details, other stream. */
static void
other_details_have_another_stream(void **state)
{
	uint8_t first[8], second[8];
	struct leaf l = sample();
	struct key slot = {{5}};
	struct leaf_keys keys;

	(void)state;
	leaf_keys(&slot, l.id, &keys);
	leaf_commit(&keys.commit, bytes_str("detail 1"), l.commitment);
	leaf_seal(&l, &keys, bytes_str("detail 1"), first);
	leaf_commit(&keys.commit, bytes_str("detail 2"), l.commitment);
	leaf_seal(&l, &keys, bytes_str("detail 2"), second);
	assert_memory_not_equal(first, second, 7);
}

static void
no_details_are_no_bytes(void **state)
{
	struct leaf l = sample();
	struct key slot = {{5}};
	struct leaf_keys keys;
	uint8_t none[1] = {7};

	(void)state;
	leaf_keys(&slot, l.id, &keys);
	leaf_commit(&keys.commit, bytes_of(NULL, 0), l.commitment);
	leaf_seal(&l, &keys, bytes_of(NULL, 0), none);
	assert_ok(leaf_unseal(&l, &keys, bytes_of(none, 0), none));
	assert_int_equal(none[0], 7);
	assert_err(ERR_SEAL, leaf_unseal(&l, &keys, bytes_of(none, 1), none));
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
		cmocka_unit_test(another_leaf_has_other_keys),
		cmocka_unit_test(sealed_details_open_where_they_belong_alone),
		cmocka_unit_test(other_details_have_another_stream),
		cmocka_unit_test(no_details_are_no_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
