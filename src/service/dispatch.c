/*
 * One call, from frames to the group: find the caller, the row, the role;
 * decode; run the operation in a txn; its leaves, its stored answer; end. The
 * reply waits for the sync (core.c). Whoever has read ops.c and this file
 * knows the service.
 */

#include "base/log.h"
#include "policy/decide.h"
#include "service/restore.h"
#include "service/stored.h"
#include "service/state.h"
#include "wire/schema.h"

#define RETRIES_MAX 10

struct work {
	struct core *core;
	const struct operation *op;
	struct origin from;
	struct request_frames request;
	struct caller caller;
	uint8_t print[PRINT_BYTES];
	void *in;
	void *out;
};

/* The call that runs in `t`; id and caller are the caller's to set. */
static struct call *
call_begin(struct core *core, const char *operation, struct txn *t)
{
	struct call *c = &core->call;

	memset(c, 0, offsetof(struct call, leaves));
	c->operation = operation;
	c->now_ms = clock_wall_ms(core->config.clock);
	c->boot_ms = clock_boot_ms(core->config.clock);
	c->started_at_ms = core->started_at_ms;
	c->today = decide_today(core->policy, c->now_ms);
	c->txn = t;
	c->arena = core->arena;
	c->keys = core->keys;
	c->policy = core->policy;
	c->entropy = core->config.entropy;
	c->core = core;
	c->log_slot = SLOT_NONE;
	c->reply_slot = SLOT_NONE;
	return c;
}

static void
jobs_take(struct core *core, const struct call *c)
{
	/* Before the runner is open the row is enough: it is found then. */
	for (size_t i = 0; core->runner != NULL && i < c->n_runnable; i++) {
		runner_add(core, c->runnable[i], 0);
	}
}

int
core_internal(struct core *core, const char *name, internal_fn *fn, void *arg)
{
	struct call *c;
	struct txn *t;
	int rc;

	arena_reset(core->arena);
	rc = store_begin(core->store, &t);
	if (rc != 0) {
		return rc;
	}
	c = call_begin(core, name, t);
	c->caller = (struct caller){.name = "", .roles = ROLE_INTERNAL};
	rc = fn(c, arg);
	if (rc != 0) {
		store_abandon(core->store, t);
		return rc;
	}
	/* Timed work that did nothing worth a leaf gathers none. */
	if (c->n_leaves > 0) {
		rc = call_log(c, 0, LEAF_STARTED);
	}
	if (rc != 0) {
		store_abandon(core->store, t);
		return rc;
	}
	rc = store_end(core->store, t, true);
	if (rc == 0) {
		jobs_take(core, c);
	}
	return rc;
}

/* What the group will answer when the operation's end could not be stored. */
static int
answer_failed(struct work *w, int rc)
{
	if (err_class_of(rc) == ERR_CLASS_FATAL) {
		return rc;
	}
	return reply_error(w->core, w->from, id_bytes(&w->request.id), rc);
}

/* The stored form of an answer: what reply_queue has just appended. */
static struct bytes
body_of_last(const struct core *core)
{
	const struct pending *p = &core->pending[core->n_pending - 1];

	return bytes_of(core->bodies.data + p->offset, p->len);
}

static void
pending_drop_last(struct core *core)
{
	core->bodies.len = core->pending[--core->n_pending].offset;
}

/* Answers a write whose effect stands or falls with `rc`. */
static int
write_finish(struct work *w, struct call *c, int rc)
{
	struct bytes id = id_bytes(&w->request.id);
	bool is_deferred = rc == 0 && !id_is_nil(c->deferred_to);
	int err = 0;

	if (is_deferred) {
		return stored_put(c, c->id, c->caller.number, c->reply_slot,
				  w->print, STORED_AT_WORK, 0,
				  bytes_of(NULL, 0));
	}
	err = rc == 0 ? reply_out(w->core, w->from, id, w->op, w->out)
		      : reply_error(w->core, w->from, id, rc);
	if (err != 0 || !stored_keeps(rc)) {
		return err;
	}
	err = stored_put(c, c->id, c->caller.number, c->reply_slot, w->print,
			 STORED_ANSWER, err_status(rc),
			 body_of_last(w->core));
	if (err != 0) {
		pending_drop_last(w->core);
	}
	return err;
}

