/* recover: a process that dies at any step of a batch, or whose disk refuses
 * any one write, leaves something that the next start decides rightly: each
 * row of the recovery table. Children do the work and die; the parent looks. */

#include <errno.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

#include "base/secret.h"
#include "keyring/keystore.h"
#include "keyring/node.h"
#include "support/files.h"
#include "support/keyring_env.h"

/* The n-th write or sync from now on fails: before or after it was done. */
static long fail_at;
static bool fail_after;
static bool fail_on;

static bool
fails_now(void)
{
	if (fail_at > 0) {
		fail_at--;
		if (fail_at == 0) {
			if (fail_on) {
				fail_at = 1;
			}
			return true;
		}
	}
	return false;
}

#define REAL(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))
#define FAULTY(result, call)                                                  \
	do {                                                                  \
		bool fails_ = fails_now();                                    \
		if (!fails_ || fail_after) {                                  \
			result = call;                                        \
		}                                                             \
		if (fails_) {                                                 \
			errno = EIO;                                          \
			result = -1;                                          \
		}                                                             \
	} while (0)

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	ssize_t r = -1;

	FAULTY(r, REAL(pwrite)(fd, p, n, at));
	return r;
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	ssize_t r = -1;

	FAULTY(r, REAL(pwritev)(fd, v, n, at));
	return r;
}

int
fdatasync(int fd)
{
	int r = -1;

	FAULTY(r, REAL(fdatasync)(fd));
	return r;
}

struct death {
	const char *step;
	int skip; /* dies at the occurrence after so many */
};

static void
die_at(const char *name, void *ctx)
{
	struct death *d = ctx;

	if (strcmp(name, d->step) == 0 && d->skip-- == 0) {
		_exit(100);
	}
}

static struct keyring_batch
batch_of(const struct keyring *k)
{
	return (struct keyring_batch){
		.id = 1000 + keyring_epoch(k), .epoch_to = keyring_epoch(k) + 1};
}

/* A child opens and destroys the slot; true when it died at the step. */
static bool
child_destroys(struct keyring_env *e, slot_t slot, struct death *death,
	       struct keyring_batch *out_batch)
{
	struct keyring_recovery recovery;
	struct keyring_destroyed out;
	int status;
	pid_t pid;

	keyring_env_reopen(e);
	*out_batch = batch_of(e->keyring);
	keyring_close(e->keyring);
	e->keyring = NULL;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct keyring *k;

		if (keyring_open(&e->config, (struct keyring_batch){0}, &k,
				 &recovery) != 0) {
			_exit(1);
		}
		keyring_close(k);
		e->config.step = die_at;
		e->config.step_ctx = death;
		if (keyring_open(&e->config, (struct keyring_batch){0}, &k,
				 &recovery) != 0 ||
		    keyring_destroy(k, *out_batch, &slot, 1, &out) != 0) {
			_exit(1);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 1);
	return WEXITSTATUS(status) == 100;
}

/* A child that only opens, and dies at the step of its recovery. */
static bool
child_recovers(struct keyring_env *e, struct keyring_batch running,
	       struct death *death)
{
	struct keyring_recovery recovery;
	struct keyring *k;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		e->config.step = die_at;
		e->config.step_ctx = death;
		_exit(keyring_open(&e->config, running, &k, &recovery) != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 1);
	return WEXITSTATUS(status) == 100;
}

