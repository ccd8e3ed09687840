/* vault/subject: heads of people, their bands, what they have. */

#include "support/test.h"

#include "support/vault_env.h"
#include "vault/hold_mark.h"
#include "vault/subject.h"

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

static date_t
day(int year, int month, int d)
{
	return date_from_ymd((struct ymd){year, month, d});
}

static void
head_comes_back_as_it_was(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s;
	struct subject *again;
	struct id id;

	(void)state;
	assert_ok(subject_create(v, STANDING_MINOR, &s));
	s->band = BAND_13_15;
	s->next_band = day(2027, 5, 1);
	s->has_guardian = true;
	s->country = "DE";
	s->terms_version = "2026-01";
	s->terms_at_ms = 17;
	assert_ok(subject_add_bucket(v, s, 4711));
	assert_ok(subject_add_bucket(v, s, 4711));
	assert_ok(subject_add_bucket(v, s, 12));
	assert_ok(subject_need_held(v, s));
	hold_mark_set(s, 200, true);
	id = s->id;
	assert_ok(subject_save(v, s));
	vault_env_commit(&env);

	v = vault_env_begin(&env);
	assert_ok(subject_load(v, id, &again));
	assert_int_equal(again->standing, STANDING_MINOR);
	assert_int_equal(again->band, BAND_13_15);
	assert_int_equal(again->next_band, day(2027, 5, 1));
	assert_true(again->has_guardian);
	assert_false(again->has_legal_capacity);
	assert_string_equal(again->country, "DE");
	assert_null(again->region);
	assert_string_equal(again->terms_version, "2026-01");
	assert_int_equal(again->n_buckets, 2);
	assert_int_equal(again->buckets[1], 12);
	assert_true(again->held != SLOT_NONE);
	assert_int_equal(again->account_end, DAY_NONE);
	assert_int_equal(again->created_at_ms, VAULT_ENV_NOW_MS);
	assert_true(again->hold_marks[25] == 1);
	vault_env_fail(&env);
	assert_int_equal(vault_env_count_bytes(&env, TABLE_SUBJECT, "2026-01"),
			 0);
}

static void
nobody_and_the_erased_are_not_found(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s;
	struct id id;
	slot_t slots[SLOT_PARTS];

	(void)state;
	assert_err(ERR_NOT_FOUND, subject_load(v, (struct id){{1}}, &s));
	assert_ok(subject_create(v, STANDING_ADULT, &s));
	s->erasing = true;
	id = s->id;
	for (unsigned i = 0; i < SLOT_PARTS; i++) {
		slots[i] = s->base + i;
	}
	assert_ok(subject_save(v, s));
	vault_env_commit(&env);

	v = vault_env_begin(&env);
	assert_err(ERR_STATE, subject_load(v, id, &s));
	assert_int_equal(err_last()->n_extra, 1);
	assert_string_equal(err_last()->extra[0].text, "erasing");
	assert_ok(subject_load_erasing(v, id, &s));
	vault_env_fail(&env);
	vault_env_destroy(&env, slots, SLOT_PARTS);
	v = vault_env_begin(&env);
	assert_err(ERR_NOT_FOUND, subject_load(v, id, &s));
	vault_env_fail(&env);
}

static void
head_of_another_does_not_open(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *a;
	struct subject *b;
	struct subject *s;
	struct bytes row;

	(void)state;
	assert_ok(subject_create(v, STANDING_ADULT, &a));
	assert_ok(subject_create(v, STANDING_ADULT, &b));
	assert_ok(subject_save(v, a));
	assert_ok(subject_save(v, b));
	assert_ok(txn_get(v->txn, TABLE_SUBJECT, id_bytes(&a->id), &row));
	assert_ok(txn_put(v->txn, TABLE_SUBJECT, id_bytes(&b->id), row));
	assert_err(ERR_SEAL, subject_load(v, b->id, &s));
	vault_env_fail(&env);
}

