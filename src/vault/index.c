/*
 * The look-up index: values to owners, in buckets that can be erased. What an
 * owner is, and when it is erased, others know.
 */
#include "vault/index.h"

#include <sodium.h>
#include <string.h>

#include "base/pack.h"
#include "keyring/slots.h"
#include "vault/seal.h"

#define SETTING "index.buckets"
#define HASH_BYTES 16
#define ENTRY_BYTES (HASH_BYTES + 1 + 1 + ID_BYTES)
#define HEAD_BYTES 2 /* count of entries */
/* Sealed lists have lengths that are multiples of this, so that the length of
 * a row does not tell how many are in it. */
#define PAD_BYTES 272 /* eight entries */
#define BUCKET_SCHEMA 1
#define ROW_SLOT_BYTES 8

/* A bucket as it is worked on: entries as they are packed. */
struct bucket {
	uint32_t number;
	slot_t slot; /* SLOT_NONE: no row yet */
	size_t n;
	uint8_t *entries; /* room for n + 1 */
};

static int
buckets_get(struct vault *v, uint32_t *out)
{
	uint64_t n;
	int rc = txn_counter_get(v->txn, SETTING, &n);

	if (rc == ERR_NOT_FOUND) {
		n = 0;
		rc = 0;
	}
	if (rc != 0) {
		return rc;
	}
	*out = n == 0 ? INDEX_BUCKETS_DEFAULT : (uint32_t)n;
	return 0;
}

int
index_set_buckets(struct vault *v, uint32_t buckets)
{
	struct bytes key;
	struct bytes value;
	struct range *r;
	uint8_t stored[8];
	int rc;

	if (buckets == 0 || buckets > INDEX_BUCKETS_MAX ||
	    (buckets & (buckets - 1)) != 0) {
		return err_set(ERR_INVALID,
			       "buckets are a power of two, at most %u",
			       INDEX_BUCKETS_MAX);
	}
	rc = range_open(v->txn, TABLE_BUCKET, bytes_of(NULL, 0),
			bytes_of(NULL, 0), 0, &r);
	if (rc != 0) {
		return rc;
	}
	rc = range_next(r, &key, &value);
	range_close(r);
	if (rc == 1) {
		return err_set(ERR_STATE, "the look-up index is in use");
	}
	if (rc != 0) {
		return rc;
	}
	put_u64(stored, buckets);
	return txn_put(v->txn, TABLE_SYSTEM, bytes_str(SETTING),
		       bytes_of(stored, sizeof(stored)));
}

/* BLAKE2b keyed by the route's key over kind || value: the first four bytes
 * choose the bucket, the next sixteen name the value in it. */
static int
route(struct vault *v, enum index_kind kind, const char *value,
      uint32_t *out_bucket, uint8_t out_hash[HASH_BYTES])
{
	crypto_generichash_state st;
	uint8_t digest[32];
	uint8_t k = (uint8_t)kind;
	uint32_t buckets;
	AUTO_KEY key;
	int rc;

	memset(&key, 0, sizeof(key));
	rc = keyring_key(v->keys, SLOT_INDEX_ROUTE, &key);
	if (rc == 0) {
		rc = buckets_get(v, &buckets);
	}
	if (rc != 0) {
		return rc;
	}
	(void)crypto_generichash_init(&st, key.b, sizeof(key.b),
				      sizeof(digest));
	(void)crypto_generichash_update(&st, &k, 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)value,
					strlen(value));
	(void)crypto_generichash_final(&st, digest, sizeof(digest));
	secret_wipe(&st, sizeof(st));
	*out_bucket = get_u32(digest) & (buckets - 1);
	memcpy(out_hash, digest + 4, HASH_BYTES);
	return 0;
}

static struct seal_context
bucket_context(const struct bucket *b)
{
	struct seal_context c = {.type = SEAL_BUCKET,
				 .slot = b->slot,
				 .day = DAY_NONE,
				 .schema = BUCKET_SCHEMA};

	put_u32(c.record.b + ID_BYTES - 4, b->number);
	return c;
}

