/*
 * Moving rows for holds, in steps that may run again. Into HELD: what a mark
 * covers, person by person. Out of an old HELD slot: what is covered still, or
 * kept by the policy without a slot of its own, goes to the fresh one; what is
 * not due yet to its category's; the rest is dropped, and the old slot dies.
 */
#include "retention/hold_move.h"

#include "call/erasure.h"
#include "vault/hold_mark.h"
#include "vault/record.h"

#define STEP_MOVES_MAX 80 /* four writes each */
#define STEP_HEADS_MAX 100
#define STEP_BYTES_MAX (500u * 1024)
#define FETCH_ROWS_MAX 20
#define ERASING_WAIT_MS (10 * MS_PER_SECOND)

struct budget {
	size_t moves;
	size_t bytes;
};

static bool
is_spent(const struct budget *b)
{
	return b->moves >= STEP_MOVES_MAX || b->bytes >= STEP_BYTES_MAX;
}

static int
state_id(struct call *c, struct value *state, const char *name, struct id id)
{
	char *text = arena_alloc(c->arena, ID_TEXT_BYTES);

	return text == NULL ? ERR_NOMEM
			    : value_add(state, c->arena, name,
					value_text(id_print(id, text)));
}

static int
state_read_id(const struct value *state, const char *name, struct id *out)
{
	const char *text = value_get_text(state, name);

	if (text == NULL || id_parse(text, out) != 0) {
		return err_set(ERR_CORRUPT, "the state of a job");
	}
	return 0;
}

/* Rows of one category into HELD; they leave the slot, so that a later step
 * finds the rest. */
static int
category_move(struct vault *v, struct subject *s,
	      const struct policy_category *category, struct budget *spent)
{
	struct record *rows;
	struct bytes last;
	size_t n = 1;
	int rc = 0;

	while (rc == 0 && n > 0 && !is_spent(spent)) {
		rc = record_rows(v, subject_slot(s, category), category->id,
				 bytes_of(NULL, 0), FETCH_ROWS_MAX, &rows, &n,
				 &last);
		if (rc == 0 && n > 0) {
			rc = subject_need_held(v, s);
		}
		for (size_t i = 0; rc == 0 && i < n && !is_spent(spent); i++) {
			spent->moves++;
			spent->bytes += rows[i].row_bytes;
			rc = rows[i].data.kind == VALUE_OBJECT
				     ? record_move(v, s, &rows[i], s->held,
						   rows[i].due)
				     : record_delete(v, &rows[i]);
		}
	}
	return rc;
}

/* *out_done: all that marks cover lies under HELD. */
static int
person_move(struct vault *v, struct subject *s, struct budget *spent,
	    bool *out_done)
{
	slot_t before = s->held;
	int rc = 0;

	*out_done = false;
	for (size_t i = 0; i < v->policy->n_categories && rc == 0; i++) {
		const struct policy_category *category =
			&v->policy->categories[i];
		bool held;

		rc = hold_mark_has(v, s, category->id, &held);
		if (rc == 0 && held) {
			rc = category_move(v, s, category, spent);
		}
	}
	if (rc == 0 && s->held != before) {
		rc = subject_save(v, s);
	}
	*out_done = !is_spent(spent);
	return rc;
}

/* Heads from *at on; *at is where the next step goes on, nil at the end. */
static int
heads_from(struct vault *v, struct id *at, struct subject **out, size_t *out_n)
{
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	struct id next = {{0}};
	size_t heads = 0;
	size_t n = 0;
	int rc = range_open(v->txn, TABLE_SUBJECT, bytes_of(NULL, 0),
			    id_bytes(at), 0, &r);

	while (rc == 0 && (rc = range_next(r, &key, &row)) == 1) {
		if (heads++ == STEP_HEADS_MAX) {
			memcpy(next.b, key.p,
			       key.n < ID_BYTES ? key.n : ID_BYTES);
			rc = 0;
			break;
		}
		rc = subject_open_row(v, key, row, &out[n]);
		n += rc == 0 && !out[n]->erasing ? 1 : 0;
		rc = rc == ERR_NOT_FOUND ? 0 : rc;
	}
	range_close(r);
	*out_n = n;
	*at = next;
	return rc < 0 ? rc : 0;
}

static int
everybody_move(struct vault *v, struct id *at)
{
	struct subject *heads[STEP_HEADS_MAX];
	struct budget spent = {0};
	struct id next = *at;
	size_t n = 0;
	int rc = heads_from(v, &next, heads, &n);

	for (size_t i = 0; i < n && rc == 0; i++) {
		bool done;

		rc = person_move(v, heads[i], &spent, &done);
		if (rc == 0 && !done) {
			*at = heads[i]->id;
			return 0;
		}
	}
	*at = next;
	return rc;
}

int
hold_move_begin(struct call *c, const struct hold *h, struct id *out_job)
{
	struct value state = value_object();
	int rc = state_id(c, &state, "hold", h->id);

	if (rc == 0 && id_is_nil(h->subject)) {
		rc = state_id(c, &state, "at", (struct id){{0}});
	}
	return rc != 0 ? rc
		       : job_start(c, hold_move_job.name, state, out_job);
}

