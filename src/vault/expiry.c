/* The list of rows that die with a day. What removes them is the sweep of
 * retention. */
#include "vault/expiry.h"

#include "base/pack.h"

#define PREFIX_BYTES (4 + 1)

static void
expiry_key(struct key_maker *k, date_t day, enum table table, struct bytes key)
{
	/* Days of the keyring are after 1970, so that u32 keeps their order. */
	key_u32(k, (uint32_t)day);
	key_u8(k, (uint8_t)table);
	key_raw(k, key.p, key.n);
}

int
expiry_note(struct txn *t, date_t day, enum table table, struct bytes key)
{
	struct key_maker k = {.n = 0};

	if (day == DAY_NONE) {
		return 0;
	}
	expiry_key(&k, day, table, key);
	return txn_put(t, TABLE_EXPIRY, key_bytes(&k), bytes_of(NULL, 0));
}

int
expiry_forget(struct txn *t, date_t day, enum table table, struct bytes key)
{
	struct key_maker k = {.n = 0};

	if (day == DAY_NONE) {
		return 0;
	}
	expiry_key(&k, day, table, key);
	return txn_del(t, TABLE_EXPIRY, key_bytes(&k));
}

int
expiry_parse(struct bytes row_key, date_t *out_day, enum table *out_table,
	     struct bytes *out_key)
{
	if (row_key.n <= PREFIX_BYTES || row_key.p[4] >= TABLE_END) {
		return err_set(ERR_CORRUPT, "a row of expiry that is none");
	}
	*out_day = (date_t)get_u32(row_key.p);
	*out_table = (enum table)row_key.p[4];
	*out_key = bytes_of(row_key.p + PREFIX_BYTES, row_key.n - PREFIX_BYTES);
	return 0;
}
