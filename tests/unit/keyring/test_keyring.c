/* keyring: keys by slot, destroyed ones, growth, rotation, restarts. */

#include <linux/capability.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

#include "base/secret.h"
#include "support/keyring_env.h"

static int
setup(void **state)
{
	struct keyring_env *e = test_calloc(1, sizeof(*e));

	keyring_env_open(e, 1000);
	*state = e;
	return 0;
}

static int
teardown(void **state)
{
	keyring_env_close(*state);
	test_free(*state);
	return 0;
}

static void
destroy(struct keyring_env *e, const slot_t *slots, size_t n)
{
	struct keyring_batch batch = {7, keyring_epoch(e->keyring) + 1};
	struct keyring_destroyed out;

	assert_ok(keyring_destroy(e->keyring, batch, slots, n, &out));
	assert_int_equal(out.epoch, batch.epoch_to);
	assert_int_equal(keyring_epoch(e->keyring), batch.epoch_to);
}

static void
key_is_the_same_after_restart(void **state)
{
	struct keyring_env *e = *state;
	slot_t first = keyring_first_free();
	struct key before[3], after[3];
	const slot_t slots[3] = {SLOT_SYSTEM, first, first + 999};

	for (int i = 0; i < 3; i++) {
		assert_ok(keyring_key(e->keyring, slots[i], &before[i]));
	}
	keyring_env_reopen(e);
	for (int i = 0; i < 3; i++) {
		assert_ok(keyring_key(e->keyring, slots[i], &after[i]));
		assert_memory_equal(&before[i], &after[i], KEY_BYTES);
	}
	assert_memory_not_equal(&before[0], &before[1], KEY_BYTES);
	assert_memory_not_equal(&before[1], &before[2], KEY_BYTES);
}

static void
destroyed_slot_is_expired_for_ever_and_others_stay(void **state)
{
	struct keyring_env *e = *state;
	slot_t first = keyring_first_free();
	const slot_t dead[] = {first + 5, first + 500, first + 5, SLOT_COUNTS};
	struct key before, after;

	assert_ok(keyring_key(e->keyring, first + 4, &before));
	destroy(e, dead, 4);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 4; i++) {
			assert_err(ERR_EXPIRED,
				   keyring_key(e->keyring, dead[i], &after));
		}
		assert_ok(keyring_key(e->keyring, first + 4, &after));
		assert_memory_equal(&before, &after, KEY_BYTES);
		keyring_env_reopen(e);
	}
	destroy(e, dead, 2);
	assert_err(ERR_EXPIRED, keyring_key(e->keyring, dead[0], &after));
}

static void
destroy_refuses_what_it_cannot_mean(void **state)
{
	struct keyring_env *e = *state;
	struct keyring_batch batch = {1, keyring_epoch(e->keyring) + 1};
	slot_t beyond = keyring_grown(e->keyring);
	slot_t one = keyring_first_free();
	struct keyring_destroyed out;
	struct key key;

	assert_err(ERR_NOT_FOUND,
		   keyring_destroy(e->keyring, batch, &beyond, 1, &out));
	assert_err(ERR_NOT_FOUND, keyring_key(e->keyring, beyond, &key));
	assert_err(ERR_INTERNAL,
		   keyring_destroy(e->keyring, batch, &one, 0, &out));
	batch.epoch_to++;
	assert_err(ERR_STATE,
		   keyring_destroy(e->keyring, batch, &one, 1, &out));
	assert_ok(keyring_key(e->keyring, one, &key));
}

static void
one_erasure_writes_one_path(void **state)
{
	struct keyring_env *e = *state;
	struct keyring_batch batch = {1, keyring_epoch(e->keyring) + 1};
	slot_t base = keyring_first_free() + 8;
	const slot_t slots[] = {base, base + 1, base + 2, base + 3};
	struct keyring_destroyed out;

	assert_ok(keyring_destroy(e->keyring, batch, slots, 4, &out));
	assert_int_equal(out.nodes, 4);
	assert_true(out.bytes_written <= 56000);
}

