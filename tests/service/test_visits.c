/* Visits and shares through a whole core: answered once, kept over a restart,
 * counted, and what is published comes down. */

#include "policy/role.h"
#include "support/core_env.h"
#include "support/test.h"

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

static const char *
customer(struct core_env *e, char out[ID_TEXT_BYTES])
{
	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    "{\"birth_date\":\"1980-02-29\",\"country\":\"US\","
		    "\"contact\":{\"name\":\"Ada\","
		    "\"email\":\"ada@example.com\"},\"terms\":{"
		    "\"version\":\"1\","
		    "\"accepted_at\":\"2026-01-01T00:00:00Z\"}}");
	(void)snprintf(out, ID_TEXT_BYTES, "%s", core_env_text(e, "subject"));
	return out;
}

#define EVENT(page)                                                            \
	"{\"at\":\"2026-03-02T08:00:00Z\",\"ip\":\"::1\",\"user_agent\":"      \
	"\"Moz\",\"language\":\"en\",\"page\":\"" page "\","                   \
	"\"action\":\"view\"}"
#define READ "{\"visitor\":\"c-1\",\"purpose\":\"improve\",\"reason\":\"test\"}"
#define REPORT "{\"from\":\"2026-03-01\",\"to\":\"2026-03-03\"}"

static void
visits_are_kept_once_and_counted(void **state)
{
	struct core_env *e = *state;
	struct id id = id_new(e->clock.wall, &e->keys.entropy.base);
	const char *two = "{\"visitor\":\"c-1\",\"events\":[" EVENT(
		"/a") "," EVENT("/b") "]}";
	char subject[ID_TEXT_BYTES];

	core_env_call_id(e, ROLE_PORTAL, "visit.append", &id, two);
	assert_string_equal(e->status, "ok");
	core_env_call_id(e, ROLE_PORTAL, "visit.append", &id, two);
	assert_int_equal(core_env_number(e, "accepted"), 2);
	core_env_ok(e, ROLE_COMPLIANCE, "report.navigation", REPORT);
	assert_int_equal(core_env_number(e, "views"), 2);
	core_env_advance(e, MS_PER_MINUTE);
	core_env_restart(e);
	core_env_ok(e, ROLE_COMPLIANCE, "report.navigation", REPORT);
	assert_int_equal(core_env_number(e, "views"), 2);
	core_env_ok(e, ROLE_PORTAL, "visit.read", READ);
	assert_string_equal(core_env_text(e, "records.1.page"), "/b");
	assert_null(core_env_at(e, "records.2"));
	core_env_ok(e, ROLE_PORTAL, "visit.identify",
		    json_of("{\"visitor\":\"c-1\",\"subject\":\"%s\"}",
			    customer(e, subject)));
	core_env_ok(e, ROLE_PORTAL, "visit.read",
		    json_of("{\"subject\":\"%s\",\"purpose\":\"improve\","
			    "\"reason\":\"test\"}",
			    subject));
	assert_string_equal(core_env_text(e, "records.0.page"), "/a");
}

static void
a_share_repeated_is_one_share(void **state)
{
	struct core_env *e = *state;
	struct id id = id_new(e->clock.wall, &e->keys.entropy.base);
	char subject[ID_TEXT_BYTES];
	const char *give = json_of(
		"{\"subject\":\"%s\",\"recipient\":\"contact-provider\","
		"\"purpose\":\"service\",\"categories\":[\"contact\"],"
		"\"fields\":[\"email\"]}",
		customer(e, subject));
	char share[ID_TEXT_BYTES];

	core_env_call_id(e, ROLE_BILLING, "share.record", &id, give);
	assert_string_equal(core_env_text(e, "data.contact.email"),
			    "ada@example.com");
	(void)snprintf(share, sizeof(share), "%s", core_env_text(e, "share"));
	core_env_call_id(e, ROLE_BILLING, "share.record", &id, give);
	assert_string_equal(core_env_text(e, "share"), share);
	core_env_refused(
		e, ROLE_BILLING, "share.record",
		json_of("{\"subject\":\"%s\",\"recipient\":\"court\","
			"\"purpose\":\"legal\",\"categories\":[\"contact\"],"
			"\"fields\":[\"email\"]}",
			subject),
		"not_permitted", NULL);
	assert_string_equal(core_env_text(e, "reason"), "no_basis");
	core_env_ok(e, ROLE_AUDITOR, "share.list",
		    json_of("{\"subject\":\"%s\"}", subject));
	assert_string_equal(core_env_text(e, "items.0.share"), share);
	assert_null(core_env_at(e, "items.1"));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(visits_are_kept_once_and_counted),
		T(a_share_repeated_is_one_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
