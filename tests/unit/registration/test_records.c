/* registration/write and read: what may be written, who sees what of it. */

#include "support/test.h"

#include "registration/consent.h"
#include "registration/read.h"
#include "registration/register.h"
#include "registration/write.h"
#include "support/call_env.h"
#include "vault/hold_mark.h"

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

static int
put(const char *subject, const char *category, const char *data,
    const char *more)
{
	return call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_write),
			    "{\"subject\":\"%s\",\"category\":\"%s\","
			    "\"data\":%s%s}",
			    subject, category, data, more);
}

static int
get(unsigned role, const char *purpose, const char *more)
{
	return call_env_run(&env, role, CALL_OP(subject_read),
			    "{\"subject\":\"%s\",\"purpose\":\"%s\","
			    "\"reason\":\"a test\"%s}",
			    customer, purpose, more);
}

static void
write_answers_version_and_end(void **state)
{
	char record[ID_TEXT_BYTES];
	char more[80];

	(void)state;
	assert_ok(put(customer, "preferences", "{\"language\":\"en-GB\"}", ""));
	assert_int_equal(call_env_int(&env, "version"), 1);
	assert_null(call_env_get(&env, "expires_at"));
	(void)snprintf(record, sizeof(record), "%s",
		       call_env_text(&env, "record"));
	assert_ok(put(customer, "preferences", "{\"language\":\"de\"}", ""));
	assert_int_equal(call_env_int(&env, "version"), 2);
	assert_string_equal(call_env_text(&env, "record"), record);

	assert_ok(
		put(customer, "usage", "{\"kind\":\"call\",\"units\":3}", ""));
	assert_string_equal(call_env_text(&env, "expires_at") + 10,
			    "T07:00:00.000Z");
	(void)snprintf(more, sizeof(more), ",\"record\":\"%s\"",
		       call_env_text(&env, "record"));
	assert_ok(put(customer, "usage", "{\"kind\":\"text\"}", more));
	assert_int_equal(call_env_int(&env, "version"), 2);
	/* A record of another category is none. */
	assert_err(ERR_NOT_FOUND,
		   put(customer, "content", "{\"text\":\"x\"}", more));
	assert_string_equal(env.refusal.field, "record");
	assert_true(env.call.reply_slot != SLOT_NONE);
}