/* The person it is over; gone, or about to be: nothing is left to move, the
 * erasure keeps what is marked. */
static int
subject_step(struct call *c, const struct hold *h, bool *out_done)
{
	struct vault v = call_vault(c);
	struct budget spent = {0};
	struct subject *s;
	int rc = subject_load(&v, h->subject, &s);

	if (rc == ERR_NOT_FOUND || rc == ERR_STATE) {
		err_clear();
		*out_done = true;
		return 0;
	}
	return rc != 0 ? rc : person_move(&v, s, &spent, out_done);
}

static int
everybody_step(struct call *c, struct job *job, const struct hold *h,
	       bool *out_done)
{
	struct vault v = call_vault(c);
	struct value state = value_object();
	struct id at;
	int rc = state_read_id(&job->state, "at", &at);

	if (rc == 0) {
		rc = everybody_move(&v, &at);
	}
	if (rc == 0) {
		*out_done = id_is_nil(at);
		rc = state_id(c, &state, "hold", h->id);
	}
	if (rc == 0) {
		rc = state_id(c, &state, "at", at);
	}
	job->state = rc == 0 ? state : job->state;
	return rc;
}

static int
hold_move_step(struct call *c, struct job *job, enum job_next *out_next)
{
	struct hold_place_out *out = ARENA_NEW(c->arena, struct hold_place_out);
	bool done = false;
	struct hold h;
	struct id id;
	int rc = state_read_id(&job->state, "hold", &id);

	if (out == NULL) {
		return ERR_NOMEM;
	}
	if (rc == 0) {
		rc = hold_load(c, id, &h);
	}
	if (rc == 0) {
		rc = id_is_nil(h.subject) ? everybody_step(c, job, &h, &done)
					  : subject_step(c, &h, &done);
	}
	if (rc != 0) {
		return rc;
	}
	*out_next = done ? JOB_DONE : JOB_AGAIN;
	if (!done) {
		return 0;
	}
	h.moving = false;
	rc = hold_save(c, &h);
	if (rc == 0) {
		rc = hold_place_out_of(c, &h, out);
	}
	job->answer = out;
	return rc;
}

const struct job_kind hold_move_job = {"hold.move", hold_move_step, NULL};

static bool
slot_is_dead(const struct subject *s, const struct policy_category *category)
{
	return (s->dead_slots >> (subject_slot(s, category) - s->base) & 1) !=
	       0;
}

/* Where a row out of an old HELD slot goes. */
static int
row_renew(struct vault *v, struct subject *s, const struct record *r)
{
	bool due = r->due != DAY_NONE && r->due <= v->today;
	bool held = false;
	bool dead;
	int rc;

	if (r->category == NULL || r->data.kind != VALUE_OBJECT) {
		return record_delete(v, r);
	}
	rc = hold_mark_has(v, s, r->category_id, &held);
	if (rc != 0) {
		return rc;
	}
	dead = slot_is_dead(s, r->category);
	if (held || (!due && dead && r->category->kept_on_request != NULL)) {
		rc = subject_need_held(v, s);
		return rc != 0 ? rc : record_move(v, s, r, s->held, r->due);
	}
	if (due || dead) {
		return record_delete(v, r);
	}
	rc = record_move(v, s, r, subject_slot(s, r->category), r->due);
	if (rc == ERR_EXPIRED) {
		err_clear();
		rc = record_delete(v, r);
	}
	return rc;
}

static int
renew_some(struct vault *v, struct subject *s, slot_t old, bool *out_done)
{
	struct budget spent = {0};
	struct record *rows;
	slot_t before = s->held;
	struct bytes last;
	size_t n = 1;
	int rc = 0;

	while (rc == 0 && n > 0 && !is_spent(&spent)) {
		rc = record_rows(v, old, 0, bytes_of(NULL, 0), FETCH_ROWS_MAX,
				 &rows, &n, &last);
		for (size_t i = 0; rc == 0 && i < n && !is_spent(&spent); i++) {
			spent.moves++;
			spent.bytes += rows[i].row_bytes;
			rc = row_renew(v, s, &rows[i]);
		}
	}
	if (rc == 0 && s->held != before) {
		rc = subject_save(v, s);
	}
	*out_done = n == 0;
	return rc;
}

static int
renew_job(struct call *c, const struct subject *s, slot_t old)
{
	struct value state = value_object();
	struct id job;
	int rc = state_id(c, &state, "subject", s->id);

	if (rc == 0) {
		rc = value_add(&state, c->arena, "old",
			       value_int((int64_t)old));
	}
	return rc != 0 ? rc
		       : job_start(c, hold_renew_job.name, state, &job);
}

/* The first rows at once, so that nobody sees a person between two slots
 * unless there is much to move. */
