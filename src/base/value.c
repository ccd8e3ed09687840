/* Trees of values: built, read, compared, packed. */

#include <stdlib.h>

#include "base/pack.h"
#include "base/value.h"

struct value
value_text(const char *s)
{
	return (struct value){.kind = VALUE_TEXT, .text = {s, strlen(s)}};
}

struct value
value_int(int64_t number)
{
	return (struct value){.kind = VALUE_INT, .number = number};
}

struct value
value_bool(bool truth)
{
	return (struct value){.kind = VALUE_BOOL, .truth = truth};
}

struct value
value_object(void)
{
	return (struct value){.kind = VALUE_OBJECT, .of = {0}};
}

struct value
value_list(void)
{
	return (struct value){.kind = VALUE_LIST, .of = {0}};
}

int
value_add(struct value *object, struct arena *a, const char *name,
	  struct value v)
{
	struct member *items;
	size_t cap;

	if (object->kind == VALUE_OBJECT && object->of.n >= VALUE_MEMBERS_MAX) {
		return err_set(ERR_TOO_LARGE, "more than %d members",
			       VALUE_MEMBERS_MAX);
	}
	if (object->of.n == object->of.cap) {
		cap = object->of.cap == 0 ? 4 : object->of.cap * 2;
		items = arena_array(a, cap, sizeof(*items));
		if (items == NULL) {
			return ERR_NOMEM;
		}
		if (object->of.n > 0) {
			memcpy(items, object->of.items,
			       object->of.n * sizeof(*items));
		}
		object->of.items = items;
		object->of.cap = cap;
	}
	object->of.items[object->of.n++] = (struct member){name, v};
	return 0;
}

int
value_push(struct value *list, struct arena *a, struct value v)
{
	return value_add(list, a, NULL, v);
}

const struct value *
value_get(const struct value *v, const char *name)
{
	if (v == NULL || v->kind != VALUE_OBJECT) {
		return NULL;
	}
	for (size_t i = 0; i < v->of.n; i++) {
		if (strcmp(v->of.items[i].name, name) == 0) {
			return &v->of.items[i].value;
		}
	}
	return NULL;
}

const char *
value_get_text(const struct value *v, const char *name)
{
	const struct value *m = value_get(v, name);

	return m != NULL && m->kind == VALUE_TEXT ? m->text.s : NULL;
}

static bool
members_equal(const struct value *a, const struct value *b)
{
	if (a->of.n != b->of.n) {
		return false;
	}
	for (size_t i = 0; i < a->of.n; i++) {
		const struct member *m = &a->of.items[i];
		const struct value *other =
			a->kind == VALUE_OBJECT ? value_get(b, m->name)
						: &b->of.items[i].value;

		if (other == NULL || !value_equal(&m->value, other)) {
			return false;
		}
	}
	return true;
}

/* Bit by bit, as they are packed: a NaN equals itself. */
static uint64_t
real_bits(const struct value *v)
{
	uint64_t bits;

	memcpy(&bits, &v->real, sizeof(bits));
	return bits;
}

bool
value_equal(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind) {
		return false;
	}
	switch (a->kind) {
	case VALUE_NULL:
		return true;
	case VALUE_BOOL:
		return a->truth == b->truth;
	case VALUE_INT:
		return a->number == b->number;
	case VALUE_REAL:
		return real_bits(a) == real_bits(b);
	case VALUE_TEXT:
		return bytes_equal(bytes_of(a->text.s, a->text.n),
				   bytes_of(b->text.s, b->text.n));
	case VALUE_LIST:
	case VALUE_OBJECT:
		return members_equal(a, b);
	}
	return false;
}

static void pack_value(struct packer *p, const struct value *v, int depth);

static int
by_name(const void *a, const void *b)
{
	const struct member *const *ma = a;
	const struct member *const *mb = b;

	return strcmp((*ma)->name, (*mb)->name);
}

/* In the order of their names, so that equal objects are equal bytes. */
static void
pack_members(struct packer *p, const struct value *v, int depth)
{
	const struct member *sorted[VALUE_MEMBERS_MAX];

	if (v->of.n > VALUE_MEMBERS_MAX) {
		p->rc = err_set(ERR_TOO_LARGE, "more than %d members",
				VALUE_MEMBERS_MAX);
		return;
	}
	for (size_t i = 0; i < v->of.n; i++) {
		sorted[i] = &v->of.items[i];
	}
	if (v->of.n > 1) {
		qsort(sorted, v->of.n, sizeof(sorted[0]), by_name);
	}
	for (size_t i = 0; i < v->of.n && p->rc == 0; i++) {
		if (i > 0 && by_name(&sorted[i - 1], &sorted[i]) == 0) {
			p->rc = err_set(ERR_INVALID, "a member given twice");
			return;
		}
		pack_text(p, sorted[i]->name);
		pack_value(p, &sorted[i]->value, depth + 1);
	}
}

