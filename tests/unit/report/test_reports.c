/* The reports, through a whole core. */

#include "support/test.h"

#include "policy/role.h"
#include "support/core_env.h"

static int
setup(void **state)
{
	static struct core_env e;

	core_env_open(&e, NULL);
	*state = &e;
	return 0;
}

static int
teardown(void **state)
{
	core_env_close(*state);
	return 0;
}

/* Received so many days ago, from somebody nobody knows. */
static void
submit(struct core_env *e, const char *type, unsigned n, const char *at,
       char out[ID_TEXT_BYTES])
{
	core_env_ok(e, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"%s\",\"identity\":{\"email\":"
			    "\"p%u@example.com\"},\"channel\":\"portal\","
			    "\"received_at\":\"%s\"}",
			    type, n, at));
	(void)snprintf(out, ID_TEXT_BYTES, "%s", core_env_text(e, "request"));
}

static bool
truth(struct core_env *e, const char *path)
{
	const struct value *v = core_env_at(e, path);

	assert_non_null(v);
	assert_int_equal(v->kind, VALUE_BOOL);
	return v->truth;
}

/* The clock stands at 2026-03-02T09:00:00Z. */
static void
deadlines_stand_in_order_with_days_left(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];
	char oldest[ID_TEXT_BYTES];

	submit(e, "access", 1, "2026-03-01T09:00:00Z", id);
	submit(e, "delete", 2, "2025-12-01T09:00:00Z", oldest);
	submit(e, "access", 3, "2025-12-10T09:00:00Z", id);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines", "{}");
	assert_string_equal(core_env_text(e, "as_of"),
			    "2026-03-02T09:00:00.000Z");
	assert_int_equal(core_env_number(e, "summary.open"), 3);
	assert_int_equal(core_env_number(e, "summary.overdue"), 1);
	assert_int_equal(core_env_number(e, "summary.by_type.access"), 2);
	assert_int_equal(core_env_number(e, "summary.by_type.delete"), 1);
	assert_string_equal(core_env_text(e, "items.0.request"), oldest);
	assert_true(truth(e, "items.0.overdue"));
	/* 1 December + 90 days is 1 March: a day ago. */
	assert_int_equal(core_env_number(e, "items.0.days_left"), -1);
	assert_int_equal(core_env_number(e, "items.1.days_left"), 8);
	assert_int_equal(core_env_number(e, "items.2.days_left"), 89);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    "{\"summary\":false,\"limit\":1}");
	assert_null(core_env_at(e, "summary"));
	assert_string_equal(core_env_text(e, "items.0.request"), oldest);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines", "{}");
	assert_int_equal(core_env_number(e, "summary.ages.9.overdue"), 1);
	assert_int_equal(core_env_number(e, "summary.tracks.0.approaching"),
			 1);
}

static void
overdue_begins_after_the_last_millisecond(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];

	submit(e, "access", 1, "2026-03-01T09:00:00Z", id);
	core_env_ok(e, ROLE_AUDITOR, "report.deadlines",
		    "{\"as_of\":\"2026-05-30T09:00:00Z\"}");
	assert_false(truth(e, "items.0.overdue"));
	assert_int_equal(core_env_number(e, "items.0.days_left"), 0);
	core_env_ok(e, ROLE_AUDITOR, "report.deadlines",
		    "{\"as_of\":\"2026-05-30T09:00:00.001Z\"}");
	assert_true(truth(e, "items.0.overdue"));
	assert_int_equal(core_env_number(e, "items.0.days_left"), -1);
}

static void
pages_follow_each_other(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];
	const char *next = NULL;
	size_t seen = 0;

	for (unsigned i = 0; i < 7; i++) {
		submit(e, "access", i, "2026-02-01T00:00:00Z", id);
	}
	do {
		core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
			    next == NULL ? "{\"limit\":3}"
					 : json_of("{\"limit\":3,\"cursor\":"
						   "\"%s\"}",
						   next));
		assert_true((core_env_at(e, "summary") != NULL) ==
			    (next == NULL));
		seen += core_env_at(e, "items")->of.n;
		next = core_env_at(e, "next") == NULL
			       ? NULL
			       : core_env_text(e, "next");
	} while (next != NULL);
	assert_int_equal(seen, 7);
	core_env_refused(e, ROLE_COMPLIANCE, "report.deadlines",
			 "{\"cursor\":\"x\"}", "invalid", "cursor");
	core_env_refused(e, ROLE_COMPLIANCE, "report.deadlines",
			 "{\"limit\":0}", "invalid", "limit");
}