static void
growth_adds_slots_and_changes_none(void **state)
{
	struct keyring_env *e = *state;
	slot_t grown = keyring_grown(e->keyring);
	struct key before, after;

	assert_ok(keyring_key(e->keyring, grown - 1, &before));
	assert_err(ERR_NOT_FOUND, keyring_key(e->keyring, grown, &after));
	assert_ok(keyring_grow(e->keyring, grown, 20000));
	assert_true(keyring_grown(e->keyring) >= grown + 20000);
	assert_ok(keyring_key(e->keyring, grown - 1, &after));
	assert_memory_equal(&before, &after, KEY_BYTES);
	assert_ok(keyring_key(e->keyring, keyring_grown(e->keyring) - 1,
			      &after));
	assert_err(ERR_FULL, keyring_grow(e->keyring, 0, UINT64_MAX / 2));
	keyring_env_reopen(e);
	assert_ok(keyring_key(e->keyring, grown, &after));
}

static void
rotation_ends_at_zero_and_keeps_slot_keys(void **state)
{
	struct keyring_env *e = *state;
	slot_t slot = keyring_first_free() + 77;
	struct keyring_status status;
	struct key before, after;
	uint64_t left = 1;
	uint64_t last = UINT64_MAX;

	assert_ok(keyring_key(e->keyring, slot, &before));
	for (int round = 0; left > 0; round++) {
		assert_true(round < 100);
		assert_ok(keyring_rotate(e->keyring, 50, &left));
		assert_true(left < last);
		last = left;
		keyring_env_reopen(e);
		keyring_status(e->keyring, &status);
		assert_int_equal(status.rotation_left, left);
		if (round == 2) {
			destroy(e, &(slot_t){SLOT_COUNTS}, 1);
		}
	}
	assert_ok(keyring_rotate(e->keyring, 0, &left));
	assert_int_equal(left, 0);
	assert_ok(keyring_key(e->keyring, slot, &after));
	assert_memory_equal(&before, &after, KEY_BYTES);
}

static void
day_slots_lie_between_system_and_people(void **state)
{
	(void)state;
	assert_int_equal(keyring_day_slot(KEYRING_DAY_FIRST), SLOT_SYSTEM_END);
	assert_true(keyring_day_slot(KEYRING_DAY_END - 1) <
		    keyring_first_free());
	assert_true(keyring_day_slot(KEYRING_DAY_FIRST - 1) == SLOT_NONE);
	assert_true(keyring_day_slot(KEYRING_DAY_END) == SLOT_NONE);
	assert_int_equal(keyring_first_free() % KEYRING_FANOUT, 0);
}

static void
small_cache_reads_every_slot(void **state)
{
	struct keyring_env *e = *state;
	struct keyring_status status;
	struct key key;

	e->config.cache_bytes_max = 1;
	keyring_env_reopen(e);
	for (slot_t s = 0; s < keyring_grown(e->keyring);
	     s += KEYRING_FANOUT / 2) {
		assert_ok(keyring_key(e->keyring, s, &key));
	}
	keyring_status(e->keyring, &status);
	assert_true(status.cache_bytes <= 32 * 4096);
}

static void
outer_key_is_by_label_and_survives_batches(void **state)
{
	struct keyring_env *e = *state;
	struct key head, other, again;

	assert_ok(keyring_outer_key(e->keyring, "head", &head));
	assert_ok(keyring_outer_key(e->keyring, "other", &other));
	assert_memory_not_equal(&head, &other, KEY_BYTES);
	destroy(e, &(slot_t){SLOT_COUNTS}, 1);
	keyring_env_reopen(e);
	assert_ok(keyring_outer_key(e->keyring, "head", &again));
	assert_memory_equal(&head, &again, KEY_BYTES);
}

static void
second_creation_is_refused(void **state)
{
	struct keyring_env *e = *state;

	keyring_close(e->keyring);
	e->keyring = NULL;
	assert_err(ERR_EXISTS, keyring_create(&e->config, e->store_id, 0));
	keyring_env_reopen(e);
}

struct reading {
	struct keyring *keyring;
	slot_t first;
	struct key want[64];
	atomic_bool stop;
	atomic_uint wrong;
	atomic_uint reads;
};

