/* From JSON to the structs that field tables describe. One walk over the tree
 * that jansson made; texts are borrowed from it, as it lives as long as the
 * struct does. What a member means is for the domain. */

#include <stdio.h>

#include "wire/scalar.h"
#include "wire/schema.h"
#include "wire/value_of.h"

/* What is known at every member. */
struct reader {
	struct arena *a;
	int64_t now_ms;
	size_t text_n; /* bytes of the whole text */
};

/* The compact form of a text is not longer, but for numbers: 1e9 becomes
 * 1000000000.0. */
#define COMPACT_GROWTH_MAX 10

static int decode_member(const struct reader *r, const struct place *at,
			 const struct field *f, const json_t *json,
			 void *structure);

/* Names the member in the context that a check has just set. */
static int
fault_here(int rc, const struct place *at)
{
	return rc == ERR_INVALID ? place_fault(rc, at, err_last()->text) : rc;
}

static int
decode_int(const struct place *at, const struct scalar *s, const json_t *json,
	   void *out)
{
	char text[80];
	int64_t v = json_integer_value(json);

	if (!json_is_integer(json)) {
		return place_invalid(at, "must be an integer");
	}
	if ((s->min != 0 || s->max != 0) && (v < s->min || v > s->max)) {
		(void)snprintf(text, sizeof(text), "must be %lld to %lld",
			       (long long)s->min, (long long)s->max);
		return place_invalid(at, text);
	}
	memcpy(out, &v, sizeof(v));
	return 0;
}

static int
decode_value(const struct reader *r, const struct place *at,
	     const struct scalar *s, const json_t *json, void *out)
{
	char text[80];
	struct value v;
	int rc;

	if (!json_is_object(json)) {
		return place_invalid(at, "must be an object");
	}
	rc = value_of(r->a, at, json, 0, &v);
	if (rc != 0) {
		return rc;
	}
	if (s->max > 0 && r->text_n > (size_t)s->max / COMPACT_GROWTH_MAX &&
	    json_dumpb(json, NULL, 0, JSON_COMPACT) > (size_t)s->max) {
		(void)snprintf(text, sizeof(text),
			       "must have at most %lld bytes",
			       (long long)s->max);
		return place_fault(ERR_TOO_LARGE, at, text);
	}
	memcpy(out, &v, sizeof(v));
	return 0;
}

/* One value that is no list: a member, or a list's item. */
static int
decode_one(const struct reader *r, const struct place *at,
	   const struct scalar *s, const json_t *json, void *out);

static int
decode_list(const struct reader *r, const struct place *at,
	    const struct field *f, const json_t *json, char *structure)
{
	struct scalar s = {.field = f, .type = f->item};
	size_t most = f->max > 0 ? (size_t)f->max : SCHEMA_LIST_ITEMS_MAX;
	size_t n = json_array_size(json);
	char text[80];
	char *items = NULL;

	if (!json_is_array(json)) {
		return place_invalid(at, "must be a list");
	}
	if (n > most || n < (size_t)f->min) {
		(void)snprintf(text, sizeof(text), "must have %lld to %zu items",
			       (long long)f->min, most);
		return place_invalid(at, text);
	}
	if (n > 0) {
		items = arena_array(r->a, n, f->item_bytes);
		if (items == NULL) {
			return ERR_NOMEM;
		}
	}
	for (size_t i = 0; i < n; i++) {
		struct place here = {.up = at, .index = i};
		int rc = decode_one(r, &here, &s, json_array_get(json, i),
				    items + i * f->item_bytes);

		if (rc != 0) {
			return rc;
		}
	}
	memcpy(structure + f->offset, &items, sizeof(items));
	memcpy(structure + f->count_offset, &n, sizeof(n));
	return 0;
}

/* What one pass over an object's members has found. */
struct seen {
	uint64_t rows; /* bit i: row i was there */
	size_t next;   /* where the next name is looked for first */
};

/* Callers mostly send members in the table's order, so that the first look
 * is mostly the last. */
static const struct field *
find_row(const struct field *fields, size_t n, const char *name,
	 struct seen *seen)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = (seen->next + i) % n;

		if (strcmp(fields[at].name, name) == 0) {
			seen->rows |= UINT64_C(1) << at;
			seen->next = at + 1;
			return &fields[at];
		}
	}
	return NULL;
}

