/*
 * The owner's side of the store: begins and ends txns, gathers a group, makes
 * it durable. What is durable stays readable in overlays until the applier has
 * brought it into the engine. Reading and writing inside a txn is txn.c's.
 */
#include "store/store.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/applier.h"
#include "store/parts.h"
#include "store/private.h"

#define OVERLAY_BYTES_DEFAULT ((size_t)64 << 20)
#define OVERLAY_BYTES_MIN ((size_t)8 << 20)
#define RESERVE_BYTES_DEFAULT ((uint64_t)32 << 20)
/* An overlay goes to the applier, if that is idle, at this size (or this part
 * of all that overlays may take) or age: larger batches share pages, and each
 * has a sync that the journal's waits behind; older ones make a restart
 * longer. */
#define FREEZE_BYTES ((size_t)16 << 20)
#define FREEZE_PART 4
#define FREEZE_AGE_MS 1000
/* Room is held in steps, and asked for no more often than this when there is
 * none. */
#define HOLD_STEP_BYTES ((uint64_t)16 << 20)
#define HOLD_RETRY_MS 100

struct frozen {
	struct write_set *set;
	uint64_t sequence;
};

/* A snapshot that was asked for while a group was gathering. */
struct early_wish {
	struct early_wish *next;
	size_t arena_bytes_max;
	snapshot_fn *then;
	void *ctx;
};

struct store {
	struct parts parts;
	struct applier *applier;
	struct engine_view *view;
	struct write_set *filling;
	int64_t filling_since_ms;
	struct frozen frozen[OVERLAYS_FROZEN_MAX]; /* oldest first */
	size_t n_frozen;
	size_t overlay_bytes_max;
	size_t group_bytes_max;
	uint64_t reserve_bytes;
	uint64_t held_bytes;   /* 0: to be asked for */
	int64_t full_until_ms; /* for holds of refused_bytes or more */
	uint64_t refused_bytes;
	struct buf group;
	size_t ended;   /* txns of the group that is gathering */
	struct txn txn; /* there is one at a time */
	bool is_open;
	bool wrote; /* the group holds rows */
	bool failed;
	uint64_t sequence;
	struct early_wish *wishes;
	struct store_status status;
};

static int64_t
now_ms(void)
{
	return clock_boot_ms(clock_system());
}

static int
group_reset(struct store *s)
{
	static const uint8_t head[RECORD_HEAD_BYTES];

	buf_reset(&s->group);
	return buf_put(&s->group, head, sizeof(head));
}

static int
init(struct store *s, const struct store_config *config)
{
	struct applier_config ac = {s->parts.engine, s->parts.journal,
				    s->parts.sequence,
				    config->in_memory || config->is_inline};
	size_t segment_bytes = config->segment_bytes == 0
				       ? JOURNAL_SEGMENT_BYTES_DEFAULT
				       : config->segment_bytes;
	int rc;

	s->sequence = s->parts.sequence;
	s->overlay_bytes_max = config->overlay_bytes_max == 0
				       ? OVERLAY_BYTES_DEFAULT
				       : config->overlay_bytes_max;
	if (s->overlay_bytes_max < OVERLAY_BYTES_MIN) {
		s->overlay_bytes_max = OVERLAY_BYTES_MIN;
	}
	s->reserve_bytes = config->reserve_bytes == 0 ? RESERVE_BYTES_DEFAULT
						      : config->reserve_bytes;
	s->group_bytes_max = segment_bytes - RECORD_BLOCK_BYTES;
	buf_init(&s->group, segment_bytes + RECORD_BLOCK_BYTES);
	s->filling = write_set_new(s->overlay_bytes_max);
	s->txn.engine = s->parts.engine;
	s->txn.arena = arena_new(TXN_ARENA_BYTES_MAX);
	s->txn.effect = write_set_new(TXN_SET_MEMORY_BYTES_MAX);
	s->txn.trace = write_set_new(TXN_SET_MEMORY_BYTES_MAX);
	if (s->filling == NULL || s->txn.arena == NULL ||
	    s->txn.effect == NULL || s->txn.trace == NULL) {
		return err_set(ERR_NOMEM, "no memory for a store");
	}
	rc = group_reset(s);
	if (rc == 0) {
		rc = s->parts.engine->ops->view_open(s->parts.engine, &s->view);
	}
	return rc == 0 ? applier_start(&ac, &s->applier) : rc;
}

