/* Operations that read much, on reader threads: each over one snapshot, with
 * an arena of its own; what they have to say comes back by the inbox. */

#include <stdio.h>
#include <stdlib.h>

#include "policy/decide.h"
#include "service/reader.h"
#include "wire/schema.h"

#define REQUEST_BODY_BYTES_MAX (1u << 20)

void
reader_free(struct reader *r)
{
	if (r == NULL) {
		return;
	}
	policy_free(r->policy);
	buf_clear(&r->in);
	buf_clear(&r->out);
	buf_clear(&r->next);
	free(r);
}

struct reader *
reader_new(struct core *core, const struct operation *op,
	   const struct caller *caller, struct bytes body)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		(void)err_set(ERR_NOMEM, "no memory to read");
		return NULL;
	}
	r->core = core;
	r->op = op;
	r->caller = *caller;
	(void)snprintf(r->caller_name, sizeof(r->caller_name), "%s",
		       caller->name);
	r->caller.name = r->caller_name;
	r->policy = policy_ref(core->policy);
	r->now_ms = clock_wall_ms(core->config.clock);
	r->today = decide_today(core->policy, r->now_ms);
	buf_init(&r->in, REQUEST_BODY_BYTES_MAX);
	buf_init(&r->out, REPLY_BYTES_MAX);
	buf_init(&r->next, REQUEST_BODY_BYTES_MAX);
	if (buf_put(&r->in, body.p, body.n) != 0) {
		reader_free(r);
		return NULL;
	}
	return r;
}

void
reader_done(void *ctx)
{
	struct reader *r = ctx;
	struct core *core = r->core;
	struct waiting w;
	int rc = 0;

	core->snapshots--;
	if (waiting_take(core, r->id, r->caller.number, &w)) {
		if (r->rc == 0) {
			rc = reply_queue(core, w.to, id_bytes(&r->id), 0,
					 buf_bytes(&r->out));
		} else {
			err_restore(&r->info);
			rc = reply_error(core, w.to, id_bytes(&r->id), r->rc);
		}
	}
	if (rc != 0 && err_class_of(rc) == ERR_CLASS_FATAL) {
		core->fatal = rc;
	}
	/* Who has read a second page will want a third. */
	if (r->goes_on) {
		ahead_start(core, r);
	}
	reader_free(r);
}

static void
reader_fail(struct reader *r, int rc)
{
	r->rc = rc;
	r->info = *err_last();
	if (r->info.code != rc) {
		r->info = (struct err_info){.code = rc};
	}
}

/* A member that is a text, by its name; NULL when the table has none. */
static const struct field *
text_member(const struct field_table *table, const char *name)
{
	for (size_t i = 0; i < table->n; i++) {
		if (strcmp(table->rows[i].name, name) == 0) {
			return &table->rows[i];
		}
	}
	return NULL;
}

static bool
goes_on(const struct operation *op, const void *in)
{
	const struct field *f = op->class == OP_LISTING
					? text_member(op->in, "cursor")
					: NULL;
	const char *cursor = NULL;

	if (f != NULL) {
		memcpy(&cursor, (const char *)in + f->offset, sizeof(cursor));
	}
	return cursor != NULL;
}

/* What a caller would send to go on: the same with the answer's `next`. */
static void
next_make(struct reader *r, void *in, const void *out)
{
	const struct field *from = text_member(r->op->out, "next");
	const struct field *to = text_member(r->op->in, "cursor");
	const char *next;

	memcpy(&next, (const char *)out + from->offset, sizeof(next));
	if (next == NULL) {
		return;
	}
	memcpy((char *)in + to->offset, &next, sizeof(next));
	if (schema_encode(r->op->in->rows, r->op->in->n, in, &r->next) != 0) {
		err_clear(); /* then it is made when it is asked for */
	}
}

