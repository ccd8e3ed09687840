/* request.submit and request.list through a whole core. */

#include "people.h"

static void
answers_dates(void **state)
{
	char subject[40];

	(void)state;
	customer("ada@example.com", "DE", subject);
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"access\",\"subject\":\"%s\","
			    "\"channel\":\"post\",\"received_at\":"
			    "\"2026-01-30T10:00:00Z\"}",
			    subject));
	assert_string_equal(core_env_text(&env, "state"), "open");
	assert_string_equal(core_env_text(&env, "regime"), "gdpr");
	assert_string_equal(core_env_text(&env, "received_at"),
			    "2026-01-30T10:00:00.000Z");
	/* 28 February 2026 is a Saturday. */
	assert_string_equal(core_env_text(&env, "due_at"),
			    "2026-03-02T22:59:59.999Z");
	assert_string_equal(core_env_text(&env, "legal_due_at"),
			    "2026-03-02T22:59:59.999Z");
}

static void
house_alone_counts_ninety_days(void **state)
{
	(void)state;
	core_env_ok(&env, ROLE_SUPPORT, "request.submit",
		    "{\"type\":\"delete\",\"identity\":{\"email\":"
		    "\"nobody@example.com\"},\"channel\":\"email\","
		    "\"received_at\":\"2026-01-01T00:00:00Z\"}");
	assert_string_equal(core_env_text(&env, "due_at"),
			    "2026-04-01T00:00:00.000Z");
	assert_null(core_env_at(&env, "legal_due_at"));
}

static void
given_regime_only_shortens(void **state)
{
	char first[64];
	char subject[40];

	(void)state;
	customer("gb@example.com", "GB", subject);
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"access\",\"subject\":\"%s\","
			    "\"channel\":\"portal\"}",
			    subject));
	(void)snprintf(first, sizeof(first), "%s",
		       core_env_text(&env, "due_at"));
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"access\",\"subject\":\"%s\","
			    "\"channel\":\"portal\",\"regime\":\"ccpa\"}",
			    subject));
	assert_string_equal(core_env_text(&env, "due_at"), first);
}

static void
same_again_answers_the_first(void **state)
{
	const char *body = "{\"type\":\"access\",\"identity\":{\"email\":"
			   "\"Twice@Example.com\"},\"channel\":\"email\"}";
	char first[40];

	(void)state;
	core_env_ok(&env, ROLE_PORTAL, "request.submit", body);
	(void)snprintf(first, sizeof(first), "%s",
		       core_env_text(&env, "request"));
	core_env_ok(&env, ROLE_SUPPORT, "request.submit",
		    "{\"channel\":\"email\",\"type\":\"access\",\"identity\":{"
		    "\"email\":\"twice@example.com\"}}");
	assert_string_equal(core_env_text(&env, "request"), first);
	core_env_ok(&env, ROLE_SUPPORT, "request.submit",
		    "{\"channel\":\"phone\",\"type\":\"access\",\"identity\":{"
		    "\"email\":\"twice@example.com\"}}");
	assert_string_not_equal(core_env_text(&env, "request"), first);
	assert_string_equal(core_env_text(&env, "duplicate_of"), first);
	core_env_ok(&env, ROLE_SUPPORT, "request.submit",
		    "{\"channel\":\"phone\",\"type\":\"delete\",\"identity\":{"
		    "\"email\":\"twice@example.com\"}}");
	assert_null(core_env_at(&env, "duplicate_of"));
}

static void
identity_and_subject_are_one_person(void **state)
{
	char subject[40];
	char first[40];

	(void)state;
	customer("both@example.com", "US", subject);
	submit("access", subject, first);
	core_env_advance(&env, 5);
	core_env_ok(&env, ROLE_SUPPORT, "request.submit",
		    "{\"channel\":\"email\",\"type\":\"access\",\"identity\":{"
		    "\"email\":\" BOTH@example.com \"}}");
	assert_string_equal(core_env_text(&env, "duplicate_of"), first);
	core_env_ok(&env, ROLE_SUPPORT, "request.list",
		    "{\"identity\":{\"email\":\"both@example.com\"}}");
	assert_string_equal(core_env_text(&env, "items.0.request"), first);
	assert_string_equal(core_env_text(&env, "items.1.subject"), subject);
	assert_null(core_env_at(&env, "items.2"));
	core_env_refused(&env, ROLE_SUPPORT, "request.list",
			 json_of("{\"subject\":\"%s\",\"identity\":{"
				 "\"email\":\"both@example.com\"}}",
				 subject),
			 "invalid", "identity");
}

static void
ask(const char *email, char out[40])
{
	core_env_ok(&env, ROLE_PORTAL, "inquiry.record",
		    json_of("{\"contact\":{\"name\":\"P\",\"email\":\"%s\"},"
			    "\"interest\":\"fax\",\"message\":\"How?\"}",
			    email));
	(void)snprintf(out, 40, "%s", core_env_text(&env, "subject"));
}

