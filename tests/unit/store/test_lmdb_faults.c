/*
 * LMDB on a disk that fails. The library's writes and syncs are taken over by
 * this program's own (the linker prefers them), and the n-th of a commit fails,
 * for all n. No room: the old state, whole, and the engine goes on. Anything
 * else: unknown, and after opening again the old state or the new, whole.
 */
#include "support/test.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/uio.h>

#include "base/pack.h"
#include "store/engine.h"
#include "store/write_set.h"
#include "support/temp.h"

#define ROWS 400
#define VALUE_BYTES 3000
#define SET_BYTES ((size_t)16 << 20)

static struct {
	long fail_at; /* 0: never */
	long calls;
	int error;
} fault;

static bool
fails(void)
{
	if (fault.fail_at == 0 || ++fault.calls != fault.fail_at) {
		return false;
	}
	errno = fault.error;
	return true;
}

/* The C library's own, by name; ISO C knows no such conversion. */
#define REAL(name, type)                                                       \
	union {                                                                \
		void *object;                                                  \
		type *function;                                                \
	} real = {.object = dlsym(RTLD_NEXT, name)}

typedef ssize_t pwrite_fn(int, const void *, size_t, off_t);
typedef ssize_t writev_fn(int, const struct iovec *, int);
typedef int sync_fn(int);

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at);
ssize_t
pwrite64(int fd, const void *p, size_t n, off_t at)
{
	REAL("pwrite64", pwrite_fn);

	return fails() ? -1 : real.function(fd, p, n, at);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	REAL("pwrite", pwrite_fn);

	return fails() ? -1 : real.function(fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	REAL("writev", writev_fn);

	return fails() ? -1 : real.function(fd, v, n);
}

int fdatasync(int fd);
int
fdatasync(int fd)
{
	REAL("fdatasync", sync_fn);

	return fails() ? -1 : real.function(fd);
}

static struct temp temp;

/* A batch: every row says n. */
static int
apply(struct engine *e, struct write_set *set, uint64_t n)
{
	static uint8_t value[VALUE_BYTES];
	uint8_t key[8];

	write_set_reset(set);
	put_u64(value, n);
	for (uint64_t i = 0; i < ROWS; i++) {
		put_u64(key, i * 2654435761u % 1000003);
		assert_ok(write_set_put(set, TABLE_RECORD,
					bytes_of(key, sizeof(key)),
					bytes_of(value, sizeof(value))));
	}
	return e->ops->apply(e, &set, 1, n);
}

/* The batch that all rows are of. */
static uint64_t
whole_batch(struct engine *e)
{
	struct engine_cursor *c;
	struct engine_view *v;
	struct bytes key;
	struct bytes value;
	uint64_t n;
	int rows = 0;
	int rc;

	assert_ok(e->ops->view_open(e, &v));
	n = e->ops->view_sequence(v);
	assert_ok(e->ops->cursor_open(v, TABLE_RECORD, bytes_of(NULL, 0), false,
				      &c));
	while ((rc = e->ops->cursor_next(c, &key, &value)) == 1) {
		assert_int_equal(get_u64(value.p), n);
		rows++;
	}
	assert_ok(rc);
	assert_int_equal(rows, ROWS);
	e->ops->cursor_close(c);
	e->ops->view_close(v);
	return n;
}

/* Batch 1 is there; batch 2 meets the fault. Says whether it met one. */
static bool
meet(long fail_at, int error)
{
	struct write_set *set = write_set_new(SET_BYTES);
	struct engine *e;
	int rc;

	temp_make_quick(&temp);
	assert_ok(engine_lmdb_open(temp.path, &e));
	assert_ok(apply(e, set, 1));
	fault.fail_at = fail_at;
	fault.calls = 0;
	fault.error = error;
	rc = apply(e, set, 2);
	fault.fail_at = 0;
	if (rc == ERR_FULL) {
		assert_int_equal(error, ENOSPC);
		assert_int_equal(whole_batch(e), 1);
		assert_ok(apply(e, set, 2));
		assert_int_equal(whole_batch(e), 2);
	} else if (rc != 0) {
		assert_err(ERR_OUTCOME, rc);
		e->ops->close(e);
		assert_ok(engine_lmdb_open(temp.path, &e));
		assert_in_range(whole_batch(e), 1, 2);
	} else {
		assert_true(fault.calls < fail_at);
		assert_int_equal(whole_batch(e), 2);
	}
	e->ops->close(e);
	write_set_free(set);
	temp_remove(&temp);
	return rc != 0;
}

static void
a_commit_that_fails_anywhere_is_whole(void **state)
{
	const int errors[] = {ENOSPC, EIO};
	long n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		for (n = 1; meet(n, errors[i]); n++) {
		}
		assert_true(n > 3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_commit_that_fails_anywhere_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
