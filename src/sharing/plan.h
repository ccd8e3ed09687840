#ifndef SHARING_PLAN_H
#define SHARING_PLAN_H

#include "sharing/share.h"
#include "vault/record.h"

/* What a share asks for, resolved against the policy and what is held. */
struct share_item {
	const struct policy_category *category;
	field_mask_t fields;
	struct record *record; /* NULL: nothing is held */
};

struct share_plan {
	const struct policy_recipient *recipient; /* NULL: unknown */
	const char *purpose;
	date_t day;
	bool is_declared;
	int64_t declared_at_ms; /* of a declared one */
	bool has_basis;
	int basis_kind;
	struct share_item items[SHARE_CATEGORIES_MAX];
	size_t n;
};

/* Names to categories and masks: each field belongs to one of the categories,
 * "category.field" where two have it, and each category has one. ERR_INVALID
 * naming `categories` or `fields`. */
int plan_resolve(struct call *c, const char *const *categories,
		 size_t n_categories, const char *const *fields,
		 size_t n_fields, struct share_plan *p) MUST_CHECK;

/*
 * Whether it may be: the policy's rules, the consent that must stand, what was
 * collected with a partner's offer. Finds the records on the way. *out_at is
 * the item at fault.
 *
 * "the Company may share Data About iPlum Customers collected in connection
 * with your purchase or expression of interest with our joint promotion
 * partner(s)" (statement, Sharing of information collected, paragraph 2).
 */
int plan_decide(struct call *c, const struct subject *s, struct share_plan *p,
		enum share_refusal *out_why, size_t *out_at) MUST_CHECK;

#endif
