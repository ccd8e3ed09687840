/* seal: a record opens where and as what it was sealed, and nowhere else. */

#include "support/test.h"

#include "support/keyring_env.h"
#include "vault/seal.h"

struct env {
	struct keyring_env keys;
	struct arena *arena;
	struct seal_context context;
};

static int
setup(void **state)
{
	struct env *e = test_calloc(1, sizeof(*e));

	keyring_env_open(&e->keys, 1000);
	e->arena = arena_new(1u << 22);
	assert_non_null(e->arena);
	e->context = (struct seal_context){
		.type = SEAL_RECORD,
		.category = 3,
		.slot = keyring_first_free() + 10,
		.record = {{1, 2, 3}},
		.version = 4,
		.day = KEYRING_DAY_FIRST + 3000,
		.schema = 5,
	};
	*state = e;
	return 0;
}

static int
teardown(void **state)
{
	struct env *e = *state;

	arena_free(e->arena);
	keyring_env_close(&e->keys);
	test_free(e);
	return 0;
}

static struct bytes
sealed_hello(struct env *e)
{
	struct bytes sealed = {0};

	assert_ok(seal_make(e->keys.keyring, &e->context, bytes_str("hello"),
			    e->arena, &sealed));
	return sealed;
}

static int
opens(struct env *e, const struct seal_context *c, struct bytes sealed)
{
	struct bytes plain;

	return seal_open(e->keys.keyring, c, sealed, e->arena, &plain);
}

static void
sealed_record_opens_after_restart(void **state)
{
	struct env *e = *state;
	struct bytes sealed = sealed_hello(e);
	struct bytes plain = {0};

	keyring_env_reopen(&e->keys);
	assert_int_equal(sealed.n, 5 + SEAL_OVERHEAD_BYTES);
	assert_ok(seal_open(e->keys.keyring, &e->context, sealed, e->arena,
			    &plain));
	assert_true(bytes_equal(plain, bytes_str("hello")));
}

static void
empty_and_appended_records_open(void **state)
{
	struct env *e = *state;
	struct buf b;
	struct bytes plain = {0};

	buf_init(&b, 1000);
	assert_ok(buf_put(&b, "head", 4));
	e->context.day = DAY_NONE;
	assert_ok(seal_put(e->keys.keyring, &e->context, bytes_of(NULL, 0),
			   &b));
	assert_int_equal(b.len, 4 + SEAL_OVERHEAD_BYTES);
	assert_ok(seal_open(e->keys.keyring, &e->context,
			    bytes_of(b.data + 4, b.len - 4), e->arena,
			    &plain));
	assert_int_equal(plain.n, 0);
	assert_err(ERR_TOO_LARGE,
		   seal_put(e->keys.keyring, &e->context,
			    bytes_of(b.data, b.len), &(struct buf){.max = 50}));
	buf_clear(&b);
}

static void
each_changed_byte_is_refused(void **state)
{
	struct env *e = *state;
	struct bytes sealed = sealed_hello(e);
	uint8_t *copy = arena_copy(e->arena, sealed.p, sealed.n);

	for (size_t i = 0; i < sealed.n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			copy[i] ^= (uint8_t)(1 << bit);
			assert_err(ERR_SEAL, opens(e, &e->context,
						   bytes_of(copy, sealed.n)));
			copy[i] ^= (uint8_t)(1 << bit);
		}
	}
	for (size_t n = 0; n < sealed.n; n++) {
		assert_err(ERR_SEAL,
			   opens(e, &e->context, bytes_of(copy, n)));
	}
	assert_ok(opens(e, &e->context, bytes_of(copy, sealed.n)));
}

static void
each_member_of_the_context_is_bound(void **state)
{
	struct env *e = *state;
	struct bytes sealed = sealed_hello(e);
	struct seal_context c[9];

	for (size_t i = 0; i < 9; i++) {
		c[i] = e->context;
	}
	c[0].type = SEAL_VISIT;
	c[1].category++;
	c[2].slot++;
	c[3].record.b[15] = 1;
	c[4].version++;
	c[5].day++;
	c[6].day = DAY_NONE;
	c[7].schema++;
	c[8].version += 1ull << 40;
	for (size_t i = 0; i < 9; i++) {
		assert_err(ERR_SEAL, opens(e, &c[i], sealed));
	}
}

static void
record_of_another_store_is_refused(void **state)
{
	struct env *e = *state;
	struct bytes sealed = sealed_hello(e);
	uint8_t one[SEAL_AAD_BYTES], two[SEAL_AAD_BYTES];
	struct id other = e->keys.store_id;

	other.b[0] ^= 1;
	seal_aad(&e->context, e->keys.store_id, one);
	seal_aad(&e->context, other, two);
	assert_memory_not_equal(one, two, SEAL_AAD_BYTES);
	assert_ok(opens(e, &e->context, sealed));
}

static void
destroy(struct env *e, slot_t slot)
{
	struct keyring *k = e->keys.keyring;
	struct keyring_destroyed out;

	assert_ok(keyring_destroy(
		k, (struct keyring_batch){1, keyring_epoch(k) + 1}, &slot, 1,
		&out));
}

static void
dead_slot_is_expired(void **state)
{
	struct env *e = *state;
	struct bytes sealed = sealed_hello(e);
	struct bytes out;

	destroy(e, e->context.slot);
	assert_err(ERR_EXPIRED, opens(e, &e->context, sealed));
	assert_err(ERR_EXPIRED,
		   seal_make(e->keys.keyring, &e->context, bytes_str("x"),
			     e->arena, &out));
}

static void
dead_day_is_expired_for_everybody(void **state)
{
	struct env *e = *state;
	struct seal_context other = e->context;
	struct bytes sealed = sealed_hello(e);
	struct bytes later = {0};
	struct bytes out;

	other.day++;
	assert_ok(seal_make(e->keys.keyring, &other, bytes_str("later"),
			    e->arena, &later));
	destroy(e, keyring_day_slot(e->context.day));
	assert_err(ERR_EXPIRED, opens(e, &e->context, sealed));
	assert_err(ERR_EXPIRED,
		   seal_make(e->keys.keyring, &e->context, bytes_str("x"),
			     e->arena, &out));
	assert_ok(opens(e, &other, later));
	other.day = KEYRING_DAY_END;
	assert_err(ERR_INTERNAL, opens(e, &other, later));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sealed_record_opens_after_restart),
		TEST(empty_and_appended_records_open),
		TEST(each_changed_byte_is_refused),
		TEST(each_member_of_the_context_is_bound),
		TEST(record_of_another_store_is_refused),
		TEST(dead_slot_is_expired),
		TEST(dead_day_is_expired_for_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