static void
bands_move_on_by_themselves(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s;
	const struct policy *p = env.policy;

	(void)state;
	assert_ok(subject_create(v, STANDING_MINOR, &s));
	s->band = BAND_13_15;
	s->next_band = day(2027, 5, 1);
	/* Only the month of the birthday is known: never too early. */
	assert_int_equal(subject_band(p, s, day(2027, 5, 31)), BAND_13_15);
	assert_int_equal(subject_band(p, s, day(2027, 6, 1)), BAND_16_17);
	assert_int_equal(subject_band(p, s, day(2029, 5, 31)), BAND_16_17);
	assert_int_equal(subject_band(p, s, day(2029, 6, 1)), BAND_ADULT);
	assert_int_equal(subject_standing_on(p, s, day(2029, 5, 31)),
			 STANDING_MINOR);
	assert_int_equal(subject_standing_on(p, s, day(2029, 6, 1)),
			 STANDING_ADULT);
	assert_int_equal(subject_adult_on(p, s), day(2029, 6, 1));
	s->band = BAND_16_17;
	assert_int_equal(subject_adult_on(p, s), day(2027, 6, 1));
	s->standing = STANDING_ADULT;
	s->band = BAND_ADULT;
	assert_int_equal(subject_adult_on(p, s), DAY_NONE);
	vault_env_fail(&env);
}

static void
what_a_person_has_is_listed_in_pages(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct id ids[5];
	struct id *out;
	struct id nil = {{0}};
	size_t n;

	(void)state;
	for (uint8_t i = 0; i < 5; i++) {
		ids[i] = (struct id){{(uint8_t)(i + 1)}};
		assert_ok(of_subject_add(v->txn, OF_SUBJECT_SHARE, 8, ids[i]));
	}
	assert_ok(of_subject_add(v->txn, OF_SUBJECT_NOTICE, 8, ids[0]));
	assert_ok(of_subject_add(v->txn, OF_SUBJECT_SHARE, 12, ids[0]));
	assert_ok(of_subject_list(v->txn, v->arena, OF_SUBJECT_SHARE, 8, nil, 3,
				  &out, &n));
	assert_int_equal(n, 3);
	assert_ok(of_subject_list(v->txn, v->arena, OF_SUBJECT_SHARE, 8, out[2],
				  10, &out, &n));
	assert_int_equal(n, 2);
	assert_true(id_equal(out[1], ids[4]));
	assert_ok(of_subject_remove(v->txn, OF_SUBJECT_SHARE, 8, ids[4]));
	assert_ok(of_subject_list(v->txn, v->arena, OF_SUBJECT_SHARE, 8, nil,
				  10, &out, &n));
	assert_int_equal(n, 4);
	vault_env_fail(&env);
}

static void
marks_of_holds_are_of_one_or_of_all(void **state)
{
	struct vault *v = vault_env_begin(&env);
	struct subject *s;
	bool held;

	(void)state;
	assert_ok(subject_create(v, STANDING_ADULT, &s));
	assert_ok(hold_mark_has(v, s, 3, &held));
	assert_false(held);
	assert_ok(hold_mark_set_all(v, 3, true));
	assert_ok(hold_mark_has(v, s, 3, &held));
	assert_true(held);
	assert_ok(hold_mark_set_all(v, 3, false));
	hold_mark_set(s, 3, true);
	assert_ok(hold_mark_has(v, s, 3, &held));
	assert_true(held);
	assert_ok(hold_mark_has(v, s, 4, &held));
	assert_false(held);
	vault_env_fail(&env);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_comes_back_as_it_was),
		cmocka_unit_test(nobody_and_the_erased_are_not_found),
		cmocka_unit_test(head_of_another_does_not_open),
		cmocka_unit_test(bands_move_on_by_themselves),
		cmocka_unit_test(what_a_person_has_is_listed_in_pages),
		cmocka_unit_test(marks_of_holds_are_of_one_or_of_all),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
