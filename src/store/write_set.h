#ifndef STORE_WRITE_SET_H
#define STORE_WRITE_SET_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "store/keyspace.h"

/*
 * Rows that are to be written, of all tables, in key order: what one operation
 * gathers, and what the overlays hold until the engine has it. A deleted row
 * stays as a tombstone, because it hides what lies below. Rows are never
 * removed or moved, so a row may be held while others are added. One thread
 * writes; once it has stopped and handed the set over, any number may read.
 */
struct write_set;

struct write_set_row {
	struct bytes key;
	struct bytes value; /* empty when deleted */
	bool is_deleted;
	size_t value_cap;
	struct write_set_row *next; /* NULL: the last */
	struct write_set_row *before;
};

/* A set takes rows until its memory reaches bytes_max. NULL: no memory. */
struct write_set *write_set_new(size_t bytes_max);
void write_set_free(struct write_set *w);
/* Forgets all rows. */
void write_set_reset(struct write_set *w);

/* Copies key and value; a later write of a key takes the earlier one's place.
 * ERR_NOMEM when the set is full: it is as it was. */
int write_set_put(struct write_set *w, enum table table, struct bytes key,
		  struct bytes value) MUST_CHECK;
int write_set_del(struct write_set *w, enum table table,
		  struct bytes key) MUST_CHECK;
/* Writes all rows of `from` over those of `w`. */
int write_set_merge(struct write_set *w,
		    const struct write_set *from) MUST_CHECK;

/* Tombstones count as rows. `bytes` is the sum of keys and values as last
 * written; `memory` what the set takes of its maximum. */
size_t write_set_rows(const struct write_set *w);
size_t write_set_bytes(const struct write_set *w);
size_t write_set_memory(const struct write_set *w);

/* NULL when the set says nothing of this key. */
const struct write_set_row *write_set_find(const struct write_set *w,
					   enum table table, struct bytes key);

/* The first row with a key >= from; in reverse the last with a key <= from, of
 * all if `from` is empty. NULL: none. */
const struct write_set_row *write_set_seek(const struct write_set *w,
					   enum table table, struct bytes from,
					   bool reverse);
const struct write_set_row *write_set_step(const struct write_set_row *row,
					   bool reverse);

/* The rows as bytes, for the journal, and back. Unpacking adds to `w`;
 * ERR_CORRUPT unless the bytes are whole rows of known tables within bounds
 * (then some may have been added). */
int write_set_pack(const struct write_set *w, struct buf *to) MUST_CHECK;
int write_set_unpack(struct write_set *w, struct bytes from) MUST_CHECK;

/* The first row of a packed set, borrowed, taken off `from`; false when there
 * is no whole one. */
struct packed_row {
	enum table table;
	bool is_deleted;
	struct bytes key;
	struct bytes value;
};
bool write_set_unpack_row(struct bytes *from,
			  struct packed_row *out) MUST_CHECK;

/* Upper bound of what write_set_pack adds. */
size_t write_set_packed_bytes(const struct write_set *w);

#endif
