/* Rows of jobs. What runs them, and when, is the service's business. */

#include "base/pack.h"
#include "call/call.h"

#define JOB_SCHEMA 1
#define JOB_PACKED_BYTES_MAX 65536u

static struct seal_context
job_context(struct id id)
{
	return (struct seal_context){
		.type = SEAL_JOB,
		.slot = SLOT_SYSTEM,
		.record = id,
		.day = DAY_NONE,
		.schema = JOB_SCHEMA,
	};
}

static void
runnable_add(struct call *c, struct id id)
{
	/* One more than fits is found by the next look at all jobs. */
	if (c->n_runnable < CALL_JOBS_MAX) {
		c->runnable[c->n_runnable++] = id;
	}
}

int
job_save(struct call *c, const struct job *job)
{
	struct seal_context context = job_context(job->id);
	struct packer p = {0};
	struct buf plain;
	struct bytes sealed;

	buf_init(&plain, JOB_PACKED_BYTES_MAX);
	p.to = &plain;
	pack_text(&p, job->kind);
	pack_i64(&p, job->not_before_ms);
	pack_id(&p, job->answers_call);
	pack_u32(&p, job->answers_caller);
	pack_text(&p, job->answers_operation);
	pack_u64(&p, job->answers_slot);
	pack_raw(&p, job->answers_print, sizeof(job->answers_print));
	if (p.rc == 0) {
		p.rc = value_pack(&job->state, &plain);
	}
	if (p.rc == 0) {
		p.rc = seal_make(c->keys, &context, buf_bytes(&plain),
				 c->arena, &sealed);
	}
	if (p.rc == 0) {
		p.rc = txn_put(c->txn, TABLE_JOB, id_bytes(&job->id), sealed);
	}
	buf_clear(&plain);
	return p.rc;
}

int
job_load(struct call *c, struct id id, struct job *out)
{
	struct seal_context context = job_context(id);
	struct job job = {.id = id};
	struct unpacker u = {0};
	struct bytes b;
	int rc = txn_get(c->txn, TABLE_JOB, id_bytes(&id), &b);

	if (rc == 0) {
		rc = seal_open(c->keys, &context, b, c->arena, &u.from);
	}
	if (rc != 0) {
		return rc;
	}
	job.kind = unpack_text(&u, c->arena);
	job.not_before_ms = unpack_i64(&u);
	job.answers_call = unpack_id(&u);
	job.answers_caller = unpack_u32(&u);
	job.answers_operation = unpack_text(&u, c->arena);
	job.answers_slot = unpack_u64(&u);
	b = unpack_raw(&u, sizeof(job.answers_print));
	if (u.rc == 0) {
		memcpy(job.answers_print, b.p, b.n);
		u.rc = value_unpack(u.from, c->arena, &job.state);
	}
	if (u.rc == 0 && job.kind == NULL) {
		u.rc = err_set(ERR_CORRUPT, "a job without a kind");
	}
	if (u.rc == 0) {
		*out = job;
	}
	return u.rc;
}

int
job_delete(struct call *c, struct id id)
{
	return txn_del(c->txn, TABLE_JOB, id_bytes(&id));
}

int
job_start_as(struct call *c, struct id id, const char *kind,
	     struct value state, enum job_next next)
{
	struct job job = {
		.id = id,
		.kind = kind,
		.state = state,
		.answers_slot = SLOT_NONE,
	};
	int rc = job_save(c, &job);

	if (rc == 0 && next != JOB_WAIT) {
		runnable_add(c, id);
	}
	return rc;
}

int
job_start(struct call *c, const char *kind, struct value state,
	  struct id *out_job)
{
	struct id id = call_new_id(c);
	int rc = job_start_as(c, id, kind, state, JOB_AGAIN);

	if (rc == 0) {
		*out_job = id;
	}
	return rc;
}

void
job_answers(struct call *c, struct id job)
{
	c->deferred_to = job;
}

int
job_wake(struct call *c, struct id id)
{
	struct job job;
	int rc = job_load(c, id, &job);

	if (rc == ERR_NOT_FOUND) {
		return 0;
	}
	if (rc == 0 && job.not_before_ms != 0) {
		job.not_before_ms = 0;
		rc = job_save(c, &job);
	}
	if (rc == 0) {
		runnable_add(c, id);
	}
	return rc;
}
