/*
 * When jobs run. The rows are the truth; in memory stands who is runnable and
 * who sleeps until when. A step is one operation of the internal role; after a
 * crash what was runnable runs again from its row.
 */

#include <stdlib.h>

#include "base/log.h"
#include "service/state.h"
#include "service/stored.h"
#include "wire/schema.h"

#define STEPS_PER_TURN_MAX 64
#define TURN_US_MAX 20000
#define BUSY_RETRY_MS 50
/* A disk or memory that fails once must not end a job half done: a hold whose
 * records are never moved, an erasure that stops in the middle. */
#define FAILED_RETRY_MS 1000
#define FAILED_TRIES_MAX 20
#define RESULT_BYTES_MAX (256u << 20)

struct entry {
	struct id id;
	int64_t at_ms; /* 0: as soon as possible */
	bool is_reading;
	struct buf result; /* of its read, for the next step */
	int result_rc;
	struct err_info result_info;
	bool has_result;
	unsigned failures; /* in a row */
};

struct runner {
	struct entry *items;
	size_t n;
	size_t cap;
};

static struct entry *
entry_find(struct runner *r, struct id id)
{
	for (size_t i = 0; i < r->n; i++) {
		if (id_equal(r->items[i].id, id)) {
			return &r->items[i];
		}
	}
	return NULL;
}

void
runner_add(struct core *core, struct id job, int64_t not_before_ms)
{
	struct runner *r = core->runner;
	struct entry *e;
	size_t cap;

	if (r == NULL) {
		return; /* during recovery: all rows are read afterwards */
	}
	e = entry_find(r, job);
	cap = r->cap == 0 ? 64 : r->cap * 2;
	if (e == NULL) {
		if (r->n == r->cap) {
			e = realloc(r->items, cap * sizeof(*e));
			if (e == NULL) {
				abort(); /* the row is found after a restart */
			}
			r->items = e;
			r->cap = cap;
		}
		e = &r->items[r->n++];
		*e = (struct entry){.id = job, .at_ms = not_before_ms};
		buf_init(&e->result, RESULT_BYTES_MAX);
	}
	e->at_ms = not_before_ms;
}

static void
entry_remove(struct runner *r, struct id id)
{
	struct entry *e = entry_find(r, id);

	if (e != NULL) {
		buf_clear(&e->result);
		*e = r->items[--r->n];
	}
}

static const struct job_kind *
kind_find(const char *name)
{
	for (size_t i = 0; i < n_job_kinds; i++) {
		if (strcmp(job_kinds[i]->name, name) == 0) {
			return job_kinds[i];
		}
	}
	return NULL;
}

struct step {
	struct core *core;
	struct entry *entry;
	enum job_next next;
	int64_t not_before_ms;
	bool is_over;
	/* Who was answered, once it is over. */
	bool answers;
	struct waiting waiting;
};

/* What fails after the answer drops the effect that it tells of: the answer
 * goes, and who waits waits on. The place is free still that it had. */
static void
answer_take_back(struct core *core, const struct step *s, size_t n_pending)
{
	if (core->n_pending > n_pending) {
		core->bodies.len = core->pending[n_pending].offset;
		core->n_pending = n_pending;
	}
	if (s->answers) {
		core->waiting[core->n_waiting++] = s->waiting;
	}
}

/* What a later try may change is not kept: a repetition is a new call. */
static int
answer_keep(struct call *c, const struct job *job, int rc, struct bytes body)
{
	if (!stored_keeps(rc)) {
		return stored_forget(c, job->answers_call,
				     job->answers_caller);
	}
	return stored_put(c, job->answers_call, job->answers_caller,
			  job->answers_slot, job->answers_print, STORED_ANSWER,
			  err_status(rc), body);
}

/* Stores and queues the answer of the call that waited for this job. */
static int
job_answer(struct step *s, struct call *c, const struct job *job)
{
	const struct operation *op =
		job->answers_caller == 0
			? NULL
			: operation_find(job->answers_operation);
	struct core *core = s->core;
	struct buf body;
	int rc = job->answer_rc;
	int err;

	if (op == NULL) {
		return 0;
	}
	buf_init(&body, REPLY_BYTES_MAX);
	if (rc == 0 && job->answer != NULL) {
		err = schema_encode(op->out->rows, op->out->n, job->answer, &body);
	} else {
		struct err_info info = *err_last();

		if (info.code != rc) {
			info = (struct err_info){.code = rc};
		}
		err = schema_error_body(&info, &body);
	}
	if (err == 0) {
		err = answer_keep(c, job, rc, buf_bytes(&body));
	}
	if (err == ERR_EXPIRED) {
		/* Whom it is about has been erased meanwhile, and with them
		 * what would be kept: whoever repeats the call is told so. */
		err_clear();
		err = 0;
	}
	if (err == 0 && waiting_take(core, job->answers_call,
				     job->answers_caller, &s->waiting)) {
		s->answers = true;
		err = reply_queue(core, s->waiting.to,
				  id_bytes(&s->waiting.call), err_status(rc),
				  buf_bytes(&body));
	}
	buf_clear(&body);
	return err;
}

