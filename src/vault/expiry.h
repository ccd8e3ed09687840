#ifndef VAULT_EXPIRY_H
#define VAULT_EXPIRY_H

#include "store/txn.h"
#include "vault/seal.h"

/*
 * Which rows die with which day: TABLE_EXPIRY, day 4 || table 1 || key of the
 * row. The day's key ends their content; the sweep removes the rows after it.
 * Whoever seals a row with a day notes it here, in the same operation.
 */

/* No-op for DAY_NONE. */
int expiry_note(struct txn *t, date_t day, enum table table,
		struct bytes key) MUST_CHECK;
int expiry_forget(struct txn *t, date_t day, enum table table,
		  struct bytes key) MUST_CHECK;

/* Reads a key of TABLE_EXPIRY; *out_key is borrowed from it. ERR_CORRUPT. */
int expiry_parse(struct bytes row_key, date_t *out_day, enum table *out_table,
		 struct bytes *out_key) MUST_CHECK;

#endif
