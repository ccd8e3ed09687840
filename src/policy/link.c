/*
 * Names become pointers, defaults become values. Leaves to check.c whether
 * what is linked makes sense.
 */
#include "policy/raw.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_BYTES_DEFAULT 1000u
#define NAME_BYTES_DEFAULT 254u
#define ADDRESS_BYTES_DEFAULT 1000u

void
fault_at(struct raw_set *s, enum raw_source file, const struct node *map,
	 const char *key, const char *format, ...)
{
	const struct node *n = key == NULL ? NULL : node_get(map, key);
	char text[POLICY_FAULT_TEXT_BYTES];
	va_list ap;

	if (n == NULL) {
		n = map;
	}
	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	faults_add(s->faults, s->files[file].file, n == NULL ? 0 : n->line,
		   n == NULL ? 0 : n->column, "%s", text);
}

static const struct node *
list_item(const struct raw_set *s, enum raw_source file, const char *list,
	  size_t i)
{
	return node_at(node_get(s->files[file].root, list), i);
}

static void
link_field(struct policy_field *f, const struct node *node)
{
	if (node_get(node, "free_text") == NULL) {
		f->free_text =
			f->type == PFIELD_TEXT || f->type == PFIELD_ADDRESS;
	}
	if (f->max_bytes == 0) {
		f->max_bytes = f->type == PFIELD_TEXT ? TEXT_BYTES_DEFAULT
			       : f->type == PFIELD_ADDRESS
				       ? ADDRESS_BYTES_DEFAULT
				       : NAME_BYTES_DEFAULT;
	}
	if (node_get(node, "max") == NULL) {
		f->max = INT32_MAX;
	}
}

static int
link_categories(struct raw_set *s, struct policy_category **out_list)
{
	struct policy_category *list =
		arena_array(s->a, s->categories.n + 1, sizeof(*list));

	if (list == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < s->categories.n; i++) {
		struct raw_category *r = &s->categories.items[i];
		const struct node *fields =
			node_get(list_item(s, RAW_CATEGORIES, "categories", i),
				 "fields");

		for (size_t j = 0; j < r->n_fields; j++) {
			link_field(&r->fields[j], node_at(fields, j));
		}
		r->as.fields = r->fields;
		r->as.n_fields = r->n_fields;
		list[i] = r->as;
	}
	*out_list = list;
	return 0;
}

static const struct policy_category *
find_category(const struct policy_category *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (name[0] != '\0' && strcmp(list[i].name, name) == 0) {
			return &list[i];
		}
	}
	return NULL;
}

struct linker {
	struct raw_set *s;
	struct policy_category *categories;
	struct policy_purpose *purposes;
};

static field_mask_t
link_fields(struct raw_set *s, enum raw_source file, const struct node *node,
	    const struct raw_access *raw, const struct policy_category *c)
{
	const struct node *names = node_get(node, "fields");
	field_mask_t mask = 0;

	if (names == NULL) {
		return policy_field_mask(c);
	}
	for (size_t i = 0; i < raw->n_fields; i++) {
		int at = policy_field_index(c, raw->fields[i]);

		if (at < 0) {
			fault_at(s, file, node_at(names, i), NULL,
				 "the category `%s` has no field `%s`", c->name,
				 raw->fields[i]);
		} else {
			mask |= (field_mask_t)1 << at;
		}
	}
	if (mask == 0) {
		fault_at(s, file, node, "fields",
			 "`fields` names none: leave it out for all of them");
	}
	return mask;
}

