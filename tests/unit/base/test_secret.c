/* base/secret: key memory, also where little may be locked. */

#include <sys/resource.h>

#include "base/secret.h"
#include "support/test.h"

static void
secret_memory_is_zeroed_and_compared(void **state)
{
	static const uint8_t zero[KEY_BYTES];
	uint8_t *p = secret_alloc(KEY_BYTES);

	(void)state;
	assert_non_null(p);
	assert_true(secret_equal(p, zero, KEY_BYTES));
	p[KEY_BYTES - 1] = 1;
	assert_false(secret_equal(p, zero, KEY_BYTES));
	secret_wipe(p, KEY_BYTES);
	assert_true(secret_equal(p, zero, KEY_BYTES));
	secret_free(p);
	secret_free(NULL);
}

static void
refused_lock_is_refused_memory(void **state)
{
	struct rlimit old;
	struct rlimit none;
	void *p;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	secret_unlocked_ok(false);
	p = secret_alloc(KEY_BYTES);
	if (p == NULL) {
		assert_int_equal(err_last()->code, ERR_NOMEM);
		assert_true(secret_is_unlocked());
	} else {
		/* A process with CAP_IPC_LOCK is not limited. */
		assert_false(secret_is_unlocked());
		secret_free(p);
	}
	secret_unlocked_ok(true);
	p = secret_alloc(KEY_BYTES);
	assert_non_null(p);
	secret_free(p);
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &old), 0);
}

static void
key_is_wiped_on_the_way_out(void **state)
{
	static const uint8_t zero[KEY_BYTES];
	struct key k;

	(void)state;
	memset(k.b, 7, sizeof(k.b));
	key_wipe(&k);
	assert_memory_equal(k.b, zero, KEY_BYTES);
}

static int
prepare(void **state)
{
	(void)state;
	secret_unlocked_ok(true);
	return secret_init();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_memory_is_zeroed_and_compared),
		cmocka_unit_test(refused_lock_is_refused_memory),
		cmocka_unit_test(key_is_wiped_on_the_way_out),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
