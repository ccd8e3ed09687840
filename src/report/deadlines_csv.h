#ifndef REPORT_DEADLINES_CSV_H
#define REPORT_DEADLINES_CSV_H

#include "report/deadlines.h"

/* With what JSON adds to it (two bytes a line, more for quotes) below the
 * largest answer; a longest line fits many times. */
#define DEADLINES_CSV_BYTES_MAX 800000u

/* The first of n items as CSV, in the arena: as many as fit, a line each, with
 * the header when it is wanted. ERR_NOMEM. */
int deadlines_csv(struct arena *a, const struct deadline_item *items, size_t n,
		  bool has_header, size_t *out_n,
		  const char **out_text) MUST_CHECK;

#endif
