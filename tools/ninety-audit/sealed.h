#ifndef NINETY_AUDIT_SEALED_H
#define NINETY_AUDIT_SEALED_H

#include "keyring/keyring.h"
#include "rows.h"
#include "store/txn.h"

/*
 * Sealed rows tried with today's keys. A row of a destroyed slot or day has no
 * key left; it is tried all the same with what could be mistaken for one: zero
 * bytes, and every key of the leaf that its slot stands in.
 */
enum sealed_state {
	SEALED_OPENS,  /* its slot lives, and its key commits to it */
	SEALED_DEAD,   /* its slot or day is destroyed, and nothing opens it */
	SEALED_RISEN,  /* destroyed, and yet a key of today opens it: a fault */
	SEALED_CLOSED, /* alive by number, but does not open */
	SEALED_NONE    /* not a sealed row */
};

/* Where keys and the leaves of details are read. */
struct sealed_with {
	struct keyring *keyring;
	struct txn *store; /* NULL: no details are tried */
};

/* *out_row is the row as it opens, when it does. */
enum sealed_state sealed_try(const struct sealed_with *with, enum table table,
			     struct bytes key, struct bytes value,
			     struct sealed_row *out_row);

/* What is in the row, in the arena. ERR_EXPIRED: slot or day are dead.
 * ERR_SEAL: it does not open. ERR_NOT_FOUND: details whose leaf is missing. */
int sealed_read(const struct sealed_with *with, const struct sealed_row *row,
		struct arena *a, struct bytes *out_plain) MUST_CHECK;

#endif
