#ifndef WIRE_PLACE_H
#define WIRE_PLACE_H

#include "base/err.h"

/* Where a member stands: the way up to the body. */
struct place {
	const struct place *up; /* NULL in the body itself */
	const char *name;       /* NULL for a list's item */
	size_t index;
};

/* Sets the context to name the member; `text` may be the present context's. */
int place_fault(int code, const struct place *at, const char *text);
/* The same with ERR_INVALID. */
int place_invalid(const struct place *at, const char *text);

/* The way to a member whose name is safe to repeat, else to what holds it. */
const struct place *place_of(const struct place *at,
			     const struct place *member);

#endif
