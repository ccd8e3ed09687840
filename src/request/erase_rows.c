/* Rows of an erased person: what stays moves, the rest goes. */
#include "request/erase_rows.h"

#include "base/pack.h"
#include "navigation/held.h"
#include "registration/invite.h"
#include "request/plan.h"
#include "retention/days.h"
#include "sharing/share.h"
#include "vault/hold_mark.h"
#include "vault/index.h"
#include "vault/record.h"

#define MOVE_ROWS 80     /* each is up to five writes */
#define MOVE_BYTES_MAX ((size_t)500 * 1024)
#define MOVE_FETCH_ROWS 10 /* opened at a time; divides MOVE_ROWS */
#define LEAVE_BUCKETS 40 /* each is two writes and a slot */
#define LEAVE_ITEMS 40    /* each is up to three slots */
#define LEAVE_GOES_ON 8  /* slots: with so few, the step does more */
#define REMOVE_WRITES 400 /* of one part, at most */
#define REMOVE_ROWS 200  /* each is two writes */
#define FORGET_SHARES 100 /* each is three */
#define FORGET_CHUNKS 150 /* each is two */

static int
row_keep(struct vault *v, struct erasing *e, const struct subject *s,
	 const struct record *r, bool held, date_t through)
{
	date_t due;

	/* Of a dead day: only the row is left. */
	if (r->data.kind != VALUE_OBJECT || r->category == NULL) {
		return record_delete(v, r);
	}
	due = r->due != DAY_NONE ? r->due
				 : record_due_day(v, s, r->category,
						  r->collected_at_ms);
	/* The policy keeps it until its own end, which has come. */
	if (!held && due != DAY_NONE && through != DAY_NONE && due <= through) {
		return record_delete(v, r);
	}
	return record_move(v, s, r, e->held, due);
}

/* The first rows of a kept category under a slot, as many as one step may
 * write; moved ones are gone from there, so that a step that runs again finds
 * the rest. */
static int
move_some(struct call *c, struct erasing *e, const struct subject *s,
	  slot_t slot, uint8_t category, bool held, bool *out_more)
{
	struct vault v = call_vault(c);
	struct record *rows;
	struct bytes last;
	date_t through;
	size_t bytes = 0;
	size_t moved = 0;
	size_t n = slot == SLOT_NONE || slot == e->held ? 0 : 1;
	int rc = days_through(c->txn, &through);

	while (rc == 0 && n > 0 && moved < MOVE_ROWS &&
	       bytes < MOVE_BYTES_MAX) {
		rc = record_rows(&v, slot, category, bytes_of(NULL, 0),
				 MOVE_FETCH_ROWS, &rows, &n, &last);
		for (size_t i = 0; rc == 0 && i < n && bytes < MOVE_BYTES_MAX;
		     i++) {
			moved++;
			bytes += rows[i].row_bytes;
			rc = row_keep(&v, e, s, &rows[i], held, through);
		}
	}
	*out_more = moved > 0;
	return rc;
}

static const struct policy_category *
navigation(const struct call *c)
{
	return policy_category(c->policy, "navigation");
}

/* What the plan says of it, NULL when that lets it go. */
static const char *
planned_basis(const struct request *r, const struct policy_category *category)
{
	for (size_t i = 0; category != NULL && i < r->n_kept; i++) {
		if (strcmp(r->kept[i].category, category->name) == 0) {
			return r->kept[i].basis;
		}
	}
	return NULL;
}

int
erase_move(struct call *c, struct erasing *e, const struct request *r,
	   const struct subject *s, bool *out_more)
{
	while (e->keeps && e->part < c->policy->n_categories) {
		const struct policy_category *category =
			&c->policy->categories[e->part];
		const char *basis = planned_basis(r, category);
		bool more = false;
		bool held;
		int rc = 0;

		if (basis == NULL) {
			rc = plan_basis(c, s, category, &basis);
		}
		held = rc == 0 && basis != NULL &&
		       strcmp(basis, KEPT_LEGAL_HOLD) == 0;
		if (rc == 0 && basis != NULL) {
			rc = move_some(c, e, s, subject_slot(s, category),
				       category->id, held, &more);
		}
		if (rc == 0 && basis != NULL && !more) {
			rc = move_some(c, e, s, e->held_old, category->id,
				       held, &more);
		}
		if (rc != 0 || more) {
			*out_more = true;
			return rc;
		}
		e->part++;
	}
	if (e->keeps && planned_basis(r, navigation(c)) != NULL) {
		int rc = visits_keep(c, s->base, &e->visitor, out_more);

		if (rc != 0 || *out_more) {
			return rc;
		}
	}
	e->visitor = SLOT_NONE;
	e->part = 0;
	*out_more = false;
	return 0;
}

