#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* The only place where the time of day is read. Times are milliseconds: `wall`
 * since 1970 UTC, `boot` since the machine started, suspended time included. */
struct clock {
	int64_t (*wall_ms)(struct clock *);
	int64_t (*boot_ms)(struct clock *);
};

struct clock *clock_system(void);

/* Microseconds of CLOCK_MONOTONIC, for measuring how long something took and
 * for waiting. Not a clock that a test can set: nothing is decided by it. */
uint64_t clock_elapsed_us(void);

struct clock_fake {
	struct clock base;
	_Atomic int64_t wall; /* read by whatever thread a test starts */
	_Atomic int64_t boot;
};

/* Microseconds since the machine started: how long something took. Never part
 * of what is stored or decided. */
int64_t clock_boot_us(void);

void clock_fake_init(struct clock_fake *c, int64_t wall_ms);
/* Both hands move; to move one alone, add to it. */
void clock_fake_advance(struct clock_fake *c, int64_t ms);

static inline int64_t
clock_wall_ms(struct clock *c)
{
	return c->wall_ms(c);
}

static inline int64_t
clock_boot_ms(struct clock *c)
{
	return c->boot_ms(c);
}

#endif
