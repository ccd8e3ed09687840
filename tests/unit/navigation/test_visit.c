/* navigation/append, identify, read: whose events they are, who sees them, and
 * when they end. */

#include "support/test.h"

#include "navigation/idle.h"
#include "navigation/visit.h"
#include "registration/consent.h"
#include "registration/find.h"
#include "support/call_env.h"
#include "vault/index.h"

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

#define EVENT(at, page)                                                        \
	"{\"at\":\"" at "\",\"ip\":\"203.0.113.9\",\"user_agent\":\"Moz\","    \
	"\"language\":\"en-GB\",\"page\":\"" page "\",\"action\":\"view\"}"
#define CLICK(at, page, to)                                                    \
	"{\"at\":\"" at "\",\"ip\":\"2001:db8::1\",\"user_agent\":\"Moz\","    \
	"\"language\":\"en-GB\",\"page\":\"" page "\",\"action\":\"click\","   \
	"\"link\":\"" to "\",\"referrer\":\"https://example.org/\"}"

static int
append(const char *visitor, const char *events)
{
	return call_env_run(&env, ROLE_PORTAL, CALL_OP(visit_append),
			    "{\"visitor\":\"%s\",\"events\":[%s]}", visitor,
			    events);
}

static int
identify(const char *visitor, const char *subject)
{
	return call_env_run(&env, ROLE_PORTAL, CALL_OP_QUIET(visit_identify),
			    "{\"visitor\":\"%s\",\"subject\":\"%s\"}", visitor,
			    subject);
}

static int
read_of(const char *who, const char *name, const char *more)
{
	return call_env_run(&env, ROLE_PORTAL, CALL_OP(visit_read),
			    "{\"%s\":\"%s\",\"purpose\":\"improve\","
			    "\"reason\":\"a test\"%s}",
			    who, name, more);
}

static void
events_come_back_as_sent(void **state)
{
	(void)state;
	assert_ok(append("c-1", EVENT("2026-11-23T08:00:00Z", "/a") "," CLICK(
					"2026-11-23T08:01:00Z", "/a", "/b")));
	assert_int_equal(call_env_int(&env, "accepted"), 2);
	assert_ok(read_of("visitor", "c-1", ""));
	assert_int_equal(call_env_count(&env, "records"), 2);
	assert_string_equal(call_env_text(&env, "records.0.page"), "/a");
	assert_string_equal(call_env_text(&env, "records.0.action"), "view");
	assert_string_equal(call_env_text(&env, "records.1.action"), "click");
	assert_string_equal(call_env_text(&env, "records.1.ip"), "2001:db8::1");
	assert_string_equal(call_env_text(&env, "records.1.link"), "/b");
	assert_string_equal(call_env_text(&env, "records.1.at"),
			    "2026-11-23T08:01:00.000Z");
	assert_non_null(call_env_get(&env, "records.0.expires_at"));
	assert_int_equal(call_env_leaves(&env, LEAF_VISIT), 1);
	assert_int_equal(call_env_leaves(&env, LEAF_VISIT_READ), 1);
	assert_int_equal(
		vault_env_count_bytes(&env.vault, TABLE_VISIT, "203.0.113"), 0);
	assert_int_equal(
		vault_env_count_bytes(&env.vault, TABLE_VISITOR, "c-1"), 0);
	assert_err(ERR_NOT_FOUND, read_of("visitor", "c-2", ""));
}

static bool
status_names_navigation(const char *subject)
{
	bool found = false;

	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_status),
			       "{\"subject\":\"%s\"}", subject));
	for (size_t i = 0; i < call_env_count(&env, "categories"); i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "categories.%zu", i);
		found = found ||
			strcmp(call_env_text(&env, path), "navigation") == 0;
	}
	return found;
}

