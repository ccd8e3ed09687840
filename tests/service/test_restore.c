/* The drill: a store lost and restored from an old backup, with and without
 * the journal behind it. Two people share a bucket of the look-up index; one
 * is erased after the backup was made. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "policy/role.h"
#include "service/restore.h"
#include "support/core_env.h"
#include "support/test.h"
#include "vault/index.h"

#define ADA "ada@example.com"

struct drill {
	struct core_env e;
	char backup[160];
	char other[64]; /* shares the bucket with ADA */
	char ada[ID_TEXT_BYTES];
	char bob[ID_TEXT_BYTES];
	char request[ID_TEXT_BYTES];
	struct restore_report report;
};

static const char *
person(const char *email)
{
	return json_of("{\"birth_date\":\"1980-02-29\",\"country\":\"US\","
		       "\"contact\":{\"name\":\"P\",\"email\":\"%s\"},"
		       "\"terms\":{\"version\":\"2026-01\",\"accepted_at\":"
		       "\"2026-03-01T00:00:00Z\"}}",
		       email);
}

static void
shell(const char *line)
{
	assert_int_equal(system(line), 0);
}

static void
lose(const struct core_env *e, const char *part)
{
	shell(json_of("rm -rf %s/%s", e->store, part));
}

static void
keep(char to[ID_TEXT_BYTES], const struct core_env *e, const char *name)
{
	assert_non_null(core_env_text(e, name));
	(void)snprintf(to, ID_TEXT_BYTES, "%s", core_env_text(e, name));
}

static int
make(void **state)
{
	static const struct core_env_options on_disk = {.on_disk = true,
							.index_buckets = 1};
	struct drill *d = calloc(1, sizeof(*d));

	core_env_open(&d->e, &on_disk);
	(void)snprintf(d->backup, sizeof(d->backup), "%s/backup",
		       d->e.directory);
	*state = d;
	return 0;
}

static int
unmake(void **state)
{
	struct drill *d = *state;

	core_env_close(&d->e);
	free(d);
	return 0;
}

static void
find(struct drill *d, const char *email, const char *status)
{
	core_env_call(&d->e, ROLE_SUPPORT, "subject.find",
		      json_of("{\"email\":\"%s\"}", email));
	if (strcmp(d->e.status, status) != 0) {
		fail_msg("%s: %s %s", email, d->e.status, d->e.body);
	}
}

static void
visit(struct core_env *e, const char *cookie)
{
	core_env_ok(e, ROLE_PORTAL, "visit.append",
		    json_of("{\"visitor\":\"%s\",\"events\":[{\"at\":"
			    "\"2026-03-02T09:00:00Z\",\"ip\":\"203.0.113.1\","
			    "\"user_agent\":\"x\",\"language\":\"en\","
			    "\"page\":\"/\",\"action\":\"view\"}]}",
			    cookie));
}

/* Who comes again is the visitor of before. */
static void
visitor_is_known(struct core_env *e, const char *cookie)
{
	core_env_ok(e, ROLE_PORTAL, "visit.read",
		    json_of("{\"visitor\":\"%s\",\"purpose\":\"improve\","
			    "\"reason\":\"drill\"}",
			    cookie));
	assert_string_equal(core_env_text(e, "records.0.page"), "/");
}

/* In one bucket: the store has a single one. */
static void
people_and_backup(struct drill *d)
{
	struct core_env *e = &d->e;

	(void)snprintf(d->other, sizeof(d->other), "bob@example.com");
	core_env_ok(e, ROLE_PORTAL, "subject.register", person(ADA));
	keep(d->ada, e, "subject");
	core_env_ok(e, ROLE_PORTAL, "subject.register", person(d->other));
	keep(d->bob, e, "subject");
	core_env_ok(e, ROLE_PORTAL, "subject.write",
		    json_of("{\"subject\":\"%s\",\"category\":\"content\","
			    "\"data\":{\"text\":\"kept\"}}",
			    d->ada));
	visit(e, "nobody-s");
	visit(e, "ada-s");
	core_env_ok(e, ROLE_PORTAL, "visit.identify",
		    json_of("{\"visitor\":\"ada-s\",\"subject\":\"%s\"}",
			    d->ada));
	core_env_ok(e, ROLE_ADMIN, "backup.create",
		    json_of("{\"directory\":\"%s\"}", d->backup));
}

