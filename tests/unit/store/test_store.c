/* The store on a disk: what was synced is there after a restart or a crash,
 * reads are right while the applier works, bounds are kept. */

#include "support/test.h"

#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/pack.h"
#include "store/store.h"
#include "support/fault_engine.h"
#include "support/fault_io.h"
#include "support/groups.h"
#include "support/temp.h"

#define SEGMENT_BYTES ((size_t)4 << 20)
#define OVERLAY_BYTES ((size_t)8 << 20)
#define ARENA_BYTES ((size_t)1 << 20)
#define KEYS 97
#define WAIT_MS 10000

struct fixture {
	struct temp temp;
	struct store_config config;
};

static int
setup_under(void **state, void (*make)(struct temp *))
{
	static struct fixture f;

	make(&f.temp);
	f.config = (struct store_config){
		.directory = f.temp.path,
		.overlay_bytes_max = OVERLAY_BYTES,
		.segment_bytes = SEGMENT_BYTES,
	};
	*state = &f;
	return 0;
}

static int
setup(void **state)
{
	return setup_under(state, temp_make_quick);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	temp_remove(&f->temp);
	return 0;
}

static struct bytes
key_of(uint8_t b[8], uint64_t n)
{
	put_u64(b, n);
	return bytes_of(b, 8);
}

static uint64_t
number_at(struct txn *t, enum table table, struct bytes key)
{
	struct bytes value;
	int rc = txn_get(t, table, key, &value);

	if (rc == ERR_NOT_FOUND) {
		return 0;
	}
	assert_ok(rc);
	return get_u64(value.p);
}

static uint64_t
check_groups(struct txn *t)
{
	uint64_t n;

	assert_ok(groups_count(t, &n));
	return n;
}

struct receiver {
	pthread_mutex_t lock;
	pthread_cond_t came;
	bool has_come;
	int rc;
	struct txn *snapshot;
};

static void
receive(void *ctx, int rc, struct txn *snapshot)
{
	struct receiver *r = ctx;

	pthread_mutex_lock(&r->lock);
	r->has_come = true;
	r->rc = rc;
	r->snapshot = snapshot;
	pthread_cond_signal(&r->came);
	pthread_mutex_unlock(&r->lock);
}

static struct txn *
wait_for_snapshot(struct store *s)
{
	struct receiver r = {PTHREAD_MUTEX_INITIALIZER,
			     PTHREAD_COND_INITIALIZER, false, 0, NULL};

	assert_ok(store_snapshot(s, ARENA_BYTES, receive, &r));
	pthread_mutex_lock(&r.lock);
	while (!r.has_come) {
		pthread_cond_wait(&r.came, &r.lock);
	}
	pthread_mutex_unlock(&r.lock);
	assert_ok(r.rc);
	return r.snapshot;
}

static uint64_t
groups_in(const struct store_config *config)
{
	struct store *s;
	struct txn *t;
	uint64_t n;

	assert_ok(store_open(config, &s));
	t = wait_for_snapshot(s);
	n = check_groups(t);
	snapshot_close(t);
	store_close(s);
	return n;
}

static void
synced_groups_survive_a_restart(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	uint64_t n = 0;

	for (int run = 0; run < 3; run++) {
		assert_ok(store_open(&f->config, &s));
		for (int i = 0; i < 50; i++) {
			assert_ok(groups_write(s, ++n));
		}
		store_close(s);
		assert_int_equal(groups_in(&f->config), n);
	}
}

static void
synced_groups_survive_a_crash(void **state)
{
	struct fixture *f = *state;
	struct store *s;

	for (uint64_t n = 10; n <= 30; n += 10) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			if (store_open(&f->config, &s) != 0) {
				_exit(1);
			}
			for (uint64_t i = n - 9; i <= n; i++) {
				if (groups_write(s, i) != 0) {
					_exit(1);
				}
			}
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		assert_int_equal(groups_in(&f->config), n);
	}
}

static void
what_was_not_synced_is_gone(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	struct txn *t;

	assert_ok(store_open(&f->config, &s));
	assert_ok(groups_write(s, 1));
	assert_ok(store_begin(s, &t));
	assert_ok(txn_put(t, TABLE_SYSTEM, bytes_str("n"),
			  bytes_str("lost....")));
	assert_ok(store_end(s, t, true));
	store_close(s);
	assert_int_equal(groups_in(&f->config), 1);
}

