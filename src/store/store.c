/*
 * The owner's side of the store: begins and ends txns, gathers a group, makes
 * it durable. Reading and writing inside a txn is txn.c's.
 */
#include "store/store.h"

#include <assert.h>
#include <stdlib.h>

#include "store/private.h"

#define OVERLAY_BYTES_DEFAULT ((size_t)32 << 20)
#define OVERLAY_BYTES_MIN ((size_t)16 << 20)
/* What one txn can add to an overlay. */
#define TXN_MEMORY_BYTES_MAX (2 * TXN_SET_MEMORY_BYTES_MAX)

struct snapshot_wish {
	struct snapshot_wish *next;
	size_t arena_bytes_max;
	snapshot_fn *then;
	void *ctx;
};

struct store {
	struct engine *engine;
	struct engine_view *view;
	struct write_set *filling;
	size_t overlay_bytes_max;
	struct txn txn; /* there is one at a time */
	bool is_open;
	size_t ended; /* txns of the group that is gathering */
	uint64_t sequence;
	struct snapshot_wish *wishes;
	struct store_status status;
};

static int
init_txn(struct store *s)
{
	s->txn.engine = s->engine;
	s->txn.arena = arena_new(TXN_ARENA_BYTES_MAX);
	s->txn.effect = write_set_new(TXN_SET_MEMORY_BYTES_MAX);
	s->txn.trace = write_set_new(TXN_SET_MEMORY_BYTES_MAX);
	if (s->txn.arena == NULL || s->txn.effect == NULL ||
	    s->txn.trace == NULL) {
		return err_set(ERR_NOMEM, "no memory for a txn");
	}
	return 0;
}