static void
identified_past_and_future_are_the_customers(void **state)
{
	char other[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "bob@example.com", other);
	assert_ok(append("c-1", EVENT("2026-11-22T08:00:00Z", "/past")));
	assert_ok(read_of("subject", customer, ""));
	assert_int_equal(call_env_count(&env, "records"), 0);
	assert_ok(identify("c-1", customer));
	assert_ok(identify("c-1", customer));
	assert_err(ERR_STATE, identify("c-1", other));
	assert_string_equal(env.refusal.extra[0].text, "identified");
	assert_ok(append("c-1", EVENT("2026-11-23T08:00:00Z", "/future")));
	assert_ok(identify("c-2", customer));
	assert_ok(append("c-2", EVENT("2026-11-23T09:00:00Z", "/phone")));
	assert_ok(read_of("subject", customer, ""));
	assert_int_equal(call_env_count(&env, "records"), 3);
	assert_string_equal(call_env_text(&env, "records.0.page"), "/past");
	assert_string_equal(call_env_text(&env, "records.2.page"), "/phone");
	assert_ok(read_of("subject", other, ""));
	assert_int_equal(call_env_count(&env, "records"), 0);
	assert_true(status_names_navigation(customer));
	assert_false(status_names_navigation(other));
}

static void
pages_go_through_all(void **state)
{
	char more[200] = ",\"limit\":2";
	const struct value *next;
	size_t n = 0;

	(void)state;
	assert_ok(identify("c-1", customer));
	assert_ok(identify("c-2", customer));
	assert_ok(append("c-1", EVENT("2026-11-22T18:00:00Z", "/1") "," EVENT(
					"2026-11-23T10:00:00Z", "/2")));
	assert_ok(append("c-1", EVENT("2026-11-22T19:00:00Z", "/3")));
	assert_ok(append("c-2", EVENT("2026-11-22T18:00:00Z", "/4") "," EVENT(
					"2026-11-22T18:00:00Z", "/5")));
	do {
		assert_ok(read_of("subject", customer, more));
		n += call_env_count(&env, "records");
		next = call_env_get(&env, "next");
		if (next != NULL) {
			(void)snprintf(more, sizeof(more),
				       ",\"limit\":2,\"cursor\":\"%s\"",
				       next->text.s);
		}
	} while (next != NULL && n <= 5);
	assert_int_equal(n, 5);
	assert_ok(read_of("subject", customer,
			  ",\"from\":\"2026-11-22T18:30:00Z\","
			  "\"to\":\"2026-11-23T01:00:00Z\""));
	assert_int_equal(call_env_count(&env, "records"), 1);
	assert_string_equal(call_env_text(&env, "records.0.page"), "/3");
	assert_err(ERR_INVALID,
		   read_of("subject", customer, ",\"cursor\":\"x\""));
	assert_string_equal(env.refusal.field, "cursor");
}

static void
policy_says_who_reads(void **state)
{
	(void)state;
	assert_ok(append("c-1", EVENT("2026-11-23T08:00:00Z", "/a")));
	assert_err(ERR_NOT_PERMITTED,
		   call_env_run(&env, ROLE_PORTAL, CALL_OP(visit_read),
				"{\"visitor\":\"c-1\",\"purpose\":\"service\","
				"\"reason\":\"a test\"}"));
	assert_string_equal(env.refusal.field, "purpose");
	assert_err(ERR_INVALID,
		   call_env_run(&env, ROLE_PORTAL, CALL_OP(visit_read),
				"{\"visitor\":\"c-1\",\"purpose\":\"sell\","
				"\"reason\":\"a test\"}"));
	assert_err(ERR_INVALID,
		   call_env_run(&env, ROLE_PORTAL, CALL_OP(visit_read),
				"{\"purpose\":\"improve\","
				"\"reason\":\"a test\"}"));
	assert_string_equal(env.refusal.field, "subject");
	assert_int_equal(call_env_leaves(&env, LEAF_VISIT_READ), 1);
}