/* However long a reader takes for the pages: they go on being about the
 * moment of the first, from what is open when they are read. */
static void
later_pages_keep_the_moment_of_the_first(void **state)
{
	struct core_env *e = *state;
	char id[3][ID_TEXT_BYTES];
	char next[80];

	submit(e, "access", 1, "2026-02-01T00:00:00Z", id[0]);
	submit(e, "access", 2, "2026-02-02T00:00:00Z", id[1]);
	submit(e, "access", 3, "2026-02-03T00:00:00Z", id[2]);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines", "{\"limit\":1}");
	(void)snprintf(next, sizeof(next), "%s", core_env_text(e, "next"));
	core_env_advance(e, MS_PER_DAY);
	core_env_ok(e, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":\"no_match\"}",
			    id[1]));
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    json_of("{\"as_of\":\"2026-03-02T09:00:00Z\",\"cursor\":"
			    "\"%s\"}",
			    next));
	assert_string_equal(core_env_text(e, "as_of"),
			    "2026-03-02T09:00:00.000Z");
	assert_int_equal(core_env_at(e, "items")->of.n, 1);
	assert_string_equal(core_env_text(e, "items.0.request"), id[2]);
	core_env_refused(e, ROLE_COMPLIANCE, "report.deadlines",
			 json_of("{\"as_of\":\"2026-03-01\",\"cursor\":"
				 "\"%s\"}",
				 next),
			 "invalid", "as_of");
}

static const char *
first_of_page(struct core_env *e, const char *cursor)
{
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    json_of("{\"limit\":1,\"cursor\":\"%s\"}", cursor));
	return core_env_text(e, "items.0.request");
}

/* A page reads what the one before read, but not for longer than a second. */
static void
later_pages_share_a_state_for_a_second(void **state)
{
	struct core_env *e = *state;
	char id[3][ID_TEXT_BYTES];
	char next[80];

	submit(e, "access", 1, "2026-02-01T00:00:00Z", id[0]);
	submit(e, "access", 2, "2026-02-02T00:00:00Z", id[1]);
	submit(e, "access", 3, "2026-02-03T00:00:00Z", id[2]);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines", "{\"limit\":1}");
	(void)snprintf(next, sizeof(next), "%s", core_env_text(e, "next"));
	core_env_ok(e, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":\"no_match\"}",
			    id[1]));
	assert_string_equal(first_of_page(e, next), id[1]);
	core_env_advance(e, MS_PER_SECOND);
	assert_string_equal(first_of_page(e, next), id[2]);
}

/* A text that a spreadsheet would run does not come out as one. */
static void
csv_has_a_line_for_each_item(void **state)
{
	struct core_env *e = *state;
	char id[3][ID_TEXT_BYTES];
	char text[512];
	char next[80];

	submit(e, "access", 1, "2026-02-01T00:00:00Z", id[0]);
	submit(e, "delete", 2, "2025-12-01T09:00:00Z", id[1]);
	submit(e, "access", 3, "2026-02-03T00:00:00Z", id[2]);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    "{\"format\":\"csv\",\"limit\":2}");
	(void)snprintf(
		text, sizeof(text),
		"request,type,state,regime,assignee,received_at,due_at,"
		"legal_due_at,days_left,overdue\r\n"
		"%s,delete,open,,,2025-12-01T09:00:00.000Z,"
		"2026-03-01T09:00:00.000Z,,-1,true\r\n"
		"%s,access,open,,,2026-02-01T00:00:00.000Z,"
		"2026-05-02T00:00:00.000Z,,60,false\r\n",
		id[1], id[0]);
	assert_string_equal(core_env_text(e, "csv"), text);
	assert_int_equal(core_env_at(e, "items")->of.n, 0);
	assert_int_equal(core_env_number(e, "summary.open"), 3);
	(void)snprintf(next, sizeof(next), "%s", core_env_text(e, "next"));
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    json_of("{\"format\":\"csv\",\"cursor\":\"%s\"}", next));
	assert_true(strncmp(core_env_text(e, "csv"), id[2],
			    ID_TEXT_BYTES - 1) == 0);
	assert_null(core_env_at(e, "next"));
	core_env_refused(e, ROLE_COMPLIANCE, "report.deadlines",
			 "{\"format\":\"html\"}", "invalid", "format");
}

