#ifndef BASE_ENTROPY_H
#define BASE_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/* Where random bytes come from: the system's generator, or a seed, so that a
 * test can run the whole core again. Keys never come from a seeded one outside
 * of tests: nothing but tests makes one. */
struct entropy {
	void (*fill)(struct entropy *, void *, size_t);
};

struct entropy *entropy_system(void);

struct entropy_seeded {
	struct entropy base;
	uint8_t seed[32];
	_Atomic uint64_t counter; /* threads of one test may share it */
};

void entropy_seeded_init(struct entropy_seeded *e, uint64_t seed);

static inline void
entropy_fill(struct entropy *e, void *p, size_t n)
{
	e->fill(e, p, n);
}

#endif
