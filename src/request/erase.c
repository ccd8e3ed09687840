/*
 * Erasing a person: a job of small steps. What must survive is sealed again
 * first; then the keys are destroyed, and that is the erasure; then the rows
 * go. Whoever asked is answered after that. What keeps and what goes is
 * plan.c's to say, the batch of keys call/erasure.h's.
 */
#include "request/fulfil.h"

#include "call/erasure.h"
#include "keyring/slots.h"
#include "navigation/held.h"
#include "request/erase_end.h"
#include "request/erase_rows.h"
#include "request/plan.h"
#include "request/tell.h"

/* A fresh HELD slot for what stays. */
static int
keeping_begin(struct call *c, struct erasing *e, struct subject *s)
{
	int rc = e->keeps ? 0 : slots_take_one(c->txn, c->keys, &s->held);

	if (rc != 0) {
		return rc;
	}
	e->keeps = true;
	e->held = s->held;
	/* What counts from the end of the account counts from now. */
	if (s->account != ACCOUNT_CLOSED) {
		s->account = ACCOUNT_CLOSED;
		s->account_since_ms = c->now_ms;
		s->account_reason = "erasure";
		s->account_end = c->today;
	}
	return 0;
}

/* The person is refused to everybody from here on; unless another erasure, or
 * the end of a hold, has to be over first: phase BEGIN then. */
static int
person_mark(struct call *c, struct request *r, struct erasing *e)
{
	struct vault v = call_vault(c);
	struct erase_plan plan;
	struct subject *s;
	int rc = subject_load_erasing(&v, r->subject, &s);

	if (rc == ERR_NOT_FOUND) {
		/* The keys are gone already: what is left are rows. */
		err_clear();
		e->phase = ERASE_ROWS;
		return 0;
	}
	if (rc == 0 && (s->erasing || s->held_old != SLOT_NONE)) {
		e->phase = ERASE_BEGIN;
		return 0;
	}
	if (rc == 0) {
		rc = plan_make(c, s, false, &plan);
	}
	if (rc != 0) {
		return rc;
	}
	e->held_old = s->held;
	s->held_old = s->held;
	s->held = SLOT_NONE;
	s->erasing = true;
	e->phase = ERASE_MOVE;
	r->kept = plan.kept;
	r->n_kept = plan.n_kept;
	if (plan.n_kept > 0) {
		rc = keeping_begin(c, e, s);
	}
	return rc != 0 ? rc : subject_save(&v, s);
}

/* Its turn has come, or it is tried again soon. */
static int
begin_step(struct call *c, struct erasing *e, struct request *r)
{
	int rc = person_mark(c, r, e);

	if (rc == 0 && e->phase == ERASE_BEGIN) {
		return err_set(ERR_BUSY, "the person's records are moved");
	}
	return rc != 0 ? rc : request_save(c, r);
}

/* The person's own slots, the last to be queued. With something kept, the
 * head is sealed under its slot first, and LOG lives on. */
static int
own_slots(struct call *c, struct erasing *e, struct subject *s)
{
	struct vault v = call_vault(c);

	e->slots[e->n_slots++] = s->base + SLOT_PROFILE;
	e->slots[e->n_slots++] = s->base + SLOT_ACTIVITY;
	e->slots[e->n_slots++] = s->base + SLOT_BILLING;
	if (!e->keeps) {
		e->slots[e->n_slots++] = s->base + SLOT_LOG;
	}
	if (e->held_old != SLOT_NONE) {
		e->slots[e->n_slots++] = e->held_old;
	}
	e->is_last = true;
	if (!e->keeps) {
		return 0;
	}
	s->head_slot = s->held;
	s->held_old = SLOT_NONE;
	s->dead_slots |= 1u << SLOT_PROFILE | 1u << SLOT_ACTIVITY |
			 1u << SLOT_BILLING;
	s->n_buckets = 0;
	return subject_save(&v, s);
}

/* Gathers slots; what they sealed is sealed again elsewhere by then. */
static int
leave_step(struct call *c, struct erasing *e, const struct request *r,
	   struct subject *s)
{
	bool more;
	int rc = erase_leave(c, e, r, s, &more);

	if (rc == 0 && !more) {
		rc = own_slots(c, e, s);
	}
	e->phase = ERASE_QUEUE;
	return rc;
}

/* The same of a visitor whom nobody knows. */
static int
visitor_step(struct call *c, struct erasing *e, struct request *r)
{
	struct vault v = call_vault(c);
	int rc = request_erase_check(c, r);

	if (rc == 0) {
		rc = visitor_unindex(&v, e->only_visitor, false, e->slots,
				     &e->n_slots);
	}
	if (rc == ERR_NOT_FOUND) {
		/* Gone meanwhile: what is left are rows. */
		err_clear();
		e->phase = ERASE_ROWS;
		return 0;
	}
	e->is_last = true;
	e->phase = ERASE_QUEUE;
	return rc;
}

