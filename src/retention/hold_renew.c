/*
 * Out of HELD, in steps that may run again. When holds end, a person gets a
 * fresh HELD slot and the old one is emptied: what is covered still, or kept by
 * the policy without a slot of its own, goes to the fresh one; what has a day
 * ahead to its category's; the rest is dropped, and the old slot dies. Until it
 * is empty the head names it (held_old), so that its rows are seen by all.
 */
#include "retention/hold_move.h"

#include "base/base64.h"
#include "call/erasure.h"
#include "retention/days.h"
#include "vault/hold_mark.h"
#include "vault/record.h"
#include "vault/record_row.h"

#define WALK_ASKED_MAX 20 /* people with something held, in one step */
#define SCAN_ROWS_MAX 200 /* opened in one step */

static bool
slot_is_dead(const struct subject *s, const struct policy_category *category)
{
	return (s->dead_slots >> (subject_slot(s, category) - s->base) & 1) !=
	       0;
}

/* Of somebody erased: the policy keeps it until its own end. */
static bool
is_policys(const struct subject *s, const struct policy_category *category)
{
	return slot_is_dead(s, category) && category->kept_on_request != NULL;
}

/* By the days that are destroyed, not by the wall clock: a clock that runs away
 * ends nothing. */
static bool
is_over(date_t due, date_t through)
{
	return due != DAY_NONE && through != DAY_NONE && due <= through;
}

/* The account may have been closed, or opened again, while it lay in HELD; what
 * was due before that stays so. */
static date_t
due_now(const struct vault *v, const struct subject *s, const struct record *r)
{
	return record_is_due(r, v->today)
		       ? r->due
		       : record_due_day(v, s, r->category,
					r->collected_at_ms);
}

/* Where a row out of an old HELD slot goes. */
static int
row_renew(struct vault *v, struct subject *s, const struct record *r,
	  date_t through)
{
	bool held = false;
	date_t due;
	bool over;
	int rc;

	if (r->category == NULL || r->data.kind != VALUE_OBJECT) {
		return record_delete(v, r);
	}
	due = due_now(v, s, r);
	over = is_over(due, through);
	rc = hold_mark_has(v, s, r->category_id, &held);
	if (rc != 0) {
		return rc;
	}
	if (held || (!over && is_policys(s, r->category))) {
		rc = subject_need_held(v, s);
		return rc != 0 ? rc : record_move(v, s, r, s->held, due);
	}
	if (over || slot_is_dead(s, r->category)) {
		return record_delete(v, r);
	}
	rc = record_move(v, s, r, subject_slot(s, r->category), due);
	if (rc == ERR_EXPIRED) {
		err_clear();
		rc = record_delete(v, r);
	}
	return rc;
}

static int
renew_some(struct vault *v, struct subject *s, slot_t old, bool *out_done)
{
	struct hold_budget spent = {0};
	struct record *rows;
	struct bytes last;
	date_t through;
	size_t n = 1;
	int rc = days_through(v->txn, &through);

	while (rc == 0 && n > 0 && !hold_is_spent(&spent)) {
		rc = record_rows(v, old, 0, bytes_of(NULL, 0), HOLD_FETCH_MAX,
				 &rows, &n, &last);
		for (size_t i = 0; rc == 0 && i < n && !hold_is_spent(&spent);
		     i++) {
			spent.moves++;
			spent.bytes += rows[i].row_bytes;
			rc = row_renew(v, s, &rows[i], through);
		}
	}
	*out_done = n == 0;
	return rc;
}

static int
renew_job(struct call *c, const struct subject *s, slot_t old)
{
	struct value state = value_object();
	struct id job;
	int rc = hold_state_add(c, &state, "subject", s->id);

	if (rc == 0) {
		rc = value_add(&state, c->arena, "old",
			       value_int((int64_t)old));
	}
	return rc != 0 ? rc
		       : job_start(c, hold_renew_job.name, state, &job);
}

/* Nothing lies under it any more. *out_waits: a gap that a restore left lets
 * nothing be destroyed until it is seen. */
static int
slot_destroy(struct call *c, slot_t old, bool *out_waits)
{
	struct id nobody = {{0}};
	int rc = erasure_queue(c, &old, 1, nobody);

	*out_waits = rc == ERR_STATE;
	if (rc == ERR_STATE) {
		err_clear();
		rc = 0;
	}
	return rc;
}

