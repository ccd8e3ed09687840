/*
 * A request's row and the rows that follow from it: its covering row, alarms,
 * counts, the person's list. What happens to a request is course.c's, what
 * people may do with it in the files of the operations.
 */
#include "request/request.h"

#include "base/pack.h"
#include "call/erasure.h"
#include "keyring/slots.h"
#include "request/count.h"
#include "vault/index.h"

#define REQUEST_SCHEMA 1
#define SLOT_PREFIX_BYTES 8

const char *const request_type_names[4] = {"access", "change", "delete", NULL};
const char *const request_channel_names[6] = {"portal", "email", "phone",
					     "post",   "agent", NULL};
const char *const acting_kind_names[3] = {"guardian", "agent", NULL};

const struct field request_identity_fields[REQUEST_IDENTITY_FIELDS] = {
	F_MAY(struct request_identity, email, FIELD_EMAIL, "e-mail address"),
	F_MAY(struct request_identity, phone, FIELD_PHONE, "telephone"),
	F_WORD(struct request_identity, visitor, FIELD_OPTIONAL,
	       REQUEST_VISITOR_BYTES_MAX, "a visitor's id, from a cookie"),
};

static struct seal_context
body_context(const struct request *r)
{
	return (struct seal_context){.type = SEAL_REQUEST,
				     .slot = r->slot,
				     .record = r->id,
				     .day = DAY_NONE,
				     .schema = REQUEST_SCHEMA};
}

int
request_new(struct call *c, struct request **out)
{
	struct request *r = ARENA_NEW(c->arena, struct request);
	int rc = r == NULL ? ERR_NOMEM
			   : slots_take_one(c->txn, c->keys, &r->slot);

	if (rc != 0) {
		return rc;
	}
	r->id = call_new_id(c);
	r->subject_base = SLOT_NONE;
	r->visitor_slot = SLOT_NONE;
	r->bundle_slot = SLOT_NONE;
	r->submitted_at_ms = c->now_ms;
	c->log_slot = r->slot;
	c->reply_slot = r->slot;
	*out = r;
	return 0;
}

static int
absent(void)
{
	return err_set(ERR_NOT_FOUND, "no such request");
}

static struct request_dates
dates_of(const struct request *r)
{
	return (struct request_dates){.type = r->type,
				      .received_at_ms = r->received_at_ms,
				      .due_at_ms = r->due_at_ms,
				      .legal_due_at_ms = r->legal_due_at_ms,
				      .regime = r->regime};
}

static void
stored_note(struct request *r)
{
	r->stored.exists = true;
	r->stored.is_open = state_is_open(r->state);
	r->stored.dates = dates_of(r);
	memcpy(r->stored.alarms, r->alarms, sizeof(r->alarms));
}

int
request_peek(struct call *c, struct id id, struct request **out)
{
	struct request *r = ARENA_NEW(c->arena, struct request);
	struct seal_context context;
	struct bytes row;
	struct bytes plain;
	int rc = r == NULL ? ERR_NOMEM
			   : txn_get(c->txn, TABLE_REQUEST, id_bytes(&id),
				     &row);

	if (rc != 0) {
		return rc == ERR_NOT_FOUND ? absent() : rc;
	}
	if (row.n < SLOT_PREFIX_BYTES) {
		return err_set(ERR_CORRUPT, "a request's row is too short");
	}
	r->id = id;
	r->slot = get_u64(row.p);
	context = body_context(r);
	rc = seal_open(c->keys, &context,
		       bytes_of(row.p + SLOT_PREFIX_BYTES,
				row.n - SLOT_PREFIX_BYTES),
		       c->arena, &plain);
	if (rc == ERR_EXPIRED) {
		return absent();
	}
	if (rc == 0) {
		rc = request_unpack(plain, c->arena, r);
	}
	if (rc != 0) {
		return rc;
	}
	stored_note(r);
	*out = r;
	return 0;
}

int
request_load(struct call *c, struct id id, struct request **out)
{
	int rc = request_peek(c, id, out);

	if (rc == 0) {
		c->log_slot = (*out)->slot;
		c->reply_slot = (*out)->slot;
	}
	return rc;
}

static int
row_make(struct call *c, const struct request *r, struct buf *row)
{
	struct seal_context context = body_context(r);
	uint8_t slot[SLOT_PREFIX_BYTES];
	struct buf plain;
	int rc;

	put_u64(slot, r->slot);
	buf_init(&plain, REQUEST_BODY_BYTES_MAX);
	rc = request_pack(r, &plain);
	if (rc == ERR_TOO_LARGE) {
		rc = err_set(ERR_TOO_MANY,
			     "the request holds as much as one can");
	}
	if (rc == 0) {
		rc = buf_put(row, slot, sizeof(slot));
	}
	if (rc == 0) {
		rc = seal_put(c->keys, &context, buf_bytes(&plain), row);
	}
	buf_clear(&plain);
	return rc;
}

int
request_save_trace(struct call *c, const struct request *r)
{
	struct buf row;
	int rc;

	buf_init(&row, VALUE_BYTES_MAX);
	rc = row_make(c, r, &row);
	if (rc == 0) {
		rc = txn_trace_put(c->txn, TABLE_REQUEST, id_bytes(&r->id),
				   buf_bytes(&row));
	}
	buf_clear(&row);
	return rc;
}

