#ifndef WIRE_VALUE_OF_H
#define WIRE_VALUE_OF_H

#include "base/value.h"
#include "wire/json.h"
#include "wire/place.h"

/* The value of a JSON tree that lives in the arena: its texts are borrowed.
 * ERR_INVALID, ERR_NOMEM. `depth` is that of the tree's root, mostly 0. */
int value_of(struct arena *a, const struct place *at, const json_t *json,
	     int depth, struct value *out) MUST_CHECK;

#endif
