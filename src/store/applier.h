#ifndef STORE_APPLIER_H
#define STORE_APPLIER_H

#include "store/engine.h"
#include "store/journal.h"
#include "store/private.h"
#include "store/store.h"

/*
 * Brings frozen overlays into the engine behind the owner's back, on a thread
 * of its own, and does whatever else would make the owner wait: tends the
 * journal, opens snapshots, frees overlays that are done with.
 */
struct applier;

struct applier_config {
	struct engine *engine;
	struct journal *journal; /* NULL: none */
	uint64_t sequence;       /* of the engine */
	bool is_inline;          /* no thread: everything happens in the call */
};

int applier_start(const struct applier_config *config,
		  struct applier **out) MUST_CHECK;
/* Applies what is queued, unless that fails, and stops. Snapshots that are
 * still wished for are refused. NULL is fine. */
void applier_stop(struct applier *a);

/* The set is read from now on and written no more, until a later sequence
 * than this is applied; there may be OVERLAYS_FROZEN_MAX. */
void applier_offer(struct applier *a, struct write_set *set, uint64_t sequence);
/* Frees a set. */
void applier_retire(struct applier *a, struct write_set *set);
/* Calls `then` once this sequence is applied. ERR_NOMEM. */
int applier_wish(struct applier *a, uint64_t sequence, size_t arena_bytes_max,
		 snapshot_fn *then, void *ctx) MUST_CHECK;

/* The last sequence that the engine holds. */
uint64_t applier_sequence(struct applier *a);
/* 0; ERR_FULL: there is no room, it will try again; ERR_OUTCOME: it stopped. */
int applier_health(struct applier *a) MUST_CHECK;
/* Has it look whether there is something to do. */
void applier_wake(struct applier *a);
/* Until the sequence is applied; else applier_health. */
int applier_wait(struct applier *a, uint64_t sequence) MUST_CHECK;

void applier_status(struct applier *a, struct store_status *io_status);

#endif
