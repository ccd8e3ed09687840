/* retention/days and plan, through a whole core: days die by themselves, what
 * is held does not, and a clock that runs away stops it. */

#include "support/test.h"

#include "policy/role.h"
#include "support/core_env.h"

static int
setup(void **state)
{
	static struct core_env e;

	core_env_open(&e, &(struct core_env_options){.on_disk = true});
	*state = &e;
	return 0;
}

static int
teardown(void **state)
{
	core_env_close(*state);
	return 0;
}

static void
person(struct core_env *e, const char *email, char out[ID_TEXT_BYTES])
{
	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    json_of("{\"birth_date\":\"1980-02-29\",\"country\":\"US\","
			    "\"contact\":{\"name\":\"Ada\",\"email\":\"%s\"},"
			    "\"terms\":{\"version\":\"1\",\"accepted_at\":"
			    "\"2026-01-01T00:00:00Z\"}}",
			    email));
	(void)snprintf(out, ID_TEXT_BYTES, "%s", core_env_text(e, "subject"));
	core_env_ok(e, ROLE_PORTAL, "subject.write",
		    json_of("{\"subject\":\"%s\",\"category\":\"usage\","
			    "\"data\":{\"kind\":\"call\",\"units\":3}}",
			    out));
}

/* Of the category in the last plan. */
static int64_t
planned(struct core_env *e, const char *category, const char *member)
{
	for (unsigned i = 0; i < 40; i++) {
		char path[64];
		const struct value *name;

		(void)snprintf(path, sizeof(path), "items.%u.category", i);
		name = core_env_at(e, path);
		if (name != NULL && strcmp(name->text.s, category) == 0) {
			(void)snprintf(path, sizeof(path), "items.%u.%s", i,
				       member);
			return core_env_number(e, path);
		}
	}
	fail_msg("no such category in the plan");
	return -1;
}

static void
plan(struct core_env *e, const char *as_of)
{
	core_env_ok(e, ROLE_AUDITOR, "retention.plan",
		    json_of("{\"as_of\":\"%s\"}", as_of));
}

static size_t
entries(struct core_env *e, const char *type)
{
	size_t n = 0;

	core_env_ok(e, ROLE_AUDITOR, "audit.entries",
		    "{\"from\":0,\"to\":500}");
	for (unsigned i = 0; i < 1000; i++) {
		char path[32];
		const struct value *v;

		(void)snprintf(path, sizeof(path), "items.%u.type", i);
		v = core_env_at(e, path);
		if (v == NULL) {
			break;
		}
		n += strcmp(v->text.s, type) == 0 ? 1 : 0;
	}
	return n;
}

static void
plan_says_what_goes_and_touches_nothing(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];

	person(e, "plan@example.com", id);
	plan(e, "2026-03-02");
	assert_int_equal(planned(e, "usage", "going"), 0);
	assert_int_equal(planned(e, "usage", "later"), 1);
	assert_int_equal(planned(e, "contact", "without_day"), 1);
	plan(e, "2027-09-01T12:00:00Z");
	assert_int_equal(planned(e, "usage", "going"), 0);
	plan(e, "2027-09-02");
	assert_int_equal(planned(e, "usage", "going"), 1);
	assert_int_equal(core_env_number(e, "going"), 1);
	plan(e, "2026-03-02");
	assert_int_equal(planned(e, "usage", "later"), 1);
	core_env_refused(e, ROLE_AUDITOR, "retention.plan",
			 "{\"as_of\":\"soon\"}", "invalid", "as_of");
}

static void
days_die_by_themselves_but_not_what_is_held(void **state)
{
	struct core_env *e = *state;
	char gone[ID_TEXT_BYTES];
	char held[ID_TEXT_BYTES];

	person(e, "gone@example.com", gone);
	person(e, "kept@example.com", held);
	core_env_ok(e, ROLE_COMPLIANCE, "hold.place",
		    json_of("{\"subject\":\"%s\",\"matter\":\"case\"}", held));
	core_env_advance(e, 560 * MS_PER_DAY);
	core_env_advance(e, 2 * MS_PER_MINUTE);
	plan(e, "2027-09-20");
	/* One row is left: held, without a day. */
	assert_int_equal(planned(e, "usage", "going"), 0);
	assert_int_equal(planned(e, "usage", "later"), 0);
	assert_int_equal(planned(e, "usage", "without_day"), 1);
	assert_string_equal(core_env_text(e, "through"), "2027-09-13");
	assert_true(entries(e, "expiry_day") > 0);
	core_env_ok(e, ROLE_COMPLIANCE, "retention.run", "{}");
	assert_int_equal(core_env_number(e, "days"), 0);
	core_env_restart(e);
	plan(e, "2027-09-20");
	assert_int_equal(planned(e, "usage", "without_day"), 1);
}