/* Whether HELD has a row that no mark covers and no policy keeps. */
static int
is_loose(struct vault *v, const struct subject *s, bool *out)
{
	*out = false;
	for (size_t i = 0; i < v->policy->n_categories && !*out; i++) {
		const struct policy_category *category =
			&v->policy->categories[i];
		struct record first;
		struct bytes row;
		bool held;
		int rc = hold_mark_has(v, s, category->id, &held);

		if (rc == 0 && !held && !is_policys(s, category)) {
			rc = record_newest(v, s->held, category->id,
					   (struct id){{0}}, &first, &row);
			*out = rc == 1;
		}
		if (rc < 0) {
			return rc;
		}
	}
	return 0;
}

static void
held_turn_old(struct subject *s)
{
	if (s->head_slot == s->held) {
		/* Of somebody erased: LOG lives as long as anything does. */
		s->head_slot = s->base + SLOT_LOG;
	}
	s->held_old = s->held;
	s->held = SLOT_NONE;
}

/* The first rows at once, so that nobody waits unless there is much to move. */
int
hold_renew_begin(struct call *c, struct subject *s)
{
	struct vault v = call_vault(c);
	slot_t old = s->held;
	bool waits = false;
	bool done = true;
	int rc = 0;

	if (old != SLOT_NONE && s->held_old == SLOT_NONE) {
		held_turn_old(s);
		rc = renew_some(&v, s, old, &done);
		if (rc == 0 && done) {
			s->held_old = SLOT_NONE;
			rc = slot_destroy(c, old, &waits);
		}
		if (rc == 0 && (!done || waits)) {
			rc = renew_job(c, s, old);
		}
	}
	/* With one being emptied already, that job looks again at its end. */
	return rc != 0 ? rc : subject_save(&v, s);
}

/* The old slot is empty: what has come loose since begins anew, in a step of
 * its own. */
static int
renew_end(struct call *c, struct subject *s)
{
	struct vault v = call_vault(c);
	bool loose = false;
	int rc = 0;

	s->held_old = SLOT_NONE;
	if (s->held != SLOT_NONE) {
		rc = is_loose(&v, s, &loose);
	}
	if (rc == 0 && loose) {
		held_turn_old(s);
		rc = renew_job(c, s, s->held_old);
	}
	return rc != 0 ? rc : subject_save(&v, s);
}

/* Rows of somebody who is gone. */
static int
rest_delete(struct vault *v, slot_t old, bool *out_done)
{
	struct record_tally *tally = ARENA_NEW(v->arena, struct record_tally);
	bool more = false;
	int rc = tally == NULL
			 ? ERR_NOMEM
			 : record_delete_all_of(v, old, 0, HOLD_MOVE_ROWS_MAX,
						tally, &more);

	*out_done = !more;
	return rc;
}

static int
hold_renew_step(struct call *c, struct job *job, enum job_next *out_next)
{
	const struct value *number = value_get(&job->state, "old");
	struct vault v = call_vault(c);
	struct subject *s = NULL;
	bool waits = false;
	bool done = true;
	slot_t old;
	struct id id;
	int rc = hold_state_id(&job->state, "subject", &id);

	if (rc != 0 || number == NULL || number->kind != VALUE_INT) {
		return err_set(ERR_CORRUPT, "the state of a job");
	}
	old = (slot_t)number->number;
	rc = subject_load_erasing(&v, id, &s);
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		rc = rest_delete(&v, old, &done);
	} else if (rc == 0) {
		rc = renew_some(&v, s, old, &done);
	}
	if (rc == 0 && s != NULL && (!done || s->held_old != old)) {
		rc = subject_save(&v, s);
	} else if (rc == 0 && s != NULL) {
		rc = renew_end(c, s);
	}
	if (rc == 0 && done) {
		rc = slot_destroy(c, old, &waits);
	}
	job->not_before_ms = c->now_ms + MS_PER_HOUR;
	*out_next = waits ? JOB_WAIT : done ? JOB_DONE : JOB_AGAIN;
	return rc;
}

const struct job_kind hold_renew_job = {"hold.renew", hold_renew_step, NULL};

/*
 * The walk over everybody: at the end of a hold over a category, and once a day
 * for what the policy kept of people who were erased, whose end is in no day.
 */
