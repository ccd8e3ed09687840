/* JSON of any shape, to values. */

#include "wire/schema.h"
#include "wire/value_of.h"

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

int
value_of(struct arena *a, const struct place *at, const json_t *json,
	 int depth, struct value *out)
{
	if (depth > VALUE_DEPTH_MAX) {
		return place_invalid(at, "is nested too deeply");
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
			       : place_invalid(at, "holds a NUL");
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