static void
clock_that_runs_away_stops_expiry(void **state)
{
	struct core_env *e = *state;
	char prospect[ID_TEXT_BYTES];
	char id[ID_TEXT_BYTES];

	person(e, "clock@example.com", id);
	core_env_ok(e, ROLE_PORTAL, "inquiry.record",
		    "{\"contact\":{\"name\":\"Bo\",\"email\":"
		    "\"bo@example.com\"},\"interest\":\"fax\","
		    "\"message\":\"?\"}");
	(void)snprintf(prospect, sizeof(prospect), "%s",
		       core_env_text(e, "subject"));
	core_env_advance(e, 2 * MS_PER_MINUTE);
	e->clock.wall += 600 * MS_PER_DAY;
	core_env_advance(e, 2 * MS_PER_HOUR);
	/* Over by that clock, but nobody is taken away by it. */
	core_env_ok(e, ROLE_PORTAL, "subject.status",
		    json_of("{\"subject\":\"%s\"}", prospect));
	plan(e, "2029-01-01");
	assert_int_equal(planned(e, "usage", "going"), 1);
	assert_int_equal(entries(e, "clock_stopped"), 1);
	core_env_refused(e, ROLE_ADMIN, "retention.run", "{}", "state", NULL);
	assert_string_equal(core_env_text(e, "state"), "clock_stopped");
	/* A restart does not make the clock right. */
	core_env_restart(e);
	core_env_advance(e, 2 * MS_PER_MINUTE);
	core_env_refused(e, ROLE_ADMIN, "retention.run", "{}", "state", NULL);
	core_env_ok(e, ROLE_ADMIN, "retention.run", "{\"confirm_clock\":true}");
	assert_int_equal(core_env_number(e, "days"), 600);
	core_env_advance(e, 10 * MS_PER_MINUTE);
	plan(e, "2029-01-01");
	assert_int_equal(planned(e, "usage", "going"), 0);
	assert_int_equal(entries(e, "clock_confirmed"), 1);
	core_env_advance(e, 2 * MS_PER_DAY);
	core_env_advance(e, 2 * MS_PER_DAY);
	core_env_refused(e, ROLE_PORTAL, "subject.status",
			 json_of("{\"subject\":\"%s\"}", prospect),
			 "not_found", NULL);
}

static void
clock_set_right_again_goes_on(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];

	person(e, "back@example.com", id);
	core_env_advance(e, 2 * MS_PER_MINUTE);
	e->clock.wall += 600 * MS_PER_DAY;
	core_env_advance(e, 2 * MS_PER_MINUTE);
	assert_int_equal(entries(e, "clock_stopped"), 1);
	e->clock.wall -= 600 * MS_PER_DAY;
	core_env_advance(e, 2 * MS_PER_MINUTE);
	core_env_ok(e, ROLE_ADMIN, "retention.run", "{}");
	plan(e, "2026-03-02");
	assert_int_equal(planned(e, "usage", "later"), 1);
}

/* What a recipient got outlives the person, and goes on its own day: no row of
 * any category, and reported apart. */
static void
disclosures_that_go_are_counted_apart(void **state)
{
	struct core_env *e = *state;
	char stays[ID_TEXT_BYTES];
	char id[ID_TEXT_BYTES];
	int64_t of_items = 0;

	person(e, "stays@example.com", stays);
	person(e, "told@example.com", id);
	core_env_ok(e, ROLE_COMPLIANCE, "share.record",
		    json_of("{\"subject\":\"%s\",\"recipient\":\"court\","
			    "\"purpose\":\"legal\",\"categories\":"
			    "[\"contact\"],\"fields\":[\"email\"],\"basis\":"
			    "{\"kind\":\"court_order\",\"reference\":"
			    "\"7\"}}",
			    id));
	core_env_ok(e, ROLE_PORTAL, "subject.close",
		    json_of("{\"subject\":\"%s\",\"reason\":\"left\"}", id));
	core_env_advance(e, 600 * MS_PER_DAY);
	core_env_advance(e, 2 * MS_PER_HOUR);
	core_env_refused(e, ROLE_PORTAL, "subject.status",
			 json_of("{\"subject\":\"%s\"}", id), "not_found",
			 NULL);
	core_env_ok(e, ROLE_AUDITOR, "report.retention",
		    "{\"from\":\"2026-03-01\",\"to\":\"2031-01-01\"}");
	assert_int_equal(core_env_number(e, "disclosures"), 0);
	core_env_advance(e, 740 * MS_PER_DAY);
	core_env_advance(e, 2 * MS_PER_HOUR);
	core_env_ok(e, ROLE_AUDITOR, "report.retention",
		    "{\"from\":\"2026-03-01\",\"to\":\"2031-01-01\"}");
	assert_int_equal(core_env_number(e, "disclosures"), 1);
	assert_true(core_env_number(e, "expired") > 0);
	for (unsigned i = 0; i < core_env_at(e, "items")->of.n; i++) {
		of_items += core_env_number(
			e, json_of("items.%u.expired", i));
	}
	assert_int_equal(core_env_number(e, "expired"), of_items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			plan_says_what_goes_and_touches_nothing, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			days_die_by_themselves_but_not_what_is_held, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			clock_that_runs_away_stops_expiry, setup, teardown),
		cmocka_unit_test_setup_teardown(clock_set_right_again_goes_on,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			disclosures_that_go_are_counted_apart, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
