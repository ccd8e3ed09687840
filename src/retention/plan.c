/* The dry run of expiry: one pass over the rows of records and one over those
 * of visits, whose category and day stand outside of the seal. */
#include "retention/plan.h"

#include "base/pack.h"
#include "policy/decide.h"
#include "retention/asof.h"
#include "retention/days.h"
#include "retention/guard.h"
#include "retention/hold_row.h"
#include "vault/record.h"

static const struct field plan_in_fields[] = {
	F_WORD(struct retention_plan_in, as_of, FIELD_OPTIONAL, 40,
	       "a date or a time, past or future; default: now"),
};
const struct field_table retention_plan_in_table =
	FIELD_TABLE(struct retention_plan_in, plan_in_fields);
static const struct field item_fields[] = {
	F_MUST(struct retention_plan_item, category, FIELD_TEXT,
	       "a category of the policy"),
	F_MUST(struct retention_plan_item, going, FIELD_INT,
	       "rows whose day has come by then"),
	F_MUST(struct retention_plan_item, later, FIELD_INT,
	       "rows with a later day"),
	F_MUST(struct retention_plan_item, without_day, FIELD_INT,
	       "rows of open accounts, or held"),
	F_MAY_HAS(struct retention_plan_item, first, FIELD_DATE,
		  "the earliest day of what goes"),
	F_MUST(struct retention_plan_item, held, FIELD_BOOL,
	       "a hold covers it for everybody"),
	F_MUST(struct retention_plan_item, period, FIELD_TEXT,
	       "how long it is kept"),
	F_MUST(struct retention_plan_item, from, FIELD_TEXT,
	       "what that is counted from"),
	F_MUST(struct retention_plan_item, basis, FIELD_TEXT,
	       "why it may be kept"),
	F_MAY(struct retention_plan_item, clause, FIELD_TEXT,
	      "of the statement"),
};
static const struct field plan_out_fields[] = {
	F_MUST(struct retention_plan_out, as_of, FIELD_DATE,
	       "the day that was asked for"),
	F_MAY_HAS(struct retention_plan_out, through, FIELD_DATE,
		  "days up to this one are destroyed already"),
	F_MUST(struct retention_plan_out, stopped, FIELD_BOOL,
	       "the clock has stopped expiry"),
	F_MUST(struct retention_plan_out, going, FIELD_INT,
	       "rows of all categories"),
	F_MUST(struct retention_plan_out, holds, FIELD_INT,
	       "legal holds that stand"),
	F_LIST(struct retention_plan_out, items, 0, item_fields, 256,
	       "by category"),
};
const struct field_table retention_plan_out_table =
	FIELD_TABLE(struct retention_plan_out, plan_out_fields);

struct tally {
	date_t as_of;
	int64_t going[256];
	int64_t later[256];
	int64_t without[256];
	date_t first[256];
};

static void
tally_add(struct tally *t, uint8_t category, date_t day)
{
	if (day == DAY_NONE) {
		t->without[category]++;
	} else if (day > t->as_of) {
		t->later[category]++;
	} else {
		if (t->going[category]++ == 0 || day < t->first[category]) {
			t->first[category] = day;
		}
	}
}

static int
records_count(struct call *c, struct tally *t)
{
	struct range *r = NULL;
	struct bytes key;
	struct bytes row;
	int rc = range_open(c->txn, TABLE_RECORD, bytes_of(NULL, 0),
			    bytes_of(NULL, 0), 0, &r);

	while (rc == 0 && (rc = range_next(r, &key, &row)) == 1) {
		rc = 0;
		if (key.n == RECORD_KEY_BYTES && row.n > 4) {
			tally_add(t, key.p[8], (date_t)get_u32(row.p));
		}
	}
	range_close(r);
	return rc;
}

/* Visits: one row is what one call brought of one day. */
static int
visits_count(struct call *c, struct tally *t)
{
	const struct policy_category *visits =
		policy_category(c->policy, "navigation");
	struct range *r = NULL;
	struct bytes key;
	struct bytes value;
	int rc;

	if (visits == NULL) {
		return 0;
	}
	rc = range_open(c->txn, TABLE_VISIT, bytes_of(NULL, 0),
			bytes_of(NULL, 0), 0, &r);
	while (rc == 0 && (rc = range_next(r, &key, &value)) == 1) {
		rc = 0;
		if (value.n > 4) {
			tally_add(t, visits->id, (date_t)get_u32(value.p));
		}
	}
	range_close(r);
	return rc;
}

static int
item_make(struct call *c, const struct policy_category *category,
	  const struct tally *t, bool held, struct retention_plan_item *out)
{
	uint8_t id = category->id;
	char *period = arena_alloc(c->arena, 40);

	if (period == NULL) {
		return ERR_NOMEM;
	}
	*out = (struct retention_plan_item){
		.category = category->name,
		.going = t->going[id],
		.later = t->later[id],
		.without_day = t->without[id],
		.first = t->first[id],
		.has_first = t->going[id] > 0,
		.held = held,
		.period = duration_print(category->retention.period, period),
		.from = policy_from_name(category->retention.from),
		.basis = category->basis,
		.clause = category->retention.clause != NULL
				  ? category->retention.clause
				  : category->clause};
	return 0;
}

static int
items_make(struct call *c, const struct tally *t,
	   struct retention_plan_out *out)
{
	size_t n = c->policy->n_categories;
	struct hold *holds;
	size_t n_holds;
	int rc = hold_load_all(c, &holds, &n_holds);

	out->items = arena_array(c->arena, n, sizeof(*out->items));
	if (out->items == NULL) {
		return ERR_NOMEM;
	}
	out->holds = rc == 0 ? (int64_t)n_holds : 0;
	for (size_t i = 0; i < n && rc == 0; i++) {
		const struct policy_category *category =
			&c->policy->categories[i];
		bool held = false;

		for (size_t j = 0; j < n_holds; j++) {
			held = held ||
			       (id_is_nil(holds[j].subject) &&
				hold_has_category(&holds[j], category->id));
		}
		rc = item_make(c, category, t, held, &out->items[i]);
		out->going += rc == 0 ? out->items[i].going : 0;
	}
	out->n_items = n;
	return rc;
}

int
retention_plan(struct call *c, const void *input, void *output)
{
	const struct retention_plan_in *in = input;
	struct retention_plan_out *out = output;
	struct tally *t = ARENA_NEW(c->arena, struct tally);
	struct guard guard;
	int64_t as_of_ms;
	int rc = asof_parse(c->policy, in->as_of, "as_of", c->now_ms,
			    &as_of_ms);

	if (rc != 0 || t == NULL) {
		return rc != 0 ? rc : ERR_NOMEM;
	}
	*out = (struct retention_plan_out){
		.as_of = decide_today(c->policy, as_of_ms)};
	t->as_of = out->as_of;
	rc = days_through(c->txn, &out->through);
	out->has_through = rc == 0 && out->through != DAY_NONE;
	if (rc == 0) {
		rc = guard_read(c, &guard);
		out->stopped = rc == 0 && guard.is_stopped;
	}
	if (rc == 0) {
		rc = records_count(c, t);
	}
	if (rc == 0) {
		rc = visits_count(c, t);
	}
	return rc != 0 ? rc : items_make(c, t, out);
}
