/* Recipients: who may get what, beside the purposes and the categories. */
#include "base/form.h"
#include "policy/check.h"
#include "policy/decide.h"

/* Whether one of its purposes covers what it is to get. */
static bool
is_covered(const struct policy_recipient *r, const struct policy_access *a)
{
	field_mask_t covered = 0;

	for (size_t i = 0; i < r->n_purposes; i++) {
		const struct policy_purpose *p = r->purposes[i];

		for (size_t j = 0; j < p->n_access; j++) {
			if (p->access[j].category == a->category) {
				covered |= p->access[j].fields;
			}
		}
	}
	return (a->fields & ~covered) == 0;
}

static void
check_recipient_access(struct raw_set *s, const struct policy_recipient *r,
		       const struct node *node)
{
	for (size_t i = 0; i < r->n_access; i++) {
		const struct policy_access *a = &r->access[i];
		const struct node *at = node_at(node_get(node, "access"), i);

		if (a->category == NULL) {
			continue;
		}
		if (r->kind != KIND_PARTNER && r->n_purposes > 0 &&
		    !is_covered(r, a)) {
			fault_at(s, RAW_RECIPIENTS, at, "category",
				 "its purposes do not cover these fields of "
				 "`%s`",
				 a->category->name);
		}
		if (decide_is_billing(a->category) &&
		    r->kind != KIND_AUTHORITY && r->kind != KIND_HARMED_PARTY &&
		    !(r->kind == KIND_PROCESSOR && r->sole_purpose)) {
			fault_at(s, RAW_RECIPIENTS, at, "category",
				 "`%s` goes to card processors with "
				 "`sole_purpose: true` alone",
				 a->category->name);
		}
	}
}

static void
check_recipient_kind(struct raw_set *s, const struct policy_recipient *r,
		     const struct node *node)
{
	if (node_get(node, "kind") == NULL) {
		return;
	}
	if (r->kind == KIND_PARTNER) {
		if (r->offer == NULL) {
			fault_at(s, RAW_RECIPIENTS, node, "kind",
				 "a partner needs its `offer`");
		}
		if (node_get(node, "purposes") != NULL) {
			fault_at(s, RAW_RECIPIENTS, node, "purposes",
				 "a partner's purpose is its offer: take "
				 "`purposes` out");
		}
	} else {
		if (r->offer != NULL) {
			fault_at(s, RAW_RECIPIENTS, node, "offer",
				 "only a partner has an `offer`");
		}
		if (node_get(node, "purposes") == NULL ||
		    node_get(node, "purposes")->n == 0) {
			fault_at(s, RAW_RECIPIENTS, node, "purposes",
				 "`purposes` needs at least one");
		}
	}
	if (r->sole_purpose && r->n_purposes != 1) {
		fault_at(s, RAW_RECIPIENTS, node, "sole_purpose",
			 "`sole_purpose` wants exactly one purpose");
	}
}

static void
check_recipient(struct raw_set *s, size_t i)
{
	const struct policy_recipient *r = &s->recipients.items[i].as;
	const struct node *node =
		check_item(s, RAW_RECIPIENTS, "recipients", i);

	for (size_t j = 0; j < i; j++) {
		const struct policy_recipient *o = &s->recipients.items[j].as;

		if (check_is_same(o->name, r->name)) {
			fault_at(s, RAW_RECIPIENTS, node, "name",
				 "a second recipient `%s`", r->name);
		}
		if (r->id != 0 && o->id == r->id) {
			fault_at(s, RAW_RECIPIENTS, node, "id",
				 "the id %u is that of `%s`: take a new one",
				 r->id, o->name[0] == '\0' ? "?" : o->name);
		}
		if (check_is_same(o->offer, r->offer)) {
			fault_at(s, RAW_RECIPIENTS, node, "offer",
				 "the offer `%s` is that of `%s`", r->offer,
				 o->name[0] == '\0' ? "?" : o->name);
		}
	}
	if (r->contract_until < r->contract_from) {
		fault_at(s, RAW_RECIPIENTS, node, "contract_until",
			 "`contract_until` lies before `contract_from`");
	}
	for (size_t j = 0; j < r->n_countries; j++) {
		if (form_country(r->countries[j], strlen(r->countries[j])) !=
		    0) {
			fault_at(s, RAW_RECIPIENTS,
				 node_at(node_get(node, "countries"), j), NULL,
				 "`%s` is no country, as DE (ISO 3166-1)",
				 r->countries[j]);
		}
	}
	check_recipient_kind(s, r, node);
	check_recipient_access(s, r, node);
}

void
check_recipients(struct raw_set *s)
{
	check_head(s, RAW_RECIPIENTS, &s->recipients.head);
	for (size_t i = 0; i < s->recipients.n; i++) {
		check_recipient(s, i);
	}
}
