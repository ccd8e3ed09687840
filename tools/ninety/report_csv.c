/* Reports as CSV, RFC 4180: libcsv quotes. A cell of text that a spreadsheet
 * would take for a formula gets an apostrophe before it (OWASP, "CSV
 * injection"); numbers are numbers. */
#include <csv.h>
#include <string.h>

#include "report.h"

static bool
is_formula(const struct value *v)
{
	return v != NULL && v->kind == VALUE_TEXT && v->text.n > 0 &&
	       strchr("=+-@\t\r", v->text.s[0]) != NULL;
}

static int
cell_write(FILE *to, const struct value *v)
{
	char number[24];
	char quoted[4096];
	const char *text = report_cell(v, number);

	if (v != NULL && v->kind == VALUE_BOOL) {
		text = v->truth ? "true" : "false";
	}
	if (is_formula(v)) {
		(void)snprintf(quoted, sizeof(quoted), "'%s", text);
		text = quoted;
	}
	return csv_fwrite(to, text, strlen(text));
}

static void
line_end(FILE *to)
{
	(void)fputs("\r\n", to);
}

int
report_csv(const struct report *r, FILE *to)
{
	const struct report_columns *columns = report_columns_of(r->kind);
	const struct value *list =
		columns == NULL ? NULL : value_get(r->answer, columns->list);

	if (columns == NULL) {
		return say(EX_USAGE, "this report has no CSV");
	}
	for (size_t k = 0; columns->names[k] != NULL; k++) {
		const char *name = columns->names[k];

		if (k > 0) {
			(void)fputc(',', to);
		}
		(void)csv_fwrite(to, name, strlen(name));
	}
	line_end(to);
	for (size_t i = 0; list != NULL && i < list->of.n; i++) {
		const struct value *item = &list->of.items[i].value;

		for (size_t k = 0; columns->names[k] != NULL; k++) {
			if (k > 0) {
				(void)fputc(',', to);
			}
			(void)cell_write(to,
					 value_get(item, columns->names[k]));
		}
		line_end(to);
	}
	return 0;
}
