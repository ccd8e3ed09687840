/* Field tables as values: what decoding obeys is what callers are told. */

#include "wire/describe.h"
#include "wire/schema.h"

const char *
describe_type(enum field_type type)
{
	switch (type) {
	case FIELD_TEXT:
		return "text";
	case FIELD_ID:
		return "id";
	case FIELD_TIME:
		return "time";
	case FIELD_DATE:
		return "date";
	case FIELD_DURATION:
		return "duration";
	case FIELD_INT:
		return "integer";
	case FIELD_BOOL:
		return "boolean";
	case FIELD_ENUM:
		return "enum";
	case FIELD_EMAIL:
		return "email";
	case FIELD_PHONE:
		return "phone";
	case FIELD_COUNTRY:
		return "country";
	case FIELD_REGION:
		return "region";
	case FIELD_BASE64:
		return "base64";
	case FIELD_Z85:
		return "z85";
	case FIELD_VALUE:
		return "any_object";
	case FIELD_OBJECT:
		return "object";
	case FIELD_LIST:
		return "list";
	}
	return "unknown";
}

/* Adds members one after the other; the first error sticks. */
struct adder {
	struct value object;
	struct arena *a;
	int rc;
};

static void
add(struct adder *to, const char *name, struct value v)
{
	if (to->rc == 0) {
		to->rc = value_add(&to->object, to->a, name, v);
	}
}

static void
add_true(struct adder *to, const char *name, bool is_true)
{
	if (is_true) {
		add(to, name, value_bool(true));
	}
}

static void
add_bounds(struct adder *to, const struct field *f)
{
	int64_t min = f->min;
	int64_t max = f->max;

	if (f->type == FIELD_LIST && max == 0) {
		max = SCHEMA_LIST_ITEMS_MAX;
	}
	if (f->type == FIELD_TEXT && max == 0) {
		min = min == 0 ? 1 : min;
		max = SCHEMA_TEXT_BYTES_MAX;
	}
	if (min != 0 || max != 0) {
		add(to, "min", value_int(min));
		add(to, "max", value_int(max));
	}
}

static void
add_names(struct adder *to, const struct field *f)
{
	struct value list = value_list();

	for (size_t i = 0; f->names[i] != NULL && to->rc == 0; i++) {
		to->rc = value_push(&list, to->a, value_text(f->names[i]));
	}
	add(to, "names", list);
}

static int
describe_field(const struct field *f, struct arena *a, struct value *out)
{
	struct adder to = {.object = value_object(), .a = a};
	struct value nested;

	add(&to, "name", value_text(f->name));
	add(&to, "type", value_text(describe_type(f->type)));
	add_true(&to, "optional", (f->flags & FIELD_OPTIONAL) != 0);
	add_bounds(&to, f);
	add_true(&to, "free_text", (f->flags & FIELD_FREE_TEXT) != 0);
	add_true(&to, "future", (f->flags & FIELD_FUTURE) != 0);
	if (f->names != NULL) {
		add_names(&to, f);
	}
	if (f->type == FIELD_LIST) {
		add(&to, "item", value_text(describe_type(f->item)));
	}
	if (f->fields != NULL && to.rc == 0) {
		to.rc = describe_fields(f->fields, f->n_fields, a, &nested);
		if (to.rc == 0) {
			add(&to, "fields", nested);
		}
	}
	if (f->help != NULL) {
		add(&to, "help", value_text(f->help));
	}
	if (to.rc == 0) {
		*out = to.object;
	}
	return to.rc;
}

int
describe_fields(const struct field *fields, size_t n, struct arena *a,
		struct value *out)
{
	struct value list = value_list();

	for (size_t i = 0; i < n; i++) {
		struct value one;
		int rc = describe_field(&fields[i], a, &one);

		if (rc == 0) {
			rc = value_push(&list, a, one);
		}
		if (rc != 0) {
			return rc;
		}
	}
	*out = list;
	return 0;
}