static void
within_lists_what_is_due_soon(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];

	submit(e, "access", 1, "2025-12-10T09:00:00Z", id);
	submit(e, "access", 2, "2026-03-01T09:00:00Z", id);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    "{\"within\":\"P14D\"}");
	assert_int_equal(core_env_at(e, "items")->of.n, 1);
	assert_int_equal(core_env_number(e, "summary.due_within"), 1);
	assert_int_equal(core_env_number(e, "summary.open"), 2);
}

static void
past_moments_know_what_has_been_closed_since(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];

	submit(e, "access", 1, "2026-03-01T09:00:00Z", id);
	core_env_advance(e, 2 * MS_PER_DAY);
	core_env_ok(e, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":\"no_match\"}",
			    id));
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines", "{}");
	assert_int_equal(core_env_number(e, "summary.open"), 0);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    "{\"as_of\":\"2026-03-03T00:00:00Z\"}");
	assert_int_equal(core_env_number(e, "summary.open"), 1);
	assert_string_equal(core_env_text(e, "items.0.request"), id);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    "{\"as_of\":\"2026-02-03\"}");
	assert_int_equal(core_env_number(e, "summary.open"), 0);
}

/* What was extended or corrected later had not been on an earlier day. */
static void
past_moments_know_the_dates_of_then(void **state)
{
	struct core_env *e = *state;
	char extended[ID_TEXT_BYTES];
	char corrected[ID_TEXT_BYTES];
	const char *then = "{\"as_of\":\"2026-03-05T00:00:00Z\"}";

	core_env_ok(e, ROLE_PORTAL, "request.submit",
		    "{\"type\":\"access\",\"identity\":{\"email\":"
		    "\"p1@example.com\"},\"channel\":\"portal\","
		    "\"country\":\"DE\"}");
	(void)snprintf(extended, sizeof(extended), "%s",
		       core_env_text(e, "request"));
	submit(e, "delete", 2, "2026-03-01T09:00:00Z", corrected);
	core_env_advance(e, 7 * MS_PER_DAY);
	core_env_ok(e, ROLE_SUPPORT, "request.assign",
		    json_of("{\"request\":\"%s\",\"to\":\"support\"}",
			    extended));
	core_env_ok(e, ROLE_COMPLIANCE, "request.extend",
		    json_of("{\"request\":\"%s\",\"reason\":"
			    "\"complexity\"}",
			    extended));
	core_env_ok(e, ROLE_COMPLIANCE, "request.correct",
		    json_of("{\"request\":\"%s\",\"received_at\":"
			    "\"2025-11-01T00:00:00Z\",\"type\":\"access\","
			    "\"reason\":\"the letter lay\"}",
			    corrected));

	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines", "{}");
	assert_string_equal(core_env_text(e, "items.0.request"), corrected);
	assert_true(truth(e, "items.0.overdue"));
	assert_int_equal(core_env_number(e, "summary.by_type.delete"), 0);
	assert_string_equal(core_env_text(e, "items.1.assignee"), "support");
	assert_string_equal(core_env_text(e, "items.1.due_at"),
			    "2026-05-31T09:00:00.000Z");

	/* Two pages, so that the order of then is put to use. */
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    "{\"as_of\":\"2026-03-05T00:00:00Z\",\"limit\":1}");
	assert_int_equal(core_env_number(e, "summary.overdue"), 0);
	assert_int_equal(core_env_number(e, "summary.by_type.delete"), 1);
	assert_string_equal(core_env_text(e, "items.0.request"), extended);
	assert_string_equal(core_env_text(e, "items.0.due_at"),
			    "2026-04-02T21:59:59.999Z");
	assert_null(core_env_at(e, "items.0.assignee"));
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    json_of("{\"as_of\":\"2026-03-05T00:00:00Z\","
			    "\"limit\":1,\"cursor\":\"%s\"}",
			    core_env_text(e, "next")));
	assert_string_equal(core_env_text(e, "items.0.request"), corrected);
	assert_string_equal(core_env_text(e, "items.0.type"), "delete");
	assert_string_equal(core_env_text(e, "items.0.received_at"),
			    "2026-03-01T09:00:00.000Z");
	assert_string_equal(core_env_text(e, "items.0.due_at"),
			    "2026-05-30T09:00:00.000Z");
	assert_null(core_env_at(e, "next"));

	/* Ended since, corrected before that: still as it was then. */
	core_env_ok(e, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":\"other\"}",
			    corrected));
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines", then);
	assert_int_equal(core_env_number(e, "summary.open"), 2);
	assert_string_equal(core_env_text(e, "items.1.type"), "delete");
}