struct walk {
	struct id at;     /* whom it is at; nil: the end */
	struct bytes row; /* the last one that was opened there; empty: none */
	size_t rows;      /* opened in this step */
};

/* Whether something that the policy kept is over; *out_spent: the step has
 * opened enough, and goes on behind w->row. */
static int
kept_is_over(struct vault *v, const struct subject *s, struct walk *w,
	     bool *out, bool *out_spent)
{
	struct record *rows;
	date_t through;
	size_t n = 1;
	int rc = days_through(v->txn, &through);

	*out = false;
	while (rc == 0 && n > 0 && !*out && w->rows < SCAN_ROWS_MAX) {
		rc = record_rows(v, s->held, 0, w->row, HOLD_FETCH_MAX, &rows,
				 &n, &w->row);
		for (size_t i = 0; rc == 0 && i < n && !*out; i++) {
			bool held;

			rc = hold_mark_has(v, s, rows[i].category_id, &held);
			*out = rc == 0 && !held && is_over(rows[i].due, through);
		}
		w->rows += n;
	}
	*out_spent = rc == 0 && !*out && n > 0;
	return rc;
}

/* *out_stays: the walk stays with this person for another step. */
static int
person_walk(struct call *c, struct subject *s, struct walk *w, bool *out_stays)
{
	struct vault v = call_vault(c);
	bool loose;
	int rc = is_loose(&v, s, &loose);

	*out_stays = false;
	if (rc == 0 && !loose && s->dead_slots != 0) {
		rc = kept_is_over(&v, s, w, &loose, out_stays);
	}
	if (rc == 0 && loose) {
		/* One a step: it may be much. They are in order then. */
		rc = hold_renew_begin(c, s);
		*out_stays = true;
		w->row = bytes_of(NULL, 0);
	}
	return rc;
}

static int
walk_some(struct call *c, struct walk *w)
{
	struct subject *heads[HOLD_HEADS_MAX];
	struct vault v = call_vault(c);
	struct id first = w->at;
	struct id next = w->at;
	size_t asked = 0;
	size_t n = 0;
	int rc = hold_heads(&v, &next, heads, &n);

	for (size_t i = 0; i < n && rc == 0; i++) {
		struct subject *s = heads[i];
		bool stays = asked == WALK_ASKED_MAX;

		if (s->held == SLOT_NONE || s->erasing ||
		    s->held_old != SLOT_NONE) {
			/* Nothing held, or somebody is at it. */
			continue;
		}
		if (!id_equal(s->id, first)) {
			w->row = bytes_of(NULL, 0);
		}
		if (!stays) {
			asked++;
			rc = person_walk(c, s, w, &stays);
		}
		if (stays) {
			w->at = s->id;
			return rc;
		}
	}
	w->at = next;
	w->row = bytes_of(NULL, 0);
	return rc;
}

static int
walk_pack(struct call *c, const struct walk *w, struct value *out)
{
	struct value state = value_object();
	const char *row;
	int rc = hold_state_add(c, &state, "at", w->at);

	if (rc == 0 && w->row.n > 0) {
		row = base64_encode(w->row, c->arena);
		rc = row == NULL ? ERR_NOMEM
				 : value_add(&state, c->arena, "row",
					     value_text(row));
	}
	if (rc == 0) {
		*out = state;
	}
	return rc;
}

int
hold_walk_begin(struct call *c)
{
	struct walk first = {.rows = 0};
	struct value state;
	struct id job;
	int rc = walk_pack(c, &first, &state);

	return rc != 0 ? rc : job_start(c, hold_walk_job.name, state, &job);
}

static int
hold_walk_step(struct call *c, struct job *job, enum job_next *out_next)
{
	const char *row = value_get_text(&job->state, "row");
	struct walk w = {.rows = 0};
	int rc = hold_state_id(&job->state, "at", &w.at);

	if (rc == 0 && row != NULL) {
		rc = base64_decode(bytes_str(row), c->arena, &w.row);
	}
	if (rc == 0) {
		rc = walk_some(c, &w);
	}
	if (rc == 0) {
		rc = walk_pack(c, &w, &job->state);
	}
	*out_next = id_is_nil(w.at) ? JOB_DONE : JOB_AGAIN;
	return rc;
}

const struct job_kind hold_walk_job = {"hold.walk", hold_walk_step, NULL};
