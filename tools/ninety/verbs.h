#ifndef NINETY_VERBS_H
#define NINETY_VERBS_H

#include <stdio.h>

#include "command.h"

/* A verb that is one operation: `group name`, or the name alone. */
struct verb {
	const char *group; /* NULL: a verb by itself */
	const char *name;
	const char *operation;
	unsigned preferred;       /* roles, where several may */
	const char *positions[4]; /* members given without an option; NULL */
};

/* NULL when there is none. `name` NULL: a verb by itself. */
const struct verb *verb_find(const char *group, const char *name);

/* Verbs of a group, or all (NULL), each with its help, as far as the table of
 * operations has them. */
void verb_list(const char *group, FILE *to);

/* One call from the words; argv[0] is the verb's last word. */
int verb_run(const struct options *o, const struct verb *v, int argc,
	     char **argv);

/* Whether these words ask for help. */
bool words_ask_help(int argc, char **argv);

#endif