/* Both slots of a keystore file hold the same root, and nothing pending. */
static void
assert_keystore_even(struct keyring_env *e, const char *path)
{
	const struct keystore_source source = {e->passphrase, NULL};
	struct keystore_content content[2];
	struct keystore_header header;
	struct key kek;
	struct buf file;

	files_read(path, &file);
	assert_int_equal(file.len, KEYSTORE_FILE_BYTES);
	for (int i = 0; i < 2; i++) {
		struct bytes slot = bytes_of(
			file.data + i * (long)KEYSTORE_SLOT_DISTANCE_BYTES,
			KEYSTORE_SLOT_BYTES);

		assert_ok(keystore_header_decode(slot, &header));
		assert_ok(keystore_kek(&source, &header.kdf, &kek));
		assert_ok(keystore_slot_decode(slot, &kek, &content[i]));
		assert_int_equal(content[i].state, KEYSTORE_STABLE);
		assert_int_equal(content[i].epoch, keyring_epoch(e->keyring));
	}
	assert_memory_equal(&content[0].root, &content[1].root, KEY_BYTES);
	buf_clear(&file);
}

/* Opens and checks that the answer and the slot agree. */
static bool
settle_and_check(struct keyring_env *e, slot_t slot,
		 struct keyring_batch batch)
{
	struct keyring_recovery recovery;
	struct keyring_destroyed out;
	struct key key;
	bool done;

	assert_ok(keyring_open(&e->config, batch, &e->keyring, &recovery));
	assert_int_not_equal(recovery.batch_done, recovery.batch_again);
	done = recovery.batch_done;
	assert_int_equal(keyring_epoch(e->keyring),
			 done ? batch.epoch_to : batch.epoch_to - 1);
	assert_keystore_even(e, e->config.keystore);
	if (e->config.keystore_second != NULL) {
		assert_keystore_even(e, e->config.keystore_second);
	}
	if (!done) {
		assert_ok(keyring_key(e->keyring, slot, &key));
		batch = batch_of(e->keyring);
		assert_ok(keyring_destroy(e->keyring, batch, &slot, 1, &out));
	}
	assert_err(ERR_EXPIRED, keyring_key(e->keyring, slot, &key));
	keyring_close(e->keyring);
	e->keyring = NULL;
	return done;
}

/* The steps in order, how often each comes with a mirror and a second
 * keystore, and whether the decision has fallen by then. */
static const struct {
	const char *step;
	int times[2]; /* alone, mirrored */
	bool decided;
} steps[] = {
	{"begin", {1, 1}, false},	    {"nodes", {1, 1}, false},
	{"pending-copy", {1, 2}, false},    {"pending", {1, 1}, false},
	{"committed", {1, 1}, true},	    {"mirrored", {0, 1}, true},
	{"stable-one-copy", {1, 2}, true},  {"stable-one", {1, 1}, true},
	{"stable-copy", {1, 2}, true},	    {"stable", {1, 1}, true},
	{"wiped", {1, 1}, true},
};

static const char *const recovery_steps[] = {
	"recover-touched", "recover-one-copy", "recover-one",
	"recover-copy",	   "recover",	       "repaired-mirror",
};

static void
open_env(struct keyring_env *e, int mirrored)
{
	if (mirrored) {
		keyring_env_open_mirrored(e, 1000);
	} else {
		keyring_env_open(e, 1000);
	}
	keyring_close(e->keyring);
	e->keyring = NULL;
}

static void
death_at_each_step_is_decided(void **state)
{
	struct keyring_env e;
	slot_t slot = keyring_first_free();

	(void)state;
	for (int mirrored = 0; mirrored < 2; mirrored++) {
		open_env(&e, mirrored);
		for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
			for (int n = 0; n < steps[i].times[mirrored]; n++) {
				struct death death = {steps[i].step, n};
				struct keyring_batch batch;

				assert_true(child_destroys(&e, ++slot, &death,
							   &batch));
				assert_int_equal(
					settle_and_check(&e, slot, batch),
					steps[i].decided);
			}
		}
		keyring_env_close(&e);
		slot = keyring_first_free();
	}
}

