/*
 * Records in pages. A person's records of one category lie in the few places
 * of subject_place: these are walked one after the other, newest first.
 */
#include "vault/record.h"

#include <stdio.h>
#include <string.h>

#include "vault/record_row.h"

/* What a page may touch and hold: within the bounds of one operation and of
 * one message. */
#define PAGE_ROWS_MAX 700
#define PAGE_BYTES_MAX (700u * 1024)
#define RECORD_OVERHEAD_BYTES 400 /* what the reply adds to the data */

/* Where a walk stands: the next row is below `from`. */
struct place {
	size_t category; /* index into the query's list */
	unsigned which;  /* of the person's places */
	bool begun;      /* id and version below are set */
	struct id id;
	uint32_t version;
};

/* About how long the value is as JSON. */
static size_t
json_bytes(const struct value *v)
{
	size_t n = 2;

	switch (v->kind) {
	case VALUE_NULL:
	case VALUE_BOOL:
		return 5;
	case VALUE_INT:
	case VALUE_REAL:
		return 24;
	case VALUE_TEXT:
		for (size_t i = 0; i < v->text.n; i++) {
			unsigned char c = (unsigned char)v->text.s[i];

			n += c < ' ' ? 6 : c == '"' || c == '\\' ? 2 : 1;
		}
		return n;
	case VALUE_LIST:
	case VALUE_OBJECT:
		for (size_t i = 0; i < v->of.n; i++) {
			n += json_bytes(&v->of.items[i].value) + 1;
			if (v->kind == VALUE_OBJECT) {
				n += strlen(v->of.items[i].name) + 3;
			}
		}
		return n;
	}
	return n;
}

/* "CATEGORY.SLOT.RECORD.VERSION": the last row that was looked at. Ids of the
 * person's own records, and nothing else: it need not be sealed. */
static const char *
cursor_print(struct arena *a, const struct policy_category *c,
	     const struct place *p)
{
	char id[ID_TEXT_BYTES];
	struct id last = p->id;

	if (!p->begun) {
		/* Nothing of this slot yet: above all ids. */
		memset(last.b, 0xff, sizeof(last.b));
	}
	return arena_printf(a, "%u.%u.%s.%u", c->id, p->which,
			    id_print(last, id), p->begun ? p->version : 0);
}

static int
cursor_parse(const char *text, const struct policy_category *const *cats,
	     size_t n_cats, struct place *out)
{
	char id[ID_TEXT_BYTES];
	unsigned category;
	unsigned which;
	unsigned version;
	int used = 0;

	if (strlen(text) > 64 ||
	    sscanf(text, "%3u.%1u.%36[0-9a-f-].%10u%n", &category, &which, id,
		   &version, &used) != 4 ||
	    text[used] != '\0' || which >= SUBJECT_PLACES ||
	    id_parse(id, &out->id) != 0) {
		return err_field(ERR_INVALID, "cursor", "not a cursor");
	}
	for (size_t i = 0; i < n_cats; i++) {
		if (cats[i]->id == category) {
			out->category = i;
			out->which = which;
			out->version = version;
			out->begun = true;
			return 0;
		}
	}
	return err_field(ERR_INVALID, "cursor", "a cursor of another question");
}

/* The next row below the place: 1, 0 at the end of this slot, or an error. */
static int
next_row(struct vault *v, slot_t slot, uint8_t category, unsigned flags,
	 const struct place *p, struct record *out, struct bytes *out_row)
{
	struct key_maker prefix = {.n = 0};
	struct key_maker from = {.n = 0};
	struct range *r;
	struct bytes key;
	struct bytes row;
	uint8_t *copy;
	int rc;

	record_key(&prefix, slot, category);
	if (p->begun) {
		/* Versions count from 1: 0 is below all of the record's. */
		record_key_of(&from, slot, category, p->id,
			      (flags & RECORD_LIST_VERSIONS) != 0 &&
					      p->version > 0
				      ? p->version - 1
				      : 0);
	}
	rc = range_open(v->txn, TABLE_RECORD, key_bytes(&prefix),
			key_bytes(&from), RANGE_REVERSE, &r);
	if (rc != 0) {
		return rc;
	}
	rc = range_next(r, &key, &row);
	if (rc == 1) {
		int parsed = record_parse(v, key, row, out);

		copy = arena_copy(v->arena, row.p, row.n);
		*out_row = bytes_of(copy, row.n);
		rc = parsed != 0 ? parsed : copy == NULL ? ERR_NOMEM : 1;
	}
	range_close(r);
	return rc;
}

/* A record may have versions in several places while a hold stands, or its
 * rows move: only the newest of all is the record. */
static int
is_newest(struct vault *v, const struct subject *s, const struct record *r,
	  bool *out)
{
	*out = true;
	for (unsigned i = 0; i < SUBJECT_PLACES && *out; i++) {
		slot_t other = subject_place(s, r->category, i);
		struct record there;
		struct bytes row;
		int rc;

		if (other == SLOT_NONE || other == r->slot) {
			continue;
		}
		rc = record_newest(v, other, r->category_id, r->id, &there,
				   &row);
		if (rc < 0) {
			return rc;
		}
		*out = rc == 0 || r->version > there.version;
	}
	return 0;
}

/* Opens a row and says whether the question wants it. */
static int
want_row(struct vault *v, const struct subject *s, unsigned flags,
	 struct bytes row, struct record *r, bool *out)
{
	int rc = 0;

