/* Rows of a CSV file. The quoting is libcsv's; lines, bounds and UTF-8 are
 * minded here. The bytes go in one by one, so that each row knows its line and
 * a bad one ends where its line ends. */

#include <csv.h>
#include <stdlib.h>

#include "base/err.h"
#include "ninety/csv_rows.h"
#include "ninety/utf8.h"

#define ROW_BYTES_MAX ((size_t)CSV_CELLS_MAX * 1024)

struct reading {
	struct csv_parser parser;
	struct csv_row row;
	char *text; /* the cells of the row */
	size_t used;
	size_t starts[CSV_CELLS_MAX];
	bool is_begun;
	bool is_complete;
	csv_row_fn *fn;
	void *ctx;
};

static void
on_cell(void *cell, size_t n, void *ctx)
{
	struct reading *r = ctx;

	if (r->row.fault != NULL) {
		return;
	}
	if (r->row.n == CSV_CELLS_MAX) {
		r->row.fault = "more than 64 cells";
	} else if (n > CSV_CELL_BYTES_MAX || r->used + n + 1 > ROW_BYTES_MAX) {
		r->row.fault = "too long; perhaps a quote is not closed";
	} else if (memchr(cell, '\0', n) != NULL) {
		r->row.fault = "a NUL in a cell";
	} else {
		r->starts[r->row.n++] = r->used;
		memcpy(r->text + r->used, cell, n);
		r->text[r->used + n] = '\0';
		r->used += n + 1;
	}
}

static void
on_row(int end, void *ctx)
{
	struct reading *r = ctx;

	(void)end;
	r->is_complete = true;
}

static bool
is_utf8(const char *s)
{
	size_t n = strlen(s);

	while (n > 0) {
		size_t k = utf8_character((const uint8_t *)s, n);

		if (k == 0) {
			return false;
		}
		s += k;
		n -= k;
	}
	return true;
}

static int
give_row(struct reading *r)
{
	int rc;

	for (size_t i = 0; i < r->row.n && r->row.fault == NULL; i++) {
		r->row.cells[i] = r->text + r->starts[i];
		if (!is_utf8(r->row.cells[i])) {
			r->row.fault = "not UTF-8";
		}
	}
	if (r->row.fault != NULL) {
		r->row.n = 0;
	}
	rc = r->fn(r->ctx, &r->row);
	r->row = (struct csv_row){0};
	r->used = 0;
	r->is_begun = false;
	r->is_complete = false;
	return rc;
}

static int
begin(struct reading *r)
{
	return csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI) == 0
		       ? 0
		       : err_set(ERR_NOMEM, "libcsv");
}

/* The row cannot be read: told, and begun anew behind its last line. */
static int
drop_row(struct reading *r, const char *fault)
{
	int rc;

	if (r->row.fault == NULL) {
		r->row.fault = fault;
	}
	csv_free(&r->parser);
	rc = give_row(r);
	return rc != 0 ? rc : begin(r);
}

static int
read_bytes(struct reading *r, struct bytes file)
{
	unsigned long line = 1;
	bool skips = false; /* the rest of a line that is lost */
	int rc = 0;

	for (size_t i = 0; i < file.n && rc == 0; i++) {
		unsigned char byte = file.p[i];

		if (!skips) {
			if (!r->is_begun && byte != '\n' && byte != '\r') {
				r->is_begun = true;
				r->row.line = line;
			}
			if (csv_parse(&r->parser, &byte, 1, on_cell, on_row,
				      r) != 1) {
				rc = drop_row(r, "a quote inside of a cell; "
						 "it wants quotes around it, "
						 "and to be doubled");
				skips = byte != '\n';
			} else if (r->is_complete) {
				rc = give_row(r);
			} else if (csv_get_buffer_size(&r->parser) >
				   2 * ROW_BYTES_MAX) {
				rc = drop_row(r, "too long; perhaps a quote "
						 "is not closed");
				skips = byte != '\n';
			}
		} else if (byte == '\n') {
			skips = false;
		}
		line += byte == '\n';
	}
	return rc;
}

int
csv_rows_read(struct bytes file, csv_row_fn *fn, void *ctx)
{
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
	struct reading r = {.fn = fn, .ctx = ctx};
	int rc;

	r.text = malloc(ROW_BYTES_MAX);
	if (r.text == NULL) {
		return err_set(ERR_NOMEM, "a row");
	}
	if (bytes_begins(file, bytes_of(mark, sizeof(mark)))) {
		file = bytes_of(file.p + sizeof(mark), file.n - sizeof(mark));
	}
	rc = begin(&r);
	if (rc == 0) {
		rc = read_bytes(&r, file);
		if (rc == 0 && r.is_begun) {
			if (csv_fini(&r.parser, on_cell, on_row, &r) != 0 &&
			    r.row.fault == NULL) {
				r.row.fault = "a quote is not closed";
			}
			rc = give_row(&r);
		}
		csv_free(&r.parser);
	}
	free(r.text);
	return rc;
}
