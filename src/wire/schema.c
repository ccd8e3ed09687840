/* From JSON to the structs that field tables describe, and to values. One walk
 * over the tree that jansson made; texts are borrowed from it, as it lives as
 * long as the struct does. What a member means is for the domain. */

#include <stdio.h>

#include "wire/json.h"
#include "wire/scalar.h"
#include "wire/schema.h"

/* What is known at every member. */
struct reader {
	struct arena *a;
	int64_t now_ms;
};

/* Where a member stands: the way up to the body. */
struct place {
	const struct place *up; /* NULL in the body itself */
	const char *name;       /* NULL for a list's item */
	size_t index;
};

static int decode_member(const struct reader *r, const struct place *at,
			 const struct field *f, const json_t *json,
			 void *structure);

/* Writes the way down to a member; returns its length. */
static size_t
place_print(const struct place *at, char path[ERR_FIELD_BYTES])
{
	size_t used;
	int more;

	if (at == NULL) {
		path[0] = '\0';
		return 0;
	}
	used = place_print(at->up, path);
	if (at->name == NULL) {
		more = snprintf(path + used, ERR_FIELD_BYTES - used, "[%zu]",
				at->index);
	} else {
		more = snprintf(path + used, ERR_FIELD_BYTES - used, "%s%s",
				used == 0 ? "" : ".", at->name);
	}
	used += more > 0 ? (size_t)more : 0;
	return used < ERR_FIELD_BYTES ? used : ERR_FIELD_BYTES - 1;
}

/* Names the member; `text` may be the present context's. */
static int
fault(int code, const struct place *at, const char *text)
{
	char path[ERR_FIELD_BYTES];

	(void)place_print(at, path);
	return err_field(code, path, "%s", text);
}

static int
fault_text(const struct place *at, const char *text)
{
	return fault(ERR_INVALID, at, text);
}

/* Names the member in the context that a check has just set. */
static int
fault_here(int rc, const struct place *at)
{
	return rc == ERR_INVALID ? fault(rc, at, err_last()->text) : rc;
}

static int value_of(struct arena *a, const struct place *at,
		    const json_t *json, int depth, struct value *out);

static int
value_of_list(struct arena *a, const struct place *at, const json_t *json,
	      int depth, struct value *out)
{
	size_t n = json_array_size(json);
	struct member *items = arena_array(a, n, sizeof(*items));

	if (items == NULL) {
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		struct place here = {.up = at, .index = i};
		int rc = value_of(a, &here, json_array_get(json, i),
				  depth + 1, &items[i].value);

		if (rc != 0) {
			return rc;
		}
	}
	out->of.items = items;
	out->of.n = n;
	out->of.cap = n;
	return 0;
}

/* The way to a member whose name is safe to repeat, else to what holds it. */
static const struct place *
place_of(const struct place *at, struct place *member)
{
	return name_is_plain(member->name, strlen(member->name)) ? member
								 : at;
}

static int
value_of_object(struct arena *a, const struct place *at, const json_t *json,
		int depth, struct value *out)
{
	size_t n = json_object_size(json);
	struct member *items = arena_array(a, n, sizeof(*items));
	/* jansson's iterators want what they do not change. */
	json_t *object = (json_t *)(uintptr_t)json;
	void *it = json_object_iter(object);
	size_t i = 0;

	if (items == NULL) {
		return ERR_NOMEM;
	}
	for (; it != NULL && i < n; it = json_object_iter_next(object, it)) {
		struct place here = {.up = at, .name = json_object_iter_key(it)};
		int rc = value_of(a, place_of(at, &here),
				  json_object_iter_value(it), depth + 1,
				  &items[i].value);

		if (rc != 0) {
			return rc;
		}
		items[i++].name = here.name;
	}
	out->of.items = items;
	out->of.n = i;
	out->of.cap = n;
	return 0;
}

static int
value_of(struct arena *a, const struct place *at, const json_t *json,
	 int depth, struct value *out)
{
	if (depth > VALUE_DEPTH_MAX) {
		return fault_text(at, "is nested too deeply");
	}
	*out = (struct value){.kind = VALUE_NULL};
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		out->kind = VALUE_OBJECT;
		return value_of_object(a, at, json, depth, out);
	case JSON_ARRAY:
		out->kind = VALUE_LIST;
		return value_of_list(a, at, json, depth, out);
	case JSON_STRING:
		out->kind = VALUE_TEXT;
		out->text.s = json_string_value(json);
		out->text.n = json_string_length(json);
		return strlen(out->text.s) == out->text.n
			       ? 0
			       : fault_text(at, "holds a NUL");
	case JSON_INTEGER:
		*out = value_int(json_integer_value(json));
		return 0;
	case JSON_REAL:
		out->kind = VALUE_REAL;
		out->real = json_real_value(json);
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		*out = value_bool(json_is_true(json));
		return 0;
	case JSON_NULL:
		return 0;
	}
	return err_set(ERR_INTERNAL, "a kind of JSON that is none");
}

static int
decode_int(const struct place *at, const struct scalar *s, const json_t *json,
	   void *out)
{
	char text[80];
	int64_t v = json_integer_value(json);

	if (!json_is_integer(json)) {
		return fault_text(at, "must be an integer");
	}
	if ((s->min != 0 || s->max != 0) && (v < s->min || v > s->max)) {
		(void)snprintf(text, sizeof(text), "must be %lld to %lld",
			       (long long)s->min, (long long)s->max);
		return fault_text(at, text);
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
		return fault_text(at, "must be an object");
	}
	rc = value_of(r->a, at, json, 0, &v);
	if (rc != 0) {
		return rc;
	}
	if (s->max > 0 &&
	    json_dumpb(json, NULL, 0, JSON_COMPACT) > (size_t)s->max) {
		(void)snprintf(text, sizeof(text),
			       "must have at most %lld bytes",
			       (long long)s->max);
		return fault(ERR_TOO_LARGE, at, text);
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
		return fault_text(at, "must be a list");
	}
	if (n > most || n < (size_t)f->min) {
		(void)snprintf(text, sizeof(text), "must have %lld to %zu items",
			       (long long)f->min, most);
		return fault_text(at, text);
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

			return fault_text(&here, "is missing");
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
		return fault_text(at, "must be an object");
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
			return fault_text(place_of(at, &here),
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
			return fault_text(at, "must be true or false");
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
		return fault_text(at, "must be a text");
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

void
schema_init(void)
{
	json_once();
}

int
schema_decode(const struct field *fields, size_t n, struct bytes json,
	      int64_t now_ms, struct arena *a, void *out_struct)
{
	struct reader r = {.a = a, .now_ms = now_ms};
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

int
schema_value_decode(struct bytes json, struct arena *a, struct value *out)
{
	struct value v;
	json_t *root = NULL;
	int rc;

	json_begin(a);
	rc = json_read(json, true, &root);
	if (rc == 0) {
		rc = value_of(a, NULL, root, 0, &v);
	}
	json_end();
	if (rc == 0) {
		*out = v;
	}
	return rc;
}