/* Of the slots that were gathered those which what is kept may lie under are
 * gathered again; the others sealed what has moved. */
static int
slots_spare(struct call *c, struct erasing *e, slot_t base)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_slots; i++) {
		slot_t slot = e->slots[i];

		if (slot != e->held_old &&
		    (slot < base || slot >= base + SLOT_PARTS)) {
			e->slots[n++] = slot;
		}
	}
	e->n_slots = n;
	return visits_slots_spare(c, e->slots, &e->n_slots);
}

/* A hold that came since the plan was made covers what is here still: back to
 * moving. */
static int
late_hold(struct call *c, struct erasing *e, struct request *r, bool *out_any)
{
	struct vault v = call_vault(c);
	struct subject *s;
	int rc;

	*out_any = false;
	if (id_is_nil(r->subject)) {
		return 0;
	}
	rc = subject_load_erasing(&v, r->subject, &s);
	if (rc == 0) {
		rc = erase_keep_late(c, e, r, s, out_any);
	}
	if (rc != 0 || !*out_any) {
		return rc;
	}
	e->phase = ERASE_MOVE;
	e->part = 0;
	e->visitor = SLOT_NONE;
	e->is_last = false;
	s->held_old = e->held_old;
	rc = slots_spare(c, e, s->base);
	if (rc == 0) {
		rc = keeping_begin(c, e, s);
	}
	if (rc == 0) {
		rc = subject_save(&v, s);
	}
	return rc != 0 ? rc : request_save(c, r);
}

static int
queue_step(struct call *c, struct erasing *e, struct request *r, struct id job,
	   enum job_next *next)
{
	bool stopped;
	bool late = false;
	int rc = erasure_is_stopped(c->txn, &stopped);

	if (rc == 0 && stopped) {
		/* Begun in what was restored: tried again until it was seen. */
		return err_set(ERR_BUSY, "nothing is destroyed until the gap "
					 "of a restore is acknowledged");
	}
	if (rc == 0) {
		rc = late_hold(c, e, r, &late);
	}
	if (rc == 0 && e->n_slots > 0) {
		rc = erasure_queue(c, e->slots, e->n_slots, job);
	}
	e->n_slots = 0;
	if (rc != 0 || late) {
		return rc;
	}
	e->phase = e->is_last ? ERASE_WAIT : ERASE_LEAVE;
	*next = e->is_last ? JOB_WAIT : JOB_AGAIN;
	return rc;
}

/* Woken, or started again after a crash: is the batch through? */
static int
wait_step(struct call *c, struct erasing *e, slot_t base, enum job_next *next)
{
	bool queued;
	slot_t last = e->only_visitor != SLOT_NONE ? e->only_visitor
						   : base + SLOT_PROFILE;
	int rc = erasure_is_queued(c, last, &queued);

	if (rc == 0 && queued) {
		*next = JOB_WAIT;
		return 0;
	}
	e->phase = ERASE_ROWS;
	e->part = 0;
	e->visitor = SLOT_NONE;
	return rc;
}

static int
alive_step(struct call *c, struct erasing *e, struct request *r)
{
	struct vault v = call_vault(c);
	size_t told_before = r->n_told;
	struct subject *s;
	bool more = false;
	int rc = subject_load_erasing(&v, r->subject, &s);

	if (rc != 0) {
		return rc;
	}
	switch (e->phase) {
	case ERASE_MOVE:
		rc = erase_move(c, e, r, s, &more);
		e->phase = more ? ERASE_MOVE : ERASE_TELL;
		return rc;
	case ERASE_TELL:
		rc = tell_recipients(c, r, s->base, "erasure", NULL,
				     &e->after, &e->told, &more);
		if (rc == 0 && r->n_told > told_before) {
			rc = request_save(c, r);
		}
		e->phase = more ? ERASE_TELL : ERASE_LEAVE;
		return rc;
	case ERASE_LEAVE:
		return leave_step(c, e, r, s);
	case ERASE_BEGIN:
	case ERASE_QUEUE:
	case ERASE_WAIT:
	case ERASE_ROWS:
	case ERASE_DONE:
		break;
	}
	return err_set(ERR_INTERNAL, "a step of no phase");
}

static int
phase_run(struct call *c, struct job *job, struct erasing *e,
	  struct request *r, enum job_next *next)
{
	bool more = false;
	int rc = 0;

	switch (e->phase) {
	case ERASE_BEGIN:
		return begin_step(c, e, r);
	case ERASE_MOVE:
	case ERASE_TELL:
	case ERASE_LEAVE:
		return e->only_visitor != SLOT_NONE ? visitor_step(c, e, r)
						    : alive_step(c, e, r);
	case ERASE_QUEUE:
		return queue_step(c, e, r, job->id, next);
	case ERASE_WAIT:
		return wait_step(c, e, r->subject_base, next);
	case ERASE_ROWS:
		rc = erase_remove(c, e, r->subject_base, &more);
		e->phase = more ? ERASE_ROWS : ERASE_DONE;
		return rc;
	case ERASE_DONE:
		*next = JOB_DONE;
		return erase_end(c, e, r, job);
	}
	return err_set(ERR_INTERNAL, "a step of no phase");
}

