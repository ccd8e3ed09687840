#include "support/test.h"

#include "base/entropy.h"
#include "front/keytable.h"

#define MANY 4096

static void
key_of(uint8_t out[NINETY_KEY_BYTES], uint32_t i)
{
	memset(out, 7, NINETY_KEY_BYTES);
	memcpy(out, &i, sizeof(i));
}

static void
empty_table_knows_nobody(void **state)
{
	struct keytable *t = keytable_new();
	char text[NINETY_KEY_TEXT_BYTES];
	uint8_t key[NINETY_KEY_BYTES];

	(void)state;
	key_of(key, 1);
	keytable_text(key, text);
	assert_false(keytable_has(t, text));
	assert_false(keytable_has(t, ""));
	keytable_free(t);
}

static void
enrolled_keys_are_found_until_replaced(void **state)
{
	struct keytable *t = keytable_new();
	uint8_t *keys = calloc(MANY, NINETY_KEY_BYTES);
	char text[NINETY_KEY_TEXT_BYTES];
	uint8_t found[NINETY_KEY_BYTES];

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		key_of(keys + i * NINETY_KEY_BYTES, i * 2654435761u);
	}
	assert_ok(keytable_replace(t, keys, MANY));
	for (uint32_t i = 0; i < MANY; i++) {
		keytable_text(keys + i * NINETY_KEY_BYTES, text);
		assert_true(keytable_find(t, text, found));
		assert_memory_equal(keys + i * NINETY_KEY_BYTES, found,
				    NINETY_KEY_BYTES);
	}
	assert_ok(keytable_replace(t, keys, 1));
	assert_false(keytable_has(t, text));
	keytable_text(keys, text);
	assert_true(keytable_has(t, text));
	text[0] = text[0] == 'a' ? 'b' : 'a';
	assert_false(keytable_has(t, text));
	keytable_free(t);
	free(keys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_table_knows_nobody),
		cmocka_unit_test(enrolled_keys_are_found_until_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
