#ifndef CALL_PRINCIPAL_H
#define CALL_PRINCIPAL_H

#include "call/call.h"

/*
 * Enrolled keys as they are stored:
 *
 *	TABLE_PRINCIPAL: public key 32 -> number 4 || sealed {public key, name,
 *		roles, added_at}
 *
 * The number stands beside the seal so that rows of others can name it.
 */

/* One operation can walk all rows (TXN_ROWS_READ_MAX). */
#define PRINCIPALS_MAX 900
#define PRINCIPAL_NAME_BYTES_MAX 64

struct principal {
	uint8_t key[32];
	uint32_t number; /* never reused */
	char name[PRINCIPAL_NAME_BYTES_MAX + 1];
	unsigned roles;
	int64_t added_at_ms;
	unsigned in_group; /* calls of the present group: its budget */
};

/* What a row is sealed to. */
struct seal_context principal_context(uint32_t number);

/* A row that a range gave. ERR_CORRUPT, ERR_SEAL. */
int principal_decode(struct call *c, struct bytes key, struct bytes value,
		     struct principal *out) MUST_CHECK;

/* ERR_NOT_FOUND. *out_count (either way): how many are enrolled. */
int principal_by_name(struct call *c, const char *name, struct principal *out,
		      size_t *out_count) MUST_CHECK;

#endif