static void
death_in_recovery_is_decided_again(void **state)
{
	static const char *const first[] = {"pending", "committed",
					    "stable-one"};
	struct keyring_env e;
	slot_t slot = keyring_first_free();
	int died = 0;

	(void)state;
	open_env(&e, 1);
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 6; j++) {
			struct death one = {first[i], 0};
			struct death two = {recovery_steps[j], 0};
			struct keyring_batch batch;

			assert_true(child_destroys(&e, ++slot, &one, &batch));
			died += child_recovers(&e, batch, &two);
			assert_int_equal(settle_and_check(&e, slot, batch),
					 i > 0);
		}
	}
	assert_true(died >= 10);
	keyring_env_close(&e);
}

/* What a child saw of keyring_destroy when its n-th write or sync failed. */
static int
child_with_fault(struct keyring_env *e, slot_t slot, long at, bool after,
		 bool on, struct keyring_batch *out_batch)
{
	struct keyring_recovery recovery;
	struct keyring_destroyed out;
	int status;
	pid_t pid;

	keyring_env_reopen(e);
	*out_batch = batch_of(e->keyring);
	keyring_close(e->keyring);
	e->keyring = NULL;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct keyring *k;
		int rc;

		if (keyring_open(&e->config, (struct keyring_batch){0}, &k,
				 &recovery) != 0) {
			_exit(1);
		}
		fail_at = at;
		fail_after = after;
		fail_on = on;
		rc = keyring_destroy(k, *out_batch, &slot, 1, &out);
		_exit(rc == 0 ? 10 : rc == ERR_OUTCOME ? 11 : 12);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 1);
	return WEXITSTATUS(status);
}

static void
each_failing_write_leaves_a_decidable_state(void **state)
{
	struct keyring_env e;
	slot_t slot = keyring_first_free();
	int faults = 0;

	(void)state;
	open_env(&e, 1);
	for (int kind = 0; kind < 4; kind++) {
		int seen = 0;

		for (long at = 1; seen != 10; at++) {
			struct keyring_batch batch;
			bool done;

			assert_true(at < 200);
			seen = child_with_fault(&e, ++slot, at, kind & 1,
						(kind & 2) != 0, &batch);
			done = settle_and_check(&e, slot, batch);
			/* What was answered holds. */
			assert_true(seen != 10 || done);
			assert_true(seen != 12 || !done);
			faults += seen != 10;
		}
	}
	assert_true(faults >= 20);
	keyring_env_close(&e);
}

static void
destroy_one(struct keyring_env *e, slot_t slot)
{
	struct keyring_destroyed out;

	keyring_env_reopen(e);
	assert_ok(keyring_destroy(e->keyring, batch_of(e->keyring), &slot, 1,
				  &out));
	keyring_close(e->keyring);
	e->keyring = NULL;
}

static int
open_code(struct keyring_env *e)
{
	struct keyring_recovery recovery;
	struct keyring *k = NULL;
	int rc = keyring_open(&e->config, (struct keyring_batch){0}, &k,
			      &recovery);

	keyring_close(k);
	return rc;
}

static void
old_keys_or_old_keystore_alone_are_refused(void **state)
{
	struct keyring_env e;
	char tree[128], old_tree[128], old_keystore[128];
	struct buf before, after;

	(void)state;
	open_env(&e, 0);
	(void)snprintf(tree, sizeof(tree), "%s/data.mdb", e.keys);
	(void)snprintf(old_tree, sizeof(old_tree), "%s/old", e.directory);
	(void)snprintf(old_keystore, sizeof(old_keystore), "%s/oldks",
		       e.directory);
	files_copy(tree, old_tree);
	files_copy(e.keystore, old_keystore);
	destroy_one(&e, keyring_first_free());

	/* The keystore rolled back: refused, and nothing is changed. */
	files_copy(e.keystore, e.second);
	files_copy(old_keystore, e.keystore);
	assert_err(ERR_CORRUPT, open_code(&e));
	assert_true(strstr(err_last()->text, "old keystore") != NULL);
	files_read(e.keystore, &after);
	files_read(old_keystore, &before);
	assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
	buf_clear(&before);
	buf_clear(&after);

	/* A second keystore that did not go back repairs it. */
	e.config.keystore_second = e.second;
	assert_ok(open_code(&e));
	e.config.keystore_second = NULL;
	assert_ok(open_code(&e));

	/* The tree rolled back. */
	files_copy(old_tree, tree);
	assert_err(ERR_CORRUPT, open_code(&e));
	assert_true(strstr(err_last()->text, "old copy") != NULL);

	/* Both rolled back belong together: what the audit log is for. */
	files_copy(old_keystore, e.keystore);
	assert_ok(open_code(&e));
	keyring_env_close(&e);
}

