/* What time does to requests, as docs/protocol.md and the shipped policies
 * have it, through a whole core. */

#include "policy/role.h"
#include "support/core_env.h"
#include "support/test.h"

static struct core_env env;

static int
setup(void **state)
{
	(void)state;
	core_env_open(&env, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	core_env_close(&env);
	return 0;
}

static const char *
challenged(char request[40])
{
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    "{\"type\":\"access\",\"identity\":{\"email\":"
		    "\"n@example.org\"},\"channel\":\"email\"}");
	(void)snprintf(request, 40, "%s", core_env_text(&env, "request"));
	core_env_ok(&env, ROLE_PORTAL, "request.challenge",
		    json_of("{\"request\":\"%s\"}", request));
	return json_of("%s", core_env_text(&env, "code"));
}

static void
state_is(const char *request, const char *expected)
{
	core_env_ok(&env, ROLE_COMPLIANCE, "request.get",
		    json_of("{\"request\":\"%s\"}", request));
	assert_string_equal(core_env_text(&env, "state"), expected);
}

static void
code_is_good_for_an_hour(void **state)
{
	char request[40];
	const char *code;

	(void)state;
	code = challenged(request);
	core_env_advance(&env, 61 * MS_PER_MINUTE);
	core_env_call(
		&env, ROLE_PORTAL, "request.verify",
		json_of("{\"request\":\"%s\",\"code\":\"%s\"}", request, code));
	assert_string_not_equal(env.status, "ok");
	state_is(request, "verifying");
}

static void
unanswered_challenge_expires_and_is_told(void **state)
{
	char request[40];

	(void)state;
	(void)challenged(request);
	core_env_advance(&env, 29 * MS_PER_DAY);
	state_is(request, "verifying");
	core_env_advance(&env, 2 * MS_PER_DAY);
	core_env_advance(&env, 2 * MS_PER_SECOND);
	state_is(request, "expired");
	core_env_ok(&env, ROLE_PORTAL, "notice.list", "{\"kind\":\"person\"}");
	assert_string_equal(core_env_text(&env, "items.0.about"), "expired");
	assert_string_equal(core_env_text(&env, "items.0.request"), request);
	core_env_ok(&env, ROLE_AUDITOR, "report.requests",
		    "{\"from\":\"2026-01-01\",\"to\":\"2026-12-31\"}");
	assert_int_equal(core_env_number(&env, "types.0.expired"), 1);
	assert_int_equal(core_env_number(&env, "types.0.denied"), 0);
}

static void
open_one_does_not_expire(void **state)
{
	char request[40];

	(void)state;
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    "{\"type\":\"access\",\"identity\":{\"email\":"
		    "\"n@example.org\"},\"channel\":\"email\"}");
	(void)snprintf(request, 40, "%s", core_env_text(&env, "request"));
	core_env_advance(&env, 120 * MS_PER_DAY);
	state_is(request, "open");
	assert_int_equal(core_env_number(&env, "overdue"), 1);
}

static void
overdue_is_fulfilled_and_counts_as_late(void **state)
{
	char request[40];

	(void)state;
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    "{\"type\":\"access\",\"identity\":{\"email\":"
		    "\"n@example.org\"},\"channel\":\"email\",\"received_at\":"
		    "\"2025-11-01T00:00:00Z\"}");
	(void)snprintf(request, 40, "%s", core_env_text(&env, "request"));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.verify",
		    json_of("{\"request\":\"%s\",\"method\":\"seen\","
			    "\"evidence\":{\"method\":\"seen\",\"reference\":"
			    "\"r\",\"at\":\"2026-01-01T00:00:00Z\"}}",
			    request));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil",
		    json_of("{\"request\":\"%s\"}", request));
	state_is(request, "fulfilled");
	assert_int_equal(core_env_number(&env, "late"), 1);
	core_env_ok(&env, ROLE_AUDITOR, "report.requests",
		    "{\"from\":\"2025-01-01\",\"to\":\"2026-12-31\"}");
	assert_int_equal(core_env_number(&env, "types.0.late"), 1);
}

static void
child_leaves_nothing_but_a_count(void **state)
{
	const char *child =
		"{\"birth_date\":\"2013-03-03\",\"country\":\"US\","
		"\"contact\":{\"name\":\"Kid\",\"email\":\"k@example.org\","
		"\"phone\":\"+14155550100\"},\"terms\":{\"version\":\"1\","
		"\"accepted_at\":\"2026-01-01T00:00:00Z\"}}";
	struct id id = id_new(env.clock.wall, &env.keys.entropy.base);

	(void)state;
	core_env_call_id(&env, ROLE_PORTAL, "subject.register", &id, child);
	assert_string_equal(env.status, "under_age");
	assert_null(core_env_at(&env, "field"));
	core_env_refused(&env, ROLE_PORTAL, "subject.find",
			 "{\"email\":\"k@example.org\"}", "not_found", NULL);
	core_env_refused(&env, ROLE_PORTAL, "subject.find",
			 "{\"phone\":\"+14155550100\"}", "not_found", NULL);
	/* The id is free: nothing of the refused call was kept. */
	core_env_call_id(&env, ROLE_PORTAL, "service.ping", &id, "{}");
	assert_string_equal(env.status, "ok");
	core_env_ok(&env, ROLE_AUDITOR, "report.registrations",
		    "{\"from\":\"2026-01-01\",\"to\":\"2026-12-31\"}");
	assert_int_equal(core_env_number(&env, "under_age"), 1);
	/* On the thirteenth birthday the same child is no child any more. */
	core_env_advance(&env, 2 * MS_PER_DAY);
	core_env_refused(&env, ROLE_PORTAL, "subject.register", child,
			 "consent_required", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(code_is_good_for_an_hour),
		T(unanswered_challenge_expires_and_is_told),
		T(open_one_does_not_expire),
		T(overdue_is_fulfilled_and_counts_as_late),
		T(child_leaves_nothing_but_a_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
