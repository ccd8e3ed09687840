/* Alarms become notices; records end. */

#include "people.h"

static void
alarms_come_one_by_one(void **state)
{
	char subject[40];
	char request[40];
	char notice[40];

	(void)state;
	customer("n1@example.com", "US", subject);
	submit("access", subject, request);
	core_env_advance(&env, 26 * MS_PER_DAY);
	core_env_advance(&env, 10 * MS_PER_SECOND);
	core_env_ok(&env, ROLE_COMPLIANCE, "notice.list",
		    "{\"kind\":\"alarm\"}");
	assert_string_equal(core_env_text(&env, "items.0.request"), request);
	(void)snprintf(notice, sizeof(notice), "%s",
		       core_env_text(&env, "items.0.notice"));
	core_env_refused(&env, ROLE_PORTAL, "notice.acknowledge",
			 json_of("{\"notice\":\"%s\"}", notice), "not_found",
			 NULL);
	core_env_ok(&env, ROLE_COMPLIANCE, "notice.acknowledge",
		    json_of("{\"notice\":\"%s\"}", notice));
	core_env_refused(&env, ROLE_COMPLIANCE, "notice.acknowledge",
			 json_of("{\"notice\":\"%s\"}", notice), "state",
			 NULL);
	core_env_ok(&env, ROLE_COMPLIANCE, "notice.list",
		    "{\"state\":\"acknowledged\"}");
	assert_string_equal(core_env_text(&env, "items.0.notice"), notice);
	core_env_ok(&env, ROLE_COMPLIANCE, "notice.list",
		    "{\"kind\":\"alarm\",\"limit\":1}");
	assert_null(core_env_at(&env, "items.1"));
}

static void
records_end_after_the_policys_time(void **state)
{
	char subject[40];
	char request[40];

	(void)state;
	customer("n2@example.com", "US", subject);
	submit("access", subject, request);
	core_env_ok(&env, ROLE_PORTAL, "request.revoke",
		    json_of("{\"request\":\"%s\"}", request));
	core_env_advance(&env, 729 * MS_PER_DAY);
	core_env_advance(&env, 10 * MS_PER_SECOND);
	assert_string_equal(state_of(request), "revoked");
	core_env_advance(&env, 3 * MS_PER_DAY);
	core_env_advance(&env, 10 * MS_PER_SECOND);
	core_env_refused(&env, ROLE_COMPLIANCE, "request.get",
			 json_of("{\"request\":\"%s\"}", request), "not_found",
			 NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alarms_come_one_by_one),
		cmocka_unit_test(records_end_after_the_policys_time),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
