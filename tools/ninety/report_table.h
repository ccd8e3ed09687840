#ifndef NINETY_REPORT_TABLE_H
#define NINETY_REPORT_TABLE_H

#include <libsmartcols.h>

#include "report.h"

/* What the tables of reports share. */

/* Whether the locale can print more than ASCII. */
bool report_has_utf8(void);

/* Whether `to` is a terminal, and NO_COLOR (no-color.org) does not forbid it. */
bool report_has_colour(FILE *to);

/* A table that prints to `to`, in colour only where somebody looks. NULL: no
 * memory. */
struct libscols_table *report_table_new(FILE *to);

/* Of the terminal; in a file or a pipe a line has no end, SIZE_MAX. */
size_t report_table_width(struct libscols_table *t, FILE *to);

/* Prints a part of a report, or nothing when it has no rows; on a terminal as
 * many columns as there is room for. 0 or a negative errno. */
int report_part_print(const struct report *r, const struct report_part *part,
		      FILE *to);

#endif