static void
faults_are_named_and_nothing_stays(void **state)
{
	(void)state;
	assert_err(ERR_INVALID, append("c-1", ""));
	assert_string_equal(env.refusal.field, "events");
	assert_err(ERR_INVALID,
		   append("c-1",
			  EVENT("2026-11-23T08:00:00Z",
				"/a") ","
				      "{\"at\":\"2026-11-23T08:00:00Z\","
				      "\"ip\":\"nowhere\",\"user_agent\":\"M\","
				      "\"language\":\"en\",\"page\":\"/\","
				      "\"action\":\"view\"}"));
	assert_string_equal(env.refusal.field, "events[1].ip");
	assert_err(ERR_EXPIRED,
		   append("c-1", EVENT("2026-11-23T08:00:00Z", "/a") "," EVENT(
					 "2025-01-01T08:00:00Z", "/a")));
	assert_string_equal(env.refusal.field, "events[1].at");
	assert_err(ERR_NOT_FOUND, read_of("visitor", "c-1", ""));
}

static void
a_day_ends_by_its_key(void **state)
{
	struct policy const *p = env.vault.policy;
	date_t today = decide_today(p, env.vault.now_ms);
	date_t due = decide_expiry(policy_category(p, "navigation"), today,
				   DAY_NONE);
	slot_t key = keyring_day_slot(due);

	(void)state;
	assert_ok(append("c-1", EVENT("2026-11-23T11:00:00Z", "/new") "," EVENT(
					"2026-11-20T11:00:00Z", "/old")));
	vault_env_destroy(&env.vault, &key, 1);
	assert_ok(read_of("visitor", "c-1", ""));
	assert_int_equal(call_env_count(&env, "records"), 1);
	assert_string_equal(call_env_text(&env, "records.0.page"), "/old");
	/* From its day on a chunk is not read, also while its key lives. */
	call_env_advance(&env, (int64_t)(due - today) * MS_PER_DAY);
	assert_ok(read_of("visitor", "c-1", ""));
	assert_int_equal(call_env_count(&env, "records"), 0);
}

static void
a_visitor_dies_with_the_customer(void **state)
{
	slot_t slots[VISITOR_SLOTS];
	size_t n;
	size_t chunks;
	bool more;
	struct vault v;
	struct subject *s;
	slot_t *visitors;
	struct id id;
	slot_t base;

	(void)state;
	assert_ok(identify("c-1", customer));
	assert_ok(append("c-1", EVENT("2026-11-23T08:00:00Z", "/a")));
	assert_ok(id_parse(customer, &id));

	v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	assert_ok(subject_load(&v, id, &s));
	base = s->base;
	assert_ok(visitors_of(v.txn, v.arena, base, SLOT_NONE, 10, &visitors,
			      &n));
	assert_int_equal(n, 1);
	assert_ok(visitor_unindex(&v, visitors[0], false, slots, &n));
	assert_int_equal(n, 3);
	(void)call_env_end(&env, 0);
	vault_env_destroy(&env.vault, slots, n);

	/* The cookie comes again: it is nobody's past any more. */
	assert_err(ERR_NOT_FOUND, read_of("visitor", "c-1", ""));
	assert_ok(append("c-1", EVENT("2026-11-23T09:00:00Z", "/b")));
	assert_ok(read_of("visitor", "c-1", ""));
	assert_int_equal(call_env_count(&env, "records"), 1);
	assert_string_equal(call_env_text(&env, "records.0.page"), "/b");

	v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	assert_ok(visitor_forget(&v, slots[2], base, 10, &chunks, &more));
	assert_int_equal(chunks, 1);
	assert_false(more);
	assert_ok(visitors_of(v.txn, v.arena, base, SLOT_NONE, 10, &visitors,
			      &n));
	assert_int_equal(n, 0);
	(void)call_env_end(&env, 0);
}

/* Runs the walk until it is through; how many keys went. */
static size_t
walk(void)
{
	bool more = true;

	while (more) {
		struct call *c = call_env_begin(&env, ROLE_INTERNAL);

		assert_ok(visitors_forget_idle(c, &more));
		(void)call_env_end(&env, 0);
	}
	return call_env_erase(&env);
}

