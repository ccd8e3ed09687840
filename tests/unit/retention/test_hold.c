/* retention/hold: what a hold covers stays whatever its day; what it does not
 * cover any more goes where it belongs, and the old slot dies. */

#include "support/test.h"

#include "navigation/held.h"
#include "navigation/visit.h"
#include "registration/account.h"
#include "registration/find.h"
#include "registration/write.h"
#include "retention/days.h"
#include "retention/hold.h"
#include "retention/hold_move.h"
#include "support/call_env.h"
#include "vault/record.h"

static struct call_env env;

static const struct job_kind *const kinds[] = {
	&account_days_job, &days_job, &hold_move_job, &hold_renew_job,
	&hold_walk_job,    &visits_settle_job};
static const struct field_table nothing_table = {NULL, 0, 1};

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

struct where {
	size_t held;     /* rows under HELD */
	size_t own;      /* rows under the four slots */
	slot_t slot;     /* HELD */
	size_t with_day; /* rows that a day seals too */
};

static struct where
look(const char *id, const char *category)
{
	struct vault v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	uint8_t c = category == NULL
			    ? 0
			    : policy_category(v.policy, category)->id;
	struct where w = {0};
	struct subject *s;
	struct id subject;

	assert_ok(id_parse(id, &subject));
	assert_ok(subject_load(&v, subject, &s));
	w.slot = s->held;
	for (unsigned i = 0; i <= SLOT_LOG; i++) {
		slot_t slot = i < SLOT_LOG ? s->base + i : s->held;
		struct record *rows;
		struct bytes last;
		size_t n;

		if (slot == SLOT_NONE) {
			continue;
		}
		assert_ok(record_rows(&v, slot, c, bytes_of(NULL, 0), 800,
				      &rows, &n, &last));
		*(i < SLOT_LOG ? &w.own : &w.held) += n;
		for (size_t j = 0; j < n; j++) {
			w.with_day += rows[j].day != DAY_NONE ? 1 : 0;
		}
	}
	(void)call_env_end(&env, 0);
	return w;
}

static void
place(const char *json_part, char out[ID_TEXT_BYTES])
{
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(hold_place),
			       "{%s,\"matter\":\"case 7\"}", json_part));
	assert_ok(call_env_jobs(&env, KINDS, &hold_place_out_table));
	(void)snprintf(out, ID_TEXT_BYTES, "%s", call_env_text(&env, "hold"));
}

static void
release(const char *hold)
{
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE,
			       CALL_OP_QUIET(hold_release),
			       "{\"hold\":\"%s\",\"reason\":\"over\"}", hold));
	assert_ok(call_env_jobs(&env, KINDS, NULL));
}

static void
usage(const char *id, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		assert_ok(call_env_run(
			&env, ROLE_PORTAL, CALL_OP(subject_write),
			"{\"subject\":\"%s\",\"category\":\"usage\","
			"\"data\":{\"kind\":\"call\",\"units\":%u}}",
			id, i));
	}
}

/* A minute's timed work. */
static void
timed(void)
{
	bool more;

	do {
		assert_ok(call_env_end(
			&env,
			hold_timed(call_env_begin(&env, ROLE_INTERNAL),
				   &more)));
	} while (more);
	assert_ok(call_env_jobs(&env, KINDS, NULL));
	assert_ok(call_env_end(
		&env, days_timed(call_env_begin(&env, ROLE_INTERNAL), &more)));
	do {
		assert_ok(call_env_jobs(&env, KINDS, NULL));
	} while (call_env_erase(&env) > 0);
}

