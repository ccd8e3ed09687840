/* Into HELD, in steps that may run again: what a mark covers, person by
 * person. The way out is hold_renew.c's. */
#include "retention/hold_move.h"

#include "navigation/held.h"
#include "vault/hold_mark.h"
#include "vault/record.h"

#define WAIT_MS MS_PER_SECOND /* for an erasure; visits wake it */

bool
hold_is_spent(const struct hold_budget *b)
{
	return b->moves >= HOLD_MOVE_ROWS_MAX || b->bytes >= HOLD_MOVE_BYTES_MAX;
}

int
hold_state_add(struct call *c, struct value *state, const char *name,
	       struct id id)
{
	char *text = arena_alloc(c->arena, ID_TEXT_BYTES);

	return text == NULL ? ERR_NOMEM
			    : value_add(state, c->arena, name,
					value_text(id_print(id, text)));
}

int
hold_state_id(const struct value *state, const char *name, struct id *out)
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
	      const struct policy_category *category, struct hold_budget *spent)
{
	struct record *rows;
	struct bytes last;
	size_t n = 1;
	int rc = 0;

	while (rc == 0 && n > 0 && !hold_is_spent(spent)) {
		rc = record_rows(v, subject_slot(s, category), category->id,
				 bytes_of(NULL, 0), HOLD_FETCH_MAX, &rows, &n,
				 &last);
		if (rc == 0 && n > 0) {
			rc = subject_need_held(v, s);
		}
		for (size_t i = 0; rc == 0 && i < n && !hold_is_spent(spent); i++) {
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
person_move(struct vault *v, struct subject *s, struct hold_budget *spent,
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
	*out_done = !hold_is_spent(spent);
	return rc;
}

int
hold_heads(struct vault *v, struct id *at, struct subject **out, size_t *out_n)
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
		if (heads++ == HOLD_HEADS_MAX) {
			memcpy(next.b, key.p,
			       key.n < ID_BYTES ? key.n : ID_BYTES);
			rc = 0;
			break;
		}
		rc = subject_open_row(v, key, row, &out[n]);
		n += rc == 0 ? 1 : 0;
		rc = rc == ERR_NOT_FOUND ? 0 : rc;
	}
	range_close(r);
	*out_n = n;
	*at = next;
	return rc < 0 ? rc : 0;
}

/* An erasure keeps what is marked, at its own pace: *out_waits until it is
 * over, for a day must not die before. */
static int
everybody_move(struct vault *v, struct id *at, bool *out_waits)
{
	struct subject *heads[HOLD_HEADS_MAX];
	struct hold_budget spent = {0};
	struct id next = *at;
	size_t n = 0;
	int rc = hold_heads(v, &next, heads, &n);

	*out_waits = false;
	for (size_t i = 0; i < n && rc == 0; i++) {
		bool done = false;

		*out_waits = heads[i]->erasing;
		if (!heads[i]->erasing) {
			rc = person_move(v, heads[i], &spent, &done);
		}
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
	int rc = hold_state_add(c, &state, "hold", h->id);

	if (rc == 0 && id_is_nil(h->subject)) {
		rc = hold_state_add(c, &state, "at", (struct id){{0}});
	}
	return rc != 0 ? rc
		       : job_start(c, hold_move_job.name, state, out_job);
}

/* The person it is over. Gone: nothing is left to move. */
static int
subject_step(struct call *c, const struct hold *h, enum job_next *next)
{
	struct vault v = call_vault(c);
	struct hold_budget spent = {0};
	struct subject *s;
	bool done = true;
	int rc = subject_load_erasing(&v, h->subject, &s);

	if (rc == ERR_NOT_FOUND) {
		err_clear();
		rc = 0;
	} else if (rc == 0 && s->erasing) {
		*next = JOB_WAIT;
		return 0;
	} else if (rc == 0) {
		rc = person_move(&v, s, &spent, &done);
	}
	*next = done ? JOB_DONE : JOB_AGAIN;
	return rc;
}

static int
everybody_step(struct call *c, struct job *job, const struct hold *h,
	       enum job_next *next)
{
	struct vault v = call_vault(c);
	struct value state = value_object();
	bool waits = false;
	struct id at;
	int rc = hold_state_id(&job->state, "at", &at);

	if (rc == 0) {
		rc = everybody_move(&v, &at, &waits);
	}
	if (rc == 0) {
		*next = waits		  ? JOB_WAIT
			: id_is_nil(at) ? JOB_DONE
					: JOB_AGAIN;
		rc = hold_state_add(c, &state, "hold", h->id);
	}
	if (rc == 0) {
		rc = hold_state_add(c, &state, "at", at);
	}
	job->state = rc == 0 ? state : job->state;
	return rc;
}

static int
hold_move_step(struct call *c, struct job *job, enum job_next *out_next)
{
	struct hold_place_out *out = ARENA_NEW(c->arena, struct hold_place_out);
	bool visits = false;
	struct hold h;
	struct id id;
	int rc = hold_state_id(&job->state, "hold", &id);

	if (out == NULL) {
		return ERR_NOMEM;
	}
	if (rc == 0) {
		rc = hold_load(c, id, &h);
	}
	if (rc == 0) {
		rc = id_is_nil(h.subject)
			     ? everybody_step(c, job, &h, out_next)
			     : subject_step(c, &h, out_next);
	}
	if (rc == 0 && *out_next == JOB_DONE && hold_has_visits(c, &h)) {
		rc = visits_are_settling(c, &visits);
		*out_next = visits ? JOB_WAIT : JOB_DONE;
	}
	job->not_before_ms = c->now_ms + WAIT_MS;
	if (rc != 0 || *out_next != JOB_DONE) {
		return rc;
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