int
store_open(const struct store_config *config, struct store **out)
{
	struct store *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL) {
		return err_set(ERR_NOMEM, "no memory for a store");
	}
	s->parts.lock_fd = -1;
	rc = parts_open(config, &s->parts);
	if (rc == 0) {
		rc = init(s, config);
	}
	if (rc != 0) {
		store_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

/* ---- Overlays ---- */

static size_t
frozen_memory(const struct store *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_frozen; i++) {
		n += write_set_memory(s->frozen[i].set);
	}
	return n;
}

/* Gives the overlay that has been filled to the applier. Only what is synced
 * may go there. */
static void
freeze(struct store *s)
{
	struct write_set *next;

	if (s->ended > 0 || s->n_frozen == OVERLAYS_FROZEN_MAX ||
	    write_set_rows(s->filling) == 0 ||
	    frozen_memory(s) + write_set_memory(s->filling) >
		    s->overlay_bytes_max) {
		return;
	}
	next = write_set_new(s->overlay_bytes_max);
	if (next == NULL) {
		return; /* it goes on filling, until there is memory */
	}
	s->frozen[s->n_frozen++] = (struct frozen){s->filling, s->sequence};
	applier_offer(s->applier, s->filling, s->sequence);
	s->filling = next;
}

/* Drops the overlays that the engine holds, once a view sees what they did. */
static void
collect(struct store *s)
{
	struct engine *engine = s->parts.engine;
	struct engine_view *view;
	uint64_t seen;
	size_t n = 0;

	if (s->is_open || s->n_frozen == 0 ||
	    applier_sequence(s->applier) < s->frozen[0].sequence) {
		return;
	}
	if (engine->ops->view_open(engine, &view) != 0) {
		return; /* the old view and the overlays still say the same */
	}
	engine->ops->view_close(s->view);
	s->view = view;
	seen = engine->ops->view_sequence(view);
	while (n < s->n_frozen && s->frozen[n].sequence <= seen) {
		applier_retire(s->applier, s->frozen[n].set);
		n++;
	}
	s->n_frozen -= n;
	memmove(s->frozen, s->frozen + n, s->n_frozen * sizeof(*s->frozen));
	s->held_bytes = 0; /* the file has grown into some of it */
}

static bool
should_freeze(struct store *s)
{
	size_t part = s->overlay_bytes_max / FREEZE_PART;
	bool urgent = false;

	if (s->n_frozen > 0 || write_set_rows(s->filling) == 0) {
		return false;
	}
	if (s->parts.journal == NULL) {
		return true;
	}
	(void)journal_needs_tending(s->parts.journal, &urgent);
	return urgent ||
	       write_set_memory(s->filling) >=
		       (part < FREEZE_BYTES ? part : FREEZE_BYTES) ||
	       now_ms() - s->filling_since_ms >= FREEZE_AGE_MS;
}

/* ---- Room ---- */

/* What the engine's file may still grow by, for all that is journaled. */
static uint64_t
pending_room(const struct store *s)
{
	uint64_t n = engine_set_room(s->filling);

	for (size_t i = 0; i < s->n_frozen; i++) {
		n += engine_set_room(s->frozen[i].set);
	}
	return n;
}

static int
hold(struct store *s, uint64_t bytes)
{
	struct engine *engine = s->parts.engine;
	int64_t now;

	if (bytes <= s->held_bytes) {
		return 0;
	}
	now = now_ms();
	if (bytes >= s->refused_bytes && now < s->full_until_ms) {
		return err_set(ERR_FULL, "the disk has no room");
	}
	if (engine->ops->hold_room(engine, bytes + HOLD_STEP_BYTES) == 0) {
		s->held_bytes = bytes + HOLD_STEP_BYTES;
	} else if (engine->ops->hold_room(engine, bytes) == 0) {
		s->held_bytes = bytes;
	} else {
		s->full_until_ms = now + HOLD_RETRY_MS;
		s->refused_bytes = bytes;
		return err_set(ERR_FULL, "the disk has no room");
	}
	return 0;
}

