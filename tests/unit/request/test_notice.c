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

static bool
alarm_about(const char *what, const char *request)
{
	core_env_ok(&env, ROLE_COMPLIANCE, "notice.list",
		    "{\"kind\":\"alarm\"}");
	for (unsigned i = 0;; i++) {
		char path[40];

		(void)snprintf(path, sizeof(path), "items.%u.about", i);
		if (core_env_at(&env, path) == NULL) {
			return false;
		}
		if (strcmp(core_env_text(&env, path), what) != 0) {
			continue;
		}
		(void)snprintf(path, sizeof(path), "items.%u.request", i);
		if (strcmp(core_env_text(&env, path), request) == 0) {
			return true;
		}
	}
}

/* Ten working days to confirm, in California: nothing to be told of when it
 * has been done. */
static void
confirmed_one_alarms_nobody(void **state)
{
	char requests[2][40];
	char at[TIME_TEXT_BYTES];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		core_env_ok(&env, ROLE_PORTAL, "request.submit",
			    json_of("{\"type\":\"access\",\"identity\":{"
				    "\"email\":\"n%u@example.org\"},"
				    "\"region\":\"US-CA\",\"channel\":"
				    "\"portal\"}",
				    i));
		(void)snprintf(requests[i], sizeof(requests[i]), "%s",
			       core_env_text(&env, "request"));
	}
	core_env_ok(&env, ROLE_COMPLIANCE, "request.confirm",
		    json_of("{\"request\":\"%s\",\"at\":\"%s\"}", requests[0],
			    time_print(env.clock.wall, at)));
	core_env_advance(&env, 20 * MS_PER_DAY);
	core_env_advance(&env, 10 * MS_PER_SECOND);
	assert_false(alarm_about("confirm", requests[0]));
	assert_true(alarm_about("confirm", requests[1]));
	assert_true(alarm_about("10-working-days", requests[0]));
}

/* More dates have come than one step may write leaves of. */
static void
long_absence_loses_no_alarm(void **state)
{
	char requests[10][40];

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		char email[40];
		char subject[40];

		(void)snprintf(email, sizeof(email), "away%u@example.com", i);
		customer(email, "DE", subject);
		submit("access", subject, requests[i]);
	}
	core_env_advance(&env, 95 * MS_PER_DAY);
	for (unsigned i = 0; i < 10; i++) {
		assert_true(alarm_about("day-80", requests[i]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alarms_come_one_by_one),
		cmocka_unit_test(records_end_after_the_policys_time),
		cmocka_unit_test(confirmed_one_alarms_nobody),
		cmocka_unit_test(long_absence_loses_no_alarm),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