/* Keys of living slots stay what they were, whatever goes on meanwhile. */
static void *
read_on(void *arg)
{
	struct reading *r = arg;

	for (unsigned i = 0; !atomic_load(&r->stop); i++) {
		unsigned at = i % 64;
		struct key key;

		if (keyring_key(r->keyring, r->first + at * 20, &key) != 0 ||
		    memcmp(&key, &r->want[at], KEY_BYTES) != 0) {
			atomic_fetch_add(&r->wrong, 1);
		}
		atomic_fetch_add(&r->reads, 1);
	}
	return NULL;
}

static void
readers_go_on_while_batches_run(void **state)
{
	struct keyring_env *e = *state;
	struct reading r = {.keyring = e->keyring,
			    .first = keyring_first_free()};
	pthread_t threads[2];
	struct keyring_status status;
	uint64_t left;

	assert_ok(keyring_grow(e->keyring, keyring_grown(e->keyring), 2000));
	for (unsigned i = 0; i < 64; i++) {
		assert_ok(keyring_key(e->keyring, r.first + i * 20,
				      &r.want[i]));
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, read_on,
						&r),
				 0);
	}
	for (unsigned i = 0; i < 100; i++) {
		destroy(e, &(slot_t){r.first + 1 + i * 13 / 20 * 20}, 1);
		if (i % 10 == 0) {
			assert_ok(keyring_rotate(e->keyring, 50, &left));
			assert_ok(keyring_grow(e->keyring,
					       keyring_grown(e->keyring), 1));
			keyring_status(e->keyring, &status);
		}
	}
	atomic_store(&r.stop, true);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	}
	assert_int_equal(atomic_load(&r.wrong), 0);
	assert_true(atomic_load(&r.reads) > 100);
}

/* The child gives up the right to lock without bound, which root has. */
static int
open_with_memlock(struct keyring_env *e, rlim_t bytes, bool unlocked_ok)
{
	static uint8_t more_than_any[1u << 20];
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	const struct rlimit limit = {bytes, bytes};
	struct keyring_recovery recovery;
	struct key key;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct keyring *k = NULL;
		int rc;

		secret_unlocked_ok(unlocked_ok);
		if (syscall(SYS_capget, &header, data) != 0) {
			_exit(77);
		}
		data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective &=
			~CAP_TO_MASK(CAP_IPC_LOCK);
		if (syscall(SYS_capset, &header, data) != 0 ||
		    setrlimit(RLIMIT_MEMLOCK, &limit) != 0 ||
		    mlock(more_than_any, sizeof(more_than_any)) == 0) {
			/* Sanitizers make mlock a word without effect. */
			_exit(77);
		}
		rc = keyring_open(&e->config, (struct keyring_batch){0}, &k,
				  &recovery);
		for (slot_t s = 0; rc == 0 && s < keyring_grown(k);
		     s += KEYRING_FANOUT) {
			rc = keyring_key(k, s, &key);
		}
		_exit(rc == 0 ? 0 : rc == ERR_NOMEM ? 2 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
small_memlock_shrinks_the_cache_none_is_refused(void **state)
{
	struct keyring_env *e = *state;

	if (!MLOCK_IS_REAL) {
		skip();
	}
	keyring_close(e->keyring);
	e->keyring = NULL;
	e->config.cache_bytes_max = 0;
	if (open_with_memlock(e, 256 * 1024, false) == 77) {
		skip();
	}
	assert_int_equal(open_with_memlock(e, 256 * 1024, false), 0);
	assert_int_equal(open_with_memlock(e, 8192, false), 2);
	assert_int_equal(open_with_memlock(e, 0, true), 0);
	e->config.cache_bytes_max = 64u << 20;
	assert_int_equal(open_with_memlock(e, 256 * 1024, false), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(key_is_the_same_after_restart),
		TEST(destroyed_slot_is_expired_for_ever_and_others_stay),
		TEST(destroy_refuses_what_it_cannot_mean),
		TEST(one_erasure_writes_one_path),
		TEST(growth_adds_slots_and_changes_none),
		TEST(rotation_ends_at_zero_and_keeps_slot_keys),
		cmocka_unit_test(day_slots_lie_between_system_and_people),
		TEST(small_cache_reads_every_slot),
		TEST(outer_key_is_by_label_and_survives_batches),
		TEST(second_creation_is_refused),
		TEST(readers_go_on_while_batches_run),
		TEST(small_memlock_shrinks_the_cache_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