static void
one_of_two_copies_may_be_lost(void **state)
{
	struct keyring_env e;
	struct keyring_recovery recovery;
	struct key before, after;
	slot_t slot = keyring_first_free() + 3;
	char path[2][128];

	(void)state;
	open_env(&e, 1);
	keyring_env_reopen(&e);
	assert_ok(keyring_key(e.keyring, slot, &before));
	keyring_close(e.keyring);
	(void)snprintf(path[0], sizeof(path[0]), "%s/data.mdb", e.keys);
	(void)snprintf(path[1], sizeof(path[1]), "%s/data.mdb", e.mirror);
	for (int i = 0; i < 6; i++) {
		/* Lost, torn, or cut short; then the keystores. */
		if (i < 2) {
			assert_int_equal(unlink(path[i]), 0);
		} else if (i < 4) {
			assert_int_equal(truncate(path[i - 2], 100 * 4096), 0);
		} else {
			assert_int_equal(unlink(i == 4 ? e.keystore : e.second),
					 0);
		}
		assert_ok(keyring_open(&e.config, (struct keyring_batch){0},
				       &e.keyring, &recovery));
		assert_int_equal(recovery.repaired_mirrors, i < 4);
		assert_int_equal(recovery.repaired_keystores, i >= 4);
		assert_ok(keyring_key(e.keyring, slot, &after));
		assert_memory_equal(&before, &after, KEY_BYTES);
		keyring_close(e.keyring);
		e.keyring = NULL;
		destroy_one(&e, slot + 1 + (slot_t)i);
	}
	keyring_env_close(&e);
}

/* Flips this byte in every `every`th leaf of one copy, in place; upper nodes
 * stay, so that it passes for whole at the start. */
static size_t
damage_leaves(const char *path, size_t byte_at, size_t every)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct buf file;
	size_t leaves = 0;
	size_t flipped = 0;

	assert_true(fd >= 0);
	files_read(path, &file);
	for (size_t at = 16; at + NODE_BYTES <= file.len; at += 4096) {
		struct node_header header;
		struct bytes node = bytes_of(file.data + at, NODE_BYTES);
		uint8_t byte = file.data[at + byte_at] ^ 1;

		if (node_header_get(node, &header) == 0 && header.level == 0 &&
		    leaves++ % every == 0) {
			assert_int_equal(pwrite(fd, &byte, 1,
						(off_t)(at + byte_at)),
					 1);
			flipped++;
		}
	}
	assert_int_equal(close(fd), 0);
	buf_clear(&file);
	return flipped;
}

static void
open_with(struct keyring_env *e, struct keyring_recovery *recovery)
{
	assert_ok(keyring_open(&e->config, (struct keyring_batch){0},
			       &e->keyring, recovery));
}

static void
close_it(struct keyring_env *e)
{
	keyring_close(e->keyring);
	e->keyring = NULL;
}

/* While it runs: the copy that is read may come to be spoiled. */
static void
damaged_nodes_are_read_from_a_mirror(void **state)
{
	struct keyring_env e;
	struct key before, after;
	slot_t slot = keyring_first_free() + 3;
	char path[128];

	(void)state;
	open_env(&e, 1);
	keyring_env_reopen(&e);
	assert_ok(keyring_key(e.keyring, slot, &before));
	keyring_env_reopen(&e);
	(void)snprintf(path, sizeof(path), "%s/data.mdb", e.keys);
	assert_true(damage_leaves(path, 2000, 1) > 100);
	assert_ok(keyring_key(e.keyring, slot, &after));
	assert_memory_equal(&before, &after, KEY_BYTES);
	keyring_env_close(&e);
}

