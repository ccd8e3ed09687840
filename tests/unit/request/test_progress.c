/* Work on requests: notes, dates, denial, revocation. */

#include "people.h"

#include "request/request.h"

#define GRACES_KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static char request[40];

static void
fresh(const char *email, const char *country)
{
	char subject[40];

	customer(email, country, subject);
	submit("access", subject, request);
}

static const char *
with_reason(const char *reason)
{
	return json_of("{\"request\":\"%s\",\"reason\":\"%s\"}", request,
		       reason);
}

static void
notes_and_assignee_are_not_for_the_portal(void **state)
{
	(void)state;
	fresh("w1@example.com", "US");
	core_env_ok(&env, ROLE_SUPPORT, "request.note",
		    json_of("{\"request\":\"%s\",\"text\":\"called\"}",
			    request));
	core_env_ok(&env, ROLE_ADMIN, "principal.add",
		    json_of("{\"name\":\"grace\",\"public_key\":\"%s\","
			    "\"roles\":[\"compliance\"]}",
			    GRACES_KEY));
	core_env_ok(&env, ROLE_SUPPORT, "request.assign",
		    json_of("{\"request\":\"%s\",\"to\":\"grace\"}", request));
	for (size_t i = 0; i < 3; i++) {
		const char *const wrong[] = {"nobody", "portal", ""};

		core_env_refused(&env, ROLE_SUPPORT, "request.assign",
				 json_of("{\"request\":\"%s\",\"to\":"
					 "\"%s\"}",
					 request, wrong[i]),
				 "invalid", "to");
	}
	core_env_ok(&env, ROLE_SUPPORT, "request.get",
		    json_of("{\"request\":\"%s\"}", request));
	assert_string_equal(core_env_text(&env, "assignee"), "grace");
	assert_string_equal(core_env_text(&env, "notes.0.text"), "called");
	assert_string_equal(core_env_text(&env, "history.0.event"),
			    "submitted");
	core_env_ok(&env, ROLE_PORTAL, "request.get",
		    json_of("{\"request\":\"%s\"}", request));
	assert_null(core_env_at(&env, "assignee"));
	assert_null(core_env_at(&env, "notes"));
	core_env_ok(&env, ROLE_SUPPORT, "request.list",
		    "{\"assignee\":\"grace\"}");
	assert_string_equal(core_env_text(&env, "items.0.request"), request);
	core_env_ok(&env, ROLE_SUPPORT, "request.list",
		    "{\"assignee\":\"nobody\"}");
	assert_null(core_env_at(&env, "items.0"));
}

/* While the law's clock stands, nobody is late. */
static void
paused_one_does_not_fall_due(void **state)
{
	(void)state;
	fresh("w8@example.com", "FR");
	core_env_ok(&env, ROLE_COMPLIANCE, "request.pause",
		    with_reason("who is it"));
	/* Each day the date moves by one: what is left stays. */
	for (int i = 0; i < 5; i++) {
		core_env_advance(&env, 10 * MS_PER_DAY);
		core_env_ok(&env, ROLE_COMPLIANCE, "request.get",
			    json_of("{\"request\":\"%s\"}", request));
		assert_false(core_env_at(&env, "overdue")->truth);
		assert_true(core_env_number(&env, "days_left") >= 29);
	}
	core_env_ok(&env, ROLE_COMPLIANCE, "request.resume",
		    with_reason("known"));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.get",
		    json_of("{\"request\":\"%s\"}", request));
	assert_false(core_env_at(&env, "overdue")->truth);
}

/* However much was done with it, it can be ended, and its end be told. */
static void
long_history_leaves_room_for_the_end(void **state)
{
	(void)state;
	fresh("w9@example.com", "US");
	for (unsigned i = 0; i < 400; i++) {
		core_env_call(&env, ROLE_SUPPORT, "request.assign",
			      json_of("{\"request\":\"%s\",\"to\":"
				      "\"support\"}",
				      request));
		if (strcmp(env.status, "ok") != 0) {
			break;
		}
	}
	assert_string_equal(env.status, "too_many");
	core_env_ok(&env, ROLE_COMPLIANCE, "request.verify",
		    json_of("{\"request\":\"%s\",\"method\":\"passport\","
			    "\"evidence\":{\"method\":\"passport\","
			    "\"reference\":\"P\",\"at\":"
			    "\"2026-03-01T00:00:00Z\"}}",
			    request));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.deny",
		    with_reason("other"));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.notified",
		    json_of("{\"request\":\"%s\",\"kind\":\"outcome\","
			    "\"at\":\"2026-03-02T09:00:00Z\"}",
			    request));
}

