#ifndef NINETY_CSV_ROWS_H
#define NINETY_CSV_ROWS_H

#include "base/bytes.h"

/*
 * CSV (RFC 4180) as rows of UTF-8 cells: quoted cells with commas, quotes and
 * new lines in them, CR LF or LF, a byte order mark passed over, blanks around
 * unquoted cells taken away, empty lines left out. A row that is not as it
 * should be is told with its line and a reason, and the next line goes on.
 */
#define CSV_CELLS_MAX 64
#define CSV_CELL_BYTES_MAX 8192

struct csv_row {
	unsigned long line; /* where it begins, from 1 */
	size_t n;
	const char *cells[CSV_CELLS_MAX]; /* NUL-terminated, never NULL */
	const char *fault; /* NULL, or why the row is none; no cells then */
};

/* Returns other than 0 to end the reading, which then returns the same. */
typedef int csv_row_fn(void *ctx, const struct csv_row *row);

/* Reads a whole file that is in memory. 0, what the function returned, or
 * ERR_NOMEM. */
int csv_rows_read(struct bytes file, csv_row_fn *fn, void *ctx);

#endif