static int
bucket_unpack(struct vault *v, struct bytes plain, struct bucket *b)
{
	if (plain.n < HEAD_BYTES) {
		return err_set(ERR_CORRUPT, "an index bucket is too short");
	}
	b->n = get_u16(plain.p);
	if (b->n > INDEX_ENTRIES_MAX ||
	    b->n * ENTRY_BYTES > plain.n - HEAD_BYTES) {
		return err_set(ERR_CORRUPT, "an index bucket is too short");
	}
	b->entries = arena_array(v->arena, b->n + 1, ENTRY_BYTES);
	if (b->entries == NULL) {
		return ERR_NOMEM;
	}
	memcpy(b->entries, plain.p + HEAD_BYTES, b->n * ENTRY_BYTES);
	return 0;
}

/* A bucket without a row is an empty one. */
static int
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
		b.entries = arena_alloc(v->arena, ENTRY_BYTES);
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
	c = bucket_context(&b);
	rc = seal_open(v->keys, &c,
		       bytes_of(row.p + ROW_SLOT_BYTES,
				row.n - ROW_SLOT_BYTES),
		       v->arena, &plain);
	if (rc == 0) {
		rc = bucket_unpack(v, plain, &b);
	}
	if (rc == 0) {
		*out = b;
	}
	return rc;
}