/* Memory and journal for one more txn. */
static int
check_queues(struct store *s)
{
	size_t group = s->group.len - RECORD_HEAD_BYTES + TXN_PACKED_BYTES_MAX;
	bool fits = write_set_memory(s->filling) + TXN_MEMORY_BYTES_MAX <=
		    s->overlay_bytes_max;
	int rc;

	if (fits && (s->parts.journal == NULL ||
		     (group + RECORD_HEAD_BYTES <= s->group_bytes_max &&
		      journal_has_room(s->parts.journal, group)))) {
		return 0;
	}
	rc = applier_health(s->applier);
	if (rc != 0) {
		return rc;
	}
	applier_wake(s->applier);
	return err_set(ERR_BUSY, "the overlays or the journal are full");
}

static int
check_open(struct store *s)
{
	if (s->failed) {
		return err_set(ERR_OUTCOME, "a group may not be durable");
	}
	collect(s);
	if (!s->is_open && s->n_frozen == 0 &&
	    write_set_memory(s->filling) + TXN_MEMORY_BYTES_MAX >
		    s->overlay_bytes_max) {
		freeze(s);
	}
	return check_queues(s);
}

int
store_admit(struct store *s, size_t bytes, bool destroying)
{
	int rc = check_open(s);

	if (rc == 0) {
		rc = hold(s, pending_room(s) + TXN_ROOM_BYTES_MAX +
				     engine_row_room(0, bytes) +
				     (destroying ? 0 : s->reserve_bytes));
	}
	return rc;
}

/* ---- Txns ---- */

int
store_begin(struct store *s, struct txn **out)
{
	int rc;

	assert(!s->is_open);
	rc = check_open(s);
	if (rc == 0) {
		rc = hold(s, pending_room(s) + TXN_ROOM_BYTES_MAX);
	}
	if (rc != 0) {
		return rc;
	}
	s->txn.view = s->view;
	memset(s->txn.overlays, 0, sizeof(s->txn.overlays));
	s->txn.overlays[0] = s->filling;
	for (size_t i = 0; i < s->n_frozen; i++) {
		s->txn.overlays[1 + i] = s->frozen[s->n_frozen - 1 - i].set;
	}
	s->txn.rows_read_max = TXN_ROWS_READ_MAX;
	s->is_open = true;
	*out = &s->txn;
	return 0;
}

static int
keep(struct store *s, const struct write_set *set)
{
	int rc = 0;

	if (write_set_rows(set) == 0) {
		return 0;
	}
	s->wrote = true;
	if (s->parts.journal != NULL) {
		rc = write_set_pack(set, &s->group);
	}
	return rc == 0 ? write_set_merge(s->filling, set) : rc;
}