/* A correction of the day of receipt is none of the days before it. */
static void
past_moments_know_the_receipt_of_then(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];

	submit(e, "access", 1, "2026-02-01T00:00:00Z", id);
	core_env_advance(e, 2 * MS_PER_DAY);
	core_env_ok(e, ROLE_COMPLIANCE, "request.correct",
		    json_of("{\"request\":\"%s\",\"received_at\":"
			    "\"2026-03-03T00:00:00Z\",\"reason\":\"a typo\"}",
			    id));
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    "{\"as_of\":\"2026-03-02T10:00:00Z\"}");
	assert_string_equal(core_env_text(e, "items.0.received_at"),
			    "2026-02-01T00:00:00.000Z");
	core_env_advance(e, MS_PER_DAY);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    "{\"as_of\":\"2026-03-04T12:00:00Z\"}");
	assert_string_equal(core_env_text(e, "items.0.received_at"),
			    "2026-03-03T00:00:00.000Z");
}

/* What changes between two pages of today's report is shown as it is: only a
 * past moment asks for what stood then. */
static void
pages_bear_what_changes_between_them(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];
	char next[128];

	submit(e, "access", 1, "2026-02-01T00:00:00Z", id);
	submit(e, "access", 2, "2026-02-02T00:00:00Z", id);
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines", "{\"limit\":1}");
	(void)snprintf(next, sizeof(next), "%s", core_env_text(e, "next"));
	core_env_advance(e, MS_PER_SECOND);
	core_env_ok(e, ROLE_SUPPORT, "request.assign",
		    json_of("{\"request\":\"%s\",\"to\":\"support\"}", id));
	core_env_ok(e, ROLE_COMPLIANCE, "report.deadlines",
		    json_of("{\"limit\":1,\"cursor\":\"%s\"}", next));
	assert_string_equal(core_env_text(e, "items.0.request"), id);
	assert_string_equal(core_env_text(e, "items.0.assignee"), "support");
}

static void
corrected_requests_are_counted_as_what_they_are(void **state)
{
	struct core_env *e = *state;
	const char *year = "{\"from\":\"2026-01-01\",\"to\":\"2027-01-01\"}";
	char id[ID_TEXT_BYTES];

	submit(e, "delete", 1, "2026-02-01T09:00:00Z", id);
	submit(e, "delete", 2, "2025-12-01T09:00:00Z", id);
	core_env_ok(e, ROLE_COMPLIANCE, "request.correct",
		    json_of("{\"request\":\"%s\",\"type\":\"access\","
			    "\"received_at\":\"2026-02-02T09:00:00Z\","
			    "\"country\":\"DE\",\"reason\":\"misread\"}",
			    id));
	core_env_ok(e, ROLE_AUDITOR, "report.requests", year);
	assert_int_equal(core_env_number(e, "received"), 2);
	assert_int_equal(core_env_number(e, "types.0.received"), 1);
	assert_int_equal(core_env_number(e, "types.2.received"), 1);
	assert_string_equal(core_env_text(e, "months.1.month"), "2026-02");
	assert_int_equal(core_env_number(e, "months.1.received"), 2);
}

static void
requests_are_counted_by_type_month_and_year(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];

	submit(e, "access", 1, "2025-12-20T09:00:00Z", id);
	core_env_ok(e, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":\"no_match\"}",
			    id));
	submit(e, "delete", 2, "2026-02-20T09:00:00Z", id);
	core_env_ok(e, ROLE_COMPLIANCE, "report.requests",
		    "{\"from\":\"2025-12-01\",\"to\":\"2026-04-01\"}");
	assert_int_equal(core_env_number(e, "received"), 2);
	assert_int_equal(core_env_number(e, "closed"), 1);
	assert_int_equal(core_env_number(e, "types.0.denied"), 1);
	assert_int_equal(core_env_number(e, "types.0.median_days"), 72);
	assert_int_equal(core_env_number(e, "types.0.p95_days"), 72);
	assert_null(core_env_at(e, "types.1.median_days"));
	assert_int_equal(core_env_number(e, "months.0.received"), 1);
	assert_string_equal(core_env_text(e, "months.3.month"), "2026-03");
	assert_int_equal(core_env_number(e, "months.3.closed"), 1);
	assert_int_equal(core_env_number(e, "months.3.on_time"), 1);
	/* Received in 2025, denied in 2026. */
	assert_int_equal(core_env_number(e, "years.0.received"), 1);
	assert_int_equal(core_env_number(e, "years.0.denied"), 0);
	assert_int_equal(core_env_number(e, "years.3.denied"), 1);
	assert_int_equal(core_env_number(e, "years.3.mean_days"), 72);
	core_env_refused(e, ROLE_COMPLIANCE, "report.requests",
			 "{\"from\":\"2026-04-01\",\"to\":\"2026-01-01\"}",
			 "invalid", "to");
}

