/* retention/ended: of people who are over nothing stays. */

#include "support/test.h"

#include "navigation/visit.h"
#include "registration/account.h"
#include "registration/consent.h"
#include "registration/find.h"
#include "registration/register.h"
#include "registration/write.h"
#include "retention/ended.h"
#include "sharing/list.h"
#include "sharing/record.h"
#include "support/call_env.h"
#include "vault/hold_mark.h"
#include "vault/index.h"
#include "vault/subject.h"

static struct call_env env;

static const struct job_kind *const kinds[] = {&ended_job, &account_days_job};

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

static void
walk(void)
{
	bool more;

	do {
		struct call *c = call_env_begin(&env, ROLE_INTERNAL);

		assert_ok(call_env_end(&env, ended_walk(c, &more)));
	} while (more);
}

static size_t
rows_of(enum table table)
{
	struct txn *t = store_env_snapshot(&env.vault.store);
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	size_t n = 0;

	assert_ok(range_open(t, table, bytes_of(NULL, 0), bytes_of(NULL, 0), 0,
			     &r));
	while (range_next(r, &key, &value) == 1) {
		n++;
	}
	range_close(r);
	snapshot_close(t);
	return n;
}

static void
close_account(const char *id)
{
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP_QUIET(subject_close),
			       "{\"subject\":\"%s\",\"reason\":\"r\"}", id));
	assert_ok(call_env_jobs(&env, kinds, 2, NULL));
}

static int
find(const char *email)
{
	return call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_find),
			    "{\"email\":\"%s\"}", email);
}

/* A disclosure, and a visitor found to be this customer, with one event. */
static void
share_and_visit(const char *id)
{
	assert_ok(call_env_run(
		&env, ROLE_COMPLIANCE, CALL_OP(share_record),
		"{\"subject\":\"%s\",\"recipient\":\"court\",\"purpose\":"
		"\"legal\",\"categories\":[\"contact\"],\"fields\":[\"email\"],"
		"\"basis\":{\"kind\":\"court_order\",\"reference\":\"7\"}}",
		id));
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(visit_append),
			       "{\"visitor\":\"c-over\",\"events\":[{\"at\":"
			       "\"2026-11-23T08:00:00Z\",\"ip\":"
			       "\"192.0.2.10\",\"user_agent\":\"Firefox\","
			       "\"language\":\"en\",\"page\":\"/a\","
			       "\"action\":\"view\"}]}"));
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP_QUIET(visit_identify),
			       "{\"visitor\":\"c-over\",\"subject\":\"%s\"}",
			       id));
	assert_int_equal(rows_of(TABLE_SHARE), 1);
	assert_int_equal(rows_of(TABLE_VISITOR), 1);
	assert_int_equal(rows_of(TABLE_VISIT), 1);
}

static bool
cookie_is_indexed(void)
{
	struct vault v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	struct index_entry *hits;
	size_t n;

	assert_ok(index_find(&v, INDEX_OF_VISITOR, "c-over", &hits, &n));
	vault_env_fail(&env.vault);
	return n > 0;
}

static void
closed_account_goes_after_its_last_record(void **state)
{
	char stays[ID_TEXT_BYTES];
	char id[ID_TEXT_BYTES];
	struct id subject;

	(void)state;
	call_env_customer(&env, "stays@example.com", stays);
	call_env_customer(&env, "over@example.com", id);
	assert_ok(id_parse(id, &subject));
	for (unsigned i = 0; i < 70; i++) {
		assert_ok(call_env_run(
			&env, ROLE_PORTAL, CALL_OP(subject_write),
			"{\"subject\":\"%s\",\"category\":\"content\","
			"\"data\":{\"text\":\"t\"}}",
			id));
	}
	share_and_visit(id);
	assert_true(cookie_is_indexed());
	close_account(id);
	walk();
	assert_int_equal(env.n_jobs, 0);

	/* Contact and account are the last to go: 90 days. */
	call_env_advance(&env, 89 * MS_PER_DAY);
	walk();
	assert_int_equal(env.n_jobs, 0);
	assert_ok(find("over@example.com"));

	call_env_advance(&env, MS_PER_DAY);
	assert_err(ERR_NOT_FOUND, find("over@example.com"));
	/* Somebody may register with the address again. */
	walk();
	assert_int_equal(env.n_jobs, 1);
	assert_ok(call_env_jobs(&env, kinds, 2, NULL));
	assert_true(call_env_erase(&env) >= SLOT_PARTS + 1);
	assert_ok(call_env_jobs(&env, kinds, 2, NULL));
	assert_int_equal(call_env_leaves(&env, LEAF_ERASURE), 1);
	assert_int_equal(rows_of(TABLE_SUBJECT), 1);
	assert_int_equal(rows_of(TABLE_RECORD), 2);
	assert_int_equal(rows_of(TABLE_JOB), 0);
	/* What is known of disclosures and visits goes too; the recipient's
	 * side alone stays, and has its day. */
	assert_int_equal(rows_of(TABLE_SHARE), 0);
	assert_int_equal(rows_of(TABLE_SHARE_BY), 1);
	assert_int_equal(rows_of(TABLE_EXPIRY), 1);
	assert_int_equal(rows_of(TABLE_VISITOR), 0);
	assert_int_equal(rows_of(TABLE_VISIT), 0);
	assert_int_equal(rows_of(TABLE_OF_SUBJECT), 0);
	assert_false(cookie_is_indexed());
	assert_ok(find("stays@example.com"));
	assert_string_equal(call_env_text(&env, "subject"), stays);
	/* Once a day: nothing more. */
	walk();
	assert_int_equal(env.n_jobs, 0);
	call_env_advance(&env, -90 * MS_PER_DAY);
}

