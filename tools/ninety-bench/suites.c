/* The suites, in the order of the manual page. */

#include <argp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

const struct suite *const suites[] = {
	&suite_erase,
	&suite_report,
	&suite_growth,
	&suite_log,
	NULL,
};

const size_t n_suites = sizeof(suites) / sizeof(suites[0]) - 1;

const struct suite *
suite_find(const char *name)
{
	for (size_t i = 0; i < n_suites; i++) {
		if (strcmp(suites[i]->name, name) == 0) {
			return suites[i];
		}
	}
	return NULL;
}

unsigned long
suite_number(struct argp_state *state, const char *arg, unsigned long most)
{
	char *end;
	unsigned long v = strtoul(arg, &end, 10);

	if (*end != '\0' || *arg == '\0' || *arg == '-' || v == 0 || v > most) {
		argp_error(state, "%s: not a number from 1 to %lu", arg, most);
	}
	return v;
}
