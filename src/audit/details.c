/* Details of leaves as bytes. What stands in them is decided by those who
 * write leaves; who may read them, by the keys. */

#include <assert.h>

#include "audit/details.h"
#include "base/id.h"
#include "base/pack.h"

#define NAME_BYTES_MAX 127
#define HASH_TEXT_BYTES 64
#define ITEMS_MAX 65535

enum tag {
	TAG_NULL = 0,
	TAG_FALSE = 1,
	TAG_TRUE = 2,
	TAG_SHORT = 3, /* integer, 2 bytes, unsigned */
	TAG_INT = 4,   /* 8 bytes in two's complement */
	TAG_REAL = 5,
	TAG_TEXT = 6, /* length 4 */
	TAG_LIST = 7, /* count 2 */
	TAG_OBJECT = 8, /* count 2 */
	TAG_ID = 9,   /* a text: UUID, 16 bytes */
	TAG_HASH = 10, /* a text: 64 lower-case hexadecimal digits, 32 bytes */
	TAG_SMALL = 0x40, /* | integer 0 to 63 */
	TAG_WORD = 0x80   /* | length of a text; of names too */
};

#define SMALL_MAX 63
#define SHORT_MAX 65535
#define WORD_BYTES_MAX 127

static const char *const names[] = {
#define X(number, word) [(number)] = (word),
	DETAILS_NAMES(X)
#undef X
};

#define NAMES_END (sizeof(names) / sizeof(names[0]))

/* 0 when it has none. One after the other: what is appended later need not come
 * in the order of names. */
static uint8_t
name_number(const char *name)
{
	for (size_t i = 1; i < NAMES_END; i++) {
		if (names[i][0] == name[0] && strcmp(names[i], name) == 0) {
			return (uint8_t)i;
		}
	}
	return 0;
}

static bool
hash_read(const struct value *v, uint8_t out[32])
{
	static const char digits[] = "0123456789abcdef";

	if (v->text.n != HASH_TEXT_BYTES) {
		return false;
	}
	memset(out, 0, HASH_TEXT_BYTES / 2);
	for (size_t i = 0; i < HASH_TEXT_BYTES; i++) {
		const char *digit = memchr(digits, v->text.s[i], 16);

		if (digit == NULL) {
			return false;
		}
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (digit - digits));
	}
	return true;
}

static bool
id_take(const struct value *v, struct id *out)
{
	char text[ID_TEXT_BYTES] = {0};

	if (v->text.n != ID_TEXT_BYTES - 1 || v->text.s[8] != '-') {
		return false;
	}
	memcpy(text, v->text.s, ID_TEXT_BYTES - 1);
	if (id_parse(text, out) != 0) {
		err_clear();
		return false;
	}
	return true;
}

static void
pack_texts(struct packer *p, const struct value *v)
{
	uint8_t hash[32];
	struct id id;

	if (v->text.n > 0 && memchr(v->text.s, '\0', v->text.n) != NULL) {
		p->rc = err_set(ERR_INVALID, "a text with a NUL inside");
	} else if (id_take(v, &id)) {
		pack_u8(p, TAG_ID);
		pack_id(p, id);
	} else if (hash_read(v, hash)) {
		pack_u8(p, TAG_HASH);
		pack_raw(p, hash, sizeof(hash));
	} else if (v->text.n <= WORD_BYTES_MAX) {
		pack_u8(p, (uint8_t)(TAG_WORD | v->text.n));
		pack_raw(p, v->text.s, v->text.n);
	} else {
		pack_u8(p, TAG_TEXT);
		pack_bytes(p, bytes_of(v->text.s, v->text.n));
	}
}

static void
pack_number(struct packer *p, int64_t n)
{
	if (n >= 0 && n <= SMALL_MAX) {
		pack_u8(p, (uint8_t)(TAG_SMALL | n));
	} else if (n >= 0 && n <= SHORT_MAX) {
		pack_u8(p, TAG_SHORT);
		pack_u16(p, (uint16_t)n);
	} else {
		pack_u8(p, TAG_INT);
		pack_i64(p, n);
	}
}

static void
pack_name(struct packer *p, const char *name)
{
	uint8_t number = name_number(name);
	size_t n = strlen(name);

	if (number != 0) {
		pack_u8(p, number);
	} else if (n > NAME_BYTES_MAX) {
		p->rc = err_set(ERR_TOO_LARGE, "a name of more than %d bytes",
				NAME_BYTES_MAX);
	} else {
		pack_u8(p, (uint8_t)(TAG_WORD | n));
		pack_raw(p, name, n);
	}
}

static void pack_item(struct packer *p, const struct value *v, int depth);