static void
wrong_writes_name_the_member(void **state)
{
	static const struct {
		const char *category;
		const char *data;
		const char *more;
		const char *field;
	} rows[] = {
		{"secrets", "{\"a\":1}", "", "category"},
		{"consent", "{\"purpose\":\"x\",\"granted\":true}", "",
		 "category"},
		{"billing", "{\"cvv\":\"123\"}", "", "data.cvv"},
		{"billing", "{\"card_number\":\"4111111111111112\"}", "",
		 "data.card_number"},
		{"qualification",
		 "{\"financial\":\"card 4111-1111-1111-1111 ok\"}", "",
		 "data.financial"},
		{"preferences", "[]", "", "data"},
		{"preferences", "{\"language\":\"de\"}",
		 ",\"collected_with\":\"nobody\"", "collected_with"},
		{"preferences", "{\"language\":\"de\"}", ",\"extra\":1",
		 "extra"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_err(ERR_INVALID, put(customer, rows[i].category,
					    rows[i].data, rows[i].more));
		assert_string_equal(env.refusal.field, rows[i].field);
	}
	assert_err(ERR_NOT_FOUND,
		   put("00000000-0000-7000-8000-000000000000", "preferences",
		       "{\"language\":\"de\"}", ""));
}

static void
address_of_another_customer_is_refused(void **state)
{
	char other[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "other@example.com", other);
	assert_err(ERR_EXISTS,
		   put(other, "contact",
		       "{\"name\":\"B\",\"email\":\"ADA@example.com\"}", ""));
	assert_string_equal(env.refusal.field, "data.email");
	/* One's own stays one's own. */
	assert_ok(put(other, "contact",
		      "{\"name\":\"B\",\"email\":\"other@example.com\"}", ""));
}

static void
card_comes_out_whole_for_payment_alone(void **state)
{
	(void)state;
	assert_ok(put(customer, "billing",
		      "{\"name\":\"Ada\",\"card_number\":"
		      "\"4111 1111 1111 1111\",\"card_expiry\":\"2029-01\"}",
		      ""));
	assert_ok(get(ROLE_BILLING, "collect_payment",
		      ",\"categories\":[\"billing\"]"));
	assert_string_equal(call_env_text(&env, "records.0.data.card_number"),
			    "4111 1111 1111 1111");
	assert_ok(
		get(ROLE_SUPPORT, "service", ",\"categories\":[\"billing\"]"));
	assert_string_equal(call_env_text(&env, "records.0.data.card_number"),
			    "1111");
	assert_string_equal(call_env_text(&env, "records.0.category"),
			    "billing");
	assert_ok(get(ROLE_BILLING, "qualify",
		      ",\"categories\":[\"billing\",\"contact\"]"));
	assert_string_equal(call_env_text(&env, "records.0.data.card_number"),
			    "1111");
	/* Only the fields of the purpose. */
	assert_non_null(call_env_get(&env, "records.1.data.name"));
	assert_null(call_env_get(&env, "records.1.data.email"));
}

static void
purpose_role_and_ticket_decide(void **state)
{
	(void)state;
	assert_ok(put(customer, "content", "{\"text\":\"hosted\"}", ""));
	assert_err(ERR_INVALID, get(ROLE_PORTAL, "curiosity", ""));
	assert_string_equal(env.refusal.field, "purpose");
	assert_err(ERR_INVALID,
		   get(ROLE_PORTAL, "service", ",\"categories\":[\"x\"]"));
	assert_string_equal(env.refusal.field, "categories");
	assert_err(ERR_NOT_PERMITTED, get(ROLE_SUPPORT, "collect_payment", ""));
	assert_err(ERR_NOT_PERMITTED, get(ROLE_PORTAL, "contact_inquiry",
					  ",\"categories\":[\"billing\"]"));
	assert_err(ERR_NOT_PERMITTED, get(ROLE_SUPPORT, "support_request",
					  ",\"categories\":[\"content\"]"));
	assert_string_equal(env.refusal.field, "ticket");
	assert_ok(get(ROLE_SUPPORT, "support_request",
		      ",\"categories\":[\"content\"],\"ticket\":\"T-1\""));
	assert_int_equal(call_env_count(&env, "records"), 1);
	assert_string_equal(call_env_text(&env, "records.0.data.text"),
			    "hosted");
	/* Without naming it, content is simply not shown. */
	assert_ok(get(ROLE_SUPPORT, "support_request", ""));
	for (size_t i = 0; i < call_env_count(&env, "records"); i++) {
		char path[40];

		(void)snprintf(path, sizeof(path), "records.%zu.category", i);
		assert_string_not_equal(call_env_text(&env, path), "content");
	}
}

static void
publishing_wants_consent(void **state)
{
	(void)state;
	assert_ok(put(customer, "publication",
		      "{\"kind\":\"testimonial\",\"text\":\"Good.\"}", ""));
	assert_err(ERR_CONSENT_REQUIRED, get(ROLE_PORTAL, "publish", ""));
	assert_ok(call_env_run(&env, ROLE_PORTAL, consent_set,
			       &consent_set_in_table, NULL,
			       "{\"subject\":\"%s\",\"purpose\":\"publish\","
			       "\"granted\":true}",
			       customer));
	assert_ok(get(ROLE_PORTAL, "publish", ""));
	assert_int_equal(call_env_count(&env, "records"), 1);
}

static void
every_reading_has_a_leaf(void **state)
{
	size_t before = call_env_leaves(&env, LEAF_READ);

	(void)state;
	assert_ok(get(ROLE_PORTAL, "service",
		      ",\"categories\":[\"contact\",\"account\"]"));
	assert_int_equal(call_env_leaves(&env, LEAF_READ), before + 2);
	assert_err(ERR_NOT_PERMITTED, get(ROLE_SUPPORT, "collect_payment", ""));
	assert_int_equal(call_env_leaves(&env, LEAF_READ), before + 3);
	assert_ok(
		get(ROLE_PORTAL, "service", ",\"categories\":[\"guardian\"]"));
	assert_int_equal(call_env_count(&env, "records"), 0);
	assert_int_equal(call_env_leaves(&env, LEAF_READ), before + 4);
}

static void
pages_follow_each_other(void **state)
{
	char next[120] = "";
	size_t n = 0;
	unsigned pages = 0;

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		call_env_advance(&env, 1);
		assert_ok(put(customer, "publication",
			      "{\"kind\":\"post\",\"text\":\"p\"}", ""));
	}
	do {
		char more[200];

		(void)snprintf(more, sizeof(more),
			       ",\"categories\":[\"publication\"],"
			       "\"limit\":3%s%s%s",
			       next[0] == '\0' ? "" : ",\"cursor\":\"", next,
			       next[0] == '\0' ? "" : "\"");
		assert_ok(get(ROLE_PORTAL, "service", more));
		n += call_env_count(&env, "records");
		next[0] = '\0';
		if (call_env_get(&env, "next") != NULL) {
			(void)snprintf(next, sizeof(next), "%s",
				       call_env_text(&env, "next"));
		}
		assert_true(++pages < 10);
	} while (next[0] != '\0');
	assert_int_equal(n, 8);
	assert_err(ERR_INVALID, get(ROLE_PORTAL, "service", ",\"limit\":0"));
	assert_err(ERR_INVALID, get(ROLE_PORTAL, "service", ",\"limit\":1001"));
	assert_err(ERR_INVALID,
		   get(ROLE_PORTAL, "service", ",\"cursor\":\"zz\""));
	assert_string_equal(env.refusal.field, "cursor");
}

