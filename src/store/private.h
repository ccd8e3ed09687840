#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include "store/engine.h"
#include "store/txn.h"
#include "store/write_set.h"

/*
 * What store.c and txn.c share. A txn reads through its layers, newest first:
 * trace, effect, the overlay being filled, the overlays being applied, and last
 * the engine's view.
 */
#define OVERLAYS_FROZEN_MAX 3
#define TXN_OVERLAYS_MAX (1 + OVERLAYS_FROZEN_MAX)
#define TXN_LAYERS_MAX (2 + TXN_OVERLAYS_MAX)
#define TXN_ARENA_BYTES_MAX ((size_t)64 << 20)
/* Of each of a txn's write sets: its bytes, and what rows cost beside. */
#define TXN_SET_MEMORY_BYTES_MAX ((size_t)4 << 20)
/* What one txn can at most add to an overlay, to a group, and to a file. */
#define TXN_MEMORY_BYTES_MAX ((size_t)4 << 20)
#define TXN_PACKED_BYTES_MAX                                                   \
	(2 * ((size_t)TXN_BYTES_WRITTEN_MAX + 8 * TXN_ROWS_WRITTEN_MAX))
#define TXN_ROOM_BYTES_MAX                                                     \
	(2 * ((uint64_t)4096 * TXN_ROWS_WRITTEN_MAX +                          \
	      2 * (uint64_t)TXN_BYTES_WRITTEN_MAX))

struct txn {
	struct engine *engine;
	struct engine_view *view;
	struct arena *arena;
	struct write_set *trace; /* NULL, as effect: a snapshot */
	struct write_set *effect;
	const struct write_set *overlays[TXN_OVERLAYS_MAX];
	size_t rows_read;
	size_t rows_read_max;
	struct range *ranges;
	/* Of a snapshot of a store that is not open otherwise. */
	struct engine *own_engine;
	struct write_set *own_overlay;
	int own_lock_fd; /* 0: none */
};

/* A read-only txn over the engine's present state. ERR_NOMEM, ERR_BUSY. */
int snapshot_open(struct engine *engine, size_t arena_bytes_max,
		  struct txn **out) MUST_CHECK;

/* Counts a row that was read; ERR_TOO_MANY past the bound. */
int txn_count_read(struct txn *t) MUST_CHECK;

/* Closes ranges, forgets writes, wipes the arena: ready to begin again. */
void txn_reset(struct txn *t);

#endif
