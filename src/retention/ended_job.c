/*
 * The job that takes a person away who is over. Its steps: buckets of the index
 * sealed again under fresh slots; the person's visitors, one at a time; all
 * slots of the person queued; when their keys are nowhere, the rows. Who is
 * over is ended.c's question.
 */
#include "retention/ended.h"

#include "call/erasure.h"
#include "navigation/visitor.h"
#include "sharing/share.h"
#include "vault/index.h"
#include "vault/record.h"

#define STEP_BUCKETS_MAX 6  /* of up to 100,000 bytes each */
#define STEP_RECORDS_MAX 30 /* of one slot; two writes each */
#define STEP_ROWS_MAX 100
#define STEP_LINKS_MAX 20 /* of one kind */
#define STEP_SHARES_MAX 60 /* three writes each */
#define STEP_CHUNKS_MAX 100 /* of a visitor; two writes each */
#define PART_WRITES_MAX 250 /* of records, shares, a visitor or links */
#define GAP_WAIT_MS MS_PER_HOUR

/* The state of a job: the subject; "bucket", how many are done; then, once
 * the slots are queued, "base" and "held" (the head does not open any more). */
static int
state_make(struct call *c, struct id subject, struct value *out)
{
	char *text = arena_alloc(c->arena, ID_TEXT_BYTES);

	*out = value_object();
	return text == NULL ? ERR_NOMEM
			    : value_add(out, c->arena, "subject",
					value_text(id_print(subject, text)));
}

static int
state_add(struct call *c, struct value *state, const char *name, int64_t number)
{
	return value_add(state, c->arena, name, value_int(number));
}

static int
state_of_buckets(struct call *c, struct id subject, size_t done,
		 struct value *out)
{
	int rc = state_make(c, subject, out);

	return rc != 0 ? rc : state_add(c, out, "bucket", (int64_t)done);
}

static int
state_of_rows(struct call *c, struct id subject, slot_t base, slot_t held,
	      struct value *out)
{
	int rc = state_make(c, subject, out);

	if (rc == 0) {
		rc = state_add(c, out, "base", (int64_t)base);
	}
	if (rc == 0 && held != SLOT_NONE) {
		rc = state_add(c, out, "held", (int64_t)held);
	}
	return rc;
}

static int64_t
state_int(const struct value *state, const char *name, int64_t otherwise)
{
	const struct value *v = value_get(state, name);

	return v != NULL && v->kind == VALUE_INT ? v->number : otherwise;
}

int
ended_start(struct call *c, struct id subject)
{
	struct value state;
	struct id job;
	int rc = state_make(c, subject, &state);

	return rc != 0 ? rc : job_start(c, ended_job.name, state, &job);
}

int
ended_start_at_rows(struct call *c, struct id subject, slot_t base, slot_t held)
{
	struct value state;
	struct id job;
	int rc = state_of_rows(c, subject, base, held, &state);

	return rc != 0 ? rc : job_start(c, ended_job.name, state, &job);
}

static int
buckets_step(struct call *c, struct vault *v, const struct subject *s,
	     size_t done, size_t *out_done)
{
	struct id nobody = {{0}};
	size_t end = done + STEP_BUCKETS_MAX;
	int rc = 0;

	for (; done < s->n_buckets && done < end && rc == 0; done++) {
		slot_t old;

		rc = index_move_without(v, s->buckets[done], OWNER_SUBJECT,
					s->id, &old);
		if (rc == 0 && old != SLOT_NONE) {
			rc = erasure_queue(c, &old, 1, nobody);
		}
	}
	*out_done = done;
	return rc;
}

/* One visitor: out of the index, its key queued, its rows gone; or some of the
 * rows, when they are many. *out_more: call again. */
static int
visitor_step(struct call *c, struct vault *v, slot_t base, bool *out_more)
{
	slot_t slots[VISITOR_SLOTS];
	struct id nobody = {{0}};
	slot_t *visitors;
	size_t chunks;
	size_t n_slots = 0;
	size_t n;
	bool more = false;
	int rc = visitors_of(c->txn, c->arena, base, SLOT_NONE, 2, &visitors,
			     &n);

	if (rc == 0 && n > 0) {
		rc = visitor_unindex(v, visitors[0], false, slots, &n_slots);
	}
	if (rc == ERR_NOT_FOUND) {
		/* Its key is dead already: rows alone. */
		err_clear();
		rc = 0;
	}
	if (rc == 0 && n_slots > 0) {
		rc = erasure_queue(c, slots, n_slots, nobody);
	}
	if (rc == 0 && n > 0) {
		rc = visitor_forget(v, visitors[0], base, STEP_CHUNKS_MAX,
				    &chunks, &more);
	}
	if (rc == 0) {
		*out_more = more || n > 1;
	}
	return rc;
}

/* The person's own slots. */
static int
slots_queue(struct call *c, const struct subject *s, struct id job)
{
	slot_t slots[SLOT_PARTS + 1];
	size_t n = 0;

	for (unsigned i = 0; i < SLOT_PARTS; i++) {
		slots[n++] = s->base + i;
	}
	if (s->held != SLOT_NONE) {
		slots[n++] = s->held;
	}
	return erasure_queue(c, slots, n, job);
}

/* Before the keys are gone: buckets, visitors, then slots. */
static int
step_keys(struct call *c, struct vault *v, struct job *job, struct id id,
	  enum job_next *out_next)
{
	struct subject *s;
	struct value state;
	bool more;
	size_t done;
	int rc = subject_load_erasing(v, id, &s);

