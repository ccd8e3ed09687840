/* base/entropy: what is handed out is handed out once, in a child too. */

#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/entropy.h"
#include "support/test.h"

#define DRAWS 200
#define NONCE_BYTES 24

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, NONCE_BYTES);
}

static void
nonces_differ(void **state)
{
	static uint8_t drawn[DRAWS][NONCE_BYTES];

	(void)state;
	for (size_t i = 0; i < DRAWS; i++) {
		entropy_fill(entropy_system(), drawn[i], NONCE_BYTES);
	}
	qsort(drawn, DRAWS, NONCE_BYTES, compare);
	for (size_t i = 1; i < DRAWS; i++) {
		assert_memory_not_equal(drawn[i - 1], drawn[i], NONCE_BYTES);
	}
}

static void
short_draws_of_any_length_work(void **state)
{
	static const uint8_t zeros[64];

	(void)state;
	for (size_t n = 8; n <= sizeof(zeros); n++) {
		uint8_t drawn[sizeof(zeros)] = {0};

		entropy_fill(entropy_system(), drawn, n);
		assert_memory_not_equal(drawn, zeros, n);
		assert_memory_equal(drawn + n, zeros, sizeof(zeros) - n);
	}
}

static void
a_child_draws_other_bytes(void **state)
{
	uint8_t mine[NONCE_BYTES];
	uint8_t theirs[NONCE_BYTES];
	int ends[2];
	int status;
	pid_t pid;

	(void)state;
	entropy_fill(entropy_system(), mine, sizeof(mine));
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		entropy_fill(entropy_system(), theirs, sizeof(theirs));
		_exit(write(ends[1], theirs, sizeof(theirs)) ==
				      sizeof(theirs)
			      ? 0
			      : 1);
	}
	entropy_fill(entropy_system(), mine, sizeof(mine));
	assert_int_equal(read(ends[0], theirs, sizeof(theirs)),
			 sizeof(theirs));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_memory_not_equal(mine, theirs, sizeof(mine));
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nonces_differ),
		cmocka_unit_test(short_draws_of_any_length_work),
		cmocka_unit_test(a_child_draws_other_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
