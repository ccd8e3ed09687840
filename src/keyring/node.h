#ifndef KEYRING_NODE_H
#define KEYRING_NODE_H

#include "base/id.h"
#include "keyring/aead.h"
#include "keyring/keyring.h"

/*
 * One node of the key tree as it lies in `keys`: 124 keys of 32 bytes, sealed
 * under the node's own key, which its parent holds. The key's place in LMDB
 * is level 1 || index 3, big-endian; leaves are level 0. A batch writes nearly
 * one of LMDB's own pages a person, so their rows are as short as can be.
 *
 *	magic "N9KN" || version 1 || level 1 || zero 2 || index 8 || epoch 8
 *	|| nonce 24 || k_com 32 || ciphertext 3968 || tag 16      = 4064 bytes
 *
 * Associated data: the 24 bytes of the header and the store's id. 4,064 bytes
 * fill one overflow page of LMDB, 125 keys would need a second.
 * docs/format.md "The key tree".
 */
#define NODE_HEADER_BYTES 24
#define NODE_PLAIN_BYTES (KEYRING_FANOUT * KEY_BYTES)
#define NODE_BYTES (NODE_HEADER_BYTES + AEAD_OVERHEAD_BYTES + NODE_PLAIN_BYTES)
#define NODE_KEY_BYTES 4

/* 124^4 slots, 236 million: enough for 50 million people. */
#define NODE_LEVELS 4
#define NODE_LEVEL_ROOT (NODE_LEVELS - 1)
#define NODE_LEAVES_MAX (124u * 124u * 124u)

struct node_header {
	uint8_t level;
	uint64_t index;
	uint64_t epoch; /* in which this version, and its key, were made */
};

/* Where the node lies in LMDB. */
void node_place(uint8_t level, uint64_t index, uint8_t out[NODE_KEY_BYTES]);

/* ERR_CORRUPT when these are no node's bytes; checks no seal. */
int node_header_get(struct bytes sealed, struct node_header *out) MUST_CHECK;

void node_seal(const struct key *key, const struct node_header *header,
	       struct id store_id, const uint8_t plain[NODE_PLAIN_BYTES],
	       struct entropy *entropy, uint8_t out[NODE_BYTES]);

/* Opens the node that must be (level, index). ERR_SEAL, ERR_CORRUPT. */
int node_open(const struct key *key, uint8_t level, uint64_t index,
	      struct id store_id, struct bytes sealed,
	      uint8_t out_plain[NODE_PLAIN_BYTES]) MUST_CHECK;

/* Whether this key sealed these bytes; decrypts nothing. */
bool node_commits(const struct key *key, struct id store_id,
		  struct bytes sealed);

/* The key of a child, or of a slot in a leaf; all zero: dead or not made. */
static inline void
node_child(const uint8_t *plain, uint64_t index, struct key *out)
{
	memcpy(out->b, plain + (index % KEYRING_FANOUT) * KEY_BYTES, KEY_BYTES);
}

static inline void
node_child_set(uint8_t *plain, uint64_t index, const struct key *key)
{
	memcpy(plain + (index % KEYRING_FANOUT) * KEY_BYTES, key->b, KEY_BYTES);
}

/* Constant time. */
bool key_is_zero(const struct key *key);

/* The index of a leaf's ancestor at a level. */
uint64_t node_ancestor(uint64_t leaf, uint8_t level);

#endif
