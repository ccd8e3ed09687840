/* registration/account: states, the days that follow from them, terms. */

#include "support/test.h"

#include "registration/account.h"
#include "registration/find.h"
#include "registration/register.h"
#include "registration/write.h"
#include "support/call_env.h"
#include "vault/record.h"

static struct call_env env;

static const struct job_kind *const kinds[] = {&account_days_job};

static int
open_env(void **state)
{
	(void)state;
	call_env_open(&env);
	return 0;
}

static int
close_env(void **state)
{
	(void)state;
	call_env_close(&env);
	return 0;
}

static int
act(call_env_op *op, const struct field_table *in, const char *id)
{
	return call_env_run(&env, ROLE_PORTAL, op, in, NULL,
			    "{\"subject\":\"%s\",\"reason\":\"a test\"}", id);
}

static int
reopen(const char *id)
{
	return call_env_run(&env, ROLE_PORTAL, CALL_OP_QUIET(subject_reopen),
			    "{\"subject\":\"%s\"}", id);
}

#define BLOCK(id) act(subject_block, &subject_block_in_table, id)
#define CLOSE(id) act(subject_close, &subject_close_in_table, id)

/* All rows of the person have this due day, where it counts from the end. */
static size_t
rows_due(const char *id, date_t due)
{
	struct vault v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	struct subject *s;
	struct id subject;
	size_t n = 0;

	assert_ok(id_parse(id, &subject));
	assert_ok(subject_load(&v, subject, &s));
	for (unsigned i = 0; i < SLOT_LOG; i++) {
		struct record *rows;
		struct bytes last;
		size_t n_rows;

		assert_ok(record_rows(&v, s->base + i, 0, bytes_of(NULL, 0),
				      900, &rows, &n_rows, &last));
		for (size_t j = 0; j < n_rows; j++) {
			n += rows[j].due == due && rows[j].day == due ? 1 : 0;
		}
	}
	(void)call_env_end(&env, 0);
	return n;
}

static void
states_follow_each_other(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "states@example.com", id);
	assert_err(ERR_STATE, reopen(id));
	assert_string_equal(env.refusal.extra[0].text, "open");
	assert_ok(BLOCK(id));
	assert_err(ERR_STATE, BLOCK(id));
	assert_string_equal(env.refusal.extra[0].text, "blocked");
	assert_ok(reopen(id));
	assert_ok(BLOCK(id));
	assert_ok(CLOSE(id));
	assert_err(ERR_STATE, CLOSE(id));
	assert_err(ERR_STATE, BLOCK(id));
	assert_string_equal(env.refusal.extra[0].text, "closed");
	assert_ok(reopen(id));
	assert_int_equal(call_env_leaves(&env, LEAF_UNBLOCK), 1);
	assert_int_equal(call_env_leaves(&env, LEAF_REOPEN), 1);
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_status),
			       "{\"subject\":\"%s\"}", id));
	assert_string_equal(call_env_text(&env, "account"), "open");
}

static void
closing_gives_days_and_reopening_takes_them(void **state)
{
	char id[ID_TEXT_BYTES];
	date_t today;

	(void)state;
	call_env_customer(&env, "days@example.com", id);
	assert_int_equal(rows_due(id, DAY_NONE), 2);
	today = env.call.today;
	assert_ok(CLOSE(id));
	/* Contact and account: 90 days from the end. */
	assert_int_equal(rows_due(id, today + 90), 2);
	assert_int_equal(rows_due(id, DAY_NONE), 0);
	assert_int_equal(env.n_jobs, 0);
	call_env_advance(&env, 29 * MS_PER_DAY);
	assert_ok(reopen(id));
	assert_int_equal(rows_due(id, DAY_NONE), 2);
	assert_ok(CLOSE(id));
	call_env_advance(&env, 31 * MS_PER_DAY);
	assert_err(ERR_STATE, reopen(id));
	call_env_advance(&env, -60 * MS_PER_DAY);
}

static void
much_is_done_by_a_job(void **state)
{
	char id[ID_TEXT_BYTES];
	date_t today;

	(void)state;
	call_env_customer(&env, "much@example.com", id);
	for (size_t i = 0; i < 230; i++) {
		assert_ok(call_env_run(
			&env, ROLE_PORTAL, CALL_OP(subject_write),
			"{\"subject\":\"%s\",\"category\":\"content\","
			"\"data\":{\"text\":\"t\"}}",
			id));
	}
	today = env.call.today;
	assert_ok(CLOSE(id));
	assert_int_equal(env.n_jobs, 1);
	assert_true(rows_due(id, DAY_NONE) > 0);
	assert_ok(call_env_jobs(&env, kinds, 1, NULL));
	assert_int_equal(rows_due(id, DAY_NONE), 0);
	assert_int_equal(rows_due(id, today + 60), 230);
	/* Opened again while the job of a second closing still runs. */
	assert_ok(reopen(id));
	assert_ok(call_env_jobs(&env, kinds, 1, NULL));
	assert_int_equal(rows_due(id, DAY_NONE), 232);
	assert_ok(CLOSE(id));
	assert_ok(reopen(id));
	assert_ok(call_env_jobs(&env, kinds, 1, NULL));
	assert_int_equal(rows_due(id, DAY_NONE), 232);
}

static void
closed_account_dies_with_the_day(void **state)
{
	char id[ID_TEXT_BYTES];
	slot_t slot;

	(void)state;
	call_env_customer(&env, "dies@example.com", id);
	assert_ok(CLOSE(id));
	slot = keyring_day_slot(env.call.today + 90);
	assert_int_equal(rows_due(id, env.call.today + 90), 2);
	vault_env_destroy(&env.vault, &slot, 1);
	{
		struct vault v =
			call_vault(call_env_begin(&env, ROLE_INTERNAL));
		struct subject *s;
		struct record *r;
		struct id subject;

		assert_ok(id_parse(id, &subject));
		assert_ok(subject_load(&v, subject, &s));
		assert_err(ERR_NOT_FOUND,
			   record_read_single(
				   &v, s, policy_category(v.policy, "contact"),
				   &r));
		(void)call_env_end(&env, 0);
	}
}

static void
new_terms_are_kept_with_the_old(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "terms@example.com", id);
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP_QUIET(terms_accept),
			       "{\"subject\":\"%s\",\"version\":\"2\","
			       "\"at\":\"2026-11-23T11:00:00Z\"}",
			       id));
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_status),
			       "{\"subject\":\"%s\"}", id));
	assert_string_equal(call_env_text(&env, "terms_version"), "2");
	{
		struct vault v =
			call_vault(call_env_begin(&env, ROLE_INTERNAL));
		const struct policy_category *c =
			policy_category(v.policy, "account");
		struct subject *s;
		struct record *r;
		struct id subject;
		size_t n;

		assert_ok(id_parse(id, &subject));
		assert_ok(subject_load(&v, subject, &s));
		assert_ok(record_read_single(&v, s, c, &r));
		assert_int_equal(r->version, 2);
		assert_string_equal(value_get_text(&r->data, "region"),
				    "US-CA");
		assert_ok(record_versions(&v, s, c, r->id, 10, &r, &n));
		assert_int_equal(n, 2);
		assert_string_equal(value_get_text(&r[0].data, "terms_version"),
				    "1");
		(void)call_env_end(&env, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_follow_each_other),
		cmocka_unit_test(closing_gives_days_and_reopening_takes_them),
		cmocka_unit_test(much_is_done_by_a_job),
		cmocka_unit_test(new_terms_are_kept_with_the_old),
		cmocka_unit_test(closed_account_dies_with_the_day),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