/* Ends a job whose step failed for good: its effect was dropped, so this is an
 * operation of its own. */
struct failure {
	struct step *step;
	struct id id;
	int rc;
	struct err_info info;
};

static int
job_fail(struct call *c, void *arg)
{
	struct failure *f = arg;
	struct job job;
	int rc = job_load(c, f->id, &job);

	if (rc == ERR_NOT_FOUND) {
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	job.answer_rc = f->rc;
	err_restore(&f->info);
	rc = job_answer(f->step, c, &job);
	return rc != 0 ? rc : job_delete(c, f->id);
}

static int
job_step(struct call *c, void *arg)
{
	struct step *s = arg;
	const struct job_kind *kind;
	struct job job;
	int rc = job_load(c, s->entry->id, &job);

	if (rc == ERR_NOT_FOUND) {
		s->is_over = true;
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	kind = kind_find(job.kind);
	if (kind == NULL) {
		return err_set(ERR_INTERNAL, "no such kind of job");
	}
	job.has_result = s->entry->has_result;
	job.result_rc = s->entry->result_rc;
	job.result = buf_bytes(&s->entry->result);
	if (job.has_result && job.result_rc != 0) {
		err_restore(&s->entry->result_info);
	}
	rc = kind->step(c, &job, &s->next);
	if (rc != 0) {
		return rc;
	}
	if (s->next != JOB_DONE) {
		s->not_before_ms = job.not_before_ms;
		return job_save(c, &job);
	}
	s->is_over = true;
	if (job.result_rc != 0 && job.answer_rc == job.result_rc) {
		/* The step's own work may have told of something since. */
		err_restore(&s->entry->result_info);
	}
	rc = job_answer(s, c, &job);
	return rc != 0 ? rc : job_delete(c, s->entry->id);
}

/* A read of a job on a reader thread. */
struct reading {
	struct core *core;
	struct id id;
	const struct job_kind *kind;
	struct txn *snapshot;
	const struct policy *policy;
	int64_t now_ms;
	date_t today;
	struct buf result;
	int rc;
	struct err_info info;
};

static void
reading_done(void *ctx)
{
	struct reading *r = ctx;
	struct entry *e = entry_find(r->core->runner, r->id);

	r->core->snapshots--;
	if (e != NULL) {
		buf_clear(&e->result);
		e->result = r->result;
		e->result_rc = r->rc;
		e->result_info = r->info;
		e->has_result = true;
		e->is_reading = false;
		e->at_ms = 0;
	} else {
		buf_clear(&r->result);
	}
	policy_free(r->policy);
	free(r);
}

/* What the thread knows of the failure goes back with it. */
static void
reading_failed(struct reading *r)
{
	r->info = *err_last();
	if (r->info.code != r->rc) {
		r->info = (struct err_info){.code = r->rc};
	}
	log_write(LOG_ERROR, "job_read_failed",
		  LOG_TEXT("job", r->kind->name),
		  LOG_TEXT("error", err_word(r->rc)),
		  LOG_TEXT("text", r->info.text));
}

static void
reading_run(void *ctx)
{
	struct reading *r = ctx;
	struct core *core = r->core;
	struct call c = {
		.operation = r->kind->name,
		.caller = {.name = "", .roles = ROLE_INTERNAL},
		.now_ms = r->now_ms,
		.today = r->today,
		.txn = r->snapshot,
		.arena = txn_arena(r->snapshot),
		.keys = core->keys,
		.policy = r->policy,
		.entropy = entropy_system(),
		.core = core,
		.log_slot = SLOT_NONE,
		.reply_slot = SLOT_NONE,
	};
	struct job job;

	r->rc = job_load(&c, r->id, &job);
	if (r->rc == 0) {
		r->rc = r->kind->read(&c, &job, &r->result);
	}
	if (r->rc != 0) {
		reading_failed(r);
	}
	snapshot_close(r->snapshot);
	inbox_post(core->inbox, reading_done, r);
}

static void
reading_ready(void *ctx, int rc, struct txn *snapshot)
{
	struct reading *r = ctx;

	r->snapshot = snapshot;
	if (rc == 0) {
		/* Once it is submitted the reading is the thread's. */
		rc = worker_submit(r->core->readers, reading_run, r);
		if (rc != 0) {
			snapshot_close(snapshot);
		}
	}
	if (rc != 0) {
		r->rc = rc;
		reading_failed(r);
		inbox_post(r->core->inbox, reading_done, r);
	}
}

static int
reading_start(struct core *core, struct entry *e, const struct job_kind *kind)
{
	struct reading *r;
	int rc;

	if (core->snapshots >= SNAPSHOTS_MAX) {
		return err_set(ERR_BUSY, "too many snapshots are open");
	}
	r = calloc(1, sizeof(*r));
	if (r == NULL) {
		return err_set(ERR_NOMEM, "no memory to read");
	}
	*r = (struct reading){
		.core = core,
		.id = e->id,
		.kind = kind,
		.policy = policy_ref(core->policy),
		.now_ms = clock_wall_ms(core->config.clock),
	};
	r->today = decide_today(core->policy, r->now_ms);
	buf_init(&r->result, RESULT_BYTES_MAX);
	e->is_reading = true;
	core->snapshots++;
	rc = store_snapshot(core->store, CALL_ARENA_BYTES_MAX, reading_ready,
			    r);
	if (rc != 0) {
		core->snapshots--;
		e->is_reading = false;
		policy_free(r->policy);
		free(r);
	}
	return rc;
}

struct kind_of {
	struct id id;
	const struct job_kind *kind;
};

static int
kind_of_job(struct call *c, void *arg)
{
	struct kind_of *k = arg;
	struct job job;
	int rc = job_load(c, k->id, &job);

	k->kind = rc == 0 ? kind_find(job.kind) : NULL;
	return rc;
}

static int
read_start(struct core *core, struct id id)
{
	struct kind_of k = {.id = id};
	int rc = core_internal(core, "job", kind_of_job, &k);

	if (rc == 0 && (k.kind == NULL || k.kind->read == NULL)) {
		rc = err_set(ERR_INTERNAL, "this kind of job reads nothing");
	}
	return rc != 0 ? rc
		       : reading_start(core, entry_find(core->runner, id),
				       k.kind);
}

static int
step_failed(struct core *core, struct step *s, struct id id, int rc)
{
	struct failure f = {.step = s, .id = id, .rc = rc, .info = *err_last()};
	size_t n_pending = core->n_pending;

	if (f.info.code != rc) {
		f.info = (struct err_info){.code = rc};
	}
	/* What the state of things refuses, as of somebody who is erased
	 * meanwhile, is an answer and no fault. */
	log_write(err_class_of(rc) == ERR_CLASS_STATE ? LOG_NOTICE : LOG_ERROR,
		  "job_failed", LOG_TEXT("error", err_word(rc)),
		  LOG_TEXT("text", f.info.text));
	s->answers = false;
	rc = core_internal(core, "job", job_fail, &f);
	if (rc == 0) {
		entry_remove(core->runner, id);
	} else {
		answer_take_back(core, s, n_pending);
	}
	return rc;
}

/* Whether it may go better later. */
static bool
is_passing(struct entry *e, int rc)
{
	return err_class_of(rc) == ERR_CLASS_RESOURCE &&
	       e->failures++ < FAILED_TRIES_MAX;
}

static int
entry_run(struct core *core, struct id id)
{
	struct entry *e = entry_find(core->runner, id);
	struct step s = {.core = core, .entry = e, .next = JOB_DONE};
	size_t n_pending = core->n_pending;
	int rc = core_internal(core, "job", job_step, &s);

	if (rc != 0) {
		answer_take_back(core, &s, n_pending);
	}
	/* The step may have added jobs: the entry may lie elsewhere now. */
	e = entry_find(core->runner, id);
	if (rc == ERR_BUSY || rc == ERR_RETRY || rc == ERR_FULL) {
		e->at_ms = clock_wall_ms(core->config.clock) + BUSY_RETRY_MS;
		return 0;
	}
	if (rc != 0 && is_passing(e, rc)) {
		if (e->has_result && e->result_rc != 0) {
			/* What could not be read is read again. */
			buf_clear(&e->result);
			e->has_result = false;
		}
		e->at_ms = clock_wall_ms(core->config.clock) + FAILED_RETRY_MS;
		return rc; /* told to the operator */
	}
	if (rc != 0) {
		return err_class_of(rc) == ERR_CLASS_FATAL
			       ? rc
			       : step_failed(core, &s, id, rc);
	}
	e->failures = 0;
	if (s.is_over || s.next != JOB_AGAIN_KEEP) {
		buf_clear(&e->result);
		e->has_result = false;
	}
	if (s.is_over) {
		entry_remove(core->runner, id);
		return 0;
	}
	switch (s.next) {
	case JOB_AGAIN:
	case JOB_AGAIN_KEEP:
		e->at_ms = 0;
		break;
	case JOB_WAIT:
		e->at_ms = s.not_before_ms == 0 ? INT64_MAX
						: s.not_before_ms;
		break;
	case JOB_SNAPSHOT:
		rc = read_start(core, id);
		if (rc == ERR_BUSY) {
			e = entry_find(core->runner, id);
			e->at_ms = clock_wall_ms(core->config.clock) +
				   BUSY_RETRY_MS;
			rc = 0;
		}
		break;
	case JOB_DONE:
		break;
	}
	return rc;
}

/* The next runnable one after `after`, round and round, so that one long job
 * does not starve the others. */
static struct entry *
entry_due(struct runner *r, size_t *from, int64_t now_ms)
{
	for (size_t i = 0; i < r->n; i++) {
		struct entry *e = &r->items[(*from + i) % r->n];

		if (!e->is_reading && e->at_ms <= now_ms) {
			*from = (*from + i + 1) % r->n;
			return e;
		}
	}
	return NULL;
}

int
runner_turn(struct core *core, int64_t *out_wait_ms)
{
	struct runner *r = core->runner;
	int64_t began_us = clock_boot_us();
	int64_t now_ms = clock_wall_ms(core->config.clock);
	struct entry *e;
	size_t from = 0;
	int rc = 0;

	for (int i = 0; i < STEPS_PER_TURN_MAX && rc == 0; i++) {
		e = entry_due(r, &from, now_ms);
		if (e == NULL || core_is_full(core) ||
		    clock_boot_us() - began_us > TURN_US_MAX) {
			break;
		}
		rc = entry_run(core, e->id);
	}
	for (size_t i = 0; i < r->n; i++) {
		int64_t wait_ms = r->items[i].at_ms == INT64_MAX
					  ? *out_wait_ms
					  : r->items[i].at_ms - now_ms;

		if (!r->items[i].is_reading && wait_ms < *out_wait_ms) {
			*out_wait_ms = wait_ms < 0 ? 0 : wait_ms;
		}
	}
	return rc;
}

/* Loads the rows page by page: what sleeps keeps its time. */
#define LOAD_ROWS 500

struct load {
	struct core *core;
	struct id from;
	bool is_done;
};

static int
runner_load(struct call *c, void *arg)
{
	struct load *l = arg;
	struct range *r;
	struct bytes key;
	struct bytes value;
	struct job job;
	size_t n = 0;
	int rc = range_open(c->txn, TABLE_JOB, bytes_of(NULL, 0),
			    id_is_nil(l->from) ? bytes_of(NULL, 0)
					       : id_bytes(&l->from),
			    0, &r);

	if (rc != 0) {
		return rc;
	}
	l->is_done = true;
	while ((rc = range_next(r, &key, &value)) == 1) {
		struct id id;

		memcpy(id.b, key.p, ID_BYTES);
		if (n++ == LOAD_ROWS) {
			l->from = id;
			l->is_done = false;
			break;
		}
		rc = job_load(c, id, &job);
		if (rc != 0) {
			break;
		}
		/* Whoever waits for a wake-up looks for itself once. */
		runner_add(l->core, id, job.not_before_ms);
	}
	range_close(r);
	return rc < 0 ? rc : 0;
}

int
runner_open(struct core *core)
{
	struct load load = {.core = core};
	int rc = 0;

	core->runner = calloc(1, sizeof(*core->runner));
	if (core->runner == NULL) {
		return err_set(ERR_NOMEM, "no memory for jobs");
	}
	while (rc == 0 && !load.is_done) {
		rc = core_internal(core, "jobs", runner_load, &load);
	}
	return rc;
}

void
runner_close(struct core *core)
{
	if (core->runner == NULL) {
		return;
	}
	for (size_t i = 0; i < core->runner->n; i++) {
		buf_clear(&core->runner->items[i].result);
	}
	free(core->runner->items);
	free(core->runner);
	core->runner = NULL;
}
