/* A report of a past moment says what the report of that moment said: random
 * work on requests, each day's report kept, and asked for again at the end. */

#include "support/test.h"

#include "policy/role.h"
#include "support/core_env.h"

#define REQUESTS_MAX 12
#define STEPS 120
#define SEED 20261124u

static struct core_env env;
static char requests[REQUESTS_MAX][ID_TEXT_BYTES];
static size_t n_requests;
static uint32_t state_of_chance = SEED;

/* xorshift: the same steps on every machine. */
static uint32_t
chance(uint32_t below)
{
	state_of_chance ^= state_of_chance << 13;
	state_of_chance ^= state_of_chance >> 17;
	state_of_chance ^= state_of_chance << 5;
	return state_of_chance % below;
}

static void
submit(void)
{
	static const char *const types[] = {"access", "delete"};
	static const char *const places[] = {"DE", "GB", "US", "BR"};

	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"%s\",\"identity\":{\"email\":"
			    "\"p%zu@example.com\"},\"channel\":\"email\","
			    "\"country\":\"%s\"}",
			    types[chance(2)], n_requests, places[chance(4)]));
	(void)snprintf(requests[n_requests++], ID_TEXT_BYTES, "%s",
		       core_env_text(&env, "request"));
}

/* Whether it may be in that state is no matter: many are refused. */
static void
work(const char *request)
{
	static const struct {
		const char *operation;
		const char *more;
	} works[] = {
		{"request.assign", ",\"to\":\"support\""},
		{"request.assign", ",\"to\":\"compliance\""},
		{"request.extend", ",\"reason\":\"complexity\""},
		{"request.pause", ",\"reason\":\"who is it\""},
		{"request.resume", ",\"reason\":\"known\""},
		{"request.correct", ",\"type\":\"access\",\"reason\":\"x\""},
		{"request.correct", ",\"country\":\"FR\",\"reason\":\"x\""},
		{"request.correct", ",\"received_at\":"
				    "\"2026-02-01T00:00:00Z\",\"reason\":\"x\""},
		{"request.verify",
		 ",\"method\":\"form\",\"evidence\":{\"method\":\"form\","
		 "\"reference\":\"F\",\"at\":\"2026-03-01T00:00:00Z\"}"},
		{"request.challenge", ""},
		{"request.note", ",\"text\":\"called\""},
		{"request.fulfil", ""},
		{"request.deny", ",\"reason\":\"other\""},
		{"request.revoke", ""},
	};
	/* The last ones end it: seldom. */
	size_t n = chance(4) == 0 ? 14 : 11;
	size_t i = chance((uint32_t)n);

	core_env_call(&env, ROLE_COMPLIANCE, works[i].operation,
		      json_of("{\"request\":\"%s\"%s}", request,
			      works[i].more));
}

static void
past_reports_are_those_of_their_day(void **state)
{
	static char *said[STEPS];
	static char moments[STEPS][TIME_TEXT_BYTES];

	(void)state;
	core_env_open(&env, NULL);
	for (size_t i = 0; i < STEPS; i++) {
		if (n_requests < REQUESTS_MAX && chance(4) == 0) {
			submit();
		} else if (n_requests > 0) {
			work(requests[chance((uint32_t)n_requests)]);
		}
		core_env_ok(&env, ROLE_COMPLIANCE, "report.deadlines", "{}");
		(void)snprintf(moments[i], TIME_TEXT_BYTES, "%s",
			       core_env_text(&env, "as_of"));
		said[i] = strdup(env.body);
		assert_non_null(said[i]);
		core_env_advance(&env,
				 1 + (int64_t)chance(30) * MS_PER_HOUR);
	}
	for (size_t i = 0; i < STEPS; i++) {
		core_env_ok(&env, ROLE_COMPLIANCE, "report.deadlines",
			    json_of("{\"as_of\":\"%s\"}", moments[i]));
		assert_string_equal(env.body, said[i]);
		free(said[i]);
	}
	core_env_close(&env);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(past_reports_are_those_of_their_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