/* The events of the person, when a hold covers them since. */
static int
visits_keep_late(struct call *c, struct request *r, const struct subject *s,
		 bool *out_any)
{
	const struct policy_category *category = navigation(c);
	struct request_kept kept = {.category = "navigation",
				    .basis = KEPT_LEGAL_HOLD};
	struct vault v = call_vault(c);
	bool held = false;
	bool any = false;
	int rc = 0;

	if (category != NULL && planned_basis(r, category) == NULL) {
		rc = hold_mark_has(&v, s, category->id, &held);
	}
	if (rc == 0 && held) {
		rc = visits_any_own(c, s->base, &any);
	}
	if (rc == 0 && any) {
		*out_any = true;
		rc = request_push(c, &r->kept, &r->n_kept, &kept, sizeof(kept));
	}
	return rc;
}

int
erase_keep_late(struct call *c, const struct erasing *e, struct request *r,
		const struct subject *s, bool *out_any)
{
	struct vault v = call_vault(c);
	int rc = 0;

	*out_any = false;
	for (size_t i = 0; i < c->policy->n_categories && rc == 0; i++) {
		const struct policy_category *category =
			&c->policy->categories[i];
		slot_t slots[] = {subject_slot(s, category), e->held_old};
		struct request_kept kept = {.category = category->name,
					    .basis = KEPT_LEGAL_HOLD};
		struct record *rows;
		struct bytes last;
		size_t n = 0;
		bool held;

		rc = hold_mark_has(&v, s, category->id, &held);
		if (rc != 0 || !held) {
			continue;
		}
		for (size_t k = 0; k < 2 && rc == 0 && n == 0; k++) {
			if (slots[k] != SLOT_NONE && slots[k] != e->held) {
				rc = record_rows(&v, slots[k], category->id,
						 bytes_of(NULL, 0), 1, &rows,
						 &n, &last);
			}
		}
		if (rc == 0 && n > 0) {
			*out_any = true;
			if (planned_basis(r, category) == NULL) {
				rc = request_push(c, &r->kept, &r->n_kept,
						  &kept, sizeof(kept));
			}
		}
	}
	return rc != 0 ? rc : visits_keep_late(c, r, s, out_any);
}

static int
buckets_leave(struct call *c, struct erasing *e, const struct subject *s)
{
	struct vault v = call_vault(c);
	int rc = 0;

	for (size_t i = 0; i < LEAVE_BUCKETS && e->part < s->n_buckets &&
			   rc == 0;
	     i++) {
		slot_t old;

		rc = index_move_without(&v, s->buckets[e->part],
					OWNER_SUBJECT, s->id, &old);
		if (rc == 0 && old != SLOT_NONE) {
			e->slots[e->n_slots++] = old;
		}
		e->part += rc == 0 ? 1 : 0;
	}
	return rc;
}

static int
visitors_leave(struct call *c, struct erasing *e, const struct request *r,
	       slot_t base, bool *out_more)
{
	bool keeps = planned_basis(r, navigation(c)) != NULL;
	struct vault v = call_vault(c);
	slot_t *visitors;
	size_t n;
	int rc = visitors_of(c->txn, c->arena, base, e->visitor, LEAVE_ITEMS,
			     &visitors, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		size_t slots = 0;

		rc = visitor_unindex(&v, visitors[i], keeps,
				     &e->slots[e->n_slots], &slots);
		if (rc == ERR_NOT_FOUND) {
			/* Its key is dead already. */
			err_clear();
			rc = 0;
		}
		e->n_slots += rc == 0 ? slots : 0;
		e->visitor = visitors[i];
	}
	*out_more = rc == 0 && n > 0;
	return rc;
}

static int
invites_leave(struct call *c, struct erasing *e, slot_t base, bool *out_more)
{
	struct id *ids;
	size_t n;
	int rc = of_subject_list(c->txn, c->arena, OF_SUBJECT_INVITE, base,
				 (struct id){{0}}, LEAVE_ITEMS, &ids, &n);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		size_t slots = 0;

		rc = invite_drop(c, ids[i], &e->slots[e->n_slots], &slots);
		e->n_slots += rc == 0 ? slots : 0;
		if (rc == 0) {
			rc = of_subject_remove(c->txn, OF_SUBJECT_INVITE,
					       base, ids[i]);
		}
	}
	*out_more = rc == 0 && n > 0;
	return rc;
}

