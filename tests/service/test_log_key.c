/* The log's key rotated by key.rotate: what was signed before stays
 * verifiable, whatever is lost in between. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/file.h"
#include "audit/logkeys.h"
#include "policy/role.h"
#include "service/restore.h"
#include "service/state.h"
#include "support/core_env.h"
#include "support/test.h"

#define NOTES_MAX 8

struct rotation {
	struct core_env e;
	char backup[160];
	/* Everything the log has said, as an auditor keeps it. */
	char notes[NOTES_MAX][2048];
	char vkeys[NOTES_MAX][NOTE_VKEY_BYTES];
	size_t n;
};

static int
make(void **state)
{
	static const struct core_env_options on_disk = {.on_disk = true};
	struct rotation *r = calloc(1, sizeof(*r));

	core_env_open(&r->e, &on_disk);
	(void)snprintf(r->backup, sizeof(r->backup), "%s/backup",
		       r->e.directory);
	*state = r;
	return 0;
}

static int
unmake(void **state)
{
	struct rotation *r = *state;

	core_env_close(&r->e);
	free(r);
	return 0;
}

static void
shell(const char *line)
{
	assert_int_equal(system(line), 0);
}

/* Something happens, is signed, and the auditor takes the checkpoint. */
static void
sign(struct rotation *r)
{
	struct core_env *e = &r->e;

	assert_true(r->n < NOTES_MAX);
	core_env_call(e, ROLE_SUPPORT, "subject.find",
		      "{\"email\":\"nobody@example.com\"}");
	core_env_advance(e, MS_PER_MINUTE);
	core_env_advance(e, MS_PER_MINUTE);
	core_env_ok(e, ROLE_AUDITOR, "audit.checkpoint", "{}");
	(void)snprintf(r->notes[r->n], sizeof(r->notes[0]), "%s",
		       core_env_text(e, "note"));
	(void)snprintf(r->vkeys[r->n++], sizeof(r->vkeys[0]), "%s",
		       core_env_text(e, "vkey"));
}

static void
rotate(struct rotation *r, char out_vkey[NOTE_VKEY_BYTES])
{
	core_env_ok(&r->e, ROLE_ADMIN, "key.rotate", "{\"of\":\"log\"}");
	assert_null(core_env_at(&r->e, "nodes"));
	(void)snprintf(out_vkey, NOTE_VKEY_BYTES, "%s",
		       core_env_text(&r->e, "vkey"));
}

/* From each key that the auditor may hold, every checkpoint he has is good. */
static void
all_are_good(const struct rotation *r, size_t rotations)
{
	int fd = open(r->e.log, O_RDONLY | O_DIRECTORY);
	struct note_verifier pinned;
	struct log_keys keys;
	struct checkpoint c;

	assert_true(fd >= 0);
	for (size_t i = 0; i < r->n; i++) {
		assert_ok(note_vkey_parse(bytes_str(r->vkeys[i]), &pinned));
		assert_ok(log_keys_read(fd, &pinned, &keys));
		assert_int_equal(keys.n, rotations + 1);
		for (size_t j = 0; j < r->n; j++) {
			assert_ok(log_keys_open(&keys, bytes_str(r->notes[j]),
						&c));
		}
		/* The key that was shown with it has signed it. */
		assert_ok(checkpoint_open(bytes_str(r->notes[i]), &pinned, 1,
					  &c));
		log_keys_clear(&keys);
	}
	(void)close(fd);
}

static void
rotation_leaves_old_checkpoints_good(void **state)
{
	struct rotation *r = *state;
	struct core_env *e = &r->e;
	char next[NOTE_VKEY_BYTES];

	sign(r);
	rotate(r, next);
	core_env_refused(e, ROLE_ADMIN, "key.rotate", "{\"of\":\"log\"}",
			 "state", NULL);
	sign(r);
	assert_string_equal(r->vkeys[1], next);
	assert_string_not_equal(r->vkeys[0], next);
	all_are_good(r, 1);
	core_env_restart(e);
	sign(r);
	rotate(r, next);
	/* Stopped before it began. */
	core_env_restart(e);
	sign(r);
	sign(r);
	assert_string_equal(r->vkeys[4], next);
	all_are_good(r, 2);
	core_env_ok(e, ROLE_AUDITOR, "audit.consistency",
		    "{\"from\":1,\"to\":4}");
}

static void
rotation_has_its_leaves(void **state)
{
	struct rotation *r = *state;
	struct core_env *e = &r->e;
	char next[NOTE_VKEY_BYTES];
	int64_t from, size;
	unsigned found = 0;

	sign(r);
	core_env_ok(e, ROLE_AUDITOR, "audit.entries", "{\"from\":0,\"to\":0}");
	from = core_env_number(e, "size");
	rotate(r, next);
	sign(r);
	core_env_ok(e, ROLE_AUDITOR, "audit.entries", "{\"from\":0,\"to\":0}");
	size = core_env_number(e, "size");
	core_env_ok(e, ROLE_AUDITOR, "audit.entries",
		    json_of("{\"from\":%lld,\"to\":%lld}", (long long)from,
			    (long long)size));
	for (int64_t i = 0; i < size - from; i++) {
		const char *type = core_env_text(
			e, json_of("items.%lld.type", (long long)i));

		found += type != NULL && strcmp(type, "key_rotation") == 0;
	}
	assert_int_equal(found, 2);
	core_env_ok(e, ROLE_AUDITOR, "key.status", "{}");
	assert_int_equal(core_env_number(e, "log_rotations"), 1);
	core_env_ok(e, ROLE_ADMIN, "key.rotate", "{\"of\":\"tree\"}");
	assert_true(core_env_number(e, "nodes") > 0);
	core_env_refused(e, ROLE_ADMIN, "key.rotate", "{\"of\":\"root\"}",
			 "invalid", "of");
}

