/* Events under a hold: to the held slots of their visitors, and back. Which
 * marks stand is retention's to say. */
#include "navigation/held.h"

#include "base/pack.h"
#include "call/erasure.h"
#include "keyring/slots.h"
#include "vault/hold_mark.h"

#define CATEGORY "navigation"
#define SETTING "visits.settling"
#define STEP_VISITORS_MAX 40
#define STEP_MOVES_MAX 80 /* four writes each */
#define STEP_BYTES_MAX (500u * 1024)
#define VISITORS_MAX 200 /* of one customer, looked through at once */
#define WAIT_MS MS_PER_SECOND

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
settling_add(struct call *c, bool more)
{
	uint8_t value[8];
	uint64_t n;
	int rc = txn_counter_get(c->txn, SETTING, &n);

	put_u64(value, more ? n + 1 : n - 1);
	return rc != 0 ? rc
		       : txn_put(c->txn, TABLE_SYSTEM, bytes_str(SETTING),
				 bytes_of(value, sizeof(value)));
}

int
visits_are_settling(struct call *c, bool *out)
{
	uint64_t n;
	int rc = txn_counter_get(c->txn, SETTING, &n);

	*out = rc == 0 && n > 0;
	return rc;
}

/* Rows from one slot to another; those of a dead day, or whose own slot is
 * dead, go. *out_done: none is left. */
static int
chunks_move(struct vault *v, slot_t from, slot_t to, bool held,
	    struct budget *spent, bool *out_done)
{
	struct bytes key;
	struct bytes row;
	int rc = 0;

	*out_done = false;
	while (rc == 0 && !is_spent(spent)) {
		rc = visit_first(v, from, &key, &row);
		if (rc <= 0) {
			*out_done = rc == 0;
			return rc;
		}
		spent->moves++;
		spent->bytes += row.n;
		rc = visit_move(v, key, row, to, held);
		if (rc == ERR_EXPIRED) {
			err_clear();
			rc = visit_delete(v, key, row);
		}
	}
	return rc;
}

static int
chunks_hold(struct vault *v, struct visitor *visitor, struct budget *spent,
	    bool *out_done)
{
	int rc = 0;

	if (visitor->held == SLOT_NONE) {
		rc = slots_take_one(v->txn, v->keys, &visitor->held);
		if (rc == 0) {
			rc = visitor_save(v, visitor);
		}
	}
	return rc != 0 ? rc
		       : chunks_move(v, visitor->slot, visitor->held, true,
				     spent, out_done);
}

/* Back to their days; the held slot is destroyed when it is empty. *out_waits:
 * a gap that a restore left lets nothing be destroyed until it is seen. */
static int
chunks_release(struct call *c, struct visitor *visitor, struct budget *spent,
	       bool *out_done, bool *out_waits)
{
	struct vault v = call_vault(c);
	slot_t held = visitor->held;
	int rc = chunks_move(&v, held, visitor->slot, false, spent, out_done);

	if (rc != 0 || !*out_done) {
		return rc;
	}
	rc = erasure_queue(c, &held, 1, (struct id){{0}});
	if (rc == ERR_STATE) {
		err_clear();
		*out_waits = true;
		return 0;
	}
	if (rc != 0) {
		return rc;
	}
	if (visitor->head_slot == held) {
		/* Of somebody erased: nothing is left. */
		return visitor_delete(&v, visitor->slot, visitor->base);
	}
	visitor->held = SLOT_NONE;
	return visitor_save(&v, visitor);
}

/* *out_waits: it is an erasure's to say, which is at it. */
static int
visitor_settle(struct call *c, slot_t slot, struct budget *spent,
	       bool *out_done, bool *out_waits)
{
	const struct policy_category *category =
		policy_category(c->policy, CATEGORY);
	struct vault v = call_vault(c);
	struct subject *s = NULL;
	struct visitor visitor;
	bool covered = false;
	int rc = visitor_load(&v, slot, &visitor);

	*out_done = true;
	*out_waits = false;
	if (rc == 0 && !id_is_nil(visitor.subject)) {
		rc = subject_load_erasing(&v, visitor.subject, &s);
	}
	if (rc == ERR_NOT_FOUND) {
		/* Erased, or about to be. */
		err_clear();
		return 0;
	}
	if (rc == 0 && s != NULL && s->erasing) {
		*out_waits = true;
		return 0;
	}
	if (rc == 0 && category != NULL) {
		rc = hold_mark_has(&v, s, category->id, &covered);
	}
	if (rc != 0) {
		return rc;
	}
	if (covered && visitor.head_slot == visitor.slot) {
		return chunks_hold(&v, &visitor, spent, out_done);
	}
	return covered || visitor.held == SLOT_NONE
		       ? 0
		       : chunks_release(c, &visitor, spent, out_done,
					out_waits);
}

