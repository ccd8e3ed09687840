/* The suites, in the order of the manual page. */

#include <stddef.h>
#include <string.h>

#include "suite.h"

const struct suite *const suites[] = {
	&suite_erase,
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
