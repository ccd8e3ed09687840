/* Reports as CSV, RFC 4180: libcsv quotes. A cell of text that a spreadsheet
 * would take for a formula gets an apostrophe before it (OWASP, "CSV
 * injection"); numbers are numbers. */
#include <csv.h>
#include <string.h>

#include "base/buf.h"
#include "report.h"

#define CELL_BYTES_MAX ((size_t)1 << 20)

/* The full-width forms too: some spreadsheets read them as the plain ones. */
static bool
is_formula(const struct value *v)
{
	static const char *const signs[] = {
		"=",		"+",		"-",		"@",
		"\t",		"\r",		"\n",		"\xef\xbc\x9d",
		"\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};

	if (v == NULL || v->kind != VALUE_TEXT) {
		return false;
	}
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (strncmp(v->text.s, signs[i], strlen(signs[i])) == 0) {
			return true;
		}
	}
	return false;
}

static int
formula_write(FILE *to, const char *text)
{
	struct buf cell;
	int rc;

	buf_init(&cell, CELL_BYTES_MAX);
	rc = buf_printf(&cell, "'%s", text);
	if (rc == 0) {
		rc = csv_fwrite(to, cell.data, cell.len);
	}
	buf_clear(&cell);
	return rc;
}

static int
cell_write(FILE *to, const struct value *v)
{
	char number[24];
	const char *text = report_cell(v, number);
	int rc;

	if (v != NULL && v->kind == VALUE_BOOL) {
		text = v->truth ? "true" : "false";
	}
	rc = is_formula(v) ? formula_write(to, text)
			   : csv_fwrite(to, text, strlen(text));
	return rc == 0 ? 0 : say(EX_IOERR, "a cell cannot be written");
}

static void
line_end(FILE *to)
{
	(void)fputs("\r\n", to);
}

int
report_csv(const struct report *r, FILE *to)
{
	const struct report_part *part = report_part_of(r->kind, r->part);
	const struct value *list = report_rows(r, part);
	int rc = 0;

	for (size_t k = 0; part->columns[k] != NULL; k++) {
		(void)fputs(k > 0 ? "," : "", to);
		(void)csv_fwrite(to, part->columns[k],
				 strlen(part->columns[k]));
	}
	line_end(to);
	for (size_t i = 0; rc == 0 && list != NULL && i < list->of.n; i++) {
		const struct value *item = &list->of.items[i].value;

		for (size_t k = 0; rc == 0 && part->columns[k] != NULL; k++) {
			(void)fputs(k > 0 ? "," : "", to);
			rc = cell_write(to,
					value_get(item, part->columns[k]));
		}
		line_end(to);
	}
	return rc;
}
