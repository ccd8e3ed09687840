/* The pages of a listing: nothing is lost or told twice, whether a page was
 * made ahead or not, and nobody gets one that was made for another question. */

#include "policy/role.h"
#include "support/core_env.h"
#include "support/test.h"

#define LISTED 24
#define LISTED_BY 5
#define CURSOR_BYTES 100

struct listing {
	struct core_env e;
	char ids[LISTED][40];
};

static size_t
items(struct core_env *e)
{
	const struct value *v = core_env_at(e, "items");

	return v == NULL ? 0 : v->of.n;
}

static int
setup(void **state)
{
	static struct listing l;

	core_env_open(&l.e, &(struct core_env_options){.on_disk = true});
	for (int i = 0; i < LISTED; i++) {
		core_env_ok(&l.e, ROLE_PORTAL, "request.submit",
			    json_of("{\"type\":\"access\",\"identity\":{"
				    "\"email\":\"n%d@example.org\"},"
				    "\"channel\":\"post\",\"country\":\"US\"}",
				    i));
		core_env_advance(&l.e, i % 3 * 1000);
	}
	core_env_ok(&l.e, ROLE_AUDITOR, "report.deadlines", "{}");
	assert_int_equal(items(&l.e), LISTED);
	for (size_t i = 0; i < LISTED; i++) {
		(void)snprintf(l.ids[i], sizeof(l.ids[i]), "%s",
			       core_env_text(&l.e, json_of("items.%zu.request",
							   i)));
	}
	*state = &l;
	return 0;
}

static int
teardown(void **state)
{
	struct listing *l = *state;

	core_env_close(&l->e);
	return 0;
}

/* One page; its `next` goes to the cursor, which is empty after the last. */
static void
page(struct listing *l, unsigned role, int limit, char cursor[CURSOR_BYTES])
{
	const char *next;

	core_env_ok(&l->e, role, "report.deadlines",
		    json_of("{\"limit\":%d%s%s%s}", limit,
			    *cursor == '\0' ? "" : ",\"cursor\":\"", cursor,
			    *cursor == '\0' ? "" : "\""));
	next = core_env_text(&l->e, "next");
	(void)snprintf(cursor, CURSOR_BYTES, "%s", next == NULL ? "" : next);
}

static void
page_holds(struct listing *l, size_t from, size_t n)
{
	assert_int_equal(items(&l->e), n);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(
			core_env_text(&l->e, json_of("items.%zu.request", i)),
			l->ids[from + i]);
	}
}

static void
pages_are_the_whole_in_parts(void **state)
{
	static const int limits[] = {1, 5, LISTED / 2, LISTED};
	struct listing *l = *state;

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		char cursor[CURSOR_BYTES] = "";
		size_t n = 0;

		do {
			page(l, ROLE_COMPLIANCE, limits[i], cursor);
			page_holds(l, n, items(&l->e));
			n += items(&l->e);
		} while (*cursor != '\0');
		assert_int_equal(n, LISTED);
	}
}

/* Two listings at once take each other's place ahead, and lose nothing. */
static void
listings_at_once_are_apart(void **state)
{
	struct listing *l = *state;
	char cursors[2][CURSOR_BYTES] = {"", ""};
	static const unsigned roles[] = {ROLE_COMPLIANCE, ROLE_AUDITOR};

	for (size_t at = 0; at < LISTED; at += LISTED_BY) {
		size_t n = LISTED - at < LISTED_BY ? LISTED - at : LISTED_BY;

		page(l, roles[0], LISTED_BY, cursors[0]);
		page_holds(l, at, n);
		page(l, roles[1], LISTED_BY, cursors[1]);
		page_holds(l, at, n);
	}
	assert_string_equal(cursors[0], "");
	assert_string_equal(cursors[1], "");
}

/* The page ahead would have had two. */
static void
another_question_gets_its_own_page(void **state)
{
	struct listing *l = *state;
	char cursor[CURSOR_BYTES] = "";

	page(l, ROLE_COMPLIANCE, 2, cursor);
	page(l, ROLE_COMPLIANCE, 2, cursor);
	page(l, ROLE_COMPLIANCE, 3, cursor);
	page_holds(l, 4, 3);
	page(l, ROLE_COMPLIANCE, 3, cursor);
	page_holds(l, 7, 3);
	page(l, ROLE_AUDITOR, 3, cursor);
	page_holds(l, 10, 3);
}

static void
page_ahead_is_no_older_than_a_second(void **state)
{
	struct listing *l = *state;
	char cursor[CURSOR_BYTES] = "";

	page(l, ROLE_COMPLIANCE, 2, cursor);
	page(l, ROLE_COMPLIANCE, 2, cursor);
	core_env_ok(&l->e, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":\"no_match\"}",
			    l->ids[4]));
	core_env_advance(&l->e, 1000);
	page(l, ROLE_COMPLIANCE, 2, cursor);
	page_holds(l, 5, 2);
}

/* Whoever was there when the page was made may not be there any more. */
static void
page_ahead_outlives_nobody(void **state)
{
	struct listing *l = *state;
	char cursor[CURSOR_BYTES] = "";

	page(l, ROLE_COMPLIANCE, 2, cursor);
	page(l, ROLE_COMPLIANCE, 2, cursor);
	core_env_restart(&l->e);
	page(l, ROLE_COMPLIANCE, 2, cursor);
	page_holds(l, 4, 2);
}

static int64_t
leaves(struct listing *l)
{
	core_env_ok(&l->e, ROLE_AUDITOR, "audit.entries",
		    "{\"from\":0,\"to\":1}");
	return core_env_number(&l->e, "size");
}

/* By the owner, not by a reader: as fresh as a read, logged as a report, and
 * what comes next are pages like any other. */
static void
few_are_answered_at_once(void **state)
{
	struct listing *l = *state;
	char cursor[CURSOR_BYTES];
	int64_t before = leaves(l);

	core_env_ok(&l->e, ROLE_COMPLIANCE, "report.deadlines",
		    "{\"summary\":false,\"limit\":2}");
	page_holds(l, 0, 2);
	assert_null(core_env_at(&l->e, "summary"));
	(void)snprintf(cursor, sizeof(cursor), "%s",
		       core_env_text(&l->e, "next"));
	assert_int_equal(leaves(l), before + 1);
	page(l, ROLE_COMPLIANCE, 2, cursor);
	page_holds(l, 2, 2);
	core_env_ok(&l->e, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":\"no_match\"}",
			    l->ids[0]));
	core_env_ok(&l->e, ROLE_AUDITOR, "report.deadlines",
		    "{\"summary\":false,\"limit\":100}");
	page_holds(l, 1, LISTED - 1);
	core_env_refused(&l->e, ROLE_PORTAL, "report.deadlines",
			 "{\"summary\":false,\"limit\":2}", "denied", NULL);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(pages_are_the_whole_in_parts),
		T(listings_at_once_are_apart),
		T(another_question_gets_its_own_page),
		T(page_ahead_is_no_older_than_a_second),
		T(page_ahead_outlives_nobody),
		T(few_are_answered_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
