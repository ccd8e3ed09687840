/* A bucket's row: padded, sealed, opened. Which bucket, and what for, is
 * index.c's. */
#include "vault/bucket.h"

#include <sodium.h>
#include <string.h>

#include "base/pack.h"
#include "keyring/slots.h"

#define HEAD_BYTES 2 /* count of entries */
/* Sealed lists have lengths in steps of eight entries, so that the length of
 * a row does not tell how many are in it. */
#define PAD_BYTES (8 * BUCKET_ENTRY_BYTES)
#define BUCKET_SCHEMA 1
#define ROW_SLOT_BYTES 8

void
bucket_route(const struct key *route, enum index_kind kind, const char *value,
	     uint32_t buckets, uint32_t *out_number,
	     uint8_t out_hash[BUCKET_HASH_BYTES])
{
	crypto_generichash_state st;
	uint8_t digest[32];
	uint8_t k = (uint8_t)kind;

	(void)crypto_generichash_init(&st, route->b, sizeof(route->b),
				      sizeof(digest));
	(void)crypto_generichash_update(&st, &k, 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)value,
					strlen(value));
	(void)crypto_generichash_final(&st, digest, sizeof(digest));
	secret_wipe(&st, sizeof(st));
	*out_number = get_u32(digest) & (buckets - 1);
	memcpy(out_hash, digest + 4, BUCKET_HASH_BYTES);
}

struct seal_context
bucket_context(uint32_t number, slot_t slot)
{
	struct seal_context c = {.type = SEAL_BUCKET,
				 .slot = slot,
				 .day = DAY_NONE,
				 .schema = BUCKET_SCHEMA};

	put_u32(c.record.b + ID_BYTES - 4, number);
	return c;
}

int
bucket_entries(struct bytes plain, struct bytes *out)
{
	size_t n = plain.n < HEAD_BYTES ? 0 : get_u16(plain.p);

	if (plain.n < HEAD_BYTES || n > INDEX_ENTRIES_MAX ||
	    n * BUCKET_ENTRY_BYTES > plain.n - HEAD_BYTES) {
		return err_set(ERR_CORRUPT, "an index bucket is too short");
	}
	*out = bytes_of(plain.p + HEAD_BYTES, n * BUCKET_ENTRY_BYTES);
	return 0;
}

static int
bucket_unpack(struct vault *v, struct bytes plain, struct bucket *b)
{
	struct bytes entries = {NULL, 0};
	int rc = bucket_entries(plain, &entries);

	if (rc != 0) {
		return rc;
	}
	b->n = entries.n / BUCKET_ENTRY_BYTES;
	b->entries = arena_array(v->arena, b->n + 1, BUCKET_ENTRY_BYTES);
	if (b->entries == NULL) {
		return ERR_NOMEM;
	}
	memcpy(b->entries, entries.p, entries.n);
	return 0;
}