static int
reader_call(struct reader *r)
{
	struct arena *a = txn_arena(r->snapshot);
	struct call c = {
		.operation = r->op->name,
		.id = r->id,
		.caller = r->caller,
		.now_ms = r->now_ms,
		.today = r->today,
		.txn = r->snapshot,
		.arena = a,
		.keys = r->core->keys,
		.policy = r->policy,
		.entropy = entropy_system(),
		.log_slot = SLOT_NONE,
		.reply_slot = SLOT_NONE,
	};
	void *in = arena_alloc(a, r->op->in->bytes);
	void *out = arena_alloc(a, r->op->out->bytes);
	int rc;

	if (in == NULL || out == NULL) {
		return ERR_NOMEM;
	}
	rc = schema_decode(r->op->in->rows, r->op->in->n, buf_bytes(&r->in),
			   r->now_ms, a, in);
	if (rc == 0) {
		rc = r->op->run(&c, in, out);
	}
	if (rc == 0) {
		rc = schema_encode(r->op->out->rows, r->op->out->n, out,
				   &r->out);
	}
	if (rc == 0 && r->goes_on) {
		next_make(r, in, out);
	}
	return rc;
}

void
reader_work(struct reader *r)
{
	int rc = reader_call(r);

	if (rc != 0) {
		reader_fail(r, rc);
	}
	if (r->op->class == OP_LISTING && rc == 0) {
		shelf_put(r->core->shelf, r->snapshot, r->taken_ms,
			  clock_boot_ms(r->core->config.clock));
	} else {
		snapshot_close(r->snapshot);
	}
	r->snapshot = NULL;
}

static void
reader_run(void *ctx)
{
	struct reader *r = ctx;

	reader_work(r);
	inbox_post(r->core->inbox, reader_done, r);
}

static void
reader_ready(void *ctx, int rc, struct txn *snapshot)
{
	struct reader *r = ctx;

	r->snapshot = snapshot;
	if (rc == 0) {
		rc = worker_submit(r->core->readers, reader_run, r);
		if (rc != 0) {
			snapshot_close(snapshot);
		}
	}
	if (rc != 0) {
		reader_fail(r, rc);
		inbox_post(r->core->inbox, reader_done, r);
	}
}

/* The state of the page before, or a new one. */
static int
snapshot_get(struct reader *r)
{
	struct core *core = r->core;
	int64_t now_ms = clock_boot_ms(core->config.clock);
	struct txn *kept = r->goes_on ? shelf_take(core->shelf, now_ms,
						   &r->taken_ms)
				      : NULL;

	if (kept != NULL) {
		reader_ready(r, 0, kept);
		return 0;
	}
	r->taken_ms = now_ms;
	return store_snapshot(core->store, CALL_ARENA_BYTES_MAX, reader_ready,
			      r);
}

/* An answer that is there already, or being made; else a snapshot to make one
 * from. */
static int
answer_get(struct reader *r, const void *in)
{
	struct buf asked;
	bool is_taken = false;

	if (r->goes_on) {
		buf_init(&asked, REQUEST_BODY_BYTES_MAX);
		is_taken = schema_encode(r->op->in->rows, r->op->in->n, in,
					 &asked) == 0 &&
			   ahead_take(r->core, buf_bytes(&asked), r);
		buf_clear(&asked);
	}
	return is_taken ? 0 : snapshot_get(r);
}

int
reader_start(struct core *core, const struct operation *op, const void *in,
	     struct origin to, struct id id, const struct caller *caller,
	     struct bytes body)
{
	struct waiting w = {.call = id, .caller = caller->number, .to = to};
	struct reader *r;
	int rc;

	if (core->snapshots >= SNAPSHOTS_MAX) {
		return err_set(ERR_BUSY, "too many reports are being made");
	}
	r = reader_new(core, op, caller, body);
	if (r == NULL) {
		return ERR_NOMEM;
	}
	r->to = to;
	r->id = id;
	r->goes_on = goes_on(op, in);
	rc = waiting_add(core, w);
	if (rc == 0) {
		core->snapshots++;
		rc = answer_get(r, in);
		if (rc != 0) {
			core->snapshots--;
			(void)waiting_take(core, id, caller->number, &w);
		}
	}
	if (rc != 0) {
		reader_free(r);
	}
	return rc;
}
