/* The deadline report as CSV: lines as the service writes them, page by page,
 * so that a million requests need no more memory than five thousand. */

#include <stdio.h>
#include <sysexits.h>

#include "report.h"

#define CURSOR_BYTES_MAX 128

static int
question_make(const struct value *body, const char *cursor, struct arena *a,
	      struct value *out)
{
	int rc = 0;

	*out = value_object();
	for (size_t i = 0; i < body->of.n && rc == 0; i++) {
		rc = value_add(out, a, body->of.items[i].name,
			       body->of.items[i].value);
	}
	if (rc == 0) {
		rc = value_add(out, a, "format", value_text("csv"));
	}
	if (rc == 0 && *cursor != '\0') {
		rc = value_add(out, a, "cursor", value_text(cursor));
	}
	return rc == 0 ? 0 : say(EX_OSERR, "no memory");
}

static int
page_write(struct connection *c, const char *operation,
	   const struct value *question, struct arena *a, FILE *to,
	   char cursor[CURSOR_BYTES_MAX], int64_t *overdue)
{
	const struct value *summary;
	struct value page;
	const char *text;
	int rc = connection_call_value(c, operation, question, a, &page);

	if (rc != 0) {
		return rc;
	}
	summary = value_get(&page, "summary"); /* of the first */
	*overdue += summary == NULL ? 0 : report_number(summary, "overdue");
	text = value_get_text(&page, "csv");
	(void)fputs(text == NULL ? "" : text, to);
	text = value_get_text(&page, "next");
	(void)snprintf(cursor, CURSOR_BYTES_MAX, "%s",
		       text == NULL ? "" : text);
	return ferror(to) ? say(EX_IOERR, "the report: write fails") : 0;
}

int
report_lines(struct connection *c, const char *operation,
	     const struct value *body, FILE *to, int64_t *out_overdue)
{
	struct arena *a = arena_new(COMMAND_ARENA_BYTES_MAX);
	char cursor[CURSOR_BYTES_MAX] = "";
	int64_t overdue = 0;
	int rc = a == NULL ? say(EX_OSERR, "no memory") : 0;

	while (rc == 0) {
		struct value question;

		rc = question_make(body, cursor, a, &question);
		if (rc == 0) {
			rc = page_write(c, operation, &question, a, to, cursor,
					&overdue);
		}
		if (rc != 0 || *cursor == '\0') {
			break;
		}
		arena_reset(a);
	}
	arena_free(a);
	if (rc == 0) {
		*out_overdue = overdue;
	}
	return rc;
}
