/* Reports for the terminal: one line that says it all, then a table that fits
 * the width. Colour only where somebody looks. */
#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "report.h"
#include "report_table.h"

#define BAR_CELLS 10
#define APPROACHING_DAYS 14

/* How much of the time from receipt to the due date is used up. */
static void
bar_print(const struct value *item, const char *as_of, char out[64])
{
	const char *full = report_has_utf8() ? "\xe2\x96\x88" : "#";
	const char *empty = report_has_utf8() ? "\xe2\x96\x91" : ".";
	int64_t received = 0;
	int64_t due = 0;
	int64_t now = 0;
	int64_t cells;
	size_t n = 0;

	out[0] = '\0';
	if (time_parse(value_get_text(item, "received_at"), &received) != 0 ||
	    time_parse(value_get_text(item, "due_at"), &due) != 0 ||
	    time_parse(as_of, &now) != 0 || due <= received) {
		return;
	}
	cells = (now - received) * BAR_CELLS / (due - received);
	cells = cells < 0 ? 0 : cells > BAR_CELLS ? BAR_CELLS : cells;
	for (int64_t i = 0; i < BAR_CELLS; i++) {
		const char *cell = i < cells ? full : empty;

		memcpy(out + n, cell, strlen(cell) + 1);
		n += strlen(cell);
	}
}

static void
left_print(const struct value *item, char out[40])
{
	const struct value *overdue = value_get(item, "overdue");
	int64_t days = report_number(item, "days_left");

	if (overdue != NULL && overdue->kind == VALUE_BOOL && overdue->truth) {
		/* A floor: -1 is "since less than a day". */
		(void)snprintf(out, 40, "%s%" PRId64 " d over",
			       days == -1 ? "<" : "",
			       days == -1 ? 1 : -days - 1);
	} else {
		(void)snprintf(out, 40, "%" PRId64 " d left", days);
	}
}

static void
deadlines_summary(const struct report *r, FILE *to)
{
	const struct value *s = value_get(r->answer, "summary");
	const struct value *types = s == NULL ? NULL : value_get(s, "by_type");
	const struct value *within =
		s == NULL ? NULL : value_get(s, "due_within");
	int64_t overdue = report_number(s, "overdue");
	bool colour = overdue > 0 && report_has_colour(to);

	const char *as_of = value_get_text(r->answer, "as_of");

	(void)fprintf(to,
		      "As of %.10s %.5s UTC: %" PRId64 " open, %s%" PRId64
		      " overdue%s, ",
		      as_of, strlen(as_of) > 16 ? as_of + 11 : "",
		      report_number(s, "open"), colour ? "\033[1;31m" : "",
		      overdue, colour ? "\033[0m" : "");
	if (within != NULL && within->kind == VALUE_INT) {
		(void)fprintf(to, "%" PRId64 " due within the time asked for ",
			      within->number);
	} else {
		(void)fprintf(to, "%" PRId64 " due within 14 days ",
			      report_number(s, "approaching"));
	}
	(void)fprintf(to,
		      "(access %" PRId64 ", change %" PRId64
		      ", delete %" PRId64 ")\n",
		      report_number(types, "access"),
		      report_number(types, "change"),
		      report_number(types, "delete"));
}

/* One letter a bin, as high as its share of the greatest one. */
static void
ages_print(const struct value *ages, const char *name, FILE *to)
{
	static const char *const heights[] = {
		"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
		"\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86",
		"\xe2\x96\x87", "\xe2\x96\x88"};
	int64_t most = 0;

	for (size_t i = 0; i < ages->of.n; i++) {
		int64_t n = report_number(&ages->of.items[i].value, name);

		most = n > most ? n : most;
	}
	for (size_t i = 0; i < ages->of.n; i++) {
		int64_t n = report_number(&ages->of.items[i].value, name);

		if (report_has_utf8() && most > 0) {
			(void)fprintf(to, " %s%" PRId64,
				      n == 0 ? "" : heights[(n * 7 + most - 1) /
							    most],
				      n);
		} else {
			(void)fprintf(to, " %" PRId64, n);
		}
	}
	(void)fputc('\n', to);
}