static int
deferred_wait(struct work *w, struct call *c)
{
	struct job job;
	int rc = job_load(c, c->deferred_to, &job);

	if (rc == 0) {
		job.answers_call = c->id;
		job.answers_caller = c->caller.number;
		job.answers_operation = w->op->name;
		memcpy(job.answers_print, w->print, PRINT_BYTES);
		rc = stored_slot(c, c->reply_slot, &job.answers_slot);
	}
	if (rc == 0) {
		rc = job_save(c, &job);
	}
	if (rc == 0) {
		rc = waiting_add(w->core, (struct waiting){
						  .call = c->id,
						  .job = c->deferred_to,
						  .caller = c->caller.number,
						  .to = w->from,
					  });
	}
	return rc;
}

/* Runs the operation and gathers all that belongs to it. The result of the
 * operation goes to *out_rc; an error of our own is returned. */
static int
operation_run(struct work *w, struct call *c, int *out_rc)
{
	int rc = w->op->run(c, w->in, w->out);
	int err = 0;

	*out_rc = rc;
	if (rc == ERR_RETRY || err_class_of(rc) == ERR_CLASS_FATAL) {
		return rc;
	}
	if (rc == 0 && !id_is_nil(c->deferred_to)) {
		err = deferred_wait(w, c);
	}
	if (err == 0 && (rc != 0 || !w->op->quiet || c->n_leaves > 0)) {
		/* What the refusal says must outlive the writing of leaves. */
		struct err_info kept = *err_last();

		err = call_log(c, rc, w->op->leaf);
		if (err == 0) {
			err_restore(&kept);
		}
	}
	return err;
}

static int
write_once(struct work *w, struct call *c)
{
	struct core *core = w->core;
	struct txn *t = c->txn;
	size_t pending_before = core->n_pending;
	size_t waiting_before = core->n_waiting;
	int rc = 0;
	int err = 0;

	if (w->op->class != OP_WRITE) {
		err = stored_unused(c);
	}
	if (err == 0) {
		err = operation_run(w, c, &rc);
	}
	if (err == 0 && w->op->class == OP_WRITE) {
		err = write_finish(w, c, rc);
	} else if (err == 0) {
		struct bytes id = id_bytes(&w->request.id);

		err = rc == 0 ? reply_out(core, w->from, id, w->op, w->out)
			      : reply_error(core, w->from, id, rc);
	}
	if (err != 0) {
		store_abandon(core->store, t);
		/* The caller is told at once: no job will. */
		core->n_waiting = waiting_before;
		if (core->n_pending > pending_before) {
			pending_drop_last(core);
		}
		return err;
	}
	err = store_end(core->store, t, rc == 0);
	if (err != 0 && core->n_pending > pending_before) {
		pending_drop_last(core);
	}
	if (err == 0 && rc == 0) {
		jobs_take(core, c);
	}
	return err;
}

/* A repeated write: its answer, or that its first call is at work. */
static int
repeated(struct work *w, struct call *c, bool *out_is_new)
{
	struct bytes id = id_bytes(&w->request.id);
	struct stored stored = {.state = STORED_NONE};
	int rc;

	*out_is_new = false;
	rc = stored_print(c, w->request.body, w->print);
	if (rc == 0) {
		rc = stored_find(c, w->print, &stored);
	}
	if (rc != 0) {
		return reply_error(w->core, w->from, id, rc);
	}
	switch (stored.state) {
	case STORED_NONE:
		*out_is_new = true;
		return 0;
	case STORED_AT_WORK:
		return reply_error(w->core, w->from, id,
				   err_set(ERR_BUSY,
					   "the first call is at work"));
	case STORED_ANSWER:
		break;
	}
	return reply_queue(w->core, w->from, id, stored.status, stored.body);
}

