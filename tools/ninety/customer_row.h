#ifndef NINETY_CUSTOMER_ROW_H
#define NINETY_CUSTOMER_ROW_H

#include "base/arena.h"
#include "base/value.h"
#include "ninety/csv_rows.h"

/*
 * A row of a file of customers as the body of subject.register. The file's
 * first row names its columns, in any order; customer_columns has all names.
 * An empty cell is an absent member.
 */
struct customer_column {
	const char *name;
	const char *path; /* of the member, "contact.email" */
	bool is_needed;
};

extern const struct customer_column customer_columns[];
extern const size_t n_customer_columns;

struct customer_header {
	int columns[CSV_CELLS_MAX]; /* index into customer_columns */
	size_t n;
};

/* NULL, or what is wrong with the first row (static, or in the arena). */
const char *customer_header_read(const struct csv_row *row, struct arena *a,
				 struct customer_header *out);

/* Likewise for a later one. */
const char *customer_row_read(const struct customer_header *h,
			      const struct csv_row *row, struct arena *a,
			      struct value *out);

#endif