static const char *
matched(const char *email, const char *more)
{
	core_env_ok(&env, ROLE_SUPPORT, "request.submit",
		    json_of("{\"channel\":\"email\",\"type\":\"access\","
			    "\"identity\":{\"email\":\"%s\"}%s}",
			    email, more));
	core_env_ok(&env, ROLE_COMPLIANCE, "request.get",
		    json_of("{\"request\":\"%s\"}",
			    core_env_text(&env, "request")));
	return core_env_at(&env, "subject") == NULL
		       ? ""
		       : core_env_text(&env, "subject");
}

static void
who_asked_and_registered_is_found_whole(void **state)
{
	char asked[40];
	char id[40];

	(void)state;
	ask("one@example.com", asked);
	ask("one@example.com", id);
	assert_string_equal(matched("one@example.com", ""), asked);
	customer("one@example.com", "US", id);
	assert_string_equal(id, asked);
	assert_string_equal(matched("one@example.com",
				    ",\"country\":\"DE\""),
			    asked);

	/* A customer takes an address that somebody had asked with: theirs. */
	ask("moved@example.com", asked);
	customer("home@example.com", "US", id);
	core_env_ok(&env, ROLE_PORTAL, "subject.write",
		    json_of("{\"subject\":\"%s\",\"category\":\"contact\","
			    "\"data\":{\"name\":\"A\",\"email\":"
			    "\"moved@example.com\"}}",
			    id));
	assert_string_equal(matched("moved@example.com", ""), id);
}

static void
guardian_speaks_for_the_child(void **state)
{
	const char *acting =
		",\"acting\":{\"kind\":\"guardian\",\"name\":\"Annabella\","
		"\"email\":\"annabella@example.com\",\"evidence\":{"
		"\"method\":\"form\",\"reference\":\"G-1\",\"at\":"
		"\"2026-02-01T00:00:00Z\"}}";
	char child[40];
	char id[40];

	(void)state;
	core_env_ok(&env, ROLE_PORTAL, "subject.register",
		    "{\"birth_date\":\"2011-05-17\",\"country\":\"US\","
		    "\"contact\":{\"name\":\"Ada\",\"email\":"
		    "\"younger@example.com\"},\"guardian\":{\"name\":\"Annabella\","
		    "\"email\":\"annabella@example.com\",\"relation\":"
		    "\"mother\",\"evidence\":{\"method\":\"form\","
		    "\"reference\":\"G-1\",\"at\":\"2026-02-01T00:00:00Z\"}},"
		    "\"terms\":{\"version\":\"1\",\"accepted_at\":"
		    "\"2026-01-01T00:00:00Z\"}}");
	(void)snprintf(child, sizeof(child), "%s",
		       core_env_text(&env, "subject"));
	assert_string_equal(matched("annabella@example.com", acting), child);
	/* The code goes to whom it has to tell apart. */
	core_env_ok(&env, ROLE_PORTAL, "request.challenge",
		    json_of("{\"request\":\"%s\"}",
			    core_env_text(&env, "request")));
	assert_string_equal(core_env_text(&env, "deliver_to.email"),
			    "annabella@example.com");
	/* She is a customer herself: it is still about the child. */
	customer("annabella@example.com", "US", id);
	core_env_advance(&env, 5);
	assert_string_equal(matched("annabella@example.com", acting), child);
	assert_string_equal(matched("annabella@example.com", ""), id);
	assert_string_equal(matched("younger@example.com", acting), child);
}

