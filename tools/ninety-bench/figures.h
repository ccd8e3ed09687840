#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a suite has measured: each figure with its unit and, where one is set,
 * the mark that it is to reach. Printed as a table for people, or as one JSON
 * object by the figures' names.
 */
#define FIGURES_MAX 64

enum figure_mark {
	FIGURE_PLAIN,    /* told, nothing to reach */
	FIGURE_AT_MOST,
	FIGURE_AT_LEAST
};

struct figure {
	const char *name; /* snake_case, the member of the JSON object */
	const char *what; /* for people */
	const char *unit;
	double value;
	enum figure_mark mark;
	double reach;
};

struct figures {
	const char *suite;
	size_t n;
	struct figure rows[FIGURES_MAX];
};

void figures_add(struct figures *f, struct figure row);

void figure_plain(struct figures *f, const char *name, const char *what,
		  const char *unit, double value);
void figure_at_most(struct figures *f, const char *name, const char *what,
		    const char *unit, double value, double reach);
void figure_at_least(struct figures *f, const char *name, const char *what,
		     const char *unit, double value, double reach);

/* A figure that was added before; 0 when there is none. */
double figure_value(const struct figures *f, const char *name);

/* The middle one of n values. */
#define FIGURES_VALUES_MAX 1000
double figures_median(const double *values, size_t n);

/* Machine, load, the rows, on stdout. 0, EX_IOERR, EX_SOFTWARE. */
int figures_print(const struct figures *f, bool json);

/* The machine on one line: processors, memory, kernel, load. */
void machine_line(char *out, size_t n);

#endif
