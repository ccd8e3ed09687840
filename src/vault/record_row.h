#ifndef VAULT_RECORD_ROW_H
#define VAULT_RECORD_ROW_H

#include "vault/record.h"

/* One row of TABLE_RECORD, for the files that read and write them. */

void record_key(struct key_maker *k, slot_t slot, uint8_t category);
void record_key_of(struct key_maker *k, slot_t slot, uint8_t category,
		   struct id record, uint32_t version);

/* Slot, category, id, version from the key, day from the row. ERR_CORRUPT. */
int record_parse(struct vault *v, struct bytes key, struct bytes row,
		 struct record *out) MUST_CHECK;

/* The rest of it, unsealed. ERR_EXPIRED: slot or day is dead. */
int record_open(struct vault *v, struct bytes row, struct record *r) MUST_CHECK;

/* Seals the row and notes its day. */
int record_put(struct vault *v, const struct record *r) MUST_CHECK;

/* Whether its day of expiry has come. */
bool record_is_due(const struct record *r, date_t today);

/* The newest version of a record under one slot, by its key alone: 1, 0 when
 * there is none, or an error. A nil id: the newest record of the category. */
int record_newest(struct vault *v, slot_t slot, uint8_t category,
		  struct id record, struct record *out,
		  struct bytes *out_row) MUST_CHECK;

#endif
