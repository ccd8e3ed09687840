/* vault/index: found, changed, erased for good. */

#include "support/test.h"

#include "support/vault_env.h"
#include "vault/index.h"

static struct vault_env env;

static int
open_env(void **state)
{
	(void)state;
	vault_env_open(&env);
	return 0;
}

static int
close_env(void **state)
{
	(void)state;
	vault_env_close(&env);
	return 0;
}

static struct index_entry
entry_of(uint8_t n, enum index_owner kind)
{
	struct index_entry e = {.kind = kind, .tag = 1};

	memset(e.owner.b, n, sizeof(e.owner.b));
	return e;
}

static size_t
hits(struct vault *v, enum index_kind kind, const char *value)
{
	struct index_entry *found;
	size_t n;

	assert_ok(index_find(v, kind, value, &found, &n));
	return n;
}

static void
value_has_several_owners(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct index_entry a = entry_of(1, OWNER_SUBJECT);
	struct index_entry b = entry_of(2, OWNER_REQUEST);
	struct index_entry *found;
	uint32_t bucket;
	uint32_t other;
	size_t n;

	(void)state;
	assert_ok(index_add(v, INDEX_OF_EMAIL, "ada@x.y", &a, &bucket));
	assert_ok(index_add(v, INDEX_OF_EMAIL, "ada@x.y", &b, &other));
	assert_int_equal(bucket, other);
	/* Again: no effect. */
	assert_ok(index_add(v, INDEX_OF_EMAIL, "ada@x.y", &a, &other));
	assert_ok(index_find(v, INDEX_OF_EMAIL, "ada@x.y", &found, &n));
	assert_int_equal(n, 2);
	assert_int_equal(found[0].kind, OWNER_SUBJECT);
	assert_true(id_equal(found[1].owner, b.owner));
	/* The same text of another kind is another value. */
	assert_int_equal(hits(v, INDEX_OF_PHONE, "ada@x.y"), 0);
	assert_int_equal(hits(v, INDEX_OF_EMAIL, "bob@x.y"), 0);
	assert_ok(index_remove(v, INDEX_OF_EMAIL, "ada@x.y", &a));
	assert_int_equal(hits(v, INDEX_OF_EMAIL, "ada@x.y"), 1);
	/* Not there: no error. */
	assert_ok(index_remove(v, INDEX_OF_EMAIL, "ada@x.y", &a));
	vault_env_commit(&env);
	v = vault_env_begin(&env);
	assert_int_equal(hits(v, INDEX_OF_EMAIL, "ada@x.y"), 1);
	vault_env_fail(&env);
}

static void
tag_keeps_entries_of_one_owner_apart(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct index_entry a = entry_of(7, OWNER_SUBJECT);
	struct index_entry b = a;
	uint32_t bucket;

	(void)state;
	b.tag = 2;
	assert_ok(index_add(v, INDEX_OF_EMAIL, "two@x.y", &a, &bucket));
	assert_ok(index_add(v, INDEX_OF_EMAIL, "two@x.y", &b, &bucket));
	assert_int_equal(hits(v, INDEX_OF_EMAIL, "two@x.y"), 2);
	assert_ok(index_remove(v, INDEX_OF_EMAIL, "two@x.y", &a));
	assert_int_equal(hits(v, INDEX_OF_EMAIL, "two@x.y"), 1);
	vault_env_fail(&env);
}

