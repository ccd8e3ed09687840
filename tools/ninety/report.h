#ifndef NINETY_REPORT_H
#define NINETY_REPORT_H

#include "base/timefmt.h"
#include "command.h"
#include "connect.h"
#include "policy/zone.h"

/*
 * Reports in the forms that people want: a table for the terminal, JSON, CSV
 * that a spreadsheet takes for what it is, a page, a calendar. All of them say
 * what the service's answer says, and hold nothing personal beyond it.
 */
enum report_format {
	REPORT_TABLE,
	REPORT_JSON,
	REPORT_CSV,
	REPORT_HTML,
	REPORT_ICS
};

struct report {
	const char *kind; /* "deadlines", "requests", ... */
	const struct value *answer;
	/* With "deadlines" for a page: report.requests of the year before, or
	 * NULL. */
	const struct value *requests;
	const char *part; /* one list of several, or NULL */
	/* In which people read dates; NULL: UTC. */
	const struct zone *zone;
	bool quiet;       /* no summary before a table */
};

/* A list of a report, and what stands in its rows. The first part of a kind is
 * what its tables show when no part is asked for. */
struct report_part {
	const char *kind;
	const char *name;
	const char *object;          /* of the answer, or NULL: itself */
	const char *list;            /* member of that */
	const char *const *columns; /* NULL-terminated */
};

/* NULL: no such report, or none of its parts. `name` NULL: the first. */
const struct report_part *report_part_of(const char *kind, const char *name);

/* Writes the names of a report's parts, with blanks between, at most n bytes;
 * returns `out`. */
const char *report_parts(const char *kind, char *out, size_t n);

/* The rows of a part; NULL when the answer has none. */
const struct value *report_rows(const struct report *r,
				const struct report_part *part);

/* -1 for a word that is no format. */
int report_format_of(const char *word);

/* Writes to `to`, at most buffered there. 0, or the exit status after having
 * said why. EX_USAGE: a calendar of something without dates. */
int report_render(const struct report *r, enum report_format format, FILE *to);

/* One a format. */
int report_terminal(const struct report *r, FILE *to);
int report_json(const struct report *r, FILE *to);
int report_csv(const struct report *r, FILE *to);
int report_html(const struct report *r, FILE *to);
int report_ics(const struct report *r, FILE *to);

/* All of the deadline report as CSV, as the service writes it, page by page.
 * *out_overdue is how many are. 0 or an exit status. */
int report_lines(struct connection *c, const char *operation,
		 const struct value *body, FILE *to, int64_t *out_overdue);

/* What stands in a cell: text as it is, true and false as yes and no, nothing
 * for what is absent. `number` holds digits. */
const char *report_cell(const struct value *v, char number[24]);

/* The calendar date of a moment of the answer, where its readers are: what is
 * due at midnight in California is not due on UTC's next day. Returns `out`,
 * empty for no moment. */
const char *report_date(const struct report *r, const char *time,
			char out[DATE_TEXT_BYTES]);

/* A whole number of an object, 0 when it has none by that name. */
int64_t report_number(const struct value *v, const char *name);

#endif
