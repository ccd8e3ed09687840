/* base/clock: the fake moves as told; the real one runs forward. */

#include "base/clock.h"
#include "support/test.h"

static void
fake_moves_only_when_told(void **state)
{
	struct clock_fake c;

	(void)state;
	clock_fake_init(&c, 1000);
	assert_int_equal(clock_wall_ms(&c.base), 1000);
	assert_int_equal(clock_boot_ms(&c.base), 0);
	clock_fake_advance(&c, 500);
	assert_int_equal(clock_wall_ms(&c.base), 1500);
	assert_int_equal(clock_boot_ms(&c.base), 500);
	c.wall -= 700;
	assert_int_equal(clock_wall_ms(&c.base), 800);
	assert_int_equal(clock_boot_ms(&c.base), 500);
}

static void
system_clock_is_of_our_age(void **state)
{
	struct clock *c = clock_system();
	int64_t boot = clock_boot_ms(c);

	(void)state;
	/* 2024-01-01: a machine behind that cannot run this. */
	assert_true(clock_wall_ms(c) > 1704067200000LL);
	assert_true(clock_boot_ms(c) >= boot);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fake_moves_only_when_told),
		cmocka_unit_test(system_clock_is_of_our_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
