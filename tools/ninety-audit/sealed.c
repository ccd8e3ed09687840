/* One row against today's keys; nothing is decrypted, the commitment tells. */

#include "keyring/aead.h"
#include "sealed.h"

static bool
commits(struct keyring *k, const struct sealed_row *row, const struct key *slot,
	const struct key *day)
{
	uint8_t aad[SEAL_AAD_BYTES];

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
risen(struct keyring *k, const struct sealed_row *row, const struct key *day)
{
	const slot_t first =
		row->context.slot / KEYRING_FANOUT * KEYRING_FANOUT;
	static const struct key zero;
	AUTO_KEY other;

	if (commits(k, row, &zero, day) || commits(k, row, &zero, &zero)) {
		return true;
	}
	for (slot_t s = first; s < first + KEYRING_FANOUT; s++) {
		if (keyring_key(k, s, &other) == 0 &&
		    (commits(k, row, &other, day) ||
		     commits(k, row, &other, &zero))) {
			return true;
		}
	}
	return false;
}

static enum sealed_state
row_try(struct keyring *k, const struct sealed_row *row)
{
	AUTO_KEY slot;
	AUTO_KEY day;
	bool day_is_dead;
	int rc = keyring_key(k, row->context.slot, &slot);

	if ((rc != 0 && rc != ERR_EXPIRED) ||
	    !day_key(k, row->context.day, &day, &day_is_dead)) {
		return SEALED_NONE;
	}
	if (rc == ERR_EXPIRED || day_is_dead) {
		return risen(k, row, &day) ? SEALED_RISEN : SEALED_DEAD;
	}
	return commits(k, row, &slot, &day) ? SEALED_OPENS : SEALED_CLOSED;
}

enum sealed_state
sealed_try(struct keyring *k, enum table table, struct bytes key,
	   struct bytes value, struct sealed_row *out_row)
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
		state = row_try(k, &row);
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
