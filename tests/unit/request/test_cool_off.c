/* A house that waits before it erases: scheduled, cancelled, done by itself. */

#include <sys/stat.h>

#include "people.h"
#include "support/temp.h"

static struct temp dir;
static char subject[40];
static char request[40];

/* The shipped policies with another cool-off. */
static int
open_patient(void **state)
{
	char command[PATH_MAX * 3];

	(void)state;
	temp_make(&dir);
	(void)snprintf(command, sizeof(command),
		       "cp -r '%s/policies/.' '%s' && "
		       "sed -i 's/^cool_off: .*/cool_off: PT72H\\n"
		       "erasures_per_day: 2/' "
		       "'%s/house.yaml'",
		       SOURCE_DIR, dir.path, dir.path);
	assert_int_equal(system(command), 0);
	core_env_open(&env,
		      &(struct core_env_options){.policies = dir.path});
	return 0;
}

static int
close_patient(void **state)
{
	(void)state;
	core_env_close(&env);
	temp_remove(&dir);
	return 0;
}

static const char *
it(void)
{
	return json_of("{\"request\":\"%s\"}", request);
}

static void
scheduled(const char *email)
{
	customer(email, "US", subject);
	submit("delete", subject, request);
	verified(request);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	assert_string_equal(core_env_text(&env, "state"), "in_progress");
	assert_non_null(core_env_at(&env, "erase_after"));
}

static void
erasure_begins_by_itself(void **state)
{
	(void)state;
	scheduled("c1@example.com");
	core_env_refused(&env, ROLE_COMPLIANCE, "request.fulfil", it(),
			 "state", NULL);
	assert_non_null(core_env_at(&env, "not_before"));
	core_env_advance(&env, 71 * MS_PER_HOUR);
	assert_string_equal(state_of(request), "in_progress");
	core_env_advance(&env, MS_PER_HOUR + 2 * MS_PER_SECOND);
	core_env_advance(&env, 2 * MS_PER_SECOND);
	assert_string_equal(state_of(request), "fulfilled");
	core_env_refused(&env, ROLE_PORTAL, "subject.status",
			 json_of("{\"subject\":\"%s\"}", subject),
			 "not_found", NULL);
}

static void
revocation_cancels_it(void **state)
{
	(void)state;
	scheduled("c2@example.com");
	core_env_ok(&env, ROLE_PORTAL, "request.revoke", it());
	core_env_advance(&env, 80 * MS_PER_HOUR);
	core_env_advance(&env, 2 * MS_PER_SECOND);
	assert_string_equal(state_of(request), "revoked");
	core_env_ok(&env, ROLE_PORTAL, "subject.status",
		    json_of("{\"subject\":\"%s\"}", subject));
}

/* It was no request to delete: nothing is erased, and the bundle is made. */
static void
correction_of_the_type_cancels_it(void **state)
{
	(void)state;
	scheduled("c3@example.com");
	core_env_ok(&env, ROLE_COMPLIANCE, "request.correct",
		    json_of("{\"request\":\"%s\",\"type\":\"access\","
			    "\"reason\":\"misread\"}",
			    request));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.get", it());
	assert_null(core_env_at(&env, "erase_after"));
	assert_null(core_env_at(&env, "kept"));
	core_env_advance(&env, 80 * MS_PER_HOUR);
	core_env_advance(&env, 2 * MS_PER_SECOND);
	assert_string_equal(state_of(request), "in_progress");
	core_env_ok(&env, ROLE_PORTAL, "subject.status",
		    json_of("{\"subject\":\"%s\"}", subject));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil", it());
	assert_int_equal(core_env_number(&env, "parts"), 1);
}

/* Two a day; the third waits for tomorrow, and goes then. */
static void
third_of_a_day_waits(void **state)
{
	char third[40];

	(void)state;
	core_env_advance(&env, MS_PER_DAY);
	scheduled("b1@example.com");
	scheduled("b2@example.com");
	scheduled("b3@example.com");
	(void)snprintf(third, sizeof(third), "%s", request);
	core_env_advance(&env, 72 * MS_PER_HOUR + 2 * MS_PER_SECOND);
	core_env_advance(&env, 2 * MS_PER_SECOND);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.list",
		    "{\"type\":\"delete\",\"state\":\"in_progress\"}");
	assert_int_equal(core_env_at(&env, "items")->of.n, 1);
	/* Not by hand either: the day is the house's. */
	(void)snprintf(third, sizeof(third), "%s",
		       core_env_text(&env, "items.0.request"));
	core_env_refused(&env, ROLE_COMPLIANCE, "request.fulfil",
			 json_of("{\"request\":\"%s\"}", third), "state",
			 NULL);
	assert_string_equal(core_env_text(&env, "state"), "erasures_braked");
	for (unsigned i = 0; i < 26; i++) {
		core_env_advance(&env, MS_PER_HOUR + 2 * MS_PER_SECOND);
	}
	core_env_advance(&env, 2 * MS_PER_SECOND);
	assert_string_equal(state_of(third), "fulfilled");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(erasure_begins_by_itself),
		cmocka_unit_test(revocation_cancels_it),
		cmocka_unit_test(correction_of_the_type_cancels_it),
		cmocka_unit_test(third_of_a_day_waits),
	};

	return cmocka_run_group_tests(tests, open_patient, close_patient);
}