/* In the order of their names: there are few. */
static void
pack_members(struct packer *p, const struct value *v, int depth)
{
	const char *last = NULL;

	for (size_t done = 0; done < v->of.n && p->rc == 0; done++) {
		const struct member *next = NULL;

		for (size_t i = 0; i < v->of.n; i++) {
			const struct member *m = &v->of.items[i];

			if ((last == NULL || strcmp(m->name, last) > 0) &&
			    (next == NULL || strcmp(m->name, next->name) < 0)) {
				next = m;
			}
		}
		if (next == NULL) {
			p->rc = err_set(ERR_INVALID, "a member given twice");
			return;
		}
		last = next->name;
		pack_name(p, last);
		pack_item(p, &next->value, depth + 1);
	}
}

static void
pack_items(struct packer *p, const struct value *v, int depth)
{
	if (v->of.n > ITEMS_MAX) {
		p->rc = err_set(ERR_TOO_LARGE, "more than %d items", ITEMS_MAX);
		return;
	}
	pack_u8(p, v->kind == VALUE_LIST ? TAG_LIST : TAG_OBJECT);
	pack_u16(p, (uint16_t)v->of.n);
	if (v->kind == VALUE_OBJECT) {
		pack_members(p, v, depth);
		return;
	}
	for (size_t i = 0; i < v->of.n && p->rc == 0; i++) {
		pack_item(p, &v->of.items[i].value, depth + 1);
	}
}

static void
pack_item(struct packer *p, const struct value *v, int depth)
{
	uint64_t bits;

	if (depth > VALUE_DEPTH_MAX) {
		p->rc = err_set(ERR_TOO_LARGE, "nested deeper than %d",
				VALUE_DEPTH_MAX);
		return;
	}
	switch (v->kind) {
	case VALUE_NULL:
		pack_u8(p, TAG_NULL);
		break;
	case VALUE_BOOL:
		pack_u8(p, v->truth ? TAG_TRUE : TAG_FALSE);
		break;
	case VALUE_INT:
		pack_number(p, v->number);
		break;
	case VALUE_REAL:
		memcpy(&bits, &v->real, sizeof(bits));
		pack_u8(p, TAG_REAL);
		pack_u64(p, bits);
		break;
	case VALUE_TEXT:
		pack_texts(p, v);
		break;
	case VALUE_LIST:
	case VALUE_OBJECT:
		pack_items(p, v, depth);
		break;
	}
}

int
details_pack(const struct value *object, struct buf *to)
{
	struct packer p = {.to = to};

	assert(object->kind == VALUE_OBJECT);
	pack_members(&p, object, 0);
	return p.rc;
}

/* Text from n bytes, which must not be what another tag says shorter. */
static void
unpack_words(struct unpacker *u, struct arena *a, size_t n, struct value *out)
{
	struct bytes b = unpack_raw(u, n);
	struct value v = {.kind = VALUE_TEXT};
	uint8_t hash[32];
	struct id id;

	if (u->rc != 0) {
		return;
	}
	v.text.s = arena_text(a, (const char *)b.p, b.n);
	v.text.n = b.n;
	if (v.text.s == NULL) {
		u->rc = ERR_NOMEM;
	} else if (strlen(v.text.s) != n || id_take(&v, &id) ||
		   hash_read(&v, hash)) {
		u->rc = err_set(ERR_CORRUPT, "not a text of details");
	} else {
		*out = v;
	}
}

static void
unpack_id_text(struct unpacker *u, struct arena *a, struct value *out)
{
	struct id id = unpack_id(u);
	char text[ID_TEXT_BYTES];
	const char *copy = arena_text(a, id_print(id, text), sizeof(text) - 1);

	if (copy == NULL) {
		u->rc = ERR_NOMEM;
	} else {
		*out = value_text(copy);
	}
}

static void
unpack_hash(struct unpacker *u, struct arena *a, struct value *out)
{
	static const char digits[] = "0123456789abcdef";
	struct bytes b = unpack_raw(u, HASH_TEXT_BYTES / 2);
	char *text = arena_alloc(a, HASH_TEXT_BYTES + 1);

	if (u->rc != 0 || text == NULL) {
		u->rc = u->rc != 0 ? u->rc : ERR_NOMEM;
		return;
	}
	for (size_t i = 0; i < b.n; i++) {
		text[2 * i] = digits[b.p[i] >> 4];
		text[2 * i + 1] = digits[b.p[i] & 15];
	}
	*out = value_text(text);
}

static void unpack_item(struct unpacker *u, struct arena *a, int depth,
			struct value *out);

