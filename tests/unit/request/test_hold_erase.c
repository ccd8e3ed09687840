/* Holds that end and erasures that begin between each other's steps: what a
 * hold covers is there afterwards, whatever came first. */

#include "support/test.h"

#include "call/erasure.h"
#include "navigation/held.h"
#include "navigation/visit.h"
#include "policy/role.h"
#include "registration/account.h"
#include "registration/find.h"
#include "registration/write.h"
#include "request/fulfil.h"
#include "request/submit.h"
#include "request/verify.h"
#include "request/view.h"
#include "retention/hold.h"
#include "support/call_env.h"
#include "vault/bucket.h"
#include "vault/record.h"

#define ROWS 150 /* more than one step moves */
#define BUCKETS 8
#define MANY_VISITORS 60 /* more than one step takes out of the index */

static struct call_env env;
static char subject[ID_TEXT_BYTES];
static char request[ID_TEXT_BYTES];

static const struct job_kind *const kinds[] = {
	&account_days_job, &hold_move_job, &hold_renew_job, &hold_walk_job,
	&request_erase_job, &visits_settle_job};

#define KINDS kinds, FIELD_COUNT(kinds)

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

/* Until nothing is left to do, whatever order the kinds are tried in. */
static void
settle(void)
{
	for (unsigned i = 0; i < 2000; i++) {
		if (!call_env_step(&env, KINDS, NULL, i, NULL)) {
			return;
		}
		if (i % 8 == 7) {
			(void)call_env_erase(&env);
		}
	}
	fail_msg("jobs that do not end");
}

static void
usage(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		assert_ok(call_env_run(
			&env, ROLE_PORTAL, CALL_OP(subject_write),
			"{\"subject\":\"%s\",\"category\":\"usage\","
			"\"data\":{\"kind\":\"call\",\"units\":%u}}",
			subject, i));
	}
}

static void
place(const char *over, char out[ID_TEXT_BYTES])
{
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(hold_place),
			       "{%s,\"matter\":\"case 7\"}", over));
	if (call_env_get(&env, "hold") != NULL) {
		/* Over everybody it is answered at once. */
		(void)snprintf(out, ID_TEXT_BYTES, "%s",
			       call_env_text(&env, "hold"));
		return;
	}
	while (call_env_step(&env, KINDS, hold_move_job.name, 0,
			     &hold_place_out_table)) {
		(void)call_env_step(&env, KINDS, visits_settle_job.name, 0,
				    NULL);
	}
	(void)snprintf(out, ID_TEXT_BYTES, "%s", call_env_text(&env, "hold"));
}

static void
place_subject(const char *categories, char out[ID_TEXT_BYTES])
{
	char over[200];

	(void)snprintf(over, sizeof(over), "\"subject\":\"%s\"%s", subject,
		       categories);
	place(over, out);
}

static void
release(const char *hold)
{
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE,
			       CALL_OP_QUIET(hold_release),
			       "{\"hold\":\"%s\",\"reason\":\"over\"}", hold));
}

/* Rows of the category that open, wherever of the person's places they lie. */
static size_t
rows_of(const char *category)
{
	struct vault v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	const struct policy_category *c = policy_category(v.policy, category);
	struct record_query q = {.categories = &c,
				 .n_categories = 1,
				 .flags = RECORD_LIST_DUE |
					  RECORD_LIST_VERSIONS,
				 .limit = RECORD_PAGE_MAX};
	struct record *rows;
	struct subject *s;
	struct id id;
	size_t some;
	size_t n = 0;
	int rc;

	assert_ok(id_parse(subject, &id));
	rc = subject_load_erasing(&v, id, &s);
	if (rc == 0) {
		do {
			assert_ok(record_list(&v, s, &q, &rows, &some,
					      &q.cursor));
			n += some;
		} while (q.cursor != NULL);
	} else {
		assert_err(ERR_NOT_FOUND, rc);
	}
	(void)call_env_end(&env, 0);
	return n;
}

static void
asked(const char *channel)
{
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(request_submit),
			       "{\"type\":\"delete\",\"subject\":\"%s\","
			       "\"channel\":\"%s\"}",
			       subject, channel));
	(void)snprintf(request, sizeof(request), "%s",
		       call_env_text(&env, "request"));
	assert_ok(call_env_run(
		&env, ROLE_SUPPORT, CALL_OP(request_verify),
		"{\"request\":\"%s\",\"method\":\"call\",\"evidence\":{"
		"\"method\":\"call\",\"reference\":\"t1\",\"at\":"
		"\"2026-11-01T00:00:00Z\"}}",
		request));
}