static void
many_notes_leave_room_for_the_end(void **state)
{
	static char text[2001];
	unsigned n = 0;

	(void)state;
	memset(text, 'n', 2000);
	fresh("w11@example.com", "US");
	do {
		core_env_call(&env, ROLE_SUPPORT, "request.note",
			      json_of("{\"request\":\"%s\",\"text\":\"%s\"}",
				      request, text));
		n++;
	} while (strcmp(env.status, "ok") == 0 && n < 300);
	assert_string_equal(env.status, "too_many");
	assert_true(n > 25);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":\"other\","
			    "\"message\":\"%s\"}",
			    request, text));
}

/* The longest end that can follow when no note fits any more: dates that moved
 * every day, codes, an erasure that kept much, a message. */
static void
longest_end_has_room(void **state)
{
	static struct request_note notes[REQUEST_LIST_MAX];
	static struct request_dates past[REQUEST_LIST_MAX];
	static struct request_event events[REQUEST_EVENTS_OF_END];
	static struct id told[REQUEST_LIST_MAX];
	static struct request_kept kept[40];
	static struct request_erased erased[40];
	static char text[REQUEST_MESSAGE_BYTES_MAX + 1];
	static char name[POLICY_NAME_BYTES_MAX + 1];
	struct request r = {.notes = notes};
	struct buf row;

	(void)state;
	memset(text, 'n', sizeof(text) - 1);
	memset(name, 'n', sizeof(name) - 1);
	while (request_room(&r) == 0) {
		notes[r.n_notes++] = (struct request_note){.text = text};
	}
	r.past = past;
	r.events = events;
	r.told = told;
	r.kept = kept;
	r.erased = erased;
	r.message = text;
	for (; r.n_past < REQUEST_LIST_MAX; r.n_past++) {
		past[r.n_past].regime = name;
	}
	for (; r.n_events < REQUEST_EVENTS_OF_END; r.n_events++) {
		events[r.n_events].by = name;
		events[r.n_events].event = "challenged";
	}
	for (; r.n_kept < 40; r.n_kept++) {
		kept[r.n_kept].category = name;
		kept[r.n_kept].basis = "legal_hold";
	}
	for (; r.n_erased < 40; r.n_erased++) {
		erased[r.n_erased].category = name;
	}
	r.n_told = REQUEST_LIST_MAX;
	buf_init(&row, REQUEST_BODY_BYTES_MAX);
	assert_ok(request_pack(&r, &row));
	buf_clear(&row);
}

/* Word that somebody was told may come again and again: the rest of what was
 * kept is erased all the same. */
static void
ended_one_has_room_for_its_rest(void **state)
{
	static struct request_event events[REQUEST_LIST_MAX];
	struct request r = {.state = REQUEST_FULFILLED, .events = events};

	(void)state;
	while (r.n_events < REQUEST_LIST_MAX && request_room(&r) == 0) {
		events[r.n_events++].event = "notified";
	}
	assert_true(r.n_events > REQUEST_LIST_MAX / 2);
	assert_true(r.n_events < REQUEST_LIST_MAX);
}

/* Whole seconds are good enough to say when somebody was told. */
static void
told_in_the_second_of_receipt(void **state)
{
	char second[32];

	(void)state;
	core_env_advance(&env, 700 - env.clock.wall % MS_PER_SECOND);
	fresh("w10@example.com", "US");
	time_print(env.clock.wall - 700, second);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.confirm",
		    json_of("{\"request\":\"%s\",\"at\":\"%s\"}", request,
			    second));
	time_print(env.clock.wall - 701, second);
	core_env_refused(&env, ROLE_COMPLIANCE, "request.confirm",
			 json_of("{\"request\":\"%s\",\"at\":\"%s\"}",
				 request, second),
			 "invalid", "at");
}

static void
extension_is_the_regimes(void **state)
{
	(void)state;
	fresh("w2@example.com", "FR");
	core_env_refused(&env, ROLE_COMPLIANCE, "request.extend",
			 with_reason("laziness"), "invalid", "reason");
	core_env_ok(&env, ROLE_COMPLIANCE, "request.extend",
		    with_reason("complexity"));
	/* Received 2 March: the house's 90 days end before three months. */
	assert_string_equal(core_env_text(&env, "due_at"),
			    "2026-05-31T09:00:00.000Z");
	core_env_refused(&env, ROLE_COMPLIANCE, "request.extend",
			 with_reason("complexity"), "state", NULL);
	core_env_ok(&env, ROLE_SUPPORT, "request.submit",
		    "{\"type\":\"access\",\"identity\":{\"email\":"
		    "\"w2b@example.com\"},\"channel\":\"email\"}");
	(void)snprintf(request, sizeof(request), "%s",
		       core_env_text(&env, "request"));
	core_env_refused(&env, ROLE_COMPLIANCE, "request.extend",
			 with_reason("complexity"), "not_permitted", NULL);
}

