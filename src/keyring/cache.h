#ifndef KEYRING_CACHE_H
#define KEYRING_CACHE_H

#include "keyring/node.h"

/*
 * Opened nodes in guarded memory, bounded in bytes: it grows slab by slab up
 * to the bound or to what may be locked, then the node used longest ago makes
 * room, leaves before upper nodes. Whoever uses it holds the caller's lock.
 */
struct cache;

#define CACHE_BYTES_DEFAULT (32u << 20)

/* max_bytes 0: the default, but at most half of RLIMIT_MEMLOCK. ERR_NOMEM when
 * not even a few nodes can be locked. */
int cache_open(size_t max_bytes, struct cache **out) MUST_CHECK;
void cache_close(struct cache *c);

/* The node's 124 keys, or NULL; valid until the next cache_add. */
const uint8_t *cache_get(struct cache *c, uint8_t level, uint64_t index);

/* A place for the node, still to be filled; drops another when full. */
uint8_t *cache_add(struct cache *c, uint8_t level, uint64_t index);

/* Wipes the node if it is there. */
void cache_drop(struct cache *c, uint8_t level, uint64_t index);
void cache_drop_all(struct cache *c);

size_t cache_bytes(const struct cache *c);

#endif
