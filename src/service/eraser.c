/*
 * Batches of the key tree: gathered in the store, run by a thread. One batch
 * is, in order: marked RUNNING (durable), its slots collected, the keys
 * destroyed by the thread (the erasure itself), its rows removed and the jobs
 * that asked woken. After a crash the key tree says how far it came.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "service/rotation.h"
#include "service/state.h"

#define SLOTS_PER_STEP 900
/* The tree grows ahead: room for so many people is kept. */
#define GROW_BELOW_SLOTS (4u * 5000u)
#define GROW_BY_SLOTS (4u * 20000u)
#define END_RETRY_MS 100

struct batch {
	struct core *core;
	struct erasure_batch id;
	slot_t *slots;
	size_t n;
	size_t cap;
	slot_t cursor;
	size_t step_n;
	int rc;
	struct err_info info;
	struct keyring_destroyed done;
	bool is_last; /* its last rows are in the operation at work */
};

static void
batch_free(struct batch *b)
{
	free(b->slots);
	free(b);
}

static int
batch_begin(struct call *c, void *arg)
{
	struct batch *b = arg;

	return erasure_begin(c, keyring_epoch(c->keys) + 1, &b->id);
}

static int
batch_collect(struct call *c, void *arg)
{
	struct batch *b = arg;

	return erasure_slots(c->txn, b->id.number, &b->cursor,
			     b->slots + b->n, SLOTS_PER_STEP, &b->step_n);
}

static int
batch_slots(struct core *core, struct batch *b)
{
	int rc = 0;

	do {
		if (b->cap - b->n < SLOTS_PER_STEP) {
			size_t cap = b->cap == 0 ? 4096 : b->cap * 2;
			slot_t *grown = realloc(b->slots,
						cap * sizeof(*grown));

			if (grown == NULL) {
				return err_set(ERR_NOMEM,
					       "no memory for a batch");
			}
			b->slots = grown;
			b->cap = cap;
		}
		rc = core_internal(core, "erasure", batch_collect, b);
		b->n += rc == 0 ? b->step_n : 0;
	} while (rc == 0 && b->step_n > 0);
	return rc;
}

static int
batch_leaf(struct call *c, const struct batch *b)
{
	struct value details = value_object();
	struct value root;
	char *hex = arena_alloc(c->arena, 65);
	int rc;

	if (hex == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < 32; i++) {
		(void)snprintf(hex + 2 * i, 3, "%02x", b->done.root_hash[i]);
	}
	root = value_text(hex);
	rc = value_add(&details, c->arena, "batch",
		       value_int((int64_t)b->id.number));
	if (rc == 0) {
		rc = value_add(&details, c->arena, "epoch",
			       value_int((int64_t)b->id.epoch_to));
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "slots",
			       value_int((int64_t)b->n));
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "root", root);
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "weak_keystore",
			       value_bool(b->done.weak_keystore));
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_ERASURE_BATCH,
					      .log_slot = SLOT_NONE,
					      .details = details});
}

static int
batch_finish(struct call *c, void *arg)
{
	struct batch *b = arg;
	int rc = erasure_finish(c, b->id, &b->is_last);

	if (rc == 0 && b->is_last) {
		rc = batch_leaf(c, b);
	}
	return rc;
}

/* Some rows in each operation; the last one has the leaf. What fails is not
 * done, and may be tried again. */
static int
batch_rows(struct core *core, struct batch *b)
{
	int rc;

	do {
		rc = core_internal(core, "erasure", batch_finish, b);
	} while (rc == 0 && !b->is_last);
	return rc;
}

/* What follows when the keys are gone. That there is no room for it now undoes
 * nothing: reads go on, no other batch begins, and it is tried again. */
static int
batch_end(struct core *core)
{
	struct batch *b = core->ending;
	int rc = batch_rows(core, b);

	if (rc == 0) {
		core->ending = NULL;
		core->is_erasing = false;
		batch_free(b);
	} else if (err_class_of(rc) != ERR_CLASS_RESOURCE &&
		   err_class_of(rc) != ERR_CLASS_RETRY) {
		core->fatal = rc; /* another try would find the same */
	}
	return rc;
}

