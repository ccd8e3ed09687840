/* People through a whole core: what is answered again, what leaves nothing,
 * what comes back from disk. */

#include "policy/role.h"
#include "support/core_env.h"
#include "support/test.h"

static int
setup(void **state)
{
	static struct core_env e;

	core_env_open(&e, NULL);
	*state = &e;
	return 0;
}

static int
teardown(void **state)
{
	core_env_close(*state);
	return 0;
}

#define PERSON(birth, email)                                                   \
	"{\"birth_date\":\"" birth "\",\"country\":\"US\",\"contact\":"        \
	"{\"name\":\"Ada Lovelace\",\"email\":\"" email "\"},\"terms\":"       \
	"{\"version\":\"1\",\"accepted_at\":\"2026-01-01T00:00:00Z\"}}"

static struct id
fresh_id(struct core_env *e)
{
	return id_new(e->clock.wall, &e->keys.entropy.base);
}

static int64_t
log_size(struct core_env *e)
{
	core_env_ok(e, ROLE_AUDITOR, "audit.entries", "{\"from\":0,\"to\":0}");
	return core_env_number(e, "size");
}

static void
registering_again_under_one_id_is_one_customer(void **state)
{
	struct core_env *e = *state;
	struct id id = fresh_id(e);
	char subject[ID_TEXT_BYTES];

	core_env_call_id(e, ROLE_PORTAL, "subject.register", &id,
			 PERSON("1980-02-29", "ada@example.com"));
	assert_string_equal(e->status, "ok");
	assert_string_equal(core_env_text(e, "standing"), "adult");
	(void)snprintf(subject, sizeof(subject), "%s",
		       core_env_text(e, "subject"));
	core_env_call_id(e, ROLE_PORTAL, "subject.register", &id,
			 PERSON("1980-02-29", "ada@example.com"));
	assert_string_equal(e->status, "ok");
	assert_string_equal(core_env_text(e, "subject"), subject);
	core_env_call_id(e, ROLE_PORTAL, "subject.register", &id,
			 PERSON("1980-02-28", "ada@example.com"));
	assert_string_equal(e->status, "conflict");
	core_env_refused(e, ROLE_PORTAL, "subject.register",
			 PERSON("1980-02-29", "ADA@example.com"), "exists",
			 "contact.email");
}

static void
refused_child_is_refused_anew(void **state)
{
	struct core_env *e = *state;
	struct id id = fresh_id(e);
	int64_t before = log_size(e);
	int at = 0;

	core_env_call_id(e, ROLE_PORTAL, "subject.register", &id,
			 PERSON("2015-06-01", "kid@example.com"));
	assert_string_equal(e->status, "under_age");
	/* No reply was kept, no fingerprint: another body is no conflict. */
	core_env_call_id(e, ROLE_PORTAL, "subject.register", &id,
			 PERSON("2016-06-01", "other@example.com"));
	assert_string_equal(e->status, "under_age");
	core_env_refused(e, ROLE_SUPPORT, "subject.find",
			 "{\"email\":\"kid@example.com\"}", "not_found", NULL);
	core_env_ok(e, ROLE_AUDITOR, "audit.entries",
		    json_of("{\"from\":%lld,\"to\":%lld}", (long long)before,
			    (long long)log_size(e)));
	/* The tree may grow meanwhile, which has a leaf of its own. */
	for (int i = 0; i < 2; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "items.%d.type", at);
		if (strcmp(core_env_text(e, path), "erasure_batch") == 0) {
			at++;
			(void)snprintf(path, sizeof(path), "items.%d.type", at);
		}
		assert_string_equal(core_env_text(e, path),
				    "register_refused_age");
		(void)snprintf(path, sizeof(path), "items.%d.outcome", at);
		assert_string_equal(core_env_text(e, path), "under_age");
		at++;
	}
}

static void
friend_is_told_once_and_again_to_who_repeats(void **state)
{
	struct core_env *e = *state;
	struct id id = fresh_id(e);
	char invite[ID_TEXT_BYTES];
	const char *take;

	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    PERSON("1980-02-29", "host@example.com"));
	core_env_ok(e, ROLE_PORTAL, "invite.create",
		    json_of("{\"subject\":\"%s\",\"friend\":{\"name\":\"M\","
			    "\"email\":\"m@example.com\"}}",
			    core_env_text(e, "subject")));
	(void)snprintf(invite, sizeof(invite), "%s",
		       core_env_text(e, "invite"));
	take = json_of("{\"invite\":\"%s\"}", invite);
	core_env_call_id(e, ROLE_PORTAL, "invite.take", &id, take);
	assert_string_equal(e->status, "ok");
	core_env_settle(e);
	core_env_call_id(e, ROLE_PORTAL, "invite.take", &id, take);
	assert_string_equal(e->status, "ok");
	assert_string_equal(core_env_text(e, "friend.email"), "m@example.com");
	core_env_refused(e, ROLE_PORTAL, "invite.take", take, "not_found",
			 NULL);
	/* Over: the timed work takes it away, and the kept answer with it. */
	core_env_advance(e, 31 * MS_PER_DAY);
	core_env_advance(e, MS_PER_MINUTE);
	core_env_call_id(e, ROLE_PORTAL, "invite.take", &id, take);
	assert_string_not_equal(e->status, "ok");
}

static void
data_too_long_are_named(void **state)
{
	struct core_env *e = *state;
	static char text[70000];
	static char json[80000];

	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    PERSON("1980-02-29", "long@example.com"));
	memset(text, 'x', sizeof(text) - 1);
	(void)snprintf(json, sizeof(json),
		       "{\"subject\":\"%s\",\"category\":\"content\","
		       "\"data\":{\"text\":\"%s\"}}",
		       core_env_text(e, "subject"), text);
	core_env_refused(e, ROLE_PORTAL, "subject.write", json, "too_large",
			 "data");
}