static void
held_rows_have_no_day_and_come_back_with_it(void **state)
{
	char part[128];
	char id[ID_TEXT_BYTES];
	char hold[ID_TEXT_BYTES];
	struct where before;
	struct where w;

	(void)state;
	call_env_customer(&env, "held@example.com", id);
	usage(id, 150);
	before = look(id, NULL);
	assert_int_equal(before.held, 0);
	(void)snprintf(part, sizeof(part), "\"subject\":\"%s\"", id);
	place(part, hold);
	assert_false(call_env_bool(&env, "moving"));
	w = look(id, NULL);
	assert_int_equal(w.own, 0);
	assert_int_equal(w.held, before.own);
	assert_int_equal(w.with_day, 0);
	/* What is written while it stands lies there too. */
	usage(id, 1);
	assert_int_equal(look(id, NULL).own, 0);
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(subject_status),
			       "{\"subject\":\"%s\"}", id));
	assert_string_equal(call_env_text(&env, "holds.0"), hold);

	release(hold);
	w = look(id, NULL);
	assert_int_equal(w.held, 0);
	assert_int_equal(w.own, before.own + 1);
	assert_int_equal(w.with_day, before.with_day + 1);
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(subject_status),
			       "{\"subject\":\"%s\"}", id));
	assert_int_equal(call_env_count(&env, "holds"), 0);
	/* The HELD slot, and the hold's own. */
	assert_int_equal(call_env_erase(&env), 2);
	assert_int_equal(call_env_leaves(&env, LEAF_HOLD_PLACED), 1);
	assert_int_equal(call_env_leaves(&env, LEAF_HOLD_RELEASED), 1);
}

static void
what_is_due_goes_when_the_hold_ends(void **state)
{
	char part[128];
	char id[ID_TEXT_BYTES];
	char hold[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "due@example.com", id);
	usage(id, 3);
	(void)snprintf(part, sizeof(part),
		       "\"subject\":\"%s\",\"categories\":[\"usage\"],"
		       "\"until\":\"2040-01-01\"",
		       id);
	place(part, hold);
	assert_int_equal(look(id, "usage").held, 3);
	timed();
	call_env_advance(&env, 800 * MS_PER_DAY);
	timed();
	assert_int_equal(look(id, "usage").held, 3);
	call_env_advance(&env, 8000 * MS_PER_DAY);
	timed();
	assert_int_equal(look(id, "usage").held, 0);
	assert_int_equal(look(id, "usage").own, 0);
	assert_int_equal(call_env_leaves(&env, LEAF_HOLD_ENDED), 1);
}

/* A wall clock that runs away from the boot clock ends no hold. */
static void
clock_that_jumps_ends_no_hold(void **state)
{
	char part[128];
	char id[ID_TEXT_BYTES];
	char hold[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "jump@example.com", id);
	usage(id, 3);
	(void)snprintf(part, sizeof(part),
		       "\"subject\":\"%s\",\"until\":\"2030-01-01\"", id);
	place(part, hold);
	timed();
	env.boot_lag_ms = 20 * 365 * MS_PER_DAY;
	call_env_advance(&env, 20 * 365 * MS_PER_DAY);
	timed();
	assert_int_equal(look(id, "usage").held, 3);
	/* Released by hand meanwhile: what is due by that clock is not lost,
	 * its day lives. */
	release(hold);
	timed();
	assert_int_equal(look(id, "usage").own, 3);
}

/* Each end moves rows: two of one day, of people with many, are two turns. */
static void
ends_of_one_day_are_within_bounds(void **state)
{
	char ids[3][ID_TEXT_BYTES];
	char hold[ID_TEXT_BYTES];
	bool more = true;

	(void)state;
	timed();
	for (unsigned i = 0; i < 3; i++) {
		char email[40];
		char part[192];

		(void)snprintf(email, sizeof(email), "day%u@example.com", i);
		call_env_customer(&env, email, ids[i]);
		usage(ids[i], 150);
		(void)snprintf(part, sizeof(part),
			       "\"subject\":\"%s\",\"until\":\"2027-01-01\"",
			       ids[i]);
		place(part, hold);
	}
	call_env_advance(&env, 100 * MS_PER_DAY);
	while (more) {
		assert_ok(call_env_end(
			&env,
			hold_timed(call_env_begin(&env, ROLE_INTERNAL),
				   &more)));
	}
	assert_ok(call_env_jobs(&env, KINDS, NULL));
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(look(ids[i], "usage").own, 150);
	}
}

/* Walked through whole, not the first rows alone. */
static void
what_is_loose_is_found_behind_what_is_held(void **state)
{
	char part[128];
	char id[ID_TEXT_BYTES];
	char everybody[ID_TEXT_BYTES];
	char hold[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "loose@example.com", id);
	for (unsigned i = 0; i < 30; i++) {
		assert_ok(call_env_run(
			&env, ROLE_PORTAL, CALL_OP(subject_write),
			"{\"subject\":\"%s\",\"category\":\"contact\","
			"\"data\":{\"name\":\"Ada\",\"email\":"
			"\"loose@example.com\"}}",
			id));
	}
	usage(id, 3);
	place("\"category\":\"usage\"", everybody);
	(void)snprintf(part, sizeof(part),
		       "\"subject\":\"%s\",\"categories\":[\"contact\"]", id);
	place(part, hold);
	assert_int_equal(look(id, "usage").held, 3);
	release(everybody);
	assert_int_equal(look(id, "usage").held, 0);
	assert_int_equal(look(id, "usage").own, 3);
	assert_int_equal(look(id, "contact").held, 31);
}