static int
fulfil(void)
{
	return call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(request_fulfil),
			    "{\"request\":\"%s\"}", request);
}

static bool
is_kept(const char *category)
{
	char path[40];

	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(request_get),
			       "{\"request\":\"%s\"}", request));
	for (size_t i = 0; i < call_env_count(&env, "kept"); i++) {
		(void)snprintf(path, sizeof(path), "kept.%zu.category", i);
		if (strcmp(call_env_text(&env, path), category) == 0) {
			return true;
		}
	}
	return false;
}

/* The erasure overtakes the job that empties the old HELD slot. */
static void
erasure_between_the_steps_of_an_end_keeps_what_is_held(void **state)
{
	char all[ID_TEXT_BYTES];
	char usages[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "race1@example.com", subject);
	/* The first rows of HELD are of another category than the one that
	 * stays held. */
	for (unsigned i = 0; i < ROWS; i++) {
		assert_ok(call_env_run(
			&env, ROLE_PORTAL, CALL_OP(subject_write),
			"{\"subject\":\"%s\",\"category\":\"contact\","
			"\"data\":{\"name\":\"Ada %u\",\"email\":"
			"\"race1@example.com\"}}",
			subject, i));
	}
	usage(ROWS);
	place_subject("", all);
	place_subject(",\"categories\":[\"usage\"]", usages);
	asked("portal");
	release(all);
	assert_ok(fulfil());
	while (call_env_step(&env, KINDS, request_erase_job.name, 0, NULL)) {
		(void)call_env_erase(&env);
		if (!call_env_step(&env, KINDS, hold_renew_job.name, 0, NULL)) {
			break;
		}
	}
	settle();
	assert_int_equal(rows_of("usage"), ROWS);
	assert_int_equal(rows_of("contact"), 0);
	assert_true(is_kept("usage"));
	assert_false(is_kept("contact"));
	/* Kept to be read: nothing is written of that person any more. */
	assert_err(ERR_STATE,
		   call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_write),
				"{\"subject\":\"%s\",\"category\":\"usage\","
				"\"data\":{\"kind\":\"call\"}}",
				subject));
	assert_err(ERR_STATE,
		   call_env_run(&env, ROLE_PORTAL,
				CALL_OP_QUIET(subject_reopen),
				"{\"subject\":\"%s\"}", subject));
}

/* Nobody sees a person with half of the records while they move. */
static void
rows_are_seen_while_a_hold_ends(void **state)
{
	char all[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "race2@example.com", subject);
	usage(2 * ROWS);
	place_subject("", all);
	release(all);
	assert_int_equal(rows_of("usage"), 2 * ROWS);
	assert_int_equal(rows_of("contact"), 1);
	/* A version written meanwhile is the record's next one. */
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_write),
			       "{\"subject\":\"%s\",\"category\":\"contact\","
			       "\"data\":{\"name\":\"Ada\",\"email\":"
			       "\"race2@example.com\"}}",
			       subject));
	assert_int_equal(call_env_int(&env, "version"), 2);
	settle();
	assert_int_equal(rows_of("usage"), 2 * ROWS);
	assert_int_equal(rows_of("contact"), 2);
}

/* A second end while the first still moves rows. */
static void
two_ends_at_once_leave_nothing_held(void **state)
{
	char first[ID_TEXT_BYTES];
	char second[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "race3@example.com", subject);
	usage(2 * ROWS);
	place_subject("", first);
	place_subject(",\"categories\":[\"usage\"]", second);
	release(first);
	release(second);
	settle();
	assert_int_equal(rows_of("usage"), 2 * ROWS);
	asked("portal");
	assert_ok(fulfil());
	settle();
	assert_int_equal(rows_of("usage"), 0);
}

