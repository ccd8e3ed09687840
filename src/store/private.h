#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include "store/engine.h"
#include "store/txn.h"
#include "store/write_set.h"

/*
 * What store.c and txn.c share. A txn reads through its layers, newest first:
 * trace, effect, the overlay being filled, the overlay being applied, and last
 * the engine's view.
 */
#define TXN_OVERLAYS_MAX 2
#define TXN_LAYERS_MAX (2 + TXN_OVERLAYS_MAX)
#define TXN_ARENA_BYTES_MAX ((size_t)64 << 20)
/* Of each of a txn's write sets: its bytes, and what rows cost beside. */
#define TXN_SET_MEMORY_BYTES_MAX ((size_t)4 << 20)

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
};

/* Counts a row that was read; ERR_TOO_MANY past the bound. */
int txn_count_read(struct txn *t) MUST_CHECK;

/* Closes ranges, forgets writes, wipes the arena: ready to begin again. */
void txn_reset(struct txn *t);

#endif
