/* report.retention, from counts, the policy and the holds that stand. */
#include "report/retained.h"

#include "retention/count.h"
#include "retention/days.h"
#include "retention/guard.h"
#include "retention/hold_row.h"

static const struct field item_fields[] = {
	F_MUST(struct retained_item, category, FIELD_TEXT,
	       "a category of the policy"),
	F_MUST(struct retained_item, expired, FIELD_INT,
	       "rows that went in the span"),
	F_MUST(struct retained_item, period, FIELD_TEXT,
	       "how long it is kept"),
	F_MUST(struct retained_item, from, FIELD_TEXT,
	       "what that is counted from"),
	F_MUST(struct retained_item, basis, FIELD_TEXT, "why it may be kept"),
	F_MAY(struct retained_item, clause, FIELD_TEXT, "of the statement"),
	F_MUST(struct retained_item, house_decision, FIELD_BOOL,
	       "the statement names no period"),
	F_MAY(struct retained_item, kept_on_request, FIELD_TEXT,
	      "why a request to delete leaves it until its end"),
	F_MUST(struct retained_item, holds, FIELD_INT,
	       "legal holds that cover it now"),
};
static const struct field out_fields[] = {
	F_MUST(struct report_retention_out, from, FIELD_DATE, "first day"),
	F_MUST(struct report_retention_out, to, FIELD_DATE,
	       "the day after the last"),
	F_MUST(struct report_retention_out, expired, FIELD_INT,
	       "rows that went in the span"),
	F_MUST(struct report_retention_out, disclosures, FIELD_INT,
	       "to recipients, of people erased long ago: forgotten in the "
	       "span"),
	F_MUST(struct report_retention_out, days, FIELD_INT,
	       "days whose keys were destroyed in the span"),
	F_MAY_HAS(struct report_retention_out, through, FIELD_DATE,
		  "the last day that is destroyed"),
	F_MUST(struct report_retention_out, stopped, FIELD_BOOL,
	       "the clock has stopped expiry"),
	F_MUST(struct report_retention_out, stopped_seconds, FIELD_INT,
	       "how long it was stopped, where that ended in the span"),
	F_MUST(struct report_retention_out, holds_placed, FIELD_INT,
	       "in the span"),
	F_MUST(struct report_retention_out, holds_ended, FIELD_INT,
	       "in the span"),
	F_MUST(struct report_retention_out, holds, FIELD_INT,
	       "that stand now"),
	F_LIST(struct report_retention_out, items, 0, item_fields, 256,
	       "by category"),
};
const struct field_table report_retention_out_table =
	FIELD_TABLE(struct report_retention_out, out_fields);

struct making {
	const struct policy *policy;
	struct report_retention_out *out;
};

static int
count_add(void *ctx, const struct retention_count *k)
{
	struct making *m = ctx;
	struct report_retention_out *out = m->out;
	int64_t n = (int64_t)k->n;

	switch (k->event) {
	case RETENTION_EXPIRED:
		out->expired += n;
		for (size_t i = 0; i < out->n_items; i++) {
			if (m->policy->categories[i].id == k->category) {
				out->items[i].expired += n;
			}
		}
		break;
	case RETENTION_DISCLOSURES:
		out->disclosures += n;
		break;
	case RETENTION_DAYS:
		out->days += n;
		break;
	case RETENTION_HOLD_PLACED:
		out->holds_placed += n;
		break;
	case RETENTION_HOLD_ENDED:
		out->holds_ended += n;
		break;
	case RETENTION_CLOCK_STOPPED:
		out->stopped_seconds += n;
		break;
	case RETENTION_EVENTS:
		break;
	}
	return 0;
}

static int
items_make(struct call *c, struct report_retention_out *out)
{
	size_t n = c->policy->n_categories;

	out->items = arena_array(c->arena, n, sizeof(*out->items));
	if (out->items == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		const struct policy_category *category =
			&c->policy->categories[i];
		const struct policy_retention *r = &category->retention;
		char *period = arena_alloc(c->arena, 40);

		if (period == NULL) {
			return ERR_NOMEM;
		}
		out->items[i] = (struct retained_item){
			.category = category->name,
			.period = duration_print(r->period, period),
			.from = policy_from_name(r->from),
			.basis = category->basis,
			.clause = r->clause != NULL ? r->clause
						    : category->clause,
			.house_decision = r->house_decision,
			.kept_on_request = category->kept_on_request};
	}
	out->n_items = n;
	return 0;
}

static int
holds_count(struct call *c, struct report_retention_out *out)
{
	struct hold *holds;
	size_t n;
	int rc = hold_load_all(c, &holds, &n);

	if (rc != 0) {
		return rc;
	}
	out->holds = (int64_t)n;
	for (size_t i = 0; i < out->n_items; i++) {
		for (size_t j = 0; j < n; j++) {
			out->items[i].holds +=
				hold_has_category(&holds[j],
						  c->policy->categories[i].id)
					? 1
					: 0;
		}
	}
	return 0;
}

int
report_retention(struct call *c, const void *input, void *output)
{
	struct report_retention_out *out = output;
	struct making m = {c->policy, out};
	struct guard guard;
	struct span s;
	int rc = span_read(c, input, &s);

	if (rc == 0) {
		out->from = s.from;
		out->to = s.to;
		rc = items_make(c, out);
	}
	if (rc == 0) {
		rc = retention_count_each(c->txn, s.from, s.to, count_add, &m);
	}
	if (rc == 0) {
		rc = holds_count(c, out);
	}
	if (rc == 0) {
		rc = guard_read(c, &guard);
		out->stopped = rc == 0 && guard.is_stopped;
	}
	if (rc == 0) {
		rc = days_through(c->txn, &out->through);
		out->has_through = rc == 0 && out->through != DAY_NONE;
	}
	return rc;
}