static void
refusals_name_the_member(void **state)
{
	static const struct {
		const char *body;
		const char *status;
		const char *field;
	} rows[] = {
		{"{\"type\":\"access\",\"channel\":\"portal\"}", "invalid",
		 "identity"},
		{"{\"type\":\"access\",\"channel\":\"portal\",\"identity\":{}}",
		 "invalid", "identity"},
		{"{\"type\":\"access\",\"channel\":\"portal\",\"identity\":{"
		 "\"email\":\"a@b.org\"},\"country\":\"DE\",\"region\":"
		 "\"US-CA\"}",
		 "invalid", "region"},
		/* No secret can be shared with this point. */
		{"{\"type\":\"access\",\"channel\":\"portal\",\"identity\":{"
		 "\"email\":\"a@b.org\"},\"reply_key\":"
		 "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}",
		 "invalid", "reply_key"},
		{"{\"type\":\"erase\",\"channel\":\"portal\",\"identity\":{"
		 "\"email\":\"a@b.example\"}}",
		 "invalid", "type"},
		{"{\"type\":\"access\",\"channel\":\"fax\",\"identity\":{"
		 "\"email\":\"a@b.example\"}}",
		 "invalid", "channel"},
		{"{\"type\":\"access\",\"channel\":\"portal\",\"identity\":{"
		 "\"email\":\"a@b.example\"},\"regime\":\"moon\"}",
		 "invalid", "regime"},
		{"{\"type\":\"access\",\"channel\":\"portal\",\"identity\":{"
		 "\"email\":\"a@b.example\"},\"received_at\":"
		 "\"2020-01-01T00:00:00Z\"}",
		 "invalid", "received_at"},
		{"{\"type\":\"access\",\"channel\":\"portal\",\"identity\":{"
		 "\"email\":\"a@b.example\"},\"received_at\":"
		 "\"2031-01-01T00:00:00Z\"}",
		 "invalid", "received_at"},
		{"{\"type\":\"access\",\"channel\":\"portal\",\"identity\":{"
		 "\"email\":\"a@b.example\"},\"reply_key\":\"AAAA\"}",
		 "invalid", "reply_key"},
		{"{\"type\":\"change\",\"channel\":\"portal\",\"identity\":{"
		 "\"email\":\"a@b.example\"}}",
		 "invalid", "change"},
		{"{\"type\":\"change\",\"channel\":\"portal\",\"identity\":{"
		 "\"email\":\"a@b.example\"},\"change\":{\"category\":"
		 "\"moods\",\"data\":{}}}",
		 "invalid", "change.category"},
		{"{\"type\":\"change\",\"channel\":\"portal\",\"identity\":{"
		 "\"email\":\"a@b.example\"},\"change\":{\"category\":"
		 "\"contact\",\"data\":{\"shoe\":\"44\"}}}",
		 "invalid", "change.data.shoe"},
		{"{\"type\":\"access\",\"channel\":\"portal\",\"subject\":"
		 "\"0190a000-0000-7000-8000-000000000000\"}",
		 "not_found", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		core_env_refused(&env, ROLE_PORTAL, "request.submit",
				 rows[i].body, rows[i].status, rows[i].field);
	}
}

static void
floods_are_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		core_env_ok(&env, ROLE_PORTAL, "request.submit",
			    json_of("{\"type\":\"access\",\"identity\":{"
				    "\"email\":\"flood@example.com\"},"
				    "\"channel\":\"email\",\"received_at\":"
				    "\"2026-02-01T00:00:%02dZ\"}",
				    i));
	}
	core_env_refused(&env, ROLE_PORTAL, "request.submit",
			 "{\"type\":\"access\",\"identity\":{\"email\":"
			 "\"flood@example.com\"},\"channel\":\"phone\"}",
			 "too_many", NULL);
	core_env_ok(&env, ROLE_PORTAL, "request.submit",
		    "{\"type\":\"access\",\"identity\":{\"email\":"
		    "\"flood@example.com\"},\"channel\":\"email\","
		    "\"received_at\":\"2026-02-01T00:00:07Z\"}");
}

static void
list_sorts_and_pages(void **state)
{
	char last[64] = "";
	size_t n = 0;
	char next[64] = "";

	(void)state;
	for (int i = 0; i < 5; i++) {
		core_env_ok(&env, ROLE_SUPPORT, "request.submit",
			    json_of("{\"type\":\"access\",\"identity\":{"
				    "\"email\":\"p%d@example.com\"},"
				    "\"channel\":\"agent\",\"received_at\":"
				    "\"2026-02-%02dT00:00:00Z\"}",
				    i, 20 - 3 * i));
	}
	do {
		core_env_ok(&env, ROLE_AUDITOR, "request.list",
			    next[0] == '\0'
				    ? "{\"channel\":\"agent\",\"limit\":2}"
				    : json_of("{\"channel\":\"agent\","
					      "\"limit\":2,\"cursor\":\"%s\"}",
					      next));
		for (int i = 0; core_env_at(&env, json_of("items.%d", i)) !=
				NULL;
		     i++) {
			const char *due = core_env_text(
				&env, json_of("items.%d.due_at", i));

			assert_true(strcmp(last, due) < 0);
			(void)snprintf(last, sizeof(last), "%s", due);
			n++;
		}
		next[0] = '\0';
		if (core_env_at(&env, "next") != NULL) {
			(void)snprintf(next, sizeof(next), "%s",
				       core_env_text(&env, "next"));
		}
	} while (next[0] != '\0');
	assert_int_equal(n, 5);
	core_env_ok(&env, ROLE_AUDITOR, "request.list",
		    "{\"channel\":\"agent\",\"sort\":\"-received_at\","
		    "\"limit\":1}");
	assert_string_equal(core_env_text(&env, "items.0.received_at"),
			    "2026-02-20T00:00:00.000Z");
	core_env_refused(&env, ROLE_AUDITOR, "request.list",
			 "{\"cursor\":\"zz\"}", "invalid", "cursor");
	core_env_refused(&env, ROLE_AUDITOR, "request.list", "{\"limit\":0}",
			 "invalid", "limit");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_dates),
		cmocka_unit_test(house_alone_counts_ninety_days),
		cmocka_unit_test(given_regime_only_shortens),
		cmocka_unit_test(same_again_answers_the_first),
		cmocka_unit_test(identity_and_subject_are_one_person),
		cmocka_unit_test(who_asked_and_registered_is_found_whole),
		cmocka_unit_test(guardian_speaks_for_the_child),
		cmocka_unit_test(refusals_name_the_member),
		cmocka_unit_test(floods_are_refused),
		cmocka_unit_test(list_sorts_and_pages),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