int
erase_leave(struct call *c, struct erasing *e, const struct request *r,
	    const struct subject *s, bool *out_more)
{
	int rc = 0;

	if (e->part < s->n_buckets) {
		rc = buckets_leave(c, e, s);
		if (rc != 0 || e->part < s->n_buckets ||
		    e->n_slots > LEAVE_GOES_ON) {
			*out_more = true;
			return rc;
		}
	}
	rc = visitors_leave(c, e, r, s->base, out_more);
	return rc != 0 || *out_more ? rc
				    : invites_leave(c, e, s->base, out_more);
}

static int
records_remove(struct call *c, struct erasing *e, slot_t slot, bool *out_more)
{
	struct record_tally *tally = ARENA_NEW(c->arena, struct record_tally);
	struct vault v = call_vault(c);
	int rc = tally == NULL ? ERR_NOMEM
			       : record_delete_all_of(&v, slot, 0, REMOVE_ROWS,
						      tally, out_more);

	for (size_t i = 0; rc == 0 && i < 256; i++) {
		e->records[i] += tally->records[i];
	}
	return rc;
}

/* The openings of a dead LOG slot. */
static int
history_remove(struct call *c, slot_t slot, bool *out_more)
{
	struct key_maker prefix = {.n = 0};
	struct key_maker keys[REMOVE_ROWS];
	struct range *r;
	struct bytes key;
	struct bytes value;
	size_t n = 0;
	int rc;

	key_u64(&prefix, slot);
	rc = range_open(c->txn, TABLE_HISTORY, key_bytes(&prefix),
			bytes_of(NULL, 0), 0, &r);
	if (rc != 0) {
		return rc;
	}
	while (n < REMOVE_ROWS && (rc = range_next(r, &key, &value)) == 1) {
		keys[n].n = 0;
		key_raw(&keys[n++], key.p, key.n);
	}
	range_close(r);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		rc = txn_del(c->txn, TABLE_HISTORY, key_bytes(&keys[i]));
	}
	*out_more = n == REMOVE_ROWS;
	return rc < 0 ? rc : 0;
}

/* The chunks of events, counted as records of navigation. */
static int
visitor_remove(struct call *c, struct erasing *e, slot_t slot, slot_t base,
	       bool *out_more)
{
	const struct policy_category *navigation =
		policy_category(c->policy, "navigation");
	struct vault v = call_vault(c);
	size_t chunks = 0;
	int rc = visitor_forget(&v, slot, base, FORGET_CHUNKS, &chunks,
				out_more);

	if (navigation != NULL) {
		e->records[navigation->id] += (uint32_t)chunks;
	}
	return rc;
}

static int
visitors_remove(struct call *c, struct erasing *e, slot_t base, bool *out_more)
{
	struct vault v = call_vault(c);
	struct visitor kept;
	slot_t *visitors;
	size_t n;
	bool more = false;
	int rc = visitors_of(c->txn, c->arena, base, e->visitor, 2, &visitors,
			     &n);

	if (rc == 0 && n > 0) {
		rc = visitor_load(&v, visitors[0], &kept);
		if (rc == 0) {
			/* By its held slot. */
			e->visitor = visitors[0];
		} else if (rc == ERR_NOT_FOUND) {
			err_clear();
			rc = visitor_remove(c, e, visitors[0], base, &more);
		}
	}
	*out_more = more || n > 1;
	return rc;
}

static int
part_remove(struct call *c, struct erasing *e, slot_t base, bool *out_more)
{
	slot_t slots[] = {base + SLOT_PROFILE, base + SLOT_ACTIVITY,
			  base + SLOT_BILLING, e->held_old};
	size_t n_slots = sizeof(slots) / sizeof(slots[0]);
	bool more = false;
	int rc = 0;

	if (e->only_visitor != SLOT_NONE) {
		return visitor_remove(c, e, e->only_visitor, SLOT_NONE,
				      out_more);
	}
	if (e->part < n_slots) {
		if (slots[e->part] != SLOT_NONE) {
			rc = records_remove(c, e, slots[e->part], &more);
		}
	} else if (e->part == n_slots) {
		rc = share_forget(c, base, FORGET_SHARES, &more);
	} else if (e->part == n_slots + 1) {
		rc = visitors_remove(c, e, base, &more);
	} else if (e->part == n_slots + 2) {
		if (!e->keeps) {
			rc = history_remove(c, base + SLOT_LOG, &more);
		}
	} else {
		e->part = 0;
		*out_more = false;
		return 0;
	}
	e->part += more ? 0 : 1;
	*out_more = true;
	return rc;
}

int
erase_remove(struct call *c, struct erasing *e, slot_t base, bool *out_more)
{
	bool more = false;
	int rc;

	/* Most people have little of anything: all of it goes in one step. */
	do {
		rc = part_remove(c, e, base, &more);
	} while (rc == 0 && more && txn_rows_left(c->txn) >= REMOVE_WRITES);
	*out_more = more;
	return rc;
}