static void
second_hold_keeps_what_it_covers(void **state)
{
	char part[128];
	char id[ID_TEXT_BYTES];
	char first[ID_TEXT_BYTES];
	char second[ID_TEXT_BYTES];
	struct where w;
	slot_t old;

	(void)state;
	call_env_customer(&env, "twice@example.com", id);
	usage(id, 5);
	(void)snprintf(part, sizeof(part), "\"subject\":\"%s\"", id);
	place(part, first);
	(void)snprintf(part, sizeof(part),
		       "\"subject\":\"%s\",\"categories\":[\"usage\"]", id);
	place(part, second);
	old = look(id, NULL).slot;
	release(first);
	w = look(id, "usage");
	assert_int_equal(w.held, 5);
	assert_int_equal(w.own, 0);
	assert_true(w.slot != old);
	assert_int_equal(look(id, "contact").held, 0);
	assert_int_equal(look(id, "contact").own, 1);
}

static void
hold_over_a_category_covers_everybody(void **state)
{
	char ids[3][ID_TEXT_BYTES];
	char hold[ID_TEXT_BYTES];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char email[40];

		(void)snprintf(email, sizeof(email), "all%u@example.com", i);
		call_env_customer(&env, email, ids[i]);
		usage(ids[i], 2);
	}
	place("\"category\":\"usage\"", hold);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(look(ids[i], "usage").held, 2);
		assert_int_equal(look(ids[i], "contact").held, 0);
	}
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, hold_list, &nothing_table,
			       &hold_list_out_table, "{}"));
	assert_string_equal(call_env_text(&env, "items.0.hold"), hold);
	assert_null(call_env_get(&env, "items.0.subject"));
	release(hold);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(look(ids[i], "usage").held, 0);
		assert_int_equal(look(ids[i], "usage").own, 2);
	}
}

/* A report reads a snapshot, and the key of a hold that has ended since is
 * gone: the row that it sees still is as good as none. */
static void
hold_that_ended_is_none_to_an_older_reader(void **state)
{
	uint8_t copy[1024];
	struct bytes row;
	char part[128];
	char id[ID_TEXT_BYTES];
	char text[ID_TEXT_BYTES];
	struct id hold;
	size_t n;

	(void)state;
	call_env_customer(&env, "reader@example.com", id);
	(void)snprintf(part, sizeof(part), "\"subject\":\"%s\"", id);
	place(part, text);
	assert_ok(id_parse(text, &hold));
	assert_ok(txn_get(call_env_begin(&env, ROLE_INTERNAL)->txn, TABLE_HOLD,
			  id_bytes(&hold), &row));
	assert_true(row.n <= sizeof(copy));
	n = row.n;
	memcpy(copy, row.p, n);
	(void)call_env_end(&env, 0);
	release(text);
	assert_ok(txn_put(call_env_begin(&env, ROLE_INTERNAL)->txn, TABLE_HOLD,
			  id_bytes(&hold), bytes_of(copy, n)));
	assert_ok(call_env_end(&env, 0));
	(void)call_env_erase(&env);
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE, hold_list, &nothing_table,
			       &hold_list_out_table, "{}"));
	assert_int_equal(call_env_count(&env, "items"), 0);
}

/* Rows of 60 KiB: what moves in one step is bounded in bytes, too. */
static void
large_rows_move_in_steps(void **state)
{
	static char text[60001];
	char part[128];
	char id[ID_TEXT_BYTES];
	char hold[ID_TEXT_BYTES];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	call_env_customer(&env, "large@example.com", id);
	for (unsigned i = 0; i < 25; i++) {
		assert_ok(call_env_run(
			&env, ROLE_PORTAL, CALL_OP(subject_write),
			"{\"subject\":\"%s\",\"category\":\"content\","
			"\"data\":{\"title\":\"t\",\"text\":\"%s\"}}",
			id, text));
	}
	(void)snprintf(part, sizeof(part), "\"subject\":\"%s\"", id);
	place(part, hold);
	assert_int_equal(look(id, "content").held, 25);
	release(hold);
	assert_int_equal(look(id, "content").held, 0);
	assert_int_equal(look(id, "content").own, 25);
}

