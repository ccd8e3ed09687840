/* Read-only txns of their own, for threads other than the owner. */

#include <stdlib.h>
#include <unistd.h>

#include "store/private.h"
#include "store/store.h"

int
snapshot_open(struct engine *engine, size_t arena_bytes_max, struct txn **out)
{
	struct txn *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL) {
		return err_set(ERR_NOMEM, "no memory for a snapshot");
	}
	t->engine = engine;
	t->rows_read_max = SIZE_MAX;
	t->arena = arena_new(arena_bytes_max);
	rc = t->arena == NULL ? err_set(ERR_NOMEM, "no memory for a snapshot")
			      : engine->ops->view_open(engine, &t->view);
	if (rc != 0) {
		snapshot_close(t);
		return rc;
	}
	*out = t;
	return 0;
}

void
snapshot_close(struct txn *snapshot)
{
	if (snapshot == NULL) {
		return;
	}
	if (snapshot->arena != NULL) {
		txn_reset(snapshot);
	}
	if (snapshot->view != NULL) {
		snapshot->engine->ops->view_close(snapshot->view);
	}
	if (snapshot->own_engine != NULL) {
		snapshot->own_engine->ops->close(snapshot->own_engine);
	}
	if (snapshot->own_lock_fd != 0) {
		(void)close(snapshot->own_lock_fd);
	}
	write_set_free(snapshot->own_overlay);
	arena_free(snapshot->arena);
	free(snapshot);
}

void
snapshot_arena_reset(struct txn *snapshot)
{
	arena_reset(snapshot->arena);
}
