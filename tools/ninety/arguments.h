#ifndef NINETY_ARGUMENTS_H
#define NINETY_ARGUMENTS_H

#include <stdio.h>

#include "base/arena.h"
#include "base/field.h"
#include "base/value.h"

/*
 * The words behind a verb as the body of its operation, by the operation's own
 * field table: --birth-date 1990-01-01, --contact.email a@b.example, or
 * --email where that is the first member of this name. A list is given by
 * commas or by repeating the option; an object as JSON; a true boolean by the
 * option alone; a time also as a date (its first moment, UTC). Words without
 * dashes fill `positions` in order; one that begins with { is the whole body.
 *
 * `positions` ends with NULL. Returns 0 or EX_USAGE after having said why. The
 * service checks the values: only what cannot be sent at all is refused here.
 */
int arguments_body(const struct field_table *table,
		   const char *const *positions, int argc, char **argv,
		   struct arena *a, struct value *out);

/* One line an option: "  --country COUNTRY   ISO 3166-1 alpha-2 (needed)". */
void arguments_help(const struct field_table *table,
		    const char *const *positions, FILE *to);

#endif
