/* What goes and what stays. */
#include "request/plan.h"

#include "navigation/held.h"
#include "policy/decide.h"
#include "retention/hold.h"
#include "vault/hold_mark.h"
#include "vault/record.h"

int
plan_basis(struct call *c, const struct subject *s,
	   const struct policy_category *category, const char **out_basis)
{
	struct vault v = call_vault(c);
	bool held;
	int rc = hold_mark_has(&v, s, category->id, &held);

	if (rc == 0) {
		*out_basis = held ? KEPT_LEGAL_HOLD
				  : category->kept_on_request;
	}
	return rc;
}

/* Records of a category under one slot, counted within a budget. */
static int
slot_count(struct call *c, slot_t slot, const struct policy_category *category,
	   size_t *budget, int64_t *records)
{
	struct vault v = call_vault(c);
	struct record *rows;
	struct bytes last;
	size_t n;
	int rc;

	if (slot == SLOT_NONE || *budget == 0) {
		return 0;
	}
	rc = record_rows(&v, slot, category->id, bytes_of(NULL, 0), *budget,
			 &rows, &n, &last);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (i == 0 || !id_equal(rows[i].id, rows[i - 1].id)) {
			(*records)++;
		}
	}
	*budget -= rc == 0 ? n : 0;
	return rc;
}

/* The day from which the newest record of it is gone: when the account ends
 * today, as it does with an erasure. */
static int
kept_until(struct call *c, const struct subject *s,
	   const struct policy_category *category, struct request_kept *kept)
{
	struct vault v = call_vault(c);
	struct subject ended = *s;
	struct record_query q = {
		.categories = &category, .n_categories = 1, .limit = 1};
	struct record *newest;
	const char *next;
	size_t n;
	int rc = record_list(&v, s, &q, &newest, &n, &next);

	if (rc != 0 || n == 0) {
		return rc;
	}
	if (ended.account_end == DAY_NONE) {
		ended.account_end = c->today;
	}
	kept->until = record_due_day(&v, &ended, category,
				     newest->collected_at_ms);
	kept->has_until = kept->until != DAY_NONE;
	return 0;
}

/* The last day of the hold, of several the latest. */
static int
held_until(struct call *c, const struct subject *s,
	   const struct policy_category *category, struct request_kept *kept)
{
	bool held;
	int rc = hold_covers(c, s, category, &held, &kept->until);

	kept->has_until = rc == 0 && kept->until != DAY_NONE;
	return rc;
}

static bool
is_navigation(const struct policy_category *category)
{
	return strcmp(category->name, "navigation") == 0;
}

/* Events: by the rows that the calls made. */
static int
visits_plan(struct call *c, const struct subject *s, size_t *budget,
	    int64_t *records)
{
	size_t n = 0;
	int rc = *budget == 0 ? 0 : visits_count(c, s->base, *budget, &n);

	*records += (int64_t)n;
	*budget -= n;
	return rc;
}

static int
category_plan(struct call *c, const struct subject *s,
	      const struct policy_category *category, size_t *budget,
	      struct erase_plan *p)
{
	struct request_kept kept = {.category = category->name};
	struct request_erased erased = {.category = category->name};
	int rc = plan_basis(c, s, category, &kept.basis);

	if (rc == 0 && kept.basis != NULL) {
		rc = strcmp(kept.basis, KEPT_LEGAL_HOLD) == 0
			     ? held_until(c, s, category, &kept)
			     : kept_until(c, s, category, &kept);
		p->kept[p->n_kept++] = kept;
		return rc;
	}
	for (unsigned i = 0; i < SUBJECT_PLACES && rc == 0 && budget != NULL;
	     i++) {
		rc = slot_count(c, subject_place(s, category, i), category,
				budget, &erased.records);
	}
	if (rc == 0 && budget != NULL && is_navigation(category)) {
		rc = visits_plan(c, s, budget, &erased.records);
	}
	p->erased[p->n_erased++] = erased;
	return rc;
}

/* What a hold keeps may be due already, and read by nobody; events are no
 * records. */
static int
other_has(struct call *c, const struct subject *s,
	 const struct policy_category *category, bool *out)
{
	const slot_t slots[] = {s->held_old, s->held};
	struct vault v = call_vault(c);
	struct record *rows;
	struct bytes last;
	const char *basis;
	size_t n = 0;
	int rc;

	if (is_navigation(category)) {
		rc = visits_count(c, s->base, 1, &n);
		*out = n > 0;
		return rc;
	}
	rc = plan_basis(c, s, category, &basis);
	if (rc != 0 || basis == NULL || strcmp(basis, KEPT_LEGAL_HOLD) != 0) {
		*out = false;
		return rc;
	}
	for (size_t i = 0; i < 2 && rc == 0 && n == 0; i++) {
		if (slots[i] != SLOT_NONE) {
			rc = record_rows(&v, slots[i], category->id,
					 bytes_of(NULL, 0), 1, &rows, &n,
					 &last);
		}
	}
	*out = n > 0;
	return rc;
}

int
plan_make(struct call *c, const struct subject *s, bool count,
	  struct erase_plan *out)
{
	struct vault v = call_vault(c);
	size_t all = c->policy->n_categories;
	struct erase_plan p = {0};
	bool *any = arena_array(c->arena, all, sizeof(*any));
	size_t budget = PLAN_ROWS_MAX;
	size_t held = 0;
	int rc;

	p.erased = arena_array(c->arena, all, sizeof(*p.erased));
	p.kept = arena_array(c->arena, all, sizeof(*p.kept));
	if (any == NULL || p.erased == NULL || p.kept == NULL) {
		return ERR_NOMEM;
	}
	rc = record_categories(&v, s, any);
	for (size_t i = 0; rc == 0 && i < all; i++) {
		const struct policy_category *category =
			&c->policy->categories[i];

		if (!any[i]) {
			rc = other_has(c, s, category, &any[i]);
		}
		if (rc == 0 && any[i]) {
			rc = category_plan(c, s, category,
					   count ? &budget : NULL, &p);
		}
	}
	for (size_t i = 0; i < p.n_kept; i++) {
		held += strcmp(p.kept[i].basis, KEPT_LEGAL_HOLD) == 0 ? 1 : 0;
	}
	p.all_held = held > 0 && p.n_erased == 0 && held == p.n_kept;
	if (rc == 0) {
		*out = p;
	}
	return rc;
}
