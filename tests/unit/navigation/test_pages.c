/* navigation/pages, report: how often, never who. */

#include "support/test.h"

#include "navigation/pages.h"
#include "navigation/visit.h"
#include "support/call_env.h"

static struct call_env env;

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
see(const char *visitor, const char *at, const char *page, const char *action)
{
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(visit_append),
			       "{\"visitor\":\"%s\",\"events\":[{\"at\":\"%s\","
			       "\"ip\":\"::1\",\"user_agent\":\"M\","
			       "\"language\":\"en\",\"page\":\"%s\","
			       "\"action\":\"%s\"}]}",
			       visitor, at, page, action));
}

static int
report(const char *json)
{
	return call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(report_navigation),
			    "%s", json);
}

static void
some(void)
{
	see("c-1", "2026-11-20T20:00:00Z", "/a?mail=x@example.com", "view");
	see("c-2", "2026-11-20T21:00:00Z", "/a#top", "view");
	see("c-1", "2026-11-20T22:00:00Z", "/a", "click");
	see("c-1", "2026-11-21T20:00:00Z", "/b", "view");
}

static void
check(void)
{
	assert_ok(report("{\"from\":\"2026-11-20\",\"to\":\"2026-11-21\"}"));
	assert_int_equal(call_env_count(&env, "items"), 1);
	assert_string_equal(call_env_text(&env, "items.0.page"), "/a");
	assert_string_equal(call_env_text(&env, "items.0.day"), "2026-11-20");
	assert_int_equal(call_env_int(&env, "items.0.views"), 2);
	assert_int_equal(call_env_int(&env, "items.0.clicks"), 1);
	assert_ok(report("{\"from\":\"2026-11-21T20:00:00Z\","
			 "\"to\":\"2026-11-21T20:00:01Z\"}"));
	assert_int_equal(call_env_int(&env, "views"), 1);
	assert_string_equal(call_env_text(&env, "to"), "2026-11-22");
}

static void
merge(void)
{
	bool more = true;

	while (more) {
		struct call *c = call_env_begin(&env, ROLE_INTERNAL);

		assert_ok(pages_merge(c, &more));
		(void)call_env_end(&env, 0);
	}
}

static void
counts_are_the_same_before_and_after_adding_up(void **state)
{
	(void)state;
	some();
	check();
	merge();
	check();
	see("c-3", "2026-11-21T21:00:00Z", "/b", "view");
	assert_ok(report("{\"from\":\"2026-11-21\",\"to\":\"2026-11-22\"}"));
	assert_int_equal(call_env_int(&env, "items.0.views"), 2);
	merge();
	merge();
	assert_ok(report("{\"from\":\"2026-11-21\",\"to\":\"2026-11-22\"}"));
	assert_int_equal(call_env_int(&env, "items.0.views"), 2);
	assert_int_equal(vault_env_count_bytes(&env.vault, TABLE_PAGE_COUNT,
					       "example.com"),
			 0);
}

static void
many_pages_take_several_steps(void **state)
{
	char page[16];
	char cursor[200] = "";
	const struct value *next;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 700; i++) {
		(void)snprintf(page, sizeof(page), "/p%d", i);
		see("c-1", "2026-11-20T20:00:00Z", page, "view");
	}
	merge();
	do {
		char json[300];

		(void)snprintf(json, sizeof(json),
			       "{\"from\":\"2026-11-01\",\"to\":\"2026-12-01\","
			       "\"limit\":300%s}",
			       cursor);
		assert_ok(report(json));
		assert_int_equal(call_env_int(&env, "views"), 700);
		n += call_env_count(&env, "items");
		next = call_env_get(&env, "next");
		if (next != NULL) {
			(void)snprintf(cursor, sizeof(cursor),
				       ",\"cursor\":\"%s\"", next->text.s);
		}
	} while (next != NULL && n <= 700);
	assert_int_equal(n, 700);
}

static void
faults_are_named(void **state)
{
	(void)state;
	assert_err(ERR_INVALID,
		   report("{\"from\":\"soon\",\"to\":\"2026-11-22\"}"));
	assert_string_equal(env.refusal.field, "from");
	assert_err(ERR_INVALID,
		   report("{\"from\":\"2026-11-22\",\"to\":\"2026-11-20\"}"));
	assert_string_equal(env.refusal.field, "to");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_env, close_env)
	const struct CMUnitTest tests[] = {
		T(counts_are_the_same_before_and_after_adding_up),
		T(many_pages_take_several_steps),
		T(faults_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