/* What the rows that did not come leave behind. */
static int
settle_absent(const struct place *at, const struct field *fields, size_t n,
	      uint64_t rows, char *structure)
{
	static const int absent = -1;

	for (size_t i = 0; i < n; i++) {
		const struct field *f = &fields[i];

		if ((rows >> i & 1) != 0) {
			continue;
		}
		if ((f->flags & FIELD_OPTIONAL) == 0) {
			struct place here = {.up = at, .name = f->name};

			return place_invalid(&here, "is missing");
		}
		if (f->type == FIELD_ENUM && f->has_offset == FIELD_NO_OFFSET) {
			memcpy(structure + f->offset, &absent, sizeof(absent));
		}
	}
	return 0;
}

static int
decode_object(const struct reader *r, const struct place *at,
	      const struct field *fields, size_t n, const json_t *json,
	      void *structure)
{
	json_t *object = (json_t *)(uintptr_t)json;
	struct seen seen = {0};
	void *it;

	if (!json_is_object(json)) {
		return place_invalid(at, "must be an object");
	}
	if (n > SCHEMA_FIELDS_MAX) {
		return err_set(ERR_INTERNAL, "a table has %zu rows", n);
	}
	for (it = json_object_iter(object); it != NULL;
	     it = json_object_iter_next(object, it)) {
		struct place here = {.up = at, .name = json_object_iter_key(it)};
		const struct field *f =
			find_row(fields, n, here.name, &seen);
		int rc;

		if (f == NULL) {
			return place_invalid(place_of(at, &here),
					  place_of(at, &here) == &here
						  ? "is not known"
						  : "has a member that is "
						    "not known");
		}
		rc = decode_member(r, &here, f, json_object_iter_value(it),
				   structure);
		if (rc != 0) {
			return rc;
		}
	}
	return settle_absent(at, fields, n, seen.rows, structure);
}

static int
decode_one(const struct reader *r, const struct place *at,
	   const struct scalar *s, const json_t *json, void *out)
{
	bool truth = json_is_true(json);

	switch (s->type) {
	case FIELD_OBJECT:
		return decode_object(r, at, s->field->fields,
				     s->field->n_fields, json, out);
	case FIELD_VALUE:
		return decode_value(r, at, s, json, out);
	case FIELD_INT:
		return decode_int(at, s, json, out);
	case FIELD_BOOL:
		if (!json_is_boolean(json)) {
			return place_invalid(at, "must be true or false");
		}
		memcpy(out, &truth, sizeof(truth));
		return 0;
	case FIELD_TEXT:
	case FIELD_ID:
	case FIELD_TIME:
	case FIELD_DATE:
	case FIELD_DURATION:
	case FIELD_ENUM:
	case FIELD_EMAIL:
	case FIELD_PHONE:
	case FIELD_COUNTRY:
	case FIELD_REGION:
	case FIELD_BASE64:
	case FIELD_Z85:
		break;
	case FIELD_LIST:
		return err_set(ERR_INTERNAL, "lists of lists are not spoken");
	}
	if (!json_is_string(json)) {
		return place_invalid(at, "must be a text");
	}
	return fault_here(scalar_parse(s, json_string_value(json),
				       json_string_length(json), r->now_ms,
				       r->a, out),
			  at);
}

static int
decode_member(const struct reader *r, const struct place *at,
	      const struct field *f, const json_t *json, void *structure)
{
	struct scalar s = {
		.field = f, .type = f->type, .min = f->min, .max = f->max};
	static const bool came = true;
	char *base = structure;
	int rc = f->type == FIELD_LIST
			 ? decode_list(r, at, f, json, base)
			 : decode_one(r, at, &s, json, base + f->offset);

	if (rc == 0 && f->has_offset != FIELD_NO_OFFSET) {
		memcpy(base + f->has_offset, &came, sizeof(came));
	}
	return rc;
}

int
schema_decode(const struct field *fields, size_t n, struct bytes json,
	      int64_t now_ms, struct arena *a, void *out_struct)
{
	struct reader r = {.a = a, .now_ms = now_ms, .text_n = json.n};
	json_t *root = NULL;
	int rc;

	if (json.n == 0) {
		return settle_absent(NULL, fields, n, 0, out_struct);
	}
	json_begin(a);
	rc = json_read(json, false, &root);
	if (rc == 0) {
		rc = decode_object(&r, NULL, fields, n, root, out_struct);
	}
	json_end();
	return rc;
}
