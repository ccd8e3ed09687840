#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "base/bytes.h"
#include "base/err.h"
#include "store/keyspace.h"

/*
 * The seam under the store: ordered rows in tables, and nothing that only one
 * database can do. LMDB and an in-memory engine stand behind it, and any other
 * ordered store with atomic batches can. An engine need not hold more than one
 * batch together: the write set above carries all-or-nothing.
 */
struct engine;
struct engine_view;
struct engine_cursor;
struct write_set;

struct engine_ops {
	/* A consistent state of all tables. Views of several threads may be
	 * open at once; each is used by one thread at a time. */
	int (*view_open)(struct engine *, struct engine_view **out);
	void (*view_close)(struct engine_view *);
	/* The sequence of the last batch in the view; 0 before the first. */
	uint64_t (*view_sequence)(struct engine_view *);
	/* ERR_NOT_FOUND; the value is borrowed until the view closes. */
	int (*get)(struct engine_view *, enum table, struct bytes key,
		   struct bytes *out_value);
	/* A cursor stands before the first key >= from (or, in reverse, the
	 * last key <= from; an empty `from` means the end of the table). */
	int (*cursor_open)(struct engine_view *, enum table, struct bytes from,
			   bool reverse, struct engine_cursor **out);
	/* 1 and a row, or 0 at the end. Borrowed until the next call. */
	int (*cursor_next)(struct engine_cursor *, struct bytes *out_key,
			   struct bytes *out_value);
	void (*cursor_close)(struct engine_cursor *);
	/* Applies the sets in order and the sequence with them, durably, all
	 * or nothing. ERR_FULL: nothing is changed and the engine goes on.
	 * ERR_OUTCOME: unknown, the process must stop. ERR_RETRY: again. */
	int (*apply)(struct engine *, struct write_set *const *sets, size_t n,
		     uint64_t sequence);
	/* Bytes that may still be written before ERR_FULL, an estimate. */
	uint64_t (*room)(struct engine *);
	/* Holds so many bytes of the disk for batches to come (engine_row_room
	 * says what a row may need), from any thread. ERR_FULL when they are
	 * not to be had; what was held before stays held. */
	int (*hold_room)(struct engine *, uint64_t bytes);
	/* A consistent copy of everything in a new directory. */
	int (*copy)(struct engine *, const char *directory);
	void (*close)(struct engine *);
};

struct engine {
	const struct engine_ops *ops;
};

/* The most by which one row may make an engine's file grow: the page that it
 * stands in, written anew and split, or pages of its own. */
static inline uint64_t
engine_row_room(size_t key_bytes, size_t value_bytes)
{
	return 4096 + 2 * ((uint64_t)key_bytes + value_bytes);
}

/* The same for all rows of a set. */
uint64_t engine_set_room(const struct write_set *set);

/* Opens or makes the LMDB environment in a directory. The map is 1 TiB of
 * address space, opened once; the file grows as it needs. */
int engine_lmdb_open(const char *directory, struct engine **out) MUST_CHECK;

/* An environment that nobody has open, to read: nothing on the disk changes,
 * not even a lock file. */
int engine_lmdb_open_readonly(const char *directory,
			      struct engine **out) MUST_CHECK;

/* Rows in memory, for tests: the same contract, gone when closed. */
int engine_memory_open(struct engine **out) MUST_CHECK;

#endif
