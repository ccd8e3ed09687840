/* A disk that is really full: a file system of a few MiB in a mount namespace
 * of the test's own. Needs the right to mount; skipped (77) without. Or in a
 * directory that is given, on some small file system. */

#include "support/test.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "base/pack.h"
#include "store/store.h"
#include "support/groups.h"
#include "support/temp.h"

#define EXIT_SKIPPED 77
#define SEGMENT_BYTES ((size_t)4 << 20)
#define RESERVE_BYTES ((uint64_t)12 << 20)
#define ARENA_BYTES ((size_t)1 << 20)
#define LARGE_BYTES 50000
#define LARGE_MAX 4000
#define WAIT_MS_MAX 5000

static struct temp temp;

static void
pause_ms(long ms)
{
	const struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	(void)nanosleep(&t, NULL);
}

/* Takes all the room that is left. */
static void
take_room(const char *path)
{
	static uint8_t bytes[1 << 16];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (write(fd, bytes, sizeof(bytes)) > 0) {
	}
	(void)close(fd);
}

static int
write_large(struct store *s, uint64_t n)
{
	static uint8_t value[LARGE_BYTES];
	uint8_t key[8];
	struct txn *t;
	int rc = store_admit(s, sizeof(value), false);

	if (rc == 0) {
		rc = store_begin(s, &t);
	}
	if (rc != 0) {
		return rc;
	}
	put_u64(key, n);
	put_u64(value, n);
	assert_ok(txn_put(t, TABLE_VISIT, bytes_of(key, sizeof(key)),
			  bytes_of(value, sizeof(value))));
	assert_ok(store_end(s, t, true));
	return store_sync(s);
}

/* Until a write is refused for want of room; how many were answered. */
static uint64_t
write_until_full(struct store *s)
{
	uint64_t n = 0;
	int rc;

	while ((rc = write_large(s, n)) != ERR_FULL) {
		if (rc == ERR_BUSY) {
			assert_ok(store_drain(s));
			continue;
		}
		assert_ok(rc);
		n++;
		assert_true(n < LARGE_MAX);
	}
	return n;
}

static void
assert_large(struct store *s, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		uint8_t key[8];
		struct bytes value;
		struct txn *t;

		put_u64(key, i);
		assert_ok(store_begin(s, &t));
		assert_ok(txn_get(t, TABLE_VISIT, bytes_of(key, 8), &value));
		assert_int_equal(value.n, LARGE_BYTES);
		assert_int_equal(get_u64(value.p), i);
		store_abandon(s, t);
	}
}

/* As an erasure does. */
static void
destroy_large(struct store *s, uint64_t n)
{
	uint8_t key[8];
	struct txn *t;

	put_u64(key, n);
	assert_ok(store_admit(s, 64, true));
	assert_ok(store_begin(s, &t));
	assert_ok(txn_del(t, TABLE_VISIT, bytes_of(key, sizeof(key))));
	assert_ok(store_end(s, t, true));
	assert_ok(store_sync(s));
}

static void
a_full_disk_refuses_writes_and_nothing_else(void **state)
{
	char store[PATH_MAX + 16];
	char ballast[PATH_MAX + 16];
	struct store_config config = {.directory = store,
				      .segment_bytes = SEGMENT_BYTES,
				      .reserve_bytes = RESERVE_BYTES};
	struct store_status status;
	struct store *s;
	uint64_t n;
	int rc;

	(void)state;
	(void)snprintf(store, sizeof(store), "%s/store", temp.path);
	(void)snprintf(ballast, sizeof(ballast), "%s/ballast", temp.path);
	assert_ok(store_open(&config, &s));
	assert_ok(write_large(s, 0));
	take_room(ballast);
	n = write_until_full(s);
	assert_true(n > 1);
	/* All that was answered finds its place. */
	assert_ok(store_drain(s));
	store_status(s, &status);
	assert_int_equal(status.sequence_applied, status.sequence_synced);
	assert_large(s, n);
	for (uint64_t i = 0; i < 40; i++) {
		destroy_large(s, n - 1 - i);
		assert_ok(store_drain(s));
	}
	n -= 40;
	store_close(s);
	/* It opens on the full disk, too. */
	assert_ok(store_open(&config, &s));
	assert_large(s, n);
	assert_int_equal(unlink(ballast), 0);
	for (int ms = 0;
	     (rc = write_large(s, n)) == ERR_FULL && ms < WAIT_MS_MAX;
	     ms += 10) {
		pause_ms(10);
	}
	assert_ok(rc);
	assert_large(s, n + 1);
	store_close(s);
}

static bool
mount_small(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", temp.path, "tmpfs", 0, "size=96m") == 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_refuses_writes_and_nothing_else),
	};
	int rc;

	temp_make_under(&temp, argc > 1 ? argv[1] : NULL);
	if (argc == 1 && !mount_small()) {
		(void)printf("skipped: may not mount\n");
		temp_remove(&temp);
		return EXIT_SKIPPED;
	}
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	(void)umount(temp.path);
	temp_remove(&temp);
	return rc;
}