	*out = true;
	if ((flags & RECORD_LIST_VERSIONS) == 0) {
		rc = is_newest(v, s, r, out);
	}
	if (rc != 0 || !*out) {
		return rc;
	}
	rc = record_open(v, row, r);
	if (rc == ERR_EXPIRED) {
		*out = false;
		return 0;
	}
	*out = (flags & RECORD_LIST_DUE) != 0 || !record_is_due(r, v->today);
	return rc;
}

struct page {
	struct record *items;
	size_t n;
	size_t limit;
	size_t rows;
	size_t bytes;
};

static bool
page_is_full(const struct page *p)
{
	return p->n == p->limit || p->rows >= PAGE_ROWS_MAX ||
	       p->bytes >= PAGE_BYTES_MAX;
}

/* All rows of one slot below the place, until the page is full. */
static int
walk_slot(struct vault *v, const struct subject *s, slot_t slot,
	  const struct policy_category *c, unsigned flags, struct place *at,
	  struct page *page)
{
	struct record r;
	struct bytes row;
	bool wanted;
	int rc;

	while (!page_is_full(page)) {
		rc = next_row(v, slot, c->id, flags, at, &r, &row);
		if (rc <= 0) {
			return rc;
		}
		for (unsigned i = 0; i < SUBJECT_PLACES; i++) {
			page->rows += subject_place(s, c, i) != SLOT_NONE;
		}
		rc = want_row(v, s, flags, row, &r, &wanted);
		if (rc != 0) {
			return rc;
		}
		if (wanted) {
			size_t bytes =
				json_bytes(&r.data) + RECORD_OVERHEAD_BYTES;

			if (page->n > 0 &&
			    page->bytes + bytes > PAGE_BYTES_MAX) {
				/* Not taken: it begins the next page. */
				page->bytes = PAGE_BYTES_MAX;
				return 1;
			}
			page->items[page->n++] = r;
			page->bytes += bytes;
		}
		at->begun = true;
		at->id = r.id;
		at->version = r.version;
	}
	return 1;
}

/* The query's categories, or all of the policy. */
static int
categories_of(struct vault *v, const struct record_query *q,
	      const struct policy_category *const **out, size_t *out_n)
{
	const struct policy_category **all;

	if (q->n_categories > 0) {
		*out = q->categories;
		*out_n = q->n_categories;
		return 0;
	}
	all = arena_array(v->arena, v->policy->n_categories, sizeof(*all));
	if (all == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < v->policy->n_categories; i++) {
		all[i] = &v->policy->categories[i];
	}
	*out = all;
	*out_n = v->policy->n_categories;
	return 0;
}

int
record_list(struct vault *v, const struct subject *s,
	    const struct record_query *q, struct record **out, size_t *out_n,
	    const char **out_next)
{
	const struct policy_category *const *cats;
	struct place at = {0};
	struct page page = {.limit = q->limit};
	const char *next = NULL;
	size_t n_cats;
	int rc = categories_of(v, q, &cats, &n_cats);

	if (rc == 0 && q->cursor != NULL) {
		rc = cursor_parse(q->cursor, cats, n_cats, &at);
	}
	if (rc != 0) {
		return rc;
	}
	page.items = arena_array(v->arena, page.limit, sizeof(*page.items));
	if (page.items == NULL) {
		return ERR_NOMEM;
	}
	for (; at.category < n_cats && next == NULL;
	     at.category++, at.which = 0, at.begun = false) {
		for (; at.which < SUBJECT_PLACES;
		     at.which++, at.begun = false) {
			const struct policy_category *c = cats[at.category];
			slot_t slot = subject_place(s, c, at.which);

			if (slot == SLOT_NONE) {
				continue;
			}
			rc = walk_slot(v, s, slot, c, q->flags, &at, &page);
			if (rc < 0) {
				return rc;
			}
			if (rc == 1) {
				next = cursor_print(v->arena, c, &at);
				if (next == NULL) {
					return ERR_NOMEM;
				}
				break;
			}
			page.rows++;
		}
	}
	*out = page.items;
	*out_n = page.n;
	*out_next = next;
	return 0;
}

/* Whether one slot holds a readable row of the category. */
static int
any_readable(struct vault *v, const struct subject *s, slot_t slot,
	     const struct policy_category *c, bool *out)
{
	struct place at = {0};
	struct record r = {.version = 0};
	struct bytes row = {NULL, 0};
	int rc;

	*out = false;
	while (!*out &&
	       (rc = next_row(v, slot, c->id, 0, &at, &r, &row)) != 0) {
		if (rc == 1) {
			rc = want_row(v, s, RECORD_LIST_VERSIONS, row, &r, out);
		}
		if (rc < 0) {
			return rc;
		}
		at.begun = true;
		at.id = r.id;
		at.version = r.version;
	}
	return 0;
}

int
record_has(struct vault *v, const struct subject *s,
	   const struct policy_category *c, bool *out)
{
	int rc = 0;

	*out = false;
	for (unsigned i = 0; i < SUBJECT_PLACES && rc == 0 && !*out; i++) {
		slot_t slot = subject_place(s, c, i);

		if (slot != SLOT_NONE) {
			rc = any_readable(v, s, slot, c, out);
		}
	}
	return rc;
}

int
record_categories(struct vault *v, const struct subject *s, bool *out_any)
{
	for (size_t i = 0; i < v->policy->n_categories; i++) {
		int rc = record_has(v, s, &v->policy->categories[i],
				    &out_any[i]);

		if (rc != 0) {
			return rc;
		}
	}
	return 0;
}
