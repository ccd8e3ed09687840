#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "store/engine.h"
#include "store/io.h"
#include "store/txn.h"

/*
 * The store as its owner, one thread, sees it: begin a txn, run an operation,
 * end it; when a group has gathered, sync; then answer. The journal holds what
 * is not yet applied, an applier thread brings it into the engine behind.
 *
 *   begin -> end(keep) -> [begin -> end ...] -> sync -> replies go out
 *
 * Ended txns are seen by later ones at once, and are durable after sync.
 */
struct store;

struct store_config {
	const char *directory;    /* holds data/ and journal/ */
	bool in_memory;           /* tests: memory engine, no journal */
	const char *archive;      /* where full segments are kept, or NULL */
	size_t overlay_bytes_max; /* of each of the two overlays; 0: default */
	uint64_t reserve_bytes; /* room kept for erasures when the disk fills */
	struct entropy *entropy; /* draws the incarnation; NULL: the system's */
	size_t segment_bytes;    /* of the journal; 0: default */
	struct io *io;           /* the journal's disk; NULL: the system's */
	bool is_inline;          /* tests: no applier thread, everything happens
				    in the call */
	struct engine *engine;   /* tests: one of theirs, closed with the store
				    and when opening fails; NULL: LMDB */
};

/* Replays the journal. ERR_CORRUPT: a bad record before a valid later one, or
 * a gap between engine and journal: nothing is changed. ERR_BUSY: another
 * process has the store open. */
int store_open(const struct store_config *config,
	       struct store **out) MUST_CHECK;
/* Applies what is journaled, then closes. What ended and was not synced is
 * dropped; snapshots must be closed before. */
void store_close(struct store *s);

/* ERR_BUSY when both overlays are full, or the group: nothing may be written
 * until the applier has caught up, or the group is synced. ERR_FULL: not even
 * what a read leaves behind has room (store_admit refuses writes before). */
int store_begin(struct store *s, struct txn **out) MUST_CHECK;

/* keep_effect false drops the effect and keeps the trace. Errors leave
 * nothing of the txn. The txn is gone either way. */
int store_end(struct store *s, struct txn *t, bool keep_effect) MUST_CHECK;
/* Drops both. */
void store_abandon(struct store *s, struct txn *t);

/* Whether a write of this size may be admitted now: ERR_FULL, ERR_BUSY. An
 * erasure asks with `destroying` and may use the reserve. A read is not asked
 * for: the little that it writes comes from the reserve too, so that reads go
 * on when writes are refused. */
int store_admit(struct store *s, size_t bytes, bool destroying) MUST_CHECK;

/* Makes all ended txns durable: one append, one sync. Any error is
 * ERR_OUTCOME: the process must stop and recover. No-op when nothing ended. */
int store_sync(struct store *s) MUST_CHECK;

/* The sequence of the last synced group. */
uint64_t store_sequence(const struct store *s);

/* A snapshot for another thread: `then` is called on the applier's thread (in
 * memory: in this call, or in the next sync if something has ended since), as
 * soon as all that had ended before this call is applied, with a read-only txn
 * over exactly one state. The receiver ends it with snapshot_close, from any
 * one thread. */
typedef void snapshot_fn(void *ctx, int rc, struct txn *snapshot);
int store_snapshot(struct store *s, size_t arena_bytes_max, snapshot_fn *then,
		   void *ctx) MUST_CHECK;
void snapshot_close(struct txn *snapshot);
/* Snapshots lift TXN_ROWS_READ_MAX. A long one gives its arena back and starts
 * again with fresh memory between rows: */
void snapshot_arena_reset(struct txn *snapshot);

/* Waits until all that is synced is applied in the engine. For tests, backup
 * and a clean stop. */
int store_drain(struct store *s) MUST_CHECK;

/* A consistent copy of data/ in directory/data, compacted, with the journal's
 * position; segments archived since then complete it (docs/operations.md).
 * From any thread, beside the owner; holds what is applied when it begins, so
 * the owner calls store_drain before it hands the work over. */
int store_copy(struct store *s, const char *directory) MUST_CHECK;

/*
 * A store that nobody has open (stopped, killed, or a copy), to read: nothing
 * on the disk changes, and what is only in its journal is seen. Ended by
 * snapshot_close. ERR_BUSY: a process has it open. ERR_CORRUPT.
 */
int store_open_readonly(const char *directory, size_t arena_bytes_max,
			struct txn **out) MUST_CHECK;

/* Makes a store in a directory that has none, from a copy, the segments
 * archived since, and what is left of the lost store's journal directory. */
struct store_restoring {
	const char *directory;
	const char *copy;    /* as store_copy left it */
	const char *archive; /* or NULL */
	const char *journal; /* or NULL */
	struct entropy *entropy;
};

struct store_restored {
	uint64_t sequence_copied;
	uint64_t sequence; /* that was reached */
	/* Later groups existed, the last known one being this; those between
	 * are in no segment that could be read. A journal directory without
	 * the lost store's last groups is a gap too: what it held is
	 * unknown. */
	bool has_gap;
	uint64_t sequence_known;
};

/* ERR_EXISTS: there is a store. ERR_CORRUPT: the copy is none. After another
 * error the directory holds a part and is to be removed. */
int store_restore(const struct store_restoring *what,
		  struct store_restored *out) MUST_CHECK;

struct store_status {
	uint64_t sequence_synced;
	uint64_t sequence_applied;
	uint64_t groups;
	uint64_t group_txns_max;
	uint64_t sync_us_total;
	uint64_t sync_us_max;
	uint64_t apply_us_total;
	uint64_t applies;
	uint64_t overlay_bytes;
	uint64_t journal_bytes;
	uint64_t room_bytes;
	int health; /* 0; ERR_FULL: batches or segments wait for room, here or
		       in the archive; ERR_OUTCOME */
};

void store_status(struct store *s, struct store_status *out);

#endif