/* Bins of 10 days, from 0 to 9 up to 90 and more. */
static void
deadlines_ages(const struct report *r, FILE *to)
{
	const struct value *s = value_get(r->answer, "summary");
	const struct value *ages = s == NULL ? NULL : value_get(s, "ages");

	if (ages != NULL && report_number(s, "open") > 0) {
		(void)fputs("By age, 0-9 to 90+ days:", to);
		ages_print(ages, "open", to);
	}
}

/* A name for each column; how its cell is made. */
struct column {
	const char *heading;
	const char *member; /* NULL: made below */
	int flags;
	size_t from_width; /* of a terminal; in a file all of them stand */
};

static const struct column deadline_columns[] = {
	{"REQUEST", "request", 0, 0},
	{"TYPE", "type", 0, 0},
	{"STATE", "state", 0, 78},
	{"DUE", "due_at", 0, 66},
	{"LEFT", NULL, SCOLS_FL_RIGHT, 0},
	{"TIME USED", NULL, 0, 90},
	{"REGIME", "regime", SCOLS_FL_TRUNC, 104},
	{"ASSIGNEE", "assignee", SCOLS_FL_TRUNC, 118},
};
#define DEADLINE_COLUMNS                                                       \
	(sizeof(deadline_columns) / sizeof(deadline_columns[0]))

static int
deadline_line(const struct report *r, struct libscols_table *t,
	      const struct value *item, size_t width)
{
	struct libscols_line *line = scols_table_new_line(t, NULL);
	const struct value *overdue = value_get(item, "overdue");
	int rc = line == NULL ? -ENOMEM : 0;
	size_t at = 0;

	for (size_t i = 0; i < DEADLINE_COLUMNS && rc == 0; i++) {
		const struct column *c = &deadline_columns[i];
		char text[64];
		char number[24];

		if (c->from_width > width) {
			continue;
		}
		if (c->member == NULL && c->from_width > 0) {
			bar_print(item, value_get_text(r->answer, "as_of"),
				  text);
		} else if (c->member == NULL) {
			left_print(item, text);
		} else if (strcmp(c->member, "due_at") == 0) {
			(void)report_date(r, value_get_text(item, "due_at"),
					  text);
		} else if (strcmp(c->member, "regime") == 0 &&
			   value_get(item, "regime") == NULL) {
			(void)snprintf(text, sizeof(text), "house");
		} else {
			(void)snprintf(text, sizeof(text), "%s",
				       report_cell(value_get(item, c->member),
						   number));
		}
		rc = scols_line_set_data(line, at++, text);
	}
	if (rc == 0 && overdue != NULL && overdue->kind == VALUE_BOOL &&
	    overdue->truth) {
		rc = scols_line_set_color(line, "red");
	} else if (rc == 0 &&
		   report_number(item, "days_left") < APPROACHING_DAYS) {
		rc = scols_line_set_color(line, "yellow");
	}
	return rc;
}

static int
deadlines_table(const struct report *r, FILE *to)
{
	const struct value *items = value_get(r->answer, "items");
	struct libscols_table *t = report_table_new(to);
	size_t width = t == NULL ? 0 : report_table_width(t, to);
	int rc = t == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < DEADLINE_COLUMNS && rc == 0; i++) {
		const struct column *c = &deadline_columns[i];

		if (c->from_width <= width &&
		    scols_table_new_column(t, c->heading, 0, c->flags) ==
			    NULL) {
			rc = -ENOMEM;
		}
	}
	for (size_t i = 0; items != NULL && i < items->of.n && rc == 0; i++) {
		rc = deadline_line(r, t, &items->of.items[i].value, width);
	}
	if (rc == 0 && items != NULL && items->of.n > 0) {
		rc = scols_print_table(t);
	}
	scols_unref_table(t);
	return rc;
}