/* Visitors after `after`: a customer's, or everybody's. */
static int
visitors_after(struct call *c, slot_t base, slot_t after, slot_t **out,
	       size_t *out_n)
{
	slot_t *slots =
		arena_array(c->arena, STEP_VISITORS_MAX, sizeof(*slots));
	struct key_maker from = {.n = 0};
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	size_t n = 0;
	int rc;

	if (base != SLOT_NONE) {
		return visitors_of(c->txn, c->arena, base, after,
				   STEP_VISITORS_MAX, out, out_n);
	}
	if (slots == NULL) {
		return ERR_NOMEM;
	}
	key_u64(&from, after == SLOT_NONE ? 0 : after + 1);
	rc = range_open(c->txn, TABLE_VISITOR, bytes_of(NULL, 0),
			key_bytes(&from), 0, &r);
	while (rc == 0 && n < STEP_VISITORS_MAX &&
	       (rc = range_next(r, &key, &row)) == 1) {
		rc = key.n == sizeof(slot_t)
			     ? 0
			     : err_set(ERR_CORRUPT, "a key of no visitor");
		if (rc == 0) {
			slots[n++] = get_u64(key.p);
		}
	}
	range_close(r);
	*out = slots;
	*out_n = n;
	return rc < 0 ? rc : 0;
}

static int
state_make(struct call *c, slot_t base, slot_t after, const char *wakes,
	   struct value *out)
{
	struct value state = value_object();
	int rc = value_add(&state, c->arena, "base", value_int((int64_t)base));

	if (rc == 0) {
		rc = value_add(&state, c->arena, "after",
			       value_int((int64_t)after));
	}
	if (rc == 0) {
		rc = value_add(&state, c->arena, "wakes", value_text(wakes));
	}
	if (rc == 0) {
		*out = state;
	}
	return rc;
}

int
visits_settle_begin(struct call *c, slot_t base, struct id wakes)
{
	char *text = arena_alloc(c->arena, ID_TEXT_BYTES);
	struct value state;
	struct id job;
	int rc = text == NULL ? ERR_NOMEM
			      : state_make(c, base, SLOT_NONE,
					   id_print(wakes, text), &state);

	if (rc == 0) {
		rc = settling_add(c, true);
	}
	return rc != 0 ? rc
		       : job_start(c, visits_settle_job.name, state, &job);
}

/* The last step: whoever waits goes on. */
static int
settle_end(struct call *c, const char *wakes)
{
	struct id job;
	int rc = settling_add(c, false);

	if (rc == 0) {
		rc = id_parse(wakes, &job);
	}
	return rc != 0 || id_is_nil(job) ? rc : job_wake(c, job);
}

static int
visits_settle_step(struct call *c, struct job *job, enum job_next *out_next)
{
	const struct value *of = value_get(&job->state, "base");
	const struct value *at = value_get(&job->state, "after");
	const char *wakes = value_get_text(&job->state, "wakes");
	struct budget spent = {0};
	bool waits = false;
	bool done = true;
	slot_t *visitors;
	slot_t after;
	size_t n = 0;
	int rc;

	if (of == NULL || of->kind != VALUE_INT || at == NULL ||
	    at->kind != VALUE_INT || wakes == NULL) {
		return err_set(ERR_CORRUPT, "the state of a job");
	}
	after = (slot_t)at->number;
	rc = visitors_after(c, (slot_t)of->number, after, &visitors, &n);
	for (size_t i = 0; i < n && rc == 0 && done && !waits; i++) {
		rc = visitor_settle(c, visitors[i], &spent, &done, &waits);
		after = done && !waits ? visitors[i] : after;
	}
	if (rc == 0) {
		rc = state_make(c, (slot_t)of->number, after, wakes,
				&job->state);
	}
	if (rc != 0) {
		return rc;
	}
	job->not_before_ms = c->now_ms + WAIT_MS;
	*out_next = waits	 ? JOB_WAIT
		    : n > 0 ? JOB_AGAIN
			    : JOB_DONE;
	return *out_next == JOB_DONE ? settle_end(c, wakes) : 0;
}