/* The slots of the person's index buckets. */
static size_t
bucket_slots(slot_t *out)
{
	struct vault v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	struct subject *s;
	struct id id;
	size_t n;

	assert_ok(id_parse(subject, &id));
	assert_ok(subject_load_erasing(&v, id, &s));
	assert_true(s->n_buckets <= BUCKETS);
	for (n = 0; n < s->n_buckets; n++) {
		struct bucket b;

		assert_ok(bucket_load(&v, s->buckets[n], &b));
		out[n] = b.slot;
	}
	(void)call_env_end(&env, 0);
	return n;
}

static void
assert_all_dead(const slot_t *slots, size_t n)
{
	struct vault v = call_vault(call_env_begin(&env, ROLE_INTERNAL));

	for (size_t i = 0; i < n; i++) {
		struct key key;

		assert_err(ERR_EXPIRED, keyring_key(v.keys, slots[i], &key));
	}
	(void)call_env_end(&env, 0);
}

/* More than an operation may write: it is moved in parts. */
static void
large_records_are_kept(void **state)
{
	static char text[60001];
	char hold[ID_TEXT_BYTES];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	call_env_customer(&env, "large@example.com", subject);
	for (unsigned i = 0; i < 24; i++) {
		assert_ok(call_env_run(
			&env, ROLE_PORTAL, CALL_OP(subject_write),
			"{\"subject\":\"%s\",\"category\":\"content\","
			"\"data\":{\"title\":\"t\",\"text\":\"%s\"}}",
			subject, text));
	}
	place_subject(",\"categories\":[\"content\"]", hold);
	asked("portal");
	assert_ok(fulfil());
	settle();
	assert_true(is_kept("content"));
	assert_int_equal(rows_of("content"), 24);
	assert_int_equal(rows_of("contact"), 0);
}

/* A hold over everybody comes when the erasure has begun: as long as the keys
 * live, what it covers is kept. */
static void
late_hold_over_a_category_is_kept(void **state)
{
	for (unsigned steps = 1; steps < 8; steps++) {
		char email[40];
		char hold[ID_TEXT_BYTES];
		slot_t buckets[BUCKETS];
		size_t n_buckets;
		bool queued = false;

		(void)state;
		(void)snprintf(email, sizeof(email), "late%u@example.com",
			       steps);
		call_env_customer(&env, email, subject);
		n_buckets = bucket_slots(buckets);
		assert_true(n_buckets > 0);
		usage(ROWS);
		asked("portal");
		assert_ok(fulfil());
		for (unsigned i = 0; i < steps; i++) {
			(void)call_env_step(&env, KINDS,
					    request_erase_job.name, 0, NULL);
		}
		{
			struct call *c = call_env_begin(&env, ROLE_INTERNAL);
			struct vault v = call_vault(c);
			struct subject *s;
			struct id id;

			assert_ok(id_parse(subject, &id));
			assert_ok(subject_load_erasing(&v, id, &s));
			assert_ok(erasure_is_queued(c, s->base + SLOT_PROFILE,
						    &queued));
			(void)call_env_end(&env, 0);
		}
		assert_ok(call_env_run(
			&env, ROLE_COMPLIANCE, CALL_OP(hold_place),
			"{\"category\":\"usage\",\"matter\":\"case 8\"}"));
		(void)snprintf(hold, sizeof(hold), "%s",
			       call_env_text(&env, "hold"));
		settle();
		assert_int_equal(rows_of("usage"), queued ? 0 : ROWS);
		assert_int_equal(is_kept("usage"), !queued);
		/* What the index knew of them opens with nothing any more. */
		assert_all_dead(buckets, n_buckets);
		release(hold);
		settle();
		if (queued) {
			return;
		}
	}
	fail_msg("the keys were never queued");
}

/* Two requests of one person, fulfilled at once. */
static void
two_erasures_at_once_end(void **state)
{
	char usages[ID_TEXT_BYTES];
	char first[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "twice@example.com", subject);
	usage(ROWS);
	place_subject(",\"categories\":[\"usage\"]", usages);
	asked("portal");
	(void)snprintf(first, sizeof(first), "%s", request);
	asked("email");
	assert_ok(fulfil());
	(void)snprintf(request, sizeof(request), "%s", first);
	assert_ok(fulfil());
	settle();
	assert_int_equal(rows_of("usage"), ROWS);
	assert_int_equal(rows_of("contact"), 0);
	assert_true(is_kept("usage"));
}

static size_t
events_of(void)
{
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(visit_read),
			       "{\"subject\":\"%s\",\"purpose\":\"improve\","
			       "\"reason\":\"test\",\"limit\":1000}",
			       subject));
	return call_env_count(&env, "records");
}

