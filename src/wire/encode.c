/* From structs and values to JSON: a jansson tree in an arena of its own, then
 * its text. */

#include "wire/json.h"
#include "wire/scalar.h"
#include "wire/schema.h"

/* The tree of the largest reply, several times over. */
#define TREE_BYTES_MAX (256u << 20)
/* From so many items on, each is a tree of its own, in memory that the one
 * before has just left: a tree of a thousand costs half as much again. */
#define PIECEWISE_ITEMS_MIN 16u

static json_t *encode_object(struct arena *a, const struct field *fields,
			     size_t n, const char *structure);
static json_t *encode_value(const struct value *v);

/* Most texts are ASCII, which takes less time to see than that one is UTF-8. */
static bool
is_ascii(const char *s, size_t n)
{
	uint64_t word;
	uint64_t all = 0;
	size_t i = 0;

	for (; i + sizeof(word) <= n; i += sizeof(word)) {
		memcpy(&word, s + i, sizeof(word));
		all |= word;
	}
	for (; i < n; i++) {
		all |= (uint8_t)s[i];
	}
	return (all & 0x8080808080808080U) == 0;
}

static json_t *
encode_text(const char *s, size_t n)
{
	return is_ascii(s, n) ? json_stringn_nocheck(s, n) : json_stringn(s, n);
}

static json_t *
encode_items(const struct value *v)
{
	bool is_list = v->kind == VALUE_LIST;
	json_t *json = is_list ? json_array() : json_object();

	for (size_t i = 0; json != NULL && i < v->of.n; i++) {
		const struct member *m = &v->of.items[i];
		json_t *item = encode_value(&m->value);

		/* Both refuse an item that is NULL. */
		if ((is_list ? json_array_append_new(json, item)
			     : json_object_set_new(json, m->name, item)) != 0) {
			return NULL;
		}
	}
	return json;
}

static json_t *
encode_value(const struct value *v)
{
	switch (v->kind) {
	case VALUE_NULL:
		return json_null();
	case VALUE_BOOL:
		return json_boolean(v->truth);
	case VALUE_INT:
		return json_integer(v->number);
	case VALUE_REAL:
		return json_real(v->real);
	case VALUE_TEXT:
		return encode_text(v->text.s, v->text.n);
	case VALUE_LIST:
	case VALUE_OBJECT:
		return encode_items(v);
	}
	return NULL;
}

static json_t *
encode_one(struct arena *a, const struct field *f, enum field_type type,
	   const void *member)
{
	struct scalar s = {.field = f, .type = type};
	char room[SCALAR_TEXT_BYTES];
	const char *text;

	if (type == FIELD_OBJECT) {
		return encode_object(a, f->fields, f->n_fields, member);
	}
	if (type == FIELD_VALUE) {
		return encode_value(member);
	}
	if (type == FIELD_INT) {
		return json_integer(*(const int64_t *)member);
	}
	if (type == FIELD_BOOL) {
		return json_boolean(*(const bool *)member);
	}
	text = scalar_print(&s, member, a, room);
	return text == NULL ? NULL : encode_text(text, strlen(text));
}

static json_t *
encode_list(struct arena *a, const struct field *f, const char *structure)
{
	json_t *list = json_array();
	const char *items;
	size_t n;

	memcpy(&items, structure + f->offset, sizeof(items));
	memcpy(&n, structure + f->count_offset, sizeof(n));
	for (size_t i = 0; list != NULL && i < n; i++) {
		json_t *item = encode_one(a, f, f->item,
					  items + i * f->item_bytes);

		if (json_array_append_new(list, item) != 0) {
			return NULL;
		}
	}
	return list;
}

static bool
member_is_absent(const struct field *f, const char *structure)
{
	size_t n;

	if ((f->flags & FIELD_OPTIONAL) == 0) {
		return false;
	}
	if (f->has_offset != FIELD_NO_OFFSET) {
		return !*(const bool *)(structure + f->has_offset);
	}
	if (f->type == FIELD_LIST) {
		memcpy(&n, structure + f->count_offset, sizeof(n));
		return n == 0;
	}
	return scalar_is_absent(f->type, structure + f->offset);
}

static json_t *
encode_member(struct arena *a, const struct field *f, const char *structure)
{
	json_t *member = f->type == FIELD_LIST
				 ? encode_list(a, f, structure)
				 : encode_one(a, f, f->type,
					      structure + f->offset);

	/* The name is ours; the innermost one stays. */
	if (member == NULL && err_last()->code != ERR_NOMEM &&
	    err_last()->code != ERR_INTERNAL) {
		(void)err_field(ERR_INTERNAL, f->name,
				"does not go into JSON");
	}
	return member;
}

static json_t *
encode_object(struct arena *a, const struct field *fields, size_t n,
	      const char *structure)
{
	json_t *json = json_object();

	for (size_t i = 0; json != NULL && i < n; i++) {
		const struct field *f = &fields[i];
		json_t *member;

		if (member_is_absent(f, structure)) {
			continue;
		}
		member = encode_member(a, f, structure);
		if (member == NULL ||
		    json_object_set_new_nocheck(json, f->name, member) != 0) {
			return NULL;
		}
	}
	return json;
}

/* What a failed piece or tree is told as. */
static int
encode_fault(void)
{
	return err_last()->code == ERR_NOMEM
		       ? ERR_NOMEM
		       : err_field(ERR_INTERNAL, err_last()->field,
				   "an answer does not go into JSON");
}

