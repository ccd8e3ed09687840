/* Categories and purposes: what may be kept, and for what it is read. */
#include "policy/check.h"

/* Fields and categories that the service itself writes or looks up. */
static const struct {
	const char *category;
	const char *field;
} needed[] = {
	{"contact", "name"},        {"contact", "email"},
	{"prospect", "name"},       {"prospect", "email"},
	{"prospect", "interest"},   {"prospect", "message"},
	{"billing", "card_number"}, {"guardian", "name"},
	{"guardian", "email"},      {"guardian", "relation"},
	{"invitation", "name"},     {"invitation", "email"},
	{"account", "country"},     {"account", "terms_version"},
	{"consent", "purpose"},     {"navigation", "page"},
};

static bool
is_security_code(const char *name)
{
	static const char *const names[] = {"cvv",           "cvv2",     "cvc",
					    "cvc2",          "csc",      "cid",
					    "security_code", "card_code"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (check_is_same(names[i], name)) {
			return true;
		}
	}
	return false;
}

static void
check_field(struct raw_set *s, const struct policy_category *c, size_t i,
	    const struct node *node)
{
	const struct policy_field *f = &c->fields[i];

	if (is_security_code(f->name)) {
		fault_at(s, RAW_CATEGORIES, node, "name",
			 "a card's security code is never stored: take `%s` "
			 "out",
			 f->name);
	}
	if (f->type == PFIELD_CARD_NUMBER && c->slot != SLOT_CLASS_BILLING) {
		fault_at(s, RAW_CATEGORIES, node, "type",
			 "a card number belongs to a category with "
			 "`slot: billing`");
	}
	if ((f->indexed == INDEX_EMAIL && f->type != PFIELD_EMAIL) ||
	    (f->indexed == INDEX_PHONE && f->type != PFIELD_PHONE)) {
		fault_at(s, RAW_CATEGORIES, node, "indexed",
			 "`indexed` has to be the field's own type");
	}
	if (f->free_text && f->type != PFIELD_TEXT &&
	    f->type != PFIELD_ADDRESS) {
		fault_at(s, RAW_CATEGORIES, node, "free_text",
			 "only `text` and `address` can be free text");
	}
	if (f->type == PFIELD_INTEGER && f->min > f->max) {
		fault_at(s, RAW_CATEGORIES, node, "min",
			 "`min` is greater than `max`");
	}
	for (size_t j = 0; j < i; j++) {
		if (check_is_same(c->fields[j].name, f->name)) {
			fault_at(s, RAW_CATEGORIES, node, "name",
				 "a second field `%s`", f->name);
		}
	}
}

static void
check_retention(struct raw_set *s, const struct policy_category *c,
		const struct node *node)
{
	const struct policy_retention *r = &c->retention;
	const struct node *map = node_get(node, "retention");

	if (map == NULL || map->kind != NODE_MAP) {
		return;
	}
	if (node_get(map, "period") != NULL &&
	    (r->period.ms != 0 ||
	     (r->period.months < 1 && r->period.days < 1))) {
		fault_at(s, RAW_CATEGORIES, map, "period",
			 "`period` has to be whole days or months, at least "
			 "P1D");
	}
	if (!r->house_decision && r->clause == NULL) {
		fault_at(s, RAW_CATEGORIES, map, NULL,
			 "`retention` needs the `clause` that names the "
			 "period, or `house_decision: true`");
	}
}

static void
check_category(struct raw_set *s, size_t i)
{
	const struct policy_category *c = &s->categories.items[i].as;
	const struct node *node =
		check_item(s, RAW_CATEGORIES, "categories", i);
	const struct node *fields = node_get(node, "fields");

	for (size_t j = 0; j < i; j++) {
		const struct policy_category *o = &s->categories.items[j].as;

		if (check_is_same(o->name, c->name)) {
			fault_at(s, RAW_CATEGORIES, node, "name",
				 "a second category `%s`", c->name);
		}
		if (c->id != 0 && o->id == c->id) {
			fault_at(s, RAW_CATEGORIES, node, "id",
				 "the id %u is that of `%s`: take a new one",
				 c->id, o->name[0] == '\0' ? "?" : o->name);
		}
	}
	if (fields != NULL &&
	    (c->n_fields == 0 || c->n_fields > POLICY_FIELDS_MAX)) {
		fault_at(s, RAW_CATEGORIES, node, "fields",
			 "a category has 1 to %d fields", POLICY_FIELDS_MAX);
	}
	for (size_t j = 0; j < c->n_fields; j++) {
		check_field(s, c, j, node_at(fields, j));
	}
	check_retention(s, c, node);
}

static const struct policy_category *
category(const struct raw_set *s, const char *name)
{
	for (size_t i = 0; i < s->categories.n; i++) {
		if (check_is_same(s->categories.items[i].as.name, name)) {
			return &s->categories.items[i].as;
		}
	}
	return NULL;
}

void
check_categories(struct raw_set *s)
{
	const struct node *root = s->files[RAW_CATEGORIES].root;

	check_head(s, RAW_CATEGORIES, &s->categories.head);
	for (size_t i = 0; i < s->categories.n; i++) {
		check_category(s, i);
	}
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		const struct policy_category *c =
			category(s, needed[i].category);

		if (c == NULL || policy_field_index(c, needed[i].field) < 0) {
			fault_at(s, RAW_CATEGORIES, root, "categories",
				 "the service needs a category `%s` with a "
				 "field `%s`",
				 needed[i].category, needed[i].field);
		}
	}
}

void
check_purposes(struct raw_set *s)
{
	check_head(s, RAW_PURPOSES, &s->purposes.head);
	for (size_t i = 0; i < s->purposes.n; i++) {
		const struct policy_purpose *p = &s->purposes.items[i].as;
		const struct node *node =
			check_item(s, RAW_PURPOSES, "purposes", i);

		for (size_t j = 0; j < i; j++) {
			if (check_is_same(s->purposes.items[j].as.name,
					  p->name)) {
				fault_at(s, RAW_PURPOSES, node, "name",
					 "a second purpose `%s`", p->name);
			}
		}
		if (p->whole_card &&
		    !check_is_same(p->name, "collect_payment")) {
			fault_at(s, RAW_PURPOSES, node, "whole_card",
				 "a card number comes out whole for "
				 "`collect_payment` alone");
		}
	}
}
