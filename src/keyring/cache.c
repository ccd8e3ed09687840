/* Opened nodes, least recently used first out. Frames live in slabs of
 * guarded memory; their list links and hash chains are no secret. */

#include <stdlib.h>
#include <sys/resource.h>

#include "keyring/cache.h"

#define SLAB_FRAMES 16u
#define FRAMES_MIN (2u * SLAB_FRAMES)
#define NONE UINT32_MAX

/* Frames stand in one of two rings by use, or in neither (free). */
enum ring { RING_LEAF, RING_UPPER, RINGS };

struct frame {
	uint8_t *plain;
	uint64_t index;
	uint8_t level;
	uint32_t newer;
	uint32_t older;
	uint32_t chain; /* next of the same hash, or next free */
};

struct cache {
	struct frame *frames;
	uint32_t n;     /* frames that have memory */
	uint32_t n_max; /* bound */
	uint32_t free;
	uint32_t *heads; /* hash table, n_heads a power of two */
	uint32_t n_heads;
	struct {
		uint32_t newest;
		uint32_t oldest;
		uint32_t n;
	} rings[RINGS];
	uint8_t **slabs;
	uint32_t n_slabs;
};

static bool
cache_grow(struct cache *c)
{
	uint8_t *slab;

	if (c->n + SLAB_FRAMES > c->n_max) {
		return false;
	}
	slab = secret_alloc((size_t)SLAB_FRAMES * NODE_PLAIN_BYTES);
	if (slab == NULL) {
		/* What may be locked is used up: the bound is here. */
		c->n_max = c->n;
		return false;
	}
	c->slabs[c->n_slabs++] = slab;
	for (uint32_t i = 0; i < SLAB_FRAMES; i++) {
		c->frames[c->n].plain = slab + (size_t)i * NODE_PLAIN_BYTES;
		c->frames[c->n].chain = c->free;
		c->free = c->n++;
	}
	return true;
}

static size_t
default_bytes(void)
{
	struct rlimit limit;
	size_t bytes = CACHE_BYTES_DEFAULT;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur / 2 < bytes) {
		bytes = (size_t)(limit.rlim_cur / 2);
	}
	return bytes;
}

int
cache_open(size_t max_bytes, struct cache **out)
{
	struct cache *c = calloc(1, sizeof(*c));
	size_t frames = (max_bytes == 0 ? default_bytes() : max_bytes) /
			NODE_PLAIN_BYTES;

	if (c == NULL) {
		return err_set(ERR_NOMEM, "no memory for the key cache");
	}
	if (frames < FRAMES_MIN) {
		frames = FRAMES_MIN;
	}
	if (frames > NODE_LEAVES_MAX) {
		frames = NODE_LEAVES_MAX;
	}
	c->n_max = (uint32_t)(frames / SLAB_FRAMES * SLAB_FRAMES);
	c->n_heads = 64;
	while (c->n_heads < c->n_max) {
		c->n_heads *= 2;
	}
	c->free = NONE;
	c->frames = calloc(c->n_max, sizeof(*c->frames));
	c->heads = malloc(c->n_heads * sizeof(*c->heads));
	c->slabs = calloc(c->n_max / SLAB_FRAMES, sizeof(*c->slabs));
	for (int i = 0; i < RINGS; i++) {
		c->rings[i].newest = NONE;
		c->rings[i].oldest = NONE;
	}
	if (c->frames == NULL || c->heads == NULL || c->slabs == NULL) {
		cache_close(c);
		return err_set(ERR_NOMEM, "no memory for the key cache");
	}
	memset(c->heads, 0xff, c->n_heads * sizeof(*c->heads));
	if (!cache_grow(c)) {
		cache_close(c);
		return ERR_NOMEM;
	}
	*out = c;
	return 0;
}