static void
a_second_process_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	struct store *other;

	assert_ok(store_open(&f->config, &s));
	assert_err(ERR_BUSY, store_open(&f->config, &other));
	store_close(s);
	assert_ok(store_open(&f->config, &other));
	store_close(other);
}

static void
check_model(struct store *s, const uint64_t model[KEYS])
{
	struct range *r;
	struct bytes key;
	struct bytes value;
	struct txn *t;
	uint64_t at = 0;
	int rc;

	assert_ok(store_begin(s, &t));
	assert_ok(range_open(t, TABLE_RECORD, bytes_of(NULL, 0),
			     bytes_of(NULL, 0), 0, &r));
	while ((rc = range_next(r, &key, &value)) == 1) {
		while (at < KEYS && model[at] == 0) {
			at++;
		}
		assert_true(at < KEYS);
		assert_int_equal(get_u64(key.p), at);
		assert_int_equal(get_u64(value.p), model[at]);
		at++;
	}
	assert_ok(rc);
	while (at < KEYS) {
		assert_int_equal(model[at++], 0);
	}
	store_abandon(s, t);
}

/* Random writes and deletes in groups of random sizes, and all that is read
 * agrees with a plain array, whatever is applied meanwhile. */
static void
reads_agree_with_a_model_while_applying(void **state)
{
	struct fixture *f = *state;
	uint64_t model[KEYS] = {0};
	unsigned random = 7;
	struct store *s;
	struct txn *t;
	uint8_t key[8];
	uint8_t value[8];

	assert_ok(store_open(&f->config, &s));
	for (uint64_t n = 1; n <= 4000; n++) {
		uint64_t k = (uint64_t)rand_r(&random) % KEYS;
		bool dropped = rand_r(&random) % 5 == 0;
		bool is_delete = rand_r(&random) % 3 == 0;

		assert_ok(store_begin(s, &t));
		put_u64(value, n);
		assert_int_equal(number_at(t, TABLE_RECORD, key_of(key, k)),
				 model[k]);
		assert_ok(is_delete ? txn_del(t, TABLE_RECORD, key_of(key, k))
				    : txn_put(t, TABLE_RECORD, key_of(key, k),
					      bytes_of(value, 8)));
		assert_ok(store_end(s, t, !dropped));
		model[k] = dropped ? model[k] : is_delete ? 0 : n;
		if (n % (1 + n % 9) == 0) {
			assert_ok(store_sync(s));
		}
		if (n % 50 == 0) {
			check_model(s, model);
		}
		if (n % 700 == 0) {
			assert_ok(store_drain(s));
			check_model(s, model);
		}
	}
	assert_ok(store_sync(s));
	store_close(s);
	assert_ok(store_open(&f->config, &s));
	check_model(s, model);
	store_close(s);
}

static void
snapshots_hold_what_had_ended(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	struct txn *first;
	struct txn *second;

	assert_ok(store_open(&f->config, &s));
	first = wait_for_snapshot(s);
	assert_int_equal(check_groups(first), 0);
	assert_ok(groups_write(s, 1));
	assert_ok(groups_write(s, 2));
	second = wait_for_snapshot(s);
	assert_ok(groups_write(s, 3));
	assert_int_equal(check_groups(first), 0);
	assert_int_equal(check_groups(second), 2);
	snapshot_close(first);
	snapshot_close(second);
	store_close(s);
}

static int
open_with_engine(struct fixture *f, struct fault_engine *e, struct store **out)
{
	char path[PATH_MAX + 8];
	struct engine *inner;

	(void)snprintf(path, sizeof(path), "%s/data", f->temp.path);
	assert_ok(engine_lmdb_open(path, &inner));
	fault_engine_init(e, inner);
	f->config.engine = &e->base;
	return store_open(&f->config, out);
}

static int
write_large(struct store *s, uint64_t n)
{
	static uint8_t value[VALUE_BYTES_MAX];
	uint8_t key[8];
	struct txn *t;
	int rc = store_admit(s, sizeof(value), false);

	if (rc == 0) {
		rc = store_begin(s, &t);
	}
	if (rc != 0) {
		return rc;
	}
	assert_ok(txn_put(t, TABLE_VISIT, key_of(key, n),
			  bytes_of(value, sizeof(value))));
	rc = store_end(s, t, true);
	return rc == 0 ? store_sync(s) : rc;
}