/* With one bucket, everybody is in it. */
static void
erased_owner_is_in_no_copy_that_opens(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct index_entry gone = entry_of(8, OWNER_SUBJECT);
	struct index_entry stays = entry_of(9, OWNER_SUBJECT);
	struct key_maker k = {.n = 0};
	struct bytes row;
	uint8_t before[4096];
	size_t n_before;
	uint32_t bucket;
	slot_t old;

	(void)state;
	assert_ok(index_add(v, INDEX_OF_EMAIL, "gone@x.y", &gone, &bucket));
	assert_ok(index_add(v, INDEX_OF_EMAIL, "gone@x.y", &stays, &bucket));
	key_u32(&k, bucket);
	assert_ok(txn_get(v->txn, TABLE_BUCKET, key_bytes(&k), &row));
	assert_true(row.n <= sizeof(before));
	memcpy(before, row.p, row.n);
	n_before = row.n;
	vault_env_commit(&env);

	v = vault_env_begin(&env);
	assert_ok(
		index_move_without(v, bucket, OWNER_SUBJECT, gone.owner, &old));
	assert_true(old != SLOT_NONE);
	vault_env_commit(&env);
	vault_env_destroy(&env, &old, 1);

	v = vault_env_begin(&env);
	assert_int_equal(hits(v, INDEX_OF_EMAIL, "gone@x.y"), 1);
	/* The copy from before, put back, opens with nothing. */
	assert_ok(txn_put(v->txn, TABLE_BUCKET, key_bytes(&k),
			  bytes_of(before, n_before)));
	{
		struct index_entry *found;
		size_t n;

		assert_err(ERR_EXPIRED, index_find(v, INDEX_OF_EMAIL,
						   "gone@x.y", &found, &n));
	}
	vault_env_fail(&env);
}

static void
one_tag_goes_and_the_rest_stays(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct index_entry own = entry_of(11, OWNER_SUBJECT);
	struct index_entry other = own;
	uint32_t bucket;
	slot_t old;

	(void)state;
	other.tag = 12;
	assert_ok(index_add(v, INDEX_OF_EMAIL, "tag@x.y", &own, &bucket));
	assert_ok(index_add(v, INDEX_OF_EMAIL, "tag@x.y", &other, &bucket));
	assert_ok(index_move_without_tag(v, bucket, OWNER_SUBJECT, own.owner,
					 12, &old));
	assert_true(old != SLOT_NONE);
	assert_int_equal(hits(v, INDEX_OF_EMAIL, "tag@x.y"), 1);
	/* Nothing of it there: nothing moves. */
	assert_ok(index_move_without_tag(v, bucket, OWNER_SUBJECT, own.owner,
					 12, &old));
	assert_true(old == SLOT_NONE);
	vault_env_fail(&env);
}

static void
bucket_without_row_has_nothing_to_destroy(void **state)
{
	struct vault *v = vault_env_begin(&env);
	slot_t old = 1;

	(void)state;
	assert_ok(index_move_without(v, 65535, OWNER_SUBJECT,
				     entry_of(1, OWNER_SUBJECT).owner, &old));
	assert_true(old == SLOT_NONE);
	vault_env_fail(&env);
}

static void
length_of_a_row_does_not_tell_the_number(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct key_maker k = {.n = 0};
	struct bytes row;
	uint32_t bucket;
	size_t n = 0;

	(void)state;
	for (uint8_t i = 0; i < 7; i++) {
		struct index_entry e = entry_of(i, OWNER_INVITE);

		assert_ok(index_add(v, INDEX_OF_EMAIL, "pad@x.y", &e, &bucket));
		k.n = 0;
		key_u32(&k, bucket);
		assert_ok(txn_get(v->txn, TABLE_BUCKET, key_bytes(&k), &row));
		assert_true(n == 0 || n == row.n);
		n = row.n;
	}
	vault_env_fail(&env);
}

static void
count_of_buckets_is_set_once(void **state)
{
	struct vault *v = vault_env_begin(&env);

	(void)state;
	assert_err(ERR_INVALID, index_set_buckets(v, 0));
	assert_err(ERR_INVALID, index_set_buckets(v, 3));
	assert_err(ERR_INVALID, index_set_buckets(v, INDEX_BUCKETS_MAX * 2));
	/* Tests before this one have left rows. */
	assert_err(ERR_STATE, index_set_buckets(v, 1u << 20));
	vault_env_fail(&env);
}

static void
slot_is_an_owner_too(void **state)
{
	(void)state;
	assert_true(index_slot_of_owner(index_owner_of_slot(987654321)) ==
		    987654321);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_has_several_owners),
		cmocka_unit_test(tag_keeps_entries_of_one_owner_apart),
		cmocka_unit_test(erased_owner_is_in_no_copy_that_opens),
		cmocka_unit_test(one_tag_goes_and_the_rest_stays),
		cmocka_unit_test(bucket_without_row_has_nothing_to_destroy),
		cmocka_unit_test(length_of_a_row_does_not_tell_the_number),
		cmocka_unit_test(count_of_buckets_is_set_once),
		cmocka_unit_test(slot_is_an_owner_too),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