static void
what_is_due_is_not_read(void **state)
{
	(void)state;
	assert_ok(put(customer, "usage", "{\"kind\":\"old\"}", ""));
	assert_ok(get(ROLE_PORTAL, "service", ",\"categories\":[\"usage\"]"));
	assert_true(call_env_count(&env, "records") > 0);
	call_env_advance(&env, 600 * MS_PER_DAY);
	assert_ok(get(ROLE_PORTAL, "service", ",\"categories\":[\"usage\"]"));
	assert_int_equal(call_env_count(&env, "records"), 0);
	call_env_advance(&env, -600 * MS_PER_DAY);
}

static void
prospect_has_no_account(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(inquiry_record),
			       "{\"contact\":{\"name\":\"P\",\"email\":"
			       "\"p@example.com\",\"address\":{\"street\":"
			       "\"1 Way\",\"city\":\"Paris\",\"postal_code\":"
			       "\"75001\",\"country\":\"FR\"}},\"interest\":"
			       "\"fax\",\"message\":\"How much?\"}"));
	(void)snprintf(id, sizeof(id), "%s", call_env_text(&env, "subject"));
	assert_err(ERR_STATE,
		   put(id, "preferences", "{\"language\":\"de\"}", ""));
	assert_string_equal(env.refusal.extra[0].text, "prospect");
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_read),
			       "{\"subject\":\"%s\",\"purpose\":"
			       "\"contact_inquiry\",\"reason\":\"answer\"}",
			       id));
	assert_string_equal(call_env_text(&env, "records.0.data.message"),
			    "How much?");
	assert_string_equal(
		call_env_text(&env, "records.0.data.address.country"), "FR");
	assert_non_null(call_env_get(&env, "records.0.expires_at"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_answers_version_and_end),
		cmocka_unit_test(wrong_writes_name_the_member),
		cmocka_unit_test(address_of_another_customer_is_refused),
		cmocka_unit_test(card_comes_out_whole_for_payment_alone),
		cmocka_unit_test(purpose_role_and_ticket_decide),
		cmocka_unit_test(publishing_wants_consent),
		cmocka_unit_test(every_reading_has_a_leaf),
		cmocka_unit_test(pages_follow_each_other),
		cmocka_unit_test(what_is_due_is_not_read),
		cmocka_unit_test(prospect_has_no_account),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