static void
visit(const char *cookie)
{
	assert_ok(call_env_run(
		&env, ROLE_PORTAL, CALL_OP(visit_append),
		"{\"visitor\":\"%s\",\"events\":[{\"at\":"
		"\"2026-11-23T08:00:00Z\",\"ip\":\"203.0.113.1\","
		"\"user_agent\":\"x\",\"language\":\"en\",\"page\":\"/\","
		"\"action\":\"view\"}]}",
		cookie));
}

/* What came before the hold, while it stands, and from a visitor who turns out
 * to be the customer: kept through an erasure, and gone when the hold ends. */
static void
held_visits_outlive_an_erasure(void **state)
{
	char hold[ID_TEXT_BYTES];
	slot_t visitor;
	struct vault v;

	(void)state;
	call_env_customer(&env, "visits@example.com", subject);
	assert_ok(call_env_run(&env, ROLE_PORTAL,
			       CALL_OP_QUIET(visit_identify),
			       "{\"visitor\":\"c1\",\"subject\":\"%s\"}",
			       subject));
	for (unsigned i = 0; i < ROWS; i++) {
		visit("c1");
	}
	visit("c2");
	place_subject(",\"categories\":[\"navigation\"]", hold);
	visit("c1");
	assert_int_equal(events_of(), ROWS + 1);
	assert_ok(call_env_run(&env, ROLE_PORTAL,
			       CALL_OP_QUIET(visit_identify),
			       "{\"visitor\":\"c2\",\"subject\":\"%s\"}",
			       subject));
	settle();
	assert_int_equal(events_of(), ROWS + 2);
	asked("portal");
	assert_ok(fulfil());
	settle();
	assert_true(is_kept("navigation"));
	assert_int_equal(rows_of("contact"), 0);
	assert_int_equal(events_of(), ROWS + 2);
	/* The cookie leads to nobody any more. */
	v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	assert_ok(visitor_find(&v, "c1", &visitor));
	assert_true(visitor == SLOT_NONE);
	(void)call_env_end(&env, 0);
	release(hold);
	settle();
	assert_int_equal(events_of(), 0);
}

/* A customer of many cookies, the last of them with an event. */
static void
customer_of_visitors(unsigned visitors)
{
	char cookie[16];
	unsigned n = 0;

	call_env_customer(&env, "late@example.com", subject);
	while (n < visitors) {
		(void)snprintf(cookie, sizeof(cookie), "m%u", n++);
		assert_ok(call_env_run(&env, ROLE_PORTAL,
				       CALL_OP_QUIET(visit_identify),
				       "{\"visitor\":\"%s\",\"subject\":"
				       "\"%s\"}",
				       cookie, subject));
	}
	visit(cookie);
}

/* A hold that comes when the erasure has begun covers events too, also of a
 * visitor who lies behind all that one step looks through. */
static void
late_hold_keeps_visits(unsigned visitors)
{
	customer_of_visitors(visitors);
	asked("portal");
	assert_ok(fulfil());
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(hold_place),
			       "{\"category\":\"navigation\","
			       "\"matter\":\"case 9\"}"));
	settle();
	assert_true(is_kept("navigation"));
	assert_int_equal(rows_of("contact"), 0);
	assert_int_equal(events_of(), 1);
}

static void
late_hold_over_visits_is_kept(void **state)
{
	(void)state;
	late_hold_keeps_visits(MANY_VISITORS);
}

static void
late_hold_over_many_visitors_is_kept(void **state)
{
	(void)state;
	late_hold_keeps_visits(201);
}

static void
gap_set(bool there)
{
	struct call *c = call_env_begin(&env, ROLE_INTERNAL);
	struct bytes name = bytes_str("restore.gap");

	assert_ok(there ? txn_put(c->txn, TABLE_SYSTEM, name,
				  bytes_of(NULL, 0))
			: txn_del(c->txn, TABLE_SYSTEM, name));
	assert_ok(call_env_end(&env, 0));
}

/* An erasure that was under way in what a restore brought back, with a gap,
 * waits until that was seen, and goes on. */
