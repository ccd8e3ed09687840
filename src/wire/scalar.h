#ifndef WIRE_SCALAR_H
#define WIRE_SCALAR_H

#include "base/arena.h"
#include "base/field.h"

/*
 * One value of a field type that stands as a text in JSON: everything but
 * FIELD_INT, FIELD_BOOL, FIELD_VALUE, FIELD_OBJECT and FIELD_LIST.
 */
struct scalar {
	const struct field *field; /* flags, names */
	enum field_type type;      /* the field's, or that of a list's items */
	int64_t min;               /* both 0: the type's own bounds */
	int64_t max;
};

/* Checks the text and writes what it stands for to `out`, a member of the
 * type's C type; texts are kept as they are, not copied. ERR_INVALID without
 * a field, ERR_NOMEM. */
int scalar_parse(const struct scalar *s, const char *text, size_t n,
		 int64_t now_ms, struct arena *a, void *out) MUST_CHECK;

/* The longest of the forms with a fixed length, and its NUL. */
#define SCALAR_TEXT_BYTES 40

/* The text of a member, wherever it stands: in `room` perhaps. NULL when there
 * is no memory. */
const char *scalar_print(const struct scalar *s, const void *member,
			 struct arena *a, char room[SCALAR_TEXT_BYTES]);

/* Whether an optional member without a has_ member is absent. */
bool scalar_is_absent(enum field_type type, const void *member);

#endif
