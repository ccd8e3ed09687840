/* ninety: the command line. Options before the verb are everybody's; each verb
 * is a row here and has a file of its own. */

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "command.h"

#define TIMEOUT_MS_DEFAULT 30000

static const struct command {
	const char *name;
	const char *words; /* its arguments, for --help */
	const char *summary;
	command_fn *run;
} commands[] = {
	{"init", "DIR", "make a new instance", cmd_init},
	{"status", "", "how the service fares", cmd_verb},
	{"register", "--birth-date ...", "a new customer", cmd_verb},
	{"import", "customers|access-log FILE", "real data from files",
	 cmd_import},
	{"subject", "VERB ...", "one customer's data and account", cmd_verb},
	{"consent", "set|list ...", "consents and their withdrawal", cmd_verb},
	{"request", "submit|list|show|... ...", "access, change, delete",
	 cmd_request},
	{"notice", "list|acknowledge ...", "whom to tell what", cmd_verb},
	{"report", "deadlines|requests|... ...",
	 "what is due, and what was done", cmd_report},
	{"share", "record|list ...", "what went to whom", cmd_verb},
	{"hold", "place|release|list ...", "legal holds", cmd_verb},
	{"retention", "plan|run", "what goes, and when", cmd_verb},
	{"policy", "check|show|explain ...", "the promises, as data",
	 cmd_policy},
	{"key", "new|list|revoke|... ...", "who may call", cmd_key},
	{"log", "checkpoint|entries|...", "the log others can verify",
	 cmd_verb},
	{"backup", "DIR", "copies store and log, serving on", cmd_backup},
	{"restore", "DIR", "puts a backup in a lost store's place",
	 cmd_restore},
	{"call", "OPERATION [JSON|-]", "any operation of the service",
	 cmd_call},
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

const char *argp_program_version = "ninety " NINETY_VERSION;

enum { OPT_JSON = 256, OPT_TIMEOUT };

static const struct argp_option option_rows[] = {
	{"config", 'c', "FILE", 0,
	 "the instance's ninety.yaml (else $NINETY_CONFIG, ./ninety.yaml)", 0},
	{"endpoint", 'e', "E", 0, "where the service listens", 0},
	{"key", 'k', "FILE", 0,
	 "a client key file; without it, that of the role the verb needs", 0},
	{"json", OPT_JSON, NULL, 0, "one JSON document on standard output", 0},
	{"quiet", 'q', NULL, 0, "no progress, no remarks", 0},
	{"timeout", OPT_TIMEOUT, "SECONDS", 0, "wait so long (30)", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};

struct line {
	struct options options;
	int argc;
	char **argv;
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct line *l = state->input;
	char *end;
	long seconds;

	switch (key) {
	case 'c':
		l->options.config = arg;
		return 0;
	case 'e':
		l->options.endpoint = arg;
		return 0;
	case 'k':
		l->options.key = arg;
		return 0;
	case OPT_JSON:
		l->options.json = true;
		return 0;
	case 'q':
		l->options.quiet = true;
		return 0;
	case OPT_TIMEOUT:
		seconds = strtol(arg, &end, 10);
		if (*end != '\0' || seconds < 1 || seconds > 86400) {
			argp_error(state, "--timeout takes 1 to 86400");
		}
		l->options.timeout_ms = (int)seconds * 1000;
		return 0;
	case ARGP_KEY_ARG:
		/* The verb; what follows is its own. */
		l->argc = state->argc - (state->next - 1);
		l->argv = state->argv + (state->next - 1);
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* --json and --quiet may stand behind the verb, too. */
static void
take_late_options(struct line *l)
{
	int n = 0;

	for (int i = 0; i < l->argc; i++) {
		if (strcmp(l->argv[i], "--json") == 0) {
			l->options.json = true;
		} else if (strcmp(l->argv[i], "--quiet") == 0) {
			l->options.quiet = true;
		} else {
			l->argv[n++] = l->argv[i];
		}
	}
	l->argc = n;
}

static char *
help_filter(int key, const char *text, void *input)
{
	char *all = NULL;
	size_t n = 0;
	FILE *f;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC) {
		return (char *)(uintptr_t)text;
	}
	f = open_memstream(&all, &n);
	if (f == NULL) {
		return NULL;
	}
	(void)fputs("Verbs:\n", f);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		(void)fprintf(f, "  %-9s %-29s %s\n", commands[i].name,
			      commands[i].words, commands[i].summary);
	}
	(void)fputs("\n`ninety VERB --help` tells more of each.\n"
		    "Exit status: 0 done; 1 bad news; 64 usage; 65 bad "
		    "data; 66 no input;\n69 unavailable; 70 a bug; 74 "
		    "input/output; 77 denied; 78 configuration.",
		    f);
	(void)fclose(f);
	return all;
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {
		option_rows,
		parse_option,
		"VERB [ARGUMENT...]",
		"Talks to ninety, the privacy data-request and retention "
		"service.\v",
		NULL,
		help_filter,
		NULL};
	struct line line = {.options = {.timeout_ms = TIMEOUT_MS_DEFAULT}};

	argp_err_exit_status = EX_USAGE;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &line) != 0) {
		return EX_USAGE;
	}
	if (secret_init() != 0) {
		return say(EX_SOFTWARE, "libsodium refuses");
	}
	take_late_options(&line);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i].name, line.argv[0]) == 0) {
			return commands[i].run(&line.options, line.argc,
					       line.argv);
		}
	}
	return say(EX_USAGE, "%s: no such verb; see ninety --help",
		   line.argv[0]);
}