static bool
slot_lives(struct core_env *e, slot_t slot)
{
	AUTO_KEY key = {{0}};
	int rc = keyring_key(e->core->keys, slot, &key);

	assert_true(rc == 0 || rc == ERR_EXPIRED);
	return rc == 0;
}

/* Whoever takes everything after a rotation cannot sign as before it. */
static void
old_key_is_destroyed(void **state)
{
	struct rotation *r = *state;
	struct core_env *e = &r->e;
	char next[NOTE_VKEY_BYTES];

	sign(r);
	assert_true(slot_lives(e, SLOT_LOG_SIGNER));
	rotate(r, next);
	sign(r);
	core_env_advance(e, MS_PER_MINUTE);
	core_env_advance(e, MS_PER_MINUTE);
	assert_false(slot_lives(e, SLOT_LOG_SIGNER));
	assert_true(slot_lives(e, SLOT_LOG_SIGNERS));
	all_are_good(r, 1);
	/* Nothing more goes at the next start. */
	core_env_restart(e);
	core_env_advance(e, MS_PER_MINUTE);
	assert_true(slot_lives(e, SLOT_LOG_SIGNERS));
	rotate(r, next);
	sign(r);
	sign(r);
	assert_false(slot_lives(e, SLOT_LOG_SIGNERS));
	assert_true(slot_lives(e, SLOT_LOG_SIGNERS + 1));
	all_are_good(r, 2);
}

static void
lost_folder_comes_back_with_its_keys(void **state)
{
	struct rotation *r = *state;
	struct core_env *e = &r->e;
	char next[NOTE_VKEY_BYTES];

	sign(r);
	rotate(r, next);
	sign(r);
	rotate(r, next);
	sign(r);
	core_close(e->core);
	shell(json_of("mv %s %s.lost", e->log, e->log));
	assert_ok(core_open(&e->config, &e->core));
	sign(r);
	all_are_good(r, 2);
	shell(json_of("diff -r %s/key %s.lost/key", e->log, e->log));
	shell(json_of("cmp %s/vkey %s.lost/vkey", e->log, e->log));
}

static void
restore(struct rotation *r, struct restore_report *out)
{
	struct core_env *e = &r->e;

	assert_ok(restore_run(&e->config, r->backup, out));
	assert_true(out->has_gap);
	assert_ok(core_open(&e->config, &e->core));
	core_env_ok(e, ROLE_COMPLIANCE, "restore.acknowledge",
		    json_of("{\"gap\":\"%s\",\"note\":\"x\"}", out->gap));
}

/* The store was rolled back to before the rotation; the log was not. */
static void
restored_store_learns_of_its_rotations(void **state)
{
	struct rotation *r = *state;
	struct core_env *e = &r->e;
	char next[NOTE_VKEY_BYTES];
	struct restore_report report;

	sign(r);
	core_env_ok(e, ROLE_ADMIN, "backup.create",
		    json_of("{\"directory\":\"%s\"}", r->backup));
	rotate(r, next);
	sign(r);
	core_close(e->core);
	shell(json_of("rm -rf %s/data %s/journal", e->store, e->store));
	restore(r, &report);
	assert_false(report.log_closed);
	sign(r);
	assert_string_equal(r->vkeys[2], next);
	all_are_good(r, 1);
}

/* A successor has keys of its own, and none of the old log's rotations. */
static void
successor_begins_with_a_first_key(void **state)
{
	struct rotation *r = *state;
	struct core_env *e = &r->e;
	char next[NOTE_VKEY_BYTES];
	struct restore_report report;

	sign(r);
	core_env_ok(e, ROLE_ADMIN, "backup.create",
		    json_of("{\"directory\":\"%s\"}", r->backup));
	rotate(r, next);
	sign(r);
	core_close(e->core);
	shell(json_of("rm -rf %s/data %s/journal %s", e->store, e->store,
		      e->log));
	restore(r, &report);
	assert_true(report.log_closed);
	r->n = 0;
	sign(r);
	assert_non_null(strstr(r->vkeys[0], "/2+"));
	all_are_good(r, 0);
	rotate(r, next);
	sign(r);
	assert_string_equal(r->vkeys[1], next);
	all_are_good(r, 1);
}

/* The store was rolled back to before the rotation, and no file tells of it:
 * with as many leaves as were signed, but with a key that is nowhere. */
static void
store_whose_key_is_gone_begins_a_successor(void **state)
{
	struct rotation *r = *state;
	struct core_env *e = &r->e;
	char next[NOTE_VKEY_BYTES];
	struct restore_report report;

	sign(r);
	core_env_ok(e, ROLE_ADMIN, "backup.create",
		    json_of("{\"directory\":\"%s\"}", r->backup));
	rotate(r, next);
	sign(r);
	rotate(r, next);
	sign(r);
	sign(r);
	core_close(e->core);
	shell(json_of("rm -rf %s/data %s/journal %s/key", e->store, e->store,
		      e->log));
	restore(r, &report);
	assert_true(report.log_closed);
	r->n = 0;
	sign(r);
	rotate(r, next);
	sign(r);
	assert_string_equal(r->vkeys[1], next);
	all_are_good(r, 1);
}

#define ROTATION(f) cmocka_unit_test_setup_teardown(f, make, unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ROTATION(rotation_leaves_old_checkpoints_good),
		ROTATION(rotation_has_its_leaves),
		ROTATION(old_key_is_destroyed),
		ROTATION(lost_folder_comes_back_with_its_keys),
		ROTATION(restored_store_learns_of_its_rotations),
		ROTATION(successor_begins_with_a_first_key),
		ROTATION(store_whose_key_is_gone_begins_a_successor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