/* Back on the owner: the keys are gone, or the process must stop. */
static void
batch_done(void *ctx)
{
	struct batch *b = ctx;
	struct core *core = b->core;
	int rc = b->rc;

	if (rc != 0) {
		err_restore(&b->info);
		log_write(LOG_ERROR, "erasure_failed",
			  LOG_TEXT("error", err_word(rc)),
			  LOG_TEXT("text", err_last()->text));
		/* The keys may be gone or not: only a restart can tell. */
		core->fatal = err_class_of(rc) == ERR_CLASS_FATAL
				      ? rc
				      : err_set(ERR_OUTCOME,
						"an erasure did not end");
	}
	ahead_void(core);
	if (rc != 0) {
		core->is_erasing = false;
		batch_free(b);
		return;
	}
	core->ending = b;
	rc = batch_end(core);
	if (rc != 0) {
		log_write(LOG_ERROR, "erasure_end_waits",
			  LOG_TEXT("error", err_word(rc)),
			  LOG_TEXT("text", err_last()->text));
	}
}

static void
batch_run(void *ctx)
{
	struct batch *b = ctx;
	struct keyring_batch id = {b->id.number, b->id.epoch_to};

	b->rc = keyring_destroy(b->core->keys, id, b->slots, b->n, &b->done);
	if (b->rc != 0) {
		b->info = *err_last();
	}
	inbox_post(b->core->inbox, batch_done, b);
}

/* The batch is RUNNING: durable first, then off to the thread. */
static int
batch_submit(struct core *core, struct batch *b)
{
	int rc = batch_slots(core, b);

	if (rc == 0) {
		rc = store_sync(core->store);
	}
	if (rc == 0) {
		rc = worker_submit(core->eraser, batch_run, b);
	}
	if (rc == 0) {
		core->is_erasing = true;
	}
	return rc;
}

static struct batch *
batch_new(struct core *core)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b == NULL) {
		(void)err_set(ERR_NOMEM, "no memory for a batch");
		return NULL;
	}
	b->core = core;
	return b;
}

struct tally {
	uint64_t waiting;
	int64_t since_ms;
	slot_t mark;
	bool rotates;
};

static int
tally_take(struct call *c, void *arg)
{
	struct tally *t = arg;
	bool gap = false;
	int rc = erasure_waiting(c, &t->waiting, &t->since_ms);

	if (rc == 0 && t->waiting > 0) {
		rc = erasure_is_stopped(c->txn, &gap);
	}
	/* What waits, waits on. */
	t->waiting = gap ? 0 : t->waiting;
	if (rc == 0) {
		rc = slots_mark(c->txn, &t->mark);
	}
	return rc != 0 ? rc : rotation_is_wanted(c->txn, &t->rotates);
}

struct growth {
	struct core *core;
	slot_t from;
	int rc;
	struct err_info info;
};

static int
growth_leaf(struct call *c, void *arg)
{
	struct value details = value_object();
	int rc = value_add(&details, c->arena, "slots",
			   value_int((int64_t)keyring_grown(c->keys)));

	(void)arg;
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_GROWTH,
					      .log_slot = SLOT_NONE,
					      .details = details});
}

static void
growth_done(void *ctx)
{
	struct growth *g = ctx;
	struct core *core = g->core;

	core->is_growing = false;
	if (g->rc == 0) {
		g->rc = core_internal(core, "growth", growth_leaf, NULL);
	} else {
		log_write(LOG_ERROR, "growth_failed",
			  LOG_TEXT("error", err_word(g->rc)),
			  LOG_TEXT("text", g->info.text));
	}
	if (err_class_of(g->rc) == ERR_CLASS_FATAL && g->rc != 0) {
		core->fatal = g->rc;
	}
	free(g);
}

static void
growth_run(void *ctx)
{
	struct growth *g = ctx;

	g->rc = keyring_grow(g->core->keys, g->from, GROW_BY_SLOTS);
	if (g->rc != 0) {
		g->info = *err_last();
	}
	inbox_post(g->core->inbox, growth_done, g);
}

static int
grow(struct core *core, slot_t mark)
{
	struct growth *g = calloc(1, sizeof(*g));
	int rc;

	if (g == NULL) {
		return err_set(ERR_NOMEM, "no memory to grow");
	}
	*g = (struct growth){.core = core, .from = mark};
	rc = worker_submit(core->eraser, growth_run, g);
	if (rc != 0) {
		free(g);
		return rc;
	}
	core->is_growing = true;
	return 0;
}