static int
work_decode(struct work *w, int64_t now_ms)
{
	struct arena *a = w->core->arena;

	w->in = arena_alloc(a, w->op->in->bytes);
	w->out = arena_alloc(a, w->op->out->bytes);
	if (w->in == NULL || w->out == NULL) {
		return ERR_NOMEM;
	}
	return schema_decode(w->op->in->rows, w->op->in->n, w->request.body, now_ms,
			     a, w->in);
}

/* A read over a snapshot: the reader's answer leaves with a later sync than
 * the leaf's at the earliest. That the snapshot is wished for first lets it be
 * had without a commit, if there was nothing to commit before. */
static int
snapshot_leaf(struct call *c, void *arg)
{
	const struct work *w = arg;
	int rc;

	c->id = w->request.id;
	c->caller = w->caller;
	rc = stored_unused(c);
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = w->op->leaf,
					      .log_slot = SLOT_NONE});
}

static int
work_snapshot(struct work *w)
{
	struct bytes id = id_bytes(&w->request.id);
	struct waiting ignored;
	int rc;

	if (waiting_has(w->core, w->request.id, w->caller.number)) {
		return reply_error(w->core, w->from, id,
				   err_set(ERR_BUSY,
					   "the first call is at work"));
	}
	rc = reader_start(w->core, w->op, w->in, w->from, w->request.id,
			  &w->caller, w->request.body);
	if (rc != 0) {
		return answer_failed(w, rc);
	}
	rc = core_internal(w->core, w->op->name, snapshot_leaf, w);
	if (rc != 0 && waiting_take(w->core, w->request.id,
				    w->caller.number, &ignored)) {
		/* Nobody waits for the reader's answer any more. */
		return answer_failed(w, rc);
	}
	return 0;
}

/* A few rows of a listing are had here sooner than a snapshot. */
static bool
is_for_reader(const struct work *w)
{
	const struct operation *op = w->op;

	return op->class == OP_SNAPSHOT ||
	       (op->class == OP_LISTING &&
		(op->is_brief == NULL || !op->is_brief(w->in)));
}

static int
work_run(struct work *w)
{
	struct core *core = w->core;
	int64_t now_ms = clock_wall_ms(core->config.clock);
	bool is_new = true;
	struct call *c;
	struct txn *t;
	int rc;

	for (int i = 0; i < RETRIES_MAX; i++) {
		arena_reset(core->arena);
		rc = work_decode(w, now_ms);
		if (rc != 0) {
			return answer_failed(w, rc);
		}
		if (is_for_reader(w)) {
			return work_snapshot(w);
		}
		/* Reads go on when the disk has no room for writes. */
		if (w->op->class == OP_WRITE) {
			rc = store_admit(core->store, w->request.body.n,
					 false);
		}
		if (rc == 0) {
			rc = store_begin(core->store, &t);
		}
		if (rc != 0) {
			core->busy++;
			return answer_failed(w, rc);
		}
		c = call_begin(core, w->op->name, t);
		c->id = w->request.id;
		c->caller = w->caller;
		if (w->op->class == OP_WRITE) {
			rc = repeated(w, c, &is_new);
			if (rc != 0 || !is_new) {
				store_abandon(core->store, t);
				return rc;
			}
		}
		rc = write_once(w, c);
		if (rc != ERR_RETRY) {
			return rc == 0 ? 0 : answer_failed(w, rc);
		}
	}
	return answer_failed(w, err_set(ERR_BUSY, "too many conflicts"));
}

/* Denied calls of one key in one minute share a leaf with a count: the first
 * is written at once, the rest at the minute's end (timers.c). */
static int
denied_leaf(struct call *c, void *arg)
{
	const struct denials *d = arg;
	struct value details = value_object();
	int rc = value_add(&details, c->arena, "principal",
			   value_int(d->caller));

	if (rc == 0) {
		rc = value_add(&details, c->arena, "count",
			       value_int((int64_t)d->count));
	}
	if (rc == 0) {
		rc = call_leaf(c, (struct call_leaf){.type = LEAF_DENIED,
						     .outcome = ERR_DENIED,
						     .log_slot = SLOT_NONE,
						     .count = d->count > 65535
								      ? 65535
								      : (uint16_t)d->count,
						     .details = details});
	}
	return rc;
}