static void
full_overlays_are_busy(void **state)
{
	struct fixture *f = *state;
	struct fault_engine e;
	struct store_status status;
	struct store *s;
	uint64_t n = 0;
	int rc;

	assert_ok(open_with_engine(f, &e, &s));
	fault_engine_set(&e, true, false, 0);
	while ((rc = write_large(s, n)) == 0) {
		n++;
	}
	assert_err(ERR_BUSY, rc);
	store_status(s, &status);
	assert_in_range(status.overlay_bytes, OVERLAY_BYTES / 2,
			2 * OVERLAY_BYTES);
	fault_engine_set(&e, false, false, 0);
	assert_ok(store_drain(s));
	assert_ok(write_large(s, n));
	store_close(s);
}

static void
pause_ms(long ms)
{
	const struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	(void)nanosleep(&t, NULL);
}

static void
no_room_loses_nothing_and_reads_go_on(void **state)
{
	struct fixture *f = *state;
	struct fault_engine e;
	struct store *s;
	struct txn *t;
	uint64_t n = 0;
	int waited = 0;
	int rc;

	assert_ok(open_with_engine(f, &e, &s));
	while (n < 50) {
		assert_ok(groups_write(s, ++n));
	}
	fault_engine_set(&e, false, true, 0);
	while ((rc = store_admit(s, 100, false)) == 0) {
		assert_ok(groups_write(s, ++n));
		assert_true(n < 100000);
	}
	assert_err(ERR_FULL, rc);
	/* What is held for them is there for reads and erasures. */
	assert_ok(store_admit(s, 100, true));
	assert_ok(store_begin(s, &t));
	assert_int_equal(number_at(t, TABLE_SYSTEM, bytes_str("n")), n);
	store_abandon(s, t);
	while (fault_engine_refused(&e) == 0 && waited++ < WAIT_MS) {
		assert_ok(store_sync(s));
		pause_ms(1);
	}
	assert_err(ERR_FULL, store_drain(s));
	assert_ok(store_begin(s, &t));
	assert_int_equal(number_at(t, TABLE_SYSTEM, bytes_str("n")), n);
	store_abandon(s, t);
	fault_engine_set(&e, false, false, 0);
	while ((rc = store_admit(s, 100, false)) == ERR_FULL &&
	       waited++ < WAIT_MS) {
		pause_ms(1);
	}
	assert_ok(rc);
	assert_ok(groups_write(s, ++n));
	store_close(s);
	f->config.engine = NULL;
	assert_int_equal(groups_in(&f->config), n);
}

static void
a_lost_batch_stops_the_store(void **state)
{
	struct fixture *f = *state;
	struct fault_engine e;
	struct store *s;
	uint64_t n = 0;
	int rc;

	assert_ok(open_with_engine(f, &e, &s));
	assert_ok(groups_write(s, ++n));
	fault_engine_set(&e, false, false, ERR_OUTCOME);
	rc = store_drain(s);
	assert_err(ERR_OUTCOME, rc);
	assert_err(ERR_OUTCOME, store_sync(s));
	store_close(s);
	f->config.engine = NULL;
	assert_int_equal(groups_in(&f->config), n);
}

/* Writes until the disk fails; says how many groups were answered. */
static uint64_t
run_on(const struct fixture *f, struct fault_io *io)
{
	struct store_config config = f->config;
	uint64_t answered = 0;
	struct store *s;

	config.io = &io->base;
	if (store_open(&config, &s) != 0) {
		return 0;
	}
	while (answered < 12 && groups_write(s, answered + 1) == 0) {
		answered++;
	}
	store_close(s);
	return answered;
}

static void
any_failing_call_is_all_or_nothing(void **state)
{
	struct fixture *f = *state;
	struct fault_io io;
	unsigned long n = 0;

	do {
		enum fault_kind kind = (enum fault_kind)(n % 4);
		uint64_t answered;

		teardown(state);
		assert_int_equal(setup(state), 0);
		fault_io_init(&io, kind, ++n, false);
		answered = run_on(f, &io);
		assert_in_range(groups_in(&f->config), answered, answered + 1);
	} while (io.failed);
	assert_true(n > 30);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(synced_groups_survive_a_restart),
		WITH(synced_groups_survive_a_crash),
		WITH(what_was_not_synced_is_gone),
		WITH(a_second_process_is_refused),
		WITH(reads_agree_with_a_model_while_applying),
		WITH(snapshots_hold_what_had_ended),
		WITH(full_overlays_are_busy),
		WITH(no_room_loses_nothing_and_reads_go_on),
		WITH(a_lost_batch_stops_the_store),
		WITH(any_failing_call_is_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
