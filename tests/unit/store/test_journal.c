/* Groups come back whole and in order, whatever became of the tail; damage
 * anywhere else is seen. */

#include "support/test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal.h"
#include "support/fault_io.h"
#include "support/temp.h"

#define SEGMENT_BYTES JOURNAL_SEGMENT_BYTES_MIN
#define GROUP_BYTES_MAX 9000

struct fixture {
	struct temp temp;
	char directory[PATH_MAX + 16];
	char archive[PATH_MAX + 16];
	struct journal_config config;
};

static int
setup(void **state)
{
	static struct fixture f;

	temp_make_quick(&f.temp);
	(void)snprintf(f.directory, sizeof(f.directory), "%s/journal",
		       f.temp.path);
	(void)snprintf(f.archive, sizeof(f.archive), "%s/archive", f.temp.path);
	f.config = (struct journal_config){
		.io = io_system(),
		.directory = f.directory,
		.segment_bytes = SEGMENT_BYTES,
		.incarnation = {{1, 2, 3}},
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

/* Group n is n % 7 * 1000 + n bytes of the value n. */
static size_t
group_bytes(uint64_t n)
{
	return (size_t)(n % 7 * 1000 + n % 100);
}

static int
append(struct journal *j, uint64_t n)
{
	uint8_t bytes[GROUP_BYTES_MAX];
	struct buf group;
	int rc;

	memset(bytes, (int)n, sizeof(bytes));
	buf_init(&group, 1 << 20);
	assert_ok(buf_put(&group, bytes, RECORD_HEAD_BYTES));
	assert_ok(buf_put(&group, bytes, group_bytes(n)));
	rc = journal_append(j, &group);
	buf_clear(&group);
	return rc;
}

static int
count_group(void *ctx, uint64_t sequence, struct bytes payload)
{
	uint64_t *last = ctx;

	assert_int_equal(sequence, *last + 1);
	assert_int_equal(payload.n, group_bytes(sequence));
	for (size_t i = 0; i < payload.n; i++) {
		assert_int_equal(payload.p[i], (uint8_t)sequence);
	}
	*last = sequence;
	return 0;
}

static struct journal *
start(const struct journal_config *config)
{
	struct journal *j;

	assert_ok(journal_open(config, &j));
	assert_ok(journal_start(j));
	return j;
}

/* Opens, replays, and says where the row ends. */
static uint64_t
replayed(const struct journal_config *config)
{
	uint64_t last = config->applied;
	struct journal *j;

	assert_ok(journal_open(config, &j));
	assert_ok(journal_replay(j, count_group, &last));
	assert_int_equal(journal_last(j), last);
	journal_close(j);
	return last;
}

static void
write_groups(const struct journal_config *config, uint64_t n)
{
	struct journal *j = start(config);

	for (uint64_t i = 1; i <= n; i++) {
		assert_true(journal_has_room(j, group_bytes(i)));
		assert_ok(append(j, i));
	}
	journal_close(j);
}

static void
groups_come_back(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(replayed(&f->config), 0);
	write_groups(&f->config, 20);
	assert_int_equal(replayed(&f->config), 20);
	f->config.applied = 13;
	assert_int_equal(replayed(&f->config), 20);
	f->config.applied = 20;
	assert_int_equal(replayed(&f->config), 20);
}

static void
appending_goes_on_after_a_restart(void **state)
{
	struct fixture *f = *state;
	struct journal *j;
	uint64_t n = 0;

	for (int run = 0; run < 6; run++) {
		uint64_t last = f->config.applied;

		assert_ok(journal_open(&f->config, &j));
		assert_ok(journal_replay(j, count_group, &last));
		assert_int_equal(last, n);
		assert_ok(journal_start(j));
		for (int i = 0; i < 5; i++) {
			assert_ok(append(j, ++n));
		}
		journal_close(j);
		f->config.applied = n - 5;
	}
}

static void
segments_are_used_again(void **state)
{
	struct fixture *f = *state;
	struct journal *j = start(&f->config);
	uint64_t bytes_max = 0;

	for (uint64_t i = 1; i <= 500; i++) {
		if (!journal_has_room(j, group_bytes(i))) {
			assert_ok(journal_tend(j));
		}
		assert_ok(append(j, i));
		assert_ok(i > 3 ? (journal_applied(j, i - 3), 0) : 0);
		if (journal_bytes(j) > bytes_max) {
			bytes_max = journal_bytes(j);
		}
	}
	journal_close(j);
	assert_in_range(bytes_max, SEGMENT_BYTES, 4 * SEGMENT_BYTES);
	f->config.applied = 497;
	assert_int_equal(replayed(&f->config), 500);
}

static void
a_full_ring_has_no_room(void **state)
{
	struct fixture *f = *state;
	struct journal *j = start(&f->config);
	uint64_t n = 0;
	bool urgent = false;

	while (journal_has_room(j, GROUP_BYTES_MAX)) {
		assert_ok(append(j, ++n));
		assert_ok(journal_tend(j));
		assert_true(n < 10000);
	}
	assert_false(journal_needs_tending(j, &urgent));
	assert_true(urgent);
	journal_applied(j, n);
	assert_true(journal_has_room(j, GROUP_BYTES_MAX));
	assert_ok(append(j, ++n));
	journal_close(j);
	f->config.applied = n - 1;
	assert_int_equal(replayed(&f->config), n);
}

static int
open_segment(const struct fixture *f)
{
	char path[PATH_MAX + 32];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/segment-00", f->directory);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* Where group n begins, if all stand in one segment. */
static size_t
group_at(uint64_t n)
{
	size_t at = 0;

	for (uint64_t i = 1; i < n; i++) {
		at += journal_record_padded_bytes(group_bytes(i));
	}
	return at;
}

static void
a_tail_cut_anywhere_ends_the_row(void **state)
{
	struct fixture *f = *state;
	size_t at = group_at(3);
	size_t n = RECORD_HEAD_BYTES + group_bytes(3);
	uint8_t *record = malloc(n);
	uint8_t *cut = calloc(1, n);
	int fd;

	write_groups(&f->config, 3);
	fd = open_segment(f);
	assert_int_equal(pread(fd, record, n, (off_t)at), n);
	for (size_t k = 0; k < n; k++) {
		/* Zeros, as a segment has them where nothing was written. */
		assert_int_equal(pwrite(fd, cut, n, (off_t)at), n);
		assert_int_equal(pwrite(fd, record, k, (off_t)at), k);
		assert_int_equal(replayed(&f->config), 2);
	}
	assert_int_equal(pwrite(fd, record, n, (off_t)at), n);
	assert_int_equal(replayed(&f->config), 3);
	for (size_t k = 1; k <= n; k += 97) {
		/* The file itself ends. */
		assert_int_equal(ftruncate(fd, (off_t)(at + n - k)), 0);
		assert_int_equal(replayed(&f->config), 2);
	}
	(void)close(fd);
	free(record);
	free(cut);
}

static void
a_torn_group_is_written_anew(void **state)
{
	struct fixture *f = *state;
	uint8_t zeros[512] = {0};
	struct journal *j;
	uint64_t last = 0;
	int fd;

	write_groups(&f->config, 5);
	fd = open_segment(f);
	assert_int_equal(
		pwrite(fd, zeros, sizeof(zeros), (off_t)group_at(5) + 600),
		sizeof(zeros));
	(void)close(fd);
	assert_ok(journal_open(&f->config, &j));
	assert_ok(journal_replay(j, count_group, &last));
	assert_int_equal(last, 4);
	assert_ok(journal_start(j));
	assert_ok(append(j, 5));
	assert_ok(append(j, 6));
	journal_close(j);
	assert_int_equal(replayed(&f->config), 6);
}

static void
flip(int fd, size_t at)
{
	uint8_t b;

	assert_int_equal(pread(fd, &b, 1, (off_t)at), 1);
	b ^= 0x10;
	assert_int_equal(pwrite(fd, &b, 1, (off_t)at), 1);
}

static void
a_flipped_byte_is_seen(void **state)
{
	struct fixture *f = *state;
	struct journal *j;
	int fd;

	write_groups(&f->config, 4);
	fd = open_segment(f);
	for (uint64_t n = 1; n <= 4; n++) {
		size_t end = RECORD_HEAD_BYTES + group_bytes(n);

		for (size_t k = 0; k < end; k += k < 64 ? 1 : 13) {
			flip(fd, group_at(n) + k);
			if (n < 4) {
				assert_err(ERR_CORRUPT,
					   journal_open(&f->config, &j));
			} else {
				assert_int_equal(replayed(&f->config), 3);
			}
			flip(fd, group_at(n) + k);
		}
	}
	assert_int_equal(replayed(&f->config), 4);
	/* What is applied is of no interest any more. */
	flip(fd, group_at(2) + 40);
	f->config.applied = 2;
	assert_int_equal(replayed(&f->config), 4);
	(void)close(fd);
}

static void
a_gap_to_the_engine_is_refused(void **state)
{
	struct fixture *f = *state;
	struct journal_config other = f->config;
	struct journal *j;

	write_groups(&f->config, 4);
	f->config.applied = 5;
	assert_err(ERR_CORRUPT, journal_open(&f->config, &j));
	/* Another incarnation begins behind what it restored. */
	other.incarnation.b[0] = 9;
	other.applied = 5;
	other.started = 5;
	assert_int_equal(replayed(&other), 5);
	other.started = 4;
	assert_err(ERR_CORRUPT, journal_open(&other, &j));
}

static void
a_record_inside_a_value_is_not_taken(void **state)
{
	struct fixture *f = *state;
	const struct incarnation guess = {{7}};
	uint8_t payload[2 * RECORD_BLOCK_BYTES] = {0};
	size_t hidden = RECORD_BLOCK_BYTES - RECORD_HEAD_BYTES;
	struct buf group;
	struct journal *j = start(&f->config);
	int fd;

	journal_record_seal(&guess, 2, payload + hidden, 8);
	buf_init(&group, 1 << 20);
	assert_ok(buf_put(&group, payload, RECORD_HEAD_BYTES));
	assert_ok(buf_put(&group, payload, sizeof(payload)));
	assert_ok(journal_append(j, &group));
	buf_clear(&group);
	journal_close(j);
	fd = open_segment(f);
	flip(fd, 0);
	(void)close(fd);
	assert_int_equal(replayed(&f->config), 0);
}

struct archived {
	uint64_t last;
	int files;
};

static int
archived_record(void *ctx, size_t at, const struct record *record)
{
	struct archived *a = ctx;

	(void)at;
	return count_group(&a->last, record->sequence, record->payload);
}

static void
full_segments_are_archived(void **state)
{
	struct fixture *f = *state;
	struct archived a = {0, 0};
	struct journal *j;
	uint64_t first;
	uint64_t last;

	f->config.archive = f->archive;
	j = start(&f->config);
	for (uint64_t i = 1; i <= 200; i++) {
		assert_ok(append(j, i));
		assert_ok(journal_tend(j));
		journal_applied(j, i);
	}
	journal_close(j);
	/* The segment that was not full is archived at the next start. */
	f->config.applied = 200;
	journal_close(start(&f->config));
	for (first = 1; first <= 200; first = last + 1) {
		char path[PATH_MAX + 96];
		static uint8_t bytes[SEGMENT_BYTES];
		int fd = -1;
		size_t n;

		for (last = first; fd < 0 && last <= 200; last++) {
			(void)snprintf(path, sizeof(path),
				       "%s/01020300-%016llx-%016llx.journal",
				       f->archive, (unsigned long long)first,
				       (unsigned long long)last);
			fd = open(path, O_RDONLY | O_CLOEXEC);
		}
		last--;
		assert_true(fd >= 0);
		assert_ok(
			io_read(io_system(), fd, bytes, sizeof(bytes), 0, &n));
		(void)close(fd);
		assert_ok(journal_record_scan(&f->config.incarnation,
					      bytes_of(bytes, n),
					      archived_record, &a));
		assert_int_equal(a.last, last);
		a.files++;
	}
	assert_true(a.files > 3);
}

/* Opens, appends and tends on a disk that fails; says how many were answered.
 * Stops at the first error, as the process would. */
static uint64_t
run_on(struct fixture *f, struct fault_io *io, bool with_archive)
{
	struct journal_config config = f->config;
	uint64_t answered = 0;
	struct journal *j;

	config.io = &io->base;
	config.archive = with_archive ? f->archive : NULL;
	if (journal_open(&config, &j) != 0) {
		return 0;
	}
	if (journal_start(j) == 0) {
		for (uint64_t i = 1; i <= 25; i++) {
			if (!journal_has_room(j, group_bytes(i)) &&
			    journal_tend(j) != 0) {
				break;
			}
			if (!journal_has_room(j, group_bytes(i)) ||
			    append(j, i) != 0) {
				break;
			}
			answered = i;
		}
	}
	journal_close(j);
	return answered;
}

static void
any_failing_call_loses_nothing_answered(void **state)
{
	struct fixture *f = *state;
	struct fault_io io;
	unsigned runs = 0;

	for (int kind = FAULT_EIO; kind <= FAULT_POWER; kind++) {
		for (int forever = 0; forever < 2; forever++) {
			unsigned long n = 0;

			do {
				uint64_t answered;
				uint64_t found;

				temp_remove(&f->temp);
				assert_int_equal(mkdir(f->temp.path, 0700), 0);
				fault_io_init(&io, (enum fault_kind)kind, ++n,
					      forever != 0);
				answered = run_on(f, &io, forever != 0);
				found = replayed(&f->config);
				assert_in_range(found, answered, answered + 1);
				runs++;
			} while (io.failed);
		}
	}
	assert_true(runs > 100);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(groups_come_back),
		WITH(appending_goes_on_after_a_restart),
		WITH(segments_are_used_again),
		WITH(a_full_ring_has_no_room),
		WITH(a_tail_cut_anywhere_ends_the_row),
		WITH(a_torn_group_is_written_anew),
		WITH(a_flipped_byte_is_seen),
		WITH(a_gap_to_the_engine_is_refused),
		WITH(a_record_inside_a_value_is_not_taken),
		WITH(full_segments_are_archived),
		WITH(any_failing_call_loses_nothing_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