/* The table that is published is of calendar years, whatever the span. */
static void
years_are_whole_ones(void **state)
{
	struct core_env *e = *state;
	char id[ID_TEXT_BYTES];

	submit(e, "access", 1, "2025-12-20T09:00:00Z", id);
	core_env_ok(e, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":\"no_match\"}",
			    id));
	core_env_ok(e, ROLE_COMPLIANCE, "report.requests",
		    "{\"from\":\"2025-06-01\",\"to\":\"2025-07-01\"}");
	assert_int_equal(core_env_number(e, "received"), 0);
	assert_int_equal(core_env_at(e, "years")->of.n, 3);
	assert_int_equal(core_env_number(e, "years.0.received"), 1);
	assert_true(truth(e, "years.0.complete"));
	core_env_ok(e, ROLE_COMPLIANCE, "report.requests",
		    "{\"from\":\"2026-01-01\",\"to\":\"2026-02-01\"}");
	assert_int_equal(core_env_number(e, "closed"), 0);
	assert_int_equal(core_env_number(e, "types.0.denied"), 0);
	assert_int_equal(core_env_number(e, "years.0.denied"), 1);
	assert_false(truth(e, "years.0.complete"));
}

static void
people_and_retention_are_counted(void **state)
{
	struct core_env *e = *state;

	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    "{\"birth_date\":\"1980-02-29\",\"country\":\"US\","
		    "\"contact\":{\"name\":\"Ada\",\"email\":\"a@b.example\"},"
		    "\"terms\":{\"version\":\"1\",\"accepted_at\":"
		    "\"2026-01-01T00:00:00Z\"}}");
	core_env_ok(e, ROLE_COMPLIANCE, "report.registrations",
		    "{\"from\":\"2026-03-01\",\"to\":\"2026-04-01\"}");
	assert_int_equal(core_env_number(e, "adults"), 1);
	assert_string_equal(core_env_text(e, "items.0.country"), "US");
	assert_int_equal(core_env_number(e, "months.0.registered"), 1);
	core_env_ok(e, ROLE_COMPLIANCE, "report.sharing",
		    "{\"from\":\"2026-03-01\",\"to\":\"2026-04-01\"}");
	assert_int_equal(core_env_number(e, "given"), 0);
	core_env_ok(e, ROLE_COMPLIANCE, "hold.place",
		    "{\"category\":\"usage\",\"matter\":\"case\"}");
	core_env_advance(e, 2 * MS_PER_MINUTE);
	core_env_ok(e, ROLE_AUDITOR, "report.retention",
		    "{\"from\":\"2026-03-01\",\"to\":\"2026-04-01\"}");
	assert_int_equal(core_env_number(e, "holds_placed"), 1);
	assert_int_equal(core_env_number(e, "holds"), 1);
	assert_int_equal(core_env_number(e, "days"), 1);
	assert_string_equal(core_env_text(e, "through"), "2026-03-02");
}

static void
register_ada(struct core_env *e, char subject[ID_TEXT_BYTES])
{
	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    "{\"birth_date\":\"1980-02-29\",\"country\":\"US\","
		    "\"contact\":{\"name\":\"Ada\",\"email\":\"a@b.example\"},"
		    "\"terms\":{\"version\":\"1\",\"accepted_at\":"
		    "\"2026-01-01T00:00:00Z\"}}");
	(void)snprintf(subject, ID_TEXT_BYTES, "%s",
		       core_env_text(e, "subject"));
}

