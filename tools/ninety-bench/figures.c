/* Printing what a suite has measured, for people and for programs. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sysexits.h>
#include <unistd.h>

#include "figures.h"
#include "wire/schema.h"

#define ARENA_BYTES_MAX (1u << 20)
#define JSON_BYTES_MAX (256u << 10)

void
machine_line(char *out, size_t n)
{
	struct utsname u;
	char line[256];
	char model[200] = "";
	double load = 0;
	FILE *f = fopen("/proc/cpuinfo", "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
			(void)snprintf(model, sizeof(model), "%s", colon + 2);
			model[strcspn(model, "\n")] = '\0';
		}
	}
	if (f != NULL) {
		(void)fclose(f);
	}
	(void)uname(&u);
	(void)getloadavg(&load, 1);
	(void)snprintf(out, n, "%ld x %s, %ld MiB, %s %s; load %.1f",
		       sysconf(_SC_NPROCESSORS_ONLN), model,
		       sysconf(_SC_PHYS_PAGES) / 1024 *
			       sysconf(_SC_PAGESIZE) / 1024,
		       u.sysname, u.release, load);
}

void
figures_add(struct figures *f, struct figure row)
{
	if (f->n < FIGURES_MAX) {
		f->rows[f->n++] = row;
	}
}

void
figure_plain(struct figures *f, const char *name, const char *what,
	     const char *unit, double value)
{
	figures_add(f, (struct figure){.name = name,
				       .what = what,
				       .unit = unit,
				       .value = value});
}

void
figure_at_most(struct figures *f, const char *name, const char *what,
	       const char *unit, double value, double reach)
{
	figures_add(f, (struct figure){name, what, unit, value,
				       FIGURE_AT_MOST, reach});
}

void
figure_at_least(struct figures *f, const char *name, const char *what,
		const char *unit, double value, double reach)
{
	figures_add(f, (struct figure){name, what, unit, value,
				       FIGURE_AT_LEAST, reach});
}

double
figure_value(const struct figures *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->rows[i].name, name) == 0) {
			return f->rows[i].value;
		}
	}
	return 0;
}

static int
compare_values(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

double
figures_median(const double *values, size_t n)
{
	double sorted[FIGURES_VALUES_MAX];

	assert(n > 0 && n <= FIGURES_VALUES_MAX);
	memcpy(sorted, values, n * sizeof(*values));
	qsort(sorted, n, sizeof(*sorted), compare_values);
	return sorted[n / 2];
}

static bool
is_reached(const struct figure *f)
{
	return f->mark == FIGURE_AT_MOST ? f->value <= f->reach
					 : f->value >= f->reach;
}

/* Whole numbers as such, others with as many digits as mean something. */
static void
number_print(char *out, size_t n, double v)
{
	bool is_whole = v < 1e15 && v > -1e15 && v == (double)(long long)v;

	(void)snprintf(out, n, is_whole || v >= 1000 ? "%.0f" : "%.3g", v);
}

static void
row_print(const struct figure *f)
{
	char value[32];
	char reach[32];

	number_print(value, sizeof(value), f->value);
	(void)printf("  %-52s %12s %-8s", f->what, value, f->unit);
	if (f->mark != FIGURE_PLAIN) {
		number_print(reach, sizeof(reach), f->reach);
		(void)printf(" %s %s: %s",
			     f->mark == FIGURE_AT_MOST ? "at most" : "at least",
			     reach, is_reached(f) ? "reached" : "NOT REACHED");
	}
	(void)printf("\n");
}

static int
row_value(struct arena *a, struct value *all, const struct figure *f)
{
	struct value row = value_object();
	struct value number = {.kind = VALUE_REAL, .real = f->value};
	struct value reach = {.kind = VALUE_REAL, .real = f->reach};
	int rc = value_add(&row, a, "value", number);

	if (rc == 0) {
		rc = value_add(&row, a, "unit", value_text(f->unit));
	}
	if (rc == 0 && f->mark != FIGURE_PLAIN) {
		rc = value_add(&row, a,
			       f->mark == FIGURE_AT_MOST ? "at_most"
							 : "at_least",
			       reach);
	}
	if (rc == 0 && f->mark != FIGURE_PLAIN) {
		rc = value_add(&row, a, "reached", value_bool(is_reached(f)));
	}
	return rc != 0 ? rc : value_add(all, a, f->name, row);
}

static int
json_print(const struct figures *f, const char *machine)
{
	struct arena *a = arena_new(ARENA_BYTES_MAX);
	struct value all = value_object();
	struct value rows = value_object();
	struct buf b;
	int rc = a == NULL ? ERR_NOMEM : 0;

	buf_init(&b, JSON_BYTES_MAX);
	if (rc == 0) {
		rc = value_add(&all, a, "suite", value_text(f->suite));
	}
	if (rc == 0) {
		rc = value_add(&all, a, "machine", value_text(machine));
	}
	for (size_t i = 0; i < f->n && rc == 0; i++) {
		rc = row_value(a, &rows, &f->rows[i]);
	}
	if (rc == 0) {
		rc = value_add(&all, a, "figures", rows);
	}
	if (rc == 0) {
		rc = schema_value_encode(&all, 2, &b);
	}
	if (rc == 0) {
		(void)fwrite(b.data, 1, b.len, stdout);
		(void)fputc('\n', stdout);
	}
	buf_clear(&b);
	arena_free(a);
	return rc;
}

int
figures_print(const struct figures *f, bool json)
{
	char machine[512];

	machine_line(machine, sizeof(machine));
	if (json) {
		if (json_print(f, machine) != 0) {
			return EX_SOFTWARE;
		}
	} else {
		(void)printf("ninety-bench %s\nmachine: %s\n", f->suite,
			     machine);
		for (size_t i = 0; i < f->n; i++) {
			row_print(&f->rows[i]);
		}
	}
	return fflush(stdout) == 0 ? 0 : EX_IOERR;
}