/* The tree's text, then the end of its arena; takes the arena over. */
static int
finish(struct arena *a, const json_t *json, unsigned indent, struct buf *to)
{
	int rc = json != NULL ? json_write(json, indent, to) : encode_fault();

	json_end();
	arena_free(a);
	return rc;
}

/* A piece of an answer, whose tree ends with it. */
static int
piece_write(struct arena *a, const json_t *json, bool is_embedded,
	    struct buf *to)
{
	int rc = json == NULL  ? encode_fault()
		 : is_embedded ? json_write_members(json, to)
			       : json_write(json, 0, to);

	arena_reset(a);
	return rc;
}

/* "name":value */
static int
member_write(struct arena *a, const char *name, json_t *value, struct buf *to)
{
	json_t *json = value == NULL ? NULL : json_object();

	if (json != NULL &&
	    json_object_set_new_nocheck(json, name, value) != 0) {
		json = NULL;
	}
	return piece_write(a, json, true, to);
}

static int
items_write(struct arena *a, const struct field *f, const char *structure,
	    struct buf *to)
{
	const char *items;
	size_t n;
	int rc = member_write(a, f->name, json_array(), to);

	memcpy(&items, structure + f->offset, sizeof(items));
	memcpy(&n, structure + f->count_offset, sizeof(n));
	if (rc == 0) {
		buf_cut(to, to->len - 1); /* the empty list's end */
	}
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = i == 0 ? 0 : buf_put(to, ",", 1);
		if (rc == 0) {
			rc = piece_write(a,
					 encode_one(a, f, f->item,
						    items + i * f->item_bytes),
					 false, to);
		}
	}
	return rc != 0 ? rc : buf_put(to, "]", 1);
}

static bool
is_long_list(const struct field *f, const char *structure)
{
	size_t n;

	if (f->type != FIELD_LIST) {
		return false;
	}
	memcpy(&n, structure + f->count_offset, sizeof(n));
	return n >= PIECEWISE_ITEMS_MIN;
}

/* Member by member, and long lists item by item. */
static int
object_write(struct arena *a, const struct field *fields, size_t n,
	     const char *structure, struct buf *to)
{
	bool is_first = true;
	int rc = buf_put(to, "{", 1);

	for (size_t i = 0; i < n && rc == 0; i++) {
		const struct field *f = &fields[i];

		if (member_is_absent(f, structure)) {
			continue;
		}
		rc = is_first ? 0 : buf_put(to, ",", 1);
		is_first = false;
		if (rc == 0) {
			rc = is_long_list(f, structure)
				     ? items_write(a, f, structure, to)
				     : member_write(
					       a, f->name,
					       encode_member(a, f, structure),
					       to);
		}
	}
	return rc != 0 ? rc : buf_put(to, "}", 1);
}

static int
pieces_write(struct arena *a, const struct field *fields, size_t n,
	     const char *structure, struct buf *to)
{
	size_t before = to->len;
	int rc = object_write(a, fields, n, structure, to);

	json_end();
	arena_free(a);
	if (rc != 0) {
		buf_cut(to, before);
	}
	return rc;
}

int
schema_encode(const struct field *fields, size_t n, const void *structure,
	      struct buf *to)
{
	struct arena *a = arena_new(TREE_BYTES_MAX);

	if (a == NULL) {
		return err_set(ERR_NOMEM, "no memory for an answer");
	}
	err_clear();
	json_begin(a);
	for (size_t i = 0; i < n; i++) {
		if (is_long_list(&fields[i], structure)) {
			return pieces_write(a, fields, n, structure, to);
		}
	}
	return finish(a, encode_object(a, fields, n, structure), 0, to);
}

int
schema_value_encode(const struct value *v, unsigned indent, struct buf *to)
{
	struct arena *a = arena_new(TREE_BYTES_MAX);

	if (a == NULL) {
		return err_set(ERR_NOMEM, "no memory for a value");
	}
	err_clear();
	json_begin(a);
	return finish(a, encode_value(v), indent, to);
}

/* What of the context a caller may read. */
static bool
text_is_public(const struct err_info *info)
{
	enum err_class class = err_class_of(info->code);

	return info->text[0] != '\0' && info->code != ERR_DENIED &&
	       info->code != ERR_NOT_FOUND &&
	       (class == ERR_CLASS_CALLER || class == ERR_CLASS_STATE);
}

static json_t *
error_object(const struct err_info *info)
{
	int code = err_status(info->code);
	json_t *json = json_object();
	bool failed = json == NULL;

	failed = failed || json_object_set_new(json, "error",
				       json_string(err_word(code))) != 0;
	failed = failed ||
		 json_object_set_new(
			 json, "message",
			 text_is_public(info)
				 ? json_sprintf("%s: %s", err_sentence(code),
						info->text)
				 : json_string(err_sentence(code))) != 0;
	if (info->field[0] != '\0' && code == info->code) {
		failed = failed || json_object_set_new(json, "field",
					       json_string(info->field)) != 0;
	}
	for (size_t i = 0; i < info->n_extra && code == info->code; i++) {
		const struct err_extra *x = &info->extra[i];

		failed = failed ||
			 json_object_set_new(json, x->name,
					     x->is_number
						     ? json_integer(x->number)
						     : json_string(x->text)) !=
				 0;
	}
	return failed ? NULL : json;
}

int
schema_error_body(const struct err_info *info, struct buf *to)
{
	/* Writing may set the context that we are given. */
	struct err_info copy = *info;
	struct arena *a = arena_new(TREE_BYTES_MAX);

	if (a == NULL) {
		return err_set(ERR_NOMEM, "no memory for an answer");
	}
	json_begin(a);
	return finish(a, error_object(&copy), 0, to);
}
