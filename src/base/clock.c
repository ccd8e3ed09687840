/* Wall clock and boot clock, and a fake of both. */

#include <time.h>

#include "base/clock.h"

static int64_t
read_ms(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t
system_wall(struct clock *c)
{
	(void)c;
	return read_ms(CLOCK_REALTIME);
}

static int64_t
system_boot(struct clock *c)
{
	(void)c;
	return read_ms(CLOCK_BOOTTIME);
}

struct clock *
clock_system(void)
{
	static struct clock clock = {system_wall, system_boot};

	return &clock;
}

int64_t
clock_boot_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

uint64_t
clock_elapsed_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int64_t
fake_wall(struct clock *c)
{
	return ((struct clock_fake *)c)->wall;
}

static int64_t
fake_boot(struct clock *c)
{
	return ((struct clock_fake *)c)->boot;
}

void
clock_fake_init(struct clock_fake *c, int64_t wall_ms)
{
	*c = (struct clock_fake){{fake_wall, fake_boot}, wall_ms, 0};
}

void
clock_fake_advance(struct clock_fake *c, int64_t ms)
{
	c->wall += ms;
	c->boot += ms;
}
