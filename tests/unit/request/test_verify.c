/* Codes and evidence: who it is. */

#include "people.h"

static char request[40];
static char code[16];

static void
challenged(const char *email, unsigned role)
{
	char subject[40];

	customer(email, "US", subject);
	submit("access", subject, request);
	core_env_ok(&env, role, "request.challenge",
		    json_of("{\"request\":\"%s\"}", request));
	(void)snprintf(code, sizeof(code), "%s", core_env_text(&env, "code"));
}

static const char *
with_code(const char *sent)
{
	return json_of("{\"request\":\"%s\",\"code\":\"%s\"}", request, sent);
}

static void
code_goes_to_the_contact_on_record(void **state)
{
	(void)state;
	challenged("v1@example.com", ROLE_PORTAL);
	assert_string_equal(core_env_text(&env, "deliver_to.email"),
			    "v1@example.com");
	assert_int_equal(strlen(code), 6);
	assert_string_equal(state_of(request), "verifying");
	core_env_ok(&env, ROLE_PORTAL, "request.verify", with_code(code));
	assert_string_equal(core_env_text(&env, "state"), "in_progress");
	core_env_refused(&env, ROLE_PORTAL, "request.verify", with_code(code),
			 "state", NULL);
}

static void
wrong_codes_are_counted(void **state)
{
	const char *wrong;

	(void)state;
	challenged("v2@example.com", ROLE_PORTAL);
	wrong = code[0] == '1' ? "200000" : "100000";
	for (int left = 2; left >= 0; left--) {
		core_env_refused(&env, ROLE_PORTAL, "request.verify",
				 with_code(wrong), "invalid", "code");
		assert_int_equal(core_env_number(&env, "tries_left"), left);
	}
	core_env_refused(&env, ROLE_PORTAL, "request.verify", with_code(code),
			 "invalid", "code");
	assert_int_equal(core_env_number(&env, "tries_left"), 0);
	assert_string_equal(state_of(request), "verifying");
}

static void
codes_expire(void **state)
{
	(void)state;
	challenged("v3@example.com", ROLE_PORTAL);
	core_env_advance(&env, MS_PER_HOUR);
	core_env_refused(&env, ROLE_PORTAL, "request.verify", with_code(code),
			 "invalid", "code");
}

static void
whoever_saw_the_code_cannot_use_it(void **state)
{
	(void)state;
	challenged("v4@example.com", ROLE_SUPPORT);
	core_env_refused(&env, ROLE_SUPPORT, "request.verify",
			 with_code(code), "denied", NULL);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.verify", with_code(code));
}

static void
evidence_verifies_too(void **state)
{
	char subject[40];

	(void)state;
	customer("v5@example.com", "US", subject);
	submit("delete", subject, request);
	core_env_refused(&env, ROLE_SUPPORT, "request.verify",
			 json_of("{\"request\":\"%s\"}", request), "invalid",
			 "code");
	core_env_refused(&env, ROLE_SUPPORT, "request.verify",
			 json_of("{\"request\":\"%s\",\"method\":\"call\"}",
				 request),
			 "invalid", "evidence");
	core_env_refused(&env, ROLE_SUPPORT, "request.verify",
			 with_code("123456"), "state", NULL);
	core_env_ok(&env, ROLE_SUPPORT, "request.verify",
		    json_of("{\"request\":\"%s\",\"method\":\"call_back\","
			    "\"evidence\":{\"method\":\"call_back\","
			    "\"reference\":\"ticket 7\",\"at\":"
			    "\"2026-03-02T08:00:00Z\"}}",
			    request));
	assert_string_equal(state_of(request), "in_progress");
	assert_string_equal(core_env_text(&env, "method"), "call_back");
}

static void
nobody_answers_and_it_expires(void **state)
{
	(void)state;
	challenged("v6@example.com", ROLE_PORTAL);
	core_env_advance(&env, 30 * MS_PER_DAY);
	core_env_advance(&env, 10 * MS_PER_SECOND);
	assert_string_equal(state_of(request), "expired");
	core_env_ok(&env, ROLE_PORTAL, "notice.list",
		    "{\"kind\":\"person\",\"state\":\"open\"}");
	assert_string_equal(core_env_text(&env, "items.0.about"), "expired");
	core_env_refused(&env, ROLE_PORTAL, "notice.list",
			 "{\"kind\":\"alarm\"}", "denied", NULL);
}

static void
unknown_request_is_not_found(void **state)
{
	(void)state;
	core_env_refused(
		&env, ROLE_PORTAL, "request.challenge",
		"{\"request\":\"0190a000-0000-7000-8000-000000000000\"}",
		"not_found", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_goes_to_the_contact_on_record),
		cmocka_unit_test(wrong_codes_are_counted),
		cmocka_unit_test(codes_expire),
		cmocka_unit_test(whoever_saw_the_code_cannot_use_it),
		cmocka_unit_test(evidence_verifies_too),
		cmocka_unit_test(nobody_answers_and_it_expires),
		cmocka_unit_test(unknown_request_is_not_found),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
