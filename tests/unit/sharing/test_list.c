/* sharing/list, sharing/share: pages, and what stays after an erasure. */

#include "support/test.h"

#include "people.h"
#include "vault/expiry.h"

static void
three_shares(void)
{
	for (int i = 0; i < 3; i++) {
		assert_ok(share(customer, "contact-provider", "service",
				CONTACT));
		call_env_advance(&env, MS_PER_HOUR);
	}
}

static size_t
list(const char *json)
{
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(share_list), "%s",
			       json));
	return call_env_count(&env, "items");
}

static void
walk(const char *filter)
{
	char json[300];
	char seen[4][ID_TEXT_BYTES];
	size_t n = 0;
	const struct value *next;

	(void)snprintf(json, sizeof(json), "{\"limit\":1%s}", filter);
	do {
		if (list(json) == 1) {
			assert_true(n < 3);
			(void)snprintf(seen[n], ID_TEXT_BYTES, "%s",
				       call_env_text(&env, "items.0.share"));
			assert_true(n == 0 || strcmp(seen[n - 1], seen[n]) < 0);
			n++;
		}
		next = call_env_get(&env, "next");
		if (next != NULL) {
			(void)snprintf(json, sizeof(json),
				       "{\"limit\":1%s,\"cursor\":\"%s\"}",
				       filter, next->text.s);
		}
	} while (next != NULL);
	assert_int_equal(n, 3);
}

static void
pages_go_through_all(void **state)
{
	char of_subject[80];

	(void)state;
	three_shares();
	(void)snprintf(of_subject, sizeof(of_subject), ",\"subject\":\"%s\"",
		       customer);
	walk("");
	walk(",\"recipient\":\"contact-provider\"");
	walk(of_subject);
}

static void
filters_by_recipient_and_time(void **state)
{
	(void)state;
	three_shares();
	assert_int_equal(list("{\"recipient\":\"card-processor\"}"), 0);
	assert_int_equal(list("{\"from\":\"2026-11-23T12:30:00Z\"}"), 2);
	assert_int_equal(list("{\"recipient\":\"contact-provider\","
			      "\"from\":\"2026-11-23T12:30:00Z\","
			      "\"to\":\"2026-11-23T13:30:00Z\"}"),
			 1);
	assert_string_equal(call_env_text(&env, "items.0.fields.1"),
			    "contact.email");
	assert_string_equal(call_env_text(&env, "items.0.by"), "billing");
	assert_int_equal(call_env_leaves(&env, LEAF_SHARES_READ), 3);
	assert_err(ERR_INVALID,
		   call_env_run(&env, ROLE_AUDITOR, CALL_OP(share_list),
				"{\"recipient\":\"nobody\"}"));
	assert_string_equal(env.refusal.field, "recipient");
	assert_err(ERR_INVALID,
		   call_env_run(&env, ROLE_AUDITOR, CALL_OP(share_list),
				"{\"cursor\":\"x\"}"));
	assert_string_equal(env.refusal.field, "cursor");
}

/* How many rows of the recipients' side end on the first day after the time
 * for which a request's record is kept. */
static size_t
noted_to_end(void)
{
	struct call *c = call_env_begin(&env, ROLE_INTERNAL);
	date_t last = date_add(c->today, c->policy->house.request_retention);
	struct range *r;
	struct bytes key;
	struct bytes value;
	struct bytes of;
	enum table table;
	date_t day;
	size_t n = 0;

	assert_ok(range_open(c->txn, TABLE_EXPIRY, bytes_of(NULL, 0),
			     bytes_of(NULL, 0), 0, &r));
	while (range_next(r, &key, &value) == 1) {
		assert_ok(expiry_parse(key, &day, &table, &of));
		if (table == TABLE_SHARE_BY && day == last + 1) {
			assert_ok(txn_get(c->txn, table, of, &value));
			n++;
		}
	}
	range_close(r);
	(void)call_env_end(&env, 0);
	return n;
}

static void
recipient_can_be_told_after_an_erasure(void **state)
{
	struct vault v;
	struct subject *s;
	struct id id;
	slot_t base;
	bool more = true;

	(void)state;
	three_shares();
	v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	assert_ok(id_parse(customer, &id));
	assert_ok(subject_load(&v, id, &s));
	base = s->base;
	(void)call_env_end(&env, 0);
	vault_env_destroy(&env.vault, (slot_t[]){base + SLOT_ACTIVITY}, 1);
	assert_int_equal(list("{\"recipient\":\"contact-provider\"}"), 3);
	assert_null(call_env_get(&env, "items.0.subject"));
	while (more) {
		assert_ok(share_forget(call_env_begin(&env, ROLE_INTERNAL),
				       base, 2, &more));
		(void)call_env_end(&env, 0);
	}
	assert_int_equal(list("{}"), 3);
	assert_int_equal(list("{\"recipient\":\"contact-provider\"}"), 3);
	assert_string_equal(call_env_text(&env, "items.0.categories.0"),
			    "contact");
	assert_int_equal(noted_to_end(), 3);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_env, close_env)
	const struct CMUnitTest tests[] = {
		T(pages_go_through_all),
		T(filters_by_recipient_and_time),
		T(recipient_can_be_told_after_an_erasure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
