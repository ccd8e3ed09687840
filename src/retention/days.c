/*
 * Days that die. A timer looks which dates have come, a job destroys their
 * keys in one batch and then takes the rows away that were noted for them
 * (vault/expiry.h), counting by category. A job that was cut short is begun
 * anew: destroying twice is no harm.
 */
#include "retention/days.h"

#include "base/pack.h"
#include "call/erasure.h"
#include "retention/count.h"
#include "retention/guard.h"
#include "retention/hold.h"
#include "vault/expiry.h"
#include "vault/record.h"

#define THROUGH "expiry.through"
#define JOB "expiry.job"
#define DAYS_PER_JOB 200 /* slots of one call of erasure_queue */
#define SWEEP_ROWS_MAX 200 /* two writes each, and the counts */
#define HOLD_WAIT_MS MS_PER_SECOND
#define GAP_WAIT_MS MS_PER_HOUR
#define STOPPED_TEXT "wall clock and boot clock differ by more than a day"

static const struct field run_in_fields[] = {
	F_MAY_HAS(struct retention_run_in, confirm_clock, FIELD_BOOL,
		  "the wall clock is right as it is"),
};
const struct field_table retention_run_in_table =
	FIELD_TABLE(struct retention_run_in, run_in_fields);
static const struct field run_out_fields[] = {
	F_MUST(struct retention_run_out, through, FIELD_DATE,
	       "days up to this one are destroyed"),
	F_MUST(struct retention_run_out, days, FIELD_INT,
	       "whose keys this run destroyed"),
	F_MUST(struct retention_run_out, stopped_ms, FIELD_INT,
	       "how long the clock had stopped it, in milliseconds"),
};
const struct field_table retention_run_out_table =
	FIELD_TABLE(struct retention_run_out, run_out_fields);

int
days_through(struct txn *t, date_t *out)
{
	struct bytes value;
	int rc = txn_get(t, TABLE_SYSTEM, bytes_str(THROUGH), &value);

	if (rc == ERR_NOT_FOUND) {
		err_clear();
		*out = DAY_NONE;
		return 0;
	}
	if (rc == 0 && value.n != 4) {
		return err_set(ERR_CORRUPT, "the last day that is destroyed");
	}
	if (rc == 0) {
		*out = (date_t)get_u32(value.p);
	}
	return rc;
}

static int
through_save(struct call *c, date_t day)
{
	uint8_t value[4];

	put_u32(value, (uint32_t)day);
	return txn_put(c->txn, TABLE_SYSTEM, bytes_str(THROUGH),
		       bytes_of(value, sizeof(value)));
}

/* Whether a job is at work; one that is gone has ended, or failed. */
static int
job_is_there(struct call *c, bool *out)
{
	struct bytes value;
	struct job job;
	struct id id;
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str(JOB), &value);

	*out = false;
	if (rc == 0 && value.n == ID_BYTES) {
		memcpy(id.b, value.p, ID_BYTES);
		rc = job_load(c, id, &job);
		*out = rc == 0;
	}
	if (rc == ERR_NOT_FOUND) {
		err_clear();
		rc = 0;
	}
	return rc;
}

/* Where a job stands: the days it is at, whether their keys are in a batch, and
 * what it has done so far. */
struct work {
	int64_t from;
	int64_t to;
	bool queued;
	int64_t days;
	int64_t rows;
};

static int
state_make(struct call *c, const struct work *w, struct value *out)
{
	struct value state = value_object();
	int rc = value_add(&state, c->arena, "from", value_int(w->from));

	if (rc == 0) {
		rc = value_add(&state, c->arena, "to", value_int(w->to));
	}
	if (rc == 0) {
		rc = value_add(&state, c->arena, "queued", value_bool(w->queued));
	}
	if (rc == 0) {
		rc = value_add(&state, c->arena, "days", value_int(w->days));
	}
	if (rc == 0) {
		rc = value_add(&state, c->arena, "rows", value_int(w->rows));
	}
	if (rc == 0) {
		*out = state;
	}
	return rc;
}