static bool
text_equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Dates that are no longer, kept with the moment until which they stood. */
static int
dates_follow(struct call *c, struct request *r)
{
	struct request_dates was = r->stored.dates;
	int rc;

	if (!r->stored.exists ||
	    (was.type == r->type && was.received_at_ms == r->received_at_ms &&
	     was.due_at_ms == r->due_at_ms &&
	     was.legal_due_at_ms == r->legal_due_at_ms &&
	     text_equal(was.regime, r->regime))) {
		return 0;
	}
	rc = request_count_moved(c, r, &was);
	if (rc != 0) {
		return rc;
	}
	was.until_ms = c->now_ms;
	if (r->n_past == REQUEST_LIST_MAX) {
		/* Nothing may keep it from its end: the oldest go. */
		r->past++;
		r->n_past--;
	}
	return request_push(c, &r->past, &r->n_past, &was, sizeof(was));
}

/* The covering row as it must be, the old one away where its key differs. */
static int
cover_follow(struct call *c, const struct request *r)
{
	struct request_cover cover;
	bool is_open = state_is_open(r->state);
	bool moved = r->stored.is_open != is_open ||
		     (is_open && r->stored.dates.due_at_ms != r->due_at_ms);
	int rc = 0;

	request_cover_of(r, &cover);
	if (r->stored.exists && moved) {
		rc = cover_del(c->txn, r->stored.is_open,
			       r->stored.dates.due_at_ms,
			       r->stored.dates.received_at_ms, r->id);
	}
	return rc != 0 ? rc : cover_put(c->txn, &cover);
}

static int
alarms_follow(struct call *c, const struct request *r)
{
	int rc = 0;

	for (size_t i = 0; i < ALARM_KINDS && rc == 0; i++) {
		struct alarm a = {.id = r->id, .kind = (enum alarm_kind)i};

		if (r->alarms[i] == r->stored.alarms[i]) {
			continue;
		}
		if (r->stored.alarms[i] != 0) {
			a.at_ms = r->stored.alarms[i];
			rc = alarm_del(c->txn, &a);
		}
		if (rc == 0 && r->alarms[i] != 0) {
			a.at_ms = r->alarms[i];
			rc = alarm_put(c->txn, &a);
		}
	}
	return rc;
}

/* What the person has, and has open. */
static int
person_follow(struct call *c, const struct request *r)
{
	bool is_open = state_is_open(r->state);
	int rc = 0;

	if (r->subject_base == SLOT_NONE) {
		return 0;
	}
	if (!r->stored.exists) {
		rc = of_subject_add(c->txn, OF_SUBJECT_REQUEST,
				    r->subject_base, r->id);
	}
	if (rc == 0 && is_open && !r->stored.is_open) {
		rc = of_subject_add(c->txn, OF_SUBJECT_OPEN_REQUEST,
				    r->subject_base, r->id);
	}
	if (rc == 0 && !is_open && r->stored.is_open) {
		rc = of_subject_remove(c->txn, OF_SUBJECT_OPEN_REQUEST,
				       r->subject_base, r->id);
	}
	return rc;
}

int
request_save(struct call *c, struct request *r)
{
	struct buf row;
	int rc = dates_follow(c, r);

	if (rc != 0) {
		return rc;
	}
	buf_init(&row, VALUE_BYTES_MAX);
	rc = row_make(c, r, &row);
	if (rc == 0) {
		rc = txn_put(c->txn, TABLE_REQUEST, id_bytes(&r->id),
			     buf_bytes(&row));
	}
	buf_clear(&row);
	if (rc == 0) {
		rc = cover_follow(c, r);
	}
	if (rc == 0) {
		rc = alarms_follow(c, r);
	}
	if (rc == 0) {
		rc = person_follow(c, r);
	}
	if (rc == 0) {
		stored_note(r);
	}
	return rc;
}

/* The index without it: its old buckets die with its slot. */
static int
index_leave(struct call *c, struct request *r, slot_t *slots, size_t *n)
{
	struct vault v = call_vault(c);

	for (size_t i = 0; i < r->n_buckets; i++) {
		slot_t old;
		int rc = index_move_without(&v, r->buckets[i], OWNER_REQUEST,
					    r->id, &old);

		if (rc != 0) {
			return rc;
		}
		if (old != SLOT_NONE) {
			slots[(*n)++] = old;
		}
	}
	return 0;
}

int
request_end(struct call *c, struct request *r)
{
	slot_t slots[REQUEST_BUCKETS_MAX + 2];
	size_t n = 0;
	int rc = index_leave(c, r, slots, &n);

	if (rc == 0) {
		rc = cover_del(c->txn, r->stored.is_open,
			       r->stored.dates.due_at_ms,
			       r->stored.dates.received_at_ms, r->id);
	}
	memset(r->alarms, 0, sizeof(r->alarms));
	if (rc == 0) {
		rc = alarms_follow(c, r);
	}
	if (rc == 0 && r->subject_base != SLOT_NONE) {
		rc = of_subject_remove(c->txn, OF_SUBJECT_REQUEST,
				       r->subject_base, r->id);
	}
	if (rc == 0) {
		rc = txn_del(c->txn, TABLE_REQUEST, id_bytes(&r->id));
	}
	slots[n++] = r->slot;
	return rc != 0 ? rc
		       : erasure_queue(c, slots, n, (struct id){{0}});
}
