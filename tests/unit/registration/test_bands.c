/* registration/bands: minors grow up, and what was kept for it goes. */

#include "support/test.h"

#include "registration/bands.h"
#include "registration/find.h"
#include "registration/register.h"
#include "support/call_env.h"
#include "vault/subject.h"

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

static unsigned
advance(void)
{
	unsigned steps = 0;
	bool more;

	do {
		struct call *c = call_env_begin(&env, ROLE_INTERNAL);

		assert_ok(call_env_end(&env,
				       registration_advance_bands(c, &more)));
		steps++;
	} while (more);
	return steps;
}

static void
head(const char *id, struct subject *out)
{
	struct vault v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	struct subject *s;
	struct id subject;

	assert_ok(id_parse(id, &subject));
	assert_ok(subject_load(&v, subject, &s));
	*out = *s;
	(void)call_env_end(&env, 0);
}

static void
minor_grows_up(void **state)
{
	char id[ID_TEXT_BYTES];
	struct subject s;

	(void)state;
	assert_ok(call_env_run(
		&env, ROLE_PORTAL, CALL_OP(subject_register),
		"{\"birth_date\":\"2010-12-31\",\"country\":\"DE\","
		"\"contact\":{\"name\":\"K\",\"email\":\"k@example.com\"},"
		"\"guardian\":{\"name\":\"G\",\"email\":\"g@example.com\","
		"\"relation\":\"father\",\"evidence\":{\"method\":\"form\","
		"\"reference\":\"1\",\"at\":\"2026-11-20T00:00:00Z\"}},"
		"\"terms\":{\"version\":\"1\",\"accepted_at\":"
		"\"2026-11-20T00:00:00Z\"}}"));
	(void)snprintf(id, sizeof(id), "%s", call_env_text(&env, "subject"));
	(void)advance();
	head(id, &s);
	assert_int_equal(s.band, BAND_13_15);

	call_env_advance(&env, 40 * MS_PER_DAY); /* January 2027 */
	assert_int_equal(advance(), 1);
	head(id, &s);
	assert_int_equal(s.band, BAND_16_17);
	assert_true(s.has_guardian);
	assert_int_equal(call_env_leaves(&env, LEAF_ADULTHOOD), 0);

	call_env_advance(&env, 730 * MS_PER_DAY); /* January 2029 */
	(void)advance();
	head(id, &s);
	assert_int_equal(s.standing, STANDING_ADULT);
	assert_int_equal(s.band, BAND_ADULT);
	assert_false(s.has_guardian);
	assert_int_equal(call_env_leaves(&env, LEAF_ADULTHOOD), 1);
	assert_ok(call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_find),
			       "{\"email\":\"k@example.com\"}"));
	assert_string_equal(call_env_text(&env, "subjects.0.standing"),
			    "adult");
	/* Once a month: a second walk finds nothing to do. */
	(void)advance();
	assert_int_equal(call_env_leaves(&env, LEAF_ADULTHOOD), 1);
}

static void
walk_is_in_steps(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		assert_ok(call_env_run(
			&env, ROLE_PORTAL, CALL_OP(subject_register),
			"{\"birth_date\":\"2011-05-31\",\"country\":\"US\","
			"\"contact\":{\"name\":\"K\",\"email\":"
			"\"k%u@example.com\"},\"legal_capacity\":"
			"{\"stipulated\":true,\"at\":"
			"\"2026-11-20T00:00:00Z\"},"
			"\"terms\":{\"version\":\"1\",\"accepted_at\":"
			"\"2026-11-20T00:00:00Z\"}}",
			i));
	}
	call_env_advance(&env, 365 * MS_PER_DAY);
	assert_in_range(advance(), 3, 10);
	assert_int_equal(call_env_leaves(&env, LEAF_ADULTHOOD), 51);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minor_grows_up),
		cmocka_unit_test(walk_is_in_steps),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
