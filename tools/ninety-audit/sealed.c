/* One row against today's keys: the commitment tells, the record's own or the
 * leaf's. */

#include "audit/leaf.h"
#include "keyring/aead.h"
#include "sealed.h"

#define DETAILS_TRIED_MAX 100000 /* as VALUE_BYTES_MAX: on a stack */

/* A row and, where it is a leaf's details, that leaf. */
struct trial {
	struct keyring *keyring;
	const struct sealed_row *row;
	struct leaf leaf;
};

static int
leaf_get(struct txn *store, uint64_t index, struct leaf *out)
{
	struct key_maker k = {.n = 0};
	struct bytes value;
	int rc;

	key_u64(&k, index);
	rc = txn_get(store, TABLE_LEAF, key_bytes(&k), &value);
	return rc != 0 ? rc : leaf_decode(value, out);
}

static int
details_open(const struct leaf *leaf, const struct key *slot,
	     struct bytes sealed, uint8_t *out)
{
	AUTO_LEAF_KEYS keys;

	leaf_keys(slot, leaf->id, &keys);
	return leaf_unseal(leaf, &keys, sealed, out);
}

static bool
details_commit(const struct trial *t, const struct key *slot)
{
	uint8_t plain[DETAILS_TRIED_MAX];

	return t->row->sealed.n <= sizeof(plain) &&
	       details_open(&t->leaf, slot, t->row->sealed, plain) == 0;
}

static bool
commits(const struct trial *t, const struct key *slot, const struct key *day)
{
	const struct sealed_row *row = t->row;
	struct keyring *k = t->keyring;
	uint8_t aad[SEAL_AAD_BYTES];

	if (row->is_details) {
		return details_commit(t, slot);
	}
	seal_aad(&row->context, keyring_store_id(k), aad);
	return aead_commits(slot, day, bytes_of(aad, sizeof(aad)),
			    bytes_of(row->sealed.p + 1, row->sealed.n - 1));
}

/* Zero for "no day" and for a dead one; *out_dead tells them apart. */
static bool
day_key(struct keyring *k, date_t day, struct key *out, bool *out_dead)
{
	slot_t slot = day == DAY_NONE ? SLOT_NONE : keyring_day_slot(day);
	int rc;

	memset(out, 0, sizeof(*out));
	*out_dead = false;
	if (day == DAY_NONE) {
		return true;
	}
	if (slot == SLOT_NONE) {
		return false;
	}
	rc = keyring_key(k, slot, out);
	*out_dead = rc == ERR_EXPIRED;
	return rc == 0 || rc == ERR_EXPIRED;
}

/* What could pass for the key of a dead slot. */
static bool
risen(const struct trial *t, const struct key *day)
{
	const slot_t first =
		t->row->context.slot / KEYRING_FANOUT * KEYRING_FANOUT;
	static const struct key zero;
	AUTO_KEY other;

	if (commits(t, &zero, day) || commits(t, &zero, &zero)) {
		return true;
	}
	for (slot_t s = first; s < first + KEYRING_FANOUT; s++) {
		if (keyring_key(t->keyring, s, &other) == 0 &&
		    (commits(t, &other, day) ||
		     commits(t, &other, &zero))) {
			return true;
		}
	}
	return false;
}

static enum sealed_state
row_try(const struct sealed_with *with, const struct sealed_row *row)
{
	struct trial trial = {.keyring = with->keyring, .row = row};
	const struct trial *t = &trial;
	AUTO_KEY slot;
	AUTO_KEY day;
	bool day_is_dead;
	int rc = keyring_key(t->keyring, row->context.slot, &slot);

	if ((rc != 0 && rc != ERR_EXPIRED) ||
	    !day_key(t->keyring, row->context.day, &day, &day_is_dead)) {
		return SEALED_NONE;
	}
	if (row->is_details &&
	    (with->store == NULL ||
	     leaf_get(with->store, row->context.version, &trial.leaf) != 0)) {
		return SEALED_NONE;
	}
	if (rc == ERR_EXPIRED || day_is_dead) {
		return risen(t, &day) ? SEALED_RISEN : SEALED_DEAD;
	}
	return commits(t, &slot, &day) ? SEALED_OPENS : SEALED_CLOSED;
}

enum sealed_state
sealed_try(const struct sealed_with *with, enum table table,
	   struct bytes key, struct bytes value, struct sealed_row *out_row)
{
	enum table first = table == TABLE_END ? 0 : table;
	enum table last = table == TABLE_END ? TABLE_END - 1 : table;
	enum sealed_state best = SEALED_NONE;
	struct sealed_row row;

	/* Without a table each one is tried: the row is what opens, or else
	 * what the worst of them says. */
	for (enum table t = first; t <= last; t++) {
		enum sealed_state state;

		if (rows_parse(t, key, value, &row) != ROWS_SEALED) {
			continue;
		}
		state = row_try(with, &row);
		if (state == SEALED_OPENS || state == SEALED_RISEN) {
			*out_row = row;
			return state;
		}
		if (best == SEALED_NONE || state == SEALED_DEAD) {
			best = state;
		}
	}
	return best;
}

int
sealed_read(const struct sealed_with *with, const struct sealed_row *row,
	    struct arena *a, struct bytes *out_plain)
{
	AUTO_KEY slot;
	struct leaf leaf;
	uint8_t *plain;
	int rc;

	if (!row->is_details) {
		return seal_open(with->keyring, &row->context, row->sealed, a,
				 out_plain);
	}
	rc = keyring_key(with->keyring, row->context.slot, &slot);
	if (rc == 0) {
		rc = leaf_get(with->store, row->context.version, &leaf);
	}
	plain = rc == 0 ? arena_alloc(a, row->sealed.n + 1) : NULL;
	if (rc == 0) {
		rc = plain == NULL
			     ? ERR_NOMEM
			     : details_open(&leaf, &slot, row->sealed, plain);
	}
	if (rc == 0) {
		*out_plain = bytes_of(plain, row->sealed.n);
	}
	return rc;
}