static const char *
unpack_name(struct unpacker *u, struct arena *a)
{
	uint8_t b = unpack_u8(u);
	struct bytes word;
	const char *name = NULL;

	if (u->rc == 0 && b > 0 && b < NAMES_END) {
		return names[b];
	}
	if (u->rc == 0 && b >= TAG_WORD) {
		word = unpack_raw(u, b & WORD_BYTES_MAX);
		name = u->rc == 0 ? arena_text(a, (const char *)word.p, word.n)
				  : NULL;
		if (name != NULL &&
		    (strlen(name) != word.n || name_number(name) != 0)) {
			name = NULL;
		}
	}
	if (u->rc == 0 && name == NULL) {
		u->rc = err_set(ERR_CORRUPT, "not a name of details");
	}
	return name;
}

static void
unpack_member(struct unpacker *u, struct arena *a, int depth,
	      struct value *object)
{
	size_t n = object->of.n;
	const char *last = n == 0 ? NULL : object->of.items[n - 1].name;
	const char *name = unpack_name(u, a);
	struct value v = {.kind = VALUE_NULL};

	if (u->rc == 0 && (n >= VALUE_MEMBERS_MAX ||
			   (last != NULL && strcmp(last, name) >= 0))) {
		u->rc = err_set(ERR_CORRUPT, "members without order or end");
	}
	if (u->rc == 0) {
		unpack_item(u, a, depth + 1, &v);
	}
	if (u->rc == 0) {
		u->rc = value_add(object, a, name, v);
	}
}

static void
unpack_items(struct unpacker *u, struct arena *a, int depth, struct value *out)
{
	uint16_t n = unpack_u16(u);

	for (uint16_t i = 0; i < n && u->rc == 0; i++) {
		struct value v = {.kind = VALUE_NULL};

		if (out->kind == VALUE_OBJECT) {
			unpack_member(u, a, depth, out);
			continue;
		}
		unpack_item(u, a, depth + 1, &v);
		if (u->rc == 0) {
			u->rc = value_push(out, a, v);
		}
	}
}

static int64_t
unpack_number(struct unpacker *u, uint8_t tag)
{
	int64_t n = tag == TAG_SHORT ? unpack_u16(u) : unpack_i64(u);
	int64_t most = tag == TAG_SHORT ? SMALL_MAX : SHORT_MAX;

	if (u->rc == 0 && n >= 0 && n <= most) {
		u->rc = err_set(ERR_CORRUPT, "a number longer than it is");
	}
	return n;
}

static double
unpack_real(struct unpacker *u)
{
	uint64_t bits = unpack_u64(u);
	double real;

	memcpy(&real, &bits, sizeof(real));
	return real;
}

static void
unpack_tagged(struct unpacker *u, struct arena *a, int depth, uint8_t tag,
	      struct value *out)
{
	uint32_t n;

	switch (tag) {
	case TAG_NULL:
		break;
	case TAG_FALSE:
	case TAG_TRUE:
		*out = value_bool(tag == TAG_TRUE);
		break;
	case TAG_SHORT:
	case TAG_INT:
		*out = value_int(unpack_number(u, tag));
		break;
	case TAG_REAL:
		*out = (struct value){.kind = VALUE_REAL,
				      .real = unpack_real(u)};
		break;
	case TAG_TEXT:
		n = unpack_u32(u);
		if (u->rc == 0 && n <= WORD_BYTES_MAX) {
			u->rc = err_set(ERR_CORRUPT, "a short text");
		}
		unpack_words(u, a, n, out);
		break;
	case TAG_LIST:
	case TAG_OBJECT:
		*out = tag == TAG_LIST ? value_list() : value_object();
		unpack_items(u, a, depth, out);
		break;
	case TAG_ID:
		unpack_id_text(u, a, out);
		break;
	case TAG_HASH:
		unpack_hash(u, a, out);
		break;
	default:
		u->rc = err_set(ERR_CORRUPT, "not a value of details");
		break;
	}
}

static void
unpack_item(struct unpacker *u, struct arena *a, int depth, struct value *out)
{
	uint8_t tag = unpack_u8(u);

	if (u->rc != 0) {
		return;
	}
	if (depth > VALUE_DEPTH_MAX) {
		u->rc = err_set(ERR_CORRUPT, "nested too deep");
	} else if (tag >= TAG_WORD) {
		unpack_words(u, a, tag & WORD_BYTES_MAX, out);
	} else if (tag >= TAG_SMALL) {
		*out = value_int(tag & SMALL_MAX);
	} else {
		unpack_tagged(u, a, depth, tag, out);
	}
}

int
details_unpack(struct bytes from, struct arena *a, struct value *out)
{
	struct unpacker u = {.from = from};
	struct value v = value_object();

	while (u.rc == 0 && u.from.n > 0) {
		unpack_member(&u, a, 0, &v);
	}
	if (u.rc == 0) {
		*out = v;
	}
	return u.rc;
}