int
eraser_turn(struct core *core, int64_t *out_wait_ms)
{
	struct tally tally = {0};
	struct batch *b;
	int64_t due_ms;
	int rc;

	if (core->ending != NULL) {
		*out_wait_ms = END_RETRY_MS < *out_wait_ms ? END_RETRY_MS
							   : *out_wait_ms;
		(void)batch_end(core); /* told when it failed first */
		return core->fatal;
	}
	/* One thread, one at a time: a batch is marked with the epoch it
	 * leads to, and growth would take that epoch away. */
	if (core->is_erasing || core->is_growing || core->is_closing) {
		return 0;
	}
	rc = core_internal(core, "erasure", tally_take, &tally);
	if (rc != 0) {
		return rc;
	}
	if (keyring_grown(core->keys) - tally.mark < GROW_BELOW_SLOTS) {
		return grow(core, tally.mark);
	}
	if (tally.waiting == 0) {
		return tally.rotates ? rotation_step(core) : 0;
	}
	due_ms = tally.since_ms + core->policy->house.batch_window_ms -
		 clock_wall_ms(core->config.clock);
	/* A clock that was set back does not hold up an erasure. */
	if (due_ms > core->policy->house.batch_window_ms) {
		due_ms = 0;
	}
	if (due_ms > 0) {
		*out_wait_ms = due_ms < *out_wait_ms ? due_ms : *out_wait_ms;
		return tally.rotates ? rotation_step(core) : 0;
	}
	b = batch_new(core);
	rc = b == NULL ? ERR_NOMEM
		       : core_internal(core, "erasure", batch_begin, b);
	if (rc == 0 && b->id.number != 0) {
		rc = batch_submit(core, b);
		if (rc == 0) {
			return 0;
		}
		/* It is RUNNING and nobody runs it: only a restart helps. */
		core->fatal = ERR_OUTCOME;
	}
	if (b != NULL) {
		batch_free(b);
	}
	return rc;
}

static int
batch_reload(struct call *c, void *arg)
{
	struct batch *b = arg;

	return erasure_running(c->txn, &b->id);
}

static void
repairs_tell(const struct keyring_recovery *r)
{
	if (r->repaired_mirrors + r->repaired_keystores + r->mended_nodes >
	    0) {
		log_write(LOG_WARNING, "keys_repaired",
			  LOG_NUMBER("mirrors", r->repaired_mirrors),
			  LOG_NUMBER("keystores", r->repaired_keystores),
			  LOG_NUMBER("nodes", r->mended_nodes));
	}
	if (r->unmended_copy) {
		log_write(LOG_ERROR, "keys_not_mended",
			  LOG_TEXT("means", "a copy of the tree is spoiled "
					    "and has no room to be mended, or "
					    "cannot be read"));
	}
	if (r->lost_nodes > 0) {
		log_write(LOG_ERROR, "keys_lost",
			  LOG_NUMBER("nodes", r->lost_nodes),
			  LOG_TEXT("means", "no copy of them opens: what is "
					    "sealed below cannot be read"));
	}
}

void
eraser_close(struct core *core)
{
	if (core->ending != NULL) {
		batch_free(core->ending);
		core->ending = NULL;
	}
}

int
eraser_recover(struct core *core, const struct keyring_recovery *recovery)
{
	struct batch *b = batch_new(core);
	int rc;

	repairs_tell(recovery);
	if (b == NULL) {
		return ERR_NOMEM;
	}
	rc = core_internal(core, "erasure", batch_reload, b);
	if (rc == 0 && b->id.number != 0) {
		rc = batch_slots(core, b);
		if (rc == 0 && !recovery->batch_done) {
			/* It runs again, under a new epoch's key. */
			struct keyring_batch id = {b->id.number,
						   b->id.epoch_to};

			rc = keyring_destroy(core->keys, id, b->slots, b->n,
					     &b->done);
		}
		if (rc == 0) {
			rc = batch_rows(core, b);
		}
	}
	batch_free(b);
	return rc;
}