static void
pause_moves_the_legal_date_alone(void **state)
{
	char before[64];

	(void)state;
	fresh("w3@example.com", "DE");
	core_env_ok(&env, ROLE_COMPLIANCE, "request.get",
		    json_of("{\"request\":\"%s\"}", request));
	(void)snprintf(before, sizeof(before), "%s",
		       core_env_text(&env, "legal_due_at"));
	core_env_refused(&env, ROLE_COMPLIANCE, "request.resume",
			 with_reason("x"), "state", NULL);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.pause",
		    with_reason("identity"));
	core_env_refused(&env, ROLE_COMPLIANCE, "request.pause",
			 with_reason("identity"), "state", NULL);
	core_env_advance(&env, 5 * MS_PER_DAY);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.resume",
		    with_reason("answered"));
	assert_true(strcmp(core_env_text(&env, "legal_due_at"), before) > 0);
	fresh("w3b@example.com", "US");
	core_env_refused(&env, ROLE_COMPLIANCE, "request.pause",
			 with_reason("identity"), "not_permitted", NULL);
}

static void
correction_moves_the_dates(void **state)
{
	(void)state;
	fresh("w4@example.com", "CH");
	core_env_refused(&env, ROLE_COMPLIANCE, "request.correct",
			 with_reason("typo"), "invalid", NULL);
	core_env_ok(&env, ROLE_COMPLIANCE, "request.correct",
		    json_of("{\"request\":\"%s\",\"reason\":\"post stamp\","
			    "\"received_at\":\"2025-01-01T00:00:00Z\"}",
			    request));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.list",
		    "{\"overdue\":true,\"limit\":1}");
	assert_string_equal(core_env_text(&env, "items.0.request"), request);
	core_env_refused(&env, ROLE_COMPLIANCE, "request.correct",
			 json_of("{\"request\":\"%s\",\"reason\":\"x\","
				 "\"regime\":\"moon\"}",
				 request),
			 "invalid", "regime");
}

static void
denial_ends_and_tells(void **state)
{
	(void)state;
	fresh("w5@example.com", "DE");
	core_env_refused(&env, ROLE_COMPLIANCE, "request.deny",
			 with_reason("mood"), "invalid", "reason");
	core_env_ok(&env, ROLE_COMPLIANCE, "request.deny",
		    json_of("{\"request\":\"%s\",\"reason\":"
			    "\"too_many_requests\",\"message\":\"sorry\"}",
			    request));
	assert_string_equal(core_env_text(&env, "state"), "denied");
	core_env_refused(&env, ROLE_COMPLIANCE, "request.deny",
			 with_reason("other"), "state", NULL);
	core_env_refused(&env, ROLE_COMPLIANCE, "request.revoke",
			 json_of("{\"request\":\"%s\"}", request), "state",
			 NULL);
	core_env_ok(&env, ROLE_PORTAL, "request.notified",
		    json_of("{\"request\":\"%s\",\"kind\":\"outcome\","
			    "\"at\":\"2026-03-07T09:00:00Z\"}",
			    request));
	core_env_ok(&env, ROLE_SUPPORT, "request.list",
		    "{\"state\":\"denied\"}");
	assert_string_equal(core_env_text(&env, "items.0.reason"),
			    "too_many_requests");
}

static void
confirmation_is_dated(void **state)
{
	(void)state;
	fresh("w6@example.com", "US");
	core_env_refused(&env, ROLE_PORTAL, "request.confirm",
			 json_of("{\"request\":\"%s\",\"at\":"
				 "\"2026-01-01T00:00:00Z\"}",
				 request),
			 "invalid", "at");
	core_env_ok(&env, ROLE_PORTAL, "request.confirm",
		    json_of("{\"request\":\"%s\",\"at\":"
			    "\"2026-03-07T09:00:00Z\"}",
			    request));
	core_env_ok(&env, ROLE_PORTAL, "request.revoke",
		    json_of("{\"request\":\"%s\"}", request));
	assert_string_equal(core_env_text(&env, "state"), "revoked");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_and_assignee_are_not_for_the_portal),
		cmocka_unit_test(extension_is_the_regimes),
		cmocka_unit_test(long_history_leaves_room_for_the_end),
		cmocka_unit_test(many_notes_leave_room_for_the_end),
		cmocka_unit_test(longest_end_has_room),
		cmocka_unit_test(ended_one_has_room_for_its_rest),
		cmocka_unit_test(told_in_the_second_of_receipt),
		cmocka_unit_test(pause_moves_the_legal_date_alone),
		cmocka_unit_test(correction_moves_the_dates),
		cmocka_unit_test(denial_ends_and_tells),
		cmocka_unit_test(confirmation_is_dated),
		cmocka_unit_test(paused_one_does_not_fall_due),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