/* Days whose date has come, in [*out_from, *out_to]; none: from > to. */
static int
days_due(struct call *c, date_t *out_from, date_t *out_to)
{
	date_t through;
	int rc = days_through(c->txn, &through);

	if (rc != 0) {
		return rc;
	}
	/* A new store has nothing of days before it. */
	*out_from = through == DAY_NONE ? c->today : through + 1;
	*out_to = c->today;
	if (*out_to - *out_from >= DAYS_PER_JOB) {
		*out_to = *out_from + DAYS_PER_JOB - 1;
	}
	return 0;
}

static int
days_begin(struct call *c, date_t from, date_t to, struct id *out_job)
{
	struct work w = {.from = from, .to = to};
	struct value state;
	int rc = state_make(c, &w, &state);

	if (rc == 0) {
		rc = job_start(c, days_job.name, state, out_job);
	}
	return rc != 0 ? rc
		       : txn_put(c->txn, TABLE_SYSTEM, bytes_str(JOB),
				 id_bytes(out_job));
}

int
days_timed(struct call *c, bool *out_more)
{
	struct guard guard;
	struct id job;
	bool busy;
	date_t from;
	date_t to;
	int rc = guard_check(c, &guard);

	*out_more = false;
	if (rc != 0 || guard.is_stopped) {
		return rc;
	}
	rc = job_is_there(c, &busy);
	if (rc != 0 || busy) {
		return rc;
	}
	rc = days_due(c, &from, &to);
	if (rc != 0 || from > to) {
		return rc;
	}
	return days_begin(c, from, to, &job);
}

static int
state_of(const struct value *state, const char *name, int64_t *out)
{
	const struct value *v = value_get(state, name);

	if (v == NULL || v->kind != VALUE_INT) {
		return err_set(ERR_CORRUPT, "the state of a job");
	}
	*out = v->number;
	return 0;
}

static int
refuse(const char *state, const char *text)
{
	(void)err_set(ERR_STATE, "%s", text);
	err_extra_text("state", state);
	return ERR_STATE;
}

/* Before: the keys into a batch, when nothing speaks against it. */
static int
queue_step(struct call *c, struct job *job, struct work *w,
	   enum job_next *out_next)
{
	slot_t slots[DAYS_PER_JOB];
	struct guard guard;
	bool moving;
	size_t n = 0;
	int rc = hold_is_moving(c, &moving);

	*out_next = JOB_WAIT;
	job->not_before_ms = c->now_ms + HOLD_WAIT_MS;
	if (rc == 0) {
		rc = guard_check(c, &guard);
	}
	if (rc != 0 || moving) {
		return rc;
	}
	if (guard.is_stopped) {
		*out_next = JOB_DONE;
		job->answer_rc = refuse("clock_stopped", STOPPED_TEXT);
		return 0;
	}
	for (int64_t day = w->from; day <= w->to && n < DAYS_PER_JOB; day++) {
		slot_t slot = keyring_day_slot((date_t)day);

		if (slot != SLOT_NONE) {
			slots[n++] = slot;
		}
	}
	rc = erasure_queue(c, slots, n, job->id);
	if (rc == ERR_STATE) {
		err_clear();
		job->not_before_ms = c->now_ms + GAP_WAIT_MS;
		return 0;
	}
	job->not_before_ms = 0;
	w->queued = true;
	return rc != 0 ? rc : state_make(c, w, &job->state);
}

struct tally {
	uint32_t rows[256];
	uint32_t disclosures;
	uint32_t all;
};

/* One row that was noted for a dead day. */
static int
row_sweep(struct call *c, date_t day, enum table table, struct bytes key,
	  struct tally *tally)
{
	const struct policy_category *visits =
		policy_category(c->policy, "navigation");
	struct bytes row;
	uint8_t category = 0;
	int rc = txn_get(c->txn, table, key, &row);