static void
address_is_free_when_the_contact_has_expired(void **state)
{
	char id[ID_TEXT_BYTES];
	char again[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "again@example.com", id);
	close_account(id);
	assert_err(ERR_EXISTS,
		   call_env_run(
			   &env, ROLE_PORTAL, CALL_OP(subject_register),
			   "{\"birth_date\":\"1980-02-29\",\"country\":\"US\","
			   "\"contact\":{\"name\":\"A\",\"email\":"
			   "\"again@example.com\"},\"terms\":{\"version\":"
			   "\"1\",\"accepted_at\":\"2026-01-01T00:00:00Z\"}}"));
	call_env_advance(&env, 91 * MS_PER_DAY);
	call_env_customer(&env, "again@example.com", again);
	assert_ok(find("again@example.com"));
	assert_string_equal(call_env_text(&env, "subject"), again);
	assert_int_equal(call_env_count(&env, "subjects"), 1);
	call_env_advance(&env, -91 * MS_PER_DAY);
}

static void
prospect_goes_with_the_inquiry(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(inquiry_record),
			       "{\"contact\":{\"name\":\"P\",\"email\":"
			       "\"pro@example.com\"},\"interest\":\"fax\","
			       "\"message\":\"How much?\"}"));
	(void)snprintf(id, sizeof(id), "%s", call_env_text(&env, "subject"));
	assert_ok(find("pro@example.com"));
	/* What counts from the end of an account holds nobody who has none. */
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP_QUIET(consent_set),
			       "{\"subject\":\"%s\",\"purpose\":"
			       "\"offer:headset\",\"granted\":true}",
			       id));
	call_env_advance(&env, 400 * MS_PER_DAY);
	walk();
	/* And the account that the test before has closed. */
	assert_int_equal(env.n_jobs, 2);
	assert_ok(call_env_jobs(&env, kinds, 2, NULL));
	/* From now on nobody reads. */
	assert_err(ERR_STATE,
		   call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_status),
				"{\"subject\":\"%s\"}", id));
	(void)call_env_erase(&env);
	assert_ok(call_env_jobs(&env, kinds, 2, NULL));
	assert_err(ERR_NOT_FOUND,
		   call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_status),
				"{\"subject\":\"%s\"}", id));
	call_env_advance(&env, -400 * MS_PER_DAY);
}

static void
what_is_held_or_asked_for_stays(void **state)
{
	const struct policy_category *contact;
	char id[ID_TEXT_BYTES];
	struct vault v;
	struct subject *s;
	struct id subject;
	bool over;

	(void)state;
	call_env_customer(&env, "held@example.com", id);
	close_account(id);
	assert_ok(id_parse(id, &subject));
	call_env_advance(&env, 400 * MS_PER_DAY);
	v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	assert_ok(subject_load(&v, subject, &s));
	assert_ok(ended_is_over(&v, s, &over));
	assert_true(over);
	/* A hold over everybody whose job has not come to this person yet: the
	 * day has come, but its key is there until that job is done. */
	contact = policy_category(v.policy, "contact");
	assert_ok(hold_mark_set_all(&v, contact->id, true));
	assert_ok(ended_is_over(&v, s, &over));
	assert_false(over);
	assert_ok(hold_mark_set_all(&v, contact->id, false));
	assert_ok(of_subject_add(v.txn, OF_SUBJECT_HOLD, s->base, subject));
	assert_ok(ended_is_over(&v, s, &over));
	assert_false(over);
	assert_ok(of_subject_remove(v.txn, OF_SUBJECT_HOLD, s->base, subject));
	assert_ok(of_subject_add(v.txn, OF_SUBJECT_OPEN_REQUEST, s->base,
				 subject));
	assert_ok(ended_is_over(&v, s, &over));
	assert_false(over);
	s->account = ACCOUNT_OPEN;
	assert_ok(ended_is_over(&v, s, &over));
	assert_false(over);
	vault_env_fail(&env.vault);
	call_env_advance(&env, -400 * MS_PER_DAY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_account_goes_after_its_last_record),
		cmocka_unit_test(address_is_free_when_the_contact_has_expired),
		cmocka_unit_test(prospect_goes_with_the_inquiry),
		cmocka_unit_test(what_is_held_or_asked_for_stays),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
