/* Stores that nobody has open: read as they lie, and made from a copy. */

#include "support/test.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"
#include "support/groups.h"
#include "support/temp.h"

#define SEGMENT_BYTES ((size_t)4 << 20)
#define ARENA_BYTES ((size_t)1 << 20)
#define SUB_BYTES (PATH_MAX + 32)

struct fixture {
	struct temp temp;
	char store[SUB_BYTES];
	char copy[SUB_BYTES];
	char archive[SUB_BYTES];
	char journal[SUB_BYTES];
	char again[SUB_BYTES];
	struct store_config config;
};

static void
sub(char out[SUB_BYTES], const struct temp *t, const char *name)
{
	(void)snprintf(out, SUB_BYTES, "%s/%s", t->path, name);
}

static int
setup(void **state)
{
	static struct fixture f;

	temp_make_quick(&f.temp);
	sub(f.store, &f.temp, "store");
	sub(f.copy, &f.temp, "copy");
	sub(f.archive, &f.temp, "archive");
	sub(f.journal, &f.temp, "store/journal");
	sub(f.again, &f.temp, "again");
	f.config = (struct store_config){
		.directory = f.store,
		.archive = f.archive,
		.segment_bytes = SEGMENT_BYTES,
	};
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	temp_remove(&f->temp);
	return 0;
}

/* Rows that only fill the journal. */
static void
write_ballast(struct store *s, int n)
{
	static uint8_t value[VALUE_BYTES_MAX];
	struct txn *t;

	for (int i = 0; i < n; i++) {
		int rc;

		while ((rc = store_begin(s, &t)) == ERR_BUSY) {
			assert_ok(store_drain(s));
		}
		assert_ok(rc);
		for (int k = 0; k < 9; k++) {
			uint8_t key = (uint8_t)k;

			assert_ok(txn_put(t, TABLE_VISIT, bytes_of(&key, 1),
					  bytes_of(value, sizeof(value))));
		}
		assert_ok(store_end(s, t, true));
		assert_ok(store_sync(s));
	}
}

/* Ten groups, a copy, then as many more over several segments. */
static void
write_and_copy(struct fixture *f)
{
	struct store *s;

	assert_ok(store_open(&f->config, &s));
	for (uint64_t n = 1; n <= 10; n++) {
		assert_ok(groups_write(s, n));
	}
	assert_ok(store_drain(s));
	assert_ok(store_copy(s, f->copy));
	for (uint64_t n = 11; n <= 20; n++) {
		assert_ok(groups_write(s, n));
		write_ballast(s, 1);
	}
	store_close(s);
}

static uint64_t
groups_readonly(const char *directory)
{
	struct txn *t;
	uint64_t n;

	assert_ok(store_open_readonly(directory, ARENA_BYTES, &t));
	assert_ok(groups_count(t, &n));
	snapshot_close(t);
	return n;
}