static void
erasure_waits_for_a_gap(void **state)
{
	(void)state;
	customer_of_visitors(MANY_VISITORS);
	asked("portal");
	assert_ok(fulfil());
	gap_set(true);
	for (unsigned i = 0; i < 20; i++) {
		assert_true(call_env_step(&env, KINDS, NULL, 0, NULL));
	}
	assert_int_equal(rows_of("contact"), 1);
	gap_set(false);
	settle();
	assert_int_equal(rows_of("contact"), 0);
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(request_get),
			       "{\"request\":\"%s\"}", request));
	assert_string_equal(call_env_text(&env, "state"), "fulfilled");
}

static void
what_a_hold_keeps_says_until_when(void **state)
{
	char hold[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "until@example.com", subject);
	place_subject(",\"categories\":[\"contact\"],\"until\":\"2027-03-01\"",
		      hold);
	asked("portal");
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(request_fulfil),
			       "{\"request\":\"%s\",\"dry_run\":true}",
			       request));
	assert_string_equal(call_env_text(&env, "kept.0.category"), "contact");
	assert_string_equal(call_env_text(&env, "kept.0.until"), "2027-03-01");
	place_subject(",\"until\":\"2028-03-01\"", hold);
	assert_err(ERR_HELD, fulfil());
}

/* Also of those whom nobody knows. */
static void
hold_over_visits_covers_anonymous_ones(void **state)
{
	char hold[ID_TEXT_BYTES];
	struct vault v;
	slot_t visitor;
	slot_t held;

	(void)state;
	visit("c3");
	place("\"category\":\"navigation\"", hold);
	settle();
	visit("c4");
	v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	for (unsigned i = 3; i <= 4; i++) {
		assert_ok(visitor_find(&v, i == 3 ? "c3" : "c4", &visitor));
		assert_ok(visitor_held_slot(v.txn, visitor, &held));
		assert_true(held != SLOT_NONE);
	}
	(void)call_env_end(&env, 0);
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(request_submit),
			       "{\"type\":\"delete\",\"identity\":{\"visitor\":"
			       "\"c3\"},\"channel\":\"portal\"}"));
	(void)snprintf(request, sizeof(request), "%s",
		       call_env_text(&env, "request"));
	assert_ok(call_env_run(
		&env, ROLE_SUPPORT, CALL_OP(request_verify),
		"{\"request\":\"%s\",\"method\":\"call\",\"evidence\":{"
		"\"method\":\"call\",\"reference\":\"t1\",\"at\":"
		"\"2026-11-01T00:00:00Z\"}}",
		request));
	assert_err(ERR_HELD, fulfil());
	release(hold);
	settle();
	assert_ok(fulfil());
	settle();
	v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	assert_ok(visitor_find(&v, "c3", &visitor));
	assert_true(visitor == SLOT_NONE);
	assert_ok(visitor_find(&v, "c4", &visitor));
	(void)call_env_end(&env, 0);
	v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	assert_ok(visitor_held_slot(v.txn, visitor, &held));
	assert_true(held == SLOT_NONE);
	(void)call_env_end(&env, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			erasure_between_the_steps_of_an_end_keeps_what_is_held,
			open_env, close_env),
		cmocka_unit_test_setup_teardown(rows_are_seen_while_a_hold_ends,
						open_env, close_env),
		cmocka_unit_test_setup_teardown(
			two_ends_at_once_leave_nothing_held, open_env,
			close_env),
		cmocka_unit_test_setup_teardown(
			late_hold_over_a_category_is_kept, open_env, close_env),
		cmocka_unit_test_setup_teardown(two_erasures_at_once_end,
						open_env, close_env),
		cmocka_unit_test_setup_teardown(held_visits_outlive_an_erasure,
						open_env, close_env),
		cmocka_unit_test_setup_teardown(erasure_waits_for_a_gap,
						open_env, close_env),
		cmocka_unit_test_setup_teardown(large_records_are_kept,
						open_env, close_env),
		cmocka_unit_test_setup_teardown(late_hold_over_visits_is_kept,
						open_env, close_env),
		cmocka_unit_test_setup_teardown(
			late_hold_over_many_visitors_is_kept, open_env,
			close_env),
		cmocka_unit_test_setup_teardown(
			what_a_hold_keeps_says_until_when, open_env, close_env),
		cmocka_unit_test_setup_teardown(
			hold_over_visits_covers_anonymous_ones, open_env,
			close_env),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