int
store_end(struct store *s, struct txn *t, bool keep_effect)
{
	int rc = 0;

	assert(s->is_open && t == &s->txn);
	if (write_set_rows(s->filling) == 0) {
		s->filling_since_ms = now_ms();
	}
	if (keep_effect) {
		rc = keep(s, t->effect);
	}
	if (rc == 0) {
		rc = keep(s, t->trace);
	}
	if (rc != 0) {
		/* store_begin held the room, so the machine is out of memory,
		 * with the txn half in. It is durable nowhere. */
		s->failed = true;
		rc = err_set(ERR_OUTCOME, "no memory for a group");
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

/* ---- Groups ---- */

static int
append(struct store *s)
{
	uint64_t from = clock_elapsed_us();
	int rc;

	if (!s->wrote) {
		return 0;
	}
	s->wrote = false;
	if (s->parts.journal == NULL) {
		s->sequence++;
		return 0;
	}
	rc = journal_append(s->parts.journal, &s->group);
	if (rc == 0) {
		s->sequence = journal_last(s->parts.journal);
		rc = group_reset(s);
	}
	from = clock_elapsed_us() - from;
	s->status.sync_us_total += from;
	if (from > s->status.sync_us_max) {
		s->status.sync_us_max = from;
	}
	return rc;
}

static void
pass_wishes(struct store *s)
{
	uint64_t sequence = 0; /* all is applied */

	if (s->wishes == NULL) {
		return;
	}
	freeze(s);
	if (write_set_rows(s->filling) > 0) {
		return; /* the applier is behind: next time */
	}
	if (s->n_frozen > 0) {
		sequence = s->frozen[s->n_frozen - 1].sequence;
	}
	while (s->wishes != NULL) {
		struct early_wish *w = s->wishes;

		s->wishes = w->next;
		if (applier_wish(s->applier, sequence, w->arena_bytes_max,
				 w->then, w->ctx) != 0) {
			w->then(w->ctx, ERR_NOMEM, NULL);
		}
		free(w);
	}
}

int
store_sync(struct store *s)
{
	if (s->failed) {
		return err_set(ERR_OUTCOME, "a group may not be durable");
	}
	assert(!s->is_open);
	if (s->ended > 0) {
		if (append(s) != 0) {
			s->failed = true;
			return ERR_OUTCOME;
		}
		s->status.groups++;
		if (s->ended > s->status.group_txns_max) {
			s->status.group_txns_max = s->ended;
		}
		s->ended = 0;
	}
	if (should_freeze(s)) {
		freeze(s);
	}
	pass_wishes(s);
	collect(s);
	if (applier_health(s->applier) == ERR_OUTCOME) {
		s->failed = true;
		return ERR_OUTCOME;
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
	struct early_wish *w = malloc(sizeof(*w));
	struct early_wish **at = &s->wishes;

	if (w == NULL) {
		return err_set(ERR_NOMEM, "no memory for a snapshot");
	}
	*w = (struct early_wish){NULL, arena_bytes_max, then, ctx};
	while (*at != NULL) {
		at = &(*at)->next;
	}
	*at = w;
	if (s->ended == 0) {
		pass_wishes(s);
	}
	return 0;
}

int
store_drain(struct store *s)
{
	int rc = store_sync(s);

	while (rc == 0 && (s->n_frozen > 0 || write_set_rows(s->filling) > 0)) {
		size_t left;

		freeze(s);
		left = s->n_frozen;
		if (left > 0) {
			rc = applier_wait(s->applier,
					  s->frozen[left - 1].sequence);
		}
		collect(s);
		if (rc == 0 && s->n_frozen == left) {
			rc = err_set(ERR_BUSY, "no memory or view to drain");
		}
	}
	return rc;
}

int
store_copy(struct store *s, const char *directory)
{
	char path[IO_PATH_BYTES_MAX];
	int rc = io_make_directory(io_system(), directory);

	if (rc == 0) {
		rc = io_path(path, directory, "data");
	}
	return rc == 0 ? s->parts.engine->ops->copy(s->parts.engine, path) : rc;
}

void
store_status(struct store *s, struct store_status *out)
{
	s->status.sequence_synced = s->sequence;
	s->status.overlay_bytes =
		write_set_memory(s->filling) + frozen_memory(s);
	s->status.room_bytes = s->parts.engine->ops->room(s->parts.engine);
	if (s->parts.journal != NULL) {
		s->status.journal_bytes = journal_bytes(s->parts.journal);
	}
	applier_status(s->applier, &s->status);
	*out = s->status;
}

void
store_close(struct store *s)
{
	if (s == NULL) {
		return;
	}
	assert(!s->is_open);
	if (s->applier != NULL) {
		if (!s->failed && s->ended == 0) {
			freeze(s);
		}
		applier_stop(s->applier);
	}
	while (s->wishes != NULL) {
		struct early_wish *w = s->wishes;

		s->wishes = w->next;
		w->then(w->ctx, ERR_UNAVAILABLE, NULL);
		free(w);
	}
	if (s->view != NULL) {
		s->parts.engine->ops->view_close(s->view);
	}
	for (size_t i = 0; i < s->n_frozen; i++) {
		write_set_free(s->frozen[i].set);
	}
	write_set_free(s->filling);
	write_set_free(s->txn.effect);
	write_set_free(s->txn.trace);
	arena_free(s->txn.arena);
	buf_clear(&s->group);
	parts_close(&s->parts);
	free(s);
}