/* What a span's answer says of itself, on one line. */
static void
span_summary(const struct report *r, FILE *to)
{
	char number[24];

	(void)fprintf(to, "From %s to %s (not included):",
		      report_cell(value_get(r->answer, "from"), number),
		      report_cell(value_get(r->answer, "to"), number));
	for (size_t i = 0, told = 0; i < r->answer->of.n; i++) {
		const struct member *m = &r->answer->of.items[i];
		char name[64];

		if (m->value.kind != VALUE_INT) {
			continue;
		}
		(void)snprintf(name, sizeof(name), "%s", m->name);
		for (char *p = name; *p != '\0'; p++) {
			*p = *p == '_' ? ' ' : *p;
		}
		(void)fprintf(to, "%s %" PRId64 " %s", told++ > 0 ? "," : "",
			      m->value.number, name);
	}
	(void)fputc('\n', to);
}

static void
requests_summary(const struct report *r, FILE *to)
{
	const struct value *types = value_get(r->answer, "types");
	const struct value *waiting = value_get(r->answer, "unacknowledged");
	int64_t late = 0;
	int64_t wait = report_number(waiting, "person") +
		       report_number(waiting, "recipient") +
		       report_number(waiting, "alarm");
	char number[24];

	for (size_t i = 0; types != NULL && i < types->of.n; i++) {
		late += report_number(&types->of.items[i].value, "late");
	}
	(void)fprintf(to,
		      "From %s to %s (not included): %" PRId64
		      " received, %" PRId64 " closed, %" PRId64 " late; ",
		      report_cell(value_get(r->answer, "from"), number),
		      report_cell(value_get(r->answer, "to"), number),
		      report_number(r->answer, "received"),
		      report_number(r->answer, "closed"), late);
	(void)fprintf(to, "%" PRId64 " notices wait", wait);
	if (wait > 0) {
		(void)fprintf(to,
			      ", %" PRId64 " of them to recipients, the oldest "
			      "for %" PRId64 " d",
			      report_number(waiting, "recipient"),
			      report_number(waiting, "oldest_days"));
	}
	(void)fputc('\n', to);
}

/* One after the other, each with its name; what is of no use now is left
 * out. */
static int
requests_tables(const struct report *r, FILE *to)
{
	static const char *const names[] = {"types", "months", "notices",
					    "recipients", "years"};
	const struct value *waiting = value_get(r->answer, "unacknowledged");
	bool none_waits = waiting == NULL ||
			  value_get(waiting, "oldest_at") == NULL;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(names) / sizeof(names[0]);
	     i++) {
		const struct report_part *part = report_part_of(r->kind,
								names[i]);
		const struct value *list = report_rows(r, part);

		if (list == NULL || list->of.n == 0 ||
		    (strcmp(names[i], "notices") == 0 && none_waits)) {
			continue;
		}
		(void)fprintf(to, "\n%s\n", names[i]);
		rc = report_part_print(r, part, to);
	}
	return rc;
}

int
report_terminal(const struct report *r, FILE *to)
{
	bool deadlines = strcmp(r->kind, "deadlines") == 0;
	bool requests = strcmp(r->kind, "requests") == 0;
	int rc;

	if (!r->quiet) {
		(deadlines  ? deadlines_summary
		 : requests ? requests_summary
			    : span_summary)(r, to);
	}
	if (!r->quiet && deadlines && r->part == NULL) {
		deadlines_ages(r, to);
	}
	if (r->part != NULL) {
		rc = report_part_print(r, report_part_of(r->kind, r->part), to);
	} else if (deadlines) {
		rc = deadlines_table(r, to);
	} else {
		rc = requests ? requests_tables(r, to)
			      : report_part_print(r, report_part_of(r->kind, NULL),
					   to);
	}
	return rc == 0 ? 0 : say(EX_OSERR, "cannot print: %s", strerror(-rc));
}
