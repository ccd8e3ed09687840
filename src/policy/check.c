/*
 * What must hold between values and between files. Each fault says what would
 * be right. Shapes and unknown names have been looked at before.
 */
#include "policy/raw.h"

#include <stdio.h>

#include "base/form.h"
#include "policy/decide.h"

#define REQUEST_RETENTION_MONTHS_MIN 24 /* 11 CCR 7101 */

/* Fields and categories that the service itself writes or looks up. */
static const struct {
	const char *category;
	const char *field;
} needed[] = {
	{"contact", "name"},	  {"contact", "email"},
	{"prospect", "name"},	  {"prospect", "email"},
	{"prospect", "interest"}, {"prospect", "message"},
	{"billing", "card_number"}, {"guardian", "name"},
	{"guardian", "email"},	  {"guardian", "relation"},
	{"invitation", "name"},	  {"invitation", "email"},
	{"account", "country"},   {"account", "terms_version"},
	{"consent", "purpose"},	  {"navigation", "page"},
};

static const struct node *
item(struct raw_set *s, enum raw_source file, const char *list, size_t i)
{
	return node_at(node_get(s->files[file].root, list), i);
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && a[0] != '\0' && strcmp(a, b) == 0;
}

static void
check_head(struct raw_set *s, size_t file, const struct policy_file *head)
{
	date_t date;

	if (head->date[0] != '\0' && date_parse(head->date, &date) != 0) {
		fault_at(s, (enum raw_source)file, s->files[file].root, "date",
			 "`date` has to be a date, as 2026-01-31");
	}
}

/* The house */

static void
check_house_decisions(struct raw_set *s)
{
	const struct policy_house *h = &s->house.as;
	const struct node *list = node_get(s->files[RAW_HOUSE].root,
					   "house_decisions");

	for (size_t i = 0; i < h->n_house_decisions; i++) {
		if (!shape_is_house_setting(h->house_decisions[i])) {
			fault_at(s, RAW_HOUSE, node_at(list, i), NULL,
				 "`%s` is no setting of this file",
				 h->house_decisions[i]);
		} else if (same(h->house_decisions[i], "period")) {
			fault_at(s, RAW_HOUSE, node_at(list, i), NULL,
				 "the statement itself names the period: "
				 "take it out");
		}
	}
}

static void
check_house(struct raw_set *s)
{
	struct policy_house *h = &s->house.as;
	const struct node *root = s->files[RAW_HOUSE].root;
	struct duration keep = h->request_retention;

	check_head(s, RAW_HOUSE, &s->house.head);
	if (node_get(root, "period") != NULL &&
	    (h->period.months != 0 || h->period.ms != 0 ||
	     h->period.days < 1 || h->period.days > POLICY_HOUSE_DAYS_MAX)) {
		fault_at(s, RAW_HOUSE, root, "period",
			 "`period` has to be P1D to P%dD: the statement "
			 "promises an answer within 90 days",
			 POLICY_HOUSE_DAYS_MAX);
	}
	h->period_ms = h->period.days * MS_PER_DAY;
	if (node_get(root, "request_retention") != NULL &&
	    keep.months < REQUEST_RETENTION_MONTHS_MIN && keep.days < 731) {
		fault_at(s, RAW_HOUSE, root, "request_retention",
			 "`request_retention` has to be at least P24M "
			 "(11 CCR 7101)");
	}
	if (node_get(root, "notice_retention") != NULL &&
	    h->notice_retention.months < 1 && h->notice_retention.days < 1) {
		fault_at(s, RAW_HOUSE, root, "notice_retention",
			 "`notice_retention` has to be at least P1D");
	}
	if (h->log_origin[0] != '\0' &&
	    (strpbrk(h->log_origin, " \t+\n") != NULL ||
	     strlen(h->log_origin) > 128)) {
		fault_at(s, RAW_HOUSE, root, "log_origin",
			 "`log_origin` has to be without blanks and plus "
			 "signs, 128 bytes at most");
	}
	if (h->n_alarms > 8) {
		fault_at(s, RAW_HOUSE, root, "alarms",
			 "at most 8 alarms");
	}
	for (size_t i = 0; i < h->n_alarms; i++) {
		for (size_t j = 0; j < i; j++) {
			if (same(h->alarms[i].name, h->alarms[j].name)) {
				fault_at(s, RAW_HOUSE,
					 item(s, RAW_HOUSE, "alarms", i),
					 "name", "a second alarm `%s`",
					 h->alarms[i].name);
			}
		}
	}
	check_house_decisions(s);
}