/* The end of a hold over much is a job that may wait: for days, when the
 * service is stopped. An account that comes back takes the days away from what
 * lies there still. */
static void
reopening_takes_the_days_of_what_moves_back_late(void **state)
{
	char part[128];
	char id[ID_TEXT_BYTES];
	char hold[ID_TEXT_BYTES];
	struct where w;

	(void)state;
	call_env_customer(&env, "late@example.com", id);
	for (unsigned i = 0; i < 2 * HOLD_MOVE_ROWS_MAX; i++) {
		assert_ok(call_env_run(
			&env, ROLE_PORTAL, CALL_OP(subject_write),
			"{\"subject\":\"%s\",\"category\":\"content\","
			"\"data\":{\"title\":\"t\",\"text\":\"x\"}}",
			id));
	}
	(void)snprintf(part, sizeof(part), "\"subject\":\"%s\"", id);
	place(part, hold);
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP_QUIET(subject_close),
			       "{\"subject\":\"%s\",\"reason\":\"bye\"}", id));
	assert_ok(call_env_jobs(&env, KINDS, NULL));
	assert_ok(call_env_run(&env, ROLE_COMPLIANCE,
			       CALL_OP_QUIET(hold_release),
			       "{\"hold\":\"%s\",\"reason\":\"over\"}", hold));
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP_QUIET(subject_reopen),
			       "{\"subject\":\"%s\"}", id));
	while (call_env_step(&env, KINDS, account_days_job.name, 0, NULL)) {
	}
	call_env_advance(&env, 100 * MS_PER_DAY);
	while (call_env_step(&env, KINDS, NULL, 0, NULL)) {
	}
	w = look(id, "content");
	assert_int_equal(w.own, 2 * HOLD_MOVE_ROWS_MAX);
	assert_int_equal(w.with_day, 0);
}

static void
wrong_holds_are_refused(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "wrong@example.com", id);
	assert_err(ERR_INVALID,
		   call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(hold_place),
				"{\"matter\":\"x\"}"));
	assert_err(ERR_INVALID,
		   call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(hold_place),
				"{\"category\":\"no\",\"matter\":\"x\"}"));
	assert_err(ERR_INVALID,
		   call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(hold_place),
				"{\"subject\":\"%s\",\"matter\":\"x\","
				"\"categories\":[]}",
				id));
	assert_err(ERR_INVALID,
		   call_env_run(&env, ROLE_COMPLIANCE, CALL_OP(hold_place),
				"{\"subject\":\"%s\",\"matter\":\"x\","
				"\"until\":\"2001-01-01\"}",
				id));
	assert_err(ERR_NOT_FOUND,
		   call_env_run(&env, ROLE_COMPLIANCE,
				CALL_OP_QUIET(hold_release),
				"{\"hold\":\"%s\",\"reason\":\"x\"}", id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			held_rows_have_no_day_and_come_back_with_it, open_env,
			close_env),
		cmocka_unit_test_setup_teardown(
			what_is_due_goes_when_the_hold_ends, open_env,
			close_env),
		cmocka_unit_test_setup_teardown(clock_that_jumps_ends_no_hold,
						open_env, close_env),
		cmocka_unit_test_setup_teardown(
			ends_of_one_day_are_within_bounds, open_env,
			close_env),
		cmocka_unit_test_setup_teardown(
			what_is_loose_is_found_behind_what_is_held, open_env,
			close_env),
		cmocka_unit_test_setup_teardown(
			second_hold_keeps_what_it_covers, open_env, close_env),
		cmocka_unit_test_setup_teardown(
			hold_over_a_category_covers_everybody, open_env,
			close_env),
		cmocka_unit_test_setup_teardown(
			hold_that_ended_is_none_to_an_older_reader, open_env,
			close_env),
		cmocka_unit_test_setup_teardown(large_rows_move_in_steps,
						open_env, close_env),
		cmocka_unit_test_setup_teardown(
			reopening_takes_the_days_of_what_moves_back_late,
			open_env, close_env),
		cmocka_unit_test_setup_teardown(wrong_holds_are_refused,
						open_env, close_env),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