int
store_open(const struct store_config *config, struct store **out)
{
	struct store *s;
	int rc;

	if (!config->in_memory) {
		return err_set(ERR_UNAVAILABLE, "stores are in memory so far");
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		return err_set(ERR_NOMEM, "no memory for a store");
	}
	s->overlay_bytes_max = config->overlay_bytes_max == 0
				       ? OVERLAY_BYTES_DEFAULT
				       : config->overlay_bytes_max;
	if (s->overlay_bytes_max < OVERLAY_BYTES_MIN) {
		s->overlay_bytes_max = OVERLAY_BYTES_MIN;
	}
	rc = engine_memory_open(&s->engine);
	if (rc == 0) {
		rc = s->engine->ops->view_open(s->engine, &s->view);
	}
	if (rc == 0) {
		rc = init_txn(s);
	}
	if (rc == 0) {
		s->filling = write_set_new(s->overlay_bytes_max);
		if (s->filling == NULL) {
			rc = err_set(ERR_NOMEM, "no memory for an overlay");
		}
	}
	if (rc != 0) {
		store_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

void
store_close(struct store *s)
{
	if (s == NULL) {
		return;
	}
	assert(!s->is_open);
	while (s->wishes != NULL) {
		struct snapshot_wish *wish = s->wishes;

		s->wishes = wish->next;
		wish->then(wish->ctx, ERR_UNAVAILABLE, NULL);
		free(wish);
	}
	arena_free(s->txn.arena);
	write_set_free(s->txn.effect);
	write_set_free(s->txn.trace);
	write_set_free(s->filling);
	if (s->engine != NULL) {
		if (s->view != NULL) {
			s->engine->ops->view_close(s->view);
		}
		s->engine->ops->close(s->engine);
	}
	free(s);
}

int
store_begin(struct store *s, struct txn **out)
{
	int rc = store_admit(s, TXN_MEMORY_BYTES_MAX, true);

	assert(!s->is_open);
	if (rc != 0) {
		return rc;
	}
	s->txn.view = s->view;
	s->txn.overlays[0] = s->filling;
	s->txn.rows_read_max = TXN_ROWS_READ_MAX;
	s->is_open = true;
	*out = &s->txn;
	return 0;
}

int
store_end(struct store *s, struct txn *t, bool keep_effect)
{
	int rc = 0;

	assert(s->is_open && t == &s->txn);
	if (keep_effect) {
		rc = write_set_merge(s->filling, t->effect);
	}
	if (rc == 0) {
		rc = write_set_merge(s->filling, t->trace);
	}
	if (rc != 0) {
		/* store_begin held the room, so the machine is out of it. */
		rc = err_set(ERR_OUTCOME, "no memory for an overlay");
	}
	s->ended++;
	txn_reset(t);
	s->is_open = false;
	return rc;
}

void
store_abandon(struct store *s, struct txn *t)
{
	assert(s->is_open && t == &s->txn);
	txn_reset(t);
	s->is_open = false;
}

int
store_admit(struct store *s, size_t bytes, bool destroying)
{
	size_t used = write_set_memory(s->filling);

	(void)destroying;
	if (used >= s->overlay_bytes_max ||
	    bytes > s->overlay_bytes_max - used) {
		return err_set(ERR_BUSY, "the overlays are full");
	}
	return 0;
}

static void
grant(struct store *s, const struct snapshot_wish *wish)
{
	struct txn *t = calloc(1, sizeof(*t));
	int rc = 0;

	if (t == NULL) {
		wish->then(wish->ctx, ERR_NOMEM, NULL);
		return;
	}
	t->engine = s->engine;
	t->rows_read_max = SIZE_MAX;
	t->arena = arena_new(wish->arena_bytes_max);
	if (t->arena == NULL) {
		rc = ERR_NOMEM;
	}
	if (rc == 0) {
		rc = s->engine->ops->view_open(s->engine, &t->view);
	}
	if (rc != 0) {
		snapshot_close(t);
		t = NULL;
	}
	wish->then(wish->ctx, rc, t);
}

int
store_sync(struct store *s)
{
	struct write_set *set = s->filling;
	struct engine_view *view;
	int rc;

	if (s->ended > 0) {
		rc = s->engine->ops->apply(s->engine, &set, 1,
					   s->sequence + 1);
		if (rc == 0) {
			rc = s->engine->ops->view_open(s->engine, &view);
		}
		if (rc != 0) {
			return err_set(ERR_OUTCOME, "the group is lost");
		}
		s->sequence++;
		s->engine->ops->view_close(s->view);
		s->view = view;
		write_set_reset(s->filling);
		s->status.groups++;
		s->status.applies++;
		if (s->ended > s->status.group_txns_max) {
			s->status.group_txns_max = s->ended;
		}
		s->ended = 0;
	}
	while (s->wishes != NULL) {
		struct snapshot_wish *wish = s->wishes;

		s->wishes = wish->next;
		grant(s, wish);
		free(wish);
	}
	return 0;
}

uint64_t
store_sequence(const struct store *s)
{
	return s->sequence;
}

int
store_snapshot(struct store *s, size_t arena_bytes_max, snapshot_fn *then,
	       void *ctx)
{
	struct snapshot_wish wish = {NULL, arena_bytes_max, then, ctx};
	struct snapshot_wish **at = &s->wishes;
	struct snapshot_wish *kept;

	if (s->ended == 0) {
		grant(s, &wish);
		return 0;
	}
	kept = malloc(sizeof(*kept));
	if (kept == NULL) {
		return err_set(ERR_NOMEM, "no memory for a snapshot");
	}
	*kept = wish;
	while (*at != NULL) {
		at = &(*at)->next;
	}
	*at = kept;
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
	arena_free(snapshot->arena);
	free(snapshot);
}

void
snapshot_arena_reset(struct txn *snapshot)
{
	arena_reset(snapshot->arena);
}

int
store_drain(struct store *s)
{
	return store_sync(s);
}

int
store_copy(struct store *s, const char *directory)
{
	int rc = store_drain(s);

	return rc != 0 ? rc : s->engine->ops->copy(s->engine, directory);
}

void
store_status(struct store *s, struct store_status *out)
{
	*out = s->status;
	out->sequence_synced = s->sequence;
	out->sequence_applied = s->sequence;
	out->overlay_bytes = write_set_memory(s->filling);
	out->room_bytes = s->engine->ops->room(s->engine);
}
