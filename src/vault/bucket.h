#ifndef VAULT_BUCKET_H
#define VAULT_BUCKET_H

#include "vault/index.h"
#include "vault/seal.h"

/*
 * One bucket of the look-up index as index.c works on it: its row opened, its
 * entries as they are packed, sealed again. A bucket without a row is an empty
 * one.
 */
#define BUCKET_HASH_BYTES 8
#define BUCKET_ENTRY_BYTES (BUCKET_HASH_BYTES + 1 + 1 + ID_BYTES)

struct bucket {
	uint32_t number;
	slot_t slot; /* SLOT_NONE: no row yet */
	size_t n;
	uint8_t *entries; /* room for n + 1 */
};

/* Where a normalised value belongs: BLAKE2b-256 keyed with the route's key over
 * kind 1 || value; the first four bytes choose among `buckets` (a power of
 * two), the next eight name the value in its bucket. Of values that share a
 * bucket, and no others are ever compared, two are taken for one with a chance
 * of 2^-64; nobody without the route's key can look for such a pair. */
void bucket_route(const struct key *route, enum index_kind kind,
		  const char *value, uint32_t buckets, uint32_t *out_number,
		  uint8_t out_hash[BUCKET_HASH_BYTES]);

/* What a bucket's row is sealed as. */
struct seal_context bucket_context(uint32_t number, slot_t slot);

/* The entries of an opened row. ERR_CORRUPT. */
int bucket_entries(struct bytes plain, struct bytes *out) MUST_CHECK;

int bucket_load(struct vault *v, uint32_t number,
		struct bucket *out) MUST_CHECK;
int bucket_save(struct vault *v, const struct bucket *b) MUST_CHECK;

/* Seals it under a fresh slot; *out_old is the one before. */
int bucket_move(struct vault *v, struct bucket *b, slot_t *out_old) MUST_CHECK;

void entry_pack(uint8_t to[BUCKET_ENTRY_BYTES],
		const uint8_t hash[BUCKET_HASH_BYTES],
		const struct index_entry *e);
struct index_entry entry_unpack(const uint8_t from[BUCKET_ENTRY_BYTES]);

/* The place of a packed entry, or b->n. */
size_t bucket_find(const struct bucket *b,
		   const uint8_t entry[BUCKET_ENTRY_BYTES]);
void bucket_take_out(struct bucket *b, size_t i);

/* Takes out the entries of an owner, of one tag or (negative) all: how many
 * there were. */
size_t bucket_take_out_owner(struct bucket *b, enum index_owner kind,
			     struct id owner, int tag);

#endif