	if (rc == ERR_NOT_FOUND) {
		err_clear();
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	if (table == TABLE_RECORD && key.n == RECORD_KEY_BYTES && row.n > 4) {
		/* Held or moved meanwhile: not of this day any more. */
		if ((date_t)get_u32(row.p) != day) {
			return 0;
		}
		category = key.p[8];
	} else if (table == TABLE_VISIT && visits != NULL) {
		category = visits->id;
	}
	if (table == TABLE_SHARE_BY) {
		tally->disclosures++;
	} else {
		tally->rows[category]++;
	}
	tally->all++;
	return txn_del(c->txn, table, key);
}

struct noted {
	uint8_t key[KEY_BYTES_MAX];
	size_t n;
};

/* The first notes up to a day, in the arena. */
static int
notes_read(struct call *c, date_t to, struct noted **out, size_t *out_n)
{
	struct noted *notes =
		arena_array(c->arena, SWEEP_ROWS_MAX, sizeof(*notes));
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	size_t n = 0;
	int rc = notes == NULL
			 ? ERR_NOMEM
			 : range_open(c->txn, TABLE_EXPIRY, bytes_of(NULL, 0),
				      bytes_of(NULL, 0), 0, &r);

	while (rc == 0 && n < SWEEP_ROWS_MAX &&
	       (rc = range_next(r, &key, &value)) == 1) {
		enum table table;
		struct bytes of;
		date_t day;

		rc = expiry_parse(key, &day, &table, &of);
		if (rc != 0 || day > to) {
			break;
		}
		memcpy(notes[n].key, key.p, key.n);
		notes[n++].n = key.n;
	}
	range_close(r);
	*out = notes;
	*out_n = n;
	return rc < 0 ? rc : 0;
}

static int
tally_keep(struct call *c, const struct tally *tally)
{
	int rc = tally->disclosures == 0
			 ? 0
			 : retention_count_add(c, RETENTION_DISCLOSURES, 0,
					       tally->disclosures);

	for (unsigned i = 0; i < 256 && rc == 0; i++) {
		if (tally->rows[i] > 0) {
			rc = retention_count_add(c, RETENTION_EXPIRED,
						 (uint8_t)i, tally->rows[i]);
		}
	}
	return rc;
}

static int
sweep_step(struct call *c, date_t to, uint32_t *out_swept, bool *out_done)
{
	struct tally *tally = ARENA_NEW(c->arena, struct tally);
	struct noted *notes;
	size_t n;
	int rc = tally == NULL ? ERR_NOMEM : notes_read(c, to, &notes, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct bytes note = bytes_of(notes[i].key, notes[i].n);
		enum table table;
		struct bytes key;
		date_t day;

		rc = expiry_parse(note, &day, &table, &key);
		if (rc == 0) {
			rc = row_sweep(c, day, table, key, tally);
		}
		if (rc == 0) {
			rc = txn_del(c->txn, TABLE_EXPIRY, note);
		}
	}
	if (rc == 0) {
		rc = tally_keep(c, tally);
	}
	if (rc == 0) {
		*out_swept = tally->all;
		*out_done = n < SWEEP_ROWS_MAX;
	}
	return rc;
}

static int
days_leaf(struct call *c, const struct work *w, int64_t rows)
{
	struct value details = value_object();
	char *day = arena_alloc(c->arena, DATE_TEXT_BYTES);
	int rc = day == NULL ? ERR_NOMEM : 0;

	if (rc == 0) {
		rc = value_add(&details, c->arena, "through",
			       value_text(date_print((date_t)w->to, day)));
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "days",
			       value_int(w->to - w->from + 1));
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "rows", value_int(rows));
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_EXPIRY_DAY,
					      .log_slot = SLOT_NONE,
					      .count = rows > UINT16_MAX
							       ? UINT16_MAX
							       : (uint16_t)rows,
					      .details = details});
}

/* The rows are gone: the next days, or the end. */
static int
days_next(struct call *c, struct job *job, struct work *w,
	  enum job_next *out_next)
{
	struct retention_run_out *out =
		ARENA_NEW(c->arena, struct retention_run_out);
	date_t from;
	date_t to;
	int rc = out == NULL ? ERR_NOMEM : days_leaf(c, w, w->rows);

	if (rc == 0) {
		rc = days_due(c, &from, &to);
	}
	if (rc != 0) {
		return rc;
	}
	if (from <= to) {
		*w = (struct work){.from = from, .to = to, .days = w->days};
		*out_next = JOB_AGAIN;
		return state_make(c, w, &job->state);
	}
	*out = (struct retention_run_out){.through = to, .days = w->days};
	job->answer = out;
	*out_next = JOB_DONE;
	return 0;
}

