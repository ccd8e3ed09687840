/* The end of holds: released by compliance, or by themselves after their last
 * day. */
#include "base/pack.h"
#include "navigation/held.h"
#include "retention/count.h"
#include "retention/guard.h"
#include "retention/hold.h"
#include "retention/hold_move.h"
#include "retention/hold_row.h"
#include "vault/hold_mark.h"

#define SETTING "hold.walk"
#define REASON_BYTES_MAX 1000

static const struct field release_in_fields[] = {
	F_MUST(struct hold_release_in, hold, FIELD_ID, "the hold"),
	F_PROSE(struct hold_release_in, reason, 0, REASON_BYTES_MAX,
		"why it is not needed any more"),
};
const struct field_table hold_release_in_table =
	FIELD_TABLE(struct hold_release_in, release_in_fields);

/* Takes away the marks that no other hold of this reach sets. */
static int
marks_clear(struct call *c, const struct hold *h, struct subject *s)
{
	struct vault v = call_vault(c);
	struct hold *holds;
	size_t n;
	int rc = hold_load_all(c, &holds, &n);

	for (size_t i = 0; i < h->n_categories && rc == 0; i++) {
		uint8_t category = h->categories[i];
		bool others = false;

		for (size_t j = 0; j < n; j++) {
			others = others ||
				 (id_equal(holds[j].subject, h->subject) &&
				  !id_equal(holds[j].id, h->id) &&
				  hold_has_category(&holds[j], category));
		}
		if (others) {
			continue;
		}
		if (s != NULL) {
			hold_mark_set(s, category, false);
		} else {
			rc = hold_mark_set_all(&v, category, false);
		}
	}
	return rc;
}

static int
hold_end(struct call *c, const struct hold *h, enum leaf_type type,
	 const char *reason)
{
	struct vault v = call_vault(c);
	struct subject *s = NULL;
	int rc = 0;

	if (!id_is_nil(h->subject)) {
		rc = subject_load_erasing(&v, h->subject, &s);
		if (rc == ERR_NOT_FOUND) {
			err_clear();
			return hold_delete(c, h);
		}
		if (rc == 0 && s->erasing) {
			rc = err_set(ERR_BUSY, "the person is being erased");
		}
	}
	if (rc == 0) {
		rc = marks_clear(c, h, s);
	}
	if (rc == 0 && s != NULL) {
		rc = of_subject_remove(c->txn, OF_SUBJECT_HOLD, s->base, h->id);
	}
	if (rc == 0) {
		rc = s != NULL ? hold_renew_begin(c, s) : hold_walk_begin(c);
	}
	if (rc == 0 && hold_has_visits(c, h)) {
		rc = visits_settle_begin(c, h->base, (struct id){{0}});
	}
	if (rc == 0) {
		rc = hold_leaf(c, h, type, reason);
	}
	if (rc == 0) {
		rc = retention_count_add(c, RETENTION_HOLD_ENDED, 0, 1);
	}
	return rc != 0 ? rc : hold_delete(c, h);
}

int
hold_release(struct call *c, const void *input, void *output)
{
	const struct hold_release_in *in = input;
	struct hold h;
	int rc = hold_load(c, in->hold, &h);

	(void)output;
	if (rc == 0 && h.base != SLOT_NONE) {
		call_about(c, h.base);
	}
	if (rc == 0 && h.moving) {
		(void)err_set(ERR_STATE, "its records are still being moved");
		err_extra_text("state", "moving");
		rc = ERR_STATE;
	}
	return rc != 0 ? rc
		       : hold_end(c, &h, LEAF_HOLD_RELEASED, in->reason);
}

/* Once a day: people kept by the policy after an erasure, whose day came. */
static int
walk_daily(struct call *c)
{
	struct bytes value;
	uint8_t day[4];
	int rc = txn_get(c->txn, TABLE_SYSTEM, bytes_str(SETTING), &value);

	if (rc == 0 && value.n == sizeof(day) &&
	    (date_t)get_u32(value.p) == c->today) {
		return 0;
	}
	if (rc != 0 && rc != ERR_NOT_FOUND) {
		return rc;
	}
	err_clear();
	put_u32(day, (uint32_t)c->today);
	rc = txn_put(c->txn, TABLE_SYSTEM, bytes_str(SETTING),
		     bytes_of(day, sizeof(day)));
	return rc != 0 ? rc : hold_walk_begin(c);
}

int
hold_timed(struct call *c, bool *out_more)
{
	struct hold *holds;
	struct guard guard;
	size_t n;
	int rc = guard_check(c, &guard);

	*out_more = false;
	if (rc != 0 || guard.is_stopped) {
		/* What an end lets go would be gone for good. */
		return rc;
	}
	rc = hold_load_all(c, &holds, &n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (holds[i].until == DAY_NONE || holds[i].until >= c->today ||
		    holds[i].moving) {
			continue;
		}
		rc = hold_end(c, &holds[i], LEAF_HOLD_ENDED, NULL);
		if (rc == ERR_BUSY) {
			/* Before anything was written: next time. */
			err_clear();
			rc = 0;
			continue;
		}
		/* One a turn: each moves rows. */
		*out_more = true;
		return rc;
	}
	return rc != 0 ? rc : walk_daily(c);
}
