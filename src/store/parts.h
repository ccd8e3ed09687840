#ifndef STORE_PARTS_H
#define STORE_PARTS_H

#include "store/engine.h"
#include "store/journal.h"
#include "store/store.h"

/* Engine and journal of one directory, opened together. */
struct parts {
	int lock_fd; /* -1: none */
	struct engine *engine;
	struct journal *journal; /* NULL: in memory, or there is none */
	uint64_t sequence;       /* of the engine */
};

/* The rows in TABLE_SYSTEM by which engine and journal know each other. */
#define PARTS_INCARNATION_NAME "store.incarnation"

/* Locks the directory, opens both, brings what is journaled into the engine,
 * and makes the ring ready. ERR_BUSY: another process has it open. */
int parts_open(const struct store_config *config, struct parts *out) MUST_CHECK;
void parts_close(struct parts *p);

/* For those that open one without the other. */
int parts_lock(const char *directory, bool is_shared, int *out_fd) MUST_CHECK;
/* ERR_NOT_FOUND: a new engine. */
int parts_incarnation_get(struct engine *engine, struct incarnation *out,
			  uint64_t *out_started,
			  uint64_t *out_sequence) MUST_CHECK;
/* Draws a new one, which begins at `sequence`. */
int parts_incarnation_draw(struct engine *engine, struct entropy *entropy,
			   uint64_t sequence) MUST_CHECK;

#endif
