/* Lists of reports as tables of a terminal. Headings are the members' names, so
 * that they can be looked up. */
#include "report_table.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CELL_WHOLE_MAX 16 /* characters; longer ones may be cut */
#define CELL_CUT_MIN 10

bool
report_has_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool
report_has_colour(FILE *to)
{
	const char *no = getenv("NO_COLOR");

	return isatty(fileno(to)) && (no == NULL || no[0] == '\0');
}

struct libscols_table *
report_table_new(FILE *to)
{
	struct libscols_table *t = scols_new_table();

	if (t == NULL) {
		return NULL;
	}
	(void)scols_table_set_stream(t, to);
	(void)scols_table_enable_colors(t, report_has_colour(to) ? 1 : 0);
	(void)scols_table_enable_ascii(t, report_has_utf8() ? 0 : 1);
	return t;
}

size_t
report_table_width(struct libscols_table *t, FILE *to)
{
	return isatty(fileno(to)) ? scols_table_get_termwidth(t) : SIZE_MAX;
}

static const char *
part_cell(const struct value *item, const char *name, char number[24])
{
	const struct value *v = value_get(item, name);

	if (v != NULL && strcmp(name, "oldest_at") == 0) {
		(void)snprintf(number, 24, "%.10s", report_cell(v, number));
		return number;
	}
	return report_cell(v, number);
}

/* oldest_days reads as OLDEST DAYS. */
static const char *
part_heading(const char *name, char out[40])
{
	(void)snprintf(out, 40, "%s", strcmp(name, "n") == 0 ? "count" : name);
	for (char *p = out; *p != '\0'; p++) {
		*p = *p == '_'		      ? ' '
		     : *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A')
					      : *p;
	}
	return out;
}

/* How wide a column is, at most; numbers end at the right. */
static size_t
part_measure(const struct value *list, const char *name, int *out_flags)
{
	char number[24];
	char heading[40];
	size_t most = strlen(part_heading(name, heading));
	bool is_number = false;

	for (size_t i = 0; i < list->of.n; i++) {
		const struct value *item = &list->of.items[i].value;
		const struct value *v = value_get(item, name);
		size_t n = strlen(part_cell(item, name, number));

		is_number = is_number || (v != NULL && v->kind == VALUE_INT);
		most = n > most ? n : most;
	}
	*out_flags = is_number		     ? SCOLS_FL_RIGHT
		     : most > CELL_WHOLE_MAX ? SCOLS_FL_TRUNC
					     : 0;
	return most > CELL_WHOLE_MAX && !is_number ? CELL_CUT_MIN : most;
}

/* As many as the terminal has room for; *out_n of them. */
static int
columns_add(struct libscols_table *t, const struct report_part *part,
	    const struct value *list, FILE *to, size_t *out_n)
{
	size_t width = report_table_width(t, to);
	size_t used = 0;
	size_t k;

	for (k = 0; part->columns[k] != NULL; k++) {
		char heading[40];
		int flags;

		used += part_measure(list, part->columns[k], &flags) + (k > 0);
		if (used > width && k > 0) {
			break;
		}
		if (scols_table_new_column(
			    t, part_heading(part->columns[k], heading), 0,
			    flags) == NULL) {
			return -ENOMEM;
		}
	}
	*out_n = k;
	return 0;
}

int
report_part_print(const struct report *r, const struct report_part *part, FILE *to)
{
	const struct value *list = report_rows(r, part);
	struct libscols_table *t;
	size_t n = 0;
	int rc;

	if (list == NULL || list->of.n == 0) {
		return 0;
	}
	t = report_table_new(to);
	rc = t == NULL ? -ENOMEM : columns_add(t, part, list, to, &n);
	for (size_t i = 0; rc == 0 && i < list->of.n; i++) {
		struct libscols_line *line = scols_table_new_line(t, NULL);

		rc = line == NULL ? -ENOMEM : 0;
		for (size_t k = 0; rc == 0 && k < n; k++) {
			char number[24];

			rc = scols_line_set_data(
				line, k,
				part_cell(&list->of.items[i].value,
					  part->columns[k], number));
		}
	}
	if (rc == 0) {
		rc = scols_print_table(t);
	}
	if (rc == 0 && part->columns[n] != NULL) {
		(void)fprintf(to, "(no room for more columns)\n");
	}
	scols_unref_table(t);
	return rc;
}
