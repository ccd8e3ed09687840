/* What docs/protocol.md says of requests, through a whole core. */

#include "policy/role.h"
#include "support/core_env.h"
#include "support/test.h"

#define GRACES_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

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

static void
customer(const char *email, char out[40])
{
	core_env_ok(&env, ROLE_PORTAL, "subject.register",
		    json_of("{\"birth_date\":\"1980-02-29\","
			    "\"country\":\"DE\",\"contact\":{\"name\":"
			    "\"Ada Lovelace\",\"email\":\"%s\"},\"terms\":{"
			    "\"version\":\"1\",\"accepted_at\":"
			    "\"2026-01-01T00:00:00Z\"}}",
			    email));
	(void)snprintf(out, 40, "%s", core_env_text(&env, "subject"));
}

static void
submitted(const char *type, const char *subject, char out[40])
{
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"%s\",\"subject\":\"%s\","
			    "\"channel\":\"portal\"}",
			    type, subject));
	(void)snprintf(out, 40, "%s", core_env_text(&env, "request"));
}

static void
verified(const char *request)
{
	char code[16];

	core_env_ok(&env, ROLE_PORTAL, "request.challenge",
		    json_of("{\"request\":\"%s\"}", request));
	(void)snprintf(code, sizeof(code), "%s", core_env_text(&env, "code"));
	core_env_ok(
		&env, ROLE_PORTAL, "request.verify",
		json_of("{\"request\":\"%s\",\"code\":\"%s\"}", request, code));
}

static size_t
items(const char *path)
{
	const struct value *v = core_env_at(&env, path);

	assert_non_null(v);
	assert_int_equal(v->kind, VALUE_LIST);
	return v->of.n;
}

#define LISTED 24

/* Open and closed ones, several of each in one millisecond. */
static void
make_many(void)
{
	for (int i = 0; i < LISTED; i++) {
		core_env_ok(&env, ROLE_PORTAL, "request.submit",
			    json_of("{\"type\":\"access\",\"identity\":{"
				    "\"email\":\"n%d@example.org\"},"
				    "\"channel\":\"post\",\"country\":\"%s\"}",
				    i, i % 3 == 0 ? "DE" : "US"));
		if (i % 2 == 0) {
			core_env_ok(&env, ROLE_COMPLIANCE, "request.deny",
				    json_of("{\"request\":\"%s\","
					    "\"reason\":\"no_match\"}",
					    core_env_text(&env, "request")));
		}
		if (i % 4 == 3) {
			core_env_advance(&env, 1000);
		}
	}
}

static void
walk(const char *sort, int limit)
{
	char seen[LISTED][40];
	char cursor[80] = "";
	size_t n = 0;
	bool more = true;

	while (more) {
		core_env_ok(&env, ROLE_COMPLIANCE, "request.list",
			    json_of("{\"sort\":\"%s\",\"limit\":%d%s%s%s}",
				    sort, limit,
				    *cursor == '\0' ? "" : ",\"cursor\":\"",
				    cursor, *cursor == '\0' ? "" : "\""));
		for (size_t i = 0; i < items("items"); i++) {
			const char *id = core_env_text(
				&env, json_of("items.%zu.request", i));

			for (size_t k = 0; k < n; k++) {
				assert_string_not_equal(seen[k], id);
			}
			assert_true(n < LISTED);
			(void)snprintf(seen[n++], 40, "%s", id);
		}
		more = core_env_text(&env, "next") != NULL;
		(void)snprintf(cursor, sizeof(cursor), "%s",
			       more ? core_env_text(&env, "next") : "");
	}
	if (n != LISTED) {
		fail_msg("%s by %d: %zu of %d", sort, limit, n, LISTED);
	}
}

static void
pages_of_any_order_lose_nothing(void **state)
{
	static const char *const sorts[] = {"due_at",      "-due_at",
					    "received_at", "-received_at",
					    "state",       "-state"};

	(void)state;
	make_many();
	for (size_t i = 0; i < 6; i++) {
		walk(sorts[i], 1);
		walk(sorts[i], 5);
		walk(sorts[i], LISTED);
	}
}

static void
erasure_that_keeps_nothing_says_so(void **state)
{
	char subject[40];
	char request[40];

	(void)state;
	customer("ada@example.org", subject);
	submitted("delete", subject, request);
	verified(request);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil",
		    json_of("{\"request\":\"%s\",\"dry_run\":true}", request));
	assert_int_equal(items("kept"), 0);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.fulfil",
		    json_of("{\"request\":\"%s\"}", request));
	assert_string_equal(core_env_text(&env, "state"), "fulfilled");
	assert_int_equal(items("erased"), 2);
	assert_int_equal(items("kept"), 0);
}

static void
assignee_and_notes_are_not_the_portals(void **state)
{
	char subject[40];
	char request[40];

	(void)state;
	customer("ada@example.org", subject);
	submitted("access", subject, request);
	core_env_ok(&env, ROLE_ADMIN, "principal.add",
		    json_of("{\"name\":\"grace\",\"public_key\":\"%s\","
			    "\"roles\":[\"compliance\"]}",
			    GRACES_KEY));
	core_env_ok(&env, ROLE_SUPPORT, "request.assign",
		    json_of("{\"request\":\"%s\",\"to\":\"grace\"}", request));
	core_env_ok(&env, ROLE_SUPPORT, "request.note",
		    json_of("{\"request\":\"%s\",\"text\":\"a secret word\"}",
			    request));
	core_env_ok(&env, ROLE_SUPPORT, "request.get",
		    json_of("{\"request\":\"%s\"}", request));
	assert_string_equal(core_env_text(&env, "assignee"), "grace");
	assert_string_equal(core_env_text(&env, "notes.0.text"),
			    "a secret word");
	core_env_ok(&env, ROLE_PORTAL, "request.get",
		    json_of("{\"request\":\"%s\"}", request));
	assert_null(strstr(env.body, "grace"));
	assert_null(strstr(env.body, "secret"));
	core_env_ok(&env, ROLE_PORTAL, "request.list", "{}");
	assert_null(strstr(env.body, "grace"));
	core_env_refused(&env, ROLE_PORTAL, "request.list",
			 "{\"assignee\":\"grace\"}", "denied", NULL);
}

#define SUBMIT                                                                 \
	"{\"type\":\"access\",\"identity\":{\"email\":\"n@example.org\"},"     \
	"\"channel\":\"post\",\"received_at\":\"%s\"}"

/* The clock stands at 2026-03-02: five years back, not a day more, from any
 * month of the year. */
static void
receipt_is_five_years_back_at_most(void **state)
{
	(void)state;
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of(SUBMIT, "2021-03-02T09:00:00Z"));
	core_env_refused(&env, ROLE_PORTAL, "request.submit",
			 json_of(SUBMIT, "2021-03-01T09:00:00Z"), "invalid",
			 "received_at");
	core_env_advance(&env, 266 * MS_PER_DAY); /* 2026-11-23 */
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of(SUBMIT, "2021-11-24T09:00:00Z"));
	core_env_refused(&env, ROLE_PORTAL, "request.submit",
			 json_of(SUBMIT, "2021-11-21T09:00:00Z"), "invalid",
			 "received_at");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(pages_of_any_order_lose_nothing),
		T(erasure_that_keeps_nothing_says_so),
		T(receipt_is_five_years_back_at_most),
		T(assignee_and_notes_are_not_the_portals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
