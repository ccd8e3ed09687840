/* registration/register: the two ages, what is kept, what is not. */

#include "support/test.h"

#include "registration/count.h"
#include "registration/find.h"
#include "registration/register.h"
#include "support/call_env.h"
#include "vault/record.h"

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

#define GUARDIAN                                                               \
	",\"guardian\":{\"name\":\"Annabella Byron\",\"email\":"               \
	"\"annabella@example.com\",\"relation\":\"mother\",\"evidence\":"      \
	"{\"method\":\"signed form\",\"reference\":\"G-17\",\"at\":"           \
	"\"2026-11-20T10:00:00Z\"}}"
#define CAPACITY                                                               \
	",\"legal_capacity\":{\"stipulated\":true,\"at\":"                     \
	"\"2026-11-20T10:00:00Z\"}"

static int
enrol(const char *birth, const char *country, const char *email,
      const char *more)
{
	return call_env_run(
		&env, ROLE_PORTAL, CALL_OP(subject_register),
		"{\"birth_date\":\"%s\",\"country\":\"%s\",\"contact\":"
		"{\"name\":\"Ada Lovelace\",\"email\":\"%s\"},\"terms\":"
		"{\"version\":\"7\",\"accepted_at\":\"2026-11-23T10:00:00Z\"}"
		"%s}",
		birth, country, email, more);
}

static void
ages_decide_by_country_and_day(void **state)
{
	static const struct {
		const char *birth;
		const char *country;
		const char *more;
		int expect;
		const char *standing;
	} rows[] = {
		/* today is 2026-11-23 in the house's zone */
		{"2013-11-24", "US", GUARDIAN, ERR_UNDER_AGE, NULL},
		{"2013-11-23", "US", GUARDIAN, 0, "minor"},
		{"2013-11-23", "US", CAPACITY, 0, "minor"},
		{"2013-11-23", "US", "", ERR_CONSENT_REQUIRED, NULL},
		{"2013-11-23", "DE", CAPACITY, ERR_CONSENT_REQUIRED, NULL},
		{"2013-11-23", "DE", GUARDIAN, 0, "minor"},
		{"2010-11-24", "DE", CAPACITY, ERR_CONSENT_REQUIRED, NULL},
		{"2010-11-23", "DE", CAPACITY, 0, "minor"},
		{"2011-11-23", "FR", CAPACITY, 0, "minor"},
		{"2011-11-24", "FR", CAPACITY, ERR_CONSENT_REQUIRED, NULL},
		/* a country that nobody listed */
		{"2011-11-23", "ZW", CAPACITY, ERR_CONSENT_REQUIRED, NULL},
		{"2008-11-24", "US", "", ERR_CONSENT_REQUIRED, NULL},
		{"2008-11-24", "US", CAPACITY, 0, "minor"},
		{"2008-11-23", "US", "", 0, "adult"},
		{"2030-01-01", "US", "", ERR_INVALID, NULL},
		{"1899-12-31", "US", "", ERR_INVALID, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char email[64];
		int rc;

		(void)snprintf(email, sizeof(email), "ages%zu@example.com", i);
		rc = enrol(rows[i].birth, rows[i].country, email, rows[i].more);
		if (rc != rows[i].expect) {
			fail_msg("row %zu: %s", i, err_word(rc));
		}
		if (rows[i].standing != NULL) {
			assert_string_equal(call_env_text(&env, "standing"),
					    rows[i].standing);
		}
		if (rows[i].expect == ERR_INVALID) {
			assert_string_equal(env.refusal.field, "birth_date");
		}
	}
}

static void
members_that_contradict_are_named(void **state)
{
	(void)state;
	assert_err(ERR_INVALID, enrol("1980-01-01", "DE", "r@example.com",
				      ",\"region\":\"US-CA\""));
	assert_string_equal(env.refusal.field, "region");
	assert_err(ERR_INVALID,
		   enrol("2009-01-01", "US", "s@example.com",
			 ",\"legal_capacity\":{\"stipulated\":false,"
			 "\"at\":\"2026-11-20T10:00:00Z\"}"));
	assert_string_equal(env.refusal.field, "legal_capacity.stipulated");
}

static size_t
rows_of(enum table table)
{
	struct txn *t = store_env_snapshot(&env.vault.store);
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	size_t n = 0;

	assert_ok(range_open(t, table, bytes_of(NULL, 0), bytes_of(NULL, 0), 0,
			     &r));
	while (range_next(r, &key, &value) == 1) {
		n++;
	}
	range_close(r);
	snapshot_close(t);
	return n;
}

struct counted {
	uint64_t by_outcome[REGISTRATION_OUTCOMES];
	bool names_a_child;
};

static int
count_one(void *ctx, const struct registration_count *n)
{
	struct counted *c = ctx;

	c->by_outcome[n->outcome] += n->n;
	if (n->outcome == REGISTRATION_UNDER_AGE &&
	    (strcmp(n->country, "--") != 0 ||
	     n->band != REGISTRATION_BAND_NONE)) {
		c->names_a_child = true;
	}
	return 0;
}

static struct counted
counts(void)
{
	struct txn *t = store_env_snapshot(&env.vault.store);
	struct counted c = {{0}, false};

	assert_ok(registration_count_each(t, 0, INT32_MAX, count_one, &c));
	snapshot_close(t);
	return c;
}

static void
refused_child_leaves_a_count(void **state)
{
	static const enum table tables[] = {
		TABLE_SUBJECT,    TABLE_RECORD, TABLE_BUCKET, TABLE_EXPIRY,
		TABLE_OF_SUBJECT, TABLE_CALL,   TABLE_COUNT};
	size_t before[FIELD_COUNT(tables)];
	struct counted then = counts();
	size_t leaves = call_env_leaves(&env, LEAF_REGISTER_REFUSED_AGE);

	(void)state;
	assert_err(ERR_UNDER_AGE,
		   enrol("2015-01-01", "US", "child0@example.com", ""));
	for (size_t i = 0; i < FIELD_COUNT(tables); i++) {
		before[i] = rows_of(tables[i]);
	}
	assert_err(ERR_UNDER_AGE,
		   enrol("2015-01-01", "FR", "child@example.com", GUARDIAN));
	for (size_t i = 0; i < FIELD_COUNT(tables); i++) {
		assert_int_equal(rows_of(tables[i]), before[i]);
	}
	assert_int_equal(counts().by_outcome[REGISTRATION_UNDER_AGE],
			 then.by_outcome[REGISTRATION_UNDER_AGE] + 2);
	assert_false(counts().names_a_child);
	assert_int_equal(call_env_leaves(&env, LEAF_REGISTER_REFUSED_AGE),
			 leaves + 2);
	assert_true(env.call.log_slot == SLOT_NONE);
	assert_true(env.call.reply_slot == SLOT_NONE);
}

static void
second_customer_with_an_address_is_refused(void **state)
{
	(void)state;
	assert_ok(enrol("1980-01-01", "US", "twice@example.com", ""));
	assert_err(ERR_EXISTS,
		   enrol("1980-01-01", "US", "Twice@Example.COM", ""));
	assert_string_equal(env.refusal.field, "contact.email");
	/* A prospect is no customer. */
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(inquiry_record),
			       "{\"contact\":{\"name\":\"P\",\"email\":"
			       "\"pro@example.com\"},\"interest\":\"fax\","
			       "\"message\":\"How much?\"}"));
	assert_ok(enrol("1980-01-01", "US", "pro@example.com", ""));
}