static int
bucket_save(struct vault *v, const struct bucket *b)
{
	struct seal_context c = bucket_context(b);
	struct key_maker k = {.n = 0};
	size_t used = HEAD_BYTES + b->n * ENTRY_BYTES;
	size_t padded = (used + PAD_BYTES - 1) / PAD_BYTES * PAD_BYTES;
	uint8_t *plain = arena_alloc(v->arena, padded);
	uint8_t slot[ROW_SLOT_BYTES];
	struct buf row;
	int rc;

	if (plain == NULL) {
		return ERR_NOMEM;
	}
	put_u16(plain, (uint16_t)b->n);
	memcpy(plain + HEAD_BYTES, b->entries, b->n * ENTRY_BYTES);
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

static void
entry_pack(uint8_t *to, const uint8_t hash[HASH_BYTES],
	   const struct index_entry *e)
{
	memcpy(to, hash, HASH_BYTES);
	to[HASH_BYTES] = (uint8_t)e->kind;
	to[HASH_BYTES + 1] = e->tag;
	memcpy(to + HASH_BYTES + 2, e->owner.b, ID_BYTES);
}

static struct index_entry
entry_unpack(const uint8_t *from)
{
	struct index_entry e = {.kind = (enum index_owner)from[HASH_BYTES],
				.tag = from[HASH_BYTES + 1]};

	memcpy(e.owner.b, from + HASH_BYTES + 2, ID_BYTES);
	return e;
}

/* The place of a packed entry, or b->n. */
static size_t
entry_find(const struct bucket *b, const uint8_t entry[ENTRY_BYTES])
{
	size_t i = 0;

	while (i < b->n &&
	       memcmp(b->entries + i * ENTRY_BYTES, entry, ENTRY_BYTES) != 0) {
		i++;
	}
	return i;
}

static void
entry_take_out(struct bucket *b, size_t i)
{
	memmove(b->entries + i * ENTRY_BYTES,
		b->entries + (i + 1) * ENTRY_BYTES,
		(b->n - i - 1) * ENTRY_BYTES);
	b->n--;
}

int
index_bucket(struct vault *v, enum index_kind kind, const char *value,
	     uint32_t *out_bucket)
{
	uint8_t hash[HASH_BYTES];

	return route(v, kind, value, out_bucket, hash);
}

int
index_add(struct vault *v, enum index_kind kind, const char *value,
	  const struct index_entry *entry, uint32_t *out_bucket)
{
	uint8_t packed[ENTRY_BYTES];
	uint8_t hash[HASH_BYTES];
	struct bucket b;
	uint32_t number;
	int rc;

	rc = route(v, kind, value, &number, hash);
	if (rc == 0) {
		rc = bucket_load(v, number, &b);
	}
	if (rc != 0) {
		return rc;
	}
	entry_pack(packed, hash, entry);
	if (entry_find(&b, packed) < b.n) {
		*out_bucket = number;
		return 0;
	}
	if (b.n == INDEX_ENTRIES_MAX) {
		return err_set(ERR_TOO_MANY, "a bucket of the look-up index "
					     "is full");
	}
	if (b.slot == SLOT_NONE) {
		rc = slots_take_one(v->txn, v->keys, &b.slot);
		if (rc != 0) {
			return rc;
		}
	}
	memcpy(b.entries + b.n++ * ENTRY_BYTES, packed, ENTRY_BYTES);
	rc = bucket_save(v, &b);
	if (rc == 0) {
		*out_bucket = number;
	}
	return rc;
}

int
index_find(struct vault *v, enum index_kind kind, const char *value,
	   struct index_entry **out, size_t *out_n)
{
	struct index_entry *hits;
	uint8_t hash[HASH_BYTES];
	struct bucket b;
	uint32_t number;
	size_t n = 0;
	int rc;

	rc = route(v, kind, value, &number, hash);
	if (rc == 0) {
		rc = bucket_load(v, number, &b);
	}
	if (rc != 0) {
		return rc;
	}
	hits = arena_array(v->arena, INDEX_HITS_MAX, sizeof(*hits));
	if (hits == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < b.n && n < INDEX_HITS_MAX; i++) {
		const uint8_t *e = b.entries + i * ENTRY_BYTES;

		if (secret_equal(e, hash, HASH_BYTES)) {
			hits[n++] = entry_unpack(e);
		}
	}
	*out = hits;
	*out_n = n;
	return 0;
}

int
index_remove(struct vault *v, enum index_kind kind, const char *value,
	     const struct index_entry *entry)
{
	uint8_t packed[ENTRY_BYTES];
	uint8_t hash[HASH_BYTES];
	struct bucket b;
	uint32_t number;
	size_t i;
	int rc;

	rc = route(v, kind, value, &number, hash);
	if (rc == 0) {
		rc = bucket_load(v, number, &b);
	}
	if (rc != 0) {
		return rc;
	}
	entry_pack(packed, hash, entry);
	i = entry_find(&b, packed);
	if (i == b.n) {
		return 0;
	}
	entry_take_out(&b, i);
	return bucket_save(v, &b);
}

/* Seals a bucket again under a fresh slot; *out_old is the one before. */
static int
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

/* Takes out the entries of an owner: of one tag, or (negative) all. */
static size_t
entries_take_out(struct bucket *b, enum index_owner kind, struct id owner,
		 int tag)
{
	size_t before = b->n;

	for (size_t i = 0; i < b->n;) {
		struct index_entry e =
			entry_unpack(b->entries + i * ENTRY_BYTES);

		if (e.kind == kind && id_equal(e.owner, owner) &&
		    (tag < 0 || e.tag == tag)) {
			entry_take_out(b, i);
		} else {
			i++;
		}
	}
	return before - b->n;
}

int
index_move_without(struct vault *v, uint32_t bucket, enum index_owner kind,
		   struct id owner, slot_t *out_old)
{
	struct bucket b;
	int rc = bucket_load(v, bucket, &b);

	if (rc != 0) {
		return rc;
	}
	if (b.slot == SLOT_NONE) {
		*out_old = SLOT_NONE;
		return 0;
	}
	(void)entries_take_out(&b, kind, owner, -1);
	return bucket_move(v, &b, out_old);
}

int
index_move_without_tag(struct vault *v, uint32_t bucket,
		       enum index_owner kind, struct id owner, uint8_t tag,
		       slot_t *out_old)
{
	struct bucket b;
	int rc = bucket_load(v, bucket, &b);

	if (rc != 0) {
		return rc;
	}
	if (b.slot == SLOT_NONE ||
	    entries_take_out(&b, kind, owner, tag) == 0) {
		*out_old = SLOT_NONE;
		return 0;
	}
	return bucket_move(v, &b, out_old);
}

struct id
index_owner_of_slot(slot_t slot)
{
	struct id id = {{0}};

	put_u64(id.b + 8, slot);
	return id;
}

slot_t
index_slot_of_owner(struct id owner)
{
	return get_u64(owner.b + 8);
}
