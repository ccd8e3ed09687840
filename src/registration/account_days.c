/*
 * The days of records that count from the end of the account. A row is right
 * when its due day is what the policy makes of the head: so the walk may begin
 * anew at any time, and two of them do no harm.
 */
#include "registration/account_days.h"

#include "registration/account.h"
#include "vault/record.h"
#include "vault/record_row.h"

#define STEP_MOVES_MAX 100 /* four writes each */
#define STEP_ROWS_MAX 400
#define STEP_BYTES_MAX (600u * 1024)
#define FETCH_ROWS_MAX 25 /* of up to 64 KiB each in memory */
#define SLOTS 5 /* PROFILE, ACTIVITY, BILLING, HELD, the HELD of before */

/* How far the walk has come: below this row of this slot all is right. */
struct walk {
	unsigned slot;
	bool begun;
	uint8_t category;
	struct id record;
	uint32_t version;
};

struct budget {
	size_t moves;
	size_t rows;
	size_t bytes;
};

/* The old HELD last: what is in HELD when it turns old has been seen, or is
 * seen again. */
static slot_t
slot_at(const struct subject *s, unsigned i)
{
	if (i < SLOT_LOG) {
		return s->base + i;
	}
	return i == SLOT_LOG ? s->held : s->held_old;
}

static bool
is_spent(const struct budget *b)
{
	return b->moves >= STEP_MOVES_MAX || b->rows >= STEP_ROWS_MAX ||
	       b->bytes >= STEP_BYTES_MAX;
}

static int
set_right(struct vault *v, const struct subject *s, const struct record *r,
	  struct budget *spent)
{
	date_t due;
	int rc;

	spent->rows++;
	if (r->category == NULL || r->data.kind != VALUE_OBJECT ||
	    record_is_due(r, v->today)) {
		return 0;
	}
	due = record_due_day(v, s, r->category, r->collected_at_ms);
	if (due == r->due) {
		return 0;
	}
	spent->moves++;
	spent->bytes += r->row_bytes;
	rc = record_move(v, s, r, r->slot, due);
	if (rc == ERR_EXPIRED) {
		/* So late that the day is dead already. */
		err_clear();
		rc = record_delete(v, r);
	}
	return rc;
}

/* Rows after the walk's place in its slot; *out_end when there are no more. */
static int
walk_some(struct vault *v, const struct subject *s, struct walk *w,
	  struct budget *spent, bool *out_end)
{
	slot_t slot = slot_at(s, w->slot);
	struct key_maker after = {.n = 0};
	struct record *rows;
	struct bytes last;
	size_t n;
	int rc;

	*out_end = true;
	if (slot == SLOT_NONE) {
		return 0;
	}
	if (w->begun) {
		record_key_of(&after, slot, w->category, w->record, w->version);
	}
	rc = record_rows(v, slot, 0, key_bytes(&after), FETCH_ROWS_MAX, &rows,
			 &n, &last);
	for (size_t i = 0; i < n && rc == 0; i++) {
		if (is_spent(spent)) {
			*out_end = false;
			return 0;
		}
		rc = set_right(v, s, &rows[i], spent);
		w->begun = true;
		w->category = rows[i].category_id;
		w->record = rows[i].id;
		w->version = rows[i].version;
	}
	*out_end = n < FETCH_ROWS_MAX;
	return rc;
}

static int
walk_step(struct vault *v, const struct subject *s, struct walk *w,
	  bool *out_done)
{
	struct budget spent = {0};

	while (w->slot < SLOTS) {
		bool end;
		int rc = walk_some(v, s, w, &spent, &end);

		if (rc != 0) {
			return rc;
		}
		if (end) {
			w->slot++;
			w->begun = false;
		}
		if (is_spent(&spent)) {
			break;
		}
	}
	*out_done = w->slot == SLOTS;
	return 0;
}

static int
add_id(struct value *to, struct arena *a, const char *name, struct id id)
{
	char *text = arena_alloc(a, ID_TEXT_BYTES);

	return text == NULL
		       ? ERR_NOMEM
		       : value_add(to, a, name, value_text(id_print(id, text)));
}

static int
state_make(struct arena *a, struct id subject, const struct walk *w,
	   struct value *out)
{
	struct value state = value_object();
	int rc = add_id(&state, a, "subject", subject);

	if (rc == 0) {
		rc = value_add(&state, a, "slot", value_int(w->slot));
	}
	if (rc == 0 && w->begun) {
		rc = add_id(&state, a, "record", w->record);
	}
	if (rc == 0 && w->begun) {
		rc = value_add(&state, a, "category", value_int(w->category));
	}
	if (rc == 0 && w->begun) {
		rc = value_add(&state, a, "version", value_int(w->version));
	}
	if (rc == 0) {
		*out = state;
	}
	return rc;
}

static int64_t
state_int(const struct value *state, const char *name)
{
	const struct value *v = value_get(state, name);

	return v != NULL && v->kind == VALUE_INT ? v->number : 0;
}

static int
state_read(const struct value *state, struct id *out_subject, struct walk *w)
{
	const char *subject = value_get_text(state, "subject");
	const char *record = value_get_text(state, "record");

	*w = (struct walk){
		.slot = (unsigned)state_int(state, "slot"),
		.begun = record != NULL,
		.category = (uint8_t)state_int(state, "category"),
		.version = (uint32_t)state_int(state, "version"),
	};
	if (subject == NULL || id_parse(subject, out_subject) != 0 ||
	    (record != NULL && id_parse(record, &w->record) != 0) ||
	    w->slot > SLOTS) {
		return err_set(ERR_CORRUPT, "the state of a job");
	}
	return 0;
}

int
account_days_begin(struct call *c, struct vault *v, struct subject *s)
{
	struct walk w = {0};
	struct value state;
	struct id job;
	bool done;
	int rc = walk_step(v, s, &w, &done);

	if (rc != 0) {
		return rc;
	}
	s->account_moving = !done;
	if (done) {
		return 0;
	}
	rc = state_make(c->arena, s->id, &w, &state);
	return rc != 0 ? rc : job_start(c, account_days_job.name, state, &job);
}

static int
account_days_step(struct call *c, struct job *job, enum job_next *out_next)
{
	struct vault v = call_vault(c);
	struct subject *s;
	struct walk w;
	struct id id;
	bool done;
	int rc = state_read(&job->state, &id, &w);

	if (rc != 0) {
		return rc;
	}
	*out_next = JOB_DONE;
	rc = subject_load(&v, id, &s);
	if (rc == ERR_NOT_FOUND || rc == ERR_STATE) {
		/* Erased meanwhile, or about to be. */
		err_clear();
		return 0;
	}
	if (rc == 0) {
		rc = walk_step(&v, s, &w, &done);
	}
	if (rc != 0) {
		return rc;
	}
	if (done) {
		s->account_moving = false;
		return subject_save(&v, s);
	}
	*out_next = JOB_AGAIN;
	return state_make(c->arena, id, &w, &job->state);
}

const struct job_kind account_days_job = {"account.days", account_days_step,
					  NULL};