/* After: the days are dead, once in the books; then rows, some at a time. */
static int
dead_step(struct call *c, struct job *job, struct work *w,
	  enum job_next *out_next)
{
	date_t through = 0;
	uint32_t swept;
	bool done;
	int rc = days_through(c->txn, &through);

	if (rc == 0 && through < w->to) {
		rc = through_save(c, (date_t)w->to);
		w->days += w->to - w->from + 1;
		if (rc == 0) {
			rc = retention_count_add(
				c, RETENTION_DAYS, 0,
				(uint64_t)(w->to - w->from + 1));
		}
	}
	if (rc == 0) {
		rc = sweep_step(c, (date_t)w->to, &swept, &done);
	}
	if (rc != 0) {
		return rc;
	}
	w->rows += swept;
	*out_next = JOB_AGAIN;
	return done ? days_next(c, job, w, out_next)
		    : state_make(c, w, &job->state);
}

static int
work_read(const struct value *state, struct work *out)
{
	const struct value *queued = value_get(state, "queued");
	struct work w = {.queued = queued != NULL &&
				   queued->kind == VALUE_BOOL &&
				   queued->truth};
	int rc = state_of(state, "from", &w.from);

	if (rc == 0) {
		rc = state_of(state, "to", &w.to);
	}
	if (rc == 0) {
		rc = state_of(state, "days", &w.days);
	}
	if (rc == 0) {
		rc = state_of(state, "rows", &w.rows);
	}
	if (rc == 0) {
		*out = w;
	}
	return rc;
}

static int
days_step(struct call *c, struct job *job, enum job_next *out_next)
{
	struct work w;
	bool waits;
	int rc = work_read(&job->state, &w);

	if (rc != 0) {
		return rc;
	}
	job->not_before_ms = 0;
	if (!w.queued) {
		return queue_step(c, job, &w, out_next);
	}
	rc = erasure_is_queued(c, keyring_day_slot((date_t)w.from), &waits);
	if (rc == 0 && waits) {
		*out_next = JOB_WAIT;
		return 0;
	}
	return rc != 0 ? rc : dead_step(c, job, &w, out_next);
}

const struct job_kind days_job = {"expiry.days", days_step, NULL};

/* What speaks against it, now. */
static int
run_check(struct call *c, const struct guard *guard)
{
	struct id nobody = {{0}};
	bool moving;
	int rc = erasure_queue(c, NULL, 0, nobody);

	if (rc == 0) {
		rc = hold_is_moving(c, &moving);
	}
	if (rc != 0) {
		return rc;
	}
	if (guard->is_stopped) {
		return refuse("clock_stopped", STOPPED_TEXT);
	}
	return moving ? refuse("hold_moving", "records move for a hold") : 0;
}

int
retention_run(struct call *c, const void *input, void *output)
{
	const struct retention_run_in *in = input;
	struct retention_run_out *out = output;
	struct guard guard;
	struct id job;
	bool busy;
	date_t from;
	date_t to;
	int64_t stopped_ms;
	int rc = guard_check(c, &guard);

	if (rc != 0) {
		return rc;
	}
	stopped_ms = guard.stopped_ms;
	if (in->confirm_clock) {
		rc = guard_confirm(c);
		guard.is_stopped = false;
	}
	if (rc == 0) {
		rc = run_check(c, &guard);
	}
	if (rc == 0) {
		rc = job_is_there(c, &busy);
	}
	if (rc == 0) {
		rc = days_due(c, &from, &to);
	}
	if (rc != 0) {
		return rc;
	}
	*out = (struct retention_run_out){.through = from - 1,
					  .stopped_ms = stopped_ms};
	if (!busy && from <= to) {
		rc = days_begin(c, from, to, &job);
		out->through = to;
		out->days = to - from + 1;
		if (rc == 0) {
			job_answers(c, job);
		}
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_RETENTION_RUN,
					      .log_slot = SLOT_NONE});
}