static void
spoiled_nodes_are_mended_at_the_start(void **state)
{
	struct keyring_env e;
	struct keyring_recovery recovery;
	struct key before, after;
	slot_t slot = keyring_first_free() + 3;
	char path[2][128];

	(void)state;
	open_env(&e, 1);
	keyring_env_reopen(&e);
	assert_ok(keyring_key(e.keyring, slot, &before));
	close_it(&e);
	(void)snprintf(path[0], sizeof(path[0]), "%s/data.mdb", e.keys);
	(void)snprintf(path[1], sizeof(path[1]), "%s/data.mdb", e.mirror);
	for (size_t i = 0; i < 2; i++) {
		assert_true(damage_leaves(path[i], 2000, 1) > 100);
		open_with(&e, &recovery);
		assert_true(recovery.mended_nodes > 100);
		assert_int_equal(recovery.lost_nodes, 0);
		close_it(&e);
	}
	/* Each copy alone has them all; and nothing is left to mend. */
	open_with(&e, &recovery);
	assert_int_equal(recovery.mended_nodes, 0);
	close_it(&e);
	e.config.n_mirrors = 0;
	for (size_t i = 0; i < 2; i++) {
		e.config.directory = i == 0 ? e.keys : e.mirror;
		open_with(&e, &recovery);
		assert_ok(keyring_key(e.keyring, slot, &after));
		assert_memory_equal(&before, &after, KEY_BYTES);
		assert_ok(keyring_key(e.keyring, SLOT_SYSTEM, &after));
		close_it(&e);
	}
	keyring_env_close(&e);
}

/* What differs and opens nowhere is told, and keeps nobody else out. */
static void
nodes_spoiled_in_all_copies_are_told(void **state)
{
	struct keyring_env e;
	struct keyring_recovery recovery;
	char path[128];

	(void)state;
	open_env(&e, 1);
	close_it(&e);
	(void)snprintf(path, sizeof(path), "%s/data.mdb", e.keys);
	assert_true(damage_leaves(path, 2000, 1) > 100);
	(void)snprintf(path, sizeof(path), "%s/data.mdb", e.mirror);
	assert_true(damage_leaves(path, 2001, 2) > 50);
	for (int i = 0; i < 2; i++) {
		open_with(&e, &recovery);
		assert_true(recovery.lost_nodes > 50);
		assert_int_equal(recovery.mended_nodes > 50, i == 0);
		close_it(&e);
	}
	keyring_env_close(&e);
}

static void
lone_tree_lost_is_refused(void **state)
{
	struct keyring_env e;
	char path[128];

	(void)state;
	open_env(&e, 0);
	(void)snprintf(path, sizeof(path), "%s/data.mdb", e.keys);
	assert_int_equal(unlink(path), 0);
	assert_err(ERR_CORRUPT, open_code(&e));
	assert_false(files_exists(path));
	keyring_env_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(death_at_each_step_is_decided),
		cmocka_unit_test(death_in_recovery_is_decided_again),
		cmocka_unit_test(each_failing_write_leaves_a_decidable_state),
		cmocka_unit_test(old_keys_or_old_keystore_alone_are_refused),
		cmocka_unit_test(one_of_two_copies_may_be_lost),
		cmocka_unit_test(damaged_nodes_are_read_from_a_mirror),
		cmocka_unit_test(spoiled_nodes_are_mended_at_the_start),
		cmocka_unit_test(nodes_spoiled_in_all_copies_are_told),
		cmocka_unit_test(lone_tree_lost_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
