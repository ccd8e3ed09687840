/* Random bytes: the kernel's through libsodium, or a stream from a seed. Nonces
 * and ids are short and many, and a system call costs more than their bytes:
 * a thread asks for a few hundred at once. Keys are never taken from there. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/entropy.h"
#include "base/pack.h"

#define POOL_BYTES 480u
#define POOLED_BYTES_MAX 24u /* a nonce; a key is longer */

struct pool {
	size_t left;
	uint8_t bytes[POOL_BYTES];
};

static _Thread_local struct pool pool;
static pthread_once_t pool_once = PTHREAD_ONCE_INIT;

/* A child must not hand out what its parent does. It has one thread: the one
 * that forked. */
static void
pool_drop(void)
{
	sodium_memzero(&pool, sizeof(pool));
}

static void
pool_settle(void)
{
	if (pthread_atfork(NULL, NULL, pool_drop) != 0) {
		abort();
	}
}

static void
pool_take(void *p, size_t n)
{
	uint8_t *from;

	if (pool.left < n) {
		(void)pthread_once(&pool_once, pool_settle);
		randombytes_buf(pool.bytes, sizeof(pool.bytes));
		pool.left = sizeof(pool.bytes);
	}
	from = pool.bytes + pool.left - n;
	memcpy(p, from, n);
	sodium_memzero(from, n);
	pool.left -= n;
}

static void
system_fill(struct entropy *e, void *p, size_t n)
{
	(void)e;
	if (n <= POOLED_BYTES_MAX) {
		pool_take(p, n);
	} else {
		randombytes_buf(p, n);
	}
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
	*e = (struct entropy_seeded){.base = {seeded_fill}, .counter = 0};
	put_u64(e->seed, seed);
}
