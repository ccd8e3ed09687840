/* slots: who gets which, whole leaves, never twice. */

#include "support/test.h"

#include "keyring/slots.h"
#include "support/keyring_env.h"
#include "support/store_env.h"

struct env {
	struct keyring_env keys;
	struct store_env store;
};

static int
setup(void **state)
{
	struct env *e = test_calloc(1, sizeof(*e));

	keyring_env_open(&e->keys, 3 * KEYRING_FANOUT);
	store_env_open(&e->store);
	*state = e;
	return 0;
}

static int
teardown(void **state)
{
	struct env *e = *state;

	store_env_close(&e->store);
	keyring_env_close(&e->keys);
	test_free(e);
	return 0;
}

static void
people_lie_together_and_others_apart(void **state)
{
	struct env *e = *state;
	struct txn *t = store_env_begin(&e->store);
	slot_t first = keyring_first_free();
	slot_t person, one, mark;

	assert_ok(slots_mark(t, &mark));
	assert_int_equal(mark, first);
	assert_ok(slots_take_person(t, e->keys.keyring, &person));
	assert_int_equal(person, first);
	assert_ok(slots_take_one(t, e->keys.keyring, &one));
	assert_int_equal(one, first + KEYRING_FANOUT);
	assert_ok(slots_take_person(t, e->keys.keyring, &person));
	assert_int_equal(person, first + SLOT_PARTS);
	assert_ok(slots_take_one(t, e->keys.keyring, &one));
	assert_int_equal(one, first + KEYRING_FANOUT + 1);
	assert_ok(slots_mark(t, &mark));
	assert_int_equal(mark, first + (slot_t)2 * KEYRING_FANOUT);
}

static void
full_tree_is_busy_until_it_grows(void **state)
{
	struct env *e = *state;
	slot_t last = 0;
	slot_t slot = 0;
	int rc;

	for (int i = 0;; i++) {
		struct txn *t = store_env_begin(&e->store);

		rc = slots_take_person(t, e->keys.keyring, &slot);
		if (rc != 0) {
			store_env_abandon(&e->store);
			break;
		}
		store_env_commit(&e->store);
		assert_true(i == 0 || slot == last + SLOT_PARTS);
		last = slot;
	}
	assert_err(ERR_BUSY, rc);
	assert_int_equal(last + SLOT_PARTS, keyring_grown(e->keys.keyring));
	assert_ok(keyring_grow(e->keys.keyring,
			       keyring_grown(e->keys.keyring), 1));
	assert_ok(slots_take_person(store_env_begin(&e->store),
				    e->keys.keyring, &slot));
	assert_int_equal(slot, last + SLOT_PARTS);
}

static void
failed_operation_takes_none(void **state)
{
	struct env *e = *state;
	slot_t a, b;

	assert_ok(slots_take_one(store_env_begin(&e->store), e->keys.keyring,
				 &a));
	store_env_fail(&e->store);
	assert_ok(slots_take_one(store_env_begin(&e->store), e->keys.keyring,
				 &b));
	assert_int_equal(a, b);
}

static void
what_was_stepped_over_is_never_taken(void **state)
{
	struct env *e = *state;
	struct txn *t = store_env_begin(&e->store);
	struct slot_span spans[SLOTS_SKIPPED];
	slot_t first = keyring_first_free();
	slot_t grown = keyring_grown(e->keys.keyring);
	slot_t person, one, mark;

	assert_ok(slots_take_person(t, e->keys.keyring, &person));
	assert_ok(slots_take_one(t, e->keys.keyring, &one));
	assert_ok(slots_skip(t, e->keys.keyring, spans));
	assert_int_equal(spans[0].from, person + SLOT_PARTS);
	assert_int_equal(spans[0].end, first + KEYRING_FANOUT);
	assert_int_equal(spans[1].from, one + 1);
	assert_int_equal(spans[1].end, first + (slot_t)2 * KEYRING_FANOUT);
	assert_int_equal(spans[2].from, first + (slot_t)2 * KEYRING_FANOUT);
	assert_int_equal(spans[2].end, grown);
	assert_ok(slots_mark(t, &mark));
	assert_int_equal(mark, grown);
	assert_err(ERR_BUSY,
		   slots_take_person(t, e->keys.keyring, &person));
	assert_ok(keyring_grow(e->keys.keyring, grown, KEYRING_FANOUT));
	assert_ok(slots_take_person(t, e->keys.keyring, &person));
	assert_int_equal(person, grown);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(people_lie_together_and_others_apart),
		TEST(full_tree_is_busy_until_it_grows),
		TEST(failed_operation_takes_none),
		TEST(what_was_stepped_over_is_never_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
