/* request/takedown: what was published comes down when consent goes. */

#include "support/test.h"

#include "registration/write.h"
#include "request/notice.h"
#include "request/takedown.h"
#include "sharing/record.h"
#include "support/call_env.h"

static struct call_env env;
static char customer[ID_TEXT_BYTES];

static int
open_env(void **state)
{
	(void)state;
	call_env_open(&env);
	call_env_customer(&env, "ada@example.com", customer);
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
set(const char *purpose, const char *granted)
{
	assert_ok(call_env_run(&env, ROLE_PORTAL, consent_set_told,
			       &consent_set_in_table, NULL,
			       "{\"subject\":\"%s\",\"purpose\":\"%s\","
			       "\"granted\":%s}",
			       customer, purpose, granted));
}

static void
publish(void)
{
	assert_ok(call_env_run(
		&env, ROLE_PORTAL, CALL_OP(subject_write),
		"{\"subject\":\"%s\",\"category\":\"publication\",\"data\":{"
		"\"kind\":\"testimonial\",\"text\":\"fine\"}}",
		customer));
	assert_ok(call_env_run(
		&env, ROLE_PORTAL, CALL_OP(share_record),
		"{\"subject\":\"%s\",\"recipient\":\"testimonials\","
		"\"purpose\":\"publish\",\"categories\":[\"publication\"],"
		"\"fields\":[\"text\"]}",
		customer));
}

static size_t
notices(void)
{
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(notice_list),
			       "{}"));
	return call_env_count(&env, "items");
}

static void
withdrawal_makes_one_notice_with_its_shares(void **state)
{
	(void)state;
	set("publish", "true");
	publish();
	assert_int_equal(notices(), 0);
	set("offer:headset", "false");
	assert_int_equal(notices(), 0);
	set("publish", "false");
	assert_int_equal(notices(), 1);
	assert_string_equal(call_env_text(&env, "items.0.about"), "take_down");
	assert_string_equal(call_env_text(&env, "items.0.recipient"),
			    "testimonials");
	assert_int_equal(call_env_count(&env, "items.0.shares"), 1);
	/* Again: it did not stand any more. */
	set("publish", "false");
	assert_int_equal(notices(), 1);
}

static void
nothing_published_needs_no_notice(void **state)
{
	(void)state;
	set("publish", "true");
	set("publish", "false");
	assert_int_equal(notices(), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_env, close_env)
	const struct CMUnitTest tests[] = {
		T(withdrawal_makes_one_notice_with_its_shares),
		T(nothing_published_needs_no_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