static int
denials_flush(struct core *core, struct denials *d)
{
	int rc = d->count == 0
			 ? 0
			 : core_internal(core, "denied", denied_leaf, d);

	if (rc == 0) {
		*d = (struct denials){0};
	}
	return rc;
}

int
denied_count(struct core *core, uint32_t caller)
{
	int64_t minute = clock_wall_ms(core->config.clock) / MS_PER_MINUTE;
	struct denials first = {caller, minute, 1};
	struct denials *free_place = &core->denials[caller % DENIALS_MAX];
	int rc;

	if (free_place->caller == caller && free_place->minute == minute) {
		free_place->count++;
		return 0;
	}
	rc = denials_flush(core, free_place);
	if (rc == 0) {
		rc = core_internal(core, "denied", denied_leaf, &first);
	}
	if (rc == 0) {
		*free_place = (struct denials){caller, minute, 0};
	}
	return rc;
}

int
denied_turn(struct core *core)
{
	int64_t minute = clock_wall_ms(core->config.clock) / MS_PER_MINUTE;
	int rc = 0;

	for (size_t i = 0; i < DENIALS_MAX && rc == 0; i++) {
		if (core->denials[i].minute != minute) {
			rc = denials_flush(core, &core->denials[i]);
		}
	}
	return rc;
}

static void
count_call(struct core *core, const struct operation *op, int64_t began_us)
{
	struct op_count *n = &core->counts[op - operations];
	int64_t us = clock_boot_us() - began_us;

	n->calls++;
	n->us_total += (uint64_t)us;
	if ((uint64_t)us > n->us_max) {
		n->us_max = (uint64_t)us;
	}
}

static unsigned
calls_per_key_max(const struct core *core)
{
	return core->config.calls_per_key_max == 0
		       ? CALLS_PER_KEY_DEFAULT
		       : core->config.calls_per_key_max;
}

static int
call_take(struct core *core, struct origin from, const uint8_t *caller,
	  const struct frames *frames)
{
	int64_t began_us = clock_boot_us();
	struct principal *who = principals_find(core->principals, caller);
	struct work w = {.core = core, .from = from};
	int rc;

	core->calls++;
	if (who == NULL) {
		return 0;
	}
	rc = frames_parse_request(frames, &w.request);
	if (rc != 0) {
		return reply_error(core, from, frames_reply_id(frames), rc);
	}
	w.op = operation_find(w.request.operation);
	if (w.op == NULL) {
		rc = err_set(ERR_UNKNOWN_OPERATION, "service.describe lists them");
	} else if ((who->roles & from.roles & w.op->roles) == 0) {
		rc = denied_count(core, who->number);
		if (rc == 0) {
			core->counts[w.op - operations].refused++;
			rc = err_set(ERR_DENIED, "not for this role");
		}
	}
	w.caller = (struct caller){.number = who->number,
				   .name = who->name,
				   .roles = who->roles & from.roles};
	memcpy(w.caller.key, who->key, sizeof(w.caller.key));
	/* One caller takes no more than its share of a group. */
	if (rc == 0 && who->in_group++ >= calls_per_key_max(core)) {
		core->busy++;
		rc = err_set(ERR_BUSY, "this key has too many calls at work");
	}
	if (rc == 0) {
		rc = restore_gap_check(core, who->roles & from.roles);
	}
	if (rc != 0) {
		return answer_failed(&w, rc);
	}
	rc = work_run(&w);
	count_call(core, w.op, began_us);
	return rc;
}

int
core_call(struct core *core, struct origin from, const uint8_t *caller,
	  const struct frames *frames)
{
	int rc = call_take(core, from, caller, frames);

	if (rc == 0 || err_class_of(rc) == ERR_CLASS_FATAL) {
		return rc;
	}
	/* No memory even for an answer. To the caller that is unknown. */
	log_write(LOG_ERROR, "call_unanswered",
		  LOG_TEXT("error", err_word(rc)),
		  LOG_TEXT("text", err_last()->text));
	return 0;
}