static void
a_killed_store_is_read_whole_and_left_alone(void **state)
{
	struct fixture *f = *state;
	char lock[SUB_BYTES + 16];
	char data[SUB_BYTES + 16];
	struct stat before;
	struct stat after;
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct store *s;
		int rc = store_open(&f->config, &s);

		for (uint64_t n = 1; rc == 0 && n <= 25; n++) {
			rc = groups_write(s, n);
		}
		_exit(rc != 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	(void)snprintf(lock, sizeof(lock), "%s/data/lock.mdb", f->store);
	(void)snprintf(data, sizeof(data), "%s/data/data.mdb", f->store);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(stat(data, &before), 0);
	assert_int_equal(groups_readonly(f->store), 25);
	assert_int_equal(stat(data, &after), 0);
	assert_int_equal(access(lock, F_OK), -1);
	assert_int_equal(before.st_size, after.st_size);
	assert_memory_equal(&before.st_mtim, &after.st_mtim,
			    sizeof(before.st_mtim));
}

static void
an_open_store_is_not_read_from_outside(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	struct txn *t;

	assert_ok(store_open(&f->config, &s));
	assert_err(ERR_BUSY, store_open_readonly(f->store, ARENA_BYTES, &t));
	store_close(s);
}

static void
a_copy_is_read(void **state)
{
	struct fixture *f = *state;

	write_and_copy(f);
	assert_int_equal(groups_readonly(f->copy), 10);
	assert_int_equal(groups_readonly(f->store), 20);
}

static struct store_restored
restore(struct fixture *f, bool with_archive, bool with_journal)
{
	struct store_restoring what = {
		.directory = f->again,
		.copy = f->copy,
		.archive = with_archive ? f->archive : NULL,
		.journal = with_journal ? f->journal : NULL,
	};
	struct store_restored done;

	assert_ok(store_restore(&what, &done));
	assert_err(ERR_EXISTS, store_restore(&what, &done));
	return done;
}

static void
a_copy_alone_comes_back(void **state)
{
	struct fixture *f = *state;
	struct store_restored done;
	struct store *s;

	write_and_copy(f);
	done = restore(f, false, false);
	assert_int_equal(done.sequence, done.sequence_copied);
	assert_false(done.has_gap);
	assert_int_equal(groups_readonly(f->again), 10);
	/* It goes on from there, with a journal of its own. */
	f->config.directory = f->again;
	assert_ok(store_open(&f->config, &s));
	assert_int_equal(store_sequence(s), done.sequence);
	assert_ok(groups_write(s, 11));
	store_close(s);
	assert_ok(store_open(&f->config, &s));
	store_close(s);
	assert_int_equal(groups_readonly(f->again), 11);
}

static void
copy_archive_and_ring_bring_everything_back(void **state)
{
	struct fixture *f = *state;
	struct store_restored done;

	write_and_copy(f);
	done = restore(f, true, true);
	assert_false(done.has_gap);
	assert_true(done.sequence > done.sequence_copied);
	assert_int_equal(groups_readonly(f->again), 20);
}

static void
an_archive_alone_brings_back_full_segments(void **state)
{
	struct fixture *f = *state;
	struct store_restored done;
	uint64_t n;

	write_and_copy(f);
	done = restore(f, true, false);
	assert_false(done.has_gap);
	n = groups_readonly(f->again);
	assert_in_range(n, 11, 20);
}

static void
a_missing_segment_is_named(void **state)
{
	struct fixture *f = *state;
	struct store_restored done;
	struct dirent **names;
	char path[SUB_BYTES + 300];
	int n;

	write_and_copy(f);
	n = scandir(f->archive, &names, NULL, alphasort);
	assert_true(n > 3); /* with . and .. */
	(void)snprintf(path, sizeof(path), "%s/%s", f->archive,
		       names[2]->d_name);
	assert_int_equal(unlink(path), 0);
	for (int i = 0; i < n; i++) {
		free(names[i]);
	}
	free(names);
	done = restore(f, true, false);
	assert_true(done.has_gap);
	assert_true(done.sequence_known > done.sequence);
	assert_int_equal(groups_readonly(f->again), 10);
}

static void
a_journal_without_its_last_groups_is_a_gap(void **state)
{
	struct fixture *f = *state;
	struct store_restored done;

	write_and_copy(f);
	/* There is a directory, and nothing of the lost store in it. */
	sub(f->journal, &f->temp, "elsewhere");
	done = restore(f, true, true);
	assert_true(done.has_gap);
	assert_true(done.sequence > done.sequence_copied);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_killed_store_is_read_whole_and_left_alone),
		WITH(an_open_store_is_not_read_from_outside),
		WITH(a_copy_is_read),
		WITH(a_copy_alone_comes_back),
		WITH(copy_archive_and_ring_bring_everything_back),
		WITH(an_archive_alone_brings_back_full_segments),
		WITH(a_missing_segment_is_named),
		WITH(a_journal_without_its_last_groups_is_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
