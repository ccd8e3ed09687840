/*
 * May this recipient have these fields of this person, for that purpose, on
 * that day? The policy's part is policy/decide's; here it meets consents and
 * records.
 */
#include "sharing/plan.h"

#include <string.h>

#include "registration/consent.h"

#define RECORDS_SEARCHED_MAX 200 /* for one of an offer */
#define CONSENT_BYTES_MAX (POLICY_NAME_BYTES_MAX + 16)

static int
fields_fault(const char *why)
{
	return err_field(ERR_INVALID, "fields", "%s", why);
}

/* "category.field" names one of the categories. */
static int
field_qualified(struct share_plan *p, const char *name, const char *dot)
{
	size_t n = (size_t)(dot - name);

	for (size_t i = 0; i < p->n; i++) {
		const struct policy_category *c = p->items[i].category;

		if (strlen(c->name) == n && memcmp(c->name, name, n) == 0) {
			int at = policy_field_index(c, dot + 1);

			if (at < 0) {
				return fields_fault("no such field");
			}
			p->items[i].fields |= (field_mask_t)1 << at;
			return 0;
		}
	}
	return fields_fault("of a category that is not in categories");
}

static int
field_plain(struct share_plan *p, const char *name)
{
	struct share_item *owner = NULL;
	int owner_at = -1;

	for (size_t i = 0; i < p->n; i++) {
		int at = policy_field_index(p->items[i].category, name);

		if (at >= 0 && owner != NULL) {
			return fields_fault("two of the categories have this "
					    "field: category.field");
		}
		if (at >= 0) {
			owner = &p->items[i];
			owner_at = at;
		}
	}
	if (owner == NULL) {
		return fields_fault("none of the categories has this field");
	}
	owner->fields |= (field_mask_t)1 << owner_at;
	return 0;
}

static int
category_add(struct call *c, struct share_plan *p, const char *name)
{
	const struct policy_category *category =
		policy_category(c->policy, name);

	if (category == NULL) {
		return err_field(ERR_INVALID, "categories",
				 "no such category in the policy");
	}
	for (size_t i = 0; i < p->n; i++) {
		if (p->items[i].category == category) {
			return err_field(ERR_INVALID, "categories",
					 "a category given twice");
		}
	}
	p->items[p->n++] = (struct share_item){.category = category};
	return 0;
}

int
plan_resolve(struct call *c, const char *const *categories, size_t n_categories,
	     const char *const *fields, size_t n_fields, struct share_plan *p)
{
	int rc = 0;

	if (n_categories == 0) {
		return err_field(ERR_INVALID, "categories", "at least one");
	}
	p->n = 0;
	for (size_t i = 0; i < n_categories && rc == 0; i++) {
		rc = category_add(c, p, categories[i]);
	}
	for (size_t i = 0; i < n_fields && rc == 0; i++) {
		const char *dot = strchr(fields[i], '.');

		rc = dot != NULL ? field_qualified(p, fields[i], dot)
				 : field_plain(p, fields[i]);
	}
	for (size_t i = 0; i < p->n && rc == 0; i++) {
		if (p->items[i].fields == 0) {
			rc = fields_fault("none of one of the categories");
		}
	}
	return rc;
}

/* A harmed party gets it on that ground, an authority on any other. */
static bool
has_fitting_basis(const struct share_plan *p)
{
	return p->has_basis && (p->recipient->kind == KIND_HARMED_PARTY) ==
				       (p->basis_kind == BASIS_HARMED_PARTY);
}

static enum share_refusal
policy_says(const struct share_plan *p, size_t *out_at)
{
	for (size_t i = 0; i < p->n; i++) {
		struct share_question q = {.recipient = p->recipient,
					   .purpose = p->purpose,
					   .category = p->items[i].category,
					   .fields = p->items[i].fields,
					   .day = p->day,
					   .has_basis = has_fitting_basis(p)};
		enum share_refusal why = decide_share(&q);

		if (why != SHARE_ALLOWED) {
			*out_at = i;
			return why;
		}
	}
	return SHARE_ALLOWED;
}

static bool
is_of_offer(const struct record *r, const char *offer)
{
	return offer == NULL || (r->collected_with != NULL &&
				 strcmp(r->collected_with, offer) == 0);
}

/* The newest record of the category; of a partner's offer, the newest that was
 * collected with it. What is declared may be of a version that has been
 * followed by others, and of none that came later. *out stays NULL when there
 * is none. */
static int
record_find(struct vault *v, const struct subject *s,
	    const struct share_plan *p, const struct policy_category *c,
	    const char *offer, struct record **out)
{
	struct record_query q = {.categories = &c,
				 .n_categories = 1,
				 .flags = p->is_declared ? RECORD_LIST_VERSIONS
							 : 0};
	struct record *items;
	size_t searched = 0;
	size_t n;
	int rc = 0;

	q.limit = offer == NULL ? 1 : RECORDS_SEARCHED_MAX;
	do {
		rc = record_list(v, s, &q, &items, &n, &q.cursor);
		for (size_t i = 0; i < n && rc == 0; i++) {
			if (is_of_offer(&items[i], offer) &&
			    (!p->is_declared ||
			     items[i].collected_at_ms <= p->declared_at_ms)) {
				*out = &items[i];
				return 0;
			}
		}
		searched += n > 0 ? n : 1;
	} while (rc == 0 && q.cursor != NULL &&
		 searched < RECORDS_SEARCHED_MAX);
	return rc;
}

static int
records_find(struct vault *v, const struct subject *s, struct share_plan *p,
	     enum share_refusal *out_why, size_t *out_at)
{
	const char *offer =
		p->recipient->kind == KIND_PARTNER ? p->recipient->offer : NULL;

	for (size_t i = 0; i < p->n; i++) {
		struct share_item *item = &p->items[i];
		int rc = 0;

		/* What was declared is not handed out: what is held of it now
		 * matters only where it must be an offer's. */
		if (!p->is_declared || offer != NULL) {
			rc = record_find(v, s, p, item->category, offer,
					 &item->record);
		}
		if (rc != 0) {
			return rc;
		}
		if (offer != NULL && item->record == NULL) {
			*out_why = SHARE_NOT_COLLECTED_WITH;
			*out_at = i;
			return 0;
		}
	}
	*out_why = SHARE_ALLOWED;
	return 0;
}

int
plan_decide(struct call *c, const struct subject *s, struct share_plan *p,
	    enum share_refusal *out_why, size_t *out_at)
{
	struct vault v = call_vault(c);
	char consent[CONSENT_BYTES_MAX];
	bool stands = true;
	int rc = 0;

	*out_at = 0;
	if (p->recipient == NULL) {
		*out_why = SHARE_NO_SUCH_RECIPIENT;
		return 0;
	}
	*out_why = policy_says(p, out_at);
	if (*out_why != SHARE_ALLOWED) {
		return 0;
	}
	if (decide_share_consent(p->recipient, consent, sizeof(consent))) {
		rc = p->is_declared ? consent_stood(&v, s, consent,
						    p->declared_at_ms, &stands)
				    : consent_stands(&v, s, consent, &stands);
	}
	if (rc == 0 && !stands) {
		*out_why = SHARE_NO_CONSENT;
		return 0;
	}
	return rc != 0 ? rc : records_find(&v, s, p, out_why, out_at);
}