static int
link_access(struct linker *l, enum raw_source file, const struct node *list,
	    const struct raw_access *raw, size_t n,
	    const struct policy_access **out)
{
	struct policy_access *access =
		arena_array(l->s->a, n + 1, sizeof(*access));

	if (access == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		const struct node *node = node_at(list, i);
		const struct policy_category *c = find_category(
			l->categories, l->s->categories.n, raw[i].category);

		if (c == NULL) {
			if (raw[i].category[0] != '\0' &&
			    l->s->files[RAW_CATEGORIES].root != NULL) {
				fault_at(l->s, file, node, "category",
					 "there is no category `%s` in "
					 "categories.yaml",
					 raw[i].category);
			}
			continue;
		}
		for (size_t j = 0; j < i; j++) {
			if (access[j].category == c) {
				fault_at(l->s, file, node, "category",
					 "`%s` is listed twice: keep one",
					 c->name);
			}
		}
		access[i].category = c;
		access[i].fields = link_fields(l->s, file, node, &raw[i], c);
		access[i].needs_ticket = raw[i].needs_ticket;
	}
	*out = access;
	return 0;
}

static int
link_purposes(struct linker *l)
{
	struct raw_set *s = l->s;

	l->purposes =
		arena_array(s->a, s->purposes.n + 1, sizeof(*l->purposes));
	if (l->purposes == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < s->purposes.n; i++) {
		struct raw_purpose *r = &s->purposes.items[i];
		int rc = link_access(
			l, RAW_PURPOSES,
			node_get(list_item(s, RAW_PURPOSES, "purposes", i),
				 "access"),
			r->access, r->n_access, &r->as.access);

		if (rc != 0) {
			return rc;
		}
		r->as.n_access = r->n_access;
		l->purposes[i] = r->as;
	}
	return 0;
}

static int
link_recipient(struct linker *l, struct raw_recipient *r,
	       const struct node *node)
{
	const struct policy_purpose **list =
		arena_array(l->s->a, r->n_purposes + 1, sizeof(*list));
	size_t n = 0;

	if (list == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < r->n_purposes; i++) {
		for (size_t j = 0; j < l->s->purposes.n; j++) {
			if (strcmp(l->purposes[j].name, r->purposes[i]) == 0) {
				list[n++] = &l->purposes[j];
				break;
			}
		}
		if (n <= i && l->s->files[RAW_PURPOSES].root != NULL) {
			fault_at(l->s, RAW_RECIPIENTS,
				 node_at(node_get(node, "purposes"), i), NULL,
				 "there is no purpose `%s` in purposes.yaml",
				 r->purposes[i]);
		}
		if (n <= i) {
			break;
		}
	}
	r->as.purposes = list;
	r->as.n_purposes = n;
	if (node_get(node, "contract_until") == NULL) {
		r->as.contract_until = DATE_OPEN;
	}
	r->as.n_access = r->n_access;
	return link_access(l, RAW_RECIPIENTS, node_get(node, "access"),
			   r->access, r->n_access, &r->as.access);
}

static void
link_regime(struct raw_regime *r, const struct node *root)
{
	for (size_t i = 0; i < r->n_places; i++) {
		struct policy_place *p = &r->places[i];

		if (p->zone == NULL) {
			p->zone = r->as.zone;
			p->time_zone = r->as.time_zone;
		}
		if (p->calendar == NULL) {
			p->calendar = r->as.calendar;
			p->holidays = r->as.holidays;
		}
	}
	r->as.places = r->places;
	r->as.n_places = r->n_places;
	r->as.pause = node_get(root, "pause") != NULL;
	r->as.source = r->head.source;
	r->as.date = r->head.date;
}

int
link_names(struct raw_set *s)
{
	struct linker l = {.s = s};
	int rc = link_categories(s, &l.categories);

	if (rc == 0) {
		rc = link_purposes(&l);
	}
	for (size_t i = 0; rc == 0 && i < s->recipients.n; i++) {
		rc = link_recipient(
			&l, &s->recipients.items[i],
			list_item(s, RAW_RECIPIENTS, "recipients", i));
	}
	for (size_t i = 0; rc == 0 && i < s->n_regimes; i++) {
		link_regime(&s->regimes[i], s->files[RAW_REGIMES + i].root);
	}
	s->linked_categories = l.categories;
	s->linked_purposes = l.purposes;
	return rc;
}
