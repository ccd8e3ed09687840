#ifndef NINETY_AUDIT_ROWS_H
#define NINETY_AUDIT_ROWS_H

#include "store/keyspace.h"
#include "vault/seal.h"

/*
 * Which part of a row of `data` is sealed, and under which context: what its
 * owner builds when it opens the row, told here from the bytes outside of the
 * seal alone. docs/format.md has the layouts.
 */
enum rows_kind {
	ROWS_SEALED, /* *out is filled */
	ROWS_PLAIN,  /* numbers, names of tables, leaves: nothing sealed */
	ROWS_WRONG   /* cannot be a row of this table */
};

struct sealed_row {
	struct seal_context context;
	struct bytes sealed; /* borrowed */
	/* Details of the leaf context.version, whose row opens them; of the
	 * context only the slot counts besides. */
	bool is_details;
};

enum rows_kind rows_parse(enum table table, struct bytes key,
			  struct bytes value, struct sealed_row *out);

/* The table's name as docs/format.md has it. */
const char *rows_table_name(enum table table);

#endif
