/* Aims at csv_rows_read, customer_header_read, customer_row_read: rows have
 * bounded, terminated cells, lines only grow, and a body can be encoded. */
// links: ninety_cli

#include "fuzz.h"
#include "ninety/customer_row.h"
#include "wire/schema.h"

struct seen {
	unsigned long line;
	bool has_header;
	struct customer_header header;
	struct arena *arena;
};

static void
check_body(struct seen *s, const struct csv_row *row)
{
	struct value body;
	struct buf text;

	if (customer_row_read(&s->header, row, s->arena, &body) != NULL) {
		return;
	}
	buf_init(&text, 1 << 20);
	FUZZ_ASSERT(schema_value_encode(&body, 0, &text) == 0);
	buf_clear(&text);
}

static int
on_row(void *ctx, const struct csv_row *row)
{
	struct seen *s = ctx;

	FUZZ_ASSERT(row->line >= 1 && row->line >= s->line);
	FUZZ_ASSERT(row->n <= CSV_CELLS_MAX);
	FUZZ_ASSERT(row->fault == NULL || row->n == 0);
	s->line = row->line;
	for (size_t i = 0; i < row->n; i++) {
		FUZZ_ASSERT(strlen(row->cells[i]) <= CSV_CELL_BYTES_MAX);
	}
	arena_reset(s->arena);
	if (s->has_header) {
		check_body(s, row);
	} else if (row->fault == NULL) {
		s->has_header =
			customer_header_read(row, s->arena, &s->header) == NULL;
	}
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct seen s = {.arena = arena_new(1 << 20)};

	if (s.arena != NULL) {
		FUZZ_ASSERT(csv_rows_read(bytes_of(data, n), on_row, &s) == 0);
	}
	arena_free(s.arena);
	return 0;
}