/* Categories */

static bool
is_security_code(const char *name)
{
	static const char *const names[] = {"cvv", "cvv2", "cvc", "cvc2",
					    "csc", "cid", "security_code",
					    "card_code"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (same(names[i], name)) {
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
			 "out", f->name);
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
		if (same(c->fields[j].name, f->name)) {
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
	const struct node *node = item(s, RAW_CATEGORIES, "categories", i);
	const struct node *fields = node_get(node, "fields");

	for (size_t j = 0; j < i; j++) {
		const struct policy_category *o = &s->categories.items[j].as;

		if (same(o->name, c->name)) {
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
		if (same(s->categories.items[i].as.name, name)) {
			return &s->categories.items[i].as;
		}
	}
	return NULL;
}

static void
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

/* Purposes */

static void
check_purposes(struct raw_set *s)
{
	check_head(s, RAW_PURPOSES, &s->purposes.head);
	for (size_t i = 0; i < s->purposes.n; i++) {
		const struct policy_purpose *p = &s->purposes.items[i].as;
		const struct node *node = item(s, RAW_PURPOSES, "purposes", i);

		for (size_t j = 0; j < i; j++) {
			if (same(s->purposes.items[j].as.name, p->name)) {
				fault_at(s, RAW_PURPOSES, node, "name",
					 "a second purpose `%s`", p->name);
			}
		}
		if (p->whole_card && !same(p->name, "collect_payment")) {
			fault_at(s, RAW_PURPOSES, node, "whole_card",
				 "a card number comes out whole for "
				 "`collect_payment` alone");
		}
	}
}

/* Recipients */

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
				 "`%s`", a->category->name);
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
	const struct node *node = item(s, RAW_RECIPIENTS, "recipients", i);

	for (size_t j = 0; j < i; j++) {
		const struct policy_recipient *o = &s->recipients.items[j].as;

		if (same(o->name, r->name)) {
			fault_at(s, RAW_RECIPIENTS, node, "name",
				 "a second recipient `%s`", r->name);
		}
		if (r->id != 0 && o->id == r->id) {
			fault_at(s, RAW_RECIPIENTS, node, "id",
				 "the id %u is that of `%s`: take a new one",
				 r->id, o->name[0] == '\0' ? "?" : o->name);
		}
		if (same(o->offer, r->offer)) {
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
		if (form_country(r->countries[j],
				 strlen(r->countries[j])) != 0) {
			fault_at(s, RAW_RECIPIENTS,
				 node_at(node_get(node, "countries"), j), NULL,
				 "`%s` is no country, as DE (ISO 3166-1)",
				 r->countries[j]);
		}
	}
	check_recipient_kind(s, r, node);
	check_recipient_access(s, r, node);
}

/* Ages */

static void
check_ages(struct raw_set *s)
{
	const struct policy_ages *a = &s->ages.as;

	check_head(s, RAW_AGES, &s->ages.head);
	for (size_t i = 0; i < a->n_own_consent; i++) {
		for (size_t j = 0; j < i; j++) {
			if (same(a->own_consent[i].country,
				 a->own_consent[j].country) &&
			    a->own_consent[i].from == a->own_consent[j].from) {
				fault_at(s, RAW_AGES,
					 item(s, RAW_AGES, "own_consent", i),
					 "country",
					 "a second age for `%s` from the same "
					 "day",
					 a->own_consent[i].country);
			}
		}
	}
}

/* Regimes */

static bool
is_among(const char *word, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcmp(word, words[i]) == 0) {
			return true;
		}
	}
	return false;
}

static void
check_words(struct raw_set *s, size_t file, const struct node *list,
	    const char *const *words, size_t n, const char *const *known,
	    const char *right)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_among(words[i], known)) {
			fault_at(s, (enum raw_source)file, node_at(list, i),
				 NULL, "`%s` has to be one of %s", words[i],
				 right);
		}
	}
}

