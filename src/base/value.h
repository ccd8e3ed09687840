#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/arena.h"
#include "base/buf.h"

/*
 * A value whose shape only the policy knows: the `data` of a category, the
 * content of a bundle. Made in an arena, dies with it. The wire turns it into
 * JSON and back; the vault packs it.
 */
enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_REAL,
	VALUE_TEXT,
	VALUE_LIST,
	VALUE_OBJECT
};

struct value {
	enum value_kind kind;
	union {
		bool truth;
		int64_t number;
		double real;
		struct {
			const char *s; /* UTF-8, no NUL inside */
			size_t n;
		} text;
		struct {
			struct member *items; /* names in objects only */
			size_t n;
			size_t cap;
		} of;
	};
};

struct member {
	const char *name; /* NULL in a list */
	struct value value;
};

#define VALUE_DEPTH_MAX 16
#define VALUE_MEMBERS_MAX 1024 /* of one object: looking one up is linear */
#define VALUE_PACKED_BYTES_MAX (1u << 20)

struct value value_text(const char *s);
struct value value_int(int64_t number);
struct value value_bool(bool truth);
struct value value_object(void);
struct value value_list(void);

/* Append to an object or list; the value and the name are kept as they are
 * (name static or in the arena). ERR_NOMEM; ERR_TOO_LARGE past
 * VALUE_MEMBERS_MAX. A name given twice is found when it is packed. */
int value_add(struct value *object, struct arena *a, const char *name,
	      struct value v) MUST_CHECK;
int value_push(struct value *list, struct arena *a, struct value v) MUST_CHECK;

/* The member by that name, NULL when absent or when v is no object. */
const struct value *value_get(const struct value *v, const char *name);

/* The text of a member, NULL when absent or no text. */
const char *value_get_text(const struct value *v, const char *name);

bool value_equal(const struct value *a, const struct value *b);

/* The packed form, docs/format.md "values": one tag byte, then the content;
 * equal values pack to the same bytes, members in the order of their names.
 * value_pack: ERR_INVALID for a name given twice or a NUL in a text,
 * ERR_TOO_LARGE. value_unpack copies texts into the arena and takes no more
 * of it than the value needs: ERR_CORRUPT, ERR_NOMEM. */
int value_pack(const struct value *v, struct buf *to) MUST_CHECK;
int value_unpack(struct bytes from, struct arena *a,
		 struct value *out) MUST_CHECK;

#endif