/* Most people have little: phases that write few rows share a step, so that
 * the job's row and the request's are not written for each. What is sealed
 * again and the slots that it left stand in one write set then, and no batch
 * runs before that is durable. */
static int
phases_run(struct call *c, struct job *job, struct erasing *e,
	   struct request *r, enum job_next *next)
{
	int rc;

	do {
		rc = phase_run(c, job, e, r, next);
	} while (rc == 0 && *next == JOB_AGAIN && txn_is_light(c->txn));
	return rc;
}

static int
erase_step(struct call *c, struct job *job, enum job_next *out_next)
{
	enum job_next next = JOB_AGAIN;
	struct erasing e;
	struct request *r;
	int rc = erasing_unpack(&job->state, &e);

	if (rc == 0) {
		rc = request_load(c, e.request, &r);
	}
	if (rc == 0) {
		rc = phases_run(c, job, &e, r, &next);
	}
	job->not_before_ms = 0;
	if (rc == 0 && next != JOB_DONE) {
		rc = erasing_pack(&e, c->arena, &job->state);
	}
	if (rc == 0) {
		*out_next = next;
	}
	return rc;
}

const struct job_kind request_erase_job = {"request.erase", erase_step, NULL};

/* Up to where the batch is waited for, or to where others must be. */
static int
begin_at_once(struct call *c, struct job *job, struct erasing *e,
	      struct request *r, enum job_next *next)
{
	int rc = 0;

	while (rc == 0 && *next == JOB_AGAIN && e->phase > ERASE_BEGIN &&
	       e->phase < ERASE_WAIT && txn_is_light(c->txn)) {
		rc = phase_run(c, job, e, r, next);
	}
	return rc;
}

int
request_erase_begin(struct call *c, struct request *r, bool at_once,
		    struct id *out_job)
{
	struct erasing e = {.request = r->id,
			    .held = SLOT_NONE,
			    .held_old = SLOT_NONE,
			    .visitor = SLOT_NONE,
			    .only_visitor = SLOT_NONE};
	struct job job = {.id = call_new_id(c)};
	enum job_next next = JOB_AGAIN;
	struct value state;
	int rc = 0;

	if (id_is_nil(r->subject)) {
		e.only_visitor = r->visitor_slot;
		e.phase = r->visitor_slot == SLOT_NONE ? ERASE_DONE
						       : ERASE_LEAVE;
	} else {
		rc = person_mark(c, r, &e);
	}
	if (rc == 0 && at_once) {
		rc = begin_at_once(c, &job, &e, r, &next);
	}
	if (rc == 0) {
		rc = erasing_pack(&e, c->arena, &state);
	}
	if (rc == 0) {
		rc = job_start_as(c, job.id, request_erase_job.name, state,
				  next);
	}
	if (rc != 0) {
		return rc;
	}
	r->job = job.id;
	r->alarms[ALARM_COOL_OFF] = 0;
	*out_job = job.id;
	return request_save(c, r);
}

/* Whether something that was kept need not be any more. */
static int
rest_is_free(struct call *c, const struct request *r, bool *out)
{
	struct vault v = call_vault(c);
	struct subject *s;
	int rc = subject_load_erasing(&v, r->subject, &s);

	*out = rc == ERR_NOT_FOUND;
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return 0;
	}
	for (size_t i = 0; i < r->n_kept && rc == 0; i++) {
		const struct policy_category *category =
			policy_category(c->policy, r->kept[i].category);
		const char *basis = NULL;

		if (category != NULL) {
			rc = plan_basis(c, s, category, &basis);
		}
		/* Policy's until is a day in advance, a hold's may change. */
		if (rc == 0 &&
		    (basis == NULL ||
		     (strcmp(basis, KEPT_LEGAL_HOLD) != 0 &&
		      r->kept[i].has_until && r->kept[i].until <= c->today))) {
			*out = true;
		}
	}
	return rc;
}

int
request_erase_rest(struct call *c, struct request *r)
{
	struct id job;
	bool is_free;
	int rc = request_job_check(c, r);

	if (rc == 0) {
		rc = rest_is_free(c, r, &is_free);
	}
	r->alarms[ALARM_KEPT] = c->now_ms + MS_PER_DAY;
	if (rc == ERR_STATE) {
		/* The last one is still at work. */
		err_clear();
		return request_save(c, r);
	}
	if (rc == 0) {
		rc = is_free ? request_erase_begin(c, r, false, &job)
			     : request_save(c, r);
	}
	return rc;
}
