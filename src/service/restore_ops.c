/* What a restore with a gap waits for: compliance says that it has been seen.
 * Until then only those who can say so, or look into it, are served. */

#include "base/pack.h"
#include "service/restore.h"
#include "service/state.h"

#define NOTE_BYTES_MAX 2000
#define SPAN_BYTES 16
#define SPANS_STEP_SLOTS 256

static const struct field acknowledge_in_fields[] = {
	F_MUST(struct restore_acknowledge_in, gap, FIELD_ID,
	       "as service.status shows it"),
	F_PROSE(struct restore_acknowledge_in, note, 0, NOTE_BYTES_MAX,
		"what was found out, and done"),
};
const struct field_table restore_acknowledge_in_table =
	FIELD_TABLE(struct restore_acknowledge_in, acknowledge_in_fields);

static int
gap_is(struct call *c, struct id gap)
{
	char text[ID_TEXT_BYTES];
	struct value v;
	struct bytes row;
	const char *id;
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str(RESTORE_GAP), &row);

	if (rc == ERR_NOT_FOUND) {
		return err_field(ERR_NOT_FOUND, "gap", "there is no gap");
	}
	if (rc == 0) {
		rc = value_unpack(row, c->arena, &v);
	}
	if (rc != 0) {
		return rc;
	}
	id = value_get_text(&v, "gap");
	return id != NULL && strcmp(id, id_print(gap, text)) == 0
		       ? 0
		       : err_field(ERR_NOT_FOUND, "gap", "it is another one");
}

int
restore_acknowledge(struct call *c, const void *input, void *out)
{
	const struct restore_acknowledge_in *in = input;
	struct value details = value_object();
	char *gap = arena_alloc(c->arena, ID_TEXT_BYTES);
	bool has_slots = false;
	struct id job;
	int rc = gap == NULL ? ERR_NOMEM : gap_is(c, in->gap);

	(void)out;
	if (rc == 0) {
		rc = txn_del(c->txn, TABLE_SYSTEM, bytes_str(RESTORE_GAP));
	}
	if (rc == 0) {
		rc = txn_has(c->txn, TABLE_SYSTEM, bytes_str(RESTORE_SLOTS),
			     &has_slots);
	}
	if (rc == 0 && has_slots) {
		rc = job_start(c, restore_slots_job.name, value_object(),
			       &job);
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "gap",
			       value_text(id_print(in->gap, gap)));
	}
	if (rc == 0) {
		rc = value_add(&details, c->arena, "note",
			       value_text(in->note));
	}
	return rc != 0 ? rc
		       : call_leaf(c, (struct call_leaf){
					      .type = LEAF_GAP_ACKNOWLEDGED,
					      .log_slot = SLOT_NONE,
					      .details = details});
}

/* The first slots of the row's spans; the row keeps the others. */
static int
spans_take(struct call *c, slot_t *slots, size_t *out_n, bool *out_more)
{
	struct bytes name = bytes_str(RESTORE_SLOTS);
	struct bytes row;
	uint8_t *left;
	size_t n = 0;
	size_t at = 0;
	int rc = txn_get(c->txn, TABLE_SYSTEM, name, &row);

	*out_n = 0;
	*out_more = false;
	if (rc == ERR_NOT_FOUND) {
		return 0;
	}
	left = rc == 0 ? arena_copy(c->arena, row.p, row.n) : NULL;
	if (left == NULL) {
		return rc != 0 ? rc : ERR_NOMEM;
	}
	while (at + SPAN_BYTES <= row.n && n < SPANS_STEP_SLOTS) {
		slot_t from = get_u64(left + at);

		if (from >= get_u64(left + at + 8)) {
			at += SPAN_BYTES;
			continue;
		}
		slots[n++] = from;
		put_u64(left + at, from + 1);
	}
	*out_n = n;
	*out_more = at + SPAN_BYTES <= row.n;
	return *out_more ? txn_put(c->txn, TABLE_SYSTEM, name,
				   bytes_of(left + at, row.n - at))
			 : txn_del(c->txn, TABLE_SYSTEM, name);
}

/* The keys of slots that operations in the gap may have taken: whoever they
 * belonged to is not in the store, and nobody else may get them. */
static int
slots_step(struct call *c, struct job *job, enum job_next *out_next)
{
	struct id nobody = {{0}};
	slot_t slots[SPANS_STEP_SLOTS];
	bool more;
	size_t n;
	int rc = spans_take(c, slots, &n, &more);

	(void)job;
	if (rc == 0 && n > 0) {
		rc = erasure_queue(c, slots, n, nobody);
	}
	if (rc == 0) {
		*out_next = more ? JOB_AGAIN : JOB_DONE;
	}
	return rc;
}

const struct job_kind restore_slots_job = {"restore.slots", slots_step, NULL};

int
restore_gap_check(struct core *core, unsigned roles)
{
	struct txn *t;
	bool has = true;
	int rc;

	if (!core->has_gap || (roles & (ROLE_ADMIN | ROLE_COMPLIANCE)) != 0) {
		return 0;
	}
	rc = store_begin(core->store, &t);
	if (rc != 0) {
		return rc;
	}
	rc = txn_has(t, TABLE_SYSTEM, bytes_str(RESTORE_GAP), &has);
	store_abandon(core->store, t);
	core->has_gap = has;
	return rc != 0 || !has
		       ? rc
		       : err_set(ERR_UNAVAILABLE,
				 "restored with a gap that compliance has not "
				 "acknowledged");
}