void
cache_close(struct cache *c)
{
	if (c == NULL) {
		return;
	}
	for (uint32_t i = 0; i < c->n_slabs; i++) {
		secret_free(c->slabs[i]);
	}
	free(c->slabs);
	free(c->heads);
	free(c->frames);
	free(c);
}

static uint32_t *
cache_head(struct cache *c, uint8_t level, uint64_t index)
{
	uint64_t h = (index * 4 + level) * 0x9e3779b97f4a7c15u;

	return &c->heads[(h >> 32) & (c->n_heads - 1)];
}

static uint32_t
cache_find(struct cache *c, uint8_t level, uint64_t index)
{
	uint32_t f = *cache_head(c, level, index);

	while (f != NONE && (c->frames[f].index != index ||
			     c->frames[f].level != level)) {
		f = c->frames[f].chain;
	}
	return f;
}

static enum ring
ring_of(uint8_t level)
{
	return level == 0 ? RING_LEAF : RING_UPPER;
}

static void
ring_remove(struct cache *c, uint32_t f)
{
	struct frame *at = &c->frames[f];
	enum ring r = ring_of(at->level);

	if (at->newer == NONE) {
		c->rings[r].newest = at->older;
	} else {
		c->frames[at->newer].older = at->older;
	}
	if (at->older == NONE) {
		c->rings[r].oldest = at->newer;
	} else {
		c->frames[at->older].newer = at->newer;
	}
	c->rings[r].n--;
}

static void
ring_add(struct cache *c, uint32_t f)
{
	struct frame *at = &c->frames[f];
	enum ring r = ring_of(at->level);

	at->newer = NONE;
	at->older = c->rings[r].newest;
	if (at->older == NONE) {
		c->rings[r].oldest = f;
	} else {
		c->frames[at->older].newer = f;
	}
	c->rings[r].newest = f;
	c->rings[r].n++;
}

static void
frame_drop(struct cache *c, uint32_t f)
{
	struct frame *at = &c->frames[f];
	uint32_t *link = cache_head(c, at->level, at->index);

	while (*link != f) {
		link = &c->frames[*link].chain;
	}
	*link = at->chain;
	ring_remove(c, f);
	secret_wipe(at->plain, NODE_PLAIN_BYTES);
	at->chain = c->free;
	c->free = f;
}

const uint8_t *
cache_get(struct cache *c, uint8_t level, uint64_t index)
{
	uint32_t f = cache_find(c, level, index);

	if (f == NONE) {
		return NULL;
	}
	ring_remove(c, f);
	ring_add(c, f);
	return c->frames[f].plain;
}

uint8_t *
cache_add(struct cache *c, uint8_t level, uint64_t index)
{
	uint32_t *head = cache_head(c, level, index);
	uint32_t f;

	cache_drop(c, level, index);
	if (c->free == NONE && !cache_grow(c)) {
		/* An upper node opens a hundred leaves: leaves go first, as
		 * long as they have more than a quarter. */
		enum ring r = c->rings[RING_LEAF].n > c->n / 4 ||
					      c->rings[RING_UPPER].n == 0
				      ? RING_LEAF
				      : RING_UPPER;

		frame_drop(c, c->rings[r].oldest);
	}
	f = c->free;
	c->free = c->frames[f].chain;
	c->frames[f].level = level;
	c->frames[f].index = index;
	c->frames[f].chain = *head;
	*head = f;
	ring_add(c, f);
	return c->frames[f].plain;
}

void
cache_drop(struct cache *c, uint8_t level, uint64_t index)
{
	uint32_t f = cache_find(c, level, index);

	if (f != NONE) {
		frame_drop(c, f);
	}
}

void
cache_drop_all(struct cache *c)
{
	for (int r = 0; r < RINGS; r++) {
		while (c->rings[r].oldest != NONE) {
			frame_drop(c, c->rings[r].oldest);
		}
	}
}

size_t
cache_bytes(const struct cache *c)
{
	return (size_t)c->n * NODE_PLAIN_BYTES;
}
