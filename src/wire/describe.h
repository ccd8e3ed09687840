#ifndef WIRE_DESCRIBE_H
#define WIRE_DESCRIBE_H

#include "base/field.h"

/* The word for a type in docs/protocol.md, service.describe and --help. */
const char *describe_type(enum field_type type);

/*
 * A list with one object a row, in the table's order: {name, type, optional?,
 * min?, max?, free_text?, future?, names?, item?, fields?, help?}. Bounds are
 * bytes of texts and base64, values of integers, items of lists. ERR_NOMEM.
 */
int describe_fields(const struct field *fields, size_t n, struct arena *a,
		    struct value *out) MUST_CHECK;

#endif
