/* Random bytes: the kernel's through libsodium, or a stream from a seed. */

#include <string.h>

#include <sodium.h>

#include "base/entropy.h"
#include "base/pack.h"

static void
system_fill(struct entropy *e, void *p, size_t n)
{
	(void)e;
	randombytes_buf(p, n);
}

struct entropy *
entropy_system(void)
{
	static struct entropy entropy = {system_fill};

	return &entropy;
}

static void
seeded_fill(struct entropy *e, void *p, size_t n)
{
	struct entropy_seeded *s = (struct entropy_seeded *)e;
	uint8_t seed[randombytes_SEEDBYTES];

	memcpy(seed, s->seed, sizeof(seed));
	put_u64(seed + 24, ++s->counter);
	randombytes_buf_deterministic(p, n, seed);
}

void
entropy_seeded_init(struct entropy_seeded *e, uint64_t seed)
{
	*e = (struct entropy_seeded){.base = {seeded_fill}};
	put_u64(e->seed, seed);
}