static void
erase(struct drill *d, const char *subject)
{
	struct core_env *e = &d->e;

	core_env_ok(e, ROLE_COMPLIANCE, "request.submit",
		    json_of("{\"type\":\"delete\",\"subject\":\"%s\","
			    "\"channel\":\"portal\"}",
			    subject));
	keep(d->request, e, "request");
	core_env_ok(e, ROLE_COMPLIANCE, "request.verify",
		    json_of("{\"request\":\"%s\",\"method\":\"call\","
			    "\"evidence\":{\"method\":\"call\",\"reference\":"
			    "\"1\",\"at\":\"2026-03-02T09:00:00Z\"}}",
			    d->request));
	core_env_ok(e, ROLE_COMPLIANCE, "request.fulfil",
		    json_of("{\"request\":\"%s\"}", d->request));
	core_env_settle(e);
	assert_string_equal(core_env_text(e, "state"), "fulfilled");
}

/* Signs what there is. */
static int64_t
checkpoint(struct core_env *e)
{
	core_env_advance(e, MS_PER_HOUR);
	core_env_advance(e, MS_PER_HOUR);
	core_env_ok(e, ROLE_AUDITOR, "service.status", "{}");
	return core_env_number(e, "log.checkpoint_size");
}

static void
restore(struct drill *d)
{
	assert_ok(restore_run(&d->e.config, d->backup, &d->report));
	assert_ok(core_open(&d->e.config, &d->e.core));
}

static void
nothing_is_lost_with_the_journal(void **state)
{
	struct drill *d = *state;
	struct core_env *e = &d->e;
	int64_t signed_size;

	people_and_backup(d);
	erase(d, d->bob);
	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    person("late@example.com"));
	signed_size = checkpoint(e);
	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    person("later@example.com"));
	core_close(e->core);
	lose(e, "data");
	restore(d);
	assert_false(d->report.has_gap);
	find(d, ADA, "ok");
	find(d, "late@example.com", "ok");
	find(d, "later@example.com", "ok");
	find(d, d->other, "not_found");
	assert_true(checkpoint(e) > signed_size);
}

static void
gap_is_named_and_waits_for_compliance(void **state)
{
	struct drill *d = *state;
	struct core_env *e = &d->e;
	char gap[ID_TEXT_BYTES];
	int64_t signed_size;

	people_and_backup(d);
	erase(d, d->bob);
	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    person("late@example.com"));
	signed_size = checkpoint(e);
	core_close(e->core);
	lose(e, "journal");
	lose(e, "data");
	restore(d);
	assert_true(d->report.has_gap);
	assert_false(d->report.log_closed);
	assert_true(d->report.leaves_put_back > 0);
	assert_true(d->report.buckets_rebuilt > 0);
	assert_int_equal(d->report.people_erased, 1);
	assert_int_equal(d->report.to_leaf, signed_size);
	find(d, ADA, "unavailable");
	core_env_ok(e, ROLE_COMPLIANCE, "service.status", "{}");
	keep(gap, e, "gap.gap");
	assert_string_equal(gap, d->report.gap);
	core_env_ok(e, ROLE_COMPLIANCE, "subject.find",
		    json_of("{\"email\":\"%s\"}", ADA));
	core_env_refused(e, ROLE_COMPLIANCE, "restore.acknowledge",
			 json_of("{\"gap\":\"%s\",\"note\":\"x\"}", d->ada),
			 "not_found", "gap");
	core_env_ok(e, ROLE_COMPLIANCE, "restore.acknowledge",
		    json_of("{\"gap\":\"%s\",\"note\":\"a disk was lost\"}",
			    gap));
	core_env_settle(e);
	find(d, ADA, "ok");
	find(d, d->other, "not_found");
	find(d, "late@example.com", "not_found");
	visitor_is_known(e, "nobody-s");
	visitor_is_known(e, "ada-s");
	core_env_refused(e, ROLE_PORTAL, "visit.identify",
			 json_of("{\"visitor\":\"ada-s\",\"subject\":\"%s\"}",
				 d->bob),
			 "not_found", NULL);
	core_env_ok(e, ROLE_PORTAL, "subject.register", person(d->other));
	find(d, d->other, "ok");
	assert_true(checkpoint(e) > signed_size);
	core_env_ok(e, ROLE_AUDITOR, "audit.consistency",
		    json_of("{\"from\":%lld,\"to\":%lld}",
			    (long long)signed_size,
			    (long long)signed_size + 1));
	core_env_restart(e);
	find(d, ADA, "ok");
}

