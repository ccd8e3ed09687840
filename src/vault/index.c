/*
 * The look-up index: values to owners, in buckets that can be erased. What an
 * owner is, and when it is erased, others know.
 */
#include "vault/index.h"

#include <string.h>

#include "base/pack.h"
#include "keyring/slots.h"
#include "vault/bucket.h"

#define SETTING "index.buckets"

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

static int
route(struct vault *v, enum index_kind kind, const char *value,
      uint32_t *out_bucket, uint8_t out_hash[BUCKET_HASH_BYTES])
{
	uint32_t buckets;
	AUTO_KEY key = {{0}};
	int rc = keyring_key(v->keys, SLOT_INDEX_ROUTE, &key);

	if (rc == 0) {
		rc = buckets_get(v, &buckets);
	}
	if (rc == 0) {
		bucket_route(&key, kind, value, buckets, out_bucket, out_hash);
	}
	return rc;
}

int
index_add(struct vault *v, enum index_kind kind, const char *value,
	  const struct index_entry *entry, uint32_t *out_bucket)
{
	uint8_t packed[BUCKET_ENTRY_BYTES];
	uint8_t hash[BUCKET_HASH_BYTES];
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
	if (bucket_find(&b, packed) < b.n) {
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
	memcpy(b.entries + b.n++ * BUCKET_ENTRY_BYTES, packed,
	       BUCKET_ENTRY_BYTES);
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
	uint8_t hash[BUCKET_HASH_BYTES];
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
		const uint8_t *e = b.entries + i * BUCKET_ENTRY_BYTES;

		if (secret_equal(e, hash, BUCKET_HASH_BYTES)) {
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
	uint8_t packed[BUCKET_ENTRY_BYTES];
	uint8_t hash[BUCKET_HASH_BYTES];
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
	i = bucket_find(&b, packed);
	if (i == b.n) {
		return 0;
	}
	bucket_take_out(&b, i);
	return bucket_save(v, &b);
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
	(void)bucket_take_out_owner(&b, kind, owner, -1);
	return bucket_move(v, &b, out_old);
}

int
index_move_without_tag(struct vault *v, uint32_t bucket, enum index_owner kind,
		       struct id owner, uint8_t tag, slot_t *out_old)
{
	struct bucket b;
	int rc = bucket_load(v, bucket, &b);

	if (rc != 0) {
		return rc;
	}
	if (b.slot == SLOT_NONE ||
	    bucket_take_out_owner(&b, kind, owner, tag) == 0) {
		*out_old = SLOT_NONE;
		return 0;
	}
	return bucket_move(v, &b, out_old);
}

int
index_drop_dead(struct vault *v, struct bytes key, struct bytes row,
		bool *out_dropped)
{
	AUTO_KEY slot_key = {{0}};
	int rc;

	if (row.n < sizeof(uint64_t)) {
		return err_set(ERR_CORRUPT, "an index bucket without a slot");
	}
	*out_dropped = false;
	rc = keyring_key(v->keys, get_u64(row.p), &slot_key);
	if (rc != ERR_EXPIRED) {
		return rc;
	}
	err_clear();
	*out_dropped = true;
	return txn_del(v->txn, TABLE_BUCKET, key);
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