int
hold_renew_begin(struct call *c, struct subject *s)
{
	struct vault v = call_vault(c);
	struct id nobody = {{0}};
	slot_t old = s->held;
	bool done;
	int rc;

	if (old == SLOT_NONE) {
		return subject_save(&v, s);
	}
	if (s->head_slot == old) {
		/* Of somebody erased: LOG lives as long as anything does. */
		s->head_slot = s->base + SLOT_LOG;
	}
	s->held = SLOT_NONE;
	rc = subject_save(&v, s);
	if (rc == 0) {
		rc = renew_some(&v, s, old, &done);
	}
	if (rc == 0 && done) {
		rc = erasure_queue(c, &old, 1, nobody);
		done = rc == 0;
		if (rc == ERR_STATE) {
			err_clear();
			rc = 0;
		}
	}
	return rc != 0 || done ? rc : renew_job(c, s, old);
}

static int
hold_renew_step(struct call *c, struct job *job, enum job_next *out_next)
{
	const struct value *number = value_get(&job->state, "old");
	struct vault v = call_vault(c);
	struct id nobody = {{0}};
	struct subject *s;
	bool done = true;
	slot_t old;
	struct id id;
	int rc = state_read_id(&job->state, "subject", &id);

	if (rc != 0 || number == NULL || number->kind != VALUE_INT) {
		return err_set(ERR_CORRUPT, "the state of a job");
	}
	old = (slot_t)number->number;
	rc = subject_load(&v, id, &s);
	if (rc == ERR_STATE) {
		/* Being erased: what is left is looked at when it is over. */
		err_clear();
		job->not_before_ms = c->now_ms + ERASING_WAIT_MS;
		*out_next = JOB_WAIT;
		return 0;
	}
	if (rc == 0) {
		rc = renew_some(&v, s, old, &done);
	} else if (rc == ERR_NOT_FOUND) {
		struct record_tally *tally =
			ARENA_NEW(c->arena, struct record_tally);
		bool more = false;

		err_clear();
		rc = tally == NULL ? ERR_NOMEM
				   : record_delete_all_of(&v, old, 0,
							  STEP_MOVES_MAX,
							  tally, &more);
		done = !more;
	}
	if (rc != 0) {
		return rc;
	}
	*out_next = done ? JOB_DONE : JOB_AGAIN;
	if (!done) {
		return 0;
	}
	rc = erasure_queue(c, &old, 1, nobody);
	if (rc == ERR_STATE) {
		/* A gap of a restore: nothing is destroyed until it is seen. */
		err_clear();
		job->not_before_ms = c->now_ms + MS_PER_HOUR;
		*out_next = JOB_WAIT;
		rc = 0;
	}
	return rc;
}

const struct job_kind hold_renew_job = {"hold.renew", hold_renew_step, NULL};

/* Whether HELD has a row that is due, or not covered, and so has no business
 * there any more. Looks at the first rows alone: a later walk sees the rest. */
static int
has_loose(struct vault *v, const struct subject *s, bool after_release,
	  bool *out)
{
	struct record *rows;
	struct bytes last;
	size_t n;
	int rc = record_rows(v, s->held, 0, bytes_of(NULL, 0), FETCH_ROWS_MAX,
			     &rows, &n, &last);

	*out = false;
	for (size_t i = 0; rc == 0 && i < n && !*out; i++) {
		bool held;

		rc = hold_mark_has(v, s, rows[i].category_id, &held);
		*out = rc == 0 && !held &&
		       (after_release || (rows[i].due != DAY_NONE &&
					  rows[i].due <= v->today));
	}
	return rc;
}

int
hold_walk_begin(struct call *c)
{
	struct value state = value_object();
	struct id job;
	int rc = state_id(c, &state, "at", (struct id){{0}});

	return rc != 0 ? rc : job_start(c, hold_walk_job.name, state, &job);
}

#define WALK_ASKED_MAX 20

static int
hold_walk_step(struct call *c, struct job *job, enum job_next *out_next)
{
	struct subject *heads[STEP_HEADS_MAX];
	struct vault v = call_vault(c);
	struct value state = value_object();
	size_t asked = 0;
	struct id at;
	size_t n = 0;
	int rc = state_read_id(&job->state, "at", &at);

	if (rc == 0) {
		rc = heads_from(&v, &at, heads, &n);
	}
	for (size_t i = 0; i < n && rc == 0; i++) {
		bool loose = false;

		if (heads[i]->held == SLOT_NONE) {
			continue;
		}
		if (asked++ == WALK_ASKED_MAX) {
			at = heads[i]->id;
			break;
		}
		rc = has_loose(&v, heads[i],
			       heads[i]->dead_slots == 0, &loose);
		if (rc == 0 && loose) {
			/* One a step: it may be much. The walk goes on with
			 * the same person, who is in order then. */
			rc = hold_renew_begin(c, heads[i]);
			at = heads[i]->id;
			break;
		}
	}
	if (rc == 0) {
		rc = state_id(c, &state, "at", at);
	}
	job->state = rc == 0 ? state : job->state;
	*out_next = id_is_nil(at) ? JOB_DONE : JOB_AGAIN;
	return rc;
}

const struct job_kind hold_walk_job = {"hold.walk", hold_walk_step, NULL};
