/* registration/consent: whose word stands, and for what. */

#include "support/test.h"

#include "registration/consent.h"
#include "registration/read.h"
#include "registration/register.h"
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

#define EVIDENCE                                                               \
	",\"evidence\":{\"method\":\"form\",\"reference\":\"F-1\","            \
	"\"at\":\"2026-11-20T00:00:00Z\"}"

static int
set(const char *id, const char *purpose, bool granted, const char *more)
{
	return call_env_run(&env, ROLE_PORTAL, consent_set,
			    &consent_set_in_table, NULL,
			    "{\"subject\":\"%s\",\"purpose\":\"%s\","
			    "\"granted\":%s%s}",
			    id, purpose, granted ? "true" : "false", more);
}

static bool
stands(const char *id, const char *purpose)
{
	struct vault v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	struct subject *s;
	struct id subject;
	bool out;

	assert_ok(id_parse(id, &subject));
	assert_ok(subject_load(&v, subject, &s));
	assert_ok(consent_stands(&v, s, purpose, &out));
	(void)call_env_end(&env, 0);
	return out;
}

static void
newest_word_counts(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "newest@example.com", id);
	assert_false(stands(id, "offer:headset"));
	assert_ok(set(id, "offer:headset", true, ""));
	assert_true(stands(id, "offer:headset"));
	assert_false(stands(id, "publish"));
	assert_ok(set(id, "publish", true, EVIDENCE));
	assert_ok(set(id, "offer:headset", false, ""));
	assert_false(stands(id, "offer:headset"));
	assert_true(stands(id, "publish"));
	assert_ok(call_env_run(&env, ROLE_SUPPORT, CALL_OP(consent_list),
			       "{\"subject\":\"%s\"}", id));
	assert_int_equal(call_env_count(&env, "items"), 2);
	assert_int_equal(call_env_leaves(&env, LEAF_CONSENT), 3);
	/* In no order: by ids, which are random. */
	if (strcmp(call_env_text(&env, "items.0.purpose"), "publish") == 0) {
		assert_string_equal(
			call_env_text(&env, "items.0.evidence.reference"),
			"F-1");
		assert_false(call_env_bool(&env, "items.1.granted"));
	} else {
		assert_string_equal(
			call_env_text(&env, "items.1.evidence.reference"),
			"F-1");
		assert_false(call_env_bool(&env, "items.0.granted"));
	}
}

static int
read_for(const char *id, const char *purpose)
{
	return call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_read),
			    "{\"subject\":\"%s\",\"purpose\":\"%s\","
			    "\"reason\":\"a test\"}",
			    id, purpose);
}

/* What rests on legitimate interests ends with an objection, what the contract
 * needs does not. */
static void
objection_ends_the_purpose(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "objects@example.com", id);
	assert_ok(read_for(id, "personalise"));
	assert_ok(set(id, "personalise", false, ""));
	assert_err(ERR_NOT_PERMITTED, read_for(id, "personalise"));
	assert_string_equal(env.refusal.field, "purpose");
	assert_ok(set(id, "service", false, ""));
	assert_ok(read_for(id, "service"));
	assert_ok(set(id, "personalise", true, ""));
	assert_ok(read_for(id, "personalise"));
}

static void
unknown_purpose_is_named(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "unknown@example.com", id);
	assert_err(ERR_INVALID, set(id, "sell", true, ""));
	assert_string_equal(env.refusal.field, "purpose");
	assert_err(ERR_INVALID, set(id, "offer:nothing", true, ""));
}

static void
under_16_the_guardian_speaks(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	assert_ok(call_env_run(
		&env, ROLE_PORTAL, CALL_OP(subject_register),
		"{\"birth_date\":\"2012-05-05\",\"country\":\"US\","
		"\"contact\":{\"name\":\"K\",\"email\":\"k@example.com\"},"
		"\"legal_capacity\":{\"stipulated\":true,\"at\":"
		"\"2026-11-20T00:00:00Z\"},\"terms\":{\"version\":\"1\","
		"\"accepted_at\":\"2026-11-20T00:00:00Z\"}}"));
	(void)snprintf(id, sizeof(id), "%s", call_env_text(&env, "subject"));
	assert_err(ERR_CONSENT_REQUIRED, set(id, "offer:headset", true, ""));
	assert_string_equal(env.refusal.field, "evidence");
	assert_false(stands(id, "offer:headset"));
	assert_ok(set(id, "offer:headset", true, EVIDENCE));
	assert_true(stands(id, "offer:headset"));
	/* The child may withdraw alone. */
	assert_ok(set(id, "offer:headset", false, ""));
	assert_false(stands(id, "offer:headset"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_word_counts),
		cmocka_unit_test(objection_ends_the_purpose),
		cmocka_unit_test(unknown_purpose_is_named),
		cmocka_unit_test(under_16_the_guardian_speaks),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