static int
ask(const char *email, const char *phone, char out[ID_TEXT_BYTES])
{
	int rc = call_env_run(&env, ROLE_PORTAL, CALL_OP(inquiry_record),
			      "{\"contact\":{\"name\":\"P\",\"email\":\"%s\","
			      "\"phone\":\"%s\"},\"interest\":\"fax\","
			      "\"message\":\"How much?\"}",
			      email, phone);

	if (rc == 0) {
		(void)snprintf(out, ID_TEXT_BYTES, "%s",
			       call_env_text(&env, "subject"));
	}
	return rc;
}

/* Asking, asking again, registering and asking once more: one person. */
static void
prospect_who_registers_is_the_same_person(void **state)
{
	char first[ID_TEXT_BYTES];
	char again[ID_TEXT_BYTES];

	(void)state;
	assert_ok(ask("same@example.com", "+14155550101", first));
	assert_ok(ask(" Same@Example.com", "+14155550102", again));
	assert_string_equal(again, first);
	call_env_advance(&env, MS_PER_DAY);
	assert_ok(enrol("1980-01-01", "US", "same@example.com", ""));
	assert_string_equal(call_env_text(&env, "subject"), first);
	assert_string_equal(call_env_text(&env, "standing"), "adult");
	assert_ok(call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_status),
			       "{\"subject\":\"%s\"}", first));
	assert_string_equal(call_env_text(&env, "standing"), "adult");
	assert_string_equal(call_env_text(&env, "since"),
			    "2026-11-24T12:00:00.000Z");
	assert_int_equal(call_env_count(&env, "categories"), 3);
	assert_ok(ask("same@example.com", "+14155550103", again));
	assert_string_equal(again, first);
	assert_ok(call_env_run(&env, ROLE_PORTAL, CALL_OP(subject_find),
			       "{\"email\":\"same@example.com\"}"));
	assert_int_equal(call_env_count(&env, "subjects"), 1);
	assert_err(ERR_EXISTS,
		   enrol("1980-01-01", "US", "same@example.com", ""));
}

/* A web form that anybody can fill in does not use up what a person has. */
static void
many_inquiries_leave_room_for_the_person(void **state)
{
	char first[ID_TEXT_BYTES];
	char id[ID_TEXT_BYTES];

	(void)state;
	assert_ok(ask("many@example.com", "+14155550100", first));
	for (unsigned i = 0; i < 100; i++) {
		char phone[16];

		(void)snprintf(phone, sizeof(phone), "+1415555%04u", i);
		assert_ok(ask("many@example.com", phone, id));
	}
	assert_string_not_equal(id, first);
}

