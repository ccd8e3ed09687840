/* Erasing where something must stay: holds, and what the policy keeps. */

#include "support/test.h"

#include "policy/role.h"
#include "registration/find.h"
#include "registration/read.h"
#include "registration/write.h"
#include "request/fulfil.h"
#include "request/progress.h"
#include "request/submit.h"
#include "request/timed.h"
#include "request/verify.h"
#include "request/view.h"
#include "support/call_env.h"
#include "vault/hold_mark.h"
#include "vault/record.h"

static struct call_env env;
static char subject[ID_TEXT_BYTES];
static char request[ID_TEXT_BYTES];

static const struct job_kind *const kinds[] = {&request_erase_job};

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
hold(const char *category, bool held)
{
	struct call *c = call_env_begin(&env, ROLE_INTERNAL);
	struct vault v = call_vault(c);
	struct subject *s;
	struct id id;

	assert_ok(id_parse(subject, &id));
	assert_ok(subject_load(&v, id, &s));
	hold_mark_set(s, policy_category(c->policy, category)->id, held);
	assert_ok(subject_save(&v, s));
	assert_ok(call_env_end(&env, 0));
}

static void
asked(const char *email)
{
	call_env_customer(&env, email, subject);
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_write),
			       "{\"subject\":\"%s\",\"category\":\"billing\","
			       "\"data\":{\"name\":\"Ada\",\"card_number\":"
			       "\"4111111111111111\",\"card_expiry\":"
			       "\"2027-01\"}}",
			       subject));
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(request_submit),
			       "{\"type\":\"delete\",\"subject\":\"%s\","
			       "\"channel\":\"portal\"}",
			       subject));
	(void)snprintf(request, sizeof(request), "%s",
		       call_env_text(&env, "request"));
	assert_ok(call_env_run(
		&env, ROLE_SUPPORT, CALL_OP(request_verify),
		"{\"request\":\"%s\",\"method\":\"call\",\"evidence\":{"
		"\"method\":\"call\",\"reference\":\"t1\",\"at\":"
		"\"2026-11-01T00:00:00Z\"}}",
		request));
}

static int
fulfil(void)
{
	return call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(request_fulfil),
			    "{\"request\":\"%s\"}", request);
}

static void
jobs_run(void)
{
	for (int i = 0; i < 4; i++) {
		assert_ok(call_env_jobs(&env, kinds, 1,
					&request_fulfil_out_table));
		(void)call_env_erase(&env);
	}
}

static size_t
records_of_billing(void)
{
	int rc = call_env_run(&env, ROLE_BILLING, CALL_OP(subject_read),
			      "{\"subject\":\"%s\",\"purpose\":"
			      "\"collect_payment\",\"reason\":\"test\"}",
			      subject);

	return rc == 0 ? call_env_count(&env, "records") : 0;
}

static void
timed(void)
{
	bool more;

	do {
		struct call *c = call_env_begin(&env, ROLE_INTERNAL);

		assert_ok(call_env_end(&env, request_timed(c, &more)));
	} while (more);
}

static int64_t
erased_of(const char *category)
{
	char path[40];

	for (size_t i = 0; i < call_env_count(&env, "erased"); i++) {
		(void)snprintf(path, sizeof(path), "erased.%zu.category", i);
		if (strcmp(call_env_text(&env, path), category) == 0) {
			(void)snprintf(path, sizeof(path), "erased.%zu.records",
				       i);
			return call_env_int(&env, path);
		}
	}
	return 0;
}

static void
held_category_stays_and_the_rest_goes(void **state)
{
	(void)state;
	asked("e1@example.com");
	hold("billing", true);
	assert_ok(fulfil());
	jobs_run();
	assert_string_equal(call_env_text(&env, "state"), "fulfilled");
	assert_string_equal(call_env_text(&env, "kept.0.category"), "billing");
	assert_string_equal(call_env_text(&env, "kept.0.basis"),
			    "legal_hold");
	assert_string_equal(call_env_text(&env, "erased.0.category"),
			    "contact");
	assert_int_equal(erased_of("billing"), 0);
	assert_err(ERR_NOT_FOUND,
		   call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_find),
				"{\"email\":\"e1@example.com\"}"));
	assert_int_equal(records_of_billing(), 1);
	/* Nothing changes while the hold stands ... */
	call_env_advance(&env, MS_PER_DAY + 1);
	timed();
	jobs_run();
	assert_int_equal(records_of_billing(), 1);
	/* ... and the rest goes by itself when it ends. */
	hold("billing", false);
	call_env_advance(&env, MS_PER_DAY + 1);
	timed();
	jobs_run();
	assert_int_equal(records_of_billing(), 0);
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(request_get),
			       "{\"request\":\"%s\"}", request));
	assert_int_equal(erased_of("billing"), 1);
	assert_int_equal(call_env_leaves(&env, LEAF_ERASURE), 2);
}

static void
all_held_is_refused(void **state)
{
	(void)state;
	asked("e2@example.com");
	for (size_t i = 0; i < env.vault.policy->n_categories; i++) {
		hold(env.vault.policy->categories[i].name, true);
	}
	assert_err(ERR_HELD, fulfil());
}

static void
reads_are_refused_while_it_runs(void **state)
{
	(void)state;
	asked("e3@example.com");
	assert_ok(fulfil());
	assert_err(ERR_STATE,
		   call_env_run(&env, ROLE_BILLING, CALL_OP(subject_read),
				"{\"subject\":\"%s\",\"purpose\":"
				"\"collect_payment\",\"reason\":\"test\"}",
				subject));
	assert_err(ERR_STATE, fulfil());
	jobs_run();
	assert_string_equal(call_env_text(&env, "state"), "fulfilled");
}

/* Read before, to be sealed after: the job asks for another reading, for the
 * runner keeps the old one as long as a step is only too early. */
static void
access_of_who_is_erased_meanwhile_is_read_again(void **state)
{
	struct job job = {.has_result = false};
	enum job_next next = JOB_DONE;
	struct vault v;
	struct call *c;
	struct id id;

	(void)state;
	asked("e4@example.com");
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, request_correct,
			       &request_correct_in_table, NULL,
			       "{\"request\":\"%s\",\"type\":\"access\","
			       "\"reason\":\"misread\"}",
			       request));
	assert_ok(fulfil());
	assert_int_equal(env.n_jobs, 1);
	c = call_env_begin(&env, ROLE_INTERNAL);
	assert_ok(job_load(c, env.jobs[0], &job));
	assert_ok(request_access_job.step(c, &job, &next));
	assert_int_equal(next, JOB_SNAPSHOT);
	assert_ok(job_save(c, &job));
	assert_ok(call_env_end(&env, 0));
	c = call_env_begin(&env, ROLE_INTERNAL);
	v = call_vault(c);
	assert_ok(id_parse(subject, &id));
	assert_ok(subject_delete(&v, id));
	assert_ok(call_env_end(&env, 0));
	c = call_env_begin(&env, ROLE_INTERNAL);
	assert_ok(job_load(c, env.jobs[0], &job));
	job.has_result = true;
	job.result = bytes_str("what was read");
	next = JOB_DONE;
	assert_ok(request_access_job.step(c, &job, &next));
	assert_int_equal(next, JOB_SNAPSHOT);
	assert_ok(call_env_end(&env, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_category_stays_and_the_rest_goes),
		cmocka_unit_test(all_held_is_refused),
		cmocka_unit_test(reads_are_refused_while_it_runs),
		cmocka_unit_test(
			access_of_who_is_erased_meanwhile_is_read_again),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