	if (rc == ERR_NOT_FOUND) {
		err_clear();
		*out_next = JOB_DONE;
		return 0;
	}
	if (rc == 0) {
		rc = buckets_step(c, v, s,
				  (size_t)state_int(&job->state, "bucket", 0),
				  &done);
	}
	if (rc != 0) {
		return rc;
	}
	/* What follows is a step of its own: the last buckets may have taken
	 * all that a step may write. */
	if (state_int(&job->state, "bucket", 0) < (int64_t)s->n_buckets) {
		rc = state_of_buckets(c, id, done, &state);
		if (rc == 0) {
			job->state = state;
			*out_next = JOB_AGAIN;
		}
		return rc;
	}
	rc = visitor_step(c, v, s->base, &more);
	if (rc != 0 || more) {
		*out_next = JOB_AGAIN;
		return rc;
	}
	rc = slots_queue(c, s, job->id);
	if (rc == 0) {
		rc = state_of_rows(c, id, s->base, s->held, &state);
	}
	if (rc == 0) {
		job->state = state;
		*out_next = JOB_WAIT;
	}
	return rc;
}

/* Rows under a prefix, at most `max`; *out_more: there are others. */
static int
rows_delete(struct txn *t, enum table table, const struct key_maker *prefix,
	    size_t max, bool *out_more)
{
	struct key_maker keys[STEP_ROWS_MAX];
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	size_t n = 0;
	int rc = range_open(t, table, key_bytes(prefix), bytes_of(NULL, 0), 0,
			    &r);

	while (rc == 0 && n < max && n < STEP_ROWS_MAX &&
	       (rc = range_next(r, &key, &value)) == 1) {
		keys[n].n = 0;
		key_raw(&keys[n++], key.p, key.n);
		rc = 0;
	}
	range_close(r);
	*out_more = n == max || n == STEP_ROWS_MAX;
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = txn_del(t, table, key_bytes(&keys[i]));
	}
	return rc < 0 ? rc : 0;
}

/* Links and openings of the log. */
static int
links_delete(struct call *c, slot_t base, bool *out_more)
{
	struct key_maker prefix = {.n = 0};
	int rc = 0;

	*out_more = false;
	for (uint8_t kind = OF_SUBJECT_SHARE;
	     kind <= OF_SUBJECT_OPEN_REQUEST && rc == 0 && !*out_more; kind++) {
		prefix.n = 0;
		key_u8(&prefix, kind);
		key_u64(&prefix, base);
		rc = rows_delete(c->txn, TABLE_OF_SUBJECT, &prefix,
				 STEP_LINKS_MAX, out_more);
	}
	if (rc == 0 && !*out_more) {
		prefix.n = 0;
		key_u64(&prefix, base + SLOT_LOG);
		rc = rows_delete(c->txn, TABLE_HISTORY, &prefix, STEP_ROWS_MAX,
				 out_more);
	}
	return rc;
}

/* Whether this step has room for another part; if not, there is more. */
static bool
goes_on(const struct call *c, bool *more)
{
	*more = *more || txn_rows_left(c->txn) < PART_WRITES_MAX;
	return !*more;
}

/* After: the rows that open with nothing any more. */
static int
step_rows(struct call *c, struct vault *v, struct job *job, struct id id,
	  enum job_next *out_next)
{
	slot_t base = (slot_t)state_int(&job->state, "base", 0);
	slot_t held = (slot_t)state_int(&job->state, "held", -1);
	struct record_tally *tally = ARENA_NEW(c->arena, struct record_tally);
	bool more = false;
	bool queued;
	int rc = erasure_is_queued(c, base, &queued);

	if (rc != 0 || tally == NULL) {
		return rc != 0 ? rc : ERR_NOMEM;
	}
	if (queued) {
		*out_next = JOB_WAIT;
		return 0;
	}
	*out_next = JOB_AGAIN;
	for (unsigned i = 0; i <= SLOT_LOG && rc == 0 && !more; i++) {
		slot_t slot = i < SLOT_LOG ? base + i : held;

		if (slot != SLOT_NONE) {
			rc = record_delete_all_of(v, slot, 0, STEP_RECORDS_MAX,
						  tally, &more);
		}
	}
	if (rc == 0 && goes_on(c, &more)) {
		rc = share_forget(c, base, STEP_SHARES_MAX, &more);
	}
	if (rc == 0 && goes_on(c, &more)) {
		/* After a restore that found the keys dead, there may be. */
		rc = visitor_step(c, v, base, &more);
	}
	if (rc == 0 && goes_on(c, &more)) {
		rc = links_delete(c, base, &more);
	}
	if (rc != 0 || more) {
		return rc;
	}
	*out_next = JOB_DONE;
	rc = subject_delete(v, id);
	return rc != 0 ? rc
		       : call_leaf(c,
				   (struct call_leaf){.type = LEAF_ERASURE,
						      .log_slot = SLOT_NONE});
}

static int
ended_step(struct call *c, struct job *job, enum job_next *out_next)
{
	const char *subject = value_get_text(&job->state, "subject");
	struct vault v = call_vault(c);
	struct id nobody = {{0}};
	struct id id;
	int rc;

	if (subject == NULL || id_parse(subject, &id) != 0) {
		return err_set(ERR_CORRUPT, "the state of a job");
	}
	if (value_get(&job->state, "base") != NULL) {
		return step_rows(c, &v, job, id, out_next);
	}
	/* Asks alone: nothing may be destroyed while a gap that a restore left
	 * is not acknowledged. */
	rc = erasure_queue(c, NULL, 0, nobody);
	if (rc == ERR_STATE) {
		err_clear();
		job->not_before_ms = c->now_ms + GAP_WAIT_MS;
		*out_next = JOB_WAIT;
		return 0;
	}
	return rc != 0 ? rc : step_keys(c, &v, job, id, out_next);
}

const struct job_kind ended_job = {"person.end", ended_step, NULL};