static void
guardian_who_asks_is_not_the_child(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	assert_ok(enrol("2011-05-17", "US", "child@example.com", GUARDIAN));
	assert_ok(ask("annabella@example.com", "+14155550101", id));
	assert_string_not_equal(call_env_text(&env, "subject"), "");
	assert_ok(call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_status),
			       "{\"subject\":\"%s\"}", id));
	assert_string_equal(call_env_text(&env, "standing"), "prospect");
}

static void
nothing_of_the_birth_date_is_kept(void **state)
{
	(void)state;
	assert_ok(enrol("1977-07-07", "US", "seven@example.com", ""));
	for (int t = 0; t < TABLE_END; t++) {
		assert_int_equal(vault_env_count_bytes(&env.vault,
						       (enum table)t,
						       "seven@example"),
				 0);
		assert_int_equal(vault_env_count_bytes(&env.vault,
						       (enum table)t, "1977"),
				 0);
	}
}

static void
guardian_goes_at_adulthood(void **state)
{
	char id[ID_TEXT_BYTES];
	struct id subject;
	struct vault v;
	struct subject *s;
	struct record *r;
	const struct policy_category *guardian =
		policy_category(env.vault.policy, "guardian");

	(void)state;
	/* Sixteen in May 2027, adult in May 2029. */
	assert_ok(enrol("2011-05-17", "US", "minor@example.com", GUARDIAN));
	(void)snprintf(id, sizeof(id), "%s", call_env_text(&env, "subject"));
	assert_ok(id_parse(id, &subject));
	v = call_vault(call_env_begin(&env, ROLE_INTERNAL));
	assert_ok(subject_load(&v, subject, &s));
	assert_int_equal(s->standing, STANDING_MINOR);
	assert_int_equal(s->band, BAND_13_15);
	assert_true(s->has_guardian);
	assert_ok(record_read_single(&v, s, guardian, &r));
	assert_int_equal(r->due, date_from_ymd((struct ymd){2029, 6, 1}));
	assert_int_equal(r->day, r->due);
	v.today = r->due;
	assert_err(ERR_NOT_FOUND, record_read_single(&v, s, guardian, &r));
	(void)call_env_end(&env, 0);
}

static void
people_are_found_by_what_they_gave(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "found@example.com", id);
	assert_ok(call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_find),
			       "{\"email\":\" FOUND@example.com\"}"));
	assert_string_equal(call_env_text(&env, "subject"), id);
	assert_int_equal(call_env_count(&env, "subjects"), 1);
	assert_err(ERR_NOT_FOUND,
		   call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_find),
				"{\"email\":\"nobody@example.com\"}"));
	assert_err(ERR_INVALID, call_env_run(&env, ROLE_SUPPORT,
					     CALL_OP(subject_find), "{}"));
	assert_string_equal(env.refusal.field, "email");
	assert_err(ERR_INVALID,
		   call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_find),
				"{\"email\":\"a@b.c\","
				"\"phone\":\"+15550100199\"}"));
}

static void
status_names_categories_and_no_values(void **state)
{
	char id[ID_TEXT_BYTES];

	(void)state;
	call_env_customer(&env, "status@example.com", id);
	assert_ok(call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_status),
			       "{\"subject\":\"%s\"}", id));
	assert_string_equal(call_env_text(&env, "standing"), "adult");
	assert_string_equal(call_env_text(&env, "account"), "open");
	assert_int_equal(call_env_count(&env, "categories"), 2);
	assert_string_equal(call_env_text(&env, "categories.0"), "contact");
	assert_string_equal(call_env_text(&env, "categories.1"), "account");
	assert_non_null(call_env_get(&env, "holds"));
	assert_non_null(call_env_get(&env, "requests"));
	assert_err(ERR_NOT_FOUND,
		   call_env_run(&env, ROLE_SUPPORT, CALL_OP(subject_status),
				"{\"subject\":\"00000000-0000-7000-8000-"
				"000000000000\"}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ages_decide_by_country_and_day),
		cmocka_unit_test(members_that_contradict_are_named),
		cmocka_unit_test(refused_child_leaves_a_count),
		cmocka_unit_test(second_customer_with_an_address_is_refused),
		cmocka_unit_test(prospect_who_registers_is_the_same_person),
		cmocka_unit_test(many_inquiries_leave_room_for_the_person),
		cmocka_unit_test(guardian_who_asks_is_not_the_child),
		cmocka_unit_test(nothing_of_the_birth_date_is_kept),
		cmocka_unit_test(guardian_goes_at_adulthood),
		cmocka_unit_test(people_are_found_by_what_they_gave),
		cmocka_unit_test(status_names_categories_and_no_values),
	};

	return cmocka_run_group_tests(tests, open_env, close_env);
}
