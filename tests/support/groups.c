/* Rows that scatter, rows that append, and one that is written every time. */

#include "support/groups.h"

#include "base/pack.h"

#define SPREAD 7919u
#define SPREAD_MODULO 1000003u

static struct bytes
key_of(uint8_t b[8], uint64_t n)
{
	put_u64(b, n);
	return bytes_of(b, 8);
}

int
groups_write(struct store *s, uint64_t n)
{
	uint8_t key[8];
	uint8_t b[8] = {0};
	struct bytes value = bytes_of(b, sizeof(b));
	struct txn *t;
	int rc;

	/* The applier may be behind, on a busy machine. */
	while ((rc = store_begin(s, &t)) == ERR_BUSY) {
		rc = store_drain(s);
		if (rc != 0) {
			return rc;
		}
	}
	if (rc != 0) {
		return rc;
	}
	put_u64(b, n);
	rc = txn_put(t, TABLE_RECORD, key_of(key, n * SPREAD % SPREAD_MODULO),
		     value);
	if (rc == 0) {
		rc = txn_put(t, TABLE_LEAF, key_of(key, n), value);
	}
	if (rc == 0) {
		rc = txn_put(t, TABLE_SYSTEM, bytes_str("n"), value);
	}
	if (rc != 0) {
		store_abandon(s, t);
		return rc;
	}
	rc = store_end(s, t, true);
	return rc == 0 ? store_sync(s) : rc;
}

static int
number_at(struct txn *t, enum table table, struct bytes key, uint64_t *out)
{
	struct bytes value;
	int rc = txn_get(t, table, key, &value);

	*out = 0;
	if (rc == ERR_NOT_FOUND) {
		return 0;
	}
	if (rc == 0) {
		*out = get_u64(value.p);
	}
	return rc;
}

int
groups_count(struct txn *t, uint64_t *out_n)
{
	uint8_t key[8];
	uint64_t n;
	int rc = number_at(t, TABLE_SYSTEM, bytes_str("n"), &n);

	for (uint64_t i = 1; rc == 0 && i <= n + 1; i++) {
		uint64_t expected = i <= n ? i : 0;
		uint64_t a;
		uint64_t b = 0;

		rc = number_at(t, TABLE_LEAF, key_of(key, i), &a);
		if (rc == 0) {
			rc = number_at(t, TABLE_RECORD,
				       key_of(key, i * SPREAD % SPREAD_MODULO),
				       &b);
		}
		if (rc == 0 && (a != expected || b != expected)) {
			rc = err_set(ERR_CORRUPT, "group %llu",
				     (unsigned long long)i);
		}
	}
	if (rc == 0) {
		*out_n = n;
	}
	return rc;
}
