#ifndef STORE_REPLAY_H
#define STORE_REPLAY_H

#include "store/engine.h"
#include "store/write_set.h"

/* Groups of a journal or an archive on their way into an engine, in batches. */
struct replay {
	struct engine *engine;
	struct write_set *set;
	uint64_t last;    /* the last group that was taken in */
	uint64_t applied; /* the last that the engine holds */
};

/* `sequence` is the engine's own. ERR_NOMEM. */
int replay_init(struct replay *r, struct engine *engine,
		uint64_t sequence) MUST_CHECK;
/* A journal_fn: `ctx` is the replay. */
int replay_group(void *ctx, uint64_t sequence, struct bytes payload) MUST_CHECK;
/* Applies what is left; the engine then holds all. */
int replay_finish(struct replay *r) MUST_CHECK;
void replay_clear(struct replay *r);

#endif