/* A change of what a processor got: the processor and she must be told. */
static void
change_what_was_shared(struct core_env *e, const char *subject)
{
	char request[ID_TEXT_BYTES];

	core_env_ok(e, ROLE_PORTAL, "share.record",
		    json_of("{\"subject\":\"%s\",\"recipient\":"
			    "\"contact-provider\",\"purpose\":\"service\","
			    "\"categories\":[\"contact\"],"
			    "\"fields\":[\"email\"]}",
			    subject));
	core_env_ok(e, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"change\",\"subject\":\"%s\","
			    "\"channel\":\"portal\",\"change\":{\"category\":"
			    "\"contact\",\"data\":{\"name\":\"Ada\","
			    "\"email\":\"ada@b.example\"}}}",
			    subject));
	(void)snprintf(request, sizeof(request), "%s",
		       core_env_text(e, "request"));
	core_env_ok(e, ROLE_COMPLIANCE, "request.verify",
		    json_of("{\"request\":\"%s\",\"method\":\"phone\","
			    "\"evidence\":{\"method\":\"phone\","
			    "\"reference\":\"1\",\"at\":"
			    "\"2026-03-02T09:00:00Z\"}}",
			    request));
	core_env_ok(e, ROLE_COMPLIANCE, "request.fulfil",
		    json_of("{\"request\":\"%s\"}", request));
}

static void
notices_that_wait_are_told_with_their_age(void **state)
{
	static const char span[] =
		"{\"from\":\"2026-03-01\",\"to\":\"2026-04-01\"}";
	struct core_env *e = *state;
	char subject[ID_TEXT_BYTES];

	core_env_ok(e, ROLE_COMPLIANCE, "report.requests", span);
	assert_null(core_env_at(e, "unacknowledged.oldest_at"));
	assert_int_equal(core_env_at(e, "unacknowledged.recipients")->of.n, 0);
	register_ada(e, subject);
	change_what_was_shared(e, subject);
	core_env_advance(e, 25 * MS_PER_DAY);
	core_env_ok(e, ROLE_COMPLIANCE, "report.requests", span);
	assert_int_equal(core_env_number(e, "unacknowledged.recipient"), 1);
	assert_int_equal(core_env_number(e, "unacknowledged.person"), 1);
	assert_string_equal(core_env_text(e, "unacknowledged.oldest_at"),
			    "2026-03-02T09:00:00.000Z");
	assert_int_equal(core_env_number(e, "unacknowledged.oldest_days"), 25);
	assert_int_equal(core_env_at(e, "unacknowledged.ages")->of.n, 10);
	assert_int_equal(
		core_env_number(e, "unacknowledged.ages.2.recipient"), 1);
	assert_int_equal(
		core_env_number(e, "unacknowledged.ages.0.recipient"), 0);
	assert_string_equal(
		core_env_text(e, "unacknowledged.recipients.0.recipient"),
		"contact-provider");
	assert_int_equal(
		core_env_number(e, "unacknowledged.recipients.0.oldest_days"),
		25);
	core_env_ok(e, ROLE_BILLING, "notice.list",
		    "{\"kind\":\"recipient\"}");
	core_env_ok(e, ROLE_BILLING, "notice.acknowledge",
		    json_of("{\"notice\":\"%s\"}",
			    core_env_text(e, "items.0.notice")));
	core_env_ok(e, ROLE_COMPLIANCE, "report.requests", span);
	assert_int_equal(core_env_number(e, "unacknowledged.recipient"), 0);
	assert_int_equal(core_env_at(e, "unacknowledged.recipients")->of.n, 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(deadlines_stand_in_order_with_days_left),
		TEST(overdue_begins_after_the_last_millisecond),
		TEST(pages_follow_each_other),
		TEST(later_pages_keep_the_moment_of_the_first),
		TEST(later_pages_share_a_state_for_a_second),
		TEST(csv_has_a_line_for_each_item),
		TEST(within_lists_what_is_due_soon),
		TEST(past_moments_know_what_has_been_closed_since),
		TEST(past_moments_know_the_dates_of_then),
		TEST(past_moments_know_the_receipt_of_then),
		TEST(pages_bear_what_changes_between_them),
		TEST(corrected_requests_are_counted_as_what_they_are),
		TEST(requests_are_counted_by_type_month_and_year),
		TEST(years_are_whole_ones),
		TEST(people_and_retention_are_counted),
		TEST(notices_that_wait_are_told_with_their_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
