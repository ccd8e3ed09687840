#ifndef STORE_TXN_H
#define STORE_TXN_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "store/keyspace.h"

/*
 * One operation's reads and writes. Writes gather in two write sets: *effect*,
 * dropped when the operation fails, and *trace* (its leaf, tries, counts),
 * which is applied either way. Reads see trace, effect, then what earlier
 * operations wrote, then the store. So every operation is all or nothing, and
 * has no effect outside: it may be run again.
 *
 * A read that a reader thread does on a snapshot is a txn too, without writes.
 */
struct txn;

/* An operation that reaches a bound is refused, ERR_TOO_MANY: what is longer
 * is a job of several steps. */
#define TXN_ROWS_READ_MAX 1000
#define TXN_ROWS_WRITTEN_MAX 512
#define TXN_BYTES_WRITTEN_MAX (1u << 20)

/* ERR_NOT_FOUND (without a text); the value is borrowed until the txn ends or
 * the key is written again. */
int txn_get(struct txn *t, enum table table, struct bytes key,
	    struct bytes *out_value) MUST_CHECK;

/* Whether the row is there; other errors as txn_get. */
int txn_has(struct txn *t, enum table table, struct bytes key,
	    bool *out_has) MUST_CHECK;

/* Both sides are copied. An empty value is a value. */
int txn_put(struct txn *t, enum table table, struct bytes key,
	    struct bytes value) MUST_CHECK;
int txn_del(struct txn *t, enum table table, struct bytes key) MUST_CHECK;

/* How many more rows it may write, for steps that do as much as fits. */
size_t txn_rows_left(const struct txn *t);

/* Whether it has used at most an eighth of each bound: room for one more part
 * of work that is made to have an operation nearly to itself. */
bool txn_is_light(const struct txn *t);

/* As txn_put, into the trace. */
int txn_trace_put(struct txn *t, enum table table, struct bytes key,
		  struct bytes value) MUST_CHECK;

/*
 * Rows in key order, deletes honoured, own writes included (those made after
 * the range was opened may or may not be seen).
 *
 *	struct range *r;
 *	rc = range_open(t, TABLE_RECORD, prefix, from, 0, &r);
 *	while (rc == 0 && (rc = range_next(r, &key, &value)) == 1) {
 *		rc = ...;
 *	}
 *	range_close(r);
 */
struct range;

enum range_flag { RANGE_REVERSE = 1 };

/* All keys that begin with `prefix` (may be empty), from `from` on (empty: the
 * first, or the last in reverse; inclusive). Closed by range_close or with the
 * txn. After an error *out is NULL, which range_close takes. */
int range_open(struct txn *t, enum table table, struct bytes prefix,
	       struct bytes from, unsigned flags,
	       struct range **out) MUST_CHECK;
/* 1 and a borrowed row (until the next call), 0 at the end, or an error. */
int range_next(struct range *r, struct bytes *out_key,
	       struct bytes *out_value) MUST_CHECK;
void range_close(struct range *r);

/* The memory of this operation: what is allocated dies, wiped, with it. */
struct arena *txn_arena(struct txn *t);

/* Big-endian counters in TABLE_SYSTEM: returns the old value and adds n, in
 * the effect (txn_counter_take) or in the trace. */
int txn_counter_take(struct txn *t, const char *name, uint64_t n,
		     uint64_t *out_before) MUST_CHECK;
int txn_trace_counter_take(struct txn *t, const char *name, uint64_t n,
			   uint64_t *out_before) MUST_CHECK;
int txn_counter_get(struct txn *t, const char *name, uint64_t *out) MUST_CHECK;

#endif
