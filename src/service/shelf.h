#ifndef SERVICE_SHELF_H
#define SERVICE_SHELF_H

#include "store/store.h"

/*
 * The state that a page of a listing was read from, kept for its next page: a
 * snapshot of its own for each of a thousand pages would have the store commit
 * a thousand times, writes waiting behind. One is kept, for a second: readers
 * that stay keep LMDB from reusing pages.
 */
#define SHELF_MS 1000

struct shelf;

int shelf_open(struct shelf **out) MUST_CHECK;
void shelf_close(struct shelf *s);

/* From any thread; the shelf's from now on. Closed when it is too old. */
void shelf_put(struct shelf *s, struct txn *snapshot, int64_t taken_ms,
	       int64_t now_ms);

/* NULL when there is none that is young enough. */
struct txn *shelf_take(struct shelf *s, int64_t now_ms,
		       int64_t *out_taken_ms);

/* Closes what is too old; how long until there is something to close, or -1
 * when there is nothing. */
int64_t shelf_turn(struct shelf *s, int64_t now_ms);

#endif
