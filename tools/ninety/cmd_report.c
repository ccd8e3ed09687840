/* `ninety report`: the reports for people. Bad news, a request that is overdue,
 * is exit status 1. */

#include <string.h>

#include "arguments.h"
#include "connect.h"
#include "table.h"
#include "verbs.h"

static const char usage[] =
	"usage: ninety report deadlines [--as-of T] [--within P14D]\n"
	"       ninety report requests|sharing|registrations|retention|"
	"navigation --from T --to T\n\n"
	"Exits 1 when something is overdue.";

static bool
is_bad_news(const struct value *answer)
{
	const struct value *summary = value_get(answer, "summary");
	const struct value *overdue =
		summary != NULL ? value_get(summary, "overdue") : NULL;

	return overdue != NULL && overdue->kind == VALUE_INT &&
	       overdue->number > 0;
}

int
cmd_report(const struct options *o, int argc, char **argv)
{
	static const char *const none[] = {NULL};
	const struct operation *op;
	char name[64];
	struct connection *c = NULL;
	struct arena *a;
	struct value body;
	struct value answer;
	int rc;

	if (argc < 2 || (argc == 2 && words_ask_help(argc, argv))) {
		return argc < 2 ? say(EX_USAGE, "%s", usage) : (puts(usage), 0);
	}
	(void)snprintf(name, sizeof(name), "report.%s", argv[1]);
	op = operation_find(name);
	if (op == NULL) {
		return say(EX_USAGE, "no such report\n%s", usage);
	}
	if (words_ask_help(argc, argv)) {
		(void)printf("%s\n\n%s\n\n", usage, op->help);
		arguments_help(op->in, none, stdout);
		return 0;
	}
	a = arena_new(COMMAND_ARENA_BYTES_MAX);
	rc = a == NULL ? say(EX_OSERR, "no memory")
		       : arguments_body(op->in, none, argc - 1, argv + 1, a,
					&body);
	if (rc == 0) {
		rc = connection_open(o, op->roles, ROLE_COMPLIANCE, &c);
	}
	if (rc == 0) {
		rc = connection_call_value(c, op->name, &body, a, &answer);
	}
	if (rc == 0) {
		rc = answer_print(o, &answer);
	}
	if (rc == 0 && is_bad_news(&answer)) {
		rc = 1;
	}
	connection_close(c);
	arena_free(a);
	return rc;
}