static void
no_slot_is_issued_twice(void **state)
{
	struct drill *d = *state;
	struct core_env *e = &d->e;
	people_and_backup(d);
	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    person("late@example.com"));
	core_close(e->core);
	lose(e, "journal");
	lose(e, "data");
	restore(d);
	assert_true(d->report.has_gap);
	core_env_ok(e, ROLE_ADMIN, "key.status", "{}");
	core_env_ok(e, ROLE_COMPLIANCE, "restore.acknowledge",
		    json_of("{\"gap\":\"%s\",\"note\":\"x\"}", d->report.gap));
	core_env_advance(e, MS_PER_HOUR);
	core_env_advance(e, MS_PER_HOUR);
	core_env_ok(e, ROLE_COMPLIANCE, "service.status", "{}");
	assert_null(core_env_text(e, "gap.gap"));
	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    person("late@example.com"));
	find(d, "late@example.com", "ok");
}

static void
log_without_its_leaves_has_a_successor(void **state)
{
	struct drill *d = *state;
	struct core_env *e = &d->e;

	people_and_backup(d);
	core_env_ok(e, ROLE_PORTAL, "subject.register",
		    person("late@example.com"));
	(void)checkpoint(e);
	core_close(e->core);
	lose(e, "journal");
	lose(e, "data");
	shell(json_of("rm -rf %s", e->log));
	shell(json_of("cp -r %s/log %s", d->backup, e->log));
	restore(d);
	assert_true(d->report.has_gap);
	assert_true(d->report.log_closed);
	core_env_ok(e, ROLE_COMPLIANCE, "restore.acknowledge",
		    json_of("{\"gap\":\"%s\",\"note\":\"x\"}", d->report.gap));
	(void)checkpoint(e);
	core_env_ok(e, ROLE_AUDITOR, "audit.checkpoint", "{}");
	assert_non_null(strstr(core_env_text(e, "origin"), "/2"));
	core_env_ok(e, ROLE_AUDITOR, "audit.entries", "{\"from\":0,\"to\":1}");
	assert_string_equal(core_env_text(e, "items.0.type"), "successor");
	core_env_restart(e);
	find(d, ADA, "ok");
	(void)checkpoint(e);
}

/* Both fit each other: only the store knows better. */
static void
old_keys_with_their_old_keystore_are_refused(void **state)
{
	struct drill *d = *state;
	struct core_env *e = &d->e;

	people_and_backup(d);
	core_close(e->core);
	shell(json_of("cp -r %s %s.old", e->keys.keys, e->keys.keys));
	shell(json_of("cp %s %s.old", e->keys.keystore, e->keys.keystore));
	assert_ok(core_open(&e->config, &e->core));
	erase(d, d->bob);
	core_env_restart(e);
	core_close(e->core);
	shell(json_of("mv %s %s.new && mv %s.old %s", e->keys.keys,
		      e->keys.keys, e->keys.keys, e->keys.keys));
	shell(json_of("mv %s %s.new && mv %s.old %s", e->keys.keystore,
		      e->keys.keystore, e->keys.keystore, e->keys.keystore));
	assert_err(ERR_CORRUPT, core_open(&e->config, &e->core));
	shell(json_of("rm -r %s && mv %s.new %s", e->keys.keys, e->keys.keys,
		      e->keys.keys));
	shell(json_of("mv %s.new %s", e->keys.keystore, e->keys.keystore));
	assert_ok(core_open(&e->config, &e->core));
}

static void
running_service_is_refused(void **state)
{
	struct drill *d = *state;

	people_and_backup(d);
	assert_int_equal(restore_run(&d->e.config, d->backup, &d->report),
			 ERR_BUSY);
	find(d, ADA, "ok");
}

static void
what_is_no_backup_is_refused(void **state)
{
	struct drill *d = *state;

	core_close(d->e.core);
	assert_int_equal(restore_run(&d->e.config, d->e.directory, &d->report),
			 ERR_NOT_FOUND);
	assert_ok(core_open(&d->e.config, &d->e.core));
}

#define DRILL(f) cmocka_unit_test_setup_teardown(f, make, unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DRILL(nothing_is_lost_with_the_journal),
		DRILL(gap_is_named_and_waits_for_compliance),
		DRILL(no_slot_is_issued_twice),
		DRILL(log_without_its_leaves_has_a_successor),
		DRILL(old_keys_with_their_old_keystore_are_refused),
		DRILL(running_service_is_refused),
		DRILL(what_is_no_backup_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