static void
pack_value_text(struct packer *p, const struct value *v)
{
	if (v->text.n > 0 && memchr(v->text.s, '\0', v->text.n) != NULL) {
		p->rc = err_set(ERR_INVALID, "a text with a NUL inside");
		return;
	}
	pack_bytes(p, bytes_of(v->text.s, v->text.n));
}

static void
pack_value(struct packer *p, const struct value *v, int depth)
{
	if (depth > VALUE_DEPTH_MAX) {
		p->rc = err_set(ERR_TOO_LARGE, "nested deeper than %d",
				VALUE_DEPTH_MAX);
		return;
	}
	pack_u8(p, (uint8_t)v->kind);
	switch (v->kind) {
	case VALUE_NULL:
		break;
	case VALUE_BOOL:
		pack_u8(p, v->truth ? 1 : 0);
		break;
	case VALUE_INT:
		pack_i64(p, v->number);
		break;
	case VALUE_REAL:
		pack_u64(p, real_bits(v));
		break;
	case VALUE_TEXT:
		pack_value_text(p, v);
		break;
	case VALUE_LIST:
		pack_u32(p, (uint32_t)v->of.n);
		for (size_t i = 0; i < v->of.n && p->rc == 0; i++) {
			pack_value(p, &v->of.items[i].value, depth + 1);
		}
		break;
	case VALUE_OBJECT:
		pack_u32(p, (uint32_t)v->of.n);
		pack_members(p, v, depth);
		break;
	}
}

int
value_pack(const struct value *v, struct buf *to)
{
	struct packer p = {.to = to};

	pack_value(&p, v, 0);
	return p.rc;
}

static struct value unpack_value(struct unpacker *u, struct arena *a,
				 int depth);

/* The smallest item is a kind, in an object after a name's length. A count
 * that the bytes left cannot hold is not believed. */
static bool
count_fits(const struct value *v, uint32_t n, size_t left)
{
	if (v->kind == VALUE_OBJECT) {
		return n <= VALUE_MEMBERS_MAX && n <= left / 5;
	}
	return n <= left;
}

/* The next member's name, which must come after the one before it. */
static const char *
unpack_name(struct unpacker *u, struct arena *a, const char *before)
{
	const char *name = unpack_text(u, a);

	if (u->rc == 0 && (name == NULL ||
			   (before != NULL && strcmp(before, name) >= 0))) {
		u->rc = err_set(ERR_CORRUPT, "members without order");
	}
	return name;
}

static void
unpack_members(struct unpacker *u, struct arena *a, struct value *v, int depth)
{
	uint32_t n = unpack_u32(u);
	const char *before = NULL;
	struct member *items;

	if (u->rc == 0 && !count_fits(v, n, u->from.n)) {
		u->rc = err_set(ERR_CORRUPT, "more items than bytes");
	}
	if (u->rc != 0 || n == 0) {
		return;
	}
	items = arena_array(a, n, sizeof(*items));
	if (items == NULL) {
		u->rc = ERR_NOMEM;
		return;
	}
	for (uint32_t i = 0; i < n && u->rc == 0; i++) {
		if (v->kind == VALUE_OBJECT) {
			before = unpack_name(u, a, before);
			items[i].name = before;
		}
		items[i].value = unpack_value(u, a, depth + 1);
	}
	v->of.items = items;
	v->of.n = n;
	v->of.cap = n;
}

static struct value
unpack_value(struct unpacker *u, struct arena *a, int depth)
{
	struct value v = {.kind = VALUE_NULL};
	uint8_t kind = unpack_u8(u);
	uint8_t truth;
	uint64_t bits;

	if (u->rc == 0 && (kind > VALUE_OBJECT || depth > VALUE_DEPTH_MAX)) {
		u->rc = err_set(ERR_CORRUPT, "not a packed value");
	}
	if (u->rc != 0) {
		return v;
	}
	v.kind = (enum value_kind)kind;
	switch (v.kind) {
	case VALUE_NULL:
		break;
	case VALUE_BOOL:
		truth = unpack_u8(u);
		if (truth > 1) {
			u->rc = err_set(ERR_CORRUPT, "not a packed truth");
		}
		v.truth = truth == 1;
		break;
	case VALUE_INT:
		v.number = unpack_i64(u);
		break;
	case VALUE_REAL:
		bits = unpack_u64(u);
		memcpy(&v.real, &bits, sizeof(bits));
		break;
	case VALUE_TEXT:
		v.text.s = unpack_text(u, a);
		if (v.text.s != NULL) {
			v.text.n = strlen(v.text.s);
		} else if (u->rc == 0) {
			u->rc = err_set(ERR_CORRUPT, "a text that is none");
		}
		break;
	case VALUE_LIST:
	case VALUE_OBJECT:
		v.of.items = NULL;
		v.of.n = 0;
		v.of.cap = 0;
		unpack_members(u, a, &v, depth);
		break;
	}
	return v;
}

int
value_unpack(struct bytes from, struct arena *a, struct value *out)
{
	struct unpacker u = {.from = from};
	struct value v = unpack_value(&u, a, 0);
	int rc = unpack_end(&u);

	if (rc == 0) {
		*out = v;
	}
	return rc;
}