int
bucket_load(struct vault *v, uint32_t number, struct bucket *out)
{
	struct bucket b = {.number = number, .slot = SLOT_NONE};
	struct seal_context c;
	struct key_maker k = {.n = 0};
	struct bytes row;
	struct bytes plain;
	int rc;

	key_u32(&k, number);
	rc = txn_get(v->txn, TABLE_BUCKET, key_bytes(&k), &row);
	if (rc == ERR_NOT_FOUND) {
		b.entries = arena_alloc(v->arena, BUCKET_ENTRY_BYTES);
		if (b.entries == NULL) {
			return ERR_NOMEM;
		}
		*out = b;
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	if (row.n < ROW_SLOT_BYTES) {
		return err_set(ERR_CORRUPT, "an index bucket without a slot");
	}
	b.slot = get_u64(row.p);
	c = bucket_context(number, b.slot);
	rc = seal_open(v->keys, &c,
		       bytes_of(row.p + ROW_SLOT_BYTES, row.n - ROW_SLOT_BYTES),
		       v->arena, &plain);
	if (rc == 0) {
		rc = bucket_unpack(v, plain, &b);
	}
	if (rc == 0) {
		*out = b;
	}
	return rc;
}

int
bucket_save(struct vault *v, const struct bucket *b)
{
	struct seal_context c = bucket_context(b->number, b->slot);
	struct key_maker k = {.n = 0};
	size_t used = HEAD_BYTES + b->n * BUCKET_ENTRY_BYTES;
	size_t padded = (used + PAD_BYTES - 1) / PAD_BYTES * PAD_BYTES;
	uint8_t *plain = arena_alloc(v->arena, padded);
	uint8_t slot[ROW_SLOT_BYTES];
	struct buf row;
	int rc;

	if (plain == NULL) {
		return ERR_NOMEM;
	}
	put_u16(plain, (uint16_t)b->n);
	memcpy(plain + HEAD_BYTES, b->entries, b->n * BUCKET_ENTRY_BYTES);
	put_u64(slot, b->slot);
	key_u32(&k, b->number);
	buf_init(&row, VALUE_BYTES_MAX);
	rc = buf_put(&row, slot, sizeof(slot));
	if (rc == 0) {
		rc = seal_put(v->keys, &c, bytes_of(plain, padded), &row);
	}
	if (rc == 0) {
		rc = txn_put(v->txn, TABLE_BUCKET, key_bytes(&k),
			     buf_bytes(&row));
	}
	buf_clear(&row);
	return rc;
}

void
entry_pack(uint8_t to[BUCKET_ENTRY_BYTES],
	   const uint8_t hash[BUCKET_HASH_BYTES], const struct index_entry *e)
{
	memcpy(to, hash, BUCKET_HASH_BYTES);
	to[BUCKET_HASH_BYTES] = (uint8_t)e->kind;
	to[BUCKET_HASH_BYTES + 1] = e->tag;
	memcpy(to + BUCKET_HASH_BYTES + 2, e->owner.b, ID_BYTES);
}

struct index_entry
entry_unpack(const uint8_t from[BUCKET_ENTRY_BYTES])
{
	struct index_entry e = {
		.kind = (enum index_owner)from[BUCKET_HASH_BYTES],
		.tag = from[BUCKET_HASH_BYTES + 1]};

	memcpy(e.owner.b, from + BUCKET_HASH_BYTES + 2, ID_BYTES);
	return e;
}

size_t
bucket_find(const struct bucket *b, const uint8_t entry[BUCKET_ENTRY_BYTES])
{
	size_t i = 0;

	while (i < b->n && memcmp(b->entries + i * BUCKET_ENTRY_BYTES, entry,
				  BUCKET_ENTRY_BYTES) != 0) {
		i++;
	}
	return i;
}

void
bucket_take_out(struct bucket *b, size_t i)
{
	memmove(b->entries + i * BUCKET_ENTRY_BYTES,
		b->entries + (i + 1) * BUCKET_ENTRY_BYTES,
		(b->n - i - 1) * BUCKET_ENTRY_BYTES);
	b->n--;
}

int
bucket_move(struct vault *v, struct bucket *b, slot_t *out_old)
{
	slot_t old = b->slot;
	int rc = slots_take_one(v->txn, v->keys, &b->slot);

	if (rc == 0) {
		rc = bucket_save(v, b);
	}
	if (rc == 0) {
		*out_old = old;
	}
	return rc;
}

size_t
bucket_take_out_owner(struct bucket *b, enum index_owner kind, struct id owner,
		      int tag)
{
	size_t before = b->n;

	for (size_t i = 0; i < b->n;) {
		struct index_entry e =
			entry_unpack(b->entries + i * BUCKET_ENTRY_BYTES);

		if (e.kind == kind && id_equal(e.owner, owner) &&
		    (tag < 0 || e.tag == tag)) {
			bucket_take_out(b, i);
		} else {
			i++;
		}
	}
	return before - b->n;
}