static bool
is_place(const char *p)
{
	size_t n = strlen(p);

	return n == 2 ? form_country(p, n) == 0 : form_region(p, n) == 0;
}

static void
check_places(struct raw_set *s, size_t file, const struct policy_regime *r)
{
	const struct node *list = node_get(s->files[file].root, "places");

	if (list != NULL && r->n_places == 0) {
		fault_at(s, (enum raw_source)file, list, NULL,
			 "`places` needs at least one");
	}
	for (size_t i = 0; i < r->n_places; i++) {
		const char *place = r->places[i].place;

		if (place[0] != '\0' && !is_place(place)) {
			fault_at(s, (enum raw_source)file, node_at(list, i),
				 "place",
				 "`%s` is no country or region, as DE or US-CA",
				 place);
		}
		for (size_t j = 0; j < i; j++) {
			if (same(r->places[j].place, place)) {
				fault_at(s, (enum raw_source)file,
					 node_at(list, i), "place",
					 "`%s` is listed twice", place);
			}
		}
	}
}

/* Days at least, for an order among terms. */
static int
least_days(struct policy_term t)
{
	return t.unit == TERM_MONTHS ? t.n * 28 : t.n;
}

static void
check_regime(struct raw_set *s, size_t i)
{
	static const char *const extensions[] = {
		"complexity", "number_of_requests", NULL};
	static const char *const denials[] = {
		"suspected_fraud", "identity_not_verified", "no_match",
		"not_covered", "outside_jurisdiction", "too_many_requests",
		"legal_hold", "other", NULL};
	size_t file = RAW_REGIMES + i;
	enum raw_source at = (enum raw_source)file;
	const struct policy_regime *r = &s->regimes[i].as;
	const struct node *root = s->files[file].root;
	const struct node *extension = node_get(root, "extension");
	char wanted[128];

	check_head(s, file, &s->regimes[i].head);
	(void)snprintf(wanted, sizeof(wanted), "regimes/%s.yaml",
		       r->name);
	if (r->name[0] != '\0' && strcmp(wanted, s->files[file].file) != 0) {
		fault_at(s, at, root, "name",
			 "the file of `%s` has to be %s", r->name, wanted);
	}
	if (extension != NULL && r->extended.unit != TERM_NONE &&
	    least_days(r->extended) <= least_days(r->answer)) {
		fault_at(s, at, extension, "until",
			 "`until` is the whole term from receipt: longer than "
			 "the answer's");
	}
	if (r->extended.unit == TERM_WORKING_DAYS ||
	    r->extension_notice.unit == TERM_WORKING_DAYS) {
		fault_at(s, at, extension, NULL,
			 "an extension counts in days or months");
	}
	if (root != NULL && node_get(root, "types") != NULL && r->types == 0) {
		fault_at(s, at, root, "types", "`types` needs at least one");
	}
	check_words(s, file, node_get(extension, "reasons"),
		    r->extension_reasons, r->n_extension_reasons, extensions,
		    "complexity, number_of_requests");
	check_words(s, file, node_get(root, "denials"), r->denial_reasons,
		    r->n_denial_reasons, denials,
		    "suspected_fraud, identity_not_verified, no_match, "
		    "not_covered, outside_jurisdiction, too_many_requests, "
		    "legal_hold, other");
	check_places(s, file, r);
}

static void
check_recipients(struct raw_set *s)
{
	check_head(s, RAW_RECIPIENTS, &s->recipients.head);
	for (size_t i = 0; i < s->recipients.n; i++) {
		check_recipient(s, i);
	}
}

void
check_set(struct raw_set *s)
{
	static void (*const checks[])(struct raw_set *) = {
		[RAW_HOUSE] = check_house,
		[RAW_CATEGORIES] = check_categories,
		[RAW_PURPOSES] = check_purposes,
		[RAW_RECIPIENTS] = check_recipients,
		[RAW_AGES] = check_ages,
	};

	/* A file that could not be read has had its fault. */
	for (size_t i = 0; i < RAW_REGIMES; i++) {
		if (s->files[i].root != NULL) {
			checks[i](s);
		}
	}
	for (size_t i = 0; i < s->n_regimes; i++) {
		if (s->files[RAW_REGIMES + i].root != NULL) {
			check_regime(s, i);
		}
	}
}