/* PROFILE is gone, BILLING is held: a job's answer has a place all the same. */
static void
hold_over_what_an_erasure_left_is_answered(void **state)
{
	struct core_env *e = *state;
	struct id id = fresh_id(e);
	char subject[ID_TEXT_BYTES];
	const char *hold;

	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    PERSON("1980-02-29", "left@example.com"));
	(void)snprintf(subject, sizeof(subject), "%s",
		       core_env_text(e, "subject"));
	core_env_ok(e, ROLE_BILLING, "subject.write",
		    json_of("{\"subject\":\"%s\",\"category\":\"billing\","
			    "\"data\":{\"name\":\"Ada\"}}",
			    subject));
	hold = json_of("{\"subject\":\"%s\",\"categories\":[\"billing\"],"
		       "\"matter\":\"1\"}",
		       subject);
	core_env_ok(e, ROLE_COMPLIANCE, "hold.place", hold);
	core_env_ok(e, ROLE_PORTAL, "request.submit",
		    json_of("{\"type\":\"delete\",\"subject\":\"%s\","
			    "\"channel\":\"portal\"}",
			    subject));
	hold = json_of("%s", hold); /* it lives as long as the last of these */
	(void)snprintf(subject, sizeof(subject), "%s",
		       core_env_text(e, "request"));
	core_env_ok(e, ROLE_COMPLIANCE, "request.verify",
		    json_of("{\"request\":\"%s\",\"method\":\"seen\","
			    "\"evidence\":{\"method\":\"seen\",\"reference\":"
			    "\"r\",\"at\":\"2026-01-01T00:00:00Z\"}}",
			    subject));
	core_env_ok(e, ROLE_COMPLIANCE, "request.fulfil",
		    json_of("{\"request\":\"%s\"}", subject));
	core_env_call_id(e, ROLE_COMPLIANCE, "hold.place", &id, hold);
	assert_string_equal(e->status, "ok");
	(void)snprintf(subject, sizeof(subject), "%s",
		       core_env_text(e, "hold"));
	core_env_call_id(e, ROLE_COMPLIANCE, "hold.place", &id, hold);
	assert_string_equal(e->status, "ok");
	assert_string_equal(core_env_text(e, "hold"), subject);
	core_env_ok(e, ROLE_COMPLIANCE, "hold.release",
		    json_of("{\"hold\":\"%s\",\"reason\":\"over\"}",
			    subject));
	core_env_settle(e);
}

static void
clock_that_jumps_forgets_no_answer(void **state)
{
	const int64_t jump_ms = 10 * MS_PER_DAY;
	struct core_env *e = *state;
	struct id id = fresh_id(e);
	char subject[ID_TEXT_BYTES];

	core_env_call_id(e, ROLE_PORTAL, "subject.register", &id,
			 PERSON("1980-02-29", "jump@example.com"));
	(void)snprintf(subject, sizeof(subject), "%s",
		       core_env_text(e, "subject"));
	core_env_advance(e, MS_PER_MINUTE);
	e->clock.wall += jump_ms;
	core_env_advance(e, MS_PER_MINUTE);
	e->clock.wall -= jump_ms;
	core_env_advance(e, MS_PER_MINUTE);
	core_env_call_id(e, ROLE_PORTAL, "subject.register", &id,
			 PERSON("1980-02-29", "jump@example.com"));
	assert_string_equal(e->status, "ok");
	assert_string_equal(core_env_text(e, "subject"), subject);
}

static void
people_come_back_from_disk(void **state)
{
	static struct core_env e;
	const struct core_env_options options = {.on_disk = true};
	char subject[ID_TEXT_BYTES];

	(void)state;
	core_env_open(&e, &options);
	core_env_ok(&e, ROLE_PORTAL, "subject.register",
		    PERSON("1980-02-29", "disk@example.com"));
	(void)snprintf(subject, sizeof(subject), "%s",
		       core_env_text(&e, "subject"));
	core_env_ok(&e, ROLE_BILLING, "subject.write",
		    json_of("{\"subject\":\"%s\",\"category\":\"billing\","
			    "\"data\":{\"card_number\":"
			    "\"4111111111111111\"}}",
			    subject));
	core_env_restart(&e);
	core_env_ok(&e, ROLE_SUPPORT, "subject.find",
		    "{\"email\":\"DISK@example.com\"}");
	assert_string_equal(core_env_text(&e, "subject"), subject);
	core_env_ok(&e, ROLE_BILLING, "subject.read",
		    json_of("{\"subject\":\"%s\",\"purpose\":"
			    "\"collect_payment\",\"reason\":\"invoice\","
			    "\"categories\":[\"billing\"]}",
			    subject));
	assert_string_equal(core_env_text(&e, "records.0.data.card_number"),
			    "4111111111111111");
	core_env_ok(
		&e, ROLE_PORTAL, "subject.close",
		json_of("{\"subject\":\"%s\",\"reason\":\"moved\"}", subject));
	core_env_ok(&e, ROLE_SUPPORT, "subject.status",
		    json_of("{\"subject\":\"%s\"}", subject));
	assert_string_equal(core_env_text(&e, "account"), "closed");
	core_env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			registering_again_under_one_id_is_one_customer),
		cmocka_unit_test(refused_child_is_refused_anew),
		cmocka_unit_test(friend_is_told_once_and_again_to_who_repeats),
		cmocka_unit_test(data_too_long_are_named),
		cmocka_unit_test(hold_over_what_an_erasure_left_is_answered),
		cmocka_unit_test(clock_that_jumps_forgets_no_answer),
		cmocka_unit_test(people_come_back_from_disk),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