static void
an_idle_visitor_is_forgotten(void **state)
{
	struct call *c;
	size_t chunks;
	slot_t slot;
	bool more;

	(void)state;
	assert_ok(append("c-1", EVENT("2026-11-23T08:00:00Z", "/a")));
	assert_int_equal(walk(), 0);
	call_env_advance(&env, 500 * MS_PER_DAY);
	/* The sweep of what died with its day. */
	c = call_env_begin(&env, ROLE_INTERNAL);
	{
		struct vault v = call_vault(c);
		struct key_maker k = {.n = 0};
		struct bytes key;
		struct bytes row;
		struct range *r;

		assert_ok(visitor_find(&v, "c-1", &slot));
		key_u64(&k, slot);
		assert_ok(range_open(c->txn, TABLE_VISIT, key_bytes(&k),
				     bytes_of(NULL, 0), 0, &r));
		assert_int_equal(range_next(r, &key, &row), 1);
		k.n = 0;
		key_raw(&k, key.p, key.n);
		range_close(r);
		assert_ok(txn_del(c->txn, TABLE_VISIT, key_bytes(&k)));
	}
	(void)call_env_end(&env, 0);
	assert_int_equal(walk(), 2);
	assert_err(ERR_NOT_FOUND, read_of("visitor", "c-1", ""));
	c = call_env_begin(&env, ROLE_INTERNAL);
	{
		struct vault v = call_vault(c);

		assert_ok(
			visitor_forget(&v, slot, SLOT_NONE, 1, &chunks, &more));
		assert_int_equal(chunks, 0);
	}
	(void)call_env_end(&env, 0);
	assert_int_equal(walk(), 0);
}

static void
a_thousand_long_events_take_a_few_rows(void **state)
{
	struct visit_event *events = calloc(1000, sizeof(*events));
	struct visit_append_in in = {.visitor = "c-1", .n_events = 1000};
	struct visit_append_out out;
	char page[801];
	struct call *c;
	size_t n = 0;
	char more[200] = "";
	const struct value *next;

	(void)state;
	memset(page, 'p', sizeof(page) - 1);
	page[sizeof(page) - 1] = '\0';
	c = call_env_begin(&env, ROLE_PORTAL);
	for (size_t i = 0; i < 1000; i++) {
		events[i] = (struct visit_event){.at = c->now_ms,
						 .ip = "::1",
						 .user_agent = "M",
						 .language = "en",
						 .page = page};
	}
	in.events = events;
	assert_ok(visit_append(c, &in, &out));
	(void)call_env_end(&env, 0);
	free(events);
	do {
		assert_ok(read_of("visitor", "c-1", more));
		n += call_env_count(&env, "records");
		next = call_env_get(&env, "next");
		if (next != NULL) {
			(void)snprintf(more, sizeof(more),
				       ",\"limit\":1000,\"cursor\":\"%s\"",
				       next->text.s);
		}
	} while (next != NULL && n <= 1000);
	assert_int_equal(n, 1000);
}

/* Only the customer can object: an unknown visitor is nobody. */
static void
objection_ends_the_purpose(void **state)
{
	(void)state;
	assert_ok(append("c-1", EVENT("2026-11-23T08:00:00Z", "/a")));
	assert_ok(identify("c-1", customer));
	assert_ok(read_of("subject", customer, ""));
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP_QUIET(consent_set),
			       "{\"subject\":\"%s\",\"purpose\":\"improve\","
			       "\"granted\":false}",
			       customer));
	assert_err(ERR_NOT_PERMITTED, read_of("subject", customer, ""));
	assert_string_equal(env.refusal.field, "purpose");
	assert_err(ERR_NOT_PERMITTED, read_of("visitor", "c-1", ""));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_env, close_env)
	const struct CMUnitTest tests[] = {
		T(events_come_back_as_sent),
		T(identified_past_and_future_are_the_customers),
		T(pages_go_through_all),
		T(policy_says_who_reads),
		T(objection_ends_the_purpose),
		T(faults_are_named_and_nothing_stays),
		T(a_day_ends_by_its_key),
		T(a_visitor_dies_with_the_customer),
		T(an_idle_visitor_is_forgotten),
		T(a_thousand_long_events_take_a_few_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