const struct job_kind visits_settle_job = {"visits.settle",
					   visits_settle_step, NULL};

/* Rows under a slot, `max` at most. */
static int
rows_count(struct call *c, slot_t slot, size_t max, size_t *out)
{
	struct key_maker prefix = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes row;
	int rc;

	key_u64(&prefix, slot);
	rc = range_open(c->txn, TABLE_VISIT, key_bytes(&prefix),
			bytes_of(NULL, 0), 0, &r);
	if (rc != 0) {
		return rc;
	}
	for (*out = 0; *out < max && (rc = range_next(r, &key, &row)) == 1;) {
		++*out;
	}
	range_close(r);
	return rc < 0 ? rc : 0;
}

int
visits_count(struct call *c, slot_t base, size_t max, size_t *out)
{
	slot_t *visitors;
	size_t all = 0;
	size_t n;
	int rc = visitors_of(c->txn, c->arena, base, SLOT_NONE, VISITORS_MAX,
			     &visitors, &n);

	for (size_t i = 0; i < n && rc == 0 && all < max; i++) {
		slot_t held = SLOT_NONE;
		size_t some = 0;

		rc = rows_count(c, visitors[i], max - all, &some);
		all += some;
		if (rc == 0) {
			rc = visitor_held_slot(c->txn, visitors[i], &held);
		}
		if (rc == 0 && held != SLOT_NONE) {
			rc = rows_count(c, held, max - all, &some);
			all += some;
		}
	}
	*out = all;
	return rc;
}

int
visits_any_own(struct call *c, slot_t base, bool *out)
{
	slot_t *visitors;
	size_t rows = 0;
	size_t n;
	int rc = visitors_of(c->txn, c->arena, base, SLOT_NONE, VISITORS_MAX,
			     &visitors, &n);

	for (size_t i = 0; i < n && rc == 0 && rows == 0; i++) {
		rc = rows_count(c, visitors[i], 1, &rows);
	}
	*out = rows > 0 || n == VISITORS_MAX;
	return rc;
}

/* Backwards: a visitor's own slot is the last of its slots. */
int
visits_slots_spare(struct call *c, slot_t *slots, size_t *n)
{
	slot_t *left = arena_array(c->arena, *n, sizeof(*left));
	slot_t held = SLOT_NONE;
	size_t n_left = 0;

	if (left == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = *n; i > 0; i--) {
		struct key_maker k = {.n = 0};
		bool is_visitor;
		int rc;

		key_u64(&k, slots[i - 1]);
		rc = txn_has(c->txn, TABLE_VISITOR, key_bytes(&k), &is_visitor);
		if (rc == 0 && is_visitor) {
			rc = visitor_held_slot(c->txn, slots[i - 1], &held);
		} else if (rc == 0 && slots[i - 1] != held) {
			left[n_left++] = slots[i - 1];
		}
		if (rc != 0) {
			return rc;
		}
	}
	memcpy(slots, left, n_left * sizeof(*left));
	*n = n_left;
	return 0;
}

int
visits_keep(struct call *c, slot_t base, slot_t *at, bool *out_more)
{
	struct vault v = call_vault(c);
	struct budget spent = {0};
	slot_t *visitors;
	bool done = true;
	size_t n;
	int rc = visitors_of(c->txn, c->arena, base, *at, STEP_VISITORS_MAX,
			     &visitors, &n);

	for (size_t i = 0; i < n && rc == 0 && done; i++) {
		struct visitor visitor;
		size_t own;

		rc = visitor_load(&v, visitors[i], &visitor);
		if (rc == 0) {
			rc = rows_count(c, visitors[i], 1, &own);
		}
		if (rc == 0 && own > 0) {
			rc = chunks_hold(&v, &visitor, &spent, &done);
		}
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			rc = 0;
		}
		*at = done ? visitors[i] : *at;
	}
	*out_more = n > 0;
	return rc;
}
