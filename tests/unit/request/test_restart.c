/* Jobs of requests go on where a stop left them. */

#include "people.h"

static char subject[40];
static char request[40];

static int
open_on_disk(void **state)
{
	(void)state;
	core_env_open(&env, &(struct core_env_options){.on_disk = true});
	return 0;
}

static const char *
it(void)
{
	return json_of("{\"request\":\"%s\"}", request);
}

/* Sends the call and stops after so many turns, answered or not. */
static void
fulfil_and_stop(int turns)
{
	struct origin from = {.token = ++env.token, .roles = ROLE_ENROLLED};
	static uint8_t calls;
	struct id id = {{++calls, 1}};
	struct frames frames;
	int64_t wait_ms = 0;

	frames_build_request("request.fulfil", &id, bytes_str(it()), &frames);
	assert_ok(core_call(env.core, from, core_env_key(ROLE_COMPLIANCE),
			    &frames));
	for (int i = 0; i < turns; i++) {
		assert_ok(core_turn(env.core, &wait_ms));
	}
	core_env_restart(&env);
	core_env_settle(&env);
	core_env_advance(&env, 2 * MS_PER_SECOND);
}

static void
stopped_after(const char *type, int turns)
{
	char email[40];

	(void)snprintf(email, sizeof(email), "%s%d@example.com", type, turns);
	customer(email, "DE", subject);
	submit(type, subject, request);
	verified(request);
	fulfil_and_stop(turns);
	assert_string_equal(state_of(request), "fulfilled");
}

static void
erasures_go_on(void **state)
{
	(void)state;
	for (int turns = 1; turns < 8; turns++) {
		stopped_after("delete", turns);
		core_env_refused(&env, ROLE_PORTAL, "subject.status",
				 json_of("{\"subject\":\"%s\"}", subject),
				 "not_found", NULL);
	}
}

static void
bundles_go_on(void **state)
{
	(void)state;
	for (int turns = 1; turns < 5; turns++) {
		stopped_after("access", turns);
		core_env_ok(&env, ROLE_PORTAL, "request.export", it());
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(erasures_go_on),
		cmocka_unit_test(bundles_go_on),
	};

	return cmocka_run_group_tests(tests, open_on_disk, close_env);
}
